"""The writes of the desks: verify, return once, review, adjust, audit, assign, comment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from duixian.values.facts import Period
from duixian.web.cases import deadlines, procedure
from duixian.web.cases.files import Kept
from duixian.web.cases.models import Application, Comment, Evidence, Message, Opinion
from duixian.web.language import sentence
from duixian.web.record.book import Refused, acting
from duixian.web.registry import facts
from duixian.web.registry.models import Party, Role, Seat, Source, Thing
from duixian.web.seats import BUREAU

from .auditing import independent
from .moving import change, move, not_own

FILES = {Role.TOWNSHIP: sentence("现场照片"), Role.OFFICER: sentence("审核附件"), Role.AUDITOR: sentence("审计底稿")}  # what a desk's files are called
MOST_FILES = 40
AGAIN = timedelta(minutes=1)  # the same words of the same person within it were sent twice
_AT = {Role.TOWNSHIP: "submitted", Role.OFFICER: "verified", Role.AUDITOR: "auditing"}  # where a seat may adjust and put in files
_SOURCE = {Role.TOWNSHIP: Source.VERIFIED, Role.OFFICER: Source.REVIEWED, Role.AUDITOR: Source.AUDITED}


def verify(application: Application, seat: Seat, *, true: bool, text: str, visited: date | None, version: int | None = None) -> None:
    """The township's opinion: 属实 or 不属实 (with its reason), and the day of the visit."""
    with acting(seat, "application.verify", application, reason=text) as page:
        move(application, "verify" if true else "deny", seat, page, version=version, reason=text)
        Opinion.objects.create(application=application, stage="verify", result="属实" if true else "不属实", text=text, visited=visited, by=seat)
        page.new["result"] = "属实" if true else "不属实"


def send_back(application: Application, seat: Seat, text: str, *, action: str = "", until: date | None = None, version: int | None = None) -> None:
    """Return for correction: once, with everything that is missing, to be back by a day (`until`; else as the procedure has it). Raises Refused the second time.

    Nothing happens by itself when the day has passed: the firm may still come back, and the bureau may give it more time or not take the case up.
    """
    with acting(seat, "application.return", application, reason=text) as page:
        if application.returned:
            raise Refused("returned_once", "已经一次性告知过，不能再退回补正。请按现有材料办理，或不予受理并写明理由。")
        own = "return_township" if seat.role == Role.TOWNSHIP else "return_bureau"
        until = _until(application, until)
        move(application, action or own, seat, page, version=version, reason=text, returned=True, due=until)
        page.new["due"] = until.isoformat()
        tell(application, f"请补正申报材料，最迟 {until} 重新提交", text)


def prolong(application: Application, seat: Seat, text: str, *, until: date | None, version: int | None = None) -> None:
    """Another day by which what was returned has to be back, with the reason; the firm is told."""
    with acting(seat, "application.prolong", application, reason=text) as page:
        page.old["due"] = application.due.isoformat() if application.due else ""
        until = _until(application, until)
        move(application, "prolong", seat, page, version=version, reason=text, due=until)
        page.new["due"] = until.isoformat()
        tell(application, f"补正期限改到 {until}", text)


def _until(application: Application, day: date | None) -> date:
    """The day by which a correction is due, within reason. Raises Refused."""
    today = timezone.localdate()
    day = day or deadlines.due_of_correction(application.cycle)
    if not today < day <= today + timedelta(days=deadlines.LONGEST):
        raise Refused("correction_has_time", f"补正期限要在今天以后、一年以内，不能是 {day}。")
    return day


def accept(application: Application, seat: Seat, text: str = "", *, version: int | None = None) -> None:
    """The bureau's review is done; to the auditor where the procedure has one."""
    with acting(seat, "application.accept", application, reason=text) as page:
        action = "accept_to_audit" if procedure.has(application.cycle.procedure, "audit") else "accept"
        move(application, action, seat, page, version=version, reason=text)
        Opinion.objects.create(application=application, stage="review", result=sentence("通过"), text=text, by=seat)


def accept_plain(application: Application, seat: Seat, *, reasons: list[str], version: int | None = None) -> None:
    """Accept one of many unseen. reasons: what calls for a look; refused with them."""
    with acting(seat, "application.accept", application) as page:
        if reasons:
            raise Refused("plain_cases_only", "要打开逐件审核：" + "；".join(reasons) + "。")
        action = "accept_to_audit" if procedure.has(application.cycle.procedure, "audit") else "accept"
        move(application, action, seat, page, version=version)
        Opinion.objects.create(application=application, stage="review", result=sentence("通过"), text=sentence("批量办理：属地属实，各来源一致，材料齐全"), by=seat)
        page.new["many"] = True


def reject(application: Application, seat: Seat, text: str, *, version: int | None = None) -> None:
    """Not taken up, with the reason the applicant reads; what was returned, once the day by which it had to be back has passed."""
    with acting(seat, "application.reject", application, reason=text) as page:
        if application.state == "returned" and not deadlines.overdue(application) and version in (None, application.version):
            raise Refused("correction_has_time", "补正期限还没有过，现在不能不予受理。")
        move(application, "reject", seat, page, version=version, reason=text)
        Opinion.objects.create(application=application, stage="review", result=sentence("不予受理"), text=text, by=seat)
        tell(application, "申报不予受理", text)


def audit(application: Application, seat: Seat, result: str, text: str, *, version: int | None = None) -> None:
    """The auditor has finished: 核定 or 核减, with the reason."""
    with acting(seat, "application.audit", application, reason=text) as page:
        independent(seat, application)
        if result not in ("核定", "核减"):
            raise Refused("result_is_of_the_step", "审计结果只能是：核定、核减。")
        if result == "核减" and not text.strip():
            raise Refused("reason_is_given", "核减要写明理由。")
        move(application, "audit", seat, page, version=version, reason=text)
        Opinion.objects.create(application=application, stage="audit", result=result, text=text, by=seat)


def reopen(application: Application, seat: Seat, text: str, *, version: int | None = None) -> None:
    """Back to the review."""
    with acting(seat, "application.reopen", application, reason=text) as page:
        move(application, "reopen", seat, page, version=version, reason=text)


def adjust(application: Application, thing: Thing, name: str, period: Period, value: Any, seat: Seat, reason: str, *, award: str = "") -> None:
    """File what a desk found instead of what was declared, with the reason; both stay on file and the page shows the difference."""
    with acting(seat, "application.adjust", application, reason=reason) as page:
        not_own(seat, application)
        independent(seat, application)
        if seat.role not in _SOURCE or application.state != _AT[Role(seat.role)]:
            raise Refused("adjusting_is_at_the_desk", "现在不在这个席位办理，不能改数。")
        if not reason.strip():
            raise Refused("reason_is_given", "调整要写明理由。")
        what = facts.put(thing, name, period, _SOURCE[Role(seat.role)], value, by=seat, award=award, reason=reason)
        page.new = {"object": str(thing), "fact": name, "what": what}


def attach(application: Application, kept: Kept, seat: Seat) -> Evidence:
    """Put in a file of a desk that was stored and looked at (`files.keep`): photos of the visit, working papers. It belongs to no claim; the applicant does not see it."""
    with acting(seat, "evidence.desk", application) as page:
        not_own(seat, application)
        independent(seat, application)
        role = Role(seat.role)
        if role not in FILES or application.state != _AT[role]:
            raise Refused("filing_is_at_the_desk", "现在不在这个席位办理，不能放文件。")
        if Evidence.objects.filter(application=application, claim=None, removed=None).count() >= MOST_FILES:
            raise Refused("files_are_few", f"一件申报最多放 {MOST_FILES} 个办理文件。")
        if Evidence.objects.filter(application=application, claim=None, digest=kept.digest, removed=None).exists():
            raise Refused("file_once", f"“{kept.name}”已经放过了。")
        found = Evidence.objects.create(application=application, material=FILES[role], name=kept.name, path=kept.path, type=kept.type, size=kept.size, digest=kept.digest,
                                        scan=kept.scan, by=seat)  # fmt: skip
        page.new = {"evidence": found.pk, "material": found.material, "sha256": kept.digest}
    return found


def assign(application: Application, officer: Seat | None, seat: Seat) -> None:
    """Give a case to an officer (or to nobody)."""
    with acting(seat, "application.assign", application) as page:
        if seat.role not in BUREAU or (officer is not None and officer.role != Role.OFFICER):
            raise Refused("officers_only", "只能由经办或负责人分给经办。")
        if officer is not None:
            not_own(officer, application)
        page.old, page.new = {"officer": application.officer_id}, {"officer": officer.pk if officer else None}
        change(application, application.version, officer=officer)


def comment(application: Application, seat: Seat, text: str, *, shared: bool) -> None:
    """A note: internal, or shared with the applicant (who is told)."""
    if not text.strip():
        raise Refused("text_is_given", "写一点内容。")
    shared = shared or seat.role == Role.APPLICANT
    with acting(seat, "application.comment", application) as page:
        list(Application.objects.select_for_update(of=("self",)).filter(pk=application.pk).values_list("pk"))  # one after the other: each sees what was written before
        if Comment.objects.filter(application=application, by=seat, text=text.strip(), shared=shared, at__gt=timezone.now() - AGAIN).exists():
            page.new = {"shared": shared, "twice": True}
            return
        Comment.objects.create(application=application, text=text.strip(), shared=shared, by=seat)
        page.new = {"shared": shared}
        if seat.role == Role.APPLICANT:
            tell_desk(application, sentence(f"申报单位留言：{application.party.name}"), text)
        elif shared:
            tell(application, "有新的留言", text)


def tell(about: Application | Party, title: str, text: str) -> None:
    """A message to everyone who sits for the applicant; for a party, where it is about no application."""
    tell_all(title, [(about, text)])


def tell_all(title: str, told: Sequence[tuple[Application | Party, str]]) -> None:
    """Messages about many cases at once, each to everyone who sits for its applicant."""
    users: dict[int, set[int]] = {}
    parties = sorted({_party(about) for about, _ in told})
    for start in range(0, len(parties), 500):
        for party, user in Seat.objects.filter(party__in=parties[start : start + 500], ended=None).values_list("party", "user"):
            users.setdefault(party, set()).add(user)
    Message.objects.bulk_create([
        Message(user_id=user, application=about if isinstance(about, Application) else None, title=title, text=text)
        for about, text in told for user in sorted(users.get(_party(about), ()))
    ], batch_size=500)  # fmt: skip


def _party(about: Application | Party) -> int:
    return about.party_id if isinstance(about, Application) else about.pk


def tell_desk(application: Application, title: str, text: str) -> None:
    """A message to who handles a case now: its officer, else the whole desk where it stands."""
    seats = Seat.objects.filter(ended=None)
    if application.officer_id:
        seats = seats.filter(pk=application.officer_id)
    elif application.state == "submitted":
        seats = seats.filter(role=Role.TOWNSHIP, division=application.division_id)
    else:
        seats = seats.filter(role=Role.OFFICER)
    Message.objects.bulk_create([Message(user_id=user, application=application, title=title, text=text) for user in sorted(set(seats.values_list("user", flat=True)))])
