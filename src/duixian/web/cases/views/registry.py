"""The registry: objects with what each source says, parties with their account, what may be there twice."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from duixian.web.cases import objects
from duixian.web.cases.actions import registering, uniting
from duixian.web.cases.exporting import sheet, workbook_answer
from duixian.web.cases.models import AccountChange, SameParty
from duixian.web.record import book
from duixian.web.record.book import Refused
from duixian.web.registry import people
from duixian.web.registry.models import Party, Role, Thing
from duixian.web.seats import BUREAU, Route

from .doing import do

READERS = BUREAU | {Role.AUDITOR}
ONLY = {"unpayable": gettext_lazy("没有收款账户的"), "folded": gettext_lazy("已并入另一家的")}


def registry(request: HttpRequest) -> HttpResponse:
    """Objects, found by key, name or whose they are."""
    search, kind = request.GET.get("search", "").strip()[:120], request.GET.get("kind", "")
    page = Paginator(objects.things(search, kind), objects.PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    objects.names_of(found)
    return render(request, "registry/objects.html", {"search": search, "kind": kind, "kinds": objects.kinds(), "page": page, "things": found, "tab": "objects"})


def registry_export(request: HttpRequest) -> HttpResponse:
    """The objects of a search as a workbook: key, name, whose."""
    from duixian.tables.book import Book

    found = list(objects.things(request.GET.get("search", "").strip()[:120], request.GET.get("kind", ""))[:50_000])
    for start in range(0, len(found), 500):
        objects.names_of(found[start : start + 500])
    work = Book(_("对象"))
    sheet(work, _("对象"), (_("对象"), _("标识"), _("名称"), _("单位"), _("属地")), [
        (one.kind, one.key, one.label, one.party.name if one.party else "", one.party.division.name if one.party else "") for one in found])  # fmt: skip
    book.read(request.seat, "registry.export", "registry")
    return workbook_answer(work.finish(), _("对象"))


def thing(request: HttpRequest, number: int) -> HttpResponse:
    """One object: its facts by source with their history, its claims, its payments."""
    found = objects.one(Thing, number, "party__division")
    return render(request, "registry/object.html", {"file": objects.open_object(found), "thing": found, "tab": "objects"})


def parties(request: HttpRequest) -> HttpResponse:
    """Parties, and the objects that could be one."""
    wanted = _wanted(request)
    page = Paginator(objects.parties(**wanted), objects.PAGE).get_page(request.GET.get("page"))
    narrowed = any(wanted.values())
    return render(request, "registry/parties.html", {
        "wanted": wanted, "narrowed": narrowed, "query": urlencode(wanted), "onlys": ONLY.items(), "places": [(one.pk, one.name) for one in objects.divisions()],
        "page": page, "tab": "parties", "orphans": objects.orphans(20) if not narrowed and request.seat.role == Role.OFFICER else [],
        "divisions": objects.divisions(), "kinds": Party.Kind.values, "may_enrol": request.seat.role == Role.OFFICER,
        "waiting": objects.open_changes() if request.seat.role in BUREAU else [], "unions": objects.open_unions() if request.seat.role in BUREAU else [],
    })  # fmt: skip


def _wanted(request: HttpRequest) -> dict[str, str]:
    """The filters of an address."""
    return {name: request.GET.get(name, "").strip()[:120] for name in ("search", "kind", "division", "only")}


def parties_export(request: HttpRequest) -> HttpResponse:
    """The parties of a search as a workbook: nothing personal, and of an account whether there is one."""
    from duixian.tables.book import Book

    work = Book(_("主体"))
    sheet(work, _("主体"), (_("代码"), _("名称"), _("类型"), _("属地"), _("账户"), _("申报"), _("已并入")), [
        (one.code, one.name, one.kind, one.division.name, _("有") if one.bank_account else _("没有"), one.applied, one.same_as.code if one.same_as else "")
        for one in objects.parties(**_wanted(request)).select_related("division", "same_as")[:50_000]])  # fmt: skip
    book.read(request.seat, "parties.export", "registry")
    return workbook_answer(work.finish(), _("主体"))


def party_enrol(request: HttpRequest) -> HttpResponse:
    """A new party."""
    given = request.POST
    division = objects.divisions().filter(pk=given["division"]).first() if given.get("division", "").isdecimal() else None
    try:
        found = registering.enrol(request.seat, kind=given.get("kind", ""), code=given.get("code", ""), name=given.get("name", ""), division=division)
    except Refused as refusal:
        messages.error(request, refusal.text)
        there = people.party_with(given.get("code", "")) if refusal.law == "code_once" else None
        return redirect("party", number=there.pk) if there is not None else redirect("parties")
    messages.success(request, _("已登记 %s。") % found.name)
    return redirect("party", number=found.pk)


def party(request: HttpRequest, number: int) -> HttpResponse:
    """One party, personal data masked."""
    return _party_page(request, number)


def _party_page(request: HttpRequest, number: int, **more: object) -> HttpResponse:
    found = objects.one(Party, number, "division", "same_as")
    return render(request, "registry/party.html", {"party": found, "tab": "parties", "may_change": request.seat.role in BUREAU, **objects.party_file(found), **more})


def party_reveal(request: HttpRequest, number: int) -> HttpResponse:
    """Show contact and account once, as a form to change them; that they were read is signed."""
    found = objects.one(Party, number)
    book.read(request.seat, "party.contact", found)
    return _party_page(request, number, revealed=True)


def party_contact(request: HttpRequest, number: int) -> HttpResponse:
    """Change whom to call."""
    found = objects.one(Party, number)
    do(request, registering.contact, found, request.seat, **{name: request.POST.get(name, "") for name in registering.CONTACT}, done=_("联系方式已改。"))
    return redirect("party", number=number)


def party_account(request: HttpRequest, number: int) -> HttpResponse:
    """Put new bank details forward."""
    given = {name: request.POST.get(name, "") for name in ("holder", "bank", "account", "again", "reason")}
    do(request, registering.propose_account, objects.one(Party, number), request.seat, **given, done=_("已提出。由另一位同事对照证明复核后才会使用。"))
    return redirect("party", number=number)


def account_check(request: HttpRequest, number: int) -> HttpResponse:
    """The second look at new bank details: shown whole (signed), then used or refused."""
    change = objects.one(AccountChange, number, "party", "by__user")
    if request.POST.get("do") == "look":
        if change.state != "proposed":
            raise Http404
        book.read(request.seat, "party.account", change.party)
        return _party_page(request, change.party_id, looked=True)
    use = request.POST.get("do") == "use"
    do(request, registering.check_account, change, request.seat, use=use, done=_("新账户已启用。") if use else _("已退回，仍用原来的账户。"))
    return redirect("party", number=change.party_id)


def party_same(request: HttpRequest, number: int) -> HttpResponse:
    """Put forward that another party, by its code, is this one."""
    found, other = objects.one(Party, number), people.party_with(request.POST.get("code", ""))
    if other is None:
        messages.error(request, _("没有这个代码的主体。先在“主体和账户”里找到它。"))
        return redirect("party", number=number)
    do(request, uniting.propose, other, found, request.seat, request.POST.get("reason", ""), done=_("已提出。由另一位同事复核后生效。"))
    return redirect("party", number=number)


def party_apart(request: HttpRequest, number: int) -> HttpResponse:
    """Put forward that a party is not the other one after all."""
    found = objects.one(Party, number)
    union = objects.union_of(found)
    if union is None:
        raise Http404
    do(request, uniting.propose_apart, union, request.seat, request.POST.get("reason", ""), done=_("已提出。由另一位同事复核后生效。"))
    return redirect("party", number=number)


def same_check(request: HttpRequest, number: int) -> HttpResponse:
    """The second look: the same, or not."""
    same, use = objects.one(SameParty, number, "party", "into", "by__user", "undoes"), request.POST.get("do") == "use"
    if same.undoes_id:
        done = _("已撤回认定：又是两家，以前的兑现分开算。") if use else _("已退回，仍是同一家。")
    else:
        done = _("已认定为同一家，以前的兑现合在一起算。") if use else _("已退回，仍是两家。")
    do(request, uniting.check, same, request.seat, use=use, done=done)
    return redirect("party", number=same.party_id if same.undoes_id else same.into_id)


ROUTES = [
    Route("registry/", registry, READERS),
    Route("registry/export/", registry_export, READERS),
    Route("registry/objects/<int:number>/", thing, READERS, name="thing"),
    Route("registry/parties/", parties, READERS),
    Route("registry/parties/export/", parties_export, READERS),
    Route("registry/parties/new/", party_enrol, frozenset({Role.OFFICER}), ("POST",)),
    Route("registry/parties/<int:number>/", party, READERS),
    Route("registry/parties/<int:number>/reveal/", party_reveal, READERS, ("POST",)),
    Route("registry/parties/<int:number>/contact/", party_contact, BUREAU, ("POST",)),
    Route("registry/parties/<int:number>/account/", party_account, BUREAU, ("POST",)),
    Route("registry/parties/<int:number>/same/", party_same, BUREAU, ("POST",)),
    Route("registry/parties/<int:number>/apart/", party_apart, BUREAU, ("POST",)),
    Route("registry/same/<int:number>/", same_check, BUREAU, ("POST",)),
    Route("registry/accounts/<int:number>/", account_check, BUREAU, ("POST",)),
]
