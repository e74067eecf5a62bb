"""Every rule lowered once: its conditions, its amount, and the functions that give a claim its keys."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ..award.record import Key
from ..policy.model import Group, Rule
from ..policy.readings import as_now_read, words
from ..policy.render import phrase, show
from ..policy.resolve import resolve_key
from ..policy.syntax import Always, Cap, Compare, In, Is, Node, Number, Open, Path, Scope, Word
from ..values.facts import NONE, Missing, Thing, Unknown
from ..values.money import exact
from ..values.terms import Waits
from .context import Context, Evaluate
from .interpret import Interpreter

KeyFunction = Callable[[Thing, int], "Key | Unknown"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, ready to be asked and to say why it failed."""

    text: str
    holds: Evaluate
    left: Evaluate | None
    unit: str

    def failure(self, thing: Thing, year: int) -> str:
        if self.left is None:
            return f"不满足：{self.text}"
        return f"不满足：{self.text}，实际 {show(self.left(thing, year), self.unit)}"


@dataclass(slots=True)
class Prepared:
    """A rule lowered once, to be asked of every object."""

    rule: Rule
    place: int
    recipient: Evaluate
    conditions: list[Condition]
    any_of: list[Evaluate]
    any_text: str
    vetoes: list[tuple[Condition, bool]]
    amount: Evaluate | None
    rows: list[tuple[str, list[Evaluate], Evaluate]] | None
    timing: Evaluate | None
    once: tuple[KeyFunction, str, tuple[str, ...], Any] | None
    caps: list[tuple[Evaluate, KeyFunction, str, tuple[str, ...], Cap]]
    order: Evaluate | None
    ranking: Any
    groups: dict[str, KeyFunction]
    pots: dict[str, KeyFunction]
    rounding: str
    upgrade: str
    funding: tuple[str, frozenset[Missing]]
    readings: dict[str, str]
    register_amount: Evaluate | None = None


class Preparing:
    """The rules of a bound policy, each prepared when it is first asked for."""

    def __init__(self, interpreter: Interpreter, *, rounding: str, year_rule: str, groups: list[Group], generals_if_known: bool = False,
                 said_unknown: Collection[tuple[str, str, str]] = ()) -> None:  # fmt: skip
        self.interpreter, self.bound = interpreter, interpreter.bound
        self.rounding, self.year_rule, self.groups = rounding, year_rule, groups
        self.generals_if_known = generals_if_known  # for 例: a 通则 condition nobody speaks of is taken as met
        self.said_unknown = said_unknown  # of which an 例 does speak, with a ？
        self.scopes: dict[str, tuple[str, ...]] = {}  # scope identity -> key names
        self.places = {name: place for place, name in enumerate(self.bound.rules)}
        self._prepared: dict[str, Prepared] = {}

    def prepared(self, name: str) -> Prepared:
        if name not in self._prepared:
            self._prepared[name] = self._prepare(self.bound.rules[name])
        return self._prepared[name]

    def _prepare(self, rule: Rule) -> Prepared:
        interpreter = self.interpreter
        values = interpreter.named_values(rule)
        context = Context(rule.object, rule, values=values)
        generals = [
            general for general in self.bound.generals if rule.kind == "奖补" and (rule.name in words(general.items)) is not general.all_awards
        ]
        own = [self._condition(item, context) for item in rule.conditions if not isinstance(item, Always)]
        general_conditions = [
            self._general(self._condition(item, context)) for general in generals for item in general.conditions if not isinstance(item, Always)
        ]
        vetoes = [(self._condition(item, context), False) for item in rule.vetoes]
        vetoes += [(self._general(self._condition(item, context), False), back) for general in generals for item, back in general.vetoes]
        tiers = interpreter.standards.tiers_of(rule)
        amount = interpreter.lower(rule.standard, context) if rule.standard else None
        if rule.tiers is not None and tiers is None:
            missing = Unknown({Missing(Waits.OFFICE, "", "", rule.name, None, "分档标准未定")})

            def amount(thing: Thing, year: int) -> Unknown:
                return missing

        rows = interpreter.rows(tiers, context) if tiers else None
        register = next((total for total in self.bound.totals if total.register == rule.object and rule.kind == "登记"), None)
        return Prepared(
            rule, self.places[rule.name], interpreter.beneficiary(rule),
            [*own, *general_conditions],
            [interpreter.lower(item, context) for item in rule.any_of], " 或 ".join(phrase(item) for item in rule.any_of),
            vetoes,
            amount, rows, interpreter.lower(rule.timing, context) if rule.timing else None,
            self._once(rule), [self._cap(rule, cap, context) for cap in rule.caps if cap.amount is not None and not isinstance(cap.amount, Always)],
            interpreter.lower(rule.order, context) if rule.order else None,
            self._ranking(rule, context), self._group_keys(rule), self._pot_keys(rule),
            rule.rounding.text if isinstance(rule.rounding, Word) else self.rounding,
            rule.upgrade.text if isinstance(rule.upgrade, Word) else "",
            self._funding(rule), self.bound.used[rule.name],
            interpreter.lower(Path(register.path.names[1:]), context) if register else None,
        )  # fmt: skip

    def _condition(self, node: Node, context: Context) -> Condition:
        left = self.interpreter.lower(node.left, context) if isinstance(node, (Compare, Is, In)) and not _special(node.left) else None
        unit = ""
        if isinstance(node, Compare) and isinstance(node.right, Number):
            unit = node.right.unit
        return Condition(phrase(node), self.interpreter.lower(node, context), left, unit)

    def _general(self, condition: Condition, neutral: bool = True) -> Condition:
        """A condition of a 通则; in an example, what it asks may be left out, and then it does not matter."""
        if not self.generals_if_known:
            return condition
        holds = condition.holds

        def known(thing: Thing, year: int) -> Any:
            found = holds(thing, year)
            return neutral if found.__class__ is Unknown and not any(item[1:4] in self.said_unknown for item in found.missing) else found

        return replace(condition, holds=known)

    def key(self, rule: Rule, names: tuple[str, ...]) -> KeyFunction:
        """The function from an object of a rule to its key under some key names."""
        parts: list[Evaluate] = []
        for name in names:
            if name == "年度":
                parts.append(lambda thing, year: str(year))
                continue
            parts.append(self.interpreter.follow(resolve_key(self.interpreter.policy, rule, name), Context(rule.object, rule)))

        def key(thing: Thing, year: int) -> Key | Unknown:
            found = [part(thing, year) for part in parts]
            missing = {item for part in found if part.__class__ is Unknown for item in part.missing}
            if missing:
                return Unknown(missing)
            return tuple(key_text(part) for part in found)

        return key

    def _scope(self, rule: Rule, scope: Scope) -> tuple[KeyFunction, str, tuple[str, ...]]:
        names = tuple(key.text for key in scope.keys)
        awards = tuple(dict.fromkeys((*(item.text for item in scope.together if isinstance(item, Word)), rule.name)))
        awards = tuple(sorted(awards, key=lambda name: self.places.get(name, 0)))
        identity = "＋".join(awards) + "｜" + "、".join(names)
        self.scopes[identity] = names
        return self.key(rule, names), identity, awards

    def _once(self, rule: Rule) -> Any:
        frequency = rule.frequency
        if frequency is None or frequency.scope is None:
            return None
        return (*self._scope(rule, frequency.scope), frequency)

    def _cap(self, rule: Rule, cap: Cap, context: Context) -> Any:
        return (self.interpreter.lower(cap.amount, context), *self._scope(rule, cap.scope), cap)

    def _ranking(self, rule: Rule, context: Context) -> Any:
        places = rule.places
        rows = {as_now_read(row.label, self.bound): row.places for row in rule.tiers.rows if row.places} if rule.tiers else {}
        if places is None and not rows:
            return None
        first = places or next(iter(rows.values()))
        by_amount = isinstance(first.order, Path) and first.order.names == ("计算额",)
        order_node = first.order
        if order_node is None and rows and rule.tiers:  # 前六名 in a row: ranked by the table's first figure
            order_node = next((cell.left for row in rule.tiers.rows for cell in row.cells if hasattr(cell, "left")), None)
        order = self.interpreter.lower(order_node, context) if order_node is not None and not by_amount else None
        key = self.key(rule, tuple(word.text for word in first.keys))
        then = rule.tie_rule if isinstance(rule.tie_rule, tuple) else None
        then_order = self.interpreter.lower(then[0], context) if then else None
        tie = rule.tie_rule.text if isinstance(rule.tie_rule, Word) else "待评定"
        return places, rows, order, key, by_amount, first, tie, (then_order, then[1]) if then else None

    def _group_keys(self, rule: Rule) -> dict[str, KeyFunction]:
        keys = {}
        for group in self.groups:
            if rule.kind == "奖补" and (group.awards is None or rule.name in group.awards):
                own = group.awards.get(rule.name) if group.awards else ()
                names = group.same
                if own:  # the award's own name for the key stands in brackets
                    rest = [name for name in group.same if name == "年度"]
                    names = (*own, *(name for name in rest if name not in own))
                keys[group.name] = self.key(rule, names)
        return keys

    def _pot_keys(self, rule: Rule) -> dict[str, KeyFunction]:
        keys = {}
        for total in (*self.bound.totals, *self.interpreter.standards.totals):
            covered = total.register == rule.object and rule.kind == "登记"
            if rule.kind == "奖补" and not total.register:
                named = self.interpreter.items(total.items)[0]
                covered = (rule.name not in named) if total.range_all else (rule.name in named)
            if covered:
                keys[total.name] = self.key(rule, tuple(key.text for key in total.scope.keys))
        return keys

    def _funding(self, rule: Rule) -> tuple[str, frozenset[Missing]]:
        if isinstance(rule.funding, Open):
            setting = self.interpreter.standards.settings.get((rule.funding.name, "")) or self.interpreter.standards.settings.get((rule.name, "出资"))
            if setting is None or setting.value is None:
                return "", frozenset({Missing(Waits.OFFICE, "", "", rule.funding.name or "出资", None, "出资未定")})
            return setting.text, frozenset()
        return (rule.funding.text if isinstance(rule.funding, Word) else ""), frozenset()


def _special(node: Node) -> bool:
    return getattr(node, "function", "") in ("两年平均增长率", "时长")


def key_text(value: Any) -> str:
    """A part of a key as text; 无 is an empty one."""
    if value is NONE:
        return ""
    if value.__class__ is Thing:
        return str(value.key)
    return value if isinstance(value, str) else show(exact(value) if isinstance(value, Fraction) else value)
