"""One cell at a time: what is read exactly, and what is refused with its code, its place and what to do."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from duixian.values.facts import NONE

from .support import FIRM, book, cell, code, defects_of, firm, only, read, repacked, value

RETAIL = "网络零售额（元）2025年"


@pytest.mark.parametrize(
    ("raw", "fen"),
    [
        (30_000_000, 3_000_000_000),
        (0, 0),
        (0.01, 1),
        (1234.5, 123_450),
        (29_999_999.99, 2_999_999_999),
        (999_999_999_999.99, 99_999_999_999_999),
        ("30000000", 3_000_000_000),
        ("1,234.56", 123_456),
        ("１２３４．５", 123_450),
        (" 12 ", 1_200),
        ("3000万元", 3_000_000_000),
        ("3亿元", 30_000_000_000),
        ("0.5万元", 500_000),
        ("999999999999.99", 99_999_999_999_999),
        ("￥5", 500),
        ("12元", 1_200),
        ("30,000.00元", 3_000_000),
    ],
)
def test_money_is_read_to_the_fen(tmp_path: Path, raw: Any, fen: int) -> None:
    assert value(tmp_path / "a.xlsx", RETAIL, raw, "网络零售额") == fen


@pytest.mark.parametrize("raw", [None, "", "  ", "？", "?", "\u3000"])
def test_a_blank_or_a_question_mark_is_unknown(tmp_path: Path, raw: Any) -> None:
    assert value(tmp_path / "a.xlsx", RETAIL, raw, "网络零售额") is None


@pytest.mark.parametrize("header", [RETAIL, "所在园区 2025年", "首次纳入限上年度", "主体类型 "])
def test_none_is_verified_to_be_none(tmp_path: Path, header: str) -> None:
    name = header.split("（")[0].split(" ")[0]
    if name == "主体类型":
        rows = [(*FIRM[:2], "主体类型"), (code(1), "甲", "无")]
        assert read(book(tmp_path / "a.xlsx", {"企业": rows})).facts.find("企业", code(1)).values[("主体类型", None)] is NONE  # type: ignore[union-attr]
        return
    assert value(tmp_path / "a.xlsx", header, "无", name, 2025 if "2025" in header else None) is NONE


@pytest.mark.parametrize(("raw", "code_", "pieces"), [
    ("约800万", "DT121", ["约800万", "单位：元"]),
    ("abc", "DT121", ["abc"]),
    ("3000万", "DT121", ["3000万", "单位是元"]),
    ("1e7", "DT121", ["1e7"]),
    (True, "DT121", ["TRUE", "格式改成数值"]),
    (date(2025, 3, 1), "DT121", ["2025-03-01", "格式改成数值"]),
    ("30%", "DT122", ["30%", "换算成“元”"]),
    ("500美元", "DT122", ["500美元"]),
    ("12,00,000", "DT123", ["12,00,000", "去掉逗号"]),
    ("1,23", "DT123", ["1,23"]),
    (100.001, "DT124", ["100.001", "最多两位小数（元）", "ROUND(…, 2)"]),
    ("0.005", "DT124", ["0.005"]),
    (1e15, "DT125", ["1000000000000000"]),
    (1e300, "DT125", ["1e+300"]),
    (-5, "DT126", ["-5"]),
    ("-0.01", "DT126", ["-0.01"]),
])  # fmt: skip
def test_a_number_that_is_not_exact_is_refused(tmp_path: Path, raw: Any, code_: str, pieces: list[str]) -> None:
    defect = only(cell(tmp_path / "a.xlsx", RETAIL, raw))
    said = defect.render()
    assert defect.code == code_ and defect.places[0].text == "a.xlsx 企业!D2"
    assert all(piece in said for piece in pieces), said


@pytest.mark.parametrize("raw", [0.1 + 0.2, 1234567.8900000001])
def test_the_noise_of_binary_arithmetic_is_refused(tmp_path: Path, raw: float) -> None:
    good = book(tmp_path / "good.xlsx", {"企业": [(*FIRM, RETAIL), firm(1, 7)]})
    xml = zipfile.ZipFile(good).read("xl/worksheets/sheet1.xml").replace(b"<v>7</v>", f"<v>{raw!r}</v>".encode())  # as spreadsheet programs store it
    repacked(good, tmp_path / "a.xlsx", {"xl/worksheets/sheet1.xml": xml})
    defect = only(defects_of(tmp_path / "a.xlsx"))
    assert defect.code == "DT125" and repr(raw) in defect.render() and "ROUND(…, 2)" in defect.render()


def test_a_count_is_whole(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"园区": [("园区编号", "网店数（家）2025年", "使用面积（平方米）2025年"), ("P1", 29.5, 4999.99)]})
    defect = only(defects_of(path))
    assert defect.code == "DT124" and "整数（家）" in defect.render() and defect.places[0].cell == "B2"


def test_an_area_keeps_its_decimals(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"园区": [("园区编号", "使用面积（㎡）2025年"), ("P1", 4999.999)]})
    assert read(path).facts.find("园区", "P1").values[("使用面积", 2025)] == Fraction(4999999, 1000)  # type: ignore[union-attr]


def test_a_credit_code_typed_as_a_number_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"企业": [FIRM, (913311220000000001, "甲", "企业")]})
    defect = only(defects_of(path))
    assert (defect.code, defect.places[0].cell) == ("DT135", "A2") and "设为文本" in defect.render()


def test_a_credit_code_in_scientific_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "企业.csv"
    path.write_text("统一社会信用代码,名称\n9.13311E+17,甲\n", encoding="utf-8")
    defect = only(defects_of(path))
    assert (defect.code, defect.places[0].text) == ("DT135", "企业.csv 企业!A2")


@pytest.mark.parametrize(("raw", "why"), [("91331122MA0000001X", "校验码不符"), ("9133112", "7 位"), ("91331122MAI0000001", "不能用的字符")])
def test_a_wrong_credit_code_is_refused(tmp_path: Path, raw: str, why: str) -> None:
    defect = only(defects_of(book(tmp_path / "a.xlsx", {"企业": [FIRM, (raw, "甲", "企业")]})))
    assert defect.code == "DT136" and why in defect.render()


def test_a_credit_code_is_one_code_however_it_is_typed(tmp_path: Path) -> None:
    typed = code(1).lower().translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    path = book(tmp_path / "a.xlsx", {"企业": [FIRM, (typed, "甲", "企业")], "独立站": [("网址", "企业"), ("a.example.com", code(1).lower())]})
    facts = read(path).facts
    assert facts.find("企业", code(1)) is not None
    assert facts.find("独立站", "a.example.com").values[("企业", None)] == code(1)  # type: ignore[union-attr]


@pytest.mark.parametrize("raw", ["有", "1", "true", "√", "×", 1, 0, True, False, "是 的", "Y"])
def test_only_yes_and_no_are_truths(tmp_path: Path, raw: Any) -> None:
    defect = only(cell(tmp_path / "a.xlsx", "实体入驻 2025年", raw))
    assert defect.code == "DT133" and "是、否" in defect.render()


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2025-03-01", date(2025, 3, 1)),
        ("2025/3/1", date(2025, 3, 1)),
        ("2025年3月1日", date(2025, 3, 1)),
        (date(2025, 3, 1), date(2025, 3, 1)),
        ("２０２５年３月１日", date(2025, 3, 1)),
    ],
)
def test_dates_are_read(tmp_path: Path, raw: Any, day: date) -> None:
    assert value(tmp_path / "a.xlsx", "入库日期", raw, "入库日期", None) == day


@pytest.mark.parametrize("raw", ["2025.3.1", "20250301", 45717, "3/1/2025", "2025-02-30", datetime(2025, 3, 1, 12, 30), "2025年3月", "25-03-01"])
def test_anything_else_is_no_date(tmp_path: Path, raw: Any) -> None:
    defect = only(cell(tmp_path / "a.xlsx", "入库日期", raw))
    assert (defect.code, defect.places[0].cell) == ("DT131", "D2")


@pytest.mark.parametrize("serial", ["60", "60.0", "6E1", "6.0E+01", "60.25"])
def test_the_day_a_spreadsheet_counts_and_that_never_was_is_no_date(tmp_path: Path, serial: str) -> None:
    """Day 60 is shown as 1900-02-29; in a workbook that counts from 1904 it is a day like any other."""

    def dated(name: str, written: str, **options: Any) -> Path:
        made = book(tmp_path / f"{name}_.xlsx", {"企业": [(*FIRM, "入库日期"), firm(1, date(1908, 1, 1))]}, options)
        before = zipfile.ZipFile(made).read("xl/worksheets/sheet1.xml")
        number = b"1461" if options else b"2923"
        assert number in before
        return repacked(made, tmp_path / f"{name}.xlsx", {"xl/worksheets/sheet1.xml": before.replace(b"<v>" + number, b"<v>" + written.encode())})

    defect = only(defects_of(dated("a", serial)))
    assert (defect.code, defect.places[0].cell, defect.details["found"]) == ("DT131", "D2", "1900-02-29")
    parks = book(tmp_path / "p.xlsx", {"园区": [("园区编号",), ("P1",)]})
    known = {"59": date(1900, 2, 28), "61": date(1900, 3, 1)}
    for number, day in known.items():
        assert read(dated("b", number), parks).facts.find("企业", code(1)).values[("入库日期", None)] == day  # type: ignore[union-attr]
    if "." not in serial or serial.startswith("6."):
        assert read(dated("c", serial, date_1904=True), parks).facts.find("企业", code(1)).values[("入库日期", None)] == date(1904, 3, 1)  # type: ignore[union-attr]


@pytest.mark.parametrize(("raw", "year"), [(2024, 2024), ("2024", 2024), ("2024年", 2024)])
def test_years_are_read(tmp_path: Path, raw: Any, year: int) -> None:
    assert value(tmp_path / "a.xlsx", "成立年度", raw, "成立年度", None) == year


@pytest.mark.parametrize("raw", ["去年", 24, 2024.5, True, 45717])
def test_anything_else_is_no_year(tmp_path: Path, raw: Any) -> None:
    assert only(cell(tmp_path / "a.xlsx", "成立年度", raw)).code == "DT132"


def test_an_option_outside_the_list_names_the_nearest(tmp_path: Path) -> None:
    defect = only(defects_of(book(tmp_path / "a.xlsx", {"企业": [FIRM, (code(1), "甲", "个体工商")]})))
    assert defect.code == "DT134" and "是不是“个体工商户”？" in defect.render()


def test_an_extendable_option_takes_any_word(tmp_path: Path) -> None:
    sheets = {"企业": [FIRM, firm(1)], "平台费用": [("发票号码", "企业", "费用类别"), ("F1", code(1), "仓储费")]}
    assert read(book(tmp_path / "a.xlsx", sheets)).facts.find("平台费用", "F1").values[("费用类别", None)] == "仓储费"  # type: ignore[union-attr]


@pytest.mark.parametrize("char", ["\u200b", "\u3164", "\u2800"])
def test_invisible_characters_are_refused(tmp_path: Path, char: str) -> None:
    defect = only(defects_of(book(tmp_path / "a.xlsx", {"园区": [("园区编号",), (f"P{char}1",)]})))
    assert defect.code == "DT137" and f"U+{ord(char):04X}" in defect.render()


def test_a_percentage_is_taken_as_it_is_shown(tmp_path: Path) -> None:
    import openpyxl

    for raw, shown, held in (
        (0.8, "0%", Fraction(4, 5)),
        (80, "General", Fraction(4, 5)),
        ("80%", "@", Fraction(4, 5)),
        (0.5, "General", Fraction(1, 200)),
    ):
        made = openpyxl.Workbook()
        page = made.active
        page.title = "物流信息平台"
        page.append(["项目编号", "县域单量占比（%）2024年"])
        page.append(["W1", raw])
        page["B2"].number_format = shown
        made.save(tmp_path / "a.xlsx")
        thing = read(tmp_path / "a.xlsx", policy="zibo-2022", year=2024).facts.find("物流信息平台", "W1")
        assert thing is not None and thing.values[("县域单量占比", 2024)] == held


def test_a_percentage_under_money_is_refused(tmp_path: Path) -> None:
    import openpyxl

    made = openpyxl.Workbook()
    page = made.active
    page.title = "企业"
    page.append(["统一社会信用代码", RETAIL])
    page.append([code(1), 0.5])
    page["B2"].number_format = "0.00%;[Red]-0.00%"
    made.save(tmp_path / "a.xlsx")
    defect = only(defects_of(tmp_path / "a.xlsx"))
    assert defect.code == "DT127" and "50%" in defect.render()
