"""Facts as columns (列式事实): the tables both SQL engines read, described without any engine.

Grain: one table an object type, one row an object; one table for 申报, one for the ledger (台账). Table and column names are Chinese, as in the
policy. A value that is not known is NULL; 无 (verified none) stands in a second column, since it is neither NULL nor zero. A key stands beside its
number (〈列〉·号): one number a text, whole, in the order of the texts, '' is 0; what is joined, grouped and ordered by key goes by the numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from .facts import Period

KEY = "标识"
OBJECTS, CLAIMS, LEDGER, APPLIED, UNLISTED = "对象·", "申报", "台账", "已申报", "清单不全"
NONE_MARK = "·无"
LATEST = 2199  # no year or day is beyond it
NUMBER_MARK = "·号"
NUMBERS = "号"  # the table of every key there is: 号, 标识


@dataclass(frozen=True, slots=True)
class Column:
    """One stored column. kind: number truth date year text option object.

    A number is a whole number: the value in base units (分 for money, a ratio for %) times `scale`. low, high: the bounds the vocabulary
    declares, as stored; nothing beyond them gets in. has_unknown, has_none: whether any row is unknown or 无.
    """

    fact: str
    period: Period
    kind: str
    scale: int = 1
    low: int = 0
    high: int = 0
    has_unknown: bool = True
    has_none: bool = False
    least: int | None = None  # of a year or a day: the earliest year there is, the latest there may be where no row has one
    found: tuple[int, int] | None = None  # of a number: the least and the greatest there are, as stored; None where nobody looked

    @property
    def name(self) -> str:
        return column_name(self.fact, self.period)

    @property
    def none_name(self) -> str:
        return self.name + NONE_MARK


@dataclass(slots=True)
class Frame:
    """One table: its columns by (fact, period), how many rows it has."""

    name: str
    rows: int = 0
    columns: dict[tuple[str, Period], Column] = field(default_factory=dict)

    def find(self, fact: str, period: Period) -> Column | None:
        return self.columns.get((fact, period))


@dataclass(slots=True)
class Frames:
    """Everything a settlement reads. objects: object type → its table; a type without objects has none.

    listed: types whose list is complete. applied: whether 已申报 (奖补, 标识) restricts who is looked at. unlisted: whether 清单不全
    (父类, 父标识, 子类) has rows. ledger_years: award → the years it was paid in. ledger_keys: scope keys that ledger rows state themselves.
    numbers: types whose own keys are numbered; every other key column then is too. None: no table has numbers, texts are all there is.
    """

    objects: dict[str, Frame] = field(default_factory=dict)
    claims: Frame = field(default_factory=lambda: Frame(CLAIMS))
    ledger_rows: int = 0
    ledger_years: dict[str, tuple[int, ...]] = field(default_factory=dict)
    ledger_keys: tuple[str, ...] = ()
    listed: frozenset[str] = frozenset()
    applied: bool = False
    unlisted: bool = False
    numbers: frozenset[str] | None = None

    def tables(self) -> Iterator[str]:
        """The names of every table there is."""
        yield from (frame.name for frame in self.objects.values())
        yield CLAIMS
        yield LEDGER
        if self.applied:
            yield APPLIED
        if self.unlisted:
            yield UNLISTED
        if self.numbers is not None:
            yield NUMBERS


def number_name(column: str) -> str:
    """The column with the number of a key."""
    return column + NUMBER_MARK


def table_name(kind: str) -> str:
    """The table of an object type."""
    return OBJECTS + kind


def column_name(fact: str, period: Period) -> str:
    """The column of a fact: 网络零售额·2025, 成立年度, 网络零售额·2025-01-01至2025-09-30."""
    if period is None:
        return fact
    if isinstance(period, int):
        return f"{fact}·{period}"
    first, last = period
    assert isinstance(first, date) and isinstance(last, date)
    return f"{fact}·{first.isoformat()}至{last.isoformat()}"
