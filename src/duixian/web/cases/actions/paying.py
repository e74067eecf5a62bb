"""Money out: appropriation, payment requests checked by a second person, what finance reports back, recovery. The ledger is the truth."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from duixian.ledger.books import Kind, Move
from duixian.web.cases.models import Cycle, Line, Payment, PaymentRequest, SpecialDecision
from duixian.web.record.book import Refused, acting
from duixian.web.registry.models import Seat
from duixian.web.treasury import actions as treasury
from duixian.web.treasury.models import Account

from .moving import another_person, change, move_line


def appropriate(account: Account, amount_fen: int, seat: Seat, document: str) -> None:
    """Set the year's total, or add to it. Raises Refused without a document."""
    with acting(seat, "account.appropriate", account, reason=document) as page:
        if not document.strip():
            raise Refused("reason_is_given", "拨入要写明预算文号。")
        treasury.post(account, [(Move(Kind.APPROPRIATE, amount_fen), f"appropriate:{account.pk}:{document.strip()}")], seat=seat, document=document.strip())
        page.new = {"amount_fen": amount_fen}


def _account(cycle: Cycle) -> Account:
    return treasury.account_of(cycle.version_of.policy, cycle.year)


def prepare(cycle: Cycle, seat: Seat) -> PaymentRequest:
    """A payment request over everything committed and not yet requested; who lacks bank details is named. Raises Refused."""
    with acting(seat, "request.prepare", cycle) as page:
        lines = list(Line.objects.filter(settlement__cycle=cycle, state="committed").select_related("party"))
        special = list(SpecialDecision.objects.filter(cycle=cycle, state="committed").select_related("party"))
        if not lines and not special:
            raise Refused("something_is_committed", "没有公示结束、等待拨付的金额。")
        payees = {one.party.pk: one.party for one in [*lines, *special] if one.party is not None}
        lacking = sorted(party.name for party in payees.values() if not (party.bank_account and party.bank_name))
        differing = sorted(party.name for party in payees.values() if party.bank_holder and party.bank_holder != party.name)
        if lacking or differing:
            raise Refused("accounts_are_known", "；".join(filter(None, ["没有收款账户：" + "、".join(lacking) if lacking else "", "开户名与单位名称不同：" + "、".join(differing) if differing else ""])) + "。")
        request = PaymentRequest.objects.create(cycle=cycle, number=f"{cycle.year}-{cycle.pk:03d}-Q{PaymentRequest.objects.filter(cycle=cycle).count() + 1:02d}", by=seat)
        Payment.objects.bulk_create([
            Payment(request=request, line=one if isinstance(one, Line) else None, special=None if isinstance(one, Line) else one, party=one.party,
                    amount_fen=one.payable_fen if isinstance(one, Line) else one.amount_fen, holder=one.party.bank_holder or one.party.name, bank=one.party.bank_name, bank_account=one.party.bank_account)
            for one in [*lines, *special]
        ], batch_size=300)  # fmt: skip
        page.new = {"request": request.number, "payments": len(lines) + len(special)}
    return request


def check_and_send(request: PaymentRequest, seat: Seat) -> None:
    """Checked by another person and sent to finance: every payment is requested in the ledger. Raises Refused, Conflict."""
    with acting(seat, "request.send", request) as page:
        another_person(request.by, seat)
        if request.state != "prepared":
            raise Refused("request_is_prepared", "这张请款单已经送出或撤回。")
        payments = list(request.payments.select_related("line", "special"))
        account = _account(request.cycle)
        treasury.post(account, [(Move(Kind.REQUEST, one.amount_fen, item_of(one)), f"request:payment:{one.pk}") for one in payments], seat=seat, document=request.number)
        for one in payments:
            if one.line is not None:
                move_line(one.line, "request")
        request.payments.update(state="requested")
        change(request, request.version, state="sent", checked_by=seat, checked=timezone.now())
        page.new = {"payments": len(payments), "amount_fen": sum(one.amount_fen for one in payments)}


def item_of(payment: Payment) -> str:
    """The ledger's name of what is paid."""
    return payment.line.item if payment.line is not None else payment.special.item  # type: ignore[union-attr]


def recall(request: PaymentRequest, seat: Seat, reason: str) -> None:
    """Take a request back before finance has paid any of it."""
    with acting(seat, "request.recall", request, reason=reason) as page:
        if request.state not in ("prepared", "sent") or request.payments.filter(state__in=["paid", "returned"]).exists():
            raise Refused("nothing_is_paid_yet", "已经有款项拨付或退回，不能整单撤回。")
        if not reason.strip():
            raise Refused("reason_is_given", "撤回要写明理由。")
        if request.state == "sent":
            payments = list(request.payments.select_related("line", "special"))
            treasury.post(_account(request.cycle), [(Move(Kind.RECALL, one.amount_fen, item_of(one)), f"recall:payment:{one.pk}") for one in payments], seat=seat, document=request.number)
            for one in payments:
                if one.line is not None:
                    move_line(one.line, "recall")
        request.payments.update(state="recalled")
        change(request, request.version, state="recalled")
        page.new = {"state": "recalled"}


def paid(payment: Payment, seat: Seat, *, reference: str, day: date) -> None:
    """Finance reports a payment made, with the bank's reference. Told twice the same, it is the same payment. Raises Refused."""
    with acting(seat, "payment.paid", payment) as page:
        if payment.state == "paid" and payment.reference == reference.strip():
            return
        if payment.state != "requested":
            raise Refused("payment_is_requested", "这一笔不在待拨付状态。")
        if not reference.strip():
            raise Refused("payment_has_a_reference", "填银行流水号或支付令号。")
        treasury.post(_account(payment.request.cycle), [(Move(Kind.PAY, payment.amount_fen, item_of(payment)), f"pay:payment:{payment.pk}")], seat=seat, document=reference.strip())
        if payment.line is not None:
            move_line(payment.line, "pay")
        if Payment.objects.filter(pk=payment.pk, state="requested").update(state="paid", reference=reference.strip(), settled=day) != 1:
            raise Refused("payment_is_requested", "这一笔不在待拨付状态。")
        payment.state = "paid"
        if not payment.request.payments.filter(state="requested").exists():
            change(payment.request, payment.request.version, state="done")
        page.new = {"amount_fen": payment.amount_fen}


def returned(payment: Payment, seat: Seat, problem: str) -> None:
    """The bank sent a payment back: committed again, to be requested once the account is mended."""
    with acting(seat, "payment.returned", payment, reason=problem) as page:
        if payment.state != "paid":
            raise Refused("payment_is_paid", "只有已拨付的能登记退回。")
        if not problem.strip():
            raise Refused("reason_is_given", "写明退回原因。")
        treasury.post(_account(payment.request.cycle), [(Move(Kind.RETURN, payment.amount_fen, item_of(payment)), f"return:payment:{payment.pk}")], seat=seat, document=problem[:200])
        if payment.line is not None:
            move_line(payment.line, "return")
        Payment.objects.filter(pk=payment.pk).update(state="returned", problem=problem[:200])
        payment.state = "returned"
        page.new = {"amount_fen": payment.amount_fen}


def corrected(line: Line, seat: Seat) -> None:
    """The account was mended: the line may be requested again."""
    with acting(seat, "line.corrected", line):
        move_line(line, "correct")


def recover(line: Line, amount_fen: int, seat: Seat, reason: str, document: str) -> None:
    """Money taken back (追回) of a paid line, all or part; the line is recovered once nothing of it is left paid."""
    from duixian.ledger.books import Place

    with acting(seat, "line.recover", line, reason=reason) as page:
        if not (reason.strip() and document.strip()):
            raise Refused("reason_is_given", "追回要写明事由和缴款凭证。")
        account = _account(line.settlement.cycle)
        treasury.post(account, [(Move(Kind.RECOVER, amount_fen, line.item), f"recover:{line.item}:{document.strip()}")], seat=seat, document=document.strip())
        if treasury.balances_of(account, line.item)[Place.PAID] == 0:
            move_line(line, "recover")
        page.new = {"amount_fen": amount_fen}
