"""The one way a table of figures is printed."""

from __future__ import annotations

from collections.abc import Sequence

from duixian.values.diagnostic import display_width, pad


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, markdown: bool = False) -> None:
    """Heads and rows of texts in columns, or as Markdown."""
    lines = [heads, *rows]
    if markdown:
        for line in (heads, ["---"] * len(heads), *rows):
            print("| " + " | ".join(line) + " |")
        return
    widths = [max(display_width(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        print("  ".join(pad(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip())
