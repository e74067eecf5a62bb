"""What a traced rule looked at, in words: conditions with their signs and facts, sums with their rows, formulas with their values put in.

Everything is read off the tree and the trace; nothing is computed and nothing is written per policy.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from ..policy.model import Rule
from ..policy.readings import Bound
from ..policy.render import phrase, show
from ..policy.syntax import Aggregate, Always, And, Binary, Compare, In, Is, Limited, Number, Open, Or, OrdinalTest, Path, Step, Value, YearIndex
from ..values.facts import NONE, Thing, Unknown
from ..values.labels import listed, period_text, say
from ..values.messages import Language
from ..values.period import after, window_of
from .context import Trace
from .figures import Figures, quantity
from .interpret import Interpreter
from .logic import NUMBERS, truth

SIGNS = {True: "✓", False: "✗"}
LISTED_MOST = 60  # rows of a sum or count shown one by one; the rest is counted
_EQUALS = {"zh": " ＝ ", "en": " = "}
_LOOSE = {"+": 1, "−": 1, "×": 2, "÷": 2}
Lines = list[str]
FactsSeen = dict[tuple[str, str, str], dict[Any, Trace]]  # (object type, key, fact) -> period -> its trace


class Teller:
    """Tells what traces of one bound policy looked at. `rule`: the rule being told of; its 值 and its 期间 give names a meaning."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.bound: Bound = interpreter.bound
        self.policy = self.bound.policy
        self.figures = Figures(self.policy)
        self.rule: Rule | None = None
        self._phrases: dict[tuple[int, Language], tuple[str, Any]] = {}  # the node is kept, so its id stays its own

    # --- values ---------------------------------------------------------------------------------------------------------------------

    def phrase(self, node: Any, language: Language) -> str:
        key = (id(node), language)
        if key not in self._phrases:
            self._phrases[key] = (phrase(node, language), node)
        return self._phrases[key][0]

    def said(self, trace: Trace, language: Language) -> str:
        """The value of a traced node with its unit."""
        if isinstance(trace.node, YearIndex) and trace.value.__class__ is int:
            return say("第 {count} 年", language, count=trace.value)
        return self.figures.said(trace.value, trace.node, trace.thing.kind, self.rule_at(trace.thing), language)

    def rule_at(self, thing: Thing) -> Rule | None:
        """The rule whose 值 may be named here: only inside its own object."""
        rule = self.rule
        return rule if rule is not None and self.interpreter.vocabulary.is_kind(thing.kind, rule.object) else None

    def unit(self, trace: Trace) -> str:
        """The unit of a traced node's value."""
        return self.figures.unit(trace.node, trace.thing.kind, self.rule_at(trace.thing))

    # --- conditions -----------------------------------------------------------------------------------------------------------------

    def condition(self, trace: Trace, thing: Thing, language: Language, *, depth: int = 1, tail: str = "") -> Lines:
        """A condition with its sign and what it looked at; 且 and 或 are listed part by part."""
        node, pad = trace.node, "  " * depth
        if isinstance(node, (And, Or)) and trace.children:
            head = say("都要满足", language) if isinstance(node, And) else say("满足一项即可", language)
            lines = [f"{pad}{sign(trace.value)} {head}{tail}"]
            for child in trace.children:
                lines += self.condition(child, thing, language, depth=depth + 1)
            return lines
        text = self.phrase(node, language) if node is not None else say("（年度标准未定）", language)
        lines = [f"{pad}{sign(trace.value)} {text}{tail}{self.actual(trace, thing, language)}"]
        return lines + [f"{pad}    {detail}" for detail in self.details(trace, thing, language)]

    def actual(self, trace: Trace, thing: Thing, language: Language) -> str:
        """What stands on the left of a condition: `　实际 800万元`."""
        node = trace.node
        if isinstance(node, (Compare, Is, In, OrdinalTest)) and trace.children and not is_special(node):
            trace = trace.children[0]
        elif not isinstance(node, Path):
            return ""
        facts: FactsSeen = {}
        self._collect(trace, facts, [], language)
        others = [self._owner(kind, key, language) for kind, key, _ in facts if (kind, key) != (thing.kind, thing.key)]
        other = others[0] if len(facts) == 1 and others else ""
        return say("　实际 {value}", language, value=self.said(trace, language)) + other

    def _owner(self, kind: str, key: str, language: Language) -> str:
        return say("（{what}）", language, what=f"{kind} {key}")

    # --- facts ------------------------------------------------------------------------------------------------------------------------

    def details(self, trace: Trace, thing: Thing, language: Language) -> Lines:
        """The facts below a trace, one line a fact, and the rows of every sum. A single fact that the line above already shows is left out."""
        facts: FactsSeen = {}
        lists: Lines = []
        self._collect(trace, facts, lists, language)
        node = trace.node
        shown_above = isinstance(node, Path) or (isinstance(node, (Compare, Is, In, OrdinalTest)) and isinstance(node.left, Path))
        lines = []
        if not (shown_above and len(facts) == 1 and len(next(iter(facts.values()))) == 1):
            lines = [self._fact_line(key, values, thing, language) for key, values in facts.items()]
        if is_special(node):
            lines += self._special_line(trace, language)
        return lines + lists

    def _collect(self, trace: Trace, facts: FactsSeen, lists: Lines, language: Language) -> None:
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
                window = self.rule.window if self.rule is not None else None
                period = trace.year if window is None else window_of(window, trace.year)
            if fact is None and node.names[0] in self.policy.parameters:
                keys = listed([show(child.value, "", language) for child in children], language)
                name = node.names[0] + (say("（{what}）", language, what=keys) if keys else "")
                facts.setdefault((trace.thing.kind, trace.thing.key, name), {})[None] = trace
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
            lines.append(f"  {sign(any_of_them(child.value for child in any_of))} {say('满足一项即可', language)}")
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
            value = self.said(trace, language) if fact is None else fact_text(trace.value, fact.unit, language)
            said.append(f"{period_text(period, language)} {value}".strip())
        return f"{whose}{name} {('，' if language == 'zh' else ', ').join(said)}"

    def _special_line(self, trace: Trace, language: Language) -> Lines:
        """两年平均增长率 is compared without roots, 时长 by its corresponding day: say how."""
        node, children = trace.node, trace.children
        if node.left.function == "两年平均增长率" and len(children) >= 3 and isinstance(node, Compare):
            now, base, rate = children[0].value, children[1].value, children[2].value
            if all(part.__class__ in NUMBERS for part in (now, base, rate)):
                unit, bound = self.unit(children[0]), base * (1 + rate) ** 2
                said = {name: fact_text(value, unit, language) for name, value in (("base", base), ("bound", bound), ("now", now))}
                return [say("{base} ×（1 ＋ {rate}）² ＝ {bound}，本年 {now}", language, rate=show(rate, "%", language), **said)]
        if node.left.function == "时长" and len(children) >= 2 and isinstance(node, Compare):
            start, end = children[0].value, children[1].value
            if isinstance(start, date) and isinstance(end, date):
                unit = "日" if node.right.unit == "天" else node.right.unit.removeprefix("个")
                full = after(start, int(node.right.value), unit)
                return [say("自 {start} 起，{full} 满；算到 {end}", language, start=start.isoformat(), full=full.isoformat(), end=end.isoformat())]
        return []

    # --- sums and formulas --------------------------------------------------------------------------------------------------------------

    def _rows(self, trace: Trace, language: Language) -> Lines:
        """A sum, count or extreme, with each object that went into it and each that was left out."""
        node = trace.node
        lines = [f"{self.phrase(node, language)}{_EQUALS[language]}{self.said(trace, language)}"]
        by_thing: dict[tuple[str, str], list[Trace]] = {}
        for child in trace.children:
            if (child.thing.kind, child.thing.key) != (trace.thing.kind, trace.thing.key):
                by_thing.setdefault((child.thing.kind, child.thing.key), []).append(child)
        for (kind, key), parts in list(by_thing.items())[:LISTED_MOST]:
            lines.append(f"  {kind} {key}{'：' if language == 'zh' else ': '}{self._row(node, parts, language)}")
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
        return self.phrase(node, language) + self.actual(trace, trace.thing, language).replace("　", "，").replace("  ", ", ")

    def formula(self, trace: Trace, language: Language, name: str = "") -> Lines:
        """A formula with its values put in step by step, then the rows and facts they came from."""
        node = trace.node
        if isinstance(node, Value):
            body = trace.children[-1] if trace.children else trace
            return self.formula(body, language, name=node.name)
        if node is None:
            return [say("（年度标准未定）", language)]
        steps = [self.phrase(node, language), self.substituted(trace, language), self._stepped(trace, language), self.said(trace, language)]
        kept = steps[:1]
        for step in steps[1:]:
            if step and step != kept[0] and not any(before.startswith(step) for before in kept[1:]):
                kept.append(step)
        lines = [(name + _EQUALS[language] if name else "") + kept[0], *(f"{_EQUALS[language].rjust(4)}{step}" for step in kept[1:])]
        facts: FactsSeen = {}
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
        if isinstance(node, Binary) and _LOOSE[node.operator] < _LOOSE[parent.operator] + (1 if tight else 0):
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
        return max(Fraction(left) / size, Fraction(0))


def any_of_them(values: Iterable[Any]) -> Any:
    """或 over values that are already there."""
    found = [truth(value) for value in values]
    return True if True in [value for value in found if value is True] else next((value for value in found if value.__class__ is Unknown), False)


def sign(value: Any) -> str:
    """How a truth is marked in a printout."""
    value = truth(value)
    return "？" if value.__class__ is Unknown else SIGNS[bool(value)]


def is_special(node: Any) -> bool:
    """Whether a comparison is one of a 两年平均增长率 or 时长, which have no value of their own to show."""
    return getattr(getattr(node, "left", None), "function", "") in ("两年平均增长率", "时长")


def fact_text(value: Any, unit: str, language: Language) -> str:
    """A fact as it is on file, with its unit."""
    if value is NONE or value.__class__ not in NUMBERS or isinstance(value, bool):
        return show(value, "", language)
    return quantity(value, unit, language)
