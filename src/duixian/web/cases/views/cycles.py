"""Making and running cycles: the list, a cycle at a glance, its set-up, the policies it can be made from."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings as house
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from duixian.web.cases import changes, policies, queries, queries_cycles, states, unpacking
from duixian.web.cases.actions import cycling, noticing, paying
from duixian.web.cases.acts import words_of
from duixian.web.cases.forms_cycles import CycleForm, NewCycleForm
from duixian.web.cases.picture import Part, fall, share_bar, small_bar
from duixian.web.language import spoken
from duixian.web.seats import BUREAU, Route
from duixian.web.treasury import actions as treasury

from .doing import FAILED, do, page_of, version_in

SEES = queries_cycles.SEES
LABELS = {"open": gettext_lazy("开始受理"), "close": gettext_lazy("截止申报"), "reopen": gettext_lazy("重新开放申报"), "finish": gettext_lazy("办结批次")}
WARN = {
    "open": gettext_lazy("开始受理后，企业就能看到并申报；再改标准要写明理由。"), "close": gettext_lazy("截止后不能再提交申报。"),
    "reopen": gettext_lazy("重新开放后，已提请确认的核算会退回试算。"), "finish": gettext_lazy("办结后批次不能再改。"),
}  # fmt: skip


def cycle_list(request: HttpRequest) -> HttpResponse:
    """Every cycle with how far it is."""
    return render(request, "cycles/list.html", {"rows": queries_cycles.listed(request.seat), "may_make": request.seat.role in BUREAU})


def cycle_page(request: HttpRequest, number: int) -> HttpResponse:
    """A cycle at a glance: cases by state and division, money, deadlines, what to do next."""
    cycle = queries.cycle(request.seat, number)
    money, found = queries_cycles.money_of(cycle), queries_cycles.by_state(cycle)
    most = max([1, *(row.n for row in found)])
    divisions, awards = queries_cycles.by_division(cycle), queries_cycles.by_award(cycle)
    widest = max([1, *(row["cases"] for row in divisions)])
    late = queries_cycles.late(cycle)
    actions = [(action, LABELS[action], WARN[action]) for action in cycling.moves_of(cycle, request.seat.role)] if request.seat.role in BUREAU else []
    return render(request, "cycles/cycle.html", {
        "cycle": cycle, "states": [(row, small_bar(row.n, most, f"t-{row.tone}")) for row in found], "cases": sum(row.n for row in found if row.key != "withdrawn"),
        "divisions": [(row, small_bar(row["cases"], widest)) for row in divisions], "awards": awards, "money": money, "picture": money_picture(money), "late": late[:8], "late_count": late.count(),
        "settlements": queries_cycles.settlements(cycle)[:6], "jobs": queries_cycles.jobs_of(cycle), "notices": queries_cycles.notices_of(cycle), "supplements": request.seat.role in BUREAU and noticing.supplements(cycle), "requests": queries_cycles.requests_of(cycle)[:6],
        "special": queries_cycles.special(cycle)[:6], "actions": actions, "at_bureau": request.seat.role in BUREAU, "steps": steps_of(cycle), "editable": cycle.state in cycling.EDITABLE,
    })  # fmt: skip


def money_picture(money: dict[str, int]) -> Any:
    """The year's total falling to what is left; nothing where there is no total yet."""
    if not money["total"] or money["left"] == money["total"]:
        return ""
    left, total = money["left"], money["total"]
    reserved, committed, requested, paid = money["reserved"], money["committed"], money["requested"], money["paid"] + money["recovered"]
    steps, here = [(_("年度总额（元）"), 0, total, "b1")], total
    for label, part, tone in ((_("已拨付（含追回）") if money["recovered"] else _("已拨付"), paid, "b1"), (_("已请款"), requested, "b2"), (_("已承诺"), committed, "b2"), (_("已预留"), reserved, "b3")):
        if part:
            steps.append((label, here, here - part, tone))
            here -= part
    steps.append((_("还剩"), 0, left, "b4"))
    return fall(steps, _("年度总额怎样用到还剩的部分，数字见旁边的表"))


def total_bar(money: dict[str, int]) -> Any:
    """The year's total as one bar."""
    committed = money["committed"] + money["requested"]
    parts = [Part(_("已拨付"), money["paid"] + money["recovered"], "b1"), Part(_("已承诺"), committed, "b2"), Part(_("已预留"), money["reserved"], "b3")]
    return share_bar(parts, money["total"], _("年度总额的使用，数字见下表"))


def steps_of(cycle: Any) -> list[tuple[str, str]]:
    """The states of a cycle in order with where it stands: (words, done | now | '')."""
    names = list(states.CYCLE)
    here = names.index(cycle.state)
    return [(states.CYCLE[name].inside, "done" if place < here else "now" if place == here else "") for place, name in enumerate(names)]


def cycle_new(request: HttpRequest) -> HttpResponse:
    """Make a cycle from a policy version."""
    found = queries_cycles.versions()
    form = NewCycleForm(request.POST or None, versions=found, initial={"version_of": request.GET.get("policy")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        version, total = given.pop("version_of"), given.pop("total_fen")
        standards = policies.own_standards(version, given["year"])
        cycle = do(request, cycling.make, version, request.seat, standards=standards, **given)
        if cycle is not FAILED:
            if total:
                do(request, paying.appropriate, treasury.account_of(version.policy, cycle.year), total, request.seat, given["budget_document"])
            messages.success(request, _("批次建好了，还没有开始受理。接下来：核对年度标准、口径和程序，再开始受理。"))
            return redirect("cycle_page", cycle.pk)
    return render(request, "cycles/new.html", {"form": form, "versions": found})


def cycle_edit(request: HttpRequest, number: int) -> HttpResponse:
    """Change name, days and budget document of a cycle."""
    cycle = queries.cycle(request.seat, number)
    names = ("name", "opens", "closes", "notice_days", "budget_document")
    form = CycleForm(request.POST or None, initial={name: getattr(cycle, name) for name in names}, needs_reason=cycle.state != "preparing")
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        reason = given.pop("reason", "")
        if do(request, cycling.amend, cycle, request.seat, version_in(request), reason=reason, done=_("改好了，改动已记录。"), **given) is not FAILED:
            return redirect("cycle_page", cycle.pk)
    return render(request, "cycles/edit.html", {"cycle": cycle, "form": form})


def cycle_move(request: HttpRequest, number: int) -> HttpResponse:
    """Open, close, reopen or finish."""
    cycle = queries.cycle(request.seat, number)
    action = request.POST.get("action", "")
    do(request, cycling.run, cycle, action, request.seat, version_in(request), reason=request.POST.get("reason", ""), done=_("已办理：%s。") % LABELS.get(action, action))
    return redirect("cycle_page", cycle.pk)


def cycle_history(request: HttpRequest, number: int) -> HttpResponse:
    """Who changed what of a cycle, when, with what stood there before."""
    cycle = queries.cycle(request.seat, number)
    page = page_of(request, queries_cycles.history(cycle), 30)
    return render(request, "cycles/history.html", {"cycle": cycle, "page": page, "rows": [(event, words_of(event.action), changes.of(event)) for event in page]})


def policy_list(request: HttpRequest) -> HttpResponse:
    """Policy versions on file, those that come with the system, and the door for new ones."""
    kept = {one.policy for one in queries_cycles.versions()}
    return render(request, "cycles/policies.html", {"versions": queries_cycles.versions(), "folders": policies.folders(), "kept": kept, "may": request.seat.role in BUREAU})


def policy_take_in(request: HttpRequest) -> HttpResponse:
    """Take in a policy that comes with the system, by the name of its folder."""
    folder = next((one for one in policies.folders() if one.name == request.POST.get("folder")), None)
    if folder is None:
        raise Http404
    version = do(request, policies.take_in, folder, request.seat)
    return redirect("policy_list") if version is FAILED else redirect("policy_version", version.pk)


def policy_upload(request: HttpRequest) -> HttpResponse:
    """Take in a policy folder as a zip."""
    upload = request.FILES.get("file")
    if upload is None:
        messages.error(request, _("先选一个 2 MB 以内的 zip 文件。"))
        return redirect("policy_list")

    def take(data: bytes) -> Any:
        with tempfile.TemporaryDirectory(dir=house.HOME, prefix=".policy-") as draft:
            return policies.take_in(unpacking.unpack_policy(data, Path(draft)), request.seat)

    if upload.size > unpacking.MOST_PACKED:
        messages.error(request, _("压缩包太大：政策目录只有几个文本文件。"))
        return redirect("policy_list")
    version = do(request, take, upload.read())
    return redirect("policy_list") if version is FAILED else redirect("policy_version", version.pk)


def policy_version(request: HttpRequest, number: int) -> HttpResponse:
    """One policy version: what the check found, its awards, its readings, its open numbers."""
    version = queries_cycles.versions_by_number(number)
    programme = policies.programme_of(version)
    report = policies.report_of(version)
    return render(request, "cycles/policy.html", {
        "version": version, "policy": programme.policy, "errors": [one.render(spoken()) for one in report.errors], "warnings": [one.render(spoken()) for one in report.diagnostics if not one.is_error],
        "examples": report.examples_run, "coverage": report.coverage, "may": request.seat.role in BUREAU,
    })  # fmt: skip


ROUTES = [
    Route("cycles/", cycle_list, SEES),
    Route("cycles/new/", cycle_new, BUREAU, ("GET", "POST")),
    Route("cycles/<int:number>/", cycle_page, SEES),
    Route("cycles/<int:number>/edit/", cycle_edit, BUREAU, ("GET", "POST")),
    Route("cycles/<int:number>/move/", cycle_move, BUREAU, ("POST",)),
    Route("cycles/<int:number>/history/", cycle_history, SEES),
    Route("cycles/policies/", policy_list, SEES),
    Route("cycles/policies/take-in/", policy_take_in, BUREAU, ("POST",)),
    Route("cycles/policies/upload/", policy_upload, BUREAU, ("POST",)),
    Route("cycles/policies/<int:number>/", policy_version, SEES),
]
