"""Many variants at once come to what each comes to by itself, award by award, to the 分; the interpreter is the judge."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from random import Random
from typing import Any

import pytest

from duixian.engine.duck_engine import DuckEngine
from duixian.engine.lift import Lifter, NotLifted
from duixian.engine.portions import Apart, Lines, cut, together
from duixian.engine.variants import Variant, shapes
from duixian.plan.build import plan_of
from duixian.plan.steps import Plan
from duixian.plan.varying import Varied
from duixian.study.compiled import Compiled
from duixian.study.scenario import axis, crossed
from duixian.study.sweep import sweep

from ..differential.run import cases
from ..repeat import by_day
from .support import WAN, YEAR, engine, firms, quiet, scenario
from .variants import differences, grid

AXES = [
    ["流量补贴=1元,2.5元,5元"],
    ["流量补贴=1元,5元", "流量补贴总额=0元,3万元,3.33万元,15.5万元,500万元"],
    ["流量补贴=1元,5元", "计补基数=全部,超出部分"],
    ["自播奖励=50%,100%", "流量补贴=1元,3元"],
    ["流量补贴=未定,2元"],
]


@pytest.mark.parametrize("texts", AXES, ids="，".join)
def test_a_sweep_at_once_is_the_sweep_one_by_one(texts: list[str]) -> None:
    axes = [axis(text) for text in texts]
    with DuckEngine(threads=1) as database:
        together = sweep(Compiled.of_data(engine().data, scenario().policy, YEAR, database), scenario(), axes, quiet)
        left = database.rows("SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, '扫·')")
    assert together.points == sweep(engine(), scenario(), axes, quiet).points
    assert together.apart == {} and left == []


def test_equal_claims_share_the_last_fen_by_key() -> None:
    """Three equal claims and 100 分: 34, 33, 33; at 2 分 one gets nothing and counts no more."""
    three = firms(dict.fromkeys("甲乙丙", 3000 * WAN))
    found, apart = differences(YEAR, three, [], [one for _, one in crossed(scenario(), [axis("流量补贴=1元,2元"), axis("流量补贴总额=0.02元,0.03元,1元")])])
    assert (found, apart) == ([], 0)


def test_a_total_that_is_not_met_in_proportion_is_settled_by_itself_and_said() -> None:
    axes = [axis("超总额办法=下调标准,按比例核减"), axis("流量补贴总额=3万元,500万元")]
    with DuckEngine(threads=1) as database:
        compiled = Compiled.of_data(engine().data, scenario().policy, YEAR, database)
        found = sweep(compiled, scenario(), axes, quiet)
    assert found.points == sweep(engine(), scenario(), axes, quiet).points
    assert found.apart in ({}, {"超总额办法=下调标准，流量补贴总额=3万元": "超出总额，又不是按比例核减"})


@pytest.mark.parametrize(("most", "alone"), [(1, 2), (10**18, 0)], ids=["they are", "they are not"])
def test_lines_that_may_be_too_much_together_are_swept_at_once_unless_they_are(most: int, alone: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that allow 一亿亿元 are no reason to settle 200 variants one by one."""
    right = plan_of

    def may_be(*given: Any, **options: Any) -> Plan:
        plan = right(*given, **options)
        for claim in plan.claims:
            claim.most = 10**18
        return plan

    monkeypatch.setattr("duixian.engine.sweep.plan_of", may_be)
    monkeypatch.setattr("duixian.engine.sweep.TOO_MUCH_FEN", most)
    axes = [axis("流量补贴=1元,5元")]
    with DuckEngine(threads=1) as database:
        found = sweep(Compiled.of_data(engine().data, scenario().policy, YEAR, database), scenario(), axes, quiet)
    assert found.points == sweep(engine(), scenario(), axes, quiet).points
    assert len(found.apart) == alone


@pytest.mark.parametrize("both", [True, False], ids=["founding", "random"])
def test_random_numbers_and_readings_of_random_worlds(both: bool) -> None:
    for place, (name, world) in enumerate(islice(cases(11, lines=20, both=both), by_day(1, night=6))):
        found, _ = differences(world.year, world.facts, world.ledger, grid(Random(place), world.policy, world.standards, world.choices))
        assert found == [], name


# --- what varies, and along what --------------------------------------------------------------------------------------------------------


def variants(*texts: str) -> list[Variant]:
    return [Variant(one.policy, one.standards, one.choices) for _, one in crossed(scenario(), [axis(text) for text in texts])]


def test_numbers_that_move_together_are_one_axis_and_a_reading_is_a_shape() -> None:
    (one,) = shapes(variants("自播奖励=50%,100%"))
    assert {varied.axis for varied in one.varying.values()} == {0} and len(one.varying) == 3 and one.places == [(0,), (1,)]
    (two,) = shapes(variants("流量补贴=1元,2元,3元", "流量补贴总额=5万元,6万元"))
    assert two.places == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]
    assert [shape.members for shape in shapes(variants("流量补贴=1元,2元", "计补基数=全部,超出部分"))] == [[0, 2], [1, 3]]


def test_a_number_no_one_has_decided_is_another_shape() -> None:
    assert [shape.members for shape in shapes(variants("流量补贴=1元,未定,2元"))] == [[0, 2], [1]]


def test_a_number_that_varies_has_one_denominator_and_no_more_than_its_ceiling() -> None:
    number = Varied(0, 0, (Fraction(1, 3), Fraction(5, 2), Fraction(4)))
    assert (number.den, number.numerators(), number.sql().low, number.sql().high) == (6, [2, 15, 24], 2, 24)
    assert (number.sql(3).sql, number.sql(3).high, number.sql(4).sql) == ("LEAST(varying(0, 0), 18)", 18, "varying(0, 0)")


# --- lifting ------------------------------------------------------------------------------------------------------------------------------


def lifted(sql: str) -> list[tuple[object, ...]]:
    """A SELECT over 家 (does not vary: 甲 1, 乙 2) and 额 (varies along axis 0: 甲 10, 20; 乙 30, 40), lifted and worked out; the number of axis 0 is 7, 8."""
    with DuckEngine(threads=1) as database:
        for name, text in (("家", "(VALUES ('甲', 1), ('乙', 2)) t(名, 号)"), ("额", "(VALUES ('甲', 10, 0), ('乙', 30, 0), ('甲', 20, 1), ('乙', 40, 1)) t(名, 数, \"变·0\")"),
                           ("面", '(VALUES (0, 7), (1, 8)) t("变·0", "值·0·0")')):  # fmt: skip
            database.stage(name, f"SELECT * FROM {text}")
        made = iter(range(9))

        def once(text: str) -> str:
            name = f"恒{next(made)}"
            database.stage(name, text)
            return name

        lifter = Lifter(database, lambda axes: "面", lambda axes: ["值·0·0"], once)
        lifter.axes_of["额"] = frozenset({0})
        text, axes = lifter.lifted(sql)
        return sorted(database.rows(text), key=str) if axes else database.rows(text)


@pytest.mark.parametrize(("sql", "rows"), [
    ("SELECT 名 FROM 家 WHERE 号 = 1", [("甲",)]),
    ("SELECT * FROM 额 WHERE 数 > 15", [("乙", 30, 0), ("乙", 40, 1), ("甲", 20, 1)]),
    ("SELECT 名, 号 + varying(0, 0) AS 数 FROM (SELECT * FROM 家)", [("乙", 10, 1), ("乙", 9, 0), ("甲", 8, 0), ("甲", 9, 1)]),
    ("SELECT *, SUM(数) OVER () AS 共 FROM 额 WHERE 名 = '甲'", [("甲", 10, 10, 0), ("甲", 20, 20, 1)]),
    ("SELECT *, ROW_NUMBER() OVER (PARTITION BY 1 ORDER BY 数 DESC) AS 次 FROM 额", [("乙", 30, 1, 0), ("乙", 40, 1, 1), ("甲", 10, 2, 0), ("甲", 20, 2, 1)]),
    ("SELECT MAX(数) AS 大 FROM 额 GROUP BY 名 = '丙'", [(30, 0), (40, 1)]),
    ("SELECT a.名, b.数 FROM 家 AS a LEFT JOIN (SELECT * FROM 额 WHERE 数 > 35) AS b ON a.名 = b.名", [("乙", 40, 1), ("乙", None, 0), ("甲", None, 0), ("甲", None, 1)]),
    ("SELECT a.*, b.数 - a.数 AS 差 FROM 额 AS a JOIN 额 AS b ON a.名 = b.名", [("乙", 30, 0, 0), ("乙", 40, 0, 1), ("甲", 10, 0, 0), ("甲", 20, 0, 1)]),
    ("SELECT 名, 数 FROM 额 WHERE 数 > 35 UNION ALL SELECT 名, 号 AS 数 FROM 家 WHERE 号 = 1", [("乙", 40, 1), ("甲", 1, 0), ("甲", 1, 1)]),
])  # fmt: skip
def test_a_lifted_select_is_the_select_of_every_variant(sql: str, rows: list[tuple[object, ...]]) -> None:
    assert lifted(sql) == rows


@pytest.mark.parametrize("sql", ["SELECT SUM(数) AS 共 FROM 额", "SELECT 名 FROM 家 WHERE EXISTS (SELECT 1 FROM 额)", "SELECT * FROM 额 ORDER BY 数 LIMIT 1"])
def test_what_is_not_lifted_is_refused(sql: str) -> None:
    with pytest.raises(NotLifted):
        lifted(sql)


# --- shares -------------------------------------------------------------------------------------------------------------------------------


def shares(amounts: list[int], *lefts: int, order: list[int] | None = None, award: list[int] | None = None, pots: list[int] | None = None, method: str = "按比例核减") -> list[int]:
    import numpy as np

    columns = [np.array(column, np.int64) for column in (award or [0] * len(amounts), [6] * len(amounts), order or list(range(len(amounts))), amounts)]
    lines = together([Lines(*columns, pots=[np.array(pots or [0] * len(amounts), np.int32)])])
    cut(lines, 0, np.array(lefts, np.int64), method)
    found: list[int] = lines.amount.tolist()
    return found


def test_shares_come_to_what_is_left_and_the_last_fen_goes_by_remainder_claim_award_and_key() -> None:
    assert shares([1, 1, 1], 3) == [1, 1, 1]
    assert shares([1, 1, 1], 2) == [1, 1, 0]
    assert shares([1, 1, 1], 2, order=[2, 1, 0]) == [0, 1, 1]
    assert shares([1, 1, 1], 1, award=[1, 0, 0], order=[0, 2, 1]) == [0, 0, 1]
    assert shares([100, 300], 0) == [0, 0]
    assert shares([10**13, 10**13, 5], 10**13) == [5 * 10**12 - 1, 5 * 10**12 - 1, 2] == shares_by_hand([10**13, 10**13, 5], 10**13)


def test_each_pot_is_cut_by_itself_and_what_is_in_none_stays() -> None:
    assert shares([4, 6, 4, 9, 2], 5, 7, pots=[1, 0, 1, -1, 0]) == [4, 4, 3, 9, 1]
    assert shares([4, 6], 1, pots=[-1, -1]) == [4, 6]
    assert shares([], 1) == []
    assert shares([2**61, 2**61, 7], 2**61, 3, pots=[0, 0, 1]) == [2**60, 2**60, 3]


def shares_by_hand(amounts: list[int], left: int) -> list[int]:
    """The same with fractions, beyond 64 bits."""
    exacts = [Fraction(amount * left, sum(amounts)) for amount in amounts]
    whole = [int(exact) for exact in exacts]
    order = sorted(range(len(amounts)), key=lambda place: (whole[place] - exacts[place], -amounts[place], place))
    for place in order[: left - sum(whole)]:
        whole[place] += 1
    return whole


def test_another_method_is_left_to_a_settlement_of_its_own() -> None:
    assert shares([1, 2], 3, method="下调标准") == [1, 2]
    with pytest.raises(Apart, match="total"):
        shares([1, 2], 2, method="下调标准")


