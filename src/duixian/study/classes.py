"""Classes of applicants (分类): by a fact, a relation or an object type (乡镇), and by bands of a numeric fact, as SQL over a priced scenario.

A name is looked for on the award's object, then on what that belongs to, then on the payee. What is not known is its own class, never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ..policy.document import Cell
from ..policy.suggest import remedies
from ..policy.vocabulary import CLAIM, Vocabulary
from ..policy.year_file import read_setting
from ..values.frames import KEY, Column, table_name
from ..values.labels import amount_text, number_text
from ..values.messages import Language
from .scenario import refuse
from .source import Priced
from .words import money_text, say

UNKNOWN, NONE, WITHOUT = "未填", "无", "（没有这一项）"
NOT_SAID = (UNKNOWN, WITHOUT)


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(slots=True)
class Reach:
    """How to get from a row to one column: the joins on the way, the alias of the table it stands in, the column (None: the key itself).

    root: the alias of the first table; where that has no row, the question does not arise.
    """

    joins: list[str] = field(default_factory=list)
    root: str = ""
    alias: str = ""
    kind: str = ""
    column: Column | None = None

    @property
    def sql(self) -> str:
        """The column as SQL."""
        return f"{self.alias}.{quoted(self.column.name if self.column else KEY)}"


@dataclass(slots=True)
class Finder:
    """Finds a name from an object type, over the columns that are really there."""

    priced: Priced
    _count: int = 0

    @property
    def vocabulary(self) -> Vocabulary:
        return self.priced.policy.vocabulary

    def column(self, kind: str, fact: str) -> Column | None:
        """The column of a fact for the year of the study."""
        declared, frame = self.vocabulary.fact(kind, fact), self.priced.frames.objects.get(kind)
        if declared is None or frame is None:
            return None
        return frame.find(fact, self.priced.year if declared.yearly else None)

    def start(self, kind: str, on: str) -> Reach:
        """The table of an object type, joined where its key is `on`."""
        self._count += 1
        alias = f"t{self._count}"
        return Reach([f"LEFT JOIN {quoted(table_name(kind))} {alias} ON {on} = {alias}.{quoted(KEY)}"], alias, alias, kind)

    def walk(self, here: Reach, name: str, depth: int = 0) -> list[Reach]:
        """Every way from a table to a name: its own fact, the type itself, a relation to such a type, else what it belongs to."""
        column = self.column(here.kind, name)
        if column is not None:
            return [Reach(here.joins, here.root, here.alias, here.kind, column)]
        if self.vocabulary.is_kind(here.kind, name):
            return [Reach(here.joins, here.root, here.alias, here.kind)]
        declared = self.vocabulary.objects[here.kind]
        relations = [fact for fact in self.vocabulary.facts(here.kind) if fact.kind == "object"]
        direct = next((fact for fact in relations if self.vocabulary.is_kind(fact.target, name)), None)
        if direct is not None and (found := self.column(here.kind, direct.name)):
            return [Reach(here.joins, here.root, here.alias, here.kind, found)]
        ways: list[Reach] = []
        parents = [fact for fact in relations if fact.name in (declared.parent_relation, declared.parent)]
        for fact in parents if depth < 3 else ():
            found = self.column(here.kind, fact.name)
            for kind in self.kinds(fact.target) if found else ():
                assert found is not None
                onward = self.start(kind, f"{here.alias}.{quoted(found.name)}")
                onward.joins, onward.root = [*here.joins, *onward.joins], here.root
                ways += self.walk(onward, name, depth + 1)
        return ways

    def kinds(self, wanted: str) -> list[str]:
        """The object types with a table that are of a kind; what a class may be taken from."""
        return [kind for kind in self.vocabulary.objects if kind in self.priced.frames.objects and self.vocabulary.is_kind(kind, wanted)]

    def from_lines(self, name: str) -> dict[str, list[Reach]]:
        """object type of a line → the ways to a name from it, the object first, the payee last."""
        found: dict[str, list[Reach]] = {}
        for (kind,) in self.priced.query("SELECT DISTINCT 对象类型 FROM 行 ORDER BY 1"):
            if kind not in self.priced.frames.objects:
                continue
            ways = self.walk(self.start(kind, "行.标识"), name)
            if not ways:
                for payee in self.kinds("主体") or list(self.priced.frames.objects):
                    ways += self.walk(self.start(payee, "行.受益人"), name)
            if ways:
                found[kind] = ways
        return found


@dataclass(frozen=True, slots=True)
class Classes:
    """A way to class lines: `select` is an SQL expression over 行 and `joins`; `order` sorts the labels as people would.

    limits, unit: of bands, so that a band can be said in another language.
    """

    name: str
    select: str
    joins: str
    order: tuple[str, ...] = ()
    limits: tuple[Fraction, ...] = ()
    unit: str = ""

    def says(self, language: Language) -> dict[str, str]:
        """label of a band → the band in a language."""
        return dict(zip(band_labels(self.limits, self.unit), band_labels(self.limits, self.unit, language), strict=True)) if self.limits else {}


def by_name(priced: Priced, name: str) -> Classes | None:
    """Lines by a fact, a relation or an object type; None where no award of the study has one. Raises Defects (DS121) for an unknown name."""
    vocabulary, finder = priced.policy.vocabulary, Finder(priced)
    known = dict.fromkeys([*vocabulary.objects, *(fact.name for kind in vocabulary.objects for fact in vocabulary.facts(kind))])
    known.pop(CLAIM, None)
    if name not in known:
        remedy = remedies(name, known, "写一个对象、关系或事实的名称。", "name an object type, a relation or a fact.")
        refuse("DS121", "--by", expected="词汇里的对象、关系或事实", found=name, **remedy)
    found = finder.from_lines(name)
    if not found:
        return None
    cases, joins = [], []
    for kind, ways in found.items():
        values = []
        for way in ways:
            value, more = _said(finder, way)
            joins += [*way.joins, *more]
            values.append(f"CASE WHEN {way.root}.{quoted(KEY)} IS NOT NULL THEN coalesce({value}, '{UNKNOWN}') END")
        cases.append(f"WHEN 行.对象类型 = {literal(kind)} THEN coalesce({', '.join(values)}, '{WITHOUT}')")
    return Classes(name, f"CASE {' '.join(cases)} ELSE '{WITHOUT}' END", " ".join(dict.fromkeys(joins)))


def _said(finder: Finder, way: Reach) -> tuple[str, list[str]]:
    """A column as a class label: objects by their name, truths as 是 and 否, verified none as 无."""
    column, joins = way.column, []
    target = "" if column else way.kind
    if column is not None and column.kind == "object":
        fact = finder.vocabulary.fact(way.kind, column.fact)
        target = fact.target if fact else ""
    value = way.sql if column is None or column.kind in ("text", "option", "object") else f"CAST({way.sql} AS VARCHAR)"
    if column is not None and column.kind == "truth":
        value = f"CASE WHEN {way.sql} THEN '是' WHEN NOT {way.sql} THEN '否' END"
    names = []
    for kind in finder.kinds(target) if target else ():
        label = finder.column(kind, "名称")
        if label is None:
            continue
        if column is None:
            names.append(f"{way.alias}.{quoted(label.name)}")
        else:
            other = finder.start(kind, way.sql)
            joins += other.joins
            names.append(f"{other.alias}.{quoted(label.name)}")
    value = f"coalesce({', '.join([*names, value])})" if names else value
    if column is not None and column.has_none:
        value = f"CASE WHEN {way.alias}.{quoted(column.none_name)} THEN '{NONE}' ELSE {value} END"
    return value, joins


def bands(priced: Priced, name: str, limits: Sequence[Fraction]) -> Classes | None:
    """Lines by bands of a numeric fact: below the first limit, from each limit up to the next. limits: ascending, in base units.

    None where no award of the study has the fact.
    """
    finder = Finder(priced)
    found = finder.from_lines(name)
    if not found or not limits:
        return None
    unit = next((fact.unit for kind in finder.vocabulary.objects if (fact := finder.vocabulary.fact(kind, name))), "")
    labels = band_labels(limits, unit)
    cases, joins, order = [], [], [*labels, NONE, UNKNOWN, WITHOUT]
    for kind, ways in found.items():
        values = []
        for way in ways:
            if way.column is None or way.column.kind != "number":
                continue
            joins += way.joins
            steps = [f"WHEN {way.sql} < {_stored(limit, way.column)} THEN {literal(label)}" for limit, label in zip(limits, labels, strict=False)]
            none = f"WHEN {way.alias}.{quoted(way.column.none_name)} THEN '{NONE}' " if way.column.has_none else ""
            none += f"WHEN {way.root}.{quoted(KEY)} IS NULL THEN NULL WHEN {way.sql} IS NULL THEN '{UNKNOWN}' "
            values.append(f"CASE {none}{' '.join(steps)} ELSE {literal(labels[-1])} END")
        if values:
            cases.append(f"WHEN 行.对象类型 = {literal(kind)} THEN coalesce({', '.join(values)}, '{WITHOUT}')")
    if not cases:
        return None
    return Classes(name, f"CASE {' '.join(cases)} ELSE '{WITHOUT}' END", " ".join(dict.fromkeys(joins)), tuple(order), tuple(limits), unit)


def _stored(limit: Fraction, column: Column) -> int:
    """The least stored number that is not below a limit: comparing with it is comparing with the limit."""
    return -((-limit.numerator * column.scale) // limit.denominator)


def band_labels(limits: Sequence[Fraction], unit: str, language: Language = "zh") -> list[str]:
    """One label a band, one more than there are limits."""
    words = [figure(limit, unit, language) for limit in limits]
    between = [say("{low} 至不足 {high}", language, low=low, high=high) for low, high in zip(words, words[1:], strict=False)]
    return [say("不足 {high}", language, high=words[0]), *between, say("{low} 以上", language, low=words[-1])]


def figure(value: Fraction, unit: str, language: Language = "zh") -> str:
    """A figure in base units for people."""
    if unit == "元":
        return amount_text(int(value) if value.denominator == 1 else value) if language == "zh" else money_text(int(value), language)
    return number_text(value * 100 if unit == "%" else value) + unit


def read_bands(text: str, priced: Priced) -> tuple[str, list[Fraction]]:
    """名称 or 名称=界,界,…  Raises Defects (DS122)."""
    name, _, rest = text.replace("＝", "=").partition("=")
    name, vocabulary = name.strip(), priced.policy.vocabulary
    facts = [fact for kind in vocabulary.objects if (fact := vocabulary.fact(kind, name)) and fact.kind == "number"]
    limits = []
    for part in (piece for piece in rest.replace("，", ",").split(",") if piece.strip()):
        setting = read_setting(Cell(part.strip(), (0, 0)), "value", priced.policy.document, [])
        if setting is None or not facts or setting.unit != facts[0].unit or not isinstance(setting.value, Fraction):
            refuse("DS122", "--bands", found=text)
        limits.append(setting.value)
    if not facts or limits != sorted(set(limits)):
        refuse("DS122", "--bands", found=text)
    return name, limits
