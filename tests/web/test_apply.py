"""The applicant's line, as a firm walks it: what may be had, choosing, filling in, files, the promise, handing in, correcting, following."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from django.urls import reverse

from duixian.web.cases.actions import handling
from duixian.web.cases.models import Application, Evidence
from duixian.web.cases.told import defects
from duixian.web.registry.models import Fact, Party
from tests.web.cast import Cast, submitted

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< >>\n%%EOF\n"


def start(client: Client, cycle: int) -> Application:
    response = client.post(reverse("start_application", args=[cycle]))
    assert response.status_code == 302
    return Application.objects.latest("pk")


def choose(client: Client, application: Application, award: str, **parts: str):
    response = client.post(reverse("choose_awards", args=[application.number]), {"award": award, **parts})
    assert response.status_code == 302
    return application.claims.filter(award=award, live=True).latest("pk")


def fill(client: Client, application: Application, claim, answers: dict[str, str]):
    """Answer fields by the end of their names: `2025年…` or a fact."""
    from duixian.web.cases.asked import Shelf, asked

    page = asked(Shelf(Application.objects.get(pk=application.pk)), claim)
    data = {}
    for label, text in answers.items():
        fields = [one for one in page.fields() if one.label == label]
        assert fields, (label, [one.label for one in page.fields()])
        data[fields[0].name] = text
    return client.post(reverse("fill_claim", args=[application.number, claim.pk]), data)


def upload(client: Client, application: Application, claim, material: str, name: str = "证明.pdf", data: bytes = PDF):
    file = io.BytesIO(data)
    file.name = name
    return client.post(reverse("add_evidence", args=[application.number, claim.pk]), {"material": material, "file": file})


@pytest.mark.django_db
def test_a_firm_applies_under_the_zibo_policy_from_first_look_to_submission(cast: Cast) -> None:
    client = cast.client("applicant")
    assert "15,000.00" in client.get(reverse("entitlements", args=[cast.zibo.pk])).content.decode()  # 5000万元 × 3元
    application = start(client, cast.zibo.pk)
    claim = choose(client, application, "流量补贴")
    page = client.get(reverse("fill_claim", args=[application.number, claim.pk])).content.decode()
    assert "15,000.00" in page and "第三方数据" in page
    check = client.get(reverse("check_application", args=[application.number])).content.decode()
    assert "材料：第三方数据证明" in check and "阅读并勾选承诺书" in check
    refused = client.post(reverse("submit_application", args=[application.number]), follow=True).content.decode()
    assert "还缺：" in refused
    assert Application.objects.get(pk=application.pk).state == "draft"
    upload(client, application, claim, "第三方数据证明")
    client.post(reverse("promise_page", args=[application.number]), {"given": "yes"})
    done = client.post(reverse("submit_application", args=[application.number]), follow=True).content.decode()
    assert "已提交" in done and "已提交，等待属地核实" in done
    assert "15,000.00" in done.partition("按提交的，合计先算得")[2], "what was applied for stays summed up after it was handed in"
    assert Application.objects.get(pk=application.pk).state == "submitted"


@pytest.mark.django_db
def test_a_firm_applies_for_rent_under_the_jinyun_policy_with_rows(cast: Cast) -> None:
    client = cast.client("applicant")
    application = start(client, cast.jinyun.pk)
    claim = choose(client, application, "场地租金补助")
    client.post(reverse("add_row", args=[application.number, claim.pk]), {"kind": "租约", "part-0": "合同-2025-01"})
    fill(client, application, claim, {"2025年纳入统计直报": "是", "2025年本县依法成立": "是", "2025年租用面积": "1000", "2025年租用月数": "12"})
    page = client.get(reverse("fill_claim", args=[application.number, claim.pk])).content.decode()
    assert "72,000.00" in page and "弄虚作假：否" in page
    assert not Fact.objects.filter(name="租用面积").exists(), "a draft is on no file but its own"
    for material in ("租赁合同", "租金发票", "银行回单"):
        upload(client, application, claim, material)
    assert Evidence.objects.count() == 3
    client.post(reverse("promise_page", args=[application.number]), {"given": "yes"})
    client.post(reverse("submit_application", args=[application.number]))
    assert Application.objects.get(pk=application.pk).state == "submitted"
    assert Fact.objects.filter(name="租用面积", ended=None).get().value == "i:1000"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [Party.Kind.HOUSEHOLD, Party.Kind.COOPERATIVE, Party.Kind.ORGANISATION])
def test_a_party_on_file_as_something_more_special_than_its_word_applies_as_that(cast: Cast, kind: str) -> None:
    """The statistics list a household among the firms: the word 个体工商户 says 主体 of the policy, the object on file is a 企业."""
    Party.objects.filter(pk=cast.firm.pk).update(kind=kind)
    client = cast.client("applicant")
    assert "流量补贴" in client.get(reverse("entitlements", args=[cast.zibo.pk])).content.decode()
    application = start(client, cast.zibo.pk)
    claim = choose(client, application, "流量补贴")
    assert claim.thing.kind == "企业"
    for name, args in (("application", []), ("choose_awards", []), ("fill_claim", [claim.pk]), ("check_application", [])):
        assert client.get(reverse(name, args=[application.number, *args])).status_code == 200
    upload(client, application, claim, "第三方数据证明")
    assert Evidence.objects.get(application=application).material == "第三方数据证明"


@pytest.mark.parametrize("text", ["1. 租赁合同缺最后一页\n2. 3月的发票抬头不对", "1、租赁合同缺最后一页\n（2）3月的发票抬头不对", "· 租赁合同缺最后一页\n\n- 3月的发票抬头不对", "租赁合同缺最后一页\n3月的发票抬头不对"])
@pytest.mark.django_db
def test_what_is_to_be_corrected_is_numbered_once_however_the_officer_wrote_it(cast: Cast, text: str) -> None:
    case = submitted(cast)
    handling.send_back(case, cast.seats["township"], text)
    assert defects(case) == ["租赁合同缺最后一页", "3月的发票抬头不对"]
    assert "<li>租赁合同缺最后一页</li>" in cast.client("applicant").get(reverse("application", args=[case.number])).content.decode()
