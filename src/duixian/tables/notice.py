"""The public notice (公示): who gets what, and nothing else about anybody. Personal data is left out by construction, not by a later filter.

Holds: no key, code, account, phone or address of anybody can reach a row; the sum row equals what is payable to the 分.
Source: 个人信息保护法; the mask is one fixed rule, so that two lists never complete each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values.facts import Facts, Thing

if TYPE_CHECKING:
    from ..pipeline import Settlement

PERSON, UNNAMED = "自然人", "（名称未填报）"
_PERSON_KINDS = frozenset({"主播", "个人", "自然人"})
_CODE = re.compile(r"[0-9A-Za-z]{15,}|\d{7,}|\S+@\S+")
_SHORT = 4  # a name this short, of a payee nobody has said what he is, may be a person's


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One payment as published. amount in 分."""

    recipient: str
    clause: str
    award: str
    amount_fen: int


def notice_rows(settlement: Settlement, facts: Facts) -> list[NoticeRow]:
    """The rows of the notice in the order of the policy, then by name. Only what is payable above zero."""
    people = _payees(settlement, facts)
    rows = []
    for line in settlement.lines:
        claim = line.claim
        if line.payable_fen > 0:
            name = public_name(people.get(claim.recipient), claim.recipient, claim.recipient_name)
            rows.append(NoticeRow(name, claim.clause, claim.award, line.payable_fen))
    order = {name: place for place, name in enumerate(settlement.policy.rules)}
    rows.sort(key=lambda row: (order.get(row.award, len(order)), row.recipient, -row.amount_fen))
    assert sum(row.amount_fen for row in rows) == settlement.payable_fen, "the notice and the settlement must have one sum"
    return rows


def public_name(payee: Thing | None, key: str, name: str) -> str:
    """The name of a payee as it may be published: 张* for a person; never the key that stands in for a missing name."""
    shown = _CODE.sub("＊", name.strip())
    if not shown or name.strip() == key or not shown.strip("＊"):
        return UNNAMED
    kind = payee.values.get(("主体类型", None)) if payee is not None else None
    person = kind == PERSON or (payee is not None and payee.kind in _PERSON_KINDS) or (not isinstance(kind, str) and len(shown) <= _SHORT)
    return shown[0] + "*" if person else shown


def _payees(settlement: Settlement, facts: Facts) -> dict[str, Thing]:
    """Every object that can be a payee, by key; where two share a key, a person wins, so that he is masked."""
    vocabulary = settlement.policy.vocabulary
    found: dict[str, Thing] = {}
    for kind in vocabulary.objects:
        for thing in facts.all(kind):
            if vocabulary.objects[kind].is_a or vocabulary.fact(kind, "名称") is not None:
                before = found.get(thing.key)
                if before is None or before.kind not in _PERSON_KINDS:
                    found[thing.key] = thing
    return found
