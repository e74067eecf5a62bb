"""One engine, one population, one task (rules or full) in a fresh process: medians in ms, the peak of its memory, and the result kept for the check.

`run` starts such a process and reads what it says; `python -m benchmarks.peers.measure` is that process.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .engine import engines
from .inputs import Inputs

ROOT = Path(__file__).resolve().parent.parent.parent
_UNSET = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # set for old OpenBLAS builds on some machines; they slow a current NumPy


@dataclass(frozen=True, slots=True)
class Measured:
    """What one process took. Times in ms (medians), memory in MB; enter_ms None where the engine has no such step. rows: how many were computed.

    cpu_ms: processor time of all threads, which a busy machine disturbs less than task_ms.
    """

    engine: str
    name: str
    task: str
    rows: int
    prepare_ms: float
    enter_ms: float | None
    task_ms: float
    cpu_ms: float
    spread_ms: tuple[float, float]
    peak_mb: float

    @property
    def per_row_ns(self) -> float:
        return self.task_ms * 1e6 / self.rows


@dataclass(frozen=True, slots=True)
class NotRun:
    """Why there is no figure: not installed, no such task, or it failed."""

    engine: str
    task: str
    why: str


def run(engine: str, inputs: Inputs, task: str, repeats: int, keep: Path | None = None, environment: dict[str, str] | None = None) -> Measured | NotRun:
    """Measure in a fresh process. keep: where to save the result as .npz."""
    variables = {name: value for name, value in os.environ.items() if name not in _UNSET}
    variables["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    command = [sys.executable, "-m", f"{__package__}.measure", engine, str(inputs.folder), str(inputs.count), task, str(repeats)]
    answer = subprocess.run(
        [*command, *([str(keep)] if keep else [])], capture_output=True, text=True, cwd=ROOT, env={**variables, **(environment or {})}, check=False
    )
    if answer.returncode:
        last = (answer.stderr.strip().splitlines() or [f"ended with {answer.returncode}"])[-1]
        return NotRun(engine, task, last)
    found = json.loads(answer.stdout.splitlines()[-1])
    return NotRun(**found) if "why" in found else Measured(**{**found, "spread_ms": tuple(found["spread_ms"])})


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long it took in ms, and what came of it."""
    start = time.perf_counter()
    result = work()
    return (time.perf_counter() - start) * 1000, result


def peak_mb(process: int | str = "self") -> float:
    """The most memory a process has held. VmHWM starts anew with each program, which ru_maxrss does not."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError(f"no VmHWM in /proc/{process}/status")


def processor_s(process: int) -> float:
    """The processor time of another process so far, all its threads together."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _child(engine_id: str, inputs: Inputs, task: str, repeats: int, keep: Path | None) -> Measured | NotRun:
    try:
        engine = engines()[engine_id]()
    except ModuleNotFoundError as missing:
        return NotRun(engine_id, task, f"not installed: {missing.name}")
    work = getattr(engine, task, None)
    if work is None:
        return NotRun(engine_id, task, "no such task")
    prepare_ms, _ = timed(lambda: engine.prepare(inputs))
    enter = getattr(engine, "enter", None)
    entries = [timed(enter)[0] for _ in range(repeats)] if enter else []
    work()  # warm
    others = engine.processes() if hasattr(engine, "processes") else []

    def used() -> float:
        return time.process_time() + sum(map(processor_s, others))

    times, processor = [], []
    for _ in range(min(repeats, getattr(engine, "repeats", repeats))):
        found = None  # the last result is given back before the next is made
        start = used()
        taken, found = timed(work)
        times.append(taken)
        processor.append((used() - start) * 1000)
    peak = peak_mb() + sum(map(peak_mb, others))
    in_fen = getattr(engine, "in_fen", None)
    amounts = in_fen(found) if in_fen else found
    rows = max(len(values) for award, values in amounts.items())
    if keep is not None:
        import numpy as np

        np.savez(keep, **{award: np.asarray(values, np.int64) for award, values in amounts.items()})
    if hasattr(engine, "close"):
        engine.close()
    entry = statistics.median(entries) if entries else None
    median, cpu = statistics.median(times), statistics.median(processor)
    return Measured(engine_id, engine.name, task, rows, prepare_ms, entry, median, cpu, (min(times), max(times)), peak)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("engine")
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("task", choices=("rules", "ready", "full"))
    parser.add_argument("repeats", type=int)
    parser.add_argument("keep", type=Path, nargs="?")
    given = parser.parse_args()
    print(json.dumps(asdict(_child(given.engine, Inputs(given.folder, given.count), given.task, given.repeats, given.keep))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
