"""Accounts and transfers. Grain: one transfer per move of one item; append-only. Balances are derived (`ledger.books.balances`). Amounts in 分."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from duixian.ledger.books import LABELS, Kind


class Account(models.Model):
    """The yearly total (年度总额) of one policy and year. `turn` is only a lock: it counts transfers, it holds no money."""

    policy = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField()
    turn = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "account"
        constraints = [models.UniqueConstraint(fields=["policy", "year"], name="account_once")]

    def __str__(self) -> str:
        return f"{self.policy} {self.year}"


class Transfer(models.Model):
    """One move of money. `key` makes it happen at most once, whoever tries again."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="transfers")
    kind = models.CharField(max_length=12, choices=[(kind.value, label) for kind, label in LABELS.items()])
    amount_fen = models.BigIntegerField()
    item = models.CharField(max_length=60, blank=True, db_index=True)  # e.g. line:12; '' for the total itself
    key = models.CharField(max_length=120, unique=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    document = models.CharField(max_length=200, blank=True)  # 依据: budget document, bank reference
    by = models.ForeignKey("registry.Seat", models.PROTECT, null=True, related_name="+")  # none: by the system itself, when a notice has run out
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "transfer"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="transfer_amount_positive", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(name="transfer_kind_known", condition=Q(kind__in=[kind.value for kind in Kind])),
            models.CheckConstraint(name="transfer_not_its_own_reverse", condition=Q(reverses__isnull=True) | ~Q(reverses=F("id"))),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Written once."""
        if not self._state.adding:
            raise TypeError("a transfer is never changed; post its reverse")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Never."""
        raise TypeError("a transfer is never deleted; post its reverse")
