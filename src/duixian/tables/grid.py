"""What a file holds before anything is understood: named grids of raw cells with their true row numbers. One form for every kind of file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..values.diagnostic import Diagnostic, Place


@dataclass(slots=True)
class Grid:
    """One table of a file. rows: (row number as the program shows it, cells from column A on); blank rows are left out."""

    file: str
    sheet: str
    rows: list[tuple[int, list[Any]]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)  # from 0
    merged: list[str] = field(default_factory=list)
    hidden: bool = False

    def place(self, row: int = 0, column: int = 0, label: str = "") -> Place:
        """A cell of this table, or the table itself. column from 0."""
        return Place(self.file, sheet=self.sheet, cell=f"{letters(column)}{row}" if row else "", label=label)


@dataclass(slots=True)
class Source:
    """One file as read: its hash, its grids, and what stopped the reading."""

    file: str
    sha256: str
    grids: list[Grid] = field(default_factory=list)
    defects: list[Diagnostic] = field(default_factory=list)


def letters(column: int) -> str:
    """The letters of a column from 0: A, Z, AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_number(text: str) -> int:
    """The column from 0 that letters name."""
    number = 0
    for char in text:
        number = number * 26 + ord(char) - 64
    return number - 1
