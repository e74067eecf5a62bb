"""Numbers and boundary words as they stand in the official text: what a quote says, read without knowing the rule.

A number is (value, unit, place). A boundary word distributes over a list joined by 、 和 或 in both directions:
达到2000万元、5000万元、1亿元及以上 says ≥ of all three.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from ...values.numerals import NUMERALS, parse_numeral
from ...values.period import parse_date
from ...values.units import COUNTS, MULTIPLIERS, match_unit
from ..lexer import MOST_DIGITS, normalise
from ..syntax import PREFIXES, SUFFIXES

_DOCUMENT = re.compile(r"[〔\[(]\d{4}[〕\])]\s*第?\d+号?")
_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日|\d{4}-\d{1,2}-\d{1,2}")
_DATE_IN_WORDS = re.compile(rf"([{''.join(sorted(NUMERALS))}]{{4}})年([{''.join(sorted(NUMERALS))}]{{1,2}})月([{''.join(sorted(NUMERALS))}]{{1,3}})日")
_MONTH_DAY = re.compile(r"(\d{1,2})月(\d{1,2})日")
_NUMBER = re.compile(r"\d{1,3}(?:[,， ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?")  # 1,000 may be one number, see `_is_grouped`
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_ABOUT = re.compile("[余多几来]")  # 1000余万元
_ASIDE = re.compile(r"\((?:不?(?:包?含|包括)(?:本数|\d[\d.]*)?|[^()\d]{1,8})\)")  # what stands between a number and its unit: 500（含）万元
_HALF = re.compile("半(?![数价径成])")
_JOINED = re.compile(r"(?:\(不?含\))?(?:[、和或及]|[至到—~～-]+)")  # 1000、2000万元: the unit is said once
_POINTS = re.compile("个?百分点")
_TENTHS = re.compile(rf"([{''.join(sorted(NUMERALS))}])(成|折)")
_PARTS = re.compile(rf"([百千])分之([{''.join(sorted(NUMERALS))}]+)(?:点([零〇一二三四五六七八九]+))?")  # 百分之十, 千分之零点五
_IN_WORDS = re.compile(rf"(?<![上下前后每])半(?=年)|(?:[{''.join(sorted(NUMERALS))}]+(?:万亿|亿|万)?)+")
_NUMBERED = re.compile(
    r"[(（][一二三四五六七八九十百]+[)）]|第[一二三四五六七八九十百]+[条款项章]|^[一二三四五六七八九十]+、"
)  # （五） counts nothing
_LISTED = re.compile(r"(?:^|(?<=[:;。]))\s*(?:\d{1,2}[.、](?=[^\d\s])|\(\d{1,2}\))")  # 1. 2、 （3） before an item of a list count nothing either
_PEAK = re.compile("(?:历年|历史|往年|以往)最[高低]")  # the figure of a year, no bound of the number after it
_INCLUSION = re.compile(r"\((不?)(?:包?含|包括)((?:本数)?|\d[^()]*)\)")  # （含） （不含本数） （含1000万元）
_DELIMITERS = "，。；：！？,;:!?"
_PREFIX_WORDS = sorted(PREFIXES, key=len, reverse=True)
_SUFFIX_WORDS = sorted((word for word in SUFFIXES if word != "起"), key=len, reverse=True)
# as percentages
_WHOLE = {"全额": Fraction(100), "全免": Fraction(100), "免收": Fraction(100), "减半": Fraction(50), "半价": Fraction(50), "一半": Fraction(50),
          "加倍": Fraction(200), "翻倍": Fraction(200), "双倍": Fraction(200)}  # fmt: skip


@dataclass(slots=True)
class Figure:
    """One number of a text. value is in the unit as written (万 and 亿 multiplied out); unit '' is not stated and goes with any.
    operators: what the boundary words around it mean, with the word."""

    value: Fraction
    unit: str
    text: str
    start: int
    end: int
    operators: dict[str, str] = field(default_factory=dict)  # operator -> the word
    in_words: bool = False  # 三年, 十万元
    scale: int = 1  # 万 of 5万元
    aside: int = -1  # where a bracket stands before its unit: 500（含）万元


def numerator(unit: str) -> str:
    """The unit before the first /, spelled one way."""
    head = unit.split("/")[0]
    return {"平米": "平方米", "㎡": "平方米", "m2": "平方米", "个月": "月", "天": "日", "岁": "年", "周岁": "年"}.get(head, head)


def units_agree(left: str, right: str) -> bool:
    """Whether two written units may be the same: equal, one left out, or 个 beside any counting unit."""
    left, right = numerator(left), numerator(right)
    if left != right and {left, right} & {"%", "‰"}:  # 5 is not 5%, even where a unit may be left out
        return False
    return left == right or not left or not right or ("个" in (left, right) and {left, right} <= COUNTS)


def read_figures(text: str) -> tuple[list[Figure], list[date]]:
    """Every number and every full date of a text, with boundary words; document numbers are not numbers."""
    flat = normalise(text)
    for found in (*_DOCUMENT.finditer(flat), *_LISTED.finditer(flat)):
        flat = flat[: found.start()] + "#" * (found.end() - found.start()) + flat[found.end() :]
    dates = []
    for found in _DATE.finditer(flat):
        day = parse_date(found.group())
        if day:
            dates.append(day)
        flat = flat[: found.start()] + "#" * (found.end() - found.start()) + flat[found.end() :]
    figures, at = [], 0
    while found := _NUMBER.search(flat, at):
        if not _is_grouped(text, found) and (single := _DIGITS.match(flat, found.start())):
            found = single
        at = found.end()
        if at - found.start() > MOST_DIGITS:
            continue
        figure = _figure(flat, found)
        at = figure.end
        figures.append(figure)
    for figure, other in zip(reversed(figures[:-1]), reversed(figures[1:]), strict=True):
        if not figure.unit and figure.scale == 1 and figure.text[-1].isdigit() and _JOINED.fullmatch(flat, figure.end, other.start):
            figure.unit, figure.scale, figure.value = other.unit, other.scale, figure.value * other.scale
    _boundaries(flat, figures)
    return figures, dates


def _is_grouped(text: str, found: re.Match[str]) -> bool:
    """Whether a number with marks between its digits is one number: 1,000 is; 100，200，300 are three, unless one of them would begin with a zero."""
    marks = set(text[found.start() : found.end()]) - set("0123456789.") if found.group()[0].isdigit() else set()
    return marks <= {","} or any(part.startswith("0") for part in re.split("[,， ]", found.group())[1:])


def _figure(flat: str, found: re.Match[str]) -> Figure:
    """The number at a place with its 万 and its unit: 5万元, 1亿5000万元, 1000余万元, 500（含）万元, 5（万元）, 1年半."""
    value, start, at, digits = Fraction(re.sub("[,， ]", "", found.group())), found.start(), found.end(), found.group()
    about = _ABOUT.match(flat, at)
    at = about.end() if about and _measure(flat, about.end())[2] else at
    aside = _ASIDE.match(flat, at)
    inside = aside is not None and _measure(flat, at + 1)[2] == aside.end() - 1 - (at + 1) > 0
    after = at + 1 if inside else aside.end() if aside and _measure(flat, aside.end())[2] else at
    multiplier, unit, length = _measure(flat, after)
    end = after + length + inside
    scale = MULTIPLIERS.get(multiplier, 1)
    value *= scale
    while multiplier and not unit and (more := _DIGITS.match(flat, end)):  # 1亿5000万元
        below, unit, length = _measure(flat, more.end())
        part = Fraction(more.group()) * MULTIPLIERS.get(below, 1)
        if not length or part >= scale:
            unit = ""
            break
        value, scale, multiplier, end = value + part, MULTIPLIERS.get(below, 1), below, more.end() + length
    value, unit, end = _and_a_half(flat, value, unit, end)
    said = flat[start:end] if after == at else digits + flat[after:end].rstrip(")")
    return Figure(value, unit, said, start, end, scale=scale, aside=aside.start() if aside and after > at else -1)


def _measure(flat: str, at: int) -> tuple[str, str, int]:
    """(万, unit, how long both are) at a place."""
    multiplier = next((word for word in MULTIPLIERS if flat.startswith(word, at)), "")
    begin = at + len(multiplier)
    points = _POINTS.match(flat, begin)  # 提高5个百分点: the 5 is 5%
    unit = "%" if points else match_unit(flat, begin)
    if unit == "分" and flat.startswith("分别", begin):
        unit = ""
    return multiplier, unit, len(multiplier) + len(points.group() if points else unit)


def _and_a_half(flat: str, value: Fraction, unit: str, at: int) -> tuple[Fraction, str, int]:
    """1年半 as 18月, the months a rule counts in; 1个半月 as 1.5月, 2倍半 as 2.5倍. at: behind the unit."""
    if not unit or not _HALF.match(flat, at):
        return value, unit, at
    named = match_unit(flat, at + 1)
    if unit == "个" or named:  # 1个半月; 1次半年 is no time and a half
        return (value + Fraction(1, 2), named, at + 1 + len(named)) if unit == "个" and named else (value, unit, at)
    return (12 * value + 6, "月", at + 1) if unit == "年" else (value + Fraction(1, 2), unit, at + 1)


def _numerals(flat: str) -> Iterator[Figure]:
    """Every number in Chinese numerals with its unit: 三年, 一亿五千万元, 一年半, 半年."""
    for found in _IN_WORDS.finditer(flat):
        value, unit = _sum(found.group()), match_unit(flat, found.end())
        end = found.end() + len(unit)
        if found.group() == "半":
            value, unit = Fraction(6), "月"
        if value is None:
            continue
        value, unit, end = _and_a_half(flat, value, unit, end)
        yield Figure(value, unit, flat[found.start() : end], found.start(), end, in_words=True)


def _sum(text: str) -> Fraction | None:
    """一亿五千万 as 150000000; 一万五 is 15000, as 一百五 is 150."""
    parts = re.findall(r"([^万亿]+)(万亿|亿|万)?", text)
    total, above = Fraction(0), 1
    for digits, word in parts:
        value, scale = parse_numeral(digits), MULTIPLIERS.get(word, 1)
        if value is None:
            return None
        tail = not word and above > 1 and len(digits) == 1 and value > 0
        total, above = total + value * (Fraction(above, 10) if tail else scale), scale
    return total


def bounds_in_words(text: str, figures: list[Figure]) -> list[Figure]:
    """The numbers of a text in Chinese numerals at which a boundary word stands: 三年以上, 不超过十万元. figures: those in digits, whose words are their own."""
    flat = _PARTS.sub(lambda found: "#" * len(found.group()), normalise(text))
    words = [figure for figure in _numerals(flat) if figure.unit and flat[: figure.start][-1:] != "第"]
    _boundaries(flat, sorted([*words, *(replace(figure, operators={}) for figure in figures)], key=lambda figure: figure.start))
    return [figure for figure in words if figure.operators]


def month_days(text: str) -> list[tuple[int, int]]:
    """N月N日 without a year, as a 期间 names them."""
    return [(int(month), int(day)) for month, day in _MONTH_DAY.findall(normalise(text))]


def chinese_numbers(text: str) -> set[tuple[Fraction, str]]:
    """Every number written in Chinese numerals, with its unit; only looked at when a rule cites one. 三年 is no 3%, and no 3家; 三个年度 may be."""
    flat = _PARTS.sub("", _NUMBERED.sub("", normalise(text)))
    return {(figure.value, "" if figure.unit == "个" else figure.unit) for figure in _numerals(flat)}


def chinese_amounts(text: str) -> set[Fraction]:
    """Money in Chinese numerals: 十万元 → 100000, 五千元 → 5000."""
    return {figure.value for figure in _numerals(normalise(text)) if numerator(figure.unit) == "元"}


def chinese_dates(text: str) -> list[date]:
    """二〇二五年五月一日, only looked at when a rule cites it."""
    found = (tuple(map(parse_numeral, match.groups())) for match in _DATE_IN_WORDS.finditer(normalise(text)))
    return [day for parts in found if None not in parts and (day := parse_date("-".join(map(str, parts))))]


def words_for_shares(text: str) -> set[Fraction]:
    """全额, 减半 and their kin count as numbers; 三成 is 30%, 八折 80%."""
    parts = {_part(*found.groups()) for found in _PARTS.finditer(text)}
    tenths = {Fraction(10 * value) for found in _TENTHS.finditer(text) if (value := parse_numeral(found.group(1))) is not None}
    return {value for word, value in _WHOLE.items() if word in text} | tenths | parts


def stated_shares(text: str) -> list[Figure]:
    """The shares in words that change an amount and so ask to be accounted for: 减半, 八折, 百分之十. 全额 and 翻倍 are as often said of no amount at all."""
    found = [(match, _part(*match.groups())) for match in _PARTS.finditer(text)]
    found += [(match, Fraction(10 * (parse_numeral(match.group(1)) or 0))) for match in _TENTHS.finditer(text) if match.group(2) == "折"]
    found += [(match, _WHOLE[match.group()]) for match in re.finditer("减半|半价|加倍|双倍", text)]
    return [Figure(value, "%", match.group(), match.start(), match.end()) for match, value in found]


def _part(of: str, whole: str, rest: str | None) -> Fraction:
    """百分之零点五 as percentages: 0.5."""
    digits = "".join(str(parse_numeral(char)) for char in rest or "")
    value = Fraction(f"{parse_numeral(whole) or 0}.{digits or 0}")
    return value if of == "百" else value / 10


def _boundaries(flat: str, figures: list[Figure]) -> None:
    stated = {figure.start: found for figure in figures if (found := _stated(flat, figure.aside if figure.aside >= 0 else figure.end, figure))}
    repeated = [found.span() for found in stated.values()]  # the number said again in 1000万元（含1000万元）
    groups: list[list[Figure]] = []
    for figure in figures:
        if any(start < figure.start < end for start, end in repeated):
            continue
        if groups and re.fullmatch(r"(?:\(含\)|及以上|以上)?[、和或及]|(?:\(不?含\))?(?:至|-|—|~|～)+", flat[groups[-1][-1].end : figure.start]):
            groups[-1].append(figure)
        else:
            groups.append([figure])
    for place, group in enumerate(groups):
        before = groups[place - 1][-1].end if place else 0
        after = groups[place + 1][0].start if place + 1 < len(groups) else len(flat)
        prefix = _prefix(flat, before, group[0].start)
        ranged = len(group) == 2 and re.search(r"至|-|—|~|～", flat[group[0].end : group[1].start])
        words = [prefix] if prefix else []
        for figure in group:
            beside = stated.get(figure.start)
            start = figure.end if beside is None or beside.group() == "(含)" else max(figure.end, beside.end())  # （含）以上 is one word
            word = _suffix(flat, start, after if figure is group[-1] else start + 6)
            if not word:
                continue
            words.append(word)
            behind = _stated(flat, flat.index(word, start) + len(word), figure)
            if beside or behind:  # 达到1亿元、2亿元以上（不含）: of the word, so of all it governs
                stated |= {one.start: behind or beside for one in group if one.start not in stated}
        for figure in group:
            for word in words:
                figure.operators[PREFIXES.get(word) or SUFFIXES[word]] = word
            if not ranged and figure.start in stated:
                _include(figure, stated[figure.start])
        if any("(含)" in word for word in words):  # an explicit （含） wins over the word it stands beside
            for figure in group:
                figure.operators = {operator: word for operator, word in figure.operators.items() if operator in "≥≤"}
        if ranged:
            group[0].operators.setdefault("≥", "至")
            group[1].operators.setdefault("≤", "至")
            group[1].operators.setdefault("<", "至")
            for figure in group:
                if figure.start in stated:
                    _include(figure, stated[figure.start])


def _stated(flat: str, at: int, figure: Figure) -> re.Match[str] | None:
    """（含） or （不含） at a place, as it stands beside a number; （含税） says nothing of the boundary."""
    found = _INCLUSION.match(flat, at)
    return found if found and (found.group(2) in ("", "本数", figure.text) or (figure.aside == at and figure.text.startswith(found.group(2)))) else None


def _include(figure: Figure, said: re.Match[str]) -> None:
    """What is said of the number itself wins over the boundary word: 以上（不含） is >, 超过…（含） is ≥."""
    pairs = {"≥": ">", "≤": "<"} if said.group(1) else {">": "≥", "<": "≤"}
    for operator, strict in pairs.items():
        word = figure.operators.pop(operator, None)
        if word is not None:
            figure.operators[strict] = word if said.group() in word else word + said.group()


def _prefix(flat: str, low: int, at: int) -> str:
    """The boundary word that governs a number: the nearest one before it inside the same stretch of text."""
    start = max([low, *(flat.rfind(mark, low, at) + 1 for mark in _DELIMITERS)])
    stretch = _PEAK.sub("####", flat[start:at])
    best, place = "", -1
    for word in _PREFIX_WORDS:
        found = stretch.rfind(word)
        # a longer word that holds this one wins: 不超过 is not 超过
        if found >= 0 and (found + len(word) > place + len(best) or (found <= place and found + len(word) >= place + len(best))):
            if found + len(word) > place + len(best) or len(word) > len(best):
                best, place = word, found
    return best


def _suffix(flat: str, at: int, limit: int) -> str:
    """以上, 以下 … right after a number, or after the short noun that follows it (30家网店以上)."""
    stretch = re.split(f"[{_DELIMITERS}、]", flat[at : min(limit, at + 8)])[0]
    found = [(stretch.find(word), -len(word), word) for word in _SUFFIX_WORDS if word in stretch]
    return min(found)[2] if found else ""
