"""Computed twice: the compiled engine beside the interpreter, and what differs between them, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from .award.record import STAGES, Line
from .engine.compiled import Run, run
from .engine.ground import ground
from .pipeline import Settlement
from .policy.model import Policy
from .policy.standards import Standards
from .values.diagnostic import Defects, Diagnostic, Place
from .values.facts import Facts, Paid
from .values.labels import amount_text, listed, missing_text, outcome_text, say
from .values.messages import Language
from .values.terms import Outcome

ENGINES = ("auto", "interpret", "duckdb", "spark")
FEW = 20_000  # objects: up to here several threads, or tables on disk, cost more than they save
FEW_OPTIONS = {"duckdb": {"small": True}, "spark": {"small": True}}
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
    from .tables.numbers import numbered

    frames, tables = frames_of(facts, ledger, policy)
    tables = numbered(frames, tables)
    own = isinstance(engine, str)
    few = sum(frame.rows for frame in frames.objects.values()) <= FEW
    started = start(engine, **(FEW_OPTIONS[engine] if few else {})) if own else engine
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


def check(result: Settlement, other: Settlement, traces: Callable[[str, str, Language], list[str]]) -> None:
    """Refuse a settlement the two evaluators do not agree on: Defects (DX961), a line each, with both accounts in both languages.

    traces: (award, object, language) -> the interpreter's own account of the line.
    """
    if result.totals == other.totals and not differences(result.lines, other.lines):
        return
    place = Place(result.policy.document.file)
    theirs = {_identity(line): line for line in other.lines}
    mine = {_identity(line): line for line in result.lines}
    defects = []
    for key in dict.fromkeys([*mine, *theirs]):
        one, two = mine.get(key), theirs.get(key)
        if len(defects) == MOST_SHOWN or (one is not None and two is not None and said(one) == said(two)):
            continue
        details: dict[str, Any] = {"line": f"{key[0]} {key[2]}", "line_en": f"{key[0]} {key[2]}"}
        for language, end in _LANGUAGES:
            details["found" + end] = _apart(one, two, language)
            details["one" + end] = " / ".join(traces(key[0], key[2], language)) if one is not None else _absent(language)
            details["other" + end] = "; ".join(f"{name} {value}" for name, value in shown(two, language).items()) if two is not None else _absent(language)
        defects.append(Diagnostic("DX961", (place,), details))
    if not defects:
        details = {"line": "总额", "line_en": "the totals", "found": "总额的结果不同", "found_en": "the results of the totals differ"}
        for (language, end), name in product(_LANGUAGES, ("one", "other")):
            details[name + end] = "; ".join(_pot(total, language) for total in (result if name == "one" else other).totals)
        defects.append(Diagnostic("DX961", (place,), details))
    raise Defects(defects)


def _identity(line: Line) -> tuple[str, str, str]:
    return line.claim.award, line.claim.kind, line.claim.key


def _absent(language: Language) -> str:
    return "没有这一笔" if language == "zh" else "no such line"


def _apart(one: Line | None, two: Line | None, language: Language) -> str:
    """The columns in which two lines differ, each as the interpreter ≠ as the compiled engine has it."""
    if one is None or two is None:
        return "只有一个引擎有这一笔" if language == "zh" else "only one engine has the line"
    columns = [name for name, value in said(one).items() if value != said(two)[name]]
    a, b = shown(one, language), shown(two, language)
    return "; ".join(f"{name}: {a[name]} ≠ {b[name]}" for name in (_column(column, language) for column in columns))


def _pot(total: Any, language: Language) -> str:
    amounts = (("申报", total.claimed_fen), ("核定", total.granted_fen), ("以前已用", total.spent_fen))
    key = f"（{'、'.join(total.key)}）" if total.key else ""
    return f"{total.name}{key} " + " ".join(f"{say(name, language)} {amount_text(amount, language)}" for name, amount in amounts)


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


def _column(name: str, language: Language) -> str:
    return name if language == "zh" else _COLUMNS.get(name) or say(name, "en")


def shown(line: Line, language: Language = "zh") -> dict[str, str]:
    """The same columns for people, in a language: amounts in 元, what is missing as sentences."""
    found = {}
    for name, value in said(line).items():
        if name == "结果":
            text = outcome_text(line.outcome, language)
        elif name == "总额":
            text = listed((f"{total} {amount_text(left, language)}" for total, left in value), language)
        elif name == "暂估":
            text = listed(value, language)
        elif name == "缺":
            text = listed(sorted(missing_text(item, language) for item in value), language)
        elif isinstance(value, (int, Fraction)):
            text = amount_text(value, language)
        else:
            text = str(value) if value is not None else ""
        found[_column(name, language)] = text or "—"
    return found


_LANGUAGES: tuple[tuple[Language, str], ...] = (("zh", ""), ("en", "_en"))
_COLUMNS = {"结果": "result", "受益人": "payee", "档": "tier", "追回": "recovered", "总额": "totals", "暂估": "estimates", "缺": "missing"}
