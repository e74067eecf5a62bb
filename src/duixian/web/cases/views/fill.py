"""Filling in one claim: every change is saved at once, or all with one button; beside it what it would pay. Required things never stop a save."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from duixian.tables.forms import read_answer
from duixian.values.diagnostic import Diagnostic
from duixian.web.cases import applicant, files
from duixian.web.cases.actions import applying, filing
from duixian.web.cases.asked import Asked, Shelf, asked
from duixian.web.cases.models import Application, Claim
from duixian.web.record.book import Refused
from duixian.web.seats import Route

from .attempts import attempt

FILLING = applicant.FILLING
MOST_TEXT = 10_000  # characters of an answer that are kept though they could not be read


def fill_claim(request: HttpRequest, number: str, claim: int) -> HttpResponse:
    """The form of a claim; POST saves whatever was sent: one field as it changes, or the whole form."""
    found, one = _theirs(request, number, claim)
    if not applicant.may_edit(request.seat, found):
        return redirect("application", number)
    shelf = Shelf(found)
    page = asked(shelf, one)
    if request.method == "POST":
        return _save(request, shelf, page)
    shown, problems = applicant.result_of(page, shelf)
    return render(request, "apply/fill.html", _context(page, shown, problems))


def _theirs(request: HttpRequest, number: str, claim: int) -> tuple[Application, Claim]:
    found = applicant.application(request.seat, number)
    return found, applicant.claim(found, claim)


def _context(page: Asked, shown: object, problems: list[str]) -> dict[str, object]:
    return {"application": page.application, "claim": page.claim, "page": page, "shown": shown, "problems": problems, "accept": files.ACCEPT, "most": files.most_text()}


def _save(request: HttpRequest, shelf: Shelf, page: Asked) -> HttpResponse:
    answers, texts, sent = [], {}, []
    for field in page.fields():
        if field.name not in request.POST or field.state == "office":
            continue
        text = request.POST[field.name][:MOST_TEXT]
        value = read_answer(field.column, text)
        sent.append(field.name)
        if isinstance(value, Diagnostic):
            texts[field.name] = text
            continue
        answers.append((field.thing, page.claim.award if field.question.kind == "申报" else "", *field.question.key, value))
        if field.error:
            texts[field.name] = None
    try:
        applying.save(page.application, answers, texts, request.seat)
    except Refused as refusal:
        if not request.htmx:
            messages.error(request, refusal.text)
            return redirect("application", page.application.number)
        return render(request, "apply/_refused.html", {"text": refusal.text}, status=200)
    if not request.htmx:
        if texts and any(texts.values()):
            messages.warning(request, _("都存下了；有 %d 处没读懂，标在下面，改好后才能提交。") % sum(text is not None for text in texts.values()))
        else:
            messages.success(request, _("都存下了。"))
        onward = request.POST.get("then")
        return redirect(reverse("check_application", args=[page.application.number]) if onward == "check" else reverse("fill_claim", args=[page.application.number, page.claim.pk]))
    shelf.stated()
    page = asked(shelf, page.claim)
    shown, problems = applicant.result_of(page, shelf)
    changed = [field for field in page.fields() if field.name in sent]
    return render(request, "apply/_saved.html", _context(page, shown, problems) | {"changed": changed})


def add_row(request: HttpRequest, number: str, claim: int) -> HttpResponse:
    """One more row of an object type (a lease, a stand)."""
    found, one = _theirs(request, number, claim)
    shelf = Shelf(found)
    page = asked(shelf, one)
    section = next((section for section in page.sections if section.kind == request.POST.get("kind")), None)
    if section is None:
        raise Http404
    parts = [(column, request.POST.get(f"part-{place}", "")) for place, column in enumerate(section.rows.identity)]
    owner = shelf.own if section.rows.owner == "applicant" else one.thing
    attempt(request, lambda: filing.add_row(found, section.kind, parts, section.rows.relation, owner, request.seat), _("已加上，接着填这一行。"), at=f"rows-{section.kind}")
    return redirect(reverse("fill_claim", args=[number, claim]) + f"#rows-{section.kind}")


def drop_row(request: HttpRequest, number: str, claim: int) -> HttpResponse:
    """Take a row out."""
    found, one = _theirs(request, number, claim)
    page = asked(Shelf(found), one)
    for section in page.sections:
        for row in section.items:
            if str(row.thing.pk) == request.POST.get("thing"):
                attempt(request, lambda section=section, row=row: filing.drop_row(found, row.thing, section.rows.relation, request.seat), _("已去掉这一行。"), at=f"rows-{section.kind}")
                return redirect(reverse("fill_claim", args=[number, claim]) + f"#rows-{section.kind}")
    raise Http404


ROUTES = [
    Route("apply/<str:number>/fill/<int:claim>/", fill_claim, FILLING, ("GET", "POST")),
    Route("apply/<str:number>/fill/<int:claim>/add/", add_row, FILLING, ("POST",)),
    Route("apply/<str:number>/fill/<int:claim>/drop/", drop_row, FILLING, ("POST",)),
]
