"""Workbooks into the registry: template, upload, what is wrong, what would change, confirm."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from duixian.tables.book import Book
from duixian.web.cases import intake as reading
from duixian.web.cases import objects
from duixian.web.cases.actions import importing
from duixian.web.cases.exporting import sheet, workbook_answer
from duixian.web.cases.models import Intake, PolicyVersion
from duixian.web.cases.policies import programme_of
from duixian.web.record.book import Refused
from duixian.web.registry.models import Role
from duixian.web.seats import BUREAU, Route

OFFICER = frozenset({Role.OFFICER})
READERS = BUREAU | {Role.AUDITOR}


def imports(request: HttpRequest) -> HttpResponse:
    """What was taken in, and taking in more."""
    page = Paginator(objects.intakes(), objects.PAGE).get_page(request.GET.get("page"))
    return render(request, "registry/imports.html", {
        "page": page, "tab": "imports", "versions": objects.versions(), "sources": [(one.value, one.label) for one in importing.SOURCES], "year": timezone.localdate().year - 1,
        "may_import": request.seat.role == Role.OFFICER, "most": importing.most_text(),
    })  # fmt: skip


def import_start(request: HttpRequest) -> HttpResponse:
    """Take workbooks in to be looked at."""
    given = request.POST
    version = objects.versions().filter(pk=given["version"]).first() if given.get("version", "").isdecimal() else None
    if version is None:
        messages.error(request, _("先选这些数据按哪份政策的模板填的。"))
        return redirect("imports")
    year = int(given["year"]) if given.get("year", "").isdecimal() and len(given["year"]) == 4 else 0
    try:
        if stopped := getattr(request, "stopped_at", None):
            raise importing.stopped_at(stopped[0], alone=stopped[1])
        found = importing.start(version, year, given.get("source", ""), request.FILES.getlist("files"), request.seat)
    except Refused as refusal:
        messages.error(request, refusal.text)
        return redirect("imports")
    return redirect("intake", number=found.pk)


def template(request: HttpRequest, number: int, year: int) -> HttpResponse:
    """The workbook to fill in for a policy and year."""
    version = objects.one(PolicyVersion, number)
    with tempfile.TemporaryDirectory() as draft:
        place = Path(draft) / "template.xlsx"
        programme_of(version).template(year, place)
        content = place.read_bytes()
    return workbook_answer(content, f"{version.policy}-{year}-" + _("数据表模板"))


def intake(request: HttpRequest, number: int) -> HttpResponse:
    """One intake: being read, what is wrong with it, or what it would change."""
    found = objects.one(Intake, number, "version_of", "by__user", "taken")
    search, what = request.GET.get("search", "").strip()[:120], request.GET.get("what", "")
    lines, count = reading.preview(found, search, what) if found.state in ("ready", "taking", "done") else ([], 0)
    job = objects.job_of(found)
    more = {"intake": found, "lines": lines, "count": count, "search": search, "what": what, "shown": reading.SHOWN, "faults": reading.faults_said(found), "job": job, "tab": "imports",
            "may": request.seat.role == Role.OFFICER, "busy": found.state in ("reading", "taking") and (job is None or job.state in ("waiting", "running"))}  # fmt: skip
    if request.htmx and request.GET.get("part") == "progress" and more["busy"]:
        return render(request, "registry/progress.html", more)
    if request.htmx and request.GET.get("part") == "progress":
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    if request.htmx and request.GET.get("part") == "preview":
        return render(request, "registry/preview.html", more)
    return render(request, "registry/intake.html", more)


def intake_do(request: HttpRequest, number: int) -> HttpResponse:
    """Confirm what was shown, or throw it away."""
    found = objects.one(Intake, number, "version_of")
    version = int(request.POST["version"]) if request.POST.get("version", "").isdecimal() else -1
    try:
        if request.POST.get("do") == "drop":
            importing.drop(found, request.seat, version=version)
            messages.success(request, _("已放弃，什么也没有导入。"))
            return redirect("imports")
        if importing.confirm(found, request.seat, version=version):
            messages.success(request, _("已导入。用到这些数的申报，金额已按新的数计算。"))
        else:
            messages.success(request, _("数据多，正在后台写入；全部写完才生效。"))
    except Refused as refusal:
        messages.error(request, refusal.text)
    return redirect("intake", number=number)


def intake_faults(request: HttpRequest, number: int) -> HttpResponse:
    """Everything that is wrong, as a workbook to work from."""
    found = objects.one(Intake, number)
    work = Book(_("导入错误"))
    rows = [(one["file"], one["sheet"], one["cell"], one["summary"], one["expected"], one["found"], one["remedy"], one["also"], one["code"]) for one in reading.faults_said(found)]
    sheet(work, _("错误"), (_("文件"), _("表"), _("格"), _("问题"), _("应为"), _("实际"), _("怎样改"), _("另见"), _("代码")), rows)
    return workbook_answer(work.finish(), _("导入错误"))


ROUTES = [
    Route("registry/imports/", imports, READERS),
    Route("registry/imports/new/", import_start, OFFICER, ("POST",)),
    Route("registry/imports/<int:number>/", intake, READERS),
    Route("registry/imports/<int:number>/do/", intake_do, OFFICER, ("POST",)),
    Route("registry/imports/<int:number>/faults/", intake_faults, READERS),
    Route("registry/template/<int:number>/<int:year>/", template, BUREAU),
]
