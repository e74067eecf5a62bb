"""Where a study gets its numbers: one scenario, settled, as relations to be asked in SQL. The questions know nothing else of the engine.

The relations of a priced scenario:
行    one row an award and object: 奖补 条款 对象类型 标识 受益人 受益人名称 结果 档, 计算额分子 计算额分母 (HUGEINT), then whole 分, NULL where there is none yet:
      舍入后 补差后 封顶后 名额后 就高后 核减后; 应付 is never NULL
总额  one row a total and pot: 名称 条款 键 额度 (NULL: 未定) 已用 申报合计 核定合计 办法 待补充 暂估
对象·〈类型〉  one row an object, columns as in values/frames.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from ..pipeline import settle
from ..policy.model import Policy
from ..policy.standards import Standards
from ..tables.frames import frames_of
from ..values.facts import Facts, Paid
from ..values.frames import Frames
from .relations import line_table, total_table

Progress = Callable[[int, int, str], None]  # done, of how many, what is being done
LIVE = "结果 IN ('可付', '暂估')"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One policy under one set of readings and one year's standards. label: how the study calls it."""

    label: str
    policy: Policy
    standards: Standards
    choices: dict[str, str] = field(default_factory=dict)


class Priced(Protocol):
    """One scenario, settled: relations 行, 总额 and 对象·〈类型〉, read-only."""

    policy: Policy
    year: int
    choices: dict[str, str]
    standards: Standards
    frames: Frames

    def query(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a DuckDB query over the relations."""

    def arrow(self, sql: str) -> Any:
        """The same as an Arrow table or reader, to be joined with another scenario without passing through Python."""


class AwardTotal(NamedTuple):
    """What one award comes to under one scenario. Amounts in 分; claimed: before any total, granted: after it, estimates included in both."""

    scenario: str
    award: str
    lines: int
    granted_lines: int
    claimed: int
    granted: int
    payable: int


class Engine(Protocol):
    """Settles scenarios over one population and year."""

    year: int
    apart: dict[str, str]  # of the last price_many: scenario → why it had to be settled by itself (Chinese)

    def price(self, scenario: Scenario) -> Priced:
        """One scenario, every line of it."""

    def price_many(self, scenarios: Sequence[Scenario], progress: Progress) -> list[AwardTotal]:
        """Many scenarios, totals only: one row a scenario and award."""


@dataclass(slots=True)
class Data:
    """A population in memory: facts and the ledger of what was paid before."""

    facts: Facts
    ledger: list[Paid] = field(default_factory=list)


TOTALS = f"""SELECT 奖补, count(*), count(*) FILTER (核减后 > 0 AND {LIVE}), coalesce(sum(就高后) FILTER ({LIVE}), 0),
    coalesce(sum(核减后) FILTER ({LIVE}), 0), coalesce(sum(应付), 0) FROM 行 GROUP BY 奖补 ORDER BY 奖补"""


class Interpreted:
    """The engine that asks the interpreter, line by line, and puts what it says into DuckDB. For populations that fit into memory as objects."""

    def __init__(self, year: int, data: Data) -> None:
        self.year, self.data = year, data
        self.apart: dict[str, str] = {}

    def price(self, scenario: Scenario) -> Priced:
        """One scenario settled by the interpreter. Raises Defects as a settlement does."""
        return price(scenario.policy, self.year, self.data, scenario.standards, scenario.choices)

    def price_many(self, scenarios: Sequence[Scenario], progress: Progress) -> list[AwardTotal]:
        """Every scenario settled in turn."""
        rows = []
        for done, scenario in enumerate(scenarios):
            progress(done, len(scenarios), scenario.label)
            rows += award_totals(scenario.label, self.price(scenario))
        return rows


def award_totals(label: str, priced: Priced) -> list[AwardTotal]:
    """The totals of one priced scenario, one row an award."""
    pays = {rule.name for rule in priced.policy.awards}
    return [AwardTotal(label, award, *(int(value) for value in rest)) for award, *rest in priced.query(TOTALS) if award in pays]


def price(policy: Policy, year: int, data: Data, standards: Standards, choices: dict[str, str]) -> Priced:
    """Settle one scenario with the interpreter. Raises Defects as a settlement does."""
    settled = settle(policy, year, data.facts, data.ledger, standards, choices)
    frames, tables = frames_of(data.facts, data.ledger, policy)
    return InMemory(policy, year, dict(settled.bound.choices), standards, frames,
                    {"行": line_table(settled.lines), "总额": total_table(settled.totals), **tables})  # fmt: skip


class InMemory:
    """A priced scenario whose relations are Arrow tables in memory."""

    def __init__(
        self, policy: Policy, year: int, choices: dict[str, str], standards: Standards, frames: Frames, tables: dict[str, Any]
    ) -> None:
        self.policy, self.year, self.choices, self.standards, self.frames = policy, year, choices, standards, frames
        self._connection = connect(tables)

    def query(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query. Raises KeyboardInterrupt where the user stops it."""
        return rows_of(self._connection, sql, parameters)

    def arrow(self, sql: str) -> Any:
        """The result of a query as an Arrow table."""
        return self._connection.sql(sql).to_arrow_table()


def connect(tables: dict[str, Any]) -> Any:
    """A DuckDB connection of its own over Arrow tables; nothing is read from or written to a disk."""
    import duckdb

    connection = duckdb.connect(":memory:", config={"enable_external_access": "false"})
    connection.execute("SET enable_progress_bar = false")
    for name, table in tables.items():
        connection.register(name, table)
    return connection


def rows_of(connection: Any, sql: str, parameters: Iterable[Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows of a query over a connection; a query the user stopped is a KeyboardInterrupt like any other."""
    import duckdb

    try:
        return connection.execute(sql, list(parameters) if parameters else None).fetchall()
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
