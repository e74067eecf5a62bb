"""How values are said on a page: money to the 分 with its unit, states in the words of the reader, days with their distance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.template.defaultfilters import date as builtin_date
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from duixian.values.labels import unit_word
from duixian.web.cases import states
from duixian.web.cases.shown import grouped
from duixian.web.cases.states import Words
from duixian.web.language import aside, listed, said, spoken

register = template.Library()
register.filter("said", said)
register.filter("aside", aside)
register.filter("listed", listed)
register.filter("grouped", grouped)
_TABLES: dict[str, dict[str, Words]] = {
    "application": states.STATES, "line": states.LINE, "cycle": states.CYCLE, "request": states.REQUEST, "payment": states.PAYMENT, "settlement": states.SETTLEMENT,
    "notice": states.NOTICE, "objection": states.OBJECTION, "special": states.SPECIAL, "job": states.JOB,
}  # fmt: skip


@register.filter
def yuan(fen: int | None) -> str:
    """分 as 元 with two decimals and thousands: `72,000.00`; a dash where there is none."""
    if fen is None:
        return "—"
    digits = str(abs(int(fen))).rjust(3, "0")
    return ("−" if fen < 0 else "") + f"{int(digits[:-2]):,}.{digits[-2:]}"


@register.filter
def unit(word: str) -> str:
    """The unit behind a number, in the language of the page; a unit that only counts has no English word."""
    return unit_word(word, spoken())


@register.simple_tag(takes_context=True)
def state(context: dict[str, Any], thing: Any, table: str = "application") -> SafeString:
    """A state as a tag: public words for an applicant or the public, the inside words for staff."""
    words = _TABLES[table][thing.state]
    seat = context.get("seat")
    inside = seat is not None and seat.role != "applicant"
    return format_html('<span class="tag {}">{}</span>', words.tone, _(words.inside if inside else words.public))


@register.filter
def due(day: date | None) -> SafeString | str:
    """A day by which something is due, with a light: working days left, or overdue."""
    from duixian.web.cases.deadlines import left

    if day is None:
        return ""
    days = left(day)
    tone = "bad" if days < 0 else "wait" if days <= 3 else "plain"
    words = ngettext("超期 %d 个工作日", "超期 %d 个工作日", -days) % -days if days < 0 else _("今天到期") if days == 0 else ngettext("还有 %d 个工作日", "还有 %d 个工作日", days) % days
    return format_html('<span class="tag {}" title="{}">{}</span>', tone, day.isoformat(), words)


_SHAPES: dict[str, Callable[[Any], str]] = {  # those that are the same in both languages
    "Y-m-d": lambda day: f"{day.year:04d}-{day.month:02d}-{day.day:02d}",
    "Y-m-d H:i": lambda at: f"{at.year:04d}-{at.month:02d}-{at.day:02d} {at.hour:02d}:{at.minute:02d}" if isinstance(at, datetime) else builtin_date(at, "Y-m-d H:i"),
    "c": lambda at: at.isoformat(),
}  # fmt: skip


@register.filter("date", expects_localtime=True)
def day_of(value: Any, shape: str = "Y-m-d") -> str:
    """A day or a time, as Django's own filter; in English 2026年3月9日 is 9 March 2026."""
    if type(value) in (date, datetime) and shape in _SHAPES:  # the usual shapes, ten times as quick as Django's own
        return _SHAPES[shape](value)
    if spoken() == "en":
        shape = shape.replace("Y年n月j日", "j F Y").replace("n月j日", "j M")
    return builtin_date(value, shape)


@register.filter
def yuan_exact(amount: int | str | None) -> str:
    """An exact amount in 分 (a fraction of 分 comes as text) as 元: whole 分 to two decimals, a fraction to as many as it has."""
    if not isinstance(amount, str):
        return yuan(amount)
    return amount + " 分" if "/" in amount else f"{Decimal(amount).scaleb(-2):,f}"


@register.filter
def signed(fen: int) -> str:
    """A difference with its sign: +1,200.00, −1,200.00, 0.00."""
    return ("+" if fen > 0 else "") + yuan(fen)


@register.simple_tag
def page_numbers(page: Page[Any]) -> list[int | str]:
    """The pages of a list one may turn to: first, last, those beside this one; a mark where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.simple_tag
def item_url(item: str) -> str:
    """Where an item of the ledger (`line:12`) is shown."""
    kind, _colon, number = item.partition(":")
    return reverse("item_page", args=[kind, int(number)])
