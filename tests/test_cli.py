"""The command line as its users meet it: what is printed where, in which language, with which exit code; and never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from duixian import cli, pipeline
from duixian.cli import DEFECTS, DONE, INTERRUPTED, OUR_MISTAKE, USAGE, language_of, main
from duixian.large import command
from duixian.large.settle import Ended
from duixian.plan.aggregates import Uncompiled
from duixian.report import large_waiting_lines
from duixian.values.diagnostic import display_width

from .applicant import FIRM, JINYUN, POLICIES, workbook

pytestmark = pytest.mark.xdist_group("cli")  # one worker: what the commands are run on is made once

Printed = tuple[int, str, str]
ZIBO = POLICIES / "zibo-2022"


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "DUIXIAN_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workbook(tmp_path_factory.mktemp("facts") / "facts.xlsx")


def run(capsys: pytest.CaptureFixture[str], *argv: object) -> Printed:
    code = main([str(word) for word in argv])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def settling(facts: Path, *more: object) -> list[object]:
    return [JINYUN, "--year", 2025, "--facts", facts, *more]


# --- what the commands print ------------------------------------------------------------------------------------------------------------


def test_check_prints_what_the_policy_says_of_itself_and_how_much_of_it_is_covered(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check", JINYUN)
    assert code == DONE
    assert out.startswith("""\
关于加快推进电子商务高质量发展的若干意见（征求意见稿）（jinyun-2025）
  状态：征求意见稿，只能试算，不能支付
  施行日期未定，2025-01-01 起参照执行
""")
    assert "  引文覆盖  2157/2157  字  100%\n" in out
    assert out.rstrip().split("\n")[-1].startswith("0 处错误，")


def test_check_takes_several_policies_and_speaks_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check", JINYUN, POLICIES / "zibo-2022", "--format", "json")
    reports = json.loads(out)
    assert code == DONE
    assert [report["policy"] for report in reports] == ["jinyun-2025", "zibo-2022"]
    assert all(report["errors"] == 0 and report["examples_run"] > 50 for report in reports)


def test_a_policy_with_errors_ends_in_1_and_shows_each_where_it_stands(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "wrong"
    folder.mkdir()
    shutil.copy(POLICIES / "vocabulary.md", tmp_path)
    for name in ("policy.md", "source.txt"):
        shutil.copy(JINYUN / name, folder)
    policy = folder / "policy.md"
    policy.write_text(policy.read_text(encoding="utf-8").replace("- 标准：0.5万元", "- 标准：0.6万元"), encoding="utf-8")
    code, out, _ = run(capsys, "check", folder)
    assert code == DEFECTS
    assert "错误[DX501] wrong/policy.md:" in out and "  | - 标准：0.6万元\n  |         ^^^^^^^\n" in out


def test_settle_prints_a_table_by_clause_and_writes_the_result(capsys: pytest.CaptureFixture[str], facts: Path, tmp_path: Path) -> None:
    code, out, err = run(capsys, "settle", *settling(facts, "-o", tmp_path / "result.xlsx"))
    assert code == DONE and (tmp_path / "result.xlsx").stat().st_size > 5000
    assert (
        """\
条款      奖补                  可付  待补充  已享受  不符合  可付金额
（一）    园区增长奖励                                     1
（一）    跨境电商园区运营补贴             1
（二）    引进企业奖励             1                             5万元
（三）    自建平台奖励             1                            20万元
"""
        in out
    )
    assert "          合计                     3       1       1       4    30万元" in out
    assert err == (
        f"\n提示：征求意见稿：只能试算，不能支付。\n两个引擎各算一遍，9 笔逐笔相同（interpret、duckdb）\n结果在 {tmp_path / 'result.xlsx'}\n"
    )


def test_settle_says_when_only_the_interpreter_computed_it(capsys: pytest.CaptureFixture[str], facts: Path, tmp_path: Path) -> None:
    code, _, err = run(capsys, "settle", *settling(facts, "-o", tmp_path / "result.json", "--engine", "interpret"))
    assert code == DONE
    assert err == f"\n提示：征求意见稿：只能试算，不能支付。\n结果在 {tmp_path / 'result.json'}\n"


def test_the_columns_of_a_table_end_in_one_line_under_wide_characters(capsys: pytest.CaptureFixture[str], facts: Path, tmp_path: Path) -> None:
    _, out, _ = run(capsys, "settle", *settling(facts, "-o", tmp_path / "result.json"))
    ends = {display_width(line) for line in out.split("\n") if line.endswith("元")}
    assert len(ends) == 1


@pytest.mark.parametrize("name", ["result.json", "result.parquet"])
def test_the_format_follows_the_file_name(capsys: pytest.CaptureFixture[str], facts: Path, tmp_path: Path, name: str) -> None:
    assert run(capsys, "settle", *settling(facts, "-o", tmp_path / name))[0] == DONE
    assert (tmp_path / name).exists()


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of synthetic data: 说明.md and a Parquet file a table."""
    folder = tmp_path_factory.mktemp("population") / "made"
    assert main(["population", str(ZIBO), "--size", "100", "--year", "2025", "-o", str(folder), "--quiet"]) == DONE
    return folder


def test_a_folder_of_synthetic_data_is_settled_as_its_files_are(capsys: pytest.CaptureFixture[str], population: Path, tmp_path: Path) -> None:
    whole = run(capsys, "settle", ZIBO, "--year", 2025, "--facts", population, "-o", tmp_path / "whole.json")
    files = run(capsys, "settle", ZIBO, "--year", 2025, "--facts", *sorted(population.glob("*.parquet")), "-o", tmp_path / "files.json")
    assert whole[:2] == files[:2] and whole[0] == DONE
    assert (tmp_path / "whole.json").read_bytes() == (tmp_path / "files.json").read_bytes()


@pytest.mark.parametrize("limit", [0, 10**9], ids=["above the limit", "below it"])
def test_very_large_tables_go_straight_into_parquet_and_come_to_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, population: Path, tmp_path: Path, limit: int
) -> None:
    asked = ("settle", ZIBO, "--year", 2025, "--facts", population)
    _, expected, _ = run(capsys, *asked, "-o", tmp_path / "small.json")
    monkeypatch.setattr(command, "LARGE_ROWS", limit)
    code, out, err = run(capsys, *asked, "-o", tmp_path / "lines.parquet", "--memory", "1gb")
    assert code == DONE and (tmp_path / "lines.parquet").is_file()
    table, _, checked = out.partition("\n\n共 ")
    assert table.rstrip("\n") == expected.rstrip("\n")
    assert checked.endswith("解释器全部再算一遍，逐笔相同\n") == (limit == 0)
    assert ("没有用到 --memory" in err) == (limit > 0)
    assert f"结果在 {tmp_path / 'lines.parquet'}\n" in err


def test_what_counts_as_very_large_is_the_rows_of_all_tables_together(monkeypatch: pytest.MonkeyPatch, population: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as parquet

    files = sorted(population.glob("*.parquet"))
    rows = sum(parquet.read_metadata(file).num_rows for file in files)
    monkeypatch.setattr(command, "LARGE_ROWS", rows)
    assert not command.is_large(files)
    monkeypatch.setattr(command, "LARGE_ROWS", rows - 1)
    assert command.is_large(files)
    book = tmp_path / "企业.xlsx"
    book.write_bytes(b"")
    assert not command.is_large([*files, book]) and not command.is_large([tmp_path / "没有.parquet"])


def test_a_csv_file_counts_as_very_large_by_its_size(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = tmp_path / "企业.csv"
    table.write_bytes(b"x" * 100)
    monkeypatch.setattr(command, "LARGE_CSV", 100)
    assert not command.is_large([table])
    monkeypatch.setattr(command, "LARGE_CSV", 99)
    assert command.is_large([table])



def test_the_plan_of_one_award_is_its_own_steps_with_the_numbers_of_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    whole = run(capsys, "show", ZIBO, "--plan", "--year", 2025)[1]
    code, out, _ = run(capsys, "show", ZIBO, "--plan", "--year", 2025, "--award", "流量补贴")
    assert code == DONE and out.startswith("二 流量补贴\n") and "电商村奖励" not in out.split("\n")[0]
    assert out.strip().split("\n\n")[0] in whole and "申·电商村奖励\n" not in out
    assert "申·流量补贴" in run(capsys, "show", ZIBO, "--sql", "--year", 2025, "--award", "流量补贴")[1]
    assert run(capsys, "show", ZIBO, "--plan", "--award", "流量补帖")[0] == DEFECTS


def test_a_form_the_plan_lacks_is_said_as_a_defect(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(*_: object) -> None:
        raise Uncompiled("倒数", "没有这个函数")

    monkeypatch.setattr("duixian.plan.build.plan_of", lacking)
    code, out, err = run(capsys, "show", JINYUN, "--plan")
    assert code == DEFECTS and out == ""
    assert err.startswith("错误[DX974]") and "编译引擎没有这种写法：倒数：没有这个函数" in err


def test_a_settlement_without_history_says_so(capsys: pytest.CaptureFixture[str], facts: Path, tmp_path: Path) -> None:
    from duixian.tables.write_facts import write_facts

    from .applicant import YEAR, applicant, programme

    alone = tmp_path / "facts.xlsx"
    write_facts(applicant(), (), programme().policy, YEAR, alone)
    import openpyxl

    book = openpyxl.load_workbook(alone)
    if "历史" in book.sheetnames:
        del book["历史"]
        book.save(alone)
    _, _, err = run(capsys, "settle", *settling(alone, "-o", tmp_path / "result.json"))
    assert "提示：没有提供历史：一次性、累计封顶、首年都按以前没有付过计算。" in err


def test_explain_advise_and_show_answer_on_standard_output(capsys: pytest.CaptureFixture[str], facts: Path) -> None:
    code, out, _ = run(capsys, "explain", *settling(facts, "--object", FIRM, "--award", "展位费补助"))
    assert code == DONE and out.startswith("展位费补助（六）　2025 年度\n") and out.endswith("结果：可付 5万元\n")
    code, out, _ = run(capsys, "advise", *settling(facts, "--object", FIRM))
    assert code == DONE and "      网店数 还差 1家（现在 29家；网店数 30家以上（≥））\n" in out
    code, out, _ = run(capsys, "show", JINYUN, "--award", "绿色直播间奖励")
    assert code == DONE and "  给予 0.5万元\n" in out


def test_a_reading_can_be_chosen_with_either_sign(capsys: pytest.CaptureFixture[str], facts: Path) -> None:
    for text in ("两年平均=算术平均", "两年平均＝算术平均"):
        code, out, _ = run(capsys, "explain", *settling(facts, "--object", FIRM, "--award", "场地租金补助", "--reading", text))
        assert code == DONE and out.endswith("结果：可付 9万元\n")


def test_template_writes_a_workbook_that_settle_understands(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "template.xlsx"
    code, out, err = run(capsys, "template", JINYUN, "--year", 2025, "-o", target)
    assert (code, out, err) == (DONE, "", f"已写出 {target}\n")
    assert run(capsys, "settle", *settling(target, "-o", tmp_path / "result.json"))[0] in (DONE, DEFECTS)


# --- language and colour ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("argv", "environment", "language"), [
    ([], {}, "zh"),
    ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
    ([], {"LANG": "C.UTF-8"}, "zh"),
    ([], {"LC_ALL": "POSIX"}, "zh"),
    ([], {"LANG": "en_GB.UTF-8"}, "en"),
    ([], {"LC_ALL": "zh_TW", "LANG": "en_GB"}, "zh"),
    (["--lang", "en"], {"LANG": "zh_CN"}, "en"),
    (["check", "--lang=zh"], {"LANG": "en_US"}, "zh"),
])  # fmt: skip
def test_the_language_is_asked_for_or_taken_from_the_environment(argv: list[str], environment: dict[str, str], language: str) -> None:
    assert language_of(argv, environment) == language


@pytest.mark.parametrize("place", ["before", "after"])
def test_english_before_or_after_the_command(capsys: pytest.CaptureFixture[str], place: str) -> None:
    argv = ["--lang", "en", "show", JINYUN] if place == "before" else ["show", JINYUN, "--lang", "en"]
    code, out, _ = run(capsys, *argv)
    assert code == DONE and "Status: draft for comment, a trial only, nothing is payable\n" in out


def test_colour_is_for_terminals_unless_it_is_asked_for(capsys: pytest.CaptureFixture[str], facts: Path) -> None:
    plain = run(capsys, "explain", *settling(facts, "--object", FIRM))[1]
    coloured = run(capsys, "explain", *settling(facts, "--object", FIRM), "--color", "always")[1]
    assert "\033[" not in plain and "\033[32m✓\033[0m" in coloured
    import re

    assert re.sub(r"\033\[\d+m", "", coloured) == plain


def test_quiet_prints_the_answer_only(capsys: pytest.CaptureFixture[str], facts: Path, tmp_path: Path) -> None:
    code, out, err = run(capsys, "settle", *settling(facts, "-o", tmp_path / "result.json"), "--quiet")
    assert code == DONE and out and err == ""


# --- what can go wrong ----------------------------------------------------------------------------------------------------------------------

WRONG = [
    ([], "用法"),
    (["chek"], "没有“chek”这个命令，是不是“check”？"),
    (["check"], "缺少 POLICY_DIR"),
    (["settle", "x"], "缺少 --year, --facts, -o/--output"),
    (["settle", "x", "--year", "25", "--facts", "f", "-o", "r.xlsx"], "年度要写成四位数"),
    (["settle", "x", "--year", "2025", "--facts", "f", "-o", "r.parquet", "--memory", "4"], "--memory 要写成 4GB、500MB 这样"),
    (["settle", "x", "--year", "2025", "--facts", "f", "-o", "r.parquet", "--memory", "0GB"], "--memory 要写成 4GB、500MB 这样"),
    (["study", "x", "--year", "2025", "--facts", "f", "--engine", "interpreter"], "可以是"),
    (["settle", "x", "--year", "２０２５", "--facts", "f", "-o", "r.xlsx"], "年度要写成四位数"),
    (["settle", "x", "--year", "2025", "--facts", "-o", "r.xlsx"], "--facts 后面缺少内容"),
    (["settle", "x", "--year", "2025", "--facts", "f", "-o", "r.docx"], "看不出结果的格式"),
    (["settle", "x", "--year", "2025", "--facts", "f", "-o", "r.xlsx", "--reading", "舍入"], "--reading 要写成 口径=选项"),
    (["explain", "x", "--year", "2025", "--facts", "f"], "缺少 --object"),
    (["check", "x", "--format", "yaml"], "--format 不能是“yaml”"),
    (["check", "x", "--lang", "fr"], "--lang 不能是“fr”"),
    (["check", "x", "--nonsense"], "不认识 --nonsense"),
]


@pytest.mark.parametrize(("argv", "said"), WRONG, ids=[" ".join(argv) or "nothing" for argv, _ in WRONG])
def test_wrong_usage_ends_in_2_and_says_what_is_wrong(capsys: pytest.CaptureFixture[str], argv: list[str], said: str, tmp_path: Path) -> None:
    code, out, err = run(capsys, *argv)
    assert code == USAGE and said in err and out == ""


@pytest.mark.parametrize(("argv", "_"), WRONG, ids=[" ".join(argv) or "nothing" for argv, _ in WRONG])
def test_wrong_usage_is_said_in_english_too(capsys: pytest.CaptureFixture[str], argv: list[str], _: str) -> None:
    if "--lang" in argv:
        return
    code, _, err = run(capsys, *argv, "--lang", "en")
    import re

    assert code == USAGE
    assert not re.search("[\u4e00-\u9fff]", err.replace("场地租金补助", "").replace("舍入", "").replace("２０２５", "")), err


def test_what_cannot_be_read_or_written_is_said_without_a_traceback(capsys: pytest.CaptureFixture[str], facts: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    (tmp_path / "policy.md").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    nasty: list[tuple[list[object], str]] = [
        (["check", "/no/such/folder"], "没有这个目录"),
        (["check", facts], "没有这个目录"),
        (["check", tmp_path], "不是 UTF-8"),
        (["check", locked], "文件读不出来"),
        (["check", ""], "文件读不出来"),
        (["check", "a\x00b"], ""),
        (["template", JINYUN, "--year", 2025, "-o", tmp_path], "是一个目录"),
        (["template", JINYUN, "--year", 2025, "-o", "/no/such/folder/t.xlsx"], "所在的目录不存在"),
        (["template", JINYUN, "--year", 2025, "-o", tmp_path / "t.csv"], "扩展名不是 .xlsx"),
        (["settle", *settling(tmp_path / "none.xlsx", "-o", tmp_path / "r.xlsx")], "没有这个文件"),
        (["settle", *settling(tmp_path / "broken.xlsx", "-o", tmp_path / "r.xlsx")], "错误[DT1"),
        (["settle", *settling(tmp_path, "-o", tmp_path / "r.xlsx")], "错误[DT1"),
        (["settle", *settling(facts, "-o", "/no/such/folder/r.xlsx")], "所在的目录不存在"),
        (["settle", *settling(facts, "-o", "/dev/null")], "看不出结果的格式"),
        (["settle", *settling(facts, "-o", tmp_path / "r.xlsx", "--history", "/no/such/file.xlsx")], "没有这个文件"),
        (["settle", *settling(facts, "-o", tmp_path / "r.xlsx", "--standards", tmp_path)], "文件读不出来"),
        (["settle", *settling(facts, "-o", tmp_path / "r.xlsx", "--standards", POLICIES / "zibo-2022" / "standards-2025.md")], "错误[DX905]"),
        (["settle", *settling(facts, "-o", tmp_path / "r.xlsx", "--reading", "舍如=舍去到分")], "是不是“舍入”？"),
        (["settle", *settling(facts, "-o", tmp_path / "r.xlsx", "--reading", "舍入=随便")], "口径“舍入”没有“随便”这个选项"),
        (["explain", *settling(facts, "--object", "91331122MA0000001X")], f"是不是“{FIRM}”？"),
        (["explain", *settling(facts, "--object", FIRM, "--award", "展位补助")], "是不是“展位费补助”？"),
        (["advise", *settling(facts, "--object", "🙂")], "找不到“🙂”"),
        (["show", JINYUN, "--award", "没有的"], "找不到“没有的”"),
    ]
    for argv, said in nasty:
        code, out, err = run(capsys, *argv)
        assert code in (DEFECTS, USAGE), argv
        assert said in out + err, (argv, err)
        assert "Traceback" not in out + err
        assert not (tmp_path / "r.xlsx").exists()


def test_our_own_mistake_is_one_line_and_70(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: str) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(pipeline, "check", broken)
    code, out, err = run(capsys, "check", JINYUN)
    assert (code, out, err.count("\n")) == (OUR_MISTAKE, "", 1)
    assert "ZeroDivisionError：division by zero" in err and "请把命令和数据报告给我们" in err
    monkeypatch.setenv("DUIXIAN_DEBUG", "1")
    assert "Traceback" in run(capsys, "check", JINYUN)[2]


def test_an_interrupt_is_130_and_says_that_nothing_was_written(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(folder: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "check", interrupted)
    code, _, err = run(capsys, "check", JINYUN)
    assert code == INTERRUPTED and "已中断" in err and "Traceback" not in err


@pytest.mark.parametrize(("language", "said"), [("zh", "提示：流量补贴的 2 笔全部待补充，都缺“2025年 实物商品网络零售额”"), ("en", "all 2 lines of 流量补贴 wait for")])
def test_a_column_that_is_not_there_is_said_where_it_leaves_nothing_decided(capsys: pytest.CaptureFixture[str], tmp_path: Path, language: str, said: str) -> None:
    facts = tmp_path / "企业.csv"
    facts.write_text("统一社会信用代码,名称\n91370303YY8X4XGQ2Q,甲\n91370303YYQQ32UC39,乙\n", encoding="utf-8")
    code, _, err = run(capsys, "--lang", language, "settle", POLICIES / "zibo-2022", "--year", 2025, "--facts", facts, "-o", tmp_path / "r.json")
    assert code == DONE and said in err


def test_an_award_of_a_large_settlement_of_which_nothing_is_decided_is_named() -> None:
    rows = [Ended("甲", "一", "待补充", 7, 0, 0), Ended("甲", "一", "已享受", 1, 0, 0), Ended("乙", "二", "待补充", 5, 0, 0), Ended("乙", "二", "不符合", 1, 0, 0)]
    assert large_waiting_lines(SimpleNamespace(outcomes=rows)) == ["甲的 7 笔全部待补充：看看数据表里是不是少了一列"]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_who_asks_a_command_to_end_is_answered_like_an_interrupt(name: str) -> None:
    script = (
        "import os, signal, sys, time\nfrom duixian import cli, pipeline\n"
        f"signal.signal(signal.{name}, signal.SIG_DFL)\n"  # as a terminal gives it: under nohup it is not heard, and that is inherited
        f"pipeline.check = lambda *_, **__: (os.kill(os.getpid(), signal.{name}), time.sleep(20))\n"
        "sys.exit(cli.main(['check', sys.argv[1]]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(POLICIES.parent / "src"), "LANG": "zh_CN.UTF-8"}
    done = subprocess.run([sys.executable, "-c", script, str(JINYUN)], capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert done.returncode == INTERRUPTED and "已中断" in done.stderr


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "duixian.cli", "show", str(JINYUN)]
    environment = {**os.environ, "PYTHONPATH": str(POLICIES.parent / "src"), "LANG": "C.UTF-8"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == DONE


def test_help_names_every_command_with_an_example_that_parses(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--help")
    assert code == DONE
    for name, example in cli.EXAMPLES.items():
        assert example in out
        cli.parser_in("zh").parse_args(example.split(" ")[1:])
        code, own, _ = run(capsys, name, "--help")
        assert code == DONE and own.startswith(f"用法：duixian {name}") and example in own


def test_check_and_show_do_not_load_the_table_libraries() -> None:
    libraries = ("pyarrow", "xlsxwriter", "python_calamine")
    script = f"import sys; from duixian.cli import main; main(['show', sys.argv[1]]); sys.exit(any(name in sys.modules for name in {libraries}))"
    environment = {**os.environ, "PYTHONPATH": str(POLICIES.parent / "src")}
    assert subprocess.run([sys.executable, "-c", script, str(JINYUN)], env=environment, capture_output=True, check=False).returncode == 0
