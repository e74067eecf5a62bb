"""The policy as a text to read, in records: chapters, articles and sentences word for word, and under each sentence what became of it.

For whoever lays a page out; made by `reader`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence; `decides`: words that decide who gets how much."""

    text: str
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One thing a rule says: what it is about, in how many lines it says it."""

    label: str
    lines: tuple[str, ...]
    key: str = ""  # which thing it is, in any language


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: a head and rows of as many cells."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class RuleCard:
    """A 奖补, 认定 or 登记 in plain words. gist: its amount in a few words; most: the most there can be. marks: ① -> (reading, option chosen). examples: as the file has them, filled in."""

    kind: str
    kind_word: str
    name: str
    clause: str
    object: str
    gist: str
    most: str
    rows: tuple[Row, ...]
    tiers: Grid | None
    marks: tuple[tuple[str, str, str], ...]
    waits: bool  # a standard of the year is still to be set
    examples: tuple[Grid, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingCard:
    """A 口径: the question, its options with the one chosen, why; changed: the year chose another than the policy's own."""

    name: str
    question: str
    options: tuple[tuple[str, bool], ...]
    chosen: str
    choice: str
    reason: str
    changed: bool = False
    why: str = ""  # why the year's file chose another


@dataclass(frozen=True, slots=True)
class BlockCard:
    """A 通则, 总额, 就高, 程序 or 参数: what it says, line by line or as a table."""

    kind: str
    kind_word: str
    name: str
    lines: tuple[str, ...] = ()
    grid: Grid | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One quote of the official text, its lines in pieces, and its disposition."""

    anchor: str
    lines: tuple[tuple[Piece, ...], ...]
    not_computed: tuple[str, ...] = ()
    rules: tuple[RuleCard, ...] = ()
    blocks: tuple[BlockCard, ...] = ()
    readings: tuple[ReadingCard, ...] = ()

    @property
    def text(self) -> str:
        """The words as they stand."""
        return "".join(piece.text for line in self.lines for piece in line)


@dataclass(slots=True)
class Article:
    """One 条: its number (（五）), its own heading where the text has one, its sentences."""

    anchor: str
    number: str = ""
    title: str = ""
    label: str = ""  # for a table of contents
    sentences: list[Sentence] = field(default_factory=list)

    @property
    def awards(self) -> list[RuleCard]:
        """The 奖补 of the article."""
        return [rule for sentence in self.sentences for rule in sentence.rules if rule.kind == "奖补"]

    @property
    def kind(self) -> str:
        """What becomes of an article without awards: the first word of its disposition (宣示, 引用, 程序, 登记 …)."""
        for sentence in self.sentences:
            for card in (*sentence.rules, *sentence.blocks):
                return card.kind_word
        return next((reason.split("，")[0] for sentence in self.sentences for reason in sentence.not_computed), "")


@dataclass(slots=True)
class Chapter:
    """A heading of the text and the articles below it; title '' for what stands before the first or after the last."""

    anchor: str
    title: str = ""
    articles: list[Article] = field(default_factory=list)


@dataclass(slots=True)
class PolicyText:
    """The whole policy. about: what it says of itself. status: 征求意见稿 or ''. first, last: the days of its validity."""

    title: str
    issuer: str
    chapters: list[Chapter]
    about: tuple[str, ...]
    status: str
    first: Any
    last: Any

    @property
    def articles(self) -> list[Article]:
        """Every article in order."""
        return [article for chapter in self.chapters for article in chapter.articles]

    @property
    def rules(self) -> list[RuleCard]:
        """Every rule in order."""
        return [rule for article in self.articles for sentence in article.sentences for rule in sentence.rules]

    @property
    def awards(self) -> list[RuleCard]:
        """Every 奖补 in order."""
        return [rule for rule in self.rules if rule.kind == "奖补"]

    @property
    def readings(self) -> list[ReadingCard]:
        """Every 口径 in order."""
        return [reading for article in self.articles for sentence in article.sentences for reading in sentence.readings]
