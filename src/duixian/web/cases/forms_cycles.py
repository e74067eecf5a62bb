"""The forms of cycles, settlements, notices and payments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from duixian.web.language import aside

from .fields import DayField, FenField, Form


class CycleForm(Form):
    """Name, days and budget document of a cycle."""

    name = forms.CharField(label=_("名称"), max_length=120, help_text=_("企业看到的名称，例如“2025年度电商政策申报”。"))
    opens = DayField(label=_("开始申报"))
    closes = DayField(label=_("申报截止"), help_text=_("当天 24 时前都能提交。"))
    notice_days = forms.IntegerField(label=_("公示工作日"), min_value=1, max_value=60, initial=5, help_text=_("发布当天不算；节假日不算，调休上班算。"))
    budget_document = forms.CharField(label=_("预算依据"), max_length=200, required=False, help_text=_("预算批复文号。"))
    reason = forms.CharField(label=_("改动理由和依据"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, needs_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_reason:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        """The days are in order."""
        found = super().clean()
        if found.get("opens") and found.get("closes") and found["closes"] < found["opens"]:
            self.add_error("closes", _("截止不能早于开始。"))
        return found


class NewCycleForm(CycleForm):
    """A new cycle: of which policy version, which award year, with how much money."""

    version_of = forms.ModelChoiceField(label=_("政策版本"), queryset=None, help_text=_("批次从这一版政策算；以后换版本要另建批次。"))
    year = forms.IntegerField(label=_("奖补年度"), min_value=2000, max_value=2100, help_text=_("奖补哪一年的业绩；不是申报的那一年。"))
    total_fen = FenField(label=_("年度总额"), required=False, help_text=_("预算批复的年度总额（元，可写“500万元”）；现在没有可以以后在台账里拨入。"))
    field_order = ("version_of", "year", "name", "opens", "closes", "notice_days", "total_fen", "budget_document")

    def __init__(self, *args: Any, versions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version_of"].queryset = versions
        self.fields["version_of"].label_from_instance = lambda one: one.title + aside(f"{one.policy} {one.digest[:8]}") + ("　征求意见稿，只能试算" if one.draft else "")

    def clean(self) -> dict[str, Any]:
        """Money has its document."""
        found = super().clean()
        if found.get("total_fen") and not found.get("budget_document"):
            self.add_error("budget_document", _("有年度总额就要有预算文号。"))
        return found


class TotalForm(Form):
    """Money into or out of the year's total."""

    kind = forms.ChoiceField(label=_("拨入或调减"), choices=[("appropriate", _("拨入")), ("withdraw", _("调减"))])
    amount_fen = FenField(label=_("金额"))
    document = forms.CharField(label=_("预算文号"), max_length=80, help_text=_("同一文号只记一次：再点一次不会重复。"))


class SpecialForm(Form):
    """A decision outside the rules."""

    party = forms.CharField(label=_("单位"), max_length=120, help_text=_("信用代码，或完整名称。"))
    clause = forms.CharField(label=_("相关条款"), max_length=60, required=False)
    subject = forms.CharField(label=_("事项"), max_length=200)
    amount_fen = FenField(label=_("金额"))
    reason = forms.CharField(label=_("理由"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5}), help_text=_("规则为什么不适用，为什么是这个数。"))
    document = forms.CharField(label=_("会议纪要"), max_length=200, help_text=_("党组会、局长办公会纪要文号和日期。"))


class ObjectionForm(Form):
    """An objection to a public notice, signed with a real name."""

    line = forms.ChoiceField(label=_("对哪一笔"), required=False)
    name = forms.CharField(label=_("姓名或单位"), max_length=60, help_text=_("请用真实姓名；只有办理人员看得到，不公开。"))
    contact = forms.CharField(label=_("联系方式"), max_length=120, help_text=_("电话或邮箱，用来答复您。"))
    text = forms.CharField(label=_("意见和依据"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))
    website = forms.CharField(required=False, widget=forms.HiddenInput)  # nobody fills it in; a program does

    def __init__(self, *args: Any, rows: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from .templatetags.said import yuan

        lines = [(str(row["line"]), f"{place}. {row['name']}　{row['award']}　{yuan(row['amount_fen'])} {_('元')}") for place, row in enumerate((row for row in rows if "line" in row), 1)]
        special = [(f"s{row['special']}", f"{_('规则之外')}　{row['name']}　{row['subject']}　{yuan(row['amount_fen'])} {_('元')}") for row in rows if "special" in row]
        self.fields["line"].choices = [("", _("整个名单")), *lines, *special]


class PaidForm(Form):
    """One payment made, as finance reports it."""

    reference = forms.CharField(label=_("流水号或支付令号"), max_length=80)
    day = DayField(label=_("拨付日期"))


class RecoverForm(Form):
    """Money taken back."""

    amount_fen = FenField(label=_("追回金额"))
    reason = forms.CharField(label=_("事由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    document = forms.CharField(label=_("缴款凭证"), max_length=80)
