"""Decisions outside the rules (一事一议, 党组会决定): reasoned, signed by two, never shown as a rule's result."""

from __future__ import annotations

from django.utils import timezone

from duixian.ledger.books import Kind, Move
from duixian.values.money import yuan_text
from duixian.web.cases.models import Cycle, SpecialDecision
from duixian.web.language import sentence
from duixian.web.record.book import Refused, acting
from duixian.web.registry.models import Party, Role, Seat
from duixian.web.treasury import actions as treasury

from .handling import tell
from .moving import another_person, move_special


def propose_special(cycle: Cycle, party: Party, seat: Seat, *, clause: str, subject: str, amount_fen: int, reason: str, document: str) -> SpecialDecision:
    """Put a decision outside the rules before a second person. Raises Refused."""
    with acting(seat, "special.propose", cycle, reason=reason) as page:
        if not (reason.strip() and document.strip() and subject.strip()):
            raise Refused("reason_is_given", "规则之外的决定要写明事项、理由和会议纪要。")
        if amount_fen <= 0:
            raise Refused("amount_is_positive", "金额必须大于零。")
        if cycle.state in ("preparing", "finished"):
            raise Refused("cycle_is_running", "批次还没有开始或已经办结，不能再作决定。")
        _not_theirs(party, seat)
        list(Cycle.objects.select_for_update(of=("self",)).filter(pk=cycle.pk).values_list("pk"))
        if cycle.special.filter(party=party, subject=subject.strip(), amount_fen=amount_fen, state="proposed").exists():
            raise Refused("proposed_once", f"同样的一项（{party.name}，{subject.strip()}）已经提出，等负责人确认。")
        found = SpecialDecision.objects.create(
            cycle=cycle, party=party, clause=clause.strip(), subject=subject.strip(), amount_fen=amount_fen, reason=reason.strip(), document=document.strip(), by=seat
        )
        page.new = {"special": found.pk, "amount_fen": amount_fen}
    return found


def _not_theirs(party: Party, seat: Seat) -> None:
    if Seat.objects.filter(user=seat.user_id, party=party).exists():
        raise Refused("nobody_decides_their_own_case", "您是（或曾是）这家单位的人，不能办理。")


def confirm_special(special: SpecialDecision, seat: Seat) -> None:
    """Confirmed by another person: reserved within the total; committed once its notice has ended, as a line is. Raises Refused, Conflict."""
    with acting(seat, "special.confirm", special) as page:
        if seat.role != Role.HEAD:
            raise Refused("head_decides", "要由负责人确认。")
        another_person(special.by, seat)
        _not_theirs(special.party, seat)
        if special.cycle.version_of.draft:
            raise Refused("policy_is_not_a_draft", "政策还是征求意见稿，不能支付。")
        if special.cycle.state == "finished":
            raise Refused("cycle_is_running", "批次已经办结。")
        move_special(special, "confirm", confirmed_by=seat, confirmed=timezone.now())
        account = treasury.account_of(special.cycle.version_of.policy, special.cycle.year)
        treasury.post(account, [(Move(Kind.RESERVE, special.amount_fen, special.item), f"reserve:{special.item}")], seat=seat, document=special.document)
        tell(special.party, "金额已核定", sentence(f"{special.subject}：核定 {yuan_text(special.amount_fen)}，接下来公示。"))
        page.new = {"amount_fen": special.amount_fen}


def refuse_special(special: SpecialDecision, seat: Seat, reason: str) -> None:
    """Not agreed to: by another person with a reason, or taken back by whoever proposed it."""
    with acting(seat, "special.refuse", special, reason=reason):
        if not reason.strip():
            raise Refused("reason_is_given", "写明不同意的理由。")
        if seat.role != Role.HEAD and seat.user_id != special.by.user_id:
            raise Refused("head_decides", "要由负责人决定，或由提出的人撤回。")
        move_special(special, "refuse")


