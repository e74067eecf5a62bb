"""What is measured, in which order, and the one table it makes. Figures only the project's own engine has come from `benchmarks.ours`."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .compare import python_agrees, wrong_rows
from .engine import FIRST_REFERENCE, REFERENCE
from .floor import bytes_a_row, read_gb_a_second
from .inputs import Inputs, make_inputs
from .measure import Measured, NotRun, run

_LOOP_MOST = 100_000  # the plain loop does not measure more than this
# figures of the project's own engine alone: key of `benchmarks.ours.FIGURES` → what the table calls it
OWN = {
    "peak_full": "peak memory, full settlement from Parquet, largest population",
    "peak_full_1gb": "the same under a memory limit of 1 GB",
    "reasons": "reason columns: with them, ratio to without",
    "variants": "200 variants × 100,000, ratio to 200 separate runs",
    "one_applicant": "one applicant through the public door, warm",
    "spark": "Spark local, 1,000,000, and its growth",
}
# the award rules twice: with the sums of an enterprise made of its leases, booths and fees inside the time, and with the sums handed over
RULES = {"rules": "award rules", "ready": "award rules, child sums handed over"}
HEADS = ("figure", "engine", "measured", "ratio")
Row = tuple[str, str, str, str]


@dataclass(slots=True)
class Bench:
    """One run: what to measure, and what came of it. `results` by (engine, task, rows asked for)."""

    folder: Path
    rows: Sequence[int]
    engines: Sequence[str]
    tasks: Sequence[str]
    repeats: int
    seed: int
    say: Callable[[str], None] = print
    results: dict[tuple[str, str, int], Measured | NotRun] = field(default_factory=dict)
    wrong: dict[tuple[str, str, int], tuple[int, int, int]] = field(default_factory=dict)
    disagreements: list[str] = field(default_factory=list)  # where the reference itself is not what plain Python computes

    def inputs(self, count: int) -> Inputs:
        """The population of this size, made where it is not there yet."""
        return make_inputs(self.folder / f"{count}-{self.seed}", count, self.seed)

    def kept(self, engine: str, task: str, count: int) -> Path:
        """Where a result is kept for the comparison."""
        return self.folder / f"{count}-{self.seed}" / f"result-{engine}-{task}.npz"

    def measure(self) -> None:
        """Every engine, task and size, each in a process of its own; every result compared with the reference, which is compared with Python."""
        for count in self.rows:
            inputs = self.inputs(count)
            for task in self.tasks:
                for engine in self.engines:
                    if (engine == FIRST_REFERENCE and count > _LOOP_MOST) or self._partial(engine, task):
                        continue
                    self._one(engine, task, inputs)
                reference = self.kept(REFERENCE, task, count)
                if task in RULES and reference.is_file() and (bad := python_agrees(count, reference, inputs.folder)):
                    self.disagreements.append(f"{REFERENCE} {task} {count:,}: {bad} rows are not what plain Python computes")
                    self.say(self.disagreements[-1])
            for path in inputs.folder.glob("result-*.npz"):
                path.unlink()

    def _partial(self, engine: str, task: str) -> bool:
        """Whether an engine computed only its first rows of a smaller population: a larger one would show the same."""
        return any(isinstance(found, Measured) and found.rows < key[2] for key, found in self.results.items() if key[:2] == (engine, task))

    def _one(self, engine: str, task: str, inputs: Inputs) -> None:
        count, keep = inputs.count, self.kept(engine, task, inputs.count)
        found = run(engine, inputs, task, self.repeats if count <= 1_000_000 else min(3, self.repeats), keep)
        self.results[(engine, task, count)] = found
        if isinstance(found, NotRun):
            self.say(f"{engine} {task} {count:,}: {found.why}")
            return
        reference = self.kept(REFERENCE, task, count)
        self.wrong[(engine, task, count)] = wrong_rows(keep, reference)
        if engine == FIRST_REFERENCE and sum(self.wrong[(engine, task, count)][:2]):
            self.disagreements.append(f"{REFERENCE} {task} {count:,} is not what plain Python computes")
        self.say(f"{engine} {task} {count:,}: {found.task_ms:,.1f} ms, {found.peak_mb:,.0f} MB, wrong {self.wrong[(engine, task, count)]}")

    def found(self, engine: str, task: str, count: int) -> Measured | None:
        """The figure there is, or None."""
        result = self.results.get((engine, task, count))
        return result if isinstance(result, Measured) else None


def table(bench: Bench, ours: Any) -> list[Row]:
    """Every figure as a row. ours: the module `benchmarks.ours` or None, asked for the figures of `OWN`."""
    rows: list[Row] = []
    for count in bench.rows:
        for task, title in RULES.items():
            rows += _rules(bench, count, task, title)
    for count in bench.rows:
        rows += _full(bench, count)
    rows += _growth(bench)
    rows += _floor(bench)
    given = getattr(ours, "FIGURES", {})
    rows += [(title, "duixian", given[key](bench) if key in given else "not measured", "") for key, title in OWN.items()]
    return rows


def _rules(bench: Bench, count: int, task: str, title: str) -> list[Row]:
    base = bench.found("openfisca", task, count)
    rows = []
    for engine in bench.engines:
        if found := bench.found(engine, task, count):
            entered = f" (+ {found.enter_ms:,.1f} entering)" if found.enter_ms is not None else ""
            wrong, _, compared = bench.wrong[(engine, task, count)]
            times = f"{_times(found, base)} OpenFisca's calculation" if base else ""
            if found.rows == count:
                said = f"{found.task_ms:,.1f} ms{entered}, processor {found.cpu_ms:,.1f} ms"
            else:
                said = f"{found.per_row_ns / 1000:,.0f} µs a row, processor {found.cpu_ms * 1000 / found.rows:,.0f}"
            rows.append((f"{title}, {count:,}", found.name, f"{said}; {wrong:,} of {compared:,} rows wrong", times))
    return rows


def _times(found: Measured, base: Measured) -> str:
    """How many times the base, a row; by processor time in brackets, which a busy machine disturbs less."""
    clock, processor = found.per_row_ns / base.per_row_ns, (found.cpu_ms / found.rows) / (base.cpu_ms / base.rows)
    return f"{clock:,.2f} × (processor {processor:,.2f} ×)"


def _full(bench: Bench, count: int) -> list[Row]:
    rows = []
    for engine in bench.engines:
        if found := bench.found(engine, "full", count):
            alone = bench.found(engine, "rules", count)
            wrong, shops, compared = bench.wrong[(engine, "full", count)]
            times = f"{_times(found, alone)} its rules alone" if alone else ""
            said = f"{found.task_ms:,.1f} ms, processor {found.cpu_ms:,.1f} ms, peak {found.peak_mb:,.0f} MB; {wrong + shops:,} of {compared:,} rows wrong"
            rows.append((f"full settlement, {count:,}", found.name, said, times))
    return rows


def _growth(bench: Bench) -> list[Row]:
    rows = []
    for task in bench.tasks:
        for engine in bench.engines:
            each = [found for count in bench.rows if (found := bench.found(engine, task, count)) and found.rows == count]
            if len(each) > 1:
                said = " → ".join(f"{found.per_row_ns:,.0f}" for found in each)
                sizes = " → ".join(f"{found.rows:,}" for found in each)
                rows.append((f"{task}, ns a row at {sizes}", each[0].name, said, _times(each[-1], each[0])))
    return rows


def _floor(bench: Bench) -> list[Row]:
    count = max(bench.rows)
    rate, size = read_gb_a_second(), bytes_a_row(bench.inputs(count))
    floor_ms = count * size / rate / 1e6
    rows = [(f"read-bandwidth floor, {count:,} rows of {size} bytes", platform.machine(), f"{rate:.1f} GB/s, two threads: {floor_ms:,.2f} ms", "")]
    for engine in bench.engines:
        if (found := bench.found(engine, "rules", count)) and found.rows == count:
            rows.append((f"distance from it, award rules, {count:,}", found.name, f"{found.task_ms:,.1f} ms", f"{found.task_ms / floor_ms:,.0f} × the floor"))
    return rows


def once_each(rows: Sequence[Row]) -> list[Row]:
    """For people: a figure that repeats the one above is not said again."""
    return [(row[0] if place == 0 or rows[place - 1][0] != row[0] else "", *row[1:]) for place, row in enumerate(rows)]
