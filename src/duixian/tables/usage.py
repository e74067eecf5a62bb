"""Which facts a policy really uses, in which years: what a template has to ask for.

Grain: one `Use` an object type and fact. Years are relative to the award year (0 this year, −1 last year). Every option of every 口径 is
followed; `chosen` says whether the fact is needed under the readings the policy itself chooses.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..policy.document import Block, Table
from ..policy.model import Policy, Rule
from ..policy.resolve import Hop, Unresolved, decision_fact, resolve_key, resolve_path
from ..policy.syntax import Aggregate, Call, Choice, FactWindow, Node, Number, Path, Scope, Value, Word
from ..policy.vocabulary import CLAIM, Fact

Offsets = frozenset[int]
THIS_YEAR: Offsets = frozenset({0})
FAR_BACK = 3  # how many earlier years a template offers where a rule looks at all of them (首次, 历年最大, 首奖年)


@dataclass(slots=True)
class Use:
    """How one fact of one object type is used. offsets: plain years; windows: (期间, year) pairs; each with whether the chosen readings need it."""

    fact: Fact
    offsets: dict[int, bool] = field(default_factory=dict)
    windows: dict[tuple[FactWindow, int], bool] = field(default_factory=dict)
    chosen: bool = False

    def add(self, offsets: Iterable[int], windows: Iterable[tuple[FactWindow, int]], chosen: bool) -> None:
        self.chosen = self.chosen or chosen
        for offset in offsets:
            self.offsets[offset] = self.offsets.get(offset, False) or chosen
        for window in windows:
            self.windows[window] = self.windows.get(window, False) or chosen


@dataclass(slots=True)
class Usage:
    """Everything a policy asks for. facts: object type → fact name → use; history_keys: scope keys a ledger row may have to state."""

    facts: dict[str, dict[str, Use]] = field(default_factory=dict)
    history_keys: list[str] = field(default_factory=list)
    claim_facts: list[str] = field(default_factory=list)


def usage_of(policy: Policy) -> Usage:
    """What a policy uses, in the order of the vocabulary."""
    return _Walk(policy).everything()


def usage_of_award(policy: Policy, award: str, choices: Mapping[str, str] | None = None) -> Usage:
    """What one award uses under the readings chosen, and nothing else: what a form has to ask for. choices: 口径 -> option, over the policy's own.

    `chosen` is false for what only an 算法 uses, to compute a figure that may be stated itself. Raises KeyError for an award there is not.
    """
    walk = _Walk(policy, {**policy.default_choices, **(choices or {})})
    walk.award(policy.rules[award])
    return walk.done()


class _Walk:
    def __init__(self, policy: Policy, only: Mapping[str, str] | None = None) -> None:
        self.policy, self.vocabulary = policy, policy.vocabulary
        self.only = only  # follow these options and no others
        self.usage = Usage()
        self.seen: set[Any] = set()

    def award(self, rule: Rule) -> None:
        """A rule, what makes it one matter with others, and its payee."""
        self._rule(rule, THIS_YEAR, True)
        for group in (group for highest in self.policy.highest for group in highest.groups):
            if rule.kind == "奖补" and (group.awards is None or rule.name in group.awards):
                for name in (*group.same, *(group.awards[rule.name] if group.awards else ())):
                    self._key(rule, name, True, history=False)
        if rule.kind == "奖补":
            self._payee(rule)

    def everything(self) -> Usage:
        for rule in self.policy.rules.values():
            self.award(rule)
        for total in self.policy.totals:
            if total.register and isinstance(total.path, Path):
                self._node(Path(total.path.names[1:]), None, total.register, THIS_YEAR, {}, True)
        return self.done()

    def done(self) -> Usage:
        """What was noted, in the order of the vocabulary."""
        return Usage(self._spread(), self.usage.history_keys, self.usage.claim_facts)

    # --- rules ------------------------------------------------------------------------------------------------------------------------

    def _rule(self, rule: Rule, offsets: Offsets, chosen: bool) -> None:
        if (rule.name, offsets, chosen) in self.seen:
            return
        self.seen.add((rule.name, offsets, chosen))
        self._kind(rule.object)
        values = {value.name: value for value in rule.values}
        parts = (
            rule.timing,
            rule.conditions,
            rule.any_of,
            rule.vetoes,
            rule.values,
            rule.standard,
            rule.tiers,
            rule.caps,
            rule.order,
            rule.places,
            rule.frequency,
            rule.tie_rule,
        )
        for part in parts:
            self._node(part, rule, rule.object, offsets, values, chosen)
        for general in self.policy.generals:
            named = {item.text for item in general.items if isinstance(item, Word)}
            if rule.kind == "奖补" and (rule.name in named) is not general.all_awards:
                self._node((general.conditions, tuple(veto for veto, _ in general.vetoes)), rule, rule.object, offsets, {}, chosen)
        if rule.decision == "可认定":
            self._use(rule.object, decision_fact(rule), None, offsets, chosen)

    def _payee(self, rule: Rule) -> None:
        """The payee's relation, and his name for the notice."""
        paths = _options(rule.beneficiary, self.policy, self.only) if isinstance(rule.beneficiary, Choice) else [rule.beneficiary]
        for path in paths:
            kind = rule.object
            if isinstance(path, Path):
                kind = self._path(path, rule, rule.object, THIS_YEAR, {}, True)
            for name in ("名称", "主体类型"):
                fact = self.vocabulary.fact(kind, name)
                if fact:
                    self._use(kind, fact, None, THIS_YEAR, True)

    # --- nodes ------------------------------------------------------------------------------------------------------------------------

    def _node(self, node: Any, rule: Rule | None, kind: str, offsets: Offsets, values: dict[str, Value], chosen: bool) -> None:
        if node is None or isinstance(node, (str, int, Word, Number, Block, Table)):
            return
        if isinstance(node, (tuple, list)):
            for item in node:
                self._node(item, rule, kind, offsets, values, chosen)
        elif isinstance(node, Choice):
            reading = self.policy.column(node.name)
            for option, value in node.options.items():
                if self.only is not None and (reading is None or option != self.only[reading.name]):
                    continue
                own = chosen and reading is not None and (self.only is not None or option == reading.choice)
                if node.slot == "key" and rule is not None:
                    self._keys((value,), rule, own)
                self._node(value, rule, kind, offsets, values, own)
        elif isinstance(node, Path):
            self._path(node, rule, kind, offsets, values, chosen)
        elif isinstance(node, Call):
            self._call(node, rule, kind, offsets, values, chosen)
        elif isinstance(node, Aggregate):
            inside = self._path(node.path, rule, kind, offsets, values, chosen)
            self._node((node.where, node.of), rule, inside, offsets, {}, chosen)
        elif isinstance(node, Scope):
            if rule is not None:
                self._keys(node.keys, rule, chosen)
            self._node(node.keys, rule, kind, offsets, values, chosen)
        elif isinstance(node, Node):
            if rule is not None and hasattr(node, "keys"):
                self._keys(node.keys, rule, chosen)
            for item in dataclasses.fields(node):
                if item.name != "at":
                    self._node(getattr(node, item.name), rule, kind, offsets, values, chosen)

    def _call(self, node: Call, rule: Rule | None, kind: str, offsets: Offsets, values: dict[str, Value], chosen: bool) -> None:
        first, *rest = node.arguments if node.arguments else (None,)
        name = node.function
        if name == "已付":
            return
        back = {
            "上年": {-1}, "前年": {-2}, "增长额": {0, -1}, "增长率": {0, -1}, "两年平均增长率": {0, -2},
            "历年最大": set(range(-FAR_BACK, 0)), "首奖年": set(range(-FAR_BACK, 0)), "首次": set(range(-FAR_BACK, 1)),
        }.get(name, {0})  # fmt: skip
        if name == "连续增长" and rest and isinstance(rest[0], Number):
            back = set(range(-int(rest[0].value), 1))
        self._node(first, rule, kind, frozenset(offset + step for offset in offsets for step in back), values, chosen)
        self._node(rest, rule, kind, offsets, values, chosen)
        if name in ("首次", "历年最大") and (start := self.vocabulary.start_fact(kind)) and (fact := self.vocabulary.fact(kind, start)):
            self._use(kind, fact, None, THIS_YEAR, chosen)

    # --- names ------------------------------------------------------------------------------------------------------------------------

    def _path(self, path: Path, rule: Rule | None, kind: str, offsets: Offsets, values: dict[str, Value], chosen: bool) -> str:
        """Note every fact on the way; the object type the path arrives at."""
        try:
            hops = resolve_path(self.policy, rule, kind, path, local=tuple(values))
        except Unresolved:
            return ""  # the checker reports it
        return self._hops(hops, rule, kind, offsets, values, chosen)

    def _hops(self, hops: list[Hop], rule: Rule | None, kind: str, offsets: Offsets, values: dict[str, Value], chosen: bool) -> str:
        here = kind
        for hop in hops:
            if hop.role == "value":
                self._node(values[hop.name].body, rule, here, offsets, {name: value for name, value in values.items() if name != hop.name}, chosen)
            elif hop.role == "parameter":
                for key in self.policy.parameters[hop.name].keys:
                    self._node(Path((key,)), rule, here, offsets, {}, chosen)
            elif hop.role == "beneficiary" and rule is not None:
                self._node(rule.beneficiary, rule, rule.object, offsets, {}, chosen)
            elif here == CLAIM and hop.fact is not None:
                if hop.name not in self.usage.claim_facts:
                    self.usage.claim_facts.append(hop.name)
            elif hop.fact is not None:
                owner = hop.kind if hop.role == "children" else here
                self._use(owner, hop.fact, rule.window if rule else None, offsets, chosen)
            here = hop.kind or here
        return here

    def _keys(self, keys: tuple[Any, ...], rule: Rule, chosen: bool) -> None:
        for key in keys:
            name = key.text if isinstance(key, Word) else key if isinstance(key, str) else ""
            if name:
                self._key(rule, name, chosen, history=True)

    def _key(self, rule: Rule, name: str, chosen: bool, *, history: bool) -> None:
        try:
            hops = resolve_key(self.policy, rule, name)
        except Unresolved:
            return
        self._hops(hops, rule, rule.object, THIS_YEAR, {}, chosen)
        own = hops[0].role in ("self", "beneficiary") and len(hops) == 1
        if history and not own and name not in self.usage.history_keys:
            self.usage.history_keys.append(name)

    def _use(self, kind: str, fact: Fact, window: FactWindow | None, offsets: Offsets, chosen: bool) -> None:
        key = (kind, fact.name, window, offsets, chosen)
        if key in self.seen or not kind:
            return
        self.seen.add(key)
        uses = self._kind(kind)
        use = uses.setdefault(fact.name, Use(fact))
        in_window = window is not None and fact.yearly and fact.kind != "object"
        use.add(
            offsets if fact.yearly and not in_window else (),
            [(window, offset) for offset in offsets] if window is not None and in_window else (),
            chosen,
        )
        if fact.yearly and not in_window:
            start = self.vocabulary.start_fact(kind)
            if start and (since := self.vocabulary.fact(kind, start)):
                self._use(kind, since, None, THIS_YEAR, chosen)
        if fact.kind == "object":
            self._kind(fact.target)
        if fact.formula is not None:
            self._node(fact.formula, None, kind, offsets, {}, False)
        for rule in self.policy.rules.values():
            if rule.kind == "认定" and rule.name == fact.name and self.vocabulary.is_kind(kind, rule.object):
                self._rule(rule, offsets, chosen)

    def _kind(self, kind: str) -> dict[str, Use]:
        """Note an object type, with its parent and the parts of its key that are facts."""
        if kind in self.usage.facts or kind not in self.vocabulary.objects:
            return self.usage.facts.get(kind, {})
        uses = self.usage.facts[kind] = {}
        declared = self.vocabulary.objects[kind]
        for name in (declared.parent_relation, *declared.identity, "名称"):
            fact = self.vocabulary.fact(kind, name) if name else None
            if fact:
                self._use(kind, fact, None, THIS_YEAR, True)
        return uses

    # --- inheritance -------------------------------------------------------------------------------------------------------------------

    def _spread(self) -> dict[str, dict[str, Use]]:
        """What is asked of a 主体 is asked of everything that is a 主体; all in the order of the vocabulary."""
        found = self.usage.facts
        result: dict[str, dict[str, Use]] = {}
        for kind in self.vocabulary.objects:
            if kind not in found:
                continue
            merged: dict[str, Use] = {}
            for source in [name for name in found if self.vocabulary.is_kind(kind, name)]:
                for name, use in found[source].items():
                    own = merged.setdefault(name, Use(use.fact))
                    own.chosen = own.chosen or use.chosen
                    for offset, chosen in use.offsets.items():
                        own.add((offset,), (), chosen)
                    for window, chosen in use.windows.items():
                        own.add((), (window,), chosen)
            order = [fact.name for fact in self.vocabulary.facts(kind)]
            result[kind] = {
                name: merged[name] for name in sorted(merged, key=lambda name: (order.index(name) if name in order else len(order), name))
            }
        return result


def _options(choice: Choice, policy: Policy, only: Mapping[str, str] | None) -> list[Any]:
    """What may stand in the place of a 【】: everything, or what the readings chosen put there."""
    reading = policy.column(choice.name)
    if only is None or reading is None:
        return list(choice.options.values())
    return [choice.options[only[reading.name]]]
