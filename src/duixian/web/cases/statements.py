"""What an application states (申报的事实) stays with it: another application of the same firm has its own, and neither changes the other. Reads only.

A statement begins with what the firm declared last; what is handed in also goes on file, where the next statement begins. Cases that state different
figures are shown beside each other, and each counts with its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from duixian.values.facts import Facts
from duixian.web.prepared import prepared
from duixian.web.registry.facts import Same, facts_of
from duixian.web.registry.models import Fact, Party, Source, Thing

from .models import Application, Claim, Cycle, Statement

Key = tuple[str, str, str]  # (award or '', fact, period)
Values = dict[int, dict[Key, str]]  # object -> what is stated of it, as facts' text
HELD = ("submitted", "verified", "auditing", "reviewed", "decided")  # handed in, and not sent back: what is stated stands
UNDECIDED = ("submitted", "returned", "verified", "auditing", "reviewed")


def pack(values: Mapping[int, Mapping[Key, str]]) -> dict[str, dict[str, str]]:
    """As a statement is stored."""
    return {str(thing): {"|".join(key): text for key, text in sorted(facts.items())} for thing, facts in sorted(values.items())}


def unpack(stored: Mapping[str, Mapping[str, str]]) -> Values:
    """Back from the store."""
    return {int(thing): {_key(name): text for name, text in facts.items()} for thing, facts in stored.items()}


def _key(text: str) -> Key:
    award, name, period = text.split("|")
    return award, name, period


def on_file(things: Collection[int]) -> Values:
    """What was declared last of some objects, by any application that was handed in."""
    found: Values = {}
    for thing, award, name, period, text in Fact.objects.filter(thing__in=things, source=Source.DECLARED, ended=None).values_list("thing_id", "award", "name", "period", "value"):
        found.setdefault(thing, {})[award, name, period] = text
    return found


@prepared
def _stated(application: int) -> QuerySet[Any]:
    return Statement.objects.filter(application=application).values_list("stated", flat=True)


def of(application: Application) -> Values | None:
    """What an application states; None where it never stated anything of its own: then what is on file counts."""
    stored = _stated.first(application.pk)
    return None if stored is None else unpack(stored)


@prepared
def _standing(cycle: int, also: int | None, but: int | None, parties: Sequence[int] | None) -> QuerySet[Any]:
    wanted = Q(application__state__in=HELD) if parties is None else Q(application__state__in=HELD, application__party__in=parties)
    wanted = wanted if also is None else (wanted & ~Q(application__party=but)) | Q(application=also)
    return Statement.objects.filter(wanted, application__cycle=cycle).values_list("application__party", "stated")


def stated_in(cycle: Cycle, also: Application | None = None, parties: Collection[int] | None = None) -> dict[int, Values]:
    """What the applications of a cycle that stand state, by party; one more whatever its state, only of some parties."""
    asked = (cycle.pk, *((None, None) if also is None else (also.pk, also.party_id)))
    rows = _standing.build(*asked, None).iterator(chunk_size=500) if parties is None else _standing(*asked, sorted(parties))
    return {party: unpack(stored) for party, stored in rows}


def facts_for(things: Iterable[Thing], statements: Mapping[int, Values], claims: Iterable[Claim], listed: Iterable[str] = (),
              same: Same | None = None) -> Facts:  # fmt: skip
    """The facts of some objects for a cycle: of a party that applies in it, what its application states in place of what is on file as declared.

    statements: by party. claims: with their application and object; what is stated of somebody else's object counts for the award that is claimed for it.
    An object only a draft names is left out.
    """
    things, claims = list(things), list(claims)
    stated: Values = {thing.pk: statements[thing.party_id].get(thing.pk, {}) for thing in things if thing.party_id in statements}
    for claim in claims:
        party = claim.application.party_id
        if party in statements and claim.thing.party_id != party:
            said = statements[party].get(claim.thing_id, {})
            stated.setdefault(claim.thing_id, {}).update({key: text for key, text in said.items() if key[0] == claim.award or claim.thing.party_id is None})
    facts = facts_of(things, listed=listed, stated=stated, same=same)
    kept, named = {claim.thing_id for claim in claims}, {key for _award, key in facts.claims}
    bare = [thing for thing in things if thing.party_id is not None and thing.pk not in kept and thing.key not in named and thing.key in facts.things[thing.kind]
            and not facts.things[thing.kind][thing.key].values]
    own = set(Party.objects.filter(pk__in={thing.party_id for thing in bare}).values_list("pk", "code")) if bare else set()
    for thing in bare:
        if (thing.party_id, thing.key) not in own:
            del facts.things[thing.kind][thing.key]
    return facts


@prepared
def _others(party: int, application: int) -> QuerySet[Any]:
    rows = Statement.objects.filter(application__party=party, application__state__in=UNDECIDED).exclude(application=application)
    return rows.order_by("application").values_list("application__number", "stated")


def others_of(application: Application) -> dict[tuple[int, Key], list[tuple[str, str]]]:
    """What other applications of the same party that are not decided state, by object and fact: (number of the application, text)."""
    found: dict[tuple[int, Key], list[tuple[str, str]]] = {}
    for number, stored in _others(application.party_id, application.pk):
        for thing, facts in unpack(stored).items():
            for key, text in facts.items():
                found.setdefault((thing, key), []).append((number, text))
    return found


@prepared
def _on_file(things: Sequence[int]) -> QuerySet[Fact]:
    return Fact.objects.filter(thing__in=things, ended=None).select_related("by__user")


def rows_of(application: Application, things: Collection[int], *, others: bool = False, stated: Values | None = None) -> list[Fact]:
    """The current facts of some objects by source as an application sees them, what it states among them; with others, what other open ones state otherwise.

    stated: what it states, where that has been read. Rows of the last kind carry the other's number in `other`, and come last.
    """
    own = of(application) if stated is None else stated
    rows = _on_file(list(things)) if things else []
    found = rows if own is None else [row for row in rows if row.source != Source.DECLARED]
    own = {} if own is None else own
    for thing in things:
        found += [_row(application, thing, key, text) for key, text in own.get(thing, {}).items()]
    if others and application.state in (*UNDECIDED, "draft"):
        for (thing, key), said in others_of(application).items():
            found += [_row(application, thing, key, text, number) for number, text in said if thing in things and text != own.get(thing, {}).get(key, text)]
    return found


def _row(application: Application, thing: int, key: Key, text: str, other: str = "") -> Fact:
    award, name, period = key
    found = Fact(thing_id=thing, award=award, name=name, period=period, source=Source.DECLARED, value=text, by=application.by, at=application.submitted or application.saved)
    found.other = other
    return found


def differences(application: Application) -> list[tuple[Thing, Key, str, str, str]]:
    """Where an application states another figure than one of the same party that is not decided: object, fact, its own text, the other's number and text."""
    own, others = of(application) or {}, others_of(application)
    pairs = [(thing, key, own[thing][key], number, text) for (thing, key), said in sorted(others.items()) if key in own.get(thing, {}) for number, text in said if text != own[thing][key]]
    things = {thing.pk: thing for thing in Thing.objects.filter(pk__in={pair[0] for pair in pairs})} if pairs else {}
    return [(things[thing], key, own, number, text) for thing, key, own, number, text in pairs]
