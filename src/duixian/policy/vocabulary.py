"""The vocabulary (词汇): which objects there are, which facts each has, with kind, unit, period, source and, where it has one, 算法.

Source: docs/grammar.md 词汇. One fact is one (object, name); a name has the same kind and unit wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..values.diagnostic import Diagnostic
from ..values.money import Exact
from ..values.units import PLAIN, Dimension, is_unit, unit_dimension
from .bounds import default_bounds, parse_bounds
from .cursor import Unreadable
from .document import Cell, Document, Heading, Table
from .expressions import RESERVED
from .lexer import is_name_char
from .suggest import NO_HINT, nearest, unit_remedy
from .syntax import BUILT_IN, Node, Span
from .terms import Reader

CLAIM = "申报"
KINDS = {"金额": "number", "数量": "number", "比率": "number", "是否": "truth", "日期": "date", "年份": "year", "文字": "text"}
OFFICE_SOURCES = frozenset({"决定", "评定", "认定", "台账", "系统"})  # facts the office supplies, not the applicant
_OPTIONS = re.compile(r"(?:选项|枚举)\s*(（可增）|\(可增\))?\s*(?:[:：]\s*(.+)|[（(](.+)[)）])$")
_HEADING = re.compile(r"([^（(\s]+)\s*(?:[（(](.*)[)）])?$")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of one object. kind: number truth date year text option object."""

    name: str
    kind: str
    type_text: str
    unit: str
    yearly: bool
    source: str
    note: str = ""
    options: tuple[str, ...] = ()
    extendable: bool = False
    target: str = ""
    formula: Node | None = None
    at: Span = (0, 0)
    low: Exact | None = None  # 范围, in base units (分, a ratio); None for what is neither a number nor a year
    high: Exact | None = None
    doubtful: bool = False  # its unit could not be read: it fits anywhere, the unit is what is reported

    @property
    def dimension(self) -> Dimension:
        return unit_dimension(self.unit) if self.unit else PLAIN

    @property
    def is_money(self) -> bool:
        return self.type_text == "金额"


@dataclass(slots=True)
class ObjectType:
    """One kind of object: its key, what it belongs to (属于), what it also is (是), the fact that says since when it has figures (起年)."""

    name: str
    identity: tuple[str, ...]
    parent: str = ""
    parent_relation: str = ""
    is_a: str = ""
    start_fact: str = ""
    facts: dict[str, Fact] = field(default_factory=dict)
    at: Span = (0, 0)


@dataclass(slots=True)
class Vocabulary:
    """All object types of a vocabulary."""

    objects: dict[str, ObjectType]
    document: Document

    def fact(self, kind: str, name: str) -> Fact | None:
        """The fact of an object, its own or one it has because of 是."""
        seen: set[str] = set()
        while kind in self.objects and kind not in seen:
            seen.add(kind)
            found = self.objects[kind].facts.get(name)
            if found:
                return found
            kind = self.objects[kind].is_a
        return None

    def facts(self, kind: str) -> Iterator[Fact]:
        """Every fact of an object, own facts first."""
        shown: set[str] = set()
        while kind in self.objects:
            for fact in self.objects[kind].facts.values():
                if fact.name not in shown:
                    shown.add(fact.name)
                    yield fact
            kind = self.objects[kind].is_a

    def is_kind(self, kind: str, wanted: str) -> bool:
        while kind in self.objects:
            if kind == wanted:
                return True
            kind = self.objects[kind].is_a
        return False

    def root(self, kind: str) -> str:
        """What an object type is in the end: 企业 and 农户 are both 主体."""
        while kind in self.objects and self.objects[kind].is_a in self.objects:
            kind = self.objects[kind].is_a
        return kind

    def start_fact(self, kind: str) -> str:
        """The fact that says since when an object has figures, its own or one it has because of 是; '' without."""
        while kind in self.objects and not self.objects[kind].start_fact:
            kind = self.objects[kind].is_a
        return self.objects[kind].start_fact if kind in self.objects else ""

    def relation_to(self, child: str, kind: str, via: str = "") -> str | None:
        """The relation of `child` that leads to `kind`. '' where several could be meant.

        Those that name this very kind before those that name what it also is (a 镇 that is a 主体); among these 属于, then `via`, then the only one.
        """
        parent = self.objects[child].parent_relation if self.objects[child].parent else ""
        relations = [fact for fact in self.facts(child) if fact.kind == "object" and self.is_kind(kind, fact.target)]
        names = [fact.name for fact in relations if fact.target == kind] or [fact.name for fact in relations]
        for chosen in (parent, via):
            if chosen in names:
                return chosen
        return names[0] if len(names) == 1 else "" if names else None

    def _target(self, kind: str, relation: str) -> str:
        found = self.fact(kind, relation)
        return found.target if found else relation

    def children(self, kind: str) -> list[str]:
        """The object types that belong to `kind`."""
        return [name for name, declared in self.objects.items() if declared.parent and self._target(name, declared.parent_relation) == kind]

    def names(self, kind: str) -> list[str]:
        """What a path may begin with inside `kind`, for suggestions."""
        return [fact.name for fact in self.facts(kind)] + [name for name in self.objects if name != CLAIM]


def parse_vocabulary(document: Document, defects: list[Diagnostic]) -> Vocabulary:
    """A vocabulary from its split file. Defects are collected; what could be read is returned."""
    objects: dict[str, ObjectType] = {}
    for heading in document.elements:
        if not isinstance(heading, Heading):
            continue
        tables = [item for item in document.loose.get(heading.at[0], []) if isinstance(item, Table)]
        if heading.level != 2:
            if not any(cell.text == "事实" for table in tables for cell in table.head):
                continue  # a title, or notes
            defects.append(document.defect("DX201", heading.at, expected="二级标题（##）", found="#" * heading.level + " " + heading.text,
                                           remedy=f"对象写成“## {heading.text}”。", remedy_en=f"write the object type as “## {heading.text}”."))  # fmt: skip
        declared = _object(heading, document, defects)
        if declared.name in objects:
            defects.append(document.defect("DX302", heading.at, document.place(objects[declared.name].at), found=declared.name))
            continue
        objects[declared.name] = declared
        for table in tables:
            _facts(declared, table, document, defects)
    if CLAIM not in objects:
        objects[CLAIM] = ObjectType(CLAIM, ())
    for declared in objects.values():
        if declared.parent and declared.parent_relation not in declared.facts:
            declared.facts = {
                declared.parent: Fact(declared.parent, "object", declared.parent, "", False, "申报", target=declared.parent, at=declared.at),
                **declared.facts,
            }
    vocabulary = Vocabulary(objects, document)
    _targets(vocabulary, defects)
    _same_everywhere(vocabulary, defects)
    return vocabulary


def _object(heading: Heading, document: Document, defects: list[Diagnostic]) -> ObjectType:
    found = _HEADING.match(heading.text)
    name = found.group(1) if found else heading.text
    _name_is_usable(name, heading.at, document, defects)
    declared = ObjectType(name, (), at=heading.at)
    for part in re.split(r"[；;]", found.group(2) or "") if found else []:
        key, _, value = re.sub("[:]", "：", part).partition("：")
        key, value = key.strip(), value.strip()
        if "：" in value:
            defects.append(document.defect("DX201", heading.at, expected="标识：…；属于：…；是：…；起年：…", found=part.strip(), remedy="几项之间写“；”。", remedy_en="put ； between the parts."))
            continue
        if key == "标识":
            declared.identity = tuple(piece.strip() for piece in re.split(r"[+＋]", value))
            for name in declared.identity:
                _name_is_usable(name, heading.at, document, defects)
        elif key == "属于":
            declared.parent = declared.parent_relation = value
        elif key == "是":
            declared.is_a = value
        elif key == "起年":
            declared.start_fact = value
        elif key and not (key == "内置" and name == CLAIM):
            defects.append(
                document.defect(
                    "DX204",
                    heading.at,
                    kind="对象",
                    found=key,
                    expected="标识、属于、是、起年",
                    remedy="从这四项里选；“内置”只用于“申报”。",
                    remedy_en="use one of the four; 内置 is for 申报 only.",
                )
            )
    return declared


_COLUMNS = ("事实", "类型", "单位", "期间", "来源", "算法", "范围", "说明")


def _facts(declared: ObjectType, table: Table, document: Document, defects: list[Diagnostic]) -> None:
    if again := document.repeated_head(table):
        defects.append(again)
        return
    columns = {cell.text: place for place, cell in enumerate(table.head)}
    for key in ("事实", "类型"):
        if key not in columns:
            defects.append(document.defect("DX204", table.at, kind="词汇表", found="、".join(columns), expected="事实、类型、单位、期间、来源、算法、说明",
                                           remedy=f"补上“{key}”一列。", remedy_en=f"add the column {key}."))  # fmt: skip
            return
    for place, head in enumerate(table.head):
        if not head.text and any(row[place].text for row in table.rows):
            defects.append(document.defect("DX204", head.at, kind="词汇表", found=head.text, expected="、".join(_COLUMNS), remedy="这一列有内容：写上表头，或删去这一列。",
                                           remedy_en="something stands below it: name the column, or delete it."))  # fmt: skip
        near = nearest(head.text, [key for key in _COLUMNS if key not in columns])
        said = {row[place].text for row in table.rows}
        near = "期间" if "期间" not in columns and "年" in said and said <= {"年", ""} else near  # without it no fact has a value a year
        if near and head.text not in _COLUMNS:  # a slip; any other column is the author's own
            defects.append(document.defect("DX204", head.at, kind="词汇表", found=head.text, expected="、".join(_COLUMNS), remedy=f"是不是“{near}”？", remedy_en=f"did you mean “{near}”?"))
    for row in table.rows:
        cell = {key: row[place] for key, place in columns.items()}
        text = {key: value.text for key, value in cell.items()}
        name = text["事实"]
        _name_is_usable(name, cell["事实"].at, document, defects)
        kind, options, extendable, target = _kind(text["类型"])
        unit, doubtful = text.get("单位", "") or ("元" if text["类型"] == "金额" else ""), False
        if text.get("期间", "") not in ("", "年"):
            defects.append(document.defect("DX212", cell["期间"].at, key="期间", expected="年，或空着", found=text["期间"],
                                           remedy="按年的写“年”；一段日子用奖补的“期间”。", remedy_en="年 for yearly facts; other windows are the award's 期间."))  # fmt: skip
        if unit and not is_unit(unit):
            defects.append(document.defect("DX209", cell["单位"].at, found=unit, **unit_remedy(unit)))
            unit, doubtful = "", True
        elif unit and kind != "number" and (kind != "object" or _is_heading(target, document)):  # a word that is no type is told by `_targets`
            unit = _no_unit(text["类型"], cell["单位"], document, defects)
        low, high = (None, None) if doubtful else _bounds(text, unit, cell.get("范围"), document, defects)
        formula = None
        if text.get("算法"):
            try:
                reader = Reader(text["算法"], cell["算法"].at[0], document, defects)
                formula = reader.expression()
                reader.done()
            except Unreadable as stop:
                defects.append(document.defect(stop.code, stop.at, **stop.details))
        if name in declared.facts:
            defects.append(document.defect("DX302", cell["事实"].at, document.place(declared.facts[name].at), found=name))
        declared.facts[name] = Fact(name, kind, text["类型"], unit, text.get("期间", "") != "", text.get("来源", ""), text.get("说明", ""),
                                    options, extendable, target, formula, cell["事实"].at, low, high, doubtful)  # fmt: skip


def _is_heading(name: str, document: Document) -> bool:
    return any(isinstance(item, Heading) and (found := _HEADING.match(item.text)) and found.group(1) == name for item in document.elements)


def _no_unit(type_text: str, cell: Cell, document: Document, defects: list[Diagnostic]) -> str:
    """Yes and no, days, years, words and relations have no unit: one of the two columns is a slip."""
    defects.append(document.defect("DX212", cell.at, key="单位", expected=f"空着：{type_text}没有单位，金额、数量、比率才有", found=cell.text,
                                   remedy="去掉单位，或把类型改成金额、数量、比率。", remedy_en="take the unit away, or make it a 金额, 数量 or 比率."))  # fmt: skip
    return ""


def _bounds(text: dict[str, str], unit: str, cell: Cell | None, document: Document, defects: list[Diagnostic]) -> tuple[Exact | None, Exact | None]:
    """范围 as stated, or by the type."""
    stated = text.get("范围", "")
    if not stated or cell is None:
        return default_bounds(text["类型"])
    found = parse_bounds(stated, text["类型"], unit)
    if found is None:
        defects.append(document.defect("DX212", cell.at, key="范围", found=stated, expected=f"两个数，小的在前，如 0{unit}至100{unit}",
                                       remedy="两头都写单位；只有金额、数量、比率、年份有范围。",
                                       remedy_en="two amounts with their unit, the lower one first; only numbers and years have bounds."))  # fmt: skip
        return default_bounds(text["类型"])
    return found


def _kind(text: str) -> tuple[str, tuple[str, ...], bool, str]:
    if text in KINDS:
        return KINDS[text], (), False, ""
    found = _OPTIONS.match(text)
    if found:
        return "option", tuple(part.strip() for part in re.split("[、,，]", found.group(2) or found.group(3))), bool(found.group(1)), ""
    return "object", (), False, text


def _targets(vocabulary: Vocabulary, defects: list[Diagnostic]) -> None:
    document = vocabulary.document
    for declared in vocabulary.objects.values():
        way = [declared.name]
        while way[-1] in vocabulary.objects and (after := vocabulary.objects[way[-1]].is_a) and after not in way:
            way.append(after)
        if way[-1] in vocabulary.objects and vocabulary.objects[way[-1]].is_a in way:
            defects.append(document.defect("DX304", declared.at, found=" → ".join([*way, vocabulary.objects[way[-1]].is_a])))
            declared.is_a = ""
    for declared in vocabulary.objects.values():
        for what in (declared.is_a,):
            if what and what not in vocabulary.objects:
                defects.append(
                    document.defect(
                        "DX301", declared.at, found=what, expected="词汇里的对象", remedy="加上这个对象，或改名。", remedy_en="declare the object."
                    )
                )
        if declared.start_fact and not vocabulary.fact(declared.name, declared.start_fact):
            defects.append(
                document.defect(
                    "DX301",
                    declared.at,
                    found=declared.start_fact,
                    expected=f"“{declared.name}”的一个事实",
                    remedy="在表里加上这个事实。",
                    remedy_en="declare the fact.",
                )
            )
        for fact in declared.facts.values():
            if fact.kind == "object" and fact.target not in vocabulary.objects:
                defects.append(document.defect("DX301", fact.at, found=fact.target, expected="、".join([*KINDS, "选项：…"]) + "，或一个对象的名称",
                                               remedy="改类型，或加上这个对象。", remedy_en="use a kind of the list, or declare the object."))  # fmt: skip


def _same_everywhere(vocabulary: Vocabulary, defects: list[Diagnostic]) -> None:
    seen: dict[str, Fact] = {}
    for declared in vocabulary.objects.values():
        for fact in declared.facts.values():
            other = seen.setdefault(fact.name, fact)
            if fact.kind != "object" and other.kind != "object" and (other.kind, other.unit) != (fact.kind, fact.unit):
                document = vocabulary.document
                defects.append(
                    document.defect("DX401", fact.at, document.place(other.at), left=other.unit or other.type_text, right=fact.unit or fact.type_text, **NO_HINT)
                )


def usable_name(name: str) -> bool:
    """Whether a name can stand in an expression: no space, no punctuation, no 的 or 每, no digit first, no keyword."""
    spelled = bool(name) and all(is_name_char(char) for char in name) and not name[0].isdigit() and "的" not in name and "每" not in name
    return spelled and name not in RESERVED and name not in BUILT_IN[:5]


def _name_is_usable(name: str, at: Span, document: Document, defects: list[Diagnostic]) -> None:
    if not usable_name(name):
        defects.append(document.defect("DX306", at, found=name, expected="没有空格、标点、“的”“每”，不以数字开头，不是关键字"))
