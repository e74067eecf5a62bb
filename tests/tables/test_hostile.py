"""Files that mean no good, or were made by somebody who did not know better: one cause is one error, and nothing is dropped or guessed in silence."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet as parquet
import pytest
import xlsxwriter

from duixian.large.command import is_large
from duixian.tables.cells import visible
from duixian.tables.store import writable
from duixian.values.diagnostic import Defects
from duixian.values.facts import NONE
from tests.tables.support import FIRM, book, cell, code, defects_of, firm, only, read, repacked, value

SALES = "网络零售额（元）2025年"
HEAD = (*FIRM, SALES)


def comma(path: Path, *rows: tuple[Any, ...], encoding: str = "utf-8", separator: str = ",") -> Path:
    path.write_bytes("".join(separator.join(map(str, row)) + "\n" for row in rows).encode(encoding))
    return path


# --- one cause, one error ---------------------------------------------------------------------------------------------------------------


def test_the_same_error_down_a_column_is_shown_five_times_and_then_counted(tmp_path: Path) -> None:
    found = defects_of(book(tmp_path / "a.xlsx", {"企业": [HEAD, *(firm(number, "三千万") for number in range(1, 101))]}))
    assert [item.code for item in found] == ["DT121"] * 5 + ["DT179"]
    assert found[-1].details["more"] == 95 and found[-1].details["found"] == "D7:D101"
    few = defects_of(book(tmp_path / "b.xlsx", {"企业": [HEAD, *(firm(number, "三千万") for number in range(1, 7))]}))
    assert [item.code for item in few] == ["DT121"] * 6  # one more is shown, not counted


def test_a_template_of_a_later_year_is_one_error_and_a_counted_rest(tmp_path: Path) -> None:
    heads = tuple(f"{name}2026年" for name in ("网络零售额（元）", "全部销售额（元）", "纳入统计直报 ", "自主品牌 "))
    found = defects_of(book(tmp_path / "a.xlsx", {"企业": [(*FIRM, *heads), firm(1)]}))
    assert [item.code for item in found] == ["DT113", "DT179"]


def test_a_title_above_the_header_is_one_error(tmp_path: Path) -> None:
    rows = [("2025年企业情况表",), HEAD, firm(1, 1)]
    defect = only(defects_of(book(tmp_path / "a.xlsx", {"企业": rows})))
    assert (defect.code, defect.places[0].cell, defect.details["row"]) == ("DT109", "A1", 2)
    assert only(defects_of(comma(tmp_path / "企业.csv", *rows))).code == "DT109"


def test_a_header_that_stands_twice_is_one_error(tmp_path: Path) -> None:
    defect = only(defects_of(book(tmp_path / "a.xlsx", {"企业": [HEAD, firm(1, 1), HEAD, firm(2, 2)]})))
    assert (defect.code, defect.places[0].cell) == ("DT118", "A3")


def test_what_stands_under_a_merged_head_is_told_as_merged_only(tmp_path: Path) -> None:
    made = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    page = made.add_worksheet("企业")
    for column, text in enumerate((*FIRM, "")):
        page.write_string(0, column, text)
    page.merge_range("C1:D1", "主体类型")
    for column, text in enumerate(firm(1, "x")):
        page.write_string(1, column, text)
    made.close()
    assert only(defects_of(tmp_path / "a.xlsx")).code == "DT107"


def test_a_file_given_twice_is_one_error(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1), firm(2)]})
    link = tmp_path / "b.xlsx"
    link.symlink_to(path)
    assert only(defects_of(path, link)).code == "DT101"


def test_an_unknown_hidden_table_is_one_error(tmp_path: Path) -> None:
    made = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    made.add_worksheet("企业").write_row(0, 0, FIRM)
    made.add_worksheet("草稿").hide()
    made.close()
    assert only(defects_of(tmp_path / "a.xlsx")).code == "DT105"


# --- cells ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "fen"), [("1 234 567", 123_456_700), ("1\u3000234", 123_400), ("￥1 234元", 123_400)])
def test_spaces_that_part_thousands_are_read(tmp_path: Path, text: str, fen: int) -> None:
    assert value(tmp_path / "a.xlsx", SALES, text, "网络零售额") == fen


@pytest.mark.parametrize(("text", "wanted"), [
    ("12 34", "DT121"), ("1 2345", "DT121"), ("1 234 56", "DT121"), ("1000\n2000", "DT137"), ("\u200b1000", "DT137"), ("1000\u202e", "DT137"),
])  # fmt: skip
def test_two_figures_in_a_cell_are_not_one_with_more_digits(tmp_path: Path, text: str, wanted: str) -> None:
    assert only(cell(tmp_path / "a.xlsx", SALES, text)).code == wanted


def test_a_figure_of_thousands_of_digits_is_refused(tmp_path: Path) -> None:
    assert only(defects_of(comma(tmp_path / "企业.csv", HEAD, firm(1, "9" * 5000)))).code == "DT121"


def test_a_figure_beyond_its_bounds_is_refused_where_it_stands(tmp_path: Path) -> None:
    assert value(tmp_path / "a.xlsx", SALES, "1000000000000", "网络零售额") == 10**14
    defect = only(cell(tmp_path / "b.xlsx", SALES, "1000000000000.01"))
    assert (defect.code, defect.places[0].cell) == ("DT170", "D2")


def test_nothing_in_a_file_steers_the_terminal(tmp_path: Path) -> None:
    assert visible("a\x1b[2Jb\u202ec\udcff") == "a⟨U+001B⟩[2Jb⟨U+202E⟩c⟨U+DCFF⟩" and visible("企业 A") == "企业 A"
    path = tmp_path / "a\x1b[31m.xlsx"
    book(tmp_path / "a.xlsx", {"不认识": [("x",)]}).rename(path)
    assert only(defects_of(path)).render().isprintable() is False  # lines are parted, and nothing else is hidden
    assert "\x1b" not in only(defects_of(path)).render()
    assert "\x1b" not in only(defects_of(comma(tmp_path / "企业.csv", (*FIRM, "名\x1b[31m"), firm(1, 1)))).render()


# --- formats and formulas ---------------------------------------------------------------------------------------------------------------


def formatted(path: Path, figure: float, shape: str, header: str = SALES) -> Path:
    made = xlsxwriter.Workbook(str(path))
    page = made.add_worksheet("企业")
    page.write_row(0, 0, (*FIRM, header))
    page.write_row(1, 0, firm(1))
    page.write_number(1, 3, figure, made.add_format({"num_format": shape}))
    made.close()
    return path


@pytest.mark.parametrize("shape", ['0"万元"', '0!.0,"万"', "0,", '#,##0,,"百万"', "0‰", "0%", '[Red]0"亿"'])
def test_a_figure_shown_as_another_is_refused(tmp_path: Path, shape: str) -> None:
    assert only(defects_of(formatted(tmp_path / "a.xlsx", 3000, shape))).code == "DT127"


@pytest.mark.parametrize("shape", ["General", "0", "#,##0.00", '#,##0.00"元"', '_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ', "[Red]0;(0)", '0_);[$￥-804]0'])
def test_a_figure_shown_as_itself_is_read(tmp_path: Path, shape: str) -> None:
    thing = read(formatted(tmp_path / "a.xlsx", 3000, shape)).facts.find("企业", code(1))
    assert thing is not None and thing.values[("网络零售额", 2025)] == 300_000


def formula(path: Path, result: float) -> Path:
    made = xlsxwriter.Workbook(str(path))
    page = made.add_worksheet("企业")
    page.write_row(0, 0, HEAD)
    page.write_row(1, 0, firm(1))
    page.write_formula(1, 3, "=1000*3", None, result)
    made.close()
    return path


def test_the_zero_a_library_leaves_in_a_formula_it_cannot_calculate_is_no_figure(tmp_path: Path) -> None:
    assert only(defects_of(formula(tmp_path / "a.xlsx", 0))).code == "DT138"
    good = formula(tmp_path / "b.xlsx", 3000)
    assert read(good).facts.find("企业", code(1)).values[("网络零售额", 2025)] == 300_000  # type: ignore[union-attr]


def test_a_zero_that_was_calculated_is_a_figure(tmp_path: Path) -> None:
    path = formula(tmp_path / "a.xlsx", 0)
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/workbook.xml")
    assert b' fullCalcOnLoad="1"' in xml
    saved = repacked(path, tmp_path / "b.xlsx", {"xl/workbook.xml": xml.replace(b' fullCalcOnLoad="1"', b"")})
    assert read(saved).facts.find("企业", code(1)).values[("网络零售额", 2025)] == 0  # type: ignore[union-attr]


# --- what the reading library would drop ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("inside", "wanted"), [
    (b'<c r="D2"><v>5<!-- -->0</v></c>', "DT103"), (b'<c r="D2"><v><![CDATA[50]]></v></c>', "DT103"), (b'<c r="D2"><v>&#53;0</v></c>', "DT101"),
    (b'<c r="D2"><v>5</v><v>6</v></c>', "DT101"), (b'<c r="D2"><v>5</v><f>1+1</f></c>', "DT101"), (b'<c r="D2"><v>5</v></c><c r="D2"><v>6</v></c>', "DT101"),
    (b"<c " * 400_000, "DT101"), (b"<row " * 400_000, "DT101"),
])  # fmt: skip
def test_a_value_that_is_not_told_once_and_plainly_is_refused(tmp_path: Path, inside: bytes, wanted: str) -> None:
    good = book(tmp_path / "good.xlsx", {"企业": [HEAD, firm(1, 77)]})
    with zipfile.ZipFile(good) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    plain = b'<c r="D2"><v>77</v></c>'
    assert plain in xml
    assert only(defects_of(repacked(good, tmp_path / "bad.xlsx", {"xl/worksheets/sheet1.xml": xml.replace(plain, inside)}))).code == wanted


# --- texts ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_comma_separated_file_says_its_encoding_by_itself(tmp_path: Path, encoding: str) -> None:
    tables = read(comma(tmp_path / "企业.csv", HEAD, firm(1, "3000万元"), encoding=encoding))
    assert tables.facts.find("企业", code(1)).values[("网络零售额", 2025)] == 3_000_000_000  # type: ignore[union-attr]


@pytest.mark.parametrize(("separator", "said"), [("\t", "制表符"), ("，", "全角逗号"), ("|", "竖线")])
def test_columns_parted_by_another_sign_are_one_error_that_names_it(tmp_path: Path, separator: str, said: str) -> None:
    defect = only(defects_of(comma(tmp_path / "企业.csv", HEAD, firm(1, 1), firm(2, 2), separator=separator)))
    assert defect.code == "DT111" and said in defect.render()


def test_a_line_without_end_and_rows_without_end_are_refused(tmp_path: Path) -> None:
    (tmp_path / "企业.csv").write_bytes(",".join(HEAD).encode() + b"\n" + b"x" * (5 << 20))
    defect = only(defects_of(tmp_path / "企业.csv"))
    assert defect.code == "DT101" and "第 2 行太长" in defect.render()
    (tmp_path / "企业.csv").write_bytes(",".join(HEAD).encode() + b"\n" * 1_100_000)
    assert only(defects_of(tmp_path / "企业.csv")).code == "DT102"


def test_a_nul_is_told_as_such(tmp_path: Path) -> None:
    assert "NUL" in only(defects_of(comma(tmp_path / "企业.csv", HEAD, firm(1, "1\0")))).render()


# --- parquet ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", [
    pyarrow.array([["a"], ["b"]]), pyarrow.array([b"a", b"b"]), pyarrow.array([{"x": 1}, {"x": 2}]), pyarrow.array([1, 2], pyarrow.time64("us")),
    pyarrow.array([datetime(2025, 3, 1)] * 2, pyarrow.timestamp("us", "Asia/Shanghai")),
])  # fmt: skip
def test_a_column_of_a_type_that_holds_no_cells_is_one_error(tmp_path: Path, column: Any) -> None:
    parquet.write_table(pyarrow.table({"统一社会信用代码": [code(1), code(2)], "名称": column}), tmp_path / "企业.parquet")
    defect = only(defects_of(tmp_path / "企业.parquet"))
    assert (defect.code, defect.places[0].cell) == ("DT175", "B1")


@pytest.mark.parametrize("moment", [pyarrow.array([2**62, 0]).cast(pyarrow.timestamp("us")), pyarrow.array([10**9, 0], pyarrow.int32()).cast(pyarrow.date32()),
                                    pyarrow.array([1, 0]).cast(pyarrow.timestamp("ns"))])  # fmt: skip
def test_a_moment_that_is_no_day_is_told_with_its_place(tmp_path: Path, moment: Any) -> None:
    parquet.write_table(pyarrow.table({"奖补": ["x", "x"], "对象": ["y", "y"], "申报日期": moment}), tmp_path / "申报.parquet")
    found = defects_of(tmp_path / "申报.parquet")
    assert [item.places[0].cell for item in found if item.code == "DT131"] == ["C2"]


def test_days_and_none_marks_of_a_parquet_file_are_still_read(tmp_path: Path) -> None:
    columns = {"企业": [code(1)], "平台名称": ["甲"], "网址": ["http://a"], "入驻日期": [date(2025, 3, 1)]}
    parquet.write_table(pyarrow.table(columns), tmp_path / "平台入驻.parquet")
    parquet.write_table(pyarrow.table({"统一社会信用代码": [code(1)], "首次纳入限上年度": pyarrow.nulls(1, pyarrow.int64()), "首次纳入限上年度为无": [True]}), tmp_path / "企业.parquet")
    tables = read(tmp_path / "平台入驻.parquet", tmp_path / "企业.parquet")
    assert next(iter(tables.facts.all("平台入驻"))).values[("入驻日期", None)] == date(2025, 3, 1)
    assert tables.facts.find("企业", code(1)).values[("首次纳入限上年度", None)] is NONE  # type: ignore[union-attr]


# --- what is no file, and what must not be written over ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["企业.parquet", "企业.csv", "a.xlsx"])
def test_a_pipe_is_refused_and_never_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    assert not is_large([tmp_path / name])
    defect = only(defects_of(tmp_path / name))
    assert defect.code == "DT101" and "管道" in defect.render()


def test_a_name_no_system_can_have_is_no_such_file(tmp_path: Path) -> None:
    for name in ("x" * 5000 + ".xlsx", "a\0.xlsx"):
        assert only(defects_of(tmp_path / name)).code == "DT101"


def test_what_is_read_is_never_written_over(tmp_path: Path) -> None:
    path, link, other = book(tmp_path / "a.xlsx", {"企业": [FIRM]}), tmp_path / "b.xlsx", tmp_path / "c.xlsx"
    link.symlink_to(path)
    for target in (path, link):
        with pytest.raises(Defects, match="就是要读入的文件"):
            writable(target, (".xlsx",), [path])
    writable(other, (".xlsx",), [path])
    part = tmp_path / "企业" / "a.parquet"
    part.parent.mkdir()
    parquet.write_table(pyarrow.table({"统一社会信用代码": [code(1)]}), part)
    with pytest.raises(Defects, match="就是要读入的文件"):
        writable(part, (".parquet",), [part.parent])
    writable(part.parent / "b.parquet", (".parquet",), [part.parent])


def test_a_text_of_another_encoding_is_kept_within_its_file(tmp_path: Path) -> None:
    text = io.StringIO()
    text.write("統一社會信用代碼")
    (tmp_path / "企业.csv").write_bytes(text.getvalue().encode("big5") + b"\xff")
    assert only(defects_of(tmp_path / "企业.csv")).code == "DT101"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_sheet_whose_packed_bytes_are_spoilt_is_one_error_however_it_is_packed(tmp_path: Path, method: int) -> None:
    whole, spoilt = book(tmp_path / "whole.xlsx", {"企业": [HEAD, firm(1, 77)]}), tmp_path / "spoilt.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(spoilt, "w", method) as target:
        for part in source.infolist():
            target.writestr(part.filename, source.read(part))
    data = bytearray(spoilt.read_bytes())
    with zipfile.ZipFile(spoilt) as archive:
        sheet = archive.getinfo("xl/worksheets/sheet1.xml")
    start = sheet.header_offset + 30 + len(sheet.filename) + 13  # behind the headers of the file and of its packing
    data[start : start + 40] = b"\xff" * 40
    spoilt.write_bytes(data)
    assert only(defects_of(spoilt)).code == "DT101"
