"""Tables too large for objects: .parquet and .csv straight into DuckDB, in the schema of values/frames.py. The laws are those of read.py.

Every defect of every file is collected, and no table is made unless everything is readable. Only counts, odd cells and what is wrong ever become
Python objects, so the size of a file is bounded by the disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..policy.model import Policy
from ..values.diagnostic import Defects, Diagnostic, Place, in_order
from ..values.facts import Period
from ..values.frames import APPLIED, CLAIMS, KEY, LEDGER, NONE_MARK, Frame, Frames, column_name, table_name
from ..values.terms import OUTSIDE
from .archive import unreadable
from .between import Tables, check_between
from .frames import AWARD, STATED_KEY, claim_facts, in_column_order
from .layout import CLAIMS as CLAIM_SHEET
from .layout import FIXED, HISTORY, facts_of, fixed_columns, object_kinds
from .plain import ident, literal, sql_type
from .probe import Probe, Seen
from .sources import Opener, Source
from .stage import Output, Stage, fact_order, fact_outputs, frame_of

_STAGED = "·暂存·"


def open_frames(
    connection: Any, paths: Sequence[str | Path], policy: Policy, year: int, *, into: str | None = None, notices: list[Diagnostic] | None = None
) -> Frames:
    """Read files (or folders of part files) into tables of a DuckDB connection, and say what they are.

    Tables and grain: values/frames.py; rows stand in no particular order. into: the catalog, or catalog.schema, the tables are made in; None is
    the current one. Tables of the same names there are replaced, all at once, when everything is readable. notices: collects warnings.
    Raises Defects with everything that cannot be read, and where memory or disk do not suffice; then nothing is changed.
    """
    import duckdb

    defects: list[Diagnostic] = []
    warned: list[Diagnostic] = []
    place = ".".join(ident(part) for part in into.split(".")) + "." if into else ""
    reading = _Reading(connection, policy, year, place, defects, warned)
    try:
        with TemporaryDirectory(prefix="duixian-") as folder, _in_file_order(connection):
            try:
                frames = reading.read(paths, Path(folder))
            finally:
                reading.drop()
    except (duckdb.Error, OSError) as error:
        what = str(error).splitlines()[0][:200] if str(error) else ""
        defects.append(Diagnostic("DT176", (Place(str(paths[0]) if paths else "（没有文件）"),), {"found": f"{type(error).__name__}：{what}"}))
        raise Defects(defects) from error
    if notices is not None:
        notices += in_order(warned)
    return frames


@contextmanager
def _in_file_order(connection: Any) -> Iterator[None]:
    """Rows keep the order of their file while they are numbered; whatever was set before is set again."""
    before = connection.execute("SELECT current_setting('preserve_insertion_order')").fetchone()[0]
    connection.execute("SET preserve_insertion_order = true")
    try:
        yield
    finally:
        connection.execute(f"SET preserve_insertion_order = {'true' if before else 'false'}")


class _Reading:
    """One reading: sources, staged tables, finished tables."""

    def __init__(self, connection: Any, policy: Policy, year: int, place: str, defects: list[Diagnostic], warned: list[Diagnostic]) -> None:
        self.connection, self.policy, self.year, self.place = connection, policy, year, place
        self.defects, self.warned = defects, warned
        self.probe = Probe(connection, defects)
        self.staged: list[str] = []

    def read(self, paths: Sequence[str | Path], folder: Path) -> Frames:
        """Everything, up to the finished tables. Raises Defects."""
        opener = Opener(self.connection, self.policy, self.year, folder, self.defects)
        looked = [seen for source in opener.open(paths) if (seen := self._look(opener, source)) is not None]
        by_sheet: dict[str, list[Seen]] = {}
        for seen in looked:
            by_sheet.setdefault(seen.source.sheet, []).append(seen)
        tables = Tables(self.policy, self.year, {}, {}, self.defects, self.connection)
        for kind in object_kinds(self.policy):
            if kind in by_sheet:
                tables.objects[kind] = self._objects(kind, by_sheet[kind])
        for sheet in FIXED:
            if sheet in by_sheet:
                tables.fixed[sheet] = self._fixed(sheet, by_sheet[sheet])
        check_between(tables, self.warned)
        if any(item.is_error for item in self.defects):
            raise Defects(self.defects)  # who is missing from a table that was not read is not known: that would only bury the error
        self._warn_outside(by_sheet, looked)
        return self._finish(tables)

    def _look(self, opener: Opener, source: Source) -> Seen | None:
        import duckdb

        try:
            return self.probe.look(source)
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            if source.original is not None and not source.rewritten:
                again = opener.rewrite(source)
                return self._look(opener, again) if again is not None else None
            what = f"读到一半出错（{type(error).__name__}）"
            details = unreadable(what, f"an error while reading ({type(error).__name__})", "重新导出这个文件。", "export the file again.")
            self.defects += [Diagnostic("DT101", (Place(label),), details) for label in source.labels[:1]]
            return None

    def _warn_outside(self, by_sheet: dict[str, list[Seen]], looked: list[Seen]) -> None:
        if OUTSIDE not in by_sheet and any(highest.other_policies for highest in self.policy.highest):
            where = Place(looked[0].source.labels[0]) if looked else Place("（没有文件）")
            remedy = "政策要扣除按其他文件取得的资金：没有这张表，这些奖补都要等补充。"
            remedy_en = "the policy takes off what other policies paid: without the table those awards wait."
            self.warned.append(Diagnostic("DT152", (where,), {"found": OUTSIDE, "remedy": remedy, "remedy_en": remedy_en}))

    # --- staging ---------------------------------------------------------------------------------------------------------------------------

    def _name(self, name: str) -> str:
        self.staged.append(self.place + ident(_STAGED + name))
        return self.staged[-1]

    def _stage(self, sheet: str, seen: list[Seen], name: str) -> Stage:
        stage = Stage(sheet, self._name(name), seen, self.probe)
        self.connection.execute(f"DROP TABLE IF EXISTS {stage.name}")
        stage.settle_scales()
        return stage

    def _objects(self, kind: str, seen: list[Seen]) -> Stage:
        stage = self._stage(kind, seen, table_name(kind))
        stage.identity = seen[0].source.header.identity
        declared = {fact.name: fact for fact in facts_of(self.policy, kind)}
        facts = fact_order(stage, declared, set(stage.identity) - declared.keys())
        stage.outputs = [Output(KEY, "VARCHAR", (stage.identity[0], None)), *fact_outputs(stage, facts)]
        stage.create()
        return stage

    def _fixed(self, sheet: str, seen: list[Seen]) -> Stage:
        stage = self._stage(sheet, seen, sheet)
        lead = [Output(AWARD, "VARCHAR", ("奖补", None)), Output(KEY, "VARCHAR", ("对象", None))]
        if sheet == HISTORY:
            stage.outputs = self._ledger_outputs(stage)
        elif sheet == CLAIM_SHEET:
            facts = fact_order(stage, claim_facts(self.policy), {"奖补", "对象"})
            stage.outputs = [*lead, *fact_outputs(stage, facts)]
        else:
            stage.outputs = [*lead, Output("年度", "BIGINT", ("年度", None)), Output("金额", "BIGINT", ("金额", None))]
        stage.create()
        return stage

    def _ledger_outputs(self, stage: Stage) -> list[Output]:
        """台账 without 序: an empty 受益人 or 档 is ''; a scope key is there where any row states it."""
        blank = {"受益人": "''", "档": "''"}
        fixed = [
            (AWARD, "奖补"),
            ("年度", "年度"),
            (KEY, "对象"),
            ("金额", "金额"),
            ("文件", "文件"),
            ("受益人", "受益人"),
            ("档", "档"),
            ("档位标准", "档位标准"),
        ]
        kinds = {column.name: column.kind for column in fixed_columns(self.policy, HISTORY)}
        outputs = [Output(name, sql_type(kinds[source]), (source, None), otherwise=blank.get(name, "NULL")) for name, source in fixed]
        stated = {name for (name, _), helds in stage.stated().items() if any(held.count or held.odd_values for held in helds)}
        own = sorted(name for name in stated - {source for _, source in fixed})
        return [*outputs, *(Output(STATED_KEY + name, "VARCHAR", (name, None)) for name in own)]

    def drop(self) -> None:
        """Whatever was staged and not finished."""
        import duckdb

        for drop in [*(lambda name=name: self.connection.execute(f"DROP TABLE IF EXISTS {name}") for name in self.staged), self.probe.close]:
            try:
                drop()
            except duckdb.Error:  # the reason it could not be finished is told already
                continue

    # --- finishing -------------------------------------------------------------------------------------------------------------------------

    def _finish(self, tables: Tables) -> Frames:
        frames = Frames(listed=frozenset(tables.objects) | ({OUTSIDE} & tables.fixed.keys()))
        finished: list[str] = []
        for kind, stage in tables.objects.items():
            declared = {fact.name: fact for fact in facts_of(self.policy, kind)}
            facts = fact_order(stage, declared, set(stage.identity) - declared.keys())
            frames.objects[kind] = frame_of(stage, table_name(kind), facts, declared)
            finished.append(table_name(kind))
        self._ledger(frames, tables.fixed.get(HISTORY))
        self._applied(frames, tables)
        self._claims(frames, tables)
        finished += [LEDGER, CLAIMS, *([APPLIED] if frames.applied else [])]
        if any(item.is_error for item in self.defects):
            raise Defects(self.defects)
        self._put_in_place(finished)
        return frames

    def _put_in_place(self, names: list[str]) -> None:
        """Staged tables become the tables, all at once."""
        import duckdb

        try:
            self.connection.execute("BEGIN")
            own = True
        except duckdb.TransactionException:  # the caller's transaction
            own = False
        try:
            for name in names:
                self.connection.execute(f"DROP TABLE IF EXISTS {self.place}{ident(name)}")
                self.connection.execute(f"ALTER TABLE {self.place}{ident(_STAGED + name)} RENAME TO {ident(name)}")
        except BaseException:
            if own:
                self.connection.execute("ROLLBACK")
            raise
        if own:
            self.connection.execute("COMMIT")

    def _ledger(self, frames: Frames, stage: Stage | None) -> None:
        name = self._name(LEDGER)
        self.connection.execute(f"DROP TABLE IF EXISTS {name}")
        if stage is None:
            stage = Stage(HISTORY, name, [], self.probe)
            stage.outputs = [Output("序", "BIGINT", ("序", None)), *self._ledger_outputs(stage)]
            stage.create()
        else:
            self.connection.execute(f"ALTER TABLE {stage.name} RENAME TO {ident(_STAGED + LEDGER)}")
        frames.ledger_rows = self._one(f"SELECT count(*) FROM {name}")
        years: dict[str, list[int]] = {}
        for award, year in self.connection.execute(f"SELECT DISTINCT {ident(AWARD)}, 年度 FROM {name} ORDER BY 1, 2").fetchall():
            years.setdefault(award, []).append(year)
        frames.ledger_years = {award: tuple(found) for award, found in years.items()}
        frames.ledger_keys = tuple(output.name.removeprefix(STATED_KEY) for output in stage.outputs if output.name.startswith(STATED_KEY))

    def _applied(self, frames: Frames, tables: Tables) -> None:
        """已申报: who applied; an award nobody applied for is looked at for every object, and a register always is."""
        stage = tables.fixed.get(CLAIM_SHEET)
        awards = ", ".join(literal(rule.name) for rule in self.policy.awards) or "NULL"
        for_award = f"{ident(AWARD)} IN ({awards})"
        if stage is None or not stage.count(f"s.{for_award}"):
            return
        frames.applied = True
        asked = {row[0] for row in self.connection.execute(f"SELECT DISTINCT {ident(AWARD)} FROM {stage.name} WHERE {for_award}").fetchall()}
        name = self._name(APPLIED)
        parts = [f"SELECT {ident(AWARD)}, {ident(KEY)} FROM {stage.name} WHERE {for_award}"]
        for rule in self.policy.awards:
            if rule.name not in asked:
                parts.append(f"SELECT {literal(rule.name)}, {ident(KEY)} FROM ({tables.keys(tables.kinds_of(rule.object))})")
        self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS {' UNION ALL '.join(parts)}")

    def _claims(self, frames: Frames, tables: Tables) -> None:
        """申报: the facts of claims, and beside them what other policies paid, added up a claim and year."""
        declared = claim_facts(self.policy)
        stage = tables.fixed.get(CLAIM_SHEET)
        facts = fact_order(stage, declared, {"奖补", "对象"}) if stage is not None else []
        paid, years = self._paid_outside(tables.fixed.get(OUTSIDE))
        name, made = self._name(CLAIMS), [AWARD, KEY]
        own = f"SELECT NULL::VARCHAR AS {ident(AWARD)}, NULL::VARCHAR AS {ident(KEY)} WHERE FALSE"
        if stage is not None and facts:
            marks = {output.key: output.name for output in stage.outputs if output.none_of}
            stated = " OR ".join([*(f"{ident(column_name(*key))} IS NOT NULL" for key in facts), *map(ident, marks.values())])
            own = f"SELECT * FROM {stage.name} WHERE {stated}"
        columns: list[tuple[str, Period]] = in_column_order([*facts, *((OUTSIDE, year) for year in years)], declared)
        wanted = [ident(part) for part in made]
        for key in columns:
            wanted.append(ident(column_name(*key)))
            if stage is not None and any(output.none_of and output.key == key for output in stage.outputs):
                mark = ident(column_name(*key) + NONE_MARK)
                wanted.append(f"coalesce({mark}, FALSE) AS {mark}")
        source = f"({own}) FULL JOIN ({paid}) USING ({ident(AWARD)}, {ident(KEY)})" if years else f"({own})"
        self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {', '.join(wanted)} FROM {source}")
        done = Stage(
            CLAIM_SHEET, name, [], self.probe, outputs=stage.outputs if stage is not None else [], scales=stage.scales if stage is not None else {}
        )
        frames.claims = frame_of(done, CLAIMS, columns, declared) if columns else Frame(CLAIMS, self._one(f"SELECT count(*) FROM {name}"))

    def _paid_outside(self, stage: Stage | None) -> tuple[str, list[int]]:
        """What other policies paid, one column a year: the query and the years. A sum beyond the bounds of the fact is reported."""
        if stage is None:
            return "", []
        years = [row[0] for row in self.connection.execute(f"SELECT DISTINCT 年度 FROM {stage.name} ORDER BY 1").fetchall()]
        fact = claim_facts(self.policy)[OUTSIDE]
        if fact.high is not None:
            sums = f"SELECT {ident(AWARD)}, {ident(KEY)}, 年度, sum(金额) AS 合计 FROM {stage.name} GROUP BY ALL"
            beyond = self.connection.execute(f"SELECT * FROM ({sums}) WHERE 合计 > {int(fact.high)} ORDER BY ALL LIMIT 5").fetchall()
            for award, key, year, amount in beyond:
                self.defects.append(_too_much(stage, f"{award} {key} {year}年", int(amount), fact))
        columns = ", ".join(f"CAST(sum(金额) FILTER (WHERE 年度 = {year}) AS BIGINT) AS {ident(column_name(OUTSIDE, year))}" for year in years)
        return f"SELECT {ident(AWARD)}, {ident(KEY)}, {columns} FROM {stage.name} GROUP BY ALL" if years else "", years

    def _one(self, query: str) -> Any:
        return self.connection.execute(query).fetchone()[0]


def _too_much(stage: Stage, what: str, amount: int, fact: Any) -> Diagnostic:
    from .frames import amount_text, bounds_text

    subject = {"subject": f"“{OUTSIDE}”（{what}）", "subject_en": f"“{OUTSIDE}” ({what})"}
    where = stage.seen[0].source.grid().place()
    return Diagnostic(
        "DT170", (where,), {**subject, **bounds_text(fact.low, fact.high, fact.unit), "found": amount_text(amount, fact.unit)}
    )
