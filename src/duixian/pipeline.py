"""The whole journey on one page: policy → claims → waterfall → totals → settlement. No rule and no arithmetic of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .award.history import History
from .award.record import Line
from .award.totals import TotalResult, apply_totals
from .award.waterfall import run_waterfall, too_large
from .engine.assess import Assessor
from .engine.ground import Ground, enabled_groups, ground, highest_rule, in_order, total_rule
from .engine.interpret import Interpreter
from .policy.keys import keys_twice
from .policy.model import Policy
from .policy.readings import Bound, bind
from .policy.source import Coverage
from .policy.standards import Standards
from .values.diagnostic import Defects, Diagnostic, Place
from .values.diagnostic import in_order as in_report_order
from .values.facts import Facts, Paid
from .values.terms import OTHER_POLICY, THIS_POLICY


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


def prepare(policy: Policy, standards: Standards, facts: Facts, ledger: Iterable[Paid], choices: Mapping[str, str] | None = None, *,
            traced: bool = False) -> tuple[Bound, Ground, Assessor, list[Paid]]:  # fmt: skip
    """A policy bound to the readings of a year and prepared over facts and ledger, ready to be asked."""
    bound = bind(policy, {**standards.choices, **(choices or {})})
    fixed = ground(bound)
    entries = [entry for entry in ledger if entry.document in fixed.history and entry.document != OTHER_POLICY]
    interpreter = Interpreter(bound, facts, entries, standards, fixed.validity, fixed.unset_standard, traced=traced)
    assessor = Assessor(interpreter, rounding=fixed.rounding, year_rule=fixed.year_rule, groups=enabled_groups(bound, standards))
    return bound, fixed, assessor, entries


def settle(
    policy: Policy, year: int, facts: Facts, ledger: Iterable[Paid] = (), standards: Standards | None = None, choices: Mapping[str, str] | None = None
) -> Settlement:
    """Settle one year of one policy exactly. Raises Defects where facts contradict themselves, two objects have one key, an amount is too large, or a total cannot be applied."""
    standards = standards or Standards(year)
    ledger = list(ledger)
    if twice := keys_twice(facts, policy.vocabulary):
        raise Defects(twice)
    bound, fixed, assessor, entries = prepare(policy, standards, facts, ledger, choices)
    contradictions = given_against_computed(policy, facts, assessor.interpreter, year)
    if contradictions:
        raise Defects(contradictions)
    history = History(list(entries), year, fixed.validity, assessor.key_of_entry)
    claims = list(assessor.claims(year))
    lines = run_waterfall(claims, history, highest_rule(bound, standards))
    if excessive := too_large(lines):
        raise Defects(excessive)
    _claw_back(lines, ledger, year)
    totals, defects = apply_totals(
        lines,
        [total_rule(total, assessor, entries, year, fixed.validity) for total in in_order([*bound.totals, *standards.totals])],
        Place(policy.document.file),
    )
    if defects:
        raise Defects(defects)
    return Settlement(policy, bound, year, standards, fixed, lines, totals, notices=notices_of(fixed, totals))


def _claw_back(lines: list[Line], ledger: list[Paid], year: int) -> None:
    """追回已付: what a cancelled claim has already had this year under this policy."""
    for line in lines:
        if line.claim.claw_back:
            line.claw_back_fen = sum(
                entry.amount_fen for entry in ledger
                if entry.award == line.claim.award and entry.object_key == line.claim.key and entry.year == year and entry.document == THIS_POLICY
            )  # fmt: skip


def given_against_computed(policy: Policy, facts: Facts, interpreter: Interpreter, year: int) -> list[Diagnostic]:
    """算法: a figure that is both given and computable must agree with itself; one without 期间 is held against what the award year comes to."""
    defects = []
    for kind, declared in policy.vocabulary.objects.items():
        for fact in declared.facts.values():
            if fact.formula is None:
                continue
            for thing in facts.all(kind):
                for (name, period), given in list(thing.values.items()):
                    if name != fact.name or not (isinstance(period, int) or period is None):
                        continue
                    computed = interpreter.computed(fact, thing, period if isinstance(period, int) else year)
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


def notices_of(fixed: Ground, totals: list[TotalResult]) -> list[str]:
    """What must be said of a settlement as a whole: why it cannot be paid yet, and what was not controlled."""
    notices = []
    if fixed.draft:
        notices.append("征求意见稿：只能试算，不能支付。")
    for total in totals:
        if total.amount_fen is None:
            notices.append(f"{total.name}未定：没有做总额控制，定下以前不能支付。")
        elif total.method not in ("未超出", "未定"):
            open_ends = [f"另有 {total.waiting} 笔待补充没有参加分配"] if total.waiting else []
            open_ends += [f"其中 {total.provisional} 笔是暂估，标准定下后会变"] if total.provisional else []
            notices.append("；".join([f"{total.name}不足，已{total.method}", *open_ends]) + "。")
    return list(dict.fromkeys(notices))


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What checking a policy folder found. policy is None where the file could not be read far enough."""

    policy: Policy | None
    diagnostics: list[Diagnostic]
    coverage: Coverage | None = None
    examples_run: int = 0

    @property
    def errors(self) -> list[Diagnostic]:
        return [item for item in self.diagnostics if item.is_error]


def check(folder: str | Path) -> CheckReport:
    """Every law over a policy folder, and every example run; nothing is raised for what the author wrote."""
    from .engine.examples import Examples
    from .policy.check import check_policy, coverage
    from .policy.check.consequences import misquoted

    try:
        policy, defects = load(folder)
    except Defects as stop:
        return CheckReport(None, stop.diagnostics)
    found = check_policy(policy, defects)
    examples_run = 0
    if not any(item.is_error and item.code[:3] in ("DX2", "DX3", "DX4") for item in found):  # what does not parse or type cannot run
        examples = Examples(policy)
        unsaid = misquoted(policy, found)
        shown = (item for item in examples.check() if not (item.code in ("DX801", "DX804", "DX701") and (unsaid is None or policy.document.quote_of(item.places[0].line) in unsaid)))
        found = in_report_order([*found, *shown])  # what comes of a number that is not that of the text is not asked
        examples_run = examples.count
    return CheckReport(policy, found, coverage(policy), examples_run)


def load(folder: str | Path) -> tuple[Policy, list[Diagnostic]]:
    """A policy folder, and every defect found while reading it."""
    from .policy.load import load_policy

    return load_policy(Path(folder))
