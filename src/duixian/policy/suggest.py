"""The nearest name, for messages that say 是不是“…”."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ..values.units import MULTIPLIERS, UNITS, is_unit

NO_HINT = {"hint": "", "hint_en": ""}  # details of a message that may say more


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like `name`, or '' where none is near."""
    candidates = list(known)
    found = difflib.get_close_matches(name, candidates, n=1, cutoff=0.5)
    return found[0] if found else next((candidate for candidate in candidates if name and (name in candidate or candidate in name)), "")


def slip_of(name: str, word: str) -> bool:
    """Whether a name is a word of two or more characters with one of them wrong, left out, put in or changed with the next."""
    if len(word) < 2 or abs(len(name) - len(word)) > 1 or not set(name) & set(word):
        return False
    if len(name) == len(word):
        return sum(a != b for a, b in zip(name, word, strict=True)) == 1 or sorted(name) == sorted(word)
    long, short = (name, word) if len(name) > len(word) else (word, name)
    return any(long[:place] + long[place + 1 :] == short for place in range(len(long)))


def nearest_key(key: str, known: Iterable[str]) -> str:
    """The known key (标识) most like one. Long numbers of one office are all alike, so one is suggested only where a single sign is wrong: the next
    company's code is no remedy."""
    numbered = sum(char.isdigit() for char in key) > 5
    return nearest(key, (word for word in known if slip_of(key, word)) if numbered else known)


def remedies(name: str, known: Iterable[str], otherwise: str, otherwise_en: str) -> dict[str, str]:
    """remedy and remedy_en for a wrong name."""
    near = nearest(name, known)
    return {
        "remedy": f"是不是“{near}”？" if near else otherwise,
        "remedy_en": f"did you mean “{near}”?" if near else otherwise_en,
    }


def unit_remedy(unit: str) -> dict[str, str]:
    """remedy and remedy_en for a unit that is not in the closed table."""
    multiplier = next((word for word in MULTIPLIERS if unit.startswith(word)), "")
    bare = unit.removeprefix(multiplier).replace("每", "/").replace("／", "/")
    if bare != unit and is_unit(bare):
        why, why_en = ("，倍数跟在数后面写", "; the multiplier goes with the figure") if multiplier else ("", "")
        return {"remedy": f"写“{bare}”{why}。", "remedy_en": f"write “{bare}”{why_en}."}
    some = "元、%、平方米、亩、吨、年、月、日、家、人、个……"
    return remedies(unit, UNITS, f"用单位表里的单位：{some}没有合适量词的写“个”。", f"use a unit of the table ({some}); 个 goes with any count.")
