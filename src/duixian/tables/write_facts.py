"""Facts and ledger → tables in the very form that is read: for demonstrations, for the round trips of the tests, for moving data on.

Holds: what is read back equals what was written (facts a policy does not use included, as further columns).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..policy.model import Policy
from ..values.facts import NONE, Facts, Paid, Thing
from ..values.terms import OUTSIDE
from ..values.units import unit_factor
from .book import Book, decimal_of, put
from .layout import (
    CLAIMS,
    FIXED,
    HISTORY,
    JOIN,
    Column,
    Sheet,
    column_of,
    facts_of,
    fixed_columns,
    identity_of,
    layout_of,
)
from .store import write_atomically
from .template import write_guide, write_head

Filled = tuple[Sheet, list[list[Any]]]


def write_facts(facts: Facts, ledger: Iterable[Paid], policy: Policy, year: int, path: str | Path, *, label: str = "") -> None:
    """One workbook that holds these facts. label: what kind of data this is, first thing in 说明. The same facts give the same bytes."""
    book = Book(f"{policy.title} {year}年度数据表")
    write_guide(book, policy, year, label)
    for sheet, rows in filled_sheets(facts, ledger, policy, year):
        page = write_head(book, sheet)
        text = book.style(num_format="@")
        styles = [
            book.style(num_format={"date": "yyyy-mm-dd", "year": "0"}.get(column.kind, "@" if column.kind != "number" else _decimals(column)))
            for column in sheet.columns
        ]
        for number, row in enumerate(rows, 1):
            for position, value in enumerate(row):
                if value is not None:
                    put(page, number, position, value, text if isinstance(value, str) else styles[position])
    write_atomically(path, book.finish())


def write_facts_csv(
    facts: Facts, ledger: Iterable[Paid], policy: Policy, year: int, folder: str | Path, *, encoding: str = "utf-8-sig"
) -> list[Path]:
    """The same as one .csv a table, in `folder`."""
    paths = []
    for sheet, rows in filled_sheets(facts, ledger, policy, year):
        stream = io.StringIO(newline="")
        writer = csv.writer(stream)
        writer.writerow([column.header for column in sheet.columns])
        writer.writerows([["" if value is None else _plain(value) for value in row] for row in rows])
        paths.append(Path(folder) / f"{sheet.name}.csv")
        write_atomically(paths[-1], stream.getvalue().encode(encoding))
    return paths


def write_facts_parquet(facts: Facts, ledger: Iterable[Paid], policy: Policy, year: int, folder: str | Path) -> list[Path]:
    """The same as one .parquet a table. A column that holds 无 beside numbers or dates is stored as text."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    paths = []
    for sheet, rows in filled_sheets(facts, ledger, policy, year):
        columns = {column.header: _typed([row[position] for row in rows]) for position, column in enumerate(sheet.columns)}
        sink = io.BytesIO()
        parquet.write_table(arrow.table(columns), sink)
        paths.append(Path(folder) / f"{sheet.name}.parquet")
        write_atomically(paths[-1], sink.getvalue())
    return paths


def filled_sheets(facts: Facts, ledger: Iterable[Paid], policy: Policy, year: int) -> list[Filled]:
    """Every table with its rows. Object types that are neither on file nor listed get no table: they are unknown."""
    filled: list[Filled] = []
    template = {sheet.name: sheet for sheet in layout_of(policy, year) if sheet.name not in FIXED}
    for kind in policy.vocabulary.objects:
        if kind in facts.listed or facts.things.get(kind):
            sheet = _sheet(facts, policy, kind, template.get(kind))
            filled.append((sheet, [_row(thing, sheet) for thing in facts.all(kind)]))
    filled.append(_history(ledger, policy))
    filled.append(_claims(facts, policy))
    if OUTSIDE in facts.listed:
        filled.append(_outside(facts, policy, year))
    return filled


# --- objects ---------------------------------------------------------------------------------------------------------------------------


def _sheet(facts: Facts, policy: Policy, kind: str, template: Sheet | None) -> Sheet:
    """The template's columns, and one for everything else the objects state."""
    identity = identity_of(policy, kind)
    columns = list(template.columns) if template else list(identity)
    there = {(column.name, column.period) for column in columns}
    declared = {fact.name: fact for fact in facts_of(policy, kind)}
    stated = {item for thing in facts.all(kind) for item in thing.values} - there
    for name, period in sorted(stated, key=lambda item: (item[0], str(item[1]))):
        columns.append(column_of(declared[name], period))
    return Sheet(kind, tuple(columns), tuple(column.name for column in identity if column.role == "identity"))


def _row(thing: Thing, sheet: Sheet) -> list[Any]:
    parts = thing.key.split(JOIN, len(sheet.identity) - 1)
    if len(parts) != len(sheet.identity):
        raise ValueError(f"{thing.kind} {thing.key!r}: the key has {len(parts)} part(s), {JOIN.join(sheet.identity)} has {len(sheet.identity)}")
    own = dict(zip(sheet.identity, parts, strict=True))
    return [own[column.name] if column.name in own else cell_of(thing.values.get((column.name, column.period)), column) for column in sheet.columns]


def cell_of(value: Any, column: Column) -> Any:
    """A value as it stands in a cell: numbers as Decimal in the unit of the column."""
    if value is None or isinstance(value, (str, date)):
        return value
    if value is NONE:
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.kind == "year":
        return int(value)
    number = decimal_of(Fraction(value) / unit_factor(column.unit))
    if isinstance(number, str):
        raise ValueError(f"{column.header}: {number} has no finite decimal and cannot stand in a table")
    return number


# --- 历史, 申报, 其他政策已付 -------------------------------------------------------------------------------------------------------------


def _history(ledger: Iterable[Paid], policy: Policy) -> Filled:
    columns = fixed_columns(policy, HISTORY)
    rows = []
    for entry in ledger:
        known = {
            "年度": entry.year,
            "奖补": entry.award,
            "对象": entry.object_key,
            "金额": decimal_of(Fraction(entry.amount_fen, 100)),
            "文件": entry.document,
            "受益人": entry.recipient or None,
            "档": entry.tier or None,
            "档位标准": None if entry.standard_fen is None else decimal_of(Fraction(entry.standard_fen, 100)),
            **dict(entry.keys),
        }
        rows.append([known.get(column.name) for column in columns])
    return Sheet(HISTORY, columns), rows


def _claims(facts: Facts, policy: Policy) -> Filled:
    """Applications. No row for an award means every object of it; one row means only those with rows, so then all of them are written."""
    columns = fixed_columns(policy, CLAIMS)
    stated = {pair for pair, values in facts.claims.items() if any(name != OUTSIDE for name, _ in values)}
    pairs: set[tuple[str, str]] = set()
    for rule in policy.awards:
        kinds = [kind for kind in policy.vocabulary.objects if policy.vocabulary.is_kind(kind, rule.object)]
        everyone = {(rule.name, thing.key) for kind in kinds for thing in facts.all(kind)}
        own = everyone if facts.applied is None else {pair for pair in facts.applied if pair[0] == rule.name}
        if own != everyone or own & stated:
            pairs |= own
    pairs |= {pair for pair in stated if policy.rules[pair[0]].kind == "登记"}
    rows = []
    for award, key in sorted(pairs):
        values = facts.claims.get((award, key), {})
        rows.append([award, key, *(cell_of(values.get((column.name, None)), column) for column in columns[2:])])
    return Sheet(CLAIMS, columns), rows


def _outside(facts: Facts, policy: Policy, year: int) -> Filled:
    columns = fixed_columns(policy, OUTSIDE)
    rows = [
        [award, key, period or year, decimal_of(Fraction(amount, 100)), None]
        for (award, key), values in sorted(facts.claims.items())
        for (name, period), amount in sorted(values.items(), key=str)
        if name == OUTSIDE and isinstance(amount, (int, Fraction))
    ]
    return Sheet(OUTSIDE, columns), rows


# --- forms of a cell -------------------------------------------------------------------------------------------------------------------


def _decimals(column: Column) -> str:
    return "#,##0.00" if column.measure == "金额" else "General"


def _plain(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else str(value)


def _typed(values: list[Any]) -> list[Any]:
    """Values of one type: text where 无 stands among numbers or dates."""
    kinds = {type(value) for value in values if value is not None}
    return values if len(kinds) <= 1 else [None if value is None else _plain(value) for value in values]


__all__ = ["filled_sheets", "write_facts", "write_facts_csv", "write_facts_parquet"]
