"""`duixian study` from its arguments to its files; stopped half-way it leaves nothing behind."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from stdnum.cn import uscc

from duixian.population.made import make
from duixian.study.command import add_arguments, run, said_of
from duixian.tables.write_facts import write_facts
from duixian.values.diagnostic import Defects
from duixian.values.facts import Facts

from ..worlds import ROOT, policy_of
from .support import FIRMS, YEAR, firms


def coded() -> Facts:
    """The firms under codes a workbook accepts."""
    codes = ("913703000000000010", "913703000000000029", "913703000000000037", "913703000000000045", "913703000000000053")
    return firms(dict(zip((uscc.compact(code[:17] + str(uscc.calc_check_digit(code[:17]))) for code in codes), FIRMS.values(), strict=True)))


class Console:
    language, quiet = "zh", True

    def __init__(self) -> None:
        self.said: list[str] = []

    def out(self, lines: list[str]) -> None:
        self.said += lines

    def note(self, lines: list[str]) -> None:
        self.said += lines

    @contextmanager
    def progress(self, text: str) -> Iterator[None]:
        yield


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "数据.xlsx"
    write_facts(coded(), [], policy_of("zibo-2022"), YEAR, path, label="演示数据（合成）")
    return str(path)


def options(data: str, *more: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser, lambda text: text)
    found = parser.parse_args([str(ROOT / "zibo-2022"), "--year", str(YEAR), "--facts", data, *more])
    found.reading = {}
    return found


def test_a_folder_of_synthetic_data_is_asked_as_its_files_are(tmp_path: Path) -> None:
    folder = tmp_path / "合成"
    make(policy_of("zibo-2022"), ROOT / "zibo-2022" / "population.md", 60, 1, YEAR, folder)
    answers = []
    for engine in ("auto", "duckdb", "interpret"):
        console = Console()
        assert run(options(str(folder), "--only", "--sweep", "流量补贴总额=1万元,500万元", "--engine", engine), console) == 0
        answers.append(console.said)
    assert answers[0] == answers[1] == answers[2]
    assert any("合成数据" in line for line in answers[0])


def test_a_ledger_without_a_row_was_given_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "合成"
    make(policy_of("zibo-2022"), ROOT / "zibo-2022" / "population.md", 60, 1, YEAR, folder)
    ledger = folder / "历史.parquet"
    parquet.write_table(parquet.read_table(ledger).slice(0, 0), ledger)
    for engine in ("duckdb", "interpret"):
        console = Console()
        assert run(options(str(folder), "--only", "--sweep", "流量补贴总额=1万元,500万元", "--engine", engine), console) == 0
        assert not any("没有提供历史" in line for line in console.said)


def test_a_study_leaves_a_page_and_a_workbook_and_says_the_answers(data: str, tmp_path: Path) -> None:
    console, html, book = Console(), tmp_path / "a.html", tmp_path / "a.xlsx"
    assert run(options(data, "--fit", "流量补贴总额", "--amount", "5万元", "--html", str(html), "-o", str(book)), console) == 0
    assert "合成数据" in html.read_text(encoding="utf-8") and book.stat().st_size > 5000
    assert any("1.21元 正好" in line for line in console.said)


def test_with_no_question_it_is_cost_and_cliffs(data: str) -> None:
    console = Console()
    run(options(data), console)
    assert {"花多少", "断崖"} <= set(console.said) and "谁得谁失" not in console.said


def test_the_page_says_the_command_that_makes_it_again(data: str, tmp_path: Path) -> None:
    html = tmp_path / "a.html"
    run(options(data, "--sweep", "流量补贴=1元,2元", "--only", "--html", str(html)), Console())
    assert "--sweep 流量补贴=1元,2元 --only" in html.read_text(encoding="utf-8")


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), RuntimeError("Query interrupted")])  # the second is how DuckDB says it
def test_stopped_half_way_nothing_is_written(stop: BaseException, data: str, tmp_path: Path) -> None:
    def stopped(programme: object, options: object) -> object:
        raise stop

    with pytest.raises(KeyboardInterrupt):
        run(options(data, "--html", str(tmp_path / "a.html"), "-o", str(tmp_path / "a.xlsx")), Console(), opened=stopped)  # type: ignore[arg-type]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["数据.xlsx"]


@pytest.mark.parametrize("target", ["a.pdf", "没有的目录/a.html"])
def test_a_target_that_cannot_be_meant_is_refused_before_the_work(target: str, data: str, tmp_path: Path) -> None:
    with pytest.raises(Defects, match="DT161"):
        run(options("没有的文件.xlsx", "--html", str(tmp_path / target)), Console())


def test_a_date_is_a_date(data: str) -> None:
    with pytest.raises(Defects, match="DS102"):
        run(options(data, "--date", "今天"), Console())


def test_data_that_says_nothing_is_not_called_synthetic(data: str, tmp_path: Path) -> None:
    plain = tmp_path / "实.xlsx"
    write_facts(coded(), [], policy_of("zibo-2022"), YEAR, plain)
    assert (said_of([data]), said_of([str(plain)])) == ("合成数据", "")
