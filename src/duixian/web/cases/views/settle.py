"""Settling: starting a trial and watching it, its result line by line, a what-if beside another, proposing and confirming, computing it again."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from duixian.values.labels import say
from duixian.web.cases import policies, queries, queries_cycles, year_file
from duixian.web.cases.actions import settling
from duixian.web.cases.picture import small_bar
from duixian.web.cases.sheets import settlement_book
from duixian.web.jobs import work
from duixian.web.language import listed, said, spoken
from duixian.web.registry.models import Role
from duixian.web.seats import BUREAU, Route

from .doing import FAILED, do, page_of, workbook

MONEY = frozenset({Role.OFFICER, Role.HEAD, Role.AUDITOR, Role.FINANCE})
HEAD = frozenset({Role.HEAD})
ENGINES = {"interpret": gettext_lazy("解释器"), "duckdb": gettext_lazy("编译引擎 DuckDB"), "spark": gettext_lazy("编译引擎 Spark")}


def settle_start(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for a trial of a cycle with its own standards and readings."""
    cycle = queries.cycle(request.seat, number)
    job = work.ask("settle", f"cycle:{cycle.pk}", request.seat, cycle=cycle.pk)
    return redirect("job_page", job.pk)


def what_if(request: HttpRequest, number: int) -> HttpResponse:
    """A trial with other standards or readings; the cycle's own stay as they are."""
    cycle = queries.cycle(request.seat, number)
    policy = policies.programme_of(cycle.version_of).policy
    own = policies.readings_of(cycle)
    text, chosen = cycle.standards, dict(own)
    if request.method == "POST":
        text = request.POST.get("text", "").replace("\r\n", "\n")
        chosen = {name: option for place, name in enumerate(policy.readings) if (option := request.POST.get(f"option{place}", ""))}
        try:
            if request.POST.get("how") == "form":
                text = year_file.compose(policy, cycle.year, cycle.standards, request.POST)
        except ValueError as row:
            messages.error(request, _("“%s”的值里不能有竖线或换行。") % row)
        else:
            defects = [one for one in year_file.defects_of(policy, text, cycle.year) if one.is_error] if text.strip() else []
            if defects:
                messages.error(request, "\n".join(one.render(spoken()) for one in defects[:20]))
            else:
                job = work.ask("settle", f"cycle:{cycle.pk}:what-if", request.seat, cycle=cycle.pk, standards=text, readings=chosen)
                return redirect("job_page", job.pk)
    rows = [(place, one, chosen.get(one.name, "")) for place, one in enumerate(policy.readings.values())]
    return render(request, "settle/what_if.html", {"cycle": cycle, "text": text, "rows": year_file.rows_of(policy, text, cycle.year), "readings": rows})


def job_page(request: HttpRequest, number: int) -> HttpResponse:
    """A job with its progress; once it is done, where its result is. A partial request gets the progress alone."""
    job = queries_cycles.job(number)
    if job.state == "done" and "settlement" in job.result:
        where = "recomputed" if job.name == "recompute" else "settlement_page"
        target = redirect(where, job.pk if where == "recomputed" else job.result["settlement"])
        return HttpResponse(status=200, headers={"HX-Redirect": target.url}) if request.htmx else target
    cycle = _cycle_of(request, job)
    return render(request, "settle/progress.html" if request.htmx else "settle/job.html", {"job": job, "cycle": cycle, "percent": job.done * 100 // job.of if job.of else 0})


def _cycle_of(request: HttpRequest, job: Any) -> Any:
    """The cycle a job works on. Raises Http404 for a job of another desk."""
    if "cycle" in job.arguments:
        return queries.cycle(request.seat, job.arguments["cycle"])
    if "settlement" in job.arguments:
        return queries_cycles.settlement(job.arguments["settlement"]).cycle
    raise Http404


def job_stop(request: HttpRequest, number: int) -> HttpResponse:
    """Ask a job to stop; nothing half-done is left."""
    job = queries_cycles.job(number)
    _cycle_of(request, job)
    do(request, work.stop, job, request.seat, done=_("已要求停止：正在做的一步做完就停，不留下做了一半的结果。"))
    return redirect("job_page", job.pk)


def settlement_page(request: HttpRequest, number: int) -> HttpResponse:
    """One settlement: what it comes to, by award and outcome, totals, its lines."""
    found = queries_cycles.settlement(number)
    cycle = queries.cycle(request.seat, found.cycle_id)
    asked = _asked(request)
    sums = queries_cycles.sums(found)
    most = max([1, *(row["fen"] for row in sums["awards"])])
    page = page_of(request, queries_cycles.lines(found, **asked))
    own = found.standards == cycle.standards and found.readings == policies.readings_of(cycle)
    return render(request, "settle/settlement.html", {
        "one": found, "cycle": cycle, "sums": sums, "awards": [(row, small_bar(row["fen"], most)) for row in sums["awards"]], "page": page, "asked": asked, "query": urlencode(asked), "money": queries_cycles.money_of(cycle),
        "others": queries_cycles.settlements(cycle).exclude(pk=found.pk)[:12], "at_bureau": request.seat.role in BUREAU, "head": request.seat.role == Role.HEAD, "own": own,
        "engines": listed(ENGINES.get(name, name) for name in found.engines.split("、")), "same_person": found.by.user_id == request.seat.user_id,
    })  # fmt: skip


def _asked(request: HttpRequest) -> dict[str, str]:
    """How the lines are narrowed."""
    return {name: request.GET.get(name, "").strip()[:80] for name in ("q", "award", "outcome")}


def line_page(request: HttpRequest, number: int) -> HttpResponse:
    """One line: its waterfall with the reason of each step, the explanation word for word, the official text it stands on."""
    found = queries_cycles.line(number)
    cycle = queries.cycle(request.seat, found.settlement.cycle_id)
    most, before, steps = max([1, *(amount for _stage, amount, _why in found.amounts if isinstance(amount, int))]), None, []
    for stage, amount, why in found.amounts:
        step = re.search(rf"^ +{re.escape(say(stage, spoken()))}  .+?  (.+)$", found.told, re.MULTILINE)
        steps.append((stage, amount, step.group(1) if step else said(why), small_bar(amount, most) if isinstance(amount, int) and amount != before else ""))
        before = amount
    quote = re.search(r"^原文：(.+)$", found.explanation, re.MULTILINE)
    rule = policies.programme_of(cycle.version_of).policy.rules.get(found.award)
    return render(request, "settle/line.html", {"line": found, "cycle": cycle, "steps": steps, "rule": rule, "quote": quote.group(1) if quote else ""})


def compare(request: HttpRequest, number: int) -> HttpResponse:
    """Two settlements of a cycle side by side: each line that differs, and the sum."""
    second = queries_cycles.settlement(number)
    cycle = queries.cycle(request.seat, second.cycle_id)
    other = request.GET.get("with", "")
    first = queries_cycles.settlement(int(other)) if other.isdecimal() else None
    if first is None or first.cycle_id != cycle.pk:
        messages.error(request, _("选同一批次的另一次核算来比。"))
        return redirect("settlement_page", number)
    rows = queries_cycles.differences(first, second)
    return render(request, "settle/compare.html", {
        "cycle": cycle, "first": first, "second": second, "page": page_of(request, rows, 100), "count": len(rows), "change": second.payable_fen - first.payable_fen,
        "more": sum(row.change > 0 for row in rows), "less": sum(row.change < 0 for row in rows), "given": [row for row in _given(first, second) if row[1] != row[2]],
    })  # fmt: skip


def _given(first: Any, second: Any) -> list[tuple[str, str, str]]:
    """What two settlements were given that differs: standards line by line, readings."""
    one, two = ({line.strip() for line in given.standards.split("\n") if line.startswith("|")} for given in (first, second))
    rows = [(_("年度标准"), line, "") for line in sorted(one - two)] + [(_("年度标准"), "", line) for line in sorted(two - one)]
    names = sorted({*first.readings, *second.readings})
    return rows + [(name, first.readings.get(name, ""), second.readings.get(name, "")) for name in names]


def settlement_export(request: HttpRequest, number: int) -> HttpResponse:
    """The settlement as a workbook, its lines as they are narrowed on the page."""
    found = queries_cycles.settlement(number)
    cycle = queries.cycle(request.seat, found.cycle_id)
    return workbook(_("%(cycle)s核算%(pk)s.xlsx") % {"cycle": cycle.name, "pk": found.pk}, settlement_book(found, queries_cycles.lines(found, **_asked(request)), listed(filter(None, map(said, _asked(request).values())))))


def settlement_propose(request: HttpRequest, number: int) -> HttpResponse:
    """Put a trial before the head."""
    do(request, settling.propose, queries_cycles.settlement(number), request.seat, done=_("已提请负责人确认。确认前如有申报或标准变化，要重新核算。"))
    return redirect("settlement_page", number)


def settlement_confirm(request: HttpRequest, number: int) -> HttpResponse:
    """The decision, by a second person."""
    do(request, settling.confirm, queries_cycles.settlement(number), request.seat, request.POST.get("document", "")[:200], done=_("已核定：每一笔都预留在年度总额里，用到的一切都已留存。接下来公示。"))
    return redirect("settlement_page", number)


def settlement_discard(request: HttpRequest, number: int) -> HttpResponse:
    """Throw a trial away."""
    found = queries_cycles.settlement(number)
    cycle = found.cycle_id
    return redirect("settlement_page", number) if do(request, settling.discard, found, request.seat, done=_("试算已删。")) is FAILED else redirect("cycle_page", cycle)


def settlement_recompute(request: HttpRequest, number: int) -> HttpResponse:
    """Compute it again from what was kept, as a job."""
    found = queries_cycles.settlement(number)
    queries.cycle(request.seat, found.cycle_id)
    return redirect("job_page", work.ask("recompute", f"settlement:{found.pk}", request.seat, settlement=found.pk).pk)


def recomputed(request: HttpRequest, number: int) -> HttpResponse:
    """What computing it again has shown."""
    job = queries_cycles.job(number)
    if job.name != "recompute" or job.state != "done":
        raise Http404
    cycle = _cycle_of(request, job)
    return render(request, "settle/recomputed.html", {"job": job, "cycle": cycle, "rows": job.result["compared"], "same": all(row["same"] for row in job.result["compared"]), "number": job.result["settlement"]})


ROUTES = [
    Route("cycles/<int:number>/settle/", settle_start, BUREAU, ("POST",)),
    Route("cycles/<int:number>/what-if/", what_if, BUREAU, ("GET", "POST")),
    Route("cycles/job/<int:number>/", job_page, MONEY),
    Route("cycles/job/<int:number>/stop/", job_stop, BUREAU, ("POST",)),
    Route("cycles/job/<int:number>/recomputed/", recomputed, MONEY),
    Route("cycles/settlement/<int:number>/", settlement_page, MONEY),
    Route("cycles/settlement/<int:number>/compare/", compare, MONEY),
    Route("cycles/settlement/<int:number>/export.xlsx", settlement_export, MONEY),
    Route("cycles/settlement/<int:number>/propose/", settlement_propose, BUREAU, ("POST",)),
    Route("cycles/settlement/<int:number>/confirm/", settlement_confirm, HEAD, ("POST",)),
    Route("cycles/settlement/<int:number>/discard/", settlement_discard, BUREAU, ("POST",)),
    Route("cycles/settlement/<int:number>/recompute/", settlement_recompute, MONEY, ("POST",)),
    Route("cycles/line/<int:number>/", line_page, MONEY),
]
