"""What the row of an example states: facts, the ledger and the year's file, as the ordinary path finds them.

What no column speaks of is unknown, except payee and scope keys, which are neutral (docs/grammar.md 例).
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from ..policy.clauses import Clauses
from ..policy.cursor import Unreadable
from ..policy.document import Cell, Document, Table
from ..policy.lexer import normalise
from ..policy.model import Policy, Rule, Total
from ..policy.readings import Bound, walk
from ..policy.resolve import Hop, resolve_key, resolve_path
from ..policy.rules import read_tiers
from ..policy.standards import EVERY, Standards, open_items, open_tables
from ..policy.syntax import Number, Open, Scope, Tiers, Word
from ..policy.terms import Reader
from ..policy.vocabulary import CLAIM, Fact
from ..policy.year_file import read_setting
from ..values.diagnostic import Diagnostic
from ..values.facts import NONE, Facts, Paid, Period, Thing
from ..values.money import exact
from ..values.period import parse_date, window_of
from ..values.terms import APPLIED_ON, DOCUMENTS, OUTSIDE, THIS_POLICY
from ..values.units import WHOLE, same_dimension, unit_dimension
from .example_tables import Column, Example, ExampleTable
from .ground import Ground


class Bad(Exception):
    """A cell that cannot be read as what its column holds."""

    def __init__(self, cell: Cell, expected: str) -> None:
        self.cell, self.expected = cell, expected


class Stated:
    """The facts, ledger and standards of one example, which `settings`, `state` and `neutral` fill from its rows. Raises Bad at a cell that cannot be read."""

    def __init__(self, policy: Policy, bound: Bound, fixed: Ground, table: ExampleTable, example: Example) -> None:
        self.policy, self.bound, self.fixed, self.table, self.example = policy, bound, fixed, table, example
        self.document: Document = policy.document
        self.facts, self.ledger = Facts(), []
        self.unknown: set[tuple[str, str, str]] = set()  # (type, object, fact) of which a cell says ？
        self.facts.listed.add(OUTSIDE)
        self.standards = Standards()
        self.year = self._year()
        self.standards.year = self.year

    def _year(self) -> int:
        row = self.example.rows[0]
        if "年度" in row and re.fullmatch(r"\d{4}年?", normalise(row["年度"].text)):
            return int(row["年度"].text[:4])
        validity = self.fixed.validity
        first = validity.start.year if validity.start else min(2025, validity.end.year) if validity.end else 2025
        step = 1 if validity.start else -1
        return next((year for year in range(first, first + 3 * step, step) if validity.holds_in(year, self.fixed.year_rule)), first)

    def named_standards(self, row: dict[str, Cell]) -> None:
        """The 另定 a column names."""
        items = open_items(self.policy)
        for column in self.table.columns:
            if column.kind == "open":
                cell = row[f"另定 {column.text}"]
                item = items.get((column.text, ""))
                setting = read_setting(cell, item.kind if item else "value", self.document, [])
                if setting is None:
                    raise Bad(cell, "带单位的数、日期或名单")
                self.standards.settings[(column.text, "")] = setting

    def settings(self, rule: Rule, row: dict[str, Cell]) -> None:
        """Everything the year's file would say: 另定, parameters, the standards of the year."""
        self.named_standards(row)
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

    def state(self, rule: Rule, thing: Thing, row: dict[str, Cell]) -> None:
        """Facts, lists, earlier payments and the day of application, of the object and what it is related to."""
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
            elif cell.text:
                self.unknown.add((CLAIM, f"{rule.name} {thing.key}", column.hops[-1].name))
            return
        if fact is None:
            raise Bad(cell, "事实")
        owner = self.follow(rule, thing, column.hops[:-1])
        value, period = self._value(cell, fact), self.period_of(rule, fact, column.back, owner is thing)
        if value is not None:
            owner.values[(fact.name, period)] = value
        elif cell.text:
            self.unknown.add((owner.kind, owner.key, fact.name))

    def period_of(self, rule: Rule, fact: Fact, back: int, own: bool) -> Period:
        """The period a column is about, so many years back; own: a fact of the award's object, which a 期间 of the award may place."""
        if not fact.yearly:
            return None
        if rule.window is not None and own:
            return window_of(rule.window, self.year - back)
        return self.year - back

    def follow(self, rule: Rule, thing: Thing, hops: tuple[Hop, ...]) -> Thing:
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
        return self.follow(rule, thing, tuple(hops))

    def neutral(self, rule: Rule, thing: Thing) -> None:
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
        parent = self.follow(rule, thing, tuple(way))
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
            standard = self.number(Cell(values["档位标准"], cell.at), "元") if values.get("档位标准") else None
            self.ledger.append(Paid(values.get("奖补") or rule.name, int(values["年度"]), key, int(self.number(Cell(values["金额"], cell.at), "元")), document, payee,
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
            below = text[0] in "-−"  # a loss, a balance
            found = self.number(Cell(text[1:], cell.at) if below else cell, fact.unit) * (-1 if below else 1)
            if fact.low is not None and fact.high is not None and not fact.low <= found <= fact.high:  # no table of data may hold it either
                raise Bad(cell, "在词汇的范围里")
            if found.__class__ is Fraction and fact.type_text == "金额":
                raise Bad(cell, f"最多两位小数，单位 {fact.unit}")
            if found.__class__ is Fraction and fact.unit in WHOLE:
                raise Bad(cell, f"整数，单位 {fact.unit}")
            return found
        if fact.kind == "option" and text not in fact.options and not fact.extendable:
            raise Bad(cell, "、".join(fact.options))
        return text

    def number(self, cell: Cell, unit: str) -> Any:
        """A cell as an exact number in the unit's base: 分 for money."""
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


def _covers(total: Total, rule: Rule) -> bool:
    """Whether a total ranges over a rule, as far as its words say."""
    named = {word.text for word in total.items if isinstance(word, Word)}
    return total.register == rule.object if total.register else rule.kind == "奖补" and (rule.name in named) is not total.range_all


def _scope_names(rule: Rule) -> list[str]:
    scopes = [cap.scope for cap in rule.caps if isinstance(cap.scope, Scope)]
    if rule.frequency is not None and isinstance(rule.frequency.scope, Scope):
        scopes.append(rule.frequency.scope)
    return [key.text for scope in scopes for key in scope.keys if isinstance(key, Word)]
