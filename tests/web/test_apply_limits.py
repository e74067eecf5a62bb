"""What must never happen at the applicant's desk: something filled in is lost, something of somebody else is seen, text becomes program, an amount is off by a 分."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from duixian.web.cases import live
from duixian.web.cases.actions import applying, filing, handling
from duixian.web.cases.asked import Shelf, asked
from duixian.web.cases.models import AccountChange, Application, Claim
from duixian.web.record.book import Refused
from duixian.web.record.models import Event
from duixian.web.registry import facts
from duixian.web.registry.models import Fact, Party, Source, Thing
from tests.web.cast import Cast, programme, submitted
from tests.web.test_apply import choose, fill, start, upload

HOSTILE = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "=HYPERLINK(\"http://x\")", "../../etc/passwd", "{{ 7*7 }}", "'; DROP TABLE fact; --", "<b>粗</b>"]


def rent(cast: Cast):
    """A firm's rent claim with one lease."""
    client = cast.client("applicant")
    application = start(client, cast.jinyun.pk)
    claim = choose(client, application, "场地租金补助")
    client.post(reverse("add_row", args=[application.number, claim.pk]), {"kind": "租约", "part-0": "合同-1"})
    return client, application, claim


@pytest.mark.django_db
def test_what_cannot_be_read_is_kept_and_shown_again_and_only_stops_submitting(cast: Cast) -> None:
    client, application, claim = rent(cast)
    answer = fill(client, application, claim, {"2025年租用面积": "大约一千平", "2025年租用月数": "12"})
    assert answer.status_code == 302
    page = client.get(reverse("fill_claim", args=[application.number, claim.pk])).content.decode()
    assert "大约一千平" in page and "不是数" in page and 'value="12"' in page
    assert "租用面积：不是数" in client.get(reverse("check_application", args=[application.number])).content.decode()
    fill(client, application, claim, {"2025年租用面积": "1000"})
    assert Application.objects.get(pk=application.pk).unread == {}


@pytest.mark.django_db
def test_one_field_saved_as_it_changes_answers_with_the_amount_and_leaves_the_others_alone(cast: Cast) -> None:
    client, application, claim = rent(cast)
    fill(client, application, claim, {"2025年纳入统计直报": "是", "2025年本县依法成立": "是", "2025年租用面积": "1000", "2025年租用月数": "11"})
    field = next(one for one in asked(Shelf(application), claim).fields() if one.label == "2025年租用月数")
    answer = client.post(reverse("fill_claim", args=[application.number, claim.pk]), {field.name: "12"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "72,000.00" in answer.content.decode()
    assert next(one.text for one in asked(Shelf(application), claim).fields() if one.label == "2025年租用面积") == "1000"


@pytest.mark.django_db
def test_a_row_taken_out_no_longer_counts_and_comes_back_with_its_figures(cast: Cast) -> None:
    client, application, claim = rent(cast)
    fill(client, application, claim, {"2025年租用面积": "1000", "2025年租用月数": "12"})
    lease = Thing.objects.get(kind="租约")
    client.post(reverse("drop_row", args=[application.number, claim.pk]), {"thing": lease.pk})
    assert asked(Shelf(application), claim).sections[0].items == []
    client.post(reverse("add_row", args=[application.number, claim.pk]), {"kind": "租约", "part-0": "合同-1"})
    assert [field.text for field in asked(Shelf(application), claim).sections[0].items[0].fields] == ["1000", "12"]


@pytest.mark.django_db
@pytest.mark.parametrize(("sales", "fen"), [(299_999_999_9, None), (300_000_000_0, 900_000), (3_001_000_000, 900_300), (33_333_333_333, 9_999_900), (40_000_000_000, 10_000_000)])
def test_the_live_amount_is_what_the_rules_say_to_the_fen(cast: Cast, sales: int, fen: int | None) -> None:
    thing = Thing.objects.get(kind="企业", key=cast.firm.code)
    facts.put(thing, "实物商品网络零售额", 2025, Source.THIRD, sales, by=None)
    known = live.known(cast.firm, cast.zibo)
    shown = {one.award: one.fen for one in live.look(cast.zibo, known)}["流量补贴"]
    rules = programme("zibo-2022")
    line = next(one for one in rules.settle(2025, live.known(cast.firm, cast.zibo), history=[], standards=rules.standards(2025), engine="interpret").lines if one.claim.award == "流量补贴")
    assert shown == (line.payable_fen or None) == fen


@pytest.mark.django_db
def test_an_outsider_sees_nothing_and_changes_nothing(cast: Cast) -> None:
    client, application, claim = rent(cast)
    upload(client, application, claim, "租赁合同")
    file = application.evidence.get()
    outsider, before = cast.client("outsider"), Fact.objects.count()
    lease = Thing.objects.get(kind="租约")
    for name, arguments, methods in (
        ("application", [application.number], "G"), ("choose_awards", [application.number], "GP"), ("fill_claim", [application.number, claim.pk], "GP"),
        ("add_row", [application.number, claim.pk], "P"), ("drop_row", [application.number, claim.pk], "P"), ("add_evidence", [application.number, claim.pk], "P"),
        ("evidence_file", [file.pk], "G"), ("drop_evidence", [file.pk], "P"), ("promise_page", [application.number], "GP"), ("check_application", [application.number], "G"),
        ("submit_application", [application.number], "P"), ("withdraw_application", [application.number], "P"), ("reply", [application.number], "P"), ("party_page", [application.number], "GP"),
        ("drop_claim", [application.number, claim.pk], "P"),
    ):  # fmt: skip
        for method in methods:
            answer = outsider.get(reverse(name, args=arguments)) if method == "G" else outsider.post(reverse(name, args=arguments), {"thing": lease.pk, "kind": "租约", "part-0": "x"})
            assert answer.status_code == 404, (name, method)
            assert "演示一号" not in answer.content.decode()
    assert Fact.objects.count() == before
    assert Event.objects.filter(kind="refused", seat=cast.seats["outsider"]).count() >= 18
    mine = start(outsider, cast.jinyun.pk)
    taken = choose_row(outsider, mine, "合同-1")
    assert "已经登记在别的单位名下" in taken and Thing.objects.get(pk=lease.pk).party == cast.firm


def choose_row(client, application, key: str) -> str:
    """Try to add somebody's lease as one's own."""
    claim = choose(client, application, "场地租金补助")
    return client.post(reverse("add_row", args=[application.number, claim.pk]), {"kind": "租约", "part-0": key}, follow=True).content.decode()


@pytest.mark.django_db
def test_nobody_elses_figures_reach_a_live_result(cast: Cast) -> None:
    """A park's operator applies for a park; the firms in it are somebody else's, and so are their figures."""
    other = Thing.objects.create(kind="企业", key="91350100M000100Y43", party=cast.other_firm)  # the example code of GB 32100
    for year in (2024, 2025):
        facts.put(other, "所在园区", year, Source.REGISTER, "园区-1", by=None)
        facts.put(other, "限上", year, Source.STATISTICS, True, by=None)
    facts.put(other, "网络零售额", 2025, Source.STATISTICS, 77_777_777_700, by=None)
    client = cast.client("applicant")
    application = start(client, cast.jinyun.pk)
    park = choose(client, application, "园区增长奖励", **{"part-0": "园区-1"})
    brought = choose(client, application, "引进企业奖励", **{"part-0": other.key})
    for claim in (park, brought):
        page = client.get(reverse("fill_claim", args=[application.number, claim.pk])).content.decode()
        assert "777,777" not in page and "7777" not in page and "演示二号" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text_in_every_field(cast: Cast, text: str) -> None:
    client, application, claim = rent(cast)
    data = {field.name: text for field in asked(Shelf(application), claim).fields()}
    client.post(reverse("fill_claim", args=[application.number, claim.pk]), data)
    client.post(reverse("add_row", args=[application.number, claim.pk]), {"kind": "租约", "part-0": text})
    client.post(reverse("choose_awards", args=[application.number]), {"award": "平台入驻奖励", "part-0": text})
    client.post(reverse("party_page", args=[application.number]), {"contact": text[:40], "phone": "12345", "email": ""})
    upload(client, application, claim, "租赁合同", name=text + ".pdf")
    handling.comment(application, cast.seats["officer"], text, shared=True)
    for name in ("application", "choose_awards", "check_application", "party_page"):
        page = client.get(reverse(name, args=[application.number])).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page and "<b>粗" not in page and ">49<" not in page, name
    page = client.get(reverse("fill_claim", args=[application.number, claim.pk])).content.decode()
    assert "<script>alert" not in page and "<img src=x" not in page and "<b>粗" not in page
    assert "<script>alert" not in client.get(reverse("messages")).content.decode()


@pytest.mark.django_db
def test_a_returned_case_shows_everything_to_mend_and_goes_back_in(cast: Cast) -> None:
    application = submitted(cast)
    handling.send_back(application, cast.seats["township"], "补交第三方数据证明\n核对网络零售额")
    client = cast.client("applicant")
    page = client.get(reverse("application", args=[application.number])).content.decode()
    assert "请补正" in page and "<li>补交第三方数据证明</li>" in page and "<li>核对网络零售额</li>" in page and "退回补正：" in page
    assert "待属地核实" not in page  # the inside name of a state
    upload(client, application, application.claims.get(), "第三方数据证明")
    client.post(reverse("submit_application", args=[application.number]), {"version": Application.objects.get(pk=application.pk).version})
    assert Application.objects.get(pk=application.pk).state == "submitted"


@pytest.mark.django_db
def test_two_windows_hand_in_one_application_and_one_is_told(cast: Cast) -> None:
    application = submitted(cast)
    client = cast.client("applicant")
    page = client.post(reverse("withdraw_application", args=[application.number]), {"version": application.version - 1}, follow=True).content.decode()
    assert "刷新" in page and Application.objects.get(pk=application.pk).state == "submitted"
    client.post(reverse("withdraw_application", args=[application.number]), {"version": application.version})
    assert Application.objects.get(pk=application.pk).state == "withdrawn" and not Claim.objects.filter(live=True).exists()


@pytest.mark.django_db
def test_after_submission_nothing_can_be_changed(cast: Cast) -> None:
    application = submitted(cast)
    claim, thing = application.claims.get(), Thing.objects.get(kind="企业", key=cast.firm.code)
    with pytest.raises(Refused):
        applying.save(application, [(thing, "", "自播网络零售额", 2025, 1)], {}, cast.seats["applicant"])
    client = cast.client("applicant")
    assert client.get(reverse("fill_claim", args=[application.number, claim.pk])).status_code == 302
    upload(client, application, claim, "第三方数据证明")
    assert not application.evidence.exists()
    assert Event.objects.filter(kind="refused", action="evidence.add").exists()


@pytest.mark.django_db
def test_a_change_of_account_waits_for_a_second_person(cast: Cast) -> None:
    firm, seat = cast.firm, cast.seats["applicant"]
    client = cast.client("applicant")
    application = start(client, cast.zibo.pk)
    page = client.get(reverse("party_page", args=[application.number])).content.decode()
    assert firm.bank_account not in page and firm.phone not in page and "演示联系人" not in page
    shown = client.post(reverse("party_page", args=[application.number]), {"show": "1"}).content.decode()
    assert firm.bank_account in shown and Event.objects.filter(kind="read", action="party.contact").count() == 1
    assert filing.bank(firm, seat, holder=firm.name, name="演示银行三支行", account="6222000000000003") == "proposed"
    assert Party.objects.get(pk=firm.pk).bank_account == "0000000000000001" and AccountChange.objects.get().state == "proposed"
    with pytest.raises(Refused):
        filing.bank(firm, seat, holder="别人", name="x", account="6222000000000003")


@pytest.mark.django_db
def test_an_officer_keys_in_a_paper_application_but_never_their_own_nor_a_digital_one(cast: Cast) -> None:
    officer = cast.client("officer")
    answer = officer.post(reverse("paper", args=[cast.zibo.pk]), {"kind": "行政村", "code": "000001001", "name": "演示村", "division": cast.town.pk})
    application = Application.objects.latest("pk")
    assert answer.status_code == 302 and application.paper and application.party.name == "演示村"
    claim = choose(officer, application, "电商村奖励")
    fill(officer, application, claim, {"2025年网络零售额": "1000万元", "2025年活跃网店数": "20", "乡镇": "无"})
    assert "200,000.00" in officer.get(reverse("fill_claim", args=[application.number, claim.pk])).content.decode()
    digital = applying.start(cast.jinyun, cast.firm, cast.seats["applicant"])
    told = officer.post(reverse("paper", args=[cast.jinyun.pk]), {"party": cast.firm.pk}, follow=True).content.decode()
    assert "已经自己在网上申报" in told
    assert officer.get(reverse("fill_claim", args=[digital.number, 1])).status_code == 404
    assert cast.client("second officer").get(reverse("application", args=[application.number])).status_code == 404


@pytest.mark.django_db
def test_anybody_may_calculate_and_nothing_is_stored(cast: Cast, client) -> None:
    before = Fact.objects.count(), Thing.objects.count(), Event.objects.count()
    url = reverse("calculate", args=[cast.zibo.pk, "流量补贴"])
    page = client.get(url).content.decode()
    assert 'name="m.实物商品网络零售额@2025"' in page
    answer = client.post(url, {"m.实物商品网络零售额@2025": "5000万元", "m.成立年度@": "2015"}).content.decode()
    assert "15,000.00" in answer
    assert "不是数" in client.post(url, {"m.实物商品网络零售额@2025": "<script>"}).content.decode()
    partial = client.post(url, {"m.实物商品网络零售额@2025": "abc"}, headers={"HX-Request": "true"}).content.decode()
    assert re.search(r'hx-swap-oob="true" data-wrong="[^"]*实物商品网络零售额[^"]*">[^<]*不是数', partial), "as one types, too, it is said which figure cannot be read"
    assert (Fact.objects.count(), Thing.objects.count(), Event.objects.count()) == before


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["application", "choose_awards", "check_application", "fill_claim"])
def test_a_page_asks_the_database_at_most_thirty_times(cast: Cast, name: str, django_assert_max_num_queries) -> None:
    client, application, claim = rent(cast)
    for award in ("展位费补助", "平台费用补助"):
        choose(client, application, award)
    with django_assert_max_num_queries(30):
        client.get(reverse(name, args=[application.number, claim.pk] if name == "fill_claim" else [application.number]))


@pytest.mark.django_db
def test_what_the_office_decides_is_supposed_in_favour_whatever_else_stands_in_the_way(cast: Cast) -> None:
    """A claim without a single stand pays nothing; that must not be taken for a sign that fraud would be in the firm's favour."""
    live._favour.clear()
    client = cast.client("applicant")
    application = start(client, cast.jinyun.pk)
    claim = choose(client, application, "展位费补助")
    fill(client, application, claim, {"2025年本县依法成立": "是"})
    for _ in range(2):
        page = client.get(reverse("fill_claim", args=[application.number, claim.pk])).content.decode()
        assert "取消资格" not in page and "弄虚作假：是" not in page
    client.post(reverse("add_row", args=[application.number, claim.pk]), {"kind": "展位", "part-0": "发票-1"})
    fill(client, application, claim, {"2025年商务部门组织": "是", "2025年展位费": "30000"})
    assert "30,000.00" in client.get(reverse("fill_claim", args=[application.number, claim.pk])).content.decode()
    assert live._favour[(programme("jinyun-2025").policy.digest, "弄虚作假")] is False and live._favour[(programme("jinyun-2025").policy.digest, "守法诚信经营")] is True
