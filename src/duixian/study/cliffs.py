"""断崖: what one 分 more or less changes at every boundary, computed by asking the policy just below, at and just above it.

"Everything else satisfied" is taken from the policy's own 例: a row whose other conditions hold is moved to the boundary. Where moving one year's
figure alone would break a growth condition, the figures of the other years are moved in the same proportion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

from ..award.history import History
from ..award.waterfall import run_waterfall
from ..engine.assess import Assessor
from ..engine.example_facts import Bad
from ..engine.example_run import Run
from ..engine.examples import Examples
from ..engine.figures import smallest_step
from ..engine.ground import enabled_groups, ground, highest_rule
from ..engine.interpret import Interpreter
from ..engine.logic import NUMBERS, truth
from ..policy.model import Rule
from ..policy.readings import bind
from ..policy.standards import Standards, open_items
from ..policy.syntax import Path
from ..values.facts import Thing
from ..values.money import exact
from ..values.terms import Outcome
from .boundaries import Boundary, Unvaried, boundaries, holds
from .classes import Finder, literal, quoted
from .source import LIVE, Priced, Progress

NEAR = (1, 5)  # percent


@dataclass(frozen=True, slots=True)
class Near:
    """Applicants close to a boundary, by percent of it: not meeting it, meeting it, and those of the latter who are granted the award."""

    short: tuple[int, int]
    met: tuple[int, int]
    granted: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cliff:
    """Grain: one row a boundary. at, below, above: the figure and the award there, in base units and 分; an award of None waits for data.

    jump: the award on the meeting side less the one on the failing side; None where the policy's examples lead to no such place.
    template: the example the other facts come from. near None: the population has no such figure on file. estimated: at a ceiling, not a standard.
    """

    boundary: Boundary
    below: tuple[Fraction, int | None] | None = None
    at: tuple[Fraction, int | None] | None = None
    above: tuple[Fraction, int | None] | None = None
    jump: int | None = None
    template: str = ""
    near: Near | None = None
    estimated: bool = False

    @property
    def exposure(self) -> int:
        """The jump times those within 5% who just miss it: what lies on the edge."""
        return (self.jump or 0) * (self.near.short[1] if self.near else 0)


def cliffs(priced: Priced, progress: Progress) -> tuple[list[Cliff], list[Unvaried]]:
    """Every boundary of the policy as priced, with its jump and who stands near; and the boundaries that are not one figure."""
    bound = bind(priced.policy, priced.choices)
    found, others = boundaries(bound, priced.standards)
    worlds = _Worlds(priced)
    result = []
    for done, boundary in enumerate(found):
        progress(done, len(found), f"{boundary.award} {boundary.figure}")
        cliff = worlds.measure(boundary)
        result.append(replace(cliff, near=_near(priced, bound.rules[boundary.award], boundary)))
    return result, others


@dataclass(slots=True)
class _World:
    """One example made into facts, with the rules of the study over it."""

    name: str
    run: Run
    rule: Rule
    thing: Thing
    assessor: Assessor


class _Worlds:
    """The policy's examples as small worlds, under the study's readings and standards."""

    def __init__(self, priced: Priced) -> None:
        self.priced, self.policy = priced, priced.policy
        self.examples = Examples(priced.policy)
        self.bound = bind(priced.policy, priced.choices)
        self.fixed = ground(self.bound)
        self._of: dict[str, list[_World]] = {}

    def of(self, award: str) -> list[_World]:
        """The worlds of one award, in the order of its examples."""
        if award not in self._of:
            rule = self.bound.rules[award]
            self._of[award] = [world for table in self.examples.tables if table.owner is self.policy.rules[award] for example in table.examples
                               if (world := self._world(rule, table, example))]  # fmt: skip
        return self._of[award]

    def _world(self, rule: Rule, table: Any, example: Any) -> _World | None:
        run = Run(self.policy, self.bound, self.fixed, table, example)
        try:
            _, pairs = run.prepare()
        except Bad:
            return None
        interpreter = Interpreter(self.bound, run.facts, [entry for entry in run.ledger if entry.document in self.fixed.history],
                                  self._standards(run.standards), self.fixed.validity, self.fixed.unset_standard)  # fmt: skip
        assessor = Assessor(interpreter, rounding=self.fixed.rounding, year_rule=self.fixed.year_rule,
                            groups=enabled_groups(self.bound, interpreter.standards), generals_if_known=True)  # fmt: skip
        return _World(example.name, run, rule, pairs[0][1], assessor)

    def _standards(self, example: Standards) -> Standards:
        """The study's standards; what an award needs besides (a day, a rate) stays as the example has it where the study has none."""
        own, items = self.priced.standards, open_items(self.policy)
        settings = {key: setting for key, setting in example.settings.items() if key not in items or items[key].ceiling is None}
        for key, setting in own.settings.items():
            if setting.value is not None and (key[0] in self.policy.rules or key not in settings):
                settings[key] = setting
        return replace(own, settings=settings, tables={**example.tables, **own.tables}, parameters={**example.parameters, **own.parameters})

    def measure(self, boundary: Boundary) -> Cliff:
        """The jump at a boundary in the first world where it shows; a world where nothing changes is taken only where none does."""
        flat: Cliff | None = None
        for scaled in (False, True) if not boundary.growth else (False,):
            for world in self.of(boundary.award):
                cliff = self._in(world, boundary, scaled)
                if cliff is not None and cliff.jump:
                    return cliff
                flat = flat or cliff
        return flat or Cliff(boundary)

    def _in(self, world: _World, boundary: Boundary, scaled: bool) -> Cliff | None:
        owner = world.run.stated.follow(world.rule, world.thing, boundary.hops[:-1])
        fact = boundary.hops[-1].fact
        assert fact is not None
        period = world.run.stated.period_of(world.rule, fact, 0, owner is world.thing)
        key = (fact.name, period)
        before = dict(owner.values)
        now = before.get(key)
        if now.__class__ not in NUMBERS:
            return None
        edge = _edge(boundary, before, fact.name, period)
        if edge is None:
            return None
        step = _step(fact.unit)
        points = [Fraction(ceil(edge / step) - 1) * step, edge if edge % step == 0 else None, Fraction(floor(edge / step) + 1) * step]
        awards: list[int | None] = []
        estimated = False
        try:
            for point in points:
                if point is None:
                    awards.append(None)
                    continue
                owner.values[key] = exact(point)
                if scaled:
                    if now <= 0:
                        return None
                    for (name, other), value in before.items():
                        if name == fact.name and other != period and value.__class__ in NUMBERS:
                            owner.values[(name, other)] = exact(Fraction(value) * edge / Fraction(now))
                asked = self._ask(world, boundary)
                if asked is None:
                    return None
                awards.append(asked[0])
                estimated = estimated or asked[1]
        finally:
            owner.values.clear()
            owner.values.update(before)
        below, above = awards[0], awards[2]
        if below is None or above is None:
            return None
        jump = (above - below) if boundary.met_above else (below - above)
        sides = [None if point is None else (point, award) for point, award in zip(points, awards, strict=True)]
        return Cliff(boundary, sides[0], sides[1], sides[2], jump, world.name, estimated=estimated)

    def _ask(self, world: _World, boundary: Boundary) -> tuple[int | None, bool] | None:
        """The award as the facts now are, caps included; None where a condition other than the boundary's own does not hold."""
        interpreter = world.assessor.interpreter
        interpreter.forget(lists=True)
        prepared = world.assessor.prepared(world.rule.name)
        year = world.run.year
        own = [node for node in world.rule.conditions if type(node).__name__ != "Always"]
        for place, condition in enumerate(prepared.conditions):
            node = own[place] if place < len(own) else None
            if node is not None and boundary.where == "条件" and (holds(boundary.body, node) or _recognised(boundary, node, world.rule)):
                continue
            if truth(condition.holds(world.thing, year)) is not True:
                return None
        claim = world.assessor.assess(world.rule.name, world.thing, year)
        if claim.cancelled and boundary.where != "否决":
            return None
        history = History([entry for entry in world.run.ledger if entry.document in self.fixed.history], year, self.fixed.validity,
                          world.assessor.key_of_entry)  # fmt: skip
        (line,) = run_waterfall([claim], history, highest_rule(self.bound, interpreter.standards))
        if line.outcome in (Outcome.PAYABLE, Outcome.PROVISIONAL):
            return int(line.amounts["封顶后"] or 0), line.outcome is Outcome.PROVISIONAL
        if line.outcome in (Outcome.NOT_MET, Outcome.CANCELLED):
            return 0, False
        return None


def _recognised(boundary: Boundary, node: Any, rule: Rule) -> bool:
    """Whether a condition asks for a recognition whose own boundary this is."""
    return isinstance(node, Path) and not any(holds(boundary.body, own) for own in (*rule.conditions, *rule.any_of))


def _edge(boundary: Boundary, values: dict[Any, Any], name: str, period: Any) -> Fraction | None:
    """Where the boundary lies in the fact's own units."""
    if not boundary.growth:
        return boundary.value
    if not isinstance(period, int):
        return None
    back = 1 if boundary.growth == "增长率" else 2
    base = values.get((name, period - back))
    if base.__class__ not in NUMBERS or base <= 0:
        return None
    return Fraction(base) * (1 + boundary.value) ** back


def _step(unit: str) -> Fraction:
    """How much "just below" is: the least step of the unit, a hundredth where it has none, of a percent for ratios."""
    step = smallest_step(unit)
    return Fraction(step) if step is not None else Fraction(1, 10_000) if unit == "%" else Fraction(1, 100)


def _near(priced: Priced, rule: Rule, boundary: Boundary) -> Near | None:
    """Who stands within 1% and 5% of a boundary, among the applicants of its award, in one aggregation."""
    if boundary.value == 0:
        return None
    finder = Finder(priced)
    counted: list[tuple[int, ...]] = []
    for kind in finder.kinds(rule.object):
        for value, edge, joins in _figure(finder, kind, boundary, priced.year):
            meets = {"≥": ">=", "≤": "<="}.get(boundary.operator, boundary.operator)
            parts = []
            for percent in NEAR:
                close = f"abs({value} - {edge}) * 100 <= {percent} * abs({edge})"
                for side in (f"NOT ({value} {meets} {edge})", f"{value} {meets} {edge}", f"{value} {meets} {edge} AND {LIVE} AND 核减后 > 0"):
                    parts.append(f"count(*) FILTER ({close} AND {side})")
            counted += priced.query(
                f"SELECT {', '.join(parts)}, count({value}) FROM 行 {joins} WHERE 奖补 = {literal(rule.name)} AND 对象类型 = {literal(kind)}"
            )
    if not counted or not any(row[6] for row in counted):
        return None
    total = [sum(int(row[place]) for row in counted) for place in range(6)]
    return Near((total[0], total[3]), (total[1], total[4]), (total[2], total[5]))


def _figure(finder: Finder, kind: str, boundary: Boundary, year: int) -> Iterator[tuple[str, str, str]]:
    """(value, edge, joins) as exact whole numbers in SQL: both sides brought to one denominator, so that nothing is divided."""
    here = finder.start(kind, "行.标识")
    heads = [here]
    for hop in boundary.hops[:-1]:
        onward = []
        for start in heads:
            if hop.role == "beneficiary":
                onward += [replace_joins(finder.start(found, "行.受益人"), start.joins) for found in finder.kinds(hop.kind)]
            elif column := finder.column(start.kind, hop.name):
                source = f"{start.alias}.{quoted(column.name)}"
                onward += [replace_joins(finder.start(found, source), start.joins) for found in finder.kinds(hop.kind)]
        heads = onward
    for head in heads:
        frame = finder.priced.frames.objects[head.kind]
        fact = boundary.hops[-1].fact
        assert fact is not None
        column = frame.find(fact.name, year if fact.yearly else None)
        if column is None:
            continue
        value = f"CAST({head.alias}.{quoted(column.name)} AS HUGEINT)"
        if not boundary.growth:
            edge = boundary.value * column.scale
            yield f"({value} * {edge.denominator})", f"CAST({edge.numerator} AS HUGEINT)", " ".join(head.joins)
            continue
        back = 1 if boundary.growth == "增长率" else 2
        base = frame.find(fact.name, year - back)
        if base is not None:
            factor = (1 + boundary.value) ** back * Fraction(column.scale, base.scale)
            earlier = f"nullif(greatest(CAST({head.alias}.{quoted(base.name)} AS HUGEINT), 0), 0)"
            yield f"({value} * {factor.denominator})", f"({earlier} * {factor.numerator})", " ".join(head.joins)


def replace_joins(reach: Any, before: list[str]) -> Any:
    """A reach whose joins come after some others."""
    reach.joins = [*before, *reach.joins]
    return reach
