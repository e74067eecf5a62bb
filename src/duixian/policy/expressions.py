"""Tokens → nodes: expressions, conditions, tests. One method a nonterminal of docs/grammar.md."""

from __future__ import annotations

import re
from typing import Any

from .cursor import MOST_BRACKETS, Cursor, Unreadable, too_long
from .lexer import Token
from .suggest import nearest
from .syntax import (
    AGGREGATES,
    FUNCTIONS,
    INCLUSIONS,
    PREFIXES,
    SUFFIXES,
    WHOLE_AREA,
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
    Word,
    YearIndex,
)

RESERVED = frozenset(
    (
        "且",
        "或",
        "非",
        "是",
        "不是",
        "属于",
        "不属于",
        "其中",
        "自",
        "另定",
        "不限",
        "无",
        "累计",
        "政策期内",
        "与",
        "合计",
        "除",
        "一次性",
        "一次",
        "按",
        "最低",
        "从高到低",
        "从低到高",
    )
)

# 网络零售额超过1亿元, 网络零售额1亿元以上: one name to the lexer, a comparison to its author
_BEFORE, _BEHIND = ("|".join(sorted((word for word in words if "(" not in word), key=len, reverse=True)) for words in (PREFIXES, SUFFIXES))
_GLUED_NUMBER = re.compile(rf"(.+?)((?:{_BEFORE})\d.*|\d.*?(?:{_BEHIND}))$")


class Expressions(Cursor):
    """Reads whatever has a value or holds of something."""

    # --- conditions -----------------------------------------------------------------------------------------------------------------

    def condition(self) -> Node:
        start = self.token.at
        items, mixed = [], None
        while True:
            first = self.token.at[0]
            items.append(self.conjunction())
            if isinstance(items[-1], And) and items[-1].at[0] == first and mixed is None:  # one in brackets begins behind its bracket
                mixed = items[-1]
            if not self.accept("或"):
                break
        if len(items) == 1:
            return items[0]
        if mixed:
            raise Unreadable("DX207", mixed.at, found="甲 且 乙 或 丙")
        return Or(tuple(items), at=self.span(start))

    def conjunction(self) -> Node:
        start = self.token.at
        items = [self.negation()]
        while self.accept("且"):
            items.append(self.negation())
        return items[0] if len(items) == 1 else And(tuple(items), at=self.span(start))

    def negation(self) -> Node:
        start = self.token.at
        if self.accept("非"):
            return Not(self.comparison(), at=self.span(start))
        return self.comparison()

    def comparison(self) -> Node:
        token = self.token
        if self.accept("不限"):
            return Always(at=token.at)
        after = self.following
        if token.kind == "choice" and (after.kind == "end" or after.is_("且", "或", ")", ",")):
            self.take()
            return Choice(token.text, "condition", at=token.at)
        left = self.expression()
        return self.test(left) if self._test_starts() else left

    def _test_starts(self) -> bool:
        return self.token.kind in ("prefix", "number", "date", "ordinal", "first") or self.token.is_("是", "不是", "属于", "不属于")

    def test(self, left: Node) -> Node:
        """What is said of `left`: a comparison, a range, 是, 属于, an ordinal."""
        start = self.token
        if start.is_("是", "不是"):
            self.take()
            return Is(left, self._is_value(), start.text == "不是", at=self.span(left.at or start.at))
        if start.is_("属于", "不属于"):
            self.take()
            return In(left, self.items(), start.text == "不属于", at=self.span(left.at or start.at))
        if start.kind == "ordinal":
            self.take()
            high = start.value
            if self.token.kind == "to":
                self.take()
                if self.token.kind != "ordinal":
                    raise self.unexpected("第N年")
                high = self.take().value
            elif self.token.kind == "suffix":  # 第4年起
                self.take()
                high = None
            return OrdinalTest(left, start.value, high, at=self.span(start.at))
        if start.kind == "first":
            self.take()
            return OrdinalTest(left, 1, start.value, at=start.at)
        first = self.place
        prefix = self.take() if start.kind == "prefix" else None
        bound = self.primary()
        inclusive = self._included()
        if self.token.kind == "to":
            if prefix is not None:
                raise Unreadable("DX201", prefix.at, expected="A至B，前面没有界限词", found=prefix.text, remedy="范围自己就是界限：去掉界限词，或分开写两个条件。",
                                 remedy_en="a range is its own boundary: drop the word, or write two conditions.")  # fmt: skip
            self.take()
            high = self.primary()
            stated = self._included()
            upper = "<" if stated is False else "≤"
            if _backwards(bound, high):
                raise Unreadable("DX201", self.span(start.at), expected="A至B，小的、早的在前", found="前面的比后面的大", remedy="把两头换过来。",
                                 remedy_en="put the lower one first.")  # fmt: skip
            return Between(left, bound, high, upper, at=self.span(start.at))
        suffix = self.take() if self.token.kind == "suffix" else None
        behind = self._included() if suffix else None  # 以上（不含）
        operators = [PREFIXES[prefix.text]] if prefix else []
        if suffix:
            operators.append(SUFFIXES[suffix.text])
        word = " ".join(token.text for token in (prefix, suffix) if token)
        if not operators:
            self.nothing_glued()
            raise self.unexpected(
                "界限词（以上、超过、不低于……）", "在数字前后写上原文的界限词；相等写“是”。", "write the boundary word of the text; equality is 是."
            )
        stated = [token.text for token in (prefix, suffix) if token and "(含)" in token.text]
        said = {*(True for _ in stated), *(one for one in (inclusive, behind) if one is not None)}
        if len(said) > 1:
            raise Unreadable("DX208", self.span(start.at), found="".join(token.text for token in self.tokens[first : self.place]))
        if said:
            direction = "≥" if operators[0] in "≥>" else "≤"
            operator = direction if True in said else direction.replace("≥", ">").replace("≤", "<")
        elif len(set(operators)) > 1:
            raise Unreadable("DX208", self.span(start.at), found=word)
        else:
            operator = operators[0]
        return Compare(left, operator, bound, word, at=self.span(start.at))

    def _included(self) -> bool | None:
        """（含） or （不含） after a number or the word behind it."""
        if self.token.is_("(") and self.following.is_(*INCLUSIONS):
            self.take()
            word = self.take().text
            self.expect(")")
            return INCLUSIONS[word]
        return None

    def _is_value(self) -> Any:
        token = self.token
        computed = self.following.is_("(", "+", "−", "×", "÷") or self.following.kind == "step"
        if token.kind == "name" and token.text not in RESERVED - {"无", "是"} and not computed:
            self.take()
            return token.text if token.text != "本年" and "的" not in token.text else Path(tuple(token.text.split("的")), at=token.at)
        return self.expression()

    def tier_cell(self, left: Node) -> Node:
        """One cell of a tier table: a test on the head, an option, or nothing."""
        token = self.token
        if token.kind == "end":
            return Always(at=token.at)
        if self.accept("不限"):
            return Always(at=token.at)
        if token.kind == "choice" and self.following.kind == "end":
            self.take()
            return Choice(token.text, "test", left, at=token.at)
        alone = token.is_("是") and self.following.kind == "end"  # 是, 否 under a head that is a yes or no
        if alone or (token.kind == "name" and not token.is_("是", "不是", "属于", "不属于", "另定")):
            self.take()
            return Is(left, token.text, at=token.at)
        return self.test(left)

    # --- expressions ------------------------------------------------------------------------------------------------------------------

    def standard(self) -> Node:
        """式 [，最高 X] [，最低 X]."""
        inner = self.expression()
        most = least = None
        while self.token.is_(",") and (self.following.text == "最高" or self.following.is_("最低")):
            self.take()
            word = self.take().text
            if word == "最高":
                most = self.expression()
            else:
                least = self.expression()
        if least is not None and most is not None and _backwards(least, most):
            raise Unreadable("DX201", self.span(inner.at), expected="最低不比最高高", found="前面的比后面的大", remedy="把两个数换过来。", remedy_en="swap the two.")
        return Limited(inner, most, least, at=self.span(inner.at)) if most or least else inner

    def expression(self) -> Node:
        left = self.term()
        while self.token.is_("+", "−"):
            operator = self.take().text
            right = self.term()
            left = Binary(operator, left, right, at=self.span(left.at))
        return left

    def term(self) -> Node:
        left = self.step()
        while self.token.is_("×", "÷"):
            operator = self.take().text
            right = self.step()
            if operator == "÷":
                _not_zero(right)
            left = Binary(operator, left, right, at=self.span(left.at))
        return left

    def step(self) -> Node:
        left = self.primary()
        token = self.token
        if token.kind == "step" or (token.kind == "choice" and self._value_follows()):
            self.take()
            word = token.text if token.kind == "step" else Choice(token.text, "step", at=token.at)
            size = _not_zero(self.primary())
            amount = self.primary()
            return Step(word, left, size, amount, at=self.span(left.at))
        return left

    def _value_follows(self) -> bool:
        """Whether what comes after this token begins a `primary`: behind a value that makes a 【名】 the word of a step."""
        after = self.following
        called = after.text in AGGREGATES and self.tokens[min(self.place + 2, len(self.tokens) - 1)].is_("(")
        return after.kind in ("number", "choice") or after.is_("(", "另定") or called or (after.kind == "name" and after.text not in RESERVED)

    def primary(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.take()
            return Number(token.value, token.unit, token.text, at=token.at)
        if token.kind == "date":
            self.take()
            return DateLiteral(token.value, at=token.at)
        if token.kind == "choice":
            self.take()
            return Choice(token.text, "expression", at=token.at)
        if token.kind == "prefix" and token.text in ("不超过", "最高"):
            self.take()
            ceiling = self.primary()
            return Open(token.text, ceiling, at=self.span(token.at))
        if self.accept("另定"):
            name = ""
            if self.token.kind == "name" and self.token.text not in RESERVED and self.token.text not in WHOLE_AREA:
                name = self.take().text
            return Open("另定", None, name, at=self.span(token.at))
        if self.accept("("):
            self._depth += 1
            if self._depth > MOST_BRACKETS:
                raise too_long(token.at)
            inner = self.condition()
            self._depth -= 1
            self.expect(")")
            return inner
        if token.kind == "name" and self.following.is_("("):
            if self.tokens[min(self.place + 2, len(self.tokens) - 1)].is_(*INCLUSIONS):
                self.nothing_glued()
            return self.call()
        if token.kind == "name" and token.text not in RESERVED:
            path = self.path()
            return YearIndex("首次享受", at=path.at) if path.names == ("年次",) else path
        raise self.unexpected("数字、名称、【名】或括号")

    def path(self) -> Path:
        token = self.name("名称")
        names = tuple(token.text.split("的"))
        if found := _GLUED_NUMBER.match(token.text):
            raise Unreadable("DX202", token.at, word=found.group(2), before=found.group(1), found=token.text)
        if not all(names):
            raise Unreadable(
                "DX201", token.at, expected="名的名", found=f"“{token.text}”", remedy="“的”前后都要有名称。", remedy_en="的 joins two names."
            )
        return Path(names, at=token.at)

    def call(self) -> Node:
        token = self.take()
        if found := re.match(r"(\D+)(\d.*)$", token.text):  # no function has a digit in its name: 发件量100万件（含）
            raise Unreadable("DX202", token.at, word=found.group(2), before=found.group(1), found=token.text)
        self._depth += 1
        if self._depth > MOST_BRACKETS:
            raise too_long(token.at)
        called = self._called(token)
        self._depth -= 1
        return called

    def _called(self, token: Token) -> Node:
        self.expect("(")
        if token.text in AGGREGATES:
            path = self.path()
            where = self.condition() if self.accept("其中") else None
            of = self.expression() if self.accept(",") else None
            self.expect(")")
            return Aggregate(token.text, path, where, of, at=self.span(token.at))
        if token.text == "年序":
            return self._year_index(token)
        if token.text not in FUNCTIONS:
            near = nearest(token.text, [*FUNCTIONS, *AGGREGATES, "年序"])
            raise Unreadable("DX301", token.at, found=token.text, expected="函数：" + "、".join([*AGGREGATES, *FUNCTIONS, "年序"]),
                             remedy=f"是不是“{near}”？" if near else "从列出的函数里选。", remedy_en=f"did you mean “{near}”?" if near else "use a listed function.")  # fmt: skip
        arguments = []
        while not self.token.is_(")"):
            if token.text == "首次":
                arguments.append(self.condition() if not arguments else self._since())
            else:
                arguments.append(self.expression())
            if not self.accept(","):
                break
        self.expect(")")
        least, most = FUNCTIONS[token.text]
        if not least <= len(arguments) <= most:
            raise Unreadable(
                "DX407",
                self.span(token.at),
                fn=token.text,
                expected=f"{least} 个参数" if least == most else f"{least} 至 {most} 个参数",
                found=f"{len(arguments)} 个",
            )
        return Call(token.text, tuple(arguments), at=self.span(token.at))

    def _since(self) -> Node:
        self.expect("自")
        return self.primary()

    def _year_index(self, token: Token) -> Node:
        if self.accept("首次享受"):
            basis = "首次享受"
            if self.accept(","):
                self.expect("自首年起")
                basis = "自首年起"
            self.expect(")")
            return YearIndex(basis, at=self.span(token.at))
        path = self.path()
        self.expect(")")
        return YearIndex("日期", path, at=self.span(token.at))

    def items(self) -> tuple[Any, ...]:
        """A list joined by 、; 无 alone is the empty list."""
        if self.token.is_("无") and not self.following.is_("、"):
            self.take()
            return ()
        found: list[Any] = []
        while True:
            token = self.token
            if token.kind == "choice":
                self.take()
                found.append(Choice(token.text, "items", at=token.at))
            elif self.accept("另定"):
                name = self.name("名单的名称")
                found.append(Open("另定", None, name.text, at=self.span(token.at)))
            else:
                found.append(Word(self.name("名称").text, at=token.at))
            if not self.accept("、"):
                return tuple(found)


def _backwards(low: Node, high: Node) -> bool:
    """Whether a range between two written numbers of one unit, or two days, has its ends the wrong way round."""
    if isinstance(low, Number) and isinstance(high, Number):
        return low.unit == high.unit and low.value > high.value
    return isinstance(low, DateLiteral) and isinstance(high, DateLiteral) and low.day > high.day


def _not_zero(divisor: Node) -> Node:
    """The same node; Unreadable where what divides is written as 0."""
    if isinstance(divisor, Number) and divisor.value == 0:
        raise Unreadable("DX201", divisor.at, expected="不是 0 的数", found="0", remedy="0 不能作除数。", remedy_en="nothing is divided by 0.")
    return divisor
