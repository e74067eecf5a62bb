"""Fields of forms: money that never meets a float, days, and forms whose errors are tied to their fields."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_MONEY = re.compile(r"([+-]?)([0-9]{1,15})(?:\.([0-9]{1,6}))?(万|亿)?元?")
_FACTOR = {None: 100, "万": 1_000_000, "亿": 10_000_000_000}


def fen_of(text: str) -> int | None:
    """An amount as a person writes it (`1,200,000.50`, `120万元`) in 分; None where it is not one, or is finer than a 分."""
    found = _MONEY.fullmatch(re.sub(r"[\s,，￥¥]", "", text))
    if found is None:
        return None
    sign, whole, part, unit = found.groups()
    value, rest = divmod(int(whole + (part or "")) * _FACTOR[unit], 10 ** len(part or ""))
    return None if rest else -value if sign == "-" else value


class FenField(forms.CharField):
    """Money in 元 as a person writes it; cleaned to whole 分 above zero."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("单位：元，最多两位小数；也可以写“500万元”。"))
        super().__init__(max_length=40, **kwargs)
        self.widget.attrs["inputmode"] = "decimal"

    def clean(self, value: Any) -> int | None:
        """The amount in 分."""
        text = super().clean(value)
        if not text:
            return None
        fen = fen_of(text)
        if fen is None:
            raise forms.ValidationError(_("写成“1200000.50”或“120万元”，最多到分。"), code="money")
        if fen <= 0:
            raise forms.ValidationError(_("金额要大于零。"), code="positive")
        return fen


class DayField(forms.DateField):
    """A day, in the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), input_formats=["%Y-%m-%d"], **kwargs)


class Form(forms.Form):
    """A form of the house: required fields say so in words, one error list a field."""

    required_css_class = "required"
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
