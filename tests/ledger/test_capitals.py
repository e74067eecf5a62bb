"""Amounts in words, against the examples of the rule itself and read back digit by digit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duixian.values.capitals import DIGITS, in_words

# 《正确填写票据和结算凭证的基本规定》 and bank practice
EXAMPLES = {
    0: "零元整", 1: "壹分", 10: "壹角整", 15: "壹角伍分", 100: "壹元整", 105: "壹元零伍分", 150: "壹元伍角整", 1_000: "壹拾元整", 1_010: "壹拾元零壹角整", 32_504: "叁佰贰拾伍元零肆分",
    140_950: "壹仟肆佰零玖元伍角整", 600_714: "陆仟零柒元壹角肆分", 168_032: "壹仟陆佰捌拾元零叁角贰分", 10_700_053: "壹拾万柒仟元零伍角叁分", 1_640_902: "壹万陆仟肆佰零玖元零贰分",
    10_000_000: "壹拾万元整", 1_000_000_000: "壹仟万元整", 10_000_000_001: "壹亿元零壹分", 10_001_000_000: "壹亿零壹万元整", 100_000_500_000: "壹拾亿零伍仟元整", 1_000_500: "壹万零伍元整",
    1_050_000: "壹万零伍佰元整", 1_500_000: "壹万伍仟元整", 100_000_000_000_000: "壹万亿元整", 103_197_800: "壹佰零叁万壹仟玖佰柒拾捌元整",
}  # fmt: skip


@pytest.mark.parametrize(("fen", "words"), EXAMPLES.items())
def test_examples(fen: int, words: str) -> None:
    assert in_words(fen) == words


def read_back(words: str) -> int:
    """分 of an amount in words, by a reader of its own."""
    whole, _, rest = words.rpartition("元") if "元" in words else ("", "", words)
    fen, digit = 0, 0
    for char in rest.replace("整", ""):
        if char in DIGITS:
            digit = DIGITS.index(char)
        else:
            fen, digit = fen + digit * {"角": 10, "分": 1}[char], 0

    def small(text: str) -> int:
        total, number = 0, 0
        for char in text:
            if char in DIGITS:
                number = DIGITS.index(char)
            else:
                total, number = total + number * {"拾": 10, "佰": 100, "仟": 1000}[char], 0
        return total + number

    def below(text: str) -> int:
        high, mark, low = text.partition("万")
        return small(high) * 10_000 + small(low) if mark else small(text)

    high, mark, low = whole.rpartition("亿")
    return ((below(high) * 10**8 if mark else 0) + below(low)) * 100 + fen


@given(st.integers(0, 10**17) | st.sampled_from([10**n for n in range(18)]) | st.sampled_from([10**n + 1 for n in range(17)]))
def test_the_words_read_back_are_the_amount(fen: int) -> None:
    words = in_words(fen)
    assert read_back(words) == fen
    assert "零零" not in words and not words.startswith("零元零")


@pytest.mark.parametrize("fen", [-1, 10**18])
def test_what_has_no_words_is_refused(fen: int) -> None:
    with pytest.raises(ValueError, match="no words"):
        in_words(fen)
