"""The project's own interpreter over the same population: what it says, an amount a row, in the row order of the flat columns."""

from __future__ import annotations

from duixian import pipeline
from duixian.award.record import Line
from duixian.policy.load import load_policy
from duixian.policy.year_file import load_standards
from duixian.tables.read import read_tables
from duixian.values.terms import Outcome

from . import JINYUN, READINGS, SHOP, YEAR, ZIBO
from .inputs import Inputs
from .python_ints import Amounts
from .tables import POLICIES

_NAMES = {"jinyun-2025": JINYUN, "zibo-2022": (*ZIBO, SHOP)}


def interpreted(inputs: Inputs, *, full: bool) -> Amounts:
    """Settle both policies. full: with the ledger and `READINGS`, what may be paid; else over an empty ledger, what each award is after its cap.

    Raises ValueError where the interpreter still waits for something: the population says everything.
    """
    found: Amounts = {}
    firms, shops = inputs.columns(), inputs.columns(shops=True)
    firm_keys = firms["标识"].to_pylist()
    shop_keys = [f"合成平台 + D{number:09d}" for number in shops["序号"].to_pylist()]
    for policy_name, awards in _NAMES.items():
        policy, _ = load_policy(POLICIES / policy_name)
        standards = load_standards(POLICIES / policy_name / f"standards-{YEAR}.md", policy, YEAR, [])
        tables = read_tables(inputs.tables(policy_name), policy, YEAR)
        choices = READINGS if full and policy_name == "zibo-2022" else {}
        settled = pipeline.settle(policy, YEAR, tables.facts, tables.ledger if full else [], standards, choices)
        amounts: dict[tuple[str, str], int] = {}
        for line in settled.lines:
            if line.claim.award in awards:
                amounts[(line.claim.award, line.claim.key)] = _amount(line, full)
        for award in awards:
            if full or award != SHOP:
                found[award] = [amounts[(award, key)] for key in (shop_keys if award == SHOP else firm_keys)]
    return found


def _amount(line: Line, full: bool) -> int:
    if line.outcome in (Outcome.NEEDS_DATA, Outcome.PROVISIONAL):
        raise ValueError(f"{line.claim.award} {line.claim.key}: {line.outcome} {[item.text for item in line.missing]}")
    return line.payable_fen if full else int(line.amounts.get("封顶后") or 0)


def different(left: Amounts, right: Amounts) -> list[tuple[str, int, int, int]]:
    """Where two results differ: (award, row, left, right). Every award of `right` must be in `left`."""
    return [
        (award, row, one, other)
        for award, amounts in right.items()
        for row, (one, other) in enumerate(zip(left[award], amounts, strict=True))
        if one != other
    ]
