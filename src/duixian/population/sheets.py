"""A population as Arrow columns, under the headers the reader of tables knows. A batch is some rows of one object type."""

from __future__ import annotations

import numpy as np
import pyarrow as arrow
import pyarrow.compute as compute

from ..tables.layout import JOIN, Column
from ..values.facts import Period
from .draws import scale_of
from .outline import Outline, targets_of
from .streams import Shuffle
from .texts import CODES, bitmap, chosen, credit_codes, decimals, mark_none, running, side_by_side, truths, typed
from .world import NONE, VALUE, World

NONE_SUFFIX = "为无"  # after the header of a typed column: the BOOLEAN column that says which of its NULLs are 无
_SIBLING_DIGITS = 2


class Sheets:
    """The columns of every object type of one population."""

    def __init__(self, outline: Outline, world: World) -> None:
        self.outline, self.world = outline, world
        self._codes: dict[str, Shuffle] = {}

    def batch(self, kind: str, rows: np.ndarray) -> dict[str, arrow.Array]:
        """header → column of some rows of an object type. A typed column that may hold 无 is followed by its 为无 column."""
        found: dict[str, arrow.Array] = {}
        for column in self.outline.columns[kind]:
            states = self.world.states(kind, column.name, column.period, rows)
            found[column.header] = self.column(kind, column, rows, states)
            if self.has_none(kind, column):
                found[column.header + NONE_SUFFIX] = truths(states == NONE)
        return found

    def has_none(self, kind: str, column: Column) -> bool:
        """Whether a column needs a 为无 column beside it: a typed one whose profile row allows 无."""
        row = self.outline.row(kind, column.name)
        assert row is not None
        allowed = row.none > 0 or row.draw.name == "首次为是的年" or (bool(row.draw.only) and row.draw.otherwise == "无")
        return allowed and column.kind in ("number", "truth", "date", "year")

    def column(self, kind: str, column: Column, rows: np.ndarray, states: np.ndarray) -> arrow.Array:
        """One column, typed: DECIMAL for numbers, BOOLEAN, DATE, INTEGER for years, text for the rest with 无 written out."""
        missing = states != VALUE
        if column.kind == "object":
            return mark_none(self.linked(kind, column.name, column.period, rows, missing), states == NONE)
        row = self.outline.row(kind, column.name)
        assert row is not None
        values = self.world.values(kind, column.name, column.period, rows)
        if column.kind == "number":
            return decimals(values, scale_of(column), missing)
        if column.kind == "truth":
            return truths(values, missing)
        if column.kind == "date":
            return typed(values, arrow.date32(), missing)
        if column.kind == "year":
            return typed(values, arrow.int32(), missing)
        if row.draw.name == "选项":
            return mark_none(chosen(values, row.draw.arguments["options"], missing), states == NONE)
        return mark_none(self._written(kind, column.name, rows, missing), states == NONE)

    def _written(self, kind: str, fact: str, rows: np.ndarray, missing: np.ndarray | None) -> arrow.Array:
        """Text made from the running number of a row."""
        row = self.outline.row(kind, fact)
        assert row is not None
        arguments, numbers = row.draw.arguments, rows.astype(np.int64)
        if row.draw.name == "信用代码":
            shuffle = self._codes.setdefault(kind, Shuffle(self.world.key(kind, fact, "代码"), CODES))
            return side_by_side([credit_codes(arguments["region"], shuffle(numbers))], len(rows), missing)
        if row.draw.name == "兄弟编号":
            figures = running(self.world.sibling(kind, rows), _SIBLING_DIGITS)
        else:
            figures = running(numbers + 1)
        return side_by_side([arguments["before"].encode(), figures, arguments["after"].encode()], len(rows), missing)

    def keys(self, kind: str, rows: np.ndarray) -> arrow.Array:
        """The key of each row, its parts joined as tables join them."""
        parts = []
        for column in self.outline.columns[kind]:
            if column.role == "identity":
                part = self.column(kind, column, rows, np.zeros(len(rows), np.uint8))
                parts.append(part.cast(arrow.string()) if arrow.types.is_dictionary(part.type) else part)
        return parts[0] if len(parts) == 1 else compute.binary_join_element_wise(*parts, JOIN)

    def linked(self, kind: str, relation: str, period: Period, rows: np.ndarray, missing: np.ndarray | None = None) -> arrow.Array:
        """The key of the object a relation leads to. missing: rows that are NULL."""
        places, there = self.world.target(kind, relation, period, rows)
        leads = targets_of(self.outline, kind, relation)
        if len(leads) == 1:
            return nulled(self.keys(leads[0], there), missing)
        result = arrow.nulls(len(rows), arrow.string())
        for target in leads:
            here = places == self.world.kinds.index(target)
            result = compute.replace_with_mask(result, truths(here), self.keys(target, there[here]))
        return nulled(result, missing)


def nulled(column: arrow.Array, missing: np.ndarray | None) -> arrow.Array:
    """A text column with some rows NULL."""
    if missing is None or not missing.any():
        return column
    if column.null_count == 0 and column.offset == 0:
        return arrow.Array.from_buffers(arrow.string(), len(column), [bitmap(missing), *column.buffers()[1:]])
    return compute.if_else(truths(missing), arrow.scalar(None, arrow.string()), column)
