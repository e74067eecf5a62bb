"""What an applicant gets, what is missing, and how far it is to the next tier (还差多少)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from ..award.record import Limit, Line
from ..policy.render import show
from ..policy.syntax import Binary, Step
from ..values.facts import Missing, Thing, Unknown
from ..values.labels import amount_text, listed, missing_text, outcome_text, reason_text, say, waits_text
from ..values.messages import Language
from ..values.terms import Outcome, Waits
from .context import Trace
from .explain import Explainer, explain_short
from .figures import quantity
from .gaps import Gap, Gaps
from .logic import NUMBERS, truth
from .prepare import Prepared
from .tell import Lines


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


class Adviser(Gaps):
    """Advises on the lines of one settlement; shares the explainer's traced rules."""

    def __init__(self, explainer: Explainer, lines: Iterable[Line]) -> None:
        super().__init__(explainer)
        self.lines = list(lines)

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
                gaps.append(self.one_of(traces, prepared, language))
        return gaps

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


def _steps(trace: Trace) -> list[Trace]:
    """The 每满 steps of a formula that add to it."""
    node = trace.node
    if isinstance(node, Step) and len(trace.children) == 3:
        return [trace]
    if isinstance(node, Binary) and trace.children:
        return [step for child in (trace.children if node.operator != "−" else trace.children[:1]) for step in _steps(child)]
    return []
