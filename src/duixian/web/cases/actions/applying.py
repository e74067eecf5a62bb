"""The applicant's writes: start, choose, answer, promise, submit, withdraw. Saving never refuses for what is missing; submitting does, with all of it."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from duixian.values.facts import Period
from duixian.web.cases.models import Application, Claim, Cycle
from duixian.web.record.book import Refused, acting
from duixian.web.registry import facts
from duixian.web.registry.models import Party, Role, Seat, Source, Thing

from .moving import change, move

EDITABLE = ("draft", "returned")


def start(cycle: Cycle, party: Party, seat: Seat) -> Application:
    """A draft for a party in an open cycle: the one it already has, or a new one. Raises Refused outside the days of the cycle."""
    found = Application.objects.filter(cycle=cycle, party=party).exclude(state="withdrawn").first()
    if found is not None:
        return found
    today = timezone.localdate()
    if cycle.state != "open" or not cycle.opens <= today <= cycle.closes:
        raise Refused("cycle_is_open", f"“{cycle.name}”不在申报时间内（{cycle.opens} 至 {cycle.closes}）。")
    if seat.role == Role.APPLICANT and seat.party_id != party.pk:
        raise Refused("own_party_only", "只能为自己的单位申报。")
    with acting(seat, "application.start", f"party:{party.pk}") as page:
        try:
            with transaction.atomic():
                found = Application.objects.create(number=_number(cycle), cycle=cycle, party=party, division=party.division, by=seat, paper=seat.role == Role.OFFICER)
        except IntegrityError:  # started in another window a moment ago
            return Application.objects.filter(cycle=cycle, party=party).exclude(state="withdrawn").get()
        page.new = {"number": found.number}
    return found


def _number(cycle: Cycle) -> str:
    """The next number of a cycle: 〈year〉-〈cycle〉-〈place〉. The chain's lock is not needed: `number` is unique, and a clash is tried again by the caller."""
    last = Application.objects.filter(cycle=cycle).order_by("-id").values_list("number", flat=True).first()
    place = int(last.rsplit("-", 1)[1]) + 1 if last else 1
    return f"{cycle.year}-{cycle.pk:03d}-{place:05d}"


def claim(application: Application, award: str, clause: str, thing: Thing, seat: Seat) -> Claim:
    """Apply for an award for an object; the claim there is already is returned. Raises Refused where someone else claims the same object in this cycle."""
    _editable(application)
    with acting(seat, "application.claim", application) as page:
        own = Claim.objects.filter(application=application, award=award, thing=thing, live=True).first()
        if own is not None:
            return own
        try:
            with transaction.atomic():
                found = Claim.objects.create(application=application, cycle=application.cycle, award=award, clause=clause, thing=thing)
        except IntegrityError as clash:
            raise Refused("object_is_claimed_once", f"本批次已经有人为“{thing.key}”申报{award}。请与属地核实部门联系。") from clash
        page.new = {"award": award, "object": f"{thing.kind} {thing.key}"}
    return found


def unclaim(application: Application, one: Claim, seat: Seat) -> None:
    """Take a claim out again; what was filled in stays on file."""
    _editable(application)
    with acting(seat, "application.unclaim", application) as page:
        Claim.objects.filter(pk=one.pk, application=application).update(live=False)
        page.old = {"award": one.award, "object": str(one.thing)}


def answer(application: Application, thing: Thing, answers: dict[tuple[str, Period], Any], seat: Seat, *, award: str = "") -> int:
    """Save declared facts of an object (of a claim where award is given), any of them, at any time. Returns how many changed."""
    _editable(application)
    if thing.party_id not in (None, application.party_id):
        raise Refused("own_objects_only", "这个对象不属于本单位。")
    with acting(seat, "application.answer", application) as page:
        done = [facts.put(thing, name, period, Source.DECLARED, value, by=seat, award=award) for (name, period), value in answers.items()]
        changed = sum(one != "unchanged" for one in done)
        page.new = {"object": str(thing), "facts": [name for (name, _), what in zip(answers, done) if what != "unchanged"]}
        Application.objects.filter(pk=application.pk).update(saved=timezone.now())
    return changed


def promise(application: Application, seat: Seat, *, given: bool) -> None:
    """The commitment letter (承诺书), given or taken back."""
    _editable(application)
    with acting(seat, "application.promise", application) as page:
        page.old, page.new = {"promised": application.promised}, {"promised": given}
        change(application, application.version, promised=given)


def submit(application: Application, seat: Seat, lacking: list[str], *, version: int | None = None) -> None:
    """Hand it in. lacking: everything that is still missing, in words. Raises Refused with all of it, or outside the days of the cycle."""
    with acting(seat, "application.submit", application) as page:
        cycle, today = application.cycle, timezone.localdate()
        if application.state == "draft" and not (cycle.state == "open" and cycle.opens <= today <= cycle.closes):
            raise Refused("cycle_is_open", f"“{cycle.name}”不在申报时间内（{cycle.opens} 至 {cycle.closes}）。草稿还在。")
        if not application.claims.filter(live=True).exists():
            lacking = ["至少选一项奖补", *lacking]
        if not application.promised:
            lacking = [*lacking, "承诺书"]
        if lacking:
            raise Refused("nothing_is_missing", "还缺：" + "；".join(lacking) + "。已经填的都保存了。")
        action = "resubmit" if application.state == "returned" else "submit"
        move(application, action, seat, page, version=version, submitted=application.submitted or timezone.now(), division=application.party.division)


def withdraw(application: Application, seat: Seat, *, version: int | None = None) -> None:
    """Take it back; its objects may be applied for again."""
    with acting(seat, "application.withdraw", application) as page:
        move(application, "withdraw", seat, page, version=version)
        Claim.objects.filter(application=application).update(live=False)


def _editable(application: Application) -> None:
    if application.state not in EDITABLE:
        raise Refused("application_is_open", "已经提交，不能再改。要更正，请联系办理部门退回补正。")
