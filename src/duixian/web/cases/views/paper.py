"""Keying in what was handed in on paper: an officer finds the party, or files it, and fills in the same form."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from duixian.web.cases import applicant, queries
from duixian.web.cases.actions import applying, filing
from duixian.web.registry.models import Division, Party, Role
from duixian.web.seats import Route

from .attempts import attempt

KEYING = frozenset({Role.OFFICER})


class NewParty(forms.Form):
    """A party that is not on file yet."""

    kind = forms.ChoiceField(label=gettext_lazy("主体类型"), choices=Party.Kind.choices)
    code = forms.CharField(label=gettext_lazy("主体代码"), max_length=40, help_text=gettext_lazy("企业填统一社会信用代码；村、乡镇填行政区划代码；不要填身份证号"))
    name = forms.CharField(label=gettext_lazy("名称"), max_length=120)
    division = forms.ModelChoiceField(label=gettext_lazy("属地"), queryset=Division.objects.all())


def paper(request: HttpRequest, cycle: int) -> HttpResponse:
    """Look up a party; POST begins its paper application, or files a new party and begins."""
    found = queries.cycle(request.seat, cycle)
    form = NewParty(request.POST if "name" in request.POST else None)
    if request.method == "POST":
        party = applicant.party_for_paper(request.POST.get("party", ""))
        if party is None and form.is_bound and form.is_valid():
            party = attempt(request, lambda: filing.new_party(found, request.seat, **form.cleaned_data))
        if party is not None:
            application = attempt(request, lambda: applying.start(found, party, request.seat))
            return redirect("choose_awards", application.number) if application is not None else redirect("paper", cycle)
    words = " ".join(request.GET.get("q", "").split())[:60]
    return render(request, "apply/paper.html", {"cycle": found, "form": form, "words": words, "parties": applicant.parties(found, words) if words else None,
                                                "mine": applicant.keyed(request.seat, found)})  # fmt: skip


ROUTES = [Route("apply/paper/<int:cycle>/", paper, KEYING, ("GET", "POST"))]
