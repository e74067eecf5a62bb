"""Money of a yearly total moves between seven places and nowhere else; a move is never edited, only reversed. Standard library only.

    外部 ──拨入──▶ 可用 ──预留──▶ 已预留 ──承诺──▶ 已承诺 ──请款──▶ 已请款 ──拨付──▶ 已拨付 ──追回──▶ 已追回
                    ▲               │               │              │              │
                    └──释放─────────┘               │              └──退回────────┤（退回：回到已承诺，可以再请款）
                    └──撤销承诺─────────────────────┘

Grain of a move: one amount of one item (a settled line, or the total itself for 拨入). Amounts are positive integer 分. Every balance is the sum of
the moves in less the sum of the moves out; no place of an account and no place of an item may fall below zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where money of a total can be."""

    OUTSIDE = "outside"
    AVAILABLE = "available"
    RESERVED = "reserved"
    COMMITTED = "committed"
    REQUESTED = "requested"
    PAID = "paid"
    RECOVERED = "recovered"


class Kind(StrEnum):
    """A move of money. Its label is what staff read."""

    APPROPRIATE = "appropriate"
    WITHDRAW = "withdraw"
    RESERVE = "reserve"
    RELEASE = "release"
    COMMIT = "commit"
    UNCOMMIT = "uncommit"
    REQUEST = "request"
    RECALL = "recall"
    PAY = "pay"
    RETURN = "return"
    RECOVER = "recover"


LABELS = {
    Kind.APPROPRIATE: "拨入", Kind.WITHDRAW: "调减", Kind.RESERVE: "预留", Kind.RELEASE: "释放", Kind.COMMIT: "承诺", Kind.UNCOMMIT: "撤销承诺",
    Kind.REQUEST: "请款", Kind.RECALL: "撤回请款", Kind.PAY: "拨付", Kind.RETURN: "退回", Kind.RECOVER: "追回",
}  # fmt: skip
PLACES = {
    Place.AVAILABLE: "可用", Place.RESERVED: "已预留", Place.COMMITTED: "已承诺", Place.REQUESTED: "已请款", Place.PAID: "已拨付", Place.RECOVERED: "已追回",
}  # fmt: skip
# kind -> (from, to); a kind and its reverse stand together
MOVES: dict[Kind, tuple[Place, Place]] = {
    Kind.APPROPRIATE: (Place.OUTSIDE, Place.AVAILABLE),
    Kind.WITHDRAW: (Place.AVAILABLE, Place.OUTSIDE),
    Kind.RESERVE: (Place.AVAILABLE, Place.RESERVED),
    Kind.RELEASE: (Place.RESERVED, Place.AVAILABLE),
    Kind.COMMIT: (Place.RESERVED, Place.COMMITTED),
    Kind.UNCOMMIT: (Place.COMMITTED, Place.AVAILABLE),
    Kind.REQUEST: (Place.COMMITTED, Place.REQUESTED),
    Kind.RECALL: (Place.REQUESTED, Place.COMMITTED),
    Kind.PAY: (Place.REQUESTED, Place.PAID),
    Kind.RETURN: (Place.PAID, Place.COMMITTED),  # the bank sent it back: it may be requested again
    Kind.RECOVER: (Place.PAID, Place.RECOVERED),  # back in the treasury, not in the total: carrying over is forbidden by default
}


@dataclass(frozen=True, slots=True)
class Move:
    """One move: kind, positive 分, and the item it concerns ('' for the total itself)."""

    kind: Kind
    amount_fen: int
    item: str = ""


@dataclass(frozen=True, slots=True)
class Breach:
    """Why a move may not be made. law: its name for the log; have and need in 分."""

    law: str
    text: str
    place: Place | None = None
    have_fen: int = 0
    need_fen: int = 0


def balances(moves: Iterable[Move]) -> dict[Place, int]:
    """What is where, in 分; the outside is what was taken in, negative."""
    found: dict[Place, int] = defaultdict(int)
    for move in moves:
        source, target = MOVES[move.kind]
        found[source] -= move.amount_fen
        found[target] += move.amount_fen
    return {place: found[place] for place in Place}


def breach(account: dict[Place, int], item: dict[Place, int], move: Move) -> Breach | None:
    """The first law a move would break, or None. account, item: the balances before it (item: of this item alone)."""
    if move.amount_fen <= 0:
        return Breach("amount_is_positive", "金额必须大于零")
    source, target = MOVES[move.kind]
    of_total = {Place.OUTSIDE, Place.AVAILABLE}
    if bool(move.item) == (source in of_total and target in of_total):
        return Breach("item_is_named_where_it_has_one", "拨入和调减没有对象，其他每一笔都要有对象")
    if source is not Place.OUTSIDE and account[source] < move.amount_fen:
        return Breach("account_covers_the_move", f"{PLACES[source]}不足", source, account[source], move.amount_fen)
    if move.item and source not in of_total and item[source] < move.amount_fen:
        return Breach("item_covers_the_move", f"这一笔的{PLACES[source]}不足", source, item[source], move.amount_fen)
    return None
