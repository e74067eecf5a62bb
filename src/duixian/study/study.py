"""One study: the questions asked, the answers, and the grounds they stand on. Prices the base scenario once and asks it everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..engine.ground import ground
from ..policy.readings import bind
from ..policy.standards import open_items
from .classes import Classes, bands, by_name, read_bands
from .cliffs import Cliff, Unvaried, cliffs
from .compare import Comparison, compare
from .cost import Cost, cost
from .fit import Fit, fit
from .scenario import Axis, described, label_of, money, refuse
from .source import Engine, Priced, Progress, Scenario
from .sweep import Sweep, sweep

DEFAULT_CLASS = "乡镇"


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked. Nothing asked is: what does it cost, and where are the cliffs. Texts as on the command line."""

    by: str = ""
    bands: str = ""
    compare: tuple[tuple[str, str], ...] = ()
    fit: tuple[str, ...] = ()
    amount: str = ""
    step: str = ""
    sweep: tuple[Axis, ...] = ()
    cost: bool = True
    cliffs: bool = True
    top: int = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """Grain: one row a 口径. source: 政策 | 年度文件 | 本次改选."""

    name: str
    question: str
    option: str
    source: str


@dataclass(slots=True)
class Study:
    """Everything a report shows. Parts that were not asked are None or empty. inputs: the files read, with their hashes."""

    title: str
    policy: str
    issuer: str
    digest: str
    year: int
    label: str
    draft: bool
    date: str
    command: str
    readings: list[Reading]
    standards: list[tuple[str, str, str]]  # (item, the policy's words, the year's standard or 未定)
    standards_file: tuple[str, str, str]  # (digest, status, basis); '' where there is none
    inputs: list[Any]
    lines: int
    objects: int
    notices: list[str] = field(default_factory=list)
    cost: Cost | None = None
    cliffs: list[Cliff] | None = None
    unvaried: list[Unvaried] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    fits: list[Fit] = field(default_factory=list)
    sweep: Sweep | None = None


def run_study(engine: Engine, base: Scenario, questions: Questions, progress: Progress, *, label: str = "", inputs: Sequence[Any] = (),
              command: str = "", date: str = "", history: bool = True) -> Study:  # fmt: skip
    """Ask the questions of a policy over a population. Raises Defects for what cannot be asked; nothing is written here."""
    pairs = [(described(first, base, engine.year), described(second, base, engine.year)) for first, second in questions.compare]
    amount = money(questions.amount, base.policy, "--amount") if questions.amount else None
    step = money(questions.step, base.policy, "--step") if questions.step else 1
    if step == 0:
        refuse("DS102", "--step", name="--step", expected="大于 0 的金额，如 0.1元、1000元", found=questions.step)
    progress(0, 1, base.label)
    priced = engine.price(base)
    found = _grounds(priced, base)
    found.label, found.inputs, found.command, found.date = label, list(inputs), command, date
    if not history:
        found.notices.append("没有提供历史：一次性、累计封顶、首年都按以前没有付过计算。")
    classes, sizes, size_text = _classes(priced, questions)
    if questions.cliffs:
        found.cliffs, found.unvaried = cliffs(priced, progress)
    if questions.cost:
        if sizes is None and not questions.bands:
            sizes = _default_bands(priced, found.cliffs)
        found.cost = cost(priced, classes, sizes)
        if questions.by and classes is None:
            found.cost.absent.append(questions.by)
        if size_text and sizes is None:
            found.cost.absent.append(size_text)
    for first, second in pairs:
        progress(0, 2, first.label)
        one = engine.price(first)
        progress(1, 2, second.label)
        two = engine.price(second)
        by = classes.name if classes else ""
        both = (by_name(one, by), by_name(two, by)) if by else (None, None)
        found.comparisons.append(compare(one, two, (first.label, second.label), classes=both, top=questions.top))
    for wanted in questions.fit:
        found.fits.append(fit(engine, base, wanted, amount, progress, classes.name if classes else "", step, questions.top))
    if questions.sweep:
        found.sweep = sweep(engine, base, questions.sweep, progress)
    return found


def _classes(priced: Priced, questions: Questions) -> tuple[Classes | None, Classes | None, str]:
    by = questions.by
    classes = by_name(priced, by) if by else by_name(priced, DEFAULT_CLASS) if DEFAULT_CLASS in priced.policy.vocabulary.objects else None
    if not questions.bands:
        return classes, None, ""
    name, limits = read_bands(questions.bands, priced)
    return classes, bands(priced, name, limits or _limits(priced, name)), name


def _limits(priced: Priced, name: str) -> list[Fraction]:
    """The policy's own boundaries of a fact; where it has none, quarters of what is on file."""
    from .boundaries import boundaries

    found, _ = boundaries(bind(priced.policy, priced.choices), priced.standards)
    own = sorted({item.value for item in found if item.fact == name and not item.growth and item.value > 0})
    if own:
        return own
    limits: set[Fraction] = set()
    for kind, frame in priced.frames.objects.items():
        fact = priced.policy.vocabulary.fact(kind, name)
        column = frame.find(name, priced.year if fact and fact.yearly else None)
        if column is not None:
            cuts = ", ".join(f'quantile_disc("{column.name}", {quarter})' for quarter in ("0.25", "0.5", "0.75"))
            rows = priced.query(f'SELECT {cuts} FROM "{frame.name}" WHERE "{column.name}" > 0')
            limits |= {Fraction(int(value), column.scale) for value in rows[0] if value is not None}
    return sorted(limits)


def _default_bands(priced: Priced, found: list[Cliff] | None) -> Classes | None:
    """Size by the money fact that most boundaries are about."""
    count: dict[str, int] = {}
    for cliff in found or ():
        if cliff.boundary.unit == "元" and not cliff.boundary.growth:
            count[cliff.boundary.fact] = count.get(cliff.boundary.fact, 0) + 1
    if not count:
        return None
    name = max(count, key=lambda fact: (count[fact], fact))
    return bands(priced, name, _limits(priced, name))


def _grounds(priced: Priced, base: Scenario) -> Study:
    policy, standards = priced.policy, priced.standards
    bound = bind(policy, priced.choices)
    readings = [
        Reading(reading.name, reading.question, bound.choices[reading.name],
                "本次改选" if reading.name in base.choices else "年度文件" if reading.name in standards.choices else "政策")
        for reading in policy.readings.values()
    ]  # fmt: skip
    adopted = []
    for key, item in open_items(policy).items():
        setting = standards.settings.get(key)
        text = (setting.text if setting else "") or "未定"
        if item.kind == "table":
            text = "见年度文件" if key[0] in standards.tables else "未定"
        if not (item.kind == "lower" and setting is None):
            adopted.append((label_of(key), item.words, text))
    lines, objects = priced.query("SELECT count(*), count(DISTINCT 对象类型 || ' ' || 标识) FROM 行")[0]
    return Study(
        policy.title, policy.id, policy.issuer, policy.digest, priced.year, "", ground(bound).draft, "", "", readings, adopted,
        (standards.digest, standards.status, standards.basis), [], lines, objects,
    )  # fmt: skip
