"""One example as a small settlement: facts, ledger and the year's file made from its row, then the ordinary path.

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
from ..policy.clauses import Clauses
from ..policy.cursor import Unreadable
from ..policy.document import Cell, Document, Table
from ..policy.lexer import normalise
from ..policy.model import General, Highest, Policy, Rule, Total
from ..policy.readings import Bound, walk
from ..policy.resolve import Hop, resolve_key, resolve_path
from ..policy.rules import read_tiers
from ..policy.standards import EVERY, Standards, open_items, open_tables
from ..policy.syntax import Aggregate, Compare, Number, Open, Scope, Tiers, Word
from ..policy.terms import Reader
from ..policy.vocabulary import CLAIM, Fact
from ..policy.year_file import read_setting
from ..values.diagnostic import Diagnostic, Place
from ..values.facts import NONE, Facts, Paid, Period, Thing
from ..values.money import exact, yuan_text
from ..values.period import parse_date, window_of
from ..values.terms import APPLIED_ON, DOCUMENTS, OUTSIDE, THIS_POLICY, Outcome
from ..values.units import same_dimension, unit_dimension
from .assess import Assessor
from .context import Context
from .example_tables import Column, Example, ExampleTable
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


class Bad(Exception):
    """A cell that cannot be read as what its column holds."""

    def __init__(self, cell: Cell, expected: str) -> None:
        self.cell, self.expected = cell, expected


class Run:
    """One example under one binding."""

    def __init__(self, policy: Policy, bound: Bound, fixed: Ground, table: ExampleTable, example: Example) -> None:
        self.policy, self.bound, self.fixed, self.table, self.example = policy, bound, fixed, table, example
        self.document: Document = policy.document
        self.facts, self.ledger = Facts(), []
        self.facts.listed.add(OUTSIDE)
        self.standards = Standards()
        self.year = self._year()
        self.standards.year = self.year

    def _year(self) -> int:
        row = self.example.rows[0]
        if "年度" in row and re.fullmatch(r"\d{4}年?", normalise(row["年度"].text)):
            return int(row["年度"].text[:4])
        start = self.fixed.validity.start.year if self.fixed.validity.start else 2025
        return next((year for year in range(start, start + 3) if self.fixed.validity.holds_in(year, self.fixed.year_rule)), start)

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

    def _prepare(self) -> tuple[Assessor, list[tuple[Rule, Thing]]]:
        rules, things = [], []
        for place, row in enumerate(self.example.rows):
            rule = self._rule(row)
            key = "例" if len(self.example.rows) == 1 else f"例{place + 1}"
            thing = self.facts.add(rule.object, key)
            self._settings(rule, row)
            self._state(rule, thing, row)
            self._neutral(rule, thing)
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
        )
        return assessor, list(zip(rules, things, strict=True))

    def _lines(self) -> list[Line]:
        assessor, pairs = self._prepare()
        claims = [assessor.assess(rule.name, thing, self.year) for rule, thing in pairs]
        history = History(
            [entry for entry in self.ledger if entry.document in self.fixed.history], self.year, self.fixed.validity, assessor.key_of_entry
        )
        lines = run_waterfall(claims, history, highest_rule(self.bound, self.standards))
        apply_totals(lines, [], Place(self.document.file))
        by_key = {(line.claim.award, line.claim.key): line for line in lines}
        return [by_key[(rule.name, thing.key)] for rule, thing in pairs]

    def watch(self, seen: dict[tuple[int, int], tuple[Compare, set[str]]]) -> None:
        """Note for every boundary whether this example stands exactly at it, and on which side."""
        try:
            assessor, pairs = self._prepare()
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
        amount = self._number(row["应得"], "元") if "应得" in row else exact(Fraction(100))
        return dataclasses.replace(named, conditions=(), any_of=(), vetoes=(), tiers=None, standard=Number(Fraction(amount), "元"), frequency=None, upgrade=None, caps=(), places=None,
                                   order=None, values=(), timing=None, funding=None)  # fmt: skip

    def _settings(self, rule: Rule, row: dict[str, Cell]) -> None:
        items = open_items(self.policy)
        for column in self.table.columns:
            if column.kind == "open":
                cell = row[f"另定 {column.text}"]
                item = items.get((column.text, ""))
                setting = read_setting(cell, item.kind if item else "value", self.document, [])
                if setting is None:
                    raise Bad(cell, "带单位的数、日期或名单")
                self.standards.settings[(column.text, "")] = setting
        for column in self.table.columns:
            if column.kind == "parameter":
                parameter = self.policy.parameters[column.text]
                cell = row[f"参数 {column.text}"]
                setting = read_setting(cell, "value", self.document, [])
                if setting is None or (
                    setting.value is not None and not same_dimension(unit_dimension(setting.unit), unit_dimension(parameter.unit))
                ):
                    raise Bad(cell, f"数，单位 {parameter.unit or '无'}，或“未定”")
                self.standards.parameters[(column.text, (EVERY,) * len(parameter.keys))] = setting
        if "年度标准" not in row or row["年度标准"].text in ("", "未定"):
            return
        cell = row["年度标准"]
        if rule.tiers and rule.tiers.open_whole:
            self.standards.tables[rule.name] = self._table(rule, cell)
            return
        keys = [
            (rule.name, tier.label)
            for tiers in open_tables(rule)
            for tier in tiers.rows
            if any(isinstance(node, Open) and not node.name for node in walk((tier.cells, tier.value)))
        ]
        keys = list(dict.fromkeys(keys))
        figures = tuple(value for value in rule.values if not isinstance(value.body, Tiers))
        if any(isinstance(node, Open) and not node.name for node in walk((rule.standard, figures, rule.conditions, rule.any_of, rule.vetoes, rule.caps))):
            keys.append((rule.name, ""))
        texts = [part.strip() for part in re.split("[；;]", cell.text)]
        if len(texts) != len(keys):
            raise Bad(cell, f"{len(keys)} 个本年标准，用分号隔开")
        for key, text in zip(keys, texts, strict=True):
            setting = read_setting(Cell(text, cell.at), "value", self.document, [])
            if setting is None:
                raise Bad(cell, "带单位的数")
            self.standards.settings[key] = setting

    def _table(self, rule: Rule, cell: Cell) -> Tiers:
        """85分以上 50万元；70分以上 30万元 as a tier table."""
        assert rule.tiers is not None
        rows = [tuple(Cell(part.strip(), cell.at) for part in text.strip().rsplit(" ", 1)) for text in re.split("[；;]", cell.text)]
        if any(len(row) != 2 for row in rows):
            raise Bad(cell, "档 金额；档 金额")
        head = (Cell(rule.tiers.heads[0], cell.at), Cell("标准", cell.at))
        defects: list[Diagnostic] = []
        tiers = read_tiers(Table(head, tuple(rows), cell.at), Clauses(rule.block, self.document, defects, []))
        if defects:
            raise Bad(cell, "档 金额；档 金额")
        return tiers

    # --- facts

    def _state(self, rule: Rule, thing: Thing, row: dict[str, Cell]) -> None:
        for column in self.table.columns:
            cell = row.get(column.text)
            if cell is None:
                continue
            if column.kind == "fact":
                self._fact(rule, thing, column, cell)
            elif column.kind == "list":
                self._list(rule, thing, column, cell)
        for column in self.table.columns:
            if column.kind == "paid":
                self._paid(rule, thing, column, row[column.text])
        if APPLIED_ON in row and (day := parse_date(row[APPLIED_ON].text)):
            self.facts.claims.setdefault((rule.name, thing.key), {})[(APPLIED_ON, None)] = day

    def _fact(self, rule: Rule, thing: Thing, column: Column, cell: Cell) -> None:
        assert column.hops
        fact = column.hops[-1].fact
        first = column.hops[0]
        if first.role == "claim":
            fact = self.policy.vocabulary.fact(CLAIM, column.hops[-1].name)
            value = self._value(cell, fact) if fact else None
            if value is not None:
                self.facts.claims.setdefault((rule.name, thing.key), {})[(column.hops[-1].name, None)] = value
            return
        if fact is None:
            raise Bad(cell, "事实")
        owner = self._walk(rule, thing, column.hops[:-1])
        value = self._value(cell, fact)
        if value is not None:
            owner.values[(fact.name, self._period(rule, fact, column.back, owner is thing))] = value

    def _period(self, rule: Rule, fact: Fact, back: int, own: bool) -> Period:
        if not fact.yearly:
            return None
        if rule.window is not None and own:
            return window_of(rule.window, self.year - back)
        return self.year - back

    def _walk(self, rule: Rule, thing: Thing, hops: tuple[Hop, ...]) -> Thing:
        """The object at the end of some relations, made where it is not there yet."""
        for hop in hops:
            if hop.role == "beneficiary":
                thing = self._payee(rule, thing)
            elif hop.role == "relation":
                assert hop.fact is not None
                thing = self._related(thing, hop.fact)
        return thing

    def _related(self, thing: Thing, fact: Fact, key: str | None = None) -> Thing:
        periods: list[Period] = [None] if not fact.yearly else list(range(self.year - 4, self.year + 1))
        known = next((thing.values[(fact.name, period)] for period in periods if isinstance(thing.values.get((fact.name, period)), str)), None)
        key = known or key or f"例的{fact.name}"
        for period in periods:
            thing.values.setdefault((fact.name, period), key)
        kinds = [name for name in self.policy.vocabulary.objects if self.policy.vocabulary.is_kind(name, fact.target)]
        return next((other for kind in kinds if (other := self.facts.find(kind, key))), None) or self.facts.add(fact.target, key)

    def _payee(self, rule: Rule, thing: Thing) -> Thing:
        if rule.beneficiary is None:
            return thing
        hops = resolve_path(self.policy, rule, rule.object, rule.beneficiary)
        return self._walk(rule, thing, tuple(hops))

    def _neutral(self, rule: Rule, thing: Thing) -> None:
        """A payee, and scope keys that no column speaks of, so that an example need not name what does not matter to it."""
        self._payee(rule, thing)
        scopes = [cap.scope for cap in rule.caps if isinstance(cap.scope, Scope)]
        if rule.frequency is not None and isinstance(rule.frequency.scope, Scope):
            scopes.append(rule.frequency.scope)
        names = [key.text for scope in scopes for key in scope.keys if isinstance(key, Word)]
        names += [word.text for word in rule.places.keys] if rule.places else []
        names += [key.text for total in self.bound.totals if _covers(total, rule) for key in total.scope.keys]
        for name in names:
            for hop in resolve_key(self.policy, rule, name):
                if hop.role == "relation" and hop.fact is not None:
                    self._related(thing, hop.fact)
                elif hop.role == "fact" and hop.fact is not None and hop.fact.kind in ("text", "option"):
                    thing.values.setdefault((hop.name, self.year if hop.fact.yearly else None), hop.fact.options[0] if hop.fact.options else "例")

    def _list(self, rule: Rule, thing: Thing, column: Column, cell: Cell) -> None:
        """下属(事实、事实): 值、值；值、值. 无 is an empty list, ？ an unknown one. In a list of the rule's own kind the first row is the object itself."""
        *way, last = column.hops
        parent = self._walk(rule, thing, tuple(way))
        assert last.fact is not None
        if cell.text in ("？", "?"):
            return
        self.facts.listed.add(last.kind)
        if cell.text == "无":
            return
        for place, text in enumerate(re.split("[；;]", cell.text)):
            values = [part.strip() for part in text.strip().split("、")]
            if len(values) != len(column.parts):
                raise Bad(cell, f"每一项 {len(column.parts)} 个值，用顿号隔开")
            itself = last.kind == rule.object and place == 0
            child = thing if itself else self.facts.add(last.kind, f"{thing.key}·{last.kind}{place + 1}")
            for period in range(self.year - 4, self.year + 1) if last.fact.yearly else (None,):
                child.values[(last.fact.name, period)] = parent.key
            for part, value_text in zip(column.parts, values, strict=True):
                assert part.fact is not None
                value = self._value(Cell(value_text, cell.at), part.fact)
                if value is not None:
                    child.values[(part.fact.name, self.year - part.back if part.fact.yearly else None)] = value

    def _paid(self, rule: Rule, thing: Thing, column: Column, cell: Cell) -> None:
        if cell.text in ("无", ""):
            return
        for place, text in enumerate(re.split("[；;]", cell.text)):
            values = dict(zip((part.text for part in column.parts), (part.strip() for part in text.strip().split("、")), strict=False))
            document = values.get("文件", THIS_POLICY)
            if document not in DOCUMENTS or not re.fullmatch(r"\d{4}", values.get("年度", "")) or "金额" not in values:
                raise Bad(cell, "年度、金额[、对象][、文件：" + "｜".join(DOCUMENTS) + "]")
            other = values.get("对象", "")
            key = f"{thing.key}·{other}{place}" if other and other != thing.key else thing.key
            keys: dict[str, str] = {}
            if other:  # another object of the same payee and of the same scope keys
                for name in _scope_names(rule):
                    if name in values:
                        keys[name] = values[name]
                        continue
                    for hop in resolve_key(self.policy, rule, name)[:1]:
                        if hop.role == "relation" and hop.fact is not None:
                            keys[name] = self._related(thing, hop.fact).key
                        elif hop.role == "fact":
                            found = thing.values.get((hop.name, None), "例")
                            keys[name] = found if isinstance(found, str) else str(found)
            payee = self._payee(rule, thing).key
            standard = self._number(Cell(values["档位标准"], cell.at), "元") if values.get("档位标准") else None
            self.ledger.append(Paid(values.get("奖补") or rule.name, int(values["年度"]), key, int(self._number(Cell(values["金额"], cell.at), "元")), document, payee,
                                    values.get("档", ""), int(standard) if standard is not None else self._nominal(rule, values.get("档", "")), tuple(keys.items())))  # fmt: skip

    def _nominal(self, rule: Rule, tier: str) -> int | None:
        """The fixed standard of a tier the ledger names."""
        row = next((row for row in rule.tiers.rows if row.label == tier), None) if rule.tiers and tier else None
        return int(row.value.value) if row and isinstance(row.value, Number) else None

    def _value(self, cell: Cell, fact: Fact) -> Any:
        """A cell as a value of its fact; None is unknown."""
        text = normalise(cell.text).strip()
        if text in ("?", ""):
            return None
        if text == "无":
            return NONE
        if fact.kind == "truth":
            if text not in ("是", "否"):
                raise Bad(cell, "是 或 否")
            return text == "是"
        if fact.kind == "date":
            day = parse_date(text)
            if day is None:
                raise Bad(cell, "日期，如 2025-03-01")
            return day
        if fact.kind == "year":
            if not re.fullmatch(r"\d{4}年?", text):
                raise Bad(cell, "四位年份")
            return int(text[:4])
        if fact.kind == "number":
            return self._number(cell, fact.unit)
        if fact.kind == "option" and text not in fact.options and not fact.extendable:
            raise Bad(cell, "、".join(fact.options))
        return text

    def _number(self, cell: Cell, unit: str) -> Any:
        try:
            defects: list[Diagnostic] = []
            reader = Reader(cell.text, cell.at[0], self.document, defects)
            node = reader.primary()
            reader.done()
        except Unreadable:
            raise Bad(cell, f"数，单位 {unit or '无'}") from None
        if defects or not isinstance(node, Number):
            raise Bad(cell, f"数，单位 {unit or '无'}")
        if not same_dimension(unit_dimension(node.unit) if node.unit else (), unit_dimension(unit) if unit else ()):
            raise Bad(cell, f"单位 {unit or '无'}")
        return exact(node.value)

    # --- examples of 就高 and 总额: lines with amounts already due

    def _line_results(self, owner: Any) -> list[Result]:
        claims: list[Claim] = []
        names = [rule.name for rule in self.bound.rules.values()]
        for column in self.table.columns:
            if column.kind == "open":
                cell = self.example.rows[0][f"另定 {column.text}"]
                item = open_items(self.policy).get((column.text, ""))
                setting = read_setting(cell, item.kind if item else "value", self.document, [])
                if setting is not None:
                    self.standards.settings[(column.text, "")] = setting
        try:
            for place, row in enumerate(self.example.rows):
                award = row["奖补"].text if "奖补" in row else names[0]
                if award not in names:
                    raise Bad(row["奖补"], "奖补的名称")
                rule = self.bound.rules[award]
                payee = row["受益人"].text if "受益人" in row else f"甲{place + 1}" if isinstance(owner, Total) else "甲"
                claim = Claim(award, rule.clause, rule.object, row["对象"].text if "对象" in row else f"例{place + 1}", payee, payee, self.year, names.index(award), met=True,
                              amount=self._number(row["应得"], "元"), rounding=self.fixed.rounding, adjustable=any(isinstance(node, Open) for node in walk((rule.standard, rule.tiers))))  # fmt: skip
                if "计算额" in row:  # the amount before its cap, which 下调标准 lowers
                    pot = ScopeKey(f"例{place}", (award,), (claim.key,), Window("每笔"))
                    claim.limits, claim.amount = (Limit(claim.amount or 0, pot, row["应得"].text),), self._number(row["计算额"], "元")
                if APPLIED_ON in row:
                    claim.applied_on = parse_date(row[APPLIED_ON].text)
                self._earlier(award, claim.key, row)
                self._keys(claim, rule, row)
                claims.append(claim)
            totals = self._totals(owner)
        except Bad as bad:
            return [Result("", "", None, bad) for _ in self.example.rows]
        history = History([], self.year, self.fixed.validity, lambda scope, entry: ())
        lines = run_waterfall(claims, history, highest_rule(self.bound, self.standards))
        apply_totals(lines, totals, Place(self.document.file))
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
            self.ledger.append(Paid(award, int(year), f"{key}·以前", int(self._number(Cell(amount, cell.at), "元"))))

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
            if not total.register and (rule.name in named) is not total.range_all:
                claim.pots[total.name] = tuple(row[key.text].text if key.text in row else "例" for key in total.scope.keys)

    def _totals(self, owner: Any) -> list[Any]:
        row = self.example.rows[0]
        interpreter = Interpreter(self.bound, self.facts, [], self.standards, self.fixed.validity, self.fixed.unset_standard)
        assessor = Assessor(interpreter, rounding=self.fixed.rounding, year_rule=self.fixed.year_rule, groups=[])
        rules = []
        for total in in_order(self.bound.totals):
            made = total_rule(total, assessor, self.ledger, self.year, self.fixed.validity)
            if total.name == owner.name and "额度" in row:
                made = dataclasses.replace(made, amount_fen=int(self._number(row["额度"], "元")))
            rules.append(made)
        return rules


def _result(line: Line) -> Result:
    text = line.outcome.value
    if line.outcome is Outcome.PAYABLE:
        text = yuan_text(line.payable_fen)
    elif line.outcome is Outcome.PROVISIONAL:
        text = f"暂估 {yuan_text(line.estimate_fen)}"
    return Result(text, line.claim.funding, line)


def _covers(total: Total, rule: Rule) -> bool:
    """Whether a total ranges over a rule, as far as its words say."""
    named = {word.text for word in total.items if isinstance(word, Word)}
    return total.register == rule.object if total.register else rule.kind == "奖补" and (rule.name in named) is not total.range_all


def _scope_names(rule: Rule) -> list[str]:
    scopes = [cap.scope for cap in rule.caps if isinstance(cap.scope, Scope)]
    if rule.frequency is not None and isinstance(rule.frequency.scope, Scope):
        scopes.append(rule.frequency.scope)
    return [key.text for scope in scopes for key in scope.keys if isinstance(key, Word)]
