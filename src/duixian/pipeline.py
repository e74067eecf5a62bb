"""The whole journey on one page: policy → claims → waterfall → totals → settlement. No rule and no arithmetic of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .award.history import History
from .award.record import Key, Line
from .award.totals import TotalResult, TotalRule, apply_totals
from .award.waterfall import HighestRule, run_waterfall
from .engine.assess import Assessor
from .engine.interpret import Interpreter
from .policy.model import Group, Policy, Total
from .policy.readings import Bound, bind, words
from .policy.standards import Standards
from .policy.syntax import Number, Word
from .values.diagnostic import Defects, Diagnostic, Place
from .values.facts import Facts, Paid
from .values.money import round_money
from .values.period import Validity
from .values.terms import OTHER_POLICY, THIS_POLICY


@dataclass(frozen=True, slots=True)
class Ground:
    """What the 通则 of a bound policy fix for every award."""

    validity: Validity
    year_rule: str
    rounding: str
    unset_standard: str
    history: tuple[str, ...]
    draft: bool


@dataclass(slots=True)
class Settlement:
    """The result of settling one year. Grain of `lines`: one row an award and object, ordered by (award in the policy, object)."""

    policy: Policy
    bound: Bound
    year: int
    standards: Standards
    ground: Ground
    lines: list[Line]
    totals: list[TotalResult]
    warnings: list[Diagnostic] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def payable_fen(self) -> int:
        return sum(line.payable_fen for line in self.lines)

    def entries(self) -> list[Paid]:
        """What this settlement adds to the ledger once it is paid: next year's history."""
        return [
            Paid(line.claim.award, self.year, line.claim.key, line.payable_fen, THIS_POLICY, line.claim.recipient, line.claim.tier, line.nominal_fen)
            for line in self.lines if line.payable_fen > 0
        ]  # fmt: skip


def ground(bound: Bound) -> Ground:
    """Read the 通则: validity, year rule, rounding, what counts as history, whether this is a draft."""
    validity, year_rule, rounding, unset, history, draft = Validity(), "年末在有效期内", "四舍五入到分", "暂估", (THIS_POLICY,), False
    for general in bound.generals:
        if general.validity:
            validity = Validity(*general.validity)
        elif general.provisional or general.effective:
            validity = Validity(general.provisional or general.effective, None)
        year_rule = general.year_rule.text if isinstance(general.year_rule, Word) else year_rule
        rounding = general.rounding.text if isinstance(general.rounding, Word) else rounding
        unset = general.unset_standard.text if isinstance(general.unset_standard, Word) else unset
        history = words(general.history) if general.history is not None else history
        draft = draft or general.status == "征求意见稿"
    return Ground(validity, year_rule, rounding, unset, history, draft)


def prepare(policy: Policy, standards: Standards, facts: Facts, ledger: Iterable[Paid], choices: Mapping[str, str] | None = None, *,
            generals: bool | frozenset[str] = True, traced: bool = False) -> tuple[Bound, Ground, Assessor, list[Paid]]:  # fmt: skip
    """A policy bound to the readings of a year and prepared over facts and ledger, ready to be asked."""
    bound = bind(policy, {**standards.choices, **(choices or {})})
    fixed = ground(bound)
    entries = [entry for entry in ledger if entry.document in fixed.history and entry.document != OTHER_POLICY]
    interpreter = Interpreter(bound, facts, entries, standards, fixed.validity, fixed.unset_standard, traced=traced)
    assessor = Assessor(interpreter, rounding=fixed.rounding, year_rule=fixed.year_rule, groups=enabled_groups(bound, standards), generals=generals)
    return bound, fixed, assessor, entries


def settle(policy: Policy, year: int, facts: Facts, ledger: Iterable[Paid] = (), standards: Standards | None = None, choices: Mapping[str, str] | None = None, *,
           generals: bool | frozenset[str] = True) -> Settlement:  # fmt: skip
    """Settle one year of one policy exactly. Raises Defects where facts contradict themselves or a total cannot be applied."""
    standards = standards or Standards(year)
    ledger = list(ledger)
    bound, fixed, assessor, entries = prepare(policy, standards, facts, ledger, choices, generals=generals)
    contradictions = given_against_computed(policy, facts, assessor.interpreter)
    if contradictions:
        raise Defects(contradictions)
    history = History(list(entries), year, fixed.validity, assessor.key_of_entry)
    claims = list(assessor.claims(year))
    lines = run_waterfall(claims, history, highest_rule(bound, standards))
    _claw_back(lines, ledger, year)
    totals, defects = apply_totals(lines, [total_rule(total, assessor, entries, year, fixed.validity) for total in _in_order([*bound.totals, *standards.totals])], Place(policy.document.file))
    if defects:
        raise Defects(defects)
    return Settlement(policy, bound, year, standards, fixed, lines, totals, notices=_notices(fixed, totals))


def enabled_groups(bound: Bound, standards: Standards) -> list[Group]:
    """The 就高 groups that are on: those 启用 names, and those the year's file adds."""
    groups = [group for highest in bound.highest for group in highest.groups if highest.enabled is None or group.name in words(highest.enabled)]
    return [*groups, *standards.groups]


def highest_rule(bound: Bound, standards: Standards) -> HighestRule:
    outside = next((highest.other_policies.text for highest in bound.highest if isinstance(highest.other_policies, Word)), "")
    first = any(isinstance(highest.offset_order, Word) and highest.offset_order.text == "封顶前" for highest in bound.highest)
    stacking = {rule.name: frozenset(words(rule.stacks_with)) for rule in bound.rules.values() if rule.stacks_with}
    for name, others in list(stacking.items()):
        for other in others:
            stacking[other] = stacking.get(other, frozenset()) | {name}
    return HighestRule(tuple((group.name, group.treatment == "提示") for group in enabled_groups(bound, standards)), outside, first, stacking)


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
    awards = [rule.name for rule in assessor.bound.rules.values() if total.name in assessor.prepared(rule.name).pots] if entries else []
    window = total.scope.time

    def spent(key: Key) -> int:
        taken = 0
        for entry in entries:
            inside = {"每年": entry.year == year, "累计": entry.year <= year, "政策期内": entry.year <= year and validity.holds_year(entry.year)}.get(
                window.kind, year - window.years < entry.year <= year)
            if inside and entry.document == THIS_POLICY and entry.award in awards and (not names or assessor.key_of_entry(scope, entry) == key):
                taken += entry.amount_fen
        return taken

    overrun = total.overrun.text if isinstance(total.overrun, Word) else "按比例核减"
    return TotalRule(total.name, total.clause, amount, overrun, bool(total.register), spent)


def _in_order(totals: list[Total]) -> list[Total]:
    """Clause totals before the ones over everything, smaller groups before larger ones."""
    return sorted(totals, key=lambda total: (total.range_all, -len(total.scope.keys)))


def _claw_back(lines: list[Line], ledger: list[Paid], year: int) -> None:
    """追回已付: what a cancelled claim has already had this year under this policy."""
    for line in lines:
        if line.claim.claw_back:
            line.claw_back_fen = sum(
                entry.amount_fen for entry in ledger
                if entry.award == line.claim.award and entry.object_key == line.claim.key and entry.year == year and entry.document == THIS_POLICY
            )  # fmt: skip


def given_against_computed(policy: Policy, facts: Facts, interpreter: Interpreter) -> list[Diagnostic]:
    """算法: a figure that is both given and computable must agree with itself."""
    defects = []
    for kind, declared in policy.vocabulary.objects.items():
        for fact in declared.facts.values():
            if fact.formula is None:
                continue
            for thing in facts.all(kind):
                for (name, period), given in list(thing.values.items()):
                    if name != fact.name or not (isinstance(period, int) or period is None):
                        continue
                    computed = interpreter._computed(fact, thing, period if isinstance(period, int) else 0)
                    if isinstance(computed, type(given)) or (_number(computed) and _number(given)):
                        if computed != given:
                            defects.append(_contradiction(kind, thing.key, name, period, given, computed, fact.unit))
    return defects


def _number(value: Any) -> bool:
    from fractions import Fraction

    return isinstance(value, (int, Fraction)) and not isinstance(value, bool)


def _contradiction(kind: str, key: str, name: str, period: Any, given: Any, computed: Any, unit: str) -> Diagnostic:
    from .policy.render import show

    return Diagnostic("DX951", (Place(f"{kind} {key}"),), {"found": f"{period or ''}{'年 ' if period else ''}{name}",
                                                           "expected": f"按明细算出 {show(computed, unit)}", "given": f"填报 {show(given, unit)}"})  # fmt: skip


def _notices(fixed: Ground, totals: list[TotalResult]) -> list[str]:
    notices = []
    if fixed.draft:
        notices.append("征求意见稿：只能试算，不能支付。")
    for total in totals:
        if total.amount_fen is None:
            notices.append(f"{total.name}未定：没有做总额控制，定下以前不能支付。")
        elif total.method not in ("未超出", "未定"):
            notices.append(f"{total.name}不足，已{total.method}" + (f"；另有 {total.waiting} 笔待补充没有参加分配" if total.waiting else "") + "。")
    return list(dict.fromkeys(notices))


def load(folder: str | Path) -> tuple[Policy, list[Diagnostic]]:
    """A policy folder, and every defect found while reading it."""
    from .policy.load import load_policy

    return load_policy(Path(folder))
