"""The administrator's writes: users, seats, passwords, the calendar. Nobody gives themselves a seat that handles cases or money."""

from __future__ import annotations

import os
import secrets
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from duixian.values import workdays
from duixian.web.record.book import Refused, acting

from .models import Division, Party, Role, Seat, User


def code_of(text: str) -> str:
    """A party's code as it is kept: full-width letters and digits narrow, capitals, no spaces. However it is typed, it is one code."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def party_with(code: str) -> Party | None:
    """The party that has this code already, however it was written then."""
    return Party.objects.filter(code__iexact=code_of(code)).first() or Party.objects.filter(code__iexact=code.strip()).first()


_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look alike


def new_password() -> str:
    """A password that is shown once: 14 letters, about 80 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3))


def first_administrator(name: str, username: str, password: str) -> User:
    """The administrator of the first run. Raises Refused where there is a user already."""
    with acting(None, "people.first", "user") as page:
        if User.objects.exists():
            raise Refused("first_run_only", "已经有用户。")
        user = User.objects.create_user(username, password=password, name=name)
        Seat.objects.create(user=user, role=Role.ADMIN)
        page.new = {"username": username}
    return user


def speak(user: User, language: str) -> None:
    """Remember the language somebody has chosen: what is sent to them is written in it."""
    with acting(None, "people.speak", user, user=user) as page:
        User.objects.filter(pk=user.pk).update(language=language)
        page.new = {"language": language}


def make_user(seat: Seat, *, name: str, username: str, email: str = "", phone: str = "") -> tuple[User, str]:
    """A user without any seat, and the password to hand over once. Raises Refused where the name is taken."""
    with acting(seat, "people.make", "user") as page:
        password = new_password()
        try:
            with transaction.atomic():
                user = User.objects.create_user(username, email=email, password=password, name=name, phone=phone)
        except IntegrityError as taken:
            raise Refused("username_is_free", "这个用户名已经有人用。") from taken
        page.new = {"username": username}
    return user, password


def give_seat(seat: Seat, user: User, *, role: str, party: Party | None = None, division: Division | None = None) -> Seat:
    """Give a user a seat. Raises Refused where the administrator means themselves, or where the seat is there."""
    with acting(seat, "people.give_seat", user) as page:
        if user.pk == seat.user_id and role != Role.ADMIN:
            raise Refused("nobody_seats_themselves", "管理员不能给自己办件、审核或管钱的席位，请由另一位管理员给。")
        try:
            with transaction.atomic():
                found = Seat.objects.create(user=user, role=role, party=party, division=division)
        except IntegrityError as there:
            raise Refused("seat_once", "这个人已经有这个席位。") from there
        page.new = {"seat": found.pk, "role": role}
    return found


def end_seat(seat: Seat, found: Seat) -> None:
    """Take a seat back; what was done from it stays. Raises Refused for the last administrator."""
    with acting(seat, "people.end_seat", found.user) as page:
        if found.role == Role.ADMIN and not Seat.objects.filter(role=Role.ADMIN, ended=None, user__is_active=True).exclude(pk=found.pk).exists():
            raise Refused("one_administrator_stays", "这是最后一个管理员席位，不能收回。")
        Seat.objects.filter(pk=found.pk).update(ended=timezone.now())
        page.old = {"seat": found.pk, "role": found.role}


def reset_password(seat: Seat, user: User) -> str:
    """A new password to hand over once; sessions under the old one end."""
    with acting(seat, "people.reset_password", user):
        password = new_password()
        user.set_password(password)
        user.save(update_fields=["password"])
    return password


def set_active(seat: Seat, user: User, *, active: bool) -> None:
    """Lock a user out, or let in again. Raises Refused for oneself."""
    with acting(seat, "people.set_active", user) as page:
        if user.pk == seat.user_id:
            raise Refused("nobody_locks_themselves", "不能停用自己。")
        page.old, page.new = {"active": user.is_active}, {"active": active}
        user.is_active = active
        user.save(update_fields=["is_active"])


def load_calendar(seat: Seat, year: str, rows: str) -> dict[Any, bool]:
    """A year's holidays, as rows 起,止,类型,节日,依据; read in full before anything is kept. Raises Refused with the line."""
    with acting(seat, "calendar.load", "calendar") as page:
        if not (year.isdecimal() and 2000 <= int(year) <= 2100):
            raise Refused("year_is_a_year", "年份要写四位数。")
        folder = settings.HOME / "calendar"
        folder.mkdir(exist_ok=True)
        text = rows.strip().replace("，", ",")
        if not text.startswith("起"):
            text = "起,止,类型,节日,依据\n" + text
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=".loading-", suffix=".csv")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text + "\n")
            found = workdays.read_calendar(Path(name), int(year))
            if not found:
                raise Refused("calendar_has_days", "一行也没有。照国务院办公厅的通知一段一行写。")
            os.replace(name, folder / f"{year}.csv")
        except workdays.CalendarUnreadable as fault:
            raise Refused("calendar_can_be_read", str(fault).replace(Path(name).name, f"{year}.csv")) from fault
        finally:
            Path(name).unlink(missing_ok=True)
        workdays.look_in(folder)
        page.new = {"year": int(year), "days": len(found)}
    return found
