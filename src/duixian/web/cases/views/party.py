"""Whom to call and where to pay: masked until it is asked for; asking is signed."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from duixian.web.cases import applicant
from duixian.web.cases.actions import filing
from duixian.web.cases.models import Application
from duixian.web.record import book
from duixian.web.seats import Route

from .attempts import attempt


class Contact(forms.Form):
    """Whom to call."""

    contact = forms.CharField(label=gettext_lazy("联系人"), max_length=40)
    phone = forms.RegexField(r"^[0-9+\-() 　]{5,30}$", label=gettext_lazy("电话"), max_length=30, error_messages={"invalid": gettext_lazy("电话只能有数字、空格、+、-，5 至 30 位。")},
                             widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}))  # fmt: skip
    email = forms.EmailField(label=gettext_lazy("邮箱"), required=False)


class Account(forms.Form):
    """Where to pay."""

    holder = forms.CharField(label=gettext_lazy("开户名"), max_length=120, help_text=gettext_lazy("要与单位名称一致"))
    name = forms.CharField(label=gettext_lazy("开户行"), max_length=120, help_text=gettext_lazy("写到支行"))
    account = forms.CharField(label=gettext_lazy("账号"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
    reason = forms.CharField(label=gettext_lazy("变更原因"), max_length=200, required=False)


def party_page(request: HttpRequest, number: str) -> HttpResponse:
    """The party's own page within an application; POST saves the part that was sent."""
    found = applicant.application(request.seat, number)
    party = found.party
    if request.method == "GET":
        return _page(request, found)
    if "show" in request.POST:
        book.read(request.seat, "party.contact", party)
        return _page(request, found, shown=True)
    if "account" in request.POST:
        form = Account(request.POST)
        if form.is_valid():
            done = attempt(request, lambda: filing.bank(party, request.seat, **form.cleaned_data))
            if done == "proposed":
                messages.success(request, _("变更已提出。主管部门核对后启用，核对以前仍按原账户。"))
            elif done:
                messages.success(request, _("收款账户已保存。"))
            if done:
                return redirect("party_page", number)
        return _page(request, found, account=form)
    form = Contact(request.POST)
    if form.is_valid() and attempt(request, lambda: filing.describe(party, request.seat, **form.cleaned_data), _("联系方式已保存。")):
        return redirect("party_page", number)
    return _page(request, found, contact=form)


def _page(request: HttpRequest, found: Application, *, shown: bool = False, contact: forms.Form | None = None, account: forms.Form | None = None) -> HttpResponse:
    party = found.party
    fresh = not (party.contact or party.phone)
    known = {"contact": party.contact, "phone": party.phone, "email": party.email} if shown else {}
    contact = contact or (Contact(initial=known) if shown or fresh else None)
    account = account or Account(initial={"holder": party.name})
    return render(request, "apply/party.html", {"application": found, "party": party, "contact": contact, "account": account, "shown": shown, "editing": applicant.may_edit(request.seat, found)})


ROUTES = [Route("apply/<str:number>/party/", party_page, applicant.FILLING, ("GET", "POST"))]
