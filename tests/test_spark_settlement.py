"""The whole settlement on Spark, in one Java process for the test run: the same lines and totals as on DuckDB and by the interpreter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import yaml

from duixian import twice
from duixian.engine.spark import SparkEngine

from . import reference, worlds
from .engines import duck, spark

pytestmark = pytest.mark.xdist_group("spark")

CASES = reference.ROOT.parent / "tests" / "cases" / "readings.yaml"
DRAWN = 1  # of our own cases; `python -m tests.reference FILE --engine spark` runs them all


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    """The session a large settlement has, beside the small one in the same Java process: its tables are Parquet."""
    spark()
    with SparkEngine(work=tmp_path_factory.mktemp("spark")) as engine:
        yield engine


def settled_alike(name: str, seed: int, engine: SparkEngine) -> None:
    world = worlds.draw(Random(seed), name)
    given = (world.policy, worlds.YEAR, world.facts, world.ledger, world.standards, world.choices)
    here, there = twice.settle_compiled(*given, engine=duck()), twice.settle_compiled(*given, engine=engine)
    one = world.settle()
    assert twice.differences(here.lines, there.lines) == []
    assert twice.differences(one.lines, there.lines) == []
    assert one.totals == here.totals == there.totals


@pytest.mark.parametrize("name", ["zibo-2022", pytest.param("jinyun-2025", marks=pytest.mark.nightly)])
def test_a_year_comes_to_the_same_on_spark(name: str) -> None:
    settled_alike(name, 5, spark())


@pytest.mark.nightly
def test_a_year_comes_to_the_same_where_the_tables_are_files(on_disk: SparkEngine) -> None:
    settled_alike("zibo-2022", 6, on_disk)


@pytest.mark.nightly
def test_nothing_is_left_of_a_settlement_on_spark(on_disk: SparkEngine) -> None:
    """Each table and view is dropped, and its files with it."""
    assert [path for path in Path(on_disk._folder).iterdir() if path.suffix == ".parquet" or path.name.isdigit()] == []
    assert [table.name for engine in (on_disk, spark()) for table in engine._session.catalog.listTables() if table.name in ("申报", "台账")] == []


@pytest.mark.parametrize("place", range(DRAWN))
def test_a_case_comes_out_on_spark(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [case for case in yaml.safe_load(CASES.read_text(encoding="utf-8"))["cases"] if "kind" not in case]
    monkeypatch.setattr(reference.HERE, "engine", spark())
    assert reference.run_case(Random(place).choice(cases)) == ""


@pytest.mark.nightly
def test_a_java_process_that_dies_is_said_and_the_next_engine_starts_a_new_one() -> None:
    """In a Python of its own: the Java process of this one is shared."""
    program = """
import os, signal
from duixian.engine.relational import EngineError
from duixian.engine.spark import SparkEngine
engine = SparkEngine("local[1]", small=True)
os.kill(int(engine._session._jvm.java.lang.ProcessHandle.current().pid()), signal.SIGKILL)
for _ in range(2):
    try:
        print(engine.rows("SELECT 1 AS x"))
    except EngineError as said:
        print(said.kind)
engine.close()
with SparkEngine("local[1]", small=True) as engine:
    print(engine.rows("SELECT 2 AS x"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=180, check=False)
    assert (done.stdout.split("\n"), done.stderr, done.returncode) == (["other", "other", "[(2,)]", ""], "", 0)
