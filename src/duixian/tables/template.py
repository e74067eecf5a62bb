"""A workbook to fill in, made from the policy's vocabulary: only what this policy asks for, one sheet an object type."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..policy.model import Policy
from ..values.facts import window_text
from ..values.terms import OUTSIDE
from .book import Book, put, width_of
from .layout import CLAIMS, EXAMPLE, GUIDE, HISTORY, Column, Sheet, layout_of
from .store import write_atomically

ROWS = 5000  # rows that drop-downs are put on
_FORMATS = {"number": "#,##0.00", "date": "yyyy-mm-dd", "year": "0"}
_RULES = (
    ("怎么填", ""),
    ("空着", "未知。系统不会把空着当成 0 或“否”；用得着时，那一笔会列为“待补充”。写“？”也是未知。"),
    ("无", "已核实没有（例如没有上年数、没有入驻园区）。不确定就空着，不要写“无”。"),
    ("单位", "单位写在表头，格里只填数。金额一律是元（不是万元），最多两位小数。写成“3000万元”也能认，其他单位不换算。"),
    ("年度", "表头带年度的列，填那一年的数。要补更早的年度，复制一列，把表头里的年度改掉。"),
    ("编号", "统一社会信用代码、编号、账号所在的列已设为文本，请不要改成数值，否则长号码的后几位会丢失。"),
    ("关系", "“企业”“所在园区”“运营主体”等列，填对方的标识（统一社会信用代码、园区编号……），不填名称。"),
    ("一张表在，就是全部", "某张表在，就表示里面列出了全部对象：没有列出的就是没有。不掌握的，请把整张表删掉（表示未知），不要留空表。"),
    ("示例行", f"第一格写着“{EXAMPLE}”的行不导入，可以删掉。"),
    (CLAIMS, "不填表示每项奖补都看全部对象。某项奖补填了，就只看填上的对象。登记总是看全部对象，填它只为申报日期。"),
    (HISTORY, "以前年度（和本年已付）的奖补，用来判断一次性、累计封顶、补差。一笔也没有就只留表头。"),
    (OUTSIDE, "同一事项按其他文件已取得的资金。一笔也没有就只留表头；不掌握的，把整张表删掉。"),
    ("灰色的列", "政策现在选定的口径用不到，改了口径才用得到；可以不填。"),
    ("请不要", "合并单元格；隐藏行、列、表（包括筛选着就保存）；改表名和表头；一格里写两个数；用公式而不保存计算结果。"),
)


def write_template(policy: Policy, year: int, path: str | Path) -> None:
    """Write the workbook to fill in for one award year. The same policy and year always give the same bytes."""
    write_atomically(path, template_bytes(policy, year))


def template_bytes(policy: Policy, year: int) -> bytes:
    """The template as bytes: 说明 first, then the object types, then 历史, 申报, 其他政策已付."""
    book = Book(f"{policy.title} {year}年度数据表")
    write_guide(book, policy, year)
    for sheet in layout_of(policy, year):
        page = write_head(book, sheet)
        _example(book, page, sheet, year)
    return book.finish()


def write_guide(book: Book, policy: Policy, year: int, label: str = "") -> None:
    """The sheet 说明. label: what kind of data this is, shown first (演示数据)."""
    page = book.sheet(GUIDE)
    bold, wrap = book.style(bold=True), book.style(text_wrap=True)
    page.set_column(0, 0, 20)
    page.set_column(1, 1, 96)
    about = [("政策", f"{policy.title}（{policy.id}）"), ("年度", str(year))]
    for row, (left, right) in enumerate([*([("数据性质", label)] if label else []), *about, *_RULES]):
        put(page, row, 0, left, bold)
        put(page, row, 1, right, wrap)
    page.freeze_panes(1, 0)


def write_head(book: Book, sheet: Sheet, notes: bool = True) -> Any:
    """A sheet with its header: formats, drop-downs, notes. Row 1 is the header."""
    page = book.sheet(sheet.name)
    for position, column in enumerate(sheet.columns):
        fill = "#DDEBF7" if column.required else "#F2F2F2" if column.needed else "#E7E6E6"
        colour = "#7F7F7F" if not column.needed else "#000000"
        head = book.style(bold=True, text_wrap=True, bottom=1, bg_color=fill, font_color=colour)
        page.set_column(position, position, min(max(width_of(column.header) + 2, 12), 30), book.style(num_format=_FORMATS.get(column.kind, "@")))
        put(page, 0, position, column.header, head)
        if notes and (text := note_of(column)):
            page.write_comment(0, position, text, {"author": "duixian", "x_scale": 1.6, "y_scale": 1.2})
        choices = choices_of(column)
        if choices:
            page.data_validation(
                1,
                position,
                ROWS,
                position,
                {
                    "validate": "list",
                    "source": choices,
                    "error_type": "warning",
                    "error_title": "不在选项里",
                    "error_message": "请从下拉框里选；不知道就空着。",
                },
            )
    page.freeze_panes(1, len(sheet.identity) or 1)
    page.set_row(0, 32)
    return page


def choices_of(column: Column) -> list[str]:
    """The drop-down of a column; a spreadsheet holds at most 255 characters of it."""
    if column.kind == "truth":
        return ["是", "否"]
    if column.kind != "option":
        return []
    choices = list(column.options) + ([] if column.required else ["无"])
    return choices if len(",".join(choices)) <= 255 else []


def note_of(column: Column) -> str:
    """What a person filling in the column wants to know."""
    period = column.period
    parts = [
        "必填" if column.required else "",
        f"单位：{column.unit}" if column.unit else "",
        f"填“{column.target}”表里的标识，不填名称" if column.kind == "object" else "",
        f"期间：{window_text(period)}" if isinstance(period, tuple) else "",
        f"来源：{column.source}" if column.source else "",
        "可由明细算出，可不填；填了就要与明细一致" if column.computed else "",
        column.note,
        "" if column.needed else "选定的口径用不到，可不填",
        "选项可以增加" if column.extendable else "",
    ]
    return "\n".join(part for part in parts if part)


def _example(book: Book, page: Any, sheet: Sheet, year: int) -> None:
    grey = {"italic": True, "font_color": "#7F7F7F"}
    put(page, 1, 0, EXAMPLE, book.style(**grey, num_format="@"))
    for position, column in enumerate(sheet.columns[1:], 1):
        put(page, 1, position, example_of(column, year), book.style(**grey, num_format=_FORMATS.get(column.kind, "@")))


def example_of(column: Column, year: int) -> Any:
    """A value that shows how the column is filled."""
    if column.kind == "number":
        return Decimal("30000000.50") if column.measure == "金额" else Decimal("85.5") if column.unit in ("%", "分") else 30
    if column.kind == "option":
        return column.options[0] if column.options else "甲类"
    plain: dict[str, Any] = {"truth": "是", "date": date(year, 3, 1), "year": year, "object": f"（{column.target}的标识）", "award": "（奖补名称）"}
    return plain.get(column.kind, "示例")
