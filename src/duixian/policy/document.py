"""Markdown split into what a policy is made of: headings, quotes, blocks with bullets and tables. Every offset is kept; nothing is interpreted.

A policy file, a vocabulary and a year's file are all read by the same splitter.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..values.diagnostic import Defects, Diagnostic, Place
from .suggest import NO_HINT, remedies
from .syntax import BLOCKS, CLAUSES, Span
from .table_text import Cell, Table, read_table, starts_table

_MARKER = re.compile(
    r"^\s*(（[一二三四五六七八九十百]+）|\([一二三四五六七八九十百]+\)|[一二三四五六七八九十百]+(?=、)|第[一二三四五六七八九十百]+条)"
)


@dataclass(frozen=True, slots=True)
class Bullet:
    """- 键：值, or a bare line (key ''), with its indented children."""

    key: str
    key_at: Span
    value: str
    at: Span
    children: tuple[Cell, ...] = ()


@dataclass(slots=True)
class Block:
    """#### kind name, with its bullets and tables; `quote` is the official text it stands under."""

    kind: str
    name: str
    at: Span
    bullets: list[Bullet] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    quote: Quote | None = None
    clause: str = ""


@dataclass(slots=True)
class Quote:
    """One stretch of official text (>), the unit of disposition, and what stands below it."""

    lines: list[Cell]
    at: Span
    clause: str = ""
    blocks: list[Block] = field(default_factory=list)
    notes: list[Bullet] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(cell.text for cell in self.lines)

    @property
    def shown(self) -> list[str]:
        """The lines below “原文：”, each on its own as the office wrote them, the others below the first."""
        return [("      " if number else "") + cell.text for number, cell in enumerate(self.lines)]


@dataclass(slots=True)
class Heading:
    """A heading of the official text, or of a section of another file."""

    level: int
    text: str
    at: Span
    clause: str = ""


@dataclass(slots=True)
class Document:
    """A file, split. `elements` holds headings, quotes and blocks in order; bullets and tables outside a block hang on the last heading."""

    file: str
    text: str
    front: dict[str, Cell] = field(default_factory=dict)
    elements: list[Heading | Quote | Block] = field(default_factory=list)
    loose: dict[int, list[Table | Bullet]] = field(default_factory=dict)  # heading offset -> what stands directly below it
    starts: list[int] = field(default_factory=list)
    front_keys: dict[str, Span] = field(default_factory=dict)  # where each key of the front matter stands

    def __post_init__(self) -> None:
        self.starts = [0, *(place + 1 for place, char in enumerate(self.text) if char == "\n")]

    def place(self, at: Span, label: str = "") -> Place:
        line = bisect_right(self.starts, at[0])
        start = self.starts[line - 1]
        end = self.text.find("\n", start)
        source = self.text[start : end if end >= 0 else len(self.text)]
        column = at[0] - start + 1
        return Place(self.file, line, column, max(1, min(at[1], start + len(source)) - at[0]), self.clause_at(at[0]), source, label=label)

    def clause_at(self, offset: int) -> str:
        clause = ""
        for element in self.elements:
            if element.at[0] > offset:
                break
            clause = element.clause or clause
        return clause

    def defect(self, code: str, at: Span, *others: Place, **details: object) -> Diagnostic:
        return Diagnostic(code, (self.place(at), *others), details)

    def repeated_head(self, table: Table) -> Diagnostic | None:
        """DX206 for a table of named columns in which two have one name."""
        if not (found := table.head_again):
            return None
        return self.defect("DX206", found[1].at, self.place(found[0].at), key=f"{found[1].text} 一列", **NO_HINT)

    def quote_of(self, line: int) -> int:
        """The place of the quote that a line belongs to, itself or what stands below it; −1 where there is none."""
        return sum(1 for quote in self.quotes if self.place(quote.at).line <= line) - 1

    def block_of(self, line: int) -> Block | None:
        """The block that a line belongs to; None for a line of the text itself."""
        above = [element for element in self.elements if self.place(element.at).line <= line]
        return above[-1] if above and isinstance(above[-1], Block) else None

    def heading_of(self, block: Block) -> Heading | Quote | Block:
        """The last heading or quote above a block; the first element of the file where there is none."""
        above = self.elements[: self.elements.index(block)]
        return next((element for element in reversed(above) if not isinstance(element, Block)), self.elements[0])

    @property
    def quotes(self) -> list[Quote]:
        return [element for element in self.elements if isinstance(element, Quote)]

    @property
    def blocks(self) -> list[Block]:
        return [element for element in self.elements if isinstance(element, Block)]


MOST_BYTES = 2_000_000  # of one file; the longest policy so far has fifty thousand


def read_text(path: Path) -> str:
    """A UTF-8 file as text with \\n line ends. Raises Defects (DX108) where it cannot be read, or is longer than any policy (MOST_BYTES)."""
    place = Place(f"{path.parent.name}/{path.name}".lstrip("/"))
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise OSError("a pipe or a device: it may have no end")
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise Defects([Diagnostic("DX108", (place,), {"expected": f"不超过 {MOST_BYTES // 1_000_000} MB 的文本", "found": "太长"})])
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except (OSError, ValueError) as error:  # ValueError: a path no system can have
        if isinstance(error, UnicodeDecodeError):
            raise Defects([Diagnostic("DX108", (place,), {"expected": "UTF-8 编码的文本", "found": "不是 UTF-8"})]) from None
        found = {FileNotFoundError: "没有这个文件", IsADirectoryError: "这是一个目录", PermissionError: "没有读取的权限"}.get(type(error), "打不开")
        raise Defects([Diagnostic("DX108", (place,), {"expected": "可以读的文件", "found": found})]) from None


def split(text: str, file: str, defects: list[Diagnostic], *, strict: bool = True) -> Document:
    """The elements of a file in order. strict: a line outside quotes and blocks is a defect (policy files); else it is skipped (vocabularies)."""
    document = Document(file, text)

    def report(code: str, at: Span, **details: object) -> None:
        defects.append(document.defect(code, at, **details))

    lines = list(_lines(text))
    position = _front_matter(document, lines, defects)
    clause, quote, block, heading = "", None, None, 0
    stray = False  # lines one after another that belong nowhere are one defect
    while position < len(lines):
        start, line = lines[position]
        stripped = line.strip()
        at = (start + len(line) - len(line.lstrip()), start + len(line.rstrip()))
        if not stripped:
            position += 1
        elif strict and (crooked := _crooked_block(lines, position)):
            kind, name = crooked
            remedy, remedy_en = "规则块是四个 #，# 后面、种类和名称之间各空一格。", "a block takes four #, a space behind them and one between kind and name."
            defects.append(document.defect("DX203", at, expected=f"#### {kind} {name}", found=stripped[:40], remedy=remedy, remedy_en=remedy_en))
            block = Block(kind, name, at, quote=quote, clause=clause)
            document.elements.append(block)
            if quote:
                quote.blocks.append(block)
            position += 1
        elif found := re.match(r"(#{1,6})\s+(.*)", stripped):
            stray = False
            level, title = len(found.group(1)), found.group(2).strip()
            title_at = (at[1] - len(found.group(2).rstrip()), at[1])
            if level == 4:
                kind, _, name = title.partition(" ")
                block = Block(kind, name.strip(), title_at, quote=quote, clause=clause)
                document.elements.append(block)
                if quote:
                    quote.blocks.append(block)
            else:
                clause = _marker(title) or (clause if level > 2 else "")
                document.elements.append(Heading(level, title, title_at, clause))
                quote, block, heading = None, None, title_at[0]
            position += 1
        elif stripped.startswith(">"):
            stray, cells = False, []
            while position < len(lines) and lines[position][1].strip().startswith(">"):
                cells.append(_quote_line(*lines[position]))
                position += 1
            clause = _marker(cells[0].text) or (clause if clause and not clause.isdigit() else _item(cells[0].text) or clause)
            quote, block = Quote(cells, (at[0], cells[-1].at[1]), clause), None
            document.elements.append(quote)
        elif starts_table(lines, position):
            table, position = read_table(lines, position, report, quotes=strict)
            if block is not None:
                block.tables.append(table)
            else:
                document.loose.setdefault(heading, []).append(table)
                if strict and not stray:
                    defects.append(document.defect("DX214", at, found=stripped[:40]))
                stray = True
        elif _ITEM.match(stripped):
            bullet, position = _bullet(lines, position, report)
            if block is not None:
                block.bullets.append(bullet)
            elif quote is not None:
                quote.notes.append(bullet)
                stray = stray or bullet.key not in ("不计算", "说明")  # a clause, which is told: its table belongs to it
            else:
                document.loose.setdefault(heading, []).append(bullet)
                if strict and not stray:
                    defects.append(document.defect("DX214", at, found=stripped[:40]))
                stray = True
        elif strict and block is not None and (bullet := _without_dash(block, stripped, at[0])):
            defects.append(document.defect("DX201", at, expected=f"- {bullet.key}：…", found=stripped[:20], remedy="行首写“- ”：一横，一空格。", remedy_en="begin the line with a dash and a space."))
            block.bullets.append(bullet)
            position += 1
        else:
            if strict and not stray:
                defects.append(document.defect("DX214", at, found=stripped[:40]))
            stray = True
            position += 1
    return document


def _without_dash(block: Block, line: str, start: int) -> Bullet | None:
    """A clause of the block whose line lacks the dash or the space behind it, or begins with another mark."""
    found = _MARKS.match(line)
    bullet = read_bullet(line[found.end() :], start + found.end()) if found else None
    return bullet if bullet and bullet.key in CLAUSES.get(block.kind, ()) else None


_ITEM = re.compile(r"-\s")  # a tab, a wide space are spaces too
_MARKS = re.compile(r"[-*+•·－–—]?\s*")
_CHILD = re.compile(r"(\s{2,}|\t|\u3000)-\s")
_BLOCK_LIKE = re.compile(rf"(#{{1,6}})(\s*)({'|'.join(BLOCKS)})(\s*[:：]\s*|\s*)(\S.*)")


def _crooked_block(lines: list[tuple[int, str]], position: int) -> tuple[str, str] | None:
    """(kind, name) of a line that was meant to open a block and does not: too many # or too few, no space, a colon. A heading of the text is none."""
    found = _BLOCK_LIKE.fullmatch(lines[position][1].strip())
    if not found:
        return None
    marks, space, kind, between, name = found.groups()
    if len(marks) == 4 and space:
        return None if between.isspace() else (kind, name)
    below = next((line.strip() for _, line in lines[position + 1 :] if line.strip()), "")
    return (kind, name) if between and below.startswith(("-", "|")) else None


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _front_matter(document: Document, lines: list[tuple[int, str]], defects: list[Diagnostic]) -> int:
    opened = bool(lines) and lines[0][1].strip() == "---"
    if not opened and not _front_without_its_first_line(lines):
        return 0
    if not opened:
        defects.append(document.defect("DX201", (0, 1), expected="第一行是“---”，说明写在两行“---”之间", found=lines[0][1].strip()[:20], remedy="在文件最上面加一行“---”。",
                                       remedy_en="open the front matter with a line ---."))  # fmt: skip
    end, wrong = len(lines), False
    for position in range(1 if opened else 0, len(lines)):
        start, line = lines[position]
        if line.strip() == "---":
            if not _goes_on(lines, position + 1):
                return position + 1
            if opened and not wrong:
                wrong = True
                defects.append(document.defect("DX201", (start, start + len(line)), expected="说明夹在两行“---”之间，一项接一项", found="多了一行“---”", remedy="删去这一行。",
                                               remedy_en="delete the line."))  # fmt: skip
            continue
        found = _FRONT.match(line)
        if found:
            key, cell = found.group(1), Cell(found.group(2), (start + found.start(2), start + found.end(2)))
            if key in document.front:
                defects.append(document.defect("DX206", (start, start + found.end(1)), document.place(document.front[key].at), key=key, **NO_HINT))
            document.front.setdefault(key, cell)
            document.front_keys.setdefault(key, (start + found.start(1), start + found.end(1)))
        elif line.strip() and not any(other.strip() == "---" for _, other in lines[position:_until_text(lines, position)]):
            end = position
            break
        elif line.strip() and not wrong:
            wrong = True
            defects.append(document.defect("DX201", (start, start + len(line)), expected="“项: 内容”，一行一项", found=line.strip()[:20], remedy="写成“项: 内容”，或删去这一行。",
                                           remedy_en="write it as key: value, or delete the line."))  # fmt: skip
    defects.append(document.defect("DX201", (0, 3), expected="说明后面有一行“---”", found="没有结束的“---”", remedy="在说明的最后一项下面加一行“---”。",
                                   remedy_en="close the front matter with a line ---."))  # fmt: skip
    return end


_FRONT = re.compile(r"\s*([^:：#>|]+?)\s*[:：]\s*(.*?)\s*$")


def _goes_on(lines: list[tuple[int, str]], position: int) -> bool:
    """Whether the front matter goes on below a --- that stands too early: 项: 内容 lines and the real ---."""
    below = [line.strip() for _, line in lines[position : _until_text(lines, position)] if line.strip()]
    return "---" in below and bool(_FRONT.match(below[0]))


def _until_text(lines: list[tuple[int, str]], position: int) -> int:
    """Where the text of the file begins: the first heading, quote or table from here on."""
    return next((place for place in range(position, len(lines)) if lines[place][1].lstrip().startswith(("#", ">", "|"))), len(lines))


def _front_without_its_first_line(lines: list[tuple[int, str]]) -> bool:
    """Whether a file begins with 项: 内容 lines and a --- below them."""
    above = [line.strip() for _, line in lines[: _until_text(lines, 0)]]
    return "---" in above and bool(_FRONT.match(above[0]))


def unknown_keys(document: Document, known: tuple[str, ...]) -> list[Diagnostic]:
    """The keys of the front matter that no file of this kind has (DX204)."""
    wrong = [key for key in document.front_keys if key not in known]
    return [
        document.defect("DX204", document.front_keys[key], kind="文件开头的说明", found=key, expected="、".join(known), **remedies(key, known, "删去这一行。", "delete the line."))
        for key in wrong
    ]


def _marker(text: str) -> str:
    found = _MARKER.match(text)
    return found.group(1) if found else ""


def _item(text: str) -> str:
    """1、 2. （3）, which are the clauses of a text that has no other numbers; below one that has they are its items."""
    found = re.match(r"(?:(\d{1,2})(?:、|[.．](?!\d))|[(（](\d{1,2})[)）])", text)
    return found.group(1) or found.group(2) if found else ""


def _quote_line(start: int, line: str) -> Cell:
    body = line.lstrip()[1:]
    text = body.strip()
    place = start + len(line) - len(line.lstrip()) + 1 + len(body) - len(body.lstrip())
    return Cell(text, (place, place + len(text)))


def _bullet(lines: list[tuple[int, str]], position: int, report: Callable[..., None]) -> tuple[Bullet, int]:
    start, line = lines[position]
    body = line.strip()[2:].strip()
    bullet = read_bullet(body, start + line.index(body))
    children, crooked = [], []  # crooked: lines meant as indented ones and not written so, which are one slip
    position += 1
    while position < len(lines):
        child_start, child = lines[position]
        dashed = bool(_CHILD.match(child))
        if not dashed and not (_is_condition(child) if bullet.key in _OF_CONDITIONS else _is_child(lines, position)):
            break
        text = child.strip()[2:].strip() if dashed else _MARKS.sub("", child.strip(), count=1)
        if not dashed:
            crooked.append(((child_start + len(child) - len(child.lstrip()), child_start + len(child.rstrip())), child.strip()[:20]))
        children.append(Cell(text, (child_start + child.index(text), child_start + child.index(text) + len(text))))
        position += 1
    if crooked and (bullet.key not in _OF_CONDITIONS or (bullet.key == "任一" and len(children) > 1 and not bullet.value.strip())):  # else the line above them is what is wrong
        (at, found), count = crooked[0], len(crooked)
        which, which_en = (f"这样的 {count} 行，", f"each of the {count} such lines") if count > 1 else ("", "the line")
        report("DX201", at, expected="  - 条件", found=found, remedy=f"{which}行首空两格，写“- ”：一横，一空格。", remedy_en=f"begin {which_en} with two spaces, a dash and a space.")
    return replace(bullet, children=tuple(children)), position


_OF_CONDITIONS = ("任一", "全部")  # 全部 is no clause, which is told


def _is_condition(line: str) -> bool:
    """Whether a line below 任一 or 全部 is one of its conditions, however it begins: no clause of a block, no table, no text."""
    text = line.strip()
    if not text or text.startswith(("#", ">", "|")):
        return False
    meant = _MARKS.sub("", text, count=1)
    clauses = {key for keys in CLAUSES.values() for key in keys}
    return bool(meant) and read_bullet(meant, 0).key not in clauses and not (line.startswith("-") and meant.startswith(tuple(clauses)))


def _is_child(lines: list[tuple[int, str]], position: int) -> bool:
    """Whether an indented line without its dash is one of the indented lines of a clause: it stands right below it or between them."""
    line = lines[position][1]
    beside = (lines[position - 1][1], lines[position + 1][1] if position + 1 < len(lines) else "")
    return bool(re.match(r"\s{2,}[^\s|>#]", line)) and (any(_CHILD.match(other) for other in beside) or beside[0].strip().endswith(("：", ":")))


def read_bullet(body: str, body_at: int, children: tuple[Cell, ...] = ()) -> Bullet:
    """键：值 that begins at a place, as a clause; the key is '' where there is none."""
    found = re.match(r"([^:：，,。“【(（]{1,12})[:：]\s*", body)
    if not found:
        return Bullet("", (body_at, body_at), body, (body_at, body_at + len(body)), children)
    key = found.group(1).strip()
    value = body[found.end() :]
    return Bullet(key, (body_at, body_at + len(found.group(1))), value, (body_at + found.end(), body_at + len(body)), children)
