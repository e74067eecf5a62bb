"""Runs a plan on a relational engine and reads the lines back. The arithmetic is in the SQL; here only rounds are driven and factors solved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..award.record import Claim, Line
from ..award.totals import TotalResult
from ..award.waterfall import EVERY_AWARD, TOGETHER, excess
from ..plan.build import Contradiction, Fixed, contradictions, plan_of
from ..plan.claim import OUTCOMES
from ..plan.sql import FIELD, RECORD, quoted, text
from ..plan.steps import Plan, Rounds, Solve, text_of
from ..policy.model import Policy
from ..policy.readings import Bound, bind
from ..policy.render import show
from ..policy.standards import Standards
from ..values.diagnostic import Defects, Diagnostic, Place
from ..values.facts import Missing, Period
from ..values.frames import KEY, Frames
from ..values.money import TOO_MUCH_FEN, exact, round_money
from ..values.period import parse_date
from ..values.terms import OTHER_POLICY, Outcome, Waits
from .ground import enabled_groups, ground, highest_rule, in_order
from .solve import first_fit, in_proportion, lowered

if TYPE_CHECKING:
    from .relational import Engine

q = quoted
AT_ONCE = 50_000  # claims that share several pots: up to here they are taken one after the other, beyond it round by round
Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class Run:
    """A plan that has been run: its result tables can be read until it is closed.

    Grain of 行: one row an award and object. Amounts in 分. Numbered outcomes are those of `Outcome`, in order.
    """

    engine: Engine
    plan: Plan
    policy: Policy
    bound: Bound
    year: int
    standards: Standards
    frames: Frames
    totals: list[TotalResult] = field(default_factory=list)
    owned: bool = True  # the engine was started for this run
    held: list[str] = field(default_factory=list)  # tables made for this run

    def lines(self, where: str = "") -> list[Line]:
        """Every line, or those of which a test holds (over 种类, 标识, 受益人 …), ordered as the interpreter orders them: by award, then object."""
        return list(self._lines(where))

    def _lines(self, where: str) -> Iterator[Line]:
        if not self.plan.claims:
            return
        columns = ["序", "标识", "种类", "受益人", "状态", "档", "计算额", "计算额分母", "舍入后", "补差后", "封顶后", "名额后", "就高后", "核减后", "应付", "暂估", "追回额", "核减", "缺"]
        rules = list(self.bound.rules.values())
        estimates = {said: names for claim in self.plan.claims for said, names in claim.estimates.items()}
        rows = self.rows(f"SELECT {', '.join(q(name) for name in columns)} FROM {q(self.plan.result)}{f' WHERE {where}' if where else ''}")
        rows.sort(key=lambda row: (row[0], row[1]))
        for place, key, kind, payee, state, tier, top, under, *amounts, payable, provisional, back, cuts, missing in rows:
            rule = rules[place]
            outcome = OUTCOMES[state]
            claim = Claim(rule.name, rule.clause, kind, key, payee or "", "", self.year, place, readings=self.bound.used[rule.name])
            claim.tier = self.plan.tiers[place][tier - 1] if tier else ""
            claim.amount = None if top is None else exact(Fraction(top, under))
            claim.provisional = estimates.get(provisional, ()) if provisional else ()
            line = Line(claim, outcome, missing=missing_of(missing) if outcome is Outcome.NEEDS_DATA else frozenset())
            line.amounts = {"计算额": claim.amount, **dict(zip(("舍入后", "补差后", "封顶后", "名额后", "就高后", "核减后"), amounts)), "应付": payable}
            line.claw_back_fen, line.nominal_fen = back, amounts[0]
            line.cuts = [(name, int(share)) for name, share in (item.split(FIELD) for item in cuts.split(RECORD) if item)]
            yield line

    def name_of(self, key: str) -> str:
        """The 名称 of a payee where it has one on file, else its key."""
        for frame in self.frames.objects.values():
            if frame.find("名称", None) is not None:
                found = self.rows(f"SELECT {q('名称')} FROM {q(frame.name)} WHERE {q('标识')} = {text(key)} AND {q('名称')} IS NOT NULL")
                if found:
                    return str(found[0][0])
        return key

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a SELECT over the steps of the plan and the tables of facts."""
        return self.engine.rows(self.plan.inlined(sql))

    def close(self) -> None:
        """Free what the run holds; an engine started for it alone is closed."""
        if self.owned:
            self.engine.close()
            return
        for name in reversed(self.held):
            self.engine.drop(name)
        self.held.clear()


def missing_of(said: str) -> frozenset[Missing]:
    """The missing items of a text made by the plan."""
    found = set()
    for item in said.split(RECORD):
        if item:
            waits, kind, key, fact, period, note = item.split(FIELD)
            found.add(Missing(list(Waits)[int(waits)], kind, key, fact, _period(period), note))
    return frozenset(found)


def _period(said: str) -> Period:
    if not said:
        return None
    if "至" in said:
        first, last = (parse_date(part) for part in said.split("至"))
        assert first and last
        return (first, last)
    return int(said)


def fixed_of(bound: Bound, standards: Standards) -> Fixed:
    """What the plan has to know of the 通则 and the 就高 of a bound policy."""
    fixed, highest = ground(bound), highest_rule(bound, standards)
    return Fixed(
        fixed.validity, fixed.year_rule, fixed.rounding, fixed.unset_standard, tuple(name for name in fixed.history if name != OTHER_POLICY),
        tuple(enabled_groups(bound, standards)), highest.groups, highest.outside, highest.outside_first, highest.stacking,
        tuple(in_order([*bound.totals, *standards.totals])),
    )  # fmt: skip


def run(policy: Policy, year: int, frames: Frames, engine: Engine, standards: Standards | None = None, choices: Mapping[str, str] | None = None, *,
        reasons: bool = True, progress: Progress | None = None, owned: bool = True, given: Iterable[str] = ()) -> Run:  # fmt: skip
    """Settle one year on an engine whose tables are those of `frames`. Raises Defects where an amount is too large or a total cannot be applied, Uncompiled for a form the plan lacks."""
    standards = standards or Standards(year)
    bound = bind(policy, {**standards.choices, **(choices or {})})
    fixed = fixed_of(bound, standards)
    defects = [defect for check in contradictions(bound, frames, standards, year, fixed) for defect in contradicted(engine, check)]
    if defects:
        raise Defects(defects)
    plan = plan_of(bound, frames, standards, year, fixed, reasons=reasons)
    if excessive := [defect for claim in plan.claims if claim.excess for defect in _excessive(engine, plan, claim)]:
        raise Defects(excessive)
    result = Run(engine, plan, policy, bound, year, standards, frames, owned=owned, held=list(given))
    try:
        _work(result, progress)
    except BaseException:
        if not owned:
            result.close()
        raise
    return result


def _work(result: Run, progress: Progress | None) -> None:
    engine, plan, policy = result.engine, result.plan, result.policy
    defects: list[Diagnostic] = []
    done, awarded = 0, False
    for steps in plan.together():
        if progress:
            progress(done, len(plan.steps), "、".join(f"{step.stage} {step.award or step.name}" if not isinstance(step, Solve) else step.name for step in steps))
        done = 1 + max(map(plan.steps.index, steps))
        result.held += [step.name for step in steps]
        first = steps[0]
        if first.stage == "核减后" and not awarded:
            awarded = True
            _not_too_much(result)
        if isinstance(first, Rounds):
            _rounds(engine, first, plan)
        elif isinstance(first, Solve):
            defects += _solve(engine, first, plan, Place(policy.document.file))
        else:
            engine.stage_each([(step.name, plan.inlined(text_of(step))) for step in steps])
    if not awarded:
        _not_too_much(result)
    if plan.claims:
        result.totals = list(_totals(result))
        defects += _undated(result)
    if defects:
        raise Defects(defects)


def contradicted(engine: Engine, check: Contradiction) -> Iterator[Diagnostic]:
    """DX951 for each object whose figure on file is not the one its details come to."""
    unit, period = check.fact.unit, check.period
    for key, given, computed, under in sorted(engine.rows(check.sql)):
        stated, found = (exact(Fraction(given, check.scale)), exact(Fraction(computed, under))) if check.fact.kind in ("number", "year") else (given, computed)
        details = {"found": f"{period or ''}{'年 ' if period else ''}{check.fact.name}", "expected": f"按明细算出 {show(found, unit)}", "given": f"填报 {show(stated, unit)}"}
        yield Diagnostic("DX951", (Place(f"{check.kind} {key}"),), details)


def _excessive(engine: Engine, plan: Plan, claim: Any) -> Iterator[Diagnostic]:
    """DX955 for each claim of an award that comes to more than money does, or whose cap does."""
    for sql, rounding, what in claim.excess:
        for kind, key, top, under in sorted(engine.rows(plan.inlined(sql))):
            yield excess(claim.rule.name + what, kind, key, round_money(Fraction(top, under), rounding))


def _not_too_much(result: Run) -> None:
    """Raises DX955 for an award whose lines add up to more than money does, or for all awards, at the largest of the lines, before any total adds them."""
    claims = result.plan.claims
    if sum(claim.most for claim in claims) < TOO_MUCH_FEN:
        return
    found, whole, largest = [], 0, []
    for claim in claims:
        ((amount, most),) = result.rows(f"SELECT SUM(wide({q('名额后')})), MAX({q('名额后')}) FROM {q('活·' + claim.rule.name)}")
        whole += int(amount or 0)
        if amount is not None and amount >= TOO_MUCH_FEN:
            found.append(excess(claim.rule.name + TOGETHER, *_first_at(result, claim, most), int(amount)))
        elif most:
            largest.append((-most, claim))
    if whole >= TOO_MUCH_FEN and not found:
        top = min(less for less, _ in largest)
        found.append(excess(EVERY_AWARD + TOGETHER, *min(_first_at(result, claim, -top) for less, claim in largest if less == top), whole))
    if found:
        raise Defects(found)


def _first_at(result: Run, claim: Any, amount: int) -> tuple[str, str]:
    """The first object whose line of an award comes to an amount."""
    kind, key = min(result.rows(f"SELECT {q('种类')}, {q(KEY)} FROM {q(claim.whole)} WHERE {q('名额后')} = {amount}"))
    return kind, key


def _undated(result: Run) -> list[Diagnostic]:
    """按先后发放 needs the day of every claim."""
    found = []
    for total in result.plan.totals:
        if total.overrun == "先到先得" and total.amount is not None:
            cut = f"{q('总额·' + total.name)} WHERE {q(f'核·{total.name}')} IS NOT NULL AND {q('申报日期')} IS NULL"  # there where the pot is exceeded
            undated = {place for (place,) in result.rows(f"SELECT DISTINCT {q('序')} FROM {cut}")}
            for claim in [claim for claim in result.plan.claims if claim.place in undated]:
                lines = f"SELECT {q(result.plan.id)} FROM {cut} AND {q('序')} = {claim.place}"
                rows = result.rows(f"SELECT COALESCE({q('受益人')}, {q(KEY)}) FROM {q(claim.whole)} WHERE {q(result.plan.id)} IN ({lines})")
                found += [Diagnostic("DX953", (Place(result.policy.document.file),), {"found": f"{claim.rule.name} {result.name_of(key)}"}) for (key,) in sorted(rows)]
    return found


def _totals(result: Run) -> Iterator[TotalResult]:
    for total in result.plan.totals:
        keys = [q(f"额·{total.name}·{place + 1}") for place in range(total.keys)]
        cells = [*keys, *(q(name) for name in ("已用", "申报合计", "核定合计", "可用", "待补充", "暂估", "可调"))]
        rows = result.rows(f"SELECT {', '.join(cells)} FROM {q('总·' + total.name)}")
        for row in sorted(rows, key=lambda row: row[: total.keys]):
            key, (spent, claimed, granted, left, waiting, provisional, adjustable) = tuple(row[: total.keys]), row[total.keys :]
            method = "未定" if total.amount is None else "未超出"
            if total.amount is not None and claimed > left:
                method = _method(result, total, key, adjustable)
            yield TotalResult(total.name, total.clause, key, total.amount, spent, claimed, granted, method, waiting, provisional)


def _method(result: Run, total: Any, key: tuple[str, ...], adjustable: bool | None) -> str:
    if total.overrun in ("先到先得", "不予登记"):
        return str(total.overrun)
    if total.overrun == "下调标准":
        pot = "".join(part + FIELD for part in key)
        rows = result.rows(f"SELECT DISTINCT {q('办法')} FROM {q('解·' + total.name)} WHERE {q('池')} = '{pot.replace(chr(39), chr(39) * 2)}'")
        found = [row[0] for row in rows if row[0]]
        if found:
            return str(found[0])
    return "按比例核减" + ("（没有先调低本年标准）" if adjustable and not key else "")


# --- steps that come back ---------------------------------------------------------------------------------------------------------------


def _rounds(engine: Engine, step: Rounds, plan: Plan) -> None:
    """In each round the first claim of all its pots takes what is left of each."""
    waiting, done = f"{step.name}·候", f"{step.name}·得"
    engine.stage(waiting, plan.inlined(step.waiting))
    numbers = range(1, step.pots + 1)
    if engine.rows(f"SELECT COUNT(*) FROM {q(waiting)}")[0][0] <= AT_ONCE:
        _one_by_one(engine, step, waiting)
        engine.drop(waiting)
        return
    rests = ", ".join(q(f"余{n}") for n in numbers)
    pots = ", ".join(q(f"池{n}") for n in numbers)
    engine.stage(f"{done}0", f"SELECT {q('标识')}, {q('种类')}, {rests}, {pots}, {q('额')} AS {q('得')} FROM {q(waiting)} WHERE 1 = 0")
    parts, turn, current = [f"{done}0"], 0, waiting
    while engine.rows(f"SELECT COUNT(*) FROM {q(current)}")[0][0]:
        turn += 1
        heads = " AND ".join(f"({q(f'池{n}')} IS NULL OR {q('序')} = MIN({q('序')}) OVER (PARTITION BY {q(f'池{n}')}))" for n in numbers)
        flagged = f"SELECT *, {heads} AS {q('_头')} FROM {q(current)}"
        lefts = [f"CASE WHEN {q(f'池{n}')} IS NOT NULL THEN {q(f'余{n}')} END" for n in numbers]
        rest = lefts[0] if len(lefts) == 1 else f"LEAST({', '.join(lefts)})"
        take = f"CASE WHEN {q('只看')} THEN 0 WHEN ({rest}) IS NULL OR {q('额')} <= {rest} THEN {q('额')} ELSE {rest} END"
        name = f"{done}{turn}"
        engine.stage(name, f"SELECT {q('标识')}, {q('种类')}, {rests}, {pots}, {take} AS {q('得')} FROM ({flagged}) WHERE {q('_头')}")
        joins, cells = [], [f"c.{q(column)}" for column in ("序", "标识", "种类", "额", "只看")]
        for n in numbers:
            taken = f"SELECT {q(f'池{n}')} AS pot, narrow(SUM(wide({q('得')}))) AS taken FROM {q(name)} WHERE {q(f'池{n}')} IS NOT NULL GROUP BY {q(f'池{n}')}"
            joins.append(f"LEFT JOIN ({taken}) AS g{n} ON g{n}.pot = c.{q(f'池{n}')}")
            left = f"c.{q(f'余{n}')} - COALESCE(g{n}.taken, 0)"
            cells += [f"CASE WHEN {left} < 0 THEN 0 ELSE {left} END AS {q(f'余{n}')}", f"c.{q(f'池{n}')}"]
        following = f"{waiting}{turn}"
        engine.stage(following, f"SELECT {', '.join(cells)} FROM (SELECT * FROM ({flagged}) WHERE NOT {q('_头')}) AS c {' '.join(joins)}")
        parts.append(name)
        if current != waiting:
            engine.drop(current)
        current = following
    engine.stage(step.name, " UNION ALL ".join(f"SELECT * FROM {q(name)}" for name in parts))
    for name in [*parts, waiting, *([current] if current != waiting else [])]:
        engine.drop(name)


def _one_by_one(engine: Engine, step: Rounds, waiting: str) -> None:
    """The same for few claims: in order, each takes what is left of every pot it has; a pot of many claims would be as many rounds."""
    import pyarrow as arrow

    numbers = range(1, step.pots + 1)
    cells = ["标识", "种类", "额", "只看", *(f"余{n}" for n in numbers), *(f"池{n}" for n in numbers)]
    rows = engine.rows(f"SELECT {', '.join(q(cell) for cell in cells)} FROM {q(waiting)} ORDER BY {q('序')} NULLS LAST")
    taken: dict[tuple[int, str], int] = {}
    found = []
    for key, kind, asked, only_looks, *more in rows:
        pots = more[step.pots :]
        rests = [rest if pot is None else max(0, rest - taken.get((n, pot), 0)) for n, (rest, pot) in enumerate(zip(more, pots))]
        take = 0 if only_looks else min([asked, *(rest for rest, pot in zip(rests, pots) if pot is not None)])
        for n, pot in enumerate(pots):
            if pot is not None:
                taken[n, pot] = taken.get((n, pot), 0) + take
        found.append((key, kind, *rests, *pots, take))
    names = ["标识", "种类", *(f"余{n}" for n in numbers), *(f"池{n}" for n in numbers), "得"]
    columns = {name: [row[place] for row in found] for place, name in enumerate(names)}
    engine.register(step.name, arrow.table({name: arrow.array(values, arrow.int64() if name[0] in "余得" else arrow.string()) for name, values in columns.items()}))


def _solve(engine: Engine, step: Solve, plan: Plan, place: Place) -> list[Diagnostic]:
    """Rows of the exceeded pots out, shares back."""
    import pyarrow as arrow

    columns = ("序", "号", "种类", "限", "分子", "分母", "已付", "可调", "申报日期", "可用", "池")
    pots: dict[str, list[dict[str, Any]]] = {}
    for row in engine.rows(f"SELECT {', '.join(q(name) for name in columns)} FROM ({plan.inlined(step.rows)})"):
        item = dict(zip(columns, row))
        pots.setdefault(item["池"], []).append(item)
    defects: list[Diagnostic] = []
    out: dict[str, list[Any]] = {name: [] for name in ("序", "号", "种类", "份额", "办法", "池")}
    for pot, rows in sorted(pots.items()):
        rows.sort(key=lambda row: (row["序"], row["号"]))
        if step.method == "不予登记":
            shares, method = first_fit(rows), step.method
        else:
            solved = lowered(rows)
            if solved is None:
                defects.append(Diagnostic("DX952", (place,), {"name": step.name.removeprefix("解·"), "expected": "有可以下调的另定标准", "found": "固定标准已超过总额"}))
                solved = in_proportion(rows), "按比例核减"  # refused in any case; the totals after it are looked at as they would stand
            shares, method = solved
        for row, share in zip(rows, shares):
            for name, value in (("序", row["序"]), ("号", row["号"]), ("种类", row["种类"]), ("份额", share), ("办法", method), ("池", pot)):
                out[name].append(value)
    types = {"序": arrow.int32(), "号": arrow.string() if plan.id == KEY else arrow.int32(), "种类": arrow.string(), "份额": arrow.int64(), "办法": arrow.string(), "池": arrow.string()}
    engine.register(step.name, arrow.table({name: arrow.array(values, types[name]) for name, values in out.items()}))
    return defects


