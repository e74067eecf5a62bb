"""The worklist of the desks that handle cases: township, bureau, auditor. The page of one case is in `case`."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from duixian.web.cases import queries_money
from duixian.web.cases import worklist as work
from duixian.web.cases.actions import bulk
from duixian.web.cases.exporting import cases_workbook, workbook_answer
from duixian.web.record import book
from duixian.web.registry.models import Role
from duixian.web.seats import BUREAU, Route

DESKS = frozenset({Role.TOWNSHIP, Role.OFFICER, Role.HEAD, Role.AUDITOR})
MOST_EXPORTED = 50_000


def worklist(request: HttpRequest) -> HttpResponse:
    """What this seat has to do, filtered as asked."""
    wanted = work.wanted_of(request.GET)
    hits = work.searched(request.seat, wanted)
    tallies = work.tallies(request.seat, wanted, hits)
    page, cases = work.page_of(request.seat, wanted, tallies, request.GET.get("page"), hits)
    choices = work.choices(request.seat)
    told = request.session.pop("told", None) if "told" in request.session else None
    return render(request, "handle/worklist.html", {
        "wanted": wanted, "page": page, "cases": cases, "tallies": tallies, "choices": choices, "show_cycles": len(choices["cycles"]) > 1 and not wanted.cycle, "told": told,
        "objected": queries_money.unanswered() if request.seat.role in BUREAU else [], "uncorrected": work.late_corrections(request.seat), "bulk": request.seat.role in BUREAU, "may_accept": request.seat.role == Role.OFFICER,
    })  # fmt: skip


def worklist_export(request: HttpRequest) -> HttpResponse:
    """The filtered list as a workbook."""
    wanted = work.wanted_of(request.GET)
    cases = list(work.rows_of(request.seat, wanted)[:MOST_EXPORTED])
    for start in range(0, len(cases), 500):
        work.fill(cases[start : start + 500])
    book.read(request.seat, "worklist.export", "worklist")
    return workbook_answer(cases_workbook(cases), _("待办清单"))


def worklist_do(request: HttpRequest) -> HttpResponse:
    """Do one thing with all the cases that were ticked; each one's end is told."""
    marked = [(number, int(version)) for number, _dot, version in (mark.rpartition("@") for mark in request.POST.getlist("mark")) if number and version.isdecimal()]
    back = redirect(f"{reverse('worklist')}?{work.wanted_of(request.GET).query}")
    if not marked:
        messages.error(request, _("先勾选要办理的申报。"))
        return back
    if request.POST.get("do") == "assign":
        officer = work.officers().filter(pk=request.POST["officer"]).first() if request.POST.get("officer", "").isdecimal() else None
        told = bulk.assign(request.seat, marked, officer)
    elif request.POST.get("do") == "accept":
        told = bulk.accept(request.seat, marked)
    else:
        messages.error(request, _("没有这项操作。"))
        return back
    request.session["told"] = [one.kept() for one in told]
    done = sum(one.done for one in told)
    (messages.success if done == len(told) else messages.warning)(request, _("办理了 %(done)d 件，%(left)d 件没有办，逐件说明见下。") % {"done": done, "left": len(told) - done})
    return back


ROUTES = [
    Route("work/", worklist, DESKS),
    Route("work/export/", worklist_export, DESKS),
    Route("work/do/", worklist_do, BUREAU, ("POST",)),
]
