"""Values of facts as people read and write them: in the unit of their fact, exact both ways."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from duixian.policy.model import Policy
from duixian.policy.vocabulary import CLAIM, Fact
from duixian.tables.cells import Fault, read_cell
from duixian.tables.layout import Column, column_of
from duixian.values.diagnostic import Diagnostic, Place
from duixian.values.facts import NONE, Period
from duixian.values.labels import period_text, unit_word
from duixian.values.money import decimal_text
from duixian.values.units import unit_factor
from duixian.web.language import aside, spoken
from duixian.web.record.book import Refused

_LONG = re.compile(r"(?<![\d.,])\d{5,}(?=(?:\.\d+)?元)")


def grouped(text: str) -> str:
    """The rules' own sentences for a page: amounts of many digits in thousands, `13,625,517.13元`."""
    return _LONG.sub(lambda found: f"{int(found[0]):,}", text)


def fact_of(policy: Policy, kind: str, name: str, award: str = "") -> Fact | None:
    """What the vocabulary says of a fact; of a claim's fact where an award is named."""
    return policy.vocabulary.fact(CLAIM if award else kind, name)


def value_text(value: Any, fact: Fact | None = None) -> str:
    """A value in the unit of its fact: `50,000,000.00 元`, `1,200 平方米`, `是`, `2025-03-01`."""
    if value is None:
        return "—"
    if value is NONE:
        return _("无")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    unit = fact.unit if fact is not None else ""
    if fact is not None and fact.kind == "year":
        return str(value)
    exact = Fraction(value) / unit_factor(unit) if unit else Fraction(value)
    text = decimal_text(exact)
    if "/" in text:
        text = decimal_text(exact, 6)
    whole, _dot, rest = text.partition(".")
    sign, digits = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
    if fact is not None and fact.is_money:
        rest = rest.ljust(2, "0")
    return f"{sign}{int(digits):,}" + (f".{rest}" if rest else "") + (f" {word}" if (word := unit_word(unit, spoken(), exact)) else "")


def value_input(value: Any, fact: Fact | None = None) -> str:
    """A value as it is typed into a field: no grouping, no unit."""
    if value is None or isinstance(value, bool) or value is NONE or not isinstance(value, (int, Fraction)) or fact is None or fact.kind == "year":
        return "" if value is None else value_text(value, fact)
    return decimal_text(Fraction(value) / unit_factor(fact.unit) if fact.unit else Fraction(value))


def read_value(text: str, policy: Policy, kind: str, name: str, period: Period, award: str = "") -> Any:
    """What somebody typed for a fact; None where it was left empty. Raises Refused with what was expected."""
    fact = fact_of(policy, kind, name, award)
    if fact is None:
        raise Refused("fact_is_in_the_vocabulary", f"“{kind}”没有“{name}”这一项。")
    column: Column = column_of(fact, period)
    found = read_cell(text.replace(",", "").replace("，", "") if fact.kind == "number" else text, column)
    if isinstance(found, Fault):
        said = Diagnostic(found.code, (Place(name),), found.details).sentence(spoken())
        raise Refused("value_can_be_read", "；".join(part for part in (f"{column.header}：{said['summary']}", said["expected"] and f"应为 {said['expected']}", said["remedy"]) if part))
    return found


def headed(period: Period, name: str, of: str = "") -> str:
    """A fact as its row is headed: `2025年 销售额（甲店）`. of: the award or the object it is stated for, where that has to be said."""
    if period is None or spoken() == "en":
        when = period_text(period, "en")
    else:
        when = f"{period}年" if isinstance(period, int) else f"{period[0].isoformat()} 至 {period[1].isoformat()}"
    return (f"{when} " if when else "") + name + aside(of)
