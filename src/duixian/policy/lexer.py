"""Characters to tokens, for the rule side of a policy file. Quotes never come here.

Full-width forms read as their ASCII forms (NFKC, character by character, so every offset stays true). `-` and `/` are not operators.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..values.diagnostic import Diagnostic
from ..values.numerals import parse_numeral
from ..values.period import parse_date
from ..values.units import MULTIPLIERS, match_unit, unit_factor
from .document import Document
from .syntax import INCLUSIONS, PREFIXES, SUFFIXES, Span

_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_ORDINAL = re.compile(r"第(\d+|[一二三四五六七八九十]+)(年|名|位)")
_OPEN_END = re.compile(r"$|至|起?(?![\w·])")  # what may stand behind 第3年
_FIRST_YEARS = re.compile(r"前(\d+|[一二三四五六七八九十两]+)(年|名|位)")
MOST_DIGITS = 24  # more than any amount of money; longer runs are a slip or an attack
_COMMENT = re.compile(r"<!--.*?(-->|$)")
_PUNCTUATION = "()、,:=+−×÷;"
_PREFIXES = sorted(PREFIXES, key=len, reverse=True)
_SUFFIXES = sorted(SUFFIXES, key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class Token:
    """kind: number date name choice prefix suffix each step ordinal first to punct end."""

    kind: str
    text: str
    at: Span
    value: Any = None
    unit: str = ""

    def is_(self, *texts: str) -> bool:
        return self.kind in ("name", "punct", "to", "step") and self.text in texts


def normalise(text: str) -> str:
    """Full-width to ASCII, one character at a time; a character whose form is longer (㎡ → m2) stays for the unit table."""
    return text.translate(_FORMS)


class _Forms(dict[int, str]):
    """Character → its form, worked out once for each character there is."""

    def __missing__(self, code: int) -> str:
        form = unicodedata.normalize("NFKC", chr(code))
        self[code] = form if len(form) == 1 else chr(code)
        return self[code]


_FORMS = _Forms()


def is_name_char(char: str) -> bool:
    """Whether a character may stand in a name."""
    return (char.isalnum() or char in "_·") and char not in "②③"


def mark_in(name: str) -> str:
    """The first sign in a name that no text naming it could hold: punctuation separates names. '' where there is none."""
    return next((char for char in name if not is_name_char(normalise(char)) and not char.isspace()), "")


def tokenise(text: str, offset: int, document: Document, defects: list[Diagnostic]) -> list[Token]:
    """The tokens of one bullet value or cell; `offset` is where it starts in the file. Unreadable characters are reported and skipped."""
    flat = normalise(text)
    tokens: list[Token] = []
    at = 0

    def push(kind: str, end: int, value: Any = None, unit: str = "", shown: str | None = None) -> None:
        tokens.append(Token(kind, flat[at:end] if shown is None else shown, (offset + at, offset + end), value, unit))

    def starts_value(place: int) -> bool:
        return place >= len(flat) or flat[place] in " 【" or flat[place].isdigit()

    told: set[str] = set()
    while at < len(flat):
        char = flat[at]
        if char.isspace():
            at += 1
            continue
        if char == "【":
            end = flat.find("】", at)
            if end < 0:
                defects.append(
                    document.defect(
                        "DX201",
                        (offset + at, offset + len(flat)),
                        expected="【名】",
                        found=flat[at:],
                        remedy="补上“】”。",
                        remedy_en="close it with 】.",
                    )
                )
                break
            push("choice", end + 1, shown=flat[at + 1 : end].strip())
            at = end + 1
            continue
        if tokens and tokens[-1].kind == "ordinal" and char == "起":
            push("suffix", at + 1)
            at += 1
            continue
        if tokens and (tokens[-1].kind == "number" or _after_inclusion(tokens)):
            word = next((word for word in _SUFFIXES if flat.startswith(word, at)), None)
            if word and (word != "起" or at + 1 == len(flat) or not is_name_char(flat[at + 1]) or starts_value(at + 1)):
                push("suffix", at + len(word))
                at += len(word)
                continue
        if char == "至" and not (flat.startswith(("至少", "至多"), at) and starts_value(at + 2)) and tokens and (tokens[-1].kind in ("number", "ordinal", "date") or tokens[-1].is_(")")):
            push("to", at + 1)
            at += 1
            continue
        if char == "至" and not tokens and starts_value(at + 1):  # 有效期：至 2026年12月31日
            push("to", at + 1)
            at += 1
            continue
        if found := _DATE.match(flat, at):
            push("date", found.end(), parse_date(found.group()))
            if tokens[-1].value is None:
                defects.append(
                    document.defect(
                        "DX201", tokens[-1].at, expected="日历上有的一天", found=found.group(), remedy="改日期。", remedy_en="mend the date."
                    )
                )
            at = found.end()
            continue
        if found := _NUMBER.match(flat, at):
            end = found.end()
            if end - found.start() > MOST_DIGITS:
                defects.append(
                    document.defect("DX216", (offset + at, offset + end), found=found.group()[:12] + "…", expected=f"不超过 {MOST_DIGITS} 位的数", remedy="核对这个数。", remedy_en="check the number.")
                )
                at = end
                continue
            value = Fraction(found.group())
            multiplier = next((word for word in MULTIPLIERS if flat.startswith(word, end)), "")
            value *= MULTIPLIERS.get(multiplier, 1)
            end += len(multiplier)
            unit = match_unit(flat, end)
            end += len(unit)
            push("number", end, value * unit_factor(unit), unit)
            if end < len(flat) and is_name_char(flat[end]) and flat[end] not in "至每以及或起内" and not _SUFFIXES_AT(flat, end):
                stop = end
                while stop < len(flat) and is_name_char(flat[stop]):
                    stop += 1
                defects.append(document.defect("DX209", (offset + end, offset + stop), found=flat[end:stop],
                                               remedy="用单位表里的单位，或在数字后加空格。", remedy_en="use a unit of the table, or put a space after the number."))  # fmt: skip
                end = stop
            at = end
            continue
        if char == "每":
            if flat.startswith("每满", at) and starts_value(at + 2):
                push("step", at + 2)
                at += 2
            elif at + 1 < len(flat) and flat[at + 1] == " ":
                push("step", at + 1)
                at += 1
            else:
                push("each", at + 1)
                at += 1
            continue
        if char in _PUNCTUATION:
            # 超过(含) is caught below as a prefix because the run starts before the bracket
            push("punct", at + 1)
            at += 1
            continue
        prefix = next((word for word in _PREFIXES if flat.startswith(word, at) and starts_value(at + len(word))), None)
        if prefix:
            push("prefix", at + len(prefix))
            at += len(prefix)
            continue
        ordinal = _ORDINAL.match(flat, at)
        if ordinal and _OPEN_END.match(flat, ordinal.end()):
            push("ordinal", ordinal.end(), _integer(ordinal.group(1)))
            at = ordinal.end()
            continue
        first = _FIRST_YEARS.match(flat, at)
        if first and (first.end() == len(flat) or not is_name_char(flat[first.end()])):
            push("first", first.end(), _integer(first.group(1)))
            at = first.end()
            continue
        if is_name_char(char):
            end = at
            while end < len(flat) and is_name_char(flat[end]) and flat[end] != "每":
                end += 1
            push("name", end)
            at = end
            continue
        word = "−" if char in "-—–－" else "×" if char in "*xX＊✕" else "÷" if char in "/／" else ""
        if comment := _COMMENT.match(flat, at):
            defects.append(document.defect("DX216", (offset + at, offset + comment.end()), found="<!-- -->", expected="只有规则，没有注释", remedy="注释写在“说明”里。", remedy_en="comments go to 说明."))
            at = comment.end()
            continue
        if char not in told:  # the same sign again has the same cause
            told.add(char)
            defects.append(document.defect("DX216", (offset + at, offset + at + 1), found=char if char.isprintable() else f"U+{ord(char):04X}（看不见的字符）", expected="名称、数字、【名】、＋ − × ÷、括号、顿号、逗号",
                                       remedy=f"写成“{word}”。" if word else "删去，或换成规定的符号。", remedy_en=f"write “{word}”." if word else "delete it."))  # fmt: skip
        at += 1
    end = offset + len(flat)
    tokens.append(Token("end", "", (end, end)))
    return tokens


def _integer(text: str) -> int:
    return int(text) if text.isdigit() else parse_numeral(text) or 0


def _after_inclusion(tokens: list[Token]) -> bool:
    """Behind 1000万元（不含）: the word of the boundary may still follow."""
    return len(tokens) > 3 and tokens[-4].kind == "number" and tokens[-3].is_("(") and tokens[-2].is_(*INCLUSIONS) and tokens[-1].is_(")")


def _SUFFIXES_AT(flat: str, at: int) -> bool:
    return any(flat.startswith(word, at) for word in _SUFFIXES)
