"""One year of one policy over files of any size: files → tables → lines as Parquet, then the interpreter looks at what could most easily be wrong.

Nothing appears at the place of the result until every check has passed; whatever stops the work leaves nothing behind.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import pipeline
from ..award.totals import TotalResult
from ..engine.compiled import Run, fixed_of, run
from ..engine.ground import ground
from ..engine.relational import EngineError
from ..plan.aggregates import Uncompiled
from ..plan.claim import OPEN, OUTCOMES
from ..plan.lower import Lowering
from ..plan.sql import FIELD, RECORD, quoted, text
from ..plan.stored import Ground
from ..policy.model import Policy
from ..policy.readings import Bound
from ..policy.standards import Standards
from ..programme import Programme
from ..tables.read import Input
from ..twice import start
from ..values.diagnostic import Defects, Diagnostic, Place
from ..values.drafts import draft_folder
from ..values.frames import KEY, Frames
from ..values.terms import Outcome, Waits
from .inputs import inputs_of
from .invariants import broken
from .judge import CHOSEN, Judge
from .near import near_sql
from .stop import stoppable

q = quoted
SMALL = 200_000  # lines: up to here every one is checked by the interpreter
SAMPLE = 20_000
MEMORY = "1500MB"  # of DuckDB, which spills beyond it: ten million rows took a sixteenth longer under 1 GB than with all the memory there is
STAGES = ("舍入后", "补差后", "封顶后", "名额后", "就高后", "核减后")
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """How the claims of one award ended. Grain: one row an award and outcome. Amounts in 分; reached_fen: 核减后, estimates included."""

    award: str
    clause: str
    outcome: str
    lines: int
    reached_fen: int
    payable_fen: int


@dataclass(slots=True)
class LargeResult:
    """A settlement whose lines stand in a Parquet file (or folder) at `path`. Amounts in 分.

    Grain of the file: one row an award and object, in no particular order. Its columns: 奖补 条款 对象类型 标识 受益人 结果 档, 计算额 and
    计算额分母 (exact: one over the other), 舍入后 … 核减后 (NULL where there is no amount), 应付, 追回额, 暂估, and 缺 where reasons were asked for.
    lines: how many; checked_boundary: of these, within one step of a boundary or at a cap, all computed again by the interpreter;
    checked_sample: of the rest, drawn by `seed`, computed again too.
    """

    policy: Policy
    bound: Bound
    year: int
    standards: Standards
    engine: str
    path: Path
    totals: list[TotalResult]
    outcomes: list[Ended]
    lines: int
    checked_boundary: int
    checked_sample: int
    seed: int
    notices: list[str] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)

    @property
    def payable_fen(self) -> int:
        """What may be paid in all."""
        return sum(item.payable_fen for item in self.outcomes)


def settle_large(policy: Policy, year: int, paths: Sequence[str | Path], *, standards: Standards | None = None, choices: Mapping[str, str] | None = None,
                 engine: str = "duckdb", into: str | Path, memory_limit: str | None = None, temp_directory: str | Path | None = None,
                 threads: int | None = None, seed: int = 0, sample: int = SAMPLE, reasons: bool = False, small: int = SMALL,
                 progress: Progress | None = None) -> LargeResult:  # fmt: skip
    """Settle one year of files too large for objects, and write every line to `into`: a .parquet file, or a new folder of them.

    paths: .parquet, .csv, or folders of part files, as `tables.columnar` reads them. engine: duckdb or spark. memory_limit ('8GB'; None: `MEMORY`), threads
    and temp_directory (where it spills) are the engine's. reasons: with the column 缺. Up to `small` lines the interpreter computes every claim again;
    beyond that every claim within one step of a boundary or at a cap, and `sample` of the rest by `seed`. progress: (done, all, what).

    Raises Defects: what cannot be read (DT1xx), settled (DX95x) or written (DX973); any difference between the two engines (DX961), any broken
    invariant (DX970); the engine out of memory or disk (DX971), stopped (DX972), short of a form (DX974) or of digits (DX975), or not there (DX976).
    Raises KeyboardInterrupt where the user stops it. In each case nothing is left behind.
    """
    target = _free(Path(into))
    unsound = Programme(policy).defects_of_law()
    asked = _Asked(policy, year, list(paths), standards or Standards(year), dict(choices or {}), engine, reasons, small, sample, seed,
                   memory_limit, temp_directory, threads, progress)  # fmt: skip
    with told(engine, policy), _draft(target) as folder:
        result = stoppable(lambda holder: _Settling(asked, folder, target, holder).settle())
        try:
            os.replace(folder / _name(target), target)
        except OSError as error:
            raise _unwritable(target, error) from error
    if unsound:
        result.notices.insert(0, f"政策没有通过检查（{len(unsound)} 处错误，运行 check 查看）：结果只能试算，不能支付。")
    return result


@dataclass(slots=True)
class _Asked:
    policy: Policy
    year: int
    paths: list[str | Path]
    standards: Standards
    choices: dict[str, str]
    engine: str
    reasons: bool
    small: int
    sample: int
    seed: int
    memory_limit: str | None
    temp_directory: str | Path | None
    threads: int | None
    progress: Progress | None


class _Settling:
    """One settlement in a folder of its own. holder: whoever may want to interrupt what runs."""

    def __init__(self, asked: _Asked, folder: Path, target: Path, holder: Any) -> None:
        self.asked, self.folder, self.target, self.holder = asked, folder, target, holder
        self.done = 0

    def said(self, what: str, done: int = 0, total: int = 0) -> None:
        """Tell how far it is; the place where a user who wants to stop is heard."""
        self.holder.heard()
        if self.asked.progress:
            self.asked.progress(done, total, what)

    def settle(self) -> LargeResult:
        asked = self.asked
        facts = start("duckdb", memory_limit=asked.memory_limit or MEMORY, threads=asked.threads, temp_directory=asked.temp_directory)
        try:
            self.holder.running(facts)
            return self._settle(facts)
        finally:
            self.holder.running()
            facts.close()

    def _settle(self, facts: Any) -> LargeResult:
        from ..tables.columnar import open_frames
        from ..tables.numbers import number_tables

        asked, connection = self.asked, facts.connection
        warnings: list[Diagnostic] = []
        self.said("读入")
        inputs = inputs_of(asked.paths, asked.policy, connection)
        frames = open_frames(connection, asked.paths, asked.policy, asked.year, notices=warnings)
        number_tables(connection, frames, asked.policy)
        settler = facts if asked.engine == "duckdb" else self._other(facts, frames)
        try:
            done = run(asked.policy, asked.year, frames, settler, asked.standards, asked.choices, reasons=asked.reasons, owned=False,
                       progress=lambda at, steps, what: self.said(what, at, steps))  # fmt: skip
            self.said("写出")
            written = self.folder / _name(self.target)
            settler.write_parquet(done.plan.inlined(lines_sql(done, reasons=asked.reasons)), written)
            lines = f"SELECT * FROM read_parquet({_files(written)})"
            checked = self._check(done, connection, frames, lines)
            outcomes = _outcomes(connection, done, lines)
        finally:
            if settler is not facts:
                self.holder.running(facts)
                settler.close()
        notices = pipeline.notices_of(ground(done.bound), done.totals)
        return LargeResult(asked.policy, done.bound, asked.year, asked.standards, asked.engine, self.target, done.totals, outcomes,
                           sum(item.lines for item in outcomes), *checked, asked.seed, notices, warnings, inputs)  # fmt: skip

    def _other(self, facts: Any, frames: Frames) -> Any:
        """Spark with the tables DuckDB has read."""
        tables = self.folder / "tables"
        tables.mkdir()
        options: dict[str, Any] = {"work": self.asked.temp_directory}
        if self.asked.memory_limit:
            options["memory"] = self.asked.memory_limit.lower().replace("gb", "g").replace("mb", "m").replace(" ", "")  # as Java writes it
        if self.asked.threads:
            options["master"] = f"local[{self.asked.threads}]"
        engine = start("spark", **options)
        try:
            self.holder.running(facts, engine)
            for number, name in enumerate(frames.tables()):
                facts.write_parquet(f"SELECT * FROM {q(name)}", tables / f"{number}.parquet")
                engine.register(name, tables / f"{number}.parquet")
        except BaseException:
            engine.close()
            raise
        return engine

    # --- checking -----------------------------------------------------------------------------------------------------------------------

    def _check(self, done: Run, connection: Any, frames: Frames, lines: str) -> tuple[int, int]:
        """How many lines were computed again, near boundaries and elsewhere. Raises Defects."""
        self.said("核对不变的规律")
        found = list(broken(done, frames, connection, lines))
        if found:
            raise Defects(found)
        self._choose(done, connection, frames, lines)
        count = connection.execute(f"SELECT count(*) FILTER (WHERE 界), count(*) FILTER (WHERE NOT 界) FROM {q(CHOSEN)}").fetchone()
        Judge(done, connection, frames, self.asked.choices, reasons=self.asked.reasons, said=self.said).check(self.folder, lines)
        return count

    def _choose(self, done: Run, connection: Any, frames: Frames, lines: str) -> None:
        """·查: the lines near a boundary or at a cap, and some of the rest (all where there are few)."""
        asked, fixed = self.asked, fixed_of(done.bound, done.standards)
        lowering = Lowering(done.bound, frames, done.standards, Ground(fixed.validity, fixed.unset_standard), fixed.documents)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {q(CHOSEN)} (序 INTEGER, 种类 VARCHAR, {q(KEY)} VARCHAR, 界 BOOLEAN)")
        total = connection.execute(f"SELECT count(*) FROM ({lines})").fetchone()[0]
        for claim in done.plan.claims:
            self.said(f"找界限附近的 {claim.rule.name}")
            parts = [near_sql(lowering, claim.rule, done.year)]
            for cap in claim.caps:
                parts.append(f"SELECT {q(KEY)}, {q('种类')} FROM {q(claim.whole)} WHERE {q('状态')} {OPEN} AND {q(cap.has)} AND ABS(wide({q('补差后')}) - wide({q(cap.limit)})) <= 1")
            near = " UNION ALL ".join(f"SELECT {q(KEY)}, {q('种类')} FROM ({part})" for part in parts if part)
            file = self.folder / f"near-{claim.place}.parquet"
            if near:
                done.engine.write_parquet(done.plan.inlined(near), file)
            own = f"SELECT 对象类型 AS 种类, {q(KEY)} FROM ({lines}) WHERE 奖补 = {text(claim.rule.name)}"
            there = f"SELECT 种类, {q(KEY)} FROM read_parquet({_files(file)}) UNION ALL " if near else ""
            connection.execute(f"INSERT INTO {q(CHOSEN)} SELECT DISTINCT {claim.place}, 种类, {q(KEY)}, TRUE FROM ({there}{own} AND 补差后 IS DISTINCT FROM 封顶后) SEMI JOIN ({own}) USING (种类, {q(KEY)})")
        places = " ".join(f"WHEN {text(claim.rule.name)} THEN {claim.place}" for claim in done.plan.claims)
        rest = (f"SELECT l.* FROM (SELECT CASE 奖补 {places} END AS 序, 对象类型 AS 种类, {q(KEY)} FROM ({lines})) AS l ANTI JOIN {q(CHOSEN)} AS c USING (序, 种类, {q(KEY)})"
                if done.plan.claims else f"SELECT 序, 种类, {q(KEY)} FROM {q(CHOSEN)}")  # fmt: skip
        drawn = f" ORDER BY md5_number_lower({asked.seed} || '·' || 序 || '·' || 种类 || '·' || {q(KEY)}), ALL LIMIT {max(0, asked.sample)}".replace(", ALL", f", 序, 种类, {q(KEY)}")
        connection.execute(f"INSERT INTO {q(CHOSEN)} SELECT 序, 种类, {q(KEY)}, FALSE FROM ({rest}{'' if total <= asked.small else drawn})")


# --- what is written ----------------------------------------------------------------------------------------------------------------------


def lines_sql(done: Run, *, reasons: bool) -> str:
    """Every line with its words, as the file has it."""
    plan = done.plan
    texts, counts = ("奖补", "条款", "对象类型", KEY, "受益人", "结果", "档"), ("计算额", "计算额分母", *STAGES, "应付", "追回额")
    if not plan.claims:
        cells = [*(f"CAST(NULL AS STRING) AS {q(name)}" for name in texts), *(f"CAST(NULL AS BIGINT) AS {q(name)}" for name in counts), f"CAST(NULL AS STRING) AS {q('暂估')}"]
        return f"SELECT {', '.join(cells)}{f', CAST(NULL AS STRING) AS {q(chr(0x7f3a))}' if reasons else ''} WHERE 1 = 0"
    named = {claim.place: claim.rule for claim in plan.claims}
    award = " ".join(f"WHEN {place} THEN {text(rule.name)}" for place, rule in named.items())
    clause = " ".join(f"WHEN {place} THEN {text(rule.clause)}" for place, rule in named.items())
    outcome = " ".join(f"WHEN {place} THEN {text(item.value)}" for place, item in enumerate(OUTCOMES))
    tiers = " ".join(f"WHEN {q('序')} = {place} AND {q('档')} = {number} THEN {text(label)}" for place in named for number, label in enumerate(plan.tiers[place], 1))
    cells = [
        f"CASE {q('序')} {award} END AS {q('奖补')}", f"CASE {q('序')} {clause} END AS {q('条款')}", f"{q('种类')} AS {q('对象类型')}", q(KEY),
        f"COALESCE({q('受益人')}, '') AS {q('受益人')}", f"CASE {q('状态')} {outcome} END AS {q('结果')}", f"{f'CASE {tiers} ELSE {text(str())} END' if tiers else text('')} AS {q('档')}",
        *(f"narrow({q(name)}) AS {q(name)}" for name in ("计算额", "计算额分母")),
        *(f"CAST({q(name)} AS BIGINT) AS {q(name)}" for name in (*STAGES, "应付", "追回额")), f"COALESCE({q('暂估')}, '') AS {q('暂估')}",
    ]  # fmt: skip
    if reasons:
        said = f"{text(RECORD)} || {q('缺')}"
        for number, waits in enumerate(Waits):
            said = f"REPLACE({said}, {text(f'{RECORD}{number}{FIELD}')}, {text(f'；{waits.value} ')})"
        cells.append(f"SUBSTR(REPLACE(REPLACE({said}, {text(FIELD)}, ' '), {text(RECORD)}, ''), 2) AS {q('缺')}")
    return f"SELECT {', '.join(cells)} FROM {q(plan.result)}"


def _outcomes(connection: Any, done: Run, lines: str) -> list[Ended]:
    """How many claims ended how, award by award in the order of the policy."""
    order = {claim.rule.name: claim.place for claim in done.plan.claims}
    ranks = {outcome.value: place for place, outcome in enumerate(Outcome)}
    rows = connection.execute(f"SELECT 奖补, 条款, 结果, count(*), coalesce(sum(核减后), 0), sum(应付) FROM ({lines}) GROUP BY 1, 2, 3").fetchall()
    ended = [Ended(award, clause, outcome, count, int(reached), int(payable)) for award, clause, outcome, count, reached, payable in rows]
    return sorted(ended, key=lambda item: (order[item.award], ranks[item.outcome]))


# --- places, errors -----------------------------------------------------------------------------------------------------------------------


def _name(target: Path) -> str:
    return "lines.parquet" if target.suffix == ".parquet" else "lines"


def _files(path: Path) -> str:
    """The Parquet file, or every file of the folder, as SQL."""
    return text(str(path if path.suffix == ".parquet" else path / "*.parquet"))


def _free(target: Path) -> Path:
    """The place of the result, where it can be put. Raises Defects (DX973)."""
    details = {"name": str(target), "expected": "一个还没有的目录，或一个 .parquet 文件", "expected_en": "a new folder, or a .parquet file"}
    if target.suffix != ".parquet" and target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise Defects([Diagnostic("DX973", (Place(str(target)),), {**details, "found": "已经有了"})])
    if target.suffix == ".parquet" and target.is_dir():
        raise Defects([Diagnostic("DX973", (Place(str(target)),), {**details, "found": "是一个目录"})])
    if not target.parent.is_dir():
        raise Defects([Diagnostic("DX973", (Place(str(target)),), {**details, "found": f"没有目录 {target.parent}"})])
    return target


def _unwritable(target: Path, error: OSError) -> Defects:
    why = error.strerror or type(error).__name__
    return Defects([Diagnostic("DX973", (Place(str(target)),), {"name": str(target), "expected": "能写的位置", "expected_en": "a place that can be written", "found": f"{why}（{type(error).__name__}）"})])


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A folder beside the result in which it is made; gone at the end, whatever happens. What a killed run left there goes first."""
    try:
        folder = draft_folder(target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def told(engine: str, policy: Policy) -> Iterator[None]:
    """Whatever stops an engine, as a diagnostic."""
    import duckdb

    def defect(code: str, found: str) -> Defects:
        return Defects([Diagnostic(code, (Place(policy.document.file),), {"engine": engine, "found": found})])

    try:
        yield
    except Uncompiled as stop:
        raise defect("DX974", str(stop)) from stop
    except EngineError as stop:
        code = {"interrupted": "DX972", "arithmetic": "DX975", "inexact": "DX975", "absent": "DX976"}.get(stop.kind, "DX971")
        raise defect(code, stop.detail[:300]) from stop
    except duckdb.InterruptException as stop:
        raise defect("DX972", str(stop).splitlines()[0]) from stop
    except (duckdb.OutOfMemoryException, duckdb.IOException, MemoryError, OSError) as stop:
        raise defect("DX971", (str(stop).splitlines() or [type(stop).__name__])[0][:300]) from stop
