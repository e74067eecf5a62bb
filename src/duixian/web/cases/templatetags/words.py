"""Django's `translate` and `url`, for what is the same on every page: a sentence that stands in the template, an address without arguments.

Each is made once in each language and kept in its place of the template; everything else goes Django's own way. `translate` is put into the library
`i18n` (settings), so that a template still says `{% load i18n %}`; `url` is there without being loaded.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import Node, Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as builtin_url
from django.templatetags import i18n
from django.urls import get_script_prefix
from django.utils import translation

register = template.Library()
register.tags |= i18n.register.tags
register.filters |= i18n.register.filters


class Kept(Node):
    """A node whose text depends on nothing but the language and where the site is mounted. variable: where it goes, '' for the page."""

    child_nodelists = ()

    def __init__(self, node: Any, variable: str) -> None:
        self.node, self.variable = node, variable
        self.kept: dict[tuple[str | None, str], str] = {}

    def render(self, context: Any) -> str:
        """The text, made the first time."""
        key = (translation.get_language(), get_script_prefix())
        text = self.kept.get(key)
        if text is None:
            made = self.node.render(context)
            text = context[self.variable] if self.variable else made
            if key[0] is not None:
                self.kept[key] = text
        if self.variable:
            context[self.variable] = text
            return ""
        return text

    def render_annotated(self, context: Any) -> str:
        """As render: nothing can go wrong in a text that is kept."""
        return self.render(context)


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    """`{% translate "一句话" %}`"""
    node = i18n.do_translate(parser, token)
    words = node.filter_expression
    constant = words.token[:1] in "'\"" and not words.filters and node.message_context is None
    return Kept(node, node.asvar or "") if constant else node


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """`{% url 'home' %}`"""
    node = builtin_url(parser, token)
    constant = isinstance(node, URLNode) and not node.args and not node.kwargs and node.view_name.token[:1] in "'\"" and ":" not in node.view_name.token
    return Kept(node, node.asvar or "") if constant else node
