"""What an applicant files beside its answers: objects, files, its own contact and account; and the messages it has read."""

from __future__ import annotations

from django.utils import timezone

from duixian.policy.model import Policy
from duixian.tables.forms import answer_fault, key_of, read_answer
from duixian.tables.layout import Column
from duixian.values.diagnostic import Diagnostic
from duixian.values.facts import Period
from duixian.web.cases.asked import awards_for, form_for
from duixian.web.cases.files import Kept
from duixian.web.cases.live import own_thing
from duixian.web.cases.models import AccountChange, Application, Claim, Cycle, Evidence, Message
from duixian.web.cases.policies import programme_of
from duixian.web.record.book import Refused, acting
from duixian.web.registry import facts
from duixian.web.registry.models import Division, Fact, Party, Role, Seat, Source, Thing, User
from duixian.web.registry.people import code_of, party_with

from . import applying, stating
from .applying import editable
from .moving import not_own

MOST_FILES = 60  # in one claim


def claim(application: Application, award: str, thing: int | None, parts: list[str], seat: Seat) -> Claim:
    """Apply for an award: for the applicant itself, for an object of its own on file, or for one that is found or filed by its identity. Raises Refused."""
    party, version = application.party, application.cycle
    policy, own = programme_of(version.version_of).policy, own_thing(party, version)
    with acting(seat, "application.choose", application) as page:
        page.new = {"award": award}
        if own is None or award not in awards_for(version, own.kind):
            raise Refused("award_is_for_this_party", "这项奖补不是给这类单位的，或者政策里没有。")
        form = form_for(version, award, own.kind)
        if form.own:
            chosen = own
        elif thing is not None:
            found = Thing.objects.filter(pk=thing, party=party).first()
            if found is None or not policy.vocabulary.is_kind(found.kind, form.object):
                raise Refused("own_objects_only", "这个对象不属于本单位。")
            chosen = found
        else:
            named = list(zip(form.identity, [*parts, *[""] * len(form.identity)]))
            chosen = add_thing(application, form.object, named, [(name, period, party.code) for name, period in form.mine], seat, policy, foreign=form.foreign)
        return applying.claim(application, award, form.clause, chosen, seat)


def add_thing(application: Application, kind: str, parts: list[tuple[Column, str]], relations: list[tuple[str, Period, str]], seat: Seat, policy: Policy, *, foreign: bool = False) -> Thing:
    """An object of the applicant (a shop, a lease), found by its identity or filed anew. parts: what identifies it; relations: (fact, period, whose).

    foreign: the object is somebody else's; it has to be on file and stays theirs. Raises Refused where it belongs to somebody else.
    """
    with acting(seat, "application.object", application) as page:
        editable(application, seat)
        values = [read_answer(column, text) for column, text in parts]
        wrong = [answer_fault(value) for value in values if isinstance(value, Diagnostic)]
        if wrong or not values:
            raise Refused("object_has_a_key", "；".join(f"{column.name}：{text}" for (column, _), text in zip(parts, wrong)) or "写明是哪一个。")
        key = key_of([str(value) for value in values], policy, kind, application.party.code)
        if len(key) > 200:
            raise Refused("object_has_a_key", "标识太长，请核对。")
        found = Thing.objects.filter(kind=kind, key=key).first()
        if foreign:
            if found is None:
                raise Refused("object_is_on_file", f"系统里没有这个{kind}：请核对{parts[0][0].name}，或请主管部门先登记。")
            return found
        if found is not None and (found.party_id not in (None, application.party_id) or (found.party_id is None and _said_otherwise(found, relations))):
            raise Refused("own_objects_only", f"“{key}”已经登记在别的单位名下。请核对；确实是本单位的，请联系属地核实部门。")
        found = facts.thing_of(kind, key, application.party)
        stating.adopt(application, found)
        identity = [(found, "", column.name, None, value) for (column, _), value in zip(parts, values) if policy.vocabulary.fact(kind, column.name) is not None]
        stating.state(application, [*identity, *((found, "", name, period, whose) for name, period, whose in relations)])
        Application.objects.filter(pk=application.pk).update(saved=timezone.now())
        page.new = {"object": str(found)}
    return found


def _said_otherwise(thing: Thing, relations: list[tuple[str, Period, str]]) -> bool:
    """Whether a better source says that the object is somebody else's."""
    names = [name for name, _, _ in relations]
    whose = {facts.encode(owner) for _, _, owner in relations}
    return Fact.objects.filter(thing=thing, name__in=names, ended=None).exclude(source=Source.DECLARED).exclude(value__in=whose).exists()


def add_row(application: Application, kind: str, parts: list[tuple[Column, str]], relation: str, owner: Thing, seat: Seat) -> Thing:
    """One more object that belongs to the applicant (or to the object applied for), as a row of its form."""
    policy = programme_of(application.cycle.version_of).policy
    return add_thing(application, kind, parts, [(relation, None, owner.key)], seat, policy)


def drop_row(application: Application, thing: Thing, relation: str, seat: Seat) -> None:
    """Take a row out: the object no longer counts as the applicant's; what was filled in stays on file."""
    with acting(seat, "application.object_out", application) as page:
        editable(application, seat)
        if thing.party_id != application.party_id:
            raise Refused("own_objects_only", "这个对象不属于本单位。")
        stating.state(application, [(thing, "", relation, None, None)])
        held = Application.objects.select_for_update().get(pk=application.pk)
        application.unread = {name: text for name, text in held.unread.items() if not name.startswith(f"{thing.pk}|")}
        Application.objects.filter(pk=application.pk).update(saved=timezone.now(), unread=application.unread)
        page.old = {"object": str(thing)}


def attach(application: Application, claim: Claim, material: str, kept: Kept, seat: Seat) -> Evidence:
    """Hand in a file that was stored and looked at (`files.keep`)."""
    with acting(seat, "evidence.add", application) as page:
        editable(application, seat)
        if claim.application_id != application.pk or not claim.live:
            raise Refused("claim_is_there", "这项申报已经取消，文件没有保存。")
        if Evidence.objects.filter(claim=claim, removed=None).count() >= MOST_FILES:
            raise Refused("files_are_few", f"一项申报最多 {MOST_FILES} 个文件。请先删掉不要的，或合并成一个 PDF。")
        if twin := Evidence.objects.filter(claim=claim, material=material, digest=kept.digest, removed=None).first():
            raise Refused("file_once", f"“{twin.name}”已经传过了，内容一模一样，不用再传。")
        found = Evidence.objects.create(application=application, claim=claim, material=material, name=kept.name, path=kept.path, type=kept.type, size=kept.size, digest=kept.digest,
                                        scan=kept.scan, by=seat)  # fmt: skip
        Application.objects.filter(pk=application.pk).update(saved=timezone.now())
        page.new = {"evidence": found.pk, "material": material, "sha256": kept.digest, "scan": kept.scan}
    return found


def detach(application: Application, evidence: Evidence, seat: Seat) -> None:
    """Take a file out of the application. The file itself stays: the record still names it."""
    with acting(seat, "evidence.remove", application) as page:
        editable(application, seat)
        if evidence.application_id != application.pk:
            raise Refused("own_objects_only", "这个文件不属于这份申报。")
        Evidence.objects.filter(pk=evidence.pk, removed=None).update(removed=timezone.now())
        page.old = {"evidence": evidence.pk, "material": evidence.material}


def describe(party: Party, seat: Seat, *, contact: str, phone: str, email: str) -> None:
    """Whom to call about the application. The book names the fields, never what is in them."""
    with acting(seat, "party.describe", party) as page:
        _own(party, seat)
        given = {"contact": contact.strip(), "phone": phone.strip(), "email": email.strip()}
        page.new = {"fields": [name for name, value in given.items() if value != getattr(party, name)]}
        for name, value in given.items():
            setattr(party, name, value)
        party.save(update_fields=list(given))


def bank(party: Party, seat: Seat, *, holder: str, name: str, account: str, reason: str = "") -> str:
    """The account to be paid into: filed the first time; a change is put forward and checked by an officer before it is used. Returns filed, proposed or unchanged."""
    with acting(seat, "party.account", party) as page:
        _own(party, seat)
        holder, name, account = holder.strip(), name.strip(), account.replace(" ", "")
        if not (holder and name and account.isascii() and account.isdigit() and 6 <= len(account) <= 32):
            raise Refused("account_is_whole", "开户名、开户行、账号都要写；账号是 6 至 32 位数字。")
        if holder != party.name:
            raise Refused("account_is_the_partys", f"开户名要与单位名称一致：{party.name}。")
        if (holder, name, account) == (party.bank_holder, party.bank_name, party.bank_account):
            return "unchanged"
        if not party.bank_account:
            party.bank_holder, party.bank_name, party.bank_account = holder, name, account
            party.save(update_fields=["bank_holder", "bank_name", "bank_account"])
            page.new = {"account": "filed"}
            return "filed"
        if AccountChange.objects.filter(party=party, state="proposed").exists():
            raise Refused("account_change_one_open", "上一次的账户变更还在核对，核对完再改。")
        AccountChange.objects.create(party=party, holder=holder, bank=name, account=account, reason=reason.strip() or "申报单位提出", by=seat)
        page.new = {"account": "proposed"}
    return "proposed"


def _own(party: Party, seat: Seat) -> None:
    keyed = seat.role == Role.OFFICER and Application.objects.filter(party=party, paper=True, by=seat, state__in=["draft", "returned"]).exists()
    if not keyed and not (seat.role == Role.APPLICANT and seat.party_id == party.pk):
        raise Refused("own_party_only", "只能改自己单位的信息。")


def new_party(cycle: Cycle, seat: Seat, *, kind: str, code: str, name: str, division: Division) -> Party:
    """A party that applies on paper and is not on file yet. Raises Refused where the code is taken or what is given is not whole."""
    from duixian.tables.cells import Fault, credit_code

    with acting(seat, "party.add", f"cycle:{cycle.pk}") as page:
        code, name = code_of(code), " ".join(name.split())
        if seat.role != Role.OFFICER:
            raise Refused("officers_only", "只能由经办登记。")
        if kind not in Party.Kind.values or not code or not name or len(code) > 40 or len(name) > 120:
            raise Refused("party_is_whole", "主体类型、主体代码、名称都要写（代码不超过 40 个字，名称不超过 120 个字）。")
        if kind == Party.Kind.ENTERPRISE and isinstance(credit_code(code), Fault):
            raise Refused("credit_code_holds", f"统一社会信用代码“{code}”不对：请核对 18 位和校验码。")
        if there := party_with(code):
            raise Refused("party_once", f"代码“{code}”已经登记过，是{there.name}。请在上面按代码查找，不要再登记一次。")
        found = Party.objects.create(kind=kind, code=code, name=name, division=division)
        page.new = {"party": found.pk}
        not_own(seat, Application(cycle=cycle, party=found))
    return found


def read_messages(messages: list[int], user: User, seat: Seat | None) -> int:
    """Messages were read. Only one's own; how many were new."""
    with acting(seat, "messages.read", None, user=user) as page:
        count = Message.objects.filter(pk__in=messages, user=user, read=None).update(read=timezone.now())
        page.new = {"count": count}
    return count
