"""What else an expression reads, as SQL: relations walked, parameters, 值, earlier payments.

The year is known while the plan is made. What the ledger or an object says about years (首奖年, 起年) is a CASE over the years there are.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from ..policy.model import Parameter, Rule
from ..policy.readings import as_now_read
from ..policy.resolve import Hop, Unresolved, resolve_key
from ..policy.standards import EVERY
from ..policy.syntax import Always, Path, Tiers, Value
from ..values.frames import KEY, LEDGER, number_name
from ..values.terms import Waits
from .facts import Facts
from .place import Place
from .query import Query
from .sql import BLANK, FIELD, RECORD, Sql, aligned, choice, joined, number, opens, quoted, sure, text, under, unknown, when
from .stored import KINDS, WAITS

UNKNOWN = "CAST(NULL AS BIGINT)"


class Reads(Facts):
    """What expressions read, of one bound policy over facts of a known shape."""

    # --- keys that are numbers -------------------------------------------------------------------------------------------------------------

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

    # --- paths -----------------------------------------------------------------------------------------------------------------------------

    def follow(self, hops: list[Hop], place: Place, year: int) -> Sql:
        """Walk relations to a value by joins; an unknown or missing link ends the walk."""
        first, rest = hops[0], hops[1:]
        if first.role == "claim" and rest:
            return self._claim_fact(place, rest[0].name, year)
        here = self._hop(first, place, year)
        if not rest:
            return here
        if here.row is None:
            end = KINDS.get(rest[-1].fact.kind, "text") if rest[-1].fact is not None else "object"
            nowhere = when(here.none, self.undefined(place, year, first.name, "没有" + first.name))
            return replace(unknown(end, joined([here.why, nowhere])), **opens(here))
        onward = self.follow(rest, Place(place.query, here.row, place.rule, place.label, own=False), year)
        if here.row is place.row:
            return onward
        known = f"({here.sql}) IS NOT NULL"
        nothing = when(here.none, self.undefined(place, year, first.name, "没有" + first.name)) if here.none else ""
        changes: dict[str, Any] = {"why": joined([here.why, nothing, when(known, onward.why)])}
        last = rest[-1].fact
        stored = onward.constant is None and last is not None and last.formula is None and last.name not in self.bound.rules and last.name not in self.standards.scores
        changes["sql"] = onward.sql if stored else f"CASE WHEN {known} THEN {onward.sql} END"  # what is stored is NULL where the row joined is none
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

    # --- 值, tables -------------------------------------------------------------------------------------------------------------------------

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
            tests = self.all_of([self.condition(cell, inside, year) for cell in row.cells if not isinstance(cell, Always)])
            found.append((as_now_read(row.label, self.bound), tests, self.lower(row.value, inside, year)))
        return found

    def first_row(self, rows: list[tuple[str, Sql, Sql]], otherwise: Any) -> Sql:
        """The value of the first row that holds, or what is known of it; unknown where an undecided row stands in the way, or none holds (otherwise says why)."""
        if not rows:
            return unknown("number", otherwise())
        nones, whys = [], []
        cases: list[tuple[str, Sql]] = []
        for _, test, value in rows:
            cases += [(test.sql, value), (f"({test.sql}) IS NULL", BLANK)]
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


def replace_place(place: Place, label: str) -> Place:
    """The same place inside a tier row."""
    return Place(place.query, place.row, place.rule, label, place.values, place.own)


def day(value: date) -> Sql:
    """A day, written out."""
    return sure(Sql("date", f"DATE '{value.isoformat()}'", low=value.year, high=value.year))
