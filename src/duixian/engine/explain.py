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
from ..policy.syntax import (
    Aggregate,
    Always,
    And,
    Binary,
    Call,
    Compare,
    In,
    Is,
    Limited,
    Number,
    Open,
    Or,
    OrdinalTest,
    Path,
    Step,
    Value,
    YearIndex,
)
from ..values.facts import NONE, Missing, Paid, Thing, Unknown
from ..values.labels import amount_text, document_text, joined, listed, missing_text, outcome_text, period_text, reason_text, say, waits_text
from ..values.messages import Language
from ..values.terms import Outcome, Waits
from .assess import Assessor, Condition, Prepared
from .figures import Figures
from .interpret import Evaluate, Trace, window_of
from .logic import NUMBERS, truth

SIGNS = {True: "✓", False: "✗"}
LISTED_MOST = 60  # rows of a sum or count shown one by one; the rest is counted
_EQUALS = {"zh": " ＝ ", "en": " = "}
Lines = list[str]


class Explainer:
    """Explains the lines of one settlement.

    assessor: prepared over the settlement's own policy, facts, ledger and standards, with traced=True.
    entries: the ledger as the settlement counted it. given: reading -> where its option was chosen, for the words behind 口径.
    """

    def __init__(self, assessor: Assessor, year: int, entries: Iterable[Paid] = (), *, reasons: dict[str, str] | None = None) -> None:
        assert assessor.interpreter.traced, "an explanation needs a traced interpreter"
        self.assessor, self.interpreter, self.year = assessor, assessor.interpreter, year
        self.policy, self.bound = assessor.bound.policy, assessor.bound
        self.figures = Figures(self.policy)
        self.history = History(list(entries), year, self.interpreter.validity, assessor.key_of_entry)
        self.reasons = reasons or {}
        self._rule: Rule | None = None  # the rule of the line that is being explained: its 值 and its 期间 give names a meaning
        self._phrases: dict[tuple[int, Language], tuple[str, Any]] = {}
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
        self.interpreter._memo.clear()
        thing = self.interpreter.facts.find(line.claim.kind, line.claim.key)
        assert thing is not None, f"{line.claim.kind} {line.claim.key} was settled, so it is on file"
        prepared = self.assessor.prepared(line.claim.award)
        self._rule = prepared.rule
        return prepared, thing

    def phrase(self, node: Any, language: Language) -> str:
        key = (id(node), language)
        if key not in self._phrases:
            self._phrases[key] = (phrase(node, language), node)
        return self._phrases[key][0]

    def words(self, name: str) -> dict[str, str]:
        """What the clauses of a rule are in English, by their Chinese: for the reasons the waterfall gives."""
        if name not in self._words:
            prepared = self.assessor.prepared(name)
            rule = prepared.rule
            nodes = [*rule.conditions, *(node for node, _ in self.condition_nodes(prepared)), *rule.any_of, *rule.vetoes, *rule.caps, rule.frequency, rule.places]
            self._words[name] = {phrase(node): phrase(node, "en") for node in nodes if node is not None and not isinstance(node, Always)}
            if rule.tiers is not None:
                self._words[name].update({_plain_tier(row.label): ", ".join(phrase(cell, "en") for cell in row.cells if not isinstance(cell, Always)) for row in rule.tiers.rows})
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
            self._heads[key] = [title, say("原文：{text}", language, text=quote.text if quote else "")]
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
            lines.append("  " + _sign(_any(trace.value for trace in traces)) + " " + say("任一", language))
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
            return [f"  {_sign(holds)} " + say("{what} {day} 在有效期内（{span}）", language, what=what, day=show(day, "", language), span=span_text(validity, language))]
        holds = validity.holds_in(self.year, self.assessor.year_rule)
        return [f"  {_sign(holds)} " + say("{year} 年度在有效期内（{span}；{rule}）", language, year=self.year, span=span_text(validity, language),
                                            rule=phrase(self.assessor.year_rule, language))]  # fmt: skip

    def _veto(self, trace: Trace, veto: Condition, claw_back: bool, thing: Thing, language: Language) -> Lines:
        found = truth(trace.value)
        sign = "？" if found.__class__ is Unknown else SIGNS[not found]
        text = say("没有否决情形：{what}", language, what=self.phrase(trace.node, language) if language == "en" and trace.node is not None else veto.text)
        actual = self._actual(trace, thing, language)
        return [f"  {sign} {text}" + (say("，追回已付", language) if claw_back and found is True else "") + actual]

    def condition(self, trace: Trace, thing: Thing, language: Language, *, depth: int = 1, tail: str = "") -> Lines:
        """A condition with its sign and what it looked at; 且 and 或 are listed part by part."""
        node, pad = trace.node, "  " * depth
        if isinstance(node, (And, Or)) and trace.children:
            head = say("都要满足", language) if isinstance(node, And) else say("满足一项即可", language)
            lines = [f"{pad}{_sign(trace.value)} {head}{tail}"]
            for child in trace.children:
                lines += self.condition(child, thing, language, depth=depth + 1)
            return lines
        text = self.phrase(node, language) if node is not None else say("（年度标准未定）", language)
        lines = [f"{pad}{_sign(trace.value)} {text}{tail}{self._actual(trace, thing, language)}"]
        return lines + [f"{pad}    {detail}" for detail in self.details(trace, thing, language)]

    def _actual(self, trace: Trace, thing: Thing, language: Language) -> str:
        """What stands on the left of a condition: `　实际 800万元`."""
        node = trace.node
        if isinstance(node, (Compare, Is, In, OrdinalTest)) and trace.children and not _special(node):
            trace = trace.children[0]
        elif not isinstance(node, Path):
            return ""
        facts: dict[tuple[str, str, str], dict[Any, Any]] = {}
        self._collect(trace, facts, [], language)
        other = next((self._owner(kind, key, language) for kind, key, _ in facts if (kind, key) != (thing.kind, thing.key)), "") if len(facts) == 1 else ""
        return say("　实际 {value}", language, value=self.said(trace, language)) + other

    def _owner(self, kind: str, key: str, language: Language) -> str:
        return say("（{what}）", language, what=f"{kind} {key}")

    def said(self, trace: Trace, language: Language) -> str:
        """The value of a traced node with its unit."""
        if isinstance(trace.node, YearIndex) and trace.value.__class__ is int:
            return say("第 {count} 年", language, count=trace.value)
        return self.figures.said(trace.value, trace.node, trace.thing.kind, self.rule_at(trace.thing), language)

    def rule_at(self, thing: Thing) -> Rule | None:
        """The rule whose 值 may be named here: only inside its own object."""
        rule = self._rule
        return rule if rule is not None and self.interpreter.vocabulary.is_kind(thing.kind, rule.object) else None

    def unit(self, trace: Trace) -> str:
        """The unit of a traced node's value."""
        return self.figures.unit(trace.node, trace.thing.kind, self.rule_at(trace.thing))

    # --- what a trace looked at ---------------------------------------------------------------------------------------------------------

    def details(self, trace: Trace, thing: Thing, language: Language) -> Lines:
        """The facts below a trace, one line a fact, and the rows of every sum. A single fact that the line above already shows is left out."""
        facts: dict[tuple[str, str, str], dict[Any, Any]] = {}
        lists: Lines = []
        self._collect(trace, facts, lists, language)
        node = trace.node
        shown_above = isinstance(node, Path) or (isinstance(node, (Compare, Is, In, OrdinalTest)) and isinstance(node.left, Path))
        lines = []
        if not (shown_above and len(facts) == 1 and len(next(iter(facts.values()))) == 1):
            lines = [self._fact_line(key, values, thing, language) for key, values in facts.items()]
        if _special(node):
            lines += self._special_line(trace, language)
        return lines + lists

    def _collect(self, trace: Trace, facts: dict[tuple[str, str, str], dict[Any, Any]], lists: Lines, language: Language) -> None:
        node, children = trace.node, trace.children
        if isinstance(node, Path):
            if children and isinstance(children[-1].node, Path) and children[-1].node.names[-1:] == node.names[-1:]:
                self._collect(children[-1], facts, lists, language)
                return
            if children and len(node.names) > 1:  # the walk ended at a relation nobody knows
                self._collect(children[-1], facts, lists, language)
                return
            if children and isinstance(children[0].node, Value):
                lists += self.formula(children[0], language)
                return
            if node.names == ("本年",):
                return
            fact = self.policy.vocabulary.fact(trace.thing.kind, node.names[-1])
            period = None
            if fact is not None and fact.yearly:
                window = self._rule.window if self._rule is not None else None
                period = trace.year if window is None else window_of(window, trace.year)
            if fact is None and node.names[0] in self.policy.parameters:
                keys = listed([show(child.value, "", language) for child in children], language)
                facts.setdefault((trace.thing.kind, trace.thing.key, node.names[0] + (say("（{what}）", language, what=keys) if keys else "")), {})[None] = trace
                return
            facts.setdefault((trace.thing.kind, trace.thing.key, "的".join(node.names)), {}).setdefault(period, trace)
            recognition = self.bound.rules.get(node.names[-1])
            if recognition is not None and recognition.kind == "认定" and (children or trace.value.__class__ is Unknown):
                lists += self._recognition(recognition, trace, language)
            else:
                for child in children:
                    lists += self.formula(child, language, name=node.names[-1])
            return
        if isinstance(node, Aggregate):
            lists += self._rows(trace, language)
            return
        for child in children:
            self._collect(child, facts, lists, language)

    def _recognition(self, rule: Rule, trace: Trace, language: Language) -> Lines:
        """A recognition (认定) the facts had to be asked for: its conditions, and the office's decision where the policy leaves it one."""
        lines = [say("认定“{name}”的条件", language, name=rule.name)]
        any_of = [child for child in trace.children if any(child.node is item for item in rule.any_of)]
        for child in trace.children:
            if child not in any_of and not isinstance(child.node, Always):
                lines += self.condition(child, trace.thing, language)
        if any_of:
            lines.append(f"  {_sign(_any(child.value for child in any_of))} {say('满足一项即可', language)}")
            for child in any_of:
                lines += self.condition(child, trace.thing, language, depth=2)
        if rule.decision == "可认定":
            decision = trace.thing.values.get((rule.name + "决定", trace.year))
            lines.append("  " + say("主管部门的决定：{value}", language, value="？" if decision is None else show(decision, "", language)))
        return lines

    def _fact_line(self, key: tuple[str, str, str], values: dict[Any, Any], thing: Thing, language: Language) -> str:
        kind, owner, name = key
        whose = "" if (kind, owner) == (thing.kind, thing.key) else f"{kind} {owner} "
        said = []
        for period, trace in sorted(values.items(), key=lambda item: -item[1].year):
            fact = self.policy.vocabulary.fact(kind, trace.node.names[-1])
            value = self.said(trace, language) if fact is None else _fact_text(trace.value, fact.unit, language)
            said.append(f"{period_text(period, language)} {value}".strip())
        return f"{whose}{name} {('，' if language == 'zh' else ', ').join(said)}"

    def _special_line(self, trace: Trace, language: Language) -> Lines:
        """两年平均增长率 is compared without roots, 时长 by its corresponding day: say how."""
        node, children = trace.node, trace.children
        if node.left.function == "两年平均增长率" and len(children) >= 3 and isinstance(node, Compare):
            now, base, rate = children[0].value, children[1].value, children[2].value
            if all(part.__class__ in NUMBERS for part in (now, base, rate)):
                unit = self.unit(children[0])
                bound = base * (1 + rate) ** 2
                return [say("{base} ×（1 ＋ {rate}）² ＝ {bound}，本年 {now}", language, base=_fact_text(base, unit, language), rate=show(rate, "%", language),
                            bound=_fact_text(bound, unit, language), now=_fact_text(now, unit, language))]  # fmt: skip
        if node.left.function == "时长" and len(children) >= 2 and isinstance(node, Compare):
            from ..values.period import after

            start, end = children[0].value, children[1].value
            if isinstance(start, date) and isinstance(end, date):
                unit = "日" if node.right.unit == "天" else node.right.unit.removeprefix("个")
                full = after(start, int(node.right.value), unit)
                return [say("自 {start} 起，{full} 满；算到 {end}", language, start=start.isoformat(), full=full.isoformat(), end=end.isoformat())]
        return []

    def _rows(self, trace: Trace, language: Language) -> Lines:
        """A sum, count or extreme, with each object that went into it and each that was left out."""
        node = trace.node
        lines = [f"{self.phrase(node, language)}{_EQUALS[language]}{self.said(trace, language)}"]
        by_thing: dict[tuple[str, str], list[Trace]] = {}
        for child in trace.children:
            if (child.thing.kind, child.thing.key) != (trace.thing.kind, trace.thing.key):
                by_thing.setdefault((child.thing.kind, child.thing.key), []).append(child)
        for (kind, key), parts in list(by_thing.items())[:LISTED_MOST]:
            lines.append(f"  {kind} {key}：" + self._row(node, parts, language) if language == "zh" else f"  {kind} {key}: " + self._row(node, parts, language))
        if len(by_thing) > LISTED_MOST:
            lines.append("  " + say("另有 {count} 个没有列出", language, count=len(by_thing) - LISTED_MOST))
        return lines

    def _row(self, node: Aggregate, parts: list[Trace], language: Language) -> str:
        of = next((part for part in parts if node.of is not None and part.node is node.of), None)
        where = next((part for part in parts if node.where is not None and part.node is node.where), None)
        if where is not None and where.value is not True:
            reason = self._why(where, language)
            unknown = truth(where.value).__class__ is Unknown
            return say("未定（{reason}）", language, reason=reason) if unknown else say("不计（{reason}）", language, reason=reason)
        if of is None:
            return say("计入", language)
        substituted, value = self.substituted(of, language), self.said(of, language)
        return value if substituted == value else f"{substituted}{_EQUALS[language]}{value}"

    def _why(self, trace: Trace, language: Language) -> str:
        """The first part of a condition that does not hold, with its value."""
        node = trace.node
        if isinstance(node, And):
            trace = next((child for child in trace.children if truth(child.value) is not True), trace)
            return self._why(trace, language) if not isinstance(trace.node, And) else self.phrase(node, language)
        return self.phrase(node, language) + self._actual(trace, trace.thing, language).replace("　", "，").replace("  ", ", ")

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
                actual = self._actual(trace, thing, language).strip("　 ") if result is not True or isinstance(trace.node, Compare) else ""
                said.append(self.phrase(trace.node, language) + (say("（{what}）", language, what=actual) if actual else ""))
                details += self.details(trace, thing, language)
                if result is False or (result.__class__ is Unknown and holds is True):
                    holds = result
                if result is False:
                    break
            text = ("，" if language == "zh" else ", ").join(said) or label or say("不限", language)
            lines.append(f"  {_sign(holds)} {text}")
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

    def formula(self, trace: Trace, language: Language, name: str = "") -> Lines:
        """A formula with its values put in step by step, then the rows and facts they came from."""
        node = trace.node
        if isinstance(node, Value):
            body = trace.children[-1] if trace.children else trace
            return self.formula(body, language, name=node.name)
        if node is None:
            return [say("（年度标准未定）", language)]
        steps = [self.phrase(node, language), self.substituted(trace, language), self._stepped(trace, language), self.said(trace, language)]
        kept = [step for place, step in enumerate(steps) if step and not any(before.startswith(step) for before in steps[1:place]) and step != steps[0] or place == 0]
        lines = [(name + _EQUALS[language] if name else "") + kept[0], *(f"{_EQUALS[language].rjust(4)}{step}" for step in kept[1:])]
        facts: dict[tuple[str, str, str], dict[Any, Any]] = {}
        lists: Lines = []
        self._collect(trace, facts, lists, language)
        if not (isinstance(node, Aggregate) and len(lists) <= 1):
            lines += ["    " + line for line in (lists[1:] if isinstance(node, Aggregate) else lists)]
        if not isinstance(node, Path):
            lines += ["    " + self._fact_line(key, values, trace.thing, language) for key, values in facts.items()]
        return lines

    def substituted(self, trace: Trace, language: Language) -> str:
        """The formula with a value in the place of each fact, sum and function."""
        node, children = trace.node, trace.children
        if isinstance(node, Number):
            return self.phrase(node, language)
        if isinstance(node, Open):
            value = self.said(trace, language)
            if trace.value.__class__ is Unknown:
                return value
            return value + (say("（上限，本年标准未定）", language) if self.interpreter.opened else say("（本年标准）", language))
        if isinstance(node, Binary) and len(children) == 2:
            return f"{self._part(children[0], node, False, language)} {node.operator} {self._part(children[1], node, True, language)}"
        if isinstance(node, Step) and len(children) == 3:
            left, size, amount = (self.substituted(child, language) for child in children)
            if isinstance(children[0].node, Binary):
                left = f"（{left}）" if language == "zh" else f"({left})"
            return f"{left} {node.word} {size} {amount}" if language == "zh" else f"{amount} {phrase(node.word, 'en')} {size} of {left}"
        if isinstance(node, Limited) and children:
            most, least = ("，最高 ", "，最低 ") if language == "zh" else (", at most ", ", at least ")
            text, rest = self.substituted(children[0], language), list(children[1:])
            if node.most is not None and rest:
                text += most + self.substituted(rest.pop(0), language)
            return text + (least + self.substituted(rest.pop(0), language) if node.least is not None and rest else "")
        return self.said(trace, language)

    def _part(self, child: Trace, parent: Binary, tight: bool, language: Language) -> str:
        text, node = self.substituted(child, language), child.node
        loose = {"+": 1, "−": 1, "×": 2, "÷": 2}
        if isinstance(node, Binary) and (loose[node.operator] < loose[parent.operator] or (tight and loose[node.operator] == loose[parent.operator])):
            return f"（{text}）" if language == "zh" else f"({text})"
        return text

    def _stepped(self, trace: Trace, language: Language) -> str:
        """每满 and 每 as a multiplication: 2 × 10万元."""
        node, children = trace.node, trace.children
        if isinstance(node, Step) and len(children) == 3:
            left, size, amount = (child.value for child in children)
            if all(part.__class__ in NUMBERS for part in (left, size, amount)) and size > 0:
                count = max(left, 0) // size if node.word == "每满" else self._ratio(left, size)
                return f"{show(count, '', language)} × {self.said(children[2], language)}"
            return ""
        if isinstance(node, Binary) and len(children) == 2 and any(isinstance(child.node, Step) for child in children):
            left, right = (self._stepped(child, language) or self.substituted(child, language) for child in children)
            return f"{left} {node.operator} {right}"
        return ""

    def _ratio(self, left: Any, size: Any) -> Any:
        from fractions import Fraction

        return max(Fraction(left) / size, Fraction(0))

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
            lines.append("  " + say("{name}：{option}", language, name=name, option=option) + changed + (say("　理由：{reason}", language, reason=reason) if reason else ""))
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
            lines.append("  " + say("{year}年 {award} {key} {amount}（{document}）", language, year=entry.year, award=entry.award, key=entry.object_key,
                                    amount=amount_text(entry.amount_fen, language), document=document_text(entry.document, language)))  # fmt: skip
        return lines

    def _result(self, line: Line, language: Language) -> str:
        outcome = outcome_text(line.outcome, language)
        if line.outcome is Outcome.PAYABLE:
            text = say("结果：{outcome} {amount}", language, outcome=outcome, amount=amount_text(line.payable_fen, language))
        elif line.outcome is Outcome.PROVISIONAL:
            text = say("结果：{outcome} {amount}，本年标准定下以前不能支付", language, outcome=outcome, amount=amount_text(line.estimate_fen, language))
        else:
            text = say("结果：{outcome}", language, outcome=outcome)
            why = "" if line.outcome is Outcome.NEEDS_DATA else explain_short(line, language, self.words(line.claim.award) if language == "en" else None)
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
    return say("{start} 起", language, start=start) if start else say("没有写起止", language)


def _plain_tier(label: str) -> str:
    """A tier's label without the columns that a 口径 fills: they say nothing here."""
    return re.sub("，?【[^】]*】", "", label)


def _any(values: Iterable[Any]) -> Any:
    found = [truth(value) for value in values]
    return True if True in [value for value in found if value is True] else next((value for value in found if value.__class__ is Unknown), False)


def _sign(value: Any) -> str:
    value = truth(value)
    return "？" if value.__class__ is Unknown else SIGNS[bool(value)]


def _special(node: Any) -> bool:
    return getattr(getattr(node, "left", None), "function", "") in ("两年平均增长率", "时长")


def _fact_text(value: Any, unit: str, language: Language) -> str:
    if value is NONE or value.__class__ not in NUMBERS or isinstance(value, bool):
        return show(value, "", language)
    from .figures import quantity

    return quantity(value, unit, language)


def _named(key: str, name: str) -> str:
    return f"{name} {key}" if name and name != key else key

