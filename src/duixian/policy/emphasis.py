"""The words of a sentence that decide who gets how much: numbers with their boundary words, and the few that decide without a number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .check.figures import Figure, read_figures
from .lexer import normalise
from .syntax import PREFIXES, SUFFIXES
from .text import Piece

_WORDS = "全额|一次性|首次|新认定|不重复|就高|补差|取消|追回|累计|同时废止|减半"
_BEFORE = re.compile("(?:" + "|".join(sorted(map(re.escape, PREFIXES), key=len, reverse=True)) + ")(?:给予|补贴|补助|奖励)?(?:不超过)?$")
_AFTER = re.compile("(?:" + "|".join(sorted((re.escape(word) for word in ("(含)", *SUFFIXES) if word != "起"), key=len, reverse=True)) + ")+")


def pieces(text: str, decided: bool) -> Iterator[Piece]:
    """A line of the text with the words that decide apart; all one piece where nothing is decided by it."""
    at = 0
    for start, end in _deciding(text) if decided else ():
        if start > at:
            yield Piece(text[at:start])
        yield Piece(text[start:end], True)
        at = end
    if at < len(text):
        yield Piece(text[at:])


def _deciding(text: str) -> list[tuple[int, int]]:
    """Where numbers stand, with the boundary word before and after; and the words that decide without one. In order, none touching another."""
    flat = normalise(text)
    spans = [_stretch(flat, figure) for figure in read_figures(text)[0]]
    spans += [(found.start(), found.end()) for found in re.finditer(_WORDS, flat)]
    spans += [(found.start(), found.end()) for found in re.finditer(r"\d{4}年\d{1,2}月\d{1,2}日", flat)]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _stretch(flat: str, figure: Figure) -> tuple[int, int]:
    """From the boundary word before a number to the one behind it."""
    before, after = _BEFORE.search(flat[max(0, figure.start - 10) : figure.start]), _AFTER.match(flat, figure.end)
    return figure.start - (len(before.group()) if before else 0), after.end() if after else figure.end
