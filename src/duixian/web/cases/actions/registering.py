"""The writes of the registry: parties, their contact, and bank details that a second person checks before they are used."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from duixian.web.cases.models import AccountChange, Payment
from duixian.web.record.book import Refused, acting
from duixian.web.registry.models import Division, Party, Role, Seat, Thing
from duixian.web.registry.people import code_of, party_with

from .moving import by_the_bureau, second_look

CONTACT = ("contact", "phone", "email")


def contact(party: Party, seat: Seat, **given: str) -> None:
    """Change who is to be called. The book names the fields, never what they say."""
    with acting(seat, "party.contact.change", party) as page:
        by_the_bureau(seat, party)
        changed = {name: given[name].strip() for name in CONTACT if name in given and given[name].strip() != getattr(party, name)}
        if "@" not in changed.get("email", "@"):
            raise Refused("mail_address_can_be_read", "邮箱写成 名字@域名。")
        Party.objects.filter(pk=party.pk).update(**changed)
        page.new = {"fields": sorted(changed)}


def propose_account(party: Party, seat: Seat, *, holder: str, bank: str, account: str, again: str, reason: str) -> AccountChange:
    """Put new bank details forward. The number is typed twice; the holder must be the party."""
    with acting(seat, "party.account.propose", party, reason=reason) as page:
        by_the_bureau(seat, party)
        if party.same_as_id:
            raise Refused("account_of_the_one_that_stays", "这家单位已经并入另一家，账户登记在那一家。")
        holder, bank, account = holder.strip(), bank.strip(), "".join(account.split())
        if not (holder and bank and account and reason.strip()):
            raise Refused("account_is_whole", "开户名、开户行、账号和依据都要填。")
        if account != "".join(again.split()):
            raise Refused("account_is_typed_twice", "两次填的账号不一样，请核对。")
        if not account.isascii() or not account.replace("-", "").isdigit() or not 8 <= len(account) <= 40:
            raise Refused("account_can_be_read", "账号只有数字，8 到 40 位。")
        if holder != party.name:
            raise Refused("holder_is_the_party", "开户名要与单位名称一字不差；单位更名的，先改名称。")
        if Payment.objects.filter(party=party, state__in=["prepared", "requested"]).exists():
            raise Refused("no_payment_is_under_way", "这家单位有正在拨付的款项，等办结或撤回以后再改账户。")
        try:
            with transaction.atomic():
                found = AccountChange.objects.create(party=party, holder=holder, bank=bank, account=account, reason=reason.strip(), by=seat)
        except IntegrityError as clash:
            raise Refused("one_change_at_a_time", "已经有一份账户变更等着复核。") from clash
        page.new = {"change": found.pk, "fields": ["bank_holder", "bank_name", "bank_account"]}
    return found


def check_account(change: AccountChange, seat: Seat, *, use: bool) -> None:
    """A second person compares with the paper, and uses or refuses it."""
    with acting(seat, "party.account.check", change.party) as page:
        by_the_bureau(seat, change.party)
        second_look(change, seat, use=use)
        if use:
            Party.objects.filter(pk=change.party_id).update(bank_holder=change.holder, bank_name=change.bank, bank_account=change.account)
        page.new = {"change": change.pk, "state": change.state}


def enrol(seat: Seat, *, kind: str, code: str, name: str, division: Division | None) -> Party:
    """A party for an object that is on file, or a new one; its objects become its own. Raises Refused where the code is taken."""
    code = code_of(code)
    with acting(seat, "party.enrol", f"code:{code}"[:80]) as page:
        if seat.role != Role.OFFICER:
            raise Refused("officers_only", "由经办登记主体。")
        if kind not in Party.Kind.values or not code or len(code) > 40 or not name.strip() or division is None:
            raise Refused("party_is_whole", "主体类型、代码、名称和属地都要填。")
        if there := party_with(code):
            raise Refused("code_once", f"代码“{code}”已经登记过，是{there.name}。请用已有的这一个，不要再登记一次。")
        try:
            with transaction.atomic():
                found = Party.objects.create(kind=kind, code=code, name=name.strip(), division=division)
        except IntegrityError as clash:
            raise Refused("code_once", "这个代码已经登记过，请直接查找。") from clash
        Thing.objects.filter(key=found.code, party=None).update(party=found)
        page.new = {"party": found.pk, "division": division.code}
    return found
