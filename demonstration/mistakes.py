"""A workbook full of the mistakes people really make, to show what the reader says about each."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from duixian.policy.model import Policy
from duixian.tables.book import Book, put
from duixian.tables.layout import fixed_columns
from duixian.tables.store import write_atomically
from duixian.tables.template import write_guide

from .maker import LABEL, Maker

_FIRMS = (
    "统一社会信用代码",
    "名称",
    "主体类型",
    "所在园区 {y}年",
    "纳入统计直报 {y}年",
    "网络零售额（元）{y}年",
    "全部销售额（万元）{y}年",
    "首次纳入限上年度",
    "网络零受额（元）{l}年",
    "备注",
)


def write_mistakes(policy: Policy, year: int, path: str | Path) -> None:
    """Write the workbook; it is meant to be refused, with every mistake named at once."""
    maker = Maker(policy, year, "缙云", "331122", 7)
    codes = [maker.code() for _ in range(9)]
    wrong = codes[3][:-1] + ("1" if codes[3][-1] != "1" else "2")
    book = Book("演示：常见填报错误")
    write_guide(book, policy, year, LABEL + "；这一份故意写满了常见错误")
    head = [title.format(y=year, l=year - 1) for title in _FIRMS]
    page = _page(book, "企业", head, [
        (codes[0], "演示甲公司", "企业", "JY-YQ-01", "是", "3000万元", 3200, 2025, 1, ""),
        (codes[0], "演示甲公司", "企业", "JY-YQ-01", "是", 30_000_000, 3200, 2025, 1, "又填了一遍"),
        (913311220000000001, "演示乙公司", "企业", "JY-YQ-01", "是", 12_000_000, 1500, 2024, 1, ""),
        (wrong, "演示丙公司", "企业", "JY-YQ-01", "是", "12,00,000", 1500, 2024, 1, ""),
        (codes[4], "演示丁公司", "公司", "JY-YQ-1", "有", "约800万", 900, "去年", 1, ""),
        (codes[5], "演示戊公司", "企业", "JY-YQ-01", 1, 8_000_000.123, 900, 2024, 1, ""),
        (codes[6], "演示己公司", "企业", "JY-YQ-01", "是", -5, 900, 2024, 1, ""),
        (codes[7], "演示庚公司", "企业", "无", "否", date(year, 3, 1), 900, 2024, 1, ""),
        ("", "演示辛公司", "企业", "无", "否", 8_000_000, 900, 2024, 1, "没有代码"),
    ])  # fmt: skip
    page.set_row(4, None, None, {"hidden": True})
    page.write_formula(10, 5, "=F2+F3", None, "")
    put(page, 10, 0, codes[8])
    _page(book, "园区", ["园区编号", f"运营主体 {year}年", f"使用面积（亩）{year}年"], [("JY-YQ-01", codes[0], 12), ("JY-YQ-02", "演示甲公司", 8)])
    _page(
        book,
        "平台入驻",
        ["企业", "平台名称", "入驻日期", f"平台零售额（元）{year}年"],
        [(codes[0], "演示平台", "2025.3.1", 100), ("", "演示平台二", "2025-04-01", 100)],
    )
    merged = _page(book, "展位", ["发票号码", "企业", f"展位费（元）{year}年"], [("FP-1", codes[0], 100), ("FP-2", codes[0], 200)])
    merged.merge_range(1, 1, 2, 1, codes[0])
    _page(book, "独立站点", ["网址"], [("a.example.com",)])
    history = fixed_columns(policy, "历史")
    _page(
        book,
        "历史",
        [column.header for column in history],
        [(year - 1, "自建平台奖", "JY-PT-01", 100_000, "本政策"), (year - 2, "自建平台奖励", "JY-PT-01", 100_000, "旧政策")],
    )
    write_atomically(path, book.finish())


def _page(book: Book, name: str, head: list[str], rows: list[tuple[Any, ...]]) -> Any:
    page = book.sheet(name)
    for position, title in enumerate(head):
        put(page, 0, position, title, book.style(bold=True))
        page.set_column(position, position, 20)
    for number, row in enumerate(rows, 1):
        for position, value in enumerate(row):
            if isinstance(value, (int, float)):  # as a person types it: a long code becomes a mangled number
                page.write_number(number, position, value)
            else:
                put(page, number, position, value, book.style(num_format="yyyy-mm-dd") if isinstance(value, date) else None)
    return page
