"""What a bound policy fixes for all its claims: the 通则 as one record, the 就高 and 总额 rules in the form the waterfall takes."""

from __future__ import annotations

from dataclasses import dataclass

from ..award.totals import TotalRule
from ..award.waterfall import HighestRule
from ..policy.model import Group, Total
from ..policy.readings import Bound, words
from ..policy.standards import Standards
from ..policy.syntax import Number, Word
from ..values.facts import Paid
from ..values.money import round_money
from ..values.period import Validity
from ..values.terms import THIS_POLICY
from .assess import Assessor


@dataclass(frozen=True, slots=True)
class Ground:
    """What the 通则 of a bound policy fix for every award."""

    validity: Validity
    year_rule: str
    rounding: str
    unset_standard: str
    history: tuple[str, ...]
    draft: bool


def ground(bound: Bound) -> Ground:
    """Read the 通则: validity, year rule, rounding, what counts as history, whether this is a draft."""
    validity, year_rule, rounding, unset, history, draft = Validity(), "年末在有效期内", "四舍五入到分", "暂估", (THIS_POLICY,), False
    for general in bound.generals:
        if general.validity:
            start, end = general.validity
            validity = Validity(start or validity.start, end)
        if (start := general.provisional or general.effective) and validity.start is None:  # 有效期 holds wherever it stands
            validity = Validity(start, validity.end)
        year_rule = general.year_rule.text if isinstance(general.year_rule, Word) else year_rule
        rounding = general.rounding.text if isinstance(general.rounding, Word) else rounding
        unset = general.unset_standard.text if isinstance(general.unset_standard, Word) else unset
        history = words(general.history) if general.history is not None else history
        draft = draft or general.status == "征求意见稿"
    return Ground(validity, year_rule, rounding, unset, history, draft)


def enabled_groups(bound: Bound, standards: Standards) -> list[Group]:
    """The 就高 groups that are on: those 启用 names, and those the year's file adds."""
    groups = [group for highest in bound.highest for group in highest.groups if highest.enabled is None or group.name in words(highest.enabled)]
    return [*groups, *standards.groups]


def highest_rule(bound: Bound, standards: Standards) -> HighestRule:
    """就高 in the form the waterfall takes: the groups that are on, other policies, what stacks with what."""
    outside = next((highest.other_policies.text for highest in bound.highest if isinstance(highest.other_policies, Word)), "")
    first = any(isinstance(highest.offset_order, Word) and highest.offset_order.text == "封顶前" for highest in bound.highest)
    stacking = {rule.name: frozenset(words(rule.stacks_with)) for rule in bound.rules.values() if rule.stacks_with}
    for name, others in list(stacking.items()):
        for other in others:
            stacking[other] = stacking.get(other, frozenset()) | {name}
    by_choice = {group.name for highest in bound.highest for group in highest.groups if highest.by_choice(group)}
    groups = [(group.name, "申报单位选择" if group.name in by_choice else group.treatment) for group in enabled_groups(bound, standards)]
    return HighestRule(tuple(groups), outside, first, stacking)


def total_rule(total: Total, assessor: Assessor, entries: list[Paid], year: int, validity: Validity) -> TotalRule:
    """A total with its amount for the year and what earlier payments have already taken from each pot."""
    setting = assessor.interpreter.standards.settings.get((getattr(total.amount, "name", "") or total.name, ""))
    amounts = [setting.value] if setting and setting.value is not None else []
    if isinstance(total.amount, Number):
        amounts.append(total.amount.value)
    amount = round_money(min(amounts), "舍去到分") if amounts else None
    names = tuple(key.text for key in total.scope.keys)
    scope = f"总额 {total.name}"
    assessor.scopes[scope] = names
    awards = {rule.name for rule in assessor.bound.rules.values() if total.name in assessor.prepared(rule.name).pots} if entries else set()
    window = total.scope.time

    taken: dict[tuple[str | None, ...], int] = {}  # once for all pots: a year may have thousands of them
    for entry in entries:
        inside = {"每年": entry.year == year, "累计": entry.year <= year, "政策期内": entry.year <= year and validity.holds_year(entry.year)}.get(
            window.kind, year - window.years < entry.year <= year
        )
        if inside and entry.document == THIS_POLICY and entry.award in awards:
            key = assessor.key_of_entry(scope, entry)
            taken[key] = taken.get(key, 0) + entry.amount_fen

    overrun = total.overrun.text if isinstance(total.overrun, Word) else "按比例核减"
    return TotalRule(total.name, total.clause, amount, overrun, bool(total.register), lambda key: taken.get(key, 0))


def in_order(totals: list[Total]) -> list[Total]:
    """Clause totals before the ones over everything, smaller groups before larger ones."""
    return sorted(totals, key=lambda total: (total.range_all, -len(total.scope.keys)))
