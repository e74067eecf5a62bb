"""Text columns made without a Python loop over rows: fixed-width bytes side by side, handed to Arrow as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as arrow

DIGITS = 8  # of a running number in a key
MOST_ROWS = 10**DIGITS
_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", np.uint8)  # GB 32100-2015: no I O S V Z
_BASE, _BODY = 31, 6
_WEIGHTS = np.array([pow(3, place, 31) for place in range(17)], np.int64)
# of the organisation part, GB 11714: MA… is what registers hand out now; another letter keeps an invented code away from a real one
_ORGANISATION = b"YY"
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2], np.int64)
CODES = _BASE**_BODY  # how many different codes there are


def side_by_side(pieces: list[bytes | np.ndarray], count: int, missing: np.ndarray | None = None) -> arrow.Array:
    """A string column: constant bytes and matrices of bytes (one row a row) joined. missing: rows that are NULL."""
    width = sum(len(piece) if isinstance(piece, bytes) else piece.shape[1] for piece in pieces)
    matrix = np.empty((count, width), np.uint8)
    at = 0
    for piece in pieces:
        block = np.frombuffer(piece, np.uint8) if isinstance(piece, bytes) else piece
        matrix[:, at : at + block.shape[-1]] = block
        at += block.shape[-1]
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32) if width else np.zeros(count + 1, np.int32)
    return arrow.Array.from_buffers(arrow.string(), count, [bitmap(missing), arrow.py_buffer(offsets), arrow.py_buffer(matrix)])


def running(numbers: np.ndarray, digits: int = DIGITS) -> np.ndarray:
    """Numbers as ASCII digits with leading zeros, one row a number."""
    matrix = np.empty((len(numbers), digits), np.uint8)
    rest = numbers.astype(np.int64)
    for place in range(digits - 1, -1, -1):
        rest, last = np.divmod(rest, 10)
        matrix[:, place] = last + 48
    return matrix


def credit_codes(region: str, numbers: np.ndarray) -> np.ndarray:
    """统一社会信用代码 of 18 characters, one row a number below `CODES`; different numbers give different codes.

    Both check digits are right (GB 11714 inside, GB 32100-2015 at the end); the organisation part belongs to nobody.
    """
    figures = np.empty((len(numbers), 18), np.int64)
    lead = "91" + region
    figures[:, :8] = [int(char) for char in lead]
    index = {char: place for place, char in enumerate(_ALPHABET.tolist())}
    figures[:, 8:10] = [index[char] for char in _ORGANISATION]
    rest = numbers.astype(np.int64)
    for place in range(15, 9, -1):
        rest, figures[:, place] = np.divmod(rest, _BASE)
    # GB 11714 counts letters as A = 10 … Z = 35, so the figures of GB 32100 are turned back into letters first
    letters = _ALPHABET[figures[:, 8:16]].astype(np.int64)
    values = np.where(letters < 65, letters - 48, letters - 55)
    inner = (11 - values @ _ORGANISATION_WEIGHTS % 11) % 11
    ten = inner == 10
    figures[:, 16] = np.where(ten, index[ord("X")], inner)
    figures[:, 17] = (31 - figures[:, :17] @ _WEIGHTS % 31) % 31
    return _ALPHABET[figures]


def bitmap(missing: np.ndarray | None) -> Any:
    """Arrow's validity bits of a column; None where no row is NULL."""
    if missing is None or not missing.any():
        return None
    return arrow.py_buffer(np.packbits(~missing, bitorder="little"))


def decimals(cells: np.ndarray, scale: int, missing: np.ndarray | None = None) -> arrow.Array:
    """Whole cells (int64) as DECIMAL(18, scale): the number is the cell with the point moved, nothing is divided."""
    pair = np.empty((len(cells), 2), np.int64)
    pair[:, 0] = cells
    pair[:, 1] = cells >> 63
    return arrow.Array.from_buffers(arrow.decimal128(18, scale), len(cells), [bitmap(missing), arrow.py_buffer(pair)])


def typed(values: np.ndarray, kind: Any, missing: np.ndarray | None = None) -> arrow.Array:
    """A column of a fixed-width Arrow type (int32, date32) from numbers."""
    wide = np.ascontiguousarray(values.astype(np.int32))
    return arrow.Array.from_buffers(kind, len(values), [bitmap(missing), arrow.py_buffer(wide)])


def truths(values: np.ndarray, missing: np.ndarray | None = None) -> arrow.Array:
    """A BOOLEAN column."""
    bits = np.packbits(values.astype(bool), bitorder="little")
    return arrow.Array.from_buffers(arrow.bool_(), len(values), [bitmap(missing), arrow.py_buffer(bits)])


def chosen(codes: np.ndarray, options: tuple[str, ...], missing: np.ndarray | None = None) -> arrow.Array:
    """A string column of a few different words, by their places."""
    places = typed(codes, arrow.int32(), missing)
    return arrow.DictionaryArray.from_arrays(places, arrow.array(options, arrow.string()))


def mark_none(column: arrow.Array, none: np.ndarray) -> arrow.Array:
    """A text column with 无 written where a row has none; text needs no second column for it."""
    if not none.any():
        return column
    import pyarrow.compute as compute

    plain = column.cast(arrow.string()) if arrow.types.is_dictionary(column.type) else column
    return compute.if_else(truths(none), arrow.scalar("无"), plain)
