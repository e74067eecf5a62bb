"""扫描: any parameters over a grid, cost against parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ..policy.document import Cell
from ..policy.readings import bind, words
from ..policy.year_file import read_setting
from .scenario import Axis, crossed, total_amount
from .source import Engine, Progress, Scenario


@dataclass(frozen=True, slots=True)
class Point:
    """Grain: one combination. claimed: before any total; granted: after it, estimates included; payable: what may be paid now. In 分."""

    values: tuple[str, ...]
    claimed: int
    granted: int
    payable: int
    lines: int
    awards: dict[str, int]  # granted by award
    claims: dict[str, int]  # the same before any total


@dataclass(slots=True)
class Sweep:
    """All points of a grid, in the order of the axes. numbers: of the first axis, where all its values are numbers of one unit.

    pots: the totals over nothing but awards that moved, with their amount in 分. apart: combinations that were settled by themselves, and why.
    """

    axes: list[Axis]
    points: list[Point] = field(default_factory=list)
    numbers: list[Fraction] | None = None
    unit: str = ""
    pots: list[tuple[str, int]] = field(default_factory=list)
    apart: dict[str, str] = field(default_factory=dict)

    @property
    def moved(self) -> list[str]:
        """The awards whose claims or grants are not the same everywhere."""
        names = dict.fromkeys(name for point in self.points for name in point.awards)
        return [name for name in names if len({(point.awards.get(name, 0), point.claims.get(name, 0)) for point in self.points}) > 1]


def sweep(engine: Engine, base: Scenario, axes: Sequence[Axis], progress: Progress) -> Sweep:
    """Price every combination of the axes' values. Raises Defects (DS101 … DS105)."""
    grid = crossed(base, axes)
    rows = engine.price_many([scenario for _, scenario in grid], progress)
    found = Sweep(list(axes), apart=dict(engine.apart))
    order = {name: place for place, name in enumerate(base.policy.rules)}
    for values, scenario in grid:
        own = sorted((row for row in rows if row.scenario == scenario.label), key=lambda row: order.get(row.award, 0))
        found.points.append(Point(values, sum(row.claimed for row in own), sum(row.granted for row in own), sum(row.payable for row in own),
                                  sum(row.granted_lines for row in own), {row.award: row.granted for row in own}, {row.award: row.claimed for row in own}))  # fmt: skip
    settings = [read_setting(Cell(value, (0, 0)), "value", base.policy.document, []) for value in axes[0].values]
    if all(setting is not None and isinstance(setting.value, Fraction) for setting in settings):
        units = {setting.unit for setting in settings if setting is not None}
        if len(units) == 1:
            found.unit = units.pop()
            found.numbers = [setting.value for setting in settings if setting is not None]
    _pots(base, found)
    return found


def _pots(base: Scenario, found: Sweep) -> None:
    bound = bind(base.policy, {**base.standards.choices, **base.choices})
    swept = {one.name for one in found.axes}
    for total in [*bound.totals, *base.standards.totals]:
        covered = {award.name for award in base.policy.awards if (award.name in words(total.items)) is not total.range_all}
        amount = total_amount(base, total.name)
        if covered and covered <= set(found.moved) and amount is not None and not total.register and not total.scope.keys and total.name not in swept:
            found.pots.append((total.name, amount))
