"""Deliberately wrong interpreters: each must be found by the comparison, or the comparison is worth nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import ExitStack
from fractions import Fraction
from typing import Any
from unittest import mock

from duixian.award import allocate, history, ranking, totals, waterfall
from duixian.engine import assess, folds, functions, interpret, logic
from duixian.policy.syntax import Step
from duixian.policy.vocabulary import Vocabulary
from duixian.values import money, period
from duixian.values.facts import NONE, Unknown
from duixian.values.terms import Outcome, Waits

from .compare import Settle
from .facts import World

Patches = Callable[[], list[Any]]


def _attribute(target: Any, name: str, value: Any) -> Patches:
    return lambda: [mock.patch.object(target, name, value)]


def _entry(table: dict[Any, Any], key: Any, value: Any) -> Patches:
    return lambda: [mock.patch.dict(table, {key: value})]


def _half_down(value: Any) -> int:
    return -((-2 * Fraction(value) + 1) // 2) if value >= 0 else (2 * Fraction(value) + 1) // 2


def _unknown_as_zero(thing: Any, year: int, what: str, *parts: Any) -> Any:
    """An unknown in arithmetic counts as nothing."""
    return 0 if " 第" not in what and not what.startswith("时长") and not any(isinstance(part, str) for part in parts) else logic.combine(thing, year, what, *parts)


def _none_is_unknown(value: Any) -> Any:
    return Unknown(()) if value is NONE else value


def _with_last_row() -> list[Any]:
    kept = interpret.Interpreter.first_row
    return [mock.patch.object(interpret.Interpreter, "first_row", lambda self, rows, thing, year: kept(self, list(reversed(rows)), thing, year))]


def _window_is_longer() -> list[Any]:
    kept = history.History._inside

    def inside(self: Any, entry: Any, window: Any) -> bool:
        return kept(self, entry, dataclasses.replace(window, years=window.years + 1))

    return [mock.patch.object(history.History, "_inside", inside)]


def _keys_not_stated() -> list[Any]:
    kept = assess.Assessor.key_of_entry
    return [mock.patch.object(assess.Assessor, "key_of_entry", lambda self, scope, entry: kept(self, scope, dataclasses.replace(entry, keys=())))]


def _ties_to_the_later(claims: Any, total: int) -> Any:
    """按比例核减 with left-over 分 of equal claims going to the later id."""
    names = sorted(claims, reverse=True)
    shares = allocate.share_out({place: claims[name] for place, name in enumerate(names)}, total)
    return {names[place]: share for place, share in shares.items()}


def _loose_children_forgotten() -> list[Any]:
    kept = interpret.Interpreter.children
    return [mock.patch.object(interpret.Interpreter, "children", lambda self, hop, parent, year: (kept(self, hop, parent, year)[0], []))]


def _places_not_taken() -> list[Any]:
    return [mock.patch.object(assess.Assessor, "_places_taken", lambda *_: 0)]


def _later_clause_wins() -> list[Any]:
    kept = waterfall._one_matter
    return [mock.patch.object(waterfall, "_one_matter", lambda group, key, members, treatment, highest: kept(group, key, _turned(members), treatment, highest))]


def _turned(members: list[Any]) -> list[Any]:
    for line in members:
        line.claim.place = -line.claim.place
    return members


def _estimates_are_paid() -> list[Any]:
    kept = assess.Assessor.assess

    def assess_(self: Any, name: str, thing: Any, year: int) -> Any:
        claim = kept(self, name, thing, year)
        claim.provisional = ()
        return claim

    return [mock.patch.object(assess.Assessor, "assess", assess_)]


def _before_the_start_unknown() -> list[Any]:
    return [mock.patch.object(Vocabulary, "start_fact", lambda self, kind: "")]


def _after_one_day_late() -> list[Any]:
    kept = period.after
    from datetime import timedelta

    return [mock.patch.object(interpret, "after", lambda start, amount, unit: kept(start, amount, unit) + timedelta(days=unit == "年"))]


def _already_is_not_met() -> list[Any]:
    def already(line: Any, reason: str) -> None:
        line.outcome, line.amounts["补差后"] = Outcome.NOT_MET, 0

    return [mock.patch.object(waterfall, "_already", already)]


def _amount_kept(line: Any, limit: Any, amount: Any, *_: Any) -> Any:
    return amount


def _everyone_may_stay(lines: list[Any]) -> None:
    for line in lines:
        line.amounts["名额后"] = line.amounts.get("封顶后")


def _spent_forgotten() -> list[Any]:
    kept = totals._one_pot

    def pot(total: Any, key: Any, lines: Any, place: Any, defects: Any) -> Any:
        return kept(dataclasses.replace(total, spent=lambda _: 0), key, lines, place, defects)

    return [mock.patch.object(totals, "_one_pot", pot)]


def _no_outside() -> list[Any]:
    return [mock.patch.object(waterfall, "_less_outside", lambda line, amount, highest, stage: amount)]


def _count_unknown_as_no(taken: Any, doubtful: int, missing: Any, count: int, of: Any, year: int, open_list: bool) -> int:
    return len(taken)


MUTANTS: dict[str, Patches] = {
    "a half goes down": _entry(money.ROUNDINGS, "四舍五入到分", (1, _half_down)),
    "a cap is ignored": _attribute(waterfall, "_cut", _amount_kept),
    "an unknown is zero in arithmetic": _attribute(interpret, "combine", _unknown_as_zero),
    "at least means more than": _entry(logic.COMPARE, "≥", lambda a, b: a > b),
    "less than means at most": _entry(logic.COMPARE, "<", lambda a, b: a <= b),
    "无 is unknown as a condition": lambda: [mock.patch.object(module, "truth", _none_is_unknown) for module in (interpret, assess, functions)],
    "whole steps are proportional": _entry(interpret._LOWER, Step, lambda self, node, context: interpret.Interpreter._step(self, dataclasses.replace(node, word="每"), context)),
    "the last row that holds wins": _with_last_row,
    "每N年 looks back a year further": _window_is_longer,
    "keys stated by the ledger are not read": _keys_not_stated,
    "left-over 分 of equal claims go to the later clause": _attribute(totals, "share_out", _ties_to_the_later),
    "children whose parent is unknown are forgotten": _loose_children_forgotten,
    "places used by earlier batches are not counted": _places_not_taken,
    "of equal claims the later clause wins": _later_clause_wins,
    "estimates are paid": _estimates_are_paid,
    "before 起年 is unknown": _before_the_start_unknown,
    "a year is full a day later": _after_one_day_late,
    "已享受 is 不符合": _already_is_not_met,
    "名额 is ignored": _attribute(waterfall, "rank_claims", _everyone_may_stay),
    "what a total has spent is forgotten": _spent_forgotten,
    "payments under other policies are not taken off": _no_outside,
    "a doubtful child is not counted": _entry(folds.FOLDS, "个数", _count_unknown_as_no),
    "bounds decide nothing": _attribute(interpret, "by_bounds", lambda value, operator, bound: None),
    "the office waits for the applicant": lambda: [mock.patch.object(module, "OFFICE_SOURCES", frozenset()) for module in (interpret,)],
    "a tie at the cut is shared without its remainder": lambda: [mock.patch.object(ranking, "divmod", lambda a, b: (a // b, 0), create=True)],
    "lowered standards keep their left-over 分": lambda: [mock.patch.object(allocate, "sorted", lambda *a, **k: [] if k else sorted(*a), create=True)],
    "money is not clawed back": lambda: [mock.patch("duixian.pipeline._claw_back", lambda *_: None)],
    "recognitions look at what was filled in": _attribute(interpret.Interpreter, "_recognise", lambda self, rule, thing, year: thing.values.get((rule.name, year), False)),
    "a missing decision waits for the applicant": lambda: [mock.patch.object(interpret, "Waits", mock.Mock(OFFICE=Waits.APPLICANT, APPLICANT=Waits.APPLICANT))],
}  # fmt: skip


RARE = (  # shown by few settlements: looked for at night
    "left-over 分 of equal claims go to the later clause", "a year is full a day later", "a tie at the cut is shared without its remainder",
    "lowered standards keep their left-over 分", "money is not clawed back", "a half goes down",
)  # fmt: skip


def mutated(name: str) -> Settle:
    """An interpreter with one fault."""
    patches = MUTANTS[name]

    def settle(world: World) -> Any:
        with ExitStack() as stack:
            for patch in patches():
                stack.enter_context(patch)
            return world.settle()

    return settle
