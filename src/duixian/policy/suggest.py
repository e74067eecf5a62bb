"""The nearest name, for messages that say 是不是“…”."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like `name`, or '' where none is near."""
    candidates = list(known)
    found = difflib.get_close_matches(name, candidates, n=1, cutoff=0.5)
    return found[0] if found else next((candidate for candidate in candidates if name and (name in candidate or candidate in name)), "")


def remedies(name: str, known: Iterable[str], otherwise: str, otherwise_en: str) -> dict[str, str]:
    """remedy and remedy_en for a wrong name."""
    near = nearest(name, known)
    return {
        "remedy": f"是不是“{near}”？" if near else otherwise,
        "remedy_en": f"did you mean “{near}”?" if near else otherwise_en,
    }
