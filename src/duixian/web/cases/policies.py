"""Versions of policy folders: taken in once, kept whole, opened through the public door; opened ones are kept in the process."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

import duixian
from duixian.programme import Programme
from duixian.values.diagnostic import Defects
from duixian.values.facts import Facts
from duixian.web.record.book import Refused, acting
from duixian.web.registry.models import Seat

from .models import Cycle, PolicyVersion

FILES = ("policy.md", "source.txt")


def take_in(folder: Path, seat: Seat | None, *, vocabulary: Path | None = None) -> PolicyVersion:
    """File a policy folder as a version; the same content is filed once. Raises Refused with everything the check found where it cannot be read.

    The folder is kept as `〈policy〉/〈digest〉/folder` with its vocabulary beside it, so that its relative path still holds.
    """
    try:
        programme = duixian.load(folder)
    except Defects as defects:
        raise Refused("policy_can_be_read", "\n".join(one.render("zh") for one in defects.diagnostics[:30])) from defects
    policy, report = programme.policy, programme.check()
    found = PolicyVersion.objects.filter(policy=policy.id, digest=policy.digest).first()
    if found is not None:
        return found
    with acting(seat, "policy.take_in", f"policy:{policy.id}") as page:
        version = PolicyVersion.objects.create(
            policy=policy.id, digest=policy.digest, title=policy.title, issuer=policy.issuer, draft=is_draft(programme), sound=not report.errors, by=seat
        )
        page.new = {"digest": policy.digest, "title": policy.title}
        _keep(folder, place_of(version))
    return version


def folders() -> list[Path]:
    """The policy folders that come with the system, by name."""
    place = settings.POLICY_SOURCE
    return sorted(path for path in place.iterdir() if (path / "policy.md").is_file()) if place.is_dir() else []


def own_standards(version: PolicyVersion, year: int) -> str:
    """The text of the year's file that came with a version; '' where there is none."""
    path = place_of(version) / "folder" / f"standards-{year}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


@lru_cache(maxsize=16)
def _report(place: str) -> Any:
    return _programme(place).check()


def report_of(version: PolicyVersion) -> Any:
    """What the check finds in a version; computed once a process, since a version never changes."""
    return _report(str(place_of(version) / "folder"))


def is_draft(programme: Programme) -> bool:
    """征求意见稿: may be tried, never paid."""
    return any(general.status and "征求意见" in general.status for general in programme.policy.generals)


def place_of(version: PolicyVersion) -> Path:
    """Where a version is kept."""
    return settings.POLICIES / version.policy / version.digest[-16:]


def _keep(folder: Path, place: Path) -> None:
    """Copy a folder and the vocabulary next to it; whole or not at all."""
    if place.is_dir():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".taking-in-") as draft:
        inner = Path(draft) / "whole"
        shutil.copytree(folder, inner / "folder", ignore=shutil.ignore_patterns(".*"))
        shared = folder.parent / "vocabulary.md"
        if shared.is_file():
            shutil.copy2(shared, inner / "vocabulary.md")
        try:
            inner.rename(place)
        except OSError:
            if not place.is_dir():  # another process has just kept the same
                raise


@lru_cache(maxsize=16)
def _programme(place: str) -> Programme:
    return duixian.load(place)


def programme_of(version: PolicyVersion) -> Programme:
    """The version's rules, ready to be asked; read once a process."""
    return _programme(str(place_of(version) / "folder"))


def programme_at(policy: str, digest: str) -> Programme:
    """The rules of a version that is only named."""
    return _programme(str(place_of(PolicyVersion(policy=policy, digest=digest)) / "folder"))


def warm() -> None:
    """Read the rules of every cycle under way and ask them once, so that nobody's first page waits for it. What cannot be read is left to its own page."""
    for cycle in Cycle.objects.exclude(state__in=["preparing", "finished"]).select_related("version_of")[:16]:
        with suppress(Defects, OSError):
            programme_of(cycle.version_of).settle(cycle.year, Facts(), standards=standards_of(cycle), readings=readings_of(cycle), engine="interpret")


@lru_cache(maxsize=32)
def _standards(place: str, text: str, year: int) -> Any:
    """Raises Defects; nothing that was refused is kept."""
    from duixian.policy.check.year import check_adopted_units
    from duixian.policy.year_file import parse_standards

    policy, defects = _programme(place).policy, []
    found = parse_standards(text, f"standards-{year}.md", policy, year, defects)
    defects.extend(check_adopted_units(policy, found))
    if any(one.is_error for one in defects):
        raise Defects(defects)
    return found


def standards_of(cycle: Cycle, text: str | None = None) -> Any:
    """The year's standards of a cycle (or of a text to try), read. Raises Defects."""
    text = cycle.standards if text is None else text
    place = str(place_of(cycle.version_of) / "folder")
    if not text.strip():
        from duixian.policy.standards import Standards

        return Standards(cycle.year)
    return _standards(place, text, cycle.year)


def readings_of(cycle: Cycle) -> dict[str, str]:
    """The readings decided for a cycle: 口径 -> option, over what the year's file and the policy choose."""
    return {one["reading"]: one["option"] for one in cycle.readings}
