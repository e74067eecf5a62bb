"""A database of a busy office: thousands of cases of both founding policies in every state of handling, made in bulk from invented facts; nothing in it is real."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

TOWNS, WAN = 40, 1_000_000
# how many of a hundred cases are in which state; the rest of the line is settled apart
STATES = (("submitted", 30), ("verified", 30), ("auditing", 6), ("returned", 5), ("rejected", 5), ("draft", 10), ("withdrawn", 4), ("reviewed", 10))
STEPS = {"draft": 0, "withdrawn": 1, "submitted": 1, "returned": 2, "verified": 2, "rejected": 3, "auditing": 3, "reviewed": 3}
STAFF = (("officer", 16), ("head", 2), ("auditor", 2), ("finance", 2), ("township", 10))


def fill(policies: Path, cases: int, settled: int, applicants: int, seed: int = 1) -> None:
    """Both policies' cycles with `cases` cases; `settled` of them wait for settlement in a cycle of their own; `applicants` firms have drafts of their own. Django is set up."""
    from duixian.web.cases.models import PolicyVersion
    from duixian.web.cases.policies import take_in
    from duixian.web.registry.models import Division, Role, Seat, User

    rng = random.Random(seed)
    towns = Division.objects.bulk_create(Division(code=f"B{place:05d}", name=f"合成{place:02d}镇") for place in range(TOWNS))
    users = User.objects.bulk_create(
        User(username=f"{role}{place}", name=f"合成{role}{place}", password="!", email=f"{role}{place}@example.invalid") for role, count in STAFF for place in range(count)
    )
    seats = Seat.objects.bulk_create(
        Seat(user=user, role=role, division=towns[int(user.username.removeprefix("township"))] if role == Role.TOWNSHIP else None)
        for user in users for role in [user.username.rstrip("0123456789")]
    )  # fmt: skip
    officers = [seat for seat in seats if seat.role == Role.OFFICER]
    zibo, jinyun = (take_in(policies / name, officers[0]) for name in ("zibo-2022", "jinyun-2025"))
    PolicyVersion.objects.filter(pk=jinyun.pk).update(draft=False)  # as adopted, so that the whole of it is under load
    maker = _Maker(rng, towns, officers, policies)
    share = (cases - settled) // 2
    maker.make(maker.cycle(zibo, "合成批次：淄博", "open"), share, applicants, "zibo")
    maker.make(maker.cycle(jinyun, "合成批次：缙云", "open"), cases - settled - share, applicants, "jinyun")
    maker.make(maker.cycle(zibo, "合成批次：待核算", "closed", year=2024), settled, 0, "zibo", state="reviewed")
    from duixian.web.cases.actions import paying
    from duixian.web.treasury.actions import account_of

    finance = next(seat for seat in seats if seat.role == Role.FINANCE)
    for version, year in ((zibo, 2025), (zibo, 2024), (jinyun, 2025)):
        paying.appropriate(account_of(version.policy, year), 10_000 * WAN, finance, "合成预算")


def some(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Rows in portions."""
    rows = iter(rows)
    while portion := list(islice(rows, size)):
        yield portion


class _Maker:
    """Makes cases in bulk; the record is signed link by link, as the system itself does."""

    def __init__(self, rng: random.Random, towns: list[Any], officers: list[Any], policies: Path) -> None:
        self.rng, self.towns, self.officers, self.policies = rng, towns, officers, policies
        self.now = datetime.now(UTC)
        self.parties = 0

    def cycle(self, version: Any, name: str, state: str, year: int = 2025) -> Any:
        """A cycle of a policy in a state."""
        from duixian.web.cases import procedure
        from duixian.web.cases.models import Cycle

        today = self.now.date()
        steps = [("申报", "申报单位", ""), ("属地核实", "乡镇", "5个工作日"), ("审核", "商务局", "10个工作日"), ("公示", "商务局", "5个工作日"), ("拨付", "财政局", "30日")]
        if version.policy.startswith("jinyun"):
            steps.insert(3, ("审计", "审计机构", "10个工作日"))
        text = self.policies / version.policy / f"standards-{year}.md"
        return Cycle.objects.create(
            name=name, version_of=version, year=year, opens=today - timedelta(days=30), closes=today + timedelta(days=30 if state == "open" else -2), state=state, by=self.officers[0],
            standards=text.read_text(encoding="utf-8") if text.is_file() else "", procedure=procedure.steps_of([dict(zip(("步骤", "席位", "时限"), step)) for step in steps])[0],
        )  # fmt: skip

    def make(self, cycle: Any, count: int, applicants: int, policy: str, state: str = "") -> None:
        """Cases of a cycle: parties, objects, facts, applications, claims, opinions, events."""
        from duixian.web.registry.models import Party

        places = [self.rng.randrange(TOWNS) for _ in range(count)]
        parties = Party.objects.bulk_create((self._party(self.parties + place, town) for place, town in enumerate(places)), batch_size=500)
        self.parties += count
        things = self._things(parties, policy)
        self._facts(parties, things, policy)
        states = [state or self._state(place, applicants) for place in range(count)]
        if policy == "zibo":
            states = ["verified" if one == "auditing" else one for one in states]
        self._applications(cycle, parties, things, states, applicants, policy)

    def _state(self, place: int, applicants: int) -> str:
        if place < applicants:
            return "draft"
        drawn = self.rng.randrange(100)
        for state, share in STATES:
            drawn -= share
            if drawn < 0:
                return state
        return "submitted"

    def _party(self, place: int, town: int) -> Any:
        from duixian.web.registry.models import Party

        name = f"合成{place:05d}号电子商务有限公司"
        return Party(kind="企业", code=f"B{place:017d}", name=name, division=self.towns[town], contact="合成联系人", phone=f"000{place:08d}", email=f"b{place}@example.invalid",
                     bank_holder=name, bank_name="合成银行", bank_account=f"0000{place:012d}")  # fmt: skip

    def _things(self, parties: list[Any], policy: str) -> dict[int, list[Any]]:
        """Each party as an object, and in the county two leases."""
        from duixian.web.registry.models import Thing

        rows = [Thing(kind="企业", key=party.code, party=party) for party in parties]
        if policy == "jinyun":
            rows += [Thing(kind="租约", key=f"{party.code}-{n}", party=party) for party in parties for n in (1, 2)]
        found: dict[int, list[Any]] = {}
        for thing in Thing.objects.bulk_create(rows, batch_size=500):
            found.setdefault(thing.party_id, []).append(thing)
        return found

    def _facts(self, parties: list[Any], things: dict[int, list[Any]], policy: str) -> None:
        from duixian.web.registry.facts import encode
        from duixian.web.registry.models import Fact

        def rows() -> Iterator[Any]:
            for party in parties:
                firm, *leases = things[party.pk]
                sales = self.rng.randrange(100, 9000) * WAN
                known: list[tuple[Any, str, str, str, Any]] = [(firm, "名称", "", "register", party.name), (firm, "主体类型", "", "register", "企业"), (firm, "成立年度", "", "register", 2015)]
                for year in (2025, 2024, 2023):
                    for name in ("实物商品网络零售额", "网络零售额"):
                        known.append((firm, name, str(year), "third", sales))
                    known.append((firm, "纳统", str(year), "third", True))
                    sales = sales * self.rng.randrange(70, 100) // 100
                if policy == "jinyun":
                    known += [(firm, name, "2025", "statistics", True) for name in ("纳入统计直报", "本县依法成立")]
                for lease in leases:
                    area = self.rng.randrange(50, 900)
                    known += [(lease, "企业", "", "declared", party.code), (lease, "租用面积", "2025", "declared", area), (lease, "租用月数", "2025", "declared", 12),
                              (lease, "租用面积", "2025", "verified", area - area % 7)]  # fmt: skip
                for thing, name, period, source, value in known:
                    yield Fact(thing=thing, name=name, period=period, source=source, value=encode(value))

        for portion in some(rows(), 5000):
            Fact.objects.bulk_create(portion, batch_size=500)

    def _applications(self, cycle: Any, parties: list[Any], things: dict[int, list[Any]], states: list[str], applicants: int, policy: str) -> None:
        from duixian.web.cases.models import Application, Claim, Opinion, Statement
        from duixian.web.cases.statements import on_file, pack
        from duixian.web.registry.models import Seat, User

        award, clause = ("流量补贴", "二") if policy == "zibo" else ("场地租金补助", "四")
        own = User.objects.bulk_create(User(username=f"firm-{policy}-{place}", name=f"合成企业{place}", password="!", email=f"firm{place}@example.invalid") for place in range(applicants))
        filing = {parties[place].pk: seat for place, seat in enumerate(Seat.objects.bulk_create(Seat(user=user, role="applicant", party=parties[place]) for place, user in enumerate(own)))}
        rows = []
        for place, (party, state) in enumerate(zip(parties, states)):
            made = self.now - timedelta(days=self.rng.randrange(3, 28), minutes=self.rng.randrange(600))
            handed = None if state in ("draft", "withdrawn") else made
            due = self.now.date() + timedelta(days=self.rng.randrange(-5, 20)) if state in ("submitted", "verified", "auditing") else None
            rows.append(Application(
                number=f"{cycle.year}-{cycle.pk:03d}-{place + 1:05d}", cycle=cycle, party=party, division=party.division, state=state, by=filing.get(party.pk, self.officers[place % len(self.officers)]),
                officer=self.rng.choice([None, *self.officers]) if handed else None, submitted=handed, due=due, returned=state == "returned", promised=True, paper=party.pk not in filing,
            ))  # fmt: skip
        applications = Application.objects.bulk_create(rows, batch_size=500)
        for portion in some(applications, 500):
            filed = on_file([thing.pk for one in portion for thing in things[one.party_id]])
            Statement.objects.bulk_create(Statement(application=one, stated=pack({thing.pk: filed.get(thing.pk, {}) for thing in things[one.party_id]})) for one in portion)
        Claim.objects.bulk_create((Claim(application=one, cycle=cycle, award=award, clause=clause, thing=things[one.party_id][0], live=one.state != "withdrawn") for one in applications), batch_size=500)
        Opinion.objects.bulk_create((Opinion(application=one, stage="verify", result="属实", text="现场核实，与申报一致。（合成）", by=one.by) for one in applications if STEPS[one.state] > 1), batch_size=500)
        self._sign(applications)

    def _sign(self, applications: list[Any]) -> None:
        """The record of these cases: started, claimed, answered, promised, handed in, and what the desks did."""
        from duixian.web.record.book import FIRST, digest_of
        from duixian.web.record.models import Chain, Event

        chain, _ = Chain.objects.get_or_create(pk=1)
        number, before = chain.length, chain.digest or FIRST
        actions = ("application.start", "application.claim", "application.answer", "application.promise")
        then = ("application.submit", "application.verify", "application.accept")

        def rows() -> Iterator[Any]:
            nonlocal number, before
            for one in applications:
                for action in (*actions, *then[: STEPS[one.state]]):
                    number += 1
                    event = Event(number=number, at=self.now, kind="write", action=action, user_id=one.by.user_id, seat=one.by, subject=f"application:{one.pk}", before=before)
                    event.digest = before = digest_of(event)
                    yield event

        for portion in some(rows(), 5000):
            Event.objects.bulk_create(portion, batch_size=500)
        Chain.objects.filter(pk=1).update(length=number, digest=before)
