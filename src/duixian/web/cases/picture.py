"""Pictures drawn on the server as SVG with classes (no inline style, no script): bars of shares, and money as it falls from the total to what is left.

Every picture stands beside the table it is drawn from. Whole numbers only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .templatetags.said import yuan

WIDE = 1000


class Part(NamedTuple):
    """One share of a bar: what it is, how much, the class of its colour (b1 … b5)."""

    label: str
    value: int
    tone: str


def share_bar(parts: Sequence[Part], whole: int, said: str) -> SafeString:
    """One bar of shares of a whole; `said` is what it says to who cannot see it."""
    here, boxes = 0, []
    for part in parts:
        width = part.value * WIDE // whole if whole > 0 else 0
        if part.value > 0:
            boxes.append((here, max(width, 3), part.tone, part.label))
        here += width
    rects = format_html_join("", '<rect x="{}" y="0" width="{}" height="10" class="{}"><title>{}</title></rect>', boxes)
    return format_html('<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>', said, rects)


def small_bar(value: int, most: int, tone: str = "b1") -> SafeString:
    """A bar in a table's cell; the number stands beside it, so it is hidden from who cannot see it."""
    width = 0 if most <= 0 or value <= 0 else max(3, value * WIDE // most)
    return format_html(
        '<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect x="0" y="0" width="{}" height="10" class="{}"/></svg>', width, tone
    )


def fall(steps: Sequence[tuple[str, int, int, str]], said: str) -> SafeString:
    """Money falling in steps: (label, from, to, tone) in 分, drawn as columns that hang where the one before ended; amounts in 元, to the 分, so that they add up."""
    high = max([1, *(max(start, end) for _, start, end, _ in steps)])
    tall, top, room = 150, 26, 132
    width = room * len(steps)
    parts = []
    for place, (label, start, end, tone) in enumerate(steps):
        x, upper, lower = place * room, max(start, end), min(start, end)
        y, height = top + (high - upper) * tall // high, max(2, (upper - lower) * tall // high)
        parts.append(format_html('<rect x="{}" y="{}" width="{}" height="{}" class="{}"><title>{} {}</title></rect>', x + 12, y, room - 24, height, tone, label, _("%s 元") % yuan(upper - lower)))
        parts.append(format_html('<text x="{}" y="{}" class="value">{}</text>', x + room // 2, y - 6, yuan(upper - lower)))
        parts.append(format_html('<text x="{}" y="{}" class="label">{}</text>', x + room // 2, top + tall + 20, label))
        if place + 1 < len(steps):
            level = top + (high - end) * tall // high
            parts.append(format_html('<line x1="{}" y1="{}" x2="{}" y2="{}" class="joint"/>', x + room - 12, level, x + room + 12, level))
    body = format_html_join("", "{}", ((part,) for part in parts))
    return format_html(
        '<svg class="fallpic" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}"><line x1="0" y1="{}" x2="{}" y2="{}" class="base"/>{}</svg>',
        width, top + tall + 30, width, top + tall + 30, said, top + tall, width, top + tall, body,
    )  # fmt: skip
