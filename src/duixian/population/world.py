"""The value of any fact of any object, by row number: what a population is, before it is written anywhere.

Everything is a function of (seed, object type, fact, period, row). Values are int64: numbers in cells (分 for 元), dates in days since
1970, truths 0 or 1, options by their place, objects as row number plus the place of their type.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import numpy as np

from ..tables.layout import Column
from ..values.facts import Period
from .curves import Curve
from .draws import Condition, Draw, scale_of
from .outline import BACK, Outline, targets_of
from .rows import FactRow
from .streams import below, chance, stream_key, weighted, words

VALUE, UNKNOWN, NONE, BEFORE = 0, 1, 2, 3  # BEFORE: a year before the object began, where there is nothing to know
_PLACE = 40  # an object value is its row number, with the place of its type above this bit
_ROW = (1 << _PLACE) - 1
_MILLION = 1_000_000
_EPOCH = date(1970, 1, 1).toordinal()
Make = Callable[[str, str, Period, np.ndarray], np.ndarray]  # kind, fact, period, rows → one value a row


class World:
    """One population. rows are uint64 arrays of row numbers; the answers of one batch are kept until `forget`."""

    def __init__(self, outline: Outline, seed: int) -> None:
        self.outline, self.seed, self.year = outline, seed, outline.year
        self.kinds = list(outline.counts)
        self._curves: dict[tuple[object, ...], Curve] = {}
        self._known: dict[tuple[str, str, str, Period, int], np.ndarray] = {}
        self._held: list[np.ndarray] = []  # keeps row arrays alive, so that their identity stays theirs

    def forget(self) -> None:
        """Drop what was kept for the last batch."""
        self._known.clear()
        self._held.clear()

    def key(self, *parts: object) -> int:
        """The key of one stream of this population."""
        return stream_key(self.seed, *parts)

    # --- asking -----------------------------------------------------------------------------------------------------------------------

    def values(self, kind: str, fact: str, period: Period, rows: np.ndarray) -> np.ndarray:
        """The values of a fact as they are, whether or not they are on file; 0 where there is none."""
        return self._kept("值", kind, fact, period, rows, self._values)

    def states(self, kind: str, fact: str, period: Period, rows: np.ndarray) -> np.ndarray:
        """What is on file: VALUE, UNKNOWN, NONE or BEFORE, uint8, one a row."""
        return self._kept("态", kind, fact, period, rows, self._states)

    def target(self, kind: str, relation: str, period: Period, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where a relation leads: the place of the object type, and the row there."""
        drawn = self.values(kind, relation, period, rows)
        places = self._kept("类", kind, relation, period, rows, lambda *_: drawn >> _PLACE)
        return places, self._kept("行", kind, relation, period, rows, lambda *_: (drawn & _ROW).astype(np.uint64))

    def holds(self, kind: str, only: tuple[Condition, ...], period: Period, rows: np.ndarray) -> np.ndarray:
        """Whether every condition holds, one bool a row."""
        result = np.ones(len(rows), bool)
        for item in only:
            row = self._row(kind, item.fact)
            found = self.values(kind, item.fact, period if row.column.yearly else None, rows)
            if row.column.kind == "number":
                result &= found >= item.value
            elif row.column.kind == "truth":
                result &= (found == 1) == (item.value != "否")
            else:
                options = row.draw.arguments["options"]
                result &= found == (options.index(item.value) if item.value in options else -1)
        return result

    def _kept(self, what: str, kind: str, fact: str, period: Period, rows: np.ndarray, make: Make) -> np.ndarray:
        at = (what, kind, fact, period, id(rows))
        if at not in self._known:
            self._held.append(rows)
            self._known[at] = make(kind, fact, period, rows)
        return self._known[at]

    def _row(self, kind: str, fact: str) -> FactRow:
        row = self.outline.row(kind, fact)
        assert row is not None, f"{kind} {fact}: outline_of reports facts without a row"
        return row

    # --- states -----------------------------------------------------------------------------------------------------------------------

    def _states(self, kind: str, fact: str, period: Period, rows: np.ndarray) -> np.ndarray:
        row = self._row(kind, fact)
        result = np.zeros(len(rows), np.uint8)
        if row.none:
            result[chance(self.key(kind, fact, period, "无"), rows, row.none)] = NONE
        if row.draw.only and row.draw.otherwise != "零":
            result[~self.holds(kind, row.draw.only, self._period(period), rows)] = NONE if row.draw.otherwise == "无" else UNKNOWN
        if row.draw.name == "首次为是的年":
            result[self.values(kind, fact, None, rows) == 0] = NONE
        if row.unknown:
            result[chance(self.key(kind, fact, period, "未知"), rows, row.unknown)] = UNKNOWN
        if isinstance(period, int) and self._start(kind):
            result[self.values(kind, self._start(kind), None, rows) > period] = BEFORE
        return result

    def _start(self, kind: str) -> str:
        name = self.outline.policy.vocabulary.start_fact(kind)
        return name if name and self.outline.row(kind, name) else ""

    def _period(self, period: Period) -> Period:
        """The year a fact without one looks at other facts of: the award year."""
        return self.year if period is None else period

    # --- values -----------------------------------------------------------------------------------------------------------------------

    def _values(self, kind: str, fact: str, period: Period, rows: np.ndarray) -> np.ndarray:
        row = self._row(kind, fact)
        draw = row.draw
        if row.column.kind == "number":
            result = self._number(row, period, rows)
            if draw.zero:
                result = np.where(chance(self.key(kind, fact, "零"), rows, draw.zero), 0, result)
            if (kind, fact) in self.outline.planted and period in (None, self.year):
                result = self._plant(kind, fact, rows, result)
        else:
            result = getattr(self, _MAKERS[draw.name])(row, period, rows)
        if draw.only and row.column.kind in ("number", "truth"):
            result = np.where(self.holds(kind, draw.only, self._period(period), rows), result, 0)
        return result

    def _word(self, row: FactRow, period: Period, rows: np.ndarray, what: str = "值") -> np.ndarray:
        """The luck of a row in one year: its own, or, for the share that stays, that of the year after."""
        own = words(self.key(row.kind, row.column.name, period, what), rows)
        change = self.outline.profile.changes.get((row.kind, row.column.name))
        last = self.year - 1 if what == "增" else self.year  # growth into the award year is the first there is
        if not isinstance(period, int) or period >= last or change is None or not change.stay:
            return own
        stays = chance(self.key(row.kind, row.column.name, period, what, "持续"), rows, change.stay)
        return np.where(stays, self._word(row, period + 1, rows, what), own)

    # --- numbers ----------------------------------------------------------------------------------------------------------------------

    def _number(self, row: FactRow, period: Period, rows: np.ndarray) -> np.ndarray:
        draw = row.draw
        if draw.name == "成比例":
            return self._proportion(row, period, rows)
        change = self.outline.profile.changes.get((row.kind, row.column.name))
        if isinstance(period, int) and period < self.year and change is not None and change.median is not None:
            after = self.values(row.kind, row.column.name, period + 1, rows)
            curve = self._curve(_MILLION * (1 + change.median), change.spread, least=_MILLION // 50, most=_MILLION * 50)
            before = after * _MILLION // curve(self._word(row, period, rows, "增"))
            if (row.kind, row.column.name) in self.outline.growth and period == self.year - 1:
                flags, base, _ = self._growth(row, rows)
                before = np.where(flags, base, before)
            return before
        result = self._first(draw, row, period, rows)
        if (row.kind, row.column.name) in self.outline.growth and period == self.year:
            flags, _, grown = self._growth(row, rows)
            result = np.where(flags, grown, result)
        return result

    def _first(self, draw: Draw, row: FactRow, period: Period, rows: np.ndarray) -> np.ndarray:
        arguments = draw.arguments
        drawn = self._word(row, period, rows)
        if draw.name == "范围":
            steps = (arguments["high"] - arguments["low"]) // arguments["step"] + 1
            place = below(drawn, steps)
            if arguments["small"]:
                place = np.minimum(place, below(words(self.key(row.kind, row.column.name, period, "再"), rows), steps))
            return arguments["low"] + place * arguments["step"]
        tail = (arguments["tail"], arguments["steepness"]) if "tail" in arguments else (Fraction(0), Fraction(1))
        result = self._curve(arguments["median"], arguments["spread"], *tail, least=arguments["least"], most=arguments["most"])(drawn)
        return result // arguments["step"] * arguments["step"] if arguments["step"] > 1 else result

    def _curve(
        self, median: Fraction, spread: Fraction, tail: Fraction = Fraction(0), steepness: Fraction = Fraction(1), *, least: int, most: int
    ) -> Curve:
        at = (median, spread, tail, steepness, least, most)
        if at not in self._curves:
            self._curves[at] = Curve(median, spread, tail, steepness, least, most)
        return self._curves[at]

    def _proportion(self, row: FactRow, period: Period, rows: np.ndarray) -> np.ndarray:
        arguments = row.draw.arguments
        result = arguments["low"] + below(self._word(row, period, rows), arguments["high"] - arguments["low"] + 1)
        down = 4 - scale_of(row.column)
        for name in arguments["facts"]:
            result = result * self._other(row.kind, name, period, rows)
            down += scale_of(self._last_column(row.kind, name))
        return result // 10**down if down >= 0 else result * 10**-down

    def _last_column(self, kind: str, name: str) -> Column:
        relation, mark, fact = name.partition("的")
        owner = targets_of(self.outline, kind, relation)[0] if mark else kind
        return self._row(owner, fact if mark else name).column

    def _other(self, kind: str, name: str, period: Period, rows: np.ndarray) -> np.ndarray:
        """A fact of the same object, or of the one a relation leads to."""
        relation, mark, fact = name.partition("的")
        when = self._period(period)
        if not mark:
            return self.values(kind, name, when if self._row(kind, name).column.yearly else None, rows)
        places, there = self.target(kind, relation, when if self._row(kind, relation).column.yearly else None, rows)
        leads = targets_of(self.outline, kind, relation)
        if len(leads) == 1:
            return self.values(leads[0], fact, when if self._row(leads[0], fact).column.yearly else None, there)
        result = np.zeros(len(rows), np.int64)
        for target in leads:
            some = np.flatnonzero(places == self.kinds.index(target))
            result[some] = self.values(target, fact, when if self._row(target, fact).column.yearly else None, there[some])
        return result

    def _plant(self, kind: str, fact: str, rows: np.ndarray, result: np.ndarray) -> np.ndarray:
        """A share of rows on a number of the policy, one cell under it or one over it."""
        share, cells = self.outline.planted[(kind, fact)]
        flags = chance(self.key(kind, fact, "边界"), rows, share)
        which = words(self.key(kind, fact, "边界", "哪一个"), rows)
        near = np.array(cells, np.int64)[below(which, len(cells))] + below(which >> np.uint64(32), 3) - 1
        return np.where(flags, np.maximum(near, 0), result)

    def _growth(self, row: FactRow, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Which rows have a growth on a number of the policy, the year before, and the award year: exactly on it, one cell under or over."""
        kind, fact = row.kind, row.column.name
        share, rates = self.outline.growth[(kind, fact)]
        flags = chance(self.key(kind, fact, "增长边界"), rows, share)
        which = words(self.key(kind, fact, "增长边界", "哪一个"), rows)
        now = self._first(row.draw, row, self.year, rows)
        place = below(which, len(rates))
        above = np.array([(1 + rate).numerator for rate in rates], np.int64)[place]
        beneath = np.array([(1 + rate).denominator for rate in rates], np.int64)[place]
        base = now // above  # the year before is a whole multiple of the denominator: then the growth can be exact
        grown = np.maximum(base * above + below(which >> np.uint64(32), 3) - 1, 0)
        return flags & (base > 0), base * beneath, grown

    # --- other kinds ------------------------------------------------------------------------------------------------------------------

    def _truth(self, row: FactRow, period: Period, rows: np.ndarray) -> np.ndarray:
        return _within(self._word(row, period, rows), row.draw.arguments["share"]).astype(np.int64)

    def _by_size(self, row: FactRow, period: Period, rows: np.ndarray) -> np.ndarray:
        arguments = row.draw.arguments
        drawn = self._word(row, period, rows)
        large = self._other(row.kind, arguments["fact"], period, rows) >= arguments["bound"]
        return np.where(large, _within(drawn, arguments["above"]), _within(drawn, arguments["beneath"])).astype(np.int64)

    def _option(self, row: FactRow, period: Period, rows: np.ndarray) -> np.ndarray:
        return weighted(self._word(row, period, rows), row.draw.arguments["weights"])

    def _year(self, row: FactRow, period: Period, rows: np.ndarray) -> np.ndarray:
        arguments = row.draw.arguments
        low, high = (self._fixed(end) for end in (arguments["low"], arguments["high"]))
        drawn = below(self._word(row, period, rows), high - low + 1)
        if arguments["recent"]:
            drawn = np.maximum(drawn, below(words(self.key(row.kind, row.column.name, period, "再"), rows), high - low + 1))
        return low + drawn

    def _fixed(self, end: tuple[int | None, int]) -> int:
        """`(2015, 0)` or years before the award year as a year, never after the award year."""
        return min(self.year, end[0] if end[0] is not None else self.year - end[1])

    def _first_year(self, row: FactRow, period: Period, rows: np.ndarray) -> np.ndarray:
        """The first year in which a truth holds; 0 where it never did. Where it held before the years that are made, some year before."""
        fact, kind = row.draw.arguments["fact"], row.kind
        result = np.zeros(len(rows), np.int64)
        start = self.values(kind, self._start(kind), None, rows) if self._start(kind) else np.full(len(rows), self.year - 10)
        oldest = self.year - BACK - 1
        for year in range(self.year, oldest - 1, -1):
            here = (self.values(kind, fact, year, rows) == 1) & (start <= year)
            result[here] = year
        back = below(self._word(row, period, rows), 8)
        return np.where(result == oldest, np.maximum(oldest - back, np.minimum(start, oldest)), result)

    def _day(self, row: FactRow, period: Period, rows: np.ndarray) -> np.ndarray:
        low, high = row.draw.arguments["low"], row.draw.arguments["high"]
        first = low.toordinal() if isinstance(low, date) else date(self._fixed(low), 1, 1).toordinal()
        last = high.toordinal() if isinstance(high, date) else date(self._fixed(high), 12, 31).toordinal()
        return first - _EPOCH + below(self._word(row, period, rows), max(last - first, 0) + 1)

    def _parent(self, row: FactRow, period: Period, rows: np.ndarray) -> np.ndarray:
        layers = self.outline.layers[row.kind]
        starts = np.array(layers.starts, np.int64)
        places = rows.astype(np.int64)
        layer = np.searchsorted(starts, places, side="right") - 1
        return layers.shuffle(places - starts[layer]) + (self.kinds.index(self.outline.profile.objects[row.kind].parent) << _PLACE)

    def sibling(self, kind: str, rows: np.ndarray) -> np.ndarray:
        """Which child of its parent each row is, from 1."""
        return np.searchsorted(np.array(self.outline.layers[kind].starts, np.int64), rows.astype(np.int64), side="right")

    def _anyone(self, row: FactRow, period: Period, rows: np.ndarray) -> np.ndarray:
        kinds = row.draw.arguments["kinds"]
        drawn = self._word(row, period, rows)
        counts = np.array([max(self.outline.counts[kind], 1) for kind in kinds], np.uint64)
        places = np.array([self.kinds.index(kind) for kind in kinds], np.int64)
        which = (
            weighted(drawn << np.uint64(32) | drawn >> np.uint64(32), row.draw.arguments["weights"])
            if len(kinds) > 1
            else np.zeros(len(rows), np.int64)
        )
        return (drawn % counts[which]).astype(np.int64) + (places[which] << _PLACE)

    def _number_of_row(self, row: FactRow, period: Period, rows: np.ndarray) -> np.ndarray:
        return rows.astype(np.int64)


def _within(drawn: np.ndarray, share: Fraction) -> np.ndarray:
    if share >= 1:
        return np.ones(len(drawn), bool)
    return drawn < np.uint64(int(share * (1 << 64)))


_MAKERS = {
    "是的比例": "_truth", "视大小": "_by_size", "选项": "_option", "年份": "_year", "首次为是的年": "_first_year", "日期": "_day", "上级": "_parent",
    "随机取": "_anyone", "编号": "_number_of_row", "兄弟编号": "_number_of_row", "信用代码": "_number_of_row",
}  # fmt: skip
