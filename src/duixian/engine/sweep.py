"""Many variants of one policy at once (扫描): what does not vary is worked out once, what does for all variants in one SELECT.

The plan is the settlement's own. Its numbers that vary are columns (plan/varying.py), its SELECTs are lifted over the variants (lift.py). 就高 ties lines
of one payee together, so it is asked once for every set of axes that meet in a payee, and only there are lines repeated along the axes; lines no varied
line meets are settled once. Totals are cut from the sums of equal lines (portions.py). Variants a form does not allow for are named, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..plan.aggregates import Uncompiled
from ..plan.build import amount_of, contradictions, plan_of
from ..plan.claim import PAYABLE, PROVISIONAL
from ..plan.sql import names_in, quoted
from ..plan.steps import Plan, Step
from ..policy.readings import bind
from ..values.diagnostic import Defects
from ..values.frames import Frames
from ..values.money import TOO_MUCH_FEN
from .compiled import contradicted, fixed_of
from .lift import NONE, Axes, Lifter, NotLifted, axis_column, value_column
from .meeting import Keys, met
from .portions import MOST, Apart, Lines, cut, together, total_of
from .relational import Engine
from .variants import Shape, Variant, shapes

q = quoted
Progress = Callable[[int, int], None]
AT_ONCE = 30_000_000  # objects × variants worked on in one go: what bounds the memory
BESIDE = 2  # variants whose totals are cut beside each other: NumPy works outside Python's lock
GATHERED, OUTCOMES = "合·名额后", (PAYABLE, PROVISIONAL)


@dataclass(frozen=True, slots=True)
class AwardSum:
    """What one award comes to under one variant. In 分; claimed: before any total, granted: after it, estimates included in both."""

    award: str
    lines: int
    granted_lines: int
    claimed: int
    granted: int
    payable: int


@dataclass(slots=True)
class Swept:
    """The sums of every variant, in their order; None for those in `apart`: place → why they have to be settled one by one.

    form: the policy has a form that is not lifted; total: a total is exceeded and not met in proportion; amount: the lines of an award are more than money.
    """

    sums: list[list[AwardSum] | None]
    apart: dict[int, str] = field(default_factory=dict)


def sweep(variants: Sequence[Variant], year: int, frames: Frames, engine: Engine, progress: Progress | None = None) -> Swept:
    """Settle every variant, sums only. Raises Defects as a settlement does, EngineError where the engine fails; leaves no table behind."""
    found = Swept([None] * len(variants))
    with _Tables(engine) as tables:
        done = 0
        for shape in shapes(variants):
            try:
                one = _Shape(variants, shape, year, frames, tables)
                size = max(1, AT_ONCE // max(1, sum(frame.rows for frame in frames.objects.values())))
                for start in range(0, len(shape.members), size):
                    chunk = range(start, min(start + size, len(shape.members)))
                    if progress:
                        progress(done, len(variants))
                    one.settle(chunk, found)
                    done += len(chunk)
            except (NotLifted, Uncompiled):
                found.apart.update({place: "form" for place in shape.members if found.sums[place] is None})
    return found


class _Tables:
    """The tables of a sweep: what was worked out once is found again by its text, whatever plan asks for it."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self._known, self._held, self._count = engine, {}, [], 0

    def __enter__(self) -> _Tables:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop(self._held)

    def once(self, sql: str) -> str:
        """The table of a SELECT that does not vary."""
        if sql not in self._known:
            self._known[sql] = self.stage(sql)
            self._held.append(self._known[sql])
        return self._known[sql]

    def stage(self, sql: str) -> str:
        """A new table of a SELECT, for the caller to drop."""
        name = self.name()
        self.engine.stage(name, sql)
        return name

    def name(self) -> str:
        """A name nobody has."""
        self._count += 1
        return f"扫·{self._count}"

    def drop(self, names: list[str]) -> None:
        """Free tables."""
        while names:
            self.engine.drop(names.pop())


class _Shape:
    """Variants with one plan: the plan, and its tables for a chunk of the variants."""

    def __init__(self, variants: Sequence[Variant], shape: Shape, year: int, frames: Frames, tables: _Tables) -> None:
        first = variants[shape.members[0]]
        self.shape, self.tables, self.engine, self.year = shape, tables, tables.engine, year
        self.variants = [variants[place] for place in shape.members]
        bound = bind(first.policy, {**first.standards.choices, **first.choices})
        fixed = fixed_of(bound, first.standards)
        for variant in self.variants if any(key in first.standards.parameters for key in shape.varying) else self.variants[:1]:
            defects = [defect for check in contradictions(bound, frames, variant.standards, year, fixed) for defect in contradicted(self.engine, check)]
            if defects:
                raise Defects(defects)
        self.plan = plan_of(bound, frames, first.standards, year, fixed, reasons=False, varying=shape.varying)
        if any(claim.excess for claim in self.plan.claims):
            raise NotLifted("太大的金额")
        self.pays = {claim.place: claim.rule.name for claim in self.plan.claims if claim.rule.kind == "奖补"}
        self.counts = {claim.place: self._lines(claim) for claim in self.plan.claims if claim.place in self.pays}
        self.totals = [total for total in self.plan.totals if not total.register]
        by_name = [{total.name: total for total in (*variant.policy.totals, *variant.standards.totals)} for variant in self.variants]
        self.amounts = [[amount_of(own[total.name], variant.standards) for total in self.totals] for own, variant in zip(by_name, self.variants, strict=True)]
        self.steps = {step.name: step for step in self.plan.steps}
        self.spent: list[dict[tuple[str, ...], int]] = []
        self._chunk: list[str] = []
        self._pots: list[dict[tuple[str, ...], int]] = [{} for _ in self.totals]

    def _lines(self, claim: Any) -> int:
        query = claim.query
        where = f" WHERE {' AND '.join(query.where)}" if query.where else ""
        return int(self.engine.rows(f"SELECT COUNT(*) FROM {query.source} AS {query.row.alias}{where}")[0][0])

    # --- one chunk ----------------------------------------------------------------------------------------------------------------

    def settle(self, chunk: range, found: Swept) -> None:
        """The sums of some of the variants."""
        if not self.plan.claims:
            for member in chunk:
                found.sums[self.shape.members[member]] = []
            return
        self.chunk = [self.shape.places[member] for member in chunk]
        self._faces: dict[Axes, str] = {}
        self.lifter = Lifter(self.engine, self._face, self._values, self.tables.once)
        try:
            parts = [part for bucket in self._buckets() for part in self._sums(*bucket)]
            self._spent()

            def totalled(member: int) -> list[AwardSum] | str:
                places = self.shape.places[member]
                own = [lines for axes, at, lines in parts if all(places[axis] == where for axis, where in zip(axes, at, strict=True))]
                try:
                    return self._totalled(together(own) if own else None, self.amounts[member])
                except Apart as why:
                    return str(why)

            with ThreadPoolExecutor(BESIDE) as pool:
                for member, sums in zip(chunk, pool.map(totalled, chunk), strict=True):
                    place = self.shape.members[member]
                    if isinstance(sums, str):
                        found.apart[place] = sums
                    else:
                        found.sums[place] = sums
        finally:
            self.tables.drop(self._chunk)

    def _face(self, axes: Axes) -> str:
        """The table of the variants of this chunk along some axes."""
        import pyarrow as arrow

        if axes not in self._faces:
            rows = sorted({tuple(places[axis] for axis in sorted(axes)) for places in self.chunk})
            columns: dict[str, Any] = {axis_column(axis): arrow.array([row[number] for row in rows], arrow.int32()) for number, axis in enumerate(sorted(axes))}
            for varied in self.shape.varying.values():
                if varied.axis in axes:
                    tops, number = varied.numerators(), sorted(axes).index(varied.axis)
                    if max(map(abs, tops)) >= 2**63:
                        raise NotLifted("太大的标准")
                    columns[value_column(varied.axis, varied.place)] = arrow.array([tops[row[number]] for row in rows], arrow.int64())
            name = self.tables.name()
            self.engine.register(name, arrow.table(columns))
            self._chunk.append(name)
            self._faces[axes] = name
        return self._faces[axes]

    def _values(self, axes: Axes) -> list[str]:
        return [value_column(varied.axis, varied.place) for varied in self.shape.varying.values() if varied.axis in axes]

    def _stage(self, sql: str) -> tuple[str, Axes]:
        """A step's SELECT as a table: once where it does not vary."""
        lifted, axes = self.lifter.lifted(sql)
        return self._keep(lifted, axes), axes

    def _keep(self, sql: str, axes: Axes) -> str:
        if not axes:
            return self.tables.once(sql)
        name, halves = self.tables.name(), [self.tables.name(), self.tables.name()]
        column, places = axis_column(min(axes)), sorted({places[min(axes)] for places in self.chunk})
        middle = places[len(places) // 2]  # a table of a few rows, repeated along the axes, is the work of one thread: two halves are that of two
        self.engine.stage_each([(half, f"SELECT * FROM ({sql}) WHERE {q(column)} {sign} {middle}") for half, sign in zip(halves, ("<", ">="), strict=True)])
        self._chunk += halves
        self.engine.view(name, " UNION ALL ".join(f"SELECT * FROM {q(half)}" for half in halves))
        self._chunk.append(name)
        self.lifter.axes_of[name] = axes
        return name

    def _inlined(self, sql: str, held: frozenset[str]) -> str:
        """A text with the steps it reads written out, but for those that are held."""

        def written(match: re.Match[str]) -> str:
            step = self.steps.get(match.group(2).replace('""', '"'))
            free = isinstance(step, Step) and step.name not in held
            return f"{match.group(1)} ({self._inlined(step.sql, held)})" if free and isinstance(step, Step) else match.group()

        return re.sub(r'\b(FROM|JOIN) "((?:[^"]|"")+)"', written, sql)

    # --- the lines of all awards, by the axes that meet in them ---------------------------------------------------------------------

    def _buckets(self) -> Iterator[tuple[Axes, bool, str]]:
        """Tables that take the place of 合·名额后, each with the axes its rows depend on; whether its lines are each alone in their matter."""
        self.held: set[str] = {GATHERED}
        gathered = self.steps[GATHERED]
        assert isinstance(gathered, Step)
        pieces = gathered.sql.split("\nUNION ALL ")
        alive = {piece: re.findall(r'FROM "((?:[^"]|"")+)"', piece)[-1].replace('""', '"') for piece in pieces}
        read = "\n".join(step.sql for step in self.plan.steps if isinstance(step, Step) and step.name != GATHERED and not step.name.startswith("定·"))
        for step in self.plan.steps:
            if step.name == GATHERED:
                break
            if not isinstance(step, Step):
                raise NotLifted("几个封顶同时管着")
            whole = step.name.replace("留·", "活·", 1)  # what a held table of lines is read as
            if step.keep and (whole not in alive.values() or f"FROM {q(whole)}" in read):
                self.lifter.names[step.name], _ = self._stage(self._inlined(step.sql, frozenset(self.held)))
                self.held.add(step.name)
        read = self._chain()
        types = dict(self._types(self._inlined(gathered.sql, frozenset(self.held))))
        self.types = {name: kind for name, kind in types.items() if name in read}
        keys = (self.plan.id, self.plan.payee, *(name for name in self.types if name.startswith("组·")))
        cells = ", ".join(q(name) for name in dict.fromkeys((*self.types, "种类", *keys)))
        tables = [self._stage(f"SELECT {cells} FROM ({self._inlined(piece, frozenset(self.held))})") for piece in pieces]
        keyed = Keys(*keys[:2], keys[2:], [name for name in keys if types[name] != "INTEGER"], any(claim.open_groups for claim in self.plan.claims))
        for axes, lone, parts in met(tables, list(self.types), keyed, self._held, self.engine.rows):
            yield axes, lone, self._union(parts, axes, once=lone)

    def _chain(self) -> set[str]:
        """The columns 就高 and the totals look at."""
        steps = self.plan.steps
        start = next(place for place, step in enumerate(steps) if step.name == GATHERED) + 1
        end = next(place for place, step in enumerate(steps) if step.name == "总额·始")
        pots = {f"额·{total.name}·{place + 1}" for total in self.totals for place in range(total.keys)}
        return {"序", "状态", self.plan.id, *pots}.union(*(names_in(step.sql) for step in steps[start:end] if isinstance(step, Step)))

    def _types(self, sql: str) -> list[tuple[str, str]]:
        """Column types of a SELECT that has not been lifted."""
        for name, table in self.lifter.names.items():
            sql = sql.replace(q(name), q(table))
        plain = re.sub(r"\bvarying\(\d+, \d+\)", "CAST(0 AS BIGINT)", sql)
        return [(row[0], row[1]) for row in self.engine.rows(f"SELECT column_name, column_type FROM (DESCRIBE {plain})")]

    def _union(self, parts: list[tuple[str, Axes]], axes: Axes, *, once: bool) -> str:
        """The lines of a bucket; once: they are read once and need not be held."""
        types = {**self.types, self.plan.id: "BIGINT"}
        cells = ", ".join([*(f"CAST({q(name)} AS {kind}) AS {q(name)}" for name, kind in types.items()), *(q(axis_column(axis)) for axis in sorted(axes))])
        sql = "\nUNION ALL ".join(f"SELECT {cells} FROM ({self.lifter.padded(sql, own, axes)})" for sql, own in parts)
        if not once:
            return self._keep(sql, axes)
        name = self.tables.name()
        self.engine.view(name, sql)
        self._chunk.append(name)
        self.lifter.axes_of[name] = axes
        return name

    def _held(self, sql: str) -> str:
        """A table of this chunk."""
        name = self.tables.stage(sql)
        self._chunk.append(name)
        return name

    # --- sums ---------------------------------------------------------------------------------------------------------------------

    def _sums(self, axes: Axes, lone: bool, gathered: str) -> Iterator[tuple[list[int], tuple[int, ...], Lines]]:
        """就高 of one bucket; its live lines for each place of its axes."""
        import numpy as np

        self.lifter.names[GATHERED], self.lifter.axes_of[gathered] = gathered, axes
        held = set(self.held)
        for step in self.plan.steps if not lone else ():
            if step.name == "总额·始":
                break
            if isinstance(step, Step) and step.keep and step.name.startswith("比·"):
                self.lifter.names[step.name], _ = self._stage(self._inlined(step.sql, frozenset(held)))
                held.add(step.name)
        pots = [q(f"额·{total.name}·{place + 1}") for total in self.totals for place in range(total.keys)]
        cells = ", ".join([q("序"), q("状态"), q(self.plan.id), q("就高后"), *pots])
        source = self._inlined(f"SELECT * FROM {q('就高·始' if lone else self.plan.untotalled)}", frozenset(held))
        sql, lifted = self.lifter.lifted(f"SELECT {cells} FROM ({source}) WHERE {q('状态')} IN ({', '.join(map(str, OUTCOMES))})")
        table = self.engine.arrow(sql)
        along = sorted(lifted)
        columns = [table.column(axis_column(axis)).to_numpy() for axis in along]

        def whole(name: str, kind: Any) -> Any:
            return table.column(name).fill_null(0).to_numpy().astype(kind, copy=False)

        award = whole("序", np.int16)  # narrow where it may be: the lines of all variants are put in order at once
        lines = Lines(award, whole("状态", np.int8), whole(self.plan.id, np.int64), whole("就高后", np.int64), [self._pot(table, award, number) for number in range(len(self.totals))])
        if not along:
            yield [], (), lines
            return
        if not len(award):
            return
        ranked = np.zeros(len(award), np.int64)
        for column in columns:
            ranked = ranked * (int(column.max()) + 1) + column
        order = np.argsort(ranked.astype(np.uint16) if int(ranked.max()) < 2**16 else ranked, kind="stable")  # of 16 bits: counted, not compared
        lines, ranks = lines.part(order), [column[order] for column in columns]
        starts = np.flatnonzero(np.concatenate([[True], np.any([rank[1:] != rank[:-1] for rank in ranks], axis=0)]))
        for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
            yield along, tuple(int(rank[start]) for rank in ranks), lines.part(slice(start, end))

    def _pot(self, table: Any, award: Any, number: int) -> Any:
        """The pot each row falls into, −1 where the total does not range over it or a key is not known."""
        import numpy as np

        total, known = self.totals[number], self._pots[number]
        covered = {name for name, _ in total.covered}
        inside = np.array([self.plan.awards.get(place, "") in covered for place in range(max(self.plan.awards) + 1)])
        if not total.keys:
            known.setdefault((), 0)
            return np.where(inside, 0, -1).astype(np.int8)[award]
        keys = [table.column(f"额·{total.name}·{place + 1}").combine_chunks().dictionary_encode() for place in range(total.keys)]
        same = np.zeros(len(award), np.int64)
        for key in keys:
            _, first, same = np.unique(same * (len(key.dictionary) + 1) + key.indices.fill_null(len(key.dictionary)).to_numpy(), return_index=True, return_inverse=True)
        found = [known.setdefault(key, len(known)) if None not in key else -1 for key in zip(*(key.take(first).to_pylist() for key in keys), strict=True)]
        return np.where(inside[award], np.array(found, np.int32)[same], np.int32(-1))

    def _spent(self) -> None:
        """What earlier payments used of each pot; they do not vary."""
        import numpy as np

        for total in self.totals[len(self.spent) :]:
            keys = [q(f"键{place + 1}") for place in range(total.keys)]
            rows = []
            if total.ledger:
                table = self._ledger(total.ledger)
                rows = self.engine.rows(f"SELECT {''.join(key + ', ' for key in keys)}narrow(SUM(wide({q('金额')}))) FROM {q(table)}{' GROUP BY ' + ', '.join(keys) if keys else ''}")
            self.spent.append({tuple(row[:-1]): int(row[-1] or 0) for row in rows})
        self._used = [np.array([spent.get(key, 0) for key in pots], np.int64) for spent, pots in zip(self.spent, self._pots, strict=True)]

    def _ledger(self, name: str) -> str:
        step = self.steps[name]
        assert isinstance(step, Step)
        sql, axes = self.lifter.lifted(self._inlined(step.sql, frozenset(self.held)))
        if axes != NONE:
            raise NotLifted("台账")
        return self.tables.once(sql)

    def _totalled(self, lines: Lines | None, amounts: list[int | None]) -> list[AwardSum]:
        """One variant's sums by award, after its totals. Raises Apart."""
        import numpy as np

        if lines is not None:
            if total_of(lines.claim) >= TOO_MUCH_FEN:
                raise Apart("amount")
            for number, (total, amount) in enumerate(zip(self.totals, amounts, strict=True)):
                if amount is not None:
                    cut(lines, number, np.maximum(min(amount, MOST) - self._used[number], 0), total.overrun)
        found = []
        for place, award in sorted(self.pays.items(), key=lambda item: item[1]):
            sums = (0, 0, 0, 0)
            if lines is not None:
                own = (lines.award == place) & (lines.amount > 0)  # a claim cut to nothing is 封顶已满 and counts no more
                granted = lines.amount[own]
                sums = (len(granted), int(lines.claim[own].sum()), int(granted.sum()), int(granted[lines.state[own] == PAYABLE].sum()))
            if self.counts[place]:
                found.append(AwardSum(award, self.counts[place], *sums))
        return found


__all__ = ["AwardSum", "Plan", "Swept", "sweep"]
