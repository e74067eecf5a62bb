"""口径: every 【名】 gets, for every option, the node that would stand in its place; and the tree in which the choice has been made.

Holds: after `fill` every Choice has a node for each option that could be read; after `bind` no Choice is left.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ..values.diagnostic import Diagnostic
from .cursor import Unreadable
from .document import Block, Table
from .model import General, Highest, Policy, Rule, Total
from .suggest import remedies
from .syntax import Cap, Choice, Frequency, Node, Scope, Time, Word
from .terms import read_slot

MOST_CHOICES = 5000  # in one policy, options within options counted; readings that feed one another grow without end
_PLAIN = (str, int, bool, type(None), Block, Table)


def walk(value: Any) -> Iterator[Node]:
    """Every node inside a record, a tuple or a node, options of readings included."""
    if isinstance(value, Node):
        yield value
        if isinstance(value, Choice):
            for option in value.options.values():
                yield from walk(option)
            return
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from walk(item)
    else:
        for name in _held(type(value)):
            inner = getattr(value, name)
            if not isinstance(inner, _PLAIN):
                yield from walk(inner)


@cache
def _held(kind: type) -> tuple[str, ...]:
    """The fields of a record or node that may hold nodes; of anything else none."""
    if not dataclasses.is_dataclass(kind) or issubclass(kind, (Block, Table)):
        return ()
    return tuple(field.name for field in dataclasses.fields(kind) if field.name not in ("block", "examples", "document"))


def records(policy: Policy) -> Iterator[tuple[str, Any]]:
    """Every record of the policy that holds nodes, with the name it goes by."""
    for rule in policy.rules.values():
        yield rule.name, rule
    for record in (*policy.generals, *policy.highest, *policy.totals):
        yield record.name, record


def fill(policy: Policy, defects: list[Diagnostic]) -> None:
    """Read every option of every 口径 at every place where its name stands. Names no 口径 defines are reported."""
    known = [column for reading in policy.readings.values() for column in reading.columns]
    for owner, record in records(policy):
        for node in list(walk(record)):
            if isinstance(node, Choice):
                _fill_one(policy, node, owner, known, (), defects)


def _fill_one(policy: Policy, choice: Choice, owner: str, known: list[str], inside: tuple[str, ...], defects: list[Diagnostic]) -> None:
    if choice.options:
        return
    document = policy.document
    policy.choices.append((choice, owner))
    if len(policy.choices) > MOST_CHOICES:
        if len(policy.choices) == MOST_CHOICES + 1:
            defects.append(document.defect("DX305", choice.at, found=choice.name, option="…", cell=f"【{choice.name}】", expected=f"口径套口径，总共不超过 {MOST_CHOICES} 处"))
        return
    reading = policy.column(choice.name)
    if reading is None:
        defects.append(document.defect("DX301", choice.at, found=f"【{choice.name}】", expected="一个 #### 口径 块定义的名称",
                                       **remedies(choice.name, known, f"写一个 #### 口径 块，表里有“{choice.name}”一列。", f"add a 口径 block with a column {choice.name}.")))  # fmt: skip
        return
    if choice.name in inside:
        defects.append(document.defect("DX304", choice.at, found=" → ".join(f"【{name}】" for name in (*inside, choice.name))))
        return
    for option, cell in reading.columns[choice.name].items():
        try:
            value = read_slot(choice.slot, choice.left, cell.text, cell.at[0], document, defects)
        except Unreadable as stop:
            place = dataclasses.replace(document.place(cell.at), label=f"口径“{reading.name}”的选项“{option}”")
            why = Diagnostic(stop.code, (), stop.details)
            expected = {"expected": why.sentence()["expected"], "expected_en": why.sentence("en")["expected"]}
            defects.append(document.defect("DX305", choice.at, place, found=choice.name, option=option, cell=cell.text, **expected))
            continue
        choice.options[option] = value
        for node in list(walk(value)):
            if isinstance(node, Choice):
                _fill_one(policy, node, owner, known, (*inside, choice.name), defects)


class Binder:
    """Puts the chosen option in the place of every 【名】 and remembers which readings were used."""

    def __init__(self, policy: Policy, choices: Mapping[str, str]) -> None:
        self.policy, self.choices = policy, choices
        self.used: dict[str, str] = {}

    def __call__(self, value: Any) -> Any:
        if isinstance(value, Choice):
            reading = self.policy.column(value.name)
            assert reading is not None, "fill() reports names without a 口径"
            option = self.choices[reading.name]
            self.used[reading.name] = option
            return self(value.options[option])
        if isinstance(value, tuple):
            items: list[Any] = []
            for item in value:
                bound = self(item)
                items.extend(bound) if isinstance(item, Choice) and item.slot == "items" else items.append(bound)
            return tuple(items)
        if isinstance(value, Cap) and value.whole is not None:
            return self(value.whole)
        if isinstance(value, Frequency):
            scope = self(value.scope)
            if isinstance(scope, Scope) and scope.time is None:
                scope = dataclasses.replace(scope, time=Time("累计"))
            return dataclasses.replace(value, scope=scope)
        if isinstance(value, Node):
            return self._fields(value)
        return value

    def _fields(self, record: Any) -> Any:
        changed = {}
        for field in dataclasses.fields(record):
            inner = getattr(record, field.name)
            if isinstance(inner, (Node, tuple)) and field.name not in ("examples", "steps", "at"):
                bound = self(inner)
                if bound is not inner:
                    changed[field.name] = bound
        return dataclasses.replace(record, **changed) if changed else record

    def record(self, record: Any) -> Any:
        return self._fields(record)


@dataclasses.dataclass(slots=True)
class Bound:
    """A policy as now read: no 【】 left. used: rule name -> reading -> option."""

    policy: Policy
    choices: dict[str, str]
    rules: dict[str, Rule]
    used: dict[str, dict[str, str]]
    generals: list[General]
    highest: list[Highest]
    totals: list[Total]


def bind(policy: Policy, choices: Mapping[str, str] | None = None) -> Bound:
    """The policy with every reading chosen: the defaults, and what `choices` (reading -> option) puts in their place. Kept: a server asks the same thing all day."""
    chosen = {**policy.default_choices, **(choices or {})}
    key = (id(policy), tuple(sorted(chosen.items())))
    kept = _kept.get(key)
    if kept is not None and kept[0] is policy:
        return kept[1]
    found = _bind(policy, chosen)
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    _kept[key] = (policy, found)
    return found


_MOST_KEPT = 32
_kept: dict[tuple[int, tuple[tuple[str, str], ...]], tuple[Policy, Bound]] = {}  # the policy beside it: as long as it is here, nothing else has its id


def _bind(policy: Policy, chosen: dict[str, str]) -> Bound:
    used: dict[str, dict[str, str]] = {}

    def bound(record: Any) -> Any:
        binder = Binder(policy, chosen)
        result = binder.record(record)
        used[record.name] = binder.used
        return result

    return Bound(policy, chosen, {name: bound(rule) for name, rule in policy.rules.items()}, used,
                 [bound(record) for record in policy.generals], [bound(record) for record in policy.highest], [bound(record) for record in policy.totals])  # fmt: skip


def as_now_read(label: str, bound: Bound) -> str:
    """The words of a tier row with every 【名】 replaced by what was chosen; a cell that comes to 不限 says nothing."""

    def chosen(found: re.Match[str]) -> str:
        reading = bound.policy.column(found.group(1))
        return reading.columns[found.group(1)][bound.choices[reading.name]].text if reading else found.group()

    parts = (re.sub("【(.+?)】", chosen, part) for part in label.split("，"))
    return "，".join(part for part in parts if part != "不限")


def words(items: Any) -> tuple[str, ...]:
    """The names in a bound list; an 另定 list is left to the year's file."""
    return tuple(item.text for item in items or () if isinstance(item, Word))
