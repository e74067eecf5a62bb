"""Fifty people at once: each a connection of their own, a page after a page with a short pause, every answer read to its end and its time kept."""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

_TOKEN = re.compile(r'X-CSRFToken": "([^"]+)"')
_FIELD = re.compile(r'<input id="[^"]*" name="([^"]+)" value="([^"]*)"[^>]*class="figure"')


@dataclass
class Times:
    """How long each kind of page took, in seconds, and what went wrong."""

    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Times) -> None:
        """Another person's times."""
        for kind, taken in other.taken.items():
            self.taken[kind] += taken
        self.wrong += other.wrong

    def of(self, *kinds: str) -> list[float]:
        """The times of some kinds of page, in order."""
        return sorted(one for kind in kinds for one in self.taken[kind])


def at(share: float, ordered: list[float]) -> float:
    """A percentile of ordered times; 0 where there are none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class Person:
    """Somebody signed in, with a browser that keeps its connection."""

    def __init__(self, port: int, session: str, times: Times) -> None:
        self.port, self.session, self.times, self.token, self.cookie = port, session, times, "", ""
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, kind: str, path: str) -> str:
        """A page; its text, or '' where it failed."""
        return self._ask(kind, "GET", path, None)

    def post(self, kind: str, path: str, data: dict[str, str]) -> str:
        """A partial save, as htmx sends it."""
        return self._ask(kind, "POST", path, data)

    def _ask(self, kind: str, method: str, path: str, data: dict[str, str] | None) -> str:
        headers = {"Cookie": f"sessionid={self.session}" + (f"; csrftoken={self.cookie}" if self.cookie else ""), "Accept-Language": "zh-CN"}
        body = None
        if data is not None:
            headers |= {"X-CSRFToken": self.token, "HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self.port}"}
            body = urlencode(data).encode()
        start = time.perf_counter()
        try:
            for again in (True, False):
                try:
                    self.connection.request(method, path, body, headers)
                    answer = self.connection.getresponse()
                    break
                except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):  # an idle connection was closed, as it may be
                    self.connection.close()
                    if not again:
                        raise
            text = answer.read().decode("utf-8", "replace")
        except OSError as error:
            self.times.wrong.append(f"{kind} {path}: {type(error).__name__}")
            self.connection.close()
            return ""
        self.times.taken[kind].append(time.perf_counter() - start)
        if answer.status != 200:
            self.times.wrong.append(f"{kind} {path}: {answer.status}")
            return ""
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and value.startswith("csrftoken="):
                self.cookie = value.split(";")[0].partition("=")[2]
        if found := _TOKEN.search(text):
            self.token = found.group(1)
        return text


@dataclass(frozen=True, slots=True)
class Job:
    """What a person does all day. kind: desk or firm; numbers: the cases or form addresses they open."""

    kind: str
    session: str
    numbers: list[str]


def work(job: Job, port: int, until: float, pause: float, seed: int, out: Times, began: float) -> None:
    """One person's day, until the time is over; what happens before `began` warms up and is not kept."""
    rng, times = random.Random(seed), Times()
    one = Person(port, job.session, times)
    kept = False
    time.sleep(rng.random() * pause)
    while time.monotonic() < until:
        if not kept and time.monotonic() >= began:
            kept = True
            times.taken.clear()
        (_desk if job.kind == "desk" else _firm)(one, job, rng, pause)
    out.add(times)


def _rest(rng: random.Random, pause: float) -> None:
    time.sleep(rng.uniform(0.5, 1.5) * pause)


def _desk(one: Person, job: Job, rng: random.Random, pause: float) -> None:
    """The list in one of its views, then some cases."""
    query = rng.choice(["", "?due=over", "?state=all", f"?state=all&page={rng.randrange(1, 40)}", f"?search={quote('合成0' + str(rng.randrange(1000)))}", "?sort=-submitted", "?due=soon"])
    one.get("worklist", "/work/" + query)
    _rest(rng, pause)
    for _ in range(2):
        one.get("case", f"/cases/{rng.choice(job.numbers)}/")
        _rest(rng, pause)


def _firm(one: Person, job: Job, rng: random.Random, pause: float) -> None:
    """A form, and its figures changed one after the other."""
    path = rng.choice(job.numbers)
    page = one.get("form", path)
    _rest(rng, pause)
    fields = [name for name, _ in _FIELD.findall(page)]
    for _ in range(3):
        if not fields:
            return
        one.post("live", path, {rng.choice(fields).replace("&amp;", "&"): str(rng.randrange(1, 12))})
        _rest(rng, pause)


def crowd(jobs: list[Job], port: int, seconds: float, pause: float, warm: float) -> Times:
    """All of them at once."""
    out, start = Times(), time.monotonic()
    each = [Times() for _ in jobs]
    threads = [threading.Thread(target=work, args=(job, port, start + warm + seconds, pause, place, each[place], start + warm)) for place, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for times in each:
        out.add(times)
    return out
