"""Figures of the compiled plan alone: the memory of a whole settlement from Parquet to Parquet, what reasons cost, how long one applicant takes.

    PYTHONPATH=src:. python -m benchmarks.settling FOLDER COUNT [--engine spark] [--memory 1GB] [--reasons] [--keep FOLDER]

is the process that is measured: both policies one after the other, read, settled, every line written; one line of JSON: seconds by the clock, of the
processor (with Java's), and the most memory held (VmHWM) in MB (without Java's). The interpreter's second look at chosen lines is left out: it is no
part of the plan. --keep: where the lines stay, a folder of files a policy.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .ours import READINGS, RULES, YEAR, ZIBO, Compiled
from .peers.inputs import Inputs
from .peers.measure import ROOT, peak_mb, processor_s

SIZES = (1_000_000, 10_000_000)  # on Spark


def settle(folder: Path, count: int, memory: str | None, *, reasons: bool, spark: bool = False, keep: Path | None = None) -> dict[str, float]:
    """Both policies read, settled and written. seconds and cpu: the settling and writing alone, without the reading. memory: None is the product's own."""
    from duixian.engine.compiled import run
    from duixian.large.settle import MEMORY, lines_sql

    from .on_spark import OnSpark

    whole = OnSpark(memory=memory) if spark else Compiled(memory=memory or MEMORY)
    seconds = cpu = reading = 0.0
    for name in RULES:
        begin = time.perf_counter()
        whole.prepare(Inputs(folder, count), only=name)
        reading += time.perf_counter() - begin
        java = whole.processes() if spark else []
        begin, used = time.perf_counter(), time.process_time() + sum(map(processor_s, java))
        engine = whole.engines[name]
        done = run(whole.policies[name], YEAR, whole.frames[name], engine, whole.standards[name], READINGS if name == ZIBO else {}, reasons=reasons, owned=False)
        with tempfile.TemporaryDirectory() as place:
            engine.write_parquet(done.plan.inlined(lines_sql(done, reasons=reasons)), (keep or Path(place)) / name)
        done.close()
        seconds, cpu = seconds + time.perf_counter() - begin, cpu + time.process_time() + sum(map(processor_s, java)) - used
        engine.close()
    whole.close()
    return {"reading": reading, "seconds": seconds, "cpu": cpu, "peak_mb": peak_mb()}


def measured(bench: Any, count: int, *more: str) -> dict[str, float] | str:
    """The same in a process of its own; why not, where it failed."""
    inputs = bench.inputs(count)
    command = [sys.executable, "-m", "benchmarks.settling", str(inputs.folder), str(count), *more]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    if answer.returncode:
        return (answer.stderr.strip().splitlines() or [f"ended with {answer.returncode}"])[-1]
    return json.loads(answer.stdout.splitlines()[-1])


def peak(bench: Any, memory: str = "") -> str:
    """The most memory a whole settlement of the largest population held."""
    count = max(bench.rows)
    found = measured(bench, count, *(["--memory", memory] if memory else []))
    return found if isinstance(found, str) else f"{found['peak_mb']:,.0f} MB at {count:,} ({found['seconds']:,.1f} s, and {found['reading']:,.1f} s reading)"


def reasons(bench: Any) -> str:
    """A settlement with reasons over one without, by processor time; the largest population up to 1,000,000."""
    count = max((count for count in bench.rows if count <= 1_000_000), default=max(bench.rows))
    without, with_them = measured(bench, count), measured(bench, count, "--reasons")
    if isinstance(without, str) or isinstance(with_them, str):
        return f"{without} / {with_them}"
    return f"{with_them['cpu'] / without['cpu']:.2f} × by processor time ({with_them['seconds'] / without['seconds']:.2f} × by the clock) at {count:,}"


def on_spark(bench: Any) -> str:
    """Both policies settled from Parquet to Parquet at each of `SIZES`: seconds, how much longer a row takes on Spark, and whether at the first size
    every written line is the same, byte for byte, as on DuckDB."""
    with tempfile.TemporaryDirectory() as place:
        few, many = (measured(bench, count, "--engine", "spark", *(["--keep", f"{place}/spark"] if count == SIZES[0] else [])) for count in SIZES)
        duck = measured(bench, SIZES[0], "--keep", f"{place}/duckdb")
        for one in (few, many, duck):
            if isinstance(one, str):
                return f"not measured: {one}"
        same = digests(Path(place) / "spark") == digests(Path(place) / "duckdb")
    growth = {what: many[what] / SIZES[1] / (few[what] / SIZES[0]) for what in ("seconds", "cpu")}
    return (
        f"{'same bytes' if same else 'NOT the same bytes'} as DuckDB at {SIZES[0]:,}; {SIZES[0]:,} → {SIZES[1]:,}: "
        f"{few['seconds']:,.0f} s → {many['seconds']:,.0f} s, {growth['seconds']:.2f} × a row ({growth['cpu']:.2f} × by processor time); DuckDB {duck['seconds']:,.0f} s"
    )


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of the lines of each policy, written as CSV in one order."""
    import duckdb

    found = {}
    for each in sorted(folder.iterdir()):
        file = folder / f"{each.name}.csv"
        with duckdb.connect() as connection:
            connection.execute("SET enable_progress_bar = false")
            connection.execute(f"COPY (SELECT * FROM read_parquet('{each}/*.parquet') ORDER BY ALL) TO '{file}' (FORMAT csv)")
        with file.open("rb") as read:
            found[each.name] = hashlib.file_digest(read, "sha256").hexdigest()
    return found


def one_applicant(bench: Any = None) -> str:
    """One enterprise of Zibo settled and every one of its lines explained, warm: the public door, the interpreter, the trace; policy and year's file are loaded."""
    import duixian
    from duixian.values.facts import Facts

    policy = duixian.load(ROOT / "policies" / ZIBO)
    standards = policy.standards(YEAR)  # of the year, read once like the policy
    facts = Facts(listed={"企业", "店铺"})
    firm = facts.add("企业", "合成企业")
    firm.values |= {("成立年度", None): 2015, ("纳统", YEAR): True, ("成长良好", YEAR): True, ("生产企业", None): True, ("MCN独立法人", None): False}
    firm.values |= {(name, YEAR): 4_000_000_000 for name in ("实物商品网络零售额", "自播网络零售额", "第三方直播网络零售额", "直播佣金", "网络零售额")}
    taken = []
    for _ in range(20):
        begin, used = time.perf_counter(), time.process_time()
        lines = policy.explain(YEAR, facts, "合成企业", standards=standards)
        taken.append((time.process_time() - used, time.perf_counter() - begin))
    cpu, clock = (statistics.median(item[place] for item in taken) * 1000 for place in (0, 1))
    return f"{clock:.1f} ms by the clock, processor {cpu:.1f} ms, {len(lines)} lines of trace"


def main() -> int:
    parser = argparse.ArgumentParser(description="The process that is measured: one whole settlement.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("--memory")
    parser.add_argument("--reasons", action="store_true")
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    if given.keep:
        given.keep.mkdir(parents=True)
    print(json.dumps(settle(given.folder, given.count, given.memory, reasons=given.reasons, spark=given.engine == "spark", keep=given.keep)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
