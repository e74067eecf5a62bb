"""Links to what another desk keeps."""

from __future__ import annotations

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from duixian.web.cases.models import Evidence

register = template.Library()


@register.simple_tag
def evidence_link(item: Evidence) -> SafeString | str:
    """An uploaded file as a link; its name alone where nobody serves files."""
    try:
        return format_html('<a href="{}">{}</a>', reverse("evidence_file", args=[item.pk]), item.name)
    except NoReverseMatch:
        return item.name
