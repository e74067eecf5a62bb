"""What a firm is told in writing of its case: what to correct and by when, that it is not taken up and why, what was decided. From the record and the frozen settlement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy

from duixian.values.capitals import in_words
from duixian.web.record.models import Event, Kind

from .models import Application, Line
from .told import defects

# the state of a case -> the act that led there, and what the letter about it is called
LETTERS = {
    "returned": ("application.return", gettext_lazy("补正材料一次性告知书")), "rejected": ("application.reject", gettext_lazy("不予受理告知书")),
    "decided": ("application.decide", gettext_lazy("奖补金额核定告知书")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. asks: what to correct, a line each; reason: why not; lines: what was decided."""

    title: str
    day: date
    asks: tuple[str, ...] = ()
    reason: str = ""
    lines: tuple[Line, ...] = ()

    @property
    def total_fen(self) -> int:
        """What was decided, together."""
        return sum(line.payable_fen for line in self.lines)

    @property
    def words(self) -> str:
        """The total in the words that are written on paper."""
        return in_words(self.total_fen)


def letter_of(case: Application) -> Letter | None:
    """The letter about how a case stands; None where there is nothing to tell in writing."""
    if case.state not in LETTERS:
        return None
    action, title = LETTERS[case.state]
    event = Event.objects.filter(subject=f"application:{case.pk}", kind=Kind.WRITE, action=action).order_by("-number").first()
    if event is None:
        return None
    lines = Line.objects.filter(application=case, settlement__state="frozen").select_related("settlement") if case.state == "decided" else ()
    return Letter(str(title), timezone.localdate(event.at), tuple(defects(case)), event.reason if case.state == "rejected" else "", tuple(lines))
