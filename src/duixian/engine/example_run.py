"""One example as a small settlement: what its rows state (example_facts), then the ordinary path.

What no column speaks of is unknown, except payee, scope keys and 通则 conditions, which are neutral (docs/grammar.md 例).
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..award.history import History
from ..award.record import Claim, Limit, Line, ScopeKey, Window
from ..award.totals import apply_totals
from ..award.waterfall import run_waterfall
from ..policy.document import Cell
from ..policy.model import General, Highest, Policy, Rule, Total
from ..policy.readings import Bound, walk
from ..policy.resolve import resolve_path
from ..policy.standards import rests_on_the_year
from ..policy.syntax import Aggregate, Compare, Number, Open, Word
from ..values.diagnostic import Place
from ..values.facts import Paid, Thing
from ..values.money import exact, yuan_text
from ..values.period import parse_date
from ..values.terms import APPLIED_ON, CHOSEN, Outcome
from .assess import Assessor
from .context import Context
from .example_facts import Bad, Stated
from .example_tables import Example, ExampleTable
from .ground import Ground, enabled_groups, highest_rule, in_order, total_rule
from .interpret import Interpreter
from .logic import NUMBERS


@dataclass(frozen=True, slots=True)
class Result:
    """What a row came to: the words it would be written in, and the line."""

    text: str
    funding: str
    line: Line | None
    bad: Bad | None = None  # the cell that kept the row from being run


class Run:
    """One example under one binding."""

    def __init__(self, policy: Policy, bound: Bound, fixed: Ground, table: ExampleTable, example: Example) -> None:
        self.policy, self.bound, self.fixed, self.table, self.example = policy, bound, fixed, table, example
        self.stated = Stated(policy, bound, fixed, table, example)
        self.facts, self.ledger, self.standards, self.year = self.stated.facts, self.stated.ledger, self.stated.standards, self.stated.year

    def results(self) -> list[Result]:
        owner = self.table.owner
        if isinstance(owner, (Highest, Total)):
            return self._line_results(owner)
        try:
            lines = self._lines()
        except Bad as bad:
            return [Result("", "", None, bad) for _ in self.example.rows]
        return [_result(line) for line in lines]

    # --- an award's own examples

    def prepare(self) -> tuple[Assessor, list[tuple[Rule, Thing]]]:
        """The award and object of each row, with what the rows state. Raises Bad."""
        rules, things = [], []
        for place, row in enumerate(self.example.rows):
            rule = self._rule(row)
            key = "例" if len(self.example.rows) == 1 else f"例{place + 1}"
            thing = self.facts.add(rule.object, key)
            self.stated.settings(rule, row)
            self.stated.state(rule, thing, row)
            self.stated.neutral(rule, thing)
            rules.append(rule)
            things.append(thing)
        bound = self.bound
        if isinstance(self.table.owner, General):
            bound = dataclasses.replace(bound, rules={**bound.rules, **{rule.name: rule for rule in rules}})
        interpreter = Interpreter(
            bound,
            self.facts,
            [entry for entry in self.ledger if entry.document in self.fixed.history],
            self.standards,
            self.fixed.validity,
            self.fixed.unset_standard,
        )
        assessor = Assessor(
            interpreter,
            rounding=self.fixed.rounding,
            year_rule=self.fixed.year_rule,
            groups=enabled_groups(bound, self.standards),
            generals_if_known=True,
            said_unknown=self.stated.unknown,
        )
        return assessor, list(zip(rules, things, strict=True))

    def _lines(self) -> list[Line]:
        assessor, pairs = self.prepare()
        claims = [assessor.assess(rule.name, thing, self.year) for rule, thing in pairs]
        history = History(
            [entry for entry in self.ledger if entry.document in self.fixed.history], self.year, self.fixed.validity, assessor.key_of_entry
        )
        lines = run_waterfall(claims, history, highest_rule(self.bound, self.standards))
        apply_totals(lines, [], Place(self.policy.document.file))
        by_key = {(line.claim.award, line.claim.key): line for line in lines}
        return [by_key[(rule.name, thing.key)] for rule, thing in pairs]

    def watch(self, seen: dict[tuple[int, int], tuple[Compare, set[str]]]) -> None:
        """Note for every boundary whether this example stands exactly at it, and on which side."""
        try:
            assessor, pairs = self.prepare()
        except Bad:
            return
        interpreter = assessor.interpreter
        for rule, thing in pairs:
            values = interpreter.named_values(rule)
            for node, sides in seen.values():
                context, asked = self._asked(interpreter, rule, Context(rule.object, rule, values=values), thing, node)
                left, test = interpreter.lower(node.left, context), interpreter.lower(node, context)
                for one in asked:
                    value = left(one, self.year)
                    if value.__class__ in NUMBERS:
                        assert isinstance(node.right, Number)
                        sides.add("是" if test(one, self.year) is True else "否")
                        if value == node.right.value:
                            sides.add("正好")

    def _asked(self, interpreter: Interpreter, rule: Rule, context: Context, thing: Thing, node: Compare) -> tuple[Context, list[Thing]]:
        """Of which objects a comparison is asked: of the example's own, or of the children where it stands behind 其中."""
        for body in rule.tests:
            for outer in walk(body):
                if (
                    isinstance(outer, Aggregate)
                    and outer.where is not None
                    and any(inner == node and inner.at == node.at for inner in walk(outer.where))
                ):
                    *way, last = resolve_path(self.policy, rule, rule.object, outer.path)
                    parent = interpreter.follow(way, context)(thing, self.year) if way else thing
                    return context.inside(last.kind), interpreter.children(last, parent, self.year)[0] if parent.__class__ is Thing else []
        return context, [thing]

    def _rule(self, row: dict[str, Cell]) -> Rule:
        owner = self.table.owner
        if isinstance(owner, Rule):
            return self.bound.rules[owner.name]
        named = (
            self.bound.rules.get(row["奖补"].text) if "奖补" in row else next(iter(rule for rule in self.bound.rules.values() if rule.kind == "奖补"))
        )
        if named is None:
            raise Bad(row["奖补"], "奖补的名称")
        amount = self.stated.number(row["应得"], "元") if "应得" in row else exact(Fraction(100))
        return dataclasses.replace(named, conditions=(), any_of=(), vetoes=(), tiers=None, standard=Number(Fraction(amount), "元"), frequency=None, upgrade=None, caps=(), places=None,
                                   order=None, values=(), timing=None, funding=None)  # fmt: skip

    # --- examples of 就高 and 总额: lines with amounts already due

    def _line_results(self, owner: Any) -> list[Result]:
        claims: list[Claim] = []
        names = [rule.name for rule in self.bound.rules.values()]
        try:
            self.stated.named_standards(self.example.rows[0])
            for place, row in enumerate(self.example.rows):
                award = row["奖补"].text if "奖补" in row else names[0]
                if award not in names:
                    raise Bad(row["奖补"], "奖补的名称")
                rule = self.bound.rules[award]
                payee = row["受益人"].text if "受益人" in row else f"甲{place + 1}" if isinstance(owner, Total) else "甲"
                claim = Claim(award, rule.clause, rule.object, row["对象"].text if "对象" in row else f"例{place + 1}", payee, payee, self.year, names.index(award), met=True,
                              amount=self.stated.number(row["应得"], "元"), rounding=self.fixed.rounding, adjustable=rests_on_the_year(rule, self.bound.rules), standard_only=rule.kind == "登记")  # fmt: skip
                if any(claim.id == other.id for other in claims):
                    raise Bad(row["对象"], "另一个对象：一个对象在一项奖补里每年只有一笔")
                if "计算额" in row:  # the amount before its cap, which 下调标准 lowers
                    pot = ScopeKey(f"例{place}", (award,), (claim.key,), Window("每笔"))
                    claim.limits, claim.amount = (Limit(claim.amount or 0, pot, row["应得"].text),), self.stated.number(row["计算额"], "元")
                if APPLIED_ON in row:
                    claim.applied_on = parse_date(row[APPLIED_ON].text)
                if CHOSEN in row:
                    if row[CHOSEN].text not in ("是", "否"):
                        raise Bad(row[CHOSEN], "是 或 否")
                    claim.chosen = row[CHOSEN].text == "是"
                self._earlier(award, claim.key, row)
                self._keys(claim, rule, row)
                claims.append(claim)
            totals = self._totals(owner)
        except Bad as bad:
            return [Result("", "", None, bad) for _ in self.example.rows]
        history = History([], self.year, self.fixed.validity, lambda scope, entry: ())
        lines = run_waterfall(claims, history, highest_rule(self.bound, self.standards))
        apply_totals(lines, totals, Place(self.policy.document.file))
        by_id = {line.claim.id: line for line in lines}
        return [_result(by_id[claim.id]) for claim in claims]

    def _earlier(self, award: str, key: str, row: dict[str, Cell]) -> None:
        """已付(年度、金额) of a line example: what a total has already paid."""
        cell = row.get("已付(年度、金额)")
        for text in re.split("[；;]", cell.text) if cell and cell.text not in ("", "无") else ():
            year, _, amount = text.strip().partition("、")
            assert cell is not None
            if not re.fullmatch(r"\d{4}", year):
                raise Bad(cell, "年度、金额")
            self.ledger.append(Paid(award, int(year), f"{key}·以前", int(self.stated.number(Cell(amount, cell.at), "元"))))

    def _keys(self, claim: Any, rule: Rule, row: dict[str, Cell]) -> None:
        for group in enabled_groups(self.bound, self.standards):
            if group.awards is None or rule.name in group.awards:
                own = group.awards.get(rule.name) if group.awards else ()
                parts = [(own[0] if own and place == 0 else name) for place, name in enumerate(group.same)]
                claim.groups[group.name] = tuple(
                    str(self.year) if name == "年度" else claim.recipient if name == "受益人" else row[name].text if name in row else row[group.same[place]].text if group.same[place] in row else f"{claim.key}的{name}"
                    for place, name in enumerate(parts)
                )  # fmt: skip
        for total in self.bound.totals:
            named = {word.text for word in total.items if isinstance(word, Word)}
            listed = next(
                (
                    self.standards.settings[(node.name, "")].value
                    for node in total.items
                    if isinstance(node, Open) and (node.name, "") in self.standards.settings
                ),
                (),
            )
            named |= set(listed or ())
            if total.register == rule.object if rule.kind == "登记" else not total.register and (rule.name in named) is not total.range_all:
                itself = {"受益人": claim.recipient, "对象": claim.key, rule.object: claim.key}
                claim.pots[total.name] = tuple(row[key.text].text if key.text in row else itself.get(key.text, "例") for key in total.scope.keys)

    def _totals(self, owner: Any) -> list[Any]:
        row = self.example.rows[0]
        interpreter = Interpreter(self.bound, self.facts, [], self.standards, self.fixed.validity, self.fixed.unset_standard)
        assessor = Assessor(interpreter, rounding=self.fixed.rounding, year_rule=self.fixed.year_rule, groups=[])
        rules = []
        for total in in_order(self.bound.totals):
            made = total_rule(total, assessor, self.ledger, self.year, self.fixed.validity)
            if total.name == owner.name and "额度" in row:
                made = dataclasses.replace(made, amount_fen=int(self.stated.number(row["额度"], "元")))
            rules.append(made)
        return rules


def _result(line: Line) -> Result:
    text = line.outcome.value
    if line.outcome is Outcome.PAYABLE:
        text = yuan_text(line.payable_fen)
    elif line.outcome is Outcome.PROVISIONAL:
        text = f"暂估 {yuan_text(line.estimate_fen)}"
    return Result(text, line.claim.funding, line)
