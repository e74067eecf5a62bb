"""A bound policy and the shape of the facts → the whole plan of a year."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..policy.model import Group, Total
from ..policy.readings import Bound
from ..policy.standards import Standards
from ..policy.syntax import Number, Word
from ..policy.vocabulary import Fact
from ..values.frames import KEY, Frames, number_name
from ..values.money import round_money
from ..values.period import Validity
from ..values.terms import THIS_POLICY
from . import together
from .claim import ClaimPlan
from .claims import Claims
from .lower import Lowering
from .place import Place
from .pots import Outside
from .query import Query
from .sql import compare, quoted, text
from .steps import Plan, Step
from .stored import Ground
from .together import TotalPlan
from .totals import apply
from .varying import Varying
from .waterfall import Waterfall

SMALL = 200_000  # objects: up to here every line is held
FEW = 20_000  # objects: up to here what is long and read again is held too


@dataclass(frozen=True, slots=True)
class Contradiction:
    """算法: a SELECT of the objects whose figure on file is not the one computed. Columns: 标识, 填报, 算出, 分母."""

    kind: str
    fact: Fact
    period: int | None
    scale: int
    sql: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """What the 通则 and the 就高 of a bound policy fix, in the order the waterfall takes it."""

    validity: Validity
    year_rule: str
    rounding: str
    unset_standard: str
    documents: tuple[str, ...]  # whose payments count as history
    groups: tuple[Group, ...]  # 就高 groups that are on
    treatments: tuple[tuple[str, str], ...]  # group -> 就高 | 提示 | 申报单位选择
    outside: str
    outside_first: bool
    stacking: Mapping[str, frozenset[str]]
    totals: tuple[Total, ...]  # in the order they are applied


def plan_of(bound: Bound, frames: Frames, standards: Standards, year: int, fixed: Fixed, *, reasons: bool = True,
            varying: Varying | None = None) -> Plan:  # fmt: skip
    """The plan of one year. Raises Uncompiled for a form it does not have. reasons: with the columns that explain.

    varying: the numbers that differ between the variants of a sweep; the plan then holds only lines that may still change (engine/sweep.py).
    """
    lowering = Lowering(bound, frames, standards, Ground(fixed.validity, fixed.unset_standard), fixed.documents)
    lowering.varying = varying or {}
    lowering.years = (year,)
    plan = Plan(year)
    objects = sum(frame.rows for frame in frames.objects.values())
    writer = Claims(lowering, year, rounding=fixed.rounding, year_rule=fixed.year_rule, groups=list(fixed.groups), validity=fixed.validity)
    fall = Waterfall(plan, lowering, fixed.validity, Outside(fixed.outside, fixed.outside_first), reasons=reasons,
                     small=varying is None and objects <= SMALL)  # fmt: skip
    claims = []
    for rule in bound.rules.values():
        if rule.kind == "认定" or not lowering.kinds_of(rule.object):
            continue
        claim = writer.of(rule)
        fall.award(claim)
        claims.append(claim)
        plan.awards[claim.place], plan.tiers[claim.place], plan.conditions[claim.place] = rule.name, claim.tiers, claim.conditions
    plan.claims = claims
    if not claims:
        return plan
    totals = [_total(total, fall, standards, year, fixed) for total in fixed.totals]
    plan.totals = totals
    groups = tuple(name for name, treatment in fixed.treatments if treatment != "提示")
    many = any(len(lowering.kinds_of(claim.rule.object)) > 1 for claim in claims)
    gathered, rows = together.gather(plan, claims, groups, totals, id=KEY if frames.numbers is None else number_name(KEY), kinds=many or varying is not None, reasons=reasons)
    highest = together.highest(plan, gathered, rows, fixed.treatments, fall.outside, fixed.stacking, claims)
    plan.untotalled, plan.id, plan.payee = highest, rows.id[1:-1], rows.payee[1:-1]
    applied = apply(plan, highest, rows, totals, everyone=not frames.applied and all(frame.rows for frame in frames.objects.values()))
    together.finish(plan, applied, rows, claims, totals)
    if varying is None and objects <= FEW:
        plan.hold_what_is_long()
    return plan


def amount_of(total: Total, standards: Standards) -> int | None:
    """What a total comes to for the year, in whole 分; None where it is not set."""
    setting = standards.settings.get((getattr(total.amount, "name", "") or total.name, ""))
    amounts = [setting.value] if setting and setting.value is not None else []
    if isinstance(total.amount, Number):
        amounts.append(total.amount.value)
    return round_money(min(amounts), "舍去到分") if amounts else None


def _total(total: Total, fall: Waterfall, standards: Standards, year: int, fixed: Fixed) -> TotalPlan:
    amount = amount_of(total, standards)
    names = tuple(key.text for key in total.scope.keys)
    covered = [claim.rule.name for claim in fall.done if total.name in claim.pots]
    window = total.scope.time
    years = [item for award in covered for item in fall.lowering.frames.ledger_years.get(award, ()) if _counts(item, window, year, fixed.validity)]
    ledger = ""
    if years and THIS_POLICY in fixed.documents:
        parts = [fall.ledger(fall.lowering.bound.rules[award], sorted(set(years)), names, (False,) * len(names), ("奖补", "年度", "金额")) for award in covered if set(fall.lowering.frames.ledger_years.get(award, ())) & set(years)]
        if parts:
            sql = "\nUNION ALL ".join(parts).replace(" IN (" + ", ".join("'" + name + "'" for name in fixed.documents) + ")", f" IN ('{THIS_POLICY}')")
            ledger = fall.plan.add(Step(f"账·{total.name}", "台账", f"{total.name}以前已用的每一笔", sql, keep=True, clause=total.clause))
    overrun = total.overrun.text if isinstance(total.overrun, Word) else "按比例核减"
    return TotalPlan(total.name, total.clause, amount, overrun, bool(total.register), len(names), tuple(sorted(set(years))), ledger,
                     tuple((claim.rule.name, claim.pots[total.name]) for claim in fall.done if total.name in claim.pots))  # fmt: skip


def _counts(entry_year: int, window: object, year: int, validity: Validity) -> bool:
    kind, years = getattr(window, "kind", ""), getattr(window, "years", 1)
    inside = {"每年": entry_year == year, "累计": entry_year <= year, "政策期内": entry_year <= year and validity.holds_year(entry_year)}
    return inside.get(kind, year - years < entry_year <= year)


def contradictions(bound: Bound, frames: Frames, standards: Standards, year: int, fixed: Fixed) -> list[Contradiction]:
    """Where a figure is both given and computable it must agree with itself: one check a stored column with an 算法, without 期间 in the award year."""
    lowering = Lowering(bound, frames, standards, Ground(fixed.validity, fixed.unset_standard), fixed.documents)
    found = []
    for kind, declared in bound.policy.vocabulary.objects.items():
        frame = frames.objects.get(kind)
        for fact in declared.facts.values() if frame is not None and frame.rows else ():
            for (name, period), column in frame.columns.items() if frame is not None and fact.formula is not None else ():
                if name != fact.name or not (period is None or isinstance(period, int)):
                    continue
                row = lowering.base(kind, "o", exact=True)
                query = Query(f"(SELECT *, {text(kind)} AS {quoted('种类')} FROM {quoted(frame.name)})", row)
                place = Place(query, row, None, fact.name)
                given = lowering.stored(fact.name, fact.kind, period, place)
                assert fact.formula is not None
                computed = lowering.named_let(lowering.lower(fact.formula, place, period or year), place, "算出")
                if computed.kind != given.kind or computed.sql.startswith("CAST(NULL"):
                    continue
                under = f"wide({computed.over or '1'}) * {computed.den}" if computed.kind == "number" else "1"
                select = {KEY: lowering.key(place), "填报": given.sql, "算出": computed.sql, "分母": under}
                where = f"{given.sql} IS NOT NULL AND {computed.sql} IS NOT NULL AND NOT {compare(given, '=', computed)}"
                found.append(Contradiction(kind, fact, period, column.scale, query.text(select, where=where)))
    return found


def amounts_of(bound: Bound, frames: Frames, standards: Standards, year: int, fixed: Fixed, awards: Iterable[str], ready: str = "") -> dict[str, tuple[str, str]]:
    """Each award by itself, as if nothing had been paid and nobody else applied: after 封顶, 0 where nothing is due, NULL where it is not decided.

    Grain: one SELECT an object type, one row an object (标识, and its number where there are any), one column an award; whole 分. What a benchmark measures.

    Beside it what it reads: a table of these rows, relations followed and lists added up. ready: the SELECT reads a table 〈ready〉〈type〉 of them.
    """
    lowering = Lowering(bound, dataclasses.replace(frames, ledger_years={}), standards, Ground(fixed.validity, fixed.unset_standard), fixed.documents)
    lowering.years = (year,)
    writer = Claims(lowering, year, rounding=fixed.rounding, year_rule=fixed.year_rule, groups=[], validity=fixed.validity)
    first: dict[str, ClaimPlan] = {}
    selects: dict[str, dict[str, str]] = {}
    for name in awards:
        rule = bound.rules[name]
        claim = writer.of(rule, first.get(rule.object))
        first.setdefault(rule.object, claim)
        refused, doubtful, fen = claim.alone
        least = [fen, *(_limit(claim.select[cap.has], claim.select[cap.limit]) for cap in claim.caps)]
        amount = f"LEAST({', '.join(least)})" if len(least) > 1 else fen
        branches = [f"WHEN {refused} THEN 0"] if refused != "FALSE" else []
        branches += [f"WHEN {doubtful} THEN NULL"] if doubtful != "FALSE" else []
        keys = {column: claim.select[column] for column in (KEY, number_name(KEY)) if column in claim.select}
        selects.setdefault(rule.object, keys)[name] = f"CASE {' '.join(branches)} ELSE {amount} END" if branches else amount
    return {kind: (first[kind].query.text(select, ready=ready + kind if ready else ""), first[kind].query.read(select)) for kind, select in selects.items()}


def _limit(has: str, limit: str) -> str:
    return limit if has == "TRUE" else f"CASE WHEN {has} THEN {limit} END"
