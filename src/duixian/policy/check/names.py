"""Cross-references: awards that are named exist, what is defined is used, definitions do not go round in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...values.diagnostic import Diagnostic
from ..document import Document
from ..model import Group, Policy, Rule
from ..readings import Bound, walk
from ..resolve import Unresolved, resolve_key, resolve_path
from ..suggest import remedies
from ..syntax import Call, Frequency, Path, Span, Word
from ..vocabulary import usable_name


def check_award_names(policy: Policy) -> Iterator[Diagnostic]:
    """就高 groups, 总额 ranges, 通则 and 叠加 name awards of this policy (DX301)."""
    known = [rule.name for rule in policy.rules.values() if rule.kind == "奖补"]

    def wrong(name: str, at: Span) -> Diagnostic:
        return policy.document.defect(
            "DX301",
            at,
            found=name,
            expected="本政策的奖补：" + "、".join(known),
            **remedies(name, known, "写奖补块的名称。", "use the name of an award."),
        )

    for highest in policy.highest:
        names = {group.name for group in highest.groups}
        for node in walk(highest.enabled):
            if isinstance(node, Word) and node.text not in names:
                yield policy.document.defect(
                    "DX301",
                    node.at,
                    found=node.text,
                    expected="组：" + "、".join(names),
                    **remedies(node.text, names, "写组的名称。", "use the name of a group."),
                )
    for record in (*policy.totals, *policy.generals):
        for node in walk(record.items):
            if isinstance(node, Word) and node.text not in known:
                yield wrong(node.text, node.at)
    for rule in policy.rules.values():
        for node in walk(rule.stacks_with):
            if isinstance(node, Word) and node.text not in known:
                yield wrong(node.text, node.at)


def check_group_keys(policy: Policy) -> Iterator[Diagnostic]:
    """The 就高 groups of the policy itself."""
    for highest in policy.highest:
        yield from check_groups(policy, highest.groups, policy.document)


def check_groups(policy: Policy, groups: Iterable[Group], document: Document) -> Iterator[Diagnostic]:
    """Groups name awards of the policy, and what makes two awards one matter (同一) is something each of them has (DX301)."""
    known = [rule.name for rule in policy.awards]
    for group in groups:
        for name in group.awards or {}:
            if name not in known:
                yield document.defect("DX301", group.at, found=name, expected="本政策的奖补：" + "、".join(known),
                                      **remedies(name, known, "写奖补块的名称。", "use the name of an award."))  # fmt: skip
        awards = group.awards if group.awards is not None else dict.fromkeys(known, ())
        for name, own in awards.items():
            rule = policy.rules.get(name)
            for key in (own or group.same) if rule else ():
                if rule is None or key == "年度" or rule.object not in policy.vocabulary.objects:
                    continue
                try:
                    resolve_key(policy, rule, key)
                except Unresolved as stop:
                    yield document.defect("DX301", group.at, found=key, expected=f"“{rule.object}”的关系或事实",
                                          **remedies(key, stop.known, f"在“{name}”后面用括号写它自己的名称。", "give the award's own name in brackets."))  # fmt: skip


def check_own_names(policy: Policy) -> Iterator[Diagnostic]:
    """A 值 or a 参数 has a name of its own that can stand in an expression (DX306), and nothing else goes by it (DX302)."""
    document, vocabulary = policy.document, policy.vocabulary
    facts = {fact.name: fact for declared in vocabulary.objects.values() for fact in declared.facts.values()}

    def wrong(name: str, at: Span, taken: Any) -> Iterator[Diagnostic]:
        if not usable_name(name):
            yield document.defect("DX306", at, found=name, expected="没有空格、标点、“的”“每”，不以数字开头，不是关键字")
        elif taken is not None:
            yield document.defect("DX302", at, taken, found=name)

    for parameter in policy.parameters.values():
        fact = facts.get(parameter.name)
        yield from wrong(parameter.name, parameter.block.at, vocabulary.document.place(fact.at) if fact else None)
    for rule in policy.rules.values():
        seen: dict[str, Span] = {}
        for value in rule.values:
            own, parameter = vocabulary.fact(rule.object, value.name), policy.parameters.get(value.name)
            taken = document.place(seen[value.name]) if value.name in seen else vocabulary.document.place(own.at) if own else document.place(parameter.block.at) if parameter else None
            seen.setdefault(value.name, value.at)
            yield from wrong(value.name, value.at, taken)


def check_unused(policy: Policy) -> Iterator[Diagnostic]:
    """Readings, 值, 参数 and clauses that nothing uses (DX303)."""
    used = {choice.name for choice, _ in policy.choices}
    for reading in policy.readings.values():
        for column in reading.columns:
            if column not in used:
                yield policy.document.defect("DX303", reading.block.at, kind="口径", found=f"【{column}】")
    paths = {node.names for rule in policy.rules.values() for node in walk(rule) if isinstance(node, Path)}
    for rule in policy.rules.values():
        own = {node.names for node in walk(rule) if isinstance(node, Path)}
        for value in rule.values:
            if (value.name,) not in own and usable_name(value.name):  # else DX306 says why
                yield policy.document.defect("DX303", value.at, kind="值", found=value.name)
        for key in _idle_clauses(rule):
            bullet = next(bullet for bullet in rule.block.bullets if bullet.key == key)
            yield policy.document.defect("DX303", bullet.key_at, kind=key, found=bullet.value)
    for parameter in policy.parameters.values():
        if not any(names[-1] == parameter.name for names in paths):
            yield policy.document.defect("DX303", parameter.block.at, kind="参数", found=parameter.name)


def _idle_clauses(rule: Rule) -> Iterator[str]:
    """Clauses that say how another is meant, where that one is not there, or sets no limit."""
    limited = rule.frequency is not None and not (isinstance(rule.frequency, Frequency) and rule.frequency.times is None and rule.frequency.most_years is None)
    if isinstance(rule.upgrade, Word) and rule.upgrade.text != "不补" and not limited:
        yield "晋档"
    if rule.order is not None and not rule.caps:
        yield "先后"
    if rule.tie_rule is not None and rule.places is None and not any(row.places for row in (rule.tiers.rows if rule.tiers else ())):
        yield "并列"


def check_circles(policy: Policy, bound: Bound) -> Iterator[Diagnostic]:
    """认定 and 算法 may feed one another, never themselves in the same year (DX304)."""
    edges: dict[tuple[str, str], set[tuple[str, str]]] = {}
    places: dict[tuple[str, str], Span] = {}
    for rule in bound.rules.values():
        if rule.kind == "认定":
            name = (rule.object, rule.name)
            places[name] = rule.at
            edges[name] = _uses(policy, rule, rule.object, (rule.conditions, rule.any_of))
    for kind, declared in policy.vocabulary.objects.items():
        for fact in declared.facts.values():
            if fact.formula is not None:
                edges.setdefault((kind, fact.name), set()).update(_uses(policy, None, kind, fact.formula))
    for start in edges:
        circle = _circle(start, edges)
        if circle:
            document = policy.document if start in places else policy.vocabulary.document
            fact = policy.vocabulary.fact(*start)
            at = places.get(start) or (fact.at if fact else (0, 1))
            yield document.defect("DX304", at, found=" → ".join(name for _, name in circle))
            return


def _uses(policy: Policy, rule: Any, kind: str, body: Any) -> set[tuple[str, str]]:
    """The facts a definition reads in its own year; last year's figures close no circle."""
    found: set[tuple[str, str]] = set()
    past = {id(inner) for node in walk(body) if isinstance(node, Call) and node.function in ("上年", "前年", "历年最大") for inner in walk(node)}
    for node in walk(body):
        if isinstance(node, Path) and id(node) not in past:
            for inside in (kind, *policy.vocabulary.objects):
                try:
                    hops = resolve_path(policy, rule, inside, node)
                except Unresolved:
                    continue
                if hops[-1].fact is not None and hops[-1].role == "fact":
                    found.add((hops[-1].kind, hops[-1].name))
    return found


def _circle(start: tuple[str, str], edges: dict[tuple[str, str], set[tuple[str, str]]]) -> list[tuple[str, str]] | None:
    stack = [(start, [start])]
    seen = set()
    while stack:
        here, way = stack.pop()
        for after in sorted(edges.get(here, ())):
            if after == start:
                return [*way, start]
            if after not in seen:
                seen.add(after)
                stack.append((after, [*way, after]))
    return None
