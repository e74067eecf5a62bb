"""Very large settlements, on small data: what is written is what the interpreter settles, and an engine that is wrong anywhere near a boundary is refused."""

from __future__ import annotations

import random
import signal
import threading
from _thread import interrupt_main
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow.parquet as parquet
import pytest

from duixian import pipeline
from duixian.award.record import Line
from duixian.engine import compiled
from duixian.engine.duck_engine import DuckEngine
from duixian.engine.relational import EngineError
from duixian.large import LargeResult, settle, settle_large
from duixian.plan.steps import Plan, Step
from duixian.policy.model import Policy
from duixian.programme import Programme
from duixian.tables.read import read_tables
from duixian.tables.write_facts import write_facts_csv, write_facts_parquet
from duixian.values.diagnostic import Defects, Diagnostic
from duixian.values.facts import Facts, Paid

from .literate import Literate, lay_out
from .population.support import made, policy_of

YEAR = 2025
LINE = 10_000_000_00  # the threshold of 规模奖励, in 分
TEXT = """---
政策: 例
原文: source.txt
校验: 自动
词汇: vocabulary.md
---

# 支持办法

> （一）对年零售额1000万元以上的企业，奖励1万元。

#### 奖补 规模奖励

- 对象：企业
- 条件：零售额 1000万元以上
- 标准：1万元
- 频次：每年

> （二）零售额同比增长10%以上的企业，按增长额的1%奖励，每家企业每年最高2万元。

#### 奖补 增长奖励

- 对象：企业
- 条件：增长率(零售额) 10%以上
- 标准：增长额(零售额) × 1%
- 频次：每年
- 封顶：2万元 每企业每年

> （三）对店铺按零售额的10%奖励，每家企业每年最高10万元。

#### 奖补 店铺奖励

- 对象：店铺
- 受益人：企业
- 标准：零售额 × 10%
- 频次：每年
- 封顶：10万元 每企业每年
- 先后：开业日期

> （四）有2个以上店铺的企业，所在园区零售额1亿元以上的，奖励3万元，每个园区最高6万元。

#### 奖补 集聚奖励

- 对象：企业
- 条件：个数(店铺 其中 零售额 60万元以上) 达到 2个
- 条件：所在园区的总零售额 1亿元以上
- 标准：3万元
- 频次：每年
- 封顶：6万元 每园区每年
"""


@cache
def policy() -> Policy:
    """Four awards: a threshold, a growth rate, a cap shared by shops, a list of a list's owner."""
    folder = lay_out(Literate(Path("large.md"), TEXT), Path(mkdtemp()))
    return Programme.load(folder).policy


def world(seed: int = 1, firms: int = 60) -> tuple[Facts, list[Paid]]:
    """Enterprises of which many stand exactly at a boundary, or one 分 beside it; some figures are not known."""
    draw, facts, ledger = random.Random(seed), Facts(), []
    facts.listed = {"主体", "企业", "园区", "店铺", "租约", "贷款", "其他政策已付"} & policy().vocabulary.objects.keys() | {"其他政策已付"}
    for number in range(6):
        facts.add("园区", f"P{number}").values[("开园年度", None)] = 2015
    for number in range(firms):
        firm = facts.add("企业", f"E{number:03}")
        last = draw.choice([LINE, LINE // 2, 7_777_777_77])
        now = draw.choice([LINE, LINE - 1, LINE + 1, last * 11 // 10, last * 11 // 10 - 1, 12_345_678_90, last + 200_000_000, last + 200_000_100])
        firm.values.update({("成立年度", None): 2019, ("零售额", YEAR - 1): last, ("零售额", YEAR): now, ("所在园区", None): f"P{number % 6}"})
        if number % 13 == 0:
            del firm.values[("零售额", draw.choice([YEAR, YEAR - 1]))]
        for shop in range(draw.randrange(4)):
            found = facts.add("店铺", f"S{number:03}{shop}")
            sales = draw.choice([60_000_000, 59_999_999, 123_456_789, 5_000_05])
            found.values.update({("企业", None): firm.key, ("开业日期", None): date(2020, 1, 1 + draw.randrange(28)), ("零售额", YEAR): sales})
        if number % 7 == 0:
            ledger.append(Paid("增长奖励", YEAR, firm.key, 500_000))
    return facts, ledger


@cache
def files(seed: int = 1, kind: str = "parquet") -> tuple[Path, ...]:
    """The world as files."""
    folder = Path(mkdtemp())
    facts, ledger = world(seed)
    write: Callable[..., list[Path]] = write_facts_parquet if kind == "parquet" else write_facts_csv
    return tuple(write(facts, ledger, policy(), YEAR, folder))


def settled(into: Path, **options: Any) -> LargeResult:
    return settle_large(policy(), YEAR, files(), into=into, **{"threads": 1, "small": 0, **options})


def exact(line: Line) -> dict[str, Any]:
    """A line of the interpreter as the file should have it."""
    amount = line.amounts.get("计算额")
    return {
        "奖补": line.claim.award, "条款": line.claim.clause, "对象类型": line.claim.kind, "标识": line.claim.key, "受益人": line.claim.recipient,
        "结果": line.outcome.value, "档": line.claim.tier, "计算额": amount, **{stage: line.amounts.get(stage) for stage in settle.STAGES},
        "应付": line.payable_fen, "追回额": line.claw_back_fen,
    }  # fmt: skip


def written(path: Path) -> list[dict[str, Any]]:
    """The lines of the file, 计算额 as one number, in the order of award and object."""
    rows = parquet.read_table(path).to_pylist()
    for row in rows:
        under = row.pop("计算额分母")
        row["计算额"] = None if row["计算额"] is None else Fraction(row["计算额"], under)
        row.pop("暂估")
    return rows


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["奖补"], row["对象类型"], row["标识"]))


def refused(into: Path, **options: Any) -> list[Diagnostic]:
    """What a settlement is refused for; nothing may be left behind."""
    with pytest.raises(Defects) as stop:
        settled(into, **options)
    assert list(into.parent.iterdir()) == []
    return stop.value.diagnostics


def planted(monkeypatch: pytest.MonkeyPatch, step: str, old: str, new: str) -> None:
    """An engine that is wrong in one place: in the text of one step."""
    right = compiled.plan_of

    def wrong(*arguments: Any, **options: Any) -> Plan:
        plan = right(*arguments, **options)
        found = [place for place, item in enumerate(plan.steps) if item.name == step]
        assert found, [item.name for item in plan.steps]
        item = plan.steps[found[0]]
        assert isinstance(item, Step) and old in item.sql, item
        plan.steps[found[0]] = replace(item, sql=item.sql.replace(old, new))
        return plan

    monkeypatch.setattr(compiled, "plan_of", wrong)


# --- what is written ---------------------------------------------------------------------------------------------------------------------


def test_the_file_is_the_interpreters_settlement_line_by_line(tmp_path: Path) -> None:
    result = settled(tmp_path / "行.parquet", reasons=True)
    expected = pipeline.settle(policy(), YEAR, *world())
    rows = written(tmp_path / "行.parquet")
    missing = {(row["奖补"], row["标识"]): row.pop("缺") for row in rows}
    assert in_order(rows) == in_order([exact(line) for line in expected.lines])
    assert result.lines == len(rows) and result.payable_fen == expected.payable_fen and result.totals == expected.totals
    for line in expected.lines:
        assert all(item.fact in missing[(line.claim.award, line.claim.key)] for item in line.missing)
        assert bool(missing[(line.claim.award, line.claim.key)]) is (line.outcome.value == "待补充")
    assert {item.outcome for item in result.outcomes} >= {"可付", "不符合", "待补充", "封顶已满"}
    for item in result.outcomes:
        mine = [row for row in rows if (row["奖补"], row["结果"]) == (item.award, item.outcome)]
        assert (item.lines, item.payable_fen) == (len(mine), sum(row["应付"] for row in mine))


def test_what_is_missing_is_the_same_where_it_is_written_for_undecided_claims_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(tmp_path / "一步.parquet", reasons=True)
    monkeypatch.setattr("duixian.plan.build.SMALL", 0)
    settled(tmp_path / "两步.parquet", reasons=True)
    at_once, apart = (in_order(written(tmp_path / name)) for name in ("一步.parquet", "两步.parquet"))
    assert any(row["缺"] for row in at_once)
    assert [sorted(row.pop("缺").split("；")) for row in apart] == [sorted(row.pop("缺").split("；")) for row in at_once]
    assert apart == at_once


@pytest.mark.parametrize("name", ["zibo-2022", "jinyun-2025"])
def test_a_made_population_of_a_founding_policy_comes_out_as_the_interpreter_says(name: str, tmp_path: Path) -> None:
    found, year_file = policy_of(name), Programme(policy_of(name)).standards(YEAR)
    paths = sorted(made(name, 300).folder.glob("*.parquet"))
    result = settle_large(found, YEAR, paths, standards=year_file, into=tmp_path / "行.parquet", threads=1, small=100, sample=50)
    tables = read_tables(paths, found, YEAR)
    expected = pipeline.settle(found, YEAR, tables.facts, tables.ledger, year_file)
    assert in_order(written(tmp_path / "行.parquet")) == in_order([exact(line) for line in expected.lines])
    assert (result.totals, result.notices, result.payable_fen) == (expected.totals, expected.notices, expected.payable_fen)
    assert result.checked_boundary > 0 and result.checked_sample == 50
    assert [(item.file, item.sha256, item.rows) for item in result.inputs] == [(item.file, item.sha256, item.rows) for item in tables.inputs]


def test_a_folder_of_files_and_csv_give_the_same_lines(tmp_path: Path) -> None:
    settled(tmp_path / "行.parquet")
    settle_large(policy(), YEAR, files(kind="csv"), into=tmp_path / "行", threads=1, small=0)
    assert in_order(written(tmp_path / "行")) == in_order(written(tmp_path / "行.parquet"))
    assert sorted(item.name for item in tmp_path.iterdir()) == ["行", "行.parquet"]


# --- which lines are computed again --------------------------------------------------------------------------------------------------------


def test_every_line_near_a_boundary_or_at_a_cap_is_computed_again(tmp_path: Path) -> None:
    result = settled(tmp_path / "行.parquet", sample=0)
    facts, _ = world()
    lines = {(line.claim.award, line.claim.key): line for line in pipeline.settle(policy(), YEAR, *world()).lines}
    near = set()
    for firm in facts.all("企业"):
        now, last = firm.values.get(("零售额", YEAR)), firm.values.get(("零售额", YEAR - 1))
        if now is not None and abs(now - LINE) <= 1:
            near.add(("规模奖励", firm.key))
        if now is not None and last is not None and abs(10 * now - 11 * last) <= 10:
            near.add(("增长奖励", firm.key))
    capped = {key for key, line in lines.items() if line.amounts["补差后"] != line.amounts["封顶后"]}
    assert len(near) > 20 and len(capped) > 20
    assert (result.checked_sample, result.checked_boundary >= len(near | capped)) == (0, True)


def test_a_sample_of_the_rest_is_drawn_by_its_seed_and_few_lines_are_checked_one_and_all(tmp_path: Path) -> None:
    result = settled(tmp_path / "一.parquet", sample=7, seed=3)
    assert result.checked_sample == 7
    few = settled(tmp_path / "二.parquet", small=200_000)
    assert few.checked_boundary + few.checked_sample == few.lines and few.checked_boundary == result.checked_boundary


# --- an engine that is wrong ------------------------------------------------------------------------------------------------------------------


def test_a_threshold_one_fen_too_high_is_refused_without_any_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, "申·规模奖励", str(LINE), str(LINE + 1))
    (found, *_) = refused(tmp_path / "行.parquet", sample=0)
    words = found.sentence("zh")
    assert found.code == "DX961" and "规模奖励 E0" in words["summary"]
    assert "结果 可付 ≠ 不符合" in words["found"]
    assert "1000万元" in words["remedy"] and "结果 不符合" in words["remedy"]  # both accounts


def test_a_growth_rate_taken_as_more_than_instead_of_at_least_is_refused_without_any_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, "申·增长奖励", ">=", ">")
    assert {item.code for item in refused(tmp_path / "行.parquet", sample=0)} == {"DX961"}


def test_a_difference_away_from_every_boundary_is_left_to_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = next(firm for firm in world()[0].all("企业") if firm.values.get(("零售额", YEAR)) == 12_345_678_90 and ("零售额", YEAR - 1) in firm.values)
    wrong = f"* REPLACE (CASE WHEN \"标识\" = '{firm.key}' AND \"序\" = 0 THEN '别人' ELSE \"受益人\" END AS \"受益人\")"
    planted(monkeypatch, "行", "SELECT *, CASE", f"SELECT {wrong}, CASE")
    assert settled(tmp_path / "行.parquet", sample=0).checked_sample == 0
    (tmp_path / "行.parquet").unlink()
    (found,) = refused(tmp_path / "行.parquet", sample=10_000)
    assert found.code == "DX961" and found.details["line"] == f"规模奖励 {firm.key}" and "别人" in found.details["found"]


def test_a_cap_that_is_not_kept_is_refused_by_the_invariants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, "顶·店铺奖励", 'ELSE "_得" END AS "封顶后"', 'ELSE "_始" END AS "封顶后"')
    found = refused(tmp_path / "行.parquet", sample=0)
    assert [(item.code, item.details["what"]) for item in found] == [("DX970", "店铺奖励在封顶以内（10万元 每企业每年）")]


def test_money_that_is_payable_without_being_so_called_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, "行", "ELSE 0 END AS \"应付\"", "ELSE 1 END AS \"应付\"")
    assert [(item.code, item.details["what"]) for item in refused(tmp_path / "行.parquet")] == [("DX970", "只有“可付”的有应付")]


def test_a_line_that_is_lost_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = next(line for line in pipeline.settle(policy(), YEAR, *world()).lines if line.claim.award == "规模奖励" and line.outcome.value == "不符合").claim.key
    planted(monkeypatch, "行", '"全·规模奖励" AS c', f"(SELECT * FROM \"全·规模奖励\" WHERE \"标识\" <> '{lost}') AS c")
    (found,) = refused(tmp_path / "行.parquet")
    assert (found.code, found.details["what"], found.details["expected"], found.details["found"]) == ("DX970", "规模奖励每个企业一笔", "60 笔", "59 笔，59 个对象")


def test_a_line_that_is_lost_on_the_way_is_refused_and_not_paid_as_it_stood_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = next(line for line in pipeline.settle(policy(), YEAR, *world()).lines if line.claim.award == "规模奖励" and line.outcome.value == "可付").claim.key
    planted(monkeypatch, "活·规模奖励", "WHERE", f"WHERE \"标识\" <> '{lost}' AND")
    assert ("DX970", "规模奖励每个企业一笔", "59 笔，59 个对象") in [(item.code, item.details.get("what"), item.details.get("found")) for item in refused(tmp_path / "行.parquet")]


# --- what stops the work ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "code"), [("memory", "DX971"), ("other", "DX971"), ("interrupted", "DX972"), ("arithmetic", "DX975"), ("absent", "DX976")])
def test_an_engine_that_gives_up_is_told_and_leaves_nothing(kind: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: DuckEngine, sql: str, path: Path) -> None:
        Path(path).write_bytes(b"half")
        raise EngineError(kind, "磁盘满了", sql)

    monkeypatch.setattr(DuckEngine, "write_parquet", full)
    (found,) = refused(tmp_path / "行.parquet")
    assert found.code == code and "磁盘满了" in found.sentence("zh")["found"]


def test_too_little_memory_with_nowhere_to_spill_is_told(tmp_path: Path) -> None:
    assert {item.code for item in refused(tmp_path / "行.parquet", memory_limit="1MB")} <= {"DX971", "DT176"}


def test_a_user_who_stops_leaves_nothing_wherever_it_is(tmp_path: Path) -> None:
    heard: list[str] = []

    def stop_at(what: str) -> Callable[[int, int, str], None]:
        def progress(done: int, total: int, said: str) -> None:
            heard.append(said)
            if said.startswith(what):
                raise KeyboardInterrupt

        return progress

    for what in ("读入", "写出", "核对不变的规律", "解释器核对"):
        with pytest.raises(KeyboardInterrupt):
            settled(tmp_path / "行.parquet", progress=stop_at(what))
        assert list(tmp_path.iterdir()) == [], what
        assert heard[-1].startswith(what)
    assert not [thread for thread in threading.enumerate() if "ThreadPoolExecutor" in thread.name]


def test_the_signal_of_a_user_is_heard_while_the_engine_works(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            settled(tmp_path / "行.parquet", progress=lambda done, total, said: interrupt_main() if said == "写出" else None)
    finally:
        signal.signal(signal.SIGINT, before)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_taken_or_not_there_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "有").mkdir()
    (tmp_path / "有" / "别的").write_text("在")
    for into in (tmp_path / "有", tmp_path / "没有" / "行.parquet"):
        with pytest.raises(Defects) as stop:
            settled(into, progress=lambda *_: pytest.fail("nothing may be read"))
        assert [item.code for item in stop.value.diagnostics] == ["DX973"]
    assert (tmp_path / "有" / "别的").read_text() == "在"
