"""The auditor: declared before the first case, a sample that anybody can draw again, files of the desk."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from duixian.web.cases import audits, sample
from duixian.web.cases.actions import auditing, handling
from duixian.web.cases.models import Application, Declaration, Evidence, Sample
from duixian.web.record.book import Refused
from duixian.web.record.models import Event, Kind
from tests.web.cast import Cast, submitted

LISTED = [("甲", f"2025-001-{place:05d}") for place in range(40)] + [("乙", f"2025-001-{place:05d}") for place in range(3)]
PHOTO = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082")


def at_audit(cast: Cast, who: str = "applicant", township: str = "township") -> Application:
    case = submitted(cast, cast.jinyun, who, award="场地租金补助", clause="（五）")
    handling.verify(case, cast.seats[township], true=True, text="", visited=None)
    handling.accept(case, cast.seats["officer"])
    return case


def test_the_same_seed_draws_the_same_whatever_the_order_of_the_list() -> None:
    once = sample.draw(LISTED, "3421.07", 20, 2)
    assert once == sample.draw(reversed(LISTED), "3421.07", 20, 2) == sample.draw([*LISTED, *LISTED], " 3421.07 ", 20, 2)
    assert len([one for one in once if one[0] == "甲"]) == 8 and len([one for one in once if one[0] == "乙"]) == 2
    assert once != sample.draw(LISTED, "3421.08", 20, 2)
    expected = sorted(LISTED[:40], key=lambda one: sample.place_of("3421.07", one))[:8]
    assert [one for one in once if one[0] == "甲"] == expected


def test_a_larger_share_keeps_what_a_smaller_one_drew() -> None:
    small, large = set(sample.draw(LISTED, "s", 10, 1)), set(sample.draw(LISTED, "s", 50, 1))
    assert small < large and set(sample.draw(LISTED, "s", 100, 0)) == set(LISTED)


def test_an_auditor_declares_before_the_first_case(cast: Cast) -> None:
    case, client = at_audit(cast), cast.client("auditor")
    assert client.get(reverse("case", args=[case.number])).url == reverse("audit", args=[cast.jinyun.pk])
    assert client.post(reverse("case_move", args=[case.number]), {"action": "audit", "version": case.version, "result": "核定"}).status_code == 409
    assert Event.objects.filter(kind=Kind.REFUSED, new__law="independence_is_declared").exists()
    client.post(reverse("audit_declare", args=[cast.jinyun.pk]), {})
    assert not Declaration.objects.exists(), "not without the tick"
    client.post(reverse("audit_declare", args=[cast.jinyun.pk]), {"confirmed": "yes"})
    assert client.get(reverse("case", args=[case.number])).status_code == 200
    assert client.post(reverse("case_move", args=[case.number]), {"action": "audit", "version": case.version, "result": "核定"}).status_code == 302
    with pytest.raises(Refused):
        auditing.declare(cast.jinyun, cast.seats["auditor"], [], confirmed=True)


def test_a_case_an_auditor_has_an_interest_in_goes_to_somebody_else(cast: Cast) -> None:
    case, client = at_audit(cast), cast.client("auditor")
    client.post(reverse("audit_declare", args=[cast.jinyun.pk]), {"confirmed": "yes", "party": [cast.firm.pk]})
    assert client.post(reverse("case_move", args=[case.number]), {"action": "audit", "version": case.version, "result": "核定"}).status_code == 409
    assert Application.objects.get(pk=case.pk).state == "auditing"


def test_a_sample_is_recorded_with_its_seed_and_list_and_drawn_again(cast: Cast) -> None:
    first, second = at_audit(cast), at_audit(cast, "outsider", "other township")
    client = cast.client("auditor")
    auditing.declare(cast.jinyun, cast.seats["auditor"], [], confirmed=True)
    client.post(reverse("audit_draw", args=[cast.jinyun.pk]), {"seed": "3421.07", "origin": "演示：某日收盘指数", "percent": "50", "least": "1"})
    found = Sample.objects.get()
    assert found.listed == [["场地租金补助", first.number], ["场地租金补助", second.number]] and len(found.drawn) == 1
    event = Event.objects.get(action="audit.sample")
    assert event.new["seed"] == "3421.07" and event.new["drawn"] == found.drawn and event.new["digest"] == found.digest
    assert audits.samples_of(cast.jinyun)[0].again
    page = client.get(reverse("audit", args=[cast.jinyun.pk])).content.decode()
    assert "3421.07" in page and "完全一样" in page
    Sample.objects.filter(pk=found.pk).update(drawn=[["场地租金补助", "2025-000-00000"]])
    assert not audits.samples_of(cast.jinyun)[0].again


@pytest.mark.parametrize("wrong", [{"seed": " "}, {"origin": ""}, {"percent": "0"}, {"percent": "101"}, {"percent": "x"}, {"least": "-1"}])
def test_a_sample_without_a_published_seed_is_not_drawn(cast: Cast, wrong: dict[str, str]) -> None:
    at_audit(cast)
    cast.client("auditor").post(reverse("audit_draw", args=[cast.jinyun.pk]), {"seed": "1", "origin": "某处", "percent": "20", "least": "1", **wrong})
    assert not Sample.objects.exists()


@pytest.mark.parametrize("who", ["township", "applicant", "finance", "admin"])
def test_the_audit_page_is_closed_to_others(cast: Cast, who: str) -> None:
    assert cast.client(who).get(reverse("audit", args=[cast.jinyun.pk])).status_code == 403


def test_an_adjusted_figure_is_listed_with_its_reason(cast: Cast) -> None:
    from duixian.web.registry.models import Thing

    case = at_audit(cast)
    auditing.declare(cast.jinyun, cast.seats["auditor"], [], confirmed=True)
    handling.adjust(case, Thing.objects.get(key=cast.firm.code), "网络零售额", 2025, 4_900_000_000, cast.seats["auditor"], "剔除退货")
    page = cast.client("head").get(reverse("audit", args=[cast.jinyun.pk])).content.decode()
    assert "剔除退货" in page and "49,000,000.00 元" in page


def test_photos_of_the_visit_are_the_desks_and_not_the_applicants(cast: Cast) -> None:
    case = submitted(cast)
    client = cast.client("township")
    client.post(reverse("case_files", args=[case.number]), {"file": [SimpleUploadedFile("现场.png", PHOTO), SimpleUploadedFile("坏.png", b"MZ not a picture")]})
    found = Evidence.objects.get()
    assert found.material == "现场照片" and found.claim is None
    assert b"".join(client.get(reverse("evidence_file", args=[found.pk])).streaming_content) == PHOTO
    assert cast.client("applicant").get(reverse("evidence_file", args=[found.pk])).status_code == 404
    assert cast.client("outsider").get(reverse("evidence_file", args=[found.pk])).status_code == 404
    assert "现场.png" in client.get(reverse("case", args=[case.number])).content.decode()
    cast.client("officer").post(reverse("case_files", args=[case.number]), {"file": SimpleUploadedFile("a.png", PHOTO)})
    assert Evidence.objects.count() == 1, "not before the case is at that desk"


def test_the_list_to_draw_again_can_be_taken_away(cast: Cast) -> None:
    from openpyxl import load_workbook

    case = at_audit(cast)
    auditing.draw(cast.jinyun, cast.seats["auditor"], seed="=1+1", origin="某处", percent=100, least=0)
    rows = list(load_workbook(io.BytesIO(cast.client("head").get(reverse("audit_export", args=[cast.jinyun.pk])).content)).active.iter_rows(values_only=True))
    assert rows[1] == ("场地租金补助", case.number, "抽中")
