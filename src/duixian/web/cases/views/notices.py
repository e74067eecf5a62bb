"""Public notices: publishing with a preview, the page everybody may read, objections and their answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from duixian.web.cases import queries, queries_cycles, queries_money
from duixian.web.cases.actions import noticing
from duixian.web.cases.deadlines import last_day_of_notice, left
from duixian.web.cases.forms_cycles import ObjectionForm
from duixian.web.cases.models import Line, Notice, SpecialDecision
from duixian.web.cases.sheets import notice_book
from duixian.web.cases.states import LINE, SPECIAL, Words
from duixian.web.record import throttle
from duixian.web.record.book import Refused
from duixian.web.registry.models import Role
from duixian.web.seats import BUREAU, PUBLIC, Route

from .doing import FAILED, do, page_of, workbook
from .settle import MONEY

MOST_AN_HOUR, MOST_OF_ALL_AN_HOUR = 5, 60  # objections from one address, to one notice


def notices(request: HttpRequest) -> HttpResponse:
    """Every notice, for everybody."""
    return render(request, "notices/list.html", {"page": page_of(request, queries_money.notices(), 30)})


def notice(request: HttpRequest, number: int) -> HttpResponse:
    """One notice: names, clauses, amounts, the clock of working days, the hash."""
    found = queries_money.notice(number)
    now = queries_money.states_of(found)
    q = request.GET.get("q", "").strip()[:60]
    lines, outside = [row for row in found.rows if "line" in row], [row for row in found.rows if "special" in row]
    rows = [(place, row, _marked(LINE, now["line", row["line"]])) for place, row in enumerate(lines, 1) if _asked(q, row, "award")]
    special = [(place, row, _marked(SPECIAL, now["special", row["special"]])) for place, row in enumerate(outside, 1) if _asked(q, row, "subject")]
    gone = [row["amount_fen"] for row in lines if now["line", row["line"]] == "dropped"]
    running = found.state == "published" and timezone.localdate() <= found.last_day
    return render(request, "notices/notice.html", {
        "notice": found, "page": page_of(request, rows, 200), "q": q, "count": len(lines), "total": sum(row["amount_fen"] for row in lines), "special": special, "gone": len(gone), "gone_fen": sum(gone),
        "outside": len(outside), "outside_fen": sum(row["amount_fen"] for row in outside), "waiting": _waiting(found, running), "running": running, "left": left(found.last_day) if running else 0,
        "as_published": noticing.digest_of(found.rows) == found.digest, "staff": request.seat is not None and request.seat.role in MONEY, "at_bureau": request.seat is not None and request.seat.role in BUREAU,
    })  # fmt: skip


def _marked(table: dict[str, Words], state: str) -> Words | None:
    """What a published row is marked with: that it is in doubt or no longer stands. How a payment fares is between the bank and the firm."""
    return table[state] if state in ("suspended", "dropped", "recovered") else None


def _asked(q: str, row: dict[str, Any], what: str) -> bool:
    """Whether a row is what was looked for."""
    return not q or any(q in row[name] for name in ("name", "division", what))


def _waiting(found: Notice, running: bool) -> int:
    """Objections that keep a notice open that has run out."""
    return 0 if running or found.state != "published" else found.objections.filter(state="open").count()


def notice_export(request: HttpRequest, number: int) -> HttpResponse:
    """The notice as a workbook."""
    found = queries_money.notice(number)
    return workbook(f"{found.title}.xlsx", notice_book(found))


def object_to(request: HttpRequest, number: int) -> HttpResponse:
    """An objection from anybody, with a real name."""
    found = queries_money.notice(number)
    form = ObjectionForm(request.POST or None, rows=found.rows, initial={"line": request.GET.get("line", "")})
    staff = request.seat if request.seat is not None and request.seat.role in BUREAU else None  # enters what came by letter or at the counter
    running = found.state == "published" and (timezone.localdate() <= found.last_day or staff is not None)
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = dict(form.cleaned_data)
        chosen = given.pop("line")
        if given.pop("website"):
            raise Http404
        if staff is None and (until := _too_many(request, found.pk)):
            messages.error(request, _("提交得太频繁。请 %s 以后再试，或直接联系公示单位。") % throttle.when(until))
        else:
            kept = do(request, noticing.object_to, found, _row(chosen), seat=staff, **given)
            if kept is not FAILED:
                messages.success(request, _("收到了，编号 %d。公示单位核实后会按您留的联系方式答复；这一笔在答复前不拨付。") % kept.pk)
                return redirect("notice", found.pk)
    return render(request, "notices/object.html", {"notice": found, "form": form, "running": running, "staff": staff})


def _row(chosen: str) -> Line | SpecialDecision | None:
    """What an objection is to: a line, a decision outside the rules (`s12`), or the whole list."""
    if not chosen:
        return None
    return queries_cycles.special_by_number(int(chosen[1:])) if chosen.startswith("s") else queries_cycles.line(int(chosen))


def _too_many(request: HttpRequest, number: int) -> datetime | None:
    """Whether objections come too fast from one address or to one notice: until when none is taken. Those refused do not use up what the notice takes."""
    hour = timedelta(hours=1)
    return throttle.over(f"objections:{number}", throttle.address_of(request), MOST_AN_HOUR, hour) or throttle.over(f"objections:{number}", "", MOST_OF_ALL_AN_HOUR, hour)


def notice_new(request: HttpRequest, number: int) -> HttpResponse:
    """Preview what will be published, then publish."""
    cycle = queries.cycle(request.seat, number)
    later = noticing.supplements(cycle)
    lines, special = [] if later else queries_money.to_publish(cycle), later or noticing.confirmed(cycle)
    title = request.POST.get("title", "").strip()[:200] or noticing.title_of(cycle)
    if request.method == "POST":
        found = do(request, noticing.publish, cycle, request.seat, title, done=_("已公示。公示期满、异议都答复以后，转为可拨付。"))
        if found is not FAILED:
            return redirect("notice", found.pk)
    today, last, problem = timezone.localdate(), None, ""
    try:
        last = last_day_of_notice(today, cycle.notice_days)
    except Refused as refusal:
        problem = refusal.text
    rows, outside = noticing.rows_of(lines), noticing.special_rows(special)
    may = bool(rows or outside) and (cycle.state == "decided" or bool(later))
    return render(request, "notices/new.html", {"cycle": cycle, "rows": rows, "outside": outside, "outside_fen": sum(row["amount_fen"] for row in outside), "may": may, "total": sum(row["amount_fen"] for row in rows), "title": title, "first": today, "last": last, "problem": problem})


def objections(request: HttpRequest, number: int) -> HttpResponse:
    """Objections to a notice and their answers; the button that ends it."""
    found = queries_money.notice(number)
    queries.cycle(request.seat, found.cycle_id)
    over = timezone.localdate() > found.last_day
    rows = queries_money.objections(found)
    return render(request, "notices/objections.html", {
        "notice": found, "cycle": found.cycle, "rows": rows, "over": over, "open": sum(one.state == "open" for one in rows), "at_bureau": request.seat.role in BUREAU,
        "shown": request.session.pop("shown objection", None),
    })  # fmt: skip


def objection_contact(request: HttpRequest, number: int) -> HttpResponse:
    """Show who objects and how to reach them, once; signed as a read."""
    found = queries_money.objection(number)
    queries_money.reveal_objection(request.seat, found)
    request.session["shown objection"] = found.pk
    return redirect("objections", found.notice_id)


def objection_answer(request: HttpRequest, number: int) -> HttpResponse:
    """Answer an objection: upheld or not."""
    found = queries_money.objection(number)
    verdict = request.POST.get("verdict")
    if verdict not in ("upheld", "dismissed"):
        messages.error(request, _("选成立还是不成立。"))
    else:
        do(request, noticing.answer, found, request.seat, upheld=verdict == "upheld", text=request.POST.get("text", "").strip()[:4000], done=_("已答复。"))
    return redirect("objections", found.notice_id)


def notice_finish(request: HttpRequest, number: int) -> HttpResponse:
    """End a notice after its last day."""
    found = queries_money.notice(number)
    count = do(request, noticing.finish, found, request.seat)
    if count is not FAILED:
        messages.success(request, _("公示结束：%d 笔没有异议，已转为可拨付。接下来编制请款单。") % count)
        return redirect("cycle_page", found.cycle_id)
    return redirect("objections", found.pk)


ROUTES = [
    Route("notices/", notices, PUBLIC),
    Route("notices/<int:number>/", notice, PUBLIC),
    Route("notices/<int:number>/list.xlsx", notice_export, PUBLIC),
    Route("notices/<int:number>/object/", object_to, PUBLIC, ("GET", "POST")),
    Route("cycles/<int:number>/publish/", notice_new, BUREAU, ("GET", "POST")),
    Route("notices/<int:number>/objections/", objections, frozenset({Role.OFFICER, Role.HEAD, Role.AUDITOR})),
    Route("notices/objection/<int:number>/contact/", objection_contact, BUREAU, ("POST",)),
    Route("notices/objection/<int:number>/answer/", objection_answer, BUREAU, ("POST",)),
    Route("notices/<int:number>/finish/", notice_finish, BUREAU, ("POST",)),
]
