"""A few objects of large tables as facts of the interpreter, with everything it would look at for them.

With an object come the objects its relations lead to, on and on; what belongs to any of them where a rule adds such a list up; the claims (申报)
and the earlier payments (台账) of all of these. More than is needed changes nothing, since every row is as it stands on file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from ..plan.sql import quoted
from ..policy.model import Policy
from ..policy.readings import Bound, walk
from ..policy.standards import Standards
from ..policy.syntax import Aggregate
from ..tables.frames import AWARD, STATED_KEY
from ..values.facts import NONE, Facts, Paid
from ..values.frames import CLAIMS, KEY, LEDGER, Column, Frame, Frames, table_name
from ..values.money import exact

q = quoted
SET, FRONT, NEXT = "·集", "·前", "·后"
PART = "·取·"  # before the name of a table that holds only the rows of the chosen objects


class Subset:
    """Facts of chosen objects out of the tables of one DuckDB connection. every_loose: all members of lists whose owner is not known, else one."""

    def __init__(self, connection: Any, frames: Frames, bound: Bound, standards: Standards, year: int, *, every_loose: bool) -> None:
        self.connection, self.frames, self.year, self.every_loose = connection, frames, year, every_loose
        self.policy: Policy = bound.policy
        self.lists, self.depth = _lists(bound, standards)
        self.prefix = ""
        self.source = {kind: frame.name for kind, frame in frames.objects.items()}

    def keep(self, chosen: str) -> None:
        """Put aside the rows of everything the chosen objects (SELECT of 种类, 标识) need, so that later questions read less."""
        self._close(chosen)
        for kind in self.frames.objects:
            name = PART + table_name(kind)
            self._run(f"CREATE OR REPLACE TEMP TABLE {q(name)} AS SELECT * FROM {q(self.source[kind])} WHERE {q(KEY)} IN (SELECT {q(KEY)} FROM {q(SET)} WHERE 种类 = {_text(kind)})")
            self.source[kind] = name
        for table in (CLAIMS, LEDGER):
            self._run(f"CREATE OR REPLACE TEMP TABLE {q(PART + table)} AS SELECT * FROM {q(table)} WHERE {q(KEY)} IN (SELECT {q(KEY)} FROM {q(SET)})")
        self.prefix = PART

    def facts(self, chosen: str) -> tuple[Facts, list[Paid]]:
        """Facts and ledger of the chosen objects (SELECT of 种类, 标识) and all they need."""
        self._close(chosen)
        found = Facts(listed=set(self.frames.listed))
        for kind, frame in self.frames.objects.items():
            found.things[kind] = {}
            for (key,), values in self._values(frame, (KEY,), f"{q(self.source[kind])} WHERE {q(KEY)} IN (SELECT {q(KEY)} FROM {q(SET)} WHERE 种类 = {_text(kind)})"):
                found.add(kind, key).values.update(values)
        where = f"WHERE {q(KEY)} IN (SELECT {q(KEY)} FROM {q(SET)})"
        for (award, key), values in self._values(self.frames.claims, (AWARD, KEY), f"{q(self.prefix + CLAIMS)} {where}"):
            found.claims[(award, key)] = values
        return found, self._ledger(f"{q(self.prefix + LEDGER)} {where}")

    # --- what is needed ---------------------------------------------------------------------------------------------------------------

    def _close(self, chosen: str) -> None:
        """·集: the chosen objects and everything they need."""
        self._run(f"CREATE OR REPLACE TEMP TABLE {q(SET)} AS SELECT DISTINCT 种类, {q(KEY)} FROM ({chosen})")
        self._loose()
        self._upwards(SET)
        for _ in range(self.depth):
            if not self._downwards():
                return
            self._upwards(FRONT)

    def _upwards(self, begin: str) -> None:
        """Along every relation, until nothing new is found."""
        while True:
            parts = [
                f"SELECT DISTINCT {_text(target)} AS 种类, t.{q(KEY)} FROM {q(self.source[target])} AS t WHERE t.{q(KEY)} IN "
                f"(SELECT c.{q(column.name)} FROM {q(self.source[kind])} AS c JOIN {q(begin)} AS f ON f.{q(KEY)} = c.{q(KEY)} AND f.种类 = {_text(kind)})"
                for kind, column, targets in self._relations() for target in targets
            ]  # fmt: skip
            if not self._take(parts):
                return
            begin = FRONT

    def _downwards(self) -> bool:
        """The members of every list that is added up somewhere."""
        parts = []
        for member, relation in sorted(self.lists):
            for kind, column, targets in self._relations():
                if kind == member and column.fact == relation and targets:
                    owners = ", ".join(map(_text, targets))
                    parts.append(f"SELECT DISTINCT {_text(kind)} AS 种类, c.{q(KEY)} FROM {q(self.source[kind])} AS c WHERE c.{q(column.name)} IN "
                                 f"(SELECT {q(KEY)} FROM {q(SET)} WHERE 种类 IN ({owners}))")  # fmt: skip
        return self._take(parts)

    def _loose(self) -> None:
        """Members whose owner is not known keep every list open: one of them does, all of them are named."""
        for member, relation in sorted(self.lists):
            frame = self.frames.objects.get(member)
            if frame is None or not frame.rows:
                continue
            columns = [column for (name, _), column in frame.columns.items() if name == relation]
            tests = [f"{q(column.name)} IS NULL" + (f" AND NOT {q(column.none_name)}" if column.has_none else "") for column in columns if column.has_unknown]
            absent = not any(column.period in (None, self.year) for column in columns)
            tests += ["TRUE"] if absent or len(columns) != 1 or columns[0].period is not None else []
            for test in tests:
                most = "" if self.every_loose and (test != "TRUE" or absent) else " LIMIT 1"
                self._run(f"INSERT INTO {q(SET)} SELECT {_text(member)}, {q(KEY)} FROM (SELECT {q(KEY)} FROM {q(self.source[member])} WHERE {test} ORDER BY {q(KEY)}{most}) "
                          f"WHERE {q(KEY)} NOT IN (SELECT {q(KEY)} FROM {q(SET)} WHERE 种类 = {_text(member)})")  # fmt: skip

    def _take(self, parts: list[str]) -> bool:
        """Add what the parts find to ·集; ·前 holds what was new."""
        if not parts:
            return False
        self._run(f"CREATE OR REPLACE TEMP TABLE {q(NEXT)} AS SELECT DISTINCT n.种类, n.{q(KEY)} FROM ({' UNION ALL '.join(parts)}) AS n "
                  f"ANTI JOIN {q(SET)} AS s ON s.种类 = n.种类 AND s.{q(KEY)} = n.{q(KEY)}")  # fmt: skip
        self._run(f"CREATE OR REPLACE TEMP TABLE {q(FRONT)} AS SELECT * FROM {q(NEXT)}")
        self._run(f"INSERT INTO {q(SET)} SELECT * FROM {q(FRONT)}")
        return bool(self._run(f"SELECT COUNT(*) FROM {q(FRONT)}").fetchone()[0])

    def _relations(self) -> Iterator[tuple[str, Column, list[str]]]:
        vocabulary = self.policy.vocabulary
        for kind, frame in self.frames.objects.items():
            for (name, _), column in frame.columns.items():
                fact = vocabulary.fact(kind, name) if column.kind == "object" else None
                if fact is not None:
                    yield kind, column, [target for target in self.frames.objects if vocabulary.is_kind(target, fact.target)]

    # --- reading ------------------------------------------------------------------------------------------------------------------------

    def _run(self, sql: str) -> Any:
        return self.connection.execute(sql)

    def _values(self, frame: Frame, lead: tuple[str, ...], source: str) -> Iterator[tuple[tuple[str, ...], dict[Any, Any]]]:
        columns = list(frame.columns.items())
        cells = [*lead, *(column.name for _, column in columns), *(column.none_name for _, column in columns if column.has_none)]
        marks = {column.none_name: place for place, column in enumerate((column for _, column in columns if column.has_none), len(lead) + len(columns))}
        plan = [(place, key, column.scale if column.kind == "number" else 1, marks.get(column.none_name, -1)) for place, (key, column) in enumerate(columns, len(lead))]
        cursor = self._run(f"SELECT {', '.join(map(q, cells))} FROM {source}")
        while rows := cursor.fetchmany(10_000):
            for row in rows:
                values = {}
                for place, key, scale, mark in plan:
                    value = row[place]
                    if value is not None:
                        values[key] = value if scale == 1 else exact(Fraction(value, scale))
                    elif mark >= 0 and row[mark]:
                        values[key] = NONE
                yield row[: len(lead)], values

    def _ledger(self, source: str) -> list[Paid]:
        stated = self.frames.ledger_keys
        cells = [AWARD, "年度", KEY, "金额", "文件", "受益人", "档", "档位标准", *(STATED_KEY + name for name in stated)]
        return [
            Paid(award, year, key, amount, document, payee, tier, standard, tuple((name, value) for name, value in zip(stated, keys) if value is not None))
            for award, year, key, amount, document, payee, tier, standard, *keys in self._run(f"SELECT {', '.join(map(q, cells))} FROM {source} ORDER BY ALL").fetchall()
        ]  # fmt: skip


def _lists(bound: Bound, standards: Standards) -> tuple[set[tuple[str, str]], int]:
    """The lists any rule or 算法 adds up, as (member type, relation), and how deep lists can stand within lists at most."""
    vocabulary = bound.policy.vocabulary
    formulas = [fact.formula for declared in vocabulary.objects.values() for fact in declared.facts.values() if fact.formula is not None]
    nodes: list[Any] = [*bound.rules.values(), *bound.generals, *standards.tables.values(), *standards.scores.values(), *formulas]
    every = [item for value in nodes for item in walk(value) if isinstance(item, Aggregate)]
    if not every:
        return set(), 0
    named = {item.path.names[-1] for item in every}
    lists = {
        (member, fact.name)
        for member in vocabulary.objects if member in named
        for fact in vocabulary.facts(member) if fact.kind == "object"
    }  # fmt: skip
    return lists, len({id(item) for item in every if _holds_list(item, formulas)}) + 1


def _holds_list(item: Aggregate, formulas: Iterable[Any]) -> bool:
    """Whether a list may be looked at from inside a list: written there, or by way of a computed fact."""
    inner = [node for part in (item.where, item.of) for node in walk(part)]
    return any(isinstance(node, Aggregate) for node in inner) or (bool(inner) and any(isinstance(node, Aggregate) for formula in formulas for node in walk(formula)))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
