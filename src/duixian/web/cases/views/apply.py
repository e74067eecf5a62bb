"""The applicant's desk: what one may have, starting, choosing, handing in, following the case. Filling in is in `fill`, the rest beside it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from duixian.web.cases import applicant, queries, told
from duixian.web.cases.actions import applying, filing, handling
from duixian.web.cases.asked import Shelf
from duixian.web.registry.models import Role
from duixian.web.seats import Route

from . import calculator, evidence, fill, mail, paper, party
from .attempts import attempt, version

FILLING, OWN = applicant.FILLING, applicant.OWN


def my_applications(request: HttpRequest) -> HttpResponse:
    """What is under way, and what may be applied for now."""
    mine = list(queries.applications(request.seat))
    taken = {one.cycle_id: one for one in mine if one.state != "withdrawn"}
    cycles = [(cycle, taken.get(cycle.pk)) for cycle in applicant.open_cycles()]
    return render(request, "apply/home.html", {"applications": mine, "cycles": cycles})


def entitlements(request: HttpRequest, cycle: int) -> HttpResponse:
    """What the rules say this party may have, before anything is filled in."""
    found = queries.cycle(request.seat, cycle)
    party = request.seat.party
    own = queries.applications(request.seat).filter(cycle=found).exclude(state="withdrawn").first()
    return render(request, "apply/may.html", {"cycle": found, "party": party, "openings": applicant.openings(found, party), "application": own})


def start_application(request: HttpRequest, cycle: int) -> HttpResponse:
    """Begin (or go on with) one's application in a cycle."""
    found = queries.cycle(request.seat, cycle)
    application = attempt(request, lambda: applying.start(found, request.seat.party, request.seat))
    if application is None:
        return redirect("my_applications")
    return redirect("choose_awards" if not application.claims.filter(live=True).exists() else "application", application.number)


def choose_awards(request: HttpRequest, number: str) -> HttpResponse:
    """Which awards, for which objects; POST claims one."""
    application = applicant.application(request.seat, number)
    if not applicant.may_edit(request.seat, application):
        return redirect("application", number)
    if request.method == "POST":
        given = [value.strip() for name, value in sorted(request.POST.items()) if name.startswith("part-")]
        thing = request.POST.get("thing", "")
        claim = attempt(request, lambda: filing.claim(application, request.POST.get("award", ""), int(thing) if thing.isdecimal() else None, given, request.seat))
        return redirect("fill_claim", number, claim.pk) if claim is not None else redirect("choose_awards", number)
    claims = list(application.claims.filter(live=True).select_related("thing"))
    return render(request, "apply/choose.html", {"application": application, "claims": claims, "openings": applicant.openings(application.cycle, application.party, claims, application)})


def drop_claim(request: HttpRequest, number: str, claim: int) -> HttpResponse:
    """Take a claim out again."""
    application = applicant.application(request.seat, number)
    one = applicant.claim(application, claim)
    attempt(request, lambda: applying.unclaim(application, one, request.seat), _("已去掉“%s”。填过的内容还在，再选就回来。") % one.award)
    return redirect("application", number)


def application(request: HttpRequest, number: str) -> HttpResponse:
    """The page of one application: what is left to do while it is being filled in, then where it stands."""
    found = applicant.application(request.seat, number)
    editing = applicant.may_edit(request.seat, found)
    lines = list(queries.lines(request.seat, found.cycle).filter(application=found)) if request.seat.role == Role.APPLICANT else []
    shelf = Shelf(found)
    shown, problems = applicant.results_of(shelf) if editing or not lines else ({}, [])
    lacks = applicant.lacking(shelf, shown) if editing else []
    claims = [(claim, shown.get((claim.award, claim.thing.key)), sum(one.where == claim.award for one in lacks), next((line for line in lines if line.claim_id == claim.pk), None))
              for claim in shelf.claims]  # fmt: skip
    return render(request, "apply/page.html", {
        "application": found, "editing": editing, "claims": claims, "problems": problems, "lacks": lacks, "steps": told.steps(found, lines), "timeline": told.timeline(found, lines),
        "defects": told.defects(found), "files": shelf.files, "lines": lines, "total": sum(one.fen or 0 for one in shown.values()), "decided": sum(line.payable_fen for line in lines),
        "may_withdraw": applicant.may_withdraw(request.seat, found), "may_reply": request.seat.role == Role.APPLICANT,
    })  # fmt: skip


def promise_page(request: HttpRequest, number: str) -> HttpResponse:
    """The commitment letter: read it, give it or take it back."""
    found = applicant.application(request.seat, number)
    if not applicant.may_edit(request.seat, found):
        return redirect("application", number)
    if request.method == "POST":
        given = request.POST.get("given") == "yes"
        if attempt(request, lambda: applying.promise(found, request.seat, given=given), _("已记下承诺。") if given else _("已收回承诺。")):
            return redirect("check_application" if given else "promise_page", number)
        return redirect("promise_page", number)
    return render(request, "apply/promise.html", {"application": found})


def check_application(request: HttpRequest, number: str) -> HttpResponse:
    """Everything that is missing, each with a link; then hand it in."""
    found = applicant.application(request.seat, number)
    if not applicant.may_edit(request.seat, found):
        return redirect("application", number)
    shelf = Shelf(found)
    shown, problems = applicant.results_of(shelf)
    lacks = applicant.lacking(shelf, shown)
    rows = [(claim, shown.get((claim.award, claim.thing.key))) for claim in shelf.claims]
    doubtful = [claim.award for claim, one in rows if one is not None and one.tone == "bad"]
    return render(request, "apply/check.html", {"application": found, "lacks": lacks, "claims": rows, "problems": problems, "doubtful": doubtful, "differences": applicant.differences(shelf), "total": sum(one.fen or 0 for one in shown.values())})


def submit_application(request: HttpRequest, number: str) -> HttpResponse:
    """Hand it in."""
    found = applicant.application(request.seat, number)
    lacks = applicant.lacking(Shelf(found)) if applicant.may_edit(request.seat, found) else []
    texts = [f"{one.where}：{one.text}" for one in lacks if one.url != applicant.promise_url(found)]
    if attempt(request, lambda: applying.submit(found, request.seat, texts, version=version(request)), _("已提交。办到哪一步，都会在这里告诉您。")):
        return redirect("application", number)
    return redirect("check_application" if applicant.may_edit(request.seat, found) else "application", number)


def withdraw_application(request: HttpRequest, number: str) -> HttpResponse:
    """Take it back."""
    found = applicant.application(request.seat, number)
    attempt(request, lambda: applying.withdraw(found, request.seat, version=version(request)), _("已撤回。申报期内还可以重新申报，填过的内容还在。"))
    return redirect("application", number)


def reply(request: HttpRequest, number: str) -> HttpResponse:
    """Write to the office about the case."""
    found = applicant.application(request.seat, number)
    text = request.POST.get("text", "")
    if len(text) > 2000:
        messages.error(request, _("留言最多 2000 个字。"))
    else:
        attempt(request, lambda: handling.comment(found, request.seat, text, shared=True), _("已留言，办理部门会看到。"))
    return redirect("application", number)


ROUTES = [
    Route("apply/", my_applications, OWN),
    Route("apply/may/<int:cycle>/", entitlements, OWN),
    Route("apply/start/<int:cycle>/", start_application, OWN, ("POST",)),
    *paper.ROUTES,
    Route("apply/<str:number>/", application, FILLING),
    Route("apply/<str:number>/choose/", choose_awards, FILLING, ("GET", "POST")),
    Route("apply/<str:number>/drop/<int:claim>/", drop_claim, FILLING, ("POST",)),
    Route("apply/<str:number>/promise/", promise_page, FILLING, ("GET", "POST")),
    Route("apply/<str:number>/check/", check_application, FILLING),
    Route("apply/<str:number>/submit/", submit_application, FILLING, ("POST",)),
    Route("apply/<str:number>/withdraw/", withdraw_application, FILLING, ("POST",)),
    Route("apply/<str:number>/reply/", reply, OWN, ("POST",)),
    *fill.ROUTES,
    *evidence.ROUTES,
    *party.ROUTES,
    *mail.ROUTES,
    *calculator.ROUTES,
]
