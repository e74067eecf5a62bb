"""A policy's plain words on a page: signs apart from words, marks as links to the reading they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from duixian.policy.text import RuleCard

register = template.Library()
_SIGN = re.compile(r"\s*[（(](&gt;|&lt;|≥|≤|>|<)[）)]")


@register.simple_tag
def plain(line: str, rule: RuleCard | None = None) -> SafeString:
    """One line of a rule: the sign of each boundary word set apart, each ①②③ a link to its reading."""
    html = _SIGN.sub(r' <span class="sign">\1</span>', conditional_escape(line))
    for mark, name, option in rule.marks if rule is not None else ():
        html = html.replace(mark, format_html('<a class="marklink" href="#口径-{}" title="{}：{}">{}</a>', name, name, option, mark))
    return mark_safe(html)  # noqa: S308 -- every part above is escaped


@register.filter
def of(key: Any, table: Mapping[Any, Any]) -> Any:
    """What a table has under a key; None where it has nothing."""
    return table.get(key)
