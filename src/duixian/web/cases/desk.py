"""Nouns of the desks: workbooks on their way in, the auditor's sample and declaration, what was sent out of a message. Re-exported by `models`."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from duixian.web.registry.models import Import, Party, Seat, Source

from .bases import Proposal, Versioned


class Intake(Versioned):
    """A workbook on its way in (导入): read, shown with all it would change, then confirmed or dropped. Nothing of it is a fact before that.

    `folder`: under settings.HOME/intakes; holds the workbook and the preview, never served by name.
    """

    class State(models.TextChoices):
        """Where it stands. Only `ready` may be confirmed."""

        READING = "reading", _("正在读取")
        FAULTY = "faulty", _("有错，没有导入")
        READY = "ready", _("待确认")
        TAKING = "taking", _("正在写入")
        DONE = "done", _("已导入")
        DROPPED = "dropped", _("已放弃")

    version_of = models.ForeignKey("cases.PolicyVersion", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("年度")
    source = models.CharField("来源", max_length=10, choices=Source)
    name = models.CharField("文件名", max_length=200)
    digest = models.CharField(max_length=64)
    folder = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.READING)
    faults = models.JSONField(default=list)  # [{file, sheet, cell, also, code, severity, summary, expected, found, remedy, en: {the last four in English}}]
    counts = models.JSONField(default=dict)  # {added, changed, unchanged, objects, history, rows, sheets}
    preview = models.CharField(max_length=64, blank=True)  # the hash of what was shown; what is stored must have the same
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    taken = models.OneToOneField(Import, models.PROTECT, null=True, blank=True, related_name="intake")

    class Meta:
        db_table = "intake"
        ordering = ["-id"]


class Sample(models.Model):
    """An auditor's sample (抽样) of a cycle, drawn by `sample.draw` from a seed somebody else published: the same seed and list give the same cases again."""

    cycle = models.ForeignKey("cases.Cycle", models.PROTECT, related_name="samples")
    seed = models.CharField("种子", max_length=120)
    origin = models.CharField("种子出处", max_length=200)  # where anybody can look it up
    percent = models.PositiveSmallIntegerField("比例")
    least = models.PositiveSmallIntegerField("每项至少")
    listed = models.JSONField(default=list)  # [[award, number], …] the list it was drawn from, sorted
    drawn = models.JSONField(default=list)  # [[award, number], …]
    digest = models.CharField(max_length=64)  # of the list drawn from
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "sample"
        ordering = ["-id"]


class Declaration(models.Model):
    """What an auditor declares before the first case of a cycle: independent of every party, except of those named (whose cases go to somebody else)."""

    cycle = models.ForeignKey("cases.Cycle", models.PROTECT, related_name="declarations")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    parties = models.ManyToManyField(Party, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "declaration"
        constraints = [models.UniqueConstraint(fields=["cycle", "seat"], name="declaration_once_a_cycle")]


class AccountChange(Proposal):
    """New bank details of a party."""

    holder = models.CharField("开户名", max_length=120)
    bank = models.CharField("开户行", max_length=120)
    account = models.CharField("账号", max_length=40)

    class Meta(Proposal.Meta):
        db_table = "account_change"


class SameParty(Proposal):
    """That a party is another one after all. It applies no more; what was paid to it counts for that one. undoes: the earlier one that this takes back; then they are two again."""

    into = models.ForeignKey(Party, models.PROTECT, related_name="+")  # the one that stays
    undoes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    things = models.JSONField(default=list, blank=True)  # what went over to the one that stays: numbers of objects
    parties = models.JSONField(default=list, blank=True)  # and those that had been found to be the first before

    class Meta(Proposal.Meta):
        db_table = "same_party"
        constraints = [*Proposal.Meta.constraints, models.CheckConstraint(name="%(class)s_of_two", condition=~Q(party=F("into")))]


class Delivery(models.Model):
    """One message by one way. It goes out at most once: the row is claimed before the gateway is asked, and what a gateway may have taken is never sent again."""

    class State(models.TextChoices):
        """Where it stands. `unsure`: the program was ended while the gateway was asked; a person looks."""

        WAITING = "waiting", _("待发")
        SENDING = "sending", _("正在发")
        SENT = "sent", _("已发")
        FAILED = "failed", _("没有发出")
        UNSURE = "unsure", _("不知是否发出")

    message = models.ForeignKey("cases.Message", models.PROTECT, related_name="deliveries")
    way = models.CharField(max_length=8)  # email | sms
    state = models.CharField(max_length=8, choices=State, default=State.WAITING, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True)  # the kind of fault, never the address

    class Meta:
        db_table = "delivery"
        constraints = [models.UniqueConstraint(fields=["message", "way"], name="delivery_once_a_way")]


class Statement(models.Model):
    """What one application states: the declared facts that count for it and for no other application. Read through `statements`."""

    application = models.OneToOneField("cases.Application", models.PROTECT, primary_key=True, related_name="statement")
    stated = models.JSONField("申报的事实", default=dict)  # object -> {award|fact|period: facts' text}
    typed = models.JSONField("在这里填的", default=list)  # [object|award|fact|period]: goes on file when it is handed in

    class Meta:
        db_table = "statement"
