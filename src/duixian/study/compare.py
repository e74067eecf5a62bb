"""谁得谁失: two scenarios side by side, line by line and payee by payee. The join runs in SQL; only sums and the first rows come back.

An amount is what was granted, estimates included (核减后 of 可付 and 暂估), so that two years' standards can be compared before they are final.
Whoever waits for data under one scenario only is undecided: neither a gain nor a loss, since unknown is not zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..values.frames import KEY
from .classes import NOT_SAID, Classes, Finder, literal, quoted
from .cost import above, ladder
from .source import LIVE, Priced, connect, rows_of


class Sides(NamedTuple):
    """Grain: one row a group (an award, a class, everyone). Counts of those with something on either side; amounts in 分.

    entered, left: from nothing to something and back; they are among gained and lost. undecided: waiting under one scenario only.
    """

    label: str
    gained: int
    lost: int
    same: int
    entered: int
    left: int
    before: int
    after: int
    gain: int
    loss: int
    undecided: int

    @property
    def difference(self) -> int:
        """What the second scenario costs more, those undecided included with what they are granted so far."""
        return self.after - self.before


class Moved(NamedTuple):
    """Grain: one row an award and object that changed, the largest first. Amounts in 分."""

    award: str
    kind: str
    key: str
    payee: str
    before: int
    after: int
    outcome_before: str
    outcome_after: str

    @property
    def difference(self) -> int:
        """What the object gains."""
        return self.after - self.before


class Band(NamedTuple):
    """Grain: one band of differences, payees in it: low ≤ difference < high in 分 (None: no end)."""

    low: int | None
    high: int | None
    payees: int
    amount: int


@dataclass(slots=True)
class Comparison:
    """The second scenario against the first. payees: everyone who gets something under either, once each."""

    first: str
    second: str
    lines: list[Sides] = field(default_factory=list)
    payees: Sides = Sides("", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    classes: list[Sides] | None = None
    class_name: str = ""
    bands: list[Band] = field(default_factory=list)
    gainers: list[Moved] = field(default_factory=list)
    losers: list[Moved] = field(default_factory=list)


_SIDES = """count(*) FILTER (定 AND 后 > 前), count(*) FILTER (定 AND 后 < 前), count(*) FILTER (定 AND 后 = 前 AND 前 > 0),
    count(*) FILTER (定 AND 前 = 0 AND 后 > 0), count(*) FILTER (定 AND 前 > 0 AND 后 = 0), coalesce(sum(前), 0), coalesce(sum(后), 0),
    coalesce(sum(后 - 前) FILTER (定 AND 后 > 前), 0), coalesce(sum(前 - 后) FILTER (定 AND 后 < 前), 0), count(*) FILTER (NOT 定)"""
_KEYS = ("奖补", "对象类型", "标识")


def compare(
    first: Priced, second: Priced, labels: tuple[str, str], *, classes: tuple[Classes | None, Classes | None] = (None, None), top: int = 20
) -> Comparison:
    """Hold the second scenario against the first. top: rows of the largest gains and losses each."""
    classed = [one if one is not None else Classes("", "''", "") for one in classes]
    tables = {name: priced.arrow(_paid(one)) for name, priced, one in zip(("甲", "乙"), (first, second), classed, strict=True)}
    connection = connect(tables)
    connection.execute(
        f"CREATE TEMP TABLE 对照 AS SELECT {', '.join(f'coalesce(乙.{key}, 甲.{key}) AS {key}' for key in _KEYS)}, "
        "coalesce(乙.受益人, 甲.受益人) AS 受益人, coalesce(甲.类, 乙.类) AS 类, "
        "coalesce(甲.金额, 0) AS 前, coalesce(乙.金额, 0) AS 后, coalesce(甲.等, false) = coalesce(乙.等, false) AS 定 "
        f"FROM 甲 FULL OUTER JOIN 乙 ON {' AND '.join(f'甲.{key} = 乙.{key}' for key in _KEYS)}"
    )
    found = Comparison(*labels)
    order = {name: place for place, name in enumerate([*second.policy.rules, *first.policy.rules])}
    found.lines = sorted(_sides(connection, f"SELECT 奖补, {_SIDES} FROM 对照 GROUP BY 奖补"), key=lambda row: order.get(row.label, 0))
    connection.execute("CREATE TEMP TABLE 各家 AS SELECT 受益人, min(类) AS 类, sum(前)::BIGINT AS 前, sum(后)::BIGINT AS 后, bool_and(定) AS 定 FROM 对照 GROUP BY 受益人")
    found.payees = _sides(connection, f"SELECT '', {_SIDES} FROM 各家")[0]
    if classes[0] is not None:
        ranks = {label: place for place, label in enumerate(classes[0].order)}
        rows = _sides(connection, f"SELECT 类, {_SIDES} FROM 各家 GROUP BY 类")
        found.classes = sorted(rows, key=lambda row: (ranks.get(row.label, 0), row.label in NOT_SAID, -abs(row.difference), row.label))
        found.class_name = classes[0].name
    found.bands = _bands(connection)
    found.gainers, found.losers = (_top(connection, first, second, sign, top) for sign in (">", "<"))
    return found


def _paid(classes: Classes) -> str:
    """What one scenario grants, and what waits: only lines that can make a difference, which is all a join needs."""
    return (f"SELECT 奖补, 对象类型, 行.标识 AS 标识, 受益人, CASE WHEN {LIVE} THEN 核减后 END AS 金额, 结果 = '待补充' AS 等, "
            f"{classes.select} AS 类 FROM 行 {classes.joins} WHERE {LIVE} AND 核减后 > 0 OR 结果 = '待补充'")  # fmt: skip


def _sides(connection: Any, sql: str) -> list[Sides]:
    return [Sides(label, *(int(value) for value in rest)) for label, *rest in rows_of(connection, sql)]


def _bands(connection: Any) -> list[Band]:
    """Differences of payees in bands that grow by 1, 2, 5 on both sides of nothing; those without a difference are not in them."""
    ((low, high),) = rows_of(connection, "SELECT min(abs(后 - 前)), max(abs(后 - 前)) FROM 各家 WHERE 定 AND 后 <> 前")
    if high is None:
        return []
    edges = [edge for edge in ladder() if low < edge <= high] or [above(high)]
    while len(edges) > 7:  # sixteen bars are read at a glance, forty are not
        edges = edges[1:] if len(edges) % 2 else edges[::2]
    cases = " ".join(f"WHEN abs(后 - 前) < {edge} THEN {place}" for place, edge in enumerate(edges))
    band = f"CASE {cases} ELSE {len(edges)} END"
    counted = {(up, place): (int(count), int(amount)) for up, place, count, amount in rows_of(
        connection, f"SELECT 后 > 前, {band}, count(*), sum(后 - 前) FROM 各家 WHERE 定 AND 后 <> 前 GROUP BY ALL")}  # fmt: skip
    lows: list[int] = [0, *edges]
    highs: list[int | None] = [*edges, None]
    places = range(len(lows))
    down = [Band(None if (high := highs[place]) is None else -high, -lows[place], *counted.get((False, place), (0, 0))) for place in reversed(places)]
    return down + [Band(lows[place], highs[place], *counted.get((True, place), (0, 0))) for place in places]


def _top(connection: Any, first: Priced, second: Priced, sign: str, top: int) -> list[Moved]:
    rows = rows_of(
        connection,
        f"SELECT 奖补, 对象类型, 标识, 受益人, 前, 后 FROM 对照 WHERE 定 AND 后 {sign} 前 "
        f"ORDER BY abs(后 - 前) DESC, 奖补, 标识 LIMIT {int(top)}",
    )
    outcomes = [_outcomes(priced, rows) for priced in (first, second)]
    names = _names(second, {row[3] for row in rows})
    return [Moved(*row[:3], names.get(row[3], row[3]), int(row[4]), int(row[5]), *(found.get(row[:3], "") for found in outcomes)) for row in rows]


def _names(priced: Priced, keys: set[str]) -> dict[str, str]:
    """What the payees are called, where their names are on file."""
    finder, found = Finder(priced), {}
    for kind, frame in priced.frames.objects.items():
        column = finder.column(kind, "名称") if keys else None
        if column is not None:
            wanted = ", ".join(literal(key) for key in sorted(keys))
            rows = priced.query(f"SELECT {KEY}, {quoted(column.name)} FROM {quoted(frame.name)} WHERE {KEY} IN ({wanted})")
            found.update({key: name for key, name in rows if name})
    return found


def _outcomes(priced: Priced, rows: list[tuple[Any, ...]]) -> dict[tuple[Any, ...], str]:
    """How the named lines end under a scenario: a line that gets nothing is asked why."""
    if not rows:
        return {}
    wanted = ", ".join(f"({', '.join(literal(text) for text in row[:3])})" for row in rows)
    return {tuple(found[:3]): found[3] for found in priced.query(f"SELECT {', '.join(_KEYS)}, 结果 FROM 行 WHERE ({', '.join(_KEYS)}) IN ({wanted})")}
