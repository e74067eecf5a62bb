"""Workbooks into the registry: what is wrong stores nothing, what is shown is what is stored, a blank takes nothing away, sources stay apart."""

from __future__ import annotations

import html
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from duixian.web.cases import intake as reading
from duixian.web.cases.actions import importing
from duixian.web.cases.models import Intake
from duixian.web.jobs import work
from duixian.web.jobs.models import Job
from duixian.web.record.book import Refused, verify
from duixian.web.record.models import Event, Kind
from duixian.web.registry import facts
from duixian.web.registry.models import Earlier, Fact, Import, Source, Thing
from tests.web.cast import WAN, Cast

HEAD = ("统一社会信用代码", "名称", "实物商品网络零售额（元）2025年", "纳统2025年")
CODES = ("91110108MA01XXXX0K", "91330100MA00000007")


def workbook(sheets: dict[str, list[tuple[Any, ...]]], name: str = "统计.xlsx") -> SimpleUploadedFile:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return SimpleUploadedFile(name, stream.getvalue())


def code(number: int) -> str:
    """A code with a right check digit that belongs to nobody."""
    from stdnum.cn import uscc

    body = f"91000000MA{number:07d}"
    return body + str(uscc.calc_check_digit(body))


def take(cast: Cast, file: SimpleUploadedFile, source: str = Source.STATISTICS) -> Intake:
    return importing.start(cast.zibo.version_of, 2025, source, [file], cast.seats["officer"])


def test_a_wrong_workbook_says_every_cell_and_stores_nothing(cast: Cast) -> None:
    before = Fact.objects.count(), Thing.objects.count()
    found = take(cast, workbook({"企业": [HEAD, (code(7), "演示七号", "三千万", "是"), ("不是代码", "演示八号", 1000, "也许"), (code(9), "演示九号", 1000, "否")]}))
    assert found.state == "faulty" and {one["cell"] for one in found.faults} >= {"C2", "A3", "D3"}
    assert all(one["sheet"] == "企业" and one["summary"] and (one["remedy"] or one["expected"]) for one in found.faults)
    assert (Fact.objects.count(), Thing.objects.count()) == before and not Import.objects.exists()
    with pytest.raises(Refused, match="不能确认"):
        importing.confirm(found, cast.seats["officer"], version=found.version)
    page = cast.client("officer").get(reverse("intake", args=[found.pk])).content.decode()
    assert "什么也没有导入" in page and "C2" in page
    rows = list(load_workbook(io.BytesIO(cast.client("officer").get(reverse("intake_faults", args=[found.pk])).content)).active.iter_rows(values_only=True))
    assert len(rows) == len(found.faults) + 1


def test_what_is_wrong_is_said_in_the_language_of_whoever_reads_it(cast: Cast, settings: Any) -> None:
    found = take(cast, workbook({"企业": [HEAD, (code(7), "演示七号", "三千万", "是")]}))
    wrong, client = found.faults[0], cast.client("officer")
    address = reverse("intake", args=[found.pk])
    assert wrong["remedy"] in client.get(address).content.decode()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = html.unescape(client.get(address).content.decode())
    assert wrong["en"]["remedy"] and wrong["en"]["remedy"] in page and wrong["remedy"] not in page
    rows = list(load_workbook(io.BytesIO(client.get(reverse("intake_faults", args=[found.pk])).content)).active.iter_rows(values_only=True))
    assert any(wrong["en"]["remedy"] in row for row in rows)


def test_what_is_stored_is_what_was_shown(cast: Cast) -> None:
    thing = facts.thing_of("企业", code(7))
    facts.put(thing, "实物商品网络零售额", 2025, Source.STATISTICS, 2000 * WAN, by=None)
    facts.put(thing, "实物商品网络零售额", 2025, Source.AUDITED, 1900 * WAN, by=None)
    facts.put(thing, "纳统", 2025, Source.STATISTICS, True, by=None)
    found = take(cast, workbook({
        "企业": [HEAD, (code(7), "演示七号", 30000000.01, "是"), (code(8), "演示八号", None, "否")],
        "历史": [("年度", "奖补", "对象", "金额（元）", "文件"), (2024, "流量补贴", code(7), 80000, "本政策")],
    }))  # fmt: skip
    assert found.state == "ready", found.faults
    shown = [json.loads(line) for line in (reading.folder_of(found) / "preview.jsonl").read_text(encoding="utf-8").splitlines()]
    assert found.counts["changed"] == 1 and found.counts["objects"] == 1 and found.counts["paid"] == 1 and found.counts["unchanged"] == 1
    page = cast.client("officer").get(reverse("intake", args=[found.pk])).content.decode()
    assert "20,000,000.00 元" in page and "30,000,000.01 元" in page and "仍采用审计" in page
    before = Fact.objects.filter(ended=None).count()
    assert importing.confirm(found, cast.seats["officer"], version=found.version)
    batch = Import.objects.get()
    stored = {(row.thing.kind, row.thing.key, row.name, row.period, row.value) for row in Fact.objects.filter(batch=batch, ended=None).select_related("thing")}
    assert stored == {(one["kind"], one["key"], one["name"], one["period"], one["new"]) for one in shown if one["what"] in ("added", "changed")}
    assert Fact.objects.filter(ended=None).count() == before + found.counts["added"]
    old = Fact.objects.get(thing=thing, name="实物商品网络零售额", source=Source.STATISTICS, ended__isnull=False)
    assert facts.decode(old.value) == 2000 * WAN, "the figure before is ended, not edited"
    assert facts.decode(Fact.objects.get(thing=thing, name="实物商品网络零售额", source=Source.STATISTICS, ended=None).value) == 3_000_000_001
    assert Earlier.objects.get().amount_fen == 8_000_000
    assert not Fact.objects.filter(thing__key=code(8), name="实物商品网络零售额").exists(), "a blank cell says nothing"
    assert verify()[1] == []
    again = take(cast, workbook({"历史": [("年度", "奖补", "对象", "金额（元）", "文件"), (2024, "流量补贴", code(7), 80000, "本政策")]}))
    assert again.counts.get("paid", 0) == 0, "a payment is filed once"


def test_a_blank_cell_takes_nothing_away_and_none_is_said(cast: Cast) -> None:
    thing = facts.thing_of("企业", code(7))
    facts.put(thing, "实物商品网络零售额", 2025, Source.STATISTICS, 2000 * WAN, by=None)
    found = take(cast, workbook({"企业": [HEAD, (code(7), "演示七号", None, "无")]}))
    importing.confirm(found, cast.seats["officer"], version=found.version)
    assert facts.decode(Fact.objects.get(thing=thing, name="实物商品网络零售额", ended=None).value) == 2000 * WAN
    assert Fact.objects.get(thing=thing, name="纳统", ended=None).value == "n:"


def test_data_changed_since_the_preview_is_shown_again_and_nothing_is_written(cast: Cast) -> None:
    found = take(cast, workbook({"企业": [HEAD, (code(7), "演示七号", 1000, "是")]}))
    thing = facts.thing_of("企业", code(7))
    facts.put(thing, "实物商品网络零售额", 2025, Source.STATISTICS, 5, by=None)
    count = Fact.objects.count()
    answer = cast.client("officer").post(reverse("intake_do", args=[found.pk]), {"do": "confirm", "version": found.version}, follow=True)
    assert "什么也没有写" in answer.content.decode() and Fact.objects.count() == count
    found.refresh_from_db()
    assert found.state == "ready" and found.counts["changed"] == 1
    assert Event.objects.filter(kind=Kind.REFUSED, new__law="stored_is_what_was_shown").exists()
    assert importing.confirm(found, cast.seats["officer"], version=found.version)


def test_what_is_written_while_the_workbook_is_compared_is_noticed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    found, real = take(cast, workbook({"企业": [HEAD, (code(7), "演示七号", 1000, "是")]})), reading.digest_of

    def meanwhile(changes: Any) -> str:
        facts.put(facts.thing_of("企业", code(7)), "实物商品网络零售额", 2025, Source.STATISTICS, 5, by=None)
        return real(changes)

    with monkeypatch.context() as busy, pytest.raises(Refused, match="什么也没有写"):
        busy.setattr(reading, "digest_of", meanwhile)
        importing.confirm(found, cast.seats["officer"], version=found.version)
    assert not Import.objects.exists() and Intake.objects.get(pk=found.pk).state == "ready"


def test_of_two_who_confirm_one_wins(cast: Cast) -> None:
    found = take(cast, workbook({"企业": [HEAD, (code(7), "演示七号", 1000, "是")]}))
    shown = found.version
    assert importing.confirm(Intake.objects.get(pk=found.pk), cast.seats["officer"], version=shown)
    with pytest.raises(Refused):
        importing.confirm(found, cast.seats["second officer"], version=shown)
    assert Import.objects.count() == 1


def test_a_large_workbook_is_read_and_filed_by_the_worker(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AT_ONCE_BYTES", 10)
    monkeypatch.setattr(importing, "AT_ONCE_CHANGES", 10)
    found = take(cast, workbook({"企业": [HEAD, *((code(number), f"演示{number}号", number, "是") for number in range(100, 150))]}))
    assert found.state == "reading"
    client = cast.client("officer")
    assert "正在读取" in client.get(reverse("intake", args=[found.pk])).content.decode()
    work.serve(once=True)
    found.refresh_from_db()
    assert found.state == "ready" and found.counts["objects"] == 50
    assert not importing.confirm(found, cast.seats["officer"], version=found.version)
    assert not Fact.objects.filter(batch__isnull=False).exists()
    work.serve(once=True)
    found.refresh_from_db()
    assert found.state == "done" and Thing.objects.filter(kind="企业").count() == 52
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


def test_a_worker_that_is_taken_over_files_nothing_twice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    found = take(cast, workbook({"企业": [HEAD, (code(7), "演示七号", 1000, "是")]}))
    importing.confirm(found, cast.seats["officer"], version=found.version)
    count = Fact.objects.count()
    importing.take(Intake.objects.get(pk=found.pk), cast.seats["officer"])
    assert Fact.objects.count() == count and Import.objects.count() == 1


def test_a_fault_while_writing_leaves_nothing_and_can_be_confirmed_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    found = take(cast, workbook({"企业": [HEAD, (code(7), "演示七号", 1000, "是")]}))
    before = Thing.objects.count(), Fact.objects.count()
    with monkeypatch.context() as broken, pytest.raises(OSError):
        broken.setattr(importing, "link_parties", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        importing.confirm(found, cast.seats["officer"], version=found.version)
    assert (Thing.objects.count(), Fact.objects.count()) == before and not Import.objects.exists()
    found.refresh_from_db()
    assert found.state == "ready"
    assert importing.confirm(found, cast.seats["officer"], version=found.version)


def test_a_fault_while_reading_leaves_nothing_that_stays_open(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken, pytest.raises(OSError):
        broken.setattr(reading, "changes_of", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        take(cast, workbook({"企业": [HEAD, (code(7), "演示七号", 1000, "是")]}))
    found = Intake.objects.get()
    assert found.state == "dropped" and not reading.folder_of(found).exists()


def test_a_workbook_the_worker_could_not_read_can_be_thrown_away(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AT_ONCE_BYTES", 0)
    found = take(cast, workbook({"企业": [HEAD, (code(7), "演示七号", 1000, "是")]}))
    given = {"do": "drop", "version": found.version}
    cast.client("officer").post(reverse("intake_do", args=[found.pk]), given)
    found.refresh_from_db()
    assert found.state == "reading"  # its turn has not come
    Job.objects.filter(subject=f"intake:{found.pk}").update(state="failed", problem="程序出错")
    assert 'value="drop"' in cast.client("officer").get(reverse("intake", args=[found.pk])).content.decode()
    cast.client("officer").post(reverse("intake_do", args=[found.pk]), given)
    found.refresh_from_db()
    assert found.state == "dropped" and not reading.folder_of(found).exists()


def test_objects_on_file_need_not_be_in_the_workbook_again(cast: Cast) -> None:
    found = take(cast, workbook({"店铺": [("电商平台", "店铺号", "企业", "注册年度", "网络零售额（元）2025年"), ("演示平台", "A1", cast.firm.code, 2025, 100)]}), Source.THIRD)
    assert found.state == "ready", found.faults
    importing.confirm(found, cast.seats["officer"], version=found.version)
    assert Thing.objects.get(kind="店铺").party == cast.firm, "what belongs to a firm on file is its own"
    wrong = take(cast, workbook({"店铺": [("电商平台", "店铺号", "企业", "注册年度", "网络零售额（元）2025年"), ("演示平台", "A2", code(77), 2025, 100)]}), Source.THIRD)
    assert wrong.state == "faulty"


@pytest.mark.parametrize(("name", "content"), [("a.xls", b"x"), ("空.xlsx", b""), ("a.xlsx.exe", b"MZ"), ("no ending", b"x")])
def test_what_is_no_workbook_is_not_taken_in(cast: Cast, name: str, content: bytes) -> None:
    with pytest.raises(Refused):
        take(cast, SimpleUploadedFile(name, content))
    assert not Intake.objects.exists()


def test_a_broken_workbook_is_a_message_not_a_fault(cast: Cast) -> None:
    found = take(cast, SimpleUploadedFile("坏的.xlsx", b"PK\x03\x04 not a workbook"))
    assert found.state == "faulty" and found.faults[0]["summary"]


def test_a_name_with_a_path_stays_in_its_folder(cast: Cast) -> None:
    file = workbook({"企业": [HEAD, (code(7), "演示七号", 1000, "是")]})
    file._name = "../../../etc/evil.xlsx"
    found = take(cast, file)
    assert [path.name for path in reading.files_of(found)] == ["evil.xlsx"] and found.state == "ready"
    assert all(reading.folder_of(found) in path.parents for path in reading.files_of(found))


def test_text_of_a_workbook_is_shown_as_text(cast: Cast) -> None:
    found = take(cast, workbook({"企业": [HEAD, (code(7), "<img src=x onerror=alert(1)>", 1000, "是")]}))
    page = cast.client("officer").get(reverse("intake", args=[found.pk])).content.decode()
    assert "<img src=x" not in page


@pytest.mark.parametrize("who", ["applicant", "township", "finance", "admin", "head", "auditor"])
def test_only_officers_import(cast: Cast, who: str) -> None:
    client = cast.client(who)
    answer = client.post(reverse("import_start"), {"version": cast.zibo.version_of_id, "year": 2025, "source": "statistics", "files": workbook({"企业": [HEAD]})})
    assert answer.status_code == 403 and not Intake.objects.exists()


def test_the_template_that_is_offered_can_be_read_back(cast: Cast, tmp_path: Path) -> None:
    answer = cast.client("officer").get(reverse("template", args=[cast.zibo.version_of_id, 2025]))
    found = take(cast, SimpleUploadedFile("模板.xlsx", answer.content))
    assert found.state == "ready", found.faults
    assert sum(found.counts.get(name, 0) for name in ("added", "changed", "objects")) == 0


def test_an_intake_thrown_away_leaves_no_file(cast: Cast) -> None:
    found = take(cast, workbook({"企业": [HEAD, (code(7), "演示七号", 1000, "是")]}))
    cast.client("officer").post(reverse("intake_do", args=[found.pk]), {"do": "drop", "version": found.version})
    found.refresh_from_db()
    assert found.state == "dropped" and not reading.folder_of(found).exists() and not Fact.objects.filter(thing__key=code(7)).exists()


@pytest.mark.parametrize("stem", ["长" * 300, "a" * 400, "../../长\u202e名" + "长" * 200])
def test_a_very_long_name_of_a_workbook_is_cut_and_read_all_the_same(cast: Cast, stem: str) -> None:
    found = take(cast, workbook({"企业": [HEAD, (code(7), "演示七号", 30000000, "是")]}, f"{stem}.xlsx"))
    assert found.state == "ready", found.faults
    (kept,) = reading.files_of(found)
    assert len(kept.name.encode()) <= 255 and kept.name.endswith(".xlsx")


def test_what_cannot_be_kept_leaves_no_folder(cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    def full(_self: SimpleUploadedFile, *_: Any) -> Any:
        raise OSError(28, "No space left on device")

    before = set((settings.HOME / "intakes").glob("*"))
    monkeypatch.setattr(SimpleUploadedFile, "chunks", full)
    with pytest.raises(OSError, match="No space"):
        take(cast, workbook({"企业": [HEAD]}))
    assert set((settings.HOME / "intakes").glob("*")) == before and not Intake.objects.exists()


def test_a_workbook_that_is_too_large_is_told_by_its_name_not_as_if_none_had_come(cast: Cast, settings: Any) -> None:
    settings.UPLOAD_MOST_BYTES = 1000
    file = SimpleUploadedFile("统计.xlsx", b"x" * 1001)
    answer = cast.client("officer").post(reverse("import_start"), {"version": cast.zibo.version_of_id, "year": 2025, "source": Source.STATISTICS, "files": file}, follow=True)
    assert "“统计.xlsx”太大" in answer.content.decode()
