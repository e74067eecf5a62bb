"""The interpreter as judge of chosen lines: the same objects, the same claims, compared column by column.

Compared is what a claim is by itself: its outcome before 频次, who is paid, the row of the table, 计算额, 舍入后, its caps, and what is missing. What
depends on other lines is held against `invariants`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from .. import pipeline
from ..award.history import History
from ..award.record import Claim, Line
from ..award.waterfall import HighestRule, run_waterfall
from ..engine.compiled import Run, missing_of
from ..engine.explain import Explainer
from ..engine.ground import highest_rule
from ..plan.claim import OUTCOMES
from ..plan.sql import quoted
from ..policy.standards import Standards
from ..values.diagnostic import Defects, Diagnostic, Place
from ..values.facts import Facts, Paid
from ..values.frames import KEY, Frames
from ..values.money import exact
from ..values.terms import Outcome
from .subset import Subset

q = quoted
BATCH = 20_000  # objects judged at once
MOST_SHOWN = 5
CHOSEN, CLAIMED, BATCHES = "·查", "·申", "·批"
# what the steps after 频次 may still make of an outcome
AFTERWARDS: dict[Outcome, tuple[Outcome, ...]] = {
    Outcome.CANCELLED: (Outcome.CANCELLED,),
    Outcome.NOT_MET: (Outcome.NOT_MET, Outcome.ALREADY_AWARDED),
    Outcome.NEEDS_DATA: (Outcome.NEEDS_DATA, Outcome.ALREADY_AWARDED, Outcome.NOT_MET),
    Outcome.REGISTRABLE: (Outcome.REGISTRABLE, Outcome.NOT_MET),
    Outcome.PAYABLE: (Outcome.PAYABLE, Outcome.PROVISIONAL, Outcome.ALREADY_AWARDED, Outcome.NEEDS_DATA, Outcome.CAP_EXHAUSTED, Outcome.NOT_MET),
}  # fmt: skip


class Judge:
    """Compares the chosen lines of a run. connection: DuckDB with the tables of facts and ·查 (序, 种类, 标识, 界): the lines to look at."""

    def __init__(self, run: Run, connection: Any, frames: Frames, choices: Mapping[str, str], *, reasons: bool, said: Callable[[str, int, int], None]) -> None:
        self.run, self.connection, self.choices, self.reasons, self.said = run, connection, choices, reasons, said
        self.standards: Standards = run.standards
        self.subset = Subset(connection, frames, run.bound, run.standards, run.year, every_loose=reasons)
        self.found: list[Diagnostic] = []

    def check(self, folder: Path, lines: str) -> int:
        """Compare every chosen line; how many there were. lines: SELECT of the lines as written. Raises Defects (DX961) where any differs."""
        claims = {claim.place: claim for claim in self.run.plan.claims}
        for place in claims:
            self._claimed(folder, place)
        numbered = f"SELECT 种类, {q(KEY)}, (row_number() OVER (ORDER BY 种类, {q(KEY)}) - 1) // {BATCH} AS 批 FROM (SELECT DISTINCT 种类, {q(KEY)} FROM {q(CHOSEN)})"
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {q(BATCHES)} AS {numbered}")
        batches = self.connection.execute(f"SELECT coalesce(max(批) + 1, 0) FROM {q(BATCHES)}").fetchone()[0]
        if batches > 1:
            self.subset.keep(f"SELECT 种类, {q(KEY)} FROM {q(CHOSEN)}")
        judged = 0
        for batch in range(batches):
            self.said("解释器核对", batch, batches)
            judged += self._batch(batch, lines)
            if self.found:
                raise Defects(self.found)
        return judged

    def _claimed(self, folder: Path, place: int) -> None:
        """·申〈序〉: the claims of the chosen objects of one award as the engine has them."""
        claim = next(item for item in self.run.plan.claims if item.place == place)
        chosen = folder / f"chosen-{place}.parquet"
        self.connection.execute(f"COPY (SELECT 种类, {q(KEY)} FROM {q(CHOSEN)} WHERE 序 = {place}) TO '{_literal(chosen)}' (FORMAT parquet)")
        self.run.engine.register(CHOSEN + str(place), chosen)
        cells = ["受益人", "状态", "档", "计算额", "舍入后", *(["计算额分母"] if claim.moving else []), *(["缺"] if self.reasons else [])]
        cells += [name for cap in claim.caps for name in (cap.limit, cap.has)]
        listed = ", ".join(f"s.{q(cell)}" for cell in (KEY, "种类", *cells))
        sql = f"SELECT {listed} FROM {q(claim.table)} AS s JOIN {q(CHOSEN + str(place))} AS x ON x.{q(KEY)} = s.{q(KEY)} AND x.{q('种类')} = s.{q('种类')}"
        result = folder / f"claimed-{place}.parquet"
        self.run.engine.write_parquet(self.run.plan.inlined(sql), result)
        self.run.engine.drop(CHOSEN + str(place))
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {q(CLAIMED + str(place))} AS SELECT * FROM read_parquet('{_literal(result)}')")

    # --- one batch --------------------------------------------------------------------------------------------------------------------

    def _batch(self, batch: int, lines: str) -> int:
        facts, ledger = self.subset.facts(f"SELECT 种类, {q(KEY)} FROM {q(BATCHES)} WHERE 批 = {batch}")
        _, _, assessor, _ = pipeline.prepare(self.run.policy, self.standards, facts, ledger, self.choices)
        judged = 0
        for claim in self.run.plan.claims:
            cursor = self.connection.execute(self._side_by_side(claim, batch, lines), [claim.rule.name])
            while rows := cursor.fetchmany(10_000):
                judged += len(rows)
                for kind, *row in rows:
                    thing = facts.find(kind, row[0])
                    made = assessor.assess(claim.rule.name, thing, self.run.year) if thing is not None else None
                    one, other = self._interpreted(made), self._compiled(row, claim)
                    if one != other:
                        self._differs(facts, ledger, claim.rule.name, kind, row[0], one, other)
                        if len(self.found) >= MOST_SHOWN:
                            return judged
        return judged

    def _side_by_side(self, claim: Any, batch: int, lines: str) -> str:
        """The chosen claims of one award as the engine has them, beside the line that was written. $1: the award."""
        cells = [f"c.{q(cell)}" for cell in ("种类", KEY, "受益人", "状态", "档", "计算额", "舍入后")]
        cells += [f"c.{q('计算额分母')}" if claim.moving else "1", f"c.{q('缺')}" if self.reasons else "NULL"]
        cells += [f"w.{q(cell)}" for cell in ("结果", "受益人", "档", "计算额", "计算额分母", "舍入后")]
        cells += [f"CASE WHEN c.{q(cap.has)} THEN c.{q(cap.limit)} END" for cap in claim.caps]
        return (
            f"SELECT {', '.join(cells)} FROM {q(CLAIMED + str(claim.place))} AS c JOIN {q(BATCHES)} AS s ON s.{q(KEY)} = c.{q(KEY)} AND s.种类 = c.种类 AND s.批 = {batch} "
            f"LEFT JOIN ({lines}) AS w ON w.奖补 = $1 AND w.{q(KEY)} = c.{q(KEY)} AND w.对象类型 = c.种类 ORDER BY c.种类, c.{q(KEY)}"
        )

    def _interpreted(self, made: Claim | None) -> dict[str, Any]:
        if made is None:
            return {"对象": "没有"}
        line = first(made)
        said: dict[str, Any] = {"结果": line.outcome.value, "受益人": made.recipient, "档": made.tier, "计算额": line.amounts.get("计算额"), "舍入后": line.amounts.get("舍入后")}
        if line.outcome is Outcome.PAYABLE:
            said["封顶"] = [max(0, int(limit.amount // 1)) for limit in made.limits]
        if self.reasons:
            said["缺"] = made.missing if line.outcome is Outcome.NEEDS_DATA else frozenset()
        return {**said, "写出的": "一致"}

    def _compiled(self, row: Sequence[Any], claim: Any) -> dict[str, Any]:
        _, payee, state, tier, top, rounded, under, missing, ended, payee_w, tier_w, top_w, under_w, rounded_w, *caps = row
        outcome = OUTCOMES[state]
        label = self.run.plan.tiers[claim.place][tier - 1] if tier else ""
        amount = None if top is None else exact(Fraction(int(top), int(under) * claim.den))
        said: dict[str, Any] = {"结果": outcome.value, "受益人": payee or "", "档": label, "计算额": amount, "舍入后": None if rounded is None else int(rounded)}
        if outcome is Outcome.PAYABLE:
            said["封顶"] = [int(cap) for cap in caps if cap is not None]
        if self.reasons:
            said["缺"] = missing_of(missing or "") if outcome is Outcome.NEEDS_DATA else frozenset()
        written = None if top_w is None else exact(Fraction(int(top_w), int(under_w)))
        same = (payee_w, tier_w, written, rounded_w) == (payee or "", label, amount, rounded) and ended is not None and Outcome(ended) in AFTERWARDS[outcome]
        return {**said, "写出的": "一致" if same else f"{ended}、{payee_w}、{tier_w}、{written}、{rounded_w}"}

    def _differs(self, facts: Facts, ledger: list[Paid], award: str, kind: str, key: str, one: dict[str, Any], other: dict[str, Any]) -> None:
        columns = [name for name in {**one, **other} if one.get(name) != other.get(name)]
        found = "；".join(f"{name} {_shown(one.get(name))} ≠ {_shown(other.get(name))}" for name in columns)
        details = {"line": f"{award} {key}", "found": found, "one": " / ".join(self._trace(facts, ledger, award, kind, key)),
                   "other": "；".join(f"{name} {_shown(value)}" for name, value in other.items())}  # fmt: skip
        self.found.append(Diagnostic("DX961", (Place(self.run.policy.document.file),), details))

    def _trace(self, facts: Facts, ledger: list[Paid], award: str, kind: str, key: str) -> list[str]:
        """The interpreter's own account of a line."""
        bound, fixed, assessor, entries = pipeline.prepare(self.run.policy, self.standards, facts, ledger, self.choices, traced=True)
        thing = facts.find(kind, key)
        if thing is None:
            return ["没有这个对象"]
        history = History(list(entries), self.run.year, fixed.validity, assessor.key_of_entry)
        (line,) = run_waterfall([assessor.assess(award, thing, self.run.year)], history, highest_rule(bound, self.standards))
        return Explainer(assessor, self.run.year, entries).explain(line)


def first(claim: Claim) -> Line:
    """A claim as a line before anything that concerns other claims: no 频次, no caps, no places."""
    alone = Claim(**{name: getattr(claim, name) for name in _FIELDS})
    (line,) = run_waterfall([alone], _EMPTY, HighestRule())
    return line


_FIELDS = ("award", "clause", "kind", "key", "recipient", "recipient_name", "year", "place", "met", "cancelled", "missing", "amount", "tier", "standard_only", "rounding")


class _Nothing:
    """A history without payments."""

    entries: tuple[Paid, ...] = ()

    def post(self, entry: Paid, pots: list[Any]) -> None:
        """Nothing is kept."""


_EMPTY: Any = _Nothing()


def _shown(value: Any) -> str:
    if isinstance(value, frozenset):
        return "、".join(sorted(item.text for item in value)) or "（没有）"
    if isinstance(value, list):
        return "、".join(map(str, value)) or "（没有）"
    return "（空）" if value is None or value == "" else str(value)


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")
