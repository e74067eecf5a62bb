"""The figures of the rule engine: check, settle, one explained award, awards a second. Medians of several runs; each whole-process figure is a fresh process."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from duixian import pipeline
from duixian.policy.load import load_policy
from duixian.policy.standards import Standards
from duixian.policy.year_file import load_standards
from duixian.tables.write_facts import write_facts
from duixian.values.facts import Facts

from .population import make_firms, make_jinyun_firms
from .table import print_table

ROOT = Path(__file__).resolve().parent.parent
JINYUN, ZIBO = ROOT / "policies" / "jinyun-2025", ROOT / "policies" / "zibo-2022"
RUNS = 5


def process(*arguments: str) -> tuple[float, float]:
    """Wall seconds and peak memory (MB) of one fresh Python process."""
    code = (
        "import resource, subprocess, sys, time; start = time.perf_counter(); "
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); "
        "print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, done.returncode)"
    )
    answer = subprocess.run([sys.executable, "-c", code, sys.executable, *arguments], capture_output=True, text=True, check=True, cwd=ROOT)
    seconds, peak, returncode = answer.stdout.split()
    if returncode != "0":
        raise SystemExit(f"{' '.join(arguments)} ended with {returncode}\n{answer.stderr}")
    return float(seconds), float(peak)


def median_of(measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(RUNS))


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def check_both() -> str:
    seconds = median_of(lambda: process("-m", "duixian.cli", "check", str(JINYUN), str(ZIBO))[0])
    return f"{seconds:.2f} s"


def settle_500(folder: Path) -> str:
    """500 applicants, workbook in, workbook out, with explanations."""
    policy, _ = load_policy(ZIBO)
    data, result = folder / "applicants.xlsx", folder / "result.xlsx"
    write_facts(make_firms(500), [], policy, 2025, data)
    runs = [
        process("-m", "duixian.cli", "settle", str(ZIBO), "--year", "2025", "--facts", str(data), "-o", str(result)) for _ in range(RUNS)
    ]
    return f"{statistics.median(run[0] for run in runs):.2f} s, {max(run[1] for run in runs):.0f} MB"


def one_trace() -> str:
    policy, _ = load_policy(JINYUN)
    facts = make_jinyun_firms(50)
    _, _, assessor, _ = pipeline.prepare(policy, Standards(2025), facts, [], traced=True)
    things = list(facts.all("企业"))
    for thing in things:
        assessor.traces("场地租金补助", thing, 2025)
    return f"{timed(lambda: [assessor.traces('场地租金补助', thing, 2025) for thing in things]) / len(things) * 1000:.3f} ms"


def awards_a_second() -> str:
    policy, _ = load_policy(ZIBO)
    standards = load_standards(ZIBO / "standards-2025.md", policy, 2025, [])
    facts: Facts = make_firms(5000)
    names = [rule.name for rule in policy.awards if rule.object == "企业"]
    things = list(facts.all("企业"))

    def run() -> float:
        _, _, assessor, _ = pipeline.prepare(policy, standards, facts, [])
        for name in names:
            assessor.prepared(name)
        seconds = timed(lambda: [assessor.assess(name, thing, 2025) for name in names for thing in things])
        return len(names) * len(things) / seconds

    return f"{statistics.median(run() for _ in range(RUNS)):,.0f} /s"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            ("check of both policies, cold", "under 2 s", check_both()),
            ("settle 500 applicants, workbook in and out, cold", "under 3 s, under 300 MB", settle_500(Path(folder))),
            ("one award with its full trace, warm", "under 1 ms", one_trace()),
            ("awards evaluated, untraced, one core", "at least 20,000 /s", awards_a_second()),
        ]
    print_table(("figure", "asked", "measured"), rows)
    print(f"Python {sys.version.split()[0]}, median of {RUNS} runs; this process peaked at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
