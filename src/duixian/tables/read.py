"""Tables → facts and ledger. Every defect of every file is reported at once, and nothing is imported unless everything is readable.

A table that is there is complete: an object type with a table (even an empty one) has no other objects. A table that is missing is unknown.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..policy.model import Policy
from ..policy.suggest import nearest, remedies
from ..values.diagnostic import Defects, Diagnostic, Place, in_order
from ..values.digest import sha256_hex
from ..values.facts import Facts, Paid
from ..values.terms import OUTSIDE
from .archive import MOST_BYTES, no_file, too_large, unreadable
from .assemble import Assembly, OnFile
from .cells import visible
from .flatfile import read_csv, read_parquet
from .folders import is_folder, parts_of, table_name, tables_of
from .gather import gathered
from .grid import Grid, Source, letters
from .header import above_header, match_header
from .layout import FIXED, GUIDE, object_kinds, plain
from .workbook import read_workbook


@dataclass(frozen=True, slots=True)
class Input:
    """One file that was read: enough to recognise it years later."""

    file: str
    sha256: str
    sheets: tuple[str, ...]
    rows: int  # below the headers, example rows left out


@dataclass(slots=True)
class Tables:
    """What the files say. notices: warnings that do not stop the import."""

    facts: Facts
    ledger: list[Paid]
    inputs: list[Input]
    notices: list[Diagnostic] = field(default_factory=list)


def read_tables(paths: Sequence[str | Path], policy: Policy, year: int, *, on_file: OnFile | None = None) -> Tables:
    """Facts and ledger of one award year. Raises Defects with everything that cannot be read.

    on_file: says which objects are known already, so that a table need not repeat them for others to refer to.
    """
    assembly = Assembly(policy, year, on_file)
    inputs: list[Input] = []
    for path, label, table in _files(paths, policy, assembly.defects):
        source = _source(path, label)
        for grid in source.grids if table else ():
            grid.sheet = table if grid.sheet == path.stem else grid.sheet  # a workbook names its own tables
        assembly.defects.extend(source.defects)
        names, rows = [], 0
        filled = any(grid.rows for grid in source.grids)
        for grid in source.grids:
            if filled and not grid.rows and not grid.hidden and not _is_named(grid.sheet, policy):
                continue  # the Sheet2 and Sheet3 of a new workbook: nothing stands there that could be passed over
            known = sheet_name(grid, policy, assembly.defects)
            if known is None:
                continue
            if (above := above_header(grid, known, policy, year)) is not None:
                assembly.defects.append(above)
                continue
            _is_open(grid, assembly.defects)
            names.append(known)
            header = match_header(grid, known, policy, year, assembly.defects)
            if header is not None:
                rows += assembly.take(grid, known, header)
        inputs.append(Input(label, source.sha256, tuple(names), rows))
    assembly.finish()
    if any(item.is_error for item in assembly.defects):  # who is missing from a table that was not read is not known: that would only bury the error
        raise Defects(gathered(item for item in assembly.defects if item.code != "DT151"))
    notices = gathered(assembly.defects)
    if OUTSIDE not in assembly.facts.listed and any(highest.other_policies for highest in policy.highest):
        where = Place(inputs[0].file) if inputs else Place("（没有文件）")
        remedy = "政策要扣除按其他文件取得的资金：没有这张表，这些奖补都要等补充。"
        remedy_en = "the policy takes off what other policies paid: without the table those awards wait."
        notices.append(Diagnostic("DT152", (where,), {"found": OUTSIDE, "remedy": remedy, "remedy_en": remedy_en}))
    return Tables(assembly.facts, assembly.ledger, inputs, in_order(notices))


def _files(paths: Sequence[str | Path], policy: Policy, defects: list[Diagnostic]) -> list[tuple[Path, str, str]]:
    """(file, what it is called, the table it is a part of or ''): folders of tables and tables in parts opened up."""
    found = []
    for path, label in labels_of([Path(path) for path in tables_of(paths, policy)]):
        if not is_folder(path):
            found.append((path, label, ""))
            continue
        try:
            parts = parts_of(path)
        except OSError as error:
            what = type(error).__name__
            details = unreadable(f"打不开（{what}）", f"cannot be opened ({what})", "检查权限。", "check rights.")
            defects.append(Diagnostic("DT101", (Place(label),), details))
            continue
        if not parts:
            remedy, remedy_en = "放进数据文件；没有一个对象的，放一个只有表头的文件。", "put data files in it; a file with a header only means none."
            details = unreadable("目录里没有数据文件", "a folder without data files", remedy, remedy_en)
            defects.append(Diagnostic("DT101", (Place(label),), details))
        found += [(part, f"{label}/{visible(part.name)}", table_name(path)) for part in parts]
    return _once(found, defects)


def _once(files: list[tuple[Path, str, str]], defects: list[Diagnostic]) -> list[tuple[Path, str, str]]:
    """The files, each once: one given twice is told by itself, not by every object in it."""
    seen: set[str] = set()
    found = []
    for path, label, table in files:
        try:
            real = os.path.realpath(path)
        except (OSError, ValueError):  # a name no system can have: told where the file is opened
            real = str(path)
        if real in seen:
            details = unreadable("同一个文件给了两次", "the same file is given twice", "只给一次。", "give it once.")
            defects.append(Diagnostic("DT101", (Place(label),), details))
        else:
            seen.add(real)
            found.append((path, label, table))
    return found


def labels_of(paths: list[Path]) -> list[tuple[Path, str]]:
    """The name a file goes by in messages and in results: its own, or with its folder where two share one. What cannot be seen in it is made visible."""
    names = [path.name for path in paths]
    return [(path, visible(path.name if names.count(path.name) == 1 else str(path))) for path in paths]


def _source(path: Path, label: str) -> Source:
    """One file, read by the kind its name states."""

    def refused(code: str, **details: str) -> Source:
        return Source(label, "", defects=[Diagnostic(code, (Place(label),), details)])

    readers = {".xlsx": read_workbook, ".csv": read_csv, ".parquet": read_parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        if not path.exists():  # a folder misspelt has no ending, and that is not what is wrong with it
            return refused("DT101", **no_file(path))
        return refused("DT104", found=path.suffix or "没有扩展名")
    try:
        if not path.is_file():
            return refused("DT101", **no_file(path))
        if path.stat().st_size > MOST_BYTES:
            return refused("DT102", **too_large("文件不超过 200 MB", f"{path.stat().st_size // 1048576} MB"))
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        what = type(error).__name__
        remedy, remedy_en = "检查权限，关闭正在使用它的程序。", "check rights; close programs that use it."
        return refused("DT101", **unreadable(f"打不开（{what}）", f"cannot be opened ({what})", remedy, remedy_en))
    return reader(data, label, sha256_hex(data))


def _is_named(sheet: str, policy: Policy) -> bool:
    """Whether a sheet has the name of a table."""
    return plain(sheet) in {plain(name) for name in (*object_kinds(policy), *FIXED)}


def sheet_name(grid: Grid, policy: Policy, defects: list[Diagnostic]) -> str | None:
    """The object type or fixed table a sheet is for."""
    known = [*object_kinds(policy), *FIXED]
    flat = plain(grid.sheet)
    found = next((name for name in known if plain(name) == flat), None)
    if found is None and flat != GUIDE and not any(item.code == "DT105" and item.details["found"] == grid.sheet for item in defects):
        near = nearest(flat, known)
        otherwise, otherwise_en = "改成模板里的表名；不要的表请删掉。", "use a name of the template; delete tables that are not meant."
        remedy = remedies(flat, [near] if near else [], otherwise, otherwise_en)
        defects.append(Diagnostic("DT105", (grid.place(),), {"found": grid.sheet, "expected": "、".join(known), **remedy}))
    return found


def _is_open(grid: Grid, defects: list[Diagnostic]) -> None:
    """Nothing hidden, nothing merged: what a person sees is what is imported."""
    if grid.hidden:
        defects.append(
            Diagnostic(
                "DT106",
                (grid.place(),),
                {"what": "表", "what_en": "sheet", "found": f"“{grid.sheet}”是隐藏的", "found_en": f"“{grid.sheet}” is hidden"},
            )
        )
    if grid.hidden_rows:
        rows = sorted(grid.hidden_rows)
        shown, many = "、".join(map(str, rows[:20])), len(rows) > 20
        found, found_en = f"第 {shown} {f'等 {len(rows)} ' if many else ''}行", f"rows {shown}{f' and others, {len(rows)} in all' if many else ''}"
        defects.append(Diagnostic("DT106", (grid.place(rows[0]),), {"what": "行", "what_en": "rows", "found": found, "found_en": found_en}))
    if grid.hidden_columns:
        columns = sorted(grid.hidden_columns)
        shown = "、".join(letters(column) for column in columns[:20])
        defects.append(
            Diagnostic(
                "DT106", (grid.place(1, columns[0]),), {"what": "列", "what_en": "columns", "found": f"{shown} 列", "found_en": f"columns {shown}"}
            )
        )
    for area in grid.merged:
        first = area.split(":")[0]
        defects.append(Diagnostic("DT107", (Place(grid.file, sheet=grid.sheet, cell=first),), {"found": area}))
