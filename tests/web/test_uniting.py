"""Two parties on file that are one: two persons say so, and from then on what was paid to both counts together. Until then they are two, and only shown side by side."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from duixian.values.facts import Facts
from duixian.web.cases import live
from duixian.web.cases.actions import applying, registering, uniting
from duixian.web.cases.actions.settling import inputs_of, paid_here
from duixian.web.cases.models import Claim, Cycle, SameParty
from duixian.web.cases.objects import union_of
from duixian.web.record import book
from duixian.web.record.book import Refused
from duixian.web.record.models import Event
from duixian.web.registry.facts import earlier_of
from duixian.web.registry.models import Earlier, Party, Role, Seat, Thing
from tests.web.cast import Cast, submitted
from tests.web.scene import decided_case

pytestmark = pytest.mark.django_db
PAID = 9_500_000


@pytest.fixture
def old(cast: Cast) -> Party:
    """The firm under the code it had before; 95,000 yuan of this year's 流量补贴, which is capped at 100,000 a firm, were paid to it."""
    found = Party.objects.create(kind="企业", code="52000000MA00000001", name="演示一号电子商务有限公司（旧代码，合成）", division=cast.town)
    Thing.objects.create(kind="企业", key=found.code, party=found)
    Thing.objects.create(kind="店铺", key="旧店铺（合成）", party=found)
    Earlier.objects.create(policy="zibo-2022", award="流量补贴", year=2025, object_key=found.code, amount_fen=PAID, document="本政策", recipient=found.code)
    return found


def united(cast: Cast, old: Party) -> None:
    uniting.check(uniting.propose(old, cast.firm, cast.seats["officer"], "换发新代码，见变更通知书（合成）"), cast.seats["head"], use=True)


def payable(cast: Cast, party: Party) -> int:
    """What a party would be paid of 流量补贴 now."""
    facts = live.known(party, cast.zibo)
    facts.applied = {("流量补贴", party.code)}
    return sum(line.payable_fen for line in live.settle(cast.zibo, facts, live.history_of(party, cast.zibo, facts)).lines if line.claim.award == "流量补贴")


def test_what_was_paid_under_the_old_code_counts_once_both_are_one(cast: Cast, old: Party) -> None:
    assert payable(cast, cast.firm) == 1_500_000, "two parties: nothing was paid to this one"
    united(cast, old)
    assert payable(cast, cast.firm) == 10_000_000 - PAID
    assert [(paid.object_key, paid.recipient) for paid in earlier_of("zibo-2022")] == [(cast.firm.code, cast.firm.code)]
    old.refresh_from_db()
    assert old.same_as == cast.firm and Thing.objects.get(key="旧店铺（合成）").party == cast.firm and book.verify()[1] == []


def test_the_settlement_of_everybody_counts_it_too(cast: Cast, old: Party) -> None:
    submitted(cast)
    united(cast, old)
    facts, earlier, claims = inputs_of(cast.zibo, states=("submitted",))
    assert old.code not in facts.things["企业"] and cast.firm.code in facts.things["企业"], "one firm, not two"
    assert [paid.object_key for paid in earlier] == [cast.firm.code] and set(claims) == {("流量补贴", cast.firm.code)}


def test_what_this_system_paid_to_the_old_one_counts_in_the_next_cycle(cast: Cast) -> None:
    decided_case(cast)
    cast.firm.lines.update(state="paid")
    other = Cycle.objects.get(pk=cast.zibo.pk)
    other.pk = None
    other.name = "另一批次（合成）"
    other.save()
    new = Party.objects.create(kind="企业", code="91000000MA00000088", name="演示一号换码后（合成）", division=cast.town)
    assert paid_here(other, new, {new.code}) == []
    uniting.check(uniting.propose(cast.firm, new, cast.seats["officer"], "换发新代码（合成）"), cast.seats["head"], use=True)
    assert [(paid.object_key, paid.recipient, paid.amount_fen) for paid in paid_here(other, new, {new.code})] == [(new.code, new.code, 1_500_000)]
    assert [(paid.object_key, paid.recipient) for paid in paid_here(other)] == [(new.code, new.code)]


def test_facts_of_the_old_one_fill_in_what_the_other_has_none_of(cast: Cast, old: Party) -> None:
    from duixian.web.registry.facts import put

    for code, year, value in ((old.code, 2021, 5), (old.code, 2025, 6)):
        put(Thing.objects.get(kind="企业", key=code), "实物商品网络零售额", year, "third", value, by=None)
    united(cast, old)
    found: Facts = live.known(cast.firm, cast.zibo)
    values = found.things["企业"][cast.firm.code].values
    assert values["实物商品网络零售额", 2021] == 5 and values["实物商品网络零售额", 2025] != 6


def test_whoever_proposes_does_not_decide(cast: Cast, old: Party) -> None:
    same = uniting.propose(old, cast.firm, cast.seats["officer"], "换发新代码（合成）")
    with pytest.raises(Refused):
        uniting.check(same, cast.seats["officer"], use=True)
    uniting.check(same, cast.seats["second officer"], use=False)
    old.refresh_from_db()
    assert old.same_as is None and payable(cast, cast.firm) == 1_500_000
    assert Event.objects.filter(action="party.same.check", kind="refused").count() == 1


def test_nothing_may_be_under_way_for_the_one_that_goes(cast: Cast, old: Party) -> None:
    draft = applying.start(cast.zibo, old, cast.seats["officer"])
    with pytest.raises(Refused, match=draft.number):
        uniting.propose(old, cast.firm, cast.seats["officer"], "换发新代码（合成）")
    same = uniting.propose(cast.other_firm, cast.firm, cast.seats["officer"], "登记了两次（合成）")
    applying.start(cast.zibo, cast.other_firm, cast.seats["outsider"])
    with pytest.raises(Refused, match="没办完的申报"):
        uniting.check(same, cast.seats["head"], use=True)


def test_money_on_its_way_stops_it(cast: Cast) -> None:
    decided_case(cast)
    with pytest.raises(Refused, match="没拨完的款"):
        uniting.propose(cast.firm, cast.other_firm, cast.seats["officer"], "登记了两次（合成）")


@pytest.mark.parametrize("role", [Role.TOWNSHIP, Role.FINANCE, Role.AUDITOR, Role.ADMIN])
def test_only_the_bureau_says_so_and_never_of_its_own_firm(cast: Cast, old: Party, role: str) -> None:
    seat = next(one for one in cast.seats.values() if one.role == role)
    with pytest.raises(Refused, match="经办或负责人"):
        uniting.propose(old, cast.firm, seat, "换发新代码（合成）")
    Seat.objects.create(user=cast.seats["officer"].user, role=Role.APPLICANT, party=cast.firm)
    with pytest.raises(Refused, match="转给其他同事"):
        uniting.propose(old, cast.firm, cast.seats["officer"], "换发新代码（合成）")


def test_the_old_one_applies_no_more_and_is_not_united_again(cast: Cast, old: Party) -> None:
    united(cast, old)
    old.refresh_from_db()
    with pytest.raises(Refused, match="同一家"):
        applying.start(cast.zibo, old, cast.seats["officer"])
    with pytest.raises(Refused, match="不能再为它申报"):
        applying.claim(applying.start(cast.zibo, cast.firm, cast.seats["applicant"]), "流量补贴", "二", Thing.objects.get(kind="企业", key=old.code), cast.seats["applicant"])
    applying.withdraw(cast.firm.applications.get(), cast.seats["applicant"])
    with pytest.raises(Refused, match="账户登记在那一家"):
        registering.propose_account(old, cast.seats["officer"], holder=old.name, bank="合成银行", account="6222000000000000", again="6222000000000000", reason="合成")
    with pytest.raises(Refused, match="已经认定"):
        uniting.propose(cast.other_firm, old, cast.seats["officer"], "登记了两次（合成）")
    uniting.check(uniting.propose(cast.firm, cast.other_firm, cast.seats["officer"], "合成"), cast.seats["head"], use=True)
    old.refresh_from_db()
    assert old.same_as == cast.other_firm, "whoever was the one that went is the last one now"


def test_it_is_done_on_the_page_of_the_one_that_stays(cast: Cast, old: Party) -> None:
    officer, head = cast.client("officer"), cast.client("head")
    page = reverse("party", args=[cast.firm.pk])
    told = officer.post(reverse("party_same", args=[cast.firm.pk]), {"code": old.code, "reason": "换发新代码（合成）"}, follow=True).content.decode()
    assert "由另一位同事复核" in told and "您提出的，要由别人复核" in told
    assert "等复核的“同一家”" in head.get(reverse("parties")).content.decode() and "是同一家" in head.get(page).content.decode()
    head.post(reverse("same_check", args=[SameParty.objects.get().pk]), {"do": "use"})
    assert old.code in officer.get(page).content.decode()
    assert "已认定与" in officer.get(reverse("party", args=[old.pk])).content.decode()
    assert "没有这个代码" in officer.post(reverse("party_same", args=[cast.firm.pk]), {"code": "没有", "reason": "合成"}, follow=True).content.decode()
    assert Client().get(page).status_code == 302


def parted(cast: Cast, old: Party) -> None:
    uniting.check(uniting.propose_apart(union_of(old), cast.seats["second officer"], "查登记档案，是两家（合成）"), cast.seats["head"], use=True)
    old.refresh_from_db()


def test_what_was_found_to_be_one_by_mistake_is_two_again(cast: Cast, old: Party) -> None:
    shop, firm = Thing.objects.get(key="旧店铺（合成）"), Thing.objects.get(kind="企业", key=cast.firm.code)
    united(cast, old)
    assert payable(cast, cast.firm) == 10_000_000 - PAID
    parted(cast, old)
    for one in (shop, firm):
        one.refresh_from_db()
    assert (old.same_as, shop.party, firm.party) == (None, old, cast.firm)
    assert payable(cast, cast.firm) == 1_500_000
    assert [(paid.object_key, paid.recipient) for paid in earlier_of("zibo-2022")] == [(old.code, old.code)]
    assert applying.start(cast.zibo, old, cast.seats["officer"]).party == old
    assert book.verify()[1] == []


def test_it_is_taken_back_by_two_persons_too(cast: Cast, old: Party) -> None:
    united(cast, old)
    apart = uniting.propose_apart(union_of(old), cast.seats["officer"], "查登记档案，是两家（合成）")
    with pytest.raises(Refused):
        uniting.check(apart, cast.seats["officer"], use=True)
    uniting.check(apart, cast.seats["head"], use=False)
    old.refresh_from_db()
    assert old.same_as == cast.firm
    with pytest.raises(Refused, match="写明依据"):
        uniting.propose_apart(union_of(old), cast.seats["officer"], " ")
    parted(cast, old)
    with pytest.raises(Refused, match="现在不是"):
        uniting.propose_apart(union_of(old), cast.seats["officer"], "再来一次（合成）")


def test_nothing_goes_back_that_the_one_that_stayed_is_applying_with(cast: Cast, old: Party) -> None:
    united(cast, old)
    case = applying.start(cast.zibo, cast.firm, cast.seats["applicant"])
    applying.claim(case, "流量补贴", "二", Thing.objects.get(kind="企业", key=cast.firm.code), cast.seats["applicant"])
    apart = uniting.propose_apart(union_of(old), cast.seats["officer"], "查登记档案，是两家（合成）")
    Claim.objects.filter(application=case).update(thing=Thing.objects.get(key="旧店铺（合成）"))
    with pytest.raises(Refused, match=case.number):
        uniting.check(apart, cast.seats["head"], use=True)
    old.refresh_from_db()
    assert old.same_as == cast.firm
    applying.withdraw(case, cast.seats["applicant"])
    uniting.check(apart, cast.seats["head"], use=True)


def test_the_last_of_several_is_taken_back_first_and_what_had_been_one_before_stays_one(cast: Cast, old: Party) -> None:
    united(cast, old)
    first = union_of(old)
    uniting.check(uniting.propose(cast.firm, cast.other_firm, cast.seats["officer"], "合成"), cast.seats["head"], use=True)
    with pytest.raises(Refused, match="先撤回后一次"):
        uniting.propose_apart(first, cast.seats["officer"], "合成")
    parted(cast, cast.firm)
    old.refresh_from_db()
    assert (old.same_as, Thing.objects.get(key="旧店铺（合成）").party) == (cast.firm, cast.firm)
    parted(cast, old)
    assert (old.same_as, Thing.objects.get(key="旧店铺（合成）").party) == (None, old)


def test_before_one_agrees_it_stands_there_what_will_happen_and_the_way_back_is_on_the_page(cast: Cast, old: Party) -> None:
    officer, head = cast.client("officer"), cast.client("head")
    uniting.propose(old, cast.firm, cast.seats["officer"], "换发新代码（合成）")
    page = head.get(reverse("party", args=[cast.firm.pk])).content.decode()
    assert "它的对象（2 个）归到" in page
    assert "以前付给它的（1 笔）合在一起算" in page
    beside = page[page.index('class="dense sides"') : page.index("认定以后")]
    assert all(text in beside for text in (old.code, cast.firm.code, cast.firm.masked_account)) and cast.firm.bank_account not in page, "the two are laid side by side"
    head.post(reverse("same_check", args=[SameParty.objects.get().pk]), {"do": "use"})
    assert "提出不是同一家" in officer.get(reverse("party", args=[old.pk])).content.decode()
    told = officer.post(reverse("party_apart", args=[old.pk]), {"reason": "查登记档案，是两家（合成）"}, follow=True).content.decode()
    assert "由另一位同事复核" in told
    assert "撤回认定" in head.get(reverse("parties")).content.decode()
    page = head.get(reverse("party", args=[old.pk])).content.decode()
    assert "对象（2 个）回到它名下" in page
    told = head.post(reverse("same_check", args=[SameParty.objects.get(state="proposed").pk]), {"do": "use"}, follow=True).content.decode()
    assert "又是两家" in told
    assert "以前的认定和撤回" in told and "查登记档案，是两家（合成）" in told, "what was found and taken back stays to be read"
    old.refresh_from_db()
    assert old.same_as is None
    assert "现在不是" in officer.post(reverse("party_apart", args=[old.pk]), {"reason": "合成"}, follow=True).content.decode()
