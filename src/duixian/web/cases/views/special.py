"""Decisions outside the rules (一事一议): proposed with reasons by one, confirmed by another, shown apart from what rules gave."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from duixian.web.cases import queries, queries_cycles
from duixian.web.cases.actions import noticing, special
from duixian.web.cases.forms_cycles import SpecialForm
from duixian.web.registry.models import Role
from duixian.web.seats import BUREAU, Route

from .doing import FAILED, do
from .settle import HEAD, MONEY


def special_list(request: HttpRequest, number: int) -> HttpResponse:
    """All of a cycle, and the form to propose another."""
    cycle = queries.cycle(request.seat, number)
    form = SpecialForm(request.POST or None)
    bureau = request.seat.role in BUREAU
    if request.method == "POST" and bureau and form.is_valid():
        given: dict[str, Any] = dict(form.cleaned_data)
        party = queries_cycles.party_called(given.pop("party"))
        if party is None:
            form.add_error("party", _("没有这个单位。写信用代码，或登记的完整名称。"))
        elif do(request, special.propose_special, cycle, party, request.seat, done=_("已提出，等负责人确认。"), **given) is not FAILED:
            return redirect("special_list", cycle.pk)
    return render(request, "settle/special.html", {
        "cycle": cycle, "rows": queries_cycles.special(cycle), "form": form, "at_bureau": bureau, "head": request.seat.role == Role.HEAD, "money": queries_cycles.money_of(cycle), "to_publish": bureau and noticing.supplements(cycle),
    })  # fmt: skip


def special_confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Agreed to by a second person."""
    found = queries_cycles.special_by_number(number)
    do(request, special.confirm_special, found, request.seat, done=_("已确认，并在年度总额里预留；公示期满没有异议，才能拨付。"))
    return redirect("special_list", found.cycle_id)


def special_refuse(request: HttpRequest, number: int) -> HttpResponse:
    """Not agreed to."""
    found = queries_cycles.special_by_number(number)
    do(request, special.refuse_special, found, request.seat, request.POST.get("reason", ""), done=_("已记下不同意。"))
    return redirect("special_list", found.cycle_id)


ROUTES = [
    Route("cycles/<int:number>/special/", special_list, MONEY, ("GET", "POST")),
    Route("cycles/special/<int:number>/confirm/", special_confirm, HEAD, ("POST",)),
    Route("cycles/special/<int:number>/refuse/", special_refuse, BUREAU, ("POST",)),
]
