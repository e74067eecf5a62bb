"""The page of one case, and what the desks do with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from duixian.web.cases import audits, casefile, files, queries, states, worklist
from duixian.web.cases.actions import handling
from duixian.web.cases.models import Application
from duixian.web.cases.policies import programme_of
from duixian.web.cases.shown import read_value
from duixian.web.record import book
from duixian.web.record.book import Refused
from duixian.web.registry.models import Role, Seat
from duixian.web.seats import BUREAU, Route

from .attempts import attempt
from .handle import DESKS


def case(request: HttpRequest, number: str) -> HttpResponse:
    """The whole file of a case; an auditor declares first."""
    found = queries.application(request.seat, number)
    if request.seat.role == Role.AUDITOR and audits.declared(found.cycle, request.seat) is None:
        messages.warning(request, _("打开这个批次的申报以前，先作利益冲突声明。"))
        return redirect("audit", number=found.cycle_id)
    return _page(request, found, editing=request.GET.get("edit", ""))


def _page(request: HttpRequest, found: Application, *, status: int = 200, **more: Any) -> HttpResponse:
    file = casefile.open_file(found, request.seat)
    version = request.POST.get("version") if status != 200 else None
    officers = worklist.officer_choices() if request.seat.role in BUREAU else []
    typed = more.get("typed", {})
    unused = typed.get("text", "") if "action" in typed and typed["action"] not in [one.action for one in file.moves] else ""  # its form is not there any more: somebody was first
    return render(request, "handle/case.html", {"case": found, "file": file, "unused": unused, "version": version or found.version, "officers": officers, "bureau_seat": request.seat.role in BUREAU, "own_files": handling.FILES.get(Role(request.seat.role), ""), **more}, status=status)


def case_move(request: HttpRequest, number: str) -> HttpResponse:
    """Take one of the moves of the table. What is refused is said, and what was typed is still there."""
    found, action = queries.application(request.seat, number), request.POST.get("action", "")
    try:
        _move(request, found, action)
    except Refused as refusal:
        messages.error(request, refusal.text)
        fresh = queries.applications(request.seat).filter(pk=found.pk).first()
        if fresh is None:
            return redirect("worklist")
        return _page(request, fresh, status=409, typed={"action": action, **{name: request.POST.get(name, "") for name in ("text", "visited", "until")}})
    messages.success(request, _("已办理：%(what)s。现在是“%(state)s”。") % {"what": _(states.move(action).label), "state": _(states.STATES[found.state].inside)})
    onward = worklist.following(request.seat, found)
    if onward and request.POST.get("onward"):
        return redirect("case", number=onward)
    return redirect("case", number=number) if queries.applications(request.seat).filter(pk=found.pk).exists() else redirect("worklist")


def _move(request: HttpRequest, found: Application, action: str) -> None:
    text, version, seat = request.POST.get("text", "").strip(), _version(request, found), request.seat
    if action in ("verify", "deny"):
        handling.verify(found, seat, true=action == "verify", text=text, visited=_day(request.POST.get("visited", ""), _("现场日期")), version=version)
    elif action in ("return_township", "return_bureau"):
        lines = [line.strip() for line in [*request.POST.getlist("defect"), *text.splitlines()] if line.strip()]
        handling.send_back(found, seat, "\n".join(f"{place}. {line}" for place, line in enumerate(lines, 1)), action=action, until=_day(request.POST.get("until", ""), _("补正期限")), version=version)
    elif action == "prolong":
        handling.prolong(found, seat, text, until=_day(request.POST.get("until", ""), _("补正期限")), version=version)
    elif action in ("accept", "accept_to_audit"):
        handling.accept(found, seat, text, version=version)
    elif action == "reject":
        handling.reject(found, seat, text, version=version)
    elif action == "audit":
        handling.audit(found, seat, request.POST.get("result", ""), text, version=version)
    elif action == "reopen":
        handling.reopen(found, seat, text, version=version)
    else:
        refusal = Refused("move_is_in_the_table", _("没有这项操作。请刷新后看现在可以做什么。"))
        book.refused(seat, "application.move", found, refusal)
        raise refusal


def _version(request: HttpRequest, found: Application) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() else -1


def _day(text: str, what: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused("day_can_be_read", _("%s写成 2026-03-09 这样。") % what) from error


def case_adjust(request: HttpRequest, number: str) -> HttpResponse:
    """File what the desk found of one fact, with the reason."""
    found = queries.application(request.seat, number)
    thing, award, name, period = casefile.row_of(found, request.POST.get("fact", ""))
    try:
        value = read_value(request.POST.get("value", ""), programme_of(found.cycle.version_of).policy, thing.kind, name, period, award)
        if value is None:
            raise Refused("value_is_given", _("填核实后的数；核实没有的写“无”。"))
        handling.adjust(found, thing, name, period, value, request.seat, request.POST.get("reason", ""), award=award)
    except Refused as refusal:
        messages.error(request, refusal.text)
        typed = {"fact": request.POST.get("fact", ""), "value": request.POST.get("value", ""), "reason": request.POST.get("reason", ""), "problem": refusal.text}
        return _page(request, found, status=409, typed=typed, editing=typed["fact"])
    messages.success(request, _("已记下 %s，金额已按新的数重新计算。") % name)
    return redirect("case", number=number)


def case_files(request: HttpRequest, number: str) -> HttpResponse:
    """Put in files of the desk: each is looked at first, and each one's end is told."""
    found = queries.application(request.seat, number)
    for name, keeping in files.handed(request):
        attempt(request, partial(_put_in, found, request.seat, keeping), _("已放入“%s”。") % name, at="evidence", named=name)
    return redirect(reverse("case", args=[number]) + "#evidence")


def _put_in(found: Application, seat: Seat, keeping: Callable[[], files.Kept]) -> None:
    with files.until_filed(keeping()) as kept:
        handling.attach(found, kept, seat)


def case_comment(request: HttpRequest, number: str) -> HttpResponse:
    """A note, internal or shared with the applicant."""
    found = queries.application(request.seat, number)
    try:
        handling.comment(found, request.seat, request.POST.get("text", ""), shared=request.POST.get("shared") == "yes")
    except Refused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("留言已发给申报单位。") if request.POST.get("shared") == "yes" else _("内部留言已记下。"))
    return redirect("case", number=number)


def case_assign(request: HttpRequest, number: str) -> HttpResponse:
    """Give the case to an officer, or to nobody."""
    found, given = queries.application(request.seat, number), request.POST.get("officer", "")
    officer = worklist.officers().filter(pk=given).first() if given.isdecimal() else None
    try:
        handling.assign(found, officer, request.seat)
    except Refused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("已分给 %s。") % officer.user if officer else _("不再指定经办。"))
    return redirect("case", number=number)


def case_reveal(request: HttpRequest, number: str) -> HttpResponse:
    """Show the contact and the account of the applicant once; that they were read is signed."""
    found = queries.application(request.seat, number)
    if request.seat.role == Role.AUDITOR and found.state != "auditing":
        raise Http404
    book.read(request.seat, "party.contact", found)
    if request.htmx:
        return render(request, "handle/party.html", {"case": found, "revealed": True})
    return _page(request, found, revealed=True)


ROUTES = [
    Route("cases/<slug:number>/", case, DESKS),
    Route("cases/<slug:number>/move/", case_move, DESKS, ("POST",)),
    Route("cases/<slug:number>/adjust/", case_adjust, DESKS, ("POST",)),
    Route("cases/<slug:number>/files/", case_files, DESKS, ("POST",)),
    Route("cases/<slug:number>/comment/", case_comment, DESKS, ("POST",)),
    Route("cases/<slug:number>/assign/", case_assign, BUREAU, ("POST",)),
    Route("cases/<slug:number>/reveal/", case_reveal, DESKS, ("POST",)),
]
