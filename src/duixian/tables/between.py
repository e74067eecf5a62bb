"""What holds between large tables: keys once, relations that lead somewhere, awards the policy has. The same laws as assemble.py, in SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..policy.model import Policy, Rule
from ..policy.suggest import nearest_key, remedies
from ..values.diagnostic import Diagnostic, Place
from ..values.frames import KEY, column_name
from .assemble import is_unread
from .frames import AWARD, STATED_KEY
from .layout import CLAIMS, HISTORY
from .plain import ident, literal
from .probe import more_of
from .stage import Stage

_MOST_KEYS = 20_000  # among which a near miss is still looked for
_MOST_WORDS = 1000  # wrong keys of one column that are told apart


@dataclass(slots=True)
class Tables:
    """Every staged table. objects: by type; fixed: 历史, 申报, 其他政策已付 where there is a file."""

    policy: Policy
    year: int
    objects: dict[str, Stage]
    fixed: dict[str, Stage]
    defects: list[Diagnostic]
    connection: Any
    _unnamed: dict[str, bool] = field(default_factory=dict)

    def kinds_of(self, wanted: str) -> list[str]:
        """Every object type that is also a `wanted`."""
        return [kind for kind in self.policy.vocabulary.objects if self.policy.vocabulary.is_kind(kind, wanted)]

    def keys(self, kinds: list[str]) -> str:
        """A query of the keys of some object types."""
        parts = [f"SELECT {ident(KEY)} FROM {self.objects[kind].name}" for kind in kinds if kind in self.objects]
        return " UNION ALL ".join(parts) or f"SELECT NULL::VARCHAR AS {ident(KEY)} WHERE FALSE"

    def off_file(self, column: str, kinds: list[str]) -> str:
        """A test: a key stands there that no object of these types has, nor any row of theirs that could not be read: that is told where it stands."""
        known = [self.keys(kinds), *(query for kind in kinds if kind in self.objects for query in self.objects[kind].left_out())]
        return f"{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ({' UNION ALL '.join(known)}) k WHERE k.{ident(KEY)} = {column})"

    def unread(self, kinds: list[str]) -> bool:
        """Whether a table of one of these types may be there after all but could not be read, which is told."""
        missing = [kind for kind in kinds if kind not in self.objects]
        return is_unread(missing, self.defects, partly=len(missing) < len(kinds))

    def may_be_unnamed(self, wanted: str) -> bool:
        """Whether no more keys of a type are missing than there are rows without one: each may be the key of such a row, which is told."""
        if wanted not in self._unnamed:
            kinds = self.kinds_of(wanted)
            rows = [query for kind in kinds if kind in self.objects for query in self.objects[kind].unnamed()]
            self._unnamed[wanted] = bool(rows) and self._fewer_missing(wanted, kinds, " UNION ALL ".join(rows))
        return self._unnamed[wanted]

    def _fewer_missing(self, wanted: str, kinds: list[str], rows: str) -> bool:
        asked = [
            f"SELECT {ident(column_name(*key))} AS {ident(KEY)} FROM {stage.name}"
            for stage in self.objects.values() for key in stage.stated() if _target(stage, key) == wanted and any(output.key == key for output in stage.outputs)
        ]  # fmt: skip
        for sheet, stage in self.fixed.items():
            awards = [rule for rule in (self.policy.claimable if sheet == CLAIMS else self.policy.awards) if rule.object == wanted]
            if sheet != HISTORY and awards:
                asked.append(f"SELECT {ident(KEY)} FROM {stage.name} WHERE {ident(AWARD)} IN ({_words(awards)})")
        pointed = " UNION ALL ".join(asked)
        spare = f"SELECT count(*) FROM ({rows}) u WHERE u.{ident(KEY)} IS NULL OR u.{ident(KEY)} NOT IN (SELECT {ident(KEY)} FROM ({pointed}) WHERE {ident(KEY)} IS NOT NULL)"
        missing = f"SELECT count(DISTINCT p.{ident(KEY)}) FROM ({pointed}) p WHERE {self.off_file(f'p.{ident(KEY)}', kinds)}"
        return bool(self.connection.execute(f"SELECT ({missing}) <= ({spare})").fetchone()[0])

    def near(self, word: str, kinds: list[str]) -> str | None:
        """The key most like a word, where there are few enough to look through."""
        found = self.connection.execute(f"SELECT {ident(KEY)} FROM ({self.keys(kinds)}) LIMIT {_MOST_KEYS + 1}").fetchall()
        return nearest_key(word, [row[0] for row in found if row[0] is not None]) if len(found) <= _MOST_KEYS else None


def check_between(tables: Tables, notices: list[Diagnostic]) -> None:
    """Everything that holds between tables; defects and notices are collected."""
    for kinds in _roots(tables):
        _keys_once(tables, kinds)
    for kind, stage in tables.objects.items():
        for output in list(stage.outputs):
            if output.name != KEY and not output.none_of and _target(stage, output.key):
                _relation(tables, kind, stage, output.key)
    for sheet, stage in tables.fixed.items():
        may_name = tables.policy.claimable if sheet == CLAIMS else tables.policy.awards
        _awards(tables, stage, may_name)
        for wanted, rules in _by_object(may_name).items():
            _on_file(tables, sheet, stage, wanted, rules, notices)
    if CLAIMS in tables.fixed:
        _claims_once(tables.fixed[CLAIMS], tables)
    if HISTORY in tables.fixed:
        _not_later(tables.fixed[HISTORY], tables)


# --- keys ----------------------------------------------------------------------------------------------------------------------------------


def _roots(tables: Tables) -> list[list[str]]:
    """Object types whose keys must differ from one another: those that are the same thing by 是."""
    roots: dict[str, list[str]] = {}
    for kind in tables.objects:
        roots.setdefault(tables.policy.vocabulary.root(kind), []).append(kind)
    return list(roots.values())


def _keys_once(tables: Tables, kinds: list[str]) -> None:
    keys = tables.keys(kinds)
    # equal keys have equal hashes: as many hashes as rows means that every key is there once
    rows, different = tables.connection.execute(f"SELECT count({ident(KEY)}), count(DISTINCT hash({ident(KEY)})) FROM ({keys})").fetchone()
    if rows == different:
        return
    twice = f"SELECT {ident(KEY)}, count(*) - 1 FROM ({keys}) WHERE {ident(KEY)} IS NOT NULL GROUP BY 1 HAVING count(*) > 1 ORDER BY 1"
    found = tables.connection.execute(f"{twice} LIMIT {_MOST_WORDS}").fetchall()
    first: dict[str, Place] = {}
    shown = 0
    words = ", ".join(literal(row[0]) for row in found[:50])
    for kind in kinds if found else ():
        stage = tables.objects[kind]
        for where, (key,) in stage.find(f"s.{ident(KEY)} IN ({words})", [KEY], (stage.identity[0], None), 200):
            before = first.setdefault(key, where)
            if before is not where and shown < 5:
                shown += 1
                tables.defects.append(Diagnostic("DT141", (where, before), {"kind": kind, "found": key}))
    more = rows - tables.connection.execute(f"SELECT count(DISTINCT {ident(KEY)}) FROM ({keys})").fetchone()[0] - shown
    if more > 0:
        tables.defects.append(more_of(tables.objects[kinds[0]].seen[0].source.grid().place(), "标识", more))


def _claims_once(stage: Stage, tables: Tables) -> None:
    pair = f"{ident(AWARD)}, {ident(KEY)}"
    known = f"{ident(AWARD)} IN ({_words(tables.policy.claimable)}) AND {ident(KEY)} IS NOT NULL"
    rows, different = tables.connection.execute(f"SELECT count(*), count(DISTINCT hash({pair})) FROM {stage.name} WHERE {known}").fetchone()
    if rows == different:
        return
    twice = f"(s.{ident(AWARD)}, s.{ident(KEY)}) IN (SELECT ({pair}) FROM {stage.name} WHERE {known} GROUP BY {pair} HAVING count(*) > 1 ORDER BY {pair} LIMIT 50)"
    first: dict[tuple[str, str], Place] = {}
    shown = 0
    for where, (award, key) in stage.find(twice, [AWARD, KEY], ("对象", None), 200):
        before = first.setdefault((award, key), where)
        if before is not where and shown < 5:
            shown += 1
            tables.defects.append(Diagnostic("DT141", (where, before), {"kind": "申报", "found": f"{award} {key}"}))
    if rows - different > shown:
        tables.defects.append(more_of(stage.seen[0].source.grid().place(), "对象", rows - different - shown))


# --- relations -----------------------------------------------------------------------------------------------------------------------------


def _target(stage: Stage, key: Any) -> str:
    helds = stage.stated().get(key)
    return helds[0].column.target if helds and helds[0].column.kind == "object" else ""


def _relation(tables: Tables, kind: str, stage: Stage, key: Any) -> None:
    held = stage.stated()[key][0]
    kinds = tables.kinds_of(held.column.target)
    column = ident(column_name(*key))
    if not any(name in tables.objects for name in kinds):
        seen = next(seen for seen in stage.seen if stage.held(seen, key))
        at, _ = stage.held(seen, key) or (0, None)
        if not tables.unread(kinds) and stage.count(f"s.{column} IS NOT NULL"):
            tables.defects.append(Diagnostic("DT145", (seen.source.grid().place(1, at),), {
                "kind": held.column.target, "name": held.column.header, "expected": "、".join(f"“{name}”" for name in kinds)}))  # fmt: skip
        return
    off = tables.off_file(f"s.{column}", kinds)
    if not stage.count(off):
        return
    _repair(tables, stage, column, kinds)
    count = stage.count(off)
    if not count or tables.unread(kinds) or tables.may_be_unnamed(held.column.target):
        return
    wrong = [
        row[0]
        for row in tables.connection.execute(f"SELECT DISTINCT s.{column} FROM {stage.name} s WHERE {off} ORDER BY 1 LIMIT {_MOST_WORDS}").fetchall()
    ]
    words = ", ".join(map(literal, wrong))
    listed = "、".join(kinds)
    for where, (found,) in stage.find(f"s.{column} IN ({words})", [column_name(*key)], key):
        by_name = _by_name(tables, kinds, found)
        near = by_name[0] if len(by_name) == 1 else tables.near(found, kinds)
        remedy = f"先在“{listed}”表里加上它；没有的填“无”。"
        if near:
            remedy = f"这里填标识，不填名称：“{near}”。" if by_name else f"是不是“{near}”？"
        remedy_en = f"did you mean “{near}”?" if near else "add it to the table, or write 无."
        tables.defects.append(Diagnostic("DT142", (where,), {"kind": held.column.target, "found": found, "expected": f"“{listed}”表里的标识",
                                                             "tables": listed, "remedy": remedy, "remedy_en": remedy_en}))  # fmt: skip
    stage.more(held.column.header, count)


def _repair(tables: Tables, stage: Stage, column: str, kinds: list[str]) -> None:
    """A credit code written in small letters or with spaces is the same code."""
    compact = f"upper(replace({column}, ' ', ''))"
    keys = f"SELECT {ident(KEY)} FROM ({tables.keys(kinds)})"
    off = f"{column} NOT IN (SELECT {ident(KEY)} FROM ({tables.keys(kinds)}) WHERE {ident(KEY)} IS NOT NULL)"
    tables.connection.execute(f"UPDATE {stage.name} SET {column} = {compact} WHERE {column} <> {compact} AND {compact} IN ({keys}) AND {off}")


def _by_name(tables: Tables, kinds: list[str], name: str) -> list[str]:
    """The keys of objects that go by a name."""
    found: list[str] = []
    for kind in kinds:
        stage = tables.objects.get(kind)
        if stage is not None and any(output.name == "名称" for output in stage.outputs):
            query = f"SELECT {ident(KEY)} FROM {stage.name} WHERE {ident('名称')} = {literal(name)} LIMIT 2"
            found += [row[0] for row in tables.connection.execute(query).fetchall()]
    return found


# --- 历史, 申报, 其他政策已付 ----------------------------------------------------------------------------------------------------------------


def _by_object(rules: list[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.object, []).append(rule)
    return found


def _words(rules: list[Rule]) -> str:
    return ", ".join(literal(rule.name) for rule in rules) or "NULL"


def _awards(tables: Tables, stage: Stage, rules: list[Rule]) -> None:
    awards = [rule.name for rule in rules]
    unknown = f"s.{ident(AWARD)} IS NOT NULL AND s.{ident(AWARD)} NOT IN ({_words(rules)})"
    count = stage.count(unknown)
    if not count:
        return
    for where, (name,) in stage.find(unknown, [AWARD], ("奖补", None)):
        otherwise = "从本政策的奖补里选；其他文件付的填到“其他政策已付”表。"
        otherwise_en = "choose an award of the policy; payments under other documents go to 其他政策已付."
        words = remedies(name, awards, otherwise, otherwise_en)
        tables.defects.append(Diagnostic("DT144", (where,), {"found": name, "expected": "、".join(awards), **words}))
    stage.more("奖补", count)


def _on_file(tables: Tables, sheet: str, stage: Stage, wanted: str, rules: list[Rule], notices: list[Diagnostic]) -> None:
    """Who claims must be on file; who was paid before may have gone, which is worth a notice unless the row states its own keys."""
    kinds = tables.kinds_of(wanted)
    test = f"s.{ident(AWARD)} IN ({', '.join(literal(rule.name) for rule in rules)}) AND {tables.off_file(f's.{ident(KEY)}', kinds)}"
    if sheet == HISTORY:
        test += "".join(f" AND s.{ident(output.name)} IS NULL" for output in stage.outputs if output.name.startswith(STATED_KEY))
    count = stage.count(test)
    if not count or sheet != HISTORY and (tables.unread(kinds) or tables.may_be_unnamed(wanted)):
        return
    listed = "、".join(kinds)
    for where, (found,) in stage.find(test, [KEY], ("对象", None)):
        near = tables.near(found, kinds)
        remedy = f"是不是“{near}”？" if near else f"核对标识，或先在“{wanted}”表里加上它。"
        details = {"kind": wanted, "found": found, "expected": f"“{listed}”表里的标识", "tables": listed, "remedy": remedy,
                   "remedy_en": f"did you mean “{near}”?" if near else "check the key, or add the object to its table."}  # fmt: skip
        (notices if sheet == HISTORY else tables.defects).append(Diagnostic("DT151" if sheet == HISTORY else "DT142", (where,), details))
    if sheet != HISTORY:
        stage.more("对象", count)
    elif count > 5:
        notices.append(more_of(stage.seen[0].source.grid().place(), "对象", count - 5, warning=True))


def _not_later(stage: Stage, tables: Tables) -> None:
    later = f"s.年度 > {tables.year}"
    count = stage.count(later)
    if not count:
        return
    for where, (found,) in stage.find(later, ["年度"], ("年度", None)):
        tables.defects.append(Diagnostic("DT140", (where,), {"found": found, "expected": f"不晚于 {tables.year} 年", "expected_en": f"{tables.year} at the latest",
                                                             "remedy": "核对年度。", "remedy_en": "check the year."}))  # fmt: skip
    stage.more("年度", count)
