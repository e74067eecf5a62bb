"""What an expression reads, as SQL: keys, relations, stored and computed facts, parameters, earlier payments; and what is missing where it is not there.

The year is known while the plan is made. What the ledger or an object says about years (首奖年, 起年) is a CASE over the years there are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ..policy.model import Parameter, Rule
from ..policy.readings import Bound, as_now_read
from ..policy.resolve import Hop, Unresolved, resolve_key
from ..policy.standards import EVERY, Standards
from ..policy.syntax import (
    Always,
    Limited,
    Node,
    Path,
    Tiers,
    Value,
)
from ..policy.vocabulary import CLAIM, OFFICE_SOURCES, Fact
from ..values.facts import Period, window_text
from ..values.frames import KEY, LEDGER, Frames, column_name, number_name, table_name
from ..values.period import Validity
from ..values.terms import Waits
from .place import Place
from .query import Query, Row
from .sql import (
    FALSE,
    FIELD,
    RECORD,
    TRUE,
    Sql,
    add,
    aligned,
    choice,
    joined,
    number,
    opens,
    quoted,
    renamed,
    sure,
    text,
    truth,
    under,
    unknown,
    when,
)
from .varying import Varying

WAITS = {waits: str(place) for place, waits in enumerate(Waits)}
UNKNOWN = "CAST(NULL AS BIGINT)"
_KINDS = {"number": "number", "truth": "truth", "date": "date", "year": "number", "text": "text", "option": "text", "object": "object"}
_TYPES = {"number": "BIGINT", "year": "BIGINT", "truth": "BOOLEAN", "date": "DATE"}


@dataclass(slots=True)
class Ground:
    """What a bound policy fixes for the plan."""

    validity: Validity
    unset_standard: str


class Reads(ABC):
    """What expressions read, of one bound policy over facts of a known shape."""

    def __init__(self, bound: Bound, frames: Frames, standards: Standards, ground: Ground, documents: tuple[str, ...]) -> None:
        self.bound, self.policy, self.vocabulary = bound, bound.policy, bound.policy.vocabulary
        self.frames, self.standards, self.validity, self.unset_standard = frames, standards, ground.validity, ground.unset_standard
        self.documents = documents  # of the ledger, whose payments count as history
        self.varying: Varying = {}  # numbers that vary between the variants of a sweep
        self.years: tuple[int, ...] = ()  # the award years of the plan
        self._inside: list[Any] = []  # computed facts being lowered, against circles
        self._number_keys: dict[tuple[str, str], bool] = {}

    # --- missing --------------------------------------------------------------------------------------------------------------------

    def record(self, place: Place, fact: str, period: Period, note: str = "", waits: Waits = Waits.APPLICANT) -> str:
        """The text of one missing fact of the object in scope."""
        return self.said(waits, place.query.expose(place.row.kind_sql, place.row.prefix + "种类"), self.key(place), fact, period, note)

    def said(self, waits: Waits, kind: str, key: str, fact: str, period: Period, note: str = "") -> str:
        """The text of one thing that is missing; kind and key are SQL."""
        when_text = "" if period is None else str(period) if isinstance(period, int) else window_text(period)
        start, end = text(WAITS[waits] + FIELD), text(FIELD + fact + FIELD + when_text + FIELD + note + RECORD)
        if kind == "''" and key == "''":
            return text(WAITS[waits] + FIELD + FIELD + FIELD + fact + FIELD + when_text + FIELD + note + RECORD)
        return f"({start} || {kind} || {text(FIELD)} || {key} || {end})"

    def key(self, place: Place) -> str:
        """The key of the object in scope, as a column."""
        return place.query.expose(place.row.key, place.row.prefix + KEY)

    def number(self, place: Place) -> str:
        """The number of that key, as a column; '' where there are no numbers."""
        return place.query.expose(place.row.number, place.row.prefix + number_name(KEY)) if place.row.number else ""

    def own(self, place: Place) -> Sql:
        """The object in scope itself."""
        key = self.key(place)
        return Sql("object", key, row=place.row, numbered=(key, self.number(place)))

    def base(self, kind: str, alias: str, *, exact: bool = False) -> Row:
        """A row of the table of a type."""
        return Row(kind, alias, f"{alias}.{quoted(KEY)}", f"{alias}.{quoted('种类')}" if not exact else text(kind), exact=exact,
                   number=f"{alias}.{quoted(number_name(KEY))}" if self.has_numbers(kind, exact=exact) else "")  # fmt: skip

    def has_numbers(self, kind: str, *, exact: bool = False) -> bool:
        """Whether the objects of a type, and of all it comprises, have numbers."""
        return self.frames.numbers is not None and self.frames.numbers.issuperset([kind] if exact else self.kinds_of(kind))

    def number_keys(self, awards: tuple[str, ...], names: tuple[str, ...]) -> tuple[bool, ...]:
        """Which parts of a key are numbers: those that are keys of objects for every award that counts together, in every year."""
        return tuple(all(self._is_number_key(award, name) for award in awards) for name in names)

    def _is_number_key(self, award: str, name: str) -> bool:
        if (award, name) not in self._number_keys:
            rule = self.bound.rules.get(award)
            found = name != "年度" and self.frames.numbers is not None
            if found and rule is not None:
                years = {year for paid in self.frames.ledger_years.values() for year in paid} | set(self.years)
                row = self.base(rule.object, "o")
                place = Place(Query(self.source(rule.object), row), row, rule)
                try:
                    hops = resolve_key(self.policy, rule, name)
                    found = all(bool(self.follow(hops, place, year).number) for year in years)
                except Unresolved:
                    found = True  # nobody knows it, as a number as well as as a text
            self._number_keys[award, name] = found
        return self._number_keys[award, name]

    def key_part(self, value: Sql, *, number: bool) -> str:
        """A value as part of a key, as a number or as text: NULL where it is not known, 0 or '' for 无."""
        if not number:
            return self.key_text(value)
        return f"CASE WHEN {value.none} THEN 0 ELSE {value.number} END" if value.none else value.number

    def undefined(self, place: Place, year: int, what: str, why: str) -> str:
        """The text of a number that does not exist."""
        return self.record(place, what, year, why)

    def combined(self, place: Place, year: int, label: str, *parts: Sql) -> str:
        """What is missing where a part is unknown or 无."""
        nothing = [when(part.none, self.undefined(place, year, label, "为“无”，无法计算")) for part in parts if part.none]
        return joined([*(part.why for part in parts), *nothing])

    def plain(self, found: Sql, why: str, *parts: Sql) -> Sql:
        """A number worked out of others: never 无, no bounds known where it is not known itself."""
        return replace(found, kind="number", none="", why=why, floor=None, ceiling=None, row=None, **{"opened": frozenset(), "adjust": frozenset(), **opens(*parts)})

    def truth(self, sql: str, why: str, *parts: Sql) -> Sql:
        """A yes or no worked out of others, and why it is not known where it is not."""
        return sure(truth(sql, why=when(f"({sql}) IS NULL", why) if why else "", **opens(*parts)), *parts)

    def _all_of(self, items: list[Sql]) -> Sql:
        kept = _in_turn([item for item in items if item.sql != "TRUE"], "FALSE")
        if any(item.sql == "FALSE" for item in kept):
            return FALSE
        if len(kept) <= 1:
            return kept[0] if kept else TRUE
        return self.truth("(" + " AND ".join(item.sql for item in kept) + ")", joined(item.why for item in kept), *kept)

    def any_of(self, items: list[Sql]) -> Sql:
        """或."""
        kept = _in_turn([item for item in items if item.sql != "FALSE"], "TRUE")
        if any(item.sql == "TRUE" for item in kept):
            return TRUE
        if len(kept) <= 1:
            return kept[0] if kept else FALSE
        return self.truth("(" + " OR ".join(item.sql for item in kept) + ")", joined(item.why for item in kept), *kept)

    def all_of(self, items: list[Sql]) -> Sql:
        """且."""
        return self._all_of(items)

    def follow(self, hops: list[Hop], place: Place, year: int) -> Sql:
        """Walk relations to a value by joins; an unknown or missing link ends the walk."""
        first, rest = hops[0], hops[1:]
        if first.role == "claim" and rest:
            return self._claim_fact(place, rest[0].name, year)
        here = self._hop(first, place, year)
        if not rest:
            return here
        if here.row is None:
            end = _KINDS.get(rest[-1].fact.kind, "text") if rest[-1].fact is not None else "object"
            nowhere = when(here.none, self.undefined(place, year, first.name, "没有" + first.name))
            return replace(unknown(end, joined([here.why, nowhere])), **opens(here))
        onward = self.follow(rest, Place(place.query, here.row, place.rule, place.label, own=False), year)
        if here.row is place.row:
            return onward
        known = f"({here.sql}) IS NOT NULL"
        nothing = when(here.none, self.undefined(place, year, first.name, "没有" + first.name)) if here.none else ""
        changes: dict[str, Any] = {"why": joined([here.why, nothing, when(known, onward.why)])}
        stored = onward.constant is None and rest[-1].fact is not None and rest[-1].fact.formula is None  # NULL where the row joined is none
        changes["sql"] = onward.sql if stored else f"CASE WHEN {known} THEN {onward.sql} END"
        changes["constant"] = None
        if onward.none:
            changes["none"] = f"({known} AND {onward.none})"
        for name in ("floor", "ceiling"):
            bound = getattr(onward, name)
            if bound is not None:
                changes[name] = replace(bound, sql=f"CASE WHEN {known} THEN {bound.sql} END")
        return replace(onward, **changes, **opens(here, onward))

    def _hop(self, hop: Hop, place: Place, year: int) -> Sql:
        if hop.role == "value":
            return self.named(place, hop.name, year)
        if hop.role == "built_in":
            return self._built_in(hop.name, year)
        if hop.role in ("self", "claim"):
            return self.own(place)
        if hop.role == "beneficiary":
            return self.beneficiary(place, year)
        if hop.role == "parameter":
            return self._parameter(self.policy.parameters[hop.name], place, year)
        if hop.role == "children":
            return unknown("number", self.undefined(place, year, hop.name, "列表只能用在合计、个数里"))
        assert hop.fact is not None
        window = place.rule.window if place.rule and place.own else None
        if hop.role == "relation":
            return self.relation(hop.fact, place, year)
        return self.fact(hop.fact, place, year, window)

    def beneficiary(self, place: Place, year: int) -> Sql:
        """The payee of a rule: the object itself unless 受益人 says otherwise."""
        rule = place.rule
        if rule is None or rule.beneficiary is None:
            return self.own(place)
        return self.lower(rule.beneficiary, Place(place.query, place.row, rule), year)

    def _built_in(self, name: str, year: int) -> Sql:
        if name == "本年":
            return number(year)
        if name == "本年末":
            return day(date(year, 12, 31))
        validity = self.validity
        value: Any = {"政策起日": validity.start, "政策止日": validity.end, "政策起年": validity.start.year if validity.start else None}.get(name)
        if value is None:
            return unknown("number" if name == "政策起年" else "date", self.said(Waits.OFFICE, "''", "''", name, None, "政策没有写"))
        return number(value) if isinstance(value, int) else day(value)

    def _parameter(self, parameter: Parameter, place: Place, year: int) -> Sql:
        keys = [self.lower(Path((key,)), place, year) for key in parameter.keys]
        rows = self.standards.parameter_rows(parameter.name)
        numbers = [self.varying[key].sql() if (key := (parameter.name, names)) in self.varying else number(setting.value) for names, setting in rows if setting.value is not None]
        label, note = parameter.name, f"参数未定，由{parameter.by_whom or '主管部门'}给出"
        keys_text = [self.key_text(replace(key, sql=f"CASE WHEN {key.none} THEN '无' ELSE {self.key_text(replace(key, none=''))} END", kind="text", none="") if key.none else key) for key in keys]
        if keys:
            pieces = " || '、' || ".join(keys_text)
            fact = f"{text(label + '（')} || {pieces} || {text('）')}"
            missing = f"({text(WAITS[Waits.OFFICE] + FIELD + FIELD + FIELD)} || {fact} || {text(FIELD + FIELD + note + RECORD)})"
        else:
            missing = self.said(Waits.OFFICE, "''", "''", label, None, note)
        if not numbers:
            found = unknown("number", missing)
            known = " AND ".join(f"{key} IS NOT NULL" for key in keys_text) or "TRUE"
            return replace(found, why=joined([self.combined_keys(keys), when(known, missing)]))
        shared = aligned(*numbers)
        low, high = min(item.low for item in shared), max(item.high for item in shared)
        known = " AND ".join(f"{key} IS NOT NULL" for key in keys_text)
        values = iter(shared)
        cases = ""  # a row that says 未定 is found all the same: no wider row stands in for it
        for names, setting in rows:
            fits = " AND ".join([known, *(f"{key} = {text(part)}" for key, part in zip(keys_text, names) if part != EVERY)])
            cases += f" WHEN {fits} THEN {'NULL' if setting.value is None else next(values).sql}"
        sql = f"CASE{cases} END" if keys else shared[-1].sql
        why = joined([self.combined_keys(keys), when(f"{known} AND ({sql}) IS NULL", missing)]) if keys else ""
        return Sql("number", sql, den=shared[0].den, low=low, high=high, why=why, constant=None if keys else shared[-1].constant)

    def combined_keys(self, keys: list[Sql]) -> str:
        """What is missing of the keys a parameter is looked up by."""
        return joined(key.why for key in keys)

    def key_text(self, value: Sql) -> str:
        """A value as part of a key; NULL where it is not known; '' for 无."""
        if value.kind in ("text", "object"):
            sql = value.sql
        elif value.kind == "truth":
            sql = f"CASE WHEN {value.sql} THEN '是' WHEN NOT {value.sql} THEN '否' END"
        elif value.kind == "date" or value.den == 1 and not value.over:
            sql = f"CAST({value.sql} AS STRING)"
        elif not value.over and str(value.den).strip("0") == "1":
            sql = _decimal(value.sql, value.den)
        else:
            sql = f"(CAST({value.sql} AS STRING) || {text('/' + str(value.den))}" + (f" || '/' || CAST({value.over} AS STRING))" if value.over else ")")
        return f"CASE WHEN {value.none} THEN '' ELSE {sql} END" if value.none else sql

    # --- facts ------------------------------------------------------------------------------------------------------------------------

    def fact(self, fact: Fact, place: Place, year: int, window: Any = None) -> Sql:
        """A fact of an object as SQL: given, else computed by its 算法, else by the policy's 认定; before 起年 it is 无; otherwise unknown."""
        memo = (place.row.alias, fact.name, year if fact.yearly or fact.formula is not None else None, window)
        if memo not in place.query.memo:
            place.query.memo[memo] = self._read(fact, place, year, window)
        return place.query.memo[memo]

    def _read(self, fact: Fact, place: Place, year: int, window: Any) -> Sql:
        period: Period = year if fact.yearly else None
        if window is not None and fact.yearly:
            period = window_of(window, year)
        given = self.stored(fact.name, fact.kind, period, place)
        rule = next(
            (rule for rule in self.bound.rules.values() if rule.kind == "认定" and rule.name == fact.name and self.vocabulary.is_kind(place.kind, rule.object)),
            None,
        )
        name = place.row.prefix + column_name(fact.name, period)
        if rule is not None:
            judged = self.named_let(self.recognised(rule, place, year), place, name + "·认定")
            return truth(f"CASE WHEN {given.sql} THEN TRUE ELSE {judged.sql} END", why=when(f"({given.sql}) IS NOT TRUE", judged.why), **opens(under(f"({given.sql}) IS NOT TRUE", judged))) if given.sql != "CAST(NULL AS BOOLEAN)" else judged
        waits = Waits.OFFICE if fact.source in OFFICE_SOURCES else Waits.APPLICANT
        absent = self.record(place, fact.name, period, waits=waits)
        if period is not year and window is not None and fact.yearly:
            return replace(given, why=when(given.is_unknown, absent))
        if fact.formula is not None:
            return self._or_computed(given, fact, place, year, name)
        if fact.name in self.standards.scores:
            scored = self.named_let(self._score(fact, place, year), place, name + "·计分")
            return self._either(given, scored)
        start = self.vocabulary.start_fact(place.kind) if fact.yearly else ""
        if start and not given.is_sure:
            since = self.stored(start, "year", None, place)
            if since.low <= since.high and year < since.high and since.sql != "CAST(NULL AS BIGINT)":
                before = f"({given.sql} IS NULL AND COALESCE({since.sql} > {year}, FALSE))"
                given = replace(given, none=f"({before} OR {given.none})" if given.none else before)
        return replace(given, why=when(given.is_unknown, absent))

    def stored(self, fact: str, kind: str, period: Period, place: Place) -> Sql:
        """A fact as it stands on file, in the table of the object in scope."""
        columns = self.frames.objects[place.row.kind].columns if place.row.exact else self.columns_of(place.row.kind)
        column = columns.get((fact, period))
        if column is None:
            return unknown(_KINDS.get(kind, "text"), "")
        sql = place.query.take(place.row.alias, column.name, place.row.prefix)
        none = ""
        if column.has_none:
            none = f"COALESCE({place.query.take(place.row.alias, column.none_name, place.row.prefix)}, FALSE)"
        low, high = column.found or (column.low if column.least is None else column.least, 2199 if column.kind == "date" else column.high)
        found = Sql(_KINDS.get(column.kind, "text"), sql, den=column.scale, low=low, high=high, none=none)
        if column.kind == "object" and self.frames.numbers is not None:
            found = replace(found, numbered=(sql, place.query.take(place.row.alias, number_name(column.name), place.row.prefix)))
        # known of all: the row is there (nothing was joined to find it), and every object of every type states it
        everywhere = place.row is place.query.row and (place.row.exact or all((fact, period) in self.frames.objects[name].columns for name in self.kinds_of(place.row.kind)))
        return sure(found) if everywhere and not column.has_unknown and not column.has_none else found

    def columns_of(self, kind: str) -> dict[Any, Any]:
        """The stored columns of an object type and of all it comprises."""
        found: dict[Any, Any] = {}
        for name in self.kinds_of(kind):
            for key, column in self.frames.objects[name].columns.items():
                other = found.get(key)
                if other is None or other == column:
                    found[key] = column
                else:
                    scale = max(other.scale, column.scale) if max(other.scale, column.scale) % min(other.scale, column.scale) == 0 else other.scale * column.scale
                    found[key] = replace(other, scale=scale, low=min(other.low * (scale // other.scale), column.low * (scale // column.scale)),
                                         high=max(other.high * (scale // other.scale), column.high * (scale // column.scale)), found=_widest(other, column, scale),
                                         has_none=other.has_none or column.has_none, has_unknown=True)  # fmt: skip
        return found

    def kinds_of(self, kind: str) -> list[str]:
        """The object types with a table that are of a kind."""
        return [name for name in self.vocabulary.objects if name in self.frames.objects and self.vocabulary.is_kind(name, kind)]

    def _or_computed(self, given: Sql, fact: Fact, place: Place, year: int, name: str) -> Sql:
        marker = (id(place.query), place.row.alias, fact.name, year)
        if marker in self._inside:
            raise RecursionError(fact.name)
        self._inside.append(marker)
        try:
            assert fact.formula is not None
            found = self.lower(fact.formula, Place(place.query, place.row, None, fact.name), year)
        finally:
            self._inside.pop()
        if fact.kind == "year" and found.kind == "number":
            found = replace(found, kind="number")
        own = [self.record(place, fact.name, year if fact.yearly else None, "可由明细算出", waits) for waits in (Waits.OFFICE, Waits.APPLICANT)]
        if fact.source in OFFICE_SOURCES:
            ask = own[0]
        else:  # whom it waits for: the office where all that is missing is the office's
            applicant = f"instr({text(RECORD)} || {found.why or text('')}, {text(RECORD + WAITS[Waits.APPLICANT] + FIELD)})"
            cycle = f"instr({text(RECORD)} || {found.why or text('')}, {text(RECORD + WAITS[Waits.CYCLE] + FIELD)})"
            ask = f"CASE WHEN {applicant} > 0 OR {cycle} > 0 THEN {own[1]} ELSE {own[0]} END"
        found = replace(found, why=when(found.is_unknown, joined([found.why, ask])) if found.why else "")
        return self._either(given, self.named_let(found, place, name + "·算法"))

    def _either(self, given: Sql, other: Sql) -> Sql:
        """What is given, else the other."""
        if given.sql.startswith("CAST(NULL"):
            return other
        absent = given.is_unknown
        none = f"CASE WHEN {given.none} THEN TRUE WHEN {given.sql} IS NOT NULL THEN FALSE ELSE {other.none or 'FALSE'} END" if given.none else \
            f"(({given.sql}) IS NULL AND {other.none})" if other.none else ""
        changes: dict[str, Any] = {}
        for name in ("floor", "ceiling"):
            bound = getattr(other, name)
            if bound is not None:
                changes[name] = replace(bound, sql=f"CASE WHEN {absent} THEN {bound.sql} END")
        if given.kind == "number":
            found = choice([(absent, other), ("", given)])
        else:
            found = replace(given, sql=f"CASE WHEN {absent} THEN {other.sql} ELSE {given.sql} END")
            if given.number and other.number:
                found = replace(found, numbered=(found.sql, f"CASE WHEN {absent} THEN {other.number} ELSE {given.number} END"))
        return replace(found, none=none, why=when(absent, other.why), **changes, **opens(given, under(absent, other)))

    def named_let(self, value: Sql, place: Place, name: str) -> Sql:
        """A value worked out once, under a name."""
        query = place.query
        if value.sql.startswith(("CAST(NULL", '"')) or value.constant is not None:
            kept = value
        else:
            kept = renamed(value, query.let(value.sql, name))
        if kept.over and not kept.over.startswith('"'):
            kept = replace(kept, over=query.let(kept.over, name + "·分母"))
        if kept.none and not kept.none.startswith('"'):
            kept = replace(kept, none=query.let(kept.none, name + "·无"))
        if kept.why:
            kept = replace(kept, why=query.let(kept.why, name + "·缺", reason=True))
        for side in ("floor", "ceiling"):
            bound = getattr(kept, side)
            if bound is not None:
                kept = replace(kept, **{side: replace(bound, sql=query.let(bound.sql, f"{name}·{'下' if side == 'floor' else '上'}界"))})
        return kept

    def _score(self, fact: Fact, place: Place, year: int) -> Sql:
        own = Place(place.query, place.row, None, fact.name)
        parts = [self.lower(Limited(score, most, None) if most is not None else score, own, year) for score, most in self.standards.scores[fact.name]]
        found = number(0)
        for part in parts:
            found = add(found, part)
        return self.plain(found, self.combined(place, year, fact.name, *parts), *parts)

    def recognised(self, rule: Rule, place: Place, year: int) -> Sql:
        """认定: the test (应认定), or the test and then the office's decision (可认定)."""
        found = self.judged(rule, place, year)
        if rule.decision == "可认定":
            decision = self.stored(rule.name + "决定", "truth", year, place)
            absent = self.record(place, rule.name + "决定", year, waits=Waits.OFFICE)
            decided = self.as_truth(replace(decision, why=when(decision.is_unknown, absent)), none="TRUE")
            found = self._all_of([found, decided])
        return found

    def as_truth(self, value: Sql, none: str = "FALSE") -> Sql:
        if not value.none:
            return value
        return replace(value, sql=f"CASE WHEN {value.none} THEN {none} ELSE {value.sql} END", none="")

    def judged(self, rule: Rule, place: Place, year: int) -> Sql:
        """条件 and 任一 of a rule as one truth in SQL."""
        own = Place(place.query, place.row, rule, values={value.name: value for value in rule.values})
        results = [self.condition(item, own, year) for item in rule.conditions]
        if rule.any_of:
            results.append(self.any_of([self.condition(item, own, year) for item in rule.any_of]))
        return self._all_of(results)

    def relation(self, fact: Fact, place: Place, year: int) -> Sql:
        """A relation: the key it states, and the object's own columns joined."""
        found = self.fact(fact, place, year)
        if found.sql.startswith("CAST(NULL"):
            return replace(found, kind="object", numbered=(found.sql, "CAST(NULL AS INTEGER)" if self.frames.numbers is not None else ""))
        column = column_name(fact.name, year if fact.yearly else None)
        alias = place.query.alias(f"{place.row.alias}/{column}")
        key = f"{place.row.alias}.{quoted(column)}"
        kinds = self.kinds_of(fact.target)
        number = f"{place.row.alias}.{quoted(number_name(column))}" if self.has_numbers(fact.target) else ""
        row = Row(fact.target, alias, key, text(fact.target), f"{place.row.prefix}{column}的", number=number)
        if kinds:
            place.query.join_under(place.row.alias, alias, self.source(fact.target), f"{alias}.{quoted(number_name(KEY))} = {number}" if number else f"{alias}.{quoted(KEY)} = {key}")
            row = replace(row, kind_sql=f"COALESCE({alias}.{quoted('种类')}, {text(fact.target)})")
        return replace(found, kind="object", row=row)

    def source(self, kind: str) -> str:
        """The table of an object type, its own columns and those of all it comprises, with the actual type of each object."""
        kinds = self.kinds_of(kind)
        columns = self.columns_of(kind)
        if not kinds:
            number = f"CAST(NULL AS INTEGER) AS {quoted(number_name(KEY))}, " if self.has_numbers(kind) else ""
            return f"(SELECT CAST(NULL AS STRING) AS {quoted(KEY)}, {number}{text(kind)} AS {quoted('种类')} WHERE 1 = 0)"
        if kinds == [kind]:
            return f"(SELECT *, {text(kind)} AS {quoted('种类')} FROM {quoted(table_name(kind))})"
        parts = []
        for name in kinds:
            own = self.frames.objects[name].columns
            cells = [quoted(KEY), f"{text(name)} AS {quoted('种类')}", *([quoted(number_name(KEY))] if self.has_numbers(kind) else [])]
            for key, column in columns.items():
                here = own.get(key)
                if here is None:
                    cells.append(f"CAST(NULL AS {_TYPES.get(column.kind, 'VARCHAR')}) AS {quoted(column.name)}")
                else:
                    factor = column.scale // here.scale
                    cells.append((quoted(column.name) if factor == 1 else f"{quoted(column.name)} * {factor}") + f" AS {quoted(column.name)}")
                if column.kind == "object" and self.frames.numbers is not None:
                    cells.append((quoted(number_name(column.name)) if here is not None else "CAST(NULL AS INTEGER)") + f" AS {quoted(number_name(column.name))}")
                if column.has_none:
                    stated = here is not None and here.has_none
                    cells.append((quoted(column.none_name) if stated else "FALSE") + f" AS {quoted(column.none_name)}")
            parts.append(f"SELECT {', '.join(cells)} FROM {quoted(table_name(name))}")
        return "(" + " UNION ALL ".join(parts) + ")"

    def _claim_fact(self, place: Place, name: str, year: int) -> Sql:
        """A fact of the claim itself (申报)."""
        assert place.rule is not None
        fact = self.vocabulary.fact(CLAIM, name)
        waits = Waits.OFFICE if fact and fact.source in OFFICE_SOURCES else Waits.APPLICANT
        found = self.claim_column(place, name, year, fact.kind if fact else "text")
        key = f"({text(place.rule.name + ' ')} || {self.key(place)})"
        return replace(found, why=when(found.is_unknown, self.said(waits, text(CLAIM), key, name, None)))

    def claim_column(self, place: Place, name: str, year: int, kind: str) -> Sql:
        """What the claim states: for the year, else without a year."""
        rule = place.rule
        assert rule is not None
        alias = place.query.alias(f"申报/{rule.name}")
        if place.query.row is place.row:
            same = f"{alias}.{quoted(number_name(KEY))} = {place.row.number}" if place.row.number else f"{alias}.{quoted(KEY)} = {place.row.key}"
            match = f"{alias}.{quoted('奖补')} = {text(rule.name)} AND {same}"
            place.query.join(alias, f"LEFT JOIN {quoted(self.frames.claims.name)} AS {alias} ON {match}")
        found = [column for period in (year, None) if (column := self.frames.claims.find(name, period)) is not None]
        if not found or place.query.row is not place.row:
            return unknown(_KINDS.get(kind, "text"), "")
        values = []
        for column in found:
            sql = place.query.take(alias, column.name, f"{rule.name}申报的")
            none = f"COALESCE({place.query.take(alias, column.none_name, rule.name + '申报的')}, FALSE)" if column.has_none else ""
            values.append(Sql(_KINDS.get(column.kind, "text"), sql, den=column.scale, low=column.low, high=column.high, none=none))
        return values[0] if len(values) == 1 else self._either(values[0], values[1])

    # --- 值, tables -----------------------------------------------------------------------------------------------------------------

    def named(self, place: Place, name: str, year: int) -> Sql:
        """A 值 of the rule; it may use the ones before it."""
        value: Value = place.values[name]
        before = {}
        for other, node in place.values.items():
            if other == name:
                break
            before[other] = node
        own = Place(place.query, place.row, place.rule, place.label if not isinstance(value.body, Tiers) else "", before, place.own)
        own.label = ""
        if not isinstance(value.body, Tiers):
            return self.lower(value.body, own, year)
        rows = [(label, test if test.sql in ("TRUE", "FALSE") else self.named_let(test, own, f"{name}·行{number + 1}"), found)
                for number, (label, test, found) in enumerate(self.rows(value.body, own, year))]  # fmt: skip
        return self.first_row(rows, lambda: self.undefined(place, year, name, "没有一行相符"))

    def rows(self, tiers: Tiers, place: Place, year: int) -> list[tuple[str, Sql, Sql]]:
        """A tier table as (label as now read, test, value) rows."""
        found = []
        for row in tiers.rows:
            inside = replace_place(place, row.label)
            tests = self._all_of([self.condition(cell, inside, year) for cell in row.cells if not isinstance(cell, Always)])
            found.append((as_now_read(row.label, self.bound), tests, self.lower(row.value, inside, year)))
        return found

    def first_row(self, rows: list[tuple[str, Sql, Sql]], otherwise: Any) -> Sql:
        """The value of the first row that holds; unknown where an undecided row stands in the way, or where none holds (otherwise says why)."""
        if not rows:
            return unknown("number", otherwise())
        nones, whys = [], []
        cases: list[tuple[str, Sql]] = []
        blank = Sql("number", "NULL")
        for _, test, value in rows:
            cases += [(test.sql, value), (f"({test.sql}) IS NULL", blank)]
            nones.append(f"WHEN {test.sql} THEN {value.none or 'FALSE'} WHEN ({test.sql}) IS NULL THEN FALSE")
            whys.append(f"WHEN {test.sql} THEN {value.why or text('')} WHEN ({test.sql}) IS NULL THEN {test.why or text('')}")
        parts: list[Sql] = []
        reached = ""
        for _, test, value in rows:  # a row is asked where none before it holds, its value where it does
            here = f"{reached} AND {test.sql}" if reached else test.sql
            parts += [under(reached, test), under(here, value)]
            reached = f"{reached} AND {test.sql} IS FALSE" if reached else f"{test.sql} IS FALSE"
        none = f"CASE {' '.join(nones)} ELSE FALSE END" if any(value.none for _, _, value in rows) else ""
        why = f"CASE {' '.join(whys)} ELSE {otherwise()} END"
        return replace(choice(cases), none=none, why=why, **{"opened": frozenset(), "adjust": frozenset(), **opens(*parts)})

    def earlier(self, rule: Rule | None, place: Place, year: int) -> tuple[str, str, str, tuple[int, ...]]:
        """Payments of earlier years to the object in scope: columns (years enjoyed, first year, sum), and the years there are."""
        assert rule is not None
        years = tuple(item for item in self.frames.ledger_years.get(rule.name, ()) if item < year)
        if not years:
            return "0", UNKNOWN, "0", ()
        alias = f"h{sorted(self.bound.rules).index(rule.name)}_{year}_{place.row.alias}"
        documents = ", ".join(text(name) for name in self.documents) or "''"
        key, same = (quoted(number_name(KEY)), place.row.number) if place.row.number else (quoted(KEY), place.row.key)
        place.query.join(
            alias,
            f"LEFT JOIN (SELECT {key}, COUNT(DISTINCT {quoted('年度')}) AS n, MIN({quoted('年度')}) AS y, narrow(SUM(wide({quoted('金额')}))) AS s FROM {quoted(LEDGER)} "
            f"WHERE {quoted('奖补')} = {text(rule.name)} AND {quoted('年度')} < {year} AND {quoted('金额')} > 0 AND {quoted('文件')} IN ({documents}) "
            f"GROUP BY {key}) AS {alias} ON {alias}.{key} = {same}",
        )
        prefix = f"{place.row.prefix}{rule.name}·{year}年前"
        count = place.query.expose(f"COALESCE({alias}.n, 0)", prefix + "享受年数")
        first = place.query.expose(f"{alias}.y", prefix + "首奖年")
        total = place.query.expose(f"COALESCE({alias}.s, 0)", prefix + "已付")
        return count, first, total, years

    # --- expressions: lower.py ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def lower(self, node: Node, place: Place, year: int) -> Sql:
        """The value of a node for the object in scope."""

    @abstractmethod
    def condition(self, node: Node, place: Place, year: int) -> Sql:
        """A node as a truth."""


def _widest(one: Any, other: Any, scale: int) -> tuple[int, int] | None:
    """The least and the greatest of two columns, as stored over a common scale; None where nobody looked at one of them."""
    if one.found is None or other.found is None:
        return None
    ends = [end * (scale // column.scale) for column in (one, other) for end in column.found]
    return min(ends), max(ends)


def _decimal(sql: str, den: int) -> str:
    """A number over a power of ten as its shortest decimal, as `values.money.decimal_text` writes it."""
    digits = len(str(den)) - 1

    def written(top: str) -> str:
        cases = []
        for places in range(digits + 1):
            whole = f"idiv({top}, {den // 10**places})"
            if places == 0:
                cases.append(f"WHEN imod({top}, {den}) = 0 THEN CAST({whole} AS STRING)")
            else:
                tail = f"lpad(CAST(imod({whole}, {10**places}) AS STRING), {places}, '0')"
                cases.append(f"WHEN imod({top}, {den // 10**places}) = 0 THEN CAST(idiv({top}, {den}) AS STRING) || '.' || {tail}")
        return f"CASE {' '.join(cases)} END"

    return f"CASE WHEN {sql} < 0 THEN '-' || {written(f'(0 - {sql})')} ELSE {written(sql)} END"


def _in_turn(items: list[Sql], decides: str) -> list[Sql]:
    """Conditions that are asked one after the other until one of them decides (TRUE or FALSE)."""
    found = list(items)
    for place, item in enumerate(items):
        if place and (item.opened or item.adjust):
            found[place] = under(" AND ".join(f"({before.sql}) IS NOT {decides}" for before in items[:place]), item)
    return found


def replace_place(place: Place, label: str) -> Place:
    """The same place inside a tier row."""
    return Place(place.query, place.row, place.rule, label, place.values, place.own)


def day(value: date) -> Sql:
    """A day, written out."""
    return sure(Sql("date", f"DATE '{value.isoformat()}'", low=value.year, high=value.year))


def window_of(window: Any, year: int) -> tuple[date, date]:
    """First and last day of a 期间 in an award year."""
    (first_year, *first), (last_year, *last) = window.start, window.end
    return date(year + first_year, *first), date(year + last_year, *last)
