"""哪个标准正好: the highest uniform rate, or the highest common share of the ceilings, at which the claims still fit a total.

Claims never fall as a standard rises, so the answer is found by bisection over the steps an office can decide on (whole 分, or 0.01%), every
point settled exactly; every point that was settled is shown, and held against the assumption.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from ..policy.readings import bind, walk, words
from ..policy.standards import OpenItem, OpenKey, Setting, open_items
from ..policy.suggest import remedies
from ..policy.syntax import Open
from ..values.money import decimal_text, yuan_text
from .classes import Classes, by_name, figure
from .compare import Comparison, compare
from .cost import Cost, cost
from .scenario import ceiling_of, changed, label_of, refuse, share_of, total_amount
from .source import Engine, Priced, Progress, Scenario

SHARE_STEPS = 10_000  # 0.01%


@dataclass(frozen=True, slots=True)
class Tried:
    """Grain: one standard that was settled. level: its place on the grid; claimed: what is asked of the fullest pot, left: what that has. In 分.

    pot: the amount of that pot for the year.
    """

    level: int
    text: str
    claimed: int
    left: int
    pot: int = 0

    @property
    def fits(self) -> bool:
        """Whether the claims fit the total."""
        return self.claimed <= self.left


@dataclass(slots=True)
class Fit:
    """The answer. best: the highest that fits (None: not even the lowest does); beyond: the next step (None: the ceiling itself fits).

    uniform: one number was solved for, else a share of all ceilings. standards: what each item comes to at the best step.
    against: the best step against what the policy's own way of meeting an overrun gives, payee by payee.
    """

    total: str
    pot: int
    items: list[str]
    uniform: bool
    best: Tried | None
    beyond: Tried | None
    ceiling: Tried
    tried: list[Tried] = field(default_factory=list)
    standards: list[tuple[str, str, str]] = field(default_factory=list)
    against: Comparison | None = None
    method: str = ""
    cost: Cost | None = None


@dataclass(slots=True)
class _Grid:
    """The steps a standard can take, from nothing to the ceilings.

    uniform: one standard; an amount of money is n steps of `step` 分, the ceiling itself the last. Else level n is n/steps of every ceiling,
    money gone down to a whole `step`.
    """

    items: list[OpenItem]
    steps: int
    uniform: bool
    step: int = 1

    def settings(self, level: int) -> dict[OpenKey, Setting]:
        found = {}
        for item in self.items:
            ceiling = ceiling_of(item)
            assert ceiling is not None
            if self.uniform:
                value = min(Fraction(level * self.step), ceiling.value) if ceiling.unit == "元" else ceiling.value * level / self.steps
                found[item.key] = Setting(value, ceiling.unit, figure(value, ceiling.unit))
            else:
                found[item.key] = share_of(item, Fraction(level, self.steps), self.step)
        return found

    def text(self, level: int) -> str:
        if self.uniform:
            return next(iter(self.settings(level).values())).text
        return decimal_text(Fraction(level * 100, self.steps)) + "%"


def fit(engine: Engine, base: Scenario, wanted: str, amount: int | None, progress: Progress, class_name: str = "", step: int = 1, top: int = 20) -> Fit:
    """Solve for the standards that just fit a total. wanted: 总额 or 总额=项目、项目. amount: in 分, in place of the year's.

    step: the least difference of two standards, in 分. top: rows of the largest gains and losses each.

    Raises Defects: DS111 no such total, DS112 not set, DS113 nothing to adjust, DS114 claims that fall while a standard rises.
    """
    name, _, chosen = wanted.replace("＝", "=").partition("=")
    base = _with_amount(base, name.strip(), amount)
    grid = _grid(base, name.strip(), [part.strip() for part in chosen.replace("，", "、").split("、") if part.strip()], step)
    tried: dict[int, Tried] = {}
    priced: dict[int, Priced] = {}

    def at(level: int) -> Tried:
        if level not in tried:
            progress(len(tried), grid.steps.bit_length() + 2, grid.text(level))
            scenario = _at(base, grid, level)
            priced.clear()  # one population at a time
            priced[level] = engine.price(scenario)
            tried[level] = Tried(level, grid.text(level), *_asked(priced[level], name.strip(), total_amount(base, name.strip()) or 0))
            _monotone(sorted(tried.values(), key=lambda one: one.level))
        return tried[level]

    low, high = 0, grid.steps
    full = at(high)
    if full.fits:
        low = high
    elif at(0).fits:
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if at(middle).fits else (low, middle)
    best = tried.get(low)
    if best is not None and not best.fits:
        best = None
    beyond = None if best is None or best.level == grid.steps else at(best.level + 1)
    answer = Fit(name.strip(), full.pot, [label_of(item.key) for item in grid.items], grid.uniform, best, beyond, full,
                 sorted(tried.values(), key=lambda one: one.level))  # fmt: skip
    if best is not None:
        chosen_settings = grid.settings(best.level)
        answer.standards = [(label_of(item.key), item.words, chosen_settings[item.key].text) for item in grid.items]
        _against(engine, base, grid, best, answer, class_name, top)
    return answer


def _with_amount(base: Scenario, name: str, amount: int | None) -> Scenario:
    totals = [*base.policy.totals, *base.standards.totals]
    found = next((total for total in totals if total.name == name), None)
    if found is None:
        remedy = remedies(name, [total.name for total in totals], "从列出的里选。", "use one of the list.")
        refuse("DS111", "--fit", expected="、".join(total.name for total in totals) or "（本政策没有总额）", found=name, **remedy)
    if amount is not None:
        return changed(base, name, yuan_text(amount), "--amount")
    if total_amount(base, name) is None:
        refuse("DS112", "--fit", name=name)
    return base


def _grid(base: Scenario, total: str, chosen: list[str], step: int) -> _Grid:
    """The open numbers with a ceiling that stand in the standards of the awards a total covers."""
    items = open_items(base.policy)
    if chosen:
        wanted = [item for key, item in items.items() if label_of(key) in chosen or key[0] in chosen]
    else:
        bound = bind(base.policy, {**base.standards.choices, **base.choices})
        rule = next(found for found in [*bound.totals, *base.standards.totals] if found.name == total)
        named = words(rule.items)
        covered = [award for award in base.policy.awards if (award.name in named) is not rule.range_all]
        used = {node for award in covered for node in walk((award.standard, award.tiers)) if isinstance(node, Open)}
        wanted = [item for key, item in items.items() if key[0] in {award.name for award in covered} and item.node in used]
    wanted = [item for item in wanted if ceiling_of(item) is not None and item.kind == "value"]
    if not wanted:
        refuse("DS113", "--fit", name=total, found="、".join(chosen) or "没有")
    if len(wanted) > 1:
        return _Grid(wanted, SHARE_STEPS, False, step)
    ceiling = ceiling_of(wanted[0])
    assert ceiling is not None
    return _Grid(wanted, -int(-ceiling.value // step) if ceiling.unit == "元" else SHARE_STEPS, True, step)


def _at(base: Scenario, grid: _Grid, level: int) -> Scenario:
    standards = replace(base.standards, settings={**base.standards.settings, **grid.settings(level)})
    return replace(base, standards=standards, label=grid.text(level))


def _asked(priced: Priced, total: str, amount: int) -> tuple[int, int, int]:
    """(claimed, left, amount) of the pot that is fullest; a total without any claim asks for nothing."""
    left = "greatest(0, 额度 - 已用)"
    rows = priced.query(f"SELECT 申报合计, {left}, 额度 FROM 总额 WHERE 名称 = ? ORDER BY 申报合计 - {left} DESC, 键 LIMIT 1", [total])
    return (int(rows[0][0]), int(rows[0][1]), int(rows[0][2])) if rows else (0, amount, amount)


def _monotone(tried: list[Tried]) -> None:
    for below, above in zip(tried, tried[1:], strict=False):
        if above.claimed - above.left < below.claimed - below.left:
            refuse("DS114", "--fit", found=f"{below.text} 时 {yuan_text(below.claimed)}，{above.text} 时 {yuan_text(above.claimed)}")


def _against(engine: Engine, base: Scenario, grid: _Grid, best: Tried, answer: Fit, class_name: str, top: int) -> None:
    """The lowered standard against the full one cut in proportion: who carries the cut under the one and under the other."""
    choices = dict(base.choices)
    for reading in base.policy.readings.values():
        if reading.options and "按比例核减" in reading.options:
            choices[reading.name] = "按比例核减"
    full = _at(base, grid, grid.steps)
    pro_rata, lowered = engine.price(replace(full, choices=choices)), engine.price(_at(base, grid, best.level))
    methods = pro_rata.query("SELECT DISTINCT 办法 FROM 总额 WHERE 名称 = ? ORDER BY 1", [answer.total])
    answer.method = "、".join(row[0] for row in methods)
    classes: tuple[Classes | None, Classes | None] = (None, None)
    if class_name:
        classes = (by_name(pro_rata, class_name), by_name(lowered, class_name))
    answer.against = compare(pro_rata, lowered, (f"{grid.text(grid.steps)}，{answer.method}", grid.text(best.level)), classes=classes, top=top)
    answer.cost = cost(lowered)

