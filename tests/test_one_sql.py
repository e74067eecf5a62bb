"""One SQL text, one meaning: every function of the prelude on DuckDB and on Spark against Python's whole numbers, and what must raise on both."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest

from duixian.engine.prelude import FUNCTIONS, MAX_EXPANDED, expand
from duixian.engine.relational import Engine, EngineError
from duixian.values.money import round_money
from duixian.values.period import after
from tests.engines import both

pytestmark = pytest.mark.xdist_group("spark")

BIGGEST, WIDEST, QUOTIENT = 2**63 - 1, 10**37, 10**32
STEPS = {1: "到分", 100: "到元", 1_000_000: "到万元"}

# --- operands: boundaries crossed with each other, and a few thousand by chance of a fixed seed ------------------------------------------

EDGES = [0, 1, -1, 2, -2, 3, 7, -7, 10, -10, 49, 50, 51, 99, 100, -100, 150, -150, 10**6, 2**31 - 1, 2**31, -(2**31) - 1, BIGGEST - 1, BIGGEST, -BIGGEST, -BIGGEST - 1]
WIDE_EDGES = [*EDGES, 2**64, -(2**64), 10**20 - 1, -(10**20), 10**32 - 1, WIDEST, -WIDEST, WIDEST - 1]


def narrow_pairs(chance: random.Random) -> Iterator[tuple[int, int]]:
    """(any BIGINT, a BIGINT above zero)."""
    yield from ((a, b) for a in EDGES for b in EDGES if b > 0)
    for _ in range(3000):
        size = 10 ** chance.randint(1, 18)
        yield chance.randint(-size, size), chance.randint(1, 10 ** chance.randint(1, 18))


def wide_pairs(chance: random.Random) -> Iterator[tuple[int, int]]:
    """(up to ±10^37, above zero), the quotient below 10^32; half of them within one of a multiple."""
    yield from ((a, b) for a in WIDE_EDGES for b in WIDE_EDGES if b > 0 and abs(a) // b < QUOTIENT - 1)
    for _ in range(3000):
        b = chance.randint(1, 10 ** chance.randint(1, 37))
        size = min(WIDEST, b * QUOTIENT // 10)
        a = chance.randint(-size, size)
        near = a - a % b + chance.choice([-1, 0, 1])
        yield near if chance.random() < 0.5 and abs(near) <= WIDEST else a, b


def amounts(chance: random.Random) -> Iterator[tuple[int, int]]:
    """(num, den): exact amounts in 分 whose rounding to 万元 fits BIGINT; many of them halves of a step."""
    for step in STEPS:
        yield from ((sign * (whole * step * 2 + step + nudge), 2) for sign in (1, -1) for whole in (0, 1, 7, 10**9) for nudge in (-1, 0, 1))
    for _ in range(3000):
        den = chance.randint(1, 10 ** chance.randint(1, 9))
        size = (BIGGEST - 10**7) * den // 10 ** chance.randint(0, 15)
        yield chance.randint(-size, size), den


def operands() -> list[tuple[int | None, ...]]:
    """a, b, wa, wb, num, den: rows of operands, unknown ones among them."""
    chance = random.Random(20250701)
    lists = [list(narrow_pairs(chance)), list(wide_pairs(chance)), list(amounts(chance))]
    size = max(map(len, lists))
    rows: list[tuple[int | None, ...]] = [tuple(value for pairs in lists for value in pairs[i % len(pairs)]) for i in range(size)]
    return [*rows, (None, 3, None, 3, None, 3), (5, None, 5, None, 5, None), (None,) * 6]


def days() -> list[tuple[date | None, int | None]]:
    """(a day, a count) around ends of months and leap years."""
    starts = [date(2023, 1, 31), date(2023, 2, 28), date(2024, 2, 28), date(2024, 2, 29), date(2024, 12, 31), date(2000, 2, 29), date(1999, 3, 30), date(2025, 8, 31)]
    counts = [0, 1, -1, 2, 11, 12, -12, 13, 23, 24, 36, 48, 60, 120, 365, -365, 366, 1200]
    return [*((start, number) for start in starts for number in counts), (None, 1), (date(2024, 1, 1), None)]


# --- what Python says of each expression -------------------------------------------------------------------------------------------------

NUMBERS: dict[str, tuple[str, Callable[..., Any]]] = {  # expression -> (the columns it reads, what it is)
    "wide(a)": ("a", lambda a: a),
    "wide(wa)": ("wa", lambda a: a),
    "narrow(wide(a))": ("a", lambda a: a),
    "idiv(a, b)": ("a b", lambda a, b: a // b),
    "imod(a, b)": ("a b", lambda a, b: a % b),
    "idiv(a, 7) + imod(a, 7)": ("a", lambda a: a // 7 + a % 7),
    "CASE WHEN a >= 0 THEN cut(a, 7) WHEN a < 0 THEN -1 END": ("a", lambda a: a // 7 if a >= 0 else -1),
    "CASE WHEN wa >= 0 AND wb > 0 THEN wcut(wa, wb) WHEN wa < 0 OR wb < 0 THEN wide(-1) END": ("wa wb", lambda a, b: a // b if a >= 0 and b > 0 else -1),
    "wdiv(wa, wb)": ("wa wb", lambda a, b: a // b),
    "wmod(wa, wb)": ("wa wb", lambda a, b: a % b),
    "wdiv(wide(a) * b, 1000000000000)": ("a b", lambda a, b: a * b // 10**12),
    "is_whole(wa, wb)": ("wa wb", lambda a, b: a % b == 0),
    "least_known(a, b)": ("a b", min),
    "greatest_known(a, b)": ("a b", max),
    "least_known(wa, wb)": ("wa wb", min),
    "wide(a) - wide(b)": ("a b", lambda a, b: a - b),
    "wide(a) > wb": ("a wb", lambda a, b: a > b),
    "a = wa": ("a wa", lambda a, b: a == b),
    "abs(wide(a))": ("a", abs),
    "CAST(wide(wa) AS STRING) || '分'": ("wa", lambda a: f"{a}分"),
    "CASE WHEN a > 0 THEN idiv(b, idiv(a, 2) + 1) WHEN a <= 0 THEN 0 END": ("a b", lambda a, b: b // (a // 2 + 1) if a > 0 else 0),
}
for _step, _words in STEPS.items():
    NUMBERS[f"round_half_up(num, den, {_step})"] = ("num den", lambda num, den, words=_words: round_money(Fraction(num, den), "四舍五入" + words))
    NUMBERS[f"round_down(num, den, {_step})"] = ("num den", lambda num, den, words=_words: round_money(Fraction(num, den), "舍去" + words))

DAYS: dict[str, tuple[str, Callable[..., Any]]] = {
    "day_after(d, n)": ("d n", lambda d, n: after(d, n, "月")),
    "day_plus(d, n)": ("d n", lambda d, n: after(d, n, "日")),
    "days_between(d, day_plus(d, n))": ("d n", lambda d, n: n),
    "days_between(DATE '2024-03-01', d)": ("d", lambda d: (d - date(2024, 3, 1)).days),
    "year_of(d)": ("d", lambda d: d.year),
    "date_of(year_of(d), 12, 31)": ("d", lambda d: date(d.year, 12, 31)),
    "least_known(d, DATE '2024-02-29')": ("d", lambda d: min(d, date(2024, 2, 29))),
    "CAST(d AS STRING)": ("d", date.isoformat),
}
COLUMNS = ("a", "b", "wa", "wb", "num", "den")
TABLES = ("数·对", "日·数", "极·值")


def _wide(values: list[int | None]) -> pa.Array:
    return pa.array([None if value is None else Decimal(value) for value in values], pa.decimal128(38, 0))


@pytest.fixture(scope="module", params=["duckdb", "spark"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine with the operands as tables."""
    found = next(engine for engine in both() if engine.name == request.param)
    rows, pairs = operands(), days()
    arrays = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}
    columns = {name: _wide(values) if name in ("wa", "wb", "num") else pa.array(values, pa.int64()) for name, values in arrays.items()}
    found.register("数·对", pa.table({"i": pa.array(range(len(rows)), pa.int64()), **columns}))
    found.register("日·数", pa.table({"i": pa.array(range(len(pairs)), pa.int64()), "d": [d for d, _ in pairs], "n": pa.array([n for _, n in pairs], pa.int64())}))
    edge = {"零": 0, "一": 1, "负一": -1, "二": 2, "最大": BIGGEST, "最小": -BIGGEST - 1}
    found.register("极·值", pa.table({**{name: pa.array([value], pa.int64()) for name, value in edge.items()}, "宽": _wide([10**38 - 1]), "日": [date(2023, 2, 28)], "字": ["x"]}))
    yield found
    for name in TABLES:
        found.drop(name)


def _differences(engine: Engine, table: str, names: tuple[str, ...], rows: list[tuple[Any, ...]], expressions: dict[str, tuple[str, Callable[..., Any]]]) -> list[str]:
    """One query for all expressions; each value that is not what Python says, in words."""
    listed = ", ".join(f'{sql} AS "{place}"' for place, sql in enumerate(expressions))
    found = engine.rows(f'SELECT {listed} FROM "{table}" ORDER BY i')
    assert len(found) == len(rows)
    wrong = []
    for place, (sql, (used, meaning)) in enumerate(expressions.items()):
        places = [names.index(name) for name in used.split()]
        for row, values in zip(rows, found):
            given = [row[at] for at in places]
            said = None if None in given else meaning(*given)
            if values[place] != said or type(values[place]) is not type(said):
                wrong.append(f"{sql} of {given}: {values[place]!r}, not {said!r}")
    return wrong


def test_arithmetic_is_that_of_pythons_whole_numbers(engine: Engine) -> None:
    assert _differences(engine, "数·对", COLUMNS, operands(), NUMBERS)[:5] == []


def test_days_are_counted_as_the_interpreter_counts_them(engine: Engine) -> None:
    assert _differences(engine, "日·数", ("d", "n"), days(), DAYS)[:5] == []


def test_sums_are_exact_beyond_64_bits(engine: Engine) -> None:
    rows = operands()
    expected = [(b, sum(row[0] for row in rows if row[1] == b and row[0] is not None)) for b in (1, BIGGEST)]
    assert engine.rows(f'SELECT b, SUM(wide(a)) FROM "数·对" WHERE b IN (1, {BIGGEST}) GROUP BY b ORDER BY b') == expected
    running = engine.rows('SELECT SUM(wide(a)) OVER (ORDER BY i ROWS UNBOUNDED PRECEDING) FROM "数·对" ORDER BY i')
    total, expected_running = 0, []
    for row in rows:
        total += row[0] or 0
        expected_running.append((total,))
    assert running == expected_running


def test_joined_texts_are_in_order_of_their_code_points(engine: Engine) -> None:
    texts = ["乙", "甲", "丙", "A", "a", "z", "é", "﨑", "𠀀", "", "甲", "甲 "]
    values = ", ".join(f"(1, '{text}')" for text in texts)
    sql = f"SELECT g, joined(array_agg(x) FILTER (WHERE x IS NOT NULL), '、'), joined(array_agg(DISTINCT x) FILTER (WHERE x IS NOT NULL), '、') FROM (VALUES {values}, (1, CAST(NULL AS STRING)), (2, CAST(NULL AS STRING))) AS t(g, x) GROUP BY g ORDER BY g"
    assert engine.rows(sql) == [(1, "、".join(sorted(texts)), "、".join(sorted(set(texts)))), (2, None, None)]


# --- what must raise: never a wrap, never a NULL -----------------------------------------------------------------------------------------

RAISES = {
    "a sum beyond BIGINT": '"最大" + "一"',
    "a difference beyond BIGINT": '"最小" - "一"',
    "a product beyond BIGINT": '"最大" * "二"',
    "the negation of the least BIGINT": '-"最小"',
    "the absolute value of the least BIGINT": 'abs("最小")',
    "a wide value made narrow": 'narrow(wide("最大") + 1)',
    "a wide value below BIGINT made narrow": 'narrow(wide("最小") - 1)',
    "a wide sum": 'wide("宽") + wide("宽")',
    "a wide product": 'wide("宽") * wide("二")',
    "a wide operand of idiv": 'idiv("宽", 7)',
    "idiv by zero": 'idiv("一", "零")',
    "idiv by less than zero": 'idiv("一", "负一")',
    "imod by zero": 'imod("一", "零")',
    "imod by less than zero": 'imod("一", "负一")',
    "wdiv by zero": 'wdiv("一", "零")',
    "wdiv by less than zero": 'wdiv("一", "负一")',
    "wmod by zero": 'wmod("一", "零")',
    "wmod by less than zero": 'wmod("一", "负一")',
    "rounding an amount over zero": 'round_half_up("一", "零", 1)',
    "rounding an amount over less than zero": 'round_down("一", "负一", 1)',
    "rounding up beyond BIGINT": 'round_half_up(wide("最大") * 10 + 5, 10, 1)',
    "rounding down beyond BIGINT": 'round_down((wide("最大") + 1) * 10, 10, 1)',
    "a day that is not": 'date_of(year_of("日"), 2, 29)',
    "days that would wrap": 'day_plus("日", 2147483647 * "一")',
    "months that would wrap": 'day_after("日", "最大")',
    "a text that is no number": 'CAST("字" AS BIGINT)',
    "a text that is no day": 'CAST("字" AS DATE)',
}


@pytest.mark.parametrize("what", RAISES)
def test_what_does_not_fit_is_an_error(engine: Engine, what: str) -> None:
    with pytest.raises(EngineError) as raised:
        engine.rows(f'SELECT {RAISES[what]} AS x FROM "极·值"')
    assert raised.value.kind == "arithmetic", raised.value


def test_the_last_value_that_fits_is_given(engine: Engine) -> None:
    sql = """SELECT narrow(wide("最大")), narrow(wide("最小")), round_half_up(wide("最大") * 10 + 4, 10, 1), round_down(wide("最大") * 10 + 9, 10, 1),
        round_half_up(wide("最小") * 10 - 4, 10, 1), idiv("最小", 1), day_plus("日", 366), wdiv(99999999999999999999999999999999, 1)
        FROM "极·值\""""
    assert engine.rows(sql) == [(BIGGEST, -BIGGEST - 1, BIGGEST, BIGGEST, -BIGGEST - 1, -BIGGEST - 1, date(2024, 2, 29), QUOTIENT - 1)]


def test_a_sum_of_wide_values_beyond_38_digits_is_an_error(engine: Engine) -> None:
    with pytest.raises(EngineError, match="arithmetic"):
        engine.rows('SELECT SUM(wide("宽")) FROM (SELECT "宽" FROM "极·值" UNION ALL SELECT "宽" FROM "极·值") AS t')


def test_a_branch_that_is_not_asked_for_is_not_worked_out(engine: Engine) -> None:
    sql = """SELECT CASE WHEN "零" > 0 THEN idiv("一", idiv("一", "零")) ELSE 5 END, CASE WHEN "零" > 0 AND wdiv("一", "零") > 0 THEN 1 ELSE 2 END,
        COALESCE("一", idiv("一", "零")) FROM "极·值\""""
    assert engine.rows(sql) == [(5, 2, 1)]


def test_the_quotient_of_wdiv_on_spark_ends_in_an_error_not_in_a_wrong_number(engine: Engine) -> None:
    if engine.name == "duckdb":
        assert engine.rows('SELECT wdiv(wide("宽"), "一") FROM "极·值"') == [(10**38 - 1,)]
    else:
        with pytest.raises(EngineError, match="arithmetic"):
            engine.rows('SELECT wdiv(wide("宽"), "一") FROM "极·值"')


# --- the expansion for Spark -------------------------------------------------------------------------------------------------------------


def test_texts_names_and_comments_are_not_expanded() -> None:
    for kept in ("'idiv(a, b)'", '"idiv(a, b)"', "-- idiv(a, b)", "/* idiv(a, b) */", "idiv", "my_idiv(a, b)", "t.idiv(a, b)", "'it''s idiv(a, b)'"):
        assert expand(kept) == kept


def test_an_argument_may_hold_brackets_commas_and_calls() -> None:
    assert expand("narrow((a + f(b, ','))*2)") == "(CAST(((a + f(b, ','))*2) AS BIGINT))"
    assert expand("narrow(narrow(x))") == "(CAST(((CAST(x AS BIGINT))) AS BIGINT))"
    assert expand("least_known(b, a)") == "(CASE WHEN b <= a THEN b WHEN a < b THEN a END)"  # an argument that is called like a parameter


def test_a_backslash_and_a_text_type_are_spelled_for_spark() -> None:
    assert expand("CAST('a\\n' AS VARCHAR)") == "CAST('a\\\\n' AS STRING)"
    assert expand('"VARCHAR"') == '"VARCHAR"'


@pytest.mark.parametrize("text, said", [("idiv(a)", "2 arguments, not 1"), ("narrow(a, b)", "1 arguments, not 2"), ("narrow(a", "never closed")])
def test_a_wrong_call_is_told(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        expand(text)


def test_an_argument_that_grows_without_bound_is_refused() -> None:
    text = "a"
    for _ in range(12):
        text = f"round_half_up({text}, den, 100)"
    with pytest.raises(ValueError, match=str(MAX_EXPANDED)):
        expand(text)


def test_every_function_of_the_prelude_is_tried_here() -> None:
    tried = " ".join([*NUMBERS, *DAYS, *RAISES.values(), "joined("])
    inner = {"floored", "left_over", "divided", "day_moved", "days_added", "limited"}
    assert [function.name for function in FUNCTIONS if f"{function.name}(" not in tried and function.name not in inner] == []
