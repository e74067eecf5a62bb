"""What an application states stays with it: a draft reaches no other case, and of two cases of one firm each counts with its own figures."""

from __future__ import annotations

import pytest
from django.urls import reverse

from duixian.tables.layout import Column
from duixian.web.cases import applicant, live
from duixian.web.cases.actions import applying, bulk, filing, handling, settling
from duixian.web.cases.amounts import amounts_of, around
from duixian.web.cases.asked import Shelf, form_for
from duixian.web.cases.models import Application, Cycle, Line, Settlement
from duixian.web.registry import facts
from duixian.web.registry.models import Fact, Source, Thing
from tests.web.cast import ROOT, WAN, Cast, cycle_of

pytestmark = pytest.mark.django_db
SALES = "实物商品网络零售额"


def bare_firm(cast: Cast) -> Thing:
    """The firm with nothing from any better source: what it declares counts."""
    thing = Thing.objects.get(kind="企业", key=cast.firm.code)
    Fact.objects.filter(thing=thing, source=Source.THIRD).delete()
    return thing


def stated(cast: Cast, cycle: Cycle, sales: int, *, handed_in: bool = True) -> Application:
    """A case of the firm in a cycle with these sales of 2024 and 2025."""
    seat, thing = cast.seats["applicant"], Thing.objects.get(kind="企业", key=cast.firm.code)
    found = applying.start(cycle, cast.firm, seat)
    applying.claim(found, "流量补贴", "二", thing, seat)
    answers = {(name, year): sales * WAN for name in (SALES, "网络零售额") for year in (2024, 2025)} | {("纳统", year): True for year in (2024, 2025)}
    applying.answer(found, thing, answers, seat)
    if handed_in:
        applying.promise(found, seat, given=True)
        applying.submit(found, seat, [])
    return found


def later_cycle(cast: Cast) -> Cycle:
    """Another cycle of the same policy, of the year before."""
    return cycle_of("zibo-2022", cast.seats["officer"], year=2024, standards=(ROOT / "zibo-2022" / "standards-2024.md").read_text(encoding="utf-8"))


def on_the_page(case: Application) -> int:
    """What the case page computes."""
    case = Application.objects.select_related("cycle__version_of", "party", "by__user").get(pk=case.pk)
    claims = list(case.claims.filter(live=True).select_related("thing", "application"))
    return amounts_of(case, claims, around(case, claims)).payable_fen


def settled(cast: Cast, case: Application) -> Line:
    """The line of a case in a trial settlement of its cycle; live result, trial and recomputation agree."""
    case = Application.objects.select_related("cycle__version_of").get(pk=case.pk)
    if case.state == "submitted":
        handling.verify(case, cast.seats["township"], true=True, text="", visited=None)
        handling.accept(case, cast.seats["officer"])
    found = settling.settle(Cycle.objects.select_related("version_of").get(pk=case.cycle_id), cast.seats["officer"], say=lambda *_: None)
    assert all(row["same"] for row in settling.recompute(Settlement.objects.select_related("cycle__version_of").get(pk=found.pk), say=lambda *_: None))
    line = found.lines.get(application=case)
    assert line.payable_fen == on_the_page(case)
    return line


def test_a_later_draft_of_the_same_firm_changes_nothing_of_a_case_that_was_handed_in(cast: Cast) -> None:
    bare_firm(cast)
    first = stated(cast, cast.zibo, 5000)
    assert settled(cast, first).payable_fen == 1_500_000
    facts_digest = Settlement.objects.latest("id").facts_digest
    stated(cast, later_cycle(cast), 9000, handed_in=False)
    line = settled(cast, first)
    assert (line.payable_fen, line.settlement.facts_digest) == (1_500_000, facts_digest), "a draft has reached the settlement of another cycle"
    assert facts.decode(Fact.objects.get(thing__key=cast.firm.code, name=SALES, period="2025", source=Source.DECLARED, ended=None).value) == 5000 * WAN


def test_of_two_cases_each_counts_with_its_own_figure_and_the_difference_is_shown_to_both(cast: Cast) -> None:
    thing = bare_firm(cast)
    first, second = stated(cast, cast.zibo, 5000), stated(cast, later_cycle(cast), 9000, handed_in=False)
    client = cast.client("applicant")
    fill = client.get(reverse("fill_claim", args=[second.number, second.claims.get().pk])).content.decode()
    check = client.get(reverse("check_application", args=[second.number])).content.decode()
    assert f"{first.number} 里填的是 50,000,000.00" in fill
    assert f"这里填 90,000,000.00 元，{first.number} 里填 50,000,000.00 元" in check
    assert second.number not in cast.client("township").get(reverse("case", args=[first.number])).content.decode(), "a draft is nobody else's business"
    applying.promise(second, cast.seats["applicant"], given=True)
    applying.submit(second, cast.seats["applicant"], [])
    for one, other, text in ((first, second, "90,000,000.00"), (second, first, "50,000,000.00")):
        page = cast.client("township").get(reverse("case", args=[one.number])).content.decode()
        assert f"另一件申报 {other.number}" in page and text in page
        assert any(SALES in doubt for doubt in bulk.doubts(Application.objects.get(pk=one.pk))), "not accepted unseen"
    assert settled(cast, first).payable_fen == 1_500_000
    assert on_the_page(second) != on_the_page(first)
    assert facts.decode(Fact.objects.get(thing=thing, name=SALES, period="2025", source=Source.DECLARED, ended=None).value) == 9000 * WAN, "the next one begins with what was handed in last"


def test_only_a_correction_changes_what_an_earlier_case_uses_and_a_desks_figure_counts_for_both(cast: Cast) -> None:
    thing = bare_firm(cast)
    first = stated(cast, cast.zibo, 5000)
    stated(cast, later_cycle(cast), 9000)
    fresh = Application.objects.get(pk=first.pk)
    handling.send_back(fresh, cast.seats["township"], "请核对零售额")
    applying.answer(fresh, thing, {(SALES, 2025): 6000 * WAN}, cast.seats["applicant"])
    applying.submit(fresh, cast.seats["applicant"], [])
    assert settled(cast, fresh).payable_fen == 1_800_000
    with_third = facts.put(thing, SALES, 2025, Source.THIRD, 4000 * WAN, by=None)
    assert with_third == "added" and settled(cast, fresh).payable_fen == 1_200_000


def expected(case: Application) -> int:
    """What the firm reads on its own page."""
    return sum(one.fen or 0 for one in applicant.results_of(Shelf(Application.objects.get(pk=case.pk)))[0].values())


def test_a_row_only_a_draft_names_is_no_object_of_another_case(cast: Cast) -> None:
    seat = cast.seats["applicant"]
    own = Thing.objects.get(kind="企业", key=cast.firm.code)
    case = applying.start(cast.jinyun, cast.firm, seat)
    applying.claim(case, "场地租金补助", "（五）", own, seat)
    lease = filing.add_row(case, "租约", [(_identity(cast), "合同-1")], "企业", own, seat)
    applying.answer(case, own, {("纳入统计直报", 2025): True, ("本县依法成立", 2025): True}, seat)
    applying.answer(case, lease, {("租用面积", 2025): 1000, ("租用月数", 2025): 12}, seat)
    before = expected(case)
    applying.promise(case, seat, given=True)
    applying.submit(case, seat, [])
    assert expected(case) == before == 7_200_000
    other = cycle_of("jinyun-2025", cast.seats["officer"])
    draft = applying.start(other, cast.firm, seat)
    second = filing.add_row(draft, "租约", [(_identity(cast), "合同-2")], "企业", own, seat)
    applying.answer(draft, second, {("租用面积", 2025): 500, ("租用月数", 2025): 12}, seat)
    assert expected(case) == 7_200_000
    known = live.known(cast.firm, cast.jinyun, case)
    assert [thing.key for thing in known.all("租约")] == [lease.key]
    applying.claim(draft, "场地租金补助", "（五）", own, seat)
    applying.promise(draft, seat, given=True)
    applying.submit(draft, seat, [])
    assert expected(case) == 7_200_000 < expected(draft), "what the later case adds is its own"


def _identity(cast: Cast) -> Column:
    """What tells one lease from another."""
    return next(rows for rows in form_for(cast.jinyun, "场地租金补助", "企业").rows if rows.kind == "租约").identity[0]


def test_what_was_typed_into_a_withdrawn_draft_is_there_when_one_begins_again(cast: Cast) -> None:
    thing = bare_firm(cast)
    seat = cast.seats["applicant"]
    draft = stated(cast, cast.zibo, 5000, handed_in=False)
    applying.withdraw(draft, seat)
    again = applying.start(cast.zibo, cast.firm, seat)
    applying.claim(again, "流量补贴", "二", thing, seat)
    assert on_the_page(again) == 1_500_000
    applying.promise(again, seat, given=True)
    applying.submit(again, seat, [])
    assert Fact.objects.filter(thing=thing, name=SALES, source=Source.DECLARED, ended=None).count() == 2


def test_the_form_shows_what_the_application_states_and_not_what_another_typed(cast: Cast) -> None:
    bare_firm(cast)
    first = stated(cast, cast.zibo, 5000, handed_in=False)
    second = stated(cast, later_cycle(cast), 9000, handed_in=False)
    shown = {application.pk: [row.value for rows in Shelf(application).facts.values() for row in rows if row.name == SALES and row.source == Source.DECLARED] for application in (first, second)}
    assert shown == {first.pk: [facts.encode(5000 * WAN)] * 2, second.pk: [facts.encode(9000 * WAN)] * 2}
    assert not Fact.objects.filter(source=Source.DECLARED, ended=None).exists()


def test_objects_the_policy_asks_nothing_about_do_not_weigh_on_its_settlement(cast: Cast) -> None:
    """One registry holds the objects of every policy; a settlement is made from, and keeps, those of the types its own policy asks about."""
    Thing.objects.create(kind="租约", key="示例租约一号", party=cast.firm)
    kinds = {cycle.version_of.policy: set(settling.inputs_of(cycle)[0].things) for cycle in Cycle.objects.select_related("version_of")}
    assert "企业" in kinds["zibo-2022"] and "租约" not in kinds["zibo-2022"]
    assert {"企业", "租约"} <= kinds["jinyun-2025"]
