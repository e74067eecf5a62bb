"""Posting transfers. The law is `ledger.books`; here is the lock, the key that makes it happen once, and the book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet, Sum

from duixian.ledger.books import MOVES, Kind, Move, Place, breach
from duixian.values.money import yuan_text
from duixian.web.prepared import prepared
from duixian.web.record.book import Refused

from .models import Account, Transfer


def account_of(policy: str, year: int) -> Account:
    """The account of a policy's year; made where it is not there."""
    return Account.objects.get_or_create(policy=policy, year=year)[0]


@prepared
def _sums(account: int, item: str | None) -> QuerySet[Any]:
    rows = Transfer.objects.filter(account=account) if item is None else Transfer.objects.filter(account=account, item=item)
    return rows.values_list("kind").annotate(sum=Sum("amount_fen")).order_by()


def balances_of(account: Account, item: str | None = None) -> dict[Place, int]:
    """What is where, in 分: of the whole account, or of one item."""
    found = dict.fromkeys(Place, 0)
    for kind, amount in _sums(account.pk, item):
        source, target = MOVES[Kind(kind)]
        found[source] -= amount
        found[target] += amount
    return found


def items_of(account: Account, items: Sequence[str]) -> dict[str, dict[Place, int]]:
    """What is where, in 分, of many items at once."""
    found = {item: dict.fromkeys(Place, 0) for item in items}
    for start in range(0, len(items), 500):
        some = items[start : start + 500]
        for item, kind, amount in Transfer.objects.filter(account=account, item__in=some).values_list("item", "kind").annotate(sum=Sum("amount_fen")).order_by():
            source, target = MOVES[Kind(kind)]
            found[item][source] -= amount
            found[item][target] += amount
    return found


def recovered(items: Sequence[str]) -> dict[str, int]:
    """How much of each item was taken back, in 分; of whatever account. Items of which nothing was are left out."""
    found: dict[str, int] = {}
    for start in range(0, len(items), 500):
        rows = Transfer.objects.filter(item__in=items[start : start + 500], kind=Kind.RECOVER.value).values_list("item").annotate(sum=Sum("amount_fen")).order_by()
        found |= dict(rows)
    return found


def post(account: Account, moves: Sequence[tuple[Move, str]], *, seat: Any, document: str = "", documents: Mapping[str, str] | None = None) -> list[Transfer]:
    """Post moves, all or none; each with its key. A key that is there already is left alone (tried again after an interruption), if it says the same.

    seat: None where the system itself does it. document: what all of them stand on; documents: by key, where each has its own. Raises Refused with the law that a move would break. Call inside `acting`: the book is signed there.
    """
    with transaction.atomic():
        Account.objects.filter(pk=account.pk).update(turn=F("turn") + 1)  # the lock: one poster at a time, on both databases
        there: dict[str, Transfer] = {}
        keys = [key for _, key in moves]
        for start in range(0, len(keys), 500):
            there |= {one.key: one for one in Transfer.objects.filter(key__in=keys[start : start + 500])}
        of_account, of_items = balances_of(account), items_of(account, sorted({move.item for move, _ in moves if move.item}))
        fresh = []
        for move, key in moves:
            old = there.get(key)
            if old is not None:
                if (old.account_id, old.kind, old.amount_fen, old.item) != (account.pk, move.kind.value, move.amount_fen, move.item):
                    raise Refused("key_says_something_else", "同一笔账已经记过，但内容不同。请核对后联系管理员。")
                continue
            nothing = dict.fromkeys(Place, 0)
            found = breach(of_account, of_items.get(move.item, nothing), move)
            if found is not None:
                short = f"：还有 {yuan_text(found.have_fen)}，需要 {yuan_text(found.need_fen)}" if found.place else ""
                raise Refused(found.law, found.text + short + "。")
            source, target = MOVES[move.kind]
            for place, sign in ((source, -1), (target, 1)):
                of_account[place] += sign * move.amount_fen
                if move.item:
                    of_items[move.item][place] += sign * move.amount_fen
            there[key] = row = Transfer(account=account, kind=move.kind.value, amount_fen=move.amount_fen, item=move.item, key=key, document=(documents or {}).get(key, document)[:200], by=seat)
            fresh.append(row)
        return Transfer.objects.bulk_create(fresh, batch_size=500)


def standing(account: Account) -> dict[str, int]:
    """The year's total as a page shows it, in 分: total, and where it is: reserved, committed, requested, paid, recovered, left; these come to the total."""
    found = balances_of(account)
    return {"total": -found[Place.OUTSIDE], "reserved": found[Place.RESERVED], "committed": found[Place.COMMITTED], "requested": found[Place.REQUESTED],
            "paid": found[Place.PAID], "recovered": found[Place.RECOVERED], "left": found[Place.AVAILABLE]}  # fmt: skip
