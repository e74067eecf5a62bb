"""What an application states: begun from what was declared last, changed while it is filled in, put on file when it is handed in. Call inside `acting`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from duixian.values.facts import Period
from duixian.web.cases.models import Application, Statement
from duixian.web.cases.statements import Values, on_file, pack, unpack
from duixian.web.prepared import prepared
from duixian.web.registry import facts
from duixian.web.registry.models import Seat, Source, Thing

Answer = tuple[Thing, str, str, Period, Any]  # object, award or '', fact, period, value (None: takes it back)


def begin(application: Application) -> Statement:
    """The statement of an application: the one there is, or a new one, with what the firm declared last and what it typed into one it withdrew in this cycle."""
    found = Statement.objects.filter(application=application).first()
    if found is not None:
        return found
    own = Thing.objects.filter(Q(party=application.party_id) | Q(claims__application=application)).values_list("pk", flat=True)
    values, typed = on_file(list(own)), []
    before = Statement.objects.filter(application__cycle=application.cycle_id, application__party=application.party_id, application__state="withdrawn").order_by("-application").first()
    if before is not None:
        values, typed = unpack(before.stated), before.typed
    return Statement.objects.create(application=application, stated=pack(values), typed=typed)


def adopt(application: Application, thing: Thing) -> None:
    """An object comes into an application: with what was declared of it last, where the application says nothing of it yet."""
    held = _held(application)
    if str(thing.pk) not in held.stated:
        filed = on_file([thing.pk])
        _keep(held, unpack(held.stated) | (filed or {thing.pk: {}}))


def state(application: Application, answers: Iterable[Answer]) -> list[bool]:
    """State facts, or take them back; whether each changed something."""
    held = _held(application)
    values, typed, done = unpack(held.stated), set(held.typed), []
    for thing, award, name, period, value in answers:
        key = (award, name, facts.period_text(period))
        own, text = values.setdefault(thing.pk, {}), None if value is None else facts.encode(value)
        done.append(own.get(key) != text)
        if done[-1]:
            own.pop(key, None)
            if text is not None:
                own[key] = text
            typed.add("|".join((str(thing.pk), *key)))
    held.typed = sorted(typed)
    _keep(held, values)
    return done


def file(application: Application, seat: Seat) -> None:
    """Put what was typed on file as declared: the next statement of the firm begins with it. What other applications state stays as it is."""
    held = _held(application)
    values = unpack(held.stated)
    marks = [mark.split("|") for mark in held.typed]
    things = {thing.pk: thing for thing in Thing.objects.filter(pk__in={int(mark[0]) for mark in marks})}
    for number, award, name, period in marks:
        text = values.get(int(number), {}).get((award, name, period))
        facts.put(things[int(number)], name, facts.period_of(period), Source.DECLARED, None if text is None else facts.decode(text), by=seat, award=award)


@prepared
def _locked(application: int) -> QuerySet[Statement]:
    return Statement.objects.select_for_update().filter(pk=application)


def _held(application: Application) -> Statement:
    """The statement, locked: two windows write one after the other."""
    found = _locked.first(application.pk)
    if found is None:
        begin(application)
        found = Statement.objects.select_for_update().get(pk=application.pk)
    return found


def _keep(statement: Statement, values: Values) -> None:
    Statement.objects.filter(pk=statement.pk).update(stated=pack(values), typed=statement.typed)
