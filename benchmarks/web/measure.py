"""One database measured: filled, served as `duixian serve` serves, fifty people let in, a cycle settled. Run in a process of its own; prints JSON."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .load import Job, Times, at, crowd

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = (("officer", 16), ("township", 10), ("head", 2), ("auditor", 2))
APPLICANTS = 10  # of each policy


@dataclass
class Asked:
    """How much of everything."""

    cases: int = 20_000
    settled: int = 2_000
    seconds: float = 60
    warm: float = 15
    pause: float = 3
    port: int = 8765


def measure(home: Path, asked: Asked) -> dict[str, Any]:
    """All figures of the database the environment names."""
    os.environ |= {"DUIXIAN_HOME": str(home), "DUIXIAN_SECOND_FACTOR": "off", "DUIXIAN_POLICIES": str(ROOT / "policies")}
    from duixian.web import serving

    serving.configure(home)
    serving.prepare()
    from .fill import fill

    start = time.perf_counter()
    fill(ROOT / "policies", asked.cases, asked.settled, APPLICANTS)
    found: dict[str, Any] = {"fill_seconds": round(time.perf_counter() - start, 1)}
    note(f"filled in {found['fill_seconds']} s")
    _analyse()
    found["queries"] = queries()
    note(f"queries: {found['queries']}")
    jobs = everybody()
    with served(home, asked.port) as server:
        alone = crowd([job for job in jobs if job.kind == "firm"][:1], asked.port, asked.seconds / 4, 0.1, 4)
        found["alone"] = told(alone)
        note(f"one firm alone: {found['alone']}")
        start = time.perf_counter()
        times = crowd(jobs, asked.port, asked.seconds, asked.pause, asked.warm)
        found |= {"people": len(jobs), "load": told(times), "wrong": times.wrong[:20], "wrong_count": len(times.wrong), "memory_mb": memory(server.pid), "pause": asked.pause}
        note(f"load: {found['load']}; wrong: {found['wrong_count']}; memory: {found['memory_mb']}")
        found["settle"] = settled(server.pid)
        note(f"settlement: {found['settle']}")
    return found


def note(text: str) -> None:
    """Say where the work is."""
    print(text, file=sys.stderr, flush=True)


def told(times: Times) -> dict[str, Any]:
    """p50 and p95 in ms and how many, by kind of page."""
    kinds = {kind: times.of(kind) for kind in sorted(times.taken)}
    return {kind: {"n": len(one), "p50": round(at(0.5, one) * 1000), "p95": round(at(0.95, one) * 1000), "max": round(one[-1] * 1000) if one else 0} for kind, one in kinds.items()}


def _analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def everybody() -> list[Job]:
    """Sessions of fifty people, each with what they open."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from duixian.web.cases import queries as reads
    from duixian.web.cases.models import Application
    from duixian.web.registry.models import Seat

    def session(seat: Any) -> str:
        store = SessionStore()
        store[SESSION_KEY], store[HASH_SESSION_KEY] = str(seat.user_id), seat.user.get_session_auth_hash()
        store[BACKEND_SESSION_KEY], store["seat"] = "django.contrib.auth.backends.ModelBackend", seat.pk
        store.save()
        return str(store.session_key)

    from duixian.web.cases.actions import auditing
    from duixian.web.cases.models import Cycle

    for auditor in Seat.objects.filter(role="auditor"):
        for cycle in Cycle.objects.all():
            auditing.declare(cycle, auditor, [], confirmed=True)
    jobs = []
    for role, count in PEOPLE:
        for seat in Seat.objects.filter(role=role).select_related("user", "division", "party")[:count]:
            jobs.append(Job("desk", session(seat), list(reads.applications(seat).order_by("?").values_list("number", flat=True)[:300])))
    for one in Application.objects.filter(by__role="applicant", state="draft").select_related("by__user"):
        claim = one.claims.filter(live=True).first()
        jobs.append(Job("firm", session(one.by), [f"/apply/{one.number}/fill/{claim.pk}/"]))
    return jobs


def queries() -> dict[str, int]:
    """How many queries each page takes, signing in and the session included."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from duixian.web.cases.models import Application, Cycle
    from duixian.web.registry.models import Seat

    def client(role: str) -> Client:
        one, seat = Client(SERVER_NAME="127.0.0.1"), Seat.objects.filter(role=role, ended=None).first()
        one.force_login(seat.user, backend="django.contrib.auth.backends.ModelBackend")
        return one

    officer, firm = client("officer"), client("applicant")
    own = Application.objects.filter(by__role="applicant").order_by("by").first()
    case, cycle = Application.objects.filter(state="verified").first(), Cycle.objects.first()
    paths = {"worklist": (officer, "/work/"), "worklist, all": (officer, "/work/?state=all&page=9"), "case": (officer, f"/cases/{case.number}/"), "cycle": (officer, f"/cycles/{cycle.pk}/"),
             "cycles": (officer, "/cycles/"), "accounts": (officer, "/accounts/"), "own": (firm, "/apply/"), "application": (firm, f"/apply/{own.number}/"),
             "form": (firm, f"/apply/{own.number}/fill/{own.claims.first().pk}/"), "may have": (firm, f"/apply/may/{own.cycle_id}/")}  # fmt: skip
    found = {}
    for name, (one, path) in paths.items():
        one.get(path)
        with CaptureQueriesContext(connection) as captured:
            answer = one.get(path)
        found[name] = len(captured) if answer.status_code == 200 else -answer.status_code
    return found


@contextlib.contextmanager
def served(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The server as `duixian serve` starts it."""
    from django.db import connection

    connection.close()
    server = subprocess.Popen([sys.executable, "-m", "duixian.cli", "serve", "--home", str(home), "--port", str(port)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
                              stdout=subprocess.DEVNULL, stderr=sys.stderr)  # fmt: skip
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                break
            time.sleep(0.2)
        else:
            raise SystemExit("the server did not answer")
        yield server
    finally:
        server.terminate()
        server.wait(timeout=60)


def family(pid: int) -> list[int]:
    """A process and all its children, from /proc."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            text = path.read_text()
            parents.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(path.parent.name))
    found, front = [pid], [pid]
    while front:
        front = [child for one in front for child in parents.get(one, [])]
        found += front
    return found


def memory(pid: int) -> dict[str, int]:
    """Memory of the server and its children in MB: `shared_once` counts what processes share once (PSS), `rss` counts it in each."""
    rss = pss = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name == "Rss":
                    rss += int(rest.split()[0])
                elif name == "Pss":
                    pss += int(rest.split()[0])
    return {"shared_once": pss // 1024, "rss": rss // 1024, "processes": len(family(pid))}


def settled(pid: int) -> dict[str, Any]:
    """The cycle that waits, settled by the server's own worker: how long, and the memory at its peak."""
    from duixian.web.cases.models import Cycle, Settlement
    from duixian.web.jobs import work
    from duixian.web.registry.models import Seat

    cycle = Cycle.objects.get(name="合成批次：待核算")
    start, peak = time.perf_counter(), 0
    job = work.ask("settle", f"cycle:{cycle.pk}", Seat.objects.filter(role="officer").first(), cycle=cycle.pk)
    while job.state in ("waiting", "running") and time.perf_counter() - start < 600:
        time.sleep(0.25)
        peak = max(peak, memory(pid)["shared_once"])
        job.refresh_from_db()
    seconds = round(time.perf_counter() - start, 1)
    found = Settlement.objects.filter(job=job).first()
    return {"state": job.state, "seconds": seconds, "problem": job.problem[:300], "lines": found.lines.count() if found else 0, "peak_mb": peak}


def main(arguments: list[str]) -> int:
    """`python -m benchmarks.web.measure HOME JSON`"""
    print(json.dumps(measure(Path(arguments[0]), Asked(**json.loads(arguments[1])))))
    return 0


def arguments_of(asked: Asked) -> str:
    """What is asked, as the child process reads it."""
    return json.dumps(asdict(asked))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
