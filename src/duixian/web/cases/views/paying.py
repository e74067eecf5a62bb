"""Payment requests: prepared by one, checked by another, printed for finance, told paid or sent back singly or by a workbook."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from duixian.values.capitals import in_words
from duixian.web.cases import paid_list, queries, queries_cycles, queries_money
from duixian.web.cases.actions import paying
from duixian.web.cases.forms_cycles import PaidForm
from duixian.web.cases.models import Payment
from duixian.web.cases.sheets import masked, purpose, request_book
from duixian.web.cases.states import PAYMENT
from duixian.web.registry.models import Role
from duixian.web.seats import BUREAU, Route

from .doing import FAILED, do, page_of, version_in, workbook
from .settle import MONEY

FINANCE = frozenset({Role.FINANCE})


def requests(request: HttpRequest) -> HttpResponse:
    """Every payment request."""
    state = request.GET.get("state", "")
    rows = queries_money.requests()
    if request.seat.role == Role.FINANCE:
        rows = rows.exclude(state="prepared")
    if state in ("prepared", "sent", "done", "recalled"):
        rows = rows.filter(state=state)
    return render(request, "money/requests.html", {"page": page_of(request, rows, 30), "state": state})


def request_new(request: HttpRequest, number: int) -> HttpResponse:
    """What a request would hold and what stands in its way; then prepare it."""
    cycle = queries.cycle(request.seat, number)
    if request.method == "POST":
        found = do(request, paying.prepare, cycle, request.seat, done=_("请款单编好了，要由另一个人复核后送财政。"))
        if found is not FAILED:
            return redirect("request_page", found.number)
    ones = paying.owed(cycle)
    rows = [(one, paying.amount_of(one), hasattr(one, "award")) for one in ones]
    return render(request, "money/request_new.html", {"cycle": cycle, "rows": rows, "total": sum(amount for _one, amount, _line in rows), "obstacles": paying.obstacles(ones)})


def request_page(request: HttpRequest, number: str) -> HttpResponse:
    """One request with its payments, searched, by state, a page at a time; accounts are masked."""
    found = queries_money.request(number)
    role, user = request.seat.role, request.seat.user_id
    sums = queries_money.payment_sums(found)
    total = sum(fen for _n, fen in sums.values())
    q, state = request.GET.get("q", "").strip()[:60], request.GET.get("state", "")
    page = page_of(request, queries_money.payments(found, q=q, state=state))
    return render(request, "money/request.html", {
        "one": found, "cycle": found.cycle, "total": total, "words": in_words(total), "page": page, "rows": [(one, purpose(one), masked(one.bank_account)) for one in page],
        "q": q, "chosen": state, "tallies": [(key, PAYMENT[key].inside, *sums[key]) for key in PAYMENT if key in sums], "count": sum(n for n, _fen in sums.values()), "query": request.GET.urlencode(),
        "at_bureau": role in BUREAU, "finance": role == Role.FINANCE, "own": found.by.user_id == user, "untouched": not ({"paid", "returned"} & set(sums)), "today": timezone.localdate(),
        "money": queries_cycles.money_of(found.cycle),
    })  # fmt: skip


def request_send(request: HttpRequest, number: str) -> HttpResponse:
    """Checked by a second person, sent to finance."""
    found = queries_money.request(number)
    if found.version != version_in(request):
        messages.error(request, _("另一位同事刚刚办理了这张请款单。请看现在的内容。"))
    else:
        do(request, paying.check_and_send, found, request.seat, done=_("已复核并送财政。"))
    return redirect("request_page", number)


def request_recall(request: HttpRequest, number: str) -> HttpResponse:
    """Take a request back."""
    found = queries_money.request(number)
    do(request, paying.recall, found, request.seat, request.POST.get("reason", "")[:300], done=_("已撤回，可以重新编制。"))
    return redirect("request_page", number)


def request_print(request: HttpRequest, number: str) -> HttpResponse:
    """The payment order to be printed, with full account numbers; signed as a read."""
    found = queries_money.request(number)
    queries_money.reveal(request.seat, found)
    payments = list(queries_money.payments(found))
    total = sum(one.amount_fen for one in payments)
    return render(request, "money/order.html", {"one": found, "rows": [(one, purpose(one), in_words(one.amount_fen)) for one in payments], "total": total, "words": in_words(total)})


def request_export(request: HttpRequest, number: str) -> HttpResponse:
    """The request as a workbook for finance, with full account numbers; signed as a read."""
    found = queries_money.request(number)
    queries_money.reveal(request.seat, found)
    return workbook(f"请款单{found.number}.xlsx", request_book(found, accounts=True))


def payment_paid(request: HttpRequest, number: int) -> HttpResponse:
    """Finance tells that one payment was made."""
    found = queries_money.payment(number)
    form = PaidForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("%s：写流水号和拨付日期。") % found.party.name)
    elif do(request, paying.paid, found, request.seat, reference=form.cleaned_data["reference"], day=form.cleaned_data["day"]) is not FAILED:
        messages.success(request, _("%s 已登记拨付。") % found.party.name)
    return _back(request, found)


def _back(request: HttpRequest, payment: Payment) -> HttpResponse:
    """To the payment on the list as it was narrowed."""
    query = request.GET.urlencode()
    return redirect(reverse("request_page", args=[payment.request.number]) + (f"?{query}" if query else "") + f"#payment-{payment.pk}")


def payment_returned(request: HttpRequest, number: int) -> HttpResponse:
    """Finance tells that one payment came back."""
    found = queries_money.payment(number)
    if do(request, paying.returned, found, request.seat, request.POST.get("problem", "")) is not FAILED:
        messages.success(request, _("%s 已登记退回：账户更正后可以重新请款。") % found.party.name)
    return _back(request, found)


def payment_corrected(request: HttpRequest, number: int) -> HttpResponse:
    """The account of a payment that came back was mended."""
    found = queries_money.payment(number)
    do(request, paying.corrected, found, request.seat, done=_("已转为可请款，下一张请款单会带上它。"))
    return _back(request, found)


def paid_list_upload(request: HttpRequest, number: str) -> HttpResponse:
    """Finance's workbook back: checked as a whole, shown, then taken as a whole."""
    found = queries_money.request(number)
    if request.POST.get("how") == "confirm":
        told = request.session.pop(f"paid-list:{found.pk}", None)
        if told is None:
            messages.error(request, _("核对过的清单不在了（可能已经登记过）。请重新上传。"))
            return redirect("request_page", number)
        rows = [one | {"day": date.fromisoformat(one["day"])} if "day" in one else one for one in told]
        done = do(request, paying.report, found, rows, request.seat)
        if done is not FAILED:
            messages.success(request, _("登记完成：拨付 %(paid)d 笔，退回 %(returned)d 笔，此前已登记 %(before)d 笔。") % done)
        return redirect("request_page", number)
    file = request.FILES.get("file")
    if file is None or file.size > paid_list.MOST_BYTES:
        messages.error(request, _("先选一个 5 MB 以内的 xlsx 文件。"))
        return redirect("request_page", number)
    read: Any = paid_list.read(file.read(), file.name[:80], found, timezone.localdate())
    if read.wrong or not read.told:
        request.session.pop(f"paid-list:{found.pk}", None)
    else:
        request.session[f"paid-list:{found.pk}"] = read.told
    return render(request, "money/paid_list.html", {"one": found, "cycle": found.cycle, "read": read, "name": file.name[:80]})


ROUTES = [
    Route("requests/", requests, MONEY),
    Route("cycles/<int:number>/request/", request_new, BUREAU, ("GET", "POST")),
    Route("requests/<str:number>/", request_page, MONEY),
    Route("requests/<str:number>/send/", request_send, BUREAU, ("POST",)),
    Route("requests/<str:number>/recall/", request_recall, BUREAU, ("POST",)),
    Route("requests/<str:number>/order/", request_print, BUREAU | FINANCE, ("POST",)),
    Route("requests/<str:number>/finance.xlsx", request_export, BUREAU | FINANCE, ("POST",)),
    Route("requests/<str:number>/paid-list/", paid_list_upload, FINANCE, ("POST",)),
    Route("requests/payment/<int:number>/paid/", payment_paid, FINANCE, ("POST",)),
    Route("requests/payment/<int:number>/returned/", payment_returned, FINANCE, ("POST",)),
    Route("requests/payment/<int:number>/corrected/", payment_corrected, BUREAU, ("POST",)),
]
