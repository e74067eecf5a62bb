"""Reading the registry: objects, what each source has said of them and when, parties, and who may be the same twice. Personal data is never among it."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Count, Model, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from duixian.web.jobs.models import Job
from duixian.web.language import listed
from duixian.web.registry.facts import PRECEDENCE, decode, period_of
from duixian.web.registry.models import Division, Earlier, Fact, Party, Source, Thing
from duixian.web.registry.people import code_of

from .models import AccountChange, Claim, Intake, Line, PolicyVersion, SameParty
from .policies import programme_of
from .shown import fact_of, headed, value_text

PAGE = 50
_RANK = {source.value: rank for rank, source in enumerate(PRECEDENCE)}


def things(search: str = "", kind: str = "") -> QuerySet[Thing]:
    """Objects by key, by the name on file or by whose they are."""
    rows = Thing.objects.select_related("party__division")
    if kind:
        rows = rows.filter(kind=kind)
    if search:
        named = Fact.objects.filter(name="名称", ended=None, value__icontains=search).values("thing")
        rows = rows.filter(Q(key__icontains=search) | Q(party__name__icontains=search) | Q(pk__in=named))
    return rows.order_by("kind", "key")


def kinds() -> list[tuple[str, int]]:
    """The object types there are, with how many."""
    return list(Thing.objects.order_by("kind").values_list("kind").annotate(Count("id")))


def names_of(found: list[Thing]) -> None:
    """Put the name on file beside each object of a page."""
    by_id = {thing.pk: thing for thing in found}
    for thing in found:
        thing.label = thing.party.name if thing.party and thing.key == thing.party.code else ""
    for pk, value in Fact.objects.filter(thing__in=by_id, name="名称", ended=None).values_list("thing", "value"):
        by_id[pk].label = str(decode(value))


def one(model: type[Model], number: int, *related: str) -> Any:
    """One row of the registry by its number. Raises Http404."""
    found = model._default_manager.select_related(*related).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """What a source said of a fact, and until when."""

    text: str
    source: str
    used: bool
    by: str
    at: Any
    ended: Any = None
    reason: str = ""
    file: str = ""


@dataclass(slots=True)
class Row:
    """A fact of an object: what counts now, and everything that was ever said."""

    label: str
    said: list[Said] = field(default_factory=list)
    differs: bool = False


@dataclass(slots=True)
class ObjectFile:
    """One object with all that is known of it."""

    thing: Thing
    label: str
    rows: list[Row]
    claims: list[Claim]
    lines: list[Line]
    earlier: list[Earlier]


def newest_policy() -> PolicyVersion | None:
    """The version by whose vocabulary values are written where no cycle says which."""
    return PolicyVersion.objects.order_by("-id").first()


def open_object(thing: Thing) -> ObjectFile:
    """Everything of an object; eight queries."""
    version = newest_policy()
    policy = programme_of(version).policy if version else None
    found: dict[tuple[str, str, str], list[Fact]] = {}
    for row in Fact.objects.filter(thing=thing).select_related("by__user", "batch").order_by("award", "name", "-period", "-id"):
        found.setdefault((row.award, row.name, row.period), []).append(row)
    rows = []
    for (award, name, period), facts in found.items():
        declared = fact_of(policy, thing.kind, name, award) if policy and thing.kind in policy.vocabulary.objects else None
        current = sorted((one for one in facts if one.ended is None), key=lambda one: _RANK[one.source])
        best = current[0].pk if current else None
        said = [Said(value_text(decode(one.value), declared), Source(one.source).label, one.pk == best, str(one.by.user) if one.by else _("导入"), one.at, one.ended, one.reason,
                     one.batch.name if one.batch else "") for one in [*current, *(one for one in facts if one.ended is not None)]]  # fmt: skip
        rows.append(Row(headed(period_of(period), name, award), said, len({one.value for one in current}) > 1))
    label = next((str(decode(one.value)) for key, facts in found.items() if key[1] == "名称" for one in facts if one.ended is None), "")
    return ObjectFile(
        thing, label or (thing.party.name if thing.party else ""), rows, list(Claim.objects.filter(thing=thing).select_related("application__cycle", "application__party").order_by("-id")),
        list(Line.objects.filter(object_kind=thing.kind, object_key=thing.key, settlement__state="frozen").select_related("settlement__cycle", "party").order_by("-id")),
        list(Earlier.objects.filter(object_key=thing.key).order_by("-year", "award")),
    )  # fmt: skip




# --- parties -----------------------------------------------------------------------------------------------------------------------------


def parties(search: str = "", kind: str = "", division: str = "", only: str = "") -> QuerySet[Party]:
    """Parties by code or name, of a kind, of a division; only: those nothing can be paid to yet, or that were found to be another one."""
    rows = Party.objects.select_related("division").annotate(applied=Count("applications", distinct=True))
    if search:
        rows = rows.filter(Q(code__icontains=search) | Q(name__icontains=search))
    if kind:
        rows = rows.filter(kind=kind)
    if division.isdecimal():
        rows = rows.filter(division=int(division[:15]))
    if only == "unpayable":
        rows = rows.filter(bank_account="", same_as=None)
    elif only == "folded":
        rows = rows.exclude(same_as=None)
    return rows.order_by("code")


@dataclass(frozen=True, slots=True)
class Twin:
    """Another party that may be the same."""

    party: Party
    why: str


def twins_of(party: Party) -> list[Twin]:
    """Parties that may be the same, or the same people: a name nearly alike, the same account, phone or mail address."""
    found: dict[int, Twin] = {}
    core = legal_core(party.code)
    for other in Party.objects.filter(Q(code__iexact=party.code) | (Q(code__icontains=core) if core else Q(pk=None))).exclude(pk=party.pk).select_related("division")[:10]:
        if code_of(other.code) == code_of(party.code) or (core and core == legal_core(other.code)):
            found[other.pk] = Twin(other, _("同一代码") if code_of(other.code) == code_of(party.code) else _("代码里是同一个组织"))
    for name, label in (("bank_account", _("同一账号")), ("phone", _("同一电话")), ("email", _("同一邮箱"))):
        if value := getattr(party, name):
            for other in Party.objects.filter(**{name: value}).exclude(pk=party.pk).select_related("division")[:10]:
                found[other.pk] = Twin(other, listed(filter(None, [found[other.pk].why if other.pk in found else "", label])))
    core = core_name(party.name)
    if len(core) >= 3:
        for other in Party.objects.filter(name__contains=core[:6]).exclude(pk=party.pk).select_related("division")[:40]:
            if other.pk not in found and alike(core, core_name(other.name)):
                found[other.pk] = Twin(other, _("名称相近"))
    return list(found.values())[:12]


def legal_core(code: str) -> str:
    """The part of an 18-character credit code that names the organisation; '' for other codes. It stays when the rest is changed, or mistyped."""
    code = code_of(code)
    return code[8:17] if len(code) == 18 and code.isascii() and code.isalnum() else ""


def core_name(name: str) -> str:
    """A firm's name without what half the firms share."""
    for word in ("有限责任公司", "股份有限公司", "有限公司", "公司", "（普通合伙）", "合作社"):
        name = name.replace(word, "")
    return name.strip()


def alike(one: str, other: str) -> bool:
    """Whether two names are nearly the same: the same but for one character in ten."""
    matcher = SequenceMatcher(None, one, other)
    same = sum(block.size for block in matcher.get_matching_blocks())
    return 2 * same * 10 >= 9 * (len(one) + len(other)) and one != other or one == other


def open_change(party: Party) -> AccountChange | None:
    """The account change that waits for a second person."""
    return AccountChange.objects.filter(party=party, state="proposed").select_related("by__user").first()


def open_changes() -> list[AccountChange]:
    """Every account change that waits for a second person."""
    return list(AccountChange.objects.filter(state="proposed").select_related("party", "by__user")[:20])


def open_unions() -> list[SameParty]:
    """Every pair said to be one that waits for a second person."""
    return list(SameParty.objects.filter(state="proposed").select_related("party", "into", "by__user")[:20])


def union_of(party: Party) -> SameParty | None:
    """What two persons said last of a party being another one."""
    return SameParty.objects.filter(party=party, state="used", undoes=None).select_related("by__user", "checked_by__user").first()


def divisions() -> QuerySet[Division]:
    """Where a party can be."""
    return Division.objects.all()


def party_file(party: Party) -> dict[str, Any]:
    """What a party's page shows beside its name."""
    same = SameParty.objects.filter(Q(party=party) | Q(into=party), state="proposed").select_related("party__division", "into__division", "by__user").first()
    union = union_of(party) if party.same_as_id else None
    goes = same.party if same and not same.undoes_id else None
    history = {"things": goes.things.count(), "paid": Line.objects.filter(party=goes, state="paid").count() + Earlier.objects.filter(recipient=goes.code).count()} if goes else {}
    sides = [_side(one) for one in (same.party, same.into)] if same else []
    past = SameParty.objects.filter(Q(party=party) | Q(into=party), state="used").select_related("party", "into", "by__user", "checked_by__user")[:20]
    return {"sides": sides, "past": list(past), "twins": [one for one in twins_of(party) if party.pk != one.party.same_as_id], "same": same, "history": history, "union": union, "folded": list(party.folded.all()), "things": list(party.things.order_by("kind", "key")[:200]), "change": open_change(party),
            "applications": list(party.applications.exclude(state="draft").select_related("cycle").order_by("-id")[:50])}  # fmt: skip


def _side(party: Party) -> dict[str, Any]:
    """One of two registrations side by side: what tells them apart, and what hangs on each."""
    paid = Line.objects.filter(party=party, state="paid").count() + Earlier.objects.filter(recipient=party.code).count()
    return {"party": party, "applied": party.applications.exclude(state="draft").count(), "things": party.things.count(), "paid": paid}


def job_of(intake: Intake) -> Job | None:
    """The newest job of an intake."""
    return Job.objects.filter(subject=f"intake:{intake.pk}").order_by("-id").first()


def intakes() -> QuerySet[Intake]:
    """Workbooks taken in, newest first."""
    return Intake.objects.select_related("version_of", "by__user", "taken")


def versions() -> QuerySet[PolicyVersion]:
    """The policies a workbook may be for: the newest version of each that a cycle was made from, or the newest."""
    newest = PolicyVersion.objects.order_by("policy", "-id").values_list("policy", "pk")
    last: dict[str, int] = {}
    for policy, pk in newest:
        last.setdefault(policy, pk)
    return PolicyVersion.objects.filter(pk__in=last.values()).order_by("policy")


def orphans(most: int = 50) -> list[Thing]:
    """Objects that may apply but are no party yet: enterprises, villages, towns on file without one."""
    version = newest_policy()
    if version is None:
        return []
    vocabulary = programme_of(version).policy.vocabulary
    own = [kind for kind in vocabulary.objects if vocabulary.is_kind(kind, "主体")]
    found = list(Thing.objects.filter(kind__in=own, party=None)[:most])
    names_of(found)
    return found
