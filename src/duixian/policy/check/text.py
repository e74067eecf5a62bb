"""The official text: quoted to the last character, every sentence dispositioned, no number hidden in a heading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...values.diagnostic import Diagnostic
from ..document import Heading
from ..model import Policy
from ..source import Coverage, match_quotes


def check_quotes(policy: Policy) -> Iterator[Diagnostic]:
    """Headings and quotes, in order, are the text of source.txt (DX101–DX103)."""
    defects: list[Diagnostic] = []
    match_quotes(policy.document, policy.source, defects)
    yield from defects


def check_dispositions(policy: Policy) -> Iterator[Diagnostic]:
    """Below every quote stands a block or a 不计算 (DX105); clauses that lack their #### line are told as such (DX204)."""
    for quote in policy.document.quotes:
        if not quote.blocks and all(note.key == "说明" for note in quote.notes):
            yield policy.document.defect("DX105", quote.lines[0].at)


def check_headings(policy: Policy) -> Iterator[Diagnostic]:
    """A heading needs no disposition, so it may hold no number (DX106)."""
    for element in policy.document.elements:
        if isinstance(element, Heading) and (found := re.search(r"\d+", element.text)):
            yield policy.document.defect("DX106", element.at, found=found.group())


def coverage(policy: Policy) -> Coverage:
    """Characters quoted and sentences dispositioned."""
    quotes = policy.document.quotes
    done = sum(1 for quote in quotes if quote.blocks or any(note.key == "不计算" for note in quote.notes))
    return Coverage(len(policy.source.ink), match_quotes(policy.document, policy.source, []), len(quotes), done)
