"""The comparison of engines is itself compared: its policies are sound and varied, every wrong interpreter is found, a difference becomes small."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from duixian.values.terms import Outcome
from tests import literate as literate_tests
from tests.repeat import by_day

from .compare import Row, Settled, differences, settled
from .coverage import constructs
from .facts import World
from .literate import literate
from .mutants import MUTANTS, RARE, mutated
from .run import against, cases, engine, interpreter, one_case, run
from .shrink import shrink

# what a few dozen policies have to show between them: every block, clause and form of the language
NEEDED = {
    *(f"块 {name}" for name in ("奖补", "认定应认定", "认定可认定", "登记", "就高", "总额", "总额 全部", "总额 登记", "参数")),
    *(f"函数 {name}" for name in ("上年", "前年", "增长额", "增长率", "两年平均增长率", "历年最大", "首奖年", "平均", "较大", "较小", "超出部分", "时长", "年份", "有", "无", "无则",
                                  "已付", "首次", "连续增长", "合计", "合计 其中", "个数", "个数 其中", "最大", "最小", "占比", "占比 其中")),
    *(f"口径 {name}" for name in ("amount", "cap", "condition", "expression", "frequency", "items", "key", "scope", "step", "test", "time", "upgrade", "word", "path")),
    *(f"晋档 {name}" for name in ("不补", "全额", "补差(已付金额)", "补差(档位标准)")), *(f"并列 {name}" for name in ("待评定", "一并入选", "平分", "申报单位选择", "再按")),
    *(f"超出 {name}" for name in ("按比例核减", "下调标准", "先到先得", "不予登记")), *(f"期间 {name}" for name in ("每年", "每N年", "累计", "政策期内", "每笔")),
    *(f"年度文件：{name}" for name in ("标准", "参数", "口径", "就高", "总额", "分档", "计分")), *(f"算式 {name}" for name in "+−×÷"), *(f"步进 {name}" for name in ("每", "每满", "【】")),
    *(f"通则 {name}" for name in ("有效期", "施行", "参照", "年度", "舍入", "未定标准", "历史", "条件", "否决", "追回", "适用", "状态")),
    *(f"待定 {name}" for name in ("不超过", "最高", "另定", "另定 名")), *(f"年序 {name}" for name in ("首次享受", "自首年起", "日期")),
    *(f"内置 {name}" for name in ("本年", "本年末", "政策起日", "政策止日", "政策起年", "受益人", "申报", "计算额")),
    "频次 K次", "频次 一次", "频次 不限", "频次 不限 最多", "频次 不限 自首年", "名额", "名额 分组", "名额 每档", "名额 自选", "档次表名额", "整张另定", "先后", "舍入", "出资", "叠加", "时点",
    "期间窗口", "任一", "否决", "值", "与合计", "差额", "排除", "封顶前", "封顶后", "就高 就高", "就高 提示", "就高 自选", "第N年", "名次", "属于", "属于 非", "是 式", "列表走关系", "路径 3 步",
    "算法 number 按年", "算法 truth 按年", "事实 关系 按年", "是", "起年", "表头 情形", "表头 年次", "最高", "最低", "Between", "FactWindow", "命令行口径", "Not", "Or", "And",
}  # fmt: skip
SOON = {"of equal claims the later clause wins": 4}  # a seed that shows it before a thousand lines; the first one takes ten thousand


def test_one_seed_is_one_world() -> None:
    for (name, one), (other_name, other) in zip(islice(cases(5, lines=60), 4), islice(cases(5, lines=60), 4)):
        assert name == other_name and one.drawn == other.drawn and one.standards_text == other.standards_text and one.ledger == other.ledger
        assert settled(interpreter, one) == settled(interpreter, other) == settled(interpreter, one_case(name, lines=60))


def test_drawn_policies_are_well_typed_and_between_them_use_the_whole_language() -> None:
    found: Counter[str] = Counter()
    for _, world in islice(cases(7, lines=10), 240):  # a policy that does not type is an AssertionError of `cases`
        found.update(set(constructs(world)))
    assert not NEEDED - set(found), sorted(NEEDED - set(found))


def test_every_outcome_is_common_and_nothing_depends_on_the_order_of_filing() -> None:
    count = run(engine("shuffled"), seed=11, until=by_day(5_000, night=10_000), lines=150)
    assert not count.different, count.different[0]
    assert {outcome.value for outcome in Outcome if count.outcomes[outcome.value] < count.lines / 100} == set()
    assert sum(count.refused.values()) < count.settlements / 4, "too many years that cannot be settled compare nothing"


_drawn: dict[int, tuple[Iterator[tuple[str, World]], list[tuple[World, Settled]]]] = {}  # seed -> the cases to come, those there were


def judged(seed: int, until: int) -> Iterator[tuple[World, Settled]]:
    """The cases of a seed up to so many lines, each with what the interpreter makes of it: drawn and judged once for all that are wrong."""
    coming, there = _drawn.setdefault(seed, (cases(seed, lines=150), []))
    lines, place = 0, 0
    while lines < until:
        if place == len(there):
            _, world = next(coming)
            there.append((world, settled(interpreter, world)))
        yield there[place]
        lines += len(there[place][1].lines)
        place += 1


@pytest.mark.xdist_group("mutants")
@pytest.mark.parametrize("name", [name for name in MUTANTS if name not in RARE])
def test_a_wrong_interpreter_is_found(name: str) -> None:
    settle = mutated(name)
    assert any(against(expected, settle, world) for world, expected in judged(SOON.get(name, 1), 20_000)), f"{name}: 20,000 lines say nothing"


@pytest.mark.nightly
@pytest.mark.parametrize("name", RARE)
def test_a_wrong_interpreter_that_seldom_shows_is_found(name: str) -> None:
    count = run(mutated(name), seed=1, until=400_000, stop_at=1)
    assert count.different, f"{name}: {count.lines} lines say nothing"


@pytest.mark.parametrize("name", ["an unknown is zero in arithmetic", "bounds decide nothing"])
def test_a_difference_becomes_a_small_literate_test_that_shows_it(name: str, tmp_path: Path) -> None:
    settle = mutated(name)
    case = run(settle, seed=1, until=20_000, lines=150, stop_at=1).different[0][0]
    world, left = shrink(one_case(case, lines=150), settle, seconds=20)
    assert left and differences(settled(interpreter, world), settled(settle, world)) == left
    assert len(world.policy.rules) <= 2 and sum(len(own) for own in world.facts.things.values()) <= 4
    text = literate(world, left[0])
    (tmp_path / "例.md").write_text(text, encoding="utf-8")
    said = literate_tests.run(literate_tests.read(tmp_path / "例.md"), tmp_path / "folder")
    assert said.wrong == [] or "写不进" in text
    assert not [item.code for item in said.diagnostics if item.code[:3] in ("DX2", "DX3", "DX4") and item.is_error]


def _row(**changes: object) -> Row:
    fields: dict[str, object] = dict.fromkeys(Row.__dataclass_fields__) | {"award": "甲奖励", "kind": "企业", "key": "企业1", "cuts": (), "missing": frozenset(), "outcome": "可付"}
    return Row(**(fields | changes))  # type: ignore[arg-type]


def test_a_difference_names_the_line_the_field_and_both_values() -> None:
    assert differences([_row()], [_row()]) == []
    assert differences([_row()], [_row(outcome="待补充")]) == ["甲奖励 企业 企业1 outcome：可付 ≠ 待补充"]
    assert differences([_row(missing=frozenset({("等", "甲")}))], [_row()]) == ["甲奖励 企业 企业1 missing：只有第一个：[\"('等', '甲')\"]；只有第二个：[]"]
    assert differences([_row()], []) == ["甲奖励 企业 企业1：只有第一个有"]
    assert differences([_row(), _row(key="企业2")], [_row(key="企业2"), _row()]) == ["次序不同"]
    assert differences(Settled(refused=(("DX952", ""),)), Settled()) == ["拒绝：(('DX952', ''),) ≠ 没有"]
