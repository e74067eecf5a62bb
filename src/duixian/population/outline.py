"""What a population comes to before a row is made: how many objects of each type, which columns are written, which numbers are planted.

Here the profile is held against the policy: everything a row refers to exists, nothing goes round in a circle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from ..policy.model import Policy, Rule
from ..policy.readings import records, walk
from ..policy.resolve import Unresolved, resolve_path
from ..policy.suggest import remedies
from ..policy.syntax import Between, Call, Compare, Number, Path
from ..tables.layout import FIXED, Column, layout_of
from ..values.diagnostic import Diagnostic
from ..values.units import same_dimension, unit_dimension, unit_factor
from .draws import scale_of
from .profile import columns_of, find_column
from .rows import FactRow, Profile
from .streams import Shuffle, stream_key

BACK = 2  # how many years before the award year are made
MOST_ROWS = 10**8  # of one table: the running number of a key has eight digits


class Layers:
    """Which parent each child has. Layer 1 gives a share of the parents one child each, layer 2 a share of those a second one, and so on.

    Holds: the children of one parent lie in different layers, so (parent, layer) names a child.
    """

    def __init__(self, key: int, parents: int, share: Fraction, again: Fraction, most: int, least: int) -> None:
        size = min(max(round(parents * share), least if share else 0), parents)
        sizes = []
        while size and len(sizes) < most:
            sizes.append(size)
            size = round(size * again)
        self.starts = [0]
        for size in sizes:
            self.starts.append(self.starts[-1] + size)
        self.total = self.starts[-1]
        self.shuffle = Shuffle(key, parents)


@dataclass(slots=True)
class Outline:
    """Everything the maker needs. columns: object type → what is written; planted: (object type, fact) → cells; growth: the same for growth rates."""

    policy: Policy
    profile: Profile
    year: int
    counts: dict[str, int] = field(default_factory=dict)
    layers: dict[str, Layers] = field(default_factory=dict)
    columns: dict[str, list[Column]] = field(default_factory=dict)
    planted: dict[tuple[str, str], tuple[Fraction, tuple[int, ...]]] = field(default_factory=dict)
    growth: dict[tuple[str, str], tuple[Fraction, tuple[Fraction, ...]]] = field(default_factory=dict)
    bounds: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    notices: list[Diagnostic] = field(default_factory=list)

    def row(self, kind: str, fact: str) -> FactRow | None:
        """How a fact is drawn; None where the profile does not say."""
        return self.profile.facts.get(kind, {}).get(fact)


def outline_of(policy: Policy, profile: Profile, size: int, seed: int, year: int) -> tuple[Outline, list[Diagnostic]]:
    """The outline of a population, and what keeps it from being made."""
    outline = Outline(policy, profile, year)
    defects: list[Diagnostic] = []
    _count(outline, size, seed, defects)
    _lay_out(outline, defects)
    _refer(outline, defects)
    _plant(outline, defects)
    return outline, defects


# --- how many --------------------------------------------------------------------------------------------------------------------------


def _count(outline: Outline, size: int, seed: int, defects: list[Diagnostic]) -> None:
    profile, document = outline.profile, outline.profile.document
    outline.counts[profile.base] = size
    waiting = {kind: row for kind, row in profile.objects.items() if kind != profile.base}
    while waiting:
        ready = [kind for kind, row in waiting.items() if row.parent in outline.counts]
        if not ready:
            for row in waiting.values():
                defects.append(document.defect("DP112", row.at, found=f"{row.kind} → {row.parent}"))
                outline.counts[row.kind] = 0
            return
        for kind in ready:
            row = waiting.pop(kind)
            layers = Layers(stream_key(seed, kind, "上级"), outline.counts[row.parent], row.share, row.again, row.most, row.least)
            outline.layers[kind], outline.counts[kind] = layers, layers.total
            if layers.total >= MOST_ROWS:
                defects.append(
                    document.defect(
                        "DP105", row.at, found=str(layers.total), found_en=str(layers.total), expected=f"少于 {MOST_ROWS} 行", expected_en=f"fewer than {MOST_ROWS} rows"
                    )
                )


# --- which columns ---------------------------------------------------------------------------------------------------------------------


def _lay_out(outline: Outline, defects: list[Diagnostic]) -> None:
    profile, document, year = outline.profile, outline.profile.document, outline.year
    for sheet in layout_of(outline.policy, year):
        if sheet.name in FIXED:
            continue
        if sheet.name not in outline.counts:
            outline.notices.append(document.defect("DP122", document.front["基准"].at, found=sheet.name))
            continue
        columns = []
        at = profile.objects[sheet.name].at if sheet.name in profile.objects else document.front["基准"].at
        for column in sheet.columns:
            row = outline.row(sheet.name, column.name)
            if row is not None:
                if column.period is None or (isinstance(column.period, int) and column.period >= year - BACK):
                    columns.append(column)
            elif column.required:
                defects.append(document.defect("DP110", at, kind=sheet.name, found=column.name))
            elif column.needed and not column.computed and column.period in (None, year) and not _decided(outline.policy, column.name):
                outline.notices.append(document.defect("DP121", at, kind=sheet.name, found=column.header))
        outline.columns[sheet.name] = columns
        years: dict[str, int] = {}
        for column in columns:
            years[column.name] = years.get(column.name, 0) + 1
        for name, count in years.items():
            row = outline.row(sheet.name, name)
            if row and count > 1 and row.draw.name not in ("成比例",) and (sheet.name, name) not in profile.changes:
                defects.append(document.defect("DP111", row.at, kind=sheet.name, found=name))


def _decided(policy: Policy, name: str) -> bool:
    """Whether a rule of the policy itself gives the fact (认定)."""
    return name in policy.rules and policy.rules[name].kind == "认定"


# --- what refers to what ---------------------------------------------------------------------------------------------------------------


def targets_of(outline: Outline, kind: str, relation: str) -> tuple[str, ...]:
    """The object types a relation may lead to; () where the profile does not say."""
    row = outline.row(kind, relation)
    if row is None:
        return ()
    if row.draw.name == "随机取":
        return tuple(row.draw.arguments["kinds"])
    return (outline.profile.objects[kind].parent,) if kind in outline.profile.objects else ()


def _names(row: FactRow, outline: Outline) -> Iterator[tuple[str, str]]:
    """The facts a fact is made from, as the profile names them, with the object type each is looked for in."""
    draw, kind = row.draw, row.kind
    named = [*draw.arguments.get("facts", ()), *([draw.arguments["fact"]] if "fact" in draw.arguments else []), *(item.fact for item in draw.only)]
    for name in named:
        relation, mark, fact = name.partition("的")
        if mark:
            yield kind, relation
            yield from ((target, fact) for target in targets_of(outline, kind, relation))
        else:
            yield kind, name


def _refer(outline: Outline, defects: list[Diagnostic]) -> None:
    profile, document, vocabulary = outline.profile, outline.profile.document, outline.policy.vocabulary
    edges: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for kind, rows in profile.facts.items():
        for name, row in rows.items():
            if kind not in outline.counts:
                defects.append(document.defect("DP114", row.at, found=f"“{kind}”有多少", found_en=f"the number of “{kind}”", expected="“对象”表里的一行"))
                break
            if row.draw.name in ("上级", "随机取"):
                leads = targets_of(outline, kind, name)
                wrong = [target for target in leads if target not in outline.counts or not vocabulary.is_kind(target, row.column.target)]
                if wrong or not leads:
                    fit = [target for target in outline.counts if vocabulary.is_kind(target, row.column.target)]
                    found = "、".join(wrong) or "没有上级"
                    found_en = "、".join(wrong) or "nothing it belongs to"
                    defects.append(document.defect("DP105", row.at, found=found, found_en=found_en, expected=f"是“{row.column.target}”的对象：{'、'.join(fit)}",
                                                   expected_en=f"an object type that is a {row.column.target}: {'、'.join(fit)}"))  # fmt: skip
                    continue
                empty = [target for target in leads if outline.counts[target] == 0]
                if empty and outline.counts[kind]:
                    defects.append(document.defect("DP105", row.at, found=f"一个{'、'.join(empty)}也没有", found_en=f"no {'、'.join(empty)} at all", expected="至少一个：在“对象”表里写“最少”",
                                                   expected_en="at least one object to lead to: state 最少 in the table 对象"))  # fmt: skip
            edges[(kind, name)] = list(_names(row, outline))
            for other in edges[(kind, name)]:
                if outline.row(*other) is None:
                    defects.append(document.defect("DP114", row.at, found=f"“{other[0]}”的“{other[1]}”", found_en=f"“{other[1]}” of “{other[0]}”", expected=f"“## {other[0]}”表里的一行"))
    for row in (*profile.history, *(profile.outside or ())):
        kind = outline.policy.rules[row.award].object
        for item in row.only:
            if outline.row(kind, item.fact) is None:
                defects.append(document.defect("DP114", row.at, found=f"“{kind}”的“{item.fact}”", found_en=f"“{item.fact}” of “{kind}”", expected=f"“## {kind}”表里的一行"))
    done: set[tuple[str, str]] = set()

    def visit(node: tuple[str, str], way: tuple[tuple[str, str], ...]) -> None:
        if node in way:
            row = outline.row(*node)
            assert row is not None
            circle = [*way[way.index(node) :], node]
            defects.append(document.defect("DP112", row.at, found=" → ".join(fact for _, fact in circle)))
        elif node not in done:
            for after in edges.get(node, ()):
                visit(after, (*way, node))
            done.add(node)

    for node in edges:
        visit(node, ())


# --- the numbers the policy names ------------------------------------------------------------------------------------------------------


Compared = dict[tuple[str, str, bool], set[Number]]  # (object type a rule looks at, fact, whether its growth) → the numbers it is held against


def compared(policy: Policy) -> Compared:
    """Every number the rules of a policy compare a fact with, under any reading."""
    found: Compared = {}
    for _, record in records(policy):
        if not isinstance(record, Rule):
            continue
        for node in walk(record):
            if isinstance(node, (Compare, Between)):
                ends = (node.right,) if isinstance(node, Compare) else (node.low, node.high)
                numbers = {number for end in ends for number in walk(end) if isinstance(number, Number)}
                for at in _facts_in(policy, record, node.left):
                    found.setdefault(at, set()).update(numbers)
    return found


def _facts_in(policy: Policy, rule: Rule, left: object) -> Iterator[tuple[str, str, bool]]:
    """The facts in what is compared, read plainly or through a reading, and whether it is their growth."""
    nodes = list(walk(left))
    grown = {id(inner) for node in nodes if isinstance(node, Call) and "增长" in node.function for inner in walk(node)}
    for node in nodes:
        if isinstance(node, Path):
            try:
                hops = resolve_path(policy, rule, rule.object, node)
            except Unresolved:
                continue  # the checker reports it
            yield hops[-2].kind if len(hops) > 1 else rule.object, node.names[-1], id(node) in grown


def numbers_of(policy: Policy, kind: str, fact: str, *, growth: bool = False, found: Compared | None = None) -> tuple[Fraction, ...]:
    """Every number the policy compares a fact of an object type (or its growth) with, in base units, ascending. found: `compared(policy)`."""
    unit = find_column(policy, kind, fact).unit
    dimension = () if growth or not unit else unit_dimension(unit)
    values = {
        number.value
        for (owner, name, grown), numbers in (compared(policy) if found is None else found).items()
        if name == fact and grown is growth and policy.vocabulary.is_kind(kind, owner)
        for number in numbers
        if same_dimension(unit_dimension(number.unit) if number.unit else (), dimension)
    }
    return tuple(sorted(values))


def _plant(outline: Outline, defects: list[Diagnostic]) -> None:
    policy, document, found = outline.policy, outline.profile.document, compared(outline.policy)
    for row in outline.profile.bounds:
        numbers = numbers_of(policy, row.kind, row.fact, growth=row.growth, found=found)
        drawn = outline.row(row.kind, row.fact)
        if not numbers or drawn is None:
            known = [
                name
                for name, column in columns_of(policy, row.kind).items()
                if column.kind == "number" and numbers_of(policy, row.kind, name, found=found)
            ]
            otherwise, otherwise_en = "删去这一行。", "delete the row."
            defects.append(
                document.defect(
                    "DP113",
                    row.at,
                    kind=row.kind,
                    found=row.fact,
                    **remedies(row.fact, [name for name in known if name != row.fact], otherwise, otherwise_en),
                )
            )
        elif row.growth:
            outline.growth[(row.kind, row.fact)] = (row.share, numbers)
        else:
            outline.planted[(row.kind, row.fact)] = (row.share, cells_of(numbers, drawn.column))
    for kind, columns in outline.columns.items():
        for column in columns:
            if column.kind == "number" and column.period in (None, outline.year):
                outline.bounds[(kind, column.name)] = tuple(
                    cell for cell in cells_of(numbers_of(policy, kind, column.name, found=found), column) if cell > 0
                )


def cells_of(numbers: tuple[Fraction, ...], column: Column) -> tuple[int, ...]:
    """Numbers in base units as cells of a column; those that fall between two cells are left out."""
    cells = [number / unit_factor(column.unit) * 10 ** scale_of(column) for number in numbers]
    return tuple(cell.numerator for cell in cells if cell.denominator == 1)
