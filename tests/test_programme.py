"""The public door: a policy as a Python object. What it returns, what it raises, and that opening it costs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import duixian

from .applicant import FIRM, JINYUN, LEDGER, POLICIES, WAN, YEAR, applicant, programme, workbook
from .tables.support import code


def test_a_policy_is_loaded_checked_and_settled() -> None:
    policy = duixian.load(JINYUN)
    report = policy.check()
    assert report.errors == [] and report.coverage is not None and report.coverage.quoted == report.coverage.characters
    result = policy.settle(YEAR, applicant(), history=LEDGER)
    assert result.payable_fen == 30 * WAN and isinstance(result.payable_fen, int)
    assert [line.outcome for line in result.lines_of(FIRM, "展位费补助")] == [duixian.Outcome.PAYABLE]
    assert policy.explain(YEAR, applicant(), FIRM, "展位费补助", history=LEDGER) == result.explain(FIRM, "展位费补助")
    assert policy.advise(YEAR, applicant(), FIRM, history=LEDGER) == result.advise(FIRM)


def test_facts_come_from_files_too_and_the_files_are_on_record(tmp_path: Path) -> None:
    path = workbook(tmp_path / "facts.xlsx")
    result = programme().settle(YEAR, path)
    assert result.payable_fen == 30 * WAN and result.history_given
    assert [item.file for item in result.inputs] == ["facts.xlsx"] and len(result.inputs[0].sha256) == 64
    result.write(tmp_path / "result.xlsx")
    result.write(tmp_path / "result.json", format="json")
    with pytest.raises(ValueError, match="xlsx, json or parquet"):
        result.write(tmp_path / "result.doc", format="doc")


def test_the_years_file_is_found_in_the_folder_or_given() -> None:
    zibo = programme("zibo-2022")
    assert zibo.standards(2025).document is not None
    assert zibo.standards(1999).document is None
    assert zibo.standards(2025, POLICIES / "zibo-2022" / "standards-2025.md").year == 2025


@pytest.mark.parametrize(("act", "code"), [
    (lambda: duixian.load("/no/such/folder"), "DX108"),
    (lambda: programme().settle(YEAR, "/no/such/file.xlsx"), "DT101"),
    (lambda: programme().settle(YEAR, applicant(), readings={"没有的": "是"}), "DX301"),
    (lambda: programme().settle(YEAR, applicant(), readings={"舍入": "随便"}), "DX702"),
    (lambda: programme().explain(YEAR, applicant(), "没有的", history=LEDGER), "DX954"),
    (lambda: programme().explain(YEAR, applicant(), FIRM, "没有的", history=LEDGER), "DX954"),
    (lambda: programme().show("没有的"), "DX954"),
    (lambda: programme().template(YEAR, "/no/such/folder/t.xlsx"), "DT161"),
    (lambda: programme("zibo-2022").standards(2025, JINYUN / "policy.md"), "DX905"),
])  # fmt: skip
def test_what_cannot_be_done_raises_defects_with_a_code_and_a_remedy(act: object, code: str) -> None:
    with pytest.raises(duixian.Defects) as refused:
        act()  # type: ignore[operator]
    assert code in {item.code for item in refused.value.diagnostics}
    assert all(item.sentence("zh")["remedy"] and item.sentence("en")["remedy"] for item in refused.value.diagnostics)


def test_a_reading_is_chosen_by_name() -> None:
    result = programme().settle(YEAR, applicant(), history=LEDGER, readings={"两年平均": "算术平均"})
    assert result.payable_fen == 39 * WAN


def test_importing_it_reads_nothing_and_loads_nothing() -> None:
    script = "import sys, duixian; sys.exit(len([name for name in sys.modules if name.startswith('duixian.')]))"
    assert subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": str(POLICIES.parent / "src")}, check=False).returncode == 0


def test_every_name_of_the_door_opens() -> None:
    for name in duixian.__all__:
        assert getattr(duixian, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        duixian.nothing  # noqa: B018


def test_what_the_vocabulary_does_not_allow_is_refused_whatever_engine_is_asked() -> None:
    for engine in ("interpret", "duckdb"):
        facts = applicant()
        facts.find("企业", FIRM).values[("网络零售额", YEAR)] = 10**15  # a trillion 元 is the most: 10^14 分
        with pytest.raises(duixian.Defects) as refused:
            programme().settle(YEAR, facts, history=LEDGER, engine=engine)
        assert [item.code for item in refused.value.diagnostics] == ["DT170"]
        facts.find("企业", FIRM).values[("网络零售额", YEAR)] = 10**14
        assert programme().settle(YEAR, facts, history=LEDGER, engine=engine).lines


def test_two_objects_of_one_root_never_share_a_key() -> None:
    facts = applicant()
    facts.add("主播", FIRM)
    for engine in ("interpret", "duckdb"):
        with pytest.raises(duixian.Defects) as refused:
            programme().settle(YEAR, facts, history=LEDGER, engine=engine)
        assert [item.code for item in refused.value.diagnostics] == ["DT141"]


def test_folders_are_read_by_the_ordinary_settlement_too(tmp_path: Path) -> None:
    """A folder of synthetic data is its tables, a folder named by a table is that table in parts."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    made = tmp_path / "合成"
    parts = made / "企业"
    parts.mkdir(parents=True)
    for number, key in enumerate((FIRM, code(2))):
        parquet.write_table(arrow.table({"统一社会信用代码": [key], "网络零售额（元）2025年": [100.0]}), parts / f"part-{number}.parquet")
    result = programme().settle(YEAR, [parts])
    assert set(result.facts.things["企业"]) == {FIRM, code(2)}
    assert [item.file for item in result.inputs] == ["企业/part-0.parquet", "企业/part-1.parquet"]
    (made / "说明.md").write_text("合成数据", encoding="utf-8")
    (parts / "part-0.parquet").rename(made / "企业.parquet")
    assert [item.file for item in programme().settle(YEAR, made).inputs] == ["企业/part-1.parquet", "企业.parquet"], "nothing in it is passed over"
    (tmp_path / "空" / "企业").mkdir(parents=True)
    with pytest.raises(duixian.Defects) as refused:
        programme().settle(YEAR, tmp_path / "空" / "企业")
    assert [item.code for item in refused.value.diagnostics] == ["DT101"]


def test_the_plan_names_the_total_a_step_belongs_to() -> None:
    titles = [line for line in programme().plan(YEAR).told() if line and not line.startswith(" ")]
    assert "（十七） 专项活动经费" in titles and "（十七）" not in titles
