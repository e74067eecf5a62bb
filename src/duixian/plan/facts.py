"""A fact of an object or of a claim as SQL: given, computed by its 算法, by the marks of the year or by a 认定; what stands for it where it is not there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any

from ..policy.model import Rule
from ..policy.syntax import Limited, Node
from ..policy.vocabulary import CLAIM, OFFICE_SOURCES, Fact
from ..values.facts import Period
from ..values.frames import KEY, column_name, number_name
from ..values.period import window_of
from ..values.terms import Waits
from .place import Place
from .query import Row
from .sql import FALSE, FIELD, RECORD, TRUE, Sql, add, choice, joined, number, opens, quoted, renamed, sure, text, truth, under, unknown, when
from .stored import KINDS, WAITS, Stored


class Facts(Stored, ABC):
    """Facts of one bound policy, and the truths and numbers worked out of them."""

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

    def all_of(self, items: list[Sql]) -> Sql:
        """且."""
        return self._together(items, "AND", TRUE, FALSE)

    def any_of(self, items: list[Sql]) -> Sql:
        """或."""
        return self._together(items, "OR", FALSE, TRUE)

    def _together(self, items: list[Sql], word: str, idle: Sql, decides: Sql) -> Sql:
        """Truths under one word: one that is idle changes nothing, one that decides ends it."""
        kept = _in_turn([item for item in items if item.sql != idle.sql], decides.sql)
        if any(item.sql == decides.sql for item in kept):
            return decides
        if len(kept) <= 1:
            return kept[0] if kept else idle
        return self.truth("(" + f" {word} ".join(item.sql for item in kept) + ")", joined(item.why for item in kept), *kept)

    # --- facts -----------------------------------------------------------------------------------------------------------------------------

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
        if given.kind == "number":
            found = choice([(absent, other), ("", given)])
        else:
            found = replace(given, sql=f"CASE WHEN {absent} THEN {other.sql} ELSE {given.sql} END")
            if given.number and other.number:
                found = replace(found, numbered=(found.sql, f"CASE WHEN {absent} THEN {other.number} ELSE {given.number} END"))
        return replace(found, none=none, why=when(absent, other.why), **opens(given, under(absent, other)))

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
            found = self.all_of([found, decided])
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
        return self.all_of(results)

    # --- relations, claims -----------------------------------------------------------------------------------------------------------------

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
            return unknown(KINDS.get(kind, "text"), "")
        values = []
        for column in found:
            sql = place.query.take(alias, column.name, f"{rule.name}申报的")
            none = f"COALESCE({place.query.take(alias, column.none_name, rule.name + '申报的')}, FALSE)" if column.has_none else ""
            values.append(Sql(KINDS.get(column.kind, "text"), sql, den=column.scale, low=column.low, high=column.high, none=none))
        return values[0] if len(values) == 1 else self._either(values[0], values[1])

    # --- expressions: lower.py -------------------------------------------------------------------------------------------------------------

    @abstractmethod
    def lower(self, node: Node, place: Place, year: int) -> Sql:
        """The value of a node for the object in scope."""

    @abstractmethod
    def condition(self, node: Node, place: Place, year: int) -> Sql:
        """A node as a truth."""


def _in_turn(items: list[Sql], decides: str) -> list[Sql]:
    """Conditions that are asked one after the other until one of them decides (TRUE or FALSE)."""
    found = list(items)
    for place, item in enumerate(items):
        if place and (item.opened or item.adjust):
            found[place] = under(" AND ".join(f"({before.sql}) IS NOT {decides}" for before in items[:place]), item)
    return found
