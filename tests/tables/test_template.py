"""Templates, and the round trip: what is written is what is read, whatever the kind of file."""

from __future__ import annotations

import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from demonstration.jinyun import make_jinyun
from demonstration.maker import Maker
from demonstration.zibo import make_zibo
from duixian.tables.layout import EXAMPLE, layout_of
from duixian.tables.read import Tables, read_tables
from duixian.tables.template import template_bytes, write_template
from duixian.tables.write_facts import write_facts, write_facts_csv, write_facts_parquet

from .support import book, code, policy_of, read

PLACES = [("jinyun-2025", 2025, make_jinyun), ("zibo-2022", 2024, make_zibo)]


def same(tables: Tables, made: Maker) -> None:
    """Everything a Maker states is what was read."""
    for kind, things in made.facts.things.items():
        assert {key: thing.values for key, thing in tables.facts.things[kind].items()} == {key: thing.values for key, thing in things.items()}, kind
    assert set(tables.facts.things) == set(made.facts.things)
    assert tables.facts.listed == made.facts.listed and tables.facts.claims == made.facts.claims and tables.facts.applied == made.facts.applied
    assert tables.ledger == made.ledger


@pytest.mark.parametrize(("name", "year", "make"), PLACES)
def test_facts_come_back_equal_from_a_workbook(tmp_path: Path, name: str, year: int, make: Any) -> None:
    made = make(policy_of(name), year)
    write_facts(made.facts, made.ledger, policy_of(name), year, tmp_path / "a.xlsx")
    same(read(tmp_path / "a.xlsx", policy=name, year=year), made)


@pytest.mark.parametrize(("name", "year", "make"), PLACES)
@pytest.mark.parametrize("form", ["utf-8-sig", "utf-8", "gb18030", "parquet"])
def test_facts_come_back_equal_from_csv_and_parquet(tmp_path: Path, name: str, year: int, make: Any, form: str) -> None:
    made = make(policy_of(name), year)
    if form == "parquet":
        paths = write_facts_parquet(made.facts, made.ledger, policy_of(name), year, tmp_path)
    else:
        paths = write_facts_csv(made.facts, made.ledger, policy_of(name), year, tmp_path, encoding=form)
    same(read(*paths, policy=name, year=year), made)


def test_applications_come_back_equal(tmp_path: Path) -> None:
    policy = policy_of()
    made = make_jinyun(policy, 2025)
    firms = sorted(made.facts.things["企业"])
    everyone = {
        (rule.name, thing.key)
        for rule in policy.awards
        for kind in policy.vocabulary.objects
        if policy.vocabulary.is_kind(kind, rule.object)
        for thing in made.facts.all(kind)
    }
    made.facts.applied = {pair for pair in everyone if pair[0] != "展位费补助"} | {("展位费补助", key) for key in firms[:7]}
    write_facts(made.facts, made.ledger, policy, 2025, tmp_path / "a.xlsx")
    same(read(tmp_path / "a.xlsx"), made)


@pytest.mark.parametrize(("name", "year", "make"), PLACES)
def test_the_same_facts_give_the_same_bytes(tmp_path: Path, name: str, year: int, make: Any) -> None:
    for target in ("a.xlsx", "b.xlsx"):
        made = make(policy_of(name), year)
        write_facts(made.facts, made.ledger, policy_of(name), year, tmp_path / target)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert template_bytes(policy_of(name), year) == template_bytes(policy_of(name), year)


@pytest.mark.parametrize(("name", "year", "make"), PLACES)
def test_an_untouched_template_holds_nothing_and_is_readable(tmp_path: Path, name: str, year: int, make: Any) -> None:
    write_template(policy_of(name), year, tmp_path / "a.xlsx")
    tables = read(tmp_path / "a.xlsx", policy=name, year=year)
    assert not tables.facts.things and not tables.ledger and tables.inputs[0].rows == 0 and not tables.notices


def test_the_example_row_is_ignored_wherever_it_stands(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx", {"园区": [("园区编号", "网店数（家）2025年"), ("P1", 30), (EXAMPLE, "随便"), ("示例 (导入时忽略)", -1), ("P2", 20)]}
    )
    assert sorted(read(path).facts.things["园区"]) == ["P1", "P2"]


def test_a_template_asks_only_for_what_the_policy_uses() -> None:
    sheets = {sheet.name: sheet for sheet in layout_of(policy_of(), 2025)}
    assert not {"行政村", "店铺", "贷款", "配送中心"} & set(sheets)
    heads = [column.header for column in sheets["企业"].columns]
    assert heads[:2] == ["统一社会信用代码", "名称"]
    assert {"网络零售额（元）2023年", "网络零售额（元）2024年", "网络零售额（元）2025年", "所在园区 2025年", "跨境出口额（美元）2025年"} <= set(heads)
    assert "生产企业" not in heads and "直播佣金（元）2025年" not in heads
    assert "电商镇决定 2024年" in [
        column.header for sheet in layout_of(policy_of("zibo-2022"), 2024) if sheet.name == "乡镇" for column in sheet.columns
    ]


@pytest.mark.parametrize(("name", "year", "make"), PLACES)
def test_every_header_of_a_template_is_read_as_itself(name: str, year: int, make: Any) -> None:
    from dataclasses import replace

    from duixian.tables.layout import Column, read_header

    for sheet in layout_of(policy_of(name), year):
        for column in sheet.columns:
            found = read_header(column.header, sheet.name, policy_of(name), year)
            assert isinstance(found, Column) and replace(found, needed=True) == replace(column, needed=True), column.header


def test_a_template_helps_to_fill_it_in(tmp_path: Path) -> None:
    write_template(policy_of(), 2025, tmp_path / "a.xlsx")
    made = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert made.sheetnames[0] == "说明" and made.sheetnames[-3:] == ["历史", "申报", "其他政策已付"]
    page = made["企业"]
    assert page.freeze_panes == "B2" and page["A2"].value == EXAMPLE
    assert page.column_dimensions["A"].number_format == "@" if hasattr(page.column_dimensions["A"], "number_format") else True
    lists = [item.formula1 for item in page.data_validations.dataValidation]
    assert '"是,否"' in lists
    assert "登记" in page["B1"].comment.text
    guide = "".join(str(cell.value or "") for row in made["说明"].iter_rows() for cell in row)
    assert all(word in guide for word in ("未知", "已核实没有", "金额一律是元", "历史", "合并单元格"))


def test_a_workbook_without_clock_or_machine_in_it(tmp_path: Path) -> None:
    write_template(policy_of(), 2025, tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert "2000-01-01T00:00:00Z" in core


def test_a_number_too_long_for_a_spreadsheet_keeps_every_digit(tmp_path: Path) -> None:
    from duixian.values.facts import Facts

    facts = Facts()
    facts.listed.add("企业")
    rate = Fraction("7.12345678901234567")
    facts.add("企业", code(1)).values[("折算汇率", 2025)] = rate
    write_facts(facts, [], policy_of(), 2025, tmp_path / "a.xlsx")
    assert read_tables([tmp_path / "a.xlsx"], policy_of(), 2025).facts.find("企业", code(1)).values[("折算汇率", 2025)] == rate  # type: ignore[union-attr]
