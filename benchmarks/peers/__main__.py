"""The benchmark: every engine over the same populations, checked element by element, one table. `python -m benchmarks.peers --help`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..table import print_table
from .engine import FIRST_REFERENCE, REFERENCE, engines, own
from .figures import HEADS, Bench, once_each, table

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description="Measure the award rules on several engines.")
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000], help="population sizes (default 1e5 1e6)")
    parser.add_argument("--engines", nargs="+", default=list(engines()), choices=list(engines()), help="which engines (default all)")
    parser.add_argument("--tasks", nargs="+", default=["rules", "ready", "full"], choices=["rules", "ready", "full"])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, default=ROOT / "out" / "bench", help="where populations and results are kept")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    given = parser.parse_args()
    # the references run first: the others are compared with what they keep
    order = [name for name in (REFERENCE, FIRST_REFERENCE) if name in given.engines] + [
        name for name in given.engines if name not in (REFERENCE, FIRST_REFERENCE)
    ]
    if REFERENCE not in order:
        order.insert(0, REFERENCE)
    bench = Bench(given.folder, sorted(given.rows), order, given.tasks, given.repeats, given.seed, say=lambda text: print(text, file=sys.stderr))
    bench.measure()
    print_table(HEADS, once_each(table(bench, own())), markdown=given.markdown)
    return 1 if bench.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
