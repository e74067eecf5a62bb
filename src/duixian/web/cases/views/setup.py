"""Setting a cycle up: the year's standards as a form and as a text, the readings, the procedure with its limits."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from duixian.values.diagnostic import Diagnostic
from duixian.web.cases import policies, procedure, queries, queries_cycles, year_file
from duixian.web.cases.actions import cycling
from duixian.web.language import listed, said, spoken
from duixian.web.seats import BUREAU, Route

from .doing import FAILED, do, download, version_in

MOST_TEXT = 200_000


def cycle_standards(request: HttpRequest, number: int) -> HttpResponse:
    """The year's standards: shown to all of the bureau's side, saved by the bureau; errors stand at their place."""
    cycle = queries.cycle(request.seat, number)
    policy = policies.programme_of(cycle.version_of).policy
    text, wrong = cycle.standards, ""
    if request.method == "POST" and request.seat.role in BUREAU:
        text, wrong = _given(request, policy, cycle)
        if not wrong and not (defects := [one for one in year_file.defects_of(policy, text, cycle.year) if one.is_error] if text.strip() else []):
            if request.POST.get("how") == "check":
                messages.success(request, _("没有错误。还没有保存。"))
            elif do(request, cycling.amend, cycle, request.seat, version_in(request), reason=request.POST.get("reason", ""), standards=text, done=_("年度标准已保存，改动已记录。")) is not FAILED:
                return redirect("cycle_standards", cycle.pk)
        else:
            messages.error(request, wrong or _("有 %d 处错误，没有保存。每一处都标在下面。") % len(defects))
    defects = year_file.defects_of(policy, text, cycle.year) if text.strip() else []
    rows = year_file.rows_of(policy, text, cycle.year)
    if request.POST.get("how") == "form":
        rows = [year_file.replaced(row, request.POST.get(row.field, row.text)) for row in rows]
    placed = _placed(defects, text, rows)
    return render(request, "cycles/standards.html", {
        "cycle": cycle, "text": text, "rows": [(row, placed.get(row.place, [])) for row in rows], "defects": [_said(one) for one in defects], "unset": year_file.unset(policy, text, cycle.year),
        "may": request.seat.role in BUREAU and cycle.state in cycling.EDITABLE, "reason": request.POST.get("reason", ""), "came_with": policies.own_standards(cycle.version_of, cycle.year),
    })  # fmt: skip


def _given(request: HttpRequest, policy: Any, cycle: Any) -> tuple[str, str]:
    """The text that a form, a text field or an uploaded file makes, and what is wrong with it as a whole."""
    how = request.POST.get("how", "text")
    if how == "form":
        try:
            return year_file.compose(policy, cycle.year, cycle.standards, request.POST), ""
        except ValueError as row:
            return cycle.standards, _("“%s”的值里不能有竖线或换行。") % row
    text = request.POST.get("text", "")
    if how == "upload":
        file = request.FILES.get("file")
        if file is None or file.size > MOST_TEXT:
            return cycle.standards, _("先选一个 standards-年度.md 文件（200 KB 以内）。")
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            return cycle.standards, _("文件不是 UTF-8 文本。请用 UTF-8 另存后再传。")
    if len(text) > MOST_TEXT or "\0" in text:
        return cycle.standards, _("文本太长或含有不能用的字符。")
    return text.replace("\r\n", "\n"), ""


def _said(one: Diagnostic) -> dict[str, Any]:
    words = one.sentence(spoken())
    return {"line": one.places[0].line, "error": one.is_error, "code": one.code, **words}


def _placed(defects: list[Diagnostic], text: str, rows: list[year_file.Row]) -> dict[int, list[str]]:
    """Errors by the row of the form they concern: the line of the text names the item."""
    lines, found = text.split("\n"), {}
    for one in defects:
        line = one.places[0].line
        cells = [cell.strip() for cell in lines[line - 1].strip("| ").split("|")] if 0 < line <= len(lines) else []
        row = next((row for row in rows if cells[:1] == [row.item] and (len(cells) < 2 or cells[1] == row.tier)), None)
        if row is not None:
            words = one.sentence(spoken())
            found.setdefault(row.place, []).append("　".join(part for part in (words["summary"], words["expected"], words["remedy"]) if part))
    return found


def standards_file(request: HttpRequest, number: int) -> HttpResponse:
    """The year's standards as the file the command line reads."""
    cycle = queries.cycle(request.seat, number)
    return download(f"standards-{cycle.year}.md", cycle.standards.encode(), "text/markdown; charset=utf-8")


def cycle_readings(request: HttpRequest, number: int) -> HttpResponse:
    """The readings of the policy: what it asks, what it chooses, what this cycle decides, by whom and on which document."""
    cycle = queries.cycle(request.seat, number)
    programme = policies.programme_of(cycle.version_of)
    if request.method == "POST" and request.seat.role in BUREAU:
        chosen = []
        for place, reading in enumerate(programme.policy.readings.values()):
            if option := request.POST.get(f"option{place}", ""):
                chosen.append({"reading": reading.name, "option": option} | {name: request.POST.get(f"{name}{place}", "").strip()[:200] for name in ("who", "when", "document")})
        if do(request, cycling.choose_readings, cycle, request.seat, version_in(request), chosen, reason=request.POST.get("reason", ""), done=_("口径已保存，改动已记录。")) is not FAILED:
            return redirect("cycle_readings", cycle.pk)
        decided = {one["reading"]: one for one in chosen}
    else:
        decided = {one["reading"]: one for one in cycle.readings}
    year = policies.standards_of(cycle).choices
    rows = [(place, one, decided.get(one.name, {}), year.get(one.name, "")) for place, one in enumerate(programme.policy.readings.values())]
    return render(request, "cycles/readings.html", {"cycle": cycle, "rows": rows, "may": request.seat.role in BUREAU and cycle.state in cycling.EDITABLE, "reason": request.POST.get("reason", "")})


def cycle_procedure(request: HttpRequest, number: int) -> HttpResponse:
    """The procedure: which steps, who takes them, within how many days."""
    cycle = queries.cycle(request.seat, number)
    steps = cycle.procedure
    if request.method == "POST" and request.seat.role in BUREAU:
        if request.POST.get("how") == "policy":
            steps, unknown = procedure.steps_of(year_file.procedure_rows(policies.programme_of(cycle.version_of), cycle.standards, cycle.year))
            if unknown:
                messages.warning(request, _("这些步骤认不出是哪一步，没有带入：%s") % listed(unknown))
        else:
            steps, wrong = _steps(request)
            if wrong:
                messages.error(request, wrong)
                return _procedure_page(request, cycle, steps)
        if do(request, cycling.amend, cycle, request.seat, version_in(request), reason=request.POST.get("reason", ""), procedure=steps, done=_("程序已保存，改动已记录。")) is not FAILED:
            return redirect("cycle_procedure", cycle.pk)
    return _procedure_page(request, cycle, steps)


def _procedure_page(request: HttpRequest, cycle: Any, steps: list[dict[str, Any]]) -> HttpResponse:
    may = request.seat.role in BUREAU and cycle.state in cycling.EDITABLE
    rows = [*steps, *([{}] * 2 if may else [])]
    return render(request, "cycles/procedure.html", {"cycle": cycle, "rows": list(enumerate(rows)), "may": may, "stages": [(key, said(words[0])) for key, words in procedure.STAGES.items()],
                                                     "reason": request.POST.get("reason", "")})  # fmt: skip


def _steps(request: HttpRequest) -> tuple[list[dict[str, Any]], str]:
    """The rows of the form as steps; rows without a name are left out. The text says what is wrong."""
    steps, wrong = [], ""
    for place in range(20):
        name = request.POST.get(f"name{place}", "").strip()[:60]
        if not name:
            continue
        days, stage = request.POST.get(f"days{place}", "").strip(), request.POST.get(f"stage{place}", "")
        if days and not (days.isdecimal() and 1 <= int(days) <= 365):
            wrong = _("“%s”的时限要写 1 至 365 的整数，或者空着（不限）。") % name
        if stage not in procedure.STAGES:
            wrong = _("“%s”要选是哪一步。") % name
        steps.append({"stage": stage, "name": name, "seat": request.POST.get(f"seat{place}", "").strip()[:60], "days": int(days) if days.isdecimal() else None,
                      "unit": "日" if request.POST.get(f"unit{place}") == "日" else "工作日", "results": [one for one in request.POST.get(f"results{place}", "").split("、") if one][:8]})  # fmt: skip
    return steps, wrong


ROUTES = [
    Route("cycles/<int:number>/standards/", cycle_standards, queries_cycles.SEES, ("GET", "POST")),
    Route("cycles/<int:number>/standards.md", standards_file, queries_cycles.SEES),
    Route("cycles/<int:number>/readings/", cycle_readings, queries_cycles.SEES, ("GET", "POST")),
    Route("cycles/<int:number>/procedure/", cycle_procedure, queries_cycles.SEES, ("GET", "POST")),
]
