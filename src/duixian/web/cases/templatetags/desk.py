"""Small words of the desks' pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from html import escape as escaped
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from duixian.web.cases import states
from duixian.web.cases.acts import words_of
from duixian.web.cases.worklist import Listed, Wanted
from duixian.web.language import listed

from .said import due, yuan

register = template.Library()


def escape(value: Any) -> str:
    """Text as it may stand in a page; plain text all the way, which is much quicker than Django's own for a whole list."""
    return escaped(str(value))


@register.simple_tag
def tally_query(wanted: Wanted, key: str) -> str:
    """The end of an address that shows a state under the same filters."""
    return wanted.but(state=key)


@register.simple_tag
def options(pairs: Iterable[tuple[Any, Any]], chosen: Any = "") -> SafeString:
    """What may be chosen: (value, words) each."""
    wanted = str(chosen)
    return mark_safe("".join([f'<option value="{escape(value)}"{" selected" if str(value) == wanted else ""}>{escape(words)}</option>' for value, words in pairs]))  # noqa: S308 -- escaped


@register.simple_tag
def names(words: Iterable[str], chosen: str = "") -> SafeString:
    """What may be chosen, where the words themselves are the value."""
    return mark_safe("".join([f"<option{' selected' if one == chosen else ''}>{escape(one)}</option>" for one in words]))  # noqa: S308 -- escaped


@register.simple_tag
def case_rows(cases: Iterable[Listed], bulk: bool, officers: bool, cycles: bool) -> SafeString:
    """The rows of the worklist: fifty a page, so each is put together here and not word by word in the template. bulk: with a tick; officers, cycles: with these."""
    said = {key: escape(text) for key, text in {
        "award": _("奖补"), "amount": _("核算（元）"), "division": _("属地"), "state": _("状态"), "due": _("期限"), "officer": _("经办"), "paper": _("纸质"), "nobody": _("未分"), "corrected": _("补正过"),
    }.items()}  # fmt: skip
    corrected, nobody = f' <span class="tag plain">{said["corrected"]}</span>', f'<span class="hint">{said["nobody"]}</span>'
    tick, address = _("选中 %(name)s"), reverse("case", args=["0"]).replace("/0/", "/{}/")
    tones = {key: format_html('<span class="tag {}">{}</span>', words.tone, _(words.inside)) for key, words in states.STATES.items()}
    days: dict[date | None, str] = {None: "—"}
    rows = []
    for case in cases:
        if case.due not in days:
            days[case.due] = due(case.due)
        number, party = escape(case.number), escape(case.party)
        mark = f'<td class="narrow"><input type="checkbox" name="mark" value="{number}@{case.version}" aria-label="{escape(tick % {"name": case.party})}"></td>' if bulk else ""
        hint = number + (f" · {escape(case.cycle)}" if cycles else "") + (f" · {said['paper']}" if case.paper else "")
        officer = f'<td class="nowrap" data-label="{said["officer"]}">{escape(case.officer) if case.officer else nobody}</td>' if officers else ""
        rows.append(
            f'<tr>{mark}<td><a class="strong" href="{address.format(number)}">{party}</a><span class="hint one">{hint}</span></td>'
            f'<td data-label="{said["award"]}">{escape(listed(case.awards))}</td><td class="money" data-label="{said["amount"]}">{yuan(case.settled_fen)}</td>'
            f'<td class="nowrap" data-label="{said["division"]}">{escape(case.division)}</td><td data-label="{said["state"]}">{tones[case.state]}{corrected if case.returned and case.state != "returned" else ""}</td>'
            f'<td data-label="{said["due"]}">{days[case.due]}</td>{officer}</tr>\n'
        )
    return mark_safe("".join(rows))  # noqa: S308 -- every text above is escaped


@register.filter
def tail(text: str, count: int) -> str:
    """Only the last characters of something personal, the rest dotted."""
    return f"···· {text[-count:]}" if text else ""


@register.filter
def act(name: str) -> str:
    """An act of the record in words."""
    return words_of(name)
