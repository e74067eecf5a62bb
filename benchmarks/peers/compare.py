"""Element by element: which rows of a kept result are not the reference's."""

from __future__ import annotations

from pathlib import Path

SAMPLE = 100_000  # rows of the rules that plain Python computes for the reference at larger sizes


def wrong_rows(found: Path, reference: Path) -> tuple[int, int, int]:
    """(enterprises with at least one award that differs, shops likewise, rows compared). A shorter result is compared as far as it goes."""
    import numpy as np

    with np.load(found) as left, np.load(reference) as right:
        if set(left.files) != set(right.files):
            raise ValueError(f"awards differ: {sorted(set(left.files) ^ set(right.files))}")
        wrong: dict[int, np.ndarray] = {}
        for award in right.files:
            mine, theirs = left[award], right[award]
            if len(mine) > len(theirs):
                raise ValueError(f"{award}: {len(mine)} rows, the reference has {len(theirs)}")
            size = len(theirs)
            differs = mine != theirs[: len(mine)]
            wrong[size] = wrong[size] | differs if size in wrong else differs
    by_size = [wrong[size] for size in sorted(wrong, reverse=True)]
    shops = int(by_size[1].sum()) if len(by_size) > 1 else 0
    return int(by_size[0].sum()), shops, len(by_size[0])


def python_agrees(inputs_rows: int, kept: Path, folder: Path) -> int:
    """How many of the first SAMPLE rows of the kept rules differ from the plain-Python loop. Raises ValueError as `wrong_rows`."""
    import numpy as np

    from .inputs import Inputs
    from .python_ints import PythonInts

    loop = PythonInts()
    loop.prepare(Inputs(folder, inputs_rows), rows=min(SAMPLE, inputs_rows))
    expected = loop.rules()
    with np.load(kept) as found:
        differs = np.zeros(min(SAMPLE, inputs_rows), bool)
        for award, amounts in expected.items():
            differs |= found[award][: len(amounts)] != np.asarray(amounts)
    return int(differs.sum())
