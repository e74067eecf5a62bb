"""Reading the year's file (standards-<年度>.md) against its policy; every defect is collected and placed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path as FilePath
from typing import Any

from ..values.diagnostic import Diagnostic
from ..values.digest import sha256_hex
from ..values.period import parse_date
from ..values.units import same_unit
from .clauses import Clauses
from .cursor import Unreadable
from .document import Block, Cell, Document, Heading, Table, read_text, split, unknown_keys
from .lexer import normalise
from .model import Policy, Total
from .overall import parse_groups, read_range, read_total_amount
from .readings import walk
from .refusals import names_with_refused_words
from .rules import read_tiers
from .standards import EVERY, OpenItem, OpenKey, Setting, Standards, open_items
from .suggest import NO_HINT, nearest, remedies, slip_of
from .syntax import OVERRUNS, Choice, Number
from .terms import Reader


def load_standards(path: FilePath, policy: Policy, year: int | None, defects: list[Diagnostic]) -> Standards:
    """A year's file held against its policy; every defect is collected."""
    return parse_standards(read_text(path), f"{path.parent.name}/{path.name}", policy, year, defects)


def parse_standards(text: str, label: str, policy: Policy, year: int | None, defects: list[Diagnostic]) -> Standards:
    """The same from text."""
    document = split(text, label, defects, strict=False)
    result = Standards(digest=sha256_hex(text), document=document, basis=_front(document, "依据"), status=_front(document, "状态"))
    for key, wanted in (("政策", policy.id), ("年度", str(year) if year is not None else None)):
        cell = document.front.get(key)
        if cell is None:
            defects.append(document.defect("DX107", (0, 1), key=key))
        elif wanted is not None and cell.text != wanted:
            defects.append(document.defect("DX905", cell.at, key=key, expected=wanted, found=cell.text))
    defects += unknown_keys(document, ("政策", "年度", "状态", "依据"))
    stated = document.front.get("年度")
    result.year = int(stated.text) if stated and stated.text.isdecimal() else year
    items = open_items(policy)
    before = len(defects)
    for heading in document.elements:
        if not isinstance(heading, Heading):
            continue
        tables = [item for item in document.loose.get(heading.at[0], []) if isinstance(item, Table)]
        if heading.level != 2:  # nothing is read from it, which must not pass unnoticed
            defects += [document.defect("DX901", heading.at, found=heading.text, expected="二级标题（##）下面的表", remedy=f"写成“## {heading.text}”。",
                                        remedy_en=f"write “## {heading.text}”.") for _ in tables]  # fmt: skip
            continue
        for table in tables:
            _section(heading, table, policy, items, result, document, defects)
        known = [
            "年度标准",
            "口径",
            "就高",
            "总额",
            "程序",
            "参数",
            *(key[0] for key, item in items.items() if item.kind == "table"),
            *_score_facts(policy),
        ]
        if heading.text not in known and tables:
            defects.append(
                document.defect(
                    "DX901",
                    heading.at,
                    found=heading.text,
                    expected="、".join(known),
                    **remedies(heading.text, known, "改标题。", "mend the heading."),
                )
            )
    for node in walk((tuple(result.tables.values()), tuple(result.scores.values()), tuple((total.items, total.amount, total.scope, total.overrun) for total in result.totals))):
        if isinstance(node, Choice):
            defects.append(document.defect("DX212", node.at, key="年度文件", expected="没有【】的写法", found=f"【{node.name}】", remedy="写明选定的那一种。",
                                           remedy_en="write the one that is meant."))  # fmt: skip
    if len(defects) > before:  # what stands in a file that is refused is not half used
        for kept in (result.tables, result.scores):
            for name in [name for name, value in kept.items() if any(isinstance(node, Choice) for node in walk(value))]:
                del kept[name]
        result.totals = tuple(total for total in result.totals if not any(isinstance(node, Choice) for node in walk(total)))
    return result


def _score_facts(policy: Policy) -> list[str]:
    return [
        fact.name
        for declared in policy.vocabulary.objects.values()
        for fact in declared.facts.values()
        if fact.kind == "number" and fact.unit == "分"
    ]


def _section(
    heading: Heading, table: Table, policy: Policy, items: dict[OpenKey, OpenItem], result: Standards, document: Document, defects: list[Diagnostic]
) -> None:
    name = heading.text
    if name == "年度标准":
        _settings(table, items, result, document, defects)
    elif name == "口径":
        _choices(table, policy, result, document, defects)
    elif name == "就高":
        result.groups = (*result.groups, *parse_groups(table, document, defects))
    elif name == "总额":
        _totals(table, policy, result, document, defects)
    elif name == "程序":
        result.procedure = tuple({head.text: cell.text for head, cell in zip(table.head, row, strict=True)} for row in table.rows)
    elif name == "参数":
        _parameters(table, policy, result, document, defects)
    elif table.head[0].text == "计分":
        clauses = Clauses(_no_block(name, table), document, defects, [], names_with_refused_words(policy))
        rows = []
        for row in table.rows:
            score = clauses.read(row[0], Reader.expression)
            most = clauses.read(row[1], Reader.expression) if len(row) > 1 and row[1].text else None
            if score is not None:
                rows.append((score, most))
        result.scores[name] = tuple(rows)
    elif any(key[0] == name for key in items):
        if table.head[-1].text != "标准":
            expected = "、".join((*(cell.text for cell in table.head[:-1]), "标准"))
            defects.append(document.defect("DX904", table.head[-1].at, expected=expected, found=table.head[-1].text, remedy="照此写表头。", remedy_en="use these columns."))
        result.tables[name] = read_tiers(table, Clauses(_no_block(name, table), document, defects, [], names_with_refused_words(policy)))


def _no_block(name: str, table: Table) -> Any:
    return Block("年度标准", name, table.at)


def _columns(table: Table, needed: Sequence[str], document: Document, defects: list[Diagnostic], *, expected: str,
             remedy: str = "照此写表头。", remedy_en: str = "use these columns.") -> dict[str, int] | None:  # fmt: skip
    """Heading -> place of its column; None, and said, where one that is needed is not there."""
    if again := document.repeated_head(table):
        defects.append(again)
        return None
    columns = {cell.text: place for place, cell in enumerate(table.head)}
    if all(name in columns for name in needed):
        return columns
    defects.append(document.defect("DX904", table.at, expected=expected, found="、".join(columns), remedy=remedy, remedy_en=remedy_en))
    return None


def _settings(table: Table, items: dict[OpenKey, OpenItem], result: Standards, document: Document, defects: list[Diagnostic]) -> None:
    columns = _columns(table, ("项目", "本年标准"), document, defects, expected="项目、档、政策规定、本年标准")
    if columns is None:
        return
    for head in table.head:  # a column that may be left out and is misspelled would not be looked at
        if near := next((name for name in ("档", "政策规定") if name not in columns and slip_of(head.text, name)), ""):
            defects.append(document.defect("DX904", head.at, expected="项目、档、政策规定、本年标准", found=head.text, remedy=f"是不是“{near}”？", remedy_en=f"did you mean “{near}”?"))
    by_flat = {(key[0], _flat(key[1])): item for key, item in items.items()}
    for row in table.rows:
        item_cell, value_cell = row[columns["项目"]], row[columns["本年标准"]]
        tier = row[columns["档"]].text if "档" in columns else ""
        item = by_flat.get((item_cell.text, _flat(tier)))
        if item is None:
            known = [f"{key[0]}（{key[1]}）" if key[1] else key[0] for key in items]
            near = nearest(item_cell.text + (f"（{tier}）" if tier else ""), known)
            defects.append(document.defect("DX901", item_cell.at, item=item_cell.text, found=item_cell.text + (f"（{tier}）" if tier else ""), expected="、".join(known),
                                           remedy=f"是不是“{near}”？" if near else "从列出的里选。", remedy_en=f"did you mean “{near}”?" if near else "use an open item."))  # fmt: skip
            continue
        if "政策规定" in columns and _flat(row[columns["政策规定"]].text) != _flat(item.words):
            defects.append(document.defect("DX902", row[columns["政策规定"]].at, item=item_cell.text, expected=item.words, found=row[columns["政策规定"]].text))
        setting = read_setting(value_cell, item.kind, document, defects)
        if setting is None:
            continue
        if isinstance(setting.value, Fraction) and setting.value and not setting.unit:  # 10 where 10% is meant is ten times all of it
            defects.append(document.defect("DX904", value_cell.at, expected="带单位的数、日期或“未定”", found=value_cell.text, remedy="补上单位：“20万元”“10%”“2倍”。",
                                           remedy_en="state the unit: 20万元, 10%, 2倍."))  # fmt: skip
            continue
        if item.ceiling is not None and isinstance(setting.value, Fraction):
            ceiling = item.node.ceiling
            assert isinstance(ceiling, Number)
            if setting.unit != ceiling.unit:
                defects.append(document.defect("DX401", value_cell.at, item=item_cell.text, left=setting.unit or "没有单位", right=ceiling.unit, **NO_HINT))
                continue
            if setting.value > item.ceiling:
                defects.append(document.defect("DX903", value_cell.at, item=item_cell.text, expected=ceiling.text, found=value_cell.text))
        if item.key in result.settings:
            defects.append(document.defect("DX302", item_cell.at, document.place(result.settings[item.key].at), found=item_cell.text))
        result.settings[item.key] = setting


def read_setting(cell: Cell, kind: str, document: Document, defects: list[Diagnostic]) -> Setting | None:
    """One adopted value: a number with its unit, a date, a list of names, or 未定."""
    text = cell.text
    if text in ("未定", ""):
        return Setting(None, text=text, at=cell.at)
    if kind == "items":
        return Setting(tuple(part.strip() for part in text.split("、")) if text != "无" else (), text=text, at=cell.at)
    if day := parse_date(normalise(text)):
        return Setting(day, text=text, at=cell.at)
    try:
        reader = Reader(text, cell.at[0], document, defects)
        node = reader.primary()
        reader.done()
    except Unreadable:
        node = None
    if not isinstance(node, Number):
        defects.append(
            document.defect(
                "DX904",
                cell.at,
                expected="带单位的数、日期或“未定”",
                found=text,
                remedy="写成“20万元”“3元”“10%”“2025-12-31”。",
                remedy_en="write 20万元, 3元, 10% or 2025-12-31.",
            )
        )
        return None
    return Setting(node.value, node.unit, text, at=cell.at)


def _choices(table: Table, policy: Policy, result: Standards, document: Document, defects: list[Diagnostic]) -> None:
    columns = _columns(table, ("口径", "选择"), document, defects, expected="口径、选择、理由")
    if columns is None:
        return
    for row in table.rows:
        name, choice = row[columns["口径"]], row[columns["选择"]]
        reading = policy.readings.get(name.text)
        if reading is None:
            defects.append(
                document.defect(
                    "DX301",
                    name.at,
                    found=name.text,
                    expected="政策里的口径",
                    **remedies(name.text, policy.readings, "从政策的口径里选。", "use a reading of the policy."),
                )
            )
        elif normalise(choice.text) not in reading.options:
            defects.append(
                document.defect(
                    "DX702", choice.at, policy.document.place(reading.block.at), reading=name.text, expected="、".join(reading.options), found=choice.text
                )
            )
        else:
            reason = row[columns["理由"]].text if "理由" in columns else ""
            if not reason:
                defects.append(document.defect("DX904", name.at, expected="口径、选择、理由，理由必填", found=name.text, remedy="写上理由。", remedy_en="say why."))
            result.choices[name.text] = normalise(choice.text)


def _totals(table: Table, policy: Policy, result: Standards, document: Document, defects: list[Diagnostic]) -> None:
    names = ("总额", "范围", "额度", "超出")
    columns = _columns(table, names, document, defects, expected="总额、范围、额度、超出")
    if columns is None:
        return
    clauses = Clauses(_no_block("总额", table), document, defects, [], names_with_refused_words(policy))
    for row in table.rows:
        name, extent, amount, overrun = (row[columns[column]] for column in names)
        reach, sum_ = clauses.read(extent, read_range), clauses.read(amount, read_total_amount)
        method = clauses.read(overrun, lambda reader: reader.word(OVERRUNS, "超出"))
        if reach is not None and sum_ is not None and method is not None:
            result.totals = (
                *result.totals,
                Total(name.text, "", reach[0], reach[1], reach[2], reach[3], sum_[0], sum_[1], method, _no_block(name.text, table)),
            )


def _parameters(table: Table, policy: Policy, result: Standards, document: Document, defects: list[Diagnostic]) -> None:
    columns = _columns(table, ("参数", "值", "依据"), document, defects, expected="参数、（各键）、值、依据", remedy="照此写表头；依据必填。", remedy_en="use these columns; 依据 is mandatory.")
    if columns is None:
        return
    for row in table.rows:
        name, value = row[columns["参数"]], row[columns["值"]]
        parameter = policy.parameters.get(name.text)
        if parameter is None:
            defects.append(
                document.defect(
                    "DX901",
                    name.at,
                    found=name.text,
                    expected="、".join(policy.parameters) or "（本政策没有参数）",
                    **remedies(name.text, policy.parameters, "改名。", "mend the name."),
                )
            )
            continue
        if any(key not in columns or not row[columns[key]].text for key in (*parameter.keys, "依据")):
            expected = "、".join([*parameter.keys, "依据"]) + " 各一格，都必填"
            defects.append(document.defect("DX904", name.at, expected=expected, found=name.text, remedy="补上。", remedy_en="fill them in."))
            continue
        setting = read_setting(value, "value", document, defects)
        if setting is None:
            continue
        if setting.value is not None and not parameter.doubtful and not same_unit(setting.unit, parameter.unit):
            defects.append(document.defect("DX401", value.at, left=setting.unit or "没有单位", right=parameter.unit or "没有单位", **NO_HINT))
            continue
        cells = {part: row[columns[part]] for part in parameter.keys}
        defects += [defect for part, cell in cells.items() if (defect := _strange_key(part, cell, policy, document)) is not None]
        key = (name.text, tuple(cell.text for cell in cells.values()))
        if key in result.parameters:
            defects.append(document.defect("DX302", name.at, document.place(result.parameters[key].at), found=name.text))
        result.parameters[key] = setting


def _strange_key(part: str, cell: Cell, policy: Policy, document: Document) -> Diagnostic | None:
    """DX404 where the key of a parameter is a word its fact can never be: such a row would decide nothing and say nothing."""
    fact = next((declared.facts[part] for declared in policy.vocabulary.objects.values() if part in declared.facts), None)
    allowed = () if fact is None else ("是", "否") if fact.kind == "truth" else fact.options
    if not allowed or (fact and fact.extendable) or cell.text in (*allowed, EVERY, "无"):
        return None
    expected = "、".join((*allowed, EVERY))
    return document.defect("DX404", cell.at, found=cell.text, name=part, expected=expected, **remedies(cell.text, allowed, "用列出的选项。", "use a listed option."))


def _flat(text: str) -> str:
    return normalise(text).replace(" ", "")


def _front(document: Document, key: str) -> str:
    cell = document.front.get(key)
    return cell.text if cell else ""
