"""Chinese numerals as far as policies use them: 五 -> 5, 十二 -> 12, 两 -> 2, 半 is not a whole number and not read."""

from __future__ import annotations

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_STEPS = {"十": 10, "百": 100, "千": 1000}
_OTHER = {"○": "〇", "廿": "二十", "卅": "三十"}
NUMERALS = frozenset(_DIGITS) | frozenset(_STEPS) | frozenset(_OTHER)


def parse_numeral(text: str) -> int | None:
    """A run of Chinese numerals as an int; None where it is not one. `十五` 15, `二百零三` 203, `一百五` 150, `二〇二五` 2025."""
    if not text or any(char not in NUMERALS for char in text):
        return None
    text = "".join(_OTHER.get(char, char) for char in text)
    if not any(char in _STEPS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit, step = 0, None, 1
    for before, char in zip(" " + text, text):
        if char in _STEPS:
            step = _STEPS[char]
            total += (1 if digit is None else digit) * step
            digit = None
        else:
            digit, step = _DIGITS[char], step if before in _STEPS else 10
    return total + (digit or 0) * max(step // 10, 1)
