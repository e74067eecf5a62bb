"""How to mend a clause that goes on where it could have ended: the slips people make who write their first policy."""

from __future__ import annotations

from ..values.units import is_unit
from .lexer import Token

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
