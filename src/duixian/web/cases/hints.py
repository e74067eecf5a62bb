"""Things a person should look at: the same account, phone, invoice or file under another party, earlier payments, a finding of false statements.

A hint decides nothing. It names other parties only to a seat that may see them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from duixian.values.labels import amount_text
from duixian.web.language import aside, listed, spoken
from duixian.web.prepared import prepared
from duixian.web.registry.models import Earlier, Fact, Party, Role, Seat, Thing

from .models import Application, Claim, Evidence
from .shown import headed

_WHO = ("法定代表人", "注册地址", "经营地址", "发货地址", "联系电话")  # facts that two firms seldom share


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing to look at. tone: wait to look at, bad where somebody has decided so already."""

    label: str
    text: str
    tone: str = "wait"
    numbers: tuple[str, ...] = ()  # cases to lay beside it


@prepared
def _alike(account: str | None, phone: str | None, email: str | None, but: int) -> QuerySet[Party]:
    wanted = Q(pk__in=[])
    for name, value in (("bank_account", account), ("phone", phone), ("email", email)):
        wanted |= Q() if value is None else Q(**{name: value})
    return Party.objects.filter(wanted).exclude(pk=but)[:60]


@prepared
def _marked(things: Sequence[int]) -> QuerySet[Any]:
    rows = Fact.objects.filter(thing__in=things, ended=None).filter(Q(name__in=_WHO) | Q(name__contains="弄虚作假", value="b:1"))
    return rows.values_list("name", "value", "period")


@prepared
def _twins(keys: Sequence[str], but: Sequence[int]) -> QuerySet[Thing]:
    return Thing.objects.filter(key__in=keys).exclude(pk__in=but).select_related("party")[:20]


@prepared
def _paid(keys: Sequence[str], recipient: str) -> QuerySet[Earlier]:
    return Earlier.objects.filter(Q(object_key__in=keys) | Q(recipient=recipient)).order_by("-year", "award")[:8]


def hints_of(case: Application, claims: list[Claim], evidence: list[Evidence], things: list[Thing], seat: Seat) -> list[Hint]:
    """Every hint of a case; at most six queries."""
    party, found = case.party, []
    wide = seat.role != Role.TOWNSHIP

    def named(parties: list[Party]) -> str:
        shown = [one.name for one in parties if wide or one.division_id == seat.division_id]
        hidden = len(parties) - len(shown)
        return listed(shown[:5]) + (_("（另有 %d 家在别的属地）") % hidden if hidden else "")

    alike = _alike(party.bank_account or None, party.phone or None, party.email or None, party.pk)
    for field, label in (("bank_account", _("同一账号")), ("phone", _("同一电话")), ("email", _("同一邮箱"))):
        value = getattr(party, field)
        others = [one for one in alike if value and getattr(one, field) == value]
        if others:
            found.append(Hint(label, _("也是 %s 的。") % named(others)))
    asked = {claim.thing_id for claim in claims}
    own = [thing for thing in things if thing.party_id == party.pk or thing.pk in asked]
    found += _shared_facts(own, party, named)
    found += _shared_keys(own, party)
    found += _shared_files(case, evidence, wide)
    found += _paid_before(own, party)
    return found


def _shared_facts(own: list[Thing], party: Party, named: Callable[[list[Party]], str]) -> list[Hint]:
    """The same legal person or address under another party."""
    rows = _marked([thing.pk for thing in own]) if own else []
    found = [Hint(name, _("%s 有认定，取消规则会据此计算。") % (period or _("本笔")), "bad") for name, value, period in rows if value == "b:1"]
    words = {(name, value) for name, value, _period in rows if name in _WHO and value.startswith("s:")}
    for name, value in sorted(words):
        others = [row.thing.party for row in Fact.objects.filter(name=name, value=value, ended=None).exclude(thing__in=own).select_related("thing__party")[:20] if row.thing.party]
        if others:
            found.append(Hint(_("同一%s") % name, _("也是 %s 的。") % named(others)))
    return found


def _shared_keys(own: list[Thing], party: Party) -> list[Hint]:
    """The same invoice or contract number as another kind of object, or of another party."""
    keys = {thing.key: thing for thing in own if thing.key != party.code}
    twins = _twins(list(keys), [thing.pk for thing in own]) if keys else []
    found = [Hint(_("同一编号"), _("%(key)s 同时登记为 %(kind)s") % {"key": twin.key, "kind": twin.kind} + aside(twin.party)) for twin in twins]
    seen: dict[str, list[str]] = {}
    for thing in own:
        seen.setdefault(thing.key, []).append(thing.kind)
    return found + [Hint(_("同一编号"), _("%(key)s 既是 %(kinds)s") % {"key": key, "kinds": listed(kinds)}) for key, kinds in seen.items() if len(kinds) > 1]


def _shared_files(case: Application, evidence: list[Evidence], wide: bool) -> list[Hint]:
    """The very same file in other cases: one hint a file."""
    digests = {one.digest: one.name for one in evidence}
    rows = Evidence.objects.filter(digest__in=list(digests), removed=None).exclude(application=case).exclude(application__party=case.party) if digests else Evidence.objects.none()
    cases: dict[str, list[str]] = {}
    for digest, number in rows.order_by("application__number").values_list("digest", "application__number").distinct():
        cases.setdefault(digest, []).append(number)
    together: dict[tuple[str, ...], list[str]] = {}
    for digest, numbers in cases.items():
        together.setdefault(tuple(numbers), []).append(f"“{digests[digest]}”")
    return [Hint(_("同一文件"), _("%(files)s 还交在另外 %(count)d 件申报。") % {"files": listed(names), "count": len(numbers)}, numbers=numbers[:3] if wide else ())
            for numbers, names in together.items()]  # fmt: skip


def _paid_before(own: list[Thing], party: Party) -> list[Hint]:
    """Earlier payments to the party or for its objects, of any policy."""
    keys = [thing.key for thing in own]
    rows = _paid(keys, party.code)
    if not rows:
        return []
    paid = listed((f"{headed(row.year, row.award)} {amount_text(row.amount_fen, spoken())}{aside(row.document)}" for row in rows[:6]), "；")
    return [Hint(_("以前兑现过"), paid + ("……" if len(rows) > 6 else ""))]
