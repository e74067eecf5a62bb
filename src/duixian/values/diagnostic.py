"""A defect (缺陷): a code, every place involved, what was expected, what was found, how to mend it. The sentence is built here and nowhere else.

Defects are collected and returned, never raised one by one; `Defects` is the exception for a caller who asked for a result and cannot have one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .english_defects import english_detail
from .messages import LABELS, MESSAGES, Language


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file with line and column (from 1), or a workbook with sheet and cell."""

    file: str
    line: int = 0
    column: int = 0
    width: int = 1
    clause: str = ""
    source: str = ""  # the whole line, for the caret
    sheet: str = ""
    cell: str = ""
    label: str = ""

    @property
    def text(self) -> str:
        if self.sheet:
            return f"{self.file} {self.sheet}!{self.cell}" if self.cell else f"{self.file} {self.sheet}"
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One defect or warning; `details` fill the sentence of its code in either language."""

    code: str
    places: tuple[Place, ...]
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def severity(self) -> str:
        return MESSAGES[self.code].severity

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    def sentence(self, language: Language = "zh") -> dict[str, str]:
        """summary, expected, found, remedy in one language; an empty one does not apply."""
        template = MESSAGES[self.code].text(language)
        details = {key: str(value) for key, value in self.details.items()}
        if language == "en":
            details |= {key: details.get(key + "_en") or english_detail(details[key]) for key in _PHRASED if key in details}
        return {part: words.format_map(_Blank(details)) for part, words in template.items()}

    def render(self, language: Language = "zh") -> str:
        """The whole message: first line with code and place, then the source with a caret, then what to do."""
        words, label = self.sentence(language), LABELS[language]
        place = self.places[0]
        clause = f" {place.clause}" if place.clause else ""
        lines = [f"{label[self.severity]}[{self.code}] {place.text}{clause} {words['summary']}"]
        for where in self.places:
            if where is not place:
                named = english_detail(where.label) if language == "en" else where.label
                lines.append(f"  {label['also']} {where.text}" + (f" {named}" if named else ""))
            if where.source:
                source, column = excerpt(where.source.rstrip(), where.column)
                lines += ["  | " + source, "  | " + caret(source, column, where.width)]
        for part in ("expected", "found", "remedy"):
            if words[part]:
                lines.append(f"  {label[part]}{words[part]}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready form with both languages."""
        return {
            "code": self.code,
            "severity": self.severity,
            "places": [
                {name: value for name in ("file", "line", "column", "width", "clause", "sheet", "cell", "label") if (value := getattr(where, name))}
                for where in self.places
            ],
            "zh": self.sentence("zh"),
            "en": self.sentence("en"),
        }


_PHRASED = ("expected", "found", "given", "left", "right", "kind", "side")  # details that may be phrases of the code, which have their English


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def display_width(text: str) -> int:
    """Columns a text takes on a terminal: wide and fullwidth characters count two."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=1 << 14)
def _columns(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 0 if unicodedata.combining(char) else 1


def pad(text: str, width: int) -> str:
    """The text, filled with spaces to a width on a terminal."""
    return text + " " * max(0, width - display_width(text))


WIDEST = 160  # characters of a source line that are shown around a defect


def excerpt(line: str, column: int) -> tuple[str, int]:
    """A line short enough to show, and the column within it: a very long one is cut on both sides."""
    if len(line) <= WIDEST:
        return line, column
    start = max(0, min(column - 1 - WIDEST // 2, len(line) - WIDEST))
    end = start + WIDEST
    return ("…" if start else "") + line[start:end] + ("…" if end < len(line) else ""), column - start + (1 if start else 0)


def caret(line: str, column: int, width: int) -> str:
    """A line of carets under `width` characters of `line` from `column` (1-based), aligned under wide characters."""
    before = "".join("\t" if char == "\t" else " " * display_width(char) for char in line[: column - 1])
    return before + "^" * max(1, display_width(line[column - 1 : column - 1 + width].rstrip("\n")))


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Errors before warnings, then by place; doubles removed."""
    seen: dict[tuple[Any, ...], Diagnostic] = {}
    for item in diagnostics:
        key = (
            item.severity != "error",
            item.places[0].file,
            item.places[0].line,
            item.places[0].sheet,
            _cell_order(item.places[0].cell),
            item.places[0].column,
            item.code,
            tuple(sorted((key, str(value)) for key, value in item.details.items())),
        )
        seen.setdefault(key, item)
    return [seen[key] for key in sorted(seen)]


def _cell_order(cell: str) -> tuple[int, int, str]:
    letters, digits = cell.rstrip("0123456789"), cell[len(cell.rstrip("0123456789")) :]
    return (int(digits or 0), len(letters), letters)


class Defects(Exception):
    """Raised by the public door where no result can be given: carries every diagnostic."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = in_order(diagnostics)
        super().__init__("\n".join(item.render() for item in self.diagnostics))
