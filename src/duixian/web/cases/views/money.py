"""The year's total: accounts, the ledger, reconciliation month by month, appropriation, recovery."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from duixian.ledger.books import LABELS, PLACES, Kind, Place
from duixian.web.cases import queries, queries_cycles, queries_money
from duixian.web.cases.actions import paying
from duixian.web.cases.forms_cycles import RecoverForm, TotalForm
from duixian.web.cases.sheets import ledger_book
from duixian.web.registry.models import Role
from duixian.web.seats import Route
from duixian.web.treasury import actions as treasury

from .cycles import money_picture, total_bar
from .doing import FAILED, do, page_of, workbook
from .settle import MONEY

KEEPERS = frozenset({Role.HEAD, Role.FINANCE})  # who may set the year's total
BACK = frozenset({Role.OFFICER, Role.HEAD, Role.FINANCE})


def accounts(request: HttpRequest) -> HttpResponse:
    """Every account with its bar."""
    rows = [(one, total_bar(one["money"])) for one in queries_money.accounts()]
    return render(request, "money/accounts.html", {"rows": rows})


def account_of_cycle(request: HttpRequest, number: int) -> HttpResponse:
    """The account of a cycle's policy and year; before money is there, the list of accounts says so."""
    cycle = queries.cycle(request.seat, number)
    found = queries_money.account_for(cycle)
    if found is None:
        return render(request, "money/none.html", {"cycle": cycle, "form": TotalForm(), "may": request.seat.role in KEEPERS})
    return redirect("account", found.pk)


def account_start(request: HttpRequest, number: int) -> HttpResponse:
    """The first appropriation of a cycle's account."""
    cycle = queries.cycle(request.seat, number)
    form = TotalForm(request.POST)
    if not form.is_valid():
        return render(request, "money/none.html", {"cycle": cycle, "form": form, "may": True})
    owner = treasury.account_of(cycle.version_of.policy, cycle.year)
    do(request, paying.appropriate, owner, form.cleaned_data["amount_fen"], request.seat, form.cleaned_data["document"], done=_("已拨入。"))
    return redirect("account", owner.pk)


def account(request: HttpRequest, number: int) -> HttpResponse:
    """One account: bar, balances, what is in each place, the ledger with filters."""
    owner = queries_money.account(number)
    asked = {name: request.GET.get(name, "").strip()[:60] for name in ("kind", "q", "month", "item")}
    form = TotalForm(request.POST or None)
    if request.method == "POST":
        if request.seat.role not in KEEPERS:
            raise Http404
        if form.is_valid():
            action = paying.appropriate if form.cleaned_data["kind"] == "appropriate" else paying.cut
            if do(request, action, owner, form.cleaned_data["amount_fen"], request.seat, form.cleaned_data["document"], done=_("记好了。同一文号再记一次不会重复。")) is not FAILED:
                return redirect("account", owner.pk)
    page = page_of(request, queries_money.transfers(owner, **asked))
    names = queries_money.names_of({one.item for one in page if one.item})
    places = treasury.balances_of(owner)
    money = treasury.standing(owner)
    return render(request, "money/account.html", {
        "account": owner, "title": queries_money.title_of(owner), "money": money, "bar": total_bar(money), "picture": money_picture(money), "page": page,
        "rows": [(one, _(LABELS[Kind(one.kind)]), names.get(one.item, "")) for one in page], "places": [(_(label), places[place]) for place, label in PLACES.items()], "asked": asked,
        "kinds": [(kind.value, _(LABELS[kind])) for kind in Kind], "form": form, "may": request.seat.role in KEEPERS,
    })  # fmt: skip


def account_months(request: HttpRequest, number: int) -> HttpResponse:
    """The reconciliation sheet, month by month."""
    owner = queries_money.account(number)
    rows = [(row["month"], [row["moves"].get(kind.value, 0) for kind in Kind], [row["closing"][place] for place in PLACES], -row["closing"][Place.OUTSIDE]) for row in queries_money.months(owner)]
    return render(request, "money/months.html", {"account": owner, "title": queries_money.title_of(owner), "rows": rows, "kinds": [_(LABELS[kind]) for kind in Kind], "places": [_(label) for label in PLACES.values()]})


def account_export(request: HttpRequest, number: int) -> HttpResponse:
    """The ledger and the months as a workbook."""
    owner = queries_money.account(number)
    rows = list(queries_money.transfers(owner).order_by("id"))
    title = _("%(policy)s %(year)s年度账") % {"policy": queries_money.title_of(owner), "year": owner.year}
    return workbook(f"{title}.xlsx", ledger_book(title, rows, queries_money.months(owner), queries_money.names_of({one.item for one in rows if one.item})))


def item_page(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """What is paid to whom, all its moves, and taking it back."""
    if kind not in ("line", "special"):
        raise Http404
    owed = queries_cycles.line(number) if kind == "line" else queries_cycles.special_by_number(number)
    cycle = queries.cycle(request.seat, owed.settlement.cycle_id if kind == "line" else owed.cycle_id)
    owner = queries_money.account_for(cycle)
    if owner is None:
        raise Http404
    form = RecoverForm(request.POST or None)
    if request.method == "POST":
        if request.seat.role not in BACK:
            raise Http404
        if form.is_valid() and do(request, paying.recover, owed, form.cleaned_data["amount_fen"], request.seat, form.cleaned_data["reason"], form.cleaned_data["document"], done=_("追回已入账。")) is not FAILED:
            return redirect("item_page", kind, number)
    places = treasury.balances_of(owner, owed.item)
    rows = [(one, _(LABELS[Kind(one.kind)])) for one in queries_money.transfers(owner, item=owed.item).order_by("id")]
    if not rows:
        messages.info(request, _("这一笔还没有动过账。"))
    return render(request, "money/item.html", {
        "owed": owed, "kind": kind, "cycle": cycle, "account": owner, "title": queries_money.title_of(owner), "rows": rows, "places": [(_(label), places[place]) for place, label in PLACES.items() if place is not Place.AVAILABLE], "form": form,
        "may": request.seat.role in BACK and places[Place.PAID] > 0, "amount": paying.amount_of(owed), "payments": queries_money.payments_of(owed),
    })  # fmt: skip


ROUTES = [
    Route("accounts/", accounts, MONEY),
    Route("cycles/<int:number>/account/", account_of_cycle, MONEY),
    Route("cycles/<int:number>/account/start/", account_start, KEEPERS, ("POST",)),
    Route("accounts/<int:number>/", account, MONEY, ("GET", "POST")),
    Route("accounts/<int:number>/months/", account_months, MONEY),
    Route("accounts/<int:number>/ledger.xlsx", account_export, MONEY),
    Route("accounts/<str:kind>/<int:number>/", item_page, MONEY, ("GET", "POST")),
]
