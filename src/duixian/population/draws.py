"""分布 and 参数 of a profile, from text to a typed `Draw`. Nothing is drawn here.

A cell of 参数 is a list of items parted by ；. The first says what is drawn; the others begin with a word of `_EXTRAS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from ..policy.lexer import normalise
from ..tables.layout import Column
from ..values.period import parse_date
from ..values.units import COUNTS, MULTIPLIERS, same_unit

MOST_CELL = 9_000_000_000_000  # 900亿元 in 分: growth in parts per million still fits 64 bits
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(万亿|千万|百万|亿|万|千)?\s*(.*)$")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%$")
_CONDITION = re.compile(r"(\S+?)(?:\s+(是|达到)\s+(\S+))?$")
_YEAR = re.compile(r"(?:(\d{4})年?|本年(?:\s*-\s*(\d+))?)$")


class Unclear(Exception):
    """A cell that cannot be read: what it should have been."""

    def __init__(self, expected: str, expected_en: str = "") -> None:
        super().__init__(expected)
        self.expected, self.expected_en = expected, expected_en or expected


@dataclass(frozen=True, slots=True)
class Condition:
    """只在: a truth that holds, an option (`value` text) or a number reached (`value` in cells)."""

    fact: str
    value: str | int | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """How one fact is drawn. arguments: by name, see the reader of each 分布; only: conditions; otherwise: what stands where they fail."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    only: tuple[Condition, ...] = ()
    otherwise: str = "无"  # 无, 零 or 未知
    zero: Fraction = Fraction(0)


def scale_of(column: Column) -> int:
    """How many decimals a cell of the column has: 2 for money, 0 for what is counted, 4 for an exchange rate, 2 else."""
    if column.unit in COUNTS or column.unit == "月":
        return 0
    return 4 if "/" in column.unit else 2


def share_text(text: str) -> Fraction:
    """`12%` as 3/25. Raises Unclear for anything but 0% to 100%."""
    found = _PERCENT.match(normalise(text).strip())
    if not found or Fraction(found.group(1)) > 100:
        raise Unclear("0% 到 100% 的百分数", "a percentage from 0% to 100%")
    return Fraction(found.group(1)) / 100


def plain_number(text: str) -> Fraction:
    """A number without a unit: `1.6`."""
    flat = normalise(text).strip()
    if not re.fullmatch(r"\d+(?:\.\d+)?", flat):
        raise Unclear("一个没有单位的数", "a number without a unit")
    return Fraction(flat)


def cell_text(text: str, column: Column) -> Fraction:
    """A number with the unit of the column, in cells: `60万元` is 60,000,000 under 元."""
    found = _NUMBER.match(normalise(text).strip())
    unit = found.group(3) if found else ""
    if not found or not same_unit(unit, normalise(column.unit)):
        raise Unclear(f"带单位“{column.unit}”的数" if column.unit else "一个没有单位的数", f"a number in {column.unit or 'no unit'}")
    value = Fraction(found.group(1)) * MULTIPLIERS.get(found.group(2) or "", 1) * 10 ** scale_of(column)
    if value > MOST_CELL:
        raise Unclear(f"不超过 {MOST_CELL // 10 ** scale_of(column)}{column.unit}", "a smaller number")
    return value


def whole_cell(text: str, column: Column) -> int:
    """The same where it must be a whole cell: `5000.005元` is refused."""
    value = cell_text(text, column)
    if value.denominator != 1:
        raise Unclear(f"最多 {scale_of(column)} 位小数", f"at most {scale_of(column)} decimals")
    return value.numerator


def weights_text(text: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """`零售型 80、批发型 20` as words and whole weights; a word alone weighs 1."""
    names, weights = [], []
    for part in re.split("、", text):
        found = re.fullmatch(r"(.+?)(?:\s+(\d{1,6}))?", part.strip())
        if not found:
            raise Unclear("选项和权重，如“零售型 80、批发型 20”", "options with weights")
        names.append(found.group(1))
        weights.append(int(found.group(2) or 1))
    if not sum(weights):
        raise Unclear("至少一个大于 0 的权重", "a weight above 0")
    return tuple(names), tuple(weights)


def condition_text(text: str, find: Callable[[str], Column]) -> tuple[Condition, ...]:
    """`限上 且 网络零售额 达到 500万元`. find: the column of a fact of the same object; raises Unclear."""
    found = []
    for part in re.split(r"\s+且\s+", text.strip()):
        match = _CONDITION.fullmatch(part.strip())
        if not match:
            raise Unclear("事实、“事实 是 选项”或“事实 达到 数”", "a fact, “fact 是 option” or “fact 达到 number”")
        name, word, value = match.groups()
        column = find(name)
        if word == "达到" and column.kind == "number":
            found.append(Condition(name, whole_cell(value, column)))
        elif word == "是" and column.kind in ("option", "truth"):
            found.append(Condition(name, value))
        elif word is None and column.kind == "truth":
            found.append(Condition(name))
        else:
            raise Unclear("是否写“事实”，选项写“事实 是 选项”，数写“事实 达到 数”", "a truth alone, 是 for options, 达到 for numbers")
    return tuple(found)


def read_draw(name: str, text: str, column: Column, find: Callable[[str], Column]) -> Draw:
    """A row's 分布 and 参数. find: the column of another fact, 〈事实〉 of the same object or 〈关系〉的〈事实〉; it raises Unclear."""
    if name not in READERS:
        raise Unclear("、".join(READERS))
    kinds, reader = READERS[name]
    if column.kind not in kinds:
        fit = [other for other, (some, _) in READERS.items() if column.kind in some]
        raise Unclear(f"适合“{column.name}”的分布：{'、'.join(fit)}", f"a distribution for a {column.kind}: {'、'.join(fit)}")
    parts = [part.strip() for part in text.replace(";", "；").split("；") if part.strip()]
    extras: dict[str, Any] = {}
    rest = []
    for part in parts:
        word, _, value = part.partition(" ")
        if word == "只在":
            extras["only"] = condition_text(value, find)
        elif word == "否则" and value in ("无", "零", "未知"):
            extras["otherwise"] = value
        elif word == "零" and column.kind == "number":
            extras["zero"] = share_text(value)
        else:
            rest.append(part)
    if extras.get("otherwise") == "零" and column.kind not in ("number", "truth"):
        raise Unclear("否则 无，或否则 未知", "无 or 未知")
    return Draw(name, reader(rest, column, find), **extras)


def _named(parts: list[str], needed: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        word, _, value = part.partition(" ")
        if word not in (*needed, *optional) or not value or word in found:
            raise Unclear("、".join(f"“{key} …”" for key in (*needed, *optional)) + "，各一次，用“；”隔开")
        found[word] = value
    if missing := [key for key in needed if key not in found]:
        raise Unclear(f"写明{'、'.join(missing)}", f"state {'、'.join(missing)}")
    return found


def _lognormal(parts: list[str], column: Column, find: Any, tail: bool = False) -> dict[str, Any]:
    found = _named(parts, ("中位", "散度", *(("尾部", "指数") if tail else ())), ("最小", "最大", "步长"))
    arguments = {
        "median": cell_text(found["中位"], column),
        "spread": plain_number(found["散度"]),
        "least": whole_cell(found["最小"], column) if "最小" in found else 0,
        "most": whole_cell(found["最大"], column) if "最大" in found else MOST_CELL,
        "step": whole_cell(found["步长"], column) if "步长" in found else 1,
    }
    if not (arguments["median"] > 0 and arguments["spread"] <= 5 and arguments["least"] <= arguments["most"] and arguments["step"] > 0):
        raise Unclear("中位大于 0，散度不超过 5，最小不大于最大", "a median above 0, a spread of at most 5, least ≤ most")
    if tail:
        arguments |= {"tail": share_text(found["尾部"]), "steepness": plain_number(found["指数"])}
        if not (0 < arguments["tail"] <= Fraction(1, 2) and Fraction(1, 2) <= arguments["steepness"] <= 10):
            raise Unclear("尾部大于 0%、不超过 50%；指数 0.5 到 10", "a tail of at most 50%, an exponent from 0.5 to 10")
    return arguments


def _with_tail(parts: list[str], column: Column, find: Any) -> dict[str, Any]:
    return _lognormal(parts, column, find, tail=True)


def _span(text: str) -> tuple[str, str]:
    low, mark, high = text.partition("至")
    if not mark:
        raise Unclear("“小 至 大”", "“low 至 high”")
    return low.strip(), high.strip()


def _range(parts: list[str], column: Column, find: Any) -> dict[str, Any]:
    if not parts:
        raise Unclear("“小 至 大”", "“low 至 high”")
    low, high = (whole_cell(text, column) for text in _span(parts[0]))
    found = _named([part for part in parts[1:] if part != "偏小"], (), ("步长",))
    step = whole_cell(found["步长"], column) if "步长" in found else 1
    if low > high or step <= 0:
        raise Unclear("小的在前，步长大于 0", "the smaller first, a step above 0")
    return {"low": low, "high": high, "step": step, "small": "偏小" in parts[1:]}


def year_text(text: str) -> tuple[int | None, int]:
    """`2015` as (2015, 0); `本年−3` as (None, 3): years before the award year."""
    found = _YEAR.match(normalise(text).replace("−", "-").replace("－", "-").strip())
    if not found:
        raise Unclear("四位年份、“本年”或“本年−3”", "a year, 本年 or 本年−3")
    return (int(found.group(1)), 0) if found.group(1) else (None, int(found.group(2) or 0))


def _years(parts: list[str], column: Column, find: Any) -> dict[str, Any]:
    if not parts or parts[1:] not in ([], ["偏近"]):
        raise Unclear("“2015 至 本年”，可加“；偏近”", "“2015 至 本年”, perhaps with ；偏近")
    low, high = _span(parts[0])
    return {"low": year_text(low), "high": year_text(high), "recent": len(parts) > 1}


def _days(parts: list[str], column: Column, find: Any) -> dict[str, Any]:
    if len(parts) != 1:
        raise Unclear("“2019-01-01 至 本年”", "“2019-01-01 至 本年”")
    ends: list[date | tuple[int | None, int]] = [parse_date(text) or year_text(text) for text in _span(parts[0])]
    return {"low": ends[0], "high": ends[1]}


def _truth(parts: list[str], column: Column, find: Any) -> dict[str, Any]:
    if len(parts) != 1:
        raise Unclear("是的比例，如“85%”", "the share of 是")
    return {"share": share_text(parts[0])}


def _by_size(parts: list[str], column: Column, find: Callable[[str], Column]) -> dict[str, Any]:
    found = re.fullmatch(r"(\S+)\s+达到\s+(\S+)\s+时\s+(\S+?)[，,]\s*否则\s+(\S+)", parts[0]) if len(parts) == 1 else None
    if not found:
        raise Unclear("“网络零售额 达到 500万元 时 85%，否则 2%”", "“fact 达到 number 时 share，否则 share”")
    other = find(found.group(1))
    if other.kind != "number":
        raise Unclear("按大小看的是一个数", "a number to go by")
    bound = whole_cell(found.group(2), other)
    return {"fact": found.group(1), "bound": bound, "above": share_text(found.group(3)), "beneath": share_text(found.group(4))}


def _options(parts: list[str], column: Column, find: Any) -> dict[str, Any]:
    names, weights = weights_text("、".join(parts)) if parts else ((), ())
    wrong = [name for name in names if column.kind == "option" and not column.extendable and name not in column.options]
    if not names or wrong:
        raise Unclear("、".join(column.options) if column.kind == "option" else "几个词和权重")
    return {"options": names, "weights": weights}


def _proportion(parts: list[str], column: Column, find: Callable[[str], Column]) -> dict[str, Any]:
    factors = [part.strip() for part in normalise("；".join(parts)).replace("*", "×").split("×")]
    if len(factors) < 2:
        raise Unclear("“网络零售额 × 60% 至 95%”", "“fact × low 至 high”")
    facts = []
    for name in factors[:-1]:
        if find(name).kind != "number":
            raise Unclear("乘的是数", "factors that are numbers")
        facts.append(name)
    ends = []
    for text in _span(factors[-1]):
        found = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)\D*", text)
        value = Fraction(found.group(1)) * (100 if not found.group(2) else 1) * 100 if found else Fraction(1, 3)
        if value.denominator != 1:
            raise Unclear("系数最多写到 0.01%", "factors in steps of 0.01%")
        ends.append(value.numerator)  # in parts of ten thousand
    if ends[0] > ends[1] or ends[1] > 10**6:
        raise Unclear("小的在前，系数不超过 100", "the smaller first, a factor of at most 100")
    return {"facts": tuple(facts), "low": ends[0], "high": ends[1]}


def _first_year(parts: list[str], column: Column, find: Callable[[str], Column]) -> dict[str, Any]:
    if len(parts) != 1 or find(parts[0]).kind != "truth" or not find(parts[0]).yearly:
        raise Unclear("一个按年的是否", "a yearly truth")
    return {"fact": parts[0]}


def _number_pattern(parts: list[str], column: Column, find: Any) -> dict[str, Any]:
    if len(parts) != 1 or parts[0].count("{}") != 1:
        raise Unclear("一个带“{}”的式样，如“合成租约{}号”", "a pattern with {}")
    before, _, after = parts[0].partition("{}")
    return {"before": before, "after": after}


def _region(parts: list[str], column: Column, find: Any) -> dict[str, Any]:
    if len(parts) != 1 or not re.fullmatch(r"\d{6}", parts[0]):
        raise Unclear("六位行政区划代码", "a six-digit region code")
    return {"region": parts[0]}


def _parent(parts: list[str], column: Column, find: Any) -> dict[str, Any]:
    if parts:
        raise Unclear("空着：上级写在“对象”表里", "nothing: the parent stands in the table 对象")
    return {}


def _anyone(parts: list[str], column: Column, find: Any) -> dict[str, Any]:
    if not parts:
        raise Unclear("对象和权重，如“企业 80、主体 20”", "object types with weights")
    kinds, weights = weights_text("、".join(parts))
    return {"kinds": kinds, "weights": weights}


# 分布 -> (the kinds of fact it is for, its reader)
READERS: dict[str, tuple[tuple[str, ...], Callable[..., dict[str, Any]]]] = {
    "对数正态": (("number",), _lognormal),
    "对数正态＋帕累托尾": (("number",), _with_tail),
    "范围": (("number",), _range),
    "成比例": (("number",), _proportion),
    "年份": (("year",), _years),
    "首次为是的年": (("year",), _first_year),
    "日期": (("date",), _days),
    "是的比例": (("truth",), _truth),
    "视大小": (("truth",), _by_size),
    "选项": (("option", "text"), _options),
    "编号": (("text",), _number_pattern),
    "兄弟编号": (("text",), _number_pattern),
    "信用代码": (("text",), _region),
    "上级": (("object",), _parent),
    "随机取": (("object",), _anyone),
}
