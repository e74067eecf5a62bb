"""The law of the books: every law broken once on purpose, and random moves that never break one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duixian.ledger.books import MOVES, Kind, Move, Place, balances, breach

NOTHING = dict.fromkeys(Place, 0)
CHAIN = (Kind.RESERVE, Kind.COMMIT, Kind.REQUEST, Kind.PAY)


def standing(**places: int) -> dict[Place, int]:
    return NOTHING | {Place(name): amount for name, amount in places.items()}


@pytest.mark.parametrize("amount", [0, -1])
@pytest.mark.parametrize("kind", list(Kind))
def test_an_amount_is_positive(kind: Kind, amount: int) -> None:
    full = dict.fromkeys(Place, 100)
    assert breach(full, full, Move(kind, amount, "line:1")).law == "amount_is_positive"


@pytest.mark.parametrize("kind", list(Kind))
def test_a_move_names_its_item_just_where_it_has_one(kind: Kind) -> None:
    full, whole = dict.fromkeys(Place, 100), kind in (Kind.APPROPRIATE, Kind.WITHDRAW)
    assert breach(full, full, Move(kind, 1, "line:1" if whole else "")).law == "item_is_named_where_it_has_one"
    assert breach(full, full, Move(kind, 1, "" if whole else "line:1")) is None


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.APPROPRIATE])
def test_no_place_of_the_account_falls_below_zero(kind: Kind) -> None:
    source, _ = MOVES[kind]
    found = breach(standing(**{source.value: 99}), dict.fromkeys(Place, 1000), Move(kind, 100, "" if kind is Kind.WITHDRAW else "line:1"))
    assert (found.law, found.place, found.have_fen, found.need_fen) == ("account_covers_the_move", source, 99, 100)


@pytest.mark.parametrize("kind", [kind for kind in Kind if MOVES[kind][0] not in (Place.OUTSIDE, Place.AVAILABLE)])
def test_no_place_of_an_item_falls_below_zero_though_the_account_could_bear_it(kind: Kind) -> None:
    source, _ = MOVES[kind]
    found = breach(dict.fromkeys(Place, 1000), standing(**{source.value: 99}), Move(kind, 100, "line:1"))
    assert (found.law, found.place) == ("item_covers_the_move", source)


def test_what_is_paid_cannot_be_paid_again_nor_recovered_twice() -> None:
    moves = [Move(Kind.APPROPRIATE, 100), *(Move(kind, 60, "line:1") for kind in CHAIN)]
    for kind in CHAIN:
        assert breach(balances(moves), balances(moves[1:]) | {Place.AVAILABLE: 0}, Move(kind, 60, "line:1")) is not None
    moves.append(Move(Kind.RECOVER, 60, "line:1"))
    assert breach(balances(moves), balances(moves[1:]), Move(Kind.RECOVER, 60, "line:1")).law == "account_covers_the_move"


def test_what_is_recovered_does_not_come_back_into_the_total() -> None:
    moves = [Move(Kind.APPROPRIATE, 100), *(Move(kind, 60, "line:1") for kind in (*CHAIN, Kind.RECOVER))]
    assert balances(moves)[Place.AVAILABLE] == 40 and balances(moves)[Place.RECOVERED] == 60


def test_each_kind_leads_between_two_places_and_nothing_leads_nowhere() -> None:
    assert set(MOVES) == set(Kind) and all(source is not target for source, target in MOVES.values())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(Kind)), st.integers(-5, 120), st.sampled_from(["", "line:1", "line:2", "special:1"])), max_size=60))
def test_whatever_is_tried_the_total_holds_and_nothing_is_lost(tries: list[tuple[Kind, int, str]]) -> None:
    account, items, done = dict(NOTHING), {}, []
    for kind, amount, item in tries:
        move = Move(kind, amount, item)
        if breach(account, items.get(item, NOTHING), move) is None:
            done.append(move)
            account = balances(done)
            items = {name: balances([one for one in done if one.item == name]) for name in {one.item for one in done if one.item}}
    assert sum(account.values()) == 0, "money moves, it is never made"
    assert all(amount >= 0 for place, amount in account.items() if place is not Place.OUTSIDE)
    for one in items.values():
        assert all(amount >= 0 for place, amount in one.items() if place not in (Place.OUTSIDE, Place.AVAILABLE))
    bound = sum(account[place] for place in (Place.RESERVED, Place.COMMITTED, Place.REQUESTED, Place.PAID, Place.RECOVERED))
    assert bound + account[Place.AVAILABLE] == -account[Place.OUTSIDE]
