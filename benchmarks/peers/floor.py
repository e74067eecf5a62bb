"""The floor under every engine: how fast this machine reads memory with two threads, and how many bytes the award rules must read."""

from __future__ import annotations

import threading
import time

from .inputs import Inputs
from .python_ints import _JINYUN_COLUMNS, _ZIBO_COLUMNS

_BYTES = 800_000_000  # an array larger than any cache
_RUNS = 7


def read_gb_a_second(threads: int = 2) -> float:
    """The best rate at which `threads` threads read one large array together, in GB/s (10⁹ bytes)."""
    import numpy as np

    whole = np.ones(_BYTES // 8, np.int64)
    parts = np.array_split(whole, threads)

    def read(part: np.ndarray) -> None:
        np.bitwise_or.reduce(part)  # releases the interpreter's lock and does as little as there is to do

    rates = []
    for _ in range(_RUNS):
        workers = [threading.Thread(target=read, args=(part,)) for part in parts]
        start = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        rates.append(_BYTES / (time.perf_counter() - start) / 1e9)
    return max(rates)  # what the machine can do, not what others leave of it


def bytes_a_row(inputs: Inputs) -> int:
    """What the eight award rules read of one row, at 8 bytes a number and 1 a truth."""
    columns = inputs.columns(rows=1)
    return sum(1 if str(columns[name].type) == "bool" else 8 for name in dict.fromkeys((*_JINYUN_COLUMNS, *_ZIBO_COLUMNS)))
