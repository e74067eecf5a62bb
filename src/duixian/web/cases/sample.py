"""An auditor's sample that anybody can draw again: from a published seed, stratified by award, ordered by SHA-256. No chance of this machine is in it.

The order of a case within an award is the SHA-256 of `seed|award|number`; the first ones are drawn. Whoever knows the seed and the list gets the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

Listed = tuple[str, str]  # award, number of the application


def draw(listed: Iterable[Listed], seed: str, percent: int, least: int) -> list[Listed]:
    """Of each award `percent` of a hundred, rounded up, and at least `least` (all where there are fewer), in the order of their hashes."""
    groups: dict[str, list[Listed]] = {}
    for one in sorted(set(listed)):
        groups.setdefault(one[0], []).append(one)
    drawn = []
    for award in sorted(groups):
        group = groups[award]
        count = min(len(group), max(least, -(-len(group) * percent // 100)))
        drawn += sorted(group, key=lambda one: place_of(seed, one))[:count]
    return drawn


def place_of(seed: str, one: Listed) -> str:
    """Where a case stands in the order of a seed."""
    return hashlib.sha256(f"{seed.strip()}|{one[0]}|{one[1]}".encode()).hexdigest()


def digest_of(listed: Sequence[Listed]) -> str:
    """The hash of the list that was drawn from."""
    return hashlib.sha256(json.dumps(sorted([list(one) for one in set(listed)]), ensure_ascii=False).encode()).hexdigest()
