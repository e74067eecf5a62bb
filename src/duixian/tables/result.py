"""What a settlement says, as plain rows: the one place from which workbook, JSON and Parquet are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..award.record import STAGES, Line
from ..policy.render import phrase
from ..policy.syntax import Node
from ..values.facts import Missing
from ..values.money import decimal_text, yuan_text
from ..values.terms import Outcome, Waits
from .layout import place_of
from .read import Input

if TYPE_CHECKING:
    from ..pipeline import Settlement


@dataclass(frozen=True, slots=True)
class ClauseSum:
    """One award: how its claims ended and what they come to. Amounts in 分."""

    clause: str
    award: str
    outcomes: dict[Outcome, int]
    payable_fen: int
    estimate_fen: int  # 暂估 included


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that is missing, and the claims that wait for it: (award, object, recipient)."""

    waits: Waits
    what: str
    where: str  # it is filled in
    claims: tuple[tuple[str, str, str], ...]


def clause_sums(settlement: Settlement) -> list[ClauseSum]:
    """One row an award of the policy, awards without a single claim included."""
    lines: dict[str, list[Line]] = {name: [] for name, rule in settlement.policy.rules.items() if rule.kind != "认定"}
    for line in settlement.lines:
        lines[line.claim.award].append(line)
    sums = []
    for name, own in lines.items():
        outcomes: dict[Outcome, int] = {}
        for line in own:
            outcomes[line.outcome] = outcomes.get(line.outcome, 0) + 1
        live = [line for line in own if line.outcome in (Outcome.PAYABLE, Outcome.PROVISIONAL)]
        sums.append(
            ClauseSum(
                settlement.policy.rules[name].clause, name, outcomes, sum(line.payable_fen for line in own), sum(line.estimate_fen for line in live)
            )
        )
    return sums


def waiting_list(settlement: Settlement) -> list[Waiting]:
    """What is missing, whom it waits for, which claims it holds up. An estimate waits for the standard of the year."""
    found: dict[tuple[Waits, str, str], dict[tuple[int, str], tuple[str, str, str]]] = {}

    def add(waits: Waits, what: str, where: str, line: Line) -> None:
        claim = line.claim
        found.setdefault((waits, what, where), {})[claim.id] = (claim.award, claim.key, claim.recipient_name or claim.recipient)

    for line in settlement.lines:
        if line.outcome is Outcome.NEEDS_DATA:
            for item in line.missing:
                add(item.waits, item.text, place_of(settlement.policy, item), line)
        elif line.outcome is Outcome.PROVISIONAL:
            for item in line.claim.provisional:
                add(Waits.OFFICE, f"{item} 的本年标准", f"standards-{settlement.year}.md", line)
    order = {waits: place for place, waits in enumerate(Waits)}
    rows = [Waiting(waits, what, where, tuple(claims[key] for key in sorted(claims))) for (waits, what, where), claims in found.items()]
    return sorted(rows, key=lambda row: (order[row.waits], -len(row.claims), row.what))


def sorted_missing(missing: frozenset[Missing]) -> list[Missing]:
    """What is missing, in one order for ever."""
    order = {waits: place for place, waits in enumerate(Waits)}
    return sorted(missing, key=lambda item: (order[item.waits], item.text))


def note_lines(line: Line) -> list[str]:
    """Everything a line has to say beside its amounts."""
    notes = list(line.notes)
    if line.claim.adjustable and line.outcome is Outcome.PAYABLE and line.claim.provisional:
        notes.append("标准暂估：" + "、".join(line.claim.provisional))
    return notes


def reason_text(line: Line) -> str:
    """The reasons of every stage, in the order of the waterfall."""
    return "；".join(f"{stage}：{line.reasons[stage]}" for stage in STAGES if line.reasons.get(stage))


def readings_used(settlement: Settlement) -> list[dict[str, str]]:
    """Every reading, the option it was read by, and whether that is the policy's own choice."""
    rows = []
    for name, reading in settlement.policy.readings.items():
        choice = settlement.bound.choices[name]
        own = choice == reading.choice
        rows.append(
            {
                "口径": name,
                "问题": reading.question,
                "选择": choice,
                "出处": "政策文件" if own else "年度标准或本次指定",
                "理由": reading.reason if own else "",
            }
        )
    return rows


def adopted_standards(settlement: Settlement) -> list[dict[str, str]]:
    """What the office adopted for the year; 未定 where it has not."""
    standards = settlement.standards
    rows = [{"项目": item, "档": tier, "本年标准": setting.text or "未定"} for (item, tier), setting in standards.settings.items()]
    for name, tiers in standards.tables.items():
        for row in tiers.rows:
            rows.append({"项目": name, "档": row.label, "本年标准": phrase(row.value) if isinstance(row.value, Node) else str(row.value)})
    for (name, keys), setting in standards.parameters.items():
        rows.append({"项目": name, "档": "、".join(keys), "本年标准": setting.text or "未定"})
    return rows


def amount_of(value: Any) -> int | str | None:
    """An amount for a machine: whole 分 as int, an exact fraction of 分 as text."""
    if value is None:
        return None
    return int(value) if Fraction(value).denominator == 1 else decimal_text(Fraction(value))


def to_dict(settlement: Settlement, inputs: Sequence[Input]) -> dict[str, Any]:
    """The whole settlement, JSON-ready. Amounts in 分."""
    return {
        "policy": {"id": settlement.policy.id, "title": settlement.policy.title, "digest": settlement.policy.digest},
        "year": settlement.year,
        "draft": settlement.ground.draft,
        "notices": list(settlement.notices),
        "inputs": [{"file": item.file, "sha256": item.sha256, "sheets": list(item.sheets), "rows": item.rows} for item in inputs],
        "standards": {
            "digest": settlement.standards.digest,
            "basis": settlement.standards.basis,
            "status": settlement.standards.status,
            "adopted": adopted_standards(settlement),
        },
        "readings": {row["口径"]: row["选择"] for row in readings_used(settlement)},
        "payable_fen": settlement.payable_fen,
        "lines": [line_dict(line) for line in settlement.lines],
        "totals": [
            {
                "name": total.name,
                "clause": total.clause,
                "key": list(total.key),
                "amount_fen": total.amount_fen,
                "spent_fen": total.spent_fen,
                "claimed_fen": total.claimed_fen,
                "granted_fen": total.granted_fen,
                "method": total.method,
                "waiting": total.waiting,
            }
            for total in settlement.totals
        ],
    }


def line_dict(line: Line) -> dict[str, Any]:
    """One line, JSON-ready."""
    claim = line.claim
    return {
        "award": claim.award,
        "clause": claim.clause,
        "kind": claim.kind,
        "object": claim.key,
        "recipient": claim.recipient,
        "recipient_name": claim.recipient_name,
        "year": claim.year,
        "outcome": line.outcome.value,
        "tier": claim.tier,
        "amounts": {stage: amount_of(line.amounts.get(stage)) for stage in STAGES},
        "reasons": {stage: line.reasons[stage] for stage in STAGES if line.reasons.get(stage)},
        "missing": [{"waits": item.waits.value, "what": item.text} for item in sorted_missing(line.missing)]
        if line.outcome is Outcome.NEEDS_DATA
        else [],
        "notes": note_lines(line),
        "cuts": [{"total": name, "left_fen": left} for name, left in line.cuts],
        "payable_fen": line.payable_fen,
        "claw_back_fen": line.claw_back_fen,
        "provisional": list(claim.provisional),
        "readings": dict(sorted(claim.readings.items())),
        "funding": claim.funding,
    }


def total_text(amount_fen: int | None) -> str:
    """The amount of a total, or that it is not set."""
    return "未定" if amount_fen is None else yuan_text(amount_fen)
