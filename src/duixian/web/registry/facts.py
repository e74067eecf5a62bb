"""Facts by source: exact values as text in the database and back, which source is used, and the whole of them as the rules want it (`Facts`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from duixian.values.facts import NONE, Facts, Paid, Period
from duixian.web.prepared import MOST_VALUES, prepared
from duixian.web.registry.models import Earlier, Fact, Party, Seat, Source, Thing

# the figure used is that of the first source that has one; said on every page where two differ
PRECEDENCE = (Source.AUDITED, Source.REVIEWED, Source.VERIFIED, Source.STATISTICS, Source.THIRD, Source.REGISTER, Source.DECLARED)
_RANK = {source.value: rank for rank, source in enumerate(PRECEDENCE)}


def encode(value: Any) -> str:
    """An exact value as text: a letter for its kind, then the value. Unknown (None) has no text: there is no fact then."""
    if value is NONE:
        return "n:"
    if isinstance(value, bool):
        return f"b:{int(value)}"
    if isinstance(value, int):
        return f"i:{value}"
    if isinstance(value, Fraction):
        return f"q:{value.numerator}/{value.denominator}"
    if isinstance(value, date):
        return f"d:{value.isoformat()}"
    if isinstance(value, str):
        return f"s:{value}"
    raise TypeError(f"not a fact's value: {value!r}")


def decode(text: str) -> Any:
    """The exact value back."""
    kind, _, rest = text.partition(":")
    if kind == "i":
        return int(rest)
    if kind == "s":
        return rest
    if kind == "b":
        return rest == "1"
    if kind == "q":
        return Fraction(rest)
    if kind == "d":
        return date.fromisoformat(rest)
    if kind == "n":
        return NONE
    raise ValueError(f"not a fact's text: {text!r}")


def period_text(period: Period) -> str:
    """A period as it is stored: '' for none, a year, or two days."""
    if period is None:
        return ""
    return str(period) if isinstance(period, int) else f"{period[0].isoformat()}/{period[1].isoformat()}"


def period_of(text: str) -> Period:
    """The period back."""
    if not text:
        return None
    first, _, last = text.partition("/")
    return (date.fromisoformat(first), date.fromisoformat(last)) if last else int(first)


def put(thing: Thing, name: str, period: Period, source: str, value: Any, *, by: Seat | None, award: str = "", reason: str = "", batch: Any = None) -> str:
    """File a fact of a source; the one before it ends and stays. Value None: nothing is known from this source any more.

    Returns 'added', 'changed', 'ended' or 'unchanged'. Call inside `acting`.
    """
    rows = Fact.objects.filter(thing=thing, award=award, name=name, period=period_text(period), source=source, ended=None)
    old = rows.first()
    text = None if value is None else encode(value)
    if (old.value if old else None) == text:
        return "unchanged"
    with transaction.atomic():
        if old:
            rows.update(ended=timezone.now())
        if text is not None:
            Fact.objects.create(thing=thing, award=award, name=name, period=period_text(period), source=source, value=text, reason=reason, by=by, batch=batch)
    return "added" if old is None else "ended" if text is None else "changed"


def used(rows: Iterable[Fact]) -> dict[tuple[str, str, str], Fact]:
    """Of the current facts of one object, the one that is used: by (award, name, period)."""
    found: dict[tuple[str, str, str], Fact] = {}
    for row in rows:
        key = (row.award, row.name, row.period)
        if key not in found or _RANK[row.source] < _RANK[found[key].source]:
            found[key] = row
    return found


def differing(rows: Iterable[Fact]) -> dict[tuple[str, str, str], list[Fact]]:
    """Facts whose sources do not agree, best source first."""
    groups: dict[tuple[str, str, str], list[Fact]] = {}
    for row in rows:
        groups.setdefault((row.award, row.name, row.period), []).append(row)
    return {key: sorted(group, key=lambda row: _RANK[row.source]) for key, group in groups.items() if len({row.value for row in group}) > 1}


@prepared
def _folded() -> QuerySet[Any]:
    return Party.objects.filter(same_as__isnull=False).order_by("pk").values_list("pk", "code", "same_as", "same_as__code")


class Same(dict[str, str]):
    """Codes of parties that are another party after all -> the code that counts. parties: party -> those that turned out to be it."""

    def __init__(self, rows: Iterable[tuple[int, str, int, str]] = ()) -> None:
        self.parties: dict[int, list[int]] = {}
        for number, code, into, counts in rows:
            self[code] = counts
            self.parties.setdefault(into, []).append(number)


def same_codes() -> Same:
    """Which parties are another one after all, as it stands now."""
    return Same(_folded())


@prepared
def _current(things: Sequence[int]) -> QuerySet[Any]:
    return Fact.objects.filter(thing__in=things, ended=None).order_by("id").values_list("thing_id", "award", "name", "period", "source", "value")


def facts_of(things: Iterable[Thing], listed: Iterable[str] = (), stated: Mapping[int, Mapping[tuple[str, str, str], str]] | None = None,
             same: Same | None = None) -> Facts:  # fmt: skip
    """The facts of some objects as the rules want them, each from the source that is used. listed: object types whose list is complete.

    stated: of these objects, what counts as declared in place of what is on file: by object, (award, fact, period) -> text.
    same: `same_codes()`, where it has been read. An object of a party that is another after all is that one's: its facts fill in what the other has none of, and who names it names the other.
    """
    said, same = stated or {}, same_codes() if same is None else same
    facts = Facts(listed=set(listed))
    by_id = {thing.pk: thing for thing in things}
    for thing in by_id.values():
        facts.add(thing.kind, same.get(thing.key, thing.key))
    ids, values = list(by_id), _Kept(lambda text: _counting(decode(text), same))
    names: dict[tuple[str, str], tuple[str, Period]] = {}  # a fact's name and period once, however many objects have it
    for start in range(0, len(ids), 800):
        best: dict[tuple[int, str, str, str], tuple[int, str]] = {}  # (object, award, fact, period) -> (rank of the source, value): plain rows, for there may be a million
        rows = _current(ids) if len(ids) <= MOST_VALUES else _current.build(ids[start : start + 800]).iterator(chunk_size=2000)
        for number, award, name, period, source, value in rows:
            if number in said and source == Source.DECLARED:
                continue
            key, rank = (number, award, name, period), _RANK[source]
            if key not in best or rank < best[key][0]:
                best[key] = (rank, value)
        for number in ids[start : start + 800]:  # declared is the last source: it fills in what no other says
            for (award, name, period), value in said.get(number, {}).items():
                best.setdefault((number, award, name, period), (_RANK[Source.DECLARED], value))
        for (number, award, name, period), (_, value) in best.items():
            thing, fact = by_id[number], names.get((name, period)) or names.setdefault((name, period), (name, period_of(period)))
            mine = same.get(thing.key)
            held = facts.claims.setdefault((award, mine or thing.key), {}) if award else facts.things[thing.kind][mine or thing.key].values
            if mine is None:
                held[fact] = values[value]
            else:
                held.setdefault(fact, values[value])
    return facts


def _counting(value: Any, same: Mapping[str, str]) -> Any:
    """A value; where it is the code of a party that is another after all, the code that counts."""
    return same.get(value, value) if isinstance(value, str) else value


class _Kept(dict[str, Any]):
    """What a text was read as, read once."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        self.read = read

    def __missing__(self, text: str) -> Any:
        found = self[text] = self.read(text)
        return found


@prepared
def _earlier(policy: str, about: Sequence[str]) -> QuerySet[Earlier]:
    return Earlier.objects.filter(policy=policy).filter(Q(object_key__in=about) | Q(recipient__in=about) | ~Q(keys=[]))


def earlier_of(policy: str, about: Collection[str] | None = None, same: Same | None = None) -> list[Paid]:
    """Earlier payments filed for a policy, as the rules want them. about: only those of these keys, as object, recipient or scope key."""
    same = same_codes() if same is None else same
    about = None if about is None else {*about, *(old for old, code in same.items() if code in about)}
    rows = Earlier.objects.filter(policy=policy) if about is None else _earlier(policy, sorted(about))
    return [
        Paid(row.award, row.year, same.get(row.object_key, row.object_key), row.amount_fen, row.document, same.get(row.recipient, row.recipient), row.tier, row.standard_fen,
             tuple((name, same.get(key, key)) for name, key in row.keys))
        for row in rows
        if about is None or row.object_key in about or row.recipient in about or any(key[1] in about for key in row.keys)
    ]


def thing_of(kind: str, key: str, party: Party | None = None) -> Thing:
    """The object with this identity; made where it is not there. A party that is given is kept where there was none."""
    thing, _ = Thing.objects.get_or_create(kind=kind, key=key, defaults={"party": party})
    if party is not None and thing.party_id is None:
        thing.party = party
        thing.save(update_fields=["party"])
    return thing
