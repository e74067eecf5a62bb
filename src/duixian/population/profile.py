"""A profile (人群画像) from its Markdown file to typed records: which objects, how many, how each fact is drawn, and where each figure is from.

Every row names its source in 依据. Everything wrong is reported at once, each at its place.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..policy.document import Bullet, Cell, Heading, Table, read_text, split
from ..policy.model import Policy
from ..policy.suggest import remedies
from ..policy.syntax import Span
from ..tables.layout import CLAIMS, HISTORY, Column, column_of, facts_of, identity_of, object_kinds
from ..values.diagnostic import Defects, Diagnostic, Place
from ..values.digest import sha256_hex
from ..values.terms import OUTSIDE, REPEALED, THIS_POLICY
from .draws import READERS, Condition, Unclear, condition_text, plain_number, read_draw, share_text, whole_cell
from .rows import BoundRow, Change, ClaimRow, FactRow, LedgerRow, ObjectRow, Profile

OBJECTS, CHANGES, BOUNDS = "对象", "逐年变化", "边界"
# table -> its columns; those in the second tuple may be left out
COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    OBJECTS: (("对象", "相对于", "有的比例", "依据"), ("再有的比例", "最多", "最少")),
    CHANGES: (("对象", "事实", "持续", "依据"), ("增长中位", "增长散度")),
    BOUNDS: (("对象", "事实", "比例", "依据"), ()),
    HISTORY: (("奖补", "比例", "年度", "文件", "金额", "依据"), ("条件", "对象")),
    OUTSIDE: (("奖补", "比例", "金额", "依据"), ("条件",)),
    CLAIMS: (("奖补", "比例", "申报日期", "依据"), ("弄虚作假比例",)),
}
_FACT_COLUMNS = (("事实", "分布", "参数", "依据"), ("缺失率", "无的比例"))
_ASSUMED = "假定"
_SOURCES = ("http://", "https://", "《")


def columns_of(policy: Policy, kind: str) -> dict[str, Column]:
    """Every column a profile may describe for an object type: its key and its facts, by name."""
    columns = {column.name: column for column in identity_of(policy, kind)}
    for fact in facts_of(policy, kind):
        columns.setdefault(fact.name, column_of(fact))
    return columns


def find_column(policy: Policy, kind: str, name: str) -> Column:
    """The column of 〈事实〉 or 〈关系〉的〈事实〉, seen from an object type. Raises Unclear."""
    relation, mark, fact = name.partition("的")
    if not mark:
        columns = columns_of(policy, kind)
        if name not in columns:
            raise Unclear(f"“{kind}”的一个事实，而不是“{name}”", f"a fact of “{kind}”, not “{name}”")
        return columns[name]
    step = columns_of(policy, kind).get(relation)
    if step is None or step.kind != "object":
        raise Unclear(f"“{kind}”的一条关系，而不是“{relation}”", f"a relation of “{kind}”, not “{relation}”")
    return find_column(policy, step.target, fact)


def read_profile(path: str | Path, policy: Policy) -> Profile:
    """The profile of a policy. Raises Defects with everything that is wrong with it."""
    path = Path(path)
    if not path.exists():
        base = next((rule.object for rule in policy.awards), "企业")
        raise Defects([Diagnostic("DP118", (Place(f"{path.parent.name}/{path.name}".lstrip("/")),), {"policy": policy.id, "base": base})])
    text = read_text(path)
    defects: list[Diagnostic] = []
    document = split(text, f"{path.parent.name}/{path.name}", defects, strict=False)
    front = document.front
    for key, expected in (("画像", policy.id), ("基准", "")):
        if key not in front or (expected and front[key].text != expected):
            found = front[key].text if key in front else "没有"
            defects.append(Diagnostic("DP101", (Place(document.file, 1, 1),), {"key": key, "expected": expected or "一个对象", "expected_en": expected or "an object type",
                                                                                     "found": found, "found_en": front[key].text if key in front else "nothing"}))
    profile = Profile(document, sha256_hex(text), front["基准"].text if "基准" in front else "")
    if defects:
        raise Defects(defects)
    _Reader(profile, policy, defects).everything()
    if defects:
        raise Defects(defects)
    return profile


class _Reader:
    def __init__(self, profile: Profile, policy: Policy, defects: list[Diagnostic]) -> None:
        self.profile, self.policy, self.defects = profile, policy, defects
        self.document = profile.document
        self.kinds = object_kinds(policy)
        self.awards = {rule.name: rule for rule in policy.awards}

    def everything(self) -> None:
        if self.profile.base not in self.kinds:
            at = self.document.front["基准"].at
            self._defect("DP102", at, found=self.profile.base, **remedies(self.profile.base, self.kinds, "从词汇的对象里选。", "use an object type."))
        readers = {
            OBJECTS: self._object,
            CHANGES: self._change,
            BOUNDS: self._bound,
            HISTORY: self._history,
            OUTSIDE: self._outside,
            CLAIMS: self._claim,
        }
        for heading in self.document.elements:
            if not isinstance(heading, Heading) or heading.level != 2:
                continue
            name = heading.text.strip()
            if name not in readers and name not in self.kinds:
                known = [*readers, *self.kinds]
                self._defect(
                    "DP102", heading.at, found=name, **remedies(name, known, "用词汇里的对象，或固定的表名。", "use an object type or a fixed table.")
                )
                continue
            if name == OUTSIDE:
                self.profile.outside = []
            for table in self.document.loose.get(heading.at[0], []):
                if isinstance(table, Bullet):
                    continue
                needed, optional = COLUMNS.get(name, _FACT_COLUMNS)
                for cells in self._rows(table, needed, optional, name):
                    try:
                        readers[name](cells) if name in readers else self._fact(name, cells)
                    except _Bad as stop:
                        self._defect(stop.code, stop.cell.at, found=stop.cell.text, **stop.details)

    def _defect(self, code: str, at: Span, **details: str) -> None:
        if "found" in details:
            details.setdefault("found_en", details["found"])  # what was written is shown as it is
        self.defects.append(self.document.defect(code, at, **details))

    def _rows(self, table: Table, needed: tuple[str, ...], optional: tuple[str, ...], name: str) -> list[dict[str, Cell]]:
        """The rows of a table by column, each held to having a source."""
        heads = [cell.text for cell in table.head]
        wrong = [head for head in heads if head not in (*needed, *optional)]
        missing = [head for head in needed if head not in heads]
        if wrong or missing:
            self._defect(
                "DP103",
                table.head[0].at,
                name=name,
                expected="、".join((*needed, *(f"{head}（可不写）" for head in optional))),
                expected_en=", ".join((*needed, *(f"{head} (may be left out)" for head in optional))),
                found="、".join(heads),
            )
            return []
        rows = []
        for row in table.rows:
            cells = dict(zip(heads, row, strict=True))
            for head in optional:
                cells.setdefault(head, Cell("", row[0].at))
            source = cells["依据"]
            why = source.text.removeprefix(_ASSUMED).lstrip("：:，, ")
            if not (len(why) >= 4 if source.text.startswith(_ASSUMED) else any(mark in source.text for mark in _SOURCES)):
                self._defect("DP106", source.at if source.text else row[0].at, found=source.text or "空着", found_en=source.text or "an empty cell")
            rows.append(cells)
        return rows

    # --- cells ------------------------------------------------------------------------------------------------------------------------

    def _kind(self, cell: Cell) -> str:
        if cell.text not in self.kinds:
            raise _Bad("DP102", cell, **remedies(cell.text, self.kinds, "从词汇的对象里选。", "use an object type of the vocabulary."))
        return cell.text

    def _column(self, kind: str, cell: Cell) -> Column:
        columns = columns_of(self.policy, kind)
        if cell.text not in columns:
            raise _Bad("DP104", cell, kind=kind, **remedies(cell.text, columns, f"从“{kind}”的事实里选。", f"use a fact of “{kind}”."))
        return columns[cell.text]

    def _share(self, cell: Cell) -> Fraction:
        if not cell.text:
            return Fraction(0)
        return self._try(cell, lambda: share_text(cell.text))

    def _count(self, cell: Cell, default: int) -> int:
        if not cell.text:
            return default
        number = self._try(cell, lambda: plain_number(cell.text))
        if number.denominator != 1 or number > 10**6:
            raise _Bad("DP105", cell, expected="一个整数", expected_en="a whole number")
        return number.numerator

    def _try(self, cell: Cell, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except Unclear as stop:
            raise _Bad("DP105", cell, expected=stop.expected, expected_en=stop.expected_en) from None

    def _award(self, cell: Cell) -> str:
        if cell.text not in self.awards:
            raise _Bad("DP107", cell, **remedies(cell.text, self.awards, "从政策的奖补里选。", "use an award of the policy."))
        return cell.text

    # --- rows -------------------------------------------------------------------------------------------------------------------------

    def _object(self, cells: dict[str, Cell]) -> None:
        kind, parent = self._kind(cells["对象"]), self._kind(cells["相对于"])
        if kind in self.profile.objects:
            raise _Bad("DP108", cells["对象"])
        row = ObjectRow(kind, parent, self._share(cells["有的比例"]), self._share(cells["再有的比例"]), self._count(cells["最多"], 1),
                        self._count(cells["最少"], 0), cells["对象"].at)  # fmt: skip
        self.profile.objects[kind] = row

    def _fact(self, kind: str, cells: dict[str, Cell]) -> None:
        column = self._column(kind, cells["事实"])
        rows = self.profile.facts.setdefault(kind, {})
        if column.name in rows:
            raise _Bad("DP108", cells["事实"])
        name, text = cells["分布"], cells["参数"]
        try:
            draw = read_draw(name.text, text.text, column, lambda other: find_column(self.policy, kind, other))
        except Unclear as stop:
            unfit = column.kind not in READERS.get(name.text, ((), None))[0]
            raise _Bad("DP109" if unfit else "DP105", name if unfit else text, expected=stop.expected, expected_en=stop.expected_en) from None
        unknown, none = self._share(cells["缺失率"]), self._share(cells["无的比例"])
        if unknown + none > 1 or (column.required and unknown + none > 0):
            cell = cells["缺失率"] if cells["缺失率"].text else cells["无的比例"]
            raise _Bad(
                "DP105", cell, expected="缺失率加无的比例不超过 100%；标识和上级不能缺", expected_en="together at most 100%; a key is never missing"
            )
        rows[column.name] = FactRow(kind, column, draw, unknown, none, cells["事实"].at)

    def _change(self, cells: dict[str, Cell]) -> None:
        kind = self._kind(cells["对象"])
        column = self._column(kind, cells["事实"])
        median: Fraction | None = None
        spread = Fraction(0)
        if cells["增长中位"].text:
            text = cells["增长中位"].text
            sign = -1 if text[0] in "-−－" else 1
            median = sign * self._try(cells["增长中位"], lambda: share_text(text.lstrip("-−－")))
            spread = self._try(cells["增长散度"], lambda: plain_number(cells["增长散度"].text))
            if column.kind != "number" or not median > -1 or not spread <= 3:
                raise _Bad(
                    "DP105",
                    cells["增长中位"],
                    expected="数才有增长；大于 −100%，散度不超过 3",
                    expected_en="growth of a number above −100%, spread ≤ 3",
                )
        self.profile.changes[(kind, column.name)] = Change(self._share(cells["持续"]), median, spread, cells["事实"].at)

    def _bound(self, cells: dict[str, Cell]) -> None:
        kind, cell = self._kind(cells["对象"]), cells["事实"]
        growth = cell.text.startswith("增长率")
        inner = cell.text.removeprefix("增长率").strip("()（）") if growth else cell.text
        column = self._column(kind, Cell(inner, cell.at))
        if column.kind != "number" or (growth and not column.yearly):
            raise _Bad("DP105", cell, expected="一个数，或增长率(按年的数)", expected_en="a number, or the growth of a yearly one")
        self.profile.bounds.append(BoundRow(kind, column.name, growth, self._share(cells["比例"]), cell.at))

    def _history(self, cells: dict[str, Cell]) -> None:
        row = self._ledger(cells)
        years = cells["年度"].text
        count = years.removeprefix("前").removesuffix("每年").removesuffix("之一").removesuffix("年")
        if not count.isdecimal() or not 1 <= int(count) <= 10 or years not in (f"前{count}年之一", f"前{count}年每年"):
            raise _Bad("DP105", cells["年度"], expected="“前3年之一”或“前3年每年”", expected_en="“前3年之一” or “前3年每年”")
        if cells["文件"].text not in (THIS_POLICY, REPEALED):
            raise _Bad("DP105", cells["文件"], expected=f"{THIS_POLICY}、{REPEALED}", expected_en=f"{THIS_POLICY} or {REPEALED}")
        if cells["对象"].text not in ("", "在册", "不在册"):
            raise _Bad("DP105", cells["对象"], expected="在册、不在册", expected_en="在册 or 不在册")
        self.profile.history.append(
            LedgerRow(
                row.award,
                row.share,
                int(count),
                years.endswith("每年"),
                cells["文件"].text,
                row.low,
                row.high,
                row.only,
                cells["对象"].text != "不在册",
                row.at,
            )
        )

    def _outside(self, cells: dict[str, Cell]) -> None:
        row = self._ledger(cells)
        if row.low is None:
            raise _Bad("DP105", cells["金额"], expected="“1000元 至 2万元”", expected_en="“1000元 至 2万元”")
        assert self.profile.outside is not None
        self.profile.outside.append(row)

    def _ledger(self, cells: dict[str, Cell]) -> LedgerRow:
        award = self._award(cells["奖补"])
        money = Column("金额", "number", "元", measure="金额")
        low: int | None = None
        high = 0
        if cells["金额"].text != "按政策":
            ends = cells["金额"].text.partition("至")
            low, high = (self._try(cells["金额"], lambda end=end: whole_cell(end.strip(), money)) for end in (ends[0], ends[2]))
            if not 0 < low <= high:
                raise _Bad("DP105", cells["金额"], expected="“按政策”，或“小 至 大”", expected_en="按政策, or “low 至 high”")
        only: tuple[Condition, ...] = ()
        if text := cells["条件"].text:
            kind = self.awards[award].object
            only = self._try(cells["条件"], lambda: condition_text(text, lambda name: find_column(self.policy, kind, name)))
        return LedgerRow(award, self._share(cells["比例"]), 1, False, THIS_POLICY, low, high, only, True, cells["奖补"].at)

    def _claim(self, cells: dict[str, Cell]) -> None:
        first, last = (self._try(cells["申报日期"], lambda text=text: _month(text)) for text in (cells["申报日期"].text.partition("至")[::2]))
        self.profile.claims.append(
            ClaimRow(self._award(cells["奖补"]), self._share(cells["比例"]), first, last, self._share(cells["弄虚作假比例"]), cells["奖补"].at)
        )


class _Bad(Exception):
    """A row that cannot be used: which cell, and the code of its message."""

    def __init__(self, code: str, cell: Cell, **details: str) -> None:
        super().__init__(code)
        self.code, self.cell, self.details = code, cell, details


def _month(text: str) -> tuple[int, int]:
    """`次年3月` as (1, 3), `本年11月` as (0, 11)."""
    flat = text.strip()
    year = {"次": 1, "本": 0}.get(flat[:1])
    month = flat[2:].removesuffix("月")
    if year is None or flat[1:2] != "年" or not month.isdecimal() or not 1 <= int(month) <= 12:
        raise Unclear("“次年3月 至 次年4月”", "“次年3月 至 次年4月”")
    return year, int(month)
