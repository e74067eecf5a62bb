"""The fixed cast: a township and another, a firm and another, a seat of every role, an outsider who must see nothing, and an open cycle of each founding policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.test import Client
from django.utils import timezone

import duixian
from duixian.programme import Programme
from duixian.web.cases import policies, procedure
from duixian.web.cases.actions import applying
from duixian.web.cases.models import Application, Cycle, PolicyVersion
from duixian.web.registry import facts
from duixian.web.registry.models import Division, Party, Role, Seat, Source, Thing, User

ROOT = Path(__file__).resolve().parents[2] / "policies"
YEAR = 2025
WAN = 1_000_000  # 分
STEPS = (("申报", "申报单位", ""), ("属地核实", "乡镇", "5个工作日"), ("审核", "商务局", "10个工作日"), ("公示", "商务局", "5个工作日"), ("拨付", "财政局", "30日"))
AUDITED = (*STEPS[:3], ("审计", "审计机构", "10个工作日"), *STEPS[3:])


@cache
def programme(name: str) -> Programme:
    """A founding policy, read once a process."""
    return duixian.load(ROOT / name)


@dataclass
class Cast:
    """Everyone there is. `seats` by name; `clients` are made signed in when asked for."""

    town: Division
    other_town: Division
    firm: Party
    other_firm: Party
    seats: dict[str, Seat] = field(default_factory=dict)
    zibo: Cycle | None = None
    jinyun: Cycle | None = None

    def client(self, who: str) -> Client:
        """A browser in which someone has signed in and sits on the seat of that name."""
        client, seat = Client(), self.seats[who]
        client.force_login(seat.user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["seat"] = seat.pk
        session.save()
        return client


def sit(name: str, role: str, **where: Any) -> Seat:
    """A person with one seat."""
    user, _ = User.objects.get_or_create(username=name, defaults={"name": f"演示{name}", "email": f"{name}@example.invalid", "phone": "00000000000"})
    return Seat.objects.create(user=user, role=role, **where)


def version_of(name: str, **changes: Any) -> PolicyVersion:
    """A founding policy on file, without running its check again. A draft is filed as adopted, so that money can move in tests."""
    policy = programme(name).policy
    found, _ = PolicyVersion.objects.get_or_create(
        policy=policy.id, digest=policy.digest, defaults={"title": policy.title, "issuer": policy.issuer, "draft": False, "sound": True} | changes
    )
    policies._keep(ROOT / name, policies.place_of(found))
    return found


def cycle_of(name: str, by: Seat, steps: tuple[tuple[str, str, str], ...] = STEPS, **changes: Any) -> Cycle:
    """An open cycle of a founding policy."""
    today = timezone.localdate()
    rows = [dict(zip(("步骤", "席位", "时限"), step)) for step in steps]
    given = {"name": f"{YEAR}年度电商批次（{name}）", "version_of": version_of(name), "year": YEAR, "opens": today - timedelta(days=5), "closes": today + timedelta(days=20),
             "standards": (ROOT / name / f"standards-{YEAR}.md").read_text(encoding="utf-8"), "procedure": procedure.steps_of(rows)[0], "state": "open", "by": by}  # fmt: skip
    return Cycle.objects.create(**given | changes)


def enterprise(party: Party, sales: dict[int, int] | None = None) -> Thing:
    """A firm as an object of the rules, with its goods sold on line by year (万元) as third-party data."""
    thing = facts.thing_of("企业", party.code, party)
    for name, value in (("名称", party.name), ("主体类型", party.kind), ("成立年度", 2015)):
        facts.put(thing, name, None, Source.REGISTER, value, by=None)
    for year, amount in (sales or {}).items():
        for name in ("实物商品网络零售额", "网络零售额"):
            facts.put(thing, name, year, Source.THIRD, amount * WAN, by=None)
        facts.put(thing, "纳统", year, Source.THIRD, True, by=None)
    return thing


def make_cast() -> Cast:
    """Everyone, on an empty database."""
    town, other_town = (Division.objects.create(code=code, name=name) for code, name in (("000001", "演示一镇"), ("000002", "演示二镇")))
    firm = Party.objects.create(kind="企业", code="91000000MA00000001", name="演示一号电子商务有限公司", division=town, contact="演示联系人", phone="00000000001",
                                bank_holder="演示一号电子商务有限公司", bank_name="演示银行一支行", bank_account="0000000000000001")  # fmt: skip
    other = Party.objects.create(kind="企业", code="91000000MA00000002", name="演示二号供应链有限公司", division=other_town, contact="演示联系人二", phone="00000000002",
                                 bank_holder="演示二号供应链有限公司", bank_name="演示银行二支行", bank_account="0000000000000002")  # fmt: skip
    cast = Cast(town, other_town, firm, other)
    cast.seats = {
        "applicant": sit("applicant", Role.APPLICANT, party=firm), "outsider": sit("outsider", Role.APPLICANT, party=other),
        "township": sit("township", Role.TOWNSHIP, division=town), "other township": sit("township2", Role.TOWNSHIP, division=other_town),
        "officer": sit("officer", Role.OFFICER), "second officer": sit("officer2", Role.OFFICER), "head": sit("head", Role.HEAD), "auditor": sit("auditor", Role.AUDITOR),
        "finance": sit("finance", Role.FINANCE), "admin": sit("admin", Role.ADMIN),
    }  # fmt: skip
    cast.zibo = cycle_of("zibo-2022", cast.seats["officer"])
    cast.jinyun = cycle_of("jinyun-2025", cast.seats["officer"], AUDITED)
    enterprise(firm, {2025: 5000, 2024: 4000, 2023: 3000})
    enterprise(other, {2025: 2000})
    return cast


def submitted(cast: Cast, cycle: Cycle | None = None, who: str = "applicant", award: str = "流量补贴", clause: str = "二", answers: dict[Any, Any] | None = None) -> Application:
    """An application of a firm, handed in."""
    seat = cast.seats[who]
    found = applying.start(cycle or cast.zibo, seat.party, seat)
    thing = Thing.objects.get(kind="企业", key=seat.party.code)
    applying.claim(found, award, clause, thing, seat)
    if answers:
        applying.answer(found, thing, answers, seat)
    applying.promise(found, seat, given=True)
    applying.submit(found, seat, [])
    return found
