"""Settling a cycle: the rules through the public door over every reviewed case; a trial, proposed by one, confirmed by another, then frozen with all it was made from."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from duixian.ledger.books import Kind, Move
from duixian.tables.result import amount_of
from duixian.tables.usage import usage_of
from duixian.values.facts import Paid
from duixian.values.labels import outcome_text
from duixian.values.money import yuan_text
from duixian.values.terms import APPLIED_ON, OUTSIDE
from duixian.web.cases import frozen
from duixian.web.cases.models import Application, Claim, Cycle, Line, Settlement
from duixian.web.cases.policies import programme_of, readings_of, standards_of
from duixian.web.cases.statements import facts_for, stated_in
from duixian.web.language import sentence
from duixian.web.prepared import prepared
from duixian.web.record import book
from duixian.web.record.book import Page, Refused, acting
from duixian.web.registry.facts import Same, earlier_of, same_codes
from duixian.web.registry.models import Party, Role, Seat, Thing
from duixian.web.treasury import actions as treasury

from .handling import tell_all
from .moving import another_person, move_all, move_cycle, move_lines

Say = Callable[[str, int, int], None]
READY = ("reviewed", "decided")
UNFINISHED = ("submitted", "returned", "verified", "auditing")


def inputs_of(cycle: Cycle, *, states: tuple[str, ...] = READY) -> tuple[Any, list[Any], dict[tuple[str, str], Claim]]:
    """What a settlement of a cycle is made from: facts, earlier payments, and the claims by (award, object key). Objects of types the policy asks nothing about are left out."""
    claims = list(Claim.objects.filter(cycle=cycle, live=True, application__state__in=states).select_related("thing", "application__party"))
    kinds = {*usage_of(programme_of(cycle.version_of).policy).facts, *(one.thing.kind for one in claims)}
    same = same_codes()
    facts = facts_for(Thing.objects.filter(kind__in=sorted(kinds)), stated_in(cycle), claims, kinds_listed(cycle), same)
    facts.applied = {(one.award, one.thing.key) for one in claims}
    for one in claims:
        facts.claims.setdefault((one.award, one.thing.key), {}).setdefault((APPLIED_ON, None), timezone.localdate(one.application.submitted))
    return facts, [*earlier_of(cycle.version_of.policy, same=same), *paid_here(cycle, same=same)], {(one.award, one.thing.key): one for one in claims}


def kinds_listed(cycle: Cycle) -> set[str]:
    """Object types whose list is complete: every child type, since what an applicant did not list it did not apply with."""
    vocabulary = programme_of(cycle.version_of).policy.vocabulary
    return {name for name, kind in vocabulary.objects.items() if kind.parent} | {OUTSIDE}


@prepared
def _settled(policy: str, but: int, parties: Sequence[int] | None, about: Collection[str] | None) -> QuerySet[Line]:
    rows = Line.objects.filter(settlement__state="frozen", settlement__cycle__version_of__policy=policy, state__in=["committed", "requested", "paid", "returned"])
    rows = rows if parties is None else rows.filter(Q(party__in=parties) | Q(object_key__in=about))
    return rows.exclude(settlement__cycle=but).select_related("party", "settlement__cycle__version_of").order_by("pk")


def paid_here(cycle: Cycle, party: Party | None = None, about: Collection[str] = (), same: Same | None = None) -> list[Paid]:
    """What other cycles of the same policy settled and paid through this system, less what was taken back. party: only what concerns it or these keys."""
    same = same_codes() if same is None else same
    wide = sorted({*about, *(old for old, code in same.items() if code in about)})
    found = _settled(cycle.version_of.policy, cycle.pk, *((None, None) if party is None else ([party.pk, *same.parties.get(party.pk, ())], wide)))
    back = treasury.recovered([row.item for row in found])
    codes = [row.party.code if row.party else "" for row in found]
    return [
        Paid(row.award, row.settlement.cycle.year, same.get(row.object_key, row.object_key), row.payable_fen - back.get(row.item, 0), recipient=same.get(code, code), tier=row.tier, standard_fen=row.nominal_fen)
        for row, code in zip(found, codes) if row.payable_fen > back.get(row.item, 0)
    ]  # fmt: skip


def settle(cycle: Cycle, seat: Seat, *, say: Say, standards: str | None = None, readings: dict[str, str] | None = None, job: Any = None) -> Settlement:
    """A trial settlement of a cycle. standards, readings: a what-if in place of the cycle's own. Raises Defects where the rules cannot be applied, Refused.

    What it was made from is kept in files first (`frozen`), then the rows are written in one transaction.
    """
    say("读取申报和事实", 0, 5)
    programme = programme_of(cycle.version_of)
    facts, earlier, claims = inputs_of(cycle)
    if not claims:
        raise Refused("something_is_ready", "还没有审核完成的申报，没有可核算的。")
    text, chosen = cycle.standards if standards is None else standards, readings_of(cycle) | (readings or {})
    inputs = frozen.pack(facts, earlier)
    say("两个引擎各算一遍", 1, 5)
    result = programme.settle(cycle.year, facts, history=earlier, standards=standards_of(cycle, text), readings=chosen)
    say("写出每一笔的说明", 2, 5)
    rows = lines_of(result, claims)
    say("留存算出它的一切", 3, 5)
    written = frozen.result_bytes(result)
    frozen.keep(inputs, text, cycle.year, chosen, f"{programme.policy.id} {programme.policy.digest}", written)
    say("存下结果", 4, 5)
    with acting(seat, "settlement.try", cycle) as page:
        found = Settlement.objects.create(
            cycle=cycle, standards=text, readings=chosen, policy_digest=programme.policy.digest, facts_digest=frozen.digest(inputs), result_digest=frozen.digest(written),
            engines="、".join(result.engines), payable_fen=sum(row.payable_fen for row in rows), remarks=result.notices, totals=[total_row(one) for one in result.totals], job=job, by=seat,
        )  # fmt: skip
        for row in rows:
            row.settlement = found
        Line.objects.bulk_create(rows, batch_size=300)
        page.new = {"settlement": found.pk, "lines": len(rows), "payable_fen": found.payable_fen, "what_if": standards is not None or bool(readings)}
    return found


def lines_of(result: Any, claims: dict[tuple[str, str], Claim]) -> list[Line]:
    """The lines of a result that were applied for, not saved yet."""
    explained, in_english, parties = result.explanations(), result.explanations("en"), dict(Party.objects.values_list("code", "pk"))
    rows = []
    for line in result.lines:
        claim, one = line.claim, claims.get((line.claim.award, line.claim.key))
        if one is None:
            continue
        rows.append(Line(
            claim=one, application=one.application, award=claim.award, clause=claim.clause, object_kind=one.thing.kind, object_key=claim.key,
            party_id=parties.get(claim.recipient, one.application.party_id), outcome=outcome_text(line.outcome), payable_fen=line.payable_fen,
            amounts=[[stage, amount_of(amount), line.reasons.get(stage, "")] for stage, amount in line.amounts.items()],
            explanation="\n".join(explained.get((claim.award, claim.key), [])), explanation_en="\n".join(in_english.get((claim.award, claim.key), [])), missing=sorted(item.text for item in line.missing), tier=claim.tier, nominal_fen=line.nominal_fen,
        ))  # fmt: skip
    return rows


def total_row(total: Any) -> dict[str, Any]:
    """A total of a result as it is kept beside the settlement. Amounts in 分; None: not set."""
    whole = {name: None if (value := getattr(total, name)) is None else int(value) for name in ("amount_fen", "spent_fen", "claimed_fen", "granted_fen")}
    return {"name": total.name, "clause": total.clause, "key": list(total.key), "method": total.method, "waiting": total.waiting, **whole}


def propose(settlement: Settlement, seat: Seat) -> None:
    """Put a trial before the head; whoever proposes stands for it. Raises Refused where it was a what-if, a draft policy, or the inputs have changed since."""
    with acting(seat, "settlement.propose", settlement):
        cycle = settlement.cycle
        if settlement.state != "trial" or cycle.state not in ("open", "closed"):
            raise Refused("settlement_is_a_trial", "只有试算结果能提请确认。")
        _binding(settlement)
        Settlement.objects.filter(cycle=cycle, state="proposed").update(state="trial")
        if Settlement.objects.filter(pk=settlement.pk, state="trial").update(state="proposed", by=seat) != 1:
            raise book.Conflict
        settlement.state, settlement.by = "proposed", seat


def _binding(settlement: Settlement) -> None:
    """A settlement may become the decision. Raises Refused."""
    cycle = settlement.cycle
    if cycle.version_of.draft:
        raise Refused("policy_is_not_a_draft", "政策还是征求意见稿：只能试算，不能支付。")
    if not cycle.version_of.sound:
        raise Refused("policy_passed_the_check", "政策没有通过检查：只能试算，不能支付。")
    if (settlement.standards, settlement.readings) != (cycle.standards, readings_of(cycle)):
        raise Refused("standards_are_the_cycles", "这次试算用的标准或口径不是批次定下的。请先在批次里改定，再重新核算。")
    if settlement.policy_digest != cycle.version_of.digest:
        raise Refused("policy_is_the_cycles", "批次换了政策版本。请重新核算。")
    if unset := [one["name"] for one in settlement.totals if one["amount_fen"] is None]:
        raise Refused("totals_are_set", f"{'、'.join(unset)}还没有定：定下以前不能支付。请在年度标准里写明额度，再重新核算。")
    facts, earlier, _ = inputs_of(cycle)
    if frozen.digest(frozen.pack(facts, earlier)) != settlement.facts_digest:
        raise Refused("facts_are_as_settled", "试算以后，申报、事实或历史有变化。请重新核算。")
    kept = frozen.open_kept(settlement.facts_digest, settlement.result_digest, cycle.year)
    if isinstance(kept, str):
        raise Refused("inputs_are_kept", f"{kept}。请重新核算。")


def confirm(settlement: Settlement, seat: Seat, document: str) -> None:
    """The decision, by a second person: freeze, reserve and decide every line inside the total, in one transaction. Raises Refused, Conflict."""
    with acting(seat, "settlement.confirm", settlement, reason=document) as page:
        cycle = settlement.cycle
        if seat.role != Role.HEAD:
            raise Refused("head_decides", "要由负责人确认。")
        if settlement.state != "proposed":
            raise Refused("settlement_is_proposed", "要先由经办提请确认。")
        another_person(settlement.by, seat)
        if not document.strip():
            raise Refused("decision_has_a_document", "写明决定依据（会议纪要、签批文号）。")
        if cycle.state == "open":
            raise Refused("cycle_is_closed", "申报还没有截止，不能核定。")
        if left := cycle.applications.filter(state__in=UNFINISHED).count():
            raise Refused("every_case_is_reviewed", f"还有 {left} 件没有审完。审完（或不予受理）再核定：核定以后它们就赶不上了。")
        if Settlement.objects.filter(pk=settlement.pk, state="proposed").update(state="frozen", confirmed_by=seat, confirmed=timezone.now(), document=document.strip()) != 1:
            raise Refused("settlement_is_proposed", "已经有人确认过，或者又换了一次核算。请刷新。")
        _binding(settlement)
        settlement.state, settlement.document = "frozen", document.strip()
        _decide(settlement, seat, page)
        move_cycle(cycle, "decide", page)
        page.new |= {"payable_fen": settlement.payable_fen, "facts": settlement.facts_digest, "result": settlement.result_digest, "policy": settlement.policy_digest}


def _decide(settlement: Settlement, seat: Seat, page: Page) -> None:
    """Reserve what is payable, decide every line and every case; each case's own event is signed."""
    cycle, lines = settlement.cycle, list(settlement.lines.all())
    account = treasury.account_of(cycle.version_of.policy, cycle.year)
    treasury.post(account, [(Move(Kind.RESERVE, line.payable_fen, line.item), f"reserve:{line.item}") for line in lines if line.payable_fen], seat=seat, document=settlement.document)
    amounts: dict[int, int] = {}
    told: list[tuple[Application, str]] = []
    move_lines([line for line in lines if line.payable_fen], "decide")
    move_lines([line for line in lines if not line.payable_fen], "close")
    for line in lines:
        amounts[line.application_id] = amounts.get(line.application_id, 0) + line.payable_fen
    applications = list(Application.objects.filter(cycle=cycle, state="reviewed").select_related("cycle", "party"))
    move_all(applications, "decide", seat)
    events = []
    for application in applications:
        amount = amounts.get(application.pk, 0)
        events.append(book.Event(kind=book.Kind.WRITE, action="application.decide", user=seat.user, seat=seat, subject=book.subject_of(application), old={"state": "reviewed"},
                                 new={"state": "decided", "payable_fen": amount}))  # fmt: skip
        told.append((application, sentence(f"核定 {yuan_text(amount)}，接下来公示。" if amount else "本次没有应付金额，逐步的理由见申报页。")))
    book.sign_all(events)
    tell_all("金额已核定", told)
    page.new |= {"lines": len(lines), "applications": len(amounts)}


def discard(settlement: Settlement, seat: Seat) -> None:
    """Throw a trial away, with the files it alone was made from."""
    with acting(seat, "settlement.discard", settlement), transaction.atomic():
        if Settlement.objects.filter(pk=settlement.pk, state="trial").update(state="trial") != 1:
            raise Refused("settlement_is_a_trial", "只有试算结果能删。")
        same = Settlement.objects.filter(facts_digest=settlement.facts_digest, result_digest=settlement.result_digest).exclude(pk=settlement.pk)
        place = None if same.exists() else frozen.place_of(settlement.facts_digest, settlement.result_digest)
        settlement.lines.all().delete()
        settlement.delete()
        if place is not None:
            transaction.on_commit(lambda: shutil.rmtree(place, ignore_errors=True))


def recompute(settlement: Settlement, *, say: Say) -> list[dict[str, Any]]:
    """Compute a settlement again from what was kept, by the policy version that was kept: what was held against what, and whether it is the same."""
    say("读出留存的事实、历史和标准", 0, 3)
    cycle = settlement.cycle
    programme = programme_of(cycle.version_of)
    found = [_held("政策版本", settlement.policy_digest, programme.policy.digest)]
    kept = frozen.open_kept(settlement.facts_digest, settlement.result_digest, cycle.year)
    if isinstance(kept, str):
        return [*found, {"what": sentence("留存的文件"), "same": False, "was": "", "now": kept}]
    found.append(_held("事实和历史", settlement.facts_digest, frozen.digest(frozen.pack(kept.facts, kept.ledger))))
    found.append(_held("年度标准", settlement.standards, kept.standards))
    say("两个引擎各算一遍", 1, 3)
    result = programme.settle(cycle.year, kept.facts, history=kept.ledger, standards=standards_of(cycle, kept.standards), readings=settlement.readings)
    found.append(_held("结果（逐字节）", settlement.result_digest, frozen.digest(frozen.result_bytes(result))))
    say("与台账里的每一笔核对", 2, 3)
    now = {(line.claim.award, line.claim.key): (outcome_text(line.outcome), line.payable_fen) for line in result.lines}
    lines = list(settlement.lines.all())
    differing = [f"{line.award} {line.object_key}" for line in lines if now.get((line.award, line.object_key)) != (line.outcome, line.payable_fen)]
    found.append({"what": sentence(f"每一笔（{len(lines)} 笔）"), "same": not differing, "was": "", "now": "；".join(differing[:20])})
    found.append(_held("应付合计", yuan_text(settlement.payable_fen), yuan_text(sum(line.payable_fen for line in lines))))
    return found


def _held(what: str, was: str, now: str) -> dict[str, Any]:
    return {"what": what, "same": was == now, "was": was[:64], "now": now[:64]}
