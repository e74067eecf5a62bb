"""The administrator's desk: first run, people and seats, the calendar, the record. No case and no money is seen from here."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from duixian.values import workdays
from duixian.web.cases import acts
from duixian.web.language import said
from duixian.web.record import book
from duixian.web.record.models import Event, Kind
from duixian.web.registry import people
from duixian.web.registry.models import Division, Party, Role, Seat, User
from duixian.web.seats import PUBLIC, Route
from duixian.web.serving import setup_token

ADMIN = frozenset({Role.ADMIN})


class FirstForm(forms.Form):
    """The first administrator."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=40)
    username = forms.RegexField(r"^[\w.@+-]{3,40}$", label=gettext_lazy("用户名"), help_text=gettext_lazy("3 至 40 个字母、数字或 . @ + - _"))
    password = forms.CharField(label=gettext_lazy("口令"), widget=forms.PasswordInput, help_text=gettext_lazy("至少 10 个字符，不要太常见"))
    again = forms.CharField(label=gettext_lazy("再输一次"), widget=forms.PasswordInput)

    def clean(self) -> dict[str, Any]:
        """Both passwords agree and are good enough."""
        found = super().clean()
        if found.get("password") != found.get("again"):
            self.add_error("again", _("两次输入不同"))
        elif found.get("password"):
            try:
                validate_password(found["password"])
            except ValidationError as weak:
                self.add_error("password", weak)
        return found


def setup(request: HttpRequest, token: str) -> HttpResponse:
    """The first run: who holds the token printed in the terminal becomes the administrator; once."""
    kept = setup_token(settings.HOME, make=False)
    if not kept or not secrets.compare_digest(kept, token) or User.objects.exists():
        raise Http404
    form = FirstForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = people.first_administrator(form.cleaned_data["name"], form.cleaned_data["username"], form.cleaned_data["password"])
        (settings.HOME / "setup.token").unlink(missing_ok=True)
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        messages.success(request, _("管理员已设好。请先设第二因素，再建人员和席位。"))
        return redirect("people")
    return render(request, "office/setup.html", {"form": form})


class PersonForm(forms.Form):
    """A new user; the password is made here and shown once."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=40)
    username = forms.RegexField(r"^[\w.@+-]{3,40}$", label=gettext_lazy("用户名"))
    email = forms.EmailField(label=gettext_lazy("邮箱"), required=False)
    phone = forms.CharField(label=gettext_lazy("手机"), max_length=20, required=False)


class SeatForm(forms.Form):
    """A seat for a user."""

    role = forms.ChoiceField(label=gettext_lazy("席位"), choices=Role.choices)
    division = forms.ModelChoiceField(Division.objects.all(), label=gettext_lazy("属地（属地核实席位填）"), required=False)
    party = forms.CharField(label=gettext_lazy("主体代码（申报单位席位填）"), max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        """A division for a township, a party for an applicant, nothing else."""
        found = super().clean()
        role, code = found.get("role"), (found.get("party") or "").strip()
        party = Party.objects.filter(code=code).first() if code else None
        if role == Role.APPLICANT and party is None:
            self.add_error("party", _("没有这个主体；申报单位席位要填主体代码"))
        if role == Role.TOWNSHIP and not found.get("division"):
            self.add_error("division", _("属地核实席位要选属地"))
        found["party"] = party if role == Role.APPLICANT else None
        found["division"] = found.get("division") if role == Role.TOWNSHIP else None
        return found


def people_list(request: HttpRequest) -> HttpResponse:
    """Users and their seats, searched; a new user."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user, password = people.make_user(request.seat, **form.cleaned_data)
        except book.Refused as refusal:
            form.add_error(None, said(refusal.text))
        else:
            return render(request, "office/password.html", {"person": user, "password": password})
    wanted = request.GET.get("q", "").strip()
    rows = User.objects.prefetch_related("seats__party", "seats__division").order_by("-is_active", "username")
    if wanted:
        rows = rows.filter(Q(username__icontains=wanted) | Q(name__icontains=wanted))
    return render(request, "office/people.html", {"page": Paginator(rows, 50).get_page(request.GET.get("page")), "q": wanted, "form": form})


def person(request: HttpRequest, number: int) -> HttpResponse:
    """One user: seats given and ended, password reset, locked or unlocked."""
    found = get_object_or_404(User, pk=number)
    form = SeatForm(request.POST if request.POST.get("do") == "seat" else None)
    if request.method == "POST":
        try:
            done = request.POST.get("do")
            if done == "seat" and form.is_valid():
                people.give_seat(request.seat, found, **form.cleaned_data)
                messages.success(request, _("席位已给。"))
            elif done == "end":
                people.end_seat(request.seat, get_object_or_404(Seat, pk=request.POST.get("seat"), user=found, ended=None))
                messages.success(request, _("席位已收回。"))
            elif done == "password":
                return render(request, "office/password.html", {"person": found, "password": people.reset_password(request.seat, found)})
            elif done in ("lock", "unlock"):
                people.set_active(request.seat, found, active=done == "unlock")
            if done != "seat" or form.is_valid():
                return redirect("person", number)
        except book.Refused as refusal:
            messages.error(request, refusal.text)
    return render(request, "office/person.html", {"person": found, "form": form, "seats": found.seats.select_related("party", "division")})


def calendar(request: HttpRequest) -> HttpResponse:
    """The State Council's arrangement of each year loaded; a new year is loaded from its notice, as rows."""
    if request.method == "POST":
        try:
            people.load_calendar(request.seat, request.POST.get("year", ""), request.POST.get("rows", ""))
            messages.success(request, _("已装入。期限从现在起按它计算。"))
            return redirect("calendar")
        except book.Refused as refusal:
            messages.error(request, refusal.text)
    this = timezone.localdate().year
    years = []
    for year in range(this - 2, this + 3):
        try:
            years.append((year, sorted(workdays.exceptions_of(year).items())))
        except workdays.CalendarMissing:
            years.append((year, None))
    return render(request, "office/calendar.html", {"years": years, "typed": request.POST})


def record(request: HttpRequest) -> HttpResponse:
    """The record: filtered, newest first; its chain verified on demand."""
    rows = Event.objects.select_related("user", "seat__party", "seat__division").order_by("-number")
    kind, action, subject, who = (request.GET.get(name, "").strip() for name in ("kind", "action", "subject", "who"))
    if kind in Kind.values:
        rows = rows.filter(kind=kind)
    if action:
        rows = rows.filter(Q(action__startswith=action) | Q(action__in=acts.named(action)))
    if subject:
        rows = rows.filter(subject=subject)
    if who:
        rows = rows.filter(Q(user__username=who) | Q(user__name=who))
    verified = book.verify() if request.GET.get("verify") else None
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(request, "office/record.html", {"page": page, "kinds": Kind.choices, "given": request.GET, "verified": verified})


ROUTES = [
    Route("setup/<str:token>/", setup, PUBLIC, ("GET", "POST")),
    Route("people/", people_list, ADMIN, ("GET", "POST"), "people"),
    Route("people/<int:number>/", person, ADMIN, ("GET", "POST")),
    Route("calendar/", calendar, ADMIN, ("GET", "POST")),
    Route("record/", record, ADMIN),
]
