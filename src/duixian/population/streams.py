"""Chance without a state: the random word of a row depends on the seed, the column and the row number, on nothing that was drawn before.

So a table can be made in pieces of any size, and a child can ask for its parent's figures by row number. Whole numbers only (64 bit,
splitmix64 finalizer, a public-domain mixing function): the same words on every machine.
"""

from __future__ import annotations

from fractions import Fraction
from hashlib import blake2b
from math import gcd
from typing import Any

import numpy as np

WORD = 1 << 64
_STEP, _FIRST, _SECOND = (np.uint64(value) for value in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_BY30, _BY27, _BY31 = np.uint64(30), np.uint64(27), np.uint64(31)


def stream_key(seed: int, *parts: Any) -> int:
    """The key of one stream: a hash of the seed and of what the stream is for."""
    text = "\x1f".join([str(seed), *map(str, parts)]).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def words(key: int, rows: np.ndarray) -> np.ndarray:
    """One random uint64 a row. rows: row numbers as uint64, one a row."""
    mixed = rows * _STEP
    mixed += np.uint64(key)
    mixed ^= mixed >> _BY30
    mixed *= _FIRST
    mixed ^= mixed >> _BY27
    mixed *= _SECOND
    mixed ^= mixed >> _BY31
    return mixed


def chance(key: int, rows: np.ndarray, share: Fraction) -> np.ndarray:
    """Whether each row belongs to a share (0 to 1) of all rows: one bool a row."""
    if share <= 0:
        return np.zeros(len(rows), bool)
    if share >= 1:
        return np.ones(len(rows), bool)
    return words(key, rows) < np.uint64(int(share * WORD))


def below(drawn: np.ndarray, count: int) -> np.ndarray:
    """Random words as whole numbers from 0 to count − 1, int64."""
    return (drawn % np.uint64(count)).astype(np.int64)


def weighted(drawn: np.ndarray, weights: tuple[int, ...]) -> np.ndarray:
    """Random words as the place of one of several weights, int64."""
    total, sums, so_far = sum(weights), [], 0
    for weight in weights[:-1]:
        so_far += weight
        sums.append(min(WORD - 1, WORD * so_far // total))
    return np.searchsorted(np.array(sums, np.uint64), drawn, side="right").astype(np.int64)


class Shuffle:
    """A fixed order of the numbers 0 to count − 1 that can be asked for one place: an affine permutation, so no number comes twice."""

    def __init__(self, key: int, count: int) -> None:
        self.count = max(count, 1)
        factor = key % self.count | 1
        while gcd(factor, self.count) != 1:
            factor += 2
        self.factor, self.shift = factor % self.count or 1, (key >> 20) % self.count

    def __call__(self, places: np.ndarray) -> np.ndarray:
        """The number at each place, int64. count stays below 2³¹ so that nothing overflows."""
        return (places.astype(np.int64) * self.factor + self.shift) % self.count
