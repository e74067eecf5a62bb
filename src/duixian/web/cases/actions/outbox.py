"""Messages go out by e-mail and text message: each way of each message at most once, tried again only where it certainly was not taken.

A delivery is claimed in a transaction of its own before the gateway is asked, so two workers never send the same; who was ended in between leaves it
`sending`, and after a while it is sent again by an idempotent gateway only, else it is `unsure` and a person looks.
"""

from __future__ import annotations

import logging
import smtplib
import socket
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from duixian.web.cases.models import Delivery, Message
from duixian.web.cases.sms import NotTaken, gateway
from duixian.web.jobs.work import every
from duixian.web.language import said
from duixian.web.record.book import Refused, acting
from duixian.web.registry.models import Role, Seat

MOST_ATTEMPTS = 6
LEASE = timedelta(minutes=5)
_MANY = 200
_NOT_TAKEN = (ConnectionRefusedError, socket.gaierror, smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError, smtplib.SMTPRecipientsRefused,
              smtplib.SMTPSenderRefused, smtplib.SMTPDataError)  # fmt: skip
log = logging.getLogger("duixian.outbox")


@every(seconds=15)
def send_all() -> int:
    """Send what waits; how many went out."""
    _open_deliveries()
    _expire()
    now, sent = timezone.now(), 0
    waiting = Delivery.objects.filter(Q(next_try=None) | Q(next_try__lte=now), state=Delivery.State.WAITING).select_related("message__user", "message__application")
    for one in waiting.order_by("pk")[:_MANY]:
        sent += _send(one)
    return sent


def _open_deliveries() -> None:
    """A delivery for each way a new message can go; a message nobody can be reached by is only in the system."""
    fresh = list(Message.objects.filter(sent=None, deliveries=None).select_related("user").order_by("pk")[:_MANY])
    rows = [Delivery(message=one, way=way) for one in fresh for way, address in (("email", one.user.email), ("sms", one.user.phone)) if address]
    with transaction.atomic():
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
        reached = {row.message_id for row in rows}
        Message.objects.filter(pk__in=[one.pk for one in fresh if one.pk not in reached]).update(sent=timezone.now())


def _expire() -> None:
    """What was being sent when a worker was ended."""
    stuck = Delivery.objects.filter(state=Delivery.State.SENDING, next_try__lt=timezone.now())
    if gateway().idempotent:
        stuck.filter(way="sms").update(state=Delivery.State.WAITING)
    stuck.exclude(state=Delivery.State.WAITING).update(state=Delivery.State.UNSURE, problem="发送时程序中断")


def _send(one: Delivery) -> int:
    """Claim, hand over, write down how it ended."""
    rows = Delivery.objects.filter(pk=one.pk, state=Delivery.State.WAITING, attempts=one.attempts)
    if not rows.update(state=Delivery.State.SENDING, attempts=F("attempts") + 1, next_try=timezone.now() + LEASE):
        return 0
    mine = Delivery.objects.filter(pk=one.pk, state=Delivery.State.SENDING, attempts=one.attempts + 1)
    try:
        _hand_over(one)
    except (NotTaken, *_NOT_TAKEN) as stop:
        last = one.attempts + 1 >= MOST_ATTEMPTS
        mine.update(state=Delivery.State.FAILED if last else Delivery.State.WAITING, problem=type(stop).__name__, next_try=timezone.now() + timedelta(minutes=2 ** (one.attempts + 1)))
    except Exception as stop:  # it may have been taken: never again by itself
        log.exception("delivery %s", one.pk)
        mine.update(state=Delivery.State.UNSURE, problem=type(stop).__name__, next_try=None)
    else:
        mine.update(state=Delivery.State.SENT, problem="", next_try=None)
        Message.objects.filter(pk=one.message_id, sent=None).exclude(deliveries__state__in=[Delivery.State.WAITING, Delivery.State.SENDING]).update(sent=timezone.now())
        return 1
    return 0


def _hand_over(one: Delivery) -> None:
    with translation.override(one.message.user.language or settings.LANGUAGE_CODE):
        _written(one)


def _written(one: Delivery) -> None:
    message = one.message
    if one.way == "email":
        mail = EmailMessage(_("【%(bureau)s】%(title)s") % {"bureau": settings.BUREAU, "title": " ".join(message.heading.split())}, _("%(text)s\n\n请登录系统查看和回复，不要回复这封邮件。") % {"text": said(message.text)},
                            to=[message.user.email], headers={"Message-ID": f"<message-{message.pk}@duixian.invalid>"})  # fmt: skip
        mail.send(fail_silently=False)
    else:  # only that there is something: a text message is read by whoever holds the telephone
        gateway().send(message.user.phone, _("【%(bureau)s】%(title)s。请登录系统查看。") % {"bureau": settings.BUREAU, "title": message.heading}, key=f"message-{message.pk}")


def again(delivery: Delivery, seat: Seat) -> None:
    """Send once more what failed or is unsure: a person has decided that."""
    with acting(seat, "delivery.again", delivery) as page:
        if seat.role not in (Role.ADMIN, Role.OFFICER, Role.HEAD):
            raise Refused("staff_only", "由经办、负责人或管理员来办。")
        if Delivery.objects.filter(pk=delivery.pk, state__in=[Delivery.State.FAILED, Delivery.State.UNSURE]).update(state=Delivery.State.WAITING, attempts=0, next_try=None) != 1:
            raise Refused("delivery_has_failed", "只有没有发出的能再发。")
        page.new = {"message": delivery.message_id, "way": delivery.way}
