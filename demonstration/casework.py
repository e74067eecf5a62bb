"""The demonstration of the casework: two cycles, one a founding policy, with cases in every state, made by the ordinary actions from invented applicants.

Everything goes the way it goes in an office: people sit down, firms apply, townships verify, the bureau reviews, the rules settle, the head confirms, the
list is published, money is requested and paid. Only the clock is moved, so that weeks pass.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from .jinyun import make_jinyun
from .maker import LABEL, Maker
from .zibo import make_zibo

# user name -> what the terminal says of it; a person may hold several seats
PEOPLE = {
    "applicant": "企业", "operator": "园区运营主体", "village": "行政村", "township": "乡镇（属地核实）", "district": "区县（属地核实）", "officer": "经办", "officer2": "另一位经办",
    "head": "负责人", "auditor": "审计", "finance": "财政", "admin": "管理员", "both": "一人两席：经办和企业（不能办自己的件）",
}  # fmt: skip
_SOURCES = (("统计", "statistics"), ("第三方", "third"), ("登记", "register"), ("证书", "register"))
_DAYS = {"verify": 10, "review": 15, "audit": 20}  # limits the demonstration sets where the year's file leaves them open
PROCEDURE = [{"步骤": "申报", "席位": "申报单位"}, {"步骤": "属地初审", "席位": "区县"}, {"步骤": "审核", "席位": "主管部门"}, {"步骤": "公示", "席位": "主管部门", "时限": "5个工作日"},
             {"步骤": "拨付", "席位": "财政", "时限": "30日"}]  # fmt: skip
_STAMP = "demonstration.json"


@dataclass
class Stage:
    """What the demonstration is made on: everyone by user name, and the days it happens on."""

    seats: dict[str, Any] = field(default_factory=dict)
    divisions: dict[str, Any] = field(default_factory=dict)
    parties: dict[str, Any] = field(default_factory=dict)
    today: date = field(default_factory=date.today)


def build(home: Path, policies: Path, say: Callable[[str], None]) -> dict[str, str]:
    """Make the demonstration in a home, or find it made; returns the logins of this start: user name -> password, new every time."""
    os.environ |= {"DUIXIAN_DEMONSTRATION": "on", "DUIXIAN_SECOND_FACTOR": "off", "DUIXIAN_BUREAU": "示例商务局（演示）"}
    from duixian.web import serving

    tables, stamp = _tables(), home / _STAMP
    if stamp.is_file() and json.loads(stamp.read_text(encoding="utf-8")).get("数据库") != tables:
        say("上次的演示是旧版本的，重新编…… (the last demonstration is of an older version: made anew)")
        shutil.rmtree(home)
    serving.configure(home)
    serving.prepare()
    (home / "setup.token").unlink(missing_ok=True)
    from duixian.web.registry.models import User

    if not stamp.is_file():
        if User.objects.exists():
            raise SystemExit(f"{home} 里有上次没有做完的演示，或者别的数据。删掉这个目录再试。 (Delete this folder and try again.)")
        say("编演示数据（合成，非真实）…… (making synthetic cases)")
        _keep_going(home)
        stage = Stage()
        _people(stage)
        _zibo(stage, policies / "zibo-2022", say)
        _jinyun(stage, policies / "jinyun-2025", say)
        stamp.write_text(json.dumps({"说明": LABEL, "数据库": tables}, ensure_ascii=False), encoding="utf-8")
    passwords = {}
    for user in User.objects.filter(username__in=PEOPLE):
        passwords[user.username] = password = "-".join(secrets.token_hex(2) for _ in range(3))
        user.set_password(password)
        user.save(update_fields=["password"])
    return {name: passwords[name] for name in PEOPLE if name in passwords}


def _tables() -> str:
    """What the database of this version is made by, as a digest: before the first release its steps are written anew, not added to."""
    import duixian.web

    steps = sorted(Path(duixian.web.__file__).parent.glob("*/migrations/0*.py"))
    return hashlib.sha256(b"".join(step.read_bytes() for step in steps)).hexdigest()


def _keep_going(home: Path) -> None:
    """Where the next year's holidays are not published yet, the demonstration counts plain weekdays, and says so in the file."""
    from duixian.values import workdays

    (home / "calendar").mkdir(exist_ok=True)
    for year in (date.today().year, date.today().year + 1):
        try:
            workdays.exceptions_of(year)
        except workdays.CalendarMissing:
            row = f"{year}-01-01,{year}-01-01,休,元旦,（演示用，不是国务院办公厅的安排）"
            (home / "calendar" / f"{year}.csv").write_text(f"起,止,类型,节日,依据\n{row}\n", encoding="utf-8")
    workdays.look_in(home / "calendar")


@contextmanager
def on(day: date, hour: int = 2) -> Iterator[None]:
    """As if it were this day (ten in the morning)."""
    from django.utils import timezone

    real, begun = timezone.now, timezone.now()
    start = datetime.combine(day, datetime.min.time(), tzinfo=begun.tzinfo) + timedelta(hours=hour)
    timezone.now = lambda: start + (real() - begun)
    try:
        yield
    finally:
        timezone.now = real


# --- people -------------------------------------------------------------------------------------------------------------------------------


def _people(stage: Stage) -> None:
    from duixian.web.registry import people

    admin = people.first_administrator("演示管理员", "admin", secrets.token_urlsafe(20))
    stage.seats["admin"] = admin.seats.get()
    for name, what in PEOPLE.items():
        if name != "admin":
            people.make_user(stage.seats["admin"], name=f"演示{what.split('（')[0].split('：')[0]}", username=name)


def sit(stage: Stage, name: str, role: str, **where: Any) -> Any:
    """Give someone a seat; kept under their user name (the first one)."""
    from duixian.web.registry import people
    from duixian.web.registry.models import User

    seat = people.give_seat(stage.seats["admin"], User.objects.get(username=name), role=role, **where)
    stage.seats.setdefault(name, seat)
    return seat


def _staff(stage: Stage) -> None:
    for name, role in (("officer", "officer"), ("officer2", "officer"), ("head", "head"), ("auditor", "auditor"), ("finance", "finance"), ("both", "officer")):
        sit(stage, name, role)


# --- what is known ------------------------------------------------------------------------------------------------------------------------


def _file(stage: Stage, made: Maker, policy: Any, places: list[str]) -> None:
    """Divisions, parties, objects, facts by source, earlier payments: from the invented facts of the settlement's demonstration."""
    from duixian.web.registry.facts import encode, period_text
    from duixian.web.registry.models import Division, Earlier, Fact, Party, Thing

    code = Division.objects.count()
    for name in places:
        code += 1
        stage.divisions[name] = Division.objects.create(code=f"D{code:05d}", name=name)
    vocabulary, parties, things, rows = policy.vocabulary, [], [], []
    for kind, found in made.facts.things.items():
        if vocabulary.is_kind(kind, "主体"):
            for thing in found.values():
                if not Party.objects.filter(code=thing.key).exists():
                    parties.append(_party(stage, thing, len(parties), places, kind))
    for party in parties:  # the same person behind two firms is something to be found, not made by accident
        party.phone, party.bank_account = f"000{len(stage.parties) + parties.index(party):08d}", f"0000{len(stage.parties) + parties.index(party):012d}"
        party.email = f"party{len(stage.parties) + parties.index(party)}@example.invalid"
    Party.objects.bulk_create(parties)
    by_code = dict(Party.objects.values_list("code", "pk"))
    there = set(Thing.objects.values_list("kind", "key"))
    for kind, found in made.facts.things.items():
        parent = vocabulary.objects[kind].parent_relation or vocabulary.objects[kind].parent
        for key, thing in found.items():
            if (kind, key) not in there:
                owner = by_code.get(key) or by_code.get(str(thing.values.get((parent, None), ""))) or next((by_code[value] for value in thing.values.values() if isinstance(value, str) and value in by_code), None)
                things.append(Thing(kind=kind, key=key, party_id=owner))
    Thing.objects.bulk_create(things, batch_size=400)
    ids = {(kind, key): number for number, kind, key in Thing.objects.values_list("pk", "kind", "key")}
    for kind, found in made.facts.things.items():
        for key, thing in found.items():
            for (name, period), value in thing.values.items():
                fact = vocabulary.fact(kind, name)
                if fact is not None:
                    source = next((source for word, source in _SOURCES if word in fact.source), "third" if "政策定" in fact.source else "verified" if "核查" in fact.source or "评定" in fact.source else "declared")
                    rows.append(Fact(thing_id=ids[kind, key], name=name, period=period_text(period), source=source, value=encode(value)))
    Fact.objects.bulk_create(rows, batch_size=400, ignore_conflicts=True)
    Earlier.objects.bulk_create([
        Earlier(policy=policy.id, award=one.award, year=one.year, object_key=one.object_key, amount_fen=one.amount_fen, document=one.document, recipient=one.recipient,
                tier=one.tier, standard_fen=one.standard_fen, keys=[list(key) for key in one.keys])
        for one in made.ledger
    ], batch_size=400)  # fmt: skip
    for party in Party.objects.all():
        stage.parties.setdefault(party.code, party)


def _party(stage: Stage, thing: Any, place: int, places: list[str], kind: str) -> Any:
    from duixian.web.registry.models import Party

    name = str(thing.values.get(("名称", None)) or thing.key)
    what = thing.values.get(("主体类型", None)) or (kind if kind in Party.Kind.values else "企业")
    return Party(kind=what, code=thing.key, name=name, division=stage.divisions[places[place % len(places)]], contact="演示联系人", phone=f"000{place:08d}",
                 email=f"party{place}@example.invalid", bank_holder=name, bank_name="演示银行", bank_account=f"0000{place:012d}")  # fmt: skip


# --- a cycle ------------------------------------------------------------------------------------------------------------------------------


def _cycle(stage: Stage, folder: Path, *, name: str, year: int, opens: date, closes: date, document: str) -> Any:
    from duixian.web.cases import policies
    from duixian.web.cases.actions import cycling
    from duixian.web.cases.procedure import steps_of

    officer = stage.seats["officer"]
    version = policies.take_in(folder, officer)
    text = (folder / f"standards-{year}.md").read_text(encoding="utf-8")
    cycle = cycling.make(version, officer, name=name, year=year, opens=opens, closes=closes, notice_days=5, budget_document=document, standards=text)
    steps = cycle.procedure or steps_of(PROCEDURE)[0]
    steps = [{**step, "days": step["days"] or _DAYS[step["stage"]], "unit": "工作日"} if step["stage"] in _DAYS else step for step in steps]
    cycling.amend(cycle, officer, cycle.version, procedure=steps)
    cycle.refresh_from_db()
    return cycle


def _wanted(made: Maker, programme: Any, year: int, standards: Any, most: int) -> list[tuple[str, list[tuple[str, str, str, str]]]]:
    """Who applies for what: parties with the awards (award, clause, kind, key) that the rules say something about, payable ones first."""
    settled = programme.settle(year, made.facts, history=made.ledger, standards=standards, engine="interpret")
    rules, by_party = programme.policy.rules, {}
    for line in settled.lines:
        claim = line.claim
        if rules[claim.award].kind == "奖补" and claim.recipient and line.outcome.value not in ("不符合", "取消"):
            by_party.setdefault(claim.recipient, []).append((line.payable_fen, (claim.award, claim.clause, rules[claim.award].object, claim.key)))
    ranked = sorted(by_party.items(), key=lambda item: (-len({one[1][0] for one in item[1]}), item[0]))
    return [(code, [one for _, one in sorted(claims, reverse=True)][:6]) for code, claims in ranked][:most]


def _apply(stage: Stage, cycle: Any, code: str, claims: list[tuple[str, str, str, str]], *, hand_in: bool = True) -> Any:
    from duixian.web.cases.actions import applying
    from duixian.web.registry.models import Seat, Thing, User

    party = stage.parties[code]
    seat = Seat.objects.filter(party=party, ended=None).first() or Seat.objects.create(user=User.objects.create(username=f"firm{party.pk}", name=party.name[:40], password="!"), role="applicant", party=party)
    application = applying.start(cycle, party, seat)
    for award, clause, kind, key in claims:
        applying.claim(application, award, clause, Thing.objects.get(kind=kind, key=key), seat)
    if application.pk % 3:
        _hand_in_files(application, seat)
    if hand_in:
        applying.promise(application, seat, given=True)
        applying.submit(application, seat, [])
    return application


def _hand_in_files(application: Any, seat: Any) -> None:
    """For every material of the first two claims, a page that says it is a demonstration."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from duixian.web.cases import files
    from duixian.web.cases.actions import filing
    from duixian.web.cases.policies import programme_of

    rules = programme_of(application.cycle.version_of).policy.rules
    for claim in application.claims.all()[:2]:
        for material in rules[claim.award].materials:
            kept = files.keep(SimpleUploadedFile(f"{material}（演示）.pdf", _page(f"{application.party} {claim.award} {material}"), "application/pdf"))
            filing.attach(application, claim, material, kept, seat)


def _page(text: str) -> bytes:
    """A PDF of one page with one line, in a font every reader has for Chinese."""
    line = f"<{('演示材料（合成），非真实：' + text).encode('utf-16-be').hex().upper()}> Tj"
    content = f"BT /F1 16 Tf 72 760 Td {line} ET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 7 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]  # fmt: skip
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, table, len(parts) + 1, len(body))


def _verify(stage: Stage, application: Any, *, true: bool = True, day: date | None = None) -> None:
    from duixian.web.cases.actions import handling
    from duixian.web.registry.models import Seat

    seat = Seat.objects.filter(role="township", division=application.division, ended=None).first()
    words = "现场 2 人，登录平台后台核对，与申报一致。" if true else "现场没有找到申报的场地，电话未接通。"
    handling.verify(application, seat, true=true, text=words, visited=day or stage.today)


def _township_seats(stage: Stage, places: list[str], name: str) -> None:
    for place in places:
        sit(stage, name, "township", division=stage.divisions[place])


def _zibo(stage: Stage, folder: Path, say: Callable[[str], None]) -> None:
    """The city's cycle, all the way: settled, published, with an objection, paid, one payment sent back, one recovered."""
    import duixian
    from duixian.web.cases.actions import applying, handling, noticing, paying, settling, special
    from duixian.web.cases.actions.cycling import run
    from duixian.web.cases.models import Line
    from duixian.web.treasury.actions import account_of

    year, places = 2024, ["张店区", "淄川区", "博山区", "临淄区", "周村区", "桓台县", "高青县", "沂源县"]
    programme = duixian.load(folder)
    made = make_zibo(programme.policy, year)
    began = stage.today - timedelta(days=75)
    with on(began):
        _staff(stage)
        _file(stage, made, programme.policy, places)
        _township_seats(stage, places, "district")
        cycle = _cycle(stage, folder, name="淄博市2024年度电商批次（演示）", year=year, opens=began, closes=began + timedelta(days=20), document="（演示）预算文号")
        paying.appropriate(account_of(cycle.version_of.policy, year), 6000 * 1_000_000, stage.seats["officer"], "（演示）预算批复")
        run(cycle, "open", stage.seats["officer"], cycle.version)
    wanted = _wanted(made, programme, year, programme.standards(year), 46)
    village = next((code for code, claims in wanted if stage.parties[code].kind == "行政村"), wanted[-1][0])
    say("  淄博：申报、核实、审核…… (applying, verifying, reviewing)")
    handed = []
    with on(began + timedelta(days=3)):
        sit(stage, "village", "applicant", party=stage.parties[village])
        for place, (code, claims) in enumerate(wanted):
            application = _apply(stage, cycle, code, claims, hand_in=place != 5)
            if place == 4:
                seat = sit(stage, "both", "applicant", party=application.party)
                applying.withdraw(application, seat)
            elif place != 5:
                handed.append(application)
    with on(began + timedelta(days=9)):
        for application in handed:
            _verify(stage, application, true=application is not handed[7], day=began + timedelta(days=8))
    with on(began + timedelta(days=22)):
        cycle.refresh_from_db()
        run(cycle, "close", stage.seats["officer"], cycle.version)
        for application in handed:
            application.refresh_from_db()
            if application is handed[7]:
                handling.reject(application, stage.seats["officer"], "属地核实不属实：没有实际经营场地。")
            else:
                handling.accept(application, stage.seats["officer"], "材料齐全，数据与第三方一致。")
    say("  淄博：两个引擎核算、核定、公示、拨付…… (settling twice, deciding, publishing, paying)")
    with on(began + timedelta(days=30)):
        settlement = settling.settle(cycle, stage.seats["officer"], say=_quiet)
        settling.propose(settlement, stage.seats["officer"])
    with on(began + timedelta(days=32)):
        settlement.refresh_from_db()
        settling.confirm(settlement, stage.seats["head"], "（演示）局长办公会纪要第3期")
        cycle.refresh_from_db()
        one = special.propose_special(cycle, handed[0].party, stage.seats["officer"], clause="六", subject="直播电商大赛承办补助（演示）", amount_fen=8 * 1_000_000,
                                      reason="按一事一议原则，经局长办公会研究同意。", document="（演示）局长办公会纪要第4期")  # fmt: skip
        special.confirm_special(one, stage.seats["head"])
        notice = noticing.publish(cycle, stage.seats["officer"], "")
    lines = list(Line.objects.filter(settlement=settlement, payable_fen__gt=0).order_by("id"))
    with on(began + timedelta(days=34)):
        objections = [noticing.object_to(notice, lines[at], name="演示群众", contact="00000000000", text="该店铺实际在外地经营，请核实。（演示）") for at in (1, 2)]
    with on(began + timedelta(days=36)):
        noticing.answer(objections[0], stage.seats["officer"], upheld=True, text="经核实，店铺发货地不在本市，不予拨付。")
        noticing.answer(objections[1], stage.seats["officer"], upheld=False, text="经核实，登记地和发货地都在本市，异议不成立。")
    with on(notice.last_day + timedelta(days=1)):
        notice.refresh_from_db()
        noticing.finish(notice, stage.seats["officer"])
        request = paying.prepare(cycle, stage.seats["officer"])
    with on(notice.last_day + timedelta(days=3)):
        request.refresh_from_db()
        paying.check_and_send(request, stage.seats["head"])
        payments = list(request.payments.order_by("id"))
        for place, payment in enumerate(payments[:-6]):
            payment.refresh_from_db()
            paying.paid(payment, stage.seats["finance"], reference=f"YS{place:06d}", day=notice.last_day + timedelta(days=3))
        paying.returned(payments[0], stage.seats["finance"], "账号与户名不符（演示）") if _fresh(payments[0]) else None
        paid = Line.objects.filter(settlement=settlement, state="paid").order_by("-id").first()
        if paid is not None:
            paying.recover(paid, paid.payable_fen, stage.seats["officer"], "事后核查弄虚作假（演示）", "（演示）缴款书001")


def _fresh(row: Any) -> bool:
    row.refresh_from_db()
    return True


def _quiet(stage: str, done: int, of: int) -> None:
    """No one listens."""


def _jinyun(stage: Stage, folder: Path, say: Callable[[str], None]) -> None:
    """The county's cycle, under way: a draft for comment, so it can be tried and never paid. Cases in every state of handling."""
    import duixian
    from duixian.web.cases.actions import auditing, handling, settling
    from duixian.web.cases.actions.cycling import run

    year, places = 2025, ["五云街道", "壶镇镇", "新建镇", "舒洪镇", "大洋镇", "东渡镇", "东方镇", "双溪口乡"]
    programme = duixian.load(folder)
    made = make_jinyun(programme.policy, year)
    began = stage.today - timedelta(days=24)
    with on(began):
        _file(stage, made, programme.policy, places)
        _township_seats(stage, places, "township")
        cycle = _cycle(stage, folder, name="缙云县2025年度电商批次（演示，征求意见稿只能试算）", year=year, opens=began, closes=stage.today + timedelta(days=14), document="（演示）预算文号")
        run(cycle, "open", stage.seats["officer"], cycle.version)
    say("  缙云：申报、核实、审核、审计、试算…… (applying, verifying, reviewing, auditing, a trial)")
    wanted = _wanted(made, programme, year, programme.standards(year), 60)
    operator = next((code for code, _ in wanted if "园区运营" in stage.parties[code].name), wanted[1][0])
    with on(began + timedelta(days=2)):
        sit(stage, "applicant", "applicant", party=stage.parties[wanted[0][0]])
        if operator != wanted[0][0]:
            sit(stage, "operator", "applicant", party=stage.parties[operator])
        _apply(stage, cycle, *wanted[0], hand_in=False)
    made_ones = []
    for place, (code, claims) in enumerate(wanted[1:]):
        with on(began + timedelta(days=3 + place % 9)):
            made_ones.append(_apply(stage, cycle, code, claims, hand_in=place % 12 != 11))
    declared: set[int] = set()
    for place, application in enumerate(made_ones):
        application.refresh_from_db()
        if application.state != "submitted" or place % 12 in (0, 10):
            continue
        with on(began + timedelta(days=13)):
            if place % 12 == 1:
                seat = stage.seats["township"].__class__.objects.filter(role="township", division=application.division, ended=None).first()
                handling.send_back(application, seat, "租赁合同缺出租方盖章\n租金发票缺 2025 年 11 月")
                continue
            _verify(stage, application, true=place % 12 != 2, day=began + timedelta(days=12))
        if place % 12 in (2, 3, 4):
            continue
        with on(began + timedelta(days=17)):
            application.refresh_from_db()
            if place % 12 == 5:
                handling.reject(application, stage.seats["officer"], "申报主体不在本县登记。")
                continue
            handling.accept(application, stage.seats["officer"], "材料齐全。")
        if place % 12 in (6,):
            continue
        with on(began + timedelta(days=21)):
            application.refresh_from_db()
            if application.state == "auditing":
                if application.cycle_id not in declared:
                    auditing.declare(cycle, stage.seats["auditor"], [], confirmed=True)
                    auditing.draw(cycle, stage.seats["auditor"], seed="20260318", origin="演示：事先说好的日期", percent=20, least=2)
                    declared.add(application.cycle_id)
                handling.audit(application, stage.seats["auditor"], "核定", "")
    with on(stage.today):
        settling.settle(cycle, stage.seats["officer"], say=_quiet)
