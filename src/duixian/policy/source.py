"""The official text (原文) as published, and the quotes held against it.

White space at line ends and empty lines are not text: the "ink" is every line stripped, put together. Inside a line every space counts.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from ..values.diagnostic import Diagnostic, Place
from .document import Document, Heading, Quote


@dataclass(slots=True)
class SourceText:
    """source.txt with the place of every inked character."""

    file: str
    text: str
    sha256: str
    ink: str = ""
    offsets: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        ink, offsets, start = [], [], 0
        for line in self.text.split("\n"):
            stripped = line.strip()
            if stripped:
                begin = start + line.index(stripped)
                ink.append(stripped)
                offsets.extend(range(begin, begin + len(stripped)))
            start += len(line) + 1
        self.ink, self.offsets = "".join(ink), tuple(offsets)

    def place(self, ink_at: int) -> Place:
        offset = self.offsets[ink_at] if ink_at < len(self.offsets) else len(self.text.rstrip())
        starts = [0, *(place + 1 for place, char in enumerate(self.text) if char == "\n")]
        line = bisect_right(starts, offset)
        end = self.text.find("\n", starts[line - 1])
        return Place(self.file, line, offset - starts[line - 1] + 1, 1, source=_around(self.text[starts[line - 1] : end if end >= 0 else None]))


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the text is quoted, and how many quotes have a disposition."""

    characters: int
    quoted: int
    quotes: int
    dispositioned: int


def _around(line: str) -> str:
    return line if len(line) <= 100 else ""


def match_quotes(document: Document, source: SourceText, defects: list[Diagnostic]) -> int:
    """Hold every heading and quote, in order, against the text; the number of characters that match. Reports the first difference only:
    after it every later quote would be shifted."""
    position = 0
    for element in document.elements:
        pieces = (
            [(element.text, element.at[0])]
            if isinstance(element, Heading)
            else [(cell.text, cell.at[0]) for cell in element.lines]
            if isinstance(element, Quote)
            else []
        )
        for text, offset in pieces:
            expected = source.ink[position : position + len(text)]
            if text != expected:
                same = next((place for place, (a, b) in enumerate(zip(text, expected, strict=False)) if a != b), min(len(text), len(expected)))
                at = (offset + same, offset + min(len(text), same + 12))
                if position + same >= len(source.ink):
                    defects.append(document.defect("DX103", at, found=text[same : same + 20]))
                else:
                    wanted = source.ink[position + same : position + same + 12]
                    defects.append(
                        document.defect("DX101", at, source.place(position + same), expected=wanted, found=text[same : same + 12] or "（到此为止）")
                    )
                return position + same
            position += len(text)
    if position < len(source.ink):
        place = source.place(position)
        last = document.elements[-1].at if document.elements else (0, 0)
        defects.append(document.defect("DX102", last, place, found=source.ink[position : position + 16], count=len(source.ink) - position))
    return position
