"""Money out: appropriation, payment requests checked by a second person, what finance reports back, recovery. The ledger is the truth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from duixian.ledger.books import Kind, Move, Place
from duixian.values.money import yuan_text
from duixian.web.cases.models import Cycle, Line, Payment, PaymentRequest, SpecialDecision
from duixian.web.language import sentence
from duixian.web.record import book
from duixian.web.record.book import Refused, acting
from duixian.web.registry.models import Seat
from duixian.web.treasury import actions as treasury
from duixian.web.treasury.models import Account

from .handling import tell, tell_all
from .moving import another_person, change, move_line, move_lines, move_special

DEAD = ("returned", "recalled")  # payments that are over without having paid
Owed = Line | SpecialDecision


def appropriate(account: Account, amount_fen: int, seat: Seat, document: str) -> None:
    """Set the year's total, or add to it. Raises Refused without a document."""
    _of_total(account, Kind.APPROPRIATE, amount_fen, seat, document)


def cut(account: Account, amount_fen: int, seat: Seat, document: str) -> None:
    """Take from the year's total what is not bound yet (调减). Raises Refused without a document, or beyond what is left."""
    _of_total(account, Kind.WITHDRAW, amount_fen, seat, document)


def _of_total(account: Account, kind: Kind, amount_fen: int, seat: Seat, document: str) -> None:
    with acting(seat, f"account.{kind.value}", account, reason=document) as page:
        if not document.strip():
            raise Refused("reason_is_given", "要写明预算文号。")
        treasury.post(account, [(Move(kind, amount_fen), f"{kind.value}:{account.pk}:{document.strip()[:80]}")], seat=seat, document=document.strip()[:200])
        page.new = {"amount_fen": amount_fen}


def _account(cycle: Cycle) -> Account:
    return treasury.account_of(cycle.version_of.policy, cycle.year)


def owed(cycle: Cycle) -> list[Owed]:
    """What is committed and in no payment request that is under way: lines, then decisions outside the rules."""
    live = Payment.objects.exclude(state__in=DEAD)
    lines = Line.objects.filter(settlement__cycle=cycle, settlement__state="frozen", state="committed").exclude(pk__in=live.filter(line__isnull=False).values("line"))
    special = SpecialDecision.objects.filter(cycle=cycle, state="committed").exclude(pk__in=live.filter(special__isnull=False).values("special"))
    return [*lines.select_related("party"), *special.select_related("party")]


def amount_of(one: Owed) -> int:
    """What is owed, in 分."""
    return one.payable_fen if isinstance(one, Line) else one.amount_fen


def obstacles(ones: list[Owed]) -> list[str]:
    """Why some cannot be paid yet, in words: a payee that is not known, without an account, or whose account is in another name."""
    payees = {one.party.pk: one.party for one in ones if one.party is not None}
    lacking = sorted(party.name for party in payees.values() if not (party.bank_account and party.bank_name and party.bank_holder))
    differing = sorted(party.name for party in payees.values() if party.bank_holder and party.bank_holder != party.name)
    nobody = sum(one.party is None for one in ones)
    return [words for words in ("没有收款账户：" + "、".join(lacking) if lacking else "", "开户名与单位名称不同：" + "、".join(differing) if differing else "",
                                f"{nobody} 笔不知道付给谁" if nobody else "") if words]  # fmt: skip


def prepare(cycle: Cycle, seat: Seat) -> PaymentRequest:
    """A payment request over everything committed and not yet requested; who lacks bank details is named. Raises Refused."""
    with acting(seat, "request.prepare", cycle) as page:
        list(Cycle.objects.select_for_update(of=("self",)).filter(pk=cycle.pk).values_list("pk"))  # one request after the other
        ones = owed(cycle)
        if not ones:
            raise Refused("something_is_committed", "没有公示结束、等待拨付的金额。")
        if problems := obstacles(ones):
            raise Refused("accounts_are_known", "；".join(problems) + "。请在单位信息里更正后再请款。")
        request = PaymentRequest.objects.create(cycle=cycle, number=f"{cycle.year}-{cycle.pk:03d}-Q{PaymentRequest.objects.filter(cycle=cycle).count() + 1:02d}", by=seat)
        Payment.objects.bulk_create([
            Payment(request=request, line=one if isinstance(one, Line) else None, special=None if isinstance(one, Line) else one, party=one.party,
                    amount_fen=amount_of(one), holder=one.party.bank_holder, bank=one.party.bank_name, bank_account=one.party.bank_account)
            for one in ones
        ], batch_size=300)  # fmt: skip
        page.new = {"request": request.number, "payments": len(ones), "amount_fen": sum(map(amount_of, ones))}
    return request


def _payments(request: PaymentRequest) -> list[Payment]:
    return list(request.payments.select_related("line__application", "special"))


def _move(payments: Sequence[Payment], action: str) -> None:
    """Move what payments pay."""
    move_lines([one.line for one in payments if one.line is not None], action)
    for one in payments:
        if one.special is not None:
            move_special(one.special, action)


def check_and_send(request: PaymentRequest, seat: Seat) -> None:
    """Checked by another person and sent to finance: every payment is requested in the ledger. Raises Refused, Conflict."""
    with acting(seat, "request.send", request) as page:
        another_person(request.by, seat)
        if request.state != "prepared":
            raise Refused("request_is_prepared", "这张请款单已经送出或撤回。")
        change(request, request.version, state="sent", checked_by=seat, checked=timezone.now())
        payments = _payments(request)
        if stale := [one.holder for one in payments if (one.holder, one.bank, one.bank_account) != (one.party.bank_holder, one.party.bank_name, one.party.bank_account)]:
            raise Refused("accounts_are_as_prepared", "编制以后账户有变化：" + "、".join(stale) + "。请撤回这张请款单，重新编制。")
        treasury.post(_account(request.cycle), [(Move(Kind.REQUEST, one.amount_fen, one.owed.item), f"request:payment:{one.pk}") for one in payments], seat=seat, document=request.number)
        _move(payments, "request")
        request.payments.update(state="requested")
        page.new = {"payments": len(payments), "amount_fen": sum(one.amount_fen for one in payments)}


def recall(request: PaymentRequest, seat: Seat, reason: str) -> None:
    """Take a request back before finance has paid any of it."""
    with acting(seat, "request.recall", request, reason=reason) as page:
        if request.state not in ("prepared", "sent") or request.payments.filter(state__in=["paid", "returned"]).exists():
            raise Refused("nothing_is_paid_yet", "已经有款项拨付或退回，不能整单撤回。")
        if not reason.strip():
            raise Refused("reason_is_given", "撤回要写明理由。")
        was = request.state
        change(request, request.version, state="recalled")
        if was == "sent":
            payments = _payments(request)
            treasury.post(_account(request.cycle), [(Move(Kind.RECALL, one.amount_fen, one.owed.item), f"recall:payment:{one.pk}") for one in payments], seat=seat, document=request.number)
            _move(payments, "recall")
        request.payments.update(state="recalled")
        page.new = {"state": "recalled"}


def paid(payment: Payment, seat: Seat, *, reference: str, day: date) -> bool:
    """Finance reports a payment made, with the bank's reference. Told twice the same, it is the same payment: False. Raises Refused."""
    if payment.state == "paid" and payment.reference == reference.strip():
        return False
    with acting(seat, "payment.paid", payment) as page:
        _pay(payment.request, [(payment, reference, day)], seat)
        page.new = {"amount_fen": payment.amount_fen}
    return True


def returned(payment: Payment, seat: Seat, problem: str) -> bool:
    """The bank sent a payment back, or could not make it: committed again, to be requested once the account is mended. Told twice: False."""
    if payment.state == "returned" and payment.problem == problem.strip()[:200]:
        return False
    with acting(seat, "payment.returned", payment, reason=problem) as page:
        was = payment.state
        _send_back(payment.request, [(payment, problem)], seat)
        page.new = {"amount_fen": payment.amount_fen, "was": was}
    return True


def report(request: PaymentRequest, told: list[dict[str, Any]], seat: Seat) -> dict[str, int]:
    """A whole paid-list of finance at once, all or nothing: [{payment, reference, day, problem}]. Returns how many were paid, returned, told before."""
    with acting(seat, "request.report", request) as page:
        by_id = {one.pk: one for one in Payment.objects.filter(request=request).select_related("line__application", "special", "party")}
        pays, backs, before = [], [], 0
        for one in told:
            payment = by_id.get(one["payment"])
            if payment is None:
                raise Refused("payment_is_of_the_request", "清单里有一笔不是这张请款单的。")
            if problem := one.get("problem", "").strip()[:200]:
                before += (known := (payment.state, payment.problem) == ("returned", problem))
                backs += [] if known else [(payment, problem)]
            else:
                before += (known := (payment.state, payment.reference) == ("paid", one["reference"].strip()))
                pays += [] if known else [(payment, one["reference"], one["day"])]
        _pay(request, pays, seat)
        _send_back(request, backs, seat)
        page.new = {"paid": [payment.pk for payment, *_ in pays], "returned": [payment.pk for payment, _ in backs], "amount_fen": sum(payment.amount_fen for payment, *_ in pays)}
    return {"paid": len(pays), "returned": len(backs), "before": before}


def _pay(request: PaymentRequest, pays: list[tuple[Payment, str, date]], seat: Seat) -> None:
    """Write payments made. Raises Refused, Conflict."""
    today = timezone.localdate()
    for payment, reference, day in pays:
        reference = reference.strip()[:80]
        if payment.state != "requested":
            raise Refused("payment_is_requested", f"{payment.holder} 的这一笔不在待拨付状态" + (f"（已按流水号 {payment.reference} 拨付）。" if payment.state == "paid" else "。"))
        if not reference:
            raise Refused("payment_has_a_reference", "填银行流水号或支付令号。")
        if day > today:
            raise Refused("day_is_not_in_the_future", "拨付日期不能晚于今天。")
        if Payment.objects.filter(pk=payment.pk, state="requested").update(state="paid", reference=reference, settled=day) != 1:
            raise book.Conflict
        payment.state, payment.reference = "paid", reference
    moves = [(Move(Kind.PAY, payment.amount_fen, payment.owed.item), f"pay:payment:{payment.pk}") for payment, *_ in pays]
    treasury.post(_account(request.cycle), moves, seat=seat, documents={f"pay:payment:{payment.pk}": payment.reference for payment, *_ in pays})
    _move([payment for payment, *_ in pays], "pay")
    _done(request)
    tell_all("奖补资金已拨付", [(payment.owed.whom or payment.party, sentence(f"{payment.owed.called} {yuan_text(payment.amount_fen)}，{day.isoformat()} 拨付。")) for payment, _, day in pays])


def _send_back(request: PaymentRequest, backs: list[tuple[Payment, str]], seat: Seat) -> None:
    """Write payments that came back. Raises Refused, Conflict."""
    moves, documents, groups = [], {}, {"return": [], "fail": []}
    for payment, problem in backs:
        problem, was = problem.strip()[:200], payment.state
        if was not in ("paid", "requested"):
            raise Refused("payment_is_with_the_bank", "只有待拨付、已拨付的能登记退回。")
        if not problem:
            raise Refused("reason_is_given", "写明退回原因。")
        if Payment.objects.filter(pk=payment.pk, state=was).update(state="returned", problem=problem) != 1:
            raise book.Conflict
        payment.state, payment.problem = "returned", problem
        kind = Kind.RETURN if was == "paid" else Kind.RECALL
        key = f"{kind.value}:payment:{payment.pk}"
        moves.append((Move(kind, payment.amount_fen, payment.owed.item), key))
        documents[key] = problem
        groups["return" if was == "paid" else "fail"].append(payment)
    treasury.post(_account(request.cycle), moves, seat=seat, documents=documents)
    for action, payments in groups.items():
        _move(payments, action)
    _done(request)
    tell_all("银行退回，请核对收款账户", [(payment.owed.whom or payment.party, sentence(f"{payment.owed.called}：{payment.problem}。请更正开户名、开户行、账号。")) for payment, _ in backs])


def _done(request: PaymentRequest) -> None:
    """A request is done once nothing of it waits."""
    if request.state == "sent" and not request.payments.filter(state="requested").exists():
        change(request, request.version, state="done")


def corrected(payment: Payment, seat: Seat) -> None:
    """The account of a payment that came back was mended: what it paid may be requested again. Raises Refused while the account is the same."""
    with acting(seat, "payment.corrected", payment):
        party = payment.party
        party.refresh_from_db()
        if (payment.holder, payment.bank, payment.bank_account) == (party.bank_holder, party.bank_name, party.bank_account):
            raise Refused("account_is_mended", f"{party.name} 的收款账户和被退回时一样。请先在单位信息里更正账户，再转为可请款。")
        _move([payment], "correct")


def recover(one: Owed, amount_fen: int, seat: Seat, reason: str, document: str) -> None:
    """Money taken back (追回) of what was paid, all or part; it is recovered once nothing of it is left paid."""
    with acting(seat, "line.recover", one, reason=reason) as page:
        if not (reason.strip() and document.strip()):
            raise Refused("reason_is_given", "追回要写明事由和缴款凭证。")
        cycle = one.settlement.cycle if isinstance(one, Line) else one.cycle
        account = _account(cycle)
        treasury.post(account, [(Move(Kind.RECOVER, amount_fen, one.item), f"recover:{one.item}:{document.strip()[:80]}")], seat=seat, document=document.strip()[:200])
        if treasury.balances_of(account, one.item)[Place.PAID] == 0:
            if isinstance(one, Line):
                move_line(one, "recover")
            else:
                move_special(one, "recover")
        if one.whom is not None:
            tell(one.whom, "已登记追回", sentence(f"{one.called}：追回 {yuan_text(amount_fen)}。事由：{reason}"))
        page.new = {"amount_fen": amount_fen}
