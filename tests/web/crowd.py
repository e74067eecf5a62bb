"""Many at once, and killed at any point: run as programs of their own, on a database in a file (or the one DUIXIAN_DATABASE names, which must be a scratch one).

    python -m tests.web.crowd reserve 200 100    200 reservations by 4 processes × 10 threads against a total that fits 100
    python -m tests.web.crowd confirm            ten heads confirm one settlement at once
    python -m tests.web.crowd killed             every step of the line killed with SIGKILL at growing points, and run again

Each prints one line of JSON. All data is synthetic.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duixian.web.settings")

import django  # noqa: E402

django.setup()

from datetime import UTC, datetime, timedelta  # noqa: E402

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Sum  # noqa: E402
from django.utils import timezone  # noqa: E402

from duixian.ledger.books import Kind, Move, Place  # noqa: E402
from duixian.web.cases.actions import cycling, handling, noticing, paying, settling, special  # noqa: E402
from duixian.web.cases.models import Application, Cycle, Line, Notice, Payment, PaymentRequest, Settlement, SpecialDecision  # noqa: E402
from duixian.web.jobs import work  # noqa: E402
from duixian.web.jobs.models import Job  # noqa: E402
from duixian.web.record import book  # noqa: E402
from duixian.web.registry.models import Party, Role, Seat  # noqa: E402
from duixian.web.treasury import actions as treasury  # noqa: E402
from duixian.web.treasury.models import Account, Transfer  # noqa: E402
from tests.repeat import by_day  # noqa: E402
from tests.web import cast as people  # noqa: E402

BEGAN, REAL = timezone.now(), timezone.now
timezone.now = lambda: datetime(2026, 3, 10, 2, 0, tzinfo=UTC) + (REAL() - BEGAN)  # a year whose holidays are loaded, as in conftest
EACH = 1_000_000
PROCESSES, THREADS = 4, 10
CLOSER = by_day(2, night=4)  # from one kill to the next the fuse is longer by one of so many parts


def migrated() -> None:
    """A database of the newest form; the tests give a copy of one that is (template.py)."""
    if Account._meta.db_table not in connection.introspection.table_names():
        call_command("migrate", verbosity=0)


def reserve_all(tries: int, fit: int) -> dict[str, Any]:
    """Reservations by several processes at once; how many were made and what was refused."""
    migrated()
    seat = people.sit("keeper", Role.FINANCE)
    account = treasury.account_of(f"crowd-{os.getpid()}", 2025)
    paying.appropriate(account, fit * EACH, seat, "示例预算（合成）")
    share = tries // PROCESSES
    connection.close()  # no connection is shared with a child
    with get_context("fork").Pool(PROCESSES) as pool:
        found = pool.starmap(reserve_some, [(account.pk, place * share, share) for place in range(PROCESSES)], chunksize=1)
    counts = sum((Counter(one) for one in found), Counter())
    places = treasury.balances_of(account)
    return {"counts": dict(counts), "reserved": places[Place.RESERVED] // EACH, "left": places[Place.AVAILABLE], "rows": Transfer.objects.filter(account=account, kind="reserve").count(),
            "breaks": len(book.verify()[1])}  # fmt: skip


def reserve_some(account: int, first: int, count: int) -> dict[str, int]:
    """One process' share of the reservations, by threads; each asked for twice, as an impatient hand does."""
    owner, seat = Account.objects.get(pk=account), Seat.objects.select_related("user").get(user__username="keeper")

    def one(place: int) -> str:
        try:
            for _ in range(2):
                with book.acting(seat, "test.reserve", f"crowd:{place}"):
                    treasury.post(owner, [(Move(Kind.RESERVE, EACH, f"crowd:{place}"), f"reserve:crowd:{account}:{place}")], seat=seat)
            return "reserved"
        except book.Refused as refusal:
            return refusal.law
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return dict(Counter(pool.map(one, range(first, first + count))))


def line_of(cases: int) -> tuple[people.Cast, Cycle]:
    """A cycle of Zibo with reviewed cases and money, on an empty database."""
    migrated()
    cast = people.make_cast()
    cycle, officer = cast.zibo, cast.seats["officer"]
    for place in range(cases):
        party = Party.objects.create(kind="企业", code=f"合成{place:014d}", name=f"合成{place:03d}号有限公司", division=cast.town, bank_name="演示银行", bank_account=f"00{place:014d}",
                                     bank_holder=f"合成{place:03d}号有限公司")  # fmt: skip
        thing = people.enterprise(party, {2025: 4000 + place * 100, 2024: 3000})
        case = people.applying.start(cycle, party, officer)
        people.applying.claim(case, "流量补贴", "二", thing, officer)
        people.applying.promise(case, officer, given=True)
        people.applying.submit(case, officer, [])
        handling.verify(case, cast.seats["township"], true=True, text="属实", visited=None)
        handling.accept(case, officer)
    for place in range(10):
        people.sit(f"head{place}", Role.HEAD)
    paying.appropriate(treasury.account_of("zibo-2022", 2025), 1_000_000_000, cast.seats["finance"], "示例预算（合成）")
    return cast, cycle


def proposed(cast: people.Cast, cycle: Cycle) -> Settlement:
    """A settlement before the head, by the interpreter alone where `settle` was not yet run."""
    work.ask("settle", f"cycle:{cycle.pk}", cast.seats["officer"], cycle=cycle.pk)
    work.serve(once=True)
    found = Settlement.objects.select_related("cycle__version_of", "by").get()
    settling.propose(found, cast.seats["officer"])
    cycling.run(cycle, "close", cast.seats["officer"], cycle.version)
    return found


def confirm_at_once() -> dict[str, Any]:
    """Ten heads press the same button."""
    cast, cycle = line_of(12)
    number = proposed(cast, cycle).pk

    def one(place: int) -> str:
        try:
            found = Settlement.objects.select_related("cycle__version_of", "by").get(pk=number)
            settling.confirm(found, Seat.objects.select_related("user").get(user__username=f"head{place}"), f"纪要{place}（合成）")
            return "confirmed"
        except book.Refused as refusal:
            return refusal.law
        finally:
            connection.close()

    connection.close()
    with ThreadPoolExecutor(10) as pool:
        counts = Counter(pool.map(one, range(10)))
    found = Settlement.objects.get(pk=number)
    account = treasury.account_of("zibo-2022", 2025)
    return {"confirmed": counts.pop("confirmed", 0), "refused": sum(counts.values()), "laws": sorted(counts), "reserved": treasury.balances_of(account)[Place.RESERVED] == found.payable_fen,
            "decisions": book.Event.objects.filter(action="settlement.confirm", kind="write").count(), "breaks": len(book.verify()[1])}  # fmt: skip


class Fuse:
    """Kills this process with SIGKILL at its n-th query or write to disk."""

    def __init__(self, at: int) -> None:
        self.left = at

    def burn(self) -> None:
        """One event more."""
        self.left -= 1
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.burn()
        return execute(sql, params, many, context)


def blow(at: int, step: Callable[[], None]) -> None:
    """Do a step under a fuse."""
    fuse, sync = Fuse(at), os.fsync

    def watched(descriptor: int) -> None:
        fuse.burn()
        sync(descriptor)

    os.fsync = watched  # type: ignore[assignment]
    with connection.execute_wrapper(fuse):
        step()


def killed_until_done(step: Callable[[], None], check: Callable[[], None]) -> int:
    """Run a step in children that are killed at growing points until one lives to the end; after every kill what is stored must hold. How many were killed."""
    at, kills = 1, 0
    while True:
        connection.close()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                blow(at, step)
                code = 0
            except BaseException as fault:
                print(type(fault).__name__, fault, file=sys.stderr)
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        check()
        if not os.WIFSIGNALED(status):
            assert os.waitstatus_to_exitcode(status) == 0, "the step failed by itself"
            return kills
        kills += 1
        at += max(1, at // CLOSER)


def holds() -> None:
    """What must be true whatever was killed when."""
    count, breaks = book.verify()
    assert not breaks, breaks
    account = treasury.account_of("zibo-2022", 2025)
    places = treasury.balances_of(account)
    assert sum(places.values()) == 0 and all(amount >= 0 for place, amount in places.items() if place is not Place.OUTSIDE), places
    frozen = Settlement.objects.filter(state="frozen").first()
    special_fen = SpecialDecision.objects.exclude(state__in=["proposed", "refused"]).aggregate(sum=Sum("amount_fen"))["sum"] or 0
    bound = -places[Place.OUTSIDE] - places[Place.AVAILABLE]
    if frozen is None:
        assert bound == special_fen and not Line.objects.exclude(state="computed").exists() and not Application.objects.filter(state="decided").exists(), "half frozen"
    else:
        dropped = Line.objects.filter(settlement=frozen, state="dropped").aggregate(sum=Sum("payable_fen"))["sum"] or 0
        assert bound == frozen.payable_fen - dropped + special_fen
        assert not Application.objects.filter(cycle=frozen.cycle, state="reviewed").exists() and not Line.objects.filter(settlement=frozen, state="computed").exists(), "half frozen"
    for line in Line.objects.filter(settlement__state="frozen", payable_fen__gt=0):
        where = {"decided": Place.RESERVED, "noticed": Place.RESERVED, "committed": Place.COMMITTED, "requested": Place.REQUESTED, "paid": Place.PAID, "returned": Place.COMMITTED}[line.state]
        assert treasury.balances_of(account, line.item)[where] == line.payable_fen, f"{line.item} is {line.state}, its money is elsewhere"
    for one in SpecialDecision.objects.exclude(state__in=["proposed", "refused"]):
        where = {"decided": Place.RESERVED, "noticed": Place.RESERVED, "requested": Place.REQUESTED, "paid": Place.PAID}.get(one.state, Place.COMMITTED)
        assert treasury.balances_of(account, one.item)[where] == one.amount_fen, f"{one.item} is {one.state}, its money is elsewhere"
    for settlement in Settlement.objects.all():
        assert settlement.lines.aggregate(sum=Sum("payable_fen"))["sum"] == settlement.payable_fen, "half stored"


def killed() -> dict[str, Any]:
    """The whole line, every step killed at growing points and run again."""
    import duckdb  # noqa: F401  before the children are forked: each would spend more on reading these than on its settlement
    import pyarrow  # noqa: F401

    cast, cycle = line_of(8)
    officer, head, finance = (cast.seats[name] for name in ("officer", "head", "finance"))
    kills: dict[str, int] = {}

    def fresh() -> Cycle:
        return Cycle.objects.select_related("version_of").get(pk=cycle.pk)

    def settlement() -> Settlement:
        return Settlement.objects.select_related("cycle__version_of", "by").get()

    work.ask("settle", f"cycle:{cycle.pk}", officer, cycle=cycle.pk)

    def settle() -> None:
        Job.objects.filter(state="running").update(lease=timezone.now() - timedelta(seconds=1), attempts=1)  # the lease of the killed one has run out
        work.serve(once=True)
        assert Job.objects.get().state == "done", Job.objects.get().problem

    kills["settle"] = killed_until_done(settle, holds)
    assert Settlement.objects.count() == 1 and settlement().lines.count() == 8
    settling.propose(settlement(), officer)
    cycling.run(fresh(), "close", officer, fresh().version)
    kills["confirm"] = killed_until_done(lambda: settling.confirm(settlement(), head, "纪要（合成）"), holds)
    one = special.propose_special(fresh(), cast.firm, officer, clause="五", subject="合成事项", amount_fen=EACH, reason="合成理由", document="纪要（合成）")
    kills["special"] = killed_until_done(lambda: special.confirm_special(SpecialDecision.objects.select_related("cycle__version_of", "by", "party").get(pk=one.pk), head), holds)
    kills["publish"] = killed_until_done(lambda: noticing.publish(fresh(), officer, ""), holds)
    Notice.objects.update(first_day=timezone.localdate() - timedelta(days=30), last_day=timezone.localdate() - timedelta(days=10))
    kills["finish"] = killed_until_done(lambda: noticing.finish(Notice.objects.select_related("cycle__version_of", "settlement").get(), officer) and None, holds)
    kills["prepare"] = killed_until_done(lambda: paying.prepare(fresh(), officer) and None, holds)

    def request() -> PaymentRequest:
        return PaymentRequest.objects.select_related("cycle__version_of", "by").get()

    kills["send"] = killed_until_done(lambda: paying.check_and_send(request(), head), holds)
    told = [{"payment": pk, "reference": f"合成{pk}", "day": timezone.localdate()} for pk in request().payments.values_list("pk", flat=True)]
    kills["report"] = killed_until_done(lambda: paying.report(request(), told, finance) and None, holds)
    assert paying.report(request(), told, finance) == {"paid": 0, "returned": 0, "before": 9}, "told twice, paid once"
    account = treasury.account_of("zibo-2022", 2025)
    paid = treasury.balances_of(account)[Place.PAID]
    assert paid == settlement().payable_fen + EACH and Payment.objects.filter(state="paid").count() == 9 and request().state == "done"
    assert all(row["same"] for row in settling.recompute(settlement(), say=lambda *_: None))
    return {"kills": kills, "paid": paid}


def main(given: list[str]) -> None:
    """Run what is asked for and print its result."""
    if given[0] == "reserve":
        found = reserve_all(int(given[1]), int(given[2]))
    else:
        found = {"confirm": confirm_at_once, "killed": killed}[given[0]]()
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
