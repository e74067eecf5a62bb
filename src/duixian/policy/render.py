"""Nodes → words: the sentence an official signs, said back from the tree, in Chinese or in English. The operator's sign stands behind each
boundary word. Names of facts, objects and awards are the policy's own and are never translated.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..values.facts import NONE, Thing, Unknown
from ..values.labels import amount_text, number_text, unit_word
from ..values.messages import Language
from ..values.units import unit_factor
from .model import Policy
from .syntax import (
    PREFIXES,
    SUFFIXES,
    Aggregate,
    Always,
    And,
    Between,
    Binary,
    Call,
    Cap,
    Choice,
    Compare,
    DateLiteral,
    Frequency,
    In,
    Is,
    Limited,
    Node,
    Not,
    Number,
    Open,
    Or,
    OrdinalTest,
    Path,
    Places,
    Scope,
    Step,
    Subject,
    Tiers,
    Time,
    Value,
    Word,
    YearIndex,
)

_LOOSE = {"+": 1, "−": 1, "×": 2, "÷": 2}
MARKS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def phrase(node: Any, language: Language = "zh") -> str:
    """A node in the words of the language, with the meaning of each boundary word shown as a sign."""
    return _SPEAKERS[language].say(node)


def show(value: Any, unit: str = "", language: Language = "zh") -> str:
    """A value for people, in the unit its fact is declared in."""
    if value is NONE:
        return "无" if language == "zh" else "none"
    if isinstance(value, Unknown):
        return "？" if language == "zh" else "?"
    if value is True or value is False:
        return ("是" if value else "否") if language == "zh" else ("yes" if value else "no")
    if isinstance(value, Thing):
        return value.key
    if isinstance(value, (int, Fraction)):
        if unit == "元":
            return amount_text(value, language)
        if not unit and value.__class__ is int:
            return str(value)  # a year as a year, never 2,025
        count = Fraction(value) / unit_factor(unit) if unit else value
        return number_text(count, language) + unit_word(unit, language, count)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


class Speaker:
    """Says nodes in one language. With a policy and choices, every 【】 is said as the option chosen and marked ①②③ in the order met."""

    def __init__(self, language: Language = "zh", policy: Policy | None = None, choices: Mapping[str, str] | None = None) -> None:
        self.language, self.policy, self.choices = language, policy, choices or {}
        self.marks: dict[str, str] = {}  # reading -> its mark
        self.silent = False  # say the choice without its mark

    def say(self, node: Any) -> str:
        if isinstance(node, str):
            return node if self.language == "zh" else _ENGLISH_WORDS.get(node, node)
        if isinstance(node, tuple):
            return self._list(node)
        return _SAYINGS[type(node)](self, node)

    # --- readings -------------------------------------------------------------------------------------------------------------------

    def chosen(self, node: Any) -> Any:
        """What stands at a 【】 as now read; anything else is itself."""
        while isinstance(node, Choice) and self.policy is not None:
            reading = self.policy.column(node.name)
            option = node.options.get(self.choices.get(reading.name, reading.choice)) if reading else None
            if option is None:
                return node
            node = option
        return node

    def _choice(self, node: Choice) -> str:
        reading = self.policy.column(node.name) if self.policy else None
        if reading is None:
            return f"【{node.name}】"
        option = node.options.get(self.choices.get(reading.name, reading.choice))
        said = f"【{node.name}】" if option is None else self.say(option)  # first, so that marks run in the order they are read
        mark = self.marks.get(reading.name)
        if mark is None:
            place = len(self.marks)
            mark = self.marks[reading.name] = MARKS[place] if place < len(MARKS) else f"({place + 1})"
        return said if self.silent or said.endswith(mark) else said + mark

    # --- expressions ----------------------------------------------------------------------------------------------------------------

    def _list(self, items: tuple[Any, ...]) -> str:
        said: list[str] = []
        for item in items:
            if said and isinstance(item, Choice) and self.chosen(item) == ():  # a list nobody added anything to
                said[-1] += self.say(item).removeprefix(self._list(()))
            else:
                said.append(self.say(item))
        if self.language == "zh":
            return "、".join(said) or "无"
        return ", ".join(said) or "none"

    def _brackets(self, text: str) -> str:
        return f"（{text}）" if self.language == "zh" else f"({text})"

    def _bracketed(self, node: Any, *inside: type) -> str:
        return self._brackets(self.say(node)) if isinstance(self.chosen(node), inside) else self.say(node)

    def _number(self, node: Number) -> str:
        return node.text if node.text and self.language == "zh" else show(node.value, node.unit, self.language)

    def _open(self, node: Open) -> str:
        if node.ceiling is not None:
            return f"{node.word} {self.say(node.ceiling)}" if self.language == "zh" else f"at most {self.say(node.ceiling)}"
        name = f"（{node.name}）" if node.name else ""
        return f"另定{name}" if self.language == "zh" else f"set each year{name}"

    def _binary(self, node: Binary) -> str:
        def part(inner: Node, tight: bool) -> str:
            shape = self.chosen(inner)
            looser = isinstance(shape, Binary) and (
                _LOOSE[shape.operator] < _LOOSE[node.operator] or (tight and _LOOSE[shape.operator] == _LOOSE[node.operator])
            )
            said = self.say(inner)
            return self._brackets(said) if looser or (isinstance(shape, Step) and node.operator in "×÷") else said

        return f"{part(node.left, False)} {node.operator} {part(node.right, True)}"

    def _step(self, node: Step) -> str:
        left = self._bracketed(node.left, Binary)
        if self.language == "zh":
            return f"{left} {self.say(node.word)} {self.say(node.size)} {self.say(node.amount)}"
        return f"{self.say(node.amount)} {self.say(node.word)} {self.say(node.size)} of {left}"

    def _limited(self, node: Limited) -> str:
        most, least = ("，最高 ", "，最低 ") if self.language == "zh" else (", at most ", ", at least ")
        return self.say(node.inner) + (most + self.say(node.most) if node.most else "") + (least + self.say(node.least) if node.least else "")

    def _call(self, node: Call) -> str:
        arguments = [self.say(item) for item in node.arguments]
        if self.language == "zh":
            return f"{node.function}（{('，自 ' if node.function == '首次' else '，').join(arguments)}）"
        return f"{_ENGLISH_WORDS[node.function]}({(', since ' if node.function == '首次' else ', ').join(arguments)})"

    def _aggregate(self, node: Aggregate) -> str:
        where, of = (f" 其中 {self.say(node.where)}" if node.where else ""), (f"，{self.say(node.of)}" if node.of else "")
        if self.language == "zh":
            return f"{node.function}（{self.say(node.path)}{where}{of}）"
        where = f" where {self.say(node.where)}" if node.where else ""
        of = f": {self.say(node.of)}" if node.of else ""
        return f"{_ENGLISH_WORDS[node.function]}({self.say(node.path)}{where}{of})"

    def _year_index(self, node: YearIndex) -> str:
        if self.language == "zh":
            return "年次" if node.basis == "首次享受" else f"年序（{node.basis if node.path is None else self.say(node.path)}）"
        if node.path is not None:
            return f"year since {self.say(node.path)}"
        return "award year" if node.basis == "首次享受" else "year since the first award"

    # --- conditions -----------------------------------------------------------------------------------------------------------------

    def _compare(self, node: Compare) -> str:
        left, bound = self.say(node.left), self.say(node.right)
        if self.language == "en" or not node.word:
            return f"{left} {node.operator} {bound}"
        words = node.word.split(" ")
        suffix = words[-1] if words[-1].endswith(("以上", "以下", "以内", "起")) else ""
        prefix = words[0] if words[0] != suffix else ""
        said = "" if node.operator in (PREFIXES.get(prefix), SUFFIXES.get(suffix)) else "（含）" if node.operator in "≥≤" else "（不含）"
        return f"{left} {_full_width(f'{prefix} {bound}{said}{suffix}').strip()}（{node.operator}）"

    def _between(self, node: Between) -> str:
        low, high, closed = self.say(node.low), self.say(node.high), node.upper == "≤"
        if self.language == "zh":
            return f"{self.say(node.left)} {low}至{high}（{'含' if closed else '不含'}上限）"
        return f"{self.say(node.left)} from {low} to {high} ({'inclusive' if closed else 'upper bound excluded'})"

    def _is(self, node: Is) -> str:
        if self.language == "zh":
            return f"{self.say(node.left)} {'不是' if node.negated else '是'} {self.say(node.value)}"
        return f"{self.say(node.left)} is {'not ' if node.negated else ''}{self.say(node.value)}"

    def _in(self, node: In) -> str:
        if self.language == "zh":
            return f"{self.say(node.left)} {'不属于' if node.negated else '属于'} {self.say(node.items)}"
        return f"{self.say(node.left)} is {'none' if node.negated else 'one'} of {self.say(node.items)}"

    def _ordinal(self, node: OrdinalTest) -> str:
        low, high, left = node.low, node.high, self.say(node.left)
        if self.language == "zh":
            unit = "年" if isinstance(node.left, YearIndex) else "名"
            return (
                f"{left} 第{low}{unit}" if low == high else f"{left} 第{low}{unit}至第{high}{unit}" if high is not None else f"{left} 第{low}{unit}起"
            )
        return f"{left} no. {low}" if low == high else f"{left} nos. {low} to {high}" if high is not None else f"{left} from no. {low} on"

    def _and(self, node: And) -> str:
        return (" 且 " if self.language == "zh" else " and ").join(self._bracketed(item, Or) for item in node.items)

    def _or(self, node: Or) -> str:
        return (" 或 " if self.language == "zh" else " or ").join(self._bracketed(item, And) for item in node.items)

    def _not(self, node: Not) -> str:
        return ("非 " if self.language == "zh" else "not ") + self._bracketed(node.item, And, Or)

    def _word(self, node: Word) -> str:
        return _full_width(node.text) if self.language == "zh" else self.say(node.text)

    # --- clause values --------------------------------------------------------------------------------------------------------------

    def _time(self, node: Time) -> str:
        if self.language == "zh":
            return f"每{node.years}年" if node.kind == "每N年" else node.kind
        return f"every {_years(node.years)}" if node.kind == "每N年" else _ENGLISH_WORDS[node.kind]

    def _scope(self, node: Scope) -> str:
        together = self.say(node.together) if node.together else ""
        time = self.say(node.time) if node.time else ""
        if self.language == "zh":
            keys = "".join(f"每{self.say(key)}" for key in node.keys)
            return (keys or "全部") + ("" if time.startswith("每") else " " if time else "") + time + (f" 与{together}合计" if together else "")
        keys = " and ".join(self.say(key) for key in node.keys)
        return (f"per {keys}" if keys else "in all") + (f", {time}" if time else "") + (f", together with {together}" if together else "")

    def _frequency(self, node: Frequency) -> str:
        scope = self.say(node.scope) if node.scope is not None else ""
        if self.language == "zh":
            if node.times is None:
                if node.most_years is None:
                    return "每年"
                return f"每年，{'自首年起 ' if node.from_first else '最多 '}{node.most_years}年{'内' if node.from_first else ''} {scope}"
            if node.times == 1 and scope.endswith(" 累计"):
                return f"一次性 {scope.removesuffix(' 累计')}"
            return f"{'一次' if node.times == 1 else f'{node.times}次'} {scope}"
        if node.times is None:
            if node.most_years is None:
                return "every year"
            limit = f"within {_years(node.most_years)} from the first" if node.from_first else f"at most {_years(node.most_years)}"
            return f"every year, {limit} {scope}"
        return f"{'once' if node.times == 1 else f'{node.times} times'} {scope}"

    def _cap(self, node: Cap) -> str:
        if node.whole is not None:
            return self.say(node.whole)
        if node.amount is None:
            return "不限" if self.language == "zh" else "no limit"
        if isinstance(self.chosen(node.amount), Always):
            return self.say(node.amount)
        return f"{self.say(node.amount)} {self.say(node.scope)}"

    def _places(self, node: Places) -> str:
        keys = "".join(f"每{self.say(key)}" for key in node.keys)
        if self.language == "zh":
            groups = ("每档" if node.by_tier else "") + keys
            order = f"按 {self.say(node.order)} {'从高到低' if node.descending else '从低到高'}" if node.order is not None else "按 申报单位选择"
            return f"前 {node.count}{node.counter}{(' ' + groups) if groups else ''}，{order}"
        groups = (" per row" if node.by_tier else "") + (" per " + " and ".join(self.say(key) for key in node.keys) if node.keys else "")
        order = (
            f"by {self.say(node.order)}, {'highest' if node.descending else 'lowest'} first" if node.order is not None else "as the applicant chooses"
        )
        return f"the first {node.count}{groups}, {order}"

    def _tiers(self, node: Tiers) -> str:
        if node.open_whole:
            return "档次表由主管部门按年度另定" if self.language == "zh" else "the office sets the table each year"
        comma, semicolon = ("，", "；") if self.language == "zh" else (", ", "; ")
        return semicolon.join(
            comma.join(self.say(cell) for cell in row.cells if not isinstance(self.chosen(cell), Always)) + f" → {self.say(row.value)}"
            for row in node.rows
        )


def _years(count: int) -> str:
    return f"{count}{unit_word('年', 'en', count)}"


def _full_width(text: str) -> str:
    """The brackets of Chinese text; the tree holds them as the lexer normalised them."""
    return text.replace("(", "（").replace(")", "）")


_ENGLISH_WORDS = {
    "合计": "sum", "个数": "count", "最大": "largest", "最小": "smallest", "占比": "share", "上年": "last year", "前年": "two years ago",
    "增长额": "increase", "增长率": "growth", "两年平均增长率": "two-year average growth", "历年最大": "highest so far",
    "首奖年": "in the first award year", "平均": "mean", "较大": "larger", "较小": "smaller", "超出部分": "excess", "时长": "time",
    "年份": "year", "有": "exists", "无": "none", "无则": "or if none", "已付": "already paid", "首次": "for the first time",
    "连续增长": "rising", "年序": "year number", "每年": "each year", "累计": "ever", "政策期内": "in the policy period", "每笔": "each time",
    "每满": "for each full", "每": "for each", "是": "yes", "否": "no", "本年": "this year", "本年末": "the end of the year",
    "政策起日": "the policy's first day", "政策止日": "the policy's last day", "政策起年": "the policy's first year", "首年": "the first year",
    "后续年度": "a later year", "受益人": "payee", "申报": "claim", "本奖": "this award", "对象": "object", "计算额": "computed amount",
    "四舍五入到分": "round half up to 0.01 yuan", "舍去到分": "round down to 0.01 yuan", "四舍五入到元": "round half up to 1 yuan",
    "舍去到元": "round down to 1 yuan", "四舍五入到万元": "round half up to 10,000 yuan", "舍去到万元": "round down to 10,000 yuan",
    "补差(已付金额)": "difference to what was paid", "补差(档位标准)": "difference to the earlier tier's standard", "全额": "in full again",
    "不补": "no top-up", "按比例核减": "cut in proportion", "下调标准": "standards lowered by one factor", "先到先得": "first come, first served",
    "不予登记": "not registered", "差额": "the difference is paid", "排除": "nothing more is paid", "封顶后": "after the caps",
    "封顶前": "before the caps", "年末在有效期内": "the year's last day is inside the validity",
    "年内有一日在有效期内": "any day of the year is inside the validity", "暂估": "estimate", "不计算": "not computed",
}  # fmt: skip

_SAYINGS: dict[type, Any] = {
    Number: Speaker._number, DateLiteral: lambda self, node: node.day.isoformat() if node.day else "？", Open: Speaker._open,
    Path: lambda self, node: "的".join(node.names) if self.language == "zh" else "'s ".join(self.say(name) for name in node.names),
    Choice: Speaker._choice, Call: Speaker._call, Aggregate: Speaker._aggregate, Binary: Speaker._binary, Step: Speaker._step,
    Limited: Speaker._limited, Compare: Speaker._compare, Between: Speaker._between, Is: Speaker._is, In: Speaker._in,
    OrdinalTest: Speaker._ordinal, Always: lambda self, node: "不限" if self.language == "zh" else "no limit",
    Subject: lambda self, node: "情形" if self.language == "zh" else "case", And: Speaker._and, Or: Speaker._or, Not: Speaker._not,
    YearIndex: Speaker._year_index, Time: Speaker._time, Scope: Speaker._scope, Frequency: Speaker._frequency, Cap: Speaker._cap,
    Places: Speaker._places, Word: Speaker._word, Tiers: Speaker._tiers,
    Value: lambda self, node: f"{node.name} = {self.say(node.body)}",
}  # fmt: skip

_SPEAKERS: dict[str, Speaker] = {"zh": Speaker("zh"), "en": Speaker("en")}
