"""Names → declarations: what a path means inside an object. The checker and the interpreter both ask here, so a name has one meaning."""

from __future__ import annotations

from dataclasses import dataclass

from .model import Policy, Rule
from .syntax import Choice, Path
from .vocabulary import CLAIM, Fact, Vocabulary


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a path. role: self, beneficiary, claim, relation, children, fact, built_in, value, parameter."""

    role: str
    name: str
    kind: str = ""  # the object type this step arrives at
    fact: Fact | None = None


class Unresolved(Exception):
    """A name that means nothing here: which one, inside which object, what would have been known."""

    def __init__(self, name: str, inside: str, known: tuple[str, ...]) -> None:
        self.name, self.inside, self.known = name, inside, known


PAYEE = "主体"  # who can be paid, where a vocabulary says so


def can_be_paid(policy: Policy, kind: str) -> bool:
    """Whether objects of a type can be paid: a 主体 can, and anything where the vocabulary has none."""
    return PAYEE not in policy.vocabulary.objects or policy.vocabulary.is_kind(kind, PAYEE)


def payee_is_wrong(policy: Policy, rule: Rule) -> bool:
    """Whether who is paid could not be read, or is nobody who can be paid: that is told where it stands, and what 受益人 has is not known."""
    unread = rule.beneficiary is None and any(bullet.key == "受益人" for bullet in rule.block.bullets)
    payee = "" if unread else beneficiary_kind(policy, rule)
    return not payee or (rule.kind == "奖补" and not can_be_paid(policy, payee))


def beneficiary_kind(policy: Policy, rule: Rule) -> str:
    """The object type of the payee of a rule; '' where the path cannot be followed."""
    path = rule.beneficiary
    if path is None:
        return rule.object
    if isinstance(path, Choice):
        path = next(iter(path.options.values()), None)
    if not isinstance(path, Path):
        return ""
    try:
        hops = resolve_path(policy, rule, rule.object, path)
    except Unresolved:
        return ""
    return hops[-1].kind


def decision_fact(rule: Rule) -> Fact:
    """The office's decision behind a 可认定: an implicit fact named 〈认定〉决定."""
    return Fact(rule.name + "决定", "truth", "是否", "", True, "决定", "主管部门的认定决定")


def resolve_path(policy: Policy, rule: Rule | None, kind: str, path: Path, *, local: tuple[str, ...] = ()) -> list[Hop]:
    """The hops of a path that starts at an object of type `kind`. local: names of 值 that may be used. Raises Unresolved."""
    vocabulary = policy.vocabulary
    hops: list[Hop] = []
    here, via = kind, ""
    for place, name in enumerate(path.names):
        last = place == len(path.names) - 1
        hop: Hop | None = None
        if place == 0:
            hop = _first(policy, rule, kind, name, local if last else ())
        if hop is None:
            hop = _hop(policy, vocabulary, here, name, via, last)
        if hop is None:
            raise Unresolved(name, here, tuple(known_names(policy, rule, here, local)))
        hops.append(hop)
        via = name if hop.role == "relation" else ""
        here = hop.kind
        if not last and hop.role not in ("relation", "beneficiary", "claim", "self", "children"):
            raise Unresolved(path.names[place + 1], name, ())
    return hops


def _first(policy: Policy, rule: Rule | None, kind: str, name: str, local: tuple[str, ...]) -> Hop | None:
    if name in local:
        return Hop("value", name)
    if name in ("本年", "本年末", "政策起日", "政策止日", "政策起年", "本奖", "计算额"):
        return Hop("built_in", name)
    if name == CLAIM:
        return Hop("claim", name, CLAIM)
    if name == "对象":
        return Hop("self", name, kind)
    if name == "受益人" and rule is not None:
        return Hop("beneficiary", name, beneficiary_kind(policy, rule))
    if name in policy.parameters and not policy.vocabulary.fact(kind, name):
        return Hop("parameter", name)
    return None


def _hop(policy: Policy, vocabulary: Vocabulary, kind: str, name: str, via: str, last: bool) -> Hop | None:
    fact = vocabulary.fact(kind, name)
    if fact is None:
        rule = next(
            (
                rule
                for rule in policy.rules.values()
                if rule.decision == "可认定" and rule.name + "决定" == name and vocabulary.is_kind(kind, rule.object)
            ),
            None,
        )
        fact = decision_fact(rule) if rule else None
    if fact is not None:
        return Hop("relation", name, fact.target, fact) if fact.kind == "object" else Hop("fact", name, kind, fact)
    if name in vocabulary.objects and name != CLAIM:
        relation = vocabulary.relation_to(name, kind, via)
        if relation:
            return Hop("children", relation, name, vocabulary.fact(name, relation))
        if vocabulary.is_kind(kind, name):
            return Hop("self", name, kind)
    return None


def known_names(policy: Policy, rule: Rule | None, kind: str, local: tuple[str, ...] = ()) -> list[str]:
    """What a path may start with inside `kind`."""
    return [*local, *(fact.name for fact in policy.vocabulary.facts(kind)), *policy.parameters,
            *(name for name in policy.vocabulary.objects if name != CLAIM and policy.vocabulary.relation_to(name, kind))]  # fmt: skip


def resolve_key(policy: Policy, rule: Rule, name: str) -> list[Hop]:
    """The hops to a scope key: the object itself, a relation or fact of it, the payee, or something it belongs to. Raises Unresolved."""
    vocabulary = policy.vocabulary
    if name == "对象" or vocabulary.is_kind(rule.object, name):
        return [Hop("self", name, rule.object)]
    if name == "受益人":
        return [Hop("beneficiary", name, beneficiary_kind(policy, rule))]
    try:
        return resolve_path(policy, rule, rule.object, Path((name,)))
    except Unresolved:
        pass
    payee = beneficiary_kind(policy, rule)
    if payee and vocabulary.is_kind(payee, name):
        return [Hop("beneficiary", name, payee)]
    relation = next((fact.name for fact in vocabulary.facts(rule.object) if fact.kind == "object" and vocabulary.is_kind(fact.target, name)), None)
    if relation:
        fact = vocabulary.fact(rule.object, relation)
        assert fact is not None
        return [Hop("relation", relation, fact.target, fact)]
    raise Unresolved(name, rule.object, tuple(known_names(policy, rule, rule.object)))
