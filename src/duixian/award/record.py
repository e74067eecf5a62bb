"""The columns every engine returns: one claim an award and object, and the same claim after the waterfall."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..values.facts import Missing
from ..values.money import Exact
from ..values.terms import Outcome

Key = tuple[str, ...]
# the waterfall, in order; every line keeps each amount
STAGES = ("计算额", "舍入后", "补差后", "封顶后", "名额后", "就高后", "核减后", "应付")


@dataclass(frozen=True, slots=True)
class Window:
    """Which years of the ledger a scope counts: kind is 每年, 每N年, 累计, 政策期内 or 每笔."""

    kind: str
    years: int = 1


@dataclass(frozen=True, slots=True)
class ScopeKey:
    """One pot of a scope: which awards count together, over which keys and years, and the key of this claim."""

    scope: str  # identity of the scope: the awards and key names it counts over
    awards: Key
    key: Key
    window: Window


@dataclass(frozen=True, slots=True)
class Limit:
    """封顶 as it applies to one claim. amount in 分."""

    amount: Exact
    pot: ScopeKey
    text: str


@dataclass(frozen=True, slots=True)
class Once:
    """频次 as it applies to one claim."""

    pot: ScopeKey
    times: int | None
    most_years: int | None
    from_first: bool
    upgrade: str
    text: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """名额 as it applies to one claim. order: the value ranked by, None where it is not known. taken: places earlier batches of the year used."""

    count: int
    group: tuple[str | None, ...]
    order: Any
    descending: bool
    tie: Any
    text: str
    by_amount: bool = False
    by_choice: bool = False
    then: tuple[Any, bool] | None = None
    taken: int = 0


@dataclass(slots=True)
class Claim:
    """One award of one object in one year, before anything that concerns other claims.

    met: True, False or None (undecided, see `missing`). amount: exact 分, None where it is not known.
    """

    award: str
    clause: str
    kind: str
    key: str
    recipient: str
    recipient_name: str
    year: int
    place: int  # order of the award in the policy
    met: bool | None = None
    cancelled: bool | None = False
    claw_back: bool = False
    missing: frozenset[Missing] = frozenset()
    failed: tuple[str, ...] = ()  # the conditions that do not hold, as sentences
    amount: Exact | None = None
    tier: str = ""
    in_row: bool = False  # a row of the tier table was found; its label, `tier`, may be ''
    standard_only: bool = False  # a register entry: no money
    rounding: str = "四舍五入到分"
    once: Once | None = None
    limits: tuple[Limit, ...] = ()
    ranking: Ranking | None = None
    order: Any = None
    outside_fen: int = 0
    provisional: tuple[str, ...] = ()  # ceilings that stand in for the year's standard
    adjustable: bool = False
    groups: dict[str, Key | None] = field(default_factory=dict)  # 就高 group -> key; None where the key is not known
    pots: dict[str, Key] = field(default_factory=dict)  # 总额 -> key of the pot this claim draws on
    applied_on: Any = None
    funding: str = ""
    chosen: bool = False  # 申报单位选择: the applicant chose this claim where only one can be had
    readings: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> tuple[int, str, str]:
        """What tells a claim from every other of a settlement, and their order: an award over 主体 has objects of several kinds under one key."""
        return (self.place, self.key, self.kind)


@dataclass(slots=True)
class Line:
    """A claim after the waterfall: each amount, each reason, and how it ends. Amounts in 分; None where there is none yet."""

    claim: Claim
    outcome: Outcome
    amounts: dict[str, Exact | None] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)  # stage -> why this amount differs from the one before
    missing: frozenset[Missing] = frozenset()
    notes: list[str] = field(default_factory=list)
    cuts: list[tuple[str, int]] = field(default_factory=list)  # (总额, what was left after it)
    claw_back_fen: int = 0
    nominal_fen: int | None = None  # the standard it was paid for, for a later 补差（档位标准）

    @property
    def payable_fen(self) -> int:
        """What may be paid now; an estimate is not payable."""
        return int(self.amounts.get("应付") or 0)

    @property
    def estimate_fen(self) -> int:
        """What it comes to, estimates included."""
        return int(self.amounts.get("核减后") or 0)

    def set(self, stage: str, amount: Exact | None, reason: str = "") -> None:
        self.amounts[stage] = amount
        if reason:
            self.reasons[stage] = reason
