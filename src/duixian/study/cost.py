"""花多少: what a scenario costs, by award, by class and by size, what each stage of the waterfall takes away, and how it spreads over payees."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..values.terms import Outcome
from .classes import NOT_SAID, Classes
from .source import LIVE, Priced

# the waterfall of money, after the exact amount has been rounded; the last step is what may not be paid yet (暂估)
FLOW = ("舍入后", "补差后", "封顶后", "名额后", "就高后", "核减后", "应付")
# lines that came to an amount of their own: what happened to them afterwards is the waterfall. A line that still waits has none yet.
_IN_FLOW = "结果 NOT IN ('待补充', '取消', '可登记') AND coalesce(舍入后, 0) > 0"
# a year limit ends a line (不符合) without writing a zero into the later stages
_ENDED = "(结果 = '不符合' AND coalesce(核减后, 0) > 0)"


@dataclass(frozen=True, slots=True)
class AwardCost:
    """Grain: one row an award. outcomes: outcome → lines. Amounts in 分; flow: one amount a stage of FLOW; estimate: granted, estimates included."""

    award: str
    clause: str
    outcomes: dict[str, int]
    flow: tuple[int, ...]
    payable: int
    estimate: int
    payees: int


@dataclass(frozen=True, slots=True)
class ClassCost:
    """Grain: one row a class. payees: who gets something. Amounts in 分."""

    label: str
    lines: int
    payees: int
    payable: int
    estimate: int


@dataclass(frozen=True, slots=True)
class Pot:
    """Grain: one row a total and pot, as in 总额. Amounts in 分; limit None: 未定."""

    name: str
    key: str
    limit: int | None
    spent: int
    claimed: int
    granted: int
    method: str
    waiting: int
    provisional: int


@dataclass(frozen=True, slots=True)
class Step:
    """One band of a distribution over payees: low ≤ amount < high (None: no end), how many, how much, in 分."""

    low: int
    high: int | None
    payees: int
    amount: int


@dataclass(slots=True)
class Cost:
    """What one scenario costs. classes and sizes are None where nothing was asked, or nothing of the kind exists (see `absent`)."""

    awards: list[AwardCost]
    pots: list[Pot]
    spread: list[Step]
    payees: int
    payable: int
    estimate: int
    median: int
    top_tenth: int  # what the tenth of payees who get most get together
    classes: list[ClassCost] | None = None
    class_name: str = ""
    sizes: list[ClassCost] | None = None
    banded: Classes | None = None  # what sizes are
    absent: list[str] = field(default_factory=list)

    @property
    def flow(self) -> tuple[int, ...]:
        """The waterfall of all awards together."""
        return tuple(sum(award.flow[place] for award in self.awards) for place in range(len(FLOW)))

    def count(self, outcome: Outcome) -> int:
        """Lines of one outcome."""
        return sum(award.outcomes.get(outcome.value, 0) for award in self.awards)


def cost(priced: Priced, classes: Classes | None = None, sizes: Classes | None = None) -> Cost:
    """What a priced scenario costs. One SQL aggregation a table, whatever the population."""
    order = {name: place for place, name in enumerate(priced.policy.rules)}
    outcomes: dict[str, dict[str, int]] = {}
    for award, outcome, count in priced.query("SELECT 奖补, 结果, count(*) FROM 行 GROUP BY ALL"):
        outcomes.setdefault(award, {})[outcome] = count
    stages = ", ".join(
        f"coalesce(sum({stage if stage in ('舍入后', '应付') else f'CASE WHEN {_ENDED} THEN 0 ELSE coalesce({stage}, 0) END'}) FILTER ({_IN_FLOW}), 0)"
        for stage in FLOW
    )
    rows = priced.query(
        f"SELECT 奖补, any_value(条款), {stages}, coalesce(sum(应付), 0), coalesce(sum(核减后) FILTER ({LIVE}), 0), "
        f"count(DISTINCT 受益人) FILTER ({LIVE} AND 核减后 > 0) FROM 行 GROUP BY 奖补"
    )
    pays = {rule.name for rule in priced.policy.awards}
    awards = [
        AwardCost(award, clause, outcomes[award], tuple(int(value) for value in rest[: len(FLOW)]), int(rest[-3]), int(rest[-2]), rest[-1])
        for award, clause, *rest in sorted(rows, key=lambda row: (order.get(row[0], len(order)), row[0]))
        if award in pays
    ]
    pots = [Pot(*row) for row in priced.query("SELECT 名称, 键, 额度, 已用, 申报合计, 核定合计, 办法, 待补充, 暂估 FROM 总额")]
    found = Cost(awards, pots, [], 0, sum(item.payable for item in awards), sum(item.estimate for item in awards), 0, 0)
    _spread(priced, found)
    if classes is not None:
        found.classes, found.class_name = _by(priced, classes), classes.name
    if sizes is not None:
        found.sizes, found.banded = _by(priced, sizes), sizes
    return found


_PAYEES = f"SELECT 受益人, sum(核减后) AS 金额 FROM 行 WHERE {LIVE} AND 核减后 > 0 GROUP BY 受益人"


def _spread(priced: Priced, found: Cost) -> None:
    """The distribution over payees, in bands that grow by 1, 2, 5, 10 …, so that few and many, small and large are seen together."""
    (row,) = priced.query(
        f"WITH p AS ({_PAYEES}), r AS (SELECT 金额, row_number() OVER (ORDER BY 金额 DESC, 受益人) AS 位, count(*) OVER () AS 共 FROM p) "
        "SELECT count(*), coalesce(min(金额), 0), coalesce(max(金额), 0), coalesce(quantile_disc(金额, 0.5), 0), "
        "coalesce(sum(金额) FILTER (位 * 10 <= 共 + 9), 0) FROM r"
    )
    found.payees, low, high, found.median, found.top_tenth = (int(value) for value in row)
    if not found.payees:
        return
    edges = [edge for edge in ladder() if low < edge <= high] or [above(high)]
    cases = " ".join(f"WHEN 金额 < {edge} THEN {place}" for place, edge in enumerate(edges))
    band = f"CASE {cases} ELSE {len(edges)} END"
    counted = {place: (int(count), int(amount)) for place, count, amount in priced.query(
        f"WITH p AS ({_PAYEES}) SELECT {band}, count(*), sum(金额) FROM p GROUP BY 1")}  # fmt: skip
    lows, highs = [0, *edges], [*edges, None]
    found.spread = [Step(lows[place], highs[place], *counted.get(place, (0, 0))) for place in range(len(lows)) if place < len(edges) or high >= edges[-1]]


def ladder() -> list[int]:
    """100元, 200元, 500元, 1000元 … 100亿元, in 分."""
    return [step * 10**power for power in range(4, 13) for step in (1, 2, 5)]


def above(amount: int) -> int:
    """The first step of the ladder above an amount: where all amounts lie between two steps, the band they are in still has an end."""
    return next((step for step in ladder() if step > amount), amount + 1)


def _by(priced: Priced, classes: Classes) -> list[ClassCost]:
    rows = priced.query(
        f"WITH c AS (SELECT {classes.select} AS 类, 行.* FROM 行 {classes.joins}) "
        f"SELECT 类, count(*) FILTER ({LIVE} AND 核减后 > 0), count(DISTINCT 受益人) FILTER ({LIVE} AND 核减后 > 0), coalesce(sum(应付), 0), "
        f"coalesce(sum(核减后) FILTER ({LIVE}), 0) FROM c WHERE 结果 <> '可登记' GROUP BY 类"
    )
    found = [ClassCost(label, lines, payees, int(payable), int(estimate)) for label, lines, payees, payable, estimate in rows]
    place = {label: number for number, label in enumerate(classes.order)}
    if classes.order:
        return sorted(found, key=lambda item: (place.get(item.label, len(place)), item.label))
    return sorted(found, key=lambda item: (item.label in NOT_SAID, -item.estimate, item.label))
