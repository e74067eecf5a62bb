"""A workbook on its way in: read with every cell looked at, compared with what is on file, and the difference kept to be shown and confirmed.

A blank cell says nothing: it never takes away what is known. Grain of the preview: one line a fact that would be added or changed, one a new object,
one a new earlier payment; what is the same is only counted.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from duixian.policy.model import Policy
from duixian.tables.read import Tables, read_tables
from duixian.values.diagnostic import Defects, Diagnostic
from duixian.values.facts import Facts
from duixian.values.messages import Language
from duixian.values.terms import OUTSIDE
from duixian.web.language import aside, spoken
from duixian.web.registry.facts import PRECEDENCE, decode, encode, period_of, period_text
from duixian.web.registry.models import Earlier, Fact, Source, Thing

from .models import Intake
from .policies import programme_of
from .shown import fact_of, headed, value_text

SHOWN = 200
MOST_FAULTS = 2000
_CHUNK = 400
_RANK = {source.value: rank for rank, source in enumerate(PRECEDENCE)}
Say = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the preview. what: object, added, changed or paid. old, new: facts' text. before: the source used now, its value; counts: whether the new figure is used."""

    what: str
    kind: str
    key: str
    label: str = ""
    award: str = ""
    name: str = ""
    period: str = ""
    old: str = ""
    new: str = ""
    before: str = ""
    before_source: str = ""
    counts: bool = True


def folder_of(intake: Intake) -> Path:
    """Where its files are."""
    return Path(settings.HOME) / "intakes" / intake.folder


def files_of(intake: Intake) -> list[Path]:
    """The workbooks of an intake, by name."""
    return sorted(path for path in (folder_of(intake) / "given").iterdir() if path.is_file())


def on_file(kinds: Sequence[str], keys: Collection[str]) -> set[str]:
    """Which objects the registry knows already."""
    wanted, found = sorted(keys), set()
    for start in range(0, len(wanted), _CHUNK):
        found |= set(Thing.objects.filter(kind__in=kinds, key__in=wanted[start : start + _CHUNK]).values_list("key", flat=True))
    return found


def read(intake: Intake) -> Tables:
    """What the workbooks say. Raises Defects with every cell that cannot be read."""
    return read_tables(files_of(intake), programme_of(intake.version_of).policy, intake.year, on_file=on_file)


def faults_of(defects: Defects, most: int = MOST_FAULTS) -> list[dict[str, Any]]:
    """Defects as the rows of a page and of a workbook."""
    return [fault_of(one) for one in defects.diagnostics[:most]]


def fault_of(one: Diagnostic) -> dict[str, Any]:
    """A defect as one such row: in Chinese, its English beside it, since nobody knows yet who will read it."""
    place = one.places[0]
    row = {"code": one.code, "severity": one.severity, "file": place.file, "sheet": place.sheet, "cell": place.cell, "also": "；".join(where.text for where in one.places[1:3])}
    return row | _worded(one, "zh") | {"en": _worded(one, "en")}


def _worded(one: Diagnostic, language: Language) -> dict[str, str]:
    words = one.sentence(language)
    return {name: words[name] for name in ("summary", "expected", "found", "remedy")}


def faults_said(intake: Intake) -> list[dict[str, Any]]:
    """What is wrong with an intake, one row per defect, in the language of whoever reads it."""
    return [one | one.get("en", {}) for one in intake.faults] if spoken() == "en" else list(intake.faults)


# --- what would change -------------------------------------------------------------------------------------------------------------------


def stated(tables: Tables, policy: Policy) -> dict[tuple[str, str], dict[tuple[str, str, str], str]]:
    """What the tables state, by object, then by (award, name, period), as facts' text."""
    found: dict[tuple[str, str], dict[tuple[str, str, str], str]] = {}
    facts: Facts = tables.facts
    for kind in sorted(facts.things):
        for thing in facts.all(kind):
            found[(kind, thing.key)] = {("", name, period_text(period)): encode(value) for (name, period), value in thing.values.items() if value is not None}
    for (award, key), values in sorted(facts.claims.items()):
        kind = _kind_of(award, key, facts, policy)
        found.setdefault((kind, key), {}).update({(award, name, period_text(period)): encode(value) for (name, period), value in values.items() if value is not None})
    return found


def _kind_of(award: str, key: str, facts: Facts, policy: Policy) -> str:
    """The object type a claim's key is of: as the tables have it, else as the registry has it."""
    wanted = policy.rules[award].object
    kinds = [kind for kind in policy.vocabulary.objects if policy.vocabulary.is_kind(kind, wanted)]
    own = next((kind for kind in kinds if facts.find(kind, key)), None)
    return own or Thing.objects.filter(kind__in=kinds, key=key).values_list("kind", flat=True).first() or wanted


def changes_of(tables: Tables, policy: Policy, source: str, say: Say = lambda *_: None) -> tuple[list[Change], Counter[str]]:
    """Everything that would be added or changed from a source, in a fixed order; and how much stays the same."""
    wanted, counts, found = stated(tables, policy), Counter[str](), []
    groups = sorted(wanted)
    for start in range(0, len(groups), _CHUNK):
        say(_("与现有数据比较"), start, len(groups))
        some = groups[start : start + _CHUNK]
        known = {(thing.kind, thing.key): thing.pk for thing in Thing.objects.filter(kind__in={kind for kind, _ in some}, key__in=[key for _, key in some])}
        current = _current([known[one] for one in some if one in known])
        for kind, key in some:
            values, have = wanted[(kind, key)], current.get(known.get((kind, key), 0), {})
            label = decode(values[("", "名称", "")]) if ("", "名称", "") in values else ""
            if (kind, key) not in known:
                found.append(Change("object", kind, key, str(label)))
                counts["objects"] += 1
            for (award, name, period), new in sorted(values.items()):
                by_source = have.get((award, name, period), {})
                old = by_source.get(source, "")
                if old == new:
                    counts["unchanged"] += 1
                    continue
                best = min(by_source, key=_RANK.__getitem__, default="")
                what = "changed" if old else "added"
                counts[what] += 1
                found.append(Change(what, kind, key, str(label), award, name, period, old, new, by_source.get(best, ""), best, not best or _RANK[source] <= _RANK[best]))
    for change in _payments(tables, policy.id):
        counts["paid"] += 1
        found.append(change)
    counts["paid_unchanged"] = len(tables.ledger) - counts["paid"]
    return found, counts


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the registry was when a comparison began."""

    fact: int
    paid: int
    at: datetime


def mark() -> Mark:
    """How far the registry is now."""
    return Mark(Fact.objects.aggregate(last=Max("pk"))["last"] or 0, Earlier.objects.aggregate(last=Max("pk"))["last"] or 0, timezone.now())


def touched(since: Mark, tables: Tables, policy: Policy) -> bool:
    """Whether anything a comparison looked at was written since. What is new is found by its number, so this is quick."""
    fresh = set(Fact.objects.filter(Q(pk__gt=since.fact) | Q(ended__gte=since.at)).values_list("thing__kind", "thing__key"))
    return bool(fresh and fresh & stated(tables, policy).keys()) or bool(tables.ledger and Earlier.objects.filter(policy=policy.id, pk__gt=since.paid).exists())


def _current(things: list[int]) -> dict[int, dict[tuple[str, str, str], dict[str, str]]]:
    """The current facts of objects: by object, (award, name, period) and source."""
    found: dict[int, dict[tuple[str, str, str], dict[str, str]]] = {}
    for thing, award, name, period, source, value in Fact.objects.filter(thing__in=things, ended=None).values_list("thing", "award", "name", "period", "source", "value"):
        found.setdefault(thing, {}).setdefault((award, name, period), {})[source] = value
    return found


def _payments(tables: Tables, policy: str) -> Iterator[Change]:
    """The earlier payments that are not on file yet; a row written twice is two payments."""
    if not tables.ledger:
        return
    rows = Earlier.objects.filter(policy=policy).values_list("award", "year", "object_key", "amount_fen", "document", "recipient", "tier", "standard_fen", "keys")
    there = Counter(json.dumps(list(row), ensure_ascii=False) for row in rows)
    for one in tables.ledger:
        row = [one.award, one.year, one.object_key, one.amount_fen, one.document, one.recipient, one.tier, one.standard_fen, [list(key) for key in one.keys]]
        text = json.dumps(row, ensure_ascii=False)
        if there[text] > 0:
            there[text] -= 1
        else:
            yield Change("paid", "历史", one.object_key, one.recipient, one.award, one.document, str(one.year), "", text)


# --- the preview -------------------------------------------------------------------------------------------------------------------------


def keep_preview(intake: Intake, changes: Iterable[Change]) -> str:
    """Keep the preview beside the workbook, whole or not at all; its hash."""
    digest, place = hashlib.sha256(), folder_of(intake) / "preview.jsonl"
    draft = place.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        for change in changes:
            line = json.dumps(asdict(change), ensure_ascii=False, sort_keys=True) + "\n"
            digest.update(line.encode())
            file.write(line)
    draft.replace(place)
    return digest.hexdigest()


def digest_of(changes: Iterable[Change]) -> str:
    """The hash a preview of these changes has."""
    digest = hashlib.sha256()
    for change in changes:
        digest.update((json.dumps(asdict(change), ensure_ascii=False, sort_keys=True) + "\n").encode())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the preview as a page shows it."""

    change: Change
    fact: str
    old: str
    new: str
    before: str
    effect: str
    tone: str


def preview(intake: Intake, search: str = "", what: str = "", most: int = SHOWN) -> tuple[list[Line], int]:
    """The first lines that match, and how many there are. what: object, added, changed or paid."""
    place, policy = folder_of(intake) / "preview.jsonl", programme_of(intake.version_of).policy
    if not place.is_file():
        return [], 0
    lines, count, needle, mark = [], 0, json.dumps(search.strip(), ensure_ascii=False)[1:-1].casefold(), f'"what": "{what}"'
    with place.open(encoding="utf-8") as file:
        for text in file:
            if (needle and needle not in text.casefold()) or (what and mark not in text):
                continue
            count += 1
            if len(lines) < most:
                lines.append(_line(Change(**json.loads(text)), policy, intake.source))
    return lines, count


def _line(change: Change, policy: Policy, source: str) -> Line:
    if change.what == "object":
        return Line(change, _("新对象"), "", change.label, "", _("登记为 %s") % change.kind, "plain")
    if change.what == "paid":
        row = json.loads(change.new)
        return Line(change, f"{row[1]}年 {row[0]}", "", value_text(row[3], fact_of(policy, "", OUTSIDE, row[0])), "", _("历史：%s") % row[4], "plain")
    declared = fact_of(policy, change.kind, change.name, change.award)
    name = headed(period_of(change.period), change.name, change.award)
    old, new = (value_text(decode(text), declared) if text else "" for text in (change.old, change.new))
    before = value_text(decode(change.before), declared) + aside(Source(change.before_source).label) if change.before else ""
    if not change.counts:
        return Line(change, name, old, new, before, _("存档，仍采用%s") % Source(change.before_source).label, "plain")
    same = change.before == change.new
    effect = _("采用") if not change.before else _("采用，数不变") if same else _("改为采用%s") % Source(source).label if change.before_source != source else _("采用新数")
    return Line(change, name, old, new, before, effect, "good" if not change.before or same else "wait")
