"""200 variants × 100,000 applicants: one sweep against 200 settlements, of which a few are run and the rest reckoned; their sums compared to the 分.

    PYTHONPATH=src:. python -m benchmarks.variants [--folder out/bench] [--separate 5]

Grain of the answer: one line a sweep. Ratio: the sweep over 200 times the mean separate settlement, by the clock and by processor time.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from .ours import READINGS, YEAR, ZIBO, Compiled
from .peers.inputs import make_inputs

COUNT, SEED = 100_000, 7
RATES = "流量补贴=" + ",".join(f"{place // 4}.{place % 4 * 25:02}元" for place in range(1, 21))
SWEEPS = {  # what is swept: the texts of --sweep
    "20 rates × 10 tier amounts": (RATES, "自播奖励（达到5000万元）=" + ",".join(f"{amount}万元" for amount in range(12, 32, 2))),
    "200 rates": ("流量补贴=" + ",".join(f"{(100 + 2 * place) // 100}.{(100 + 2 * place) % 100:02}元" for place in range(200)),),
}


def _spent(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock and of the processor, and what came of it."""
    before, start = os.times(), time.perf_counter()
    result = work()
    after = os.times()
    return time.perf_counter() - start, after.user + after.system - before.user - before.system, result


def measure(folder: Path, separate: int, say: Callable[[str], None] = print) -> list[str]:
    """Every sweep as a line of text; says each as it comes."""
    from duixian.study.compiled import Compiled as Source
    from duixian.study.scenario import axis, crossed
    from duixian.study.source import Scenario, award_totals

    compiled = Compiled()
    compiled.prepare(make_inputs(folder / f"{COUNT}-{SEED}", COUNT, SEED))
    source = Source(YEAR, compiled.frames[ZIBO], compiled.engines[ZIBO])
    base = Scenario("", compiled.policies[ZIBO], compiled.standards[ZIBO], READINGS)
    award_totals("", source.price(base))  # warm
    lines = []
    for name, texts in SWEEPS.items():
        scenarios = [scenario for _, scenario in crossed(base, [axis(text) for text in texts])]
        chosen = Random(SEED).sample(scenarios, separate)
        alone = [_spent(lambda one=one: award_totals(one.label, source.price(one))) for one in chosen]
        wall, cpu, rows = _spent(lambda scenarios=scenarios: source.price_many(scenarios, lambda *_: None))
        wrong = sum(sorted(found) != sorted(row for row in rows if row.scenario == one.label) for one, (_, _, found) in zip(chosen, alone, strict=True))
        walls, cpus = (sum(times[place] for times in alone) / separate * len(scenarios) for place in (0, 1))
        lines.append(f"{name}: {wall:,.1f} s (processor {cpu:,.1f} s); {len(scenarios)} settlements {walls:,.0f} s ({cpus:,.0f} s): 1/{walls / wall:,.0f} (processor 1/{cpus / cpu:,.0f}); "
                     f"{wrong} of {separate} compared differ, {len(source.apart)} settled by themselves")  # fmt: skip
        say(lines[-1])
    return lines


def figure(bench: Any) -> str:
    """For the one table (`benchmarks.ours.FIGURES`)."""
    return " | ".join(measure(Path(bench.folder), 5))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("out/bench"))
    parser.add_argument("--separate", type=int, default=5)
    options = parser.parse_args()
    measure(options.folder, options.separate)
    sys.exit(0)
