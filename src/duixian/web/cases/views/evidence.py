"""Files of an application: handed in, taken out, opened by whoever may see the case."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from duixian.web.cases import applicant, files
from duixian.web.cases.actions import filing
from duixian.web.cases.asked import OTHER, form_for
from duixian.web.cases.models import Application, Claim
from duixian.web.record import book
from duixian.web.registry.models import Role
from duixian.web.seats import Route

from .attempts import attempt

READING = frozenset({Role.APPLICANT, Role.TOWNSHIP, Role.OFFICER, Role.HEAD, Role.AUDITOR})


def add_evidence(request: HttpRequest, number: str, claim: int) -> HttpResponse:
    """Hand in one or several files for a material."""
    found = applicant.application(request.seat, number)
    one = applicant.claim(found, claim)
    material = request.POST.get("material", "")
    for name, keeping in files.handed(request):
        attempt(request, partial(_attach, request, found, one, material, keeping), _("已上传“%s”。") % name, at="materials", named=name)
    return redirect(reverse("fill_claim", args=[number, claim]) + "#materials")


def _attach(request: HttpRequest, found: Application, one: Claim, material: str, keeping: Callable[[], files.Kept]) -> Any:
    """Store, then file; what cannot be filed is not kept. Raises Refused, which is signed."""
    own = applicant.own_kind_of(found)
    try:
        if not applicant.may_edit(request.seat, found):
            raise book.Refused("application_is_open", "已经提交，不能再传文件。")
        if material not in (*form_for(found.cycle, one.award, own).materials, OTHER):
            raise book.Refused("material_is_asked_for", "这项奖补没有要这种材料，可以传到“其他材料”。")
        kept = keeping()
    except book.Refused as refusal:
        book.refused(request.seat, "evidence.add", found, refusal)
        raise
    with files.until_filed(kept):
        return filing.attach(found, one, material, kept, request.seat)


def drop_evidence(request: HttpRequest, evidence: int) -> HttpResponse:
    """Take a file out of the application."""
    found = applicant.evidence(request.seat, evidence)
    application = applicant.application(request.seat, found.application.number)
    attempt(request, lambda: filing.detach(application, found, request.seat), _("已删去“%s”。") % found.name, at="materials" if found.claim_id else "")
    return redirect(reverse("fill_claim", args=[application.number, found.claim_id]) + "#materials" if found.claim_id else reverse("application", args=[application.number]))


def evidence_file(request: HttpRequest, evidence: int) -> HttpResponse:
    """The file itself, always as a download; that staff opened it is signed."""
    found = applicant.evidence(request.seat, evidence)
    try:
        stream = files.open_kept(found.path)
    except FileNotFoundError as gone:
        raise Http404 from gone
    if request.seat.role != Role.APPLICANT:
        book.read(request.seat, "evidence.read", found.application)
    response = FileResponse(stream, as_attachment=True, filename=found.name, content_type=found.type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


ROUTES = [
    Route("apply/<str:number>/evidence/<int:claim>/", add_evidence, applicant.FILLING, ("POST",)),
    Route("evidence/<int:evidence>/", evidence_file, READING),
    Route("evidence/<int:evidence>/drop/", drop_evidence, applicant.FILLING, ("POST",)),
]
