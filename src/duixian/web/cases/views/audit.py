"""The auditor's page of a cycle: declare, draw, see how far it is."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from duixian.tables.book import Book
from duixian.web.cases import audits, queries
from duixian.web.cases.actions import auditing
from duixian.web.cases.exporting import sheet, workbook_answer
from duixian.web.cases.policies import programme_of
from duixian.web.cases.shown import fact_of, value_text
from duixian.web.record.book import Refused
from duixian.web.registry.facts import decode
from duixian.web.registry.models import Role
from duixian.web.seats import BUREAU, Route

AUDITOR = frozenset({Role.AUDITOR})
READERS = BUREAU | AUDITOR


def audit(request: HttpRequest, number: int) -> HttpResponse:
    """The audit of a cycle."""
    cycle = queries.cycle(request.seat, number)
    policy = programme_of(cycle.version_of).policy
    found = [(row, value_text(decode(row.value), fact_of(policy, row.thing.kind, row.name, row.award))) for row in audits.adjusted(cycle)]
    own = request.seat.role == Role.AUDITOR
    declared = audits.declared(cycle, request.seat) if own else None
    return render(request, "handle/audit.html", {
        "cycle": cycle, "own": own, "declared": declared, "parties": audits.parties_of(cycle) if own and declared is None else [], "samples": audits.samples_of(cycle),
        "progress": audits.progress(cycle), "adjusted": found,
    })  # fmt: skip


def audit_declare(request: HttpRequest, number: int) -> HttpResponse:
    """Declare independence, except of those named."""
    cycle = queries.cycle(request.seat, number)
    named = {int(one) for one in request.POST.getlist("party") if one.isdecimal()}
    try:
        auditing.declare(cycle, request.seat, [party for party in audits.parties_of(cycle) if party.pk in named], confirmed=request.POST.get("confirmed") == "yes")
    except Refused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("声明已记录，可以开始审计。"))
    return redirect("audit", number=number)


def audit_draw(request: HttpRequest, number: int) -> HttpResponse:
    """Draw a sample."""
    cycle, given = queries.cycle(request.seat, number), request.POST
    percent, least = (int(given[name]) if given.get(name, "").isdecimal() and len(given[name]) < 4 else -1 for name in ("percent", "least"))
    try:
        found = auditing.draw(cycle, request.seat, seed=given.get("seed", ""), origin=given.get("origin", ""), percent=percent, least=least)
    except Refused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("抽出 %d 项，种子和名单已记录。") % len(found.drawn))
    return redirect("audit", number=number)


def audit_export(request: HttpRequest, number: int) -> HttpResponse:
    """The samples of a cycle as a workbook: what anybody needs to draw them again."""
    cycle = queries.cycle(request.seat, number)
    work = Book(_("审计抽样"))
    for place, file in enumerate(audits.samples_of(cycle), 1):
        drawn = {(row.award, row.number) for row in file.cases}
        rows = [(award, case, _("抽中") if (award, case) in drawn else "") for award, case in file.sample.listed]
        sheet(work, f"{_('抽样')}{place}", (_("奖补"), _("编号"), f"{_('种子')} {file.sample.seed}"), rows)
    if not audits.samples_of(cycle):
        sheet(work, _("抽样"), (_("还没有抽样"),), [])
    return workbook_answer(work.finish(), _("审计抽样"))


ROUTES = [
    Route("audit/<int:number>/", audit, READERS),
    Route("audit/<int:number>/declare/", audit_declare, AUDITOR, ("POST",)),
    Route("audit/<int:number>/draw/", audit_draw, AUDITOR, ("POST",)),
    Route("audit/<int:number>/export/", audit_export, READERS),
]
