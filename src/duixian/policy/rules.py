"""奖补, 认定, 登记 and 口径: blocks → records, one function a kind."""

from __future__ import annotations

import re
from typing import Any

from ..values.money import ROUNDINGS
from ..values.period import parse_date
from ..values.terms import Outcome
from .clauses import Clauses, declare, read_source
from .document import Bullet, Cell, Table
from .lexer import normalise
from .model import Policy, Reading, Rule
from .refusals import refusal
from .suggest import NO_HINT
from .syntax import CLAUSES, Always, FactWindow, Node, Number, Open, Places, Subject, TierRow, Tiers, Value
from .terms import Reader

RESULTS = tuple(outcome.value for outcome in Outcome)
_FIGURE = re.compile(r"\d(%|[万亿美]*元)")  # which no name of a value has
_WINDOW = re.compile(r"(当年|上年)(\d{1,2})月(\d{1,2})日至(?:(当年|上年))?(\d{1,2})月(\d{1,2})日$")
EXAMPLES_BEGIN_ELSEWHERE = {"kind": "例的表", "expected": "例", "remedy": "第一列的表头写“例”。", "remedy_en": "the first column is 例."}


def read_rule(policy: Policy, clauses: Clauses) -> None:
    """奖补, 认定 or 登记."""
    block = clauses.block
    examples = tuple(table for table in block.tables if table.head[0].text == "例")
    values, tiers, places = [], [], []
    for table in block.tables:
        if table.head[0].text == "例" or table.unread:
            continue
        last = table.head[-1].text
        if last == "结果" or any(cell.text == "例" for cell in table.head):  # of examples; nothing else ends so
            clauses.defects.append(clauses.document.defect("DX204", table.head[0].at, **EXAMPLES_BEGIN_ELSEWHERE, found=table.head[0].text))
            continue
        if last in RESULTS or not last or _FIGURE.search(last):  # a row of another table stands where the head should
            at, found = (table.head[0].at[0], table.head[-1].at[1]), " | ".join(cell.text for cell in table.head)[:20]
            clauses.defects.append(clauses.document.defect("DX217", at, expected="表头：最后一列是“标准”，或一个值的名称；例的第一列是“例”", found=found, remedy="在这里写上表头。",
                                                           remedy_en="put the head of the table here."))  # fmt: skip
            continue
        if last == "标准" and block.kind != "奖补":
            clauses.defects.append(clauses.document.defect("DX204", table.head[-1].at, kind=block.kind, found=last, expected="、".join(CLAUSES[block.kind]), remedy="标准写在奖补里；认定和登记不给钱。",
                                                           remedy_en="a standard stands in an award; 认定 and 登记 pay nothing."))  # fmt: skip
            continue
        read = read_tiers(table, clauses)
        if last == "标准":
            tiers.append(read)
        else:
            values.append(Value(last, read, at=table.head[-1].at))
    object_bullet = clauses.one("对象", needed=True)
    values = [*[value for bullet in clauses.all("值") if (value := _value(bullet, clauses))], *values]
    any_of = _any_of(clauses)
    values.sort(key=lambda value: value.at[0])  # each may use the ones that stand before it
    standard_bullets = clauses.all("标准")
    standard = clauses.read(standard_bullets[0], Reader.standard) if standard_bullets else None
    places_bullet, decision = clauses.one("名额"), clauses.one("决定")
    places = clauses.read(places_bullet, Reader.places) if places_bullet else None
    rule = Rule(
        kind=block.kind, name=block.name, clause=block.clause, object=object_bullet.value.strip() if object_bullet else "", block=block,
        beneficiary=clauses.value("受益人", Reader.path_or_choice),
        timing=clauses.value("时点", Reader.path),
        window=_window(clauses),
        sources=clauses.values("来源", read_source),
        conditions=clauses.values("条件", Reader.condition), any_of=any_of, vetoes=clauses.values("否决", Reader.condition),
        values=tuple(values), standard=standard, tiers=tiers[0] if tiers else None,
        frequency=clauses.value("频次", Reader.frequency), upgrade=clauses.value("晋档", Reader.upgrade),
        caps=clauses.values("封顶", Reader.cap), order=clauses.value("先后", Reader.expression),
        places=places, tie_rule=clauses.value("并列", Reader.tie_rule),
        rounding=clauses.value("舍入", lambda reader: reader.word(tuple(ROUNDINGS), "舍入")),
        funding=clauses.value("出资", lambda reader: reader.word((), "出资")),
        stacks_with=clauses.value("叠加", Reader.items) or (),
        decision=decision.value if decision else "", materials=clauses.names("材料"),
        notes=tuple(bullet.value for bullet in clauses.all("说明")), examples=examples,
    )  # fmt: skip
    if block.kind == "奖补":
        count = len(standard_bullets) + len(tiers)
        if count != 1 and not (count == 0 and any(table.unread for table in block.tables)):
            clauses.defects.append(clauses.document.defect("DX215", block.at, found="没有" if count == 0 else f"{count} 个"))
    if block.kind == "认定" and rule.decision not in ("应认定", "可认定"):
        clauses.defects.append(clauses.document.defect("DX212", decision.at if decision else block.at, key="决定", expected="应认定、可认定", found=rule.decision or "没有",
                                                       remedy="原文写“认定为”用应认定，写“可认定”用可认定。", remedy_en="应认定 where the text says 认定为, 可认定 where it says 可."))  # fmt: skip
    declare(policy.rules, block.name, rule, clauses)


def _any_of(clauses: Clauses) -> tuple[Node, ...]:
    """任一: its conditions stand one a line below it, indented; on the line itself nothing."""
    bullet = clauses.one("任一")
    if bullet is None:
        return ()
    if bullet.value.strip() or len(bullet.children) < 2:
        at = bullet.at if bullet.value.strip() else bullet.key_at
        found = bullet.value.strip() or f"{len(bullet.children)} 项"
        clauses.defects.append(clauses.document.defect("DX201", at, expected="任一：后面换行，下面缩进写两个以上条件", found=found,
                                                       remedy="每个条件一行，前面空两格写“- ”；只有一个时写 条件。", remedy_en="one condition a line, indented; a single one is a 条件."))  # fmt: skip
    return clauses.each("任一", bullet.children, Reader.condition)


def _value(bullet: Bullet, clauses: Clauses) -> Value | None:
    name, mark, _ = normalise(bullet.value).partition("=")
    if not mark:
        clauses.defects.append(
            clauses.document.defect(
                "DX201", bullet.at, expected="值：名 = 式", found=bullet.value, remedy="写成“值：名 = 式”。", remedy_en="write 值：name = expression."
            )
        )
        return None
    start = bullet.at[0] + len(name) + 1
    body = clauses.read(Cell(bullet.value[len(name) + 1 :], (start, bullet.at[1])), Reader.standard)
    return Value(name.strip(), body, at=(bullet.at[0], bullet.at[0] + len(name.strip()))) if body is not None else None


def _window(clauses: Clauses) -> FactWindow | None:
    bullet = clauses.one("期间")
    if not bullet:
        return None
    found = _WINDOW.match(normalise(bullet.value).replace(" ", ""))
    if not found:
        refused = refusal(bullet.value)
        if refused:
            clauses.defects.append(clauses.document.defect("DX213", bullet.at, **refused))
        else:
            clauses.defects.append(clauses.document.defect("DX201", bullet.at, expected="当年1月1日至9月30日、上年7月1日至当年6月30日", found=bullet.value,
                                                           remedy="写明从哪天到哪天。", remedy_en="write from which day to which."))  # fmt: skip
        return None
    first_year = -1 if found.group(1) == "上年" else 0
    last_year = {"上年": -1, "当年": 0, None: first_year}[found.group(4)]
    start, end = (first_year, int(found.group(2)), int(found.group(3))), (last_year, int(found.group(5)), int(found.group(6)))
    for year, month, day in (start, end):
        if parse_date(f"{2024 + year}-{month}-{day}") is None or (month, day) == (2, 29):
            clauses.defects.append(
                clauses.document.defect(
                    "DX201",
                    bullet.at,
                    expected="每年都有的一天",
                    found=f"{month}月{day}日",
                    remedy="改日期。",
                    remedy_en="use a day that every year has.",
                )
            )
            return None
    if end < start:
        clauses.defects.append(
            clauses.document.defect(
                "DX201", bullet.at, expected="起日在止日之前", found=bullet.value, remedy="改日期。", remedy_en="start before end."
            )
        )
        return None
    return FactWindow(start, end, bullet.value, at=bullet.at)


def read_tiers(table: Table, clauses: Clauses) -> Tiers:
    """A tier table; a row with a cell that cannot be read is left out, and reported."""
    heads: list[Any] = []
    names = [cell.text for cell in table.head[:-1]]
    places_column = names.index("名额") if "名额" in names else None
    columns = [place for place in range(len(names)) if place != places_column]
    for place in columns:
        cell = table.head[place]
        heads.append(Subject(at=cell.at) if cell.text == "情形" else clauses.read(cell, Reader.expression))
    if len(table.rows) == 1 and all(table.rows[0][place].text == "另定" for place in (*columns, len(names))):
        head = tuple(names[place] for place in columns)
        row = TierRow(tuple(item for item in heads if item is not None), Open("另定", None, at=table.rows[0][-1].at), "", at=table.rows[0][0].at)
        return Tiers(head, (row,), True, at=table.at)
    if not table.rows:
        clauses.defects.append(clauses.document.defect("DX201", table.at, expected="至少一行", found="一行也没有", remedy="写上档次，或删去表头。",
                                                       remedy_en="write the rows, or delete the head."))  # fmt: skip
    rows = []
    for row in table.rows:
        cells: list[Node] = []
        for head, place in zip(heads, columns, strict=True):
            cell = row[place]
            if head is None:
                continue
            if cell.text in ("", "—", "不限"):
                cells.append(Always(at=cell.at))
            elif isinstance(head, Subject):
                cells.append(clauses.read(cell, Reader.condition))
            else:
                cells.append(clauses.read(cell, lambda reader, head=head: reader.tier_cell(head)))
        value = clauses.read(row[-1], Reader.standard)
        places = None
        if places_column is not None and row[places_column].text not in ("", "—", "不限"):
            cell = row[places_column]
            places = clauses.read(Cell(cell.text, cell.at), _tier_places)
        if value is not None and None not in cells:  # a row that cannot be read is left out
            label = "，".join(row[place].text for place in columns if row[place].text not in ("", "—"))
            rows.append(TierRow(tuple(cells), value, label, places, at=(row[0].at[0], row[-1].at[1])))
    return Tiers(tuple(names[place] for place in columns), tuple(rows), at=table.at)


def _tier_places(reader: Reader) -> Any:
    """前六名 in a cell: the order is the award's 名额次序 clause, or the head of the table's first figure."""
    start = reader.token
    if start.kind == "first":
        reader.take()
        return Places(start.value, "名", (), True, None, True, Number(start.value, "名", start.text, at=start.at), at=start.at)
    return reader.places()


# --- 口径 -------------------------------------------------------------------------------------------------------------------------------


def read_reading(policy: Policy, clauses: Clauses) -> None:
    """口径."""
    block = clauses.block
    question, reason = clauses.prose("问题", needed=True), clauses.prose("理由", needed=True)
    choice_bullet, options_bullet = clauses.one("选择", needed=True), clauses.one("选项")
    columns: dict[str, dict[str, Cell]] = {}
    options: list[str] = []
    if options_bullet:
        offset = options_bullet.at[0]
        for part in options_bullet.value.split("、"):
            text = part.strip()
            place = offset + part.index(text) if text else offset
            options.append(normalise(text))
            columns.setdefault(block.name, {})[normalise(text)] = Cell(text, (place, place + len(text)))
            offset += len(part) + 1
    given = [options_bullet.key_at] if options_bullet else []  # where the options stand, which is in one place
    for table in block.tables:
        if table.head[0].text == "例" or table.unread:
            continue
        given.append(table.head[0].at)
        if len(given) > 1:
            clauses.defects.append(clauses.document.defect("DX206", given[1], clauses.document.place(given[0]), key="选项", **NO_HINT))
            break
        if table.head[0].text != "选项":
            clauses.defects.append(clauses.document.defect("DX204", table.head[0].at, kind="口径的表", found=table.head[0].text, expected="选项",
                                                           remedy="第一列的表头写“选项”。", remedy_en="the first column is 选项."))  # fmt: skip
        for row in table.rows:
            option = normalise(row[0].text)
            if option in options:
                clauses.defects.append(clauses.document.defect("DX302", row[0].at, found=option))
                continue
            options.append(option)
            for head, cell in zip(table.head[1:], row[1:], strict=True):
                columns.setdefault(head.text, {})[option] = cell
    choice = normalise(choice_bullet.value.strip()) if choice_bullet else ""
    if not options and not any(table.unread for table in block.tables):
        clauses.lacking.append("选项")
    elif options and choice and choice not in options:
        assert choice_bullet
        clauses.defects.append(clauses.document.defect("DX702", choice_bullet.at, reading=block.name, expected="、".join(options), found=choice))
    if options and choice not in options:
        choice = options[0]
    reading = Reading(block.name, question, tuple(options), choice, reason, columns, block)
    for column in columns:
        other = policy.column(column)
        if other:
            clauses.defects.append(clauses.document.defect("DX302", block.at, clauses.document.place(other.block.at), found=f"【{column}】"))
    declare(policy.readings, block.name, reading, clauses)
