"""An amount in words (人民币大写), as payment orders need it beside the digits.

Source: 中国人民银行《支付结算办法》附一“正确填写票据和结算凭证的基本规定”: consecutive zeros are one 零, a 零 stands for a missing 角 before 分,
整 ends an amount without 分.
"""

from __future__ import annotations

from .money import TOO_MUCH_FEN

DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")


def in_words(fen: int) -> str:
    """An amount of 分 in words: 1234500 → 壹万贰仟叁佰肆拾伍元整. Raises ValueError below zero or beyond what has words."""
    yuan, rest = divmod(fen, 100)
    if not 0 <= fen < TOO_MUCH_FEN:
        raise ValueError(f"no words for {fen} 分")
    jiao, last = divmod(rest, 10)
    text = _whole(yuan) + "元" if yuan else ""
    if not rest:
        return (text or "零元") + "整"
    if jiao:
        text += ("零" if yuan and yuan % 10 == 0 else "") + DIGITS[jiao] + "角"
    elif yuan:
        text += "零"
    return text + (DIGITS[last] + "分" if last else "整")


def _whole(value: int) -> str:
    """A whole number above zero, by 亿 and 万."""
    for unit, word in ((10**8, "亿"), (10**4, "万")):
        if value >= unit:
            high, low = divmod(value, unit)
            gap = "零" if low and low < unit // 10 else ""
            return _whole(high) + word + gap + (_whole(low) if low else "")
    text, zero = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            text += ("零" if zero and text else "") + DIGITS[digit] + _PLACES[place]
        zero = digit == 0
    return text
