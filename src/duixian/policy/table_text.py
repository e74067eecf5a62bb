"""The lines of a Markdown table → Table: head, rows, and what is wrong with a line, said once and where it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .syntax import Span

Report = Callable[..., Any]  # (code, where, **details): what is wrong
Lines = list[tuple[int, str]]  # (offset, line)
MOST_COLUMNS = 702  # of a table: up to ZZ
_RULE = re.compile(r":?-+:?")
_BARS = "|｜"
_BEHIND_A_MARK = re.compile(r"\s*[>#*+-][>#*+\s-]*\|")  # a row that was marked as something else: it would be read over
# what the heads of tables begin and end with, by which one is told from a row
_FIRST_HEADS = ("例", "选项", "组", "项目", "口径", "总额", "参数", "事实", "步骤", "计分")
_LAST_HEADS = ("标准", "结果", "说明")


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of text and where it stands."""

    text: str
    at: Span


@dataclass(frozen=True, slots=True)
class Table:
    """A Markdown table: its head and the rows that have as many cells. broken: a row or the head was left out, which is reported."""

    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    at: Span
    broken: bool = False

    @property
    def unread(self) -> bool:
        """Whether its head is wrong, which is reported, and nothing of it can be read."""
        return self.broken and not self.rows

    def column(self, name: str) -> int | None:
        return next((place for place, cell in enumerate(self.head) if cell.text == name), None)

    @property
    def head_again(self) -> tuple[Cell, Cell] | None:
        """The first head that stands a second time, behind the one before it: which column is meant cannot be said. Tiers alone may repeat one."""
        before: dict[str, Cell] = {}
        for cell in self.head:
            if cell.text and before.setdefault(cell.text, cell) is not cell:
                return before[cell.text], cell
        return None


Row = tuple[Cell, ...]


def starts_table(lines: Lines, position: int) -> bool:
    """Whether a table begins at a line: with a bar, or with a line that lacks its bar above one that has it."""
    return _is_row(lines[position][1]) or (_lacks_bar(lines[position][1]) and position + 1 < len(lines) and _is_row(lines[position + 1][1]))


def read_table(lines: Lines, position: int, report: Report, *, quotes: bool = False) -> tuple[Table, int]:
    """The table that begins at a line, and the line behind it. A row with too many or too few cells is reported (DX210) and left out.

    quotes: whether a line that begins with > is official text and no row. A table that an empty line or a line of text cuts in two is read as one, and said where it is cut (DX217).
    """
    first = position
    rows: list[Row] = []
    while True:
        while position < len(lines) and (_is_row(lines[position][1]) or _lacks_bar(lines[position][1]) or (len(rows) == 1 and _meant_as_dashes(lines[position][1]))):
            start, line = lines[position]
            written = _is_dashes(_cells(start, line)) and any(bar in line for bar in _BARS)
            if len(rows) == 1 and not written and not _is_dashes(rows[0]) and _meant_as_dashes(line):
                report("DX217", _at(start, line), expected="表头下面的一行，每格只写横线：|---|", found=line.strip()[:20], remedy="改成 |---|，每格一个。",
                       remedy_en="write |---|, one for each cell.")  # fmt: skip
                rows.append(tuple(Cell("---", _at(start, line)) for _ in rows[0]))
                position += 1
                continue
            if len(rows) > 2 and _opens_a_table(lines, position):
                report("DX217", _at(start, line), expected="两张表之间空一行", found=line.strip()[:20], remedy="在这一行上面空一行。", remedy_en="leave a line empty above this one.")
                break
            if not line.strip().startswith("|"):
                report("DX217", _at(start, line), expected="每一行以半角竖线 | 开头，格与格之间也用它", found=line.strip()[:20],
                                               remedy="行首补上 |，全角的 ｜ 换成 |。", remedy_en="put | at the start of the line, and | for ｜.")  # fmt: skip
            rows.append(_cells(start, line))
            position += 1
        if position < len(lines) and _BEHIND_A_MARK.match(lines[position][1]) and not (quotes and lines[position][1].lstrip().startswith(">")):
            start, line = lines[position]
            report("DX217", _at(start, line), expected="每一行以半角竖线 | 开头，格与格之间也用它", found=line.strip()[:20],
                   remedy="删去竖线前面的记号。", remedy_en="take away what stands before the bar.")  # fmt: skip
            rows.append(_cells(start + line.index("|"), line[line.index("|") :]))
            position += 1
            continue
        end = lines[position - 1][0] + len(lines[position - 1][1])
        after = position if position < len(lines) and _is_row(lines[position][1]) else _goes_on(lines, position, rows)
        if after == position:
            break
        between = next((line for line in lines[position:after] if line[1].strip()), lines[after])
        remedy, remedy_en = "表格的各行连着写，中间不空行、不写别的；另一张表，自己有表头和 |---|。", "write the rows of a table one below the other; another table has a head and a line |---| of its own."
        report("DX217", _at(*between), expected="表格里的一行：| 格 | 格 |", found=between[1].strip()[:20] if between is not lines[after] else "空行", remedy=remedy, remedy_en=remedy_en)
        position = after
    head, body, width = _head(rows, report)
    kept, broken = _of_one_width(head, body, width, report) if width >= 0 else ([], True)
    if len(head) > MOST_COLUMNS:  # wider than any workbook; nothing of it is read
        report("DX210", (head[0].at[0], head[-1].at[1]), expected=f"≤ {MOST_COLUMNS}", found=len(head))
        head, kept = head[:1], []
    return Table(head, tuple(kept), (lines[first][0], end), broken), position


MOST_BETWEEN = 2  # lines of text within a table that do not end it


def _opens_a_table(lines: Lines, position: int) -> bool:
    """Whether a line is the head of another table: it begins or ends as one and has dashes below it."""
    row = _cells(*lines[position])
    below = _cells(*lines[position + 1]) if position + 1 < len(lines) and _is_row(lines[position + 1][1]) else ()
    return bool(below) and _is_dashes(below) and not _is_dashes(row) and (row[0].text in _FIRST_HEADS or row[-1].text in _LAST_HEADS)


def _goes_on(lines: Lines, position: int, rows: list[Row]) -> int:
    """Where the table goes on behind empty lines or a line or two of text; `position` where it ends. Rows with a head and dashes of their own are another table."""
    place, texts = position, 0
    while place < len(lines) and texts <= MOST_BETWEEN and not _is_row(lines[place][1]):
        text = lines[place][1].strip()
        if text.startswith(("#", ">", "-")):
            return position
        texts += bool(text)
        place += 1
    if place >= len(lines) or not _is_row(lines[place][1]):
        return position
    row = _cells(*lines[place])
    if _is_dashes(row):
        return place if len(rows) == 1 else position
    below = _cells(*lines[place + 1]) if place + 1 < len(lines) and _is_row(lines[place + 1][1]) else ()
    own_head = (below and _is_dashes(below)) or (len(rows) > 1 and row[0].text == rows[0][0].text) or len(row) != len(rows[0])
    return position if own_head else place


def _at(start: int, line: str) -> Span:
    return (start + len(line) - len(line.lstrip()), max(start + len(line.rstrip()), start + 1))


def _is_row(line: str) -> bool:
    return line.strip().startswith(tuple(_BARS))


def _lacks_bar(line: str) -> bool:
    """Whether a line is meant as a row and does not begin with a bar."""
    text = line.strip()
    return any(bar in text for bar in _BARS) and not text.startswith(("#", ">", "- ", *_BARS))


def _head(rows: list[Row], report: Report) -> tuple[Row, list[Row], int]:
    """The head, the rows below the line of dashes, which stands there once, and how many cells that line has (0: there is none, −1: there is no head, and no row is read)."""
    head, body, width = rows[0], rows[1:], 0

    def wrong(row: Row, expected: str, remedy: str, remedy_en: str) -> None:
        at = (row[0].at[0], row[-1].at[1])
        report("DX217", at, expected=expected, found=" | ".join(cell.text for cell in row)[:20], remedy=remedy, remedy_en=remedy_en)

    if _is_dashes(head) and not (body and _is_dashes(body[0])):
        if not body or not (body[0][0].text in _FIRST_HEADS or body[0][-1].text in _LAST_HEADS):
            wrong(head, "第一行是表头，第二行是 |---|", "在 |---| 上面补上表头。", "put the head above the line of dashes.")
            return head, [], -1
        wrong(head, "第一行是表头，第二行是 |---|", "把这两行换过来。", "put the head above the line of dashes.")
        head, body = body[0], body[1:]
    elif body and _is_dashes(body[0]):
        dashes, body = body[0], body[1:]
        width = len(dashes)
        if len(head) == len(dashes) + 1 and not head[-1].text.strip("。；，;,. "):  # a bar or a mark too many behind the head
            report("DX210", (head[0].at[0], head[-1].at[1]), expected=len(dashes), found=len(head))
            head = head[:-1]
        elif len(head) != len(dashes) and any(len(row) == len(head) for row in body):
            wrong(dashes, "表头有几格，|---| 就有几格", "补上或删去一格。", "as many cells as the head has.")
    elif body and not any(_is_dashes(row) for row in body):
        wrong(head, "表头下面一行是 |---|", "在表头下面补一行 |---|，每格一个。", "put a line |---| below the head, one for each cell.")
    below = [place for place, row in enumerate(body) if _is_head(row) and len(row) == len(head)]
    if len(below) == 1 and not _is_head(head):
        row = body[below[0]]
        wrong(row, "第一行是表头，第二行是 |---|", "这一行是表头：移到表的第一行。", "this is the head: make it the first line of the table.")
        head, body[below[0]] = row, head
    ends = (head[0].text, head[-1].text)
    again = [row for row in body if _is_dashes(row) or (len(head) > 1 and (row[0].text, row[-1].text) == ends and (_is_head(head) or [cell.text for cell in row] == [cell.text for cell in head]))]
    if again:
        wrong(again[0], "表头和它下面的 |---| 各写一次", "删去这一行。", "delete the line.")
    return head, [row for row in body if row not in again], width


def _is_head(row: Row) -> bool:
    """Whether a row says what only the head of a table does."""
    return row[0].text in _FIRST_HEADS or row[-1].text == "标准"


def _is_dashes(row: Row) -> bool:
    return all(_RULE.fullmatch(cell.text) for cell in row)


def _meant_as_dashes(line: str) -> bool:
    """Whether the line below a head is its line of dashes, however it is written: marks only, or dashes in one of its cells. A row of figures is neither."""
    text = line.strip()
    cells = [cell for part in re.split(r"[|｜]", text) if (cell := part.strip())]
    if not text or text.startswith(("#", ">", "- ")):
        return False
    return not any(char.isalnum() and char != "一" for char in text) or any(re.fullmatch(":?--+:?", cell) for cell in cells) or all("--" in cell for cell in cells)


def _of_one_width(head: Row, body: list[Row], width: int, report: Report) -> tuple[list[Row], bool]:
    """The rows as wide as the head; where it is the head that differs from all of them, that is one defect and no row is read."""
    widths = Counter(len(row) for row in body)
    if len(widths) == 1 and len(head) not in widths and (len(body) > 1 or width in widths):
        report("DX210", (head[0].at[0], head[-1].at[1]), expected=len(body[0]), found=len(head))
        return [], True
    for row in body:
        if len(row) != len(head):
            report("DX210", (row[0].at[0], row[-1].at[1]), expected=len(head), found=len(row))
    return [row for row in body if len(row) == len(head)], bool(body) and (len(head) not in widths or len(widths) > 1)


def _cells(start: int, line: str) -> tuple[Cell, ...]:
    lead = len(line) - len(line.lstrip())
    body, at = line.strip(), start + lead
    if not body.startswith("|"):
        body = body.replace("｜", "|")
    if body.startswith("|"):
        body, at = body[1:], at + 1
    body = body.removesuffix("|")
    cells = []
    for part in body.split("|"):
        text = part.strip()
        place = at + (len(part) - len(part.lstrip()) if text else 0)
        cells.append(Cell(text, (place, place + len(text))))
        at += len(part) + 1
    return tuple(cells)
