"""The applicant's writes: start, choose, answer, promise, submit, withdraw. Saving never refuses for what is missing; submitting does, with all of it."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from duixian.policy.model import Policy
from duixian.tables.forms import own_kind
from duixian.values.facts import Period
from duixian.web.cases.live import own_thing_of
from duixian.web.cases.models import Application, Claim, Cycle
from duixian.web.cases.policies import programme_of
from duixian.web.cases.statements import differences
from duixian.web.prepared import prepared
from duixian.web.record.book import Refused, acting
from duixian.web.registry import facts
from duixian.web.registry.models import Party, Role, Seat, Source, Thing

from . import stating
from .moving import change, move, not_own

EDITABLE = ("draft", "returned")


def start(cycle: Cycle, party: Party, seat: Seat) -> Application:
    """A draft for a party in an open cycle: the one it already has, or a new one. Raises Refused outside the days of the cycle."""
    with acting(seat, "application.start", f"party:{party.pk}") as page:
        if seat.role not in (Role.APPLICANT, Role.OFFICER) or (seat.role == Role.APPLICANT and seat.party_id != party.pk):
            raise Refused("own_party_only", "只能为自己的单位申报。")
        list(Cycle.objects.select_for_update(of=("self",)).filter(pk=cycle.pk).values_list("pk"))  # one starts after the other: each sees the number before
        found = Application.objects.filter(cycle=cycle, party=party).exclude(state="withdrawn").first()
        if found is not None:
            if seat.role == Role.OFFICER and not found.paper:
                raise Refused("application_once_a_cycle", f"{party.name}已经自己在网上申报（{found.number}），不用再代录。")
            return found
        if party.same_as is not None:
            raise Refused("party_is_itself", f"{party.name}（{party.code}）已认定与{party.same_as.name}（{party.same_as.code}）是同一家，请用后一个申报。")
        today = timezone.localdate()
        if cycle.state != "open" or not cycle.opens <= today <= cycle.closes:
            raise Refused("cycle_is_open", f"“{cycle.name}”不在申报时间内（{cycle.opens} 至 {cycle.closes}）。")
        try:
            with transaction.atomic():
                found = Application.objects.create(number=_number(cycle), cycle=cycle, party=party, division=party.division, by=seat, paper=seat.role == Role.OFFICER)
        except IntegrityError:  # started in another window a moment ago
            return Application.objects.filter(cycle=cycle, party=party).exclude(state="withdrawn").get()
        not_own(seat, found)
        register(party, programme_of(cycle.version_of).policy)
        stating.begin(found)
        page.new = {"number": found.number}
    return found


def register(party: Party, policy: Policy) -> Thing:
    """File a party as an object of the rules, with its name and kind as registered. Call inside `acting`.

    One identity, one object: a party that is on file as something more general (主体) becomes what it is (企业), with all its facts.
    """
    kind, words = own_kind(policy, party.kind), policy.vocabulary
    thing = own_thing_of(party, policy)
    if thing is None:
        thing = facts.thing_of(kind, party.code, party)
    elif words.is_kind(thing.kind, kind):
        kind = thing.kind
    else:
        Thing.objects.filter(pk=thing.pk).update(kind=kind)
        thing.kind = kind
    for name, value in (("名称", party.name), ("主体类型", party.kind)):
        if policy.vocabulary.fact(kind, name) is not None:
            facts.put(thing, name, None, Source.REGISTER, value, by=None)
    return thing


def _number(cycle: Cycle) -> str:
    """The next number of a cycle: 〈year〉-〈cycle〉-〈place〉. Call with the cycle locked."""
    last = Application.objects.filter(cycle=cycle).order_by("-id").values_list("number", flat=True).first()
    place = int(last.rsplit("-", 1)[1]) + 1 if last else 1
    return f"{cycle.year}-{cycle.pk:03d}-{place:05d}"


def claim(application: Application, award: str, clause: str, thing: Thing, seat: Seat) -> Claim:
    """Apply for an award for an object; the claim there is already is returned. Raises Refused where someone else claims the same object in this cycle."""
    with acting(seat, "application.claim", application) as page:
        editable(application, seat)
        own = Claim.objects.filter(application=application, award=award, thing=thing, live=True).first()
        if own is not None:
            return own
        if thing.key in facts.same_codes():
            raise Refused("party_is_itself", f"“{thing.key}”已认定与另一个主体是同一家，不能再为它申报。")
        try:
            with transaction.atomic():
                found = Claim.objects.create(application=application, cycle=application.cycle, award=award, clause=clause, thing=thing)
        except IntegrityError as clash:
            raise Refused("object_is_claimed_once", f"本批次已经有人为“{thing.key}”申报{award}。请与属地核实部门联系。") from clash
        stating.adopt(application, thing)
        page.new = {"award": award, "object": f"{thing.kind} {thing.key}"}
    return found


def unclaim(application: Application, one: Claim, seat: Seat) -> None:
    """Take a claim out again; what was filled in stays on file."""
    with acting(seat, "application.unclaim", application) as page:
        editable(application, seat)
        Claim.objects.filter(pk=one.pk, application=application).update(live=False)
        page.old = {"award": one.award, "object": str(one.thing)}


def answer(application: Application, thing: Thing, answers: dict[tuple[str, Period], Any], seat: Seat, *, award: str = "") -> int:
    """State facts of an object (of a claim where award is given), any of them, at any time. Returns how many changed."""
    return save(application, [(thing, award, name, period, value) for (name, period), value in answers.items()], {}, seat)


@prepared
def _unread(application: int) -> QuerySet[Any]:
    return Application.objects.select_for_update(of=("self",)).filter(pk=application).values_list("unread", flat=True)


def save(application: Application, answers: list[tuple[Thing, str, str, Period, Any]], texts: dict[str, str | None], seat: Seat) -> int:
    """Save whatever was filled in: answers as what this application states; texts that could not be read as they stand (None: read by now). Returns how many changed.

    answers: (object, award or '', fact, period, value). Nothing that was filled in is lost, whatever it is; only submitting asks for everything.
    """
    with acting(seat, "application.answer", application) as page:
        editable(application, seat)
        if any(thing.party_id not in (None, application.party_id) for thing, *_ in answers):
            raise Refused("own_objects_only", "这个对象不属于本单位。")
        unread = _unread.first(application.pk) or {}  # locked: two windows save one after the other
        done = stating.state(application, answers)
        kept = {**unread, **texts}
        application.unread = {name: text for name, text in kept.items() if text is not None}
        changed = sum(done) + (application.unread != unread)
        page.new = {"facts": sorted({one[2] for one, what in zip(answers, done) if what}), "unread": len(application.unread)}
        application.saved = timezone.now()
        Application.objects.filter(pk=application.pk).update(saved=application.saved, unread=application.unread)
    return changed


def promise(application: Application, seat: Seat, *, given: bool) -> None:
    """The commitment letter (承诺书), given or taken back."""
    with acting(seat, "application.promise", application) as page:
        editable(application, seat)
        page.old, page.new = {"promised": application.promised}, {"promised": given}
        change(application, application.version, promised=given)


def submit(application: Application, seat: Seat, lacking: list[str], *, version: int | None = None) -> None:
    """Hand it in. lacking: everything that is still missing, in words. Raises Refused with all of it, or outside the days of the cycle."""
    with acting(seat, "application.submit", application) as page:
        editable(application, seat)
        cycle, today = application.cycle, timezone.localdate()
        if application.state == "draft" and not (cycle.state == "open" and cycle.opens <= today <= cycle.closes):
            raise Refused("cycle_is_open", f"“{cycle.name}”不在申报时间内（{cycle.opens} 至 {cycle.closes}）。草稿还在。")
        if not application.claims.filter(live=True).exists():
            lacking = ["至少选一项奖补", *lacking]
        if application.unread:
            lacking = [f"{len(application.unread)} 处填写没读懂", *lacking]
        if not application.promised:
            lacking = [*lacking, "承诺书"]
        if lacking:
            raise Refused("nothing_is_missing", "还缺：" + "；".join(lacking) + "。已经填的都保存了。")
        action = "resubmit" if application.state == "returned" else "submit"
        page.new["differs"] = sorted({f"{number} {key[1]}" for _, key, _, number, _ in differences(application)})
        move(application, action, seat, page, version=version, submitted=application.submitted or timezone.now(), division=application.party.division)
        stating.file(application, seat)


def withdraw(application: Application, seat: Seat, *, version: int | None = None) -> None:
    """Take it back; its objects may be applied for again. An officer: a draft that was keyed in from paper, by the one who keyed it in. Raises Refused."""
    with acting(seat, "application.withdraw", application) as page:
        if seat.role != Role.APPLICANT and not (application.paper and application.by.user_id == seat.user_id):
            raise Refused("keyed_in_by_oneself", "只能撤回自己代录、还没有提交的申报。")
        if seat.role == Role.APPLICANT and seat.party_id != application.party_id:
            raise Refused("own_party_only", "只能撤回自己单位的申报。")
        move(application, "withdraw" if seat.role == Role.APPLICANT else "withdraw_paper", seat, page, version=version)
        Claim.objects.filter(application=application).update(live=False)


def editable(application: Application, seat: Seat) -> None:
    """Whether a seat may change an application now: its own applicant, or an officer who keys in a paper one. Raises Refused."""
    keyed = seat.role == Role.OFFICER and application.paper
    if not keyed and not (seat.role == Role.APPLICANT and seat.party_id == application.party_id):
        raise Refused("own_party_only", "只能改自己单位的申报。")
    if keyed:
        not_own(seat, application)
    if application.state not in EDITABLE:
        raise Refused("application_is_open", "已经提交，不能再改。要更正，请联系办理部门退回补正。")
