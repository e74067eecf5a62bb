"""例: the examples of a policy, run through the ordinary path, and what they must show: every result, every option, both sides of every boundary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations
from typing import Any

from ..policy.check.consequences import once_a_name
from ..policy.lexer import normalise
from ..policy.model import Highest, Policy, Rule, Total
from ..policy.readings import Bound, bind, walk
from ..policy.render import phrase
from ..policy.syntax import Call, Compare, Number, Path, Word
from ..values.diagnostic import Diagnostic
from ..values.labels import missing_text, reason_text
from ..values.messages import Language
from ..values.money import exact, yuan_text
from .example_run import Result, Run
from .example_tables import RESULTS, Example, ExampleTable, TableReader
from .ground import Ground, ground


@dataclass(slots=True)
class Examples:
    """Every example of a policy, and what running them finds."""

    policy: Policy
    defects: list[Diagnostic] = field(default_factory=list)
    tables: list[ExampleTable] = field(default_factory=list)
    cells: list[list[Diagnostic]] = field(default_factory=list)  # of each table: what of it could not be read
    unread: set[str] = field(default_factory=set)  # records with an example that cannot be read: what it would have shown is not asked for
    failing: set[str] = field(default_factory=set)  # records with an example that does not come out
    _bound: dict[tuple[tuple[str, str], ...], tuple[Bound, Ground]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        owners = [*self.policy.rules.values(), *self.policy.generals, *self.policy.highest, *self.policy.totals]
        for owner in owners:
            for table in owner.block.tables if owner.block else ():
                if table.head[0].text == "例":
                    defects: list[Diagnostic] = []
                    read = TableReader(self.policy, defects).read(owner, table)
                    if read is not None:
                        self.tables.append(read)
                        self.cells.append(defects)
                    else:
                        self.defects += defects
                    if defects:
                        self.unread.add(owner.name)

    @property
    def count(self) -> int:
        return sum(len(example.rows) for table in self.tables for example in table.examples)

    def bound(self, choices: Mapping[str, str]) -> tuple[Bound, Ground]:
        key = tuple(sorted(choices.items()))
        if key not in self._bound:
            bound = bind(self.policy, choices)
            self._bound[key] = (bound, ground(bound))
        return self._bound[key]

    def run(self, table: ExampleTable, example: Example, choices: Mapping[str, str] | None = None) -> list[Result]:
        """The results of an example's rows, under its own readings unless `choices` says others."""
        bound, fixed = self.bound(example.choices if choices is None else choices)
        return Run(self.policy, bound, fixed, table, example).results()

    def check(self) -> Iterator[Diagnostic]:
        """Examples that do not come out (DX801), options no example separates (DX701), awards and boundaries without examples (DX803, DX804)."""
        results: dict[int, list[Result]] = {}
        unread = [*self.defects]
        for table, cells in zip(self.tables, self.cells, strict=True):
            wrong: list[Diagnostic] = []
            told: dict[tuple[str, str], Diagnostic] = {}
            for example in table.examples:
                if not example.broken:
                    results[id(example)] = found = self.run(table, example)
                    if bad := found[0].bad:
                        example.broken = True
                        self.unread.add(table.owner.name)
                        defect = self.policy.document.defect("DX802", bad.cell.at, expected=bad.expected, found=bad.cell.text, **_REMEDY)
                        told.setdefault((bad.expected, bad.cell.text), defect)  # rows left blank say what the first row said
                    else:
                        wrong += self._compare(example, found)
            if (cells or told) and (changed := self._changed_places(table)):
                yield changed
                continue
            unread += cells
            yield from told.values()
            if wrong:
                self.failing.add(table.owner.name)
                yield from _the_first(wrong)
        yield from once_a_name(unread, "DX802")
        yield from self._separated(results)
        yield from self._present()
        yield from self._idle()

    def _changed_places(self, table: ExampleTable) -> Diagnostic | None:
        """The two heads of a table with cells that cannot be read, where every row of it comes out once they have each other's place."""
        source, document = table.source, self.policy.document
        for one, other in combinations(range(1, len(source.head)), 2):
            heads = list(source.head)
            heads[one], heads[other] = replace(heads[one], text=heads[other].text), replace(heads[other], text=heads[one].text)
            defects: list[Diagnostic] = []
            read = TableReader(self.policy, defects).read(table.owner, replace(source, head=tuple(heads)))
            if read and not defects and all(self._comes_out(read, example) for example in read.examples):
                first, second = source.head[one], source.head[other]
                return document.defect("DX802", first.at, document.place(second.at), expected=f"“{second.text}”：这两列的表头写反了", found=first.text,
                                       remedy=f"“{first.text}”和“{second.text}”对调。", remedy_en=f"let {first.text} and {second.text} change places.")  # fmt: skip
        return None

    def _comes_out(self, table: ExampleTable, example: Example) -> bool:
        found = self.run(table, example)
        return not found[0].bad and not any(self._compare(example, found))

    def _idle(self) -> Iterator[Diagnostic]:
        """Columns of facts that nothing of their award reads: a condition was lost, or the column is left over (DX805)."""
        policy = self.policy
        formulas = [(fact.name, _said(fact.formula)) for declared in policy.vocabulary.objects.values() for fact in declared.facts.values() if fact.formula is not None]
        decided = [rule for rule in policy.rules.values() if rule.kind == "认定"]
        shared = _said((policy.generals, policy.highest, policy.totals, decided)) | {key for one in policy.parameters.values() for key in one.keys}
        shared |= {rule.name + "决定" for rule in decided} | {declared.start_fact for declared in policy.vocabulary.objects.values()}
        for table in self.tables:
            if isinstance(table.owner, Rule) and table.owner.name not in self.unread:
                options = [choice.options for choice, owner in policy.choices if owner == table.owner.name or owner not in policy.rules or policy.rules[owner].kind == "认定"]
                said = shared | _said((table.owner, *(tuple(found.values()) for found in options)))
                for _ in formulas:  # each may rest on others
                    said |= {name for fact, names in formulas if fact in said for name in names}
                for column in table.columns:
                    if column.kind == "fact" and column.hops[0].role != "claim" and column.fact is not None and column.fact.kind != "object" and column.fact.name not in said:
                        yield policy.document.defect("DX805", column.at, found=column.text, name=table.owner.name)

    def _compare(self, example: Example, found: list[Result]) -> Iterator[Diagnostic]:
        for row, result in zip(example.rows, found, strict=True):
            expected = _expected(row["结果"].text)
            if expected != result.text:
                yield self.policy.document.defect(
                    "DX801", row["结果"].at, example=example.name, expected=row["结果"].text, found=result.text, note=_why(result, "zh"), note_en=_why(result, "en", self._words(example, result))
                )
            if "出资" in row and row["出资"].text and row["出资"].text != result.funding:
                yield self.policy.document.defect(
                    "DX801", row["出资"].at, example=example.name, expected=row["出资"].text, found=result.funding or "未定", note="", note_en=""
                )

    def _words(self, example: Example, result: Result) -> dict[str, str]:
        """What the clauses an example failed at are in English, by their Chinese."""
        bound, _ = self.bound(example.choices)
        rule = bound.rules.get(result.line.claim.award) if result.line else None
        records = [record for record in (rule, *bound.generals) if record is not None]
        nodes = [node for record in records for node in walk((record.conditions, record.vetoes, *((record.any_of, record.caps, record.frequency, record.places) if record is rule else ())))]
        return {phrase(node): phrase(node, "en") for node in nodes}

    def _separated(self, results: dict[int, list[Result]]) -> Iterator[Diagnostic]:
        """Each option of each reading changes at least one example."""
        for reading in self.policy.readings.values():
            owners = {owner for choice, owner in self.policy.choices if self.policy.column(choice.name) is reading}
            if not owners or owners & (self.unread | self.failing):
                continue
            wide = any(name not in self.policy.rules for name in owners)
            tables = [table for table in self.tables if wide or table.owner.name in owners or (isinstance(table.owner, (Total, Highest)))]
            tables.sort(key=lambda table: not any(reading.name in example.choices for example in table.examples))
            for option in reading.options:
                if option != reading.choice and not self._differs(reading.name, reading.choice, option, tables, results):
                    yield self.policy.document.defect("DX701", reading.block.at, reading=reading.name, option=option, choice=reading.choice)

    def _differs(self, reading: str, choice: str, option: str, tables: list[ExampleTable], results: dict[int, list[Result]]) -> bool:
        for table in tables:
            for example in sorted(table.examples, key=lambda example: example.choices.get(reading) != option):
                if example.broken:
                    continue
                stated = example.choices.get(reading, choice)
                other = option if stated == choice else choice
                if stated not in (choice, option):
                    continue
                found = self.run(table, example, {**example.choices, reading: other})
                if [(item.text, item.funding) for item in found] != [(item.text, item.funding) for item in results[id(example)]]:
                    return True
        return False

    def _present(self) -> Iterator[Diagnostic]:
        """Every award has examples, and every fixed boundary one exactly at it and one on its other side."""
        document = self.policy.document
        bound, _ = self.bound({})
        for rule in self.policy.awards:
            tables = [table for table in self.tables if table.owner is rule]
            if rule.name in self.unread:
                continue
            if not tables:
                yield document.defect("DX803", rule.at, kind="奖补", name=rule.name)
                continue
            seen: dict[tuple[int, int], tuple[Compare, set[str]]] = {}
            for node in _boundaries(bound.rules[rule.name]):
                seen.setdefault(node.at, (node, set()))
            for table in tables:
                for example in table.examples:
                    if not example.broken:
                        own, fixed = self.bound(example.choices)
                        Run(self.policy, own, fixed, table, example).watch(seen)
            for node, sides in seen.values():
                number = phrase(node.right)
                if "正好" not in sides:
                    yield document.defect("DX804", node.at, number=number, side="正好", side_en="exactly at")
                if len(sides - {"正好"}) < 2:
                    yield document.defect("DX804", node.at, number=number, **_SIDES["是" not in sides])


MOST_WRONG = 3  # rows of one table that do not come out and are told; the rest is counted


def _the_first(wrong: list[Diagnostic]) -> Iterator[Diagnostic]:
    """The first rows of a table that do not come out; the last of them says how many more there are, which often follow from the same word."""
    told, more = wrong[:MOST_WRONG], len(wrong) - MOST_WRONG
    if more > 0:
        last = told.pop()
        note, note_en = f"这张表里另有 {more} 处也不对。{last.details['note']}", f"{more} more of this table do not come out either. {last.details['note_en']}"
        told.append(replace(last, details={**last.details, "note": note, "note_en": note_en.strip()}))
    yield from told


_REMEDY = {"remedy": "照应为的样子写。", "remedy_en": "write it as expected."}
_SIDES = {
    True: {"side": "达到的一边", "side_en": "on the meeting side of"},
    False: {"side": "达不到的一边", "side_en": "on the failing side of"},
}


def _boundaries(rule: Rule) -> Iterator[Compare]:
    """Comparisons with a fixed number that decide a rule."""
    for body in rule.tests:
        for node in walk(body):
            if (
                isinstance(node, Compare)
                and isinstance(node.right, Number)
                and not (isinstance(node.left, Call) and node.left.function in ("两年平均增长率", "时长"))
            ):
                yield node


def _expected(text: str) -> str:
    """A 结果 cell in one spelling: 可付 amounts as 分."""
    text = normalise(text).strip()
    return _RESULT_AMOUNT.sub(lambda found: yuan_text(_fen(found)), text) if text not in RESULTS else text


_RESULT_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)(万元|亿元|元)")


def _fen(found: re.Match[str]) -> Any:
    scale = {"元": 1, "万元": 10**4, "亿元": 10**8}[found.group(2)]
    return exact(Fraction(found.group(1)) * scale * 100)


def _why(result: Result, language: Language, words: Mapping[str, str] | None = None) -> str:
    if result.line is None:
        return ""
    reasons = [reason_text(reason, language, words) for reason in result.line.reasons.values()]
    reasons += [missing_text(item, language) for item in sorted(result.line.missing, key=lambda item: item.text)]
    if not reasons:
        return ""
    return "计算给出的理由：" + "；".join(reasons) if language == "zh" else "The reasons computed: " + "; ".join(reasons)


def _said(nodes: Any) -> set[str]:
    """Every name in some records."""
    found: set[str] = set()
    for node in walk(nodes):
        found |= set(node.names) if isinstance(node, Path) else {node.text} if isinstance(node, Word) else set()
    return found
