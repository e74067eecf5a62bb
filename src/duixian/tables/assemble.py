"""Rows → objects, claims and ledger, then what holds between tables: keys once, relations that lead somewhere, awards the policy has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ..policy.model import Policy, Rule
from ..policy.suggest import nearest_key, remedies
from ..values.diagnostic import Diagnostic, Place
from ..values.facts import NONE, Facts, Paid
from ..values.terms import OUTSIDE
from .cells import Fault, clean, is_blank, read_cell, shown
from .grid import Grid
from .header import Header
from .layout import CLAIMS, EXAMPLE, FIXED, HISTORY, JOIN, Column, plain

_MARK = EXAMPLE[:2]


OnFile = Callable[[Sequence[str], Collection[str]], set[str]]  # of these keys, those of objects of these types that are already on file elsewhere


@dataclass(slots=True)
class _Link:
    """A relation to be looked up once all tables are read."""

    grid: Grid
    row: int
    position: int
    column: Column
    key: str


class Assembly:
    """Everything read so far, for one policy and award year."""

    def __init__(self, policy: Policy, year: int, on_file: OnFile | None = None) -> None:
        self.policy, self.vocabulary, self.year = policy, policy.vocabulary, year
        self._on_file = on_file or (lambda kinds, keys: set())
        self._unread: dict[tuple[str, ...], bool] = {}
        self.facts = Facts()
        self.ledger: list[Paid] = []
        self.defects: list[Diagnostic] = []
        self.kinds = list(self.vocabulary.objects)
        self._places: dict[tuple[str, str], Place] = {}  # (root of the object type, key) -> where it stands
        self._links: list[_Link] = []
        self._ledger_links: list[tuple[Place, str, str, bool]] = []  # place, award, object, whether it must be on file
        self._applied: dict[str, set[str]] = {}
        self._claimed: dict[tuple[str, str], Place] = {}
        self._outside: dict[tuple[str, str, int], int] = {}
        self._left_out: set[tuple[str, str]] = set()  # (object type, key as written) of rows that could not be read: who points there is not wrong
        self._unnamed: list[tuple[str, str]] = []  # those of them, each row, whose key itself is not there or could not be read

    # --- rows -------------------------------------------------------------------------------------------------------------------------

    def take(self, grid: Grid, sheet: str, header: Header) -> int:
        """Read every row below the header; how many there were."""
        if sheet not in FIXED or sheet == OUTSIDE:
            self.facts.listed.add(sheet)
        count = 0
        for number, cells in grid.rows[1:]:
            first = next((cell for position, cell in enumerate(cells) if position in header.columns), None)
            if isinstance(first, str) and first.lstrip().startswith(_MARK) and plain(first) == plain(EXAMPLE):
                continue
            if _is_header_again(cells, grid.rows[0][1]):
                self._defect("DT118", grid.place(number), found=grid.rows[0][0])
                continue
            count += 1
            values: dict[int, Any] = {}
            sound = True
            for position, raw in enumerate(cells):
                column = header.columns.get(position)
                if column is None:
                    if position not in header.unread and not is_blank(raw):
                        self._defect("DT116", grid.place(number, position), found=shown(raw))
                    continue
                found = read_cell(raw, column)
                if isinstance(found, Fault):
                    self.defects.append(Diagnostic(found.code, (grid.place(number, position),), found.details))
                    sound = sound and not column.required
                elif found is not None:
                    values[position] = found
            for position, column in header.columns.items():
                if column.required and position >= len(cells):
                    self._defect("DT143", grid.place(number, position), expected=column.header)
                    sound = False
            if not sound:
                if sheet not in FIXED:
                    self._leave_out(sheet, header, values, cells)
                continue
            if sheet == HISTORY:
                self._history(grid, number, header, values)
            elif sheet == CLAIMS:
                self._claim(grid, number, header, values)
            elif sheet == OUTSIDE:
                self._paid_outside(grid, number, header, values)
            else:
                self._object(grid, number, sheet, header, values)
        return count

    def _defect(self, code: str, *places: Place, **details: Any) -> None:
        self.defects.append(Diagnostic(code, places, details))

    def _object(self, grid: Grid, number: int, kind: str, header: Header, values: dict[int, Any]) -> None:
        at = {column.name: position for position, column in header.columns.items() if column.period is None}
        key = JOIN.join(_word(values[at[name]]) for name in header.identity)
        where = grid.place(number, at[header.identity[0]])
        before = self._places.setdefault((self._root(kind), key), where)
        if before is not where:
            self._defect("DT141", where, before, kind=kind, found=key)
            return
        thing = self.facts.add(kind, key)
        for position, value in values.items():
            column = header.columns[position]
            if column.kind == "object" and isinstance(value, str):
                self._links.append(_Link(grid, number, position, column, value))
            if column.role != "identity" or self.vocabulary.fact(kind, column.name) is not None:
                thing.values[(column.name, column.period)] = value

    def _leave_out(self, kind: str, header: Header, values: dict[int, Any], cells: Sequence[Any]) -> None:
        at = {column.name: position for position, column in header.columns.items() if column.period is None}
        parts = [values[at[name]] if at[name] in values else cells[at[name]] if at[name] < len(cells) else "" for name in header.identity]
        written = (kind, JOIN.join(_word(shown(part) if isinstance(part, float) else "" if part is None else part) for part in parts))
        self._left_out.add(written)
        if any(at[name] not in values for name in header.identity):
            self._unnamed.append(written)

    def _is_left_out(self, kinds: Iterable[str], key: str) -> bool:
        return any((kind, key) in self._left_out for kind in kinds)

    def _may_be_unnamed(self) -> set[str]:
        """The object types of which no more keys are missing than there are rows without one: each may be the key of such a row, which is told."""
        asked: dict[str, set[str]] = {}
        for target, key in [*((link.column.target, link.key) for link in self._links), *((self.policy.rules[award].object, key) for _, award, key, must in self._ledger_links if must)]:
            asked.setdefault(target, set()).add(key)
        found = set()
        for target, keys in asked.items() if self._unnamed else ():
            kinds = self._kinds_of(target)
            spare = sum(1 for kind, written in self._unnamed if kind in kinds and written not in keys)
            missing = {key for key in keys if not self._is_left_out(kinds, key) and not any(self.facts.find(kind, _code(key)) or self.facts.find(kind, key) for kind in kinds)}
            if len(missing - {key for _, key in self._elsewhere((target, key) for key in missing)}) <= spare:
                found.add(target)
        return found

    def _root(self, kind: str) -> str:
        """企业 and 主播 are both 主体: their keys must differ, since a relation names the key only."""
        return self.vocabulary.root(kind)

    # --- 历史, 申报, 其他政策已付 -----------------------------------------------------------------------------------------------------------

    def _row(self, header: Header, values: dict[int, Any]) -> dict[str, Any]:
        return {column.name: None if values.get(position) is NONE else values.get(position) for position, column in header.columns.items()}

    def _position(self, header: Header, name: str) -> int:
        return next(position for position, column in header.columns.items() if column.name == name)

    def _award_is_known(self, grid: Grid, number: int, header: Header, name: str, rules: Sequence[Rule]) -> bool:
        if any(rule.name == name for rule in rules):
            return True
        awards = [rule.name for rule in rules]
        otherwise = "从本政策的奖补里选；其他文件付的填到“其他政策已付”表。"
        otherwise_en = "choose an award of the policy; payments under other documents go to 其他政策已付."
        where = grid.place(number, self._position(header, "奖补"))
        self._defect("DT144", where, found=name, expected="、".join(awards), **remedies(name, awards, otherwise, otherwise_en))
        return False

    def _history(self, grid: Grid, number: int, header: Header, values: dict[int, Any]) -> None:
        row = self._row(header, values)
        if row["年度"] > self.year:
            where = grid.place(number, self._position(header, "年度"))
            self._defect("DT140", where, found=row["年度"], expected=f"不晚于 {self.year} 年", expected_en=f"{self.year} at the latest",
                         remedy="核对年度。", remedy_en="check the year.")  # fmt: skip
        if not self._award_is_known(grid, number, header, row["奖补"], self.policy.awards):
            return
        fixed = ("年度", "奖补", "对象", "金额", "文件", "受益人", "档", "档位标准")
        keys = tuple((name, word) for name, word in row.items() if name not in fixed and word is not None)
        recipient, tier = row.get("受益人") or "", row.get("档") or ""
        entry = Paid(row["奖补"], row["年度"], row["对象"], row["金额"], row["文件"], recipient, tier, row.get("档位标准"), keys)
        self.ledger.append(entry)
        if not keys:  # a row that states its scope keys is recognised by them, wherever the object has gone
            self._ledger_links.append((grid.place(number, self._position(header, "对象")), row["奖补"], row["对象"], False))

    def _claim(self, grid: Grid, number: int, header: Header, values: dict[int, Any]) -> None:
        row = self._row(header, values)
        award, key = row["奖补"], row["对象"]
        if not self._award_is_known(grid, number, header, award, self.policy.claimable):
            return
        where = grid.place(number, self._position(header, "对象"))
        before = self._claimed.setdefault((award, key), where)
        if before is not where:
            self._defect("DT141", where, before, kind="申报", found=f"{award} {key}")
            return
        self._object_is_on_file(where, award, key)
        if self.policy.rules[award].kind == "奖补":  # a register looks at every object, applied for or not
            self._applied.setdefault(award, set()).add(key)
        named = {column.name: values[position] for position, column in header.columns.items() if position in values}
        stated = {(name, None): found for name, found in named.items() if name not in ("奖补", "对象")}
        if stated:
            self.facts.claims.setdefault((award, key), {}).update(stated)

    def _paid_outside(self, grid: Grid, number: int, header: Header, values: dict[int, Any]) -> None:
        row = self._row(header, values)
        award, key, year = row["奖补"], row["对象"], row["年度"]
        if not self._award_is_known(grid, number, header, award, self.policy.awards):
            return
        self._object_is_on_file(grid.place(number, self._position(header, "对象")), award, key)
        self._outside[(award, key, year)] = self._outside.get((award, key, year), 0) + row["金额"]

    def _object_is_on_file(self, where: Place, award: str, key: str) -> None:
        self._ledger_links.append((where, award, key, True))

    # --- when all is read ---------------------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """What holds between tables."""
        unnamed = self._may_be_unnamed()
        self._look_up_links(unnamed)
        elsewhere = self._elsewhere((self.policy.rules[award].object, key) for _, award, key, _ in self._ledger_links)
        for where, award, key, must in self._ledger_links:
            wanted = self.policy.rules[award].object
            if (wanted, key) not in elsewhere and not (must and wanted in unnamed):
                self._look_up_object(where, award, key, must=must)
        for (award, key, year), amount in sorted(self._outside.items()):
            self.facts.claims.setdefault((award, key), {})[(OUTSIDE, year)] = amount
        if self._applied:
            self.facts.applied = {(award, key) for award, keys in self._applied.items() for key in keys}
            for rule in self.policy.awards:  # an award without a single application is looked at for every object
                if rule.name not in self._applied:
                    self.facts.applied |= {(rule.name, thing.key) for kind in self._kinds_of(rule.object) for thing in self.facts.all(kind)}

    def _kinds_of(self, wanted: str) -> list[str]:
        return [kind for kind in self.kinds if self.vocabulary.is_kind(kind, wanted)]

    def _look_up_links(self, unnamed: set[str]) -> None:
        complained: set[tuple[int, int]] = set()
        known: dict[str, list[str]] = {}
        elsewhere = self._elsewhere((link.column.target, link.key) for link in self._links)
        for link in self._links:
            kinds = self._kinds_of(link.column.target)
            if any(self.facts.find(kind, link.key) for kind in kinds) or (link.column.target, link.key) in elsewhere:
                continue
            if self._is_left_out(kinds, link.key) or link.column.target in unnamed and not any(self.facts.find(kind, _code(link.key)) for kind in kinds):
                continue
            if self._is_unread(kinds):
                continue
            if not any(kind in self.facts.listed for kind in kinds):
                if (id(link.grid), link.position) not in complained:
                    complained.add((id(link.grid), link.position))
                    self._defect("DT145", link.grid.place(link.grid.rows[0][0], link.position), kind=link.column.target, name=link.column.header,
                                 expected="、".join(f"“{kind}”" for kind in kinds))  # fmt: skip
                continue
            compact = _code(link.key)
            if any(self.facts.find(kind, compact) for kind in kinds):
                self._repair(link, compact)
                continue
            found = [thing for kind in kinds for thing in self.facts.all(kind)]
            names = known.setdefault(link.column.target, [thing.key for thing in found])
            by_name = [thing.key for thing in found if thing.values.get(("名称", None)) == link.key]
            near = by_name[0] if len(by_name) == 1 else nearest_key(link.key, names)
            tables = f"“{'、'.join(kinds)}”表"
            remedy = f"先在{tables}里加上它；没有的填“无”。"
            if near:
                remedy = f"这里填标识，不填名称：“{near}”。" if by_name else f"是不是“{near}”？"
            remedy_en = f"did you mean “{near}”?" if near else "add it to the table, or write 无."
            self._defect("DT142", link.grid.place(link.row, link.position), kind=link.column.target, found=link.key,
                         expected=f"“{'、'.join(kinds)}”表里的标识", tables="、".join(kinds), remedy=remedy, remedy_en=remedy_en)  # fmt: skip

    def _is_unread(self, kinds: Sequence[str]) -> bool:
        """Asked when every file has been read: what is looked up between tables hides no table."""
        asked = tuple(kinds)
        if asked not in self._unread:
            missing = [kind for kind in kinds if kind not in self.facts.listed]
            self._unread[asked] = is_unread(missing, self.defects, partly=len(missing) < len(kinds))
        return self._unread[asked]

    def _elsewhere(self, wanted: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Of (object type, key), those that are not in these tables but on file elsewhere; asked once a type."""
        keys: dict[str, set[str]] = {}
        for target, key in wanted:
            if not any(self.facts.find(kind, key) for kind in self._kinds_of(target)):
                keys.setdefault(target, set()).add(key)
        return {(target, key) for target, some in keys.items() for key in self._on_file(self._kinds_of(target), some)}

    def _repair(self, link: _Link, key: str) -> None:
        """A credit code written in small letters or with spaces is the same code."""
        kind = next(name for name in self.kinds if plain(name) == plain(link.grid.sheet))
        for thing in self.facts.all(kind):
            if thing.values.get((link.column.name, link.column.period)) == link.key:
                thing.values[(link.column.name, link.column.period)] = key

    def _look_up_object(self, where: Place, award: str, key: str, *, must: bool) -> None:
        kinds = self._kinds_of(self.policy.rules[award].object)
        if any(self.facts.find(kind, key) for kind in kinds) or self._is_left_out(kinds, key) or self._is_unread(kinds):
            return
        names = [thing.key for kind in kinds for thing in self.facts.all(kind)]
        near = nearest_key(key, names)
        kind = self.policy.rules[award].object
        remedy = f"是不是“{near}”？" if near else f"核对标识，或先在“{kind}”表里加上它。"
        self._defect("DT142" if must else "DT151", where, kind=kind, found=key, expected=f"“{'、'.join(kinds)}”表里的标识", tables="、".join(kinds),
                     remedy=remedy, remedy_en=f"did you mean “{near}”?" if near else "check the key, or add the object to its table.")  # fmt: skip


def is_unread(kinds: Collection[str], defects: Iterable[Diagnostic], *, partly: bool) -> bool:
    """Whether the table of one of these types may be there after all: its file, its name or its head could not be read, which is told.

    partly: other types that will do have tables, so that a table of an unknown name is hardly one of these.
    """
    return bool(kinds) and any(_hides(item, kinds, partly) for item in defects)


def _hides(item: Diagnostic, kinds: Collection[str], partly: bool) -> bool:
    where = item.places[0]
    if item.code in ("DT101", "DT102", "DT104", "DT177"):  # a workbook may hold any table, another file is named by its own
        file = PurePath(where.file)
        names = {plain(name) for name in (file.stem, file.parent.stem)}
        return file.suffix.lower() not in (".csv", ".parquet") or any(plain(kind) in names for kind in kinds)
    return (item.code == "DT105" and not partly) or (item.code in ("DT108", "DT109", "DT111", "DT115", "DT117") and where.sheet in kinds)


def _is_header_again(cells: Sequence[Any], heads: Sequence[Any]) -> bool:
    """Whether a row says what the header says: sheets put one below the other bring their headers along."""
    filled = [position for position, cell in enumerate(cells) if not is_blank(cell)]
    return len(filled) > 1 and all(position < len(heads) and plain(shown(cells[position])) == plain(shown(heads[position])) for position in filled)


def _code(key: str) -> str:
    """A key as a code is written: capitals, no spaces."""
    return key.replace(" ", "").upper()


def _word(value: Any) -> str:
    """A part of a key as text."""
    return clean(value) if isinstance(value, str) else str(value)
