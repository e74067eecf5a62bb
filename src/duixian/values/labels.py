"""What the printouts say: each sentence once, in Chinese, with its English beside it; and numbers, units and missing facts in both languages.

A printout asks for the Chinese sentence and names what stands in it, `say("还差 {amount}", language, amount=…)`; a sentence without an English
one is a mistake a test finds. Names of facts, objects and awards are the policy's own and are never translated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from .english import DOCUMENTS, ENGLISH, INSIDE, METHODS, NOTES, OUTCOMES, REASONS, UNITS, WAITS
from .facts import Missing, window_text
from .messages import Language
from .money import decimal_text, yuan_text
from .terms import Outcome, Waits
from .units import COUNTS

_ONE_CHARACTER = frozenset(unit for unit in COUNTS if len(unit) == 1)


def number_text(value: Any, language: Language = "zh") -> str:
    """A number for people: exact where it has a finite decimal, else marked as rounded to four places; English groups thousands."""
    value = Fraction(value)
    text = decimal_text(value)
    if "/" in text:
        text = ("约" if language == "zh" else "about ") + decimal_text(value, 4).rstrip("0").rstrip(".")
    if language == "zh":
        return text
    return re.sub(r"(?<![.\d])\d{4,}", lambda found: f"{int(found.group()):,}", text)


def amount_text(fen: Any, language: Language = "zh") -> str:
    """An amount in 分 for people: `2.1亿元`, `30万元`, `15002.5元`; `300,000 yuan`, `15,002.5 yuan`."""
    if fen.__class__ is int:
        return _whole_fen(fen, language)
    if language == "zh":
        return yuan_text(fen) if "/" not in decimal_text(Fraction(fen)) else number_text(Fraction(fen) / 100) + "元"
    return number_text(Fraction(fen) / 100, "en") + " yuan"


def _whole_fen(fen: int, language: Language) -> str:
    """The same for whole 分, which is nearly every amount; without a fraction in sight it is ten times as fast."""
    sign, yuan, rest = "-" if fen < 0 else "", *divmod(abs(fen), 100)
    small = f".{rest:02d}".rstrip("0") if rest else ""
    if language == "en":
        return f"{sign}{yuan:,}{small} yuan"
    if not fen or rest or yuan % 10_000:
        return f"{sign}{yuan}{small}元"
    wan = yuan // 10_000
    if wan < 10_000:
        return f"{sign}{wan}万元"
    return f"{sign}{wan // 10_000}{f'.{wan % 10_000:04d}'.rstrip('0') if wan % 10_000 else ''}亿元"


def unit_word(unit: str, language: Language = "zh", count: Any = None) -> str:
    """A unit behind a number. Counting units (家, 人, 项) have no English word: the fact's name says what is counted. count: the number, of which 1 is one year."""
    if language == "zh":
        return unit
    parts = [UNITS.get(part, "") for part in unit.split("/")]
    return (parts[0].removesuffix("s") if count == 1 else parts[0]) + "".join("/" + part.strip().removesuffix("s") for part in parts[1:])


def period_text(period: Any, language: Language = "zh") -> str:
    """A year or a window, as it stands before a fact's name."""
    if period is None:
        return ""
    if isinstance(period, int):
        return f"{period}年" if language == "zh" else f"{period}"
    return window_text(period) if language == "zh" else f"{period[0].isoformat()} to {period[1].isoformat()}"


def missing_text(item: Missing, language: Language = "zh") -> str:
    """One missing fact as a thing to supply."""
    if language == "zh":
        return item.text
    note = f" ({_note(item.note)})" if item.note else ""
    return " ".join(part for part in (_note(item.kind), item.key, period_text(item.period, "en"), _note(item.fact)) if part) + note


def waits_text(waits: Waits, language: Language = "zh") -> str:
    """Whom a claim waits for, in a language."""
    return waits.value if language == "zh" else WAITS[waits]


def document_text(document: str, language: Language = "zh") -> str:
    """Which document a payment was made under."""
    return document if language == "zh" else DOCUMENTS.get(document, document)


def listed(items: Iterable[str], language: Language = "zh") -> str:
    """Names in a row: 、 or commas."""
    return ("、" if language == "zh" else ", ").join(items)


def joined(parts: Iterable[str], language: Language = "zh") -> str:
    """Parts of a sentence in a row: ； or semicolons."""
    return ("；" if language == "zh" else "; ").join(parts)


def outcome_text(outcome: Outcome, language: Language = "zh") -> str:
    """An outcome, in a language."""
    return outcome.value if language == "zh" else OUTCOMES[outcome]


def say(text: str, language: Language = "zh", /, **details: Any) -> str:
    """A sentence of the printouts in one language, its {names} filled in."""
    return (text if language == "zh" else ENGLISH[text]).format(**details)


def reason_text(reason: str, language: Language = "zh", words: Mapping[str, str] | None = None) -> str:
    """A reason the waterfall wrote (in Chinese) in one language. words: what the policy's own clauses are in English."""
    if language == "zh" or not reason:
        return reason.replace("补差(已付金额)", "补差（已付金额）").replace("补差(档位标准)", "补差（档位标准）")
    parts = [reason] if "；另有 " in reason else reason.split("；")  # a notice that goes on is one sentence
    return "; ".join(_one_reason(part, words or {}) for part in parts)


def _one_reason(text: str, words: Mapping[str, str]) -> str:
    for pattern, english in REASONS:
        if found := pattern.fullmatch(text):
            return english.format(**{name: words.get(value) or inside_text(value) for name, value in found.groupdict(default="").items()})
    return text


def inside_text(text: str) -> str:
    """What stands inside a reason, in English: amounts, years and a few words."""
    text = INSIDE.get(text, text)
    for chinese, english in METHODS.items():
        text = text.replace(chinese, english)
    text = re.sub(r"(-?\d+(?:\.\d+)?)万元", lambda found: amount_text(Fraction(found.group(1)) * 10**6, "en"), text)
    text = re.sub(r"(-?\d+(?:\.\d+)?)元", lambda found: amount_text(Fraction(found.group(1)) * 100, "en"), text)
    text = re.sub(r"(\d)(?:平方米|平米)", r"\1 m²", text)
    text = re.sub(rf"(\d)[{''.join(sorted(_ONE_CHARACTER))}](?=$|[、，。；（(])", r"\1", text)
    text = re.sub(r"(\d{4})年 ", r"\1 ", text).replace("、", ", ")
    return text


def _note(text: str) -> str:
    for pattern, english in NOTES:
        if found := pattern.fullmatch(text):
            return english.format(**found.groupdict())
    return text
