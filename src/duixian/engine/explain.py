"""Why an amount is what it is: the rule, the facts, each step of the waterfall, said from the tree and the trace. Nothing is written per policy.

`Explainer` is prepared once for a settlement (over a traced assessor) and then asked of any of its lines. It evaluates a line's conditions,
tiers and formula again, through the very functions that settled it, and writes down what each part came to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from ..award.history import History
from ..award.record import STAGES, Limit, Line
from ..policy.model import Rule
from ..policy.readings import words
from ..policy.render import phrase, show
from ..policy.syntax import Always, Compare
from ..values.facts import Missing, Paid, Thing, Unknown
from ..values.labels import amount_text, document_text, joined, listed, missing_text, outcome_text, reason_text, say, waits_text
from ..values.messages import Language
from ..values.terms import Outcome, Waits
from .assess import Assessor
from .context import Evaluate, Trace
from .logic import truth
from .prepare import Condition, Prepared
from .tell import SIGNS, Lines, Teller, any_of_them, sign


class Explainer(Teller):
    """Explains the lines of one settlement.

    assessor: prepared over the settlement's own policy, facts, ledger and standards, with traced=True.
    entries: the ledger as the settlement counted it. reasons: reading -> why the year chose another option than the policy.
    """

    def __init__(self, assessor: Assessor, year: int, entries: Iterable[Paid] = (), *, reasons: dict[str, str] | None = None) -> None:
        assert assessor.interpreter.traced, "an explanation needs a traced interpreter"
        super().__init__(assessor.interpreter)
        self.assessor, self.year = assessor, year
        self.history = History(list(entries), year, self.interpreter.validity, assessor.key_of_entry)
        self.reasons = reasons or {}
        self._words: dict[str, dict[str, str]] = {}
        self._heads: dict[tuple[str, Language], Lines] = {}

    # --- asking -----------------------------------------------------------------------------------------------------------------------

    def ask(self, evaluate: Evaluate, thing: Thing, year: int | None = None, node: Any = None) -> Trace:
        """One function of a prepared rule with everything it looked at."""
        self.interpreter.trace = traces = []
        self.interpreter.opened.clear()
        value = evaluate(thing, self.year if year is None else year)
        if len(traces) == 1 and traces[0].value is value:
            return traces[0]
        return Trace(node, thing, self.year, value, traces)

    def begin(self, line: Line) -> tuple[Prepared, Thing]:
        """The prepared rule and the object of a line; computed facts are looked at afresh, so that their trace is complete."""
        self.interpreter.forget()
        thing = self.interpreter.facts.find(line.claim.kind, line.claim.key)
        assert thing is not None, f"{line.claim.kind} {line.claim.key} was settled, so it is on file"
        prepared = self.assessor.prepared(line.claim.award)
        self.rule = prepared.rule
        return prepared, thing

    def words(self, name: str) -> dict[str, str]:
        """What the clauses of a rule are in English, by their Chinese: for the reasons the waterfall gives."""
        if name not in self._words:
            prepared = self.assessor.prepared(name)
            rule = prepared.rule
            nodes = [
                *rule.conditions,
                *(node for node, _ in self.condition_nodes(prepared)),
                *rule.any_of,
                *rule.vetoes,
                *rule.caps,
                rule.frequency,
                rule.places,
            ]
            self._words[name] = {phrase(node): phrase(node, "en") for node in nodes if node is not None and not isinstance(node, Always)}
            if rule.tiers is not None:
                self._words[name].update(
                    {
                        _plain_tier(row.label): ", ".join(phrase(cell, "en") for cell in row.cells if not isinstance(cell, Always))
                        for row in rule.tiers.rows
                    }
                )
            self._words[name][prepared.any_text] = " or ".join(phrase(item, "en") for item in rule.any_of)
        return self._words[name]

    def condition_nodes(self, prepared: Prepared) -> list[tuple[Any, str]]:
        """The conditions of a rule as they were prepared, each with the 通则 it comes from ('' for the rule's own)."""
        found = [(node, "") for node in prepared.rule.conditions if not isinstance(node, Always)]
        for general, item in self._general_conditions(prepared.rule):
            if not isinstance(item, Always):
                found.append((item, general))
        return found

    def _general_conditions(self, rule: Rule) -> list[tuple[str, Any]]:
        if rule.kind != "奖补":
            return []
        generals = [general for general in self.bound.generals if (rule.name in words(general.items)) is not general.all_awards]
        return [(general.name, item) for general in generals for item in general.conditions]

    # --- one line ---------------------------------------------------------------------------------------------------------------------

    def explain(self, line: Line, language: Language = "zh") -> Lines:
        """Everything about one line, as lines of text; indented lines belong to the one above."""
        prepared, thing = self.begin(line)
        claim = line.claim
        lines = [*self._head(prepared.rule, language), self._who(line, language)]
        conditions = self._conditions(prepared, thing, language)
        lines += conditions
        failed = any(text.startswith(f"  {SIGNS[False]} ") for text in conditions)
        if not failed and prepared.rule.kind == "奖补":
            lines += self._amount(prepared, thing, language)
        if prepared.rule.kind == "奖补" and line.amounts.get("计算额") is not None:
            lines += self._waterfall(line, prepared, language)
        lines += self._readings(prepared, language)
        lines += self._ledger(line, language)
        lines += waiting(line.missing, language)
        lines += [say("提示：{note}", language, note=reason_text(note, language, self.words(claim.award))) for note in line.notes]
        return [*lines, self._result(line, language)]

    def short(self, line: Line, language: Language = "zh") -> str:
        return explain_short(line, language, self.words(line.claim.award) if language == "en" else None)

    def _head(self, rule: Rule, language: Language) -> Lines:
        key = (rule.name, language)
        if key not in self._heads:
            quote = rule.block.quote
            title = say("{award}（{clause}）　{year} 年度", language, award=rule.name, clause=rule.clause.strip("（）()"), year=self.year)
            self._heads[key] = [title, *say("原文：{text}", language, text="\n".join(quote.shown if quote else ())).split("\n")]
        return self._heads[key]

    def _who(self, line: Line, language: Language) -> str:
        claim = line.claim
        text = say("对象：{kind} {key}", language, kind=claim.kind, key=claim.key)
        if claim.recipient and claim.recipient != claim.key:
            text += say("　受益人：{who}", language, who=_named(claim.recipient, claim.recipient_name))
        elif claim.recipient_name and claim.recipient_name != claim.key:
            text += say("（{name}）", language, name=claim.recipient_name)
        return text

    # --- conditions -------------------------------------------------------------------------------------------------------------------

    def _conditions(self, prepared: Prepared, thing: Thing, language: Language) -> Lines:
        lines = [say("条件", language)]
        lines += self._time(prepared, thing, language)
        for condition, (node, general) in zip(prepared.conditions, self.condition_nodes(prepared), strict=True):
            trace = self.ask(condition.holds, thing, node=node)
            tail = say("（通则“{name}”）", language, name=general) if general else ""
            lines += self.condition(trace, thing, language, tail=tail)
        if prepared.any_of:
            traces = [self.ask(item, thing) for item in prepared.any_of]
            lines.append("  " + sign(any_of_them(trace.value for trace in traces)) + " " + say("任一", language))
            for trace in traces:
                lines += self.condition(trace, thing, language, depth=2)
        for veto, claw_back in prepared.vetoes:
            trace = self.ask(veto.holds, thing)
            lines += self._veto(trace, veto, claw_back, thing, language)
        return lines

    def _time(self, prepared: Prepared, thing: Thing, language: Language) -> Lines:
        validity = self.interpreter.validity
        if prepared.timing is not None:
            day = self.ask(prepared.timing, thing).value
            holds = validity.holds_on(day) if isinstance(day, date) else day
            what = phrase(prepared.rule.timing, language)
            return [
                f"  {sign(holds)} "
                + say("{what} {day} 在有效期内（{span}）", language, what=what, day=show(day, "", language), span=span_text(validity, language))
            ]
        holds = validity.holds_in(self.year, self.assessor.year_rule)
        return [f"  {sign(holds)} " + say("{year} 年度在有效期内（{span}；{rule}）", language, year=self.year, span=span_text(validity, language),
                                            rule=phrase(self.assessor.year_rule, language))]  # fmt: skip

    def _veto(self, trace: Trace, veto: Condition, claw_back: bool, thing: Thing, language: Language) -> Lines:
        found = truth(trace.value)
        sign = "？" if found.__class__ is Unknown else SIGNS[not found]
        text = say(
            "没有否决情形：{what}", language, what=self.phrase(trace.node, language) if language == "en" and trace.node is not None else veto.text
        )
        actual = self.actual(trace, thing, language)
        return [f"  {sign} {text}" + (say("，追回已付", language) if claw_back and found is True else "") + actual]

    # --- the amount -------------------------------------------------------------------------------------------------------------------

    def _amount(self, prepared: Prepared, thing: Thing, language: Language) -> Lines:
        lines: Lines = []
        if prepared.rows is None:
            assert prepared.amount is not None
            trace = self.ask(prepared.amount, thing)
            return self._standard(trace, language)
        lines.append(say("档次（从上往下看，第一个满足的为准）", language))
        for label, tests, value in prepared.rows:
            holds: Any = True
            said: list[str] = []
            details: Lines = []
            for test in tests:
                trace = self.ask(test, thing)
                result = truth(trace.value)
                actual = self.actual(trace, thing, language).strip("　 ") if result is not True or isinstance(trace.node, Compare) else ""
                said.append(self.phrase(trace.node, language) + (say("（{what}）", language, what=actual) if actual else ""))
                details += self.details(trace, thing, language)
                if result is False or (result.__class__ is Unknown and holds is True):
                    holds = result
                if result is False:
                    break
            text = ("，" if language == "zh" else ", ").join(said) or label or say("不限", language)
            lines.append(f"  {sign(holds)} {text}")
            lines += [f"      {detail}" for detail in dict.fromkeys(details)]
            if holds is True:
                trace = self.ask(value, thing)
                return [*lines, *self._standard(trace, language)]
            if holds is not False:
                return lines
        return [*lines, "  " + say("没有达到任何一档", language)]

    def _standard(self, trace: Trace, language: Language) -> Lines:
        lines = self.formula(trace, language)
        if len(lines) == 1:
            return [say("标准", language) + "  " + lines[0]]
        return [say("标准", language), *("  " + line for line in lines)]

    # --- the waterfall ----------------------------------------------------------------------------------------------------------------

    def _waterfall(self, line: Line, prepared: Prepared, language: Language) -> Lines:
        lines, before, words = [say("金额", language)], None, self.words(line.claim.award) if language == "en" else None
        for stage in STAGES:
            amount = line.amounts.get(stage)
            if amount is None and stage not in line.reasons:
                continue
            why = reason_text(line.reasons.get(stage, ""), language, words)
            if not why and amount:
                why = self._unchanged(stage, line, prepared, language)
            text = "—" if amount is None else amount_text(amount, language)
            if stage in ("计算额", "应付") or amount != before or why:
                lines.append(f"  {say(stage, language)}  {text}" + (f"  {why}" if why else ""))
            before = amount
        return lines

    def _unchanged(self, stage: str, line: Line, prepared: Prepared, language: Language) -> str:
        """Why a stage leaves an amount as it is, where a clause was looked at."""
        claim, rule = line.claim, prepared.rule
        if stage == "舍入后":
            return phrase(claim.rounding, language)
        if stage == "补差后" and rule.frequency is not None:
            return say("频次 {what}", language, what=self.phrase(rule.frequency, language))
        if stage == "封顶后" and claim.limits:
            return joined((self._limit(limit, prepared, language) for limit in claim.limits), language)
        if stage == "名额后" and claim.ranking is not None:
            return say("名额 {what}，在名额之内", language, what=self.phrase(rule.places, language) if rule.places else claim.ranking.text)
        if stage == "就高后" and claim.groups:
            return say("就高组 {groups}：没有要让的", language, groups=listed(claim.groups, language))
        if stage == "核减后" and claim.pots:
            return say("总额 {totals}：没有核减", language, totals=listed(claim.pots, language))
        return ""

    def _limit(self, limit: Limit, prepared: Prepared, language: Language) -> str:
        text = self.words(prepared.rule.name).get(limit.text, limit.text) if language == "en" else limit.text
        used = sum(entry.amount_fen for entry in self.history.paid(limit.pot))
        if used:
            return say("封顶 {what}，以前已用 {used}，没有超过", language, what=text, used=amount_text(used, language))
        return say("封顶 {what}，没有超过", language, what=text)

    # --- readings, ledger, result -------------------------------------------------------------------------------------------------------

    def _readings(self, prepared: Prepared, language: Language) -> Lines:
        used = {**prepared.readings}
        for general in self.bound.generals:
            if general.name in {name for _, name in self.condition_nodes(prepared)}:
                used.update(self.bound.used.get(general.name, {}))
        if not used:
            return []
        lines = [say("口径", language)]
        for name, option in used.items():
            reading = self.policy.readings[name]
            reason = self.reasons.get(name, "") if option != reading.choice else reading.reason
            changed = say("（改选，政策文件选的是“{choice}”）", language, choice=reading.choice) if option != reading.choice else ""
            lines.append(
                "  "
                + say("{name}：{option}", language, name=name, option=option)
                + changed
                + (say("　理由：{reason}", language, reason=reason) if reason else "")
            )
        return lines

    def _ledger(self, line: Line, language: Language) -> Lines:
        """The earlier payments that counted for this line."""
        claim = line.claim
        pots = [limit.pot for limit in claim.limits] + ([claim.once.pot] if claim.once else [])
        found: dict[int, Paid] = {id(entry): entry for pot in pots for entry in self.history.paid(pot)}
        found.update({id(entry): entry for entry in self.interpreter.paid.get((claim.award, claim.key), ()) if entry.year < self.year})
        if not found:
            return []
        lines = [say("以前的兑现", language)]
        for entry in sorted(found.values(), key=lambda entry: (entry.year, entry.award, entry.object_key)):
            amount, document = amount_text(entry.amount_fen, language), document_text(entry.document, language)
            text = say("{year}年 {award} {key} {amount}（{document}）", language, year=entry.year, award=entry.award, key=entry.object_key,
                       amount=amount, document=document)  # fmt: skip
            lines.append("  " + text)
        return lines

    def _result(self, line: Line, language: Language) -> str:
        outcome = outcome_text(line.outcome, language)
        if line.outcome is Outcome.PAYABLE:
            text = say("结果：{outcome} {amount}", language, outcome=outcome, amount=amount_text(line.payable_fen, language))
        elif line.outcome is Outcome.PROVISIONAL:
            text = say(
                "结果：{outcome} {amount}，本年标准定下以前不能支付", language, outcome=outcome, amount=amount_text(line.estimate_fen, language)
            )
        else:
            text = say("结果：{outcome}", language, outcome=outcome)
            why = (
                ""
                if line.outcome is Outcome.NEEDS_DATA
                else explain_short(line, language, self.words(line.claim.award) if language == "en" else None)
            )
            text += (("。" if language == "zh" else ". ") + why) if why else ""
        if line.claw_back_fen:
            text += say("；追回 {amount}", language, amount=amount_text(line.claw_back_fen, language))
        return text


def explanations(explainer: Explainer, lines: Iterable[Line], language: Language = "zh") -> dict[tuple[str, str], Lines]:
    """(award, object key) -> why: one line for a claim that is 不符合, everything for the rest."""
    found = {}
    for line in lines:
        claim = line.claim
        found[(claim.award, claim.key)] = [explainer.short(line, language)] if line.outcome is Outcome.NOT_MET else explainer.explain(line, language)
    return found


def explain_short(line: Line, language: Language = "zh", words: dict[str, str] | None = None) -> str:
    """One line of why, for summaries and result sheets. words: the rule's clauses in English, where they are at hand."""
    if line.outcome is Outcome.NEEDS_DATA:
        by_whom: dict[Waits, list[Missing]] = {}
        for item in sorted(line.missing, key=lambda item: (list(Waits).index(item.waits), item.text)):
            by_whom.setdefault(item.waits, []).append(item)
        parts = []
        for waits, items in by_whom.items():
            shown = listed((missing_text(item, language) for item in items[:3]), language)
            more = say("等 {count} 项", language, count=len(items)) if len(items) > 3 else ""
            parts.append(say("待{whom}：{what}", language, whom=waits_text(waits, language), what=shown + more))
        return joined(parts, language)
    reasons = [reason_text(reason, language, words) for stage, reason in line.reasons.items() if stage != "舍入后" and reason]
    if line.outcome in (Outcome.PAYABLE, Outcome.PROVISIONAL):
        tier = _plain_tier(line.claim.tier)
        first = [(words or {}).get(tier, tier)] if tier else []
        computed = line.claim.amount
        if computed is not None and (reasons or not first):
            first.append(say("计算 {amount}", language, amount=amount_text(computed, language)))
        return joined([*first, *reasons], language)
    return joined(dict.fromkeys(reasons), language) or joined((reason_text(text, language, words) for text in line.claim.failed), language)


def waiting(missing: Iterable[Missing], language: Language = "zh") -> Lines:
    """What is missing, by who has to supply it."""
    lines: Lines = []
    for waits in Waits:
        items = sorted(missing_text(item, language) for item in missing if item.waits is waits)
        if items:
            lines.append(say("待{whom}", language, whom=waits_text(waits, language)))
            lines += [f"  ？ {item}" for item in items]
    return lines


def span_text(validity: Any, language: Language = "zh") -> str:
    """A validity for people."""
    start, end = (day.isoformat() if day else "" for day in (validity.start, validity.end))
    if start and end:
        return say("{start} 至 {end}", language, start=start, end=end)
    if end:
        return say("至 {end}", language, end=end)
    return say("{start} 起", language, start=start) if start else say("没有写起止", language)


def _plain_tier(label: str) -> str:
    """A tier's label without the columns that a 口径 fills: they say nothing here."""
    return re.sub("，?【[^】]*】", "", label)


def _named(key: str, name: str) -> str:
    return f"{name} {key}" if name and name != key else key
