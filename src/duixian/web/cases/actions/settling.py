"""Settling a cycle: the rules through the public door over every reviewed case; a trial, proposed by one, confirmed by another, then frozen with all it was made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from duixian.ledger.books import Kind, Move
from duixian.values.labels import outcome_text
from duixian.web.cases.models import Application, Claim, Cycle, Line, Settlement
from duixian.web.cases.policies import programme_of, readings_of, standards_of
from duixian.web.record.book import Refused, acting
from duixian.web.registry.facts import earlier_of, facts_of
from duixian.web.registry.models import Party, Seat, Thing
from duixian.web.treasury import actions as treasury

from .moving import another_person, change, move, move_cycle, move_line

Say = Callable[[str, int, int], None]
READY = ("reviewed", "decided")


def inputs_of(cycle: Cycle, *, states: tuple[str, ...] = READY) -> tuple[Any, list[Any], dict[tuple[str, str], Claim]]:
    """What a settlement of a cycle is made from: facts, earlier payments, and the claims by (award, object key)."""
    claims = list(Claim.objects.filter(cycle=cycle, live=True, application__state__in=states).select_related("thing", "application__party"))
    facts = facts_of(Thing.objects.all(), listed=kinds_listed(cycle))
    facts.applied = {(one.award, one.thing.key) for one in claims}
    for one in claims:
        facts.claims.setdefault((one.award, one.thing.key), {}).setdefault(("申报日期", None), timezone.localdate(one.application.submitted))
    return facts, [*earlier_of(cycle.version_of.policy), *paid_here(cycle)], {(one.award, one.thing.key): one for one in claims}


def kinds_listed(cycle: Cycle) -> set[str]:
    """Object types whose list is complete: every child type, since what an applicant did not list it did not apply with."""
    vocabulary = programme_of(cycle.version_of).policy.vocabulary
    return {name for name, kind in vocabulary.objects.items() if kind.parent} | {"其他政策已付"}


def paid_here(cycle: Cycle) -> list[Any]:
    """What earlier cycles of the same policy settled and paid through this system."""
    from duixian.values.facts import Paid

    rows = Line.objects.filter(settlement__state="frozen", settlement__cycle__version_of__policy=cycle.version_of.policy, state__in=["committed", "requested", "paid"])
    return [Paid(row.award, row.settlement.cycle.year, row.object_key, row.payable_fen, recipient=row.party.code if row.party else "", tier=row.tier, standard_fen=row.nominal_fen)
            for row in rows.exclude(settlement__cycle=cycle).select_related("party", "settlement__cycle")]  # fmt: skip


def settle(cycle: Cycle, seat: Seat, *, say: Say, standards: str | None = None, readings: dict[str, str] | None = None, job: Any = None) -> Settlement:
    """A trial settlement of a cycle. standards, readings: a what-if in place of the cycle's own. Raises Defects where the rules cannot be applied, Refused."""
    say("读取申报和事实", 0, 4)
    programme = programme_of(cycle.version_of)
    facts, earlier, claims = inputs_of(cycle)
    if not claims:
        raise Refused("something_is_ready", "还没有审核完成的申报，没有可核算的。")
    chosen = readings_of(cycle) | (readings or {})
    say("两个引擎各算一遍", 1, 4)
    result = programme.settle(cycle.year, facts, history=earlier, standards=standards_of(cycle, standards), readings=chosen)
    say("写出每一笔的说明", 2, 4)
    explained = result.explanations()
    parties = dict(Party.objects.values_list("code", "pk"))
    rows = []
    for line in result.lines:
        claim, one = line.claim, claims.get((line.claim.award, line.claim.key))
        if claim.kind != "奖补" and one is None or one is None:
            continue
        rows.append(Line(
            claim=one, application=one.application, award=claim.award, clause=claim.clause, object_kind=one.thing.kind, object_key=claim.key,
            party_id=parties.get(claim.recipient, one.application.party_id), outcome=outcome_text(line.outcome), payable_fen=line.payable_fen,
            amounts=[[stage, None if amount is None else int(amount), line.reasons.get(stage, "")] for stage, amount in line.amounts.items()],
            explanation="\n".join(explained.get((claim.award, claim.key), [])), missing=[item.text for item in sorted(line.missing)], tier=claim.tier, nominal_fen=line.nominal_fen,
        ))  # fmt: skip
    say("存下结果", 3, 4)
    with acting(seat, "settlement.try", cycle) as page:
        found = Settlement.objects.create(
            cycle=cycle, standards=cycle.standards if standards is None else standards, readings=chosen, policy_digest=programme.policy.digest, facts_digest=_facts_digest(facts, earlier),
            result_digest=_digest([[row.award, row.object_key, row.outcome, row.payable_fen, row.amounts] for row in rows]), engines="、".join(result.engines),
            payable_fen=sum(row.payable_fen for row in rows), remarks=result.notices,
            totals=[[one.name, one.amount_fen if one.amount_fen is None else int(one.amount_fen), one.method] for one in result.totals], job=job, by=seat,
        )  # fmt: skip
        for row in rows:
            row.settlement = found
        Line.objects.bulk_create(rows, batch_size=300)
        page.new = {"settlement": found.pk, "lines": len(rows), "payable_fen": found.payable_fen}
    return found


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def _facts_digest(facts: Any, earlier: list[Any]) -> str:
    things = [[thing.kind, thing.key, sorted((name, str(period), repr(value)) for (name, period), value in thing.values.items())] for kind in sorted(facts.things) for thing in facts.all(kind)]
    claims = sorted([*key, sorted((name, str(period), repr(value)) for (name, period), value in values.items())] for key, values in facts.claims.items())
    return _digest([things, claims, sorted(facts.applied or ()), [repr(one) for one in earlier]])


def propose(settlement: Settlement, seat: Seat) -> None:
    """Put a trial before the head. Raises Refused where it was a what-if, a draft policy, or the inputs have changed since."""
    with acting(seat, "settlement.propose", settlement):
        cycle = settlement.cycle
        if settlement.state != "trial" or cycle.state not in ("open", "closed"):
            raise Refused("settlement_is_a_trial", "只有试算结果能提请确认。")
        _binding(settlement)
        Settlement.objects.filter(cycle=cycle, state="proposed").update(state="trial")
        Settlement.objects.filter(pk=settlement.pk, state="trial").update(state="proposed")
        settlement.state = "proposed"


def _binding(settlement: Settlement) -> None:
    """A settlement may become the decision. Raises Refused."""
    cycle = settlement.cycle
    if cycle.version_of.draft:
        raise Refused("policy_is_not_a_draft", "政策还是征求意见稿：只能试算，不能支付。")
    if not cycle.version_of.sound:
        raise Refused("policy_passed_the_check", "政策没有通过检查：只能试算，不能支付。")
    if (settlement.standards, settlement.readings) != (cycle.standards, readings_of(cycle)):
        raise Refused("standards_are_the_cycles", "这次试算用的标准或口径不是批次定下的。请先在批次里改定，再重新核算。")
    facts, earlier, _ = inputs_of(cycle)
    if _facts_digest(facts, earlier) != settlement.facts_digest:
        raise Refused("facts_are_as_settled", "试算以后，申报、事实或历史有变化。请重新核算。")


def confirm(settlement: Settlement, seat: Seat, document: str) -> None:
    """The decision, by a second person: freeze, reserve and decide every line inside the total, in one transaction. Raises Refused, Conflict."""
    with acting(seat, "settlement.confirm", settlement, reason=document) as page:
        cycle = settlement.cycle
        if settlement.state != "proposed":
            raise Refused("settlement_is_proposed", "要先由经办提请确认。")
        another_person(settlement.by, seat)
        if not document.strip():
            raise Refused("decision_has_a_document", "写明决定依据（会议纪要、签批文号）。")
        if cycle.state == "open":
            raise Refused("cycle_is_closed", "申报还没有截止，不能核定。")
        _binding(settlement)
        if Settlement.objects.filter(pk=settlement.pk, state="proposed").update(state="frozen", confirmed_by=seat, confirmed=timezone.now(), document=document) != 1:
            raise Refused("settlement_is_proposed", "已经有人确认过。")
        settlement.state = "frozen"
        lines = list(settlement.lines.all())
        account = treasury.account_of(cycle.version_of.policy, cycle.year)
        treasury.post(account, [(Move(Kind.RESERVE, line.payable_fen, line.item), f"reserve:{line.item}") for line in lines if line.payable_fen], seat=seat, document=document)
        for line in lines:
            move_line(line, "decide" if line.payable_fen else "close")
        for application in Application.objects.filter(cycle=cycle, state="reviewed").select_related("cycle", "party"):
            inner = type(page)()
            move(application, "decide", seat, inner)
        move_cycle(cycle, "decide", page)
        page.new |= {"payable_fen": settlement.payable_fen, "lines": len(lines), "facts": settlement.facts_digest, "result": settlement.result_digest}


def propose_special(cycle: Cycle, party: Party, seat: Seat, *, clause: str, subject: str, amount_fen: int, reason: str, document: str) -> Any:
    """A decision outside the rules, put before a second person."""
    from duixian.web.cases.models import SpecialDecision

    if not (reason.strip() and document.strip() and subject.strip()):
        raise Refused("reason_is_given", "规则之外的决定要写明事项、理由和会议纪要。")
    with acting(seat, "special.propose", cycle, reason=reason) as page:
        found = SpecialDecision.objects.create(cycle=cycle, party=party, clause=clause, subject=subject, amount_fen=amount_fen, reason=reason, document=document, by=seat)
        page.new = {"special": found.pk, "amount_fen": amount_fen}
    return found


def confirm_special(special: Any, seat: Seat) -> None:
    """Confirmed by another person: reserved and committed within the total."""
    with acting(seat, "special.confirm", special) as page:
        another_person(special.by, seat)
        if Seat.objects.filter(user=seat.user_id, party=special.party_id).exists():
            raise Refused("nobody_decides_their_own_case", "您是这家单位的人，不能确认。")
        if special.cycle.version_of.draft:
            raise Refused("policy_is_not_a_draft", "政策还是征求意见稿，不能支付。")
        change(special, special.version, state="committed", confirmed_by=seat, confirmed=timezone.now()) if special.state == "proposed" else _not_proposed()
        account = treasury.account_of(special.cycle.version_of.policy, special.cycle.year)
        moves = [(Move(kind, special.amount_fen, special.item), f"{kind.value}:{special.item}") for kind in (Kind.RESERVE, Kind.COMMIT)]
        treasury.post(account, moves, seat=seat, document=special.document)
        page.new = {"amount_fen": special.amount_fen}


def _not_proposed() -> None:
    raise Refused("special_is_proposed", "这项决定不是待确认状态。")


def discard(settlement: Settlement, seat: Seat) -> None:
    """Throw a trial away."""
    with acting(seat, "settlement.discard", settlement), transaction.atomic():
        if settlement.state != "trial":
            raise Refused("settlement_is_a_trial", "只有试算结果能删。")
        settlement.lines.all().delete()
        settlement.delete()
