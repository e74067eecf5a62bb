"""How a claim ends when several endings apply: the first of the closed list is the one that is said, for each pair."""

from __future__ import annotations

from itertools import combinations

import pytest

from duixian.award.history import History
from duixian.award.record import Claim, Limit, Line, Once, ScopeKey, Window
from duixian.award.waterfall import HighestRule, run_waterfall
from duixian.values.facts import Missing, Paid
from duixian.values.period import Validity
from duixian.values.terms import Outcome, Waits

YEAR = 2025
ORDER = ("取消", "已享受", "不符合", "待补充", "封顶已满", "暂估", "可付")
POT = ScopeKey("甲奖｜企业", ("甲奖",), ("甲",), Window("累计"))
YEARLY = ScopeKey("甲奖｜每年", ("甲奖",), ("甲",), Window("每年"))
PAID_BEFORE = Paid("甲奖", YEAR - 1, "甲", 500)
PAID_THIS_YEAR = Paid("甲奖", YEAR, "甲", 500)


def claim(*endings: str, register: bool = False) -> tuple[Claim, list[Paid]]:
    """A claim of 1000分 to which every one of the endings applies, and the ledger behind it."""
    made = Claim("甲奖", "（一）", "企业", "甲", "甲", "甲", YEAR, 0, met=True, amount=1000, standard_only=register)
    ledger: list[Paid] = []
    if "取消" in endings:
        made.cancelled, made.failed = True, ("否决：弄虚作假",)
    if "已享受" in endings:
        made.once = Once(POT, 1, None, False, "", "一次性 每企业")
        ledger.append(PAID_BEFORE)
    if "封顶已满" in endings:
        made.limits = (Limit(500, YEARLY, "5元 每企业每年"),)
        ledger.append(PAID_THIS_YEAR)
    if "待补充" in endings:
        made.met, made.missing = None, frozenset({Missing(Waits.APPLICANT, "企业", "甲", "零售额", YEAR)})
    if "不符合" in endings:
        made.met, made.failed, made.missing = False, (*made.failed, "不满足：零售额 1000万元以上"), frozenset()
    if "暂估" in endings:
        made.provisional = ("甲奖",)
    return made, ledger


def settle(made: Claim, ledger: list[Paid], highest: HighestRule | None = None) -> Line:
    def key_of(scope: str, entry: Paid) -> tuple[str | None, ...]:
        return (entry.object_key,)

    return run_waterfall([made], History(ledger, YEAR, Validity(), key_of), highest or HighestRule())[0]


def test_the_list_is_closed_and_in_this_order() -> None:
    assert tuple(outcome.value for outcome in Outcome) == (*ORDER, "可登记")
    assert [outcome.rank for outcome in Outcome] == list(range(8))


@pytest.mark.parametrize("ending", ORDER)
def test_each_ending_alone_is_said(ending: str) -> None:
    assert settle(*claim(ending)).outcome.value == ending


@pytest.mark.parametrize(("first", "second"), list(combinations(ORDER, 2)))
def test_of_two_endings_the_earlier_is_said(first: str, second: str) -> None:
    line = settle(*claim(first, second))
    assert line.outcome.value == first
    assert line.payable_fen == 0


@pytest.mark.parametrize("ending", ORDER[:-1])
def test_an_ending_that_is_not_a_payment_gives_its_reason_or_what_is_missing(ending: str) -> None:
    line = settle(*claim(ending))
    assert line.reasons or line.missing or line.claim.provisional


@pytest.mark.parametrize(
    ("endings", "said"),
    [((), "可登记"), (("不符合",), "不符合"), (("待补充",), "待补充"), (("取消",), "取消"), (("取消", "不符合"), "取消"), (("不符合", "待补充"), "不符合")],
)
def test_a_register_entry_is_never_a_payment(endings: tuple[str, ...], said: str) -> None:
    line = settle(*claim(*endings, register=True))
    assert line.outcome.value == said
    assert line.payable_fen == 0


@pytest.mark.parametrize(
    ("upgrade", "standard_fen", "paid_fen", "due", "ending"),
    [
        ("补差(已付金额)", 800, 500, 500, "可付"), ("补差(已付金额)", 800, 1000, 0, "已享受"), ("补差(档位标准)", 800, 500, 200, "可付"),
        ("补差(档位标准)", 1000, 500, 0, "已享受"), ("补差(档位标准)", None, 500, 1000, "待补充"), ("全额", 800, 500, 1000, "可付"),
        ("全额", 1000, 500, 0, "已享受"), ("不补", 800, 500, 0, "已享受"), ("", 800, 500, 0, "已享受"),
    ],
)  # fmt: skip
def test_a_second_award_of_a_higher_tier(upgrade: str, standard_fen: int | None, paid_fen: int, due: int, ending: str) -> None:
    """The standard is 1000分 now; 500分 were paid when it was standard_fen."""
    made, _ = claim("已享受")
    made.once = Once(POT, 1, None, False, upgrade, "一次性 每企业")
    line = settle(made, [Paid("甲奖", YEAR - 1, "甲", paid_fen, standard_fen=standard_fen)])
    assert (line.outcome.value, line.amounts["补差后"]) == (ending, due)


@pytest.mark.parametrize(
    ("way", "first", "outside", "cap", "after_cap", "after_highest", "ending"),
    [
        ("差额", False, 300, 800, 800, 500, "可付"), ("差额", True, 300, 800, 700, 700, "可付"), ("差额", False, 800, 800, 800, 0, "已享受"),
        ("差额", True, 1000, 800, 0, 0, "已享受"), ("排除", False, 1, 800, 800, 0, "已享受"), ("排除", True, 1, 800, 0, 0, "已享受"),
        ("", False, 300, 800, 800, 800, "可付"),
    ],
)  # fmt: skip
def test_what_other_policies_paid_is_taken_off_before_or_after_the_cap(
    way: str, first: bool, outside: int, cap: int, after_cap: int, after_highest: int, ending: str
) -> None:
    """1000分, a cap, and something already had elsewhere: 差额 pays the rest, 排除 pays nothing, 封顶前 takes it off first."""
    made, ledger = claim()
    made.outside_fen, made.limits = outside, (Limit(cap, YEARLY, "封顶"),)
    line = settle(made, ledger, HighestRule(outside=way, outside_first=first))
    assert (line.amounts["封顶后"], line.amounts["就高后"], line.outcome.value) == (after_cap, after_highest, ending)


@pytest.mark.parametrize(
    ("paid", "told"),
    [(Paid("乙奖", YEAR, "甲", 300), True), (Paid("乙奖", YEAR - 1, "甲", 300), False), (Paid("乙奖", YEAR, "别家", 300), False), (Paid("丙奖", YEAR, "甲", 300), False)],
)
def test_what_an_earlier_batch_of_the_year_paid_for_the_same_matter_is_said(paid: Paid, told: bool) -> None:
    """就高 between 甲奖 and 乙奖 of one firm: 乙奖 now waits, but may have been paid in an earlier batch."""
    made, _ = claim()
    other = Claim("乙奖", "（二）", "企业", "甲", "甲", "甲", YEAR, 1, met=None, missing=frozenset({Missing(Waits.APPLICANT, "企业", "甲", "零售额", YEAR)}))
    made.groups = other.groups = {"同一事项": ("甲", str(YEAR))}
    lines = run_waterfall([made, other], History([paid], YEAR, Validity(), lambda scope, entry: (entry.object_key,)), HighestRule((("同一事项", "就高"),)))
    assert lines[0].amounts["就高后"] == 1000
    assert [note for note in lines[0].notes if "本年已付过乙奖 3元" in note] == lines[0].notes == lines[0].notes[: int(told)]
