"""Nodes → SQL: one method a node, the same meaning as `engine.interpret`, for one object and one year. Nothing of the interpreter is used here.

The year is known while the plan is made, so 上年 and its kin are lowered once more for the year before. What an expression reads: reads.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from ..policy.render import phrase
from ..policy.resolve import resolve_path
from ..policy.syntax import (
    Aggregate,
    Always,
    And,
    Between,
    Binary,
    Call,
    Compare,
    DateLiteral,
    In,
    Is,
    Limited,
    Node,
    Not,
    Number,
    Open,
    Or,
    OrdinalTest,
    Path,
    Step,
    Subject,
    Word,
    YearIndex,
    between_facts,
)
from ..values.facts import Missing
from ..values.terms import Waits
from .aggregates import aggregate
from .functions import FUNCTIONS
from .place import Place
from .reads import Reads, day
from .sql import (
    TRUE,
    Sql,
    add,
    as_date,
    compare,
    divide,
    extreme,
    joined,
    multiply,
    number,
    opens,
    renamed,
    steps,
    text,
    truth,
    unknown,
    when,
)

OPERATORS = {"≥": ">=", ">": ">", "≤": "<=", "<": "<"}
OPPOSITE = {"≥": "<", ">": "<=", "≤": ">", "<": ">="}


class Lowering(Reads):
    """The expressions of one bound policy."""

    # --- nodes ----------------------------------------------------------------------------------------------------------------------

    def lower(self, node: Node, place: Place, year: int) -> Sql:
        """What a node means for the object in scope and a year."""
        return _LOWER[type(node)](self, node, place, year)

    def condition(self, node: Node, place: Place, year: int) -> Sql:
        """A node used as a condition: 无 is decided and is not 是."""
        found = self.lower(node, place, year)
        if not found.none:
            return found
        return truth(f"CASE WHEN {found.none} THEN FALSE ELSE {found.sql} END", why=found.why, **opens(found))

    def _number(self, node: Number, place: Place, year: int) -> Sql:
        return number(node.value)

    def _date(self, node: DateLiteral, place: Place, year: int) -> Sql:
        return day(node.day)

    def _always(self, node: Always | Subject, place: Place, year: int) -> Sql:
        return TRUE

    def _open(self, node: Open, place: Place, year: int) -> Sql:
        owner = place.rule.name if place.rule else place.label
        key = (node.name, "") if node.name else (owner, place.label if place.rule else "")
        ceiling = node.ceiling.value if isinstance(node.ceiling, Number) else None
        setting = self.standards.settings.get(key)
        adopted = setting.value if setting else None
        item = key[0] + (f"（{key[1]}）" if key[1] else "")
        asked = frozenset({(*key, "")})
        adjust = asked if place.rule is not None else frozenset()
        if key in self.varying:
            return replace(self.varying[key].sql(ceiling), adjust=adjust)
        if isinstance(adopted, (Fraction, int)):
            return replace(number(min(Fraction(adopted), ceiling) if ceiling is not None else adopted), adjust=adjust)
        if adopted is not None:
            return replace(day(adopted) if isinstance(adopted, date) else Sql("text", text(str(adopted))), adjust=adjust)
        if ceiling is None or self.unset_standard == "不计算":
            return replace(unknown("number", self.said(Waits.OFFICE, "''", "''", item, None, "年度标准未定")), adjust=adjust)
        return replace(number(ceiling), opened=asked, adjust=adjust)

    def _binary(self, node: Binary, place: Place, year: int) -> Sql:
        left, right = self.lower(node.left, place, year), self.lower(node.right, place, year)
        label = phrase(node)
        why = self.combined(place, year, label, left, right)
        if node.operator in "+−":
            found = add(left, right, 1 if node.operator == "+" else -1)
        elif node.operator == "×":
            found = multiply(left, right)
        else:
            found = divide(left, right)
            if not (right.constant is not None and right.constant > 0):
                low = f"{left.sql} IS NOT NULL AND {right.sql} <= 0"
                why = joined([why, when(low, self.undefined(place, year, label, "除数为 0 或负数"))])
        return self.plain(found, why, left, right)

    def _step(self, node: Step, place: Place, year: int) -> Sql:
        left, size, amount = (self.lower(part, place, year) for part in (node.left, node.size, node.amount))
        label = phrase(node)
        why = self.combined(place, year, label, left, size, amount)
        if not (size.constant is not None and size.constant > 0):
            low = f"{left.sql} IS NOT NULL AND {size.sql} <= 0 AND {amount.sql} IS NOT NULL"
            why = joined([why, when(low, self.undefined(place, year, label, "每一份为 0 或负数"))])
            size = replace(size, sql=f"CASE WHEN {size.sql} > 0 THEN {size.sql} END", constant=None)
        if node.word == "每满":
            found = multiply(steps(left, size), amount)
        else:
            positive = left if left.low >= 0 else replace(left, sql=f"CASE WHEN {left.sql} <= 0 THEN 0 ELSE {left.sql} END", low=0, constant=None)
            found = divide(multiply(positive, amount), size)
        return self.plain(found, why, left, size, amount)

    def _limited(self, node: Limited, place: Place, year: int) -> Sql:
        inner = self.lower(node.inner, place, year)
        parts, found = [inner], inner
        for name, limit in (("LEAST", node.most), ("GREATEST", node.least)):
            if limit is not None:
                parts.append(self.lower(limit, place, year))
                found = extreme(name, [found, parts[-1]])
        return self.plain(found, self.combined(place, year, phrase(node), *parts), *parts)

    def _compare(self, node: Compare | Between, place: Place, year: int) -> Sql:
        if isinstance(node.left, Call) and node.left.function in ("两年平均增长率", "时长"):
            return (self._average_growth if node.left.function == "两年平均增长率" else self._duration)(node, place, year)
        left = self.lower(node.left, place, year)
        return self.all_of([self._one(left, operator, self.lower(right, place, year), phrase(node), place, year) for operator, right in bounds_of(node)])

    def _one(self, left: Sql, operator: str, right: Sql, label: str, place: Place, year: int) -> Sql:
        sql = compare(left, OPERATORS[operator], right)
        if left.floor is not None or left.ceiling is not None:  # what is known of an unknown may decide
            decided = []
            for bound, wins in ((left.floor, operator in "≥>"), (left.ceiling, operator in "≤<")):
                if bound is not None:
                    sign = OPERATORS[operator] if wins else OPPOSITE[operator]
                    decided.append(f"WHEN {left.sql} IS NULL AND {compare(bound, sign, right)} THEN {'TRUE' if wins else 'FALSE'}")
            sql = f"CASE {' '.join(decided)} ELSE {sql} END"
        return self.truth(sql, self.combined(place, year, label, left, right), left, right)

    def _average_growth(self, node: Any, place: Place, year: int) -> Sql:
        """f(Y) against f(Y−2) × (1 + r)², for a positive f(Y−2)."""
        now, base = self.lower(node.left.arguments[0], place, year), self.lower(node.left.arguments[0], place, year - 2)
        results = []
        for operator, right in bounds_of(node):
            rate = self.lower(right, place, year)
            one = add(number(1), rate)
            sql = f"CASE WHEN {base.sql} > 0 THEN {compare(now, OPERATORS[operator], multiply(base, multiply(one, one)))} END"
            low = f"{now.sql} IS NOT NULL AND {rate.sql} IS NOT NULL AND {base.sql} <= 0"
            why = joined([self.combined(place, year, phrase(node), now, base, rate), when(low, self.undefined(place, year, phrase(node), "前年为 0 或负数"))])
            results.append(replace(self.truth(sql, why, now, base, rate), never_null=""))
        return self.all_of(results)

    def _duration(self, node: Any, place: Place, year: int) -> Sql:
        start, end = (as_date(self.lower(argument, place, year)) for argument in node.left.arguments)
        facts, begun = between_facts(node.left), any(operator in "≥>" for operator, _ in bounds_of(node))
        tests = [] if facts or begun else [f"({end.sql} >= {start.sql})"]  # what is full has begun
        for operator, right in bounds_of(node):
            amount, unit = int(right.value), "日" if right.unit == "天" else right.unit.removeprefix("个")
            if unit == "年":
                amount, unit = 12 * amount, "月"
            if end.sql.startswith("DATE '") and 0 <= amount <= 1200:  # the day is fixed: one comparison of days
                latest = _latest(date.fromisoformat(end.sql[6:16]), amount, unit, strictly=operator in (">", "≤"))
                tests.append(f"({start.sql} {'<=' if operator in ('≥', '>') else '>'} DATE '{latest.isoformat()}')")
                continue
            full = f"day_plus({start.sql}, {amount})" if unit == "日" else f"day_after({start.sql}, {amount})"
            tests.append(f"({end.sql} {OPERATORS[operator]} {full})")
        sql, why = "(" + " AND ".join(tests) + ")", self.combined(place, year, phrase(node), start, end)
        if not facts:
            return self.truth(sql, why, start, end)
        backward = f"{end.sql} < {start.sql}"
        why = joined([why, when(backward, self.undefined(place, year, phrase(node), "止日早于起日"))])
        return replace(self.truth(f"CASE WHEN NOT ({backward}) THEN {sql} END", why, start, end), never_null="")

    def _is(self, node: Is, place: Place, year: int) -> Sql:
        left = self.lower(node.left, place, year)
        equal = "<>" if node.negated else "="
        if not isinstance(node.value, str):
            return self._same(left, self.lower(node.value, place, year), node.negated, place, year)
        if node.value == "无":
            if not left.none:
                return self.truth(f"CASE WHEN {left.sql} IS NULL THEN NULL ELSE {'TRUE' if node.negated else 'FALSE'} END", left.why, left)
            yes = "FALSE" if node.negated else "TRUE"
            return self.truth(f"CASE WHEN {left.none} THEN {yes} WHEN {left.sql} IS NULL THEN NULL ELSE NOT {yes} END", left.why, left)
        if node.value in ("首年", "后续年度"):
            first = (node.value == "首年") is not node.negated
            return self.truth(f"({left.sql} {'=' if first else '<>'} 1)", left.why, left)
        if node.value in ("是", "否") and left.kind == "truth":
            sql = left.sql if (node.value == "是") is not node.negated else f"(NOT {left.sql})"
        elif left.kind in ("text", "object"):
            sql = f"({left.sql} {equal} {text(node.value)})"
        else:
            sql = f"CASE WHEN {left.sql} IS NULL THEN NULL ELSE {'TRUE' if node.negated else 'FALSE'} END"
        if left.none:
            sql = f"CASE WHEN {left.none} THEN {'TRUE' if node.negated else 'FALSE'} ELSE {sql} END"
        return self.truth(sql, left.why, left)

    def _same(self, left: Sql, right: Sql, negated: bool, place: Place, year: int) -> Sql:
        same = compare(left, "=", right) if left.kind == right.kind or {left.kind, right.kind} <= {"text", "object"} else \
            f"CASE WHEN {left.sql} IS NULL OR {right.sql} IS NULL THEN NULL ELSE FALSE END"
        if left.none or right.none:
            a, b = left.none or "FALSE", right.none or "FALSE"
            unknowns = f"({left.is_unknown}) OR ({right.is_unknown})"
            same = f"CASE WHEN {unknowns} THEN NULL WHEN {a} OR {b} THEN ({a}) AND ({b}) ELSE {same} END"
        return self.truth(f"(NOT {same})" if negated else same, joined([left.why, right.why] if not (left.none or right.none) else [self.combined(place, year, "是", left, right)]), left, right)

    def _in(self, node: In, place: Place, year: int) -> Sql:
        left = self.lower(node.left, place, year)
        words, missing = self.items(node.items)
        listed = f"{left.sql} IN ({', '.join(text(word) for word in sorted(words))})" if words else "FALSE"
        why = left.why
        if missing:
            listed = f"CASE WHEN {left.sql} IS NULL THEN NULL WHEN {listed} THEN TRUE END"
            why = joined([why, *(self.said(item.waits, "''", "''", item.fact, None, item.note) for item in sorted(missing, key=lambda item: item.fact))])
        elif not words:
            listed = f"CASE WHEN {left.sql} IS NULL THEN NULL ELSE FALSE END"
        sql = f"(NOT ({listed}))" if node.negated else f"({listed})"
        if left.none:
            otherwise = "NULL" if missing else "TRUE" if node.negated else "FALSE"
            sql = f"CASE WHEN {left.none} THEN {otherwise} ELSE {sql} END"
        if missing:  # nobody knows yet what the list will be
            left = replace(left, never_null="")
        if missing and left.why:  # an unknown left side is all that is said
            why = joined([left.why, when(f"({left.sql}) IS NOT NULL" + (f" OR {left.none}" if left.none else ""), joined([why]).replace(left.why + " || ", ""))])
        return self.truth(sql, why, left)

    def items(self, items: tuple[Any, ...]) -> tuple[frozenset[str], frozenset[Missing]]:
        """The names a list compiles to, with those the year's file adds; what is missing where it adds nothing yet."""
        names, missing = set(), set()
        for item in items:
            if isinstance(item, Word):
                names.add(item.text)
            elif isinstance(item, Open):
                setting = self.standards.settings.get((item.name, ""))
                if setting and setting.value is not None:
                    names.update(setting.value if isinstance(setting.value, tuple) else (setting.text,))
                else:
                    missing.add(Missing(Waits.OFFICE, "", "", item.name, None, "名单未定"))
        return frozenset(names), frozenset(missing)

    def _ordinal(self, node: OrdinalTest, place: Place, year: int) -> Sql:
        left = self.lower(node.left, place, year)
        tests = [compare(left, sign, number(bound)) for sign, bound in ((">=", node.low), ("<=", node.high)) if bound is not None]
        sql = "(" + " AND ".join(tests) + ")" if tests else f"CASE WHEN {left.sql} IS NULL THEN NULL ELSE TRUE END"
        return self.truth(sql, self.combined(place, year, phrase(node), left), left)

    def _and(self, node: And, place: Place, year: int) -> Sql:
        return self.all_of([self.condition(item, place, year) for item in node.items])

    def _or(self, node: Or, place: Place, year: int) -> Sql:
        return self.any_of([self.condition(item, place, year) for item in node.items])

    def _not(self, node: Not, place: Place, year: int) -> Sql:
        item = self.condition(node.item, place, year)
        return renamed(item, f"(NOT {item.sql})")

    # --- names ----------------------------------------------------------------------------------------------------------------------

    def _path(self, node: Path, place: Place, year: int) -> Sql:
        return self.follow(resolve_path(self.policy, place.rule, place.kind, node, local=tuple(place.values)), place, year)

    # --- calls, aggregates, years: in their own rooms -----------------------------------------------------------------------------------

    def _call(self, node: Call, place: Place, year: int) -> Sql:
        return FUNCTIONS[node.function](self, node, place, year)

    def _year_index(self, node: YearIndex, place: Place, year: int) -> Sql:
        if node.path is not None:
            found = self.lower(node.path, place, year)
            since = replace(found, kind="number", sql=f"year_of({found.sql})", low=1900, high=2199, den=1) if found.kind == "date" else found
            return self.plain(add(number(year + 1), since, -1), self.combined(place, year, phrase(node), found), found)
        count, first, _, years = self.earlier(place.rule, place, year)
        if node.basis == "自首年起":
            return Sql("number", f"COALESCE({year + 1} - {first}, 1)", low=1, high=400) if years else number(1)
        return Sql("number", f"(1 + {count})", low=1, high=400) if years else number(1)

    def _aggregate(self, node: Aggregate, place: Place, year: int) -> Sql:
        return self.named_let(aggregate(self, node, place, year), place, phrase(node))


def _latest(end: date, amount: int, unit: str, *, strictly: bool) -> date:
    """The last day from which a time is full on `end` or before it (strictly: before it): what `day_after`, `day_plus` say, turned round."""

    def full(start: date) -> date:
        if unit == "日":
            return start + timedelta(days=amount)
        month = start.year * 12 + start.month - 1 + amount
        year, month = month // 12, month % 12 + 1
        last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
        return date(year, month, min(start.day, last))

    low, high = end.toordinal() - (amount + 1) * (1 if unit == "日" else 31), end.toordinal() + 1
    while low < high:  # full(start) never falls as start rises
        middle = (low + high + 1) // 2
        reached = full(date.fromordinal(middle))
        low, high = (middle, high) if reached < end or (reached == end and not strictly) else (low, middle - 1)
    return date.fromordinal(low)


def bounds_of(node: Compare | Between) -> list[tuple[str, Any]]:
    """The comparisons a test is made of."""
    return [(node.operator, node.right)] if isinstance(node, Compare) else [("≥", node.low), (node.upper, node.high)]


_LOWER: dict[type, Any] = {
    Number: Lowering._number, DateLiteral: Lowering._date, Always: Lowering._always, Open: Lowering._open, Path: Lowering._path,
    Binary: Lowering._binary, Step: Lowering._step, Limited: Lowering._limited, Compare: Lowering._compare, Between: Lowering._compare,
    Is: Lowering._is, In: Lowering._in, OrdinalTest: Lowering._ordinal, And: Lowering._and, Or: Lowering._or, Not: Lowering._not,
    Call: Lowering._call, Aggregate: Lowering._aggregate, YearIndex: Lowering._year_index, Subject: Lowering._always,
}  # fmt: skip
