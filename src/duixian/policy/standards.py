"""The year's file (standards-<年度>.md): adopted standards, readings chosen for the year, further 就高 groups, parameters, time limits.

Grain: one setting per open item and tier row. An item that is missing or 未定 has no value yet: never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path as FilePath
from typing import Any

from ..values.diagnostic import Diagnostic
from ..values.digest import sha256_hex
from ..values.period import parse_date
from ..values.units import same_unit
from .clauses import Clauses
from .cursor import Unreadable
from .document import Block, Cell, Document, Heading, Table, read_text, split
from .lexer import normalise
from .model import Group, Policy, Rule, Total
from .overall import parse_groups, read_range, read_total_amount
from .readings import records, walk
from .rules import read_tiers
from .suggest import nearest, remedies
from .syntax import OVERRUNS, And, Choice, In, Node, Number, Open, Tiers
from .terms import Reader

OpenKey = tuple[str, str]  # (item, tier row)
EVERY = "全部"  # a key cell of a parameter that fits whatever the key is


@dataclass(frozen=True, slots=True)
class Setting:
    """One adopted value. value: Fraction in base units, date, tuple of names, or None for 未定."""

    value: Any
    unit: str = ""
    text: str = ""
    basis: str = ""
    at: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Standards:
    """What an office has decided for one year of one policy."""

    year: int | None = None
    settings: dict[OpenKey, Setting] = field(default_factory=dict)
    tables: dict[str, Tiers] = field(default_factory=dict)
    scores: dict[str, tuple[tuple[Node, Node | None], ...]] = field(default_factory=dict)
    parameters: dict[tuple[str, tuple[str, ...]], Setting] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    totals: tuple[Total, ...] = ()  # 分项总额 the office adds for the year
    procedure: tuple[dict[str, str], ...] = ()
    basis: str = ""
    status: str = ""
    digest: str = ""
    document: Document | None = None

    def parameter_rows(self, name: str) -> list[tuple[tuple[str, ...], Setting]]:
        """The rows of one parameter as (keys, setting), the one that decides first: more keys named before fewer, then the order of the file."""
        rows = [(names, setting) for (parameter, names), setting in self.parameters.items() if parameter == name]
        return sorted(rows, key=lambda row: row[0].count(EVERY))

    def tiers_of(self, rule: Rule) -> Tiers | None:
        """The tier table a rule goes by: its own, or the office's, its tests asked of the heads of the policy's; None where it has none, or none is set."""
        own = rule.tiers
        if own is None or not own.open_whole:
            return own
        given = self.tables.get(rule.name)
        if given is None:
            return None
        heads = own.rows[0].cells
        return replace(given, rows=tuple(replace(row, cells=tuple(_on(cell, head) for cell, head in zip(row.cells, heads, strict=False))) for row in given.rows))


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A number the policy leaves to the year: its key, the policy's words, its ceiling (base units) or None."""

    key: OpenKey
    words: str
    ceiling: Fraction | None
    node: Open
    document: Document
    kind: str = "value"  # value | table | items | lower (a fixed total that may be set lower)


def open_items(policy: Policy) -> dict[OpenKey, OpenItem]:
    """Every open item of a policy, under every reading, in the order of the text. Computed once a policy."""
    if policy.open_items is None:
        policy.open_items = _open_items(policy)
    return policy.open_items


def _open_items(policy: Policy) -> dict[OpenKey, OpenItem]:
    found: dict[OpenKey, OpenItem] = {}

    def add(item: str, tier: str, node: Open, kind: str = "value", document: Document = policy.document) -> None:
        key = (node.name, "") if node.name else (item, tier)
        ceiling = node.ceiling.value if isinstance(node.ceiling, Number) else None
        words = node.word if node.ceiling is None else f"{node.word} {node.ceiling.text if isinstance(node.ceiling, Number) else ''}"
        found.setdefault(key, OpenItem(key, words.strip(), ceiling, node, document, kind))

    def nodes(value: Any) -> list[Open]:
        return [node for node in walk(value) if isinstance(node, Open)]

    def add_rows(rule: Rule, tiers: Tiers) -> None:
        for row in tiers.rows:
            add_all(rule.name, row.label, (row.cells, row.value))

    def add_all(item: str, tier: str, value: Any) -> None:
        lists = {id(node) for test in walk(value) if isinstance(test, In) for node in nodes(test.items)}
        for node in nodes(value):
            add(item, tier, node, "items" if id(node) in lists else "value")

    for rule in policy.rules.values():
        if rule.tiers and rule.tiers.open_whole:
            for node in nodes(rule.tiers.rows[0].value):
                add(rule.name, "", node, "table")
        for tiers in open_tables(rule):
            add_rows(rule, tiers)
        figures = tuple(value for value in rule.values if not isinstance(value.body, Tiers))
        add_all(rule.name, "", (rule.standard, figures, rule.conditions, rule.any_of, rule.vetoes, rule.caps, rule.order, rule.places, rule.tie_rule))
        if rule.funding is not None:
            for node in nodes(rule.funding):
                add(rule.name, "出资", node, "items")
    for total in policy.totals:
        for node in nodes(total.amount):
            add(total.name, "", node)
        if isinstance(total.amount, Number):  # the office may set a lower one for the year
            found[(total.name, "")] = OpenItem(
                (total.name, ""), total.amount.text, total.amount.value, Open("不超过", total.amount, at=total.amount.at), policy.document, "lower"
            )
        for node in nodes(total.items):
            add(total.name, "名单", node, "items")
    for general in policy.generals:
        add_all(general.name, "", (general.conditions, general.vetoes))
    for declared in policy.vocabulary.objects.values():
        for fact in declared.facts.values():
            for node in nodes(fact.formula):
                add(fact.name, "", node, document=policy.vocabulary.document)
    for reading in policy.readings.values():  # a list in a reading, such as 等费用
        for node in (
            node for choice, _ in policy.choices if policy.column(choice.name) is reading and choice.slot == "items" for node in nodes(choice)
        ):
            found[(node.name, "")] = OpenItem((node.name, ""), "另定", None, node, policy.document, "items")
    return found


def reasons_of(standards: Standards) -> dict[str, str]:
    """reading -> why the year's file chose another option."""
    document = standards.document
    reasons = {}
    for tables in document.loose.values() if document else ():
        for table in tables:
            columns = [table.column(name) for name in ("口径", "理由")] if isinstance(table, Table) else []
            if len(columns) == 2 and None not in columns:
                reasons.update({row[columns[0]].text: row[columns[1]].text for row in table.rows})
    return reasons


def open_tables(rule: Rule) -> list[Tiers]:
    """The tables of a rule whose rows may each leave a number to the year: those of its 值 and its tiers, as they stand in the text."""
    tables = [value.body for value in rule.values if isinstance(value.body, Tiers)]
    tables += [rule.tiers] if rule.tiers and not rule.tiers.open_whole else []
    return sorted(tables, key=lambda tiers: tiers.at)


def _on(cell: Node, head: Node) -> Node:
    """A test of an office's tier table, asked of the expression the policy's own table has at its head."""
    if isinstance(cell, And):
        return replace(cell, items=tuple(_on(item, head) for item in cell.items))
    return replace(cell, left=head) if hasattr(cell, "left") else cell


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
    stated = document.front.get("年度")
    result.year = int(stated.text) if stated and stated.text.isdigit() else year
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
        clauses = Clauses(_no_block(name, table), document, defects, [])
        rows = []
        for row in table.rows:
            score = clauses.read(row[0], Reader.expression)
            most = clauses.read(row[1], Reader.expression) if len(row) > 1 and row[1].text else None
            if score is not None:
                rows.append((score, most))
        result.scores[name] = tuple(rows)
    elif any(key[0] == name for key in items):
        result.tables[name] = read_tiers(table, Clauses(_no_block(name, table), document, defects, []))


def _no_block(name: str, table: Table) -> Any:
    return Block("年度标准", name, table.at)


def _settings(table: Table, items: dict[OpenKey, OpenItem], result: Standards, document: Document, defects: list[Diagnostic]) -> None:
    columns = {cell.text: place for place, cell in enumerate(table.head)}
    for needed in ("项目", "本年标准"):
        if needed not in columns:
            defects.append(
                document.defect(
                    "DX904",
                    table.at,
                    expected="项目、档、政策规定、本年标准",
                    found="、".join(columns),
                    remedy="照此写表头。",
                    remedy_en="use these columns.",
                )
            )
            return
    by_flat = {(key[0], _flat(key[1])): item for key, item in items.items()}
    for row in table.rows:
        item_cell, value_cell = row[columns["项目"]], row[columns["本年标准"]]
        tier = row[columns["档"]].text if "档" in columns else ""
        item = by_flat.get((item_cell.text, _flat(tier)))
        if item is None:
            known = [f"{key[0]}（{key[1]}）" if key[1] else key[0] for key in items]
            near = nearest(item_cell.text + (f"（{tier}）" if tier else ""), known)
            defects.append(document.defect("DX901", item_cell.at, found=item_cell.text + (f"（{tier}）" if tier else ""), expected="、".join(known),
                                           remedy=f"是不是“{near}”？" if near else "从列出的里选。", remedy_en=f"did you mean “{near}”?" if near else "use an open item."))  # fmt: skip
            continue
        if "政策规定" in columns and _flat(row[columns["政策规定"]].text) != _flat(item.words):
            defects.append(document.defect("DX902", row[columns["政策规定"]].at, expected=item.words, found=row[columns["政策规定"]].text))
        setting = read_setting(value_cell, item.kind, document, defects)
        if setting is None:
            continue
        if item.ceiling is not None and isinstance(setting.value, Fraction):
            ceiling = item.node.ceiling
            assert isinstance(ceiling, Number)
            if setting.unit != ceiling.unit:
                defects.append(document.defect("DX401", value_cell.at, left=setting.unit or "没有单位", right=ceiling.unit))
                continue
            if setting.value > item.ceiling:
                defects.append(document.defect("DX903", value_cell.at, expected=ceiling.text, found=value_cell.text))
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
    columns = {cell.text: place for place, cell in enumerate(table.head)}
    if "口径" not in columns or "选择" not in columns:
        defects.append(document.defect("DX904", table.at, expected="口径、选择、理由", found="、".join(columns), remedy="照此写表头。", remedy_en="use these columns."))
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
    columns = [table.column(name) for name in ("总额", "范围", "额度", "超出")]
    if any(place is None for place in columns):
        defects.append(
            document.defect(
                "DX904",
                table.at,
                expected="总额、范围、额度、超出",
                found="、".join(cell.text for cell in table.head),
                remedy="照此写表头。",
                remedy_en="use these columns.",
            )
        )
        return
    clauses = Clauses(_no_block("总额", table), document, defects, [])
    for row in table.rows:
        name, extent, amount, overrun = (row[place] for place in columns if place is not None)
        reach, sum_ = clauses.read(extent, read_range), clauses.read(amount, read_total_amount)
        method = clauses.read(overrun, lambda reader: reader.word(OVERRUNS, "超出"))
        if reach is not None and sum_ is not None and method is not None:
            result.totals = (
                *result.totals,
                Total(name.text, "", reach[0], reach[1], reach[2], reach[3], sum_[0], sum_[1], method, _no_block(name.text, table)),
            )


def _parameters(table: Table, policy: Policy, result: Standards, document: Document, defects: list[Diagnostic]) -> None:
    columns = {cell.text: place for place, cell in enumerate(table.head)}
    if "参数" not in columns or "值" not in columns or "依据" not in columns:
        defects.append(
            document.defect(
                "DX904",
                table.at,
                expected="参数、（各键）、值、依据",
                found="、".join(columns),
                remedy="照此写表头；依据必填。",
                remedy_en="use these columns; 依据 is mandatory.",
            )
        )
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
            defects.append(document.defect("DX401", value.at, left=setting.unit or "没有单位", right=parameter.unit or "没有单位"))
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


def choices_in(policy: Policy) -> list[Choice]:
    """Every 【】 of the policy, once a place."""
    return [node for _, record in records(policy) for node in walk(record) if isinstance(node, Choice)]
