"""How to mend a name that means nothing where it stands: it is known elsewhere, comes later, or is a number in words."""

from __future__ import annotations

import re

from ...values.numerals import NUMERALS, parse_numeral
from ...values.units import is_unit
from ..model import Policy, Rule
from ..resolve import beneficiary_kind
from ..suggest import remedies


def unknown_name(policy: Policy, rule: Rule | None, kind: str, name: str, known: tuple[str, ...]) -> dict[str, str]:
    """remedy and remedy_en for a name that means nothing inside an object type: it stands elsewhere, or comes later, or is a number in words."""
    vocabulary = policy.vocabulary
    if rule is not None and any(value.name == name for value in rule.values):
        return {"remedy": f"“{name}”是一个值：先写它，再用它，自己不能用自己。", "remedy_en": f"{name} is a 值: it is used below where it is given, never in itself."}
    for child in vocabulary.children(kind):
        if fact := vocabulary.fact(child, name):
            fold = f"合计({child}, {name})" if fact.kind == "number" else f"个数({child} 其中 …)"
            return {"remedy": f"它是下属“{child}”的事实：写进合计一类，如“{fold}”。", "remedy_en": f"it is a fact of the children {child}: fold it, as in {fold}."}
    if rule is not None and vocabulary.fact(beneficiary_kind(policy, rule), name):
        return {"remedy": f"写“受益人的{name}”。", "remedy_en": f"write “受益人的{name}”."}
    for fact in vocabulary.facts(kind):
        if fact.kind == "object" and vocabulary.fact(fact.target, name):
            return {"remedy": f"写“{fact.name}的{name}”。", "remedy_en": f"write “{fact.name}的{name}”."}
    if written := _in_digits(name):
        return {"remedy": f"数写成阿拉伯数字：{written}。", "remedy_en": f"write the number in digits: {written}."}
    return remedies(name, known, f"在词汇的“{kind}”里加上，或改名。", "declare it in the vocabulary, or mend the name.")


_IN_WORDS = re.compile(rf"([{''.join(sorted(NUMERALS))}]+)([万亿]?)(\D+)")


def _in_digits(name: str) -> str:
    """两千元 as 2000元; '' where the name is no number with a unit."""
    found = _IN_WORDS.fullmatch(name)
    number = parse_numeral(found.group(1)) if found and is_unit(found.group(3)) else None
    return "" if number is None or found is None else f"{number}{found.group(2)}{found.group(3)}"
