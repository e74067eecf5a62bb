"""Results: every amount once, no formulas, no personal data in the notice, the same bytes every time, never half a file."""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from demonstration.jinyun import make_jinyun
from demonstration.zibo import make_zibo
from duixian import pipeline
from duixian.policy.year_file import load_standards
from duixian.tables.layout import place_of
from duixian.tables.notice import UNNAMED, notice_rows, public_name
from duixian.tables.read import Input
from duixian.tables.write import LINE_COLUMNS, harmless, result_bytes, write_csv, write_json, write_notice, write_parquet, write_result
from duixian.values.diagnostic import Defects
from duixian.values.facts import Facts, Missing, Thing
from duixian.values.terms import Outcome, Waits

from .support import ROOT, policy_of

pytestmark = pytest.mark.xdist_group("writing")  # one worker: the demonstration is settled once

PLACES = [("jinyun-2025", 2025, make_jinyun), ("zibo-2022", 2024, make_zibo)]
INPUTS = [Input("数据.xlsx", "ab" * 32, ("企业",), 3)]


@cache
def settled(name: str) -> tuple[pipeline.Settlement, Facts]:
    _, year, make = next(item for item in PLACES if item[0] == name)
    defects: list[Any] = []
    standards = load_standards(ROOT / name / f"standards-{year}.md", policy_of(name), year, defects)
    assert not defects
    made = make(policy_of(name), year)
    return pipeline.settle(policy_of(name), year, made.facts, made.ledger, standards), made.facts


def sheet(path: Path, name: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path)[name].iter_rows(values_only=True))


@pytest.mark.parametrize("name", ["jinyun-2025", "zibo-2022"])
def test_every_line_is_in_the_workbook_with_every_amount(tmp_path: Path, name: str) -> None:
    settlement, facts = settled(name)
    explained = {(line.claim.award, line.claim.key): ["甲", "乙"] for line in settlement.lines[:5]}
    write_result(settlement, tmp_path / "r.xlsx", inputs=INPUTS, facts=facts, explanations=explained)
    made = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert made.sheetnames == ["汇总", "奖补明细", "解释", "待补充", "公示", "口径与依据"]
    head, *rows = sheet(tmp_path / "r.xlsx", "奖补明细")
    assert head == LINE_COLUMNS and len(rows) == len(settlement.lines)
    at = head.index("应付（元）")
    for row, line in zip(rows, settlement.lines, strict=True):
        assert row[1] == line.claim.award and row[3] == line.claim.key and row[6] == line.outcome.value
        assert Decimal(str(row[at])) * 100 == line.payable_fen
    assert sum(Decimal(str(row[at])) for row in rows) * 100 == settlement.payable_fen
    assert len(sheet(tmp_path / "r.xlsx", "解释")) == 11
    summary = "\n".join(str(cell) for row in sheet(tmp_path / "r.xlsx", "汇总") for cell in row if cell is not None)
    assert all(text in summary for text in settlement.notices)
    grounds = "\n".join(str(cell) for row in sheet(tmp_path / "r.xlsx", "口径与依据") for cell in row if cell is not None)
    assert settlement.policy.digest in grounds and settlement.standards.digest in grounds and "ab" * 32 in grounds


@pytest.mark.parametrize("name", ["jinyun-2025", "zibo-2022"])
def test_the_counts_of_the_summary_are_those_of_the_lines(tmp_path: Path, name: str) -> None:
    settlement, facts = settled(name)
    write_result(settlement, tmp_path / "r.xlsx", inputs=INPUTS, facts=facts)
    rows = sheet(tmp_path / "r.xlsx", "汇总")
    head = next(row for row in rows if row[:2] == ("条款", "奖补"))
    total = next(row for row in rows if row[0] == "合计")
    counted = {title: count or 0 for title, count in zip(head, total, strict=True) if title in {item.value for item in Outcome}}
    assert counted == {item.value: Counter(line.outcome for line in settlement.lines)[item] for item in Outcome}
    assert Decimal(str(total[head.index("应付（元）")])) * 100 == settlement.payable_fen


@pytest.mark.parametrize("name", ["jinyun-2025", "zibo-2022"])
def test_the_notice_adds_up_and_holds_no_personal_data(tmp_path: Path, name: str) -> None:
    settlement, facts = settled(name)
    write_notice(settlement, tmp_path / "n.xlsx", facts=facts)
    write_result(settlement, tmp_path / "r.xlsx", inputs=INPUTS, facts=facts)
    for path in ("n.xlsx", "r.xlsx"):
        rows = sheet(tmp_path / path, "公示")
        start = rows.index(("序号", "受益人", "条款", "奖补", "金额（元）")) + 1
        body, last = rows[start:-1], rows[-1]
        assert last[0] == "合计" and sum(Decimal(str(row[4])) for row in body) == Decimal(str(last[4])) == Decimal(settlement.payable_fen) / 100
        assert all(row[4] > 0 for row in body) and len(body) == sum(line.payable_fen > 0 for line in settlement.lines)
        text = "\n".join(str(cell) for row in body for cell in row)
        assert not re.search(r"[0-9A-Z]{15,}|\d{7,}|@", text.replace(".", " "))
        for line in settlement.lines:
            assert not line.claim.recipient or line.claim.recipient not in text
    people = {
        thing.values[("名称", None)] for kind in ("主播", "主体") for thing in facts.all(kind) if thing.values.get(("主体类型", None)) == "自然人"
    }
    assert not {row.recipient for row in notice_rows(settlement, facts)} & people
    if name == "jinyun-2025":
        assert any(re.fullmatch(".\\*", row.recipient) for row in notice_rows(settlement, facts))


@pytest.mark.parametrize(
    ("kind", "what", "name", "shown"),
    [
        ("企业", "企业", "演示电商有限公司", "演示电商有限公司"),
        ("主体", "自然人", "张三", "张*"),
        ("主播", None, "李四五", "李*"),
        ("主播", "企业", "李四五", "李*"),
        ("企业", None, "王五", "王*"),
        ("企业", None, "演示电商有限公司", "演示电商有限公司"),
        ("企业", "企业", "K1", UNNAMED),
        ("企业", "企业", "", UNNAMED),
        ("主体", "个体工商户", "张三小吃店 13800000000", "张三小吃店 ＊"),
        ("企业", "企业", "91331122MA0000001X", UNNAMED),
        ("企业", "企业", "a@b.cn", UNNAMED),
    ],
)
def test_a_person_is_masked_and_a_code_never_shown(kind: str, what: str | None, name: str, shown: str) -> None:
    payee = Thing(kind, "K1")
    if what:
        payee.values[("主体类型", None)] = what
    assert public_name(payee, "K1", name) == shown


def test_a_payee_nobody_knows_is_masked_when_the_name_may_be_a_persons() -> None:
    assert public_name(None, "K1", "赵六") == "赵*" and public_name(None, "K1", "演示有限公司") == "演示有限公司"


def test_a_name_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    settlement, facts = settled("jinyun-2025")
    evil = ['=HYPERLINK("http://x","y")', "+1+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "http://x.example.com", "_x0041_"]
    lines = [line for line in settlement.lines if line.payable_fen][: len(evil)]
    before = [line.claim.recipient_name for line in lines]
    try:
        for line, name in zip(lines, evil, strict=True):
            line.claim.recipient_name = name
        explained = {(line.claim.award, line.claim.key): [line.claim.recipient_name] for line in lines}
        write_result(settlement, tmp_path / "r.xlsx", inputs=INPUTS, facts=facts, explanations=explained)
        write_csv(settlement, tmp_path / "r.csv")
    finally:
        for line, name in zip(lines, before, strict=True):
            line.claim.recipient_name = name
    made = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert not any(cell.data_type == "f" or cell.hyperlink for page in made for row in page.iter_rows() for cell in row)
    shown = list(made["奖补明细"].iter_rows(values_only=True))
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as stream:
        told = list(csv.reader(stream))
    for line, name in zip(lines, evil, strict=True):
        row = settlement.lines.index(line) + 1
        assert shown[row][5] == name
        assert told[row][5] == (name if name[0] in "h_" else "'" + name)


def test_what_starts_a_formula_is_made_harmless() -> None:
    assert [harmless(text) for text in ("=1", "+1", "-1", "@a", "\t1", "a=1", "")] == ["'=1", "'+1", "'-1", "'@a", "'\t1", "a=1", ""]


@pytest.mark.parametrize("name", ["jinyun-2025", "zibo-2022"])
def test_the_same_settlement_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    first, facts = settled(name)
    settled.cache_clear()
    second, again = settled(name)
    assert first is not second
    assert result_bytes(first, inputs=INPUTS, facts=facts) == result_bytes(second, inputs=INPUTS, facts=again)
    for place, settlement in (("a", first), ("b", second)):
        write_json(settlement, tmp_path / f"{place}.json", inputs=INPUTS)
        write_parquet(settlement, tmp_path / f"{place}.parquet")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


@pytest.mark.parametrize("name", ["jinyun-2025", "zibo-2022"])
def test_json_and_parquet_hold_whole_fen(tmp_path: Path, name: str) -> None:
    import pyarrow.parquet as parquet

    settlement, _ = settled(name)
    write_json(settlement, tmp_path / "r.json", inputs=INPUTS)
    write_parquet(settlement, tmp_path / "r.parquet")
    told = json.loads((tmp_path / "r.json").read_text("utf-8"))
    table = parquet.read_table(tmp_path / "r.parquet")
    assert told["payable_fen"] == settlement.payable_fen == sum(line["payable_fen"] for line in told["lines"]) == sum(table["应付_fen"].to_pylist())
    assert str(table.schema.field("应付_fen").type) == "int64"
    waiting = [row for row in table.to_pylist() if row["outcome"] == "待补充"]
    assert waiting and all(row["missing"] for row in waiting), "what is missing is said in every form of the result"
    assert [line["outcome"] for line in told["lines"]] == table["outcome"].to_pylist() == [line.outcome.value for line in settlement.lines]
    assert told["draft"] is (name == "jinyun-2025") and told["policy"]["digest"] == settlement.policy.digest


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settlement, facts = settled("jinyun-2025")
    target = tmp_path / "r.xlsx"
    target.write_bytes(b"old")

    def fail(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(Defects) as refused:
            write_result(settlement, target, inputs=INPUTS, facts=facts)
    assert [item.code for item in refused.value.diagnostics] == ["DT161"] and "原来的文件没有改动" in str(refused.value)
    assert target.read_bytes() == b"old" and [path.name for path in tmp_path.iterdir()] == ["r.xlsx"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    settlement, facts = settled("jinyun-2025")
    with pytest.raises(Defects) as refused:
        write_result(settlement, tmp_path / "没有" / "r.xlsx", inputs=INPUTS, facts=facts)
    assert refused.value.diagnostics[0].code == "DT161"


def test_who_waits_is_told_with_what_is_missing(tmp_path: Path) -> None:
    settlement, facts = settled("zibo-2022")
    write_result(settlement, tmp_path / "r.xlsx", inputs=INPUTS, facts=facts)
    head, *rows = sheet(tmp_path / "r.xlsx", "待补充")
    assert head == ("等谁", "缺什么", "填在哪里", "涉及笔数", "涉及")
    assert {row[0] for row in rows} >= {"申报单位补充", "主管部门确定"}
    assert any(
        row[1] == "电商镇奖励 的本年标准"
        and row[2:4] == ("standards-2024.md", sum(line.outcome is Outcome.PROVISIONAL and line.claim.award == "电商镇奖励" for line in settlement.lines))
        for row in rows
    )


def test_what_is_missing_says_which_cell_of_which_table_it_is(tmp_path: Path) -> None:
    policy = policy_of("jinyun-2025")
    asked = [("企业", "A", "网络零售额", 2024), ("企业", "A", "租约清单", 2025), ("申报", "展位费补助 A", "其他政策已付", 2025), ("企业", "A", "增长率（网络零售额）", 2025)]
    assert [place_of(policy, Missing(Waits.APPLICANT, *one)) for one in asked] == [
        "“企业”表，A 一行（没有就加一行），“网络零售额（元）2024年”一列",
        "“租约”表，一个一行；一个也没有的，这张表只留表头",
        "“其他政策已付”表；没有得过的，这张表只留表头",
        "",
    ]
