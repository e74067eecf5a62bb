"""The hand-written rules the benchmark compares engines by say what the interpreter says, row by row, at and beside every boundary."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks.peers import AWARDS, SHOP, latest_start
from benchmarks.peers.duckdb_sql import DuckdbSql
from benchmarks.peers.inputs import Inputs, make_inputs
from benchmarks.peers.judge import different, interpreted
from benchmarks.peers.numpy_int64 import NumpyInt64
from benchmarks.peers.python_ints import PythonInts, share_out
from duixian.values.period import after

ROWS = 2000


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """Every second row stands at a boundary."""
    return make_inputs(Path(tmp_path_factory.mktemp("peers")), ROWS, seed=3, edges=2)


@pytest.fixture(scope="module")
def loop(population: Inputs) -> PythonInts:
    made = PythonInts()
    made.prepare(population)
    return made


def test_each_award_by_itself_is_what_the_interpreter_says(population: Inputs, loop: PythonInts) -> None:
    judged = interpreted(population, full=False)
    assert different(loop.rules(), judged) == []
    assert set(judged) == set(AWARDS)
    for award in AWARDS:  # a population where nobody gets an award, or everybody does, would show nothing
        assert 0 < sum(1 for amount in judged[award] if amount) < ROWS, award


def test_the_full_settlement_is_what_the_interpreter_says(population: Inputs, loop: PythonInts) -> None:
    judged = interpreted(population, full=True)
    assert different(loop.full(), judged) == []
    assert set(judged) == {*AWARDS, SHOP}
    alone = loop.rules()
    assert all(judged[award] != alone[award] for award in AWARDS)  # the ledger, 就高 or a total changed something of each


@pytest.mark.parametrize("chunk", [0, 700], ids=["plain", "chunked"])
def test_the_vectorised_rules_are_the_row_by_row_ones(population: Inputs, loop: PythonInts, chunk: int) -> None:
    made = NumpyInt64(chunk)
    made.prepare(population)
    for found, expected in ((made.rules(), loop.rules()), (made.full(), loop.full())):
        assert {award: column.tolist() for award, column in found.items()} == {award: list(column) for award, column in expected.items()}


def test_the_statements_written_by_hand_say_what_the_loop_says(population: Inputs, loop: PythonInts) -> None:
    made = DuckdbSql()
    made.prepare(population)
    for found, expected in ((made.rules(), loop.rules()), (made.ready(), loop.rules()), (made.full(), loop.full())):
        assert {award: column.tolist() for award, column in made.in_fen(found).items()} == {award: list(column) for award, column in expected.items()}
    made.close()


def test_an_entry_is_long_enough_ago_up_to_the_corresponding_day() -> None:
    for offset in range(3 * 366):
        end = date(2023, 1, 1) + timedelta(days=offset)
        start = latest_start(end, 1)
        assert after(start, 1, "年") <= end < after(start + timedelta(days=1), 1, "年"), end


def test_shares_go_to_the_largest_remainders_then_the_larger_claims_then_the_earlier_clauses_then_the_smaller_keys() -> None:
    assert share_out([("甲", [3, 3], [2, 1])], 5) == [[2, 3]]  # equal claims: the smaller key
    assert share_out([("甲", [3], [9]), ("乙", [3], [1])], 5) == [[3], [2]]  # equal claims: the earlier clause
    assert share_out([("甲", [1, 3], [1, 2])], 2) == [[0, 2]]  # remainders 2 and 2 of 4: the larger claim
    assert share_out([("甲", [1, 3], [1, 2])], 4) == [[1, 3]]  # what fits is not touched


def test_the_same_seed_makes_the_same_population_and_another_seed_another(tmp_path: Path) -> None:
    one, same, other = (make_inputs(tmp_path / name, 50, seed) for name, seed in (("one", 1), ("same", 1), ("other", 2)))
    columns = [{name: column.to_pylist() for name, column in made.columns().items()} for made in (one, same, other)]
    assert columns[0] == columns[1] != columns[2]
