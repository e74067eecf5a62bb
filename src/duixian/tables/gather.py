"""One cause, one error: of defects that repeat down a column, a sheet or a file the first are shown, the rest are counted and named by their cells."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..values.diagnostic import Diagnostic
from .frames import MOST_SHOWN

_SHEET = frozenset({"DT107", "DT111", "DT112", "DT114", "DT116", "DT117"})  # of the layout of a sheet: they run along it, not down a column
_FILE = frozenset({"DT105", "DT113"})  # a file made for something else: the same in all its sheets
_ONCE = frozenset({"DT113"})  # one is enough to see the cause
_NAMED = 20  # cells or ranges that are named


def gathered(defects: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The defects as they are told: at most MOST_SHOWN of a code in one column of a table, then one that counts the rest (DT179; DT178 of warnings).

    The order is kept; places say which cells the counted ones stand in, so that nothing is lost.
    """
    groups: dict[tuple[str, ...], list[Diagnostic]] = {}
    for item in defects:
        groups.setdefault(_cause(item), []).append(item)
    found = []
    for group in groups.values():
        most = 1 if group[0].code in _ONCE else MOST_SHOWN
        kept = group if len(group) <= most + 1 else group[:most]
        found += kept
        if len(kept) < len(group):
            found.append(_rest(group[most:], most))
    return found


def _cause(item: Diagnostic) -> tuple[str, ...]:
    place = item.places[0]
    if item.code in _FILE:
        return item.code, place.file
    if item.code in _SHEET:
        return item.code, place.file, place.sheet
    return item.code, place.file, place.sheet, place.cell.rstrip("0123456789") or str(place.line)


def _rest(group: list[Diagnostic], shown: int) -> Diagnostic:
    first = group[0]
    details = {"code": first.code, "more": len(group), "shown": shown, "found": _cells([item.places[0].cell for item in group])}
    sheets = {item.places[0].sheet: None for item in group}
    if len(sheets) > 1:
        details["found"] = "、".join(list(sheets)[:_NAMED]) + ("…" if len(sheets) > _NAMED else "")
    if not first.is_error:
        details |= {"found": first.places[0].text, "more_en": len(group)}
    return Diagnostic("DT179" if first.is_error else "DT178", first.places[:1], details)


def _cells(cells: list[str]) -> str:
    """A2:A40、A43 … the cells one after the other, those that follow each other down a column as one range."""
    runs: list[tuple[str, str]] = []
    for cell in cells:
        before = runs[-1][1] if runs else ""
        if before and _below(before) == cell:
            runs[-1] = (runs[-1][0], cell)
        else:
            runs.append((cell, cell))
    told = [first if first == last else f"{first}:{last}" for first, last in runs]
    return "、".join(told[:_NAMED]) + ("…" if len(told) > _NAMED else "")


def _below(cell: str) -> str:
    found = re.fullmatch(r"([A-Z]+)([0-9]+)", cell)
    return f"{found[1]}{int(found[2]) + 1}" if found else ""
