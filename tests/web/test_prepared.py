"""A prepared read gives what its queryset gives, for every value; one that would not is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from duixian.web import prepared as reads
from duixian.web.cases.models import Application
from duixian.web.prepared import CannotPrepare, Fixed, prepared
from duixian.web.registry.models import Fact, Role, Seat, Thing

from .cast import Cast

pytestmark = pytest.mark.django_db


def thrice(read: Any, *arguments: Any) -> list[Any]:
    """As Django reads it, as it is prepared, and from what is kept: all the same."""
    found = [list(read(*arguments)) for _ in range(3)]
    assert found[0] == found[1] == found[2] == list(read.build(*arguments))
    return found[2]


def test_whole_objects_come_with_what_they_stand_beside(cast: Cast) -> None:
    @prepared
    def seats(user: int) -> Any:
        return Seat.objects.filter(user=user, ended=None).select_related("user", "party", "division")

    for seat in Seat.objects.all():
        found = thrice(seats, seat.user_id)
        with CaptureQueriesContext(connection) as captured:
            assert [(one.user.name, one.party, one.division) for one in found] == [(one.user.name, one.party, one.division) for one in seats.build(seat.user_id)]
        assert len(captured) == 1  # nothing is asked again for what came with it
    assert seats.first(0) is None


def test_lists_days_times_and_nothing_are_values_too(cast: Cast) -> None:
    @prepared
    def facts(keys: list[int], names: list[str], before: Any) -> Any:
        return Fact.objects.filter(thing__in=keys, at__lt=before).filter(Q(name__in=names) | Q(ended=None)).order_by("id").values_list("thing", "name", "value")

    things = list(Thing.objects.values_list("pk", flat=True))
    for keys in (things, things[:1], things[-1:], []):
        thrice(facts, keys, ["名称", "主体类型"], timezone.now() + timedelta(days=1))
        assert thrice(facts, keys, ["名称"], timezone.now() - timedelta(days=1)) == []

    @prepared
    def due(role: Role, first: date | None, order: Fixed) -> Any:
        rows = Application.objects.filter(by__role=role)
        return (rows if first is None else rows.filter(Q(due=None) | Q(due__gte=first))).order_by(order.value).values_list("pk", flat=True)

    for role in Role:
        for first in (None, date(2025, 1, 1), date(2099, 1, 1)):
            thrice(due, role, first, Fixed("pk"))
            thrice(due, role, first, Fixed("-pk"))


def test_what_is_not_a_value_by_itself_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    @prepared
    def pattern(text: str) -> Any:
        return Thing.objects.filter(key__contains=text)

    @prepared
    def place(number: int) -> Any:
        return Thing.objects.order_by("pk")[number : number + 1]

    turns = iter(range(100))

    @prepared
    def moody() -> Any:
        return Thing.objects.filter(pk__gt=next(turns))

    for read, arguments in ((pattern, ("x",)), (place, (1,)), (moody, ())):
        read(*arguments)
        with pytest.raises(CannotPrepare):
            read(*arguments)
    monkeypatch.setattr(reads, "strict", False)  # where people work it is read as ever, and said in the log
    for text in ("企业", "B0", "x"):
        assert pattern(text) == list(pattern.build(text))
    with pytest.raises(TypeError):
        pattern(1.5)


def test_a_long_list_is_read_as_ever(cast: Cast) -> None:
    @prepared
    def things(keys: list[int]) -> Any:
        return Thing.objects.filter(pk__in=keys).order_by("pk")

    assert thrice(things, list(range(1000))) == list(Thing.objects.filter(pk__lt=1000).order_by("pk"))
