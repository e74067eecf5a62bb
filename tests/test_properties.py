"""What holds for every input: shares add up, order never matters, an unknown never costs money in silence, a cap never raises."""

from __future__ import annotations

import calendar
import dataclasses
import os
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from duixian.award.allocate import Adjustable, first_come, lower_standards, share_out
from duixian.engine.solve import lowered
from duixian.policy.document import Heading, Quote, split
from duixian.policy.source import SourceText, match_quotes
from duixian.policy.terms import Reader
from duixian.values.diagnostic import Defects, Diagnostic
from duixian.values.facts import Facts
from duixian.values.money import ROUNDINGS, decimal_text, round_money, yuan_text
from duixian.values.numerals import parse_numeral
from duixian.values.period import after, parse_date
from duixian.values.terms import Outcome

from . import worlds
from .repeat import by_day

WORLDS = int(os.environ.get("DUIXIAN_WORLDS") or by_day(12, night=40))  # more on a long evening
fast = settings(max_examples=by_day(100, night=300), derandomize=True, deadline=None)
slow = settings(max_examples=WORLDS, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
randoms = st.integers(0, 2**32).map(Random)  # one seed a world: a drawn number each would be too much to draw
amounts = st.integers(min_value=0, max_value=10**9)
claims = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), amounts, max_size=8)
both = pytest.mark.parametrize("name", worlds.FOUNDING)


# --- 总额 -----------------------------------------------------------------------------------------------------------------------------------


@fast
@given(claims, amounts)
def test_shares_add_up_to_the_total_and_none_exceeds_its_claim(asked: dict[str, int], total: int) -> None:
    shares = share_out(asked, total)
    assert sum(shares.values()) == min(total, sum(asked.values()))
    assert all(0 <= shares[name] <= asked[name] for name in asked)


@fast
@given(claims, amounts)
def test_a_share_is_within_one_fen_of_its_exact_part(asked: dict[str, int], total: int) -> None:
    assume(sum(asked.values()) > total)
    shares = share_out(asked, total)
    assert all(abs(shares[name] - Fraction(asked[name] * total, sum(asked.values()))) < 1 for name in asked)


@pytest.mark.parametrize(
    ("asked", "total", "expected", "why"),
    [
        ({"甲": 1, "乙": 1, "丙": 1}, 2, {"甲": 0, "乙": 1, "丙": 1}, "equal remainders, equal claims: ascending id (丙 before 乙 before 甲 in Unicode order)"),
        ({"a": 10, "b": 30}, 2, {"a": 0, "b": 2}, "0.5 and 1.5: equal remainders, the larger claim first"),
        ({"a": 1, "b": 2}, 1, {"a": 0, "b": 1}, "the larger remainder first"),
        ({"a": 5}, 0, {"a": 0}, "nothing to share"),
        ({}, 5, {}, "nobody asked"),
        ({"a": 3, "b": 4}, 7, {"a": 3, "b": 4}, "exactly enough"),
    ],
)
def test_left_over_fen_go_by_remainder_then_claim_then_id(asked: dict[str, int], total: int, expected: dict[str, int], why: str) -> None:
    assert share_out(asked, total) == expected, why


@fast
@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=4), amounts), max_size=8, unique_by=lambda pair: pair[0]), amounts)
def test_first_come_gives_everything_until_nothing_is_left(asked: list[tuple[str, int]], total: int) -> None:
    shares = first_come(asked, total)
    assert sum(shares.values()) == min(total, sum(claim for _, claim in asked))
    cut = [name for name, claim in asked if shares[name] < claim]
    assert not cut or all(shares[name] == 0 for name, _ in asked[[name for name, _ in asked].index(cut[0]) + 1 :])


adjustable = st.builds(
    Adjustable, st.fractions(min_value=0, max_value=10**6, max_denominator=100), st.integers(0, 10**6), st.integers(0, 10**5), st.booleans()
)


@fast
@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), adjustable, max_size=6), st.integers(0, 3 * 10**6))
def test_lowered_standards_fit_the_total_and_the_factor_is_the_highest(asked: dict[str, Adjustable], total: int) -> None:
    def needed(factor: Fraction) -> Fraction:
        return sum((claim.at(factor) for claim in asked.values()), Fraction(0))

    solved = lower_standards(asked, total)
    if solved is None:
        assert needed(Fraction(0)) > total
        return
    factor, shares = solved
    assert 0 <= factor <= 1
    assert sum(shares.values()) <= total
    assert all(0 <= shares[name] <= claim.limit for name, claim in asked.items())
    assert needed(factor) <= total
    assert factor == 1 or needed(factor + Fraction(1, 10**15)) > total
    assert sum(shares.values()) == int(needed(factor)) or factor == 1


@fast
@given(st.lists(adjustable, min_size=1, max_size=6), st.integers(0, 3 * 10**6))
def test_both_engines_lower_standards_alike(asked: list[Adjustable], total: int) -> None:
    """One with fractions, one with whole numbers over one denominator."""
    claims = dict(enumerate(asked))
    assume(sum((claim.at(Fraction(1)) for claim in asked), Fraction(0)) > total)
    rows = [
        {"序": 0, "号": place, "限": claim.limit, "分子": Fraction(claim.full).numerator, "分母": Fraction(claim.full).denominator, "已付": claim.paid,
         "可调": not claim.fixed, "可用": total}
        for place, claim in claims.items()
    ]  # fmt: skip
    one, other = lower_standards(claims, total), lowered(rows)
    assert (one is None) == (other is None)
    assert one is None or other is None or list(one[1].values()) == other[0]


# --- money, days, numbers -----------------------------------------------------------------------------------------------------------------

exact_fen = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=1000)


@pytest.mark.parametrize("rounding", ROUNDINGS)
@fast
@given(value=exact_fen, other=exact_fen)
def test_a_rounding_keeps_whole_steps_and_order_and_misses_by_less_than_a_step(rounding: str, value: Fraction, other: Fraction) -> None:
    step = ROUNDINGS[rounding][0]
    rounded = round_money(value, rounding)
    assert rounded % step == 0
    assert round_money(rounded, rounding) == rounded
    assert round_money(-value, rounding) == -rounded
    if value <= other:
        assert rounded <= round_money(other, rounding)
    if "舍去" in rounding:
        assert abs(rounded) <= abs(value) < abs(rounded) + step
    else:
        assert 2 * abs(rounded - value) <= step
        if 2 * abs(rounded - value) == step:
            assert abs(rounded) > abs(value), "a half goes up"


def slow_after(start: date, amount: int, unit: str) -> date:
    """民法典 第二百零二条, day by day: the corresponding day of the month in which the time is full, else that month's last day."""
    day = start
    if unit == "日":
        for _ in range(amount):
            day += timedelta(days=1)
        return day
    months = amount * 12 if unit == "年" else amount
    while (day.year - start.year) * 12 + day.month - start.month < months:
        day += timedelta(days=1)
    last = calendar.monthrange(day.year, day.month)[1]
    while day.day < min(start.day, last):
        day += timedelta(days=1)
    return day


@fast
@given(st.dates(date(1999, 1, 1), date(2040, 12, 31)), st.integers(0, 40), st.sampled_from(["年", "月", "日"]))
def test_the_day_a_time_is_full_agrees_with_counting_days(start: date, amount: int, unit: str) -> None:
    amount = amount % 4 if unit == "年" else amount
    assert after(start, amount, unit) == slow_after(start, amount, unit)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "full"),
    [
        ("2024-02-29", 1, "年", "2025-02-28"), ("2024-02-29", 4, "年", "2028-02-29"), ("2025-02-28", 3, "年", "2028-02-28"), ("2024-08-31", 1, "月", "2024-09-30"),
        ("2024-12-31", 2, "月", "2025-02-28"), ("2023-12-31", 2, "月", "2024-02-29"), ("2024-01-31", 30, "日", "2024-03-01"), ("2024-12-15", 1, "月", "2025-01-15"),
    ],
)  # fmt: skip
def test_a_time_is_full_on_the_corresponding_day_or_the_last_of_the_month(start: str, amount: int, unit: str, full: str) -> None:
    begun = parse_date(start)
    assert begun is not None and after(begun, amount, unit) == parse_date(full)


@fast
@given(st.integers(0, 10**13))
def test_an_amount_as_it_is_printed_reads_back_as_itself(fen: int) -> None:
    defects: list[Diagnostic] = []
    reader = Reader(yuan_text(fen), 0, split("", "x", []), defects)
    number = reader.primary()
    reader.done()
    assert not defects and number.value == fen and number.unit == "元"  # type: ignore[attr-defined]


@fast
@given(st.fractions(max_denominator=10**6))
def test_a_printed_number_is_the_number(value: Fraction) -> None:
    assert Fraction(decimal_text(value)) == value


def chinese(number: int) -> str:
    """1 to 9999 the way a policy writes it: 二百零三, 十五."""
    digits, text, zero = "零一二三四五六七八九", "", False
    for step, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // step % 10
        if digit:
            text += ("零" if zero and text else "") + digits[digit] + unit
            zero = False
        else:
            zero = True
    return text.removeprefix("一") if 10 <= number < 20 else text


@fast
@given(st.integers(1, 9999))
def test_chinese_numerals_read_back(number: int) -> None:
    assert parse_numeral(chinese(number)) == number


@fast
@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_dates_read_back_in_both_spellings(day: date) -> None:
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day.year}年{day.month}月{day.day}日") == day


# --- quotes ---------------------------------------------------------------------------------------------------------------------------------


@both
@settings(fast, max_examples=by_day(50, night=150))
@given(random=randoms)
def test_any_one_character_changed_left_out_or_put_in_is_caught(name: str, random: Random) -> None:
    """A quote or heading that differs from the official text by one character is a defect."""
    policy = worlds.policy_of(name)
    source = SourceText("source.txt", policy.source.text, policy.source.sha256)
    text = policy.document.text
    pieces = [element.at for element in policy.document.elements if isinstance(element, Heading)]
    pieces += [cell.at for element in policy.document.elements if isinstance(element, Quote) for cell in element.lines]
    start, end = random.choice(pieces)
    at = random.randrange(start, end)
    char = random.choice("甲，。１1％超以（")
    changed = random.choice([text[:at] + char + text[at + 1 :], text[:at] + text[at + 1 :], text[: at + 1] + char + text[at + 1 :]])
    assume(changed != text)
    defects: list[Diagnostic] = []
    match_quotes(split(changed, "policy.md", []), source, defects)
    same = changed.replace(" ", "") == text.replace(" ", "")  # white space at a line's end is not text
    assert defects or same


# --- settling -------------------------------------------------------------------------------------------------------------------------------


def shuffled(world: worlds.World, random: Random) -> worlds.World:
    """The same world, everything in another order."""

    def mix(items: list) -> list:  # type: ignore[type-arg]
        return random.sample(items, len(items))

    facts = Facts(listed=set(world.facts.listed), unlisted=set(world.facts.unlisted))
    for kind in mix(list(world.facts.things)):
        for key in mix(list(world.facts.things[kind])):
            facts.add(kind, key).values.update(mix(list(world.facts.things[kind][key].values.items())))
    facts.claims.update(mix(list(world.facts.claims.items())))
    settings_ = dict(mix(list(world.standards.settings.items())))
    return dataclasses.replace(world, facts=facts, ledger=mix(world.ledger), standards=dataclasses.replace(world.standards, settings=settings_))


def settled(world: worlds.World) -> dict[tuple[str, str, str], tuple[Outcome, int, str]] | str:
    try:
        return worlds.results(world.settle())
    except Defects as stop:
        return str(stop)


@both
@slow
@given(random=randoms)
def test_the_same_input_settles_the_same_whatever_its_order(name: str, random: Random) -> None:
    world = worlds.draw(random, name)
    first = settled(world)
    assert settled(world) == first, "two runs"
    assert settled(shuffled(world, random)) == first, "another order of objects, rows, claims and ledger"


def worse(before: tuple[Outcome, int, str], now: tuple[Outcome, int, str]) -> bool:
    """A smaller payment that is not a waiting."""
    return now[1] < before[1] and now[0] is not Outcome.NEEDS_DATA


@both
@slow
@given(random=randoms)
def test_a_fact_nobody_knows_never_costs_money_in_silence(name: str, random: Random) -> None:
    """Take any one fact away: every payment stays, grows (somebody else waits) or waits; none becomes smaller."""
    world = worlds.draw(random, name)
    before = settled(world)
    assume(isinstance(before, dict) and any(amount for _, amount, _ in before.values()))
    assert isinstance(before, dict)
    recognised = {rule.name for rule in world.policy.rules.values() if rule.kind == "认定"}  # 是 on the register stands for the test itself
    every = [(thing, key) for thing, key in world.given() if key[0] not in recognised]
    for thing, key in random.sample(every, min(12, len(every))):
        value = thing.values.pop(key)
        now = settled(world)
        thing.values[key] = value
        if isinstance(now, dict):
            worst = [(line, before[line][:2], now[line][:2]) for line in before if worse(before[line], now[line])]
            assert not worst, f"without {thing} {key} = {value}: {worst} {[now[line][2] for line, *_ in worst]}"


@both
@slow
@given(random=randoms)
def test_a_cap_never_raises_an_amount(name: str, random: Random) -> None:
    world = worlds.draw(random, name)
    policy = world.policy
    capped = random.choice([rule for rule in policy.awards if rule.caps])
    without = dataclasses.replace(policy, rules={**policy.rules, capped.name: dataclasses.replace(capped, caps=())})
    try:
        with_cap, free = world.settle(), world.settle(without)
    except Defects:
        assume(False)
    after_cap = {line.claim.id: line.amounts["封顶后"] for line in with_cap.lines if line.claim.award == capped.name}
    for line in free.lines:
        if line.claim.award == capped.name and after_cap[line.claim.id] is not None and line.amounts["封顶后"] is not None:
            assert after_cap[line.claim.id] <= line.amounts["封顶后"]


@both
@slow
@given(random=randoms)
def test_amounts_only_fall_on_their_way_and_only_a_payable_line_pays(name: str, random: Random) -> None:
    world = worlds.draw(random, name)
    try:
        settlement = world.settle()
    except Defects:
        assume(False)
    stages = ("舍入后", "补差后", "封顶后", "名额后", "就高后", "核减后")
    for line in settlement.lines:
        known = [line.amounts[stage] for stage in stages if line.amounts.get(stage) is not None]
        assert known == sorted(known, reverse=True), line.amounts
        assert all(amount >= 0 for amount in known)
        assert line.payable_fen == 0 or line.outcome is Outcome.PAYABLE
        assert line.payable_fen > 0 or line.outcome is not Outcome.PAYABLE
        assert line.outcome is not Outcome.NEEDS_DATA or line.missing, f"{line.claim.award} {line.claim.key} waits for nothing"
        for stage, earlier in zip(stages[1:], stages, strict=False):
            before, now = line.amounts.get(earlier), line.amounts.get(stage)
            if before is not None and now is not None and before != now:
                assert line.reasons.get(stage), f"{stage} of {line.claim.award} differs without a reason"


@both
@slow
@given(random=randoms)
def test_no_total_is_exceeded(name: str, random: Random) -> None:
    world = worlds.draw(random, name)
    try:
        settlement = world.settle()
    except Defects:
        assume(False)
    for total in settlement.totals:
        if total.amount_fen is not None:
            assert total.granted_fen <= max(0, total.amount_fen - total.spent_fen)


@both
@slow
@given(random=randoms)
def test_what_a_year_pays_is_the_next_years_history(name: str, random: Random) -> None:
    """Settling again with this year's payments in the ledger never pays an award once-for-all twice."""
    world = worlds.draw(random, name)
    try:
        first = world.settle()
        world.ledger = [*world.ledger, *first.entries()]
        again = {line.claim.id: line for line in world.settle().lines}
    except Defects:
        assume(False)
    for line in first.lines:
        rule = first.bound.rules[line.claim.award]
        once = rule.frequency is not None and rule.frequency.times == 1
        cut_short = line.payable_fen != line.amounts.get("封顶后")  # 补差（已付金额） makes up later for what a total took
        if line.payable_fen and once and (rule.upgrade is None or rule.upgrade.text in ("不补", "补差(已付金额)") and not cut_short):
            found = again[line.claim.id]
            assert found.outcome in (Outcome.ALREADY_AWARDED, Outcome.CANCELLED, Outcome.NEEDS_DATA), (line.claim.id, found)
