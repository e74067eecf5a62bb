"""Why each amount of one object of very large tables is what it is: everyone is settled on the engine, and the interpreter tells what the object needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import pipeline
from ..award.history import History
from ..award.record import Line
from ..award.totals import retell
from ..award.waterfall import run_waterfall
from ..engine.compiled import Run, run
from ..engine.explain import Explainer
from ..engine.ground import highest_rule
from ..plan.sql import quoted, text
from ..policy.model import Policy
from ..policy.standards import Standards, reasons_of
from ..policy.suggest import remedies
from ..programme import known_award
from ..twice import start
from ..values.diagnostic import Defects, Diagnostic, Place
from ..values.frames import KEY, Frames
from ..values.messages import Language
from ..values.terms import Outcome
from .settle import MEMORY, STAGES, Progress, told
from .stop import Holder, stoppable
from .subset import Subset

q = quoted
WITH_ALL = "与其他各笔一起算"  # why a stage is not what the object's own lines alone come to


def explain_large(policy: Policy, year: int, paths: Sequence[str | Path], key: str, award: str | None = None, *, standards: Standards | None = None,
                  choices: Mapping[str, str] | None = None, language: Language = "zh", memory_limit: str | None = None,
                  temp_directory: str | Path | None = None, threads: int | None = None, progress: Progress | None = None) -> list[str]:  # fmt: skip
    """The explanation of an object's lines (those it has, is paid for, or that belong to it), as lines of text. paths and limits as in `settle_large`.

    Raises Defects as `settle_large` does, DX954 for a key or award that is not on file, DX961 where the interpreter comes to another claim.
    Raises KeyboardInterrupt where the user stops it.
    """
    known_award(award, [rule.name for rule in policy.rules.values() if rule.kind != "认定"], policy)

    def work(holder: Holder) -> list[str]:
        from ..tables.columnar import open_frames
        from ..tables.numbers import number_tables

        engine = start("duckdb", memory_limit=memory_limit or MEMORY, threads=threads, temp_directory=temp_directory)
        try:
            holder.running(engine)

            def said(done: int, total: int, what: str) -> None:
                holder.heard()
                if progress:
                    progress(done, total, what)

            said(0, 0, "读入")
            frames = open_frames(engine.connection, paths, policy, year, notices=[])
            _on_file(policy, frames, engine.connection, key)
            number_tables(engine.connection, frames, policy)
            done = run(policy, year, frames, engine, standards, choices, owned=False, progress=said)
            return _pages(done, frames, engine.connection, choices or {}, key, award, language)
        finally:
            holder.running()
            engine.close()

    with told("duckdb", policy):
        return stoppable(work)


def _on_file(policy: Policy, frames: Frames, connection: Any, key: str) -> None:
    count = found = 0
    for frame in frames.objects.values():
        rows, own = connection.execute(f"SELECT count(*), count(*) FILTER (WHERE {q(KEY)} = $1) FROM {q(frame.name)}", [key]).fetchone()
        count, found = count + rows, found + own
    if not found:
        details = {"found": key, "expected": f"数据里的对象（{count} 个）的标识", **remedies(key, [], "核对标识。", "check the key.")}
        raise Defects([Diagnostic("DX954", (Place(policy.id),), details)])


def _pages(done: Run, frames: Frames, connection: Any, choices: Mapping[str, str], key: str, award: str | None, language: Language) -> list[str]:
    own = done.lines(_own(done, frames, key))
    payees = ", ".join(text(payee) for payee in sorted({line.claim.recipient for line in own} - {""}))
    beside = {line.claim.id: line for line in [*own, *(done.lines(f"{q('受益人')} IN ({payees})") if payees else ())]}  # 就高 and most caps lie between these
    chosen = ", ".join(f"({text(kind)}, {text(one)})" for kind, one in sorted({(line.claim.kind, line.claim.key) for line in beside.values()}))
    if not chosen:
        return []
    facts, ledger = Subset(connection, frames, done.bound, done.standards, done.year, every_loose=True).facts(f"SELECT * FROM (VALUES {chosen}) AS v(种类, {q(KEY)})")
    bound, fixed, assessor, entries = pipeline.prepare(done.policy, done.standards, facts, ledger, choices, traced=True)
    history = History(list(entries), done.year, fixed.validity, assessor.key_of_entry)
    claims = [assessor.assess(line.claim.award, facts.things[line.claim.kind][line.claim.key], done.year) for line in beside.values()]
    alone = {line.claim.id: line for line in run_waterfall([claim for claim in claims if claim is not None], history, highest_rule(bound, done.standards))}
    explainer = Explainer(assessor, done.year, entries, reasons=reasons_of(done.standards))
    pages = [explainer.explain(_settled(alone[line.claim.id], line, done), language) for line in own if award is None or line.claim.award == award]
    return [line for place, page in enumerate(pages) for line in ([""] if place else []) + page]


def _own(done: Run, frames: Frames, key: str) -> str:
    """A test of the lines an object has a part in."""
    tests = [f"{q(KEY)} = {text(key)}", f"{q('受益人')} = {text(key)}"]
    for kind, frame in frames.objects.items():
        declared = done.policy.vocabulary.objects[kind]
        for column in [frame.columns.get((declared.parent_relation, period)) for period in (None, done.year)] if declared.parent else ():
            if column is not None:
                tests.append(f"({q('种类')} = {text(kind)} AND {q(KEY)} IN (SELECT {q(KEY)} FROM {q(frame.name)} WHERE {q(column.name)} = {text(key)}))")
    return " OR ".join(tests)


def _settled(line: Line, with_all: Line, done: Run) -> Line:
    """A line of the interpreter as it ended with everyone else. Raises Defects (DX961) where the claim itself is another."""
    claimed = [(name, line.amounts.get(name), with_all.amounts.get(name)) for name in ("计算额", "舍入后")]
    if different := [one for one in claimed if one[1] != one[2]]:
        details = {"line": f"{line.claim.award} {line.claim.key}", "found": "；".join(f"{name} {ours} ≠ {theirs}" for name, ours, theirs in different),
                   "one": "；".join(f"{name} {ours}" for name, ours, _ in claimed), "other": "；".join(f"{name} {theirs}" for name, _, theirs in claimed)}  # fmt: skip
        raise Defects([Diagnostic("DX961", (Place(done.policy.document.file),), details)])
    before = line.amounts.get("舍入后")
    for stage in STAGES[1:-1]:
        after = with_all.amounts.get(stage)
        if line.amounts.get(stage) != after:
            line.reasons.pop(stage, None)
            limits = "、".join(limit.text for limit in line.claim.limits) if stage == "封顶后" else ""
            line.set(stage, after, (f"封顶 {limits}：{WITH_ALL}" if limits else WITH_ALL) if after != before else "")
        before = after
    retell(line, with_all.cuts, done.totals)
    line.amounts.update({stage: with_all.amounts.get(stage) for stage in ("核减后", "应付")})
    line.outcome, line.claw_back_fen = with_all.outcome, with_all.claw_back_fen
    line.missing = with_all.missing if with_all.outcome is Outcome.NEEDS_DATA else line.missing
    return line
