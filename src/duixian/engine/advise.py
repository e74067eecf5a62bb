"""What an applicant gets, what is missing, and how far it is to the next tier (还差多少): read off the conditions and tiers, exactly.

A distance is the least change of the figure that would make the comparison true, everything else as it is: to the 分 or the piece where the
unit has a smallest step, and named as a bound to exceed where it has none. Growth rates are turned back into the figure that has to grow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Any

from ..award.record import Limit, Line
from ..policy.render import show
from ..policy.syntax import And, Between, Binary, Call, Compare, In, Is, Node, Not, Number, Or, OrdinalTest, Path, Step
from ..values.facts import Missing, Thing, Unknown
from ..values.labels import amount_text, joined, listed, missing_text, outcome_text, reason_text, say, waits_text
from ..values.messages import Language
from ..values.money import Exact
from ..values.period import after
from ..values.terms import Outcome, Waits
from .context import Context, Evaluate, Trace
from .explain import Explainer, explain_short
from .figures import quantity, smallest_step
from .logic import NUMBERS, truth
from .prepare import Prepared
from .tell import Lines


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that keeps a condition from holding.

    amount: what the figure lacks (or has too much), in base units; None where no figure can mend it.
    """

    text: str
    amount: Exact | None = None
    unit: str = ""
    now: str = ""
    condition: str = ""

    def said(self, language: Language, *, bare: bool = False) -> str:
        """The gap with what the figure is now and which condition asks for it. bare: the condition is said above."""
        if not self.now:
            return self.text
        if bare:
            return self.text + say("（现在 {value}）", language, value=self.now)
        return self.text + say("（现在 {value}；{condition}）", language, value=self.now, condition=self.condition)


@dataclass(frozen=True, slots=True)
class Tier:
    """A row of the tier table that is not reached yet: what it pays with the figures of today, and what is missing."""

    label: str
    standard: str
    gaps: tuple[Gap, ...]


@dataclass(slots=True)
class Advice:
    """What there is to say to an applicant about one line."""

    line: Line
    gaps: tuple[Gap, ...] = ()
    next_tier: Tier | None = None
    notes: list[str] = field(default_factory=list)


class Adviser:
    """Advises on the lines of one settlement; shares the explainer's traced rules."""

    def __init__(self, explainer: Explainer, lines: Iterable[Line]) -> None:
        self.explainer, self.lines = explainer, list(lines)
        self.interpreter, self.year = explainer.interpreter, explainer.year
        self._lowered: dict[tuple[int, str], tuple[Evaluate, Any]] = {}

    def own_lines(self, key: str) -> list[Line]:
        """The lines of an object: its own claims, those it is paid for, and those of objects that belong to it."""
        return [line for line in self.lines if key in (line.claim.key, line.claim.recipient) or self._belongs(line, key)]

    def _belongs(self, line: Line, key: str) -> bool:
        declared = self.interpreter.vocabulary.objects.get(line.claim.kind)
        if declared is None or not declared.parent:
            return False
        thing = self.interpreter.facts.find(line.claim.kind, line.claim.key)
        return thing is not None and key in (thing.values.get((declared.parent_relation, period)) for period in (None, self.year))

    # --- the page for one applicant -----------------------------------------------------------------------------------------------------

    def advise(self, key: str, language: Language = "zh") -> Lines:
        """Everything to say to the object with this key: what it gets, what to supply, what comes next."""
        own = self.own_lines(key)
        paid, estimated = sum(line.payable_fen for line in own), sum(line.estimate_fen for line in own if line.outcome is Outcome.PROVISIONAL)
        lines = [say("{name}　{year} 年度　可付 {amount}", language, name=self._name(key), year=self.year, amount=amount_text(paid, language))
                 + (say("，暂估 {amount}", language, amount=amount_text(estimated, language)) if estimated else "")]  # fmt: skip
        by_outcome = (
            ("已经够得上", (Outcome.PAYABLE, Outcome.PROVISIONAL, Outcome.REGISTRABLE)),
            ("补充后才能定", (Outcome.NEEDS_DATA,)),
            ("还够不上", (Outcome.NOT_MET,)),
            ("已经享受或用完", (Outcome.ALREADY_AWARDED, Outcome.CAP_EXHAUSTED, Outcome.CANCELLED)),
        )
        for title, outcomes in by_outcome:
            members = [line for line in own if line.outcome in outcomes]
            if not members:
                continue
            lines += ["", say(title, language)]
            for line in members:
                lines += self._block(self.look(line, language), key, language)
        lines += self._missing(own, language)
        return lines if own else [*lines, "  " + say("没有一项奖补以它为对象", language)]

    def _name(self, key: str) -> str:
        for kind, things in self.interpreter.facts.things.items():
            if key in things:
                name = things[key].values.get(("名称", None))
                return f"{kind} {key}（{name}）" if isinstance(name, str) else f"{kind} {key}"
        return key

    def _block(self, advice: Advice, key: str, language: Language) -> Lines:
        line, claim = advice.line, advice.line.claim
        amount = line.payable_fen if line.outcome is Outcome.PAYABLE else line.estimate_fen if line.outcome is Outcome.PROVISIONAL else None
        gap = "　" if language == "zh" else "  "
        thing = "" if claim.key == key else f"{gap}{claim.kind} {claim.key}"
        payee = say("　受益人：{who}", language, who=claim.recipient_name or claim.recipient) if claim.recipient not in ("", key) else ""
        head = f"  {claim.clause}{claim.award}{thing}{payee}{gap}{outcome_text(line.outcome, language)}"
        lines = [head + (f" {amount_text(amount, language)}" if amount is not None else "")]
        if line.outcome in (Outcome.ALREADY_AWARDED, Outcome.CAP_EXHAUSTED, Outcome.CANCELLED):
            lines.append("      " + explain_short(line, language, self.explainer.words(claim.award) if language == "en" else None))
        lines += [f"      {gap.said(language)}" for gap in advice.gaps]
        if advice.next_tier is not None:
            tier = advice.next_tier
            lines.append("      " + say("下一档：{label} → {standard}", language, label=tier.label, standard=tier.standard))
            lines += [f"        {gap.said(language, bare=True)}" for gap in tier.gaps]
        return lines + [f"      {note}" for note in advice.notes]

    def _missing(self, own: list[Line], language: Language) -> Lines:
        awards: dict[Missing, list[str]] = {}
        for line in own:
            if line.outcome is Outcome.NEEDS_DATA:
                for item in line.missing:
                    awards.setdefault(item, []).append(line.claim.award)
        lines: Lines = []
        for waits in Waits:
            items = sorted((missing_text(item, language), names) for item, names in awards.items() if item.waits is waits)
            if items:
                lines += ["", say("待{whom}", language, whom=waits_text(waits, language))]
                lines += [f"  ？ {text}{'　' if language == 'zh' else '  '}→ {listed(dict.fromkeys(names), language)}" for text, names in items]
        return lines

    # --- one line -----------------------------------------------------------------------------------------------------------------------

    def look(self, line: Line, language: Language = "zh") -> Advice:
        """How far, what next, what to mind: for one line."""
        prepared, thing = self.explainer.begin(line)
        advice = Advice(line)
        claim = line.claim
        if prepared.rule.kind == "认定" or claim.cancelled:
            return advice
        if line.outcome is Outcome.NOT_MET:
            advice.gaps = tuple(self._failed(prepared, thing, language))
            if not advice.gaps and prepared.rows is not None and not claim.tier:
                advice.next_tier = self._nearest_row(prepared, thing, len(prepared.rows), language)
            if not advice.gaps and advice.next_tier is None:
                advice.gaps = tuple(self._next_step(prepared, thing, language)) or (
                    Gap(explain_short(line, language, self._words(claim.award, language))),
                )
        elif line.outcome in (Outcome.PAYABLE, Outcome.PROVISIONAL, Outcome.ALREADY_AWARDED):
            if not self._closed(line) and self._has_room(line):
                if prepared.rows is not None and claim.tier:
                    place = next((place for place, row in enumerate(prepared.rows) if row[0] == claim.tier), 0)
                    advice.next_tier = self._nearest_row(prepared, thing, place, language)
                if line.outcome is not Outcome.ALREADY_AWARDED:
                    advice.gaps = tuple(self._next_step(prepared, thing, language))
        advice.notes = self._notes(advice, prepared, language)
        return advice

    def _words(self, award: str, language: Language) -> dict[str, str] | None:
        return self.explainer.words(award) if language == "en" else None

    def _closed(self, line: Line) -> bool:
        """Whether a higher tier would change nothing any more."""
        once = line.claim.once
        return line.outcome is Outcome.ALREADY_AWARDED and (once is None or once.upgrade in ("", "不补"))

    def _has_room(self, line: Line) -> bool:
        """Whether no cap stands in the way of a higher amount."""
        if "封顶后" in line.reasons:
            return False
        return all(self._rest(limit, line) > 0 for limit in line.claim.limits)

    def _rest(self, limit: Limit, line: Line) -> Fraction:
        """What a cap leaves after this year's payment."""
        used = 0 if limit.pot.window.kind == "每笔" else sum(entry.amount_fen for entry in self.explainer.history.paid(limit.pot))
        return max(Fraction(0), Fraction(limit.amount) - used - line.estimate_fen)

    def _failed(self, prepared: Prepared, thing: Thing, language: Language) -> list[Gap]:
        gaps: list[Gap] = []
        if prepared.timing is None and not self.interpreter.validity.holds_in(self.year, self.explainer.assessor.year_rule):
            return [Gap(say("{year} 年度不在有效期内", language, year=self.year))]
        for condition in prepared.conditions:
            trace = self.explainer.ask(condition.holds, thing)
            if truth(trace.value) is False:
                gaps += self.gaps(trace, prepared, language)
        if prepared.any_of:
            traces = [self.explainer.ask(item, thing) for item in prepared.any_of]
            if all(truth(trace.value) is False for trace in traces):
                gaps.append(self._one_of(traces, prepared, language))
        return gaps

    def _one_of(self, traces: list[Trace], prepared: Prepared, language: Language) -> Gap:
        ways = [
            joined((gap.said(language) for gap in self.gaps(trace, prepared, language)), language) for trace in traces if truth(trace.value) is False
        ]
        return Gap(say("满足一项即可：{ways}", language, ways=(" ／ ").join(ways)))

    def _nearest_row(self, prepared: Prepared, thing: Thing, below: int, language: Language) -> Tier | None:
        """The nearest row above `below` that figures alone keep out of reach."""
        assert prepared.rows is not None
        for label, tests, value in reversed(prepared.rows[:below]):
            traces = [self.explainer.ask(test, thing) for test in tests]
            failing = [trace for trace in traces if truth(trace.value) is False]
            gaps = [gap for trace in failing for gap in self.gaps(trace, prepared, language)]
            unknown = any(truth(trace.value).__class__ is Unknown for trace in traces)
            if gaps and not unknown and all(gap.amount is not None for gap in gaps):
                worth = self.explainer.ask(value, thing)
                said = ("，" if language == "zh" else ", ").join(self.explainer.phrase(trace.node, language) for trace in traces)
                standard = amount_text(worth.value, language) if worth.value.__class__ in NUMBERS else show(worth.value, "", language)
                return Tier(said or label, standard, tuple(gaps))
        return None

    def _next_step(self, prepared: Prepared, thing: Thing, language: Language) -> list[Gap]:
        """每满: what is still missing to one more whole step."""
        row = None
        if prepared.rows is not None:
            for _, tests, value in prepared.rows:
                if all(truth(self.explainer.ask(test, thing).value) is True for test in tests):
                    row = value
                    break
        evaluate = row if prepared.rows is not None else prepared.amount
        if evaluate is None:
            return []
        trace = self.explainer.ask(evaluate, thing)
        if trace.value.__class__ not in NUMBERS or trace.value < 0:  # what is taken off still eats up more than one step
            return []
        return [gap for step in _steps(trace) for gap in self._step_gap(step, language)]

    def _step_gap(self, trace: Trace, language: Language) -> list[Gap]:
        left, size, amount = trace.children
        if not all(part.value.__class__ in NUMBERS for part in trace.children) or trace.node.word != "每满":
            return []
        unit = self.explainer.unit(left)
        short = size.value - left.value if left.value < 0 else size.value - left.value % size.value
        return [Gap(say("{what} 再增加 {amount}，多得 {more}", language, what=self.explainer.phrase(left.node, language),
                        amount=quantity(short, unit, language), more=self.explainer.said(amount, language)), short, unit)]  # fmt: skip

    # --- distances ------------------------------------------------------------------------------------------------------------------------

    def gaps(self, trace: Trace, prepared: Prepared, language: Language) -> list[Gap]:
        """What keeps a condition that is false from holding."""
        node, thing = trace.node, trace.thing
        if isinstance(node, And):
            asked = [self._ask(item, prepared, thing, trace.year) for item in node.items]
            return [gap for item in asked if truth(item.value) is False for gap in self.gaps(item, prepared, language)]
        if isinstance(node, Or):
            return [self._one_of(trace.children, prepared, language)]
        if isinstance(node, (Compare, Between)):
            return self._figure_gap(trace, language)
        if isinstance(node, Call) and node.function == "首次":
            return self._first_time(trace, prepared, language)
        if isinstance(node, Path) and trace.children and (found := self._recognition(trace, prepared, language)):
            return found
        if isinstance(node, (Is, In, OrdinalTest)) and trace.children:
            return [
                Gap(
                    say(
                        "须：{what}；现在 {value}",
                        language,
                        what=self.explainer.phrase(node, language),
                        value=self.explainer.said(trace.children[0], language),
                    )
                )
            ]
        if isinstance(node, Not):
            return [Gap(say("须：{what}", language, what=self.explainer.phrase(node, language)))]
        what = self.explainer.phrase(node, language) if node is not None else ""
        return [
            Gap(
                say("须：{what}", language, what=what)
                + (say("；现在 {value}", language, value=self.explainer.said(trace, language)) if isinstance(node, Path) else "")
            )
        ]

    def _ask(self, node: Node, prepared: Prepared, thing: Thing, year: int) -> Trace:
        """A part of a condition asked on its own: 且 stops at the first part that fails, advice wants them all."""
        key = (id(node), prepared.rule.name)
        if key not in self._lowered:
            context = Context(prepared.rule.object, prepared.rule, values=self.interpreter.named_values(prepared.rule))
            self._lowered[key] = (self.interpreter.lower(node, context), node)
        return self.explainer.ask(self._lowered[key][0], thing, year, node)

    def _recognition(self, trace: Trace, prepared: Prepared, language: Language) -> list[Gap]:
        """A recognition (认定) that does not hold: what its own conditions lack."""
        inner = trace
        while inner.children and isinstance(inner.children[-1].node, Path):
            inner = inner.children[-1]
        rule = next(
            (
                rule
                for rule in self.explainer.bound.rules.values()
                if rule.kind == "认定" and isinstance(inner.node, Path) and rule.name == inner.node.names[-1]
            ),
            None,
        )
        if rule is None:
            return []
        judged = self.explainer.assessor.prepared(rule.name)
        gaps = []
        for condition in judged.conditions:
            asked = self.explainer.ask(condition.holds, inner.thing, inner.year)
            if truth(asked.value) is False:
                gaps += self.gaps(asked, judged, language)
        if judged.any_of:
            asked_any = [self.explainer.ask(item, inner.thing, inner.year) for item in judged.any_of]
            if all(truth(item.value) is False for item in asked_any):
                gaps.append(self._one_of(asked_any, judged, language))
        return [Gap(say("认定“{name}”：{what}", language, name=rule.name, what=gap.said(language)), gap.amount, gap.unit) for gap in gaps]

    def _first_time(self, trace: Trace, prepared: Prepared, language: Language) -> list[Gap]:
        """首次: not reached yet, or reached in an earlier year and so lost."""
        held = [child for child in trace.children if child.year < trace.year and truth(child.value) is True and child.node == trace.node.arguments[0]]
        now = next((child for child in trace.children if child.year == trace.year and child.node == trace.node.arguments[0]), None)
        if now is not None and truth(now.value) is False:
            return self.gaps(now, prepared, language)
        years = listed((str(child.year) for child in held), language)
        return [Gap(say("{years} 年已经达到过，“首次”已用掉；那年没有申报的，不能再补", language, years=years))]

    def _figure_gap(self, trace: Trace, language: Language) -> list[Gap]:
        node, children = trace.node, trace.children
        function = getattr(node.left, "function", "")
        if function == "时长":
            return self._time_gap(trace, language)
        bounds = [(node.operator, node.right)] if isinstance(node, Compare) else [("≥", node.low), (node.upper, node.high)]
        if function == "两年平均增长率":
            now, base, rates = children[0], children[1], children[2:]
            return self._growth_gap(
                trace,
                now,
                base,
                [(operator, rate.value, (1 + Fraction(rate.value)) ** 2) for (operator, _), rate in zip(bounds, rates, strict=False)],
                language,
            )
        left = children[0]
        if function == "增长率" and len(left.children) == 2:
            factors = [(operator, child.value, 1 + Fraction(child.value)) for (operator, _), child in zip(bounds, children[1:], strict=False)]
            return self._growth_gap(trace, left.children[0], left.children[1], factors, language)
        if isinstance(left.value, date):
            return [Gap(say("须：{what}；现在 {value}", language, what=self.explainer.phrase(node, language), value=left.value.isoformat()))]
        gaps = []
        for (operator, _), right in zip(bounds, children[1:], strict=False):
            if left.value.__class__ in NUMBERS and right.value.__class__ in NUMBERS:
                gaps += self._gap(self.explainer.phrase(left.node, language), self._whose(left, trace.thing), left.value, operator, right.value,
                                  self.explainer.unit(left), self.explainer.phrase(node, language), language)  # fmt: skip
        return gaps or [Gap(say("须：{what}", language, what=self.explainer.phrase(node, language)))]

    def _growth_gap(self, trace: Trace, now: Trace, base: Trace, factors: list[tuple[str, Any, Fraction]], language: Language) -> list[Gap]:
        """A growth rate as the figure that has to grow: now against base × factor."""
        if now.value.__class__ not in NUMBERS or base.value.__class__ not in NUMBERS:
            return [Gap(say("须：{what}", language, what=self.explainer.phrase(trace.node, language)))]
        gaps = []
        for operator, _, factor in factors:
            gaps += self._gap(self.explainer.phrase(now.node, language), "", now.value, operator, base.value * factor,
                              self.explainer.unit(now), self.explainer.phrase(trace.node, language), language)  # fmt: skip
        return gaps

    def _gap(self, figure: str, whose: str, value: Exact, operator: str, bound: Exact, unit: str, condition: str, language: Language) -> list[Gap]:
        """The least change that makes one comparison hold; nothing where it holds."""
        short = distance(value, operator, bound, smallest_step(unit))
        if short is None:
            return []
        amount, exceeds = short
        said = quantity(amount, unit, language)
        if operator in "≥>":
            text = (
                say("{figure} 还差 {amount} 以上", language, figure=whose + figure, amount=said)
                if exceeds
                else say("{figure} 还差 {amount}", language, figure=whose + figure, amount=said)
            )
        else:
            text = (
                say("{figure} 要减少 {amount} 以上", language, figure=whose + figure, amount=said)
                if exceeds
                else say("{figure} 要减少 {amount}", language, figure=whose + figure, amount=said)
            )
        return [Gap(text, amount, unit, quantity(value, unit, language), condition)]

    def _whose(self, left: Trace, thing: Thing) -> str:
        inner = left
        while inner.children and isinstance(inner.node, Path) and isinstance(inner.children[-1].node, Path):
            inner = inner.children[-1]
        return "" if (inner.thing.kind, inner.thing.key) == (thing.kind, thing.key) else f"{inner.thing.kind} {inner.thing.key} "

    def _time_gap(self, trace: Trace, language: Language) -> list[Gap]:
        node, children = trace.node, trace.children
        start, end = children[0].value, children[1].value
        if (
            isinstance(node, Compare)
            and isinstance(start, date)
            and isinstance(end, date)
            and isinstance(node.right, Number)
            and node.operator in "≥>"
        ):
            full = after(start, int(node.right.value), "日" if node.right.unit == "天" else node.right.unit.removeprefix("个"))
            days = (full - end).days + (1 if node.operator == ">" else 0)
            time = self.explainer.phrase(node.right, language)
            text = say("{full} 才满 {time}，算到 {end} 还差 {days} 天", language, full=full, time=time, end=end, days=days)
            return [Gap(text, days, "日")]
        return [Gap(say("须：{what}", language, what=self.explainer.phrase(node, language)))]

    # --- caps and the years to come ---------------------------------------------------------------------------------------------------------

    def _notes(self, advice: Advice, prepared: Prepared, language: Language) -> list[str]:
        line, claim, notes = advice.line, advice.line.claim, []
        words = self._words(claim.award, language)
        if line.outcome in (Outcome.PAYABLE, Outcome.PROVISIONAL):
            notes += [reason_text(reason, language, words) for stage, reason in line.reasons.items() if stage not in ("舍入后", "计算额")]
            notes += [text for limit in claim.limits if (text := self._left(limit, line, words, language))]
            notes += [reason_text(note, language, words) for note in line.notes]
        if line.outcome is Outcome.CAP_EXHAUSTED and claim.limits and all(limit.pot.window.kind == "每年" for limit in claim.limits):
            notes.append(say("以后：封顶按年计算，下一年重新起算", language))
        once = claim.once
        if once is not None and once.times is not None and line.outcome in (Outcome.PAYABLE, Outcome.PROVISIONAL):
            text = (words or {}).get(once.text, once.text)
            if once.upgrade.startswith("补差"):
                notes.append(say("以后：{what}，兑现后升到更高一档可以补差", language, what=text))
            elif once.upgrade == "全额":
                notes.append(say("以后：{what}，兑现后升到更高一档再给全额", language, what=text))
            elif advice.next_tier is not None:
                notes.append(say("以后：{what}，兑现后不再享受，升档也不补", language, what=text))
            else:
                notes.append(say("以后：{what}，兑现后不再享受", language, what=text))
        if once is not None and once.most_years is not None:
            years = {entry.year for entry in self.explainer.history.paid(once.pot) if entry.year < self.year}
            notes.append(say("以后：已享受 {used} 年，{what}", language, used=len(years), what=(words or {}).get(once.text, once.text)))
        if line.outcome is not Outcome.ALREADY_AWARDED and not self.interpreter.validity.holds_in(self.year + 1, self.explainer.assessor.year_rule):
            notes.append(say("以后：{year} 年度起不在有效期内", language, year=self.year + 1))
        return list(dict.fromkeys(notes))

    def _left(self, limit: Limit, line: Line, words: dict[str, str] | None, language: Language) -> str:
        """What a cap over several years still leaves after this year."""
        if limit.pot.window.kind in ("每年", "每笔"):
            return ""
        used = sum(entry.amount_fen for entry in self.explainer.history.paid(limit.pot))
        said = {name: amount_text(value, language) for name, value in (("used", used), ("now", line.estimate_fen), ("left", self._rest(limit, line)))}
        return say("封顶 {what}：以前 {used}，本年 {now}，还剩 {left}", language, what=(words or {}).get(limit.text, limit.text), **said)


def distance(value: Exact, operator: str, bound: Exact, step: Exact | None) -> tuple[Exact, bool] | None:
    """The least change of `value` that makes `value operator bound` true: (amount, whether it must be exceeded); None where it is true.

    step: the smallest step of the unit. With one, the amount is exact; without, a strict bound can only be named: more than this.
    """
    if {"≥": value >= bound, ">": value > bound, "≤": value <= bound, "<": value < bound}[operator]:
        return None
    if step is None:
        return abs(bound - value), operator in "><"
    ratio = Fraction(bound) / step
    target = {"≥": ceil(ratio), ">": floor(ratio) + 1, "≤": floor(ratio), "<": ceil(ratio) - 1}[operator] * step
    return abs(target - value), False


def _steps(trace: Trace) -> list[Trace]:
    """The 每满 steps of a formula that add to it."""
    node = trace.node
    if isinstance(node, Step) and len(trace.children) == 3:
        return [trace]
    if isinstance(node, Binary) and trace.children:
        return [step for child in (trace.children if node.operator != "−" else trace.children[:1]) for step in _steps(child)]
    return []
