"""The nodes of a policy, and the one table of Chinese keywords. Trees carry English names; Chinese stays in text.

Every node knows where it stands: `at` is (start, end), character offsets into the file it was read from. Nodes compare by content, not by place.
Holds: a parsed tree contains `Choice` nodes where the text has 【名】; a bound tree (`bind.py`) contains none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

Span = tuple[int, int]
NOWHERE: Span = (0, 0)


def _at() -> Any:
    return field(default=NOWHERE, compare=False, repr=False)


# --- the one table of words ----------------------------------------------------------------------------------------------------------

BLOCKS = ("奖补", "认定", "登记", "口径", "就高", "总额", "程序", "通则", "参数")
# the clauses of each kind of block (docs/grammar.md), as `Clauses` asks for them
_OF_RULES = ("对象", "条件", "任一", "材料", "说明")
CLAUSES = {
    "奖补": (*_OF_RULES, "受益人", "时点", "期间", "来源", "否决", "值", "标准", "频次", "晋档", "封顶", "先后", "名额", "并列", "舍入", "出资", "叠加"),
    "认定": (*_OF_RULES, "值", "决定"),
    "登记": (*_OF_RULES, "否决"),
    "口径": ("问题", "选择", "理由", "选项"),
    "就高": ("启用", "方式", "其他政策", "抵扣次序", "并列"),
    "总额": ("范围", "额度", "超出"),
    "通则": ("适用", "条件", "否决", "有效期", "施行", "参照", "年度", "舍入", "未定标准", "历史", "废止", "来源", "状态", "说明"),
    "程序": ("说明",),
    "参数": ("单位", "按", "由", "说明"),
}  # fmt: skip
REPEATED = ("条件", "否决", "封顶", "来源", "值", "说明")  # clauses that may stand several times
SET_ASIDE = ("宣示", "引用", "定义", "程序", "其他支持")
# boundary words before a number, longest first, and the operator each means (民法典 第一千二百五十九条; the closed table of docs/grammar.md)
PREFIXES = {
    "超过(含)": "≥", "超(含)": "≥", "大于等于": "≥", "不低于": "≥", "不少于": "≥", "不早于": "≥", "达到": "≥", "实现": "≥", "至少": "≥", "满": "≥", "达": "≥",
    "不超过": "≤", "不高于": "≤", "不多于": "≤", "不晚于": "≤", "至多": "≤", "最高": "≤",
    "超过": ">", "大于": ">", "高于": ">", "多于": ">", "晚于": ">", "突破": ">", "高出": ">", "超": ">",
    "不满": "<", "不足": "<", "低于": "<", "小于": "<", "少于": "<", "早于": "<", "未达到": "<", "达不到": "<",
}  # fmt: skip
SUFFIXES = {
    "(含)以上": "≥",
    "及以上": "≥",
    "或以上": "≥",
    "以上": "≥",
    "(含)以下": "≤",
    "及以下": "≤",
    "或以下": "≤",
    "以下": "≤",
    "以内": "≤",
    "起": "≥",
}
INCLUSIONS = {"含": True, "不含": False, "含本数": True, "不含本数": False}  # in brackets after a number or the word behind it
AGGREGATES = ("合计", "个数", "最大", "最小", "占比")
# name -> number of arguments (least, most)
FUNCTIONS = {
    "上年": (1, 1), "前年": (1, 1), "增长额": (1, 1), "增长率": (1, 1), "两年平均增长率": (1, 1), "历年最大": (1, 1), "首奖年": (1, 1), "平均": (2, 9), "较大": (2, 9),
    "较小": (2, 9), "超出部分": (2, 2), "时长": (2, 2), "年份": (1, 1), "有": (1, 1), "无": (1, 1), "无则": (2, 2), "已付": (1, 1), "首次": (1, 2), "连续增长": (2, 2),
}  # fmt: skip
FIXED_DAYS = ("本年末", "政策起日", "政策止日")
BUILT_IN = ("本年", "本年末", "政策起日", "政策止日", "政策起年", "受益人", "申报", "本奖", "对象")
UPGRADES = ("补差(已付金额)", "补差(档位标准)", "全额", "不补")
TIE_RULES = ("待评定", "一并入选", "平分", "申报单位选择")
OVERRUNS = ("按比例核减", "下调标准", "先到先得", "不予登记")
WHOLE_AREA = ("全市", "全县", "全省", "全区", "全镇")


# --- expressions and conditions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Node:
    """Anything that has a place in a file."""

    at: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number with its unit, held in base units (分 for 元); `text` is how the policy wrote it."""

    value: Fraction
    unit: str
    text: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class DateLiteral(Node):
    """A day, written out."""

    day: date


@dataclass(frozen=True, slots=True)
class Open(Node):
    """A value the text leaves to the year: 不超过 N, 最高 N (a ceiling), or 另定 [名]."""

    word: str
    ceiling: Node | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Path(Node):
    """名 or 名的名: a fact, walking relations."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """【名】: a place where the text allows two readings. `options` is filled by `readings.py`: option -> the node that would stand here."""

    name: str
    slot: str
    left: Node | None = field(default=None, compare=False, repr=False)
    options: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """f(x, y): one of the functions of the language."""

    function: str
    arguments: tuple[Node, ...]


def between_facts(duration: Call) -> bool:
    """Whether both ends of a 时长 are facts: where it runs backward they contradict each other. From or to a day that is fixed, it has not begun."""
    return all(isinstance(end, Path) and end.names[-1] not in FIXED_DAYS for end in duration.arguments)


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """合计(列表 其中 条件, 式) and its kin, over the children a path leads to."""

    function: str
    path: Path
    where: Node | None
    of: Node | None


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Two numbers added, subtracted, multiplied or divided."""

    operator: str  # + − × ÷
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Step(Node):
    """a 每满 b c: whole steps of b in a, c each; a 每 b c: in proportion."""

    word: Any  # "每满" | "每" | Choice
    left: Node
    size: Node
    amount: Node


@dataclass(frozen=True, slots=True)
class Limited(Node):
    """式，最高 X，最低 Y: a component held between bounds (值, 标准)."""

    inner: Node
    most: Node | None
    least: Node | None


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """A comparison; `word` is the boundary word the policy used."""

    left: Node
    operator: str  # ≥ > ≤ <
    right: Node
    word: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class Between(Node):
    """A至B: A inclusive; B inclusive unless the table's row above begins there (`upper` is ≤ or <)."""

    left: Node
    low: Node
    high: Node
    upper: str = "≤"


@dataclass(frozen=True, slots=True)
class Is(Node):
    """是, 不是: equal to an option, a truth, 无 or another fact."""

    left: Node
    value: Any  # str (option, 是, 否, 无) or Node
    negated: bool = False


@dataclass(frozen=True, slots=True)
class In(Node):
    """属于, 不属于: one of a list, or none of it."""

    left: Node
    items: tuple[Any, ...]  # str | Open | Choice
    negated: bool = False


@dataclass(frozen=True, slots=True)
class OrdinalTest(Node):
    """第N年至第M年, 前N年, 第N名: an ordinal between two bounds (None is open)."""

    left: Node
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Always(Node):
    """不限."""


@dataclass(frozen=True, slots=True)
class Subject(Node):
    """The head of a tier column 情形, where the cell is a whole condition."""


@dataclass(frozen=True, slots=True)
class And(Node):
    """且."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """或."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """非."""

    item: Node


@dataclass(frozen=True, slots=True)
class YearIndex(Node):
    """年次 (首年, 后续年度) or 年序(…): which year this is for the object. basis: 首次享受, 自首年起, or a date path."""

    basis: str
    path: Path | None = None


# --- clause values ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Time(Node):
    """The period of a scope: 每年, 每N年 (years), 累计, 政策期内, 每笔."""

    kind: str
    years: int = 1


@dataclass(frozen=True, slots=True)
class Scope(Node):
    """每X每Y 时间 [与 A、B 合计]: what is counted together."""

    keys: tuple[Any, ...]  # str | Choice
    time: Any  # Time | Choice | None
    together: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Frequency(Node):
    """频次. times None: no limit of its own. `scope` is what the limit counts over; years: 最多 N年 / 自首年起 N年内."""

    times: int | None
    scope: Any  # Scope | Choice | None
    most_years: int | None = None
    from_first: bool = False


@dataclass(frozen=True, slots=True)
class Cap(Node):
    """封顶. amount None is 不限; `whole` holds a 【】 that stands for the entire cap."""

    amount: Any  # Node | None
    scope: Any  # Scope | Choice | None
    whole: Choice | None = None


@dataclass(frozen=True, slots=True)
class Places(Node):
    """名额：前 N 量词 [每 组]，按 次序 [从高到低]."""

    count: int
    counter: str
    keys: tuple[Any, ...]
    by_tier: bool
    order: Node | None  # None: 申报单位选择
    descending: bool
    number: Number | None = None


@dataclass(frozen=True, slots=True)
class Word(Node):
    """A clause value from a closed list, or a free name."""

    text: str


@dataclass(frozen=True, slots=True)
class Tiers(Node):
    """A tier table: each row is a conjunction of cells and a value; the first row that holds wins."""

    heads: tuple[str, ...]
    rows: tuple[TierRow, ...]
    open_whole: bool = False  # | 另定 | 另定 |: the office supplies the table


@dataclass(frozen=True, slots=True)
class TierRow(Node):
    """One row of a tier table."""

    cells: tuple[Node, ...]
    value: Node
    label: str
    places: Places | None = None


@dataclass(frozen=True, slots=True)
class Value(Node):
    """值：名 = 式, or a table whose last head is not 标准."""

    name: str
    body: Any  # Node | Tiers


@dataclass(frozen=True, slots=True)
class Source(Node):
    """来源：事实 取自 来源."""

    fact: str
    origin: str


@dataclass(frozen=True, slots=True)
class FactWindow(Node):
    """期间：当年1月1日至9月30日. Years are relative: 0 当年, −1 上年."""

    start: tuple[int, int, int]
    end: tuple[int, int, int]
    text: str = field(compare=False, default="")
