"""A random vocabulary: which objects there are, how they belong together, which facts each has; and what can be reached from an object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from duixian.policy.document import split
from duixian.policy.vocabulary import CLAIM, Fact, Vocabulary, parse_vocabulary
from duixian.values.diagnostic import Diagnostic

from .words import NUMBERS, OTHERS, SCORES, Weights

SOURCES = ("登记", "审计", "申报", "", "评定", "系统", "台账", "决定")
HEAD = "| 事实 | 类型 | 单位 | 期间 | 来源 | 算法 |\n|---|---|---|---|---|---|\n"


@dataclass(slots=True)
class Row:
    """One fact as the vocabulary file writes it."""

    name: str
    type: str
    unit: str = ""
    yearly: bool = False
    source: str = ""
    formula: str = ""

    @property
    def text(self) -> str:
        return f"| {self.name} | {self.type} | {self.unit} | {'年' if self.yearly else ''} | {self.source} | {self.formula} |\n"


@dataclass(slots=True)
class Kind:
    """One object type as the vocabulary file writes it."""

    name: str
    clauses: list[str] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return f"## {self.name}（{'；'.join([f'标识：{self.name}编号', *self.clauses])}）\n\n{HEAD}{''.join(row.text for row in self.rows.values())}\n"


@dataclass(slots=True)
class Words:
    """A vocabulary being drawn: the kinds as text, and the same read by the real parser."""

    kinds: dict[str, Kind]
    parsed: Vocabulary = field(init=False)
    _paths: dict[str, list[tuple[str, Fact, bool]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.read()

    @property
    def text(self) -> str:
        return "# 词汇（随机）\n\n" + "".join(kind.text for kind in self.kinds.values())

    def read(self) -> None:
        """Parse again after a change."""
        defects: list[Diagnostic] = []
        self.parsed = parse_vocabulary(split(self.text, "vocabulary.md", defects, strict=False), defects)
        assert not defects, defects[0].render()
        self._paths = {}

    def add(self, kind: str, row: Row) -> None:
        self.kinds[kind].rows[row.name] = row
        self.read()

    # --- what can be reached ----------------------------------------------------------------------------------------------------------

    def paths(self, kind: str) -> list[tuple[str, Fact, bool]]:
        """Every fact reached from an object over at most two relations: (path, fact, whether any step is yearly)."""
        if kind not in self._paths:
            self._paths[kind] = list(self._walk(kind, "", False, 2))
        return self._paths[kind]

    def _walk(self, kind: str, before: str, yearly: bool, hops: int) -> Iterator[tuple[str, Fact, bool]]:
        for fact in self.parsed.facts(kind):
            yield before + fact.name, fact, yearly or fact.yearly or fact.formula is not None
            if fact.kind == "object" and hops and kind != CLAIM:
                yield from self._walk(fact.target, f"{before}{fact.name}的", yearly or fact.yearly, hops - 1)

    def facts(self, kind: str, fact_kind: str) -> list[tuple[str, Fact, bool]]:
        return [item for item in self.paths(kind) if item[1].kind == fact_kind]

    def lists(self, kind: str) -> list[tuple[str, str]]:
        """The lists an aggregate may range over: (path, kind of the children)."""
        found = [(name, name) for name in self._children(kind, "")]
        for path, fact, _ in self.paths(kind):
            if fact.kind == "object" and path.count("的") < 1:
                found += [(f"{path}的{name}", name) for name in self._children(fact.target, fact.name)]
        return found

    def _children(self, kind: str, via: str) -> list[str]:
        vocabulary = self.parsed
        return [name for name in vocabulary.objects if name != CLAIM and vocabulary.fact(kind, name) is None and vocabulary.relation_to(name, kind, via)]

    def payees(self, kind: str) -> list[str]:
        """The ways from an object to who can be paid; '' is the object itself."""
        vocabulary = self.parsed
        anybody = "主体" not in vocabulary.objects
        own = [""] if anybody or vocabulary.is_kind(kind, "主体") else []
        return own + [path for path, fact, _ in self.paths(kind) if fact.kind == "object" and (anybody or vocabulary.is_kind(fact.target, "主体"))]


def draw_vocabulary(rng: Random, weights: Weights) -> Words:
    """企业 always; the other kinds as the weights have it."""
    subject, town = weights(rng, "主体"), weights(rng, "镇")
    kinds: dict[str, Kind] = {CLAIM: Kind(CLAIM)}
    kinds[CLAIM].rows = {row.name: row for row in (
        Row("申报日期", "日期", source="系统"), Row("申报单位选择", "是否", source="申报"), Row("本笔弄虚作假", "是否", source="评定"),
        Row("其他政策已付", "金额", "元", source="台账"), Row("自报金额", "金额", "元", source="申报"))}  # fmt: skip
    if subject:
        kinds["主体"] = Kind("主体", [], {row.name: row for row in (Row("名称", "文字", source="登记"), Row("守信", "是否", yearly=True, source="信用平台"))})
    if town:
        kinds["镇"] = _kind(rng, weights, "镇", 3, ["是：主体"] if subject else [], start=None)
    company = kinds["企业"] = _kind(rng, weights, "企业", 11, ["是：主体"] if subject else [], start="成立年度")
    if town:
        company.rows["所在镇"] = Row("所在镇", "镇", yearly=weights(rng, "yearly relation"), source="登记")
    if weights(rng, "连锁企业"):
        kinds["连锁企业"] = _kind(rng, weights, "连锁企业", 2, ["是：企业"], start=None, taken=company.rows)
    if weights(rng, "门店"):
        shop = kinds["门店"] = _kind(rng, weights, "门店", 7, [], start="成立年度")
        if rng.random() < 0.4:
            shop.clauses.insert(0, "属于：所属企业")
            shop.rows["所属企业"] = Row("所属企业", "企业", yearly=weights(rng, "yearly relation"), source="申报")
        else:
            shop.clauses.insert(0, "属于：企业")
        if town and rng.random() < 0.4:
            shop.rows["门店所在镇"] = Row("门店所在镇", "镇", yearly=rng.random() < 0.5, source="登记")
        if weights(rng, "柜台"):
            kinds["柜台"] = _kind(rng, weights, "柜台", 4, ["属于：门店"], start=None)
    if weights(rng, "荣誉"):
        honour = kinds["荣誉"] = _kind(rng, weights, "荣誉", 3, ["属于：获得单位"], start=None)
        honour.rows["获得单位"] = Row("获得单位", "主体" if subject else "企业", source="证书")
        honour.rows["认定日期"] = Row("认定日期", "日期", source="证书")
        honour.rows["级别"] = Row("级别", OTHERS["级别"], source="证书")
    if weights(rng, "项目"):
        project = kinds["项目"] = _kind(rng, weights, "项目", 4, [], start=None)
        project.rows["承办单位"] = Row("承办单位", "主体" if subject else "企业", yearly=rng.random() < 0.2, source="申报")
        project.rows["决定金额"] = Row("决定金额", "金额", "元", source="决定")
    return Words(kinds)


def _kind(rng: Random, weights: Weights, name: str, size: int, clauses: list[str], *, start: str | None, taken: dict[str, Row] | None = None) -> Kind:
    rows: dict[str, Row] = {}
    names = [*NUMBERS, *OTHERS]
    rng.shuffle(names)
    for fact in [name for name in names if not taken or name not in taken][:size]:
        type_, unit = NUMBERS.get(fact, (OTHERS.get(fact, ""), ""))
        stable = type_ in ("日期", "年份")
        rows[fact] = Row(fact, type_, unit, yearly=rng.random() < (0.08 if stable else 0.8), source=rng.choice(SOURCES))
    if not any(row.type == "金额" and row.unit == "元" for row in rows.values()) and name != "连锁企业":
        rows["零售额"] = Row("零售额", "金额", "元", yearly=True, source="平台")
    if name in SCORES and rng.random() < 0.6:
        rows[SCORES[name]] = Row(SCORES[name], "数量", "分", yearly=rng.random() < 0.8, source="评定")
    if start and weights(rng, "起年"):
        rows[start] = Row(start, "年份", source="登记")
        clauses = [*clauses, f"起年：{start}"]
    return Kind(name, clauses, rows)
