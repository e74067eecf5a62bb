"""Whole tables: headers, keys, relations, what is hidden, what is missing. Every defect at once, nothing half imported."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from duixian.tables.read import read_tables
from duixian.values.diagnostic import Defects
from duixian.values.terms import REPEALED, THIS_POLICY

from .support import FIRM, ROOT, book, code, defects_of, firm, only, policy_of, read, repacked

RETAIL = "网络零售额（元）2025年"


@pytest.mark.parametrize(("header", "wanted", "pieces"), [
    ("网络零售额（万元）2025年", "DT112", ["“网络零售额（元）2025年”", "不作暗中换算"]),
    ("网络零售额 2025年", "DT112", ["“网络零售额（元）2025年”"]),
    ("名称（元）", "DT112", ["“名称”"]),
    ("网络零售额（元）", "DT113", ["“网络零售额（元）2025年”", "写明是哪一年"]),
    ("成立年度2024年", "DT113", ["“成立年度”", "不分年度"]),
    ("网络零售额（元）2026年", "DT113", ["2025 年"]),
    ("网络零售额（元）2052年", "DT113", ["2025 年"]),
    ("网络零受额（元）2024年", "DT111", ["是不是“网络零售额（元）2024年”？"]),
    ("备注", "DT111", ["“备注”"]),
])  # fmt: skip
def test_a_header_that_is_not_understood_is_refused(tmp_path: Path, header: str, wanted: str, pieces: list[str]) -> None:
    defect = only(defects_of(book(tmp_path / "a.xlsx", {"企业": [("统一社会信用代码", header), (code(1), None)]})))
    assert (defect.code, defect.places[0].text) == (wanted, "a.xlsx 企业!B1")
    assert all(piece in defect.render() for piece in pieces), defect.render()


@pytest.mark.parametrize(
    "header", ["网络零售额(元)2025年", "2025年网络零售额（元）", "网络零售额（元） 2025", "网络 零售额\n（元）2025年", "网络零售额２０２５年（元）"]
)
def test_a_header_is_understood_however_it_is_spaced(tmp_path: Path, header: str) -> None:
    path = book(tmp_path / "a.xlsx", {"企业": [("统一社会信用代码", header), (code(1), 5)]})
    assert read(path).facts.find("企业", code(1)).values[("网络零售额", 2025)] == 500  # type: ignore[union-attr]


def test_all_defects_are_told_at_once_and_nothing_is_imported(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {
        "企业": [(*FIRM, RETAIL, "实体入驻 2025年"), firm(1, "x", "有"), firm(2, -1, "是"), firm(1, 5, "是")],
        "园区": [("园区编号", "运营主体 2025年"), ("P1", code(9))],
        "空表": [("a",)],
    })  # fmt: skip
    found = [(item.code, item.places[0].sheet, item.places[0].cell) for item in defects_of(path)]
    assert found == [
        ("DT121", "企业", "D2"),
        ("DT133", "企业", "E2"),
        ("DT126", "企业", "D3"),
        ("DT141", "企业", "A4"),
        ("DT142", "园区", "B2"),
        ("DT105", "空表", ""),
    ]


def test_a_double_key_names_both_rows_across_files(tmp_path: Path) -> None:
    first = book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1), firm(2)]})
    second = book(tmp_path / "b.xlsx", {"企业": [FIRM, firm(3), firm(2)]})
    defect = only(defects_of(first, second))
    assert defect.code == "DT141" and [place.text for place in defect.places] == ["b.xlsx 企业!A3", "a.xlsx 企业!A3"]


def test_two_kinds_of_body_may_not_share_a_key(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"主体": [("主体代码", "名称"), (code(1), "甲")], "企业": [FIRM, firm(1)]})
    assert only(defects_of(path)).code == "DT141"


def test_a_parent_nobody_knows_names_the_nearest(tmp_path: Path) -> None:
    near = code(1)[:-1] + ("9" if code(1)[-1] != "9" else "8")
    path = book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1)], "租约": [("合同编号", "企业"), ("H1", near), ("H2", "演示1公司")]})
    unknown, by_name = defects_of(path)
    assert unknown.code == by_name.code == "DT142"
    assert f"是不是“{code(1)}”？" in unknown.render() and "填标识，不填名称" in by_name.render() and code(1) in by_name.render()


def test_the_code_of_the_next_company_is_no_remedy(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1)], "租约": [("合同编号", "企业"), ("H1", code(2))]})
    assert "是不是" not in defects_of(path)[0].sentence()["remedy"]


def test_a_parent_may_not_be_blank_or_none(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1)], "租约": [("合同编号", "企业"), ("H1", None), ("H2", "无")]})
    assert [(item.code, item.places[0].cell) for item in defects_of(path)] == [("DT143", "B2"), ("DT140", "B3")]


def test_a_missing_table_of_the_parents_is_told_once(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"租约": [("合同编号", "企业"), ("H1", code(1)), ("H2", code(2))]})
    defect = only(defects_of(path))
    assert (defect.code, defect.places[0].cell) == ("DT145", "B1")


def test_a_missing_key_column_is_refused(tmp_path: Path) -> None:
    defect = only(defects_of(book(tmp_path / "a.xlsx", {"租约": [("合同编号",), ("H1",)]})))
    assert defect.code == "DT115" and "“企业”" in defect.render()


def test_a_column_given_twice_is_refused(tmp_path: Path) -> None:
    defect = only(defects_of(book(tmp_path / "a.xlsx", {"企业": [("统一社会信用代码", "名称", "名 称"), (code(1), "甲", "乙")]})))
    assert defect.code == "DT114" and [place.cell for place in defect.places] == ["C1", "B1"]


def test_a_table_without_its_headers_is_one_defect(tmp_path: Path) -> None:
    defect = only(defects_of(book(tmp_path / "a.xlsx", {"企业": [firm(1, 5, "是"), firm(2, 6, "否")]})))
    assert (defect.code, defect.places[0].text) == ("DT111", "a.xlsx 企业!A1")
    assert "第一行是表头" in defect.render() and "a first row of headers" in defect.render("en")


def test_the_empty_sheets_of_a_new_workbook_are_no_tables(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1)], "Sheet2": [], "Sheet3": []})
    assert read(path).facts.find("企业", code(1)) is not None


def test_a_workbook_of_empty_sheets_only_is_refused(tmp_path: Path) -> None:
    assert {item.code for item in defects_of(book(tmp_path / "a.xlsx", {"Sheet1": [], "Sheet2": []}))} == {"DT105"}


def test_a_value_under_no_header_is_refused(tmp_path: Path) -> None:
    defect = only(defects_of(book(tmp_path / "a.xlsx", {"企业": [FIRM, (*firm(1), None, "旁注")]})))
    assert (defect.code, defect.places[0].cell) == ("DT116", "E2")


def test_an_unknown_table_names_the_nearest(tmp_path: Path) -> None:
    defect = only(defects_of(book(tmp_path / "a.xlsx", {"独立站点": [("网址",)]})))
    assert defect.code == "DT105" and "是不是“独立站”？" in defect.render()


def test_leading_blank_rows_keep_the_row_numbers_right(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"企业": [(), (), (None, *FIRM, RETAIL), (), (None, *firm(1), 5), (None, *firm(2), "x")]})
    assert only(defects_of(path)).places[0].cell == "E6"


def test_a_table_with_its_header_only_is_complete_and_empty(tmp_path: Path) -> None:
    facts = read(book(tmp_path / "a.xlsx", {"展位": [("发票号码", "企业")], "企业": [FIRM]})).facts
    assert facts.listed == {"展位", "企业"} and not facts.things


def test_a_table_without_even_a_header_is_refused(tmp_path: Path) -> None:
    assert only(defects_of(book(tmp_path / "a.xlsx", {"展位": []}))).code == "DT108"


def test_a_key_of_several_columns_is_joined_and_its_facts_are_stated(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1)], "平台入驻": [("平台名称", "企业", "入驻方式"), ("甲平台", code(1), "自建")]})
    thing = read(path).facts.find("平台入驻", f"{code(1)} + 甲平台")
    assert thing is not None
    assert thing.values == {("企业", None): code(1), ("平台名称", None): "甲平台", ("入驻方式", None): "自建"}


def test_hidden_rows_columns_and_tables_are_refused(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    page = made.active
    page.title = "企业"
    for row in ((*FIRM, RETAIL), firm(1, 5), firm(2, 6), firm(3, 7)):
        page.append(row)
    page.row_dimensions[3].hidden = True
    page.row_dimensions[9].hidden = True  # an empty one does no harm
    page.column_dimensions["D"].hidden = True
    page.column_dimensions["Z"].hidden = True
    hidden = made.create_sheet("园区")
    hidden.append(["园区编号"])
    hidden.sheet_state = "veryHidden"
    made.save(tmp_path / "a.xlsx")
    found = [(item.code, item.places[0].sheet, item.places[0].cell, item.details["found"]) for item in defects_of(tmp_path / "a.xlsx")]
    assert found == [("DT106", "企业", "D1", "D 列"), ("DT106", "企业", "A3", "第 3 行"), ("DT106", "园区", "", "“园区”是隐藏的")]


def test_a_row_squeezed_to_no_height_is_hidden_too(tmp_path: Path) -> None:
    good = book(tmp_path / "good.xlsx", {"企业": [FIRM, firm(1)]})
    xml = zipfile.ZipFile(good).read("xl/worksheets/sheet1.xml").replace(b'<row r="2"', b'<row ht="0" customHeight="1" r="2"')
    assert only(defects_of(repacked(good, tmp_path / "a.xlsx", {"xl/worksheets/sheet1.xml": xml}))).code == "DT106"


def test_merged_cells_are_refused(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    page = made.active
    page.title = "企业"
    page.append(list(FIRM))
    page.append(list(firm(1)))
    page.append(list(firm(2)))
    page.merge_cells("C2:C3")
    made.save(tmp_path / "a.xlsx")
    defect = only(defects_of(tmp_path / "a.xlsx"))
    assert (defect.code, defect.places[0].cell, defect.details["found"]) == ("DT107", "C2", "C2:C3")


def test_a_formula_without_a_value_is_refused_even_alone_in_its_row(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    page = made.active
    page.title = "企业"
    page.append([*FIRM, RETAIL])
    page.append([*firm(1), "=1+1"])
    page["D5"] = "=SUM(D2:D3)"
    made.save(tmp_path / "a.xlsx")
    found = [(item.code, item.places[0].cell) for item in defects_of(tmp_path / "a.xlsx")]
    assert ("DT138", "D2") in found and ("DT138", "D5") in found


def test_a_formula_with_its_value_is_read(tmp_path: Path) -> None:
    import xlsxwriter

    made = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    page = made.add_worksheet("企业")
    page.write_row(0, 0, [*FIRM, RETAIL])
    page.write_row(1, 0, firm(1))
    page.write_formula(1, 3, "=2*3", None, 6)
    made.close()
    assert read(tmp_path / "a.xlsx").facts.find("企业", code(1)).values[("网络零售额", 2025)] == 600  # type: ignore[union-attr]


def test_an_error_value_is_refused(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    page = made.active
    page.title = "企业"
    page.append([*FIRM, RETAIL])
    page.append(list(firm(1)))
    page["D2"] = "#N/A"
    page["D2"].data_type = "e"
    made.save(tmp_path / "a.xlsx")
    defect = only(defects_of(tmp_path / "a.xlsx"))
    assert (defect.code, defect.places[0].cell) == ("DT139", "D2") and "#N/A" in defect.render()


# --- 历史, 申报, 其他政策已付 -------------------------------------------------------------------------------------------------------------

HISTORY = ("年度", "奖补", "对象", "金额（元）", "文件", "受益人", "档", "档位标准（元）", "荣誉系列")


def test_the_ledger_is_read_to_the_fen(tmp_path: Path) -> None:
    rows = [
        HISTORY,
        (2024, "荣誉奖励", "旧文号 + 甲", 50_000.5, REPEALED, code(1), "省级", 100_000, "甲"),
        (2025, "展位费补助", code(1), 0, THIS_POLICY, None, None, None, None),
    ]
    tables = read(book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1)], "历史": rows}))
    first, second = tables.ledger
    assert (first.amount_fen, first.standard_fen, first.tier, first.keys) == (5_000_050, 10_000_000, "省级", (("荣誉系列", "甲"),))
    assert (second.document, second.recipient, second.standard_fen, second.keys) == (THIS_POLICY, "", None, ())


def test_a_ledger_row_with_a_wrong_award_document_or_year_is_refused(tmp_path: Path) -> None:
    rows = [
        HISTORY,
        (2024, "展位费补贴", code(1), 1, THIS_POLICY),
        (2024, "展位费补助", code(1), 1, "旧政策"),
        (2026, "展位费补助", code(1), 1, THIS_POLICY),
        (2024, "展位费补助", code(1), None, THIS_POLICY),
    ]
    found = defects_of(book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1)], "历史": rows}))
    assert [(item.code, item.places[0].cell) for item in found] == [("DT144", "B2"), ("DT134", "E3"), ("DT140", "A4"), ("DT143", "D5")]
    assert "是不是“展位费补助”？" in found[0].render()


def test_a_ledger_object_that_is_not_on_file_is_a_notice(tmp_path: Path) -> None:
    rows = [HISTORY[:5], (2024, "展位费补助", code(1)[:-1] + "#", 1, THIS_POLICY)]
    notices = [item for item in read(book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1)], "历史": rows})).notices if item.code == "DT151"]
    assert only(notices).severity == "warning" and f"是不是“{code(1)}”？" in notices[0].render()


def test_a_table_that_was_not_read_does_not_make_everyone_a_stranger(tmp_path: Path) -> None:
    rows = [HISTORY[:5], (2024, "展位费补助", code(1), 1, THIS_POLICY)]
    found = defects_of(book(tmp_path / "a.xlsx", {"企业": [("统一社会信用代码", "备注"), (code(1), "x")], "历史": rows}))
    assert [item.code for item in found] == ["DT111"]


def test_who_points_at_a_row_that_could_not_be_read_is_not_wrong_too(tmp_path: Path) -> None:
    sheets = {"企业": [FIRM, firm(1), ("E1", "甲", "企业")], "租约": [("合同编号", "企业"), ("H1", "E1"), ("H2", "E2")], "申报": [("奖补", "对象"), ("展位费补助", "E1")]}
    found = defects_of(book(tmp_path / "a.xlsx", sheets))
    assert [(item.code, item.places[0].text) for item in found] == [("DT136", "a.xlsx 企业!A3"), ("DT142", "a.xlsx 租约!B3")]


@pytest.mark.parametrize("written", [None, "9133"])
def test_who_points_at_a_row_whose_key_is_not_there_is_not_wrong_too(tmp_path: Path, written: str | None) -> None:
    sheets = {"企业": [FIRM, firm(1), (written, "甲", "企业")], "租约": [("合同编号", "企业"), ("H1", code(2)), ("H2", code(2))], "申报": [("奖补", "对象"), ("展位费补助", code(2))]}
    found = defects_of(book(tmp_path / "a.xlsx", sheets))
    assert [(item.code, item.places[0].text) for item in found] == [("DT143" if written is None else "DT136", "a.xlsx 企业!A3")]
    sheets["租约"].append(("H3", code(3)))  # two keys are missing, and one row: at least one of them is wrong
    found = defects_of(book(tmp_path / "b.xlsx", sheets))
    assert sorted(item.places[0].text for item in found if item.code == "DT142") == ["b.xlsx 申报!B2", "b.xlsx 租约!B2", "b.xlsx 租约!B3", "b.xlsx 租约!B4"]


def test_an_application_may_be_for_a_register_and_limits_no_award(tmp_path: Path) -> None:
    sheets = {"活动支出": [("凭证号",), ("V1",), ("V2",)], "申报": [("奖补", "对象", "申报日期"), ("活动支出", "V1", "2025-06-01")]}
    facts = read(book(tmp_path / "a.xlsx", sheets)).facts
    assert facts.applied is None and facts.claims == {("活动支出", "V1"): {("申报日期", None): date(2025, 6, 1)}}
    assert only(defects_of(book(tmp_path / "b.xlsx", sheets | {"申报": [("奖补", "对象"), ("活动支出", "V3")]}))).code == "DT142"


def test_applications_limit_only_the_awards_they_name(tmp_path: Path) -> None:
    rows = [("奖补", "对象", "申报日期", "本笔弄虚作假"), ("展位费补助", code(2), "2026-03-01", "否")]
    facts = read(book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1), firm(2)], "申报": rows})).facts
    assert facts.applied is not None
    assert {key for award, key in facts.applied if award == "展位费补助"} == {code(2)}
    assert {key for award, key in facts.applied if award == "场地租金补助"} == {code(1), code(2)}
    assert facts.claims[("展位费补助", code(2))][("本笔弄虚作假", None)] is False


def test_an_application_for_an_object_nobody_knows_is_refused(tmp_path: Path) -> None:
    rows = [("奖补", "对象"), ("展位费补助", "没有这家"), ("展位费补助", code(1)), ("展位费补助", code(1))]
    assert [item.code for item in defects_of(book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1)], "申报": rows}))] == ["DT142", "DT141"]


def test_payments_under_other_policies_add_up_and_their_absence_stays_unknown(tmp_path: Path) -> None:
    rows = [("奖补", "对象", "年度", "金额（元）", "文号"), ("展位费补助", code(1), 2025, 100, "甲"), ("展位费补助", code(1), 2025, 50.5, "乙")]
    with_table = read(book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1)], "其他政策已付": rows}))
    assert with_table.facts.claims[("展位费补助", code(1))] == {("其他政策已付", 2025): 15_050} and "其他政策已付" in with_table.facts.listed
    without = read(book(tmp_path / "b.xlsx", {"企业": [FIRM, firm(1)]}))
    assert "其他政策已付" not in without.facts.listed and [item.code for item in without.notices] == ["DT152"]


# --- files nobody should have sent -----------------------------------------------------------------------------------------------------


def test_files_that_are_no_workbooks_are_refused(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096
    empty_zip = io.BytesIO()
    zipfile.ZipFile(empty_zip, "w").close()
    for data, piece in (
        (b"", "0 字节"),
        (b"abc", "不是完整的"),
        (ole, "密码"),
        (empty_zip.getvalue(), "没有工作表"),
        (b"PK\x03\x04" + b"0" * 400, "不是完整的"),
    ):
        (tmp_path / "a.xlsx").write_bytes(data)
        defect = only(defects_of(tmp_path / "a.xlsx"))
        assert defect.code == "DT101" and piece in defect.render()
    assert only(defects_of(tmp_path / "没有.xlsx")).code == only(defects_of(tmp_path / "没有这个目录")).code == "DT101"
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    assert only(defects_of(tmp_path / "a.pdf")).code == "DT104"
    (tmp_path / "目录.xlsx").mkdir()
    assert only(defects_of(tmp_path / "目录.xlsx")).code == "DT101"


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    good = book(tmp_path / "good.xlsx", {"企业": [FIRM, firm(1)]})
    bomb = repacked(good, tmp_path / "bomb.xlsx", {}, {"xl/media/a.bin": b"\0" * (201 * 1024 * 1024)})
    assert bomb.stat().st_size < 1_000_000
    assert only(defects_of(bomb)).code == "DT102"


def test_entities_of_the_files_own_are_refused(tmp_path: Path) -> None:
    good = book(tmp_path / "good.xlsx", {"企业": [FIRM, firm(1)]})
    laughs = b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    defect = only(defects_of(repacked(good, tmp_path / "bad.xlsx", {"xl/sharedStrings.xml": laughs})))
    assert defect.code == "DT103"


def test_paths_that_climb_out_of_the_archive_are_refused(tmp_path: Path) -> None:
    good = book(tmp_path / "good.xlsx", {"企业": [FIRM, firm(1)]})
    assert only(defects_of(repacked(good, tmp_path / "bad.xlsx", {}, {"../../etc/passwd": b"x"}))).code == "DT103"


@pytest.mark.parametrize("cells", [
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="ZZ1048576"><v>1</v></c></row>',
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="2000000000"><c r="A2000000000"><v>1</v></c></row>',
    b'<row r="1"><c r="A1"><v>1</v></c><c z=" r=\'A1\'" r="XFD1048576"><v>1</v></c></row>',
    b'<row r="1"><c r="A1"><v>1</v></c><c z="&gt;" r="&#88;FD1048576"><v>1</v></c></row>',
])  # fmt: skip
def test_a_sheet_that_claims_to_be_huge_is_refused(tmp_path: Path, cells: bytes) -> None:
    good = book(tmp_path / "good.xlsx", {"企业": [FIRM, firm(1)]})
    xml = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + cells + b"</sheetData></worksheet>"
    assert only(defects_of(repacked(good, tmp_path / "bad.xlsx", {"xl/worksheets/sheet1.xml": xml}))).code in ("DT101", "DT102")


def test_a_long_text_used_a_million_times_is_refused(tmp_path: Path) -> None:
    good = book(tmp_path / "good.xlsx", {"企业": [FIRM, firm(1)]})
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row) for row in range(1, 8001))
    xml = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + cells + b"</sheetData></worksheet>"
    text = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>' + b"x" * 32000 + b"</t></si></sst>"
    assert only(defects_of(repacked(good, tmp_path / "bad.xlsx", {"xl/worksheets/sheet1.xml": xml, "xl/sharedStrings.xml": text}))).code == "DT102"


def test_a_file_of_another_name_is_recognised_by_its_hash(tmp_path: Path) -> None:
    import hashlib

    path = book(tmp_path / "a.xlsx", {"企业": [FIRM, firm(1), firm(2)]})
    (entry,) = read(path).inputs
    assert (entry.file, entry.sheets, entry.rows) == ("a.xlsx", ("企业",), 2)
    assert entry.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_message_of_the_tables_has_both_languages() -> None:
    from duixian.values.messages import MESSAGES

    for name, message in MESSAGES.items():
        if name.startswith("DT"):
            assert message.zh[0] and message.en[0] and all(bool(a) == bool(b) for a, b in zip(message.zh, message.en, strict=True)), name


def test_nothing_is_read_from_no_files() -> None:
    tables = read_tables([], policy_of(), 2025)
    assert not tables.facts.things and not tables.ledger and not tables.inputs
    assert ROOT.is_dir() and issubclass(Defects, Exception)


def test_a_workbook_with_a_prefix_on_every_tag_is_read_as_carefully(tmp_path: Path) -> None:
    good = book(tmp_path / "good.xlsx", {"企业": [FIRM, firm(1), firm(2)]})
    with zipfile.ZipFile(good) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    import re

    xml = re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", xml).replace(
        'xmlns="http://schemas.openxmlformats.org/spreadsheetml', 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml'
    )
    changed = repacked(good, tmp_path / "a.xlsx", {"xl/worksheets/sheet1.xml": xml.encode()})
    assert sorted(read(changed).facts.things["企业"]) == [code(1), code(2)]
    hidden = xml.replace('<x:row r="3"', '<x:row r="3" hidden="1"')
    assert only(defects_of(repacked(good, tmp_path / "b.xlsx", {"xl/worksheets/sheet1.xml": hidden.encode()}))).details["found"] == "第 3 行"


def test_rows_of_spaces_are_blank(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"企业": [("  ",), FIRM, (" ", "\u3000", None), firm(1)]})
    assert read(path).inputs[0].rows == 1


def test_a_header_may_name_a_part_of_the_year() -> None:
    from datetime import date

    from duixian.tables.layout import Column, HeaderDefect, read_header

    found = read_header("网络零售额（元）2025-01-01至2025-09-30", "企业", policy_of(), 2025)
    assert isinstance(found, Column) and found.period == (date(2025, 1, 1), date(2025, 9, 30))
    assert found.header == "网络零售额（元）2025-01-01至2025-09-30"
    for wrong in (
        "网络零售额（元）2025-01-01至2025-02-30",
        "网络零售额（元）2026-01-01至2026-09-30",
        "成立年度2025-01-01至2025-09-30",
        "网络零售额（元）2025-09-30至2025-01-01",
    ):
        refused = read_header(wrong, "企业", policy_of(), 2025)
        assert isinstance(refused, HeaderDefect) and refused.code == "DT113"


# --- one cause, one defect -------------------------------------------------------------------------------------------------------------


def test_columns_that_something_else_separates_are_one_defect(tmp_path: Path) -> None:
    (tmp_path / "企业.csv").write_text("统一社会信用代码;名称\n" + code(1) + ";甲\n", encoding="utf-8")
    defect = only(defects_of(tmp_path / "企业.csv"))
    assert defect.code == "DT111" and "分号" in defect.render() and "commas" in defect.render("en")


def test_a_title_above_the_head_is_one_defect_and_makes_nobody_a_stranger(tmp_path: Path) -> None:
    sheets = {"企业": [("某区企业名单",), FIRM, firm(1)], "租约": [("合同编号", "企业"), ("H1", code(1))]}
    defect = only(defects_of(book(tmp_path / "a.xlsx", sheets)))
    assert defect.code == "DT109" and "删掉表头上面的各行" in defect.render()


def test_a_table_of_another_name_makes_nobody_a_stranger(tmp_path: Path) -> None:
    sheets = {"企业名单": [FIRM, firm(1)], "租约": [("合同编号", "企业"), ("H1", code(1))]}
    assert [item.code for item in defects_of(book(tmp_path / "a.xlsx", sheets))] == ["DT105"]


def test_a_line_of_totals_is_no_object(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", {"园区": [("园区编号",), ("P1",), ("合计",)]})
    defect = only(defects_of(path))
    assert (defect.code, defect.places[0].cell) == ("DT140", "A3") and "删去合计行" in defect.render()
