"""例 tables as data: heads understood, rows completed (an empty cell means "as in row 1"), claims of one settlement put together."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

from ..policy.document import Cell, Table
from ..policy.lexer import normalise
from ..policy.model import General, Highest, Policy, Rule, Total
from ..policy.readings import walk
from ..policy.resolve import Hop, Unresolved, resolve_path
from ..policy.standards import open_items
from ..policy.suggest import nearest, remedies
from ..policy.syntax import Path, Word
from ..policy.vocabulary import Fact
from ..values.diagnostic import Diagnostic
from ..values.terms import APPLIED_ON, CHOSEN, Outcome

SPECIAL = ("例", "口径", "年度", "年度标准", "结果", "出资", "奖补", "对象", "受益人", "应得", "计算额", "额度", "申报日期")
OF_AWARDS = ("例", "口径", "年度", "年度标准", "结果", "出资", "申报日期")
OF_GENERALS = (*OF_AWARDS, "奖补", "应得")
OF_TOTALS = tuple(name for name in SPECIAL if name != "年度标准")  # lines with amounts already due
OF_HIGHEST = tuple(name for name in OF_TOTALS if name != "额度")
RESULTS = {outcome.value: outcome for outcome in Outcome}
_LIST = re.compile(r"([^()]+)\((.+)\)$")
_BACK = {"上年": 1, "前年": 2, "大前年": 3}


@dataclass(frozen=True, slots=True)
class Column:
    """One head of a 例 table, understood. kind: special, open, parameter, fact, list, paid, plain (a key of a line example)."""

    kind: str
    text: str
    hops: tuple[Hop, ...] = ()
    fact: Fact | None = None
    back: int = 0
    parts: tuple[Column, ...] = ()
    at: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Example:
    """One settlement: its name and its rows, complete."""

    name: str
    rows: list[dict[str, Cell]]
    choices: dict[str, str]
    at: tuple[int, int]
    broken: bool = False


@dataclass(slots=True)
class ExampleTable:
    """A 例 table read once: its columns and its examples, with the record it belongs to."""

    owner: Any
    columns: list[Column]
    examples: list[Example]
    source: Table


def _of_the_settlement(name: str) -> bool:
    """Whether a column speaks of the settlement as a whole: its readings, its year and what the office has set for it."""
    return name in ("口径", "年度", "年度标准", "额度") or name.startswith(("另定 ", "参数 "))


class TableReader:
    """Heads and rows of 例 tables."""

    def __init__(self, policy: Policy, defects: list[Diagnostic]) -> None:
        self.policy, self.document, self.defects = policy, policy.document, defects

    def read(self, owner: Any, table: Table) -> ExampleTable | None:
        if again := self.document.repeated_head(table):
            self.defects.append(again)
            return None
        columns: list[Column] = []
        rule = owner if isinstance(owner, Rule) else self._award_of(owner, table) if isinstance(owner, General) else None
        for head in table.head:
            column = self._column(owner, rule, head)
            if column is None:
                return None
            columns.append(column)
        names = [{"open": "另定 ", "parameter": "参数 "}.get(column.kind, "") + column.text for column in columns]
        if "结果" not in names or not table.rows:
            self.defects.append(
                self.document.defect(
                    "DX802", table.head[0].at, expected="最后一列是“结果”，至少一行", found="、".join(names), remedy="补上。", remedy_en="add it."
                )
            )
            return None
        if isinstance(owner, (Total, Highest)) and (lacking := [name for name in ("奖补", "应得") if name not in names]):
            self.defects.append(self.document.defect("DX802", table.head[0].at, expected="、".join(lacking) + " 各一列", found="、".join(names), remedy="补上。", remedy_en="add it."))
            return None
        first = dict(zip(names, table.rows[0], strict=True))
        examples: list[Example] = []
        for cells in table.rows:
            called = dict(zip(names, cells, strict=True))["例"].text
            goes_on = bool(examples and called and examples[-1].name == called)
            row = {}
            for name, cell in zip(names, cells, strict=True):
                own = name in ("例", "口径", "结果", "出资")
                above = examples[-1].rows[0] if goes_on and _of_the_settlement(name) else first
                row[name] = cell if cell.text or own else dataclasses.replace(above[name], at=cell.at)
            choices = self._choices(row.get("口径"))
            if goes_on:
                self._same_settlement(examples[-1], row)
                examples[-1].rows.append(row)
                continue
            examples.append(Example(called, [row], choices or {}, row["例"].at, choices is None))
        read = ExampleTable(owner, columns, examples, table)
        told: set[tuple[str, str]] = set()
        for example in examples:
            self._is_readable(example, told)
        return read

    def _same_settlement(self, example: Example, row: dict[str, Cell]) -> None:
        """The rows of one name are claims of one settlement: what holds for all of it is said by the first row, and another says nothing else."""
        for name in filter(_of_the_settlement, row):
            cell, first = row[name], example.rows[0][name]
            if cell.text and normalise(cell.text) != normalise(first.text):
                example.broken = True
                self.defects.append(self.document.defect("DX802", cell.at, expected=f"相邻的同名行是同一次结算：{name}与第一行相同，或空着", found=cell.text,
                                                         remedy="另一次结算，换一个例名。", remedy_en="another settlement takes another name."))  # fmt: skip

    def _is_readable(self, example: Example, told: set[tuple[str, str]]) -> None:
        for row in example.rows:
            for name, form, expected in (("年度", r"(\d{4}年?)?", "四位年份，或空着"), (APPLIED_ON, r"(\d{4}[-年]\d{1,2}[-月]\d{1,2}日?|？|\?|无)?", "日期，如 2025-03-01")):
                if name in row and not re.fullmatch(form, normalise(row[name].text).strip()):
                    example.broken = True
                    if (name, row[name].text) in told:  # a cell that says what the first row said
                        continue
                    told.add((name, row[name].text))
                    self.defects.append(self.document.defect("DX802", row[name].at, expected=expected, found=row[name].text,
                                                             remedy="照这样写。", remedy_en="write it so."))  # fmt: skip
            text = normalise(row["结果"].text).strip()
            if text not in RESULTS and not re.fullmatch(r"(暂估\s*)?\d+(\.\d+)?(万元|亿元|元)", text):
                example.broken = True
                self.defects.append(self.document.defect("DX802", row["结果"].at, expected="金额、暂估 金额，或 " + "、".join(RESULTS), found=text,
                                                         remedy="写成其中一种。", remedy_en="write one of these."))  # fmt: skip

    def _choices(self, cell: Cell | None) -> dict[str, str] | None:
        choices: dict[str, str] = {}
        for part in re.split("[；;]", normalise(cell.text)) if cell and cell.text else ():
            name, _, option = part.partition("=")
            reading = self.policy.readings.get(name.strip())
            if reading is None or option.strip() not in reading.options:
                known = "、".join(reading.options) if reading else "、".join(self.policy.readings)
                assert cell is not None
                near = nearest(option.strip() if reading else name.strip(), reading.options if reading else self.policy.readings)
                self.defects.append(self.document.defect("DX802", cell.at, expected=f"口径＝选项；{known}", found=part.strip(),
                                                         remedy=f"是不是“{near}”？" if near else "从列出的里选。", remedy_en=f"did you mean {near}?" if near else "use a listed one."))  # fmt: skip
                return None
            choices[name.strip()] = option.strip()
        return choices

    def _award_of(self, owner: General, table: Table) -> Rule | None:
        """The award whose objects, payee and claim the columns of a 通则 speak of: the one its first row names, else one the 通则 is about."""
        place = next((place for place, head in enumerate(table.head) if normalise(head.text).strip() == "奖补"), None)
        named = normalise(table.rows[0][place].text).strip() if place is not None and table.rows else ""
        listed = {item.text for item in owner.items if isinstance(item, Word)}
        about = [rule for rule in self.policy.awards if (rule.name in listed) is not owner.all_awards]
        return next((rule for rule in self.policy.awards if rule.name == named), next(iter(about), None))

    def _column(self, owner: Any, rule: Rule | None, head: Cell) -> Column | None:
        text = normalise(head.text).strip()
        lines = OF_TOTALS if isinstance(owner, Total) else OF_HIGHEST if isinstance(owner, Highest) else SPECIAL
        if text in lines:
            if isinstance(owner, Rule) and text not in OF_AWARDS or isinstance(owner, General) and text not in OF_GENERALS:
                known = "、".join(OF_AWARDS if isinstance(owner, Rule) else OF_GENERALS)
                self.defects.append(self.document.defect("DX802", head.at, expected=f"这里可用：{known}，或事实", found=text,
                                                         remedy="写事实的名称，如 受益人的主体类型。", remedy_en="name a fact, such as 受益人的主体类型."))  # fmt: skip
                return None
            return Column("special", text, at=head.at)
        if text.startswith("另定 "):
            name, names = text.removeprefix("另定 ").strip(), list(dict.fromkeys(key[0] for key in open_items(self.policy)))
            if name not in names:
                self.defects.append(self.document.defect("DX802", head.at, expected=f"待定数的名：{'、'.join(names) or '没有'}", found=name,
                                                         **remedies(name, names, "照规则里“另定”后面的名写。", "use a name that stands behind 另定.")))  # fmt: skip
                return None
            return Column("open", name, at=head.at)
        if text.startswith("参数 ") and text.removeprefix("参数 ").strip() in self.policy.parameters:
            return Column("parameter", text.removeprefix("参数 ").strip(), at=head.at)
        if not isinstance(owner, (Rule, General)):
            known = self._keys()
            if text not in (*known, CHOSEN) and not text.startswith("已付("):  # the key of a group or of a total
                details = {"remedy": "删去这一列：这里用不到。", "remedy_en": "delete the column: nothing here uses it."} if text in SPECIAL else remedies(
                    text, [*lines, CHOSEN, *known], "写键的名称。", "use the name of a key.")  # fmt: skip
                self.defects.append(self.document.defect("DX802", head.at, expected=f"{'、'.join([*lines, CHOSEN])}、分组的键", found=text, **details))
                return None
            return Column("plain", text, at=head.at)
        found = _LIST.match(text)
        if found and found.group(1) not in _BACK:
            return self._list(rule, head, found.group(1).strip(), found.group(2))
        return self._fact(rule, rule.object if rule else "", text, head)

    def _keys(self) -> list[str]:
        """What the lines of a 就高 and of a 总额 are told apart by: the keys of the groups and totals, with the objects they may be."""
        groups = [group for highest in self.policy.highest for group in highest.groups]
        keys = [name for group in groups for name in (*group.same, *(own for names in (group.awards or {}).values() for own in names))]
        keys += [node.text for total in self.policy.totals for node in walk(total.scope) if isinstance(node, Word)]
        return list(dict.fromkeys(keys))

    def _list(self, rule: Rule | None, head: Cell, name: str, parts: str) -> Column | None:
        pieces = re.split("、(?![^(]*[)])", parts)
        if name == "已付":
            return Column("paid", normalise(head.text), parts=tuple(Column("special", piece.strip()) for piece in pieces), at=head.at)
        hops = self._hops(rule, rule.object if rule else "", name, head)
        if hops is None:
            return None
        inside = [self._fact(rule, hops[-1].kind, piece.strip(), head) for piece in pieces]
        if any(column is None for column in inside):
            return None
        return Column("list", normalise(head.text), tuple(hops), parts=tuple(column for column in inside if column is not None), at=head.at)

    def _fact(self, rule: Rule | None, kind: str, text: str, head: Cell) -> Column | None:
        back, name = 0, text
        found = _LIST.match(text)
        if found and found.group(1) in _BACK:
            back, name = _BACK[found.group(1)], found.group(2).strip()
        hops = self._hops(rule, kind, name, head)
        if hops is None:
            return None
        return Column("fact", normalise(head.text) if text == normalise(head.text) else text, tuple(hops), hops[-1].fact, back, at=head.at)

    def _hops(self, rule: Rule | None, kind: str, name: str, head: Cell) -> list[Hop] | None:
        try:
            return resolve_path(self.policy, rule, kind, Path(tuple(name.split("的"))))
        except Unresolved as stop:
            near = nearest(stop.name, [*stop.known, *SPECIAL])
            self.defects.append(self.document.defect("DX802", head.at, expected="、".join([*SPECIAL[:5], "事实", "上年(事实)", "下属(事实、事实)", "已付(年度、金额)"]), found=stop.name,
                                                     remedy=f"是不是“{near}”？" if near else "写事实的名称。", remedy_en=f"did you mean {near}?" if near else "use the name of a fact."))  # fmt: skip
            return None
