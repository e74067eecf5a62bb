"""How to mend what cannot be read or is not known, by what stands there: the slips people make who write their first policy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..values.numerals import NUMERALS, parse_numeral
from ..values.units import is_unit
from .lexer import Token
from .suggest import remedies

if TYPE_CHECKING:
    from .model import Policy, Rule

Hint = tuple[str, str]  # in Chinese, in English


def left_over(before: Token, token: Token, after: Token) -> Hint:
    """How to mend a clause that goes on where it could have ended: `token` is too much, between `before` and `after`."""
    if before.kind == "number" and token.is_(",") and after.kind == "number":
        return "没有千分位逗号：数字连着写。", "no thousands separators: write the digits together."
    if before.kind == "number" and not before.unit and is_unit(token.text):
        return f"数和单位连写：{before.text}{token.text}。", "no space between a number and its unit."
    if token.text in ("x", "X", "乘"):
        return "乘号写“×”。", "the sign of multiplication is ×."
    if token.text in ("最高", "最低", "不超过"):
        return f"“{token.text}”前面写“，”。", f"put “，” before {token.text}."
    if token.is_(","):
        return "并列的名称用“、”连。", "names of a list are joined by 、."
    return "检查多出来的字；名称与界限词、数字之间要有空格。", "check what is left over; put spaces between names, boundary words and numbers."


def unknown_name(policy: Policy, rule: Rule | None, kind: str, name: str, known: tuple[str, ...]) -> dict[str, str]:
    """remedy and remedy_en for a name that means nothing inside an object type: it stands elsewhere, or comes later, or is a number in words."""
    from .resolve import beneficiary_kind

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
