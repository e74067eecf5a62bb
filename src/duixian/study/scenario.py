"""Scenarios from words: 名称=值 changes a reading, an adopted standard, a parameter or a total; a folder or a year's file changes more at once."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any, NoReturn

from ..policy.check.year import check_adopted, check_adopted_units
from ..policy.document import Cell
from ..policy.lexer import normalise
from ..policy.load import load_policy
from ..policy.model import Policy
from ..policy.standards import EVERY, OpenItem, OpenKey, Setting, Standards, open_items
from ..policy.suggest import remedies
from ..policy.syntax import Number
from ..policy.year_file import load_standards, read_setting
from ..values.diagnostic import Defects, Diagnostic, Place
from ..values.money import decimal_text, yuan_text
from ..values.units import same_unit
from .source import Scenario

MOST_SCENARIOS = 500


def refuse(code: str, place: str, **details: str) -> NoReturn:
    """Raise Defects with one message about an argument."""
    raise Defects([Diagnostic(code, (Place(place),), details)])


def label_of(key: OpenKey) -> str:
    """An open item as people write it: 自播奖励（达到 5000万元）."""
    return key[0] + (f"（{key[1]}）" if key[1] else "")


def changed(scenario: Scenario, name: str, text: str, place: str = "--sweep") -> Scenario:
    """The scenario with one thing changed. Raises Defects (DS101 no such name, DS102 no such value, DS103 above a ceiling, DS105 which tier)."""
    policy, wanted = scenario.policy, normalise(name).replace(" ", "")
    if reading := next((found for found in policy.readings.values() if normalise(found.name) == wanted), None):
        if normalise(text) not in reading.options:
            refuse("DS102", place, name=reading.name, expected="、".join(reading.options), found=text)
        return replace(scenario, choices={**scenario.choices, reading.name: normalise(text)})
    items = open_items(policy)
    exact = [key for key in items if normalise(label_of(key)).replace(" ", "") == wanted]
    tiers = exact or [key for key in items if normalise(key[0]) == wanted]
    if tiers:
        return _with_items(scenario, tiers, text, place)
    if parameter := next((found for found in policy.parameters.values() if normalise(found.name) == wanted), None):
        setting = _setting(policy, parameter.name, text, "value", place)
        if not same_unit(setting.unit, parameter.unit):
            refuse("DS102", place, name=parameter.name, expected=f"单位 {parameter.unit or '无'}", found=text)
        others = {key: value for key, value in scenario.standards.parameters.items() if key[0] != parameter.name}
        return _with(scenario, parameters={**others, (parameter.name, (EVERY,) * len(parameter.keys)): setting})
    known = [*policy.readings, *(label_of(key) for key in items), *policy.parameters]
    remedy = remedies(name, known, "从列出的里选。", "use one of the list.")
    refuse("DS101", place, expected="、".join(known) or "（没有）", found=name, **remedy)


def _with_items(scenario: Scenario, keys: list[OpenKey], text: str, place: str) -> Scenario:
    items = [open_items(scenario.policy)[key] for key in keys]
    settings = dict(scenario.standards.settings)
    for item in items:
        setting = _setting(scenario.policy, label_of(item.key), text, item.kind, place)
        ceiling = ceiling_of(item)
        if setting.unit == "%" and ceiling is not None and ceiling.unit != "%" and isinstance(setting.value, Fraction):
            setting = share_of(item, setting.value)
        elif len(items) > 1:
            refuse("DS105", place, expected="、".join(label_of(key) for key in keys), found=keys[0][0])
        if ceiling is not None and isinstance(setting.value, Fraction):
            if setting.unit != ceiling.unit:
                refuse("DS102", place, name=label_of(item.key), expected=f"单位 {ceiling.unit or '无'}", found=text)
            if setting.value > ceiling.value:
                if item.kind != "lower":
                    refuse("DS103", place, name=label_of(item.key), expected=ceiling.text, found=text)
                scenario = _raised(scenario, item.key[0], setting)
        settings[item.key] = setting
    result = _with(scenario, settings=settings)
    wrong = check_adopted_units(result.policy, result.standards)
    if wrong := [found for found in wrong if found.is_error]:
        raise Defects(wrong)
    return result


def ceiling_of(item: OpenItem) -> Number | None:
    """The number an open item may not exceed."""
    return item.node.ceiling if isinstance(item.node.ceiling, Number) else None


def share_of(item: OpenItem, share: Fraction, step: int = 1) -> Setting:
    """A share of an item's ceiling, down to a whole step (in 分) where it is money."""
    ceiling = ceiling_of(item)
    assert ceiling is not None
    value = ceiling.value * share
    if ceiling.unit == "元":
        value = Fraction(int(value // step) * step)
        return Setting(value, "元", yuan_text(int(value)))
    return Setting(value, ceiling.unit, decimal_text(value * 100 if ceiling.unit == "%" else value) + ceiling.unit)


def _raised(scenario: Scenario, total: str, setting: Setting) -> Scenario:
    """A total above what the policy states: the policy with that number in its place, for this study only."""
    policy = copy.copy(scenario.policy)
    policy.totals = [
        replace(found, amount=replace(found.amount, value=setting.value, text=setting.text)) if found.name == total and isinstance(found.amount, Number) else found
        for found in policy.totals
    ]
    policy.open_items = None
    return replace(scenario, policy=policy)


def _with(scenario: Scenario, **fields: Any) -> Scenario:
    return replace(scenario, standards=replace(scenario.standards, **fields))


def _setting(policy: Policy, name: str, text: str, kind: str, place: str) -> Setting:
    defects: list[Diagnostic] = []
    setting = read_setting(Cell(text.strip(), (0, 0)), kind, policy.document, defects)
    if setting is None or defects:
        refuse("DS102", place, name=name, expected="带单位的数（如 3元、20万元、10%）、日期或“未定”", found=text)
    return setting


def money(text: str, policy: Policy, place: str) -> int:
    """An amount of money written as in a policy, in 分. Raises Defects (DS102)."""
    setting = _setting(policy, place, text, "value", place)
    if setting.unit != "元" or not isinstance(setting.value, Fraction) or setting.value.denominator != 1 or setting.value < 0:
        refuse("DS102", place, name=place, expected="金额，如 500万元", found=text)
    return int(setting.value)


def total_amount(scenario: Scenario, name: str) -> int | None:
    """The amount of a total for the year, in 分; None where there is none yet. Nothing is known of its pots here."""
    total = next(found for found in [*scenario.policy.totals, *scenario.standards.totals] if found.name == name)
    setting = scenario.standards.settings.get((getattr(total.amount, "name", "") or name, ""))
    amounts = [setting.value] if setting and isinstance(setting.value, Fraction) else []
    amounts += [total.amount.value] if isinstance(total.amount, Number) else []
    return int(min(amounts)) if amounts else None


def described(text: str, base: Scenario, year: int) -> Scenario:
    """A scenario as --compare names it. Raises Defects (DS106, and what the folder or the file has)."""
    scenario, place = base, "--compare"
    for part in (piece.strip() for piece in text.split("+")):
        path = Path(part)
        mark = next((mark for mark in ("=", "＝") if mark in part), "")
        if mark:
            name, _, value = part.partition(mark)
            scenario = changed(scenario, name, value, place)
        elif path.is_dir():
            scenario = _of_folder(scenario, path, year)
        elif path.suffix == ".md" and path.is_file():
            scenario = replace(scenario, standards=_of_file(path, scenario.policy, year))
        else:
            refuse("DS106", place, found=part)
    return replace(scenario, label=text)


def _of_folder(scenario: Scenario, folder: Path, year: int) -> Scenario:
    policy, defects = load_policy(folder)
    if errors := [item for item in defects if item.is_error]:
        raise Defects(errors)
    own = folder / f"standards-{year}.md"
    standards = _of_file(own, policy, year) if own.is_file() else Standards(year)
    chosen = {name: option for name, option in scenario.choices.items() if name in policy.readings and option in policy.readings[name].options}
    return replace(scenario, policy=policy, standards=standards, choices=chosen)


def _of_file(path: Path, policy: Policy, year: int) -> Standards:
    """A year's file, asked of the year under study: another year's standards may be tried on it."""
    defects: list[Diagnostic] = []
    found = load_standards(path, policy, None, defects)
    defects.extend(check_adopted(policy, found))
    if errors := [item for item in defects if item.is_error]:
        raise Defects(errors)
    found.year = year
    return found


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing that is swept: its name and the values it takes, as written."""

    name: str
    values: tuple[str, ...]


def axis(text: str, place: str = "--sweep") -> Axis:
    """名称=值,值,…  Raises Defects (DS106)."""
    name, mark, values = text.replace("＝", "=").partition("=")
    found = tuple(dict.fromkeys(value.strip() for value in values.replace("，", ",").split(",") if value.strip()))
    if not mark or not name.strip() or not found:
        refuse("DS106", place, found=text)
    return Axis(name.strip(), found)


def crossed(base: Scenario, axes: Sequence[Axis]) -> list[tuple[tuple[str, ...], Scenario]]:
    """Every combination of the axes' values, each with its scenario. Raises Defects (DS104, and those of `changed`)."""
    count = 1
    for one in axes:
        count *= len(one.values)
    if count > MOST_SCENARIOS:
        refuse("DS104", "--sweep", expected=str(MOST_SCENARIOS), found=str(count))
    found = []
    for values in product(*(one.values for one in axes)):
        scenario = base
        for one, value in zip(axes, values, strict=True):
            scenario = changed(scenario, one.name, value)
        found.append((values, replace(scenario, label="，".join(named(axes, values)))))
    return found


def named(axes: Iterable[Axis], values: Iterable[str]) -> list[str]:
    """名称=值 for each axis."""
    return [f"{one.name}={value}" for one, value in zip(axes, values, strict=True)]
