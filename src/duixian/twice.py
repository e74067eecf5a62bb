"""Computed twice: the compiled engine beside the interpreter, and what differs between them, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .award.record import STAGES, Line
from .engine.compiled import Run, run
from .engine.ground import ground
from .pipeline import Settlement
from .policy.model import Policy
from .policy.standards import Standards
from .values.diagnostic import Defects, Diagnostic, Place
from .values.facts import Facts, Paid
from .values.terms import Outcome

ENGINES = ("auto", "interpret", "duckdb", "spark")
FEW = 20_000  # objects: up to here several threads cost more than they save
MOST_SHOWN = 5  # lines that differ, in one refusal


def start(name: str, **options: Any) -> Any:
    """A relational engine by name: duckdb or spark."""
    if name == "spark":
        from .engine.spark import SparkEngine

        return SparkEngine(**options)
    from .engine.duck_engine import DuckEngine

    return DuckEngine(**options)


def compiled(policy: Policy, year: int, facts: Facts, ledger: Iterable[Paid] = (), standards: Standards | None = None, choices: Mapping[str, str] | None = None, *,
             engine: Any = "duckdb", reasons: bool = True) -> Run:  # fmt: skip
    """Facts and ledger of the interpreter, settled by the compiled engine: one that is running, or one started by name and closed with the run."""
    from .tables.frames import frames_of

    frames, tables = frames_of(facts, ledger, policy)
    own = isinstance(engine, str)
    few = sum(frame.rows for frame in frames.objects.values()) <= FEW
    started = start(engine, **({"threads": 1} if few and engine == "duckdb" else {})) if own else engine
    try:
        for name, table in tables.items():
            started.register(name, table)
        return run(policy, year, frames, started, standards, choices, reasons=reasons, owned=own, given=list(tables))
    except BaseException:
        if own:
            started.close()
        raise


def settle_compiled(policy: Policy, year: int, facts: Facts, ledger: Iterable[Paid] = (), standards: Standards | None = None,
                    choices: Mapping[str, str] | None = None, *, engine: Any = "duckdb") -> Settlement:  # fmt: skip
    """What `pipeline.settle` returns, from the compiled engine: amounts, outcomes and what is missing; no sentences."""
    done = compiled(policy, year, facts, ledger, standards, choices, engine=engine)
    try:
        return Settlement(policy, done.bound, year, done.standards, ground(done.bound), done.lines(), done.totals)
    finally:
        done.close()


def check(result: Settlement, other: Settlement, traces: Callable[[str, str], list[str]]) -> None:
    """Refuse a settlement the two evaluators do not agree on: Defects (DX961), a line each, with both traces.

    traces: (award, object) -> the interpreter's own account of the line.
    """
    found = differences(result.lines, other.lines)
    if not found and result.totals == other.totals:
        return
    place = Place(result.policy.document.file)
    theirs = {(line.claim.award, line.claim.key): line for line in other.lines}
    defects = []
    for line in result.lines:
        key = (line.claim.award, line.claim.key)
        differs = [text for text in found if text.startswith(f"{line.claim.award} {line.claim.kind} {line.claim.key} ")]
        if differs and len(defects) < MOST_SHOWN:
            columns = "；".join(f"{name} {value}" for name, value in said(theirs[key]).items()) if key in theirs else "没有这一笔"
            details = {"found": "；".join(text.split(" ", 3)[-1] for text in differs), "line": " ".join(key), "one": " / ".join(traces(*key)), "other": columns}
            defects.append(Diagnostic("DX961", (place,), details))
    if not defects:
        details = {"found": "总额的结果不同" if result.totals != other.totals else found[0], "line": result.policy.id, "one": str(result.totals), "other": str(other.totals)}
        defects.append(Diagnostic("DX961", (place,), details))
    raise Defects(defects)


def differences(one: list[Line], other: list[Line]) -> list[str]:
    """What differs between two engines, a sentence a line: the award, the object, the column, both values."""
    found = []
    mine, theirs = ({(line.claim.award, line.claim.kind, line.claim.key): line for line in lines} for lines in (one, other))
    for key in mine.keys() ^ theirs.keys():
        found.append(f"{' '.join(key)}：只有一个引擎有这一笔")
    for key in mine.keys() & theirs.keys():
        a, b = said(mine[key]), said(theirs[key])
        for column in a:
            if a[column] != b[column]:
                found.append(f"{' '.join(key)} {column}：{a[column]} ≠ {b[column]}")
    return sorted(found)


def said(line: Line) -> dict[str, Any]:
    """The columns every engine returns, as they are compared."""
    return {
        "结果": line.outcome.value, "受益人": line.claim.recipient, "档": line.claim.tier, "应付": line.payable_fen, "追回": line.claw_back_fen,
        **{stage: line.amounts.get(stage) for stage in STAGES},
        "总额": tuple(line.cuts), "暂估": line.claim.provisional if line.outcome in (Outcome.PAYABLE, Outcome.PROVISIONAL) else (),
        "缺": line.missing if line.outcome is Outcome.NEEDS_DATA else frozenset(),
    }  # fmt: skip

