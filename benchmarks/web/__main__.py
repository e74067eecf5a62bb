"""The figures of the casework: `python -m benchmarks.web [--database sqlite|postgresql|both] [--cases N] [--people-pause S] [--clone]`; one table, with what was asked.

Everything is made here and thrown away afterwards; all data is synthetic. Takes some minutes for each database. --clone: from a fresh clone to the first page.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

from ..table import print_table
from .measure import ROOT, Asked, arguments_of, note

PAGES = ("worklist", "case")


def one(database: str, asked: Asked) -> dict[str, Any]:
    """One database measured in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="duixian-load-") as home, _server(database) as address:
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "DUIXIAN_DATABASE": address}
        note(f"{database}: {asked.cases} cases")
        found = subprocess.run([sys.executable, "-m", "benchmarks.web.measure", home, arguments_of(asked)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(found.stdout.splitlines()[-1])


def _server(database: str) -> Any:
    """PostgreSQL as the tests start it; nothing for SQLite."""
    if database == "sqlite":
        return nullcontext("")
    from tests.postgres import running

    return running()


def rows_of(found: dict[str, dict[str, Any]], asked: Asked) -> list[tuple[str, str, str]]:
    """The table: what, asked, measured."""
    rows = []
    for database, one in found.items():
        limit = 500 if database == "sqlite" else 300
        load = one["load"]
        for kind in PAGES:
            rows.append((f"{database}: {kind} p95, {one['people']} people, pause {one['pause']:g} s", f"under {limit} ms", f"{load[kind]['p95']} ms (p50 {load[kind]['p50']}, {load[kind]['n']} pages)"))
        rows.append((f"{database}: form p95, the same", "", f"{load['form']['p95']} ms (p50 {load['form']['p50']})"))
        rows.append((f"{database}: live calculation p95, among them", "under 150 ms", f"{load['live']['p95']} ms (p50 {load['live']['p50']}, {load['live']['n']})"))
        rows.append((f"{database}: live calculation p95, one firm alone", "under 150 ms", f"{one['alone']['live']['p95']} ms (p50 {one['alone']['live']['p50']})"))
        rows.append((f"{database}: errors", "none", str(one["wrong_count"])))
        most = max(one["queries"].items(), key=lambda item: item[1])
        rows.append((f"{database}: queries of a page, most", "30", f"{most[1]} ({most[0]})"))
        rows.append((f"{database}: settlement of {asked.settled} cases", "under 30 s", f"{one['settle']['seconds']} s ({one['settle']['lines']} lines, {one['settle']['state']})"))
        memory = one["memory_mb"]
        rows.append((f"{database}: server memory under load", "under 400 MB", f"{memory['shared_once']} MB ({memory['processes']} processes, shared pages once; {memory['rss']} MB counted in each)"))
        rows.append((f"{database}: server memory while settling", "", f"{one['settle']['peak_mb']} MB"))
    return rows


def clone() -> tuple[str, str, str]:
    """From a fresh clone to the first page, with the package cache as it is."""
    port = 8777
    folder = Path(tempfile.mkdtemp(prefix="duixian-clone-"))
    start = time.perf_counter()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "duixian")], check=True)
    run = subprocess.Popen(["./dx", "run", "--port", str(port)], cwd=folder / "duixian", stdout=subprocess.DEVNULL, stderr=sys.stderr, start_new_session=True)
    try:
        while time.perf_counter() - start < 600 and run.poll() is None:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                return ("from a fresh clone to the first page, packages in the cache", "under 90 s", f"{time.perf_counter() - start:.0f} s")
            time.sleep(0.3)
        return ("from a fresh clone to the first page", "under 90 s", f"did not come up ({run.poll()})")
    finally:
        run.terminate()
        with suppress(subprocess.TimeoutExpired):
            run.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--cases", type=int, default=Asked.cases)
    parser.add_argument("--settled", type=int, default=Asked.settled)
    parser.add_argument("--seconds", type=float, default=Asked.seconds)
    parser.add_argument("--pause", type=float, default=Asked.pause, help="seconds between two pages of one person, on average")
    parser.add_argument("--clone", action="store_true", help="also from a fresh clone to the first page")
    given = parser.parse_args()
    asked = Asked(cases=given.cases, settled=given.settled, seconds=given.seconds, pause=given.pause)
    found = {name: one(name, asked) for name in (("postgresql", "sqlite") if given.database == "both" else (given.database,))}
    rows = rows_of(found, asked)
    if given.clone:
        rows.append(clone())
    print_table(("figure", "asked", "measured"), rows)
    print(f"{given.cases} cases; {os.cpu_count()} cores shared with the load itself; Python {platform.python_version()}; load average at the end {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
