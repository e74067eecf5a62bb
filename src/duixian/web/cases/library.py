"""The policy library: which policies who may read, how each stands today, its text laid out, and searching in it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy

from duixian.policy.text import Article, PolicyText, RuleCard, Sentence
from duixian.values.diagnostic import Defects
from duixian.web.language import spoken
from duixian.web.registry.models import Role, Seat

from . import policies, tryout
from .models import Cycle, PolicyVersion

INSIDE = frozenset({Role.OFFICER, Role.HEAD, Role.AUDITOR, Role.ADMIN})  # see versions from which no cycle was opened yet
MOST_HITS = 60


class Standing(NamedTuple):
    """How a policy stands today: a key, its words, their tone."""

    key: str
    words: Any
    tone: str


DRAFT = Standing("draft", gettext_lazy("征求意见稿"), "wait")
COMING = Standing("coming", gettext_lazy("尚未施行"), "wait")
FORCE = Standing("force", gettext_lazy("有效"), "good")
EXPIRED = Standing("expired", gettext_lazy("已失效"), "plain")
STANDINGS = (FORCE, DRAFT, COMING, EXPIRED)


@dataclass(frozen=True, slots=True)
class Shelved:
    """One policy of the library: the version shown, its text as the newest cycle reads it, how it stands, the cycles that are open."""

    version: PolicyVersion
    text: PolicyText
    standing: Standing
    cycle: Cycle | None
    open: tuple[Cycle, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One place found: the words before, the words found, the words after; the anchor to go to."""

    before: str
    found: str
    after: str
    anchor: str
    article: str
    award: str = ""


def versions(seat: Seat | None) -> list[PolicyVersion]:
    """The versions a seat may read, newest first: for the public those from which a cycle was opened."""
    rows = PolicyVersion.objects.all()
    if seat is None or seat.role not in INSIDE:
        rows = rows.filter(pk__in=Cycle.objects.exclude(state="preparing").values("version_of"))
    return list(rows)


def cycles_of(version: PolicyVersion) -> list[Cycle]:
    """The cycles made from a version that the public may know of, newest year first."""
    return list(Cycle.objects.filter(version_of=version).exclude(state="preparing").select_related("version_of").order_by("-year", "-id"))


def shelf(seat: Seat | None) -> list[Shelved]:
    """Every policy once, in its newest version, those in force first."""
    found: dict[str, PolicyVersion] = {}
    for version in versions(seat):
        found.setdefault(version.policy, version)
    rows = []
    for version in found.values():
        cycles = cycles_of(version)
        cycle = cycles[0] if cycles else None
        text = text_of(version, cycle)
        rows.append(Shelved(version, text, standing(version, text), cycle, tuple(one for one in cycles if one.state == "open")))
    order = {one.key: place for place, one in enumerate(STANDINGS)}
    return sorted(rows, key=lambda row: (order[row.standing.key], row.version.policy))


def version_of(seat: Seat | None, policy: str, number: str = "") -> PolicyVersion:
    """One version of a policy: the one asked for, else the newest this seat may read. Raises Http404."""
    rows = [one for one in versions(seat) if one.policy == policy and (not number or str(one.pk) == number)]
    if not rows:
        raise Http404
    return rows[0]


def standing(version: PolicyVersion, text: PolicyText, today: date | None = None) -> Standing:
    """How a policy stands on a day: a draft for comment, not yet in force, in force, or expired."""
    today = today or timezone.localdate()
    if version.draft:
        return DRAFT
    if text.last is not None and text.last < today:
        return EXPIRED
    return COMING if text.first is not None and text.first > today else FORCE


def text_of(version: PolicyVersion, cycle: Cycle | None = None) -> PolicyText:
    """A version's text as a cycle reads it (its standards, its readings), else as the policy file itself does; in the language of the page."""
    place = str(policies.place_of(version) / "folder")
    if cycle is None:
        return _text(place, "", 0, (), spoken())
    return _text(place, cycle.standards, cycle.year, tuple(sorted(policies.readings_of(cycle).items())), spoken())


@lru_cache(maxsize=48)
def _text(place: str, standards: str, year: int, readings: tuple[tuple[str, str], ...], language: Any) -> PolicyText:
    """Laid out once a process: versions never change, and a cycle's standards and readings are part of the key."""
    programme = policies._programme(place)
    try:
        known = policies._standards(place, standards, year) if standards.strip() else None
    except Defects:  # standards that cannot be read set nothing; the cycle's own page says why
        known = None
    return programme.text(readings=dict(readings), standards=known, language=language)


def tried(cycle: Cycle | None) -> frozenset[str]:
    """The awards of a cycle that anybody may try in the calculator."""
    return _tried(cycle.pk, cycle.version, cycle.state) if cycle is not None and cycle.state != "finished" else frozenset()


@lru_cache(maxsize=32)
def _tried(number: int, version: int, state: str) -> frozenset[str]:
    return frozenset(name for name, _, _ in tryout.awards(Cycle.objects.select_related("version_of").get(pk=number)))


def decided(cycle: Cycle | None) -> dict[str, dict[str, str]]:
    """reading -> who decided it for a cycle, when, on which document."""
    return {one["reading"]: one for one in cycle.readings} if cycle is not None else {}


# --- searching ------------------------------------------------------------------------------------------------------------------------------


def search(text: PolicyText, q: str) -> list[Hit]:
    """The sentences, awards and readings of a text in which every word asked for stands, in the order of the text."""
    words = [word for word in q.lower().split() if word][:6]
    found: list[Hit] = []
    for article in text.articles if words else ():
        for sentence in article.sentences:
            found += _in_sentence(article, sentence, words)
    return found[:MOST_HITS]


def _in_sentence(article: Article, sentence: Sentence, words: list[str]) -> list[Hit]:
    label = f"{article.number}{article.label}" if article.number else article.label
    found = [_hit(sentence.text, words, sentence.anchor, label)] if _has(sentence.text, words) else []
    for rule in sentence.rules:
        said = _all_of(rule)
        if _has(said, words):
            found.append(_hit(said, words, rule.name, label, rule.name))
    for reading in sentence.readings:
        said = f"{reading.name}：{reading.question}{reading.chosen}。{reading.reason}"
        if _has(said, words):
            found.append(_hit(said, words, f"口径-{reading.name}", label))
    return found


def _all_of(rule: RuleCard) -> str:
    parts = [f"{rule.name}：{rule.gist}"] + [f"{row.label} {'，'.join(row.lines)}" for row in rule.rows if row.key in ("对象", "条件", "任一", "标准", "材料")]
    return "；".join(parts)


def _has(text: str, words: list[str]) -> bool:
    lower = text.lower()
    return all(word in lower for word in words)


def _hit(text: str, words: list[str], anchor: str, article: str, award: str = "") -> Hit:
    at = text.lower().find(words[0])
    start, end = max(0, at - 30), at + len(words[0])
    return Hit(("…" if start else "") + text[start:at], text[at:end], text[end : end + 60] + ("…" if end + 60 < len(text) else ""), anchor, article, award)
