"""The clauses of one block by key: each is read once, and what is left over is a defect."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from ..values.diagnostic import Diagnostic
from .cursor import Unreadable
from .document import Block, Bullet, Cell, Document, read_bullet
from .lexer import mark_in
from .refusals import refusal
from .suggest import NO_HINT, remedies, slip_of
from .syntax import CLAUSES, REPEATED, Source, Span
from .terms import Reader

_ANOTHER_BLOCK = {"hint": "像是另一个块的项目，它前面少了一行 #### 种类 名称；", "hint_en": "these may belong to another block, whose #### line is missing; "}
_LISTED = ("从列出的项目里选。", "use a listed clause.")
_ALL_OF = ("都要满足的，每个条件写一行 条件；满足一项即可的，写 任一。", "where all must hold, one line 条件 for each; 任一 where one will do.")
MOST_FOREIGN = 2  # clauses a block does not have, each told by itself


@dataclass(slots=True)
class Clauses:
    """The bullets of one block, read by key; every key asked for is known, every other one is a defect."""

    block: Block
    document: Document
    defects: list[Diagnostic]
    known: list[str]
    named: tuple[str, ...] = ()  # what the policy calls by a name in which a word stands that is refused by itself
    bullets: list[Bullet] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)  # clauses that are needed and not there
    again: list[Bullet] = field(default_factory=list)  # that stand a second time

    def __post_init__(self) -> None:
        clauses = CLAUSES.get(self.block.kind, ())
        for bullet in self.block.bullets:
            indented = [read_bullet(child.text, child.at[0]) for child in bullet.children if bullet.key != "任一"]  # which `finish` tells of
            self.bullets += [self._meant(bullet), *(child for child in indented if child.key in clauses)]

    def _meant(self, bullet: Bullet) -> Bullet:
        """A line whose clause is misspelled by a character, or has no colon behind it, read as the clause that was meant: it is told by `finish`, and nothing follows from it."""
        clauses = CLAUSES.get(self.block.kind, ())
        if bullet.key in clauses:
            return bullet
        there = {other.key for other in self.block.bullets if other.key not in REPEATED}
        if bullet.key:
            meant = [key for key in clauses if key not in there and slip_of(bullet.key, key)]
            return replace(bullet, key=meant[0]) if len(meant) == 1 else bullet
        key = next((key for key in clauses if key not in there and bullet.value.startswith(key)), "")
        rest = bullet.value[len(key) :].lstrip()
        return replace(bullet, key=key, value=rest, at=(bullet.at[1] - len(rest), bullet.at[1])) if key and rest else bullet

    def reader(self, text: str, offset: int) -> Reader:
        return Reader(text, offset, self.document, self.defects)

    def read(self, bullet: Bullet | Cell, how: Callable[[Reader], Any]) -> Any:
        """One bullet or cell through one nonterminal; None where it cannot be read."""
        text, at = (bullet.value, bullet.at) if isinstance(bullet, Bullet) else (bullet.text, bullet.at)
        before = len(self.defects)
        try:
            reader = self.reader(text, at[0])
            value = how(reader)
            reader.done()
        except Unreadable as stop:
            value = None
            refused = refusal(text, self.named)
            if refused:
                self.defects[before:] = [self.document.defect("DX213", at, **refused)]
            elif len(self.defects) == before:  # what the lexer could not read says enough
                self.defects.append(self.document.defect(stop.code, stop.at, **stop.details))
        return value if len(self.defects) == before else None

    def all(self, key: str) -> list[Bullet]:
        if key not in CLAUSES[self.block.kind]:  # one function reads 奖补, 认定 and 登记: what only another kind has is told by `finish`
            return []
        if key not in self.known:
            self.known.append(key)
        return [bullet for bullet in self.bullets if bullet.key == key]

    def one(self, key: str, *, needed: bool = False) -> Bullet | None:
        found = self.all(key)
        self.again += found[1:]
        glued = any(not bullet.key and bullet.value.startswith(key) for bullet in self.block.bullets)  # `finish` says that its colon is missing
        if (not found and needed and not glued) or (found and needed and not found[0].value.strip() and not found[0].children):
            self.lacking.append(key)
        return found[0] if found else None

    def value(self, key: str, how: Callable[[Reader], Any], *, needed: bool = False) -> Any:
        bullet = self.one(key, needed=needed)
        return self.read(bullet, how) if bullet else None

    def values(self, key: str, how: Callable[[Reader], Any]) -> tuple[Any, ...]:
        return self.each(key, self.all(key), how)

    def each(self, key: str, lines: Iterable[Bullet | Cell], how: Callable[[Reader], Any]) -> tuple[Any, ...]:
        """What several lines of one clause say; a line that says the same as one above does nothing, and another was meant (DX206)."""
        found: dict[Any, Bullet | Cell] = {}
        for line in lines:
            value = self.read(line, how)
            if value in found:
                said = line.value if isinstance(line, Bullet) else line.text
                self.defects.append(self.document.defect("DX206", line.at, self.document.place(found[value].at), key=f"{key}：{said}", **NO_HINT))
            elif value is not None:
                found[value] = line
        return tuple(found)

    def prose(self, key: str, *, needed: bool = False) -> str:
        bullet = self.one(key, needed=needed)
        return bullet.value if bullet else ""

    def names(self, key: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in re.split("[、]", self.prose(key)) if part.strip())

    def _lacking_and_again(self) -> None:
        """What is not there, in one defect; what is there twice, in one: several such lines are another block, whose #### line is missing."""
        if self.lacking:
            lines = "、".join(f"- {key}：…" for key in self.lacking)
            self.defects.append(self.document.defect("DX205", self.block.at, kind=self.block.kind, name=self.block.name, key="、".join(self.lacking), lines=lines))
        if self.again:
            first = min(self.again, key=lambda bullet: bullet.key_at)
            before = next(bullet for bullet in self.bullets if bullet.key == first.key)
            keys = "、".join(dict.fromkeys(bullet.key for bullet in sorted(self.again, key=lambda bullet: bullet.key_at)))
            self.defects.append(self.document.defect("DX206", first.key_at, self.document.place(before.key_at), key=keys, **(_ANOTHER_BLOCK if "、" in keys else NO_HINT)))

    def finish(self) -> None:
        """Tell of every line that is no clause of the block, of those that are missing and of those that stand twice."""
        self._lacking_and_again()
        foreign = [bullet for bullet in self.block.bullets if bullet.key and bullet.key not in self.known]
        if len({bullet.key for bullet in foreign}) > MOST_FOREIGN:  # not slips but another block, whose #### line is missing
            keys = "、".join(dict.fromkeys(bullet.key for bullet in foreign))
            self.defects.append(self.document.defect("DX204", foreign[0].key_at, kind=self.block.kind, found=keys, expected="、".join(self.known),
                                                     remedy="像是另一个块的项目：它前面少了一行 #### 种类 名称。", remedy_en="these belong to another block, whose #### line is missing."))  # fmt: skip
            self.known += [bullet.key for bullet in foreign]
        for bullet in self.block.bullets:
            if bullet.children and bullet.key != "任一" and (bullet.key in self.known or not bullet.key):
                self.defects.append(self.document.defect("DX201", bullet.children[0].at, expected="缩进的条目只写在“任一：”下面", found=bullet.children[0].text[:20],
                                                         remedy="去掉前面的空格。", remedy_en="take the spaces before it away."))  # fmt: skip
            if bullet.key not in self.known:
                at = bullet.key_at if bullet.key else bullet.at
                meant = "" if bullet.key else next((key for key in self.known if bullet.value.startswith(key)), "")
                details = remedies(bullet.key, self.known, *(_ALL_OF if bullet.children and "任一" in self.known else _LISTED))
                kinds = [kind for kind, names in CLAUSES.items() if bullet.key in names]
                if kinds:
                    details = {"remedy": f"它是{'、'.join(kinds)}的项目，写在这里不起作用。", "remedy_en": f"it is a clause of {', '.join(kinds)} and does nothing here."}
                if meant:
                    details = {"remedy": f"“{meant}”后面写“：”。", "remedy_en": f"put “：” after {meant}."}
                self.defects.append(
                    self.document.defect("DX204", at, kind=self.block.kind, found=bullet.key or bullet.value[:20], expected="、".join(self.known), **details)
                )


def declare(table: dict[str, Any], name: str, record: Any, clauses: Clauses) -> None:
    """Put a record under its name; a name that is not there or taken is a defect."""
    if not name:
        clauses.defects.append(clauses.document.defect("DX306", clauses.block.at, found=name, expected=f"#### {clauses.block.kind} 后面写名称"))
    elif mark_in(name):
        spelled(clauses.block.at, name, clauses.document, clauses.defects)
    elif name in table:
        other = table[name].block.at
        clauses.defects.append(clauses.document.defect("DX302", clauses.block.at, clauses.document.place(other), found=name))
    else:
        table[name] = record


def spelled(at: Span, name: str, document: Document, defects: list[Diagnostic]) -> None:
    """A name others are to write holds no punctuation (DX306)."""
    if mark := mark_in(name):
        defects.append(document.defect("DX306", at, found=name, expected=f"没有“{mark}”的名称"))


def read_source(reader: Reader) -> Source:
    """One line of 来源: which fact is taken from where."""
    fact = reader.name("事实")
    word = reader.name("取自")
    if word.text != "取自":
        raise Unreadable(
            "DX201",
            word.at,
            expected="事实 取自 来源",
            found=word.text,
            remedy="写成“网络零售额 取自 统计直报”。",
            remedy_en="write: fact 取自 source.",
        )
    return Source(fact.text, reader.name("来源的名称").text, at=fact.at)
