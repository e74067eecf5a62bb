"""The page and the workbook: the same study gives the same bytes, nothing comes from elsewhere, every word is in both languages."""

from __future__ import annotations

import ast
import io
import re
import xml.etree.ElementTree as xml
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from duixian.study.chart import cliff_map, columns, curves, grouped, scale
from duixian.study.page import page
from duixian.study.parts import Chart, Table
from duixian.study.scenario import axis
from duixian.study.sections import sections
from duixian.study.study import Questions, Study, run_study
from duixian.study.tell import summary
from duixian.study.words import WORDS, money_text
from duixian.study.workbook import workbook

from .support import WAN, engine, firms, quiet, scenario

pytestmark = pytest.mark.xdist_group("report")  # one worker: the study is made once

ROOM = Path(__file__).resolve().parents[2] / "src" / "duixian" / "study"
EVERYTHING = Questions(by="纳统", bands="实物商品网络零售额", compare=(("流量补贴=5元", "流量补贴=4元"),), fit=("流量补贴总额",), amount="10万元", sweep=(axis("流量补贴=1元,5元"),))


@cache
def study(nobody: bool = False) -> Study:
    return run_study(engine(firms({}) if nobody else None), scenario(), EVERYTHING, quiet, label="合成数据", command="duixian study …", date="2026-01-15")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("nobody", [False, True])
def test_the_same_study_gives_the_same_bytes(language: str, nobody: bool) -> None:
    again = run_study(engine(firms({}) if nobody else None), scenario(), EVERYTHING, quiet, label="合成数据", command="duixian study …", date="2026-01-15")
    assert page(study(nobody), language) == page(again, language)
    assert workbook(study(nobody), language) == workbook(again, language)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_needs_nothing_from_elsewhere(language: str) -> None:
    text = page(study(), language)
    assert re.findall(r"https?:|<script|<link|<img|<iframe|@import|\bstyle=|\bon\w+=|url\((?!#)", text) == []
    assert "default-src 'none'" in text.replace("&#x27;", "'")


def test_every_drawing_is_sound_and_stands_before_its_table() -> None:
    for section in sections(study(), "zh"):
        kinds = [type(block) for block in section.blocks]
        for place, block in enumerate(section.blocks):
            if isinstance(block, Chart):
                assert xml.fromstring(block.svg).attrib["role"] == "img" and block.caption
                assert Table in kinds[place:], f"{section.title}: a chart without a table"


def test_the_page_says_first_what_it_is_made_of() -> None:
    text = page(study(), "zh")
    assert text.index("合成数据") < text.index("155,000.00")
    for wanted in (study().digest, "duixian study …", "2026-01-15", "计补基数", "流量补贴"):
        assert wanted in text
    assert "Synthetic data, not real" in page(study(), "en")


def test_hostile_names_are_text() -> None:
    facts = firms({"<script>": 30_000 * WAN})
    made = run_study(engine(facts), scenario(), Questions(compare=(("流量补贴=5元", "流量补贴=1元"),)), quiet, label="<b>")
    assert "<script" not in page(made, "zh") and "<b>" not in page(made, "zh") and "&lt;script&gt;" in page(made, "zh")


def test_the_workbook_holds_numbers_as_numbers_and_every_table() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(study(), "zh")))
    tables = [block for section in sections(study(), "zh") for block in section.blocks if isinstance(block, Table)]
    assert len(book.sheetnames) == len(tables) + 1
    sheet = book["各项奖补"]
    head = [cell.value for cell in sheet[1]]
    row = next(row for row in sheet.iter_rows(values_only=True) if row[1] == "流量补贴")
    assert row[head.index("应付（元）")] == 155_000


def test_every_sentence_has_its_english_and_none_is_left_over() -> None:
    said: set[str] = set()
    texts: set[str] = set()
    for path in sorted(ROOM.glob("*.py")):
        if path.name in ("words.py", "words_more.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("say", "text") and node.args and isinstance(node.args[0], ast.Constant):
                said.add(node.args[0].value)
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
    assert sorted(said - set(WORDS)) == []
    outcomes = {"取消", "已享受", "不符合", "待补充", "封顶已满", "暂估", "可付", "可登记", "年度文件"}
    assert sorted(set(WORDS) - texts - outcomes) == []
    for chinese, english in WORDS.items():
        assert set(re.findall(r"\{(\w+)\}", chinese)) == set(re.findall(r"\{(\w+)\}", english)), chinese


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_terminal_says_every_answer(language: str) -> None:
    said = "\n".join(summary(study(), language))
    assert ("2.43元" in said) and "155,000" in said or "15.5万元" in said


def test_axes_hold_every_value_and_begin_at_nothing() -> None:
    for values in ([1], [999], [1_000_000], [123_456_789_012], [-5, 7], [-1_000_000, 0], []):
        axis_ = scale(values)
        assert axis_.ticks[0] <= min([0, *values]) and axis_.ticks[-1] >= max([0, *values]) and 0 in axis_.ticks and 2 <= len(axis_.ticks) <= 8


def test_charts_of_one_point_or_nothing_do_not_break() -> None:
    for svg in (columns("甲", [], scale([]), "万元"), curves("乙", [(1, "一")], [("丙", [5], "line")], scale([5])), cliff_map("丁", [], scale([]), ("", "", ""))):
        xml.fromstring(svg)


@pytest.mark.parametrize(("fen", "text"), [(0, "0元"), (1, "0.01元"), (498_994_496, "4,989,944.96元"), (500 * WAN, "500万元"), (-1_000_000, "-1万元")])
def test_sums_in_sentences_can_be_read(fen: int, text: str) -> None:
    assert money_text(fen) == text


def test_numbers_are_grouped() -> None:
    assert [grouped(value) for value in (0, -1234567, 1000)] == ["0", "−1,234,567", "1,000"]
