"""The compiled engine as the source of a study: tables in DuckDB, one settled scenario a table of numbers, the words put on by a view.

Every scenario is asked through a connection of its own over the same database, in which 行 and 总额 are its own and the objects are everyone's.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..engine.compiled import OUTCOMES, run
from ..engine.relational import EngineError
from ..engine.sweep import sweep
from ..engine.variants import Variant
from ..policy.model import Policy
from ..policy.standards import Standards
from ..tables.columnar import open_frames
from ..tables.frames import frames_of
from ..values.frames import Frames
from .classes import literal, quoted
from .relations import total_table
from .source import AwardTotal, Data, Priced, Progress, Scenario, award_totals, rows_of

_NUMBERS = ("序", "种类", "标识", "受益人", "状态", "档", "计算额", "计算额分母", "舍入后", "补差后", "封顶后", "名额后", "就高后", "核减后", "应付")


APART = {"form": "政策里有不能合在一起算的写法", "total": "超出总额，又不是按比例核减", "amount": "金额太大"}


class Compiled:
    """An engine over one database. Close it to let go of memory and of what was spilled to disk."""

    def __init__(self, year: int, frames: Frames, engine: Any) -> None:
        self.year, self.frames, self._engine, self._count = year, frames, engine, 0
        self.apart: dict[str, str] = {}

    @classmethod
    def of_files(cls, paths: Sequence[str], policy: Policy, year: int, engine: Any, notices: list[Any] | None = None) -> Compiled:
        """Files read straight into tables, never through objects. Raises Defects with everything that cannot be read."""
        return cls(year, open_frames(engine.connection, paths, policy, year, notices=notices), engine)

    @classmethod
    def of_data(cls, data: Data, policy: Policy, year: int, engine: Any) -> Compiled:
        """Facts and ledger already in memory."""
        frames, tables = frames_of(data.facts, data.ledger, policy)
        for name, table in tables.items():
            engine.connection.register("·来", table)
            engine.connection.execute(f'CREATE TABLE {quoted(name)} AS SELECT * FROM "·来"')
            engine.connection.unregister("·来")
        return cls(year, frames, engine)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.close()

    def price(self, scenario: Scenario) -> Priced:
        """One scenario settled in the database. Raises Defects as a settlement does."""
        return self._price(scenario)

    def price_many(self, scenarios: Sequence[Scenario], progress: Progress) -> list[AwardTotal]:
        """All scenarios at once (engine/sweep.py), totals only; those that cannot be are settled by themselves, and `apart` says why."""
        variants = [Variant(scenario.policy, scenario.standards, scenario.choices) for scenario in scenarios]
        with _stopped():
            found = sweep(variants, self.year, self.frames, self._engine, lambda done, total: progress(done, total, scenarios[done].label))
        self.apart = {scenarios[place].label: APART[why] for place, why in found.apart.items()}
        rows = []
        for place, (scenario, sums) in enumerate(zip(scenarios, found.sums, strict=True)):
            if sums is None:
                progress(place, len(scenarios), scenario.label)
                rows += award_totals(scenario.label, self.price(scenario))
            else:
                rows += [AwardTotal(scenario.label, one.award, one.lines, one.granted_lines, one.claimed, one.granted, one.payable) for one in sums]
        return rows

    def _price(self, scenario: Scenario) -> Priced:
        connection = self._engine.connection
        with _stopped():
            done = run(scenario.policy, self.year, self.frames, self._engine, scenario.standards, scenario.choices, reasons=False)
            self._count += 1
            table = f"行·{self._count}"
            lines = f"SELECT {', '.join(quoted(name) for name in _NUMBERS)} FROM {quoted(done.plan.result)}"
            connection.execute(f"CREATE TABLE {quoted(table)} AS {done.plan.inlined(lines) if done.plan.claims else _nothing()}")
        rules = list(done.bound.rules.values())
        tiers = [(place, number, label) for place, labels in done.plan.tiers.items() for number, label in enumerate(labels, 1)]
        return FromTable(scenario.policy, self.year, dict(done.bound.choices), scenario.standards, self.frames, connection, table,
                         _view(table, rules, tiers), total_table(done.totals))  # fmt: skip


@contextmanager
def _stopped() -> Iterator[None]:
    """An engine the user stopped is a KeyboardInterrupt like any other."""
    try:
        yield
    except EngineError as error:
        if error.kind == "interrupted":
            raise KeyboardInterrupt from None
        raise


class FromTable:
    """A priced scenario kept as one table of a database; the table goes when nobody asks any more."""

    def __init__(self, policy: Policy, year: int, choices: dict[str, str], standards: Standards, frames: Frames, connection: Any, table: str,
                 view: str, totals: Any) -> None:  # fmt: skip
        self.policy, self.year, self.choices, self.standards, self.frames = policy, year, choices, standards, frames
        self._own = connection.cursor()
        self._own.execute("SET enable_progress_bar = false")
        self._own.execute(f"CREATE TEMP VIEW 行 AS {view}")
        self._own.register("总额", totals)
        weakref.finalize(self, _drop, connection, self._own, table)

    def query(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query on the engine's own tables. Raises KeyboardInterrupt where the user stops it."""
        return rows_of(self._own, sql, parameters)

    def arrow(self, sql: str) -> Any:
        """The result of a query on the engine's own tables, as an Arrow table."""
        return self._own.sql(sql).to_arrow_table()


def _drop(connection: Any, own: Any, table: str) -> None:
    import duckdb

    try:
        own.close()
        connection.execute(f"DROP TABLE IF EXISTS {quoted(table)}")
    except duckdb.Error:
        return  # the whole database has gone already


def _nothing() -> str:
    """No lines at all: no object of any award is on file."""
    texts, money = ("种类", "标识", "受益人"), ("计算额", "计算额分母")
    kinds = {**dict.fromkeys(_NUMBERS, "BIGINT"), **dict.fromkeys(texts, "VARCHAR"), **dict.fromkeys(money, "HUGEINT")}
    return f"SELECT {', '.join(f'CAST(NULL AS {kind}) AS {name}' for name, kind in kinds.items())} WHERE false"


def _view(table: str, rules: list[Any], tiers: Iterable[tuple[int, int, str]]) -> str:
    """The table with its words: which award, which clause, how it ended, which tier."""
    awards = " ".join(f"WHEN {place} THEN {literal(rule.name)}" for place, rule in enumerate(rules))
    clauses = " ".join(f"WHEN {place} THEN {literal(rule.clause)}" for place, rule in enumerate(rules))
    outcomes = " ".join(f"WHEN {place} THEN {literal(outcome.value)}" for place, outcome in enumerate(OUTCOMES))
    labels = " ".join(f"WHEN 序 = {place} AND 档 = {number} THEN {literal(label)}" for place, number, label in tiers)
    tier = f"CASE {labels} ELSE '' END" if labels else "''"
    return (
        f"SELECT CASE 序 {awards} END AS 奖补, CASE 序 {clauses} END AS 条款, 种类 AS 对象类型, 标识, coalesce(受益人, '') AS 受益人, "
        f"coalesce(受益人, '') AS 受益人名称, CASE 状态 {outcomes} END AS 结果, {tier} AS 档, 计算额 AS 计算额分子, 计算额分母, "
        f"舍入后, 补差后, 封顶后, 名额后, 就高后, 核减后, coalesce(应付, 0) AS 应付 FROM {quoted(table)}"
    )
