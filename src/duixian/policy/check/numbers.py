"""Every number is accounted for, both ways; a boundary word means what the sentence says at that number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from ...values.diagnostic import Diagnostic, Place
from ...values.units import unit_factor
from ..document import Document, Quote
from ..model import General, Policy, Rule
from ..readings import walk
from ..suggest import NO_HINT
from ..syntax import Between, Binary, Cap, Compare, DateLiteral, FactWindow, Frequency, Node, Number, Open, OrdinalTest, Places, Span, Tiers, Time
from .figures import (
    Figure,
    bounds_in_words,
    chinese_amounts,
    chinese_dates,
    chinese_numbers,
    month_days,
    numerator,
    read_figures,
    stated_shares,
    units_agree,
    words_for_shares,
)


@dataclass(frozen=True, slots=True)
class Cited:
    """A number a rule uses, in the unit it is written in."""

    value: Fraction
    unit: str
    text: str
    at: Span
    ordinal: bool = False  # 第2年 of 前三年: what counts up to a number of the text is covered by it


def records_under(policy: Policy, quote: Quote) -> list[Any]:
    """The rules, 通则 and totals whose block stands under a quote."""
    blocks = {id(block) for block in quote.blocks}
    every = [*policy.rules.values(), *policy.generals, *policy.totals, *policy.highest]
    return [record for record in every if record.block is not None and id(record.block) in blocks]


def written(number: Number) -> Fraction:
    """The value of a number in the unit it is written in: 5万元 is 50000."""
    return number.value / unit_factor(number.unit) if number.unit else number.value


def cited_numbers(record: Any) -> Iterator[Cited]:
    """Every number in a record, under every option of its readings."""
    for node in walk(record):
        if isinstance(node, Number):
            yield Cited(written(node), node.unit, node.text, node.at)
        elif isinstance(node, Time) and node.kind == "每N年":
            yield Cited(Fraction(node.years), "年", f"{node.years}年", node.at)
        elif isinstance(node, Frequency) and node.most_years:
            yield Cited(Fraction(node.most_years), "年", f"{node.most_years}年", node.at)
        elif isinstance(node, Frequency) and node.times is not None:
            yield Cited(Fraction(node.times), "次", f"{node.times}次", node.at)
        elif isinstance(node, OrdinalTest):
            for value in {node.low, node.high} - {None}:
                yield Cited(Fraction(value or 0), "", f"第{value}", node.at, True)
        elif isinstance(node, Places) and node.number is not None:
            yield Cited(node.number.value, node.number.unit, node.number.text, node.at)


def cited_dates(record: Any) -> Iterator[tuple[date, Span]]:
    """Every date in a record, with its place."""
    for node in walk(record):
        if isinstance(node, DateLiteral) and node.day:
            yield node.day, node.at
    if isinstance(record, General):
        for key, days in (("有效期", record.validity or ()), ("参照", (record.provisional,)), ("施行", (record.effective,))):
            at = next((bullet.at for bullet in record.block.bullets if bullet.key == key), record.block.at)
            yield from ((day, at) for day in days if isinstance(day, date))


def check_numbers(policy: Policy) -> Iterator[Diagnostic]:
    """A number in a rule stands in its quote (DX501); a number of the quote is echoed below it (DX502)."""
    document = policy.document
    figures_of = {id(quote): read_figures(quote.text) for quote in document.quotes}
    for quote in document.quotes:
        figures, dates = figures_of[id(quote)]
        below = records_under(policy, quote)
        cited, days = [], []
        for record in below:
            reach = [quote, *_reading_quotes(policy, record, quote)]
            for number in cited_numbers(record):
                cited.append(number)
                once = number.value == 1 and (number.unit == "次" or number.ordinal)  # 一次性, 首年: need not be written as a number
                if number.value != 0 and not once and not _is_the_whole(number, figures) and not any(_stands_in(number, other.text, figures_of[id(other)][0]) for other in reach):
                    known = "、".join(figure.text for figure in figures) or "没有数字"
                    also, hint = _elsewhere(document, number, figures_of)
                    yield document.defect("DX501", number.at, *also, expected=known, found=number.text, **hint)
            for day, at in cited_dates(record):
                days.append(day)
                if not any(day in (*figures_of[id(other)][1], *chinese_dates(other.text)) for other in reach):
                    yield document.defect("DX501", at, expected="、".join(item.isoformat() for item in dates) or "没有日期", found=day.isoformat(), **NO_HINT)
            yield from _windows(policy, record, quote)
        prose = _prose(quote)
        echoed, prose_dates = read_figures(prose)
        for figure in figures:
            used = any(number.value == figure.value and units_agree(number.unit, figure.unit) for number in cited)
            if figure.value != 0 and not used and not any(other.value == figure.value and units_agree(other.unit, figure.unit) for other in echoed):
                if not _in_window(figure, quote, below):
                    yield document.defect("DX502", _at(quote, figure), found=figure.text)
        for share in stated_shares(quote.text):
            if share.text not in prose and not any(_is_share(number, share.value / 100) for number in cited):
                yield document.defect("DX502", _at(quote, share), found=share.text)
        for day in dates:
            if day not in days and day not in prose_dates:
                yield document.defect("DX502", quote.at, found=day.isoformat())


def _reading_quotes(policy: Policy, record: Any, quote: Quote) -> list[Quote]:
    """Where the readings a record uses stand: their options may take numbers from their own sentence."""
    used = {
        id(reading.block.quote): reading.block.quote
        for choice, owner in policy.choices
        if owner == record.name and (reading := policy.column(choice.name)) and reading.block.quote
    }
    return [other for other in used.values() if other is not quote]


def _elsewhere(document: Document, number: Cited, figures_of: dict[int, tuple[list[Figure], list[date]]]) -> tuple[list[Place], dict[str, str]]:
    """A number the rule takes from another sentence, as from a definition: where that stands, and how to write it."""
    for other in document.quotes:
        if any(figure.value == number.value and number.unit and numerator(figure.unit) == numerator(number.unit) for figure in figures_of[id(other)][0]):
            return [document.place(other.lines[0].at)], {
                "hint": "另一段引文里有这个数：是条件的，在那一段下面写成“认定”“通则”或口径；或者把两段连着写成一段引文。不是同一个数的，",
                "hint_en": "Another quote has it: a condition is written below that one, as a 认定, 通则 or 口径, or both are quoted as one. Else ",
            }
    return [], NO_HINT


def _is_the_whole(number: Cited, figures: list[Figure]) -> bool:
    """100%, and 1 without a unit: what a share is taken of or added to, (1 + 20%); it says nothing the text has to say. A 1% of the text that lost its sign is none."""
    if number.ordinal or (number.unit, number.value) not in (("", 1), ("%", 100)):
        return False
    return not any(figure.value == number.value and figure.unit != number.unit for figure in figures)


def _is_share(number: Cited, share: Fraction) -> bool:
    """50% or 0.5 for 减半."""
    return number.value * _PERCENT.get(number.unit, Fraction(100)) / 100 == share


_PERCENT = {"%": Fraction(1), "‰": Fraction(1, 10), "倍": Fraction(100)}


def _stands_in(number: Cited, text: str, figures: list[Figure]) -> bool:
    if any(figure.value == number.value and units_agree(figure.unit, number.unit) for figure in figures):
        return True
    if number.unit in _PERCENT and number.value * _PERCENT[number.unit] in words_for_shares(text):
        return True
    if number.ordinal:
        counts = {figure.value for figure in figures if figure.unit in ("年", "名", "位", "")} | {value for value, _ in chinese_numbers(text)}
        return any(number.value <= other < 100 for other in counts)
    if number.unit in ("元", "美元"):
        return number.value in chinese_amounts(text)
    return any(value == number.value and units_agree(unit, number.unit) for value, unit in chinese_numbers(text))


def _windows(policy: Policy, record: Any, quote: Quote) -> Iterator[Diagnostic]:
    if isinstance(record, Rule) and isinstance(record.window, FactWindow):
        known = month_days(quote.text)
        for _, month, day in (record.window.start, record.window.end):
            if known and (month, day) not in known:
                yield policy.document.defect(
                    "DX501", record.window.at, expected="、".join(f"{m}月{d}日" for m, d in known), found=f"{month}月{day}日", **NO_HINT
                )


def _in_window(figure: Figure, quote: Quote, below: list[Any]) -> bool:
    """Whether a number of the quote is the month or day of a 期间."""
    if figure.unit not in ("月", "日"):
        return False
    parts = {
        value
        for record in below
        if isinstance(record, Rule) and record.window
        for edge in (record.window.start, record.window.end)
        for value in edge[1:]
    }
    return figure.value in parts


def _prose(quote: Quote) -> str:
    texts = [note.value for note in quote.notes]
    for block in quote.blocks:
        texts += [bullet.value for bullet in block.bullets if bullet.key in ("说明", "理由", "问题")]
        if block.kind == "程序":
            texts += [cell.text for table in block.tables for row in table.rows for cell in row]
    return "；".join(texts)


def _at(quote: Quote, figure: Figure) -> Span:
    """The place of a figure in the file."""
    start = figure.start
    for cell in quote.lines:
        if start < len(cell.text):
            return (cell.at[0] + start, cell.at[0] + start + figure.end - figure.start)
        start -= len(cell.text)
    return quote.at


# --- boundary words -------------------------------------------------------------------------------------------------------------------


def check_boundaries(policy: Policy) -> Iterator[Diagnostic]:
    """The operator of a rule at a number is one the quote has there (DX503). A ceiling word makes a ceiling, and nothing else does."""
    document = policy.document
    for quote in document.quotes:
        figures, _ = read_figures(quote.text)
        figures += bounds_in_words(quote.text, figures)
        for record in records_under(policy, quote):
            for node in walk(record):
                if isinstance(node, Compare):
                    for number in _factors(node.right):
                        if number is node.right or any(figure.operators for figure in _matching(figures, number)):
                            yield from _compare(document, figures, node, node.operator, number, node.word)
                elif isinstance(node, Between):
                    for bound, operators in ((node.low, ("≥",)), (node.high, (node.upper,))):
                        if isinstance(bound, Number):
                            yield from _one_of(document, figures, bound, operators, "至")
                elif isinstance(node, Open) and isinstance(node.ceiling, Number):
                    yield from _one_of(document, figures, node.ceiling, ("≤",), node.word)
                elif (
                    isinstance(node, Cap) and isinstance(node.amount, Number) and any(figure.operators for figure in _matching(figures, node.amount))
                ):
                    yield from _one_of(document, figures, node.amount, ("≤",), "封顶")
            if isinstance(record, Rule):
                for number in _plain_amounts(record):
                    yield from _not_a_ceiling(document, figures, number)


_RANGE_HINTS = {  # by what the text says of an end of A至B
    "<": {"hint": "“A至B”缺省含 B：写“A至B（不含）”。", "hint_en": " A至B holds B: write A至B（不含）."},
    ">": {"hint": "“A至B”总是含 A：写成两列，或“超过 A”和另一个条件。", "hint_en": " A至B holds A: write two columns, or 超过 A and another condition."},
}
_COMPLEMENT = {"<": "≥", "≥": "<", ">": "≤", "≤": ">"}


def _factors(node: Node) -> Iterator[Number]:
    """The numbers a boundary is made of: itself, or 80% in 达到 (培训人次 × 80%); what it is divided by turns the other way and is no bound."""
    if isinstance(node, Number):
        yield node
    elif isinstance(node, Binary) and node.operator in "×÷":
        yield from _factors(node.left)
        if node.operator == "×":
            yield from _factors(node.right)


def _matching(figures: list[Figure], number: Number) -> list[Figure]:
    found = [figure for figure in figures if figure.value == written(number) and units_agree(figure.unit, number.unit)]
    return [figure for figure in found if not figure.in_words] or found


def _compare(document: Any, figures: list[Figure], node: Node, operator: str, number: Number, word: str) -> Iterator[Diagnostic]:
    found = _matching(figures, number)
    said = {sign: text for figure in found for sign, text in figure.operators.items()}
    if found and not said and operator in "><":
        yield document.defect(
            "DX503", number.at, number=number.text, expected="没有界限词", expected_operator="≥", found=word, found_operator=operator, **NO_HINT
        )
    elif said and operator not in said:
        sign, text = next(iter(said.items()))
        other = _COMPLEMENT[sign] == operator
        hint = "原文只说了一边：另一边写“非 (…)”，或在档次表里另写“不限”的一行。" if other else ""
        hint_en = " The text names one side only: write 非 (…) for the other, or a row of 不限." if other else ""
        yield document.defect("DX503", number.at, number=number.text, expected=text, expected_operator=sign, found=word, found_operator=operator, hint=hint, hint_en=hint_en)


def _one_of(document: Any, figures: list[Figure], number: Number, operators: tuple[str, ...], word: str) -> Iterator[Diagnostic]:
    found = _matching(figures, number)
    if found and not any(sign in operators for figure in found for sign in figure.operators):
        said = next(((sign, text) for figure in found for sign, text in figure.operators.items()), ("＝", "没有上限词"))
        hint = _RANGE_HINTS.get(said[0], NO_HINT) if word == "至" else NO_HINT
        yield document.defect("DX503", number.at, number=number.text, expected=said[1], expected_operator=said[0], found=word, found_operator=operators[0], **hint)


def _not_a_ceiling(document: Any, figures: list[Figure], number: Number) -> Iterator[Diagnostic]:
    """30万元 as a standard where the text says 不超过30万元: a ceiling must not be paid as the standard."""
    found = _matching(figures, number)
    if found and all(set(figure.operators) == {"≤"} for figure in found):
        text = found[0].operators["≤"]
        hint = {"hint": "上限不能当标准发：写“不超过 N”。", "hint_en": " A ceiling is not the standard: write 不超过 N."}
        yield document.defect("DX503", number.at, number=number.text, expected=text, expected_operator="≤", found="标准", found_operator="＝", **hint)


def _plain_amounts(rule: Rule) -> Iterator[Number]:
    """Amounts written as a fixed standard: not the ceiling of an open value, not a bound of a test or component."""
    bodies: list[Any] = [rule.standard] if rule.standard is not None else []
    if isinstance(rule.tiers, Tiers):
        bodies += [row.value for row in rule.tiers.rows]
    for body in bodies:
        if isinstance(body, Number):
            yield body
