"""One cell → one value, or the reason why not. Nothing is guessed: what is not exactly readable is a defect.

Values come out as the engine wants them: money in 分, other numbers in base units (exact int or Fraction), truths, dates, years, text.
None is unknown (blank, ？), `NONE` is 无, verified to be none.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from ..policy.suggest import nearest
from ..values.facts import NONE
from ..values.money import Exact, decimal_text, exact
from ..values.period import parse_date
from ..values.units import MULTIPLIERS, WHOLE, is_unit, match_unit, same_unit, unit_factor
from .frames import amount_text, bounds_text
from .layout import Column

CREDIT_CODE = "统一社会信用代码"
_UNKNOWN = ("", "?", "？")
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?$", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$", re.ASCII)
_NUMBER = re.compile(r"([+-]?[\d,]+(?:\.\d+)?)(.*)$", re.DOTALL | re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?[eE][+-]?\d+$")
_SLASHED = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})$")
SUMS = ("合计", "总计", "小计", "累计", "共计")  # a line below the rows, not an object
MOST_TEXT = 4000  # characters in one cell
MOST_DIGITS = 100  # of a number written as text
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
BLANKS = "\u115f\u1160\u2800\u3164\uffa0\ufffe\uffff"  # letters and signs drawn as nothing, and what is no character
_BLANK = re.compile(f"[{BLANKS}]")
_SPACED = re.compile(r"[+-]?\d{1,3}(?:\s\d{3})+(?!\s?[0-9])")  # 1 234 567


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell cannot be read: a code and the details of its message."""

    code: str
    details: dict[str, Any]


def _fault(code: str, found: Any, expected: str, remedy: str, remedy_en: str, **more: Any) -> Fault:
    return Fault(code, {"found": shown(found), "expected": expected, "remedy": remedy, "remedy_en": remedy_en, **more})


@dataclass(frozen=True, slots=True)
class Percent:
    """A number the spreadsheet shows as a percentage: 0.5 shown as 50%."""

    value: float


@dataclass(frozen=True, slots=True)
class Scaled:
    """A number the spreadsheet shows as another one: 3000 shown as 3000万元 by the format 0"万元"."""

    value: float
    format: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell that has no value: an uncalculated formula, an error value such as #N/A, or a day that never was."""

    code: str
    text: str


def shown(raw: Any) -> str:
    """A raw cell for a message."""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, Broken):
        return raw.text
    if isinstance(raw, Scaled):
        return f"{shown(raw.value)}（{visible(raw.format[:40])}）"
    if isinstance(raw, Percent):
        return decimal_text(Fraction(repr(raw.value)) * 100) + "%"
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() and abs(raw) < 1e15 else repr(raw)
    if isinstance(raw, datetime):
        return raw.isoformat(sep=" ")
    text = str(raw)
    return visible(text if len(text) <= 60 else text[:60] + "…")


def visible(text: str) -> str:
    """The text with what cannot be seen made visible, so that no cell of a file steers the terminal or hides in a message: 10⟨U+200B⟩00."""
    return text if _is_seen(text) else "".join(f"⟨U+{ord(char):04X}⟩" if _is_hidden(char) else char for char in text)


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN or char in BLANKS


def _is_seen(text: str) -> bool:
    return text.isprintable() and (text.isascii() or not _BLANK.search(text))


def _first_hidden(text: str) -> Fault | None:
    place = None if _is_seen(text) else next((place for place, char in enumerate(text) if _is_hidden(char)), None)
    return None if place is None else Fault("DT137", {"found": f"U+{ord(text[place]):04X}", "at": place + 1})


def clean(text: str) -> str:
    """Text without spaces around it."""
    return text.strip(" \t\r\n\u3000\u00a0")


def narrow(text: str) -> str:
    """Full-width letters, digits and signs of numbers as ASCII; Chinese punctuation stays."""
    if text.isascii():
        return text
    return "".join(chr(ord(char) - 0xFEE0) if "！" <= char <= "～" and (char.isalnum() or char in "，．－＋／％") else char for char in text)


def bare(raw: Any) -> Any:
    """A raw cell without its format, for what is not read as a number."""
    return raw.value if isinstance(raw, Scaled) else raw


def is_blank(raw: Any) -> bool:
    """Whether a cell holds nothing."""
    return raw is None or (isinstance(raw, str) and not clean(raw))


def read_cell(raw: Any, column: Column) -> Any:
    """The value of a cell under a column: None unknown, NONE 无, a Fault where it cannot be read."""
    if isinstance(raw, Broken):
        return Fault(raw.code, {"found": raw.text})
    if isinstance(raw, str):
        raw = clean(raw)
    if raw is None or (isinstance(raw, str) and raw in _UNKNOWN):
        return Fault("DT143", {"expected": column.header}) if column.required else None
    if isinstance(raw, str) and raw == "无":
        if column.required:
            return _fault("DT140", "无", column.header, "这一列每行都要有值。", "this column needs a value in every row.", expected_en=column.header)
        return NONE
    if isinstance(raw, str) and (hidden := _first_hidden(raw)):  # two lines in a cell are two figures, not one with more digits
        return hidden
    return _READERS[column.kind](raw if column.kind == "number" else bare(raw), column)


# --- numbers ---------------------------------------------------------------------------------------------------------------------------


def _number(raw: Any, column: Column) -> Any:
    wanted, unit = _wanted(column), column.unit or "none"
    if isinstance(raw, (bool, date, time, timedelta)):
        return _fault("DT121", raw, wanted, "把单元格格式改成数值，重新填写。", "set the cell format to number and enter it anew.", unit=unit)
    if isinstance(raw, Percent):
        return _percent(raw, column)
    if isinstance(raw, Scaled):
        remedy, remedy_en = "单元格格式改了显示的数：把格式改成“常规”，核对后重新填写。", "the cell format shows another figure: set it to General, check and enter it anew."
        return _fault("DT127", raw, wanted, remedy, remedy_en, unit=unit)
    if isinstance(raw, str):
        found = _number_in_text(narrow(raw), column, raw)
    else:
        found = _number_in_cell(raw, wanted, unit)
    return found if isinstance(found, Fault) else _held(found, column, raw)


def _wanted(column: Column) -> str:
    return f"数（单位：{column.unit}）" if column.unit else "数"


def _number_in_cell(raw: Any, wanted: str, unit: str) -> Exact | Fault:
    if isinstance(raw, (int, Decimal)) and not (isinstance(raw, Decimal) and not raw.is_finite()):
        return Fraction(raw)
    if not isinstance(raw, float) or not math.isfinite(raw):
        return _fault("DT121", raw, wanted, "填一个数，或空着。", "enter a number or leave it blank.", unit=unit)
    if raw.is_integer() and abs(raw) < 1e15:
        return int(raw)
    number = Decimal(repr(raw))
    if len(number.normalize().as_tuple().digits) > 15 or abs(raw) >= 1e15:
        # what the program shows is already rounded; which figure is meant cannot be told
        return Fault("DT125", {"found": repr(raw)})
    return Fraction(number)


def _number_in_text(flat: str, column: Column, raw: str) -> Exact | Fault:
    wanted, unit_shown = _wanted(column), column.unit or "none"
    if re.search(r"\d\s+\d", flat) and not _SPACED.match(flat.removeprefix("￥").removeprefix("¥").lstrip()):
        remedy, remedy_en = "数字中间的空格分不清是一个数还是两个：去掉空格，核对这个数。", "remove the spaces within the figure and check it: it may be two."
        return _fault("DT121", raw, wanted, remedy, remedy_en, unit=unit_shown)
    flat = "".join(flat.split()).replace("，", ",").replace("－", "-").replace("−", "-")
    flat = flat.removeprefix("￥").removeprefix("¥") if column.unit == "元" else flat
    found = _NUMBER.match(flat)
    if not found:
        return _fault(
            "DT121", raw, wanted, "填一个数；不知道就空着；核实过没有的，填“无”。", "enter a number; blank if unknown, 无 if there is none.", unit=unit_shown
        )
    digits, tail = found.groups()
    if "," in digits and not _GROUPED.match(digits):
        return Fault("DT123", {"found": raw})
    digits = digits.replace(",", "")
    if not _PLAIN.match(digits):
        return _fault("DT121", raw, wanted, "填一个数。", "enter a number.", unit=unit_shown)
    if len(digits) > MOST_DIGITS:
        return _fault("DT121", raw, wanted, f"位数太多（{len(digits)} 位）：核对这个数。", f"too many digits ({len(digits)}): check the figure.", unit=unit_shown)
    value = Fraction(digits)
    if not tail:
        return value
    # a figure written with its unit: taken where the unit is exactly the one declared, 3000万元 under （元）
    multiplier = next((word for word in MULTIPLIERS if tail.startswith(word)), "")
    unit = tail[len(multiplier) :]
    if not unit or unit != match_unit(unit, 0) or not is_unit(unit):
        remedy, remedy_en = f"只填数字，单位是{column.unit or '（没有单位）'}。", f"enter digits only, in {column.unit or 'plain numbers'}."
        return _fault("DT121", raw, wanted, remedy, remedy_en, unit=unit_shown)
    if not same_unit(unit, column.unit):
        return Fault("DT122", {"found": raw, "expected": column.unit or "（没有单位）"})
    return value * MULTIPLIERS.get(multiplier, 1)


def _percent(raw: Percent, column: Column) -> Any:
    if column.unit != "%":
        remedy, remedy_en = "把单元格格式改成数值，重新填写。", "set the cell format to number and enter it anew."
        return _fault("DT127", raw, _wanted(column), remedy, remedy_en, unit=column.unit or "none")
    found = _number_in_cell(raw.value, "", "")
    return found if isinstance(found, Fault) else _held(found * 100, column, raw)


def _held(value: Exact, column: Column, raw: Any) -> Any:
    """A number in the unit of its column, checked, as it is held: money in 分, the rest in base units."""
    if value < 0 and column.measure in ("金额", "数量") and not (column.low is not None and column.low < 0):
        return Fault("DT126", {"found": shown(raw)})
    if value.denominator != 1:
        if column.measure == "金额" and (value * 100).denominator != 1:
            return Fault("DT124", {"expected": f"最多两位小数（{column.unit}）", "found": shown(raw), "places": 2})
        if column.unit in WHOLE:
            return Fault("DT124", {"expected": f"整数（{column.unit}）", "found": shown(raw), "places": 0})
    held = value * _factor(column.unit)
    if beyond := out_of_bounds(held, column):
        return beyond
    return held if held.__class__ is int else exact(Fraction(held))


def out_of_bounds(value: Exact, column: Column) -> Fault | None:
    """Why a number or year in base units cannot be one of its fact: it lies beyond the 范围 of the vocabulary."""
    if column.low is None or column.high is None or column.low <= value <= column.high:
        return None
    found = shown(amount_text(exact(Fraction(value)), column.unit))
    return Fault("DT170", {**named(column), **bounds_text(column.low, column.high, column.unit), "found": found})


def named(column: Column) -> dict[str, str]:
    """A column as the subject of a message."""
    return {"subject": f"“{column.header}”", "subject_en": f"“{column.header}”"}


@cache
def _factor(unit: str) -> Exact:
    return exact(unit_factor(unit))


# --- other kinds -------------------------------------------------------------------------------------------------------------------------


def _truth(raw: Any, column: Column) -> Any:
    if isinstance(raw, str) and raw in ("是", "否"):
        return raw == "是"
    return Fault("DT133", {"found": shown(raw)})


def _date(raw: Any, column: Column) -> Any:
    found: date | None = None
    if isinstance(raw, datetime):
        found = raw.date() if raw.time() == time() else None
    elif isinstance(raw, date):
        found = raw
    elif isinstance(raw, str):
        flat = narrow(raw).replace(" ", "")
        slashed = _SLASHED.match(flat)
        found = parse_date("-".join(slashed.groups()) if slashed else flat)
    if found is None or not 1900 <= found.year <= 2100:
        return Fault("DT131", {"found": shown(raw)})
    return found


def _year(raw: Any, column: Column) -> Any:
    text = ""
    if isinstance(raw, str):
        text = narrow(raw).removesuffix("年")
    elif isinstance(raw, (int, float, Decimal)) and not isinstance(raw, bool):
        text = shown(raw)
    if re.fullmatch(r"(19|20|21)\d\d", text, re.ASCII):
        return out_of_bounds(int(text), column) or int(text)
    return Fault("DT132", {"found": shown(raw)})


def _option(raw: Any, column: Column) -> Any:
    text = _text(raw, column)
    if isinstance(text, Fault) or column.extendable or text in column.options:
        return text
    near = nearest(text, column.options)
    remedy, remedy_en = (f"是不是“{near}”？", f"did you mean “{near}”?") if near else ("从下拉框里选。", "choose from the list.")
    return _fault("DT134", text, "、".join(column.options), remedy, remedy_en)


def _text(raw: Any, column: Column) -> Any:
    if isinstance(raw, (int, float, Decimal)) and not isinstance(raw, bool):
        return Fault("DT135", {"found": shown(raw)})
    if not isinstance(raw, str):
        return _fault("DT140", raw, "文本", "把这一列设为文本，再重新填写。", "format the column as text and enter it anew.", expected_en="text")
    if _SCIENTIFIC.match(raw):
        return Fault("DT135", {"found": raw})
    if len(raw) > MOST_TEXT:
        expected, expected_en = f"不超过 {MOST_TEXT} 个字，这里有 {len(raw)} 个", f"at most {MOST_TEXT} characters; these are {len(raw)}"
        return _fault("DT140", raw, expected, "写短一些。", "shorten it.", expected_en=expected_en)
    if column.role == "identity" and raw in SUMS:
        return _fault("DT140", raw, column.header, "删去合计行：一行一个对象。", "delete the line of totals: one row an object.", expected_en=column.header)
    is_code = column.role == "identity" or column.kind == "object" or column.name == "对象"
    text = narrow(raw) if is_code else raw
    return credit_code(text) if column.name == CREDIT_CODE else text


def credit_code(text: str) -> str | Fault:
    """A 统一社会信用代码 in its standard form. Source: GB 32100-2015."""
    try:
        return str(uscc.validate(text))
    except InvalidLength:
        why, why_en = f"{len(uscc.compact(text))} 位", f"{len(uscc.compact(text))} characters"
    except InvalidChecksum:
        why, why_en = "校验码不符", "the check digit does not match"
    except ValidationError:
        why, why_en = "含有不能用的字符", "it holds characters that are not allowed"
    return Fault("DT136", {"found": text, "why": why, "why_en": why_en})


_READERS: dict[str, Callable[[Any, Column], Any]] = {
    "number": _number, "truth": _truth, "date": _date, "year": _year, "option": _option, "text": _text, "object": _text, "award": _text,
}  # fmt: skip
