"""What a table of this policy looks like: its sheets and columns, and what a header found in somebody's file means.

Template, writer and reader all go through here, so a file made by one is understood by the others. Grain of a sheet: one row an object.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ..policy.model import Policy
from ..policy.resolve import decision_fact
from ..policy.suggest import nearest
from ..policy.syntax import FactWindow
from ..policy.vocabulary import CLAIM, Fact
from ..values.facts import Missing, Period, window_text
from ..values.money import Exact
from ..values.period import parse_date
from ..values.terms import OUTSIDE, REPEALED, THIS_POLICY
from ..values.units import same_unit
from .usage import usage_of

GUIDE, HISTORY, CLAIMS = "说明", "历史", "申报"
FIXED = (HISTORY, CLAIMS, OUTSIDE)
EXAMPLE = "示例（导入时忽略）"  # in the first column of a row nobody means
JOIN = " + "  # between the parts of a key
OLDEST = 30  # years before the award year that a header may name


@dataclass(frozen=True, slots=True)
class Column:
    """One column. kind: number truth date year text option object award; role: identity fact fixed. `unit` is the unit cells are read in."""

    name: str
    kind: str
    unit: str = ""
    period: Period = None
    role: str = "fact"
    measure: str = ""  # 金额, 数量, 比率 for a number
    target: str = ""
    options: tuple[str, ...] = ()
    extendable: bool = False
    required: bool = False
    yearly: bool = False
    needed: bool = True  # under the readings the policy chooses
    source: str = ""
    note: str = ""
    computed: bool = False
    low: Exact | None = None  # 范围 in base units; None where the column has none
    high: Exact | None = None

    @property
    def header(self) -> str:
        when = "" if self.period is None else f"{self.period}年" if isinstance(self.period, int) else window_text(self.period)
        unit = f"（{self.unit}）" if self.unit else ""
        return self.name + unit + (" " + when if when and not unit else when)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: an object type, or one of 历史, 申报, 其他政策已付."""

    name: str
    columns: tuple[Column, ...]
    identity: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeaderDefect:
    """Why a header cannot be used: a code and the details of its message."""

    code: str
    details: dict[str, str]


def window_days(window: FactWindow, year: int) -> tuple[date, date]:
    """First and last day of a 期间, as a column head names them."""
    (first, *start), (last, *end) = window.start, window.end
    return date(year + first, *start), date(year + last, *end)


def column_of(fact: Fact, period: Period = None, **changes: Any) -> Column:
    """The column of a fact."""
    unit, measure = (fact.unit, fact.type_text) if fact.kind == "number" else ("", "")
    column = Column(
        fact.name, fact.kind, unit, period, measure=measure, target=fact.target,
        options=fact.options, extendable=fact.extendable, yearly=fact.yearly, source=fact.source, note=fact.note, computed=fact.formula is not None,
        low=fact.low, high=fact.high,
    )  # fmt: skip
    return replace(column, **changes)


def facts_of(policy: Policy, kind: str) -> list[Fact]:
    """Every fact a table of this object type may state, the office's decisions of 可认定 included."""
    facts = list(policy.vocabulary.facts(kind))
    known = {fact.name for fact in facts}
    decisions = [decision_fact(rule) for rule in policy.rules.values() if rule.decision == "可认定" and policy.vocabulary.is_kind(kind, rule.object)]
    return facts + [fact for fact in decisions if fact.name not in known]


def identity_of(policy: Policy, kind: str) -> tuple[Column, ...]:
    """The columns that make up the key of an object, and its parent, which no row may lack."""
    declared = policy.vocabulary.objects[kind]
    columns = []
    for name in declared.identity or ("名称",):
        fact = policy.vocabulary.fact(kind, name)
        if fact is not None and not fact.yearly:
            columns.append(column_of(fact, role="identity", required=True))
        else:
            columns.append(Column(name, "text", role="identity", required=True))
    if declared.parent_relation and declared.parent_relation not in declared.identity:
        fact = policy.vocabulary.fact(kind, declared.parent_relation)
        if fact is not None and not fact.yearly:
            columns.append(column_of(fact, required=True))
    return tuple(columns)


def object_kinds(policy: Policy) -> list[str]:
    """Every object type a table may hold."""
    return [name for name in policy.vocabulary.objects if name != CLAIM]


def fixed_columns(policy: Policy, name: str) -> tuple[Column, ...]:
    """The columns of 历史, 申报 and 其他政策已付. Scope keys stand in 历史 for objects that are no longer on file."""
    award = Column("奖补", "award", role="fixed", required=True)
    thing = Column("对象", "text", role="fixed", required=True, note="填该对象的标识；标识有几列的，用“ + ”连起来")
    year = Column("年度", "year", role="fixed", required=True)
    amount = Column("金额", "number", "元", role="fixed", measure="金额", required=True)
    if name == CLAIMS:
        own = [column_of(fact, role="fixed") for fact in policy.vocabulary.facts(CLAIM) if fact.name != OUTSIDE]
        return (award, thing, *own)
    if name == OUTSIDE:
        return (award, thing, year, amount, Column("文号", "text", role="fixed", note="按哪个文件取得"))
    keys = [Column(key, "text", role="fixed", note="对象已不在名单里时填写，用来认出是谁的、哪一项的") for key in usage_of(policy).history_keys]
    return (
        year, award, thing, amount,
        Column("文件", "option", role="fixed", options=(THIS_POLICY, REPEALED), required=True, note="按本政策付的，还是按已被它废止的文件付的"),
        Column("受益人", "text", role="fixed", note="收款单位的标识"),
        Column("档", "text", role="fixed", note="当时按哪一档付的"),
        Column("档位标准", "number", "元", role="fixed", measure="金额", note="当时那一档的标准；按档位标准补差时要用"),
        *[key for key in keys if key.name not in ("受益人", "档", "奖补", "对象", "年度")],
    )  # fmt: skip


def place_of(policy: Policy, item: Missing) -> str:
    """Where something missing is filled in, in the words of the tables; '' where it is no cell: a number that does not exist, a standard."""
    kind, name = item.kind, item.fact
    if kind == CLAIM:
        return f"“{OUTSIDE}”表；没有得过的，这张表只留表头" if name == OUTSIDE else f"“{CLAIMS}”表，“{name}”一列"
    known = {fact.name: fact for fact in facts_of(policy, kind)} if kind in policy.vocabulary.objects else {}
    if (fact := known.get(name)) is not None:
        return f"“{kind}”表，{item.key} 一行（没有就加一行），“{column_of(fact, item.period if fact.yearly else None).header}”一列"
    members = name.removesuffix("清单")
    return f"“{members}”表，一个一行；一个也没有的，这张表只留表头" if members != name and members in policy.vocabulary.objects else ""


def layout_of(policy: Policy, year: int) -> list[Sheet]:
    """The sheets of a template: only object types and facts the policy uses, in the order of the vocabulary."""
    sheets = []
    for kind, uses in usage_of(policy).facts.items():
        identity = identity_of(policy, kind)
        taken = {column.name for column in identity}
        named = sorted(uses.values(), key=lambda use: use.fact.name != "名称")  # the name right beside the key, for people
        columns = list(identity)
        for use in named:
            if use.fact.name in taken:
                continue
            if not use.fact.yearly:
                columns.append(column_of(use.fact, needed=use.chosen))
            for offset, needed in sorted(use.offsets.items()):
                columns.append(column_of(use.fact, year + offset, needed=needed))
            for (window, offset), needed in sorted(use.windows.items(), key=lambda item: (item[0][1], item[0][0].start)):
                columns.append(column_of(use.fact, window_days(window, year + offset), needed=needed))
        sheets.append(Sheet(kind, tuple(columns), tuple(column.name for column in identity if column.role == "identity")))
    return [*sheets, *(Sheet(name, fixed_columns(policy, name)) for name in FIXED)]


# --- reading a header ------------------------------------------------------------------------------------------------------------------

_UNIT = re.compile(r"\(([^()]*)\)")
_WINDOW = re.compile(r"(\d{4}[-年]\d{1,2}[-月]\d{1,2}日?)(?:至|到|~)(\d{4}[-年]\d{1,2}[-月]\d{1,2}日?)$")
_YEAR = re.compile(r"(\d{4})年?$")
_YEAR_FIRST = re.compile(r"^(\d{4})年")


def plain(text: str) -> str:
    """A header or a name without the differences nobody means: width, spaces, line breaks."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if not char.isspace())


def read_header(text: str, sheet: str, policy: Policy, year: int) -> Column | HeaderDefect:
    """The column a header of a table means. `网络零售额（元）2025年` and `2025年网络零售额(元)` are the same."""
    flat = plain(text)
    known = {plain(column.name): column for column in _known(policy, sheet)}
    if flat in known and not known[flat].unit and not known[flat].yearly:
        return known[flat]
    unit: str | None = None
    period: object = None
    rest = flat
    if found := _UNIT.search(rest):
        unit, rest = found.group(1), rest[: found.start()] + rest[found.end() :]
    if found := _WINDOW.search(rest):
        days = (parse_date(found.group(1)), parse_date(found.group(2)))
        first, last = days
        period, rest = (days if first and last and first <= last else None), rest[: found.start()]
    elif (found := _YEAR.search(rest)) and rest not in known:
        period, rest = int(found.group(1)), rest[: found.start()]
    elif found := _YEAR_FIRST.search(rest):
        period, rest = int(found.group(1)), rest[found.end() :]
    column = known.get(rest)
    if column is None:
        return _unknown(text, rest, sheet, policy, period if isinstance(period, int) and year - OLDEST <= period <= year else year)
    return _checked(text, column, unit, period, year)


def _known(policy: Policy, sheet: str) -> Iterator[Column]:
    if sheet in FIXED:
        yield from fixed_columns(policy, sheet)
        return
    identity = identity_of(policy, sheet)
    yield from identity
    taken = {column.name for column in identity}
    for fact in facts_of(policy, sheet):
        if fact.name not in taken:
            yield column_of(fact)


def _checked(text: str, column: Column, unit: str | None, period: object, year: int) -> Column | HeaderDefect:
    expected = replace(column, period=year if column.yearly else None)
    if isinstance(period, tuple) or (isinstance(period, int) and column.yearly):
        expected = replace(column, period=period)
    if not same_unit(unit or "", column.unit):
        return HeaderDefect("DT112", {"expected": expected.header, "found": text})
    if not column.yearly:
        if period is not None:
            return _year_defect(expected, text, "这一项不分年度，删去年度。", "this fact has no year; remove it.")
        return expected
    if period is None:
        return _year_defect(expected, text, "这一项按年度填，在表头写明是哪一年的数。", "this fact is yearly: name the year in the header.")
    last = period[1].year if isinstance(period, tuple) else period
    if not (isinstance(last, int) and year - OLDEST <= last <= year):
        remedy, remedy_en = f"本次结算 {year} 年度，只能有 {year} 年和以前的数。", f"the award year is {year}: only figures of {year} or earlier."
        return _year_defect(replace(column, period=year), text, remedy, remedy_en)
    return expected


def _year_defect(expected: Column, text: str, remedy: str, remedy_en: str) -> HeaderDefect:
    return HeaderDefect("DT113", {"expected": expected.header, "found": text, "remedy": remedy, "remedy_en": remedy_en})


def _unknown(text: str, name: str, sheet: str, policy: Policy, year: int) -> HeaderDefect:
    columns = [replace(column, period=year if column.yearly else None) for column in _known(policy, sheet)]
    near = nearest(name, [column.name for column in columns])
    found = next((column for column in columns if column.name == near), None)
    some = "、".join(column.header for column in columns[:12]) + ("……" if len(columns) > 12 else "")
    return HeaderDefect(
        "DT111",
        {
            "found": text,
            "expected": found.header if found else f"“{sheet}”的列：{some}",
            "expected_en": found.header if found else f"a column of “{sheet}”: {some}",
            "remedy": f"是不是“{found.header}”？" if found else "改成模板里的表头；本政策用不到的列请删掉。",
            "remedy_en": f"did you mean “{found.header}”?" if found else "use a header of the template; delete columns the policy does not know.",
        },
    )
