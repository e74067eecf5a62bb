"""Small words of the desks' pages."""

from __future__ import annotations

from django import template

from duixian.web.cases.worklist import Wanted

register = template.Library()


@register.simple_tag
def tally_query(wanted: Wanted, key: str) -> str:
    """The end of an address that shows a state under the same filters."""
    return wanted.but(state=key)


@register.filter
def tail(text: str, count: int) -> str:
    """Only the last characters of something personal, the rest dotted."""
    return f"···· {text[-count:]}" if text else ""


@register.filter
def sum_of(first: int, second: int) -> int:
    """Two whole numbers together."""
    return (first or 0) + (second or 0)
