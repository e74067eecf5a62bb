"""What an office decides for one year of a policy: adopted standards, readings, further 就高 groups and totals, parameters; and which numbers are open to it.

Grain: one setting per open item and tier row. An item that is missing or 未定 has no value yet: never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from .document import Document, Table
from .model import Group, Policy, Rule, Total
from .readings import walk
from .syntax import And, In, Node, Number, Open, Path, Tiers

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


def rests_on_the_year(rule: Rule, rules: Mapping[str, Rule]) -> bool:
    """Whether an amount is made of a number the year sets: in the standard, in a 值 it goes back to, or in a 认定 it asks for."""
    values = {value.name: value.body for value in rule.values}
    decided = {other.name: (other.conditions, other.any_of, other.values) for other in rules.values() if other.kind == "认定"}
    parts: list[Any] = [rule.standard, rule.tiers]
    while parts:
        for node in walk(parts.pop()):
            if isinstance(node, Open):
                return True
            if isinstance(node, Path):
                parts += [bodies.pop(name) for bodies, name in ((values, node.names[0]), (decided, node.names[-1])) if name in bodies]
    return False


def _on(cell: Node, head: Node) -> Node:
    """A test of an office's tier table, asked of the expression the policy's own table has at its head."""
    if isinstance(cell, And):
        return replace(cell, items=tuple(_on(item, head) for item in cell.items))
    return replace(cell, left=head) if hasattr(cell, "left") else cell
