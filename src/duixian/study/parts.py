"""What a report is made of, before it is a page or a workbook: sections of sentences, charts and tables whose cells know what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fen:
    """An amount of money in 分, shown in 元 to the 分. signed: with + where it is more."""

    value: int
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, shown as a percentage to one place; of nothing it is shown as nothing."""

    part: int
    whole: int


Cell = Fen | Share | int | str | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head. foot: a last row of sums. name: the sheet it stands on in the workbook. key: columns of codes, set in a plain font."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    foot: Sequence[Cell] | None = None
    note: str = ""
    shown: int = 60  # rows on the page; the workbook has them all


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as finished SVG, with the sentence under it."""

    svg: str
    caption: str


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence. kind: '' | note | empty (why there is nothing to see)."""

    text: str
    kind: str = ""


@dataclass(slots=True)
class Section:
    """One question and its answer. answer: the answer in a sentence or two, first."""

    anchor: str
    title: str
    answer: list[str]
    blocks: list[Table | Chart | Text] = field(default_factory=list)
