"""The spellings of docs/sql.md: what means the same on both engines, what does not and is therefore not written, and what an engine must do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from duixian.engine.duck_engine import DuckEngine
from duixian.engine.prelude import FUNCTIONS
from duixian.engine.relational import Engine, EngineError
from tests.engines import both, duck, spark

pytestmark = pytest.mark.xdist_group("spark")

ABC = "(VALUES (1, '甲', TRUE), (2, '乙', FALSE), (3, NULL, NULL)) AS t(n, x, p)"
SAME: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "a Chinese name with a dot is a name": ('SELECT "对"."额·2025" + 1 AS "甲""乙" FROM (SELECT 5 AS "额·2025") AS "对"', [(6,)]),
    "names may be keywords": ('SELECT 5 AS "select", 6 AS "组"', [(5, 6)]),
    "whole numbers of any size need no suffix": ("SELECT 3000000000, 9223372036854775807, 9223372036854775808, -9223372036854775808", [(3 * 10**9, 2**63 - 1, 2**63, -(2**63))]),
    "narrow and wide compare, mix in CASE, COALESCE and UNION ALL": (
        "SELECT wide(3) > CAST(2 AS BIGINT), CASE WHEN TRUE THEN wide(1) ELSE CAST(2 AS BIGINT) END, COALESCE(CAST(1 AS BIGINT), wide(2)), -wide(3), wide(2) * 3 - 1 "
        "UNION ALL SELECT FALSE, CAST(4 AS BIGINT), 5, 6, wide(7) ORDER BY 2",
        [(True, 1, 1, -3, 5), (False, 4, 5, 6, 7)],
    ),
    "texts as they are: quotes, backslashes, ${}": ("SELECT 'it''s', 'a\\n', '${x}', '元' || NULL, 'a' || CAST(1 AS STRING) || CAST(TRUE AS VARCHAR)", [("it's", "a\\n", "${x}", None, "a1true")]),
    "trailing blanks and case count": ("SELECT 'a' = 'a ', 'a' = 'A', length('甲乙'), substring('甲乙丙', 2, 1), instr('甲乙', '乙'), contains('甲乙', '乙'), '甲乙' LIKE '甲%'", [(False, False, 2, "乙", 2, True, True)]),
    "texts are ordered by code point": (
        "SELECT x FROM (VALUES ('乙'), ('甲'), ('丙'), ('A'), ('a'), ('é'), ('z'), ('𠀀'), ('﨑'), ('')) AS t(x) ORDER BY x NULLS FIRST",
        [(x,) for x in sorted(["乙", "甲", "丙", "A", "a", "é", "z", "𠀀", "﨑", ""])],
    ),
    "least and greatest of texts are by code point": ("SELECT MIN(x), MAX(x), '甲' < '乙' FROM (VALUES ('乙'), ('甲'), ('𠀀'), ('﨑')) AS t(x)", [("乙", "𠀀", False)]),
    "three truths": (
        "SELECT p AND FALSE, p OR TRUE, NOT p, p IS TRUE, p IS NOT TRUE, p IS NOT DISTINCT FROM NULL, 1 IN (2, NULL), 1 NOT IN (2, NULL) FROM (SELECT CAST(NULL AS BOOLEAN) AS p) AS t",
        [(False, True, None, False, True, True, None, None)],
    ),
    "a NULL branch takes its type from the others": (f"SELECT CASE WHEN p THEN NULL ELSE n END, CASE WHEN p THEN x END, CASE x WHEN '甲' THEN 1 ELSE 0 END FROM {ABC} ORDER BY n", [(None, "甲", 1), (2, None, 0), (3, None, 0)]),
    "aggregates over some": (
        f"SELECT COUNT(*) FILTER (WHERE p), COUNT(x), MAX(n) FILTER (WHERE NOT p), MIN(n) FILTER (WHERE n > 9), bool_or(p), bool_and(p), MAX(p), max_by(x, n) FILTER (WHERE x IS NOT NULL) FROM {ABC}",
        [(1, 2, 2, None, True, False, True, "乙")],
    ),
    "aggregates over none": (f"SELECT COUNT(*), SUM(wide(n)), MAX(n), bool_or(p), bool_and(p), string_agg(x, '、') FROM {ABC} WHERE n > 9", [(0, None, None, None, None, None)]),
    "windows": (
        "SELECT n, row_number() OVER w, rank() OVER w, dense_rank() OVER w, narrow(SUM(wide(n)) OVER (ORDER BY n, k ROWS UNBOUNDED PRECEDING)), lag(n) OVER (ORDER BY n, k), "
        "MAX(n) FILTER (WHERE n < 3) OVER () FROM (VALUES (1, 1), (1, 2), (3, 3)) AS t(n, k) WINDOW w AS (ORDER BY n) ORDER BY n, k",
        [(1, 1, 1, 1, 1, None, 1), (1, 2, 1, 1, 2, 1, 1), (3, 3, 3, 2, 5, 1, 1)],
    ),
    "QUALIFY, and sums of sums": ("SELECT n, SUM(SUM(n)) OVER () FROM (VALUES (1), (1), (3)) AS t(n) GROUP BY n QUALIFY row_number() OVER (ORDER BY n DESC NULLS LAST) = 1", [(3, 5)]),
    "NULL where it is said": ("SELECT n FROM (VALUES (1), (NULL), (3)) AS t(n) ORDER BY n DESC NULLS FIRST", [(None,), (3,), (1,)]),
    "joins": (
        "SELECT a.n, b.n, c.m FROM (VALUES (1), (2)) AS a(n) LEFT JOIN (VALUES (2), (NULL)) AS b(n) ON a.n = b.n LEFT JOIN LATERAL (SELECT MAX(v.n) AS m FROM (VALUES (1), (5)) AS v(n) WHERE v.n > a.n) AS c ON TRUE ORDER BY a.n",
        [(1, None, 5), (2, 2, 5)],
    ),
    "semi and anti joins, EXISTS": (
        "SELECT n FROM (VALUES (1), (2)) AS a(n) ANTI JOIN (VALUES (2)) AS b(n) ON a.n = b.n UNION ALL SELECT n FROM (VALUES (1), (2)) AS a(n) WHERE EXISTS (SELECT 1 FROM (VALUES (2)) AS b(n) WHERE a.n = b.n) ORDER BY n",
        [(1,), (2,)],
    ),
    "a CTE used twice, a name used in its own SELECT": ("WITH t AS (SELECT 2 AS n), u AS (SELECT n + 1 AS m, m * 2 AS k FROM t) SELECT u.k, t.n, u.m FROM u, t", [(6, 2, 3)]),
    "dates": ("SELECT DATE '2024-02-29' < DATE '2024-03-01', CAST('2024-03-01' AS DATE), MAX(d) FROM (VALUES (DATE '2024-02-29'), (NULL)) AS t(d)", [(True, date(2024, 3, 1), date(2024, 2, 29))]),
    "the prelude in GROUP BY, JOIN, OVER and VALUES": (
        "SELECT q, COUNT(*) AS c, row_number() OVER (ORDER BY idiv(q, 2), q) FROM (SELECT idiv(a.n, 2) AS q FROM (VALUES (narrow(1)), (3), (2)) AS a(n) JOIN (VALUES (0), (1)) AS b(n) ON idiv(a.n, 2) = b.n) AS t GROUP BY q ORDER BY q",
        [(0, 1, 1), (1, 2, 2)],
    ),
    "the prelude in ORDER BY": ("SELECT n FROM (VALUES (3), (-1), (2)) AS t(n) ORDER BY imod(n, 3), wdiv(n, 2) DESC", [(3,), (2,), (-1,)]),
}  # fmt: skip

ERROR = "error"
DIFFERENT: dict[str, tuple[Any, Any]] = {  # why the left column of the table in docs/sql.md is not written
    "SELECT SUM(n) FROM (VALUES (9223372036854775807), (1)) AS t(n)": (2**63, ERROR),
    "SELECT CAST(2.5 AS BIGINT)": (3, 2),
    "SELECT concat('a', NULL)": ("a", None),
    "SELECT count_if(n > 1) FROM (VALUES (1)) AS t(n) WHERE n > 9": (None, 0),
    "SELECT n = 1 FROM (SELECT TRUE AS n) AS t": (True, ERROR),
    "SELECT CASE WHEN NULL THEN 1 ELSE 2 END": (2, ERROR),
    "SELECT string_agg(x, '、' ORDER BY x) FROM (VALUES ('b'), ('a')) AS t(x)": ("a、b", ERROR),
    "SELECT string_agg(x, '、') WITHIN GROUP (ORDER BY x) FROM (VALUES ('b'), ('a')) AS t(x)": (ERROR, "a、b"),
    "SELECT CAST(1 AS HUGEINT)": (1, ERROR),
    "SELECT regexp_replace('a1b2', '[0-9]', 'x')": ("axb2", "axbx"),
}


@pytest.fixture(scope="module", params=["duckdb", "spark"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine."""
    return next(engine for engine in both() if engine.name == request.param)


@pytest.mark.parametrize("what", SAME)
def test_one_text_has_one_meaning(engine: Engine, what: str) -> None:
    sql, rows = SAME[what]
    assert engine.rows(sql) == rows


@pytest.mark.parametrize("sql", DIFFERENT)
def test_what_is_not_written_is_indeed_not_the_same(sql: str) -> None:
    for engine, said in zip((duck(), spark()), DIFFERENT[sql]):
        try:
            assert engine.rows(sql) == [(said,)]
        except EngineError:
            assert said == ERROR


def test_more_levels_than_spark_takes_by_itself_are_taken(engine: Engine) -> None:
    engine.register("底", pa.table({"c0": pa.array([7], pa.int64())}))
    sql = 'SELECT c0 FROM "底"'
    for level in range(104):  # Spark stops at 100 unless told otherwise
        sql = f"SELECT c{level} + 1 AS c{level + 1} FROM ({sql}) AS t"
    assert engine.rows(sql) == [(7 + 104,)]
    engine.drop("底")


# --- what an engine does -----------------------------------------------------------------------------------------------------------------

FACTS = pa.table({"标识": ["甲", "乙"], "额·2025": pa.array([2**40, None], pa.int64()), "日": [date(2024, 2, 29), None], "类": pa.array(["小", "小"]).dictionary_encode()})
ROWS = [("乙", None, None, "小"), ("甲", 2**40, date(2024, 2, 29), "小")]


def test_tables_views_and_stages_are_named_as_in_the_policy(engine: Engine, tmp_path: Path) -> None:
    engine.register("对象·企业", FACTS)
    assert engine.columns('SELECT * FROM "对象·企业"') == ["标识", "额·2025", "日", "类"]
    assert engine.rows('SELECT * FROM "对象·企业" ORDER BY "标识"') == ROWS
    engine.stage("阶·一", 'SELECT "标识", wide("额·2025") * wide("额·2025") AS "方" FROM "对象·企业"')
    engine.stage("阶·一", 'SELECT *, "方" + 1 AS "又" FROM "阶·一"')  # out of itself
    engine.view("看", 'SELECT "又" FROM "阶·一" WHERE "标识" = \'甲\'')
    assert engine.rows('SELECT * FROM "看"') == [(2**80 + 1,)]
    engine.drop("对象·企业")
    assert engine.rows('SELECT * FROM "看"') == [(2**80 + 1,)]  # a stage needs its source no more
    for name in ("看", "阶·一", "从来没有"):
        engine.drop(name)
    with pytest.raises(EngineError):
        engine.rows('SELECT * FROM "阶·一"')


@pytest.mark.parametrize("name", ["结果.parquet", "结果"])
def test_wide_values_are_written_whole_and_read_by_the_other_engine(engine: Engine, tmp_path: Path, name: str) -> None:
    engine.write_parquet("SELECT '甲' AS \"标识\", wide(1267650600228229401496703205376) AS \"宽\", narrow(5) AS \"额\"", tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert {field.name: str(field.type) for field in parquet.read_table(tmp_path / name).schema} == {"标识": "string", "宽": "decimal128(38, 0)", "额": "int64"}
    other = spark() if engine.name == "duckdb" else duck()
    other.register("回来", tmp_path / name)
    assert other.rows('SELECT "宽", "额" FROM "回来"') == [(2**100, 5)]
    other.drop("回来")


def test_a_float_is_refused_wherever_it_would_come_out(engine: Engine, tmp_path: Path) -> None:
    asked = "SELECT CAST(1 AS DOUBLE) AS \"率\""
    for ask in (lambda: engine.rows(asked), lambda: engine.stage("浮", asked), lambda: engine.write_parquet(asked, tmp_path / "浮.parquet")):
        with pytest.raises(EngineError, match="率") as raised:
            ask()
        assert raised.value.kind == "inexact"
    assert list(tmp_path.iterdir()) == []


def test_what_fails_half_way_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    engine.register("十", pa.table({"n": pa.array([1, 2**62], pa.int64())}))
    for ask in (lambda: engine.stage("半", 'SELECT n * 4 AS m FROM "十"'), lambda: engine.write_parquet('SELECT n * 4 AS m FROM "十"', tmp_path / "半.parquet")):
        with pytest.raises(EngineError) as raised:
            ask()
        assert raised.value.kind == "arithmetic"
    engine.drop("十")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(EngineError):
        engine.rows('SELECT * FROM "半"')


def test_a_failed_stage_keeps_what_was_called_so_before(engine: Engine) -> None:
    engine.stage("旧", "SELECT narrow(1) AS n")
    with pytest.raises(EngineError):
        engine.stage("旧", 'SELECT n + 9223372036854775807 AS n FROM "旧"')
    assert engine.rows('SELECT n FROM "旧"') == [(1,)]
    engine.drop("旧")


def test_several_are_staged_together_out_of_what_one_is(engine: Engine) -> None:
    engine.register("底", pa.table({"n": pa.array([1, 2], pa.int64())}))
    engine.view("看", 'SELECT n + 1 AS n FROM "底"')
    engine.stage_each([(f"数{place}", f'SELECT n + {place} AS n FROM "{source}"') for place, source in enumerate(("底", "看", "底", "看"))])
    assert [sorted(engine.rows(f'SELECT n FROM "数{place}"')) for place in range(4)] == [[(1,), (2,)], [(3,), (4,)], [(3,), (4,)], [(5,), (6,)]]
    for name in ("底", "看", "数0", "数1", "数2", "数3"):
        engine.drop(name)


def test_of_several_one_that_fails_is_told_and_is_not_there(engine: Engine) -> None:
    engine.register("底", pa.table({"n": pa.array([1, 2**62], pa.int64())}))
    with pytest.raises(EngineError) as raised:
        engine.stage_each([("好", 'SELECT n FROM "底"'), ("坏", 'SELECT n * 4 AS m FROM "底"'), ("也好", 'SELECT n FROM "底"')])
    assert raised.value.kind == "arithmetic"
    with pytest.raises(EngineError):
        engine.rows('SELECT * FROM "坏"')
    engine.stage_each([("好", 'SELECT n FROM "底" WHERE n = 1'), ("坏", "SELECT narrow(3) AS n")])  # all can go on
    assert engine.rows('SELECT n FROM "好"') + engine.rows('SELECT n FROM "坏"') == [(1,), (3,)]
    for name in ("底", "好", "坏", "也好"):
        engine.drop(name)


def test_a_file_that_is_not_there_is_told(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no Parquet file") as raised:
        engine.register("无", tmp_path / "无.parquet")
    assert raised.value.kind == "absent"


def test_a_name_that_is_no_table_is_not_a_variable_of_the_caller() -> None:
    企业 = FACTS
    with pytest.raises(EngineError):
        duck().rows("SELECT * FROM 企业")
    assert 企业 is FACTS


def test_an_engine_that_is_closed_leaves_no_files(tmp_path: Path) -> None:
    with DuckEngine(memory_limit="200MB", threads=1, temp_directory=tmp_path) as engine:
        assert engine.rows("SELECT idiv(-7, 2)") == [(-4,)]
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []
    engine.close()


def test_too_little_memory_is_an_error_of_its_own(tmp_path: Path) -> None:
    with DuckEngine(memory_limit="20MB", threads=1, temp_directory=tmp_path) as engine, pytest.raises(EngineError) as raised:
        engine.rows("SELECT array_agg(n) AS all_of_them FROM range(20000000) AS t(n)")
    assert raised.value.kind == "memory"


def test_what_finds_no_memory_beside_another_is_tried_alone(tmp_path: Path) -> None:
    much = "SELECT len(array_agg(n)) AS n FROM range(20000000) AS t(n)"
    with DuckEngine(memory_limit="20MB", threads=2, temp_directory=tmp_path) as engine:
        with pytest.raises(EngineError) as raised:
            engine.stage_each([("一", much), ("二", much)])
        assert raised.value.kind == "memory"
        engine.stage_each([("一", "SELECT 1 AS n"), ("二", "SELECT 2 AS n")])
        assert engine.rows("SELECT n FROM 一") + engine.rows("SELECT n FROM 二") == [(1,), (2,)]


def test_several_that_are_staged_at_once_are_stopped_together() -> None:
    endless = "SELECT count(*) AS n FROM range(10000000) AS a(i), range(10000000) AS b(j) WHERE (i * j) % 7 = 3"
    with DuckEngine(threads=2) as engine, ThreadPoolExecutor(1) as pool:
        running = pool.submit(engine.stage_each, [("一", endless), ("二", endless), ("三", endless)])
        for _ in range(300):
            engine.interrupt()
            with suppress(TimeoutError):
                assert isinstance(running.exception(timeout=0.1), EngineError)
                break
        error = running.exception(timeout=1)
        assert isinstance(error, EngineError) and error.kind == "interrupted"


def test_every_function_of_the_prelude_stands_in_the_page() -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "sql.md").read_text(encoding="utf-8")
    assert [function.name for function in FUNCTIONS if f"`{function.name}(" not in page] == []


def test_small_work_shares_a_database_and_nobody_sees_the_tables_of_another() -> None:
    import pyarrow as arrow

    with DuckEngine(small=True) as one:
        one.register("数", arrow.table({"x": [7]}))
        one.stage("得", "SELECT idiv(x, 2) AS y FROM 数")
        with DuckEngine(small=True) as other:
            for name in ("数", "得"):
                with pytest.raises(EngineError):
                    other.rows(f"SELECT * FROM {name}")
            other.stage("得", "SELECT 1 AS y")
            assert other.rows("SELECT y FROM 得") == [(1,)]
        assert one.rows("SELECT y FROM 得") == [(3,)], "what another closes stays with whoever made it"
    with DuckEngine(small=True) as later, pytest.raises(EngineError):
        later.rows("SELECT * FROM 得")
