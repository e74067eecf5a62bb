"""The registry: pages by seat, personal data masked, bank details by two persons, what may be there twice."""

from __future__ import annotations

import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from duixian.web.cases.actions import filing, registering
from duixian.web.cases.models import AccountChange
from duixian.web.record.book import Conflict, Refused
from duixian.web.record.models import Event, Kind
from duixian.web.registry.models import Party, Role, Seat, Thing
from tests.web.cast import Cast

NEW = {"bank": "演示银行三支行", "account": "1111 2222 3333", "again": "111122223333", "reason": "单位来函〔演示〕1号"}


@pytest.mark.parametrize("who", ["applicant", "outsider", "township", "finance", "admin"])
def test_the_registry_is_closed_to_others(cast: Cast, who: str) -> None:
    client, thing = cast.client(who), Thing.objects.first()
    addresses = [reverse("registry"), reverse("registry_export"), reverse("thing", args=[thing.pk]), reverse("parties"), reverse("parties_export"), reverse("party", args=[cast.firm.pk]), reverse("imports")]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 403, address
        assert cast.other_firm.name not in answer.content.decode() or who == "outsider"


@pytest.mark.parametrize("who", ["officer", "head", "auditor"])
def test_its_pages_show_and_search_and_ask_little(cast: Cast, who: str) -> None:
    client, thing = cast.client(who), Thing.objects.get(key=cast.firm.code)
    for address in (reverse("registry"), reverse("registry") + "?search=演示一号&kind=企业", reverse("thing", args=[thing.pk]), reverse("parties"), reverse("party", args=[cast.firm.pk]),
                    reverse("imports")):  # fmt: skip
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
        assert answer.status_code == 200 and len(asked) <= 30, address
        if address != reverse("imports"):
            assert cast.firm.name in answer.content.decode()
        assert cast.firm.phone not in answer.content.decode() and cast.firm.bank_account not in answer.content.decode()
    assert cast.firm.name not in client.get(reverse("registry") + "?search=没有").content.decode()


def test_parties_are_narrowed_and_taken_away_as_they_are_listed(cast: Cast) -> None:
    client = cast.client("officer")
    Party.objects.filter(pk=cast.other_firm.pk).update(bank_account="")

    def both(**asked: str) -> set[str]:
        """What the list shows, and that the workbook holds the same."""
        shown = {one.name for one in client.get(reverse("parties"), asked).context["page"].object_list}
        data = client.get(reverse("parties_export"), asked).content
        rows = list(load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))[1:]
        assert {row[1] for row in rows} == shown
        everything = " ".join(str(cell) for row in rows for cell in row)
        assert not any(secret in everything for secret in (cast.firm.phone, cast.firm.bank_account, cast.firm.contact))
        return shown

    firm, other = cast.firm.name, cast.other_firm.name
    assert both() == {firm, other} == both(kind="企业", division="不是数")
    assert both(search="二号") == {other} == both(only="unpayable") == both(division=str(cast.other_town.pk))
    assert both(kind="行政村") == both(only="folded") == both(search="没有") == set()
    assert Event.objects.filter(kind=Kind.READ, action="parties.export").exists()


def test_of_a_long_list_any_page_is_two_presses_away(cast: Cast) -> None:
    Party.objects.bulk_create([Party(kind="企业", code=f"91000000MB{number:08d}", name=f"演示长表{number}有限公司", division=cast.town) for number in range(498)])
    page = cast.client("officer").get(reverse("parties"), {"kind": "企业", "page": "5"}).content.decode()
    assert [number for number in range(1, 12) if re.search(rf'<a href="[^"]*page={number}"', page)] == [1, 4, 6, 10] and '<b aria-current="page">5</b>' in page
    assert "kind=%E4%BC%81%E4%B8%9A&amp;page=10" in page and "共 500 条" in page
    assert 'aria-current="page">10<' in cast.client("officer").get(reverse("parties"), {"page": "99"}).content.decode()


def test_an_object_shows_each_source_and_what_was_replaced(cast: Cast) -> None:
    from duixian.web.registry import facts
    from duixian.web.registry.models import Source

    thing = Thing.objects.get(key=cast.firm.code)
    facts.put(thing, "实物商品网络零售额", 2025, Source.THIRD, 4_000_000_000, by=None)
    facts.put(thing, "实物商品网络零售额", 2025, Source.DECLARED, 4_100_000_000, by=cast.seats["applicant"])
    page = cast.client("officer").get(reverse("thing", args=[thing.pk])).content.decode()
    for text in ("50,000,000.00 元", "40,000,000.00 元", "41,000,000.00 元", "已替换", "不一致"):
        assert text in page


def test_what_is_personal_is_shown_once_and_signed(cast: Cast) -> None:
    client = cast.client("auditor")
    page = client.post(reverse("party_reveal", args=[cast.firm.pk])).content.decode()
    assert cast.firm.bank_account in page
    assert Event.objects.filter(kind=Kind.READ, action="party.contact", subject=f"party:{cast.firm.pk}").count() == 1


def test_what_is_of_one_person_is_kept_by_no_cache_and_not_shown_again_after_signing_out(cast: Cast) -> None:
    client = cast.client("officer")
    assert client.get(reverse("party", args=[cast.firm.pk]))["Cache-Control"] == "private, no-cache"
    assert client.post(reverse("party_reveal", args=[cast.firm.pk]))["Cache-Control"] == "no-store"
    assert client.get(reverse("parties_export"))["Cache-Control"] == "private, no-cache"
    assert "Cache-Control" not in client.get(reverse("notices"))
    assert client.post("/account/logout/")["Clear-Site-Data"] == '"cache"'


def test_bank_details_are_used_after_a_second_person_looked(cast: Cast) -> None:
    client = cast.client("officer")
    client.post(reverse("party_account", args=[cast.firm.pk]), {"holder": cast.firm.name, **NEW})
    change = AccountChange.objects.get()
    assert Party.objects.get(pk=cast.firm.pk).bank_account == "0000000000000001"
    client.post(reverse("account_check", args=[change.pk]), {"do": "use"})
    assert Party.objects.get(pk=cast.firm.pk).bank_account == "0000000000000001", "not by the one who put it forward"
    assert Event.objects.filter(kind=Kind.REFUSED, new__law="second_person").exists()
    other = cast.client("second officer")
    page = other.get(reverse("party", args=[cast.firm.pk])).content.decode()
    assert "111122223333" not in page
    assert "111122223333" in other.post(reverse("account_check", args=[change.pk]), {"do": "look"}).content.decode()
    other.post(reverse("account_check", args=[change.pk]), {"do": "use"})
    assert Party.objects.get(pk=cast.firm.pk).bank_account == "111122223333"
    with pytest.raises(Conflict):
        registering.check_account(change, cast.seats["head"], use=True)
    assert not any("111122223333" in str(event.__dict__) for event in Event.objects.all()), "the book names fields, never what they say"


@pytest.mark.parametrize("wrong", [{"again": "1"}, {"account": "abc", "again": "abc"}, {"holder": "别人"}, {"reason": " "}, {"bank": ""}])
def test_bank_details_that_are_not_whole_are_refused(cast: Cast, wrong: dict[str, str]) -> None:
    with pytest.raises(Refused):
        registering.propose_account(cast.firm, cast.seats["officer"], **{"holder": cast.firm.name, **NEW, **wrong})
    assert not AccountChange.objects.exists()


def test_nobody_changes_the_account_of_their_own_firm(cast: Cast) -> None:
    Seat.objects.create(user=cast.seats["officer"].user, role=Role.APPLICANT, party=cast.firm)
    with pytest.raises(Refused, match="转给其他同事"):
        registering.propose_account(cast.firm, cast.seats["officer"], holder=cast.firm.name, **NEW)


def test_parties_that_may_be_the_same_are_named(cast: Cast) -> None:
    twin = Party.objects.create(kind="企业", code="91000000MA00000099", name="演示一号电子商务（示例）有限公司", division=cast.town, phone=cast.firm.phone)
    page = cast.client("officer").get(reverse("party", args=[cast.firm.pk])).content.decode()
    assert twin.name in page and "同一电话" in page


def test_an_object_on_file_becomes_a_party_with_its_data(cast: Cast) -> None:
    thing = Thing.objects.create(kind="企业", key="91000000MA00000055")
    client = cast.client("officer")
    assert thing.key in client.get(reverse("parties")).content.decode()
    client.post(reverse("party_enrol"), {"kind": "企业", "code": thing.key, "name": "演示五十五号", "division": cast.town.pk})
    thing.refresh_from_db()
    assert thing.party.name == "演示五十五号"
    assert client.post(reverse("party_enrol"), {"kind": "企业", "code": thing.key, "name": "又一家", "division": cast.town.pk}, follow=True).content.decode().count("已经登记过") == 1


@pytest.mark.parametrize("typed", ["91000000ma00000001", " 91000000MA 00000001 ", "９１００００００ＭＡ００００００01"])
def test_a_code_that_is_there_is_not_filed_again_however_it_is_typed(cast: Cast, typed: str) -> None:
    client, before = cast.client("officer"), Party.objects.count()
    given = {"kind": "企业", "code": typed, "name": "又一家（合成）", "division": cast.town.pk}
    answer = client.post(reverse("party_enrol"), given, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("party", args=[cast.firm.pk]) and f"已经登记过，是{cast.firm.name}" in answer.content.decode()
    with pytest.raises(Refused, match="已经登记过"):
        filing.new_party(cast.zibo, cast.seats["officer"], kind="社会组织", code=typed, name="又一家（合成）", division=cast.town)
    assert Party.objects.count() == before


def test_parties_with_one_code_written_twice_point_at_each_other(cast: Cast) -> None:
    small = Party.objects.create(kind="企业", code=cast.firm.code.lower(), name="早先导入的另一行（合成）", division=cast.town)
    changed = Party.objects.create(kind="企业", code="52" + cast.firm.code[2:], name="换过登记机关的（合成）", division=cast.town)
    client = cast.client("officer")
    pages = {one.pk: client.get(reverse("party", args=[one.pk])).content.decode() for one in (cast.firm, small, changed)}
    for one, others in ((cast.firm, (small, changed)), (small, (cast.firm, changed)), (changed, (cast.firm, small))):
        for other in others:
            assert f'href="{reverse("party", args=[other.pk])}"' in pages[one.pk], (one, other)
    assert "同一代码" in pages[cast.firm.pk] and "同一代码" in pages[small.pk] and "代码里是同一个组织" in pages[changed.pk]
