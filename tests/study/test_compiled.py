"""The same study over the compiled engine is the same page, to the byte."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from duixian.engine.duck_engine import DuckEngine
from duixian.study.compiled import Compiled
from duixian.study.page import page
from duixian.study.scenario import axis
from duixian.study.study import Questions, run_study

from .support import YEAR, engine, firms, quiet, scenario

QUESTIONS = Questions(by="纳统", compare=(("流量补贴=5元", "流量补贴=4元"),), sweep=(axis("流量补贴=1元,5元"),), cliffs=False)


@pytest.fixture
def database() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as found:
        yield found


@pytest.mark.parametrize("nobody", [False, True])
def test_two_engines_one_page(nobody: bool, database: DuckEngine) -> None:
    one = engine(firms({}) if nobody else None)
    other = Compiled.of_data(one.data, scenario().policy, YEAR, database)
    assert page(run_study(one, scenario(), QUESTIONS, quiet), "zh") == page(run_study(other, scenario(), QUESTIONS, quiet), "zh")


def test_two_scenarios_stand_side_by_side_and_leave_no_table_behind(database: DuckEngine) -> None:
    source = Compiled.of_data(engine().data, scenario().policy, YEAR, database)
    high, low = source.price(scenario(流量补贴=500)), source.price(scenario(流量补贴=100))
    asked = "SELECT sum(应付) FROM 行 WHERE 奖补 = '流量补贴'"
    assert (high.query(asked), low.query(asked)) == ([(155_000 * 100,)], [(41_000 * 100,)])
    del high, low
    gc.collect()
    assert database.connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE '行·%'").fetchone() == (0,)
