"""A rule as a table of claims: what its columns are, and the codes they hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..award.record import Window
from ..policy.model import Rule
from ..policy.syntax import Frequency, Scope, Word
from ..values.terms import Outcome
from .query import Query

# outcomes as the plan numbers them: first those nothing changes any more, so that whether a claim is still open is one comparison
OUTCOMES = (Outcome.CANCELLED, Outcome.ALREADY_AWARDED, Outcome.NOT_MET, Outcome.CAP_EXHAUSTED, Outcome.NEEDS_DATA, Outcome.PROVISIONAL, Outcome.PAYABLE, Outcome.REGISTRABLE)
CANCELLED, ALREADY, NOT_MET, EXHAUSTED, NEEDS, PROVISIONAL, PAYABLE, REGISTRABLE = range(len(OUTCOMES))
OPEN = f">= {NEEDS}"
UNKNOWN_KEY, UNKNOWN_NUMBER = "\x1a", -1  # a 就高 key that is not known
PART = "\x1f"  # between the parts of a 就高 key


@dataclass(frozen=True, slots=True)
class Pot:
    """A scope as columns of a claim. identity: the awards and key names it counts over; keys: its columns; own: it holds one object only."""

    identity: str
    awards: tuple[str, ...]
    names: tuple[str, ...]
    keys: tuple[str, ...]
    window: Window
    own: bool
    numbers: tuple[bool, ...] = ()  # which parts of the key are numbers


@dataclass(frozen=True, slots=True)
class CapColumns:
    """封顶: its limit (whole 分), whether the claim has it, its pot; constant: the limit is the same for every claim."""

    limit: str
    has: str
    pot: Pot
    constant: bool
    text: str


@dataclass(frozen=True, slots=True)
class RankColumns:
    """名额 as columns: group, order, second order, count and places taken."""

    group: tuple[str, ...]
    order: tuple[str, ...]
    then: tuple[str, ...]
    then_descending: bool
    descending: bool
    by_amount: bool
    by_choice: bool
    tie: str
    texts: tuple[str, ...]  # by 名额·款


@dataclass(slots=True)
class ClaimPlan:
    """One rule as a table of claims: the SELECT, and what its columns mean."""

    rule: Rule
    place: int
    table: str
    query: Query
    select: dict[str, str]
    reasons: dict[str, str]
    whole: str = ""  # the step with all its lines and all their columns; 活·〈奖补〉 has those that may still change, with the numbers of keys where there are any
    alone: tuple[str, str, str] = ("FALSE", "FALSE", "CAST(NULL AS BIGINT)")  # 取消 or 不符合; else 待补充; else the whole 分 it comes to, from 0
    den: int = 1
    moving: bool = False  # 计算额分母 is a column
    tiers: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    once: tuple[Pot, Frequency, str] | None = None
    caps: tuple[CapColumns, ...] = ()
    order: tuple[str, ...] = ()
    ranking: RankColumns | None = None
    groups: tuple[str, ...] = ()
    number_groups: tuple[str, ...] = ()  # those of them whose key is a number
    open_groups: tuple[str, ...] = ()  # those of them whose key may be unknown
    pots: dict[str, tuple[str, ...]] = field(default_factory=dict)  # 总额 -> key columns
    shared: dict[str, tuple[str, ...]] = field(default_factory=dict)  # scope of a later award that counts this one -> key columns
    estimates: dict[str, tuple[str, ...]] = field(default_factory=dict)  # text of 暂估 -> the ceilings it names
    provisional: bool = False
    rounding: str = ""
    upgrade: str = ""
    outside: bool = False
    excess: tuple[tuple[str, str, str], ...] = ()  # SELECT of the claims with a number of TOO_MUCH_FEN or more (种类, 标识, 数, 分母), where any can be; how it is rounded; '' or CAP
    most: int = 0  # 分 its lines can add up to


def scope_of(rule: Rule, scope: Scope, places: dict[str, int]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """(identity, awards, key names) of a scope of a rule."""
    names = tuple(key.text for key in scope.keys)
    awards = tuple(dict.fromkeys((*(item.text for item in scope.together if isinstance(item, Word)), rule.name)))
    awards = tuple(sorted(awards, key=lambda name: places.get(name, 0)))
    return "＋".join(awards) + "｜" + "、".join(names), awards, names
