"""What a case still lacks: the materials of its awards, the facts its applicant has to give, figures that do not agree. The checklist of a return."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .amounts import Amounts
from .models import Application, Claim, Evidence
from .policies import programme_of


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing to put right. group: materials, facts or figures; sure: ticked from the start."""

    group: str
    text: str
    sure: bool = True


def materials_of(case: Application, award: str) -> tuple[str, ...]:
    """The materials an award asks for."""
    rule = programme_of(case.cycle.version_of).policy.rules.get(award)
    return rule.materials if rule is not None else ()


def lacking(case: Application, claims: Iterable[Claim], evidence: Iterable[Evidence]) -> list[tuple[Claim, str]]:
    """The materials nothing was uploaded for, by claim. A file without a claim counts for every claim that asks for its material."""
    there = {(one.claim_id, one.material) for one in evidence if one.removed is None}
    return [(claim, material) for claim in claims for material in materials_of(case, claim.award) if not {(claim.pk, material), (None, material)} & there]


def lacking_materials(case: Application) -> list[str]:
    """The same as words, asked of the database."""
    claims = list(case.claims.filter(live=True))
    return [f"{claim.award} {material}" for claim, material in lacking(case, claims, case.evidence.filter(removed=None))]


def checklist(case: Application, claims: list[Claim], evidence: list[Evidence], amounts: Amounts, differences: list[str]) -> list[Defect]:
    """Everything that can be seen to be missing, for one letter: materials, facts the applicant owes, figures that differ."""
    found = [Defect("materials", _("补交“%(material)s”（%(award)s）") % {"material": material, "award": claim.award}) for claim, material in lacking(case, claims, evidence)]
    owed = [text for row in amounts.rows.values() for text, _waits, applicant in row.missing if applicant]
    found += [Defect("facts", _("填报：%s") % text) for text in dict.fromkeys(owed)]
    found += [Defect("figures", _("核对并说明：%s") % text, sure=False) for text in differences]
    if not (case.party.bank_account and case.party.bank_name):
        found.append(Defect("facts", _("补填收款账户（开户名、开户行、账号）")))
    return found
