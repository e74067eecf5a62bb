"""Large .csv and .parquet files as relations of DuckDB: what their columns mean, how they are scanned, which row is which in the file itself.

A table is named by its file (企业.parquet) or by a folder of parts (企业/…parquet). Nothing of a file is held in memory but its header.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..policy.model import Policy
from ..values.diagnostic import Diagnostic, Place
from .archive import MOST_COLUMNS, no_file, too_large, unreadable
from .cells import is_blank, visible
from .flatfile import Lines, broken_line, broken_parquet, encoding_of, none_marks
from .folders import is_folder, parts_of, table_name, tables_of
from .grid import Grid
from .header import Header, match_header
from .layout import EXAMPLE, Column
from .plain import TEXT, ident, literal
from .read import labels_of, sheet_name

FILE, ROW = "·文件", "·行"  # columns of a numbered scan
_FIELD = 200_000  # characters in one field of a CSV file, as in flatfile.py
_HEAD = 1 << 20  # bytes in which a header must end
_CHUNK = 1 << 22
_MOST_WIDTHS = 50  # rows of a wrong width that are reported


@dataclass(slots=True)
class Source:
    """Some files of one table with the same columns. heads, refs, types: by position; scan: the SQL that reads them.

    marks: position of a column → position of the boolean column that says 无 of it. A CSV source has one file, and every column is text.
    """

    sheet: str
    files: list[Path]
    labels: list[str]
    heads: list[str]
    refs: list[str]
    types: list[str]
    scan: str
    numbered: str
    header: Header = field(default_factory=lambda: Header(1, {}, set(), ()))
    marks: dict[int, int] = field(default_factory=dict)
    original: Path | None = None  # of a CSV file: where its true row numbers are found
    rewritten: bool = False

    @property
    def columns(self) -> dict[int, Column]:
        return self.header.columns

    def grid(self, number: int = 0) -> Grid:
        """The table of one of the files, for places."""
        return Grid(self.labels[number], self.sheet)

    def rows(self, *, numbered: bool = False) -> str:
        """FROM and WHERE of every row that counts: not blank, not the example row."""
        first = min(self.columns, default=0)
        kept = " OR ".join(self._filled(position) for position in sorted(self._read(), key=lambda at: not self._required(at)))
        tests = [f"({kept})"] if kept else []
        if self.types[first] == TEXT:
            ref = self.refs[first]
            flat = f"translate(regexp_replace({ref}, '[\\s\\x{{3000}}\\x{{a0}}]', '', 'g'), '()', '（）')"
            tests.append(f"CASE WHEN contains({ref}, {literal(EXAMPLE[:2])}) THEN {flat} <> {literal(EXAMPLE)} ELSE TRUE END")
        return f"{self.numbered if numbered else self.scan} WHERE {' AND '.join(tests) or 'TRUE'}"

    def _read(self) -> list[int]:
        return [position for position in range(len(self.refs)) if position not in self.marks.values()]

    def _required(self, position: int) -> bool:
        column = self.columns.get(position)
        return column is not None and column.required

    def _filled(self, position: int) -> str:
        ref = self.refs[position]
        filled = f"trim(coalesce({ref}, ''), ' \t\r\n\u3000\u00a0') <> ''" if self.types[position] == TEXT else f"{ref} IS NOT NULL"
        return f"({filled} OR coalesce({self.refs[self.marks[position]]}, FALSE))" if position in self.marks else filled


class Opener:
    """Paths → sources; every defect of every file is collected."""

    def __init__(self, connection: Any, policy: Policy, year: int, folder: Path, defects: list[Diagnostic]) -> None:
        self.connection, self.policy, self.year, self.folder, self.defects = connection, policy, year, folder, defects

    def open(self, paths: Sequence[str | Path]) -> list[Source]:
        """The sources of every path, in order. folder: where rewritten CSV files may lie as long as they are needed."""
        found = []
        for path, label in labels_of([Path(path) for path in tables_of(paths, self.policy)]):
            if is_folder(path):
                found += self._folder(path, label)
            else:
                found += self._parts(path.stem, [(path, label)])
        return found

    def _refuse(self, code: str, label: str, details: dict[str, Any]) -> None:
        self.defects.append(Diagnostic(code, (Place(label),), details))

    def _folder(self, path: Path, label: str) -> list[Source]:
        parts = [(part, f"{label}/{visible(part.name)}") for part in parts_of(path)]
        if not parts:
            remedy, remedy_en = "放进数据文件；没有一个对象的，放一个只有表头的文件。", "put data files in it; a file with a header only means none."
            self._refuse("DT101", label, unreadable("目录里没有数据文件", "a folder without data files", remedy, remedy_en))
        return self._parts(table_name(path), parts)

    def _parts(self, name: str, parts: list[tuple[Path, str]]) -> list[Source]:
        """Files of one table; parts with the same columns are scanned together."""
        groups: dict[Any, list[tuple[Path, str]]] = {}
        sources: list[Source] = []
        for path, label in parts:
            try:
                if not path.is_file():
                    self._refuse("DT101", label, no_file(path))
                elif path.suffix.lower() == ".parquet":
                    heads, types = self._parquet_head(path)
                    groups.setdefault((tuple(heads), tuple(types)), []).append((path, label))
                elif path.suffix.lower() == ".csv":
                    sources += self._csv(name, path, label)
                else:
                    self._refuse("DT177", label, {"found": path.suffix or "没有扩展名"})
            except (OSError, ValueError) as error:
                what = type(error).__name__
                remedy, remedy_en = "检查权限，关闭正在使用它的程序。", "check rights; close programs that use it."
                self._refuse("DT101", label, unreadable(f"打不开（{what}）", f"cannot be opened ({what})", remedy, remedy_en))
            except Exception as error:  # pyarrow and DuckDB raise many kinds on malformed files
                if isinstance(error, MemoryError):
                    raise
                self._refuse("DT101", label, broken_parquet(error))
        for (heads, types), group in groups.items():
            listed = "[" + ", ".join(literal(as_glob(path)) for path, _ in group) + "]"
            shape = "hive_partitioning = false, union_by_name = false"
            refs = self._names(f"read_parquet({listed}, {shape})")
            numbered = f"(SELECT *, file_row_number + 2 AS {ident(ROW)} FROM read_parquet({listed}, {shape}, filename = {literal(FILE)}, file_row_number = true))"
            files, labels = [path for path, _ in group], [label for _, label in group]
            sources.append(Source(name, files, labels, list(heads), refs, list(types), f"read_parquet({listed}, {shape})", numbered))
        return [source for source in sources if self._understood(source)]

    def _names(self, scan: str) -> list[str]:
        return [ident(row[0]) for row in self.connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()]

    def _parquet_head(self, path: Path) -> tuple[list[str], list[str]]:
        import pyarrow.parquet as parquet

        heads = parquet.read_schema(path).names
        described = self.connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(as_glob(path))}, hive_partitioning = false)").fetchall()
        return heads, [row[1] for row in described]

    def _understood(self, source: Source) -> bool:
        """Match the header; False where rows cannot be read without it."""
        grid = source.grid()
        if len(source.heads) > MOST_COLUMNS:
            self._refuse("DT102", grid.file, too_large(f"不超过 {MOST_COLUMNS} 列", f"{len(source.heads)} 列"))
            return False
        known = sheet_name(grid, self.policy, self.defects)
        if known is None:
            return False
        source.sheet = known
        if not source.heads:
            self.defects.append(Diagnostic("DT108", (grid.place(),), {}))
            return False
        source.marks = {base: mark for mark, base in none_marks(source.heads, [stored == "BOOLEAN" for stored in source.types]).items()}
        shown = ["" if position in source.marks.values() else head for position, head in enumerate(source.heads)]
        header = match_header(Grid(grid.file, source.sheet, [(1, shown)]), known, self.policy, self.year, self.defects)
        if header is not None:
            source.header = header
        return header is not None

    # --- CSV -----------------------------------------------------------------------------------------------------------------------------

    def _csv(self, name: str, path: Path, label: str) -> list[Source]:
        """A CSV file as it is; rewritten at once where even its header needs the reader of flatfile.py."""
        head = _head(path)
        return self._rewritten(name, path, label) if head is None else [_csv_source(name, path, path, label, head)]

    def rewrite(self, source: Source) -> Source | None:
        """The same CSV file after DuckDB could not read it; None where it is truly defective (reported)."""
        assert source.original is not None
        again = self._rewritten(source.sheet, source.original, source.labels[0])
        return again[0] if again and self._understood(again[0]) else None

    def _rewritten(self, name: str, path: Path, label: str) -> list[Source]:
        """The file read by Python's reader, row by row, and written in the plainest form; that reader names the rows that are wrong."""
        encoding, why = _encoding(path)
        if why:
            self._refuse("DT101", label, why)
            return []
        target = self.folder / f"{len(list(self.folder.iterdir()))}.csv"
        grid, head, wrong = Grid(label, name), [], 0
        csv.field_size_limit(_FIELD)
        with path.open(encoding=encoding, newline="") as stream, target.open("w", encoding="utf-8", newline="") as out:
            reader, writer = csv.reader(Lines(stream), strict=True), csv.writer(out, quoting=csv.QUOTE_ALL)
            try:
                for number, fields in enumerate(reader, 1):
                    if not any(text.strip() for text in fields):
                        continue
                    if head and len(fields) != len(head):
                        wrong += 1
                        if wrong <= _MOST_WIDTHS:
                            self.defects.append(Diagnostic("DT117", (grid.place(number, 0),), {"expected": len(head), "found": len(fields)}))
                        continue
                    head = head or fields
                    writer.writerow(fields)
            except csv.Error as error:
                self._refuse("DT101", label, broken_line(reader.line_num, error))
                return []
        if wrong > _MOST_WIDTHS:
            self.defects.append(
                Diagnostic(
                    "DT173", (grid.place(),), {"found": name, "more": wrong - _MOST_WIDTHS, "more_en": wrong - _MOST_WIDTHS, "shown": _MOST_WIDTHS}
                )
            )
        if not head:
            self.defects.append(Diagnostic("DT108", (grid.place(),), {}))
            return []
        source = _csv_source(name, target, path, label, head)
        source.rewritten = True
        return [] if wrong else [source]


def as_glob(path: Path) -> str:
    """A path in which DuckDB sees no pattern."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in os.path.abspath(path))


def _csv_source(name: str, path: Path, original: Path, label: str, head: list[str]) -> Source:
    scan = _csv_scan(path, len(head))
    refs = [f"c{position}" for position in range(len(head))]
    numbered = f"(SELECT *, {literal(os.path.abspath(path))} AS {ident(FILE)}, row_number() OVER () AS {ident(ROW)} FROM {scan})"
    return Source(name, [path], [label], head, refs, [TEXT] * len(head), scan, numbered, original=original)


def _csv_scan(path: Path, width: int) -> str:
    columns = ", ".join(f"'c{position}': 'VARCHAR'" for position in range(width))
    how = "header = true, auto_detect = false, strict_mode = true, null_padding = false, delim = ',', quote = '\"', escape = '\"'"
    return f"read_csv({literal(as_glob(path))}, {how}, columns = {{{columns}}})"


def _head(path: Path) -> list[str] | None:
    """The first row of a UTF-8 file; None where the file has to be looked at more closely."""
    with path.open("rb") as stream:
        data = stream.read(_HEAD)
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(data)
        fields = next(csv.reader(io.StringIO(text, newline=""), strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return None
    return fields if any(not is_blank(item) for item in fields) and "\x00" not in text else None


def _encoding(path: Path) -> tuple[str, dict[str, str]]:
    """What the whole file is written in, or the details of DT101; never more of it in memory than a piece."""
    with path.open("rb") as stream:
        return encoding_of(iter(lambda: stream.read(_CHUNK), b""))


def places_of_rows(source: Source, rows: Sequence[tuple[str, int]], position: int) -> list[Place]:
    """The cells of one column in some numbered rows (file, row), as a spreadsheet program would name them."""
    files = {os.path.abspath(path): number for number, path in enumerate(source.files)}
    true = _true_rows(source, {row for _, row in rows}) if source.original is not None else {}
    return [source.grid(files[os.path.abspath(file)]).place(true.get(row, row), position) for file, row in rows]


def _true_rows(source: Source, wanted: set[int]) -> dict[int, int]:
    """Records of a CSV file below its header (from 1) → their row numbers in the file; only asked where something is wrong."""
    assert source.original is not None
    found: dict[int, int] = {}
    last, count, width = max(wanted, default=0), 0, len(source.heads)
    with source.original.open(encoding=_encoding(source.original)[0] or "utf-8-sig", errors="replace", newline="") as stream:
        for number, fields in enumerate(csv.reader(stream), 1):
            if (not any(text.strip() for text in fields)) if source.rewritten else (not fields and width > 1):
                continue
            if count in wanted:
                found[count] = number
            count += 1
            if count > last:
                break
    return found
