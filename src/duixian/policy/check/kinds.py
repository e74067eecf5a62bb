"""What every expression comes to: its kind, unit and period; a defect where its parts do not fit each other.

One method a node. A part whose kind is not known (an 另定 number) fits everywhere: the year's file says what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...values.diagnostic import Diagnostic
from ...values.units import MONEY, PLAIN, dimension_text, multiply, same_dimension, unit_dimension
from ..model import Policy
from ..readings import walk
from ..resolve import Unresolved, payee_is_wrong, resolve_path
from ..suggest import NO_HINT, remedies
from ..syntax import (
    Aggregate,
    Always,
    And,
    Between,
    Binary,
    Call,
    Choice,
    Compare,
    DateLiteral,
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
    Step,
    Subject,
    Word,
    YearIndex,
)
from .typed import ANY, TRUTH, Place, Type, fits, left_of_a_division
from .unknown import unknown_name

MOST_TIME = {"年": 1000, "月": 12_000, "个月": 12_000, "日": 365_000, "天": 365_000}
_RANKS = (unit_dimension("名"), unit_dimension("个"))  # what counts places
_FOREIGN = ("美元", "欧元", "港元")
_CONVERTED = {"hint": "外币先乘汇率，汇率写成参数，单位如 元/美元。", "hint_en": "Multiply by the rate of exchange, a 参数 in 元/美元. "}


class Kinds:
    """Collects defects of kind, unit, period and name."""

    def __init__(self, policy: Policy, defects: list[Diagnostic]) -> None:
        self.policy, self.vocabulary, self.defects = policy, policy.vocabulary, defects
        self.document = policy.document
        self.units: dict[tuple[str, str], str] = {}  # open item -> the unit the year's file gives it
        self.row = ""  # the tier row that is being looked at

    def report(self, code: str, node: Node, **details: Any) -> None:
        self.defects.append(self.document.defect(code, node.at, **details))

    def unlike(self, node: Node, left: str, right: str, hint: dict[str, str] = NO_HINT) -> None:
        """DX401: two numbers that stand side by side are of different units."""
        self.report("DX401", node, left=left, right=right, **hint)

    def money(self, node: Node, place: Place) -> None:
        found = self.type_of(node, place)
        if found.kind not in ("", "number"):
            self.report("DX403", node, found=found.text, **NO_HINT)
        elif found.kind == "number" and found.dimension is not None and found.dimension != MONEY and not _is_zero(node):
            foreign = found.dimension in map(unit_dimension, _FOREIGN)
            self.report("DX403", node, found=dimension_text(found.dimension), **(_CONVERTED if foreign else NO_HINT))

    def ordered(self, node: Node, place: Place) -> None:
        if isinstance(node, Path) and node.names == ("计算额",):
            return
        found = self.type_of(node, place)
        if found.kind not in ("", "number", "date", "year"):
            self.report("DX402", node, expected="数或日期", found=found.text, remedy="排序要用数或日期。", remedy_en="order by a number or a date.")

    def condition(self, node: Node, place: Place) -> None:
        found = self.type_of(node, place)
        if found.kind not in ("", "truth"):
            self.report(
                "DX402",
                node,
                expected="条件（是或否）",
                found=found.text,
                remedy="写上界限词，或“是 …”“属于 …”。",
                remedy_en="add a boundary word, 是 or 属于.",
            )

    def want(self, node: Node, place: Place, kind: str, expected: str) -> Type:
        found = self.type_of(node, place)
        if found.kind not in ("", kind):
            self.report(
                "DX402", node, expected=expected, found=found.text, remedy="换一个合适的事实或关系。", remedy_en=f"use something of kind {kind}."
            )
        return found

    # --- expressions ------------------------------------------------------------------------------------------------------------------

    def type_of(self, node: Any, place: Place) -> Type:
        handler = _TYPES.get(type(node))
        return handler(self, node, place) if handler else ANY

    def _number(self, node: Number, place: Place) -> Type:
        return Type("number", unit_dimension(node.unit) if node.unit else PLAIN)

    def _open(self, node: Open, place: Place) -> Type:
        if node.ceiling is not None:
            return self.type_of(node.ceiling, place)
        key = (node.name, "") if node.name else (place.rule.name if place.rule else "", self.row)
        unit = self.units.get(key)
        return ANY if unit is None else Type("number", unit_dimension(unit) if unit else PLAIN)

    def _path(self, node: Path, place: Place) -> Type:
        try:
            hops = resolve_path(self.policy, place.rule, place.kind, node, local=tuple(place.values))
        except Unresolved as stop:
            if node.names[0] == "受益人" and place.rule is not None and payee_is_wrong(self.policy, place.rule):
                return ANY
            decided = self.policy.rules.get(stop.name)
            if decided is not None and decided.kind == "认定" and decided.object == stop.inside:  # told at the 认定, which lacks its fact
                return ANY
            details = unknown_name(self.policy, place.rule, stop.inside, stop.name, stop.known)
            self.report("DX301", node, found=stop.name, expected=f"“{stop.inside}”的事实、关系或下属对象", **details)
            return ANY
        last = hops[-1]
        if last.role == "value":
            return place.values[last.name]
        if last.role == "parameter":
            parameter = self.policy.parameters[last.name]
            for key in parameter.keys:
                self.type_of(Path((key,), at=node.at), place)
            return Type("number", None if parameter.doubtful else unit_dimension(parameter.unit) if parameter.unit else PLAIN, name=last.name)
        if last.role in ("self", "beneficiary", "claim", "relation"):
            return Type("object", target=last.kind, yearly=bool(last.fact and last.fact.yearly), name=last.name)
        if last.role == "children":
            return Type("list", target=last.kind, name=last.name)
        if last.role == "built_in":
            return {"本年": Type("year", name="本年"), "政策起年": Type("year"), "计算额": Type("number", MONEY)}.get(last.name, Type("date"))
        fact = last.fact
        assert fact is not None
        return Type(fact.kind, None if fact.doubtful else fact.dimension, fact.options, fact.extendable, fact.target, fact.yearly, fact.name)

    def _binary(self, node: Binary, place: Place) -> Type:
        left, right = self.type_of(node.left, place), self.type_of(node.right, place)
        if left.kind == right.kind == "year" and node.operator == "−":
            return Type("number", unit_dimension("年"))
        for part, side in ((left, node.left), (right, node.right)):
            self._plain_number(part, side)
        if left.kind != "number" or right.kind != "number" or left.dimension is None or right.dimension is None:
            known = left if left.kind == "number" and left.dimension is not None else right
            return known if node.operator in "+−" and known.kind == "number" else Type("number", None) if left.kind or right.kind else ANY
        if node.operator in "+−":
            if not same_dimension(left.dimension, right.dimension) and not _is_zero(node.left) and not _is_zero(node.right):
                self.unlike(node, left.text, right.text)
            return Type("number", left.dimension, yearly=left.yearly or right.yearly)
        return Type("number", multiply(left.dimension, right.dimension, 1 if node.operator == "×" else -1), yearly=left.yearly or right.yearly)

    def _plain_number(self, found: Type, node: Node) -> None:
        if found.kind == "average":
            self.report("DX406", node, fn="两年平均增长率", expected="两年平均增长率(…) 不低于 5%", found="算式")
        elif found.kind == "duration":
            self.report("DX406", node, fn="时长", expected="时长(…) 满 1年", found="算式")
        elif found.kind not in ("", "number"):
            self.report("DX402", node, expected="数", found=found.text, remedy="算式里只能用数。", remedy_en="only numbers can be computed with.")

    def _step(self, node: Step, place: Place) -> Type:
        left, size, amount = (self.type_of(part, place) for part in (node.left, node.size, node.amount))
        for part, side in ((left, node.left), (size, node.size), (amount, node.amount)):
            self._plain_number(part, side)
        if (
            left.kind == size.kind == "number"
            and left.dimension is not None
            and size.dimension is not None
            and not same_dimension(left.dimension, size.dimension)
        ):
            self.unlike(node, left.text, size.text)
        return amount

    def _limited(self, node: Limited, place: Place) -> Type:
        inner = self.type_of(node.inner, place)
        for bound in (node.most, node.least):
            if bound is not None:
                found = self.type_of(bound, place)
                if found.kind == inner.kind == "number" and not fits(inner, found):
                    self.unlike(bound, inner.text, found.text)
        return inner

    def _compare(self, node: Compare | Between, place: Place) -> Type:
        left = self.type_of(node.left, place)
        for bound in [node.right] if isinstance(node, Compare) else [node.low, node.high]:
            right = self.type_of(bound, place)
            if left.kind == "average":
                if right.kind not in ("", "number") or right.dimension not in (None, PLAIN):
                    self.unlike(node, "增长率（纯数）", right.text)
            elif left.kind == "duration":
                if not isinstance(bound, Number) or bound.unit not in MOST_TIME or bound.value.denominator != 1:
                    self.report("DX407", node, fn="时长", expected="整的年、月、日，如 满 1年以上", found=right.text)
                elif bound.value > MOST_TIME[bound.unit]:  # no calendar holds the day
                    self.report("DX407", node, fn="时长", expected=f"整的年、月、日，{MOST_TIME[bound.unit]}{bound.unit}以内", found=bound.text)
            elif left.kind == "year" and right.kind == "number" and right.dimension in (PLAIN, unit_dimension("年")):
                if isinstance(bound, Number) and bound.value < 1900:  # 成立年度 不满 3年: a length of time, not a year
                    self.report("DX402", node, expected="年份，如 2024年", found=bound.text, remedy=f"几年写“本年 − {left.name}”。", remedy_en=f"a number of years is 本年 − {left.name}.")
            elif left.kind in ("list", "object", "truth", "option", "text"):
                self.report(
                    "DX402",
                    node,
                    expected="可以比较大小的数或日期",
                    found=left.text,
                    remedy="选项用“是”“属于”，列表先用合计、个数。",
                    remedy_en="use 是 or 属于 for options, 合计 or 个数 for lists.",
                )
            elif left.kind and right.kind and (left.kind != right.kind or (left.kind == "number" and not fits(left, right) and not _is_zero(bound))):
                self.unlike(node, left.text, right.text, left_of_a_division(left, right))
        return TRUTH

    def _is(self, node: Is, place: Place) -> Type:
        left = self.type_of(node.left, place)
        value = node.value
        if not isinstance(value, str):
            right = self.type_of(value, place)
            years = {left.kind, right.kind} == {"year", "number"}
            if left.kind and right.kind and left.kind != right.kind and not years:
                self.report(
                    "DX402", node, expected=left.text, found=right.text, remedy="两边要是同一类。", remedy_en="both sides must be of one kind."
                )
            return TRUTH
        if value == "无" or left.kind in ("", "text"):
            return TRUTH
        if isinstance(node.left, YearIndex):
            allowed: tuple[str, ...] = ("首年", "后续年度")
        elif left.kind == "truth":
            allowed = ("是", "否")
        elif left.kind == "option":
            allowed = left.options
        else:
            return self._is_name(node, left, place)
        if value not in allowed and not left.extendable:
            self.report(
                "DX404",
                node,
                found=value,
                name=left.name or "年次、年序",
                expected="、".join(allowed) + ("；或 第1年、第2年至第3年、前3年、第4年起" if isinstance(node.left, YearIndex) else ""),
                **remedies(value, allowed, "用列出的选项。", "use a listed option."),
            )
        return TRUTH

    def _is_name(self, node: Is, left: Type, place: Place) -> Type:
        """年份 是 注册年度: the word is the name of another fact."""
        right = self._path(Path(tuple(node.value.split("的")), at=node.at), place)
        if right.kind and right.kind != left.kind:
            self.report("DX402", node, expected=left.text, found=right.text, remedy="两边要是同一类。", remedy_en="both sides must be of one kind.")
        return TRUTH

    def _in(self, node: In, place: Place) -> Type:
        left = self.type_of(node.left, place)
        if left.kind not in ("", "option", "text"):
            self.report("DX402", node, expected="选项", found=left.text, remedy="“属于”只用于选项。", remedy_en="属于 is for options.")
        for item in node.items:
            if isinstance(item, Word) and left.kind == "option" and item.text not in left.options and not left.extendable:
                self.report(
                    "DX404",
                    item,
                    found=item.text,
                    name=left.name,
                    expected="、".join(left.options),
                    **remedies(item.text, left.options, "用列出的选项。", "use a listed option."),
                )
        return TRUTH

    def _ordinal(self, node: OrdinalTest, place: Place) -> Type:
        left = self.type_of(node.left, place)
        if left.kind not in ("", "ordinal") and not (left.kind == "number" and left.dimension in (None, PLAIN, *_RANKS)):
            self.report(
                "DX402",
                node,
                expected="年序，或单位是“名”的名次",
                found=left.text,
                remedy="“第N年”“前N名”只用于年序和名次；按一个数排出前几名的，写“名额”。",
                remedy_en="第N年 and 前N名 are for 年序 and ranks; to rank claims by a figure use 名额.",
            )
        return TRUTH

    def _several(self, node: And | Or, place: Place) -> Type:
        for item in node.items:
            self.condition(item, place)
        return TRUTH

    def _not(self, node: Not, place: Place) -> Type:
        self.condition(node.item, place)
        return TRUTH

    def _year_index(self, node: YearIndex, place: Place) -> Type:
        if node.path is not None:
            found = self.type_of(node.path, place)
            if found.kind not in ("", "date", "year"):
                self.report(
                    "DX402",
                    node.path,
                    expected="日期或年份",
                    found=found.text,
                    remedy="年序从一个日期算起，或写 首次享受。",
                    remedy_en="use a date, or 首次享受.",
                )
        else:
            self._own_award(node, place, "年次")
        return Type("ordinal")

    def _aggregate(self, node: Aggregate, place: Place) -> Type:
        found = self.type_of(node.path, place)
        if found.kind and found.kind != "list":
            self.report(
                "DX402",
                node.path,
                expected="下属对象的列表",
                found=found.text,
                remedy=f"{node.function}的第一项写下属对象，如 租约。",
                remedy_en="the first argument is a list of children.",
            )
            return ANY
        if not found.kind:
            return ANY
        inside = place.inside(found.target)
        if node.where is not None:
            self.condition(node.where, inside)
        if node.function in ("个数", "占比"):
            if node.of is not None:
                self.report("DX407", node, fn=node.function, expected=f"{node.function}(列表 其中 条件)", found="多了一项")
            return Type("number", unit_dimension("个") if node.function == "个数" else PLAIN, yearly=True)
        if node.of is None:
            self.report("DX407", node, fn=node.function, expected=f"{node.function}(列表 其中 条件, 数)", found="少了要加的数")
            return ANY
        of = self.type_of(node.of, inside)
        self._plain_number(of, node.of)
        return Type("number", of.dimension if of.kind == "number" else None, yearly=True)

    def _call(self, node: Call, place: Place) -> Type:
        name = node.function
        if name == "已付":
            return self._paid(node, place)
        if name == "首次":
            self.condition(node.arguments[0], place)
            if len(node.arguments) > 1:
                since = self.type_of(node.arguments[1], place)
                if since.kind not in ("", "year", "date", "number"):
                    self.report(
                        "DX402", node.arguments[1], expected="年份", found=since.text, remedy="“自”后面写年份。", remedy_en="自 takes a year."
                    )
            elif not self.vocabulary.start_fact(place.kind):
                self.report("DX407", node, fn="首次", expected=f"“{place.kind}”有起年，或写 自 年份", found="没有起年")
            return TRUTH
        if name == "历年最大" and not self.vocabulary.start_fact(place.kind):
            self.report("DX407", node, fn=name, expected=f"词汇里“{place.kind}”写明起年", found="没有起年")
        if name == "首奖年":
            self._own_award(node, place, name)
        types = [self.type_of(argument, place) for argument in node.arguments]
        if (
            name in ("上年", "前年", "增长额", "增长率", "两年平均增长率", "历年最大", "首奖年", "连续增长")
            and types[0].kind
            and not self._yearly(node.arguments[0], place)
        ):
            self.report("DX405", node, found=types[0].name or "它", fn=name)
        if name in ("上年", "前年", "历年最大", "首奖年", "增长额"):
            return types[0]
        if name in ("增长率", "两年平均增长率"):
            self._plain_number(types[0], node.arguments[0])
            return Type("number", PLAIN) if name == "增长率" else Type("average")
        if name == "时长":
            for argument, found in zip(node.arguments, types, strict=True):
                if found.kind not in ("", "date"):
                    self.report("DX402", argument, expected="日期", found=found.text, remedy="时长(起日, 止日)。", remedy_en="时长 takes two dates.")
            return Type("duration")
        if name == "年份":
            if types[0].kind not in ("", "date"):
                self.report("DX402", node, expected="日期", found=types[0].text, remedy="年份(日期)。", remedy_en="年份 takes a date.")
            return Type("year")
        if name in ("有", "无"):
            return TRUTH
        if name == "连续增长":
            return TRUTH
        for argument, found in zip(node.arguments, types, strict=True):
            self._plain_number(found, argument)
            if found.kind == types[0].kind == "number" and not fits(found, types[0]) and not _is_zero(argument):
                self.unlike(argument, types[0].text, found.text)
        return types[0]

    def _paid(self, node: Call, place: Place) -> Type:
        path = node.arguments[0]
        name = path.names[0] if isinstance(path, Path) else ""
        awards = {rule.name: rule for rule in self.policy.awards}
        if name == "本奖":
            self._own_award(node, place, "已付(本奖)")
        elif name in awards:
            if not self._same_object(place.kind, awards[name].object):
                self.report("DX402", node, expected=f"对象是“{place.kind}”的奖补", found=f"“{name}”的对象是“{awards[name].object}”",
                            remedy="已付 数的是本对象得过的钱；别的对象得过的，写成词汇里的事实。",
                            remedy_en="已付 counts what this object itself was paid; make what others were paid a fact.")  # fmt: skip
        else:
            self.report(
                "DX301",
                node,
                found=name,
                expected="本奖，或本政策的奖补",
                **remedies(name, ["本奖", *awards], "写 已付(本奖)。", "write 已付(本奖)."),
            )
        return Type("number", MONEY)

    def _same_object(self, one: str, other: str) -> bool:
        return self.vocabulary.is_kind(one, other) or self.vocabulary.is_kind(other, one)

    def _own_award(self, node: Node, place: Place, word: str) -> None:
        """已付(本奖), 首奖年, 年次 speak of the award they stand in, and of its own object."""
        rule = place.rule
        if rule is None or rule.kind != "奖补":
            where = "算法" if rule is None else rule.kind
            self.report("DX407", node, fn=word, expected="写在奖补里", found=f"写在{where}里，没有“本奖”")
        elif not self._same_object(place.kind, rule.object):
            self.report("DX407", node, fn=word, expected=f"问的是奖补的对象“{rule.object}”", found=f"问的是“{place.kind}”")

    def _yearly(self, node: Node, place: Place) -> bool:
        """Whether an expression speaks of a year at all."""
        for inner in walk(node):
            if isinstance(inner, Aggregate):
                return True
            if isinstance(inner, Path):
                try:
                    hops = resolve_path(self.policy, place.rule, place.kind, inner, local=tuple(place.values))
                except Unresolved:
                    return True
                if any(hop.fact and (hop.fact.yearly or (hop.fact.formula is not None)) for hop in hops) or hops[-1].role == "value":
                    return True
        return False


def _is_zero(node: Any) -> bool:
    return isinstance(node, Number) and node.value == 0 and not node.unit


def _of_first_option(checker: Kinds, node: Choice, place: Place) -> Type:
    """A 【名】 before the choice is made: as its first option, the others have to fit where it fits."""
    return checker.type_of(next(iter(node.options.values()), None), place)


_TYPES: dict[type, Callable[[Kinds, Any, Place], Type]] = {
    Number: Kinds._number, DateLiteral: lambda checker, node, place: Type("date"), Open: Kinds._open, Path: Kinds._path,
    Binary: Kinds._binary, Step: Kinds._step, Limited: Kinds._limited, Compare: Kinds._compare, Between: Kinds._compare,
    Is: Kinds._is, In: Kinds._in, OrdinalTest: Kinds._ordinal, And: Kinds._several, Or: Kinds._several, Not: Kinds._not,
    Always: lambda checker, node, place: TRUTH, Subject: lambda checker, node, place: ANY, YearIndex: Kinds._year_index,
    Aggregate: Kinds._aggregate, Call: Kinds._call, Choice: _of_first_option,
}  # fmt: skip
