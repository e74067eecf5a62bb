"""Words that can be read two ways must not be settled in silence: 一次性 beside a yearly figure, a cap without a period, 名额."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...values.diagnostic import Diagnostic
from ..lexer import normalise
from ..model import Policy, Rule
from ..readings import walk
from ..render import phrase
from ..syntax import Cap, Choice, Frequency, Number, OrdinalTest, Scope, Time
from .figures import chinese_numbers

_YEARLY = re.compile("当年|每年|年度|年终|全年|年销售|年带货|年交易|年营业")
_FIRST = re.compile("首次|首年|新认定|新获|首店|首家|终身")
_PERIOD = re.compile(r"当年|每年|年度|全年|累计|单次|每次|每场|政策期|年内|按年|逐年|每\s*(?:\d+|[一二三四五六七八九十两]+)\s*年|每个?(?:自然|会计|财政)年|一次性|每期|每届|每笔")
_PLACES = re.compile(r"前\s*(?:\d+|[一二三四五六七八九十两]+)\s*(?:名|位|家|个)|(?:不超过|最多|限)\s*(?:\d+|[一二三四五六七八九十两]+)\s*个?名额")


def _rules_with_text(policy: Policy) -> Iterator[tuple[Rule, str]]:
    for rule in policy.rules.values():
        if rule.block.quote is not None:
            yield rule, normalise(rule.block.quote.text)


def check_once(policy: Policy) -> Iterator[Diagnostic]:
    """一次性 with a yearly figure may mean in one sum: a 口径, or a 说明 that says why not (DX607)."""
    for rule, text in _rules_with_text(policy):
        once = isinstance(rule.frequency, Frequency) and rule.frequency.times == 1 and isinstance(rule.frequency.scope, Scope)
        settled = any("一次性" in note for note in rule.notes)
        if once and "一次性" in text and _YEARLY.search(text) and not _FIRST.search(text) and not settled:
            yield policy.document.defect("DX607", rule.frequency.at, found=phrase(rule.frequency))


def check_cap_period(policy: Policy) -> Iterator[Diagnostic]:
    """A cap whose period the text does not give must be a 口径 (DX608)."""
    for rule, text in _rules_with_text(policy):
        if _PERIOD.search(text):
            continue
        for cap in rule.caps:
            if isinstance(cap, Cap) and isinstance(cap.scope, Scope) and isinstance(cap.scope.time, Time):
                yield policy.document.defect("DX608", cap.scope.at, found=phrase(cap.scope.time))


def check_places(policy: Policy) -> Iterator[Diagnostic]:
    """名额 in the text and in the rule go together (DX606)."""
    for quote in policy.document.quotes:
        rules = [rule for rule in policy.rules.values() if rule.block.quote is quote]
        stated = _PLACES.search(normalise(quote.text))
        ranked = [rule for rule in rules if rule.places is not None or (rule.tiers and any(row.places for row in rule.tiers.rows))]
        count = {int(digits) for digits in re.findall(r"\d+", stated.group())} | {value for value, _ in chinese_numbers(stated.group())} if stated else set()
        nodes = [node for rule in rules for node in walk(rule)]
        by_rank = any(isinstance(node, (OrdinalTest, Choice)) or (isinstance(node, Number) and node.value in count) for node in nodes)
        if rules and stated and not ranked and not by_rank:
            yield policy.document.defect("DX606", rules[0].at, expected=f"原文写有“{stated.group()}”：写 名额，或用名次事实", found="没有名额")
        for rule in ranked:
            places = rule.places
            if places is not None and places.counter and places.counter not in normalise(quote.text):
                yield policy.document.defect("DX606", places.at, expected="原文的量词", found=f"{places.count}{places.counter}")
