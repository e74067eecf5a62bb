"""Payments of earlier years (历史), payments under other documents (其他政策已付) and applications (申报), drawn for a share of the objects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pyarrow as arrow

from ..policy.model import Rule
from ..policy.readings import Bound, as_now_read, bind, walk
from ..policy.resolve import Unresolved, resolve_path
from ..policy.syntax import Cap, Number, Open, Path
from ..tables.layout import CLAIMS, HISTORY, Column, fixed_columns
from ..values.diagnostic import Diagnostic
from ..values.terms import OUTSIDE
from .outline import Outline
from .rows import ClaimRow, LedgerRow
from .sheets import Sheets, nulled
from .streams import below, chance, words
from .texts import decimals, running, side_by_side, truths, typed
from .world import VALUE

BATCH = 1 << 17
_YUAN = 100
Table = dict[str, arrow.Array]


class Amounts:
    """What an award may have come to: the standards of its tiers in 分 with the words of each tier, or a range up to its cap."""

    def __init__(self, bound: Bound, rule: Rule) -> None:
        now = bound.rules[rule.name]
        self.tiers: list[tuple[int, str]] = []
        if now.tiers is not None:
            for row in now.tiers.rows:
                if (fen := _fixed(row.value)) is not None:
                    self.tiers.append((fen, as_now_read(row.label, bound)))
        elif (fen := _fixed(now.standard)) is not None:
            self.tiers.append((fen, ""))
        self.tiers.reverse()  # the lowest first: it is reached most often
        caps = [
            number.value
            for cap in now.caps
            if isinstance(cap, Cap)
            for number in walk(cap.amount)
            if isinstance(number, Number) and number.unit == "元"
        ]
        self.most = int(min(caps)) if caps else 0

    @property
    def known(self) -> bool:
        """Whether the policy says anything an amount can be taken from."""
        return bool(self.tiers) or self.most >= 100 * _YUAN


def _fixed(value: Any) -> int | None:
    """A standard that is one amount, or the ceiling of one."""
    number = value.ceiling if isinstance(value, Open) else value
    return int(number.value) if isinstance(number, Number) and number.unit == "元" else None


def check_ledger(outline: Outline) -> list[Diagnostic]:
    """Awards whose amount the policy does not fix although the profile takes it from there."""
    document, defects, bound = outline.profile.document, [], bind(outline.policy)
    for row in outline.profile.history:
        rule = outline.policy.rules[row.award]
        if row.low is None and not Amounts(bound, rule).known:
            defects.append(document.defect("DP115", row.at, found=row.award))
    for row in (*outline.profile.history, *(outline.profile.outside or ()), *outline.profile.claims):
        rule = outline.policy.rules[row.award]
        if not _kinds(outline, rule):
            defects.append(document.defect("DP114", row.at, found=f"“{rule.object}”有多少", found_en=f"the number of “{rule.object}”", expected="“对象”表里的一行"))
    return defects


def _kinds(outline: Outline, rule: Rule) -> list[str]:
    return [kind for kind in outline.columns if outline.policy.vocabulary.is_kind(kind, rule.object)]


class Ledger:
    """The three fixed tables of one population, in batches."""

    def __init__(self, outline: Outline, sheets: Sheets) -> None:
        self.outline, self.sheets, self.world = outline, sheets, sheets.world
        self.policy, self.year = outline.policy, outline.year
        self.bound = bind(outline.policy)

    def history(self) -> Iterator[Table]:
        """Rows of 历史: award by award in the order of the profile, year by year, objects in their order."""
        columns = fixed_columns(self.policy, HISTORY)
        for number, row in enumerate(self.outline.profile.history):
            amounts = Amounts(self.bound, self.policy.rules[row.award])
            for back in range(row.years, 0, -1):
                for kind, rows in self._drawn(HISTORY, number, row, back):
                    yield self._payments(columns, number, row, amounts, kind, rows, back)

    def outside(self) -> Iterator[Table]:
        """Rows of 其他政策已付, of the award year."""
        columns = fixed_columns(self.policy, OUTSIDE)
        for number, row in enumerate(self.outline.profile.outside or ()):
            for kind, rows in self._drawn(OUTSIDE, number, row, 0):
                count = len(rows)
                fen = self._between(row, rows, (OUTSIDE, number))
                found = {
                    "奖补": _constant(row.award, count), "对象": self.sheets.keys(kind, rows), "年度": _years(self.year, count),
                    "金额": decimals(fen, 2), "文号": _constant("合成文件（非真实）", count),
                }  # fmt: skip
                yield {column.header: found[column.name] for column in columns}

    def claims(self) -> Iterator[Table]:
        """Rows of 申报."""
        columns = fixed_columns(self.policy, CLAIMS)
        for number, row in enumerate(self.outline.profile.claims):
            for kind in _kinds(self.outline, self.policy.rules[row.award]):
                for rows in self._batches(kind):
                    rows = rows[chance(self.world.key(CLAIMS, number, kind), rows, row.share)]
                    if not len(rows):
                        continue
                    found = {
                        "奖补": _constant(row.award, len(rows)), "对象": self.sheets.keys(kind, rows),
                        "申报日期": typed(self._days(row, number, rows), arrow.date32()),
                        "本笔弄虚作假": truths(chance(self.world.key(CLAIMS, number, kind, "假"), rows, row.false)),
                    }  # fmt: skip
                    yield {column.header: found[column.name] for column in columns}

    # --- which objects ----------------------------------------------------------------------------------------------------------------

    def _batches(self, kind: str) -> Iterator[np.ndarray]:
        for start in range(0, self.outline.counts[kind], BATCH):
            self.world.forget()
            yield np.arange(start, min(start + BATCH, self.outline.counts[kind]), dtype=np.uint64)

    def _drawn(self, table: str, number: int, row: LedgerRow, back: int) -> Iterator[tuple[str, np.ndarray]]:
        """Objects with a payment `back` years ago. Those without `each` have one payment at most, in one of the years."""
        for kind in _kinds(self.outline, self.policy.rules[row.award]):
            start = self.outline.policy.vocabulary.start_fact(kind)
            for rows in self._batches(kind):
                key = self.world.key(table, number, kind, back if row.each else "")
                rows = rows[chance(key, rows, row.share)]
                if back and not row.each:
                    rows = rows[below(words(self.world.key(table, number, kind, "哪一年"), rows), row.years) == back - 1]
                rows = rows[self.world.holds(kind, row.only, self.year, rows)]
                if start and self.outline.row(kind, start):
                    rows = rows[self.world.values(kind, start, None, rows) <= self.year - back]
                if len(rows):
                    yield kind, rows

    # --- the cells of a payment -------------------------------------------------------------------------------------------------------

    def _payments(self, columns: tuple[Column, ...], number: int, row: LedgerRow, amounts: Amounts, kind: str, rows: np.ndarray, back: int) -> Table:
        count = len(rows)
        tiered = row.low is None and bool(amounts.tiers)
        if tiered:
            which = self._tier(amounts, words(self.world.key(HISTORY, number, kind, back, "档"), rows))
            fen = np.array([tier[0] for tier in amounts.tiers], np.int64)[which]
            labels = arrow.array([tier[1] or None for tier in amounts.tiers], arrow.string()).take(arrow.array(which))
        else:
            fen = self._between(row, rows, (HISTORY, number, back), amounts.most)
            labels = arrow.nulls(count, arrow.string())
        keys = self.sheets.keys(kind, rows)
        if not row.on_file:
            keys = side_by_side([f"合成旧{kind}".encode(), running(rows.astype(np.int64) + 1), f"号（{self.year - back}年）".encode()], count)
        found: dict[str, arrow.Array] = {
            "年度": _years(self.year - back, count), "奖补": _constant(row.award, count), "对象": keys, "金额": decimals(fen, 2),
            "文件": _constant(row.document, count), "受益人": self._payee(self.policy.rules[row.award], kind, rows), "档": labels,
            "档位标准": decimals(fen, 2) if tiered else arrow.nulls(count, arrow.decimal128(18, 2)),
        }  # fmt: skip
        return {
            column.header: found[column.name] if column.name in found else self._scope_key(kind, column.name, rows, row.on_file) for column in columns
        }

    @staticmethod
    def _tier(amounts: Amounts, drawn: np.ndarray) -> np.ndarray:
        """The lowest tier for half of all, the next for half of the rest, and so on."""
        result = np.zeros(len(drawn), np.int64)
        for place in range(1, len(amounts.tiers)):
            result += drawn >> np.uint64(64 - place) == (1 << place) - 1
        return result

    def _between(self, row: LedgerRow, rows: np.ndarray, purpose: tuple[object, ...], most: int = 0) -> np.ndarray:
        """Whole 元 between the ends of the profile, or from a twentieth of the cap up to it."""
        low, high = (row.low, row.high) if row.low is not None else (most // 20, most)
        steps = max((high - low) // _YUAN, 0) + 1
        return low + below(words(self.world.key(*purpose, "金额"), rows), steps) * _YUAN

    def _payee(self, rule: Rule, kind: str, rows: np.ndarray) -> arrow.Array:
        """The key of the payee: the object itself or where the relations of 受益人 lead; NULL where that is not on file."""
        path = self.bound.rules[rule.name].beneficiary
        if path is None:
            return self.sheets.keys(kind, rows)
        missing = np.zeros(len(rows), bool)
        try:
            hops = resolve_path(self.policy, rule, rule.object, path) if isinstance(path, Path) else []
        except Unresolved:
            hops = []
        here, there = kind, rows
        for place, hop in enumerate(hops):
            found = self.outline.row(here, hop.name)
            if hop.role not in ("relation", "fact") or found is None:
                return arrow.nulls(len(rows), arrow.string())
            period = self.year if found.column.yearly else None
            missing |= self.world.states(here, hop.name, period, there) != VALUE
            if place == len(hops) - 1:
                return self.sheets.linked(here, hop.name, period, there, missing)
            places, there = self.world.target(here, hop.name, period, there)
            kinds = np.unique(places)
            if len(kinds) != 1:
                return arrow.nulls(len(rows), arrow.string())
            here = self.world.kinds[int(kinds[0])]
        return arrow.nulls(len(rows), arrow.string())

    def _scope_key(self, kind: str, name: str, rows: np.ndarray, on_file: bool) -> arrow.Array:
        """A scope key, stated only for objects that are no longer on file: theirs are those of an object that is."""
        row = None if on_file else self.outline.row(kind, name)
        if row is None or row.column.kind not in ("object", "option", "text"):
            return arrow.nulls(len(rows), arrow.string())
        period = self.year if row.column.yearly else None
        states = self.world.states(kind, name, period, rows)
        if row.column.kind == "object":
            return self.sheets.linked(kind, name, period, rows, states != VALUE)
        column = next((item for item in self.outline.columns[kind] if item.name == name), None)
        if column is None:
            return arrow.nulls(len(rows), arrow.string())
        found = self.sheets.column(kind, column, rows, states)
        plain = found.cast(arrow.string()) if arrow.types.is_dictionary(found.type) else found
        return nulled(plain, states != VALUE)

    def _days(self, row: ClaimRow, number: int, rows: np.ndarray) -> np.ndarray:
        first = date(self.year + row.first[0], row.first[1], 1).toordinal()
        last = date(self.year + row.last[0] + row.last[1] // 12, row.last[1] % 12 + 1, 1).toordinal()
        return first - date(1970, 1, 1).toordinal() + below(words(self.world.key(CLAIMS, number, "日"), rows), max(last - first, 1))


def _constant(text: str, count: int) -> arrow.Array:
    return side_by_side([text.encode()], count)


def _years(year: int, count: int) -> arrow.Array:
    return typed(np.full(count, year, np.int32), arrow.int32())
