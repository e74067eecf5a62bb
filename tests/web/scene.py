"""A scene with something on every page: one cycle paid and published, one being published, one under way; made by the ordinary actions. And the address of every page in it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook
from stdnum.cn import uscc

import duixian.web.cases.jobs  # noqa: F401  registers the work
from duixian.web.cases.actions import applying, auditing, cycling, filing, handling, importing, noticing, paying, settling, special
from duixian.web.cases.files import keep
from duixian.web.cases.models import Application, Cycle, Evidence, Intake, Line, Notice, PaymentRequest, Settlement
from duixian.web.jobs import work
from duixian.web.jobs.models import Job
from duixian.web.registry.models import Role, Seat, Source, Thing
from duixian.web.seats import Route
from duixian.web.treasury import actions as treasury

from .cast import ROOT, Cast, cycle_of, sit, submitted
from .journey import PDF

TOTAL = 1_000_000_000
DOWNLOADS = {"worklist_export", "audit_export", "registry_export", "parties_export", "intake_faults", "template", "standards_file", "settlement_export", "notice_export", "account_export", "evidence_file"}


@dataclass
class Scene:
    """Where everything is. paid: the cycle that has gone all the way; noticed: its notice is running; open: cases under way."""

    cast: Cast
    paid: Cycle
    noticed: Cycle
    open: Cycle
    paper: Application
    draft: Application

    def address(self, route: Route, who: str) -> str:
        """The address of a page for somebody, with real things in every place. Raises KeyError for a page nobody has given one yet."""
        return reverse(route.named, args=PLACES[route.named](self, who) if "<" in route.path else ())


def make_scene(cast: Cast, clock: Any) -> Scene:
    """Everything there is, in some weeks."""
    officer, head, finance = (cast.seats[name] for name in ("officer", "head", "finance"))
    for year, policy in ((2025, "zibo-2022"), (2024, "zibo-2022"), (2025, "jinyun-2025")):
        paying.appropriate(treasury.account_of(policy, year), TOTAL, finance, f"示例财预〔{year}〕1号")
    cast.seats["head2"] = sit("head2", Role.HEAD)
    _reviewed(cast, cast.zibo)
    settled(cast, cast.zibo)
    one = special.propose_special(cast.zibo, cast.firm, officer, clause="五", subject="论坛承办补助（合成）", amount_fen=8_000_000, reason="一事一议", document="纪要4号（合成）")
    special.confirm_special(one, head)
    notice = noticing.publish(cast.zibo, officer, "")
    objection = noticing.object_to(notice, Line.objects.filter(settlement=notice.settlement, payable_fen__gt=0).first(), name="演示群众", contact="000-0", text="请核实。（合成）")
    noticing.answer(objection, officer, upheld=False, text="已核实，不成立。")
    special.propose_special(cast.zibo, cast.other_firm, officer, clause="五", subject="大赛承办补助（合成）", amount_fen=3_000_000, reason="一事一议", document="纪要5号（合成）")
    clock.later(days=12)
    notice.refresh_from_db()
    noticing.finish(notice, officer)
    cast.zibo.refresh_from_db()
    request = paying.prepare(cast.zibo, officer)
    request.refresh_from_db()
    paying.check_and_send(request, head)
    first, second, *_ = request.payments.select_related("request__cycle__version_of", "line__application", "special", "party").order_by("id")
    paying.paid(first, finance, reference="合成0001", day=timezone.localdate())
    paying.returned(second, finance, "账号与户名不符（合成）")
    noticed = cycle_of("zibo-2022", officer, year=2024, standards=(ROOT / "zibo-2022" / "standards-2024.md").read_text(encoding="utf-8"))
    noticed.name = "2024年度电商批次（zibo-2022）"
    noticed.save(update_fields=["name"])
    _reviewed(cast, noticed)
    settled(cast, noticed)
    running = noticing.publish(noticed, officer, "")
    noticing.object_to(running, None, name="演示群众", contact="000-0", text="名单里应当写明依据。（合成）")
    cast.jinyun.closes = timezone.localdate() + timedelta(days=15)
    cast.jinyun.save(update_fields=["closes"])
    return _under_way(cast, noticed)


def _reviewed(cast: Cast, cycle: Cycle) -> None:
    for who, township in (("applicant", "township"), ("outsider", "other township")):
        case = submitted(cast, cycle, who=who)
        handling.verify(case, cast.seats[township], true=True, text="现场 2 人，与申报一致。", visited=timezone.localdate())
        handling.comment(case, cast.seats["officer"], "请留意期限。", shared=True)
        handling.accept(case, cast.seats["officer"], "材料齐全。")


def settled(cast: Cast, cycle: Cycle) -> None:
    """A cycle's amounts, decided by two people; a trial stays beside it."""
    officer = cast.seats["officer"]
    for _ in range(2):
        work.ask("settle", f"cycle:{cycle.pk}", officer, cycle=cycle.pk)
        assert work.serve(once=True) == 1
    found = Settlement.objects.select_related("cycle__version_of", "by").filter(cycle=cycle).latest("id")
    settling.propose(found, officer)
    cycling.run(cycle, "close", officer, cycle.version)
    settling.confirm(Settlement.objects.select_related("cycle__version_of", "by").get(pk=found.pk), cast.seats["head"], "纪要3号（合成）")
    cycle.refresh_from_db()


def decided_case(cast: Cast) -> Application:
    """The city's cycle with money, and one case of the firm in it, decided by two people."""
    paying.appropriate(treasury.account_of("zibo-2022", 2025), TOTAL, cast.seats["finance"], "示例预算（合成）")
    case = submitted(cast)
    handling.verify(case, cast.seats["township"], true=True, text="", visited=None)
    handling.accept(case, cast.seats["officer"])
    settled(cast, cast.zibo)
    return case


def _under_way(cast: Cast, noticed: Cycle) -> Scene:
    """The county's cycle: one case at the audit with its files, one draft, one on paper, one sent back; a trial, a waiting job; workbooks with and without faults."""
    cycle, officer = cast.jinyun, cast.seats["officer"]
    case = submitted(cast, cycle, award="场地租金补助", clause="（五）")
    case = Application.objects.select_related("cycle__version_of", "party").get(pk=case.pk)
    handling.attach(case, keep(SimpleUploadedFile("现场（合成）.pdf", PDF)), cast.seats["township"])
    handling.verify(case, cast.seats["township"], true=True, text="属实", visited=timezone.localdate())
    handling.accept(case, officer)
    draft = applying.start(cycle, cast.other_firm, cast.seats["outsider"])
    claim = applying.claim(draft, "场地租金补助", "（五）", Thing.objects.get(kind="企业", key=cast.other_firm.code), cast.seats["outsider"])
    filing.attach(draft, claim, "租赁合同", keep(SimpleUploadedFile("合同（合成）.pdf", PDF)), cast.seats["outsider"])
    third = filing.new_party(cycle, officer, kind="企业", code=code(3), name="演示三号纸质申报有限公司", division=cast.town)
    paper = applying.start(cycle, third, officer)
    applying.claim(paper, "展位费补助", "（六）", Thing.objects.get(kind="企业", key=third.code), officer)
    auditing.declare(cycle, cast.seats["auditor"], [], confirmed=True)
    auditing.draw(cycle, cast.seats["auditor"], seed="3421.07", origin="某日收盘指数（合成）", percent=50, least=1)
    for rows in ([("统一社会信用代码", "名称", "纳统2025年"), (code(7), "演示七号", "是")], [("统一社会信用代码", "名称"), ("不是代码", "演示八号")]):
        importing.start(cast.zibo.version_of, 2025, Source.STATISTICS, [workbook(rows)], officer)
    found = Settlement.objects.filter(cycle=cast.zibo).latest("id")
    work.ask("recompute", f"settlement:{found.pk}", officer, settlement=found.pk)
    work.serve(once=True)
    work.ask("settle", f"cycle:{cycle.pk}", officer, cycle=cycle.pk)
    for one in (cast.zibo, noticed, cycle):
        one.refresh_from_db()
    return Scene(cast, cast.zibo, noticed, cycle, paper, draft)


def code(number: int) -> str:
    """A credit code with a right check digit that belongs to nobody."""
    body = f"91000000MA{number:07d}"
    return body + str(uscc.calc_check_digit(body))


def workbook(rows: list[tuple[Any, ...]]) -> SimpleUploadedFile:
    """A workbook with one sheet of firms."""
    made, stream = Workbook(), io.BytesIO()
    made.active.title = "企业"
    for row in rows:
        made.active.append(row)
    made.save(stream)
    return SimpleUploadedFile("统计（合成）.xlsx", stream.getvalue())


def _own(scene: Scene, who: str) -> Application:
    """The application that somebody may fill in."""
    return scene.paper if scene.cast.seats[who].role == Role.OFFICER else scene.draft


def _case(scene: Scene, who: str) -> str:
    seat: Seat = scene.cast.seats[who]
    rows = Application.objects.exclude(state="draft")
    return (rows.filter(cycle=scene.open) if seat.role != Role.TOWNSHIP else rows.filter(division=seat.division, cycle=scene.open)).latest("id").number


def _line(scene: Scene) -> Line:
    return Line.objects.filter(settlement__cycle=scene.paid, settlement__state="frozen", payable_fen__gt=0).first()


def _settlement(scene: Scene) -> int:
    return Settlement.objects.get(cycle=scene.paid, state="frozen").pk


PLACES: dict[str, Callable[[Scene, str], tuple[Any, ...]]] = {
    "entitlements": lambda s, w: (s.open.pk,), "letter": lambda s, w: (Application.objects.filter(cycle=s.paid, party=s.cast.seats[w].party or s.cast.firm).latest("pk").number,),
    "paper": lambda s, w: (s.open.pk,), "application": lambda s, w: (_own(s, w).number,), "choose_awards": lambda s, w: (_own(s, w).number,),
    "promise_page": lambda s, w: (_own(s, w).number,), "check_application": lambda s, w: (_own(s, w).number,), "party_page": lambda s, w: (_own(s, w).number,),
    "fill_claim": lambda s, w: (_own(s, w).number, _own(s, w).claims.get().pk),
    "evidence_file": lambda s, w: (Evidence.objects.filter(application__state="draft" if s.cast.seats[w].role == Role.APPLICANT else "auditing").first().pk,),
    "calculate": lambda s, w: (s.open.pk, "场地租金补助"), "case": lambda s, w: (_case(s, w),), "audit": lambda s, w: (s.open.pk,), "audit_export": lambda s, w: (s.open.pk,),
    "thing": lambda s, w: (Thing.objects.get(kind="企业", key=s.cast.firm.code).pk,), "party": lambda s, w: (s.cast.firm.pk,),
    "intake": lambda s, w: (Intake.objects.latest("id").pk,), "intake_faults": lambda s, w: (Intake.objects.filter(state="faulty").latest("id").pk,),
    "template": lambda s, w: (s.open.version_of_id, 2025), "cycle_page": lambda s, w: (s.paid.pk,), "cycle_edit": lambda s, w: (s.open.pk,), "cycle_history": lambda s, w: (s.paid.pk,),
    "policy": lambda s, w: ("zibo-2022",), "policy_version": lambda s, w: (s.open.version_of_id,), "cycle_standards": lambda s, w: (s.open.pk,), "standards_file": lambda s, w: (s.open.pk,),
    "cycle_readings": lambda s, w: (s.open.pk,), "cycle_procedure": lambda s, w: (s.open.pk,), "what_if": lambda s, w: (s.open.pk,),
    "job_page": lambda s, w: (Job.objects.get(state="waiting", name="settle").pk,), "recomputed": lambda s, w: (Job.objects.get(name="recompute").pk,),
    "settlement_page": lambda s, w: (_settlement(s),), "settlement_export": lambda s, w: (_settlement(s),), "compare": lambda s, w: (_settlement(s),), "line_page": lambda s, w: (_line(s).pk,),
    "special_list": lambda s, w: (s.paid.pk,), "notice": lambda s, w: (Notice.objects.get(cycle=s.noticed).pk,), "notice_export": lambda s, w: (Notice.objects.get(cycle=s.noticed).pk,),
    "object_to": lambda s, w: (Notice.objects.get(cycle=s.noticed).pk,), "notice_new": lambda s, w: (s.noticed.pk,), "objections": lambda s, w: (Notice.objects.get(cycle=s.noticed).pk,),
    "account_of_cycle": lambda s, w: (s.paid.pk,), "account": lambda s, w: (treasury.account_of("zibo-2022", 2025).pk,), "account_months": lambda s, w: (treasury.account_of("zibo-2022", 2025).pk,),
    "account_export": lambda s, w: (treasury.account_of("zibo-2022", 2025).pk,), "item_page": lambda s, w: ("line", _line(s).pk), "request_new": lambda s, w: (s.paid.pk,),
    "request_page": lambda s, w: (PaymentRequest.objects.get().number,), "person": lambda s, w: (s.cast.seats["officer"].user_id,), "setup": lambda s, w: ("none",),
}  # fmt: skip
