"""`X 是 Y` with a bare Y: a word where X has words (options, texts), the name of a fact where X is a number, a day, a year or an object.

Runs once after reading, when every 【名】 has its options; afterwards a name behind 是 is a `Path` like any other and a word stays a word.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ..values.diagnostic import Diagnostic
from .check.typed import Place, Type
from .check.types import TypeChecker
from .document import Document
from .model import Policy, Rule
from .readings import words
from .resolve import Unresolved, resolve_path
from .syntax import Aggregate, Choice, Is, Node, Path, Tiers, Value

_TRUTHS = ("无", "是", "否")
_NAMES = ("number", "date", "year", "object", "list")  # what is compared with another fact, never with a word


def settle_words(policy: Policy, defects: list[Diagnostic]) -> None:
    """Put a `Path` where a bare word behind 是 names a fact; report the ones that could be either (DX408)."""
    vocabulary = policy.vocabulary
    for name, rule in policy.rules.items():
        if rule.object in vocabulary.objects:
            settler = _Settler(policy, policy.document, defects)
            policy.rules[name] = settler.rule(rule)
    for number, general in enumerate(policy.generals):
        named = words(general.items)
        first = next((rule for rule in policy.awards if (rule.name in named) is not general.all_awards and rule.object in vocabulary.objects), None)
        if first is not None:
            policy.generals[number] = _Settler(policy, policy.document, defects).fields(general, Place(first.object, first))
    for kind, declared in vocabulary.objects.items():
        for name, fact in declared.facts.items():
            if fact.formula is not None:
                formula = _Settler(policy, vocabulary.document, defects)(fact.formula, Place(kind, None))
                declared.facts[name] = dataclasses.replace(fact, formula=formula)


class _Settler:
    """Rebuilds nodes with every bare word behind 是 settled."""

    def __init__(self, policy: Policy, document: Document, defects: list[Diagnostic]) -> None:
        self.policy, self.document, self.defects = policy, document, defects
        self.checker = TypeChecker(policy, [])  # asked for kinds only; what is wrong is said by the laws

    def rule(self, rule: Rule) -> Rule:
        place = Place(rule.object, rule)
        values = []
        for value in rule.values:
            settled = self(value, place)
            values.append(settled)
            place.values[value.name] = self._type(settled.body, place)
        return self.fields(dataclasses.replace(rule, values=tuple(values)), place)

    def fields(self, record: Any, place: Place) -> Any:
        """The same record or node with each part settled."""
        changed = {}
        for field in dataclasses.fields(record):
            part = getattr(record, field.name)
            if isinstance(part, (Node, tuple)) and field.name not in ("at", "examples", "values"):
                settled = self(part, place)
                if settled is not part:
                    changed[field.name] = settled
        return dataclasses.replace(record, **changed) if changed else record

    def __call__(self, value: Any, place: Place) -> Any:
        if isinstance(value, tuple):
            items = tuple(self(item, place) for item in value)
            return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
        if isinstance(value, Choice):  # kept as it is: others know it by identity
            for option, node in value.options.items():
                value.options[option] = self(node, place)
            return value
        if isinstance(value, Aggregate):
            found = self.checker.type_of(value.path, place)
            inside = place.inside(found.target) if found.kind == "list" else place
            where, of = self(value.where, inside), self(value.of, inside)
            return value if where is value.where and of is value.of else dataclasses.replace(value, where=where, of=of)
        if not isinstance(value, Node):
            return value
        node = self.fields(value, place)
        return self._is(node, place) if isinstance(node, Is) and isinstance(node.value, str) and node.value not in _TRUTHS else node

    def _is(self, node: Is, place: Place) -> Is:
        left = self._type(node.left, place)
        named = Path(tuple(node.value.split("的")), at=node.at)
        try:
            hops = resolve_path(self.policy, place.rule, place.kind, named, local=tuple(place.values))
        except Unresolved:
            return node
        if left.kind in _NAMES:
            return dataclasses.replace(node, value=named)
        fact = hops[-1].fact
        worded = left.kind == "text" or (left.kind == "option" and node.value not in left.options)
        if worded and fact is not None and fact.kind in ("text", "option") and (left.kind == "text" or left.extendable):
            self.defects.append(self.document.defect("DX408", node.at, found=node.value))
        return node

    def _type(self, node: Any, place: Place) -> Type:
        while isinstance(node, Choice):
            node = next(iter(node.options.values()), None)
        if isinstance(node, Value):
            node = node.body
        return self.checker.tiers(node, place) if isinstance(node, Tiers) else self.checker.type_of(node, place)
