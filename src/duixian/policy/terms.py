"""Tokens → nodes: expressions, conditions, tests, scopes and the other clause values. One method a nonterminal of docs/grammar.md.

The same methods read the cells of a 口径 table: `read_slot` parses a text as whatever may stand in that place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..values.diagnostic import Diagnostic
from .document import Document
from .hints import left_over
from .lexer import Token, tokenise
from .suggest import nearest
from .syntax import (
    AGGREGATES,
    FUNCTIONS,
    PREFIXES,
    SUFFIXES,
    TIE_RULES,
    UPGRADES,
    WHOLE_AREA,
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
    Span,
    Step,
    Time,
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


MOST_OPERATORS, MOST_BRACKETS = 80, 25  # one clause; more is not a sentence anybody signs, and would only exhaust the stack


class Unreadable(Exception):
    """A defect that stops the reading of one clause value; the caller collects it and goes on with the next."""

    def __init__(self, code: str, at: Span, **details: object) -> None:
        self.code, self.at, self.details = code, at, details


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


def _counted(token: Token, expected: str) -> int:
    """A number of places, times or years: a whole number from 1."""
    if token.value < 1 or token.value.denominator != 1:
        raise Unreadable("DX201", token.at, expected=expected, found=token.text, remedy="写 1 以上的整数。", remedy_en="a whole number from 1.")
    return int(token.value)


class Reader:
    """Reads one clause value or cell. Every method consumes what it recognises and raises Unreadable otherwise."""

    def __init__(self, text: str, offset: int, document: Document, defects: list[Diagnostic]) -> None:
        self.tokens = tokenise(text, offset, document, defects)
        self.place = 0
        self._depth = 0
        operators = [token for token in self.tokens if token.is_("+", "−", "×", "÷")]
        if len(operators) > MOST_OPERATORS:
            raise _too_long(operators[MOST_OPERATORS].at)

    # --- tokens ---------------------------------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    @property
    def following(self) -> Token:
        return self.tokens[min(self.place + 1, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.token
        self.place = min(self.place + 1, len(self.tokens) - 1)
        return token

    def accept(self, *texts: str) -> Token | None:
        return self.take() if self.token.is_(*texts) else None

    def expect(self, text: str, remedy: str = "", remedy_en: str = "") -> Token:
        if not self.token.is_(text):
            raise self.unexpected(f"“{text}”", remedy or f"补上“{text}”。", remedy_en or f"add “{text}”.")
        return self.take()

    def name(self, what: str) -> Token:
        if self.token.kind != "name":
            raise self.unexpected(what)
        return self.take()

    def unexpected(
        self, expected: str, remedy: str = "照 docs/grammar.md 的写法改。", remedy_en: str = "see docs/grammar.md for the form."
    ) -> Unreadable:
        token = self.token
        return Unreadable(
            "DX201", token.at, expected=expected, found=f"“{token.text}”" if token.text else "到这里就完了", remedy=remedy, remedy_en=remedy_en
        )

    def done(self) -> None:
        if self.token.kind != "end":
            self._nothing_glued()
            raise self.unexpected("到这里结束", *left_over(self.tokens[self.place - 1], self.token, self.following))

    def _nothing_glued(self) -> None:
        """Raise Unreadable where the name that was just read has swallowed a boundary word."""
        glued = _glued_word(self.tokens, self.place)
        if glued:
            before, word, token = glued
            raise Unreadable("DX202", token.at, word=word, before=before, found=token.text)

    def _span(self, start: Span) -> Span:
        return (start[0], self.tokens[self.place - 1].at[1])

    # --- conditions -----------------------------------------------------------------------------------------------------------------

    def condition(self) -> Node:
        start = self.token.at
        items, bracketed = [], []
        while True:
            bracketed.append(self.token.is_("("))
            items.append(self.conjunction())
            if not self.accept("或"):
                break
        if len(items) == 1:
            return items[0]
        mixed = next((item for item in items if isinstance(item, And) and not self._in_brackets(item)), None)
        if mixed:
            raise Unreadable("DX207", mixed.at, found="甲 且 乙 或 丙")
        return Or(tuple(items), at=self._span(start))

    def _in_brackets(self, node: Node) -> bool:
        return any(token.is_("(") and token.at[1] <= node.at[0] for token in self.tokens) and any(
            token.is_(")") and token.at[0] >= node.at[1] for token in self.tokens
        )

    def conjunction(self) -> Node:
        start = self.token.at
        items = [self.negation()]
        while self.accept("且"):
            items.append(self.negation())
        return items[0] if len(items) == 1 else And(tuple(items), at=self._span(start))

    def negation(self) -> Node:
        start = self.token.at
        if self.accept("非"):
            return Not(self.comparison(), at=self._span(start))
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
            return Is(left, self._is_value(), start.text == "不是", at=self._span(left.at or start.at))
        if start.is_("属于", "不属于"):
            self.take()
            return In(left, self.items(), start.text == "不属于", at=self._span(left.at or start.at))
        if start.kind == "ordinal":
            self.take()
            high = start.value
            if self.token.kind == "to":
                self.take()
                if self.token.kind != "ordinal":
                    raise self.unexpected("第N年")
                high = self.take().value
            return OrdinalTest(left, start.value, high, at=self._span(start.at))
        if start.kind == "first":
            self.take()
            return OrdinalTest(left, 1, start.value, at=start.at)
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
                raise Unreadable("DX201", self._span(start.at), expected="A至B，小的、早的在前", found="前面的比后面的大", remedy="把两头换过来。",
                                 remedy_en="put the lower one first.")  # fmt: skip
            return Between(left, bound, high, upper, at=self._span(start.at))
        suffix = self.take() if self.token.kind == "suffix" else None
        operators = [PREFIXES[prefix.text]] if prefix else []
        if suffix:
            operators.append(SUFFIXES[suffix.text])
        word = " ".join(token.text for token in (prefix, suffix) if token)
        if not operators:
            self._nothing_glued()
            raise self.unexpected(
                "界限词（以上、超过、不低于……）", "在数字前后写上原文的界限词；相等写“是”。", "write the boundary word of the text; equality is 是."
            )
        stated = [token.text for token in (prefix, suffix) if token and "(含)" in token.text]
        if stated or inclusive is not None:
            direction = "≥" if operators[0] in "≥>" else "≤"
            operator = direction if stated or inclusive else direction.replace("≥", ">").replace("≤", "<")
        elif len(set(operators)) > 1:
            raise Unreadable("DX208", self._span(start.at), found=word)
        else:
            operator = operators[0]
        return Compare(left, operator, bound, word, at=self._span(start.at))

    def _included(self) -> bool | None:
        """（含） or （不含） after a number."""
        if self.token.is_("(") and self.following.is_("含", "不含"):
            self.take()
            word = self.take().text
            self.expect(")")
            return word == "含"
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
            raise Unreadable("DX201", self._span(inner.at), expected="最低不比最高高", found="前面的比后面的大", remedy="把两个数换过来。", remedy_en="swap the two.")
        return Limited(inner, most, least, at=self._span(inner.at)) if most or least else inner

    def expression(self) -> Node:
        left = self.term()
        while self.token.is_("+", "−"):
            operator = self.take().text
            right = self.term()
            left = Binary(operator, left, right, at=self._span(left.at))
        return left

    def term(self) -> Node:
        left = self.step()
        while self.token.is_("×", "÷"):
            operator = self.take().text
            right = self.step()
            if operator == "÷":
                _not_zero(right)
            left = Binary(operator, left, right, at=self._span(left.at))
        return left

    def step(self) -> Node:
        left = self.primary()
        token = self.token
        if token.kind == "step" or (token.kind == "choice" and self._value_follows()):
            self.take()
            word = token.text if token.kind == "step" else Choice(token.text, "step", at=token.at)
            size = _not_zero(self.primary())
            amount = self.primary()
            return Step(word, left, size, amount, at=self._span(left.at))
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
            return Open(token.text, ceiling, at=self._span(token.at))
        if self.accept("另定"):
            name = ""
            if self.token.kind == "name" and self.token.text not in RESERVED and self.token.text not in WHOLE_AREA:
                name = self.take().text
            return Open("另定", None, name, at=self._span(token.at))
        if self.accept("("):
            self._depth += 1
            if self._depth > MOST_BRACKETS:
                raise _too_long(token.at)
            inner = self.condition()
            self._depth -= 1
            self.expect(")")
            return inner
        if token.kind == "name" and self.following.is_("("):
            if self.tokens[min(self.place + 2, len(self.tokens) - 1)].is_("含", "不含"):
                self._nothing_glued()
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
            raise _too_long(token.at)
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
            return Aggregate(token.text, path, where, of, at=self._span(token.at))
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
                self._span(token.at),
                fn=token.text,
                expected=f"{least} 个参数" if least == most else f"{least} 至 {most} 个参数",
                found=f"{len(arguments)} 个",
            )
        return Call(token.text, tuple(arguments), at=self._span(token.at))

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
            return YearIndex(basis, at=self._span(token.at))
        path = self.path()
        self.expect(")")
        return YearIndex("日期", path, at=self._span(token.at))

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
                found.append(Open("另定", None, name.text, at=self._span(token.at)))
            else:
                found.append(Word(self.name("名称").text, at=token.at))
            if not self.accept("、"):
                return tuple(found)

    # --- scopes and the clauses built on them ----------------------------------------------------------------------------------------

    def scope(self) -> Any:
        start = self.token
        if start.kind == "choice":
            self.take()
            return Choice(start.text, "scope", at=start.at)
        keys: list[Any] = []
        time: Any = None
        if start.kind == "name" and start.text in WHOLE_AREA:
            self.take()
        while self.token.kind == "each" and time is None:
            each = self.take()
            token = self.token
            if token.kind == "choice":
                self.take()
                keys.append(Choice(token.text, "key", at=token.at))
            elif token.kind == "number" and token.unit == "年":
                self.take()
                time = Time("每N年", int(token.value), at=(each.at[0], token.at[1]))
            elif token.is_("年"):
                self.take()
                time = Time("每年", at=(each.at[0], token.at[1]))
            elif token.is_("笔"):
                self.take()
                time = Time("每笔", at=(each.at[0], token.at[1]))
            else:
                keys.append(Word(self.name("“每”后面的对象、关系或事实").text, at=token.at))
        token = self.token
        if time is None and token.is_("累计", "政策期内"):
            self.take()
            time = Time(token.text, at=token.at)
        elif time is None and token.kind == "choice":
            self.take()
            time = Choice(token.text, "time", at=token.at)
        together: tuple[Any, ...] = ()
        if self.accept("与"):
            together = self.items()
            self.expect("合计")
        if self.place == self.tokens.index(start):
            raise self.unexpected("范围：每X每年、每X 累计、全市每年……")
        return Scope(tuple(keys), time, together, at=self._span(start.at))

    def lasting_scope(self, key: str) -> Any:
        """A scope that counts over time: 每笔 would count nothing."""
        scope = self.scope()
        if isinstance(scope, Scope) and isinstance(scope.time, Time) and scope.time.kind == "每笔":
            raise Unreadable(
                "DX212",
                scope.time.at,
                key=f"{key}的期间",
                expected="每年、每N年、累计、政策期内",
                found="每笔",
                remedy="“每笔”只用于封顶。",
                remedy_en="每笔 is for caps only.",
            )
        return scope

    def cap(self) -> Cap:
        start = self.token
        if self.accept("不限"):
            return Cap(None, None, at=start.at)
        if start.kind == "choice" and self.following.kind == "end":
            self.take()
            return Cap(None, None, Choice(start.text, "cap", at=start.at), at=start.at)
        amount: Node = self.expression()
        if isinstance(amount, Choice):
            amount = Choice(amount.name, "amount", at=amount.at)
        if self.token.kind == "end":
            raise Unreadable("DX211", start.at, key="封顶", found=start.text)
        scope = self.scope()
        if isinstance(scope, Scope) and scope.time is None:
            raise Unreadable(
                "DX211", scope.at, key="封顶", found="".join(f"每{key.text if isinstance(key, Word) else key.name}" for key in scope.keys)
            )
        return Cap(amount, scope, at=self._span(start.at))

    def frequency(self) -> Any:
        start = self.token
        if start.kind == "choice" and self.following.kind == "end":
            self.take()
            return Choice(start.text, "frequency", at=start.at)
        if start.kind == "each" and self.following.is_("年"):
            self.take()
            self.take()
            if not self.accept(","):
                return Frequency(None, None, at=self._span(start.at))
            from_first = bool(self.accept("自首年起"))
            if not from_first:
                self.expect("最多")
            years = self._years()
            return Frequency(None, self._scope_over_time(), years, from_first, at=self._span(start.at))
        if self.accept("一次性"):
            scope = self._scope_over_time() if self.token.kind != "end" else Scope((Word("对象"),), Time("累计"))
            return Frequency(1, scope, at=self._span(start.at))
        if self.accept("一次"):
            return Frequency(1, self.lasting_scope("频次"), at=self._span(start.at))
        if start.kind == "number" and start.unit == "年":
            years = self._years()
            times = self.take()
            if times.kind != "number" or times.unit != "次":
                raise Unreadable(
                    "DX201",
                    times.at,
                    expected="N年内 K次 每X",
                    found=times.text,
                    remedy="写成“3年内 1次 每企业”。",
                    remedy_en="write 3年内 1次 每企业.",
                )
            scope = self.scope()
            if not isinstance(scope, Scope) or scope.time is not None:
                raise Unreadable("DX201", scope.at, expected="N年内 K次 每X", found="每X 后面还有期间" if isinstance(scope, Scope) else f"【{scope.name}】",
                                 remedy="写成“3年内 1次 每企业”。", remedy_en="write 3年内 1次 每企业.")  # fmt: skip
            return Frequency(
                _counted(times, "N年内 K次 每X"), Scope(scope.keys, Time("每N年", years, at=start.at), scope.together, at=scope.at), at=self._span(start.at)
            )
        raise self.unexpected("每年、一次性 每X、一次 每X每年、每年，最多 N年 每X、N年内 K次 每X")

    def _years(self) -> int:
        token = self.take()
        if token.kind != "number" or token.unit != "年":
            raise Unreadable("DX201", token.at, expected="N年", found=token.text, remedy="写成“3年”。", remedy_en="write 3年.")
        self.accept("内")
        return _counted(token, "N年")

    def _scope_over_time(self) -> Any:
        """A scope whose period, where none is written, is 累计 (一次性 is once for all)."""
        scope = self.lasting_scope("频次")
        if isinstance(scope, Scope) and scope.time is None:
            return Scope(scope.keys, Time("累计"), scope.together, at=scope.at)
        return scope

    def places(self) -> Places:
        start = self.token
        if start.kind == "first":
            self.take()
            count, counter, number = start.value, "名", Number(start.value, "名", start.text, at=start.at)
        else:
            self.accept("前")
            token = self.take()
            if token.kind != "number":
                raise Unreadable(
                    "DX201",
                    token.at,
                    expected="前 6名，按 … 从高到低",
                    found=token.text,
                    remedy="写明名额数和排序。",
                    remedy_en="say how many and by what order.",
                )
            count, counter, number = _counted(token, "前 6名，按 … 从高到低"), token.unit, Number(token.value, token.unit, token.text, at=token.at)
        keys, by_tier = [], False
        while self.token.kind == "each":
            self.take()
            name = self.name("组：档、对象、受益人或关系")
            if name.text == "档":
                by_tier = True
            elif name.text != "年":
                keys.append(Word(name.text, at=name.at))
        self.expect(",", "名额后面写“，按 … 从高到低”。", "go on with “，按 … 从高到低”.")
        self.expect("按")
        if self.accept("申报单位选择", "推荐"):
            return Places(count, counter, tuple(keys), by_tier, None, False, number, at=self._span(start.at))
        order: Node
        if token := self.accept("申报时间"):
            order, descending = Path(("申报", "申报日期"), at=token.at), False
        else:
            order = self.expression()
            word = self.accept("从高到低", "从低到高")
            if not word:
                raise self.unexpected("从高到低 或 从低到高")
            descending = word.text == "从高到低"
        return Places(count, counter, tuple(keys), by_tier, order, descending, number, at=self._span(start.at))

    def tie_rule(self) -> Any:
        start = self.token
        if self.accept("再按"):
            order = self.expression()
            word = self.accept("从高到低", "从低到高")
            return (order, not (word and word.text == "从低到高"))
        word = self.name("、".join(TIE_RULES)).text
        if word not in TIE_RULES:
            raise Unreadable(
                "DX212", start.at, key="并列", expected="、".join(TIE_RULES) + "、再按 …", found=word, remedy="选一种。", remedy_en="choose one."
            )
        return Word(word, at=start.at)

    def upgrade(self) -> Any:
        start = self.token
        if start.kind == "choice" and self.following.kind == "end":
            self.take()
            return Choice(start.text, "upgrade", at=start.at)
        word = self.name("、".join(UPGRADES)).text
        if self.accept("("):
            word += "(" + self.name("已付金额 或 档位标准").text + ")"
            self.expect(")")
        if word not in UPGRADES:
            raise Unreadable("DX212", start.at, key="晋档", expected="、".join(UPGRADES), found=word, remedy="选一种。", remedy_en="choose one.")
        return Word(word, at=self._span(start.at))

    def word(self, allowed: tuple[str, ...] = (), key: str = "") -> Any:
        """A clause value from a closed list (any name where the list is empty), or 【名】, or 另定 名."""
        start = self.token
        if start.kind == "choice" and self.following.kind == "end":
            self.take()
            return Choice(start.text, f"word:{key}:{'|'.join(allowed)}", at=start.at)
        if not allowed and self.accept("另定"):
            name = self.token.text if self.token.kind == "name" else ""
            self.take()
            return Open("另定", None, name, at=self._span(start.at))
        token = self.name("、".join(allowed) or "名称")
        if allowed and token.text not in allowed:
            near = nearest(token.text, allowed)
            raise Unreadable("DX212", token.at, key=key, expected="、".join(allowed), found=token.text,
                             remedy=f"是不是“{near}”？" if near else "从列出的里选一种。", remedy_en=f"did you mean “{near}”?" if near else "choose one of the list.")  # fmt: skip
        return Word(token.text, at=token.at)

    def path_or_choice(self) -> Any:
        if self.token.kind == "choice":
            token = self.take()
            return Choice(token.text, "path", at=token.at)
        return self.path()


_SLOTS: dict[str, Callable[[Reader], Any]] = {
    "expression": Reader.expression,
    "condition": Reader.condition,
    "amount": Reader.comparison,
    "items": Reader.items,
    "path": Reader.path_or_choice,
    "scope": Reader.scope,
    "cap": Reader.cap,
    "frequency": Reader._scope_over_time,
    "upgrade": Reader.upgrade,
}


def read_slot(slot: str, left: Node | None, text: str, offset: int, document: Document, defects: list[Diagnostic]) -> Any:
    """A 口径 cell, read as the nonterminal of the place where its 【名】 stands. Raises Unreadable."""
    reader = Reader(text, offset, document, defects)
    if slot == "step":
        token = reader.take()
        if token.kind != "step" and token.text not in ("每", "每满"):
            raise Unreadable(
                "DX201", token.at, expected="每满 或 每", found=token.text, remedy="这里只能写“每满”或“每”。", remedy_en="only 每满 or 每 fit here."
            )
        value: Any = "每满" if token.text == "每满" else "每"
    elif slot == "test":
        assert left is not None
        value = reader.tier_cell(left)
    elif slot == "key":
        token = reader.token
        value = (
            Choice(reader.take().text, "key", at=token.at)
            if token.kind == "choice"
            else Word(reader.name("对象、关系或事实的名称").text, at=token.at)
        )
    elif slot == "time":
        if reader.token.kind == "choice":
            token = reader.take()
            value = Choice(token.text, "time", at=token.at)
        else:
            scope = reader.scope()
            if scope.keys or scope.together or scope.time is None:
                raise Unreadable("DX211", scope.at, key="期间", found=text)
            value = scope.time
    elif slot == "frequency":
        value = reader.frequency()
    elif slot.startswith("word:"):
        _, key, allowed = slot.split(":")
        value = reader.word(tuple(allowed.split("|")) if allowed else (), key)
    else:
        value = _SLOTS[slot](reader)
    reader.done()
    return value


# 网络零售额超过1亿元, 网络零售额1亿元以上: one name to the lexer, a comparison to its author
_BEFORE, _BEHIND = ("|".join(sorted((word for word in words if "(" not in word), key=len, reverse=True)) for words in (PREFIXES, SUFFIXES))
_GLUED_NUMBER = re.compile(rf"(.+?)((?:{_BEFORE})\d.*|\d.*?(?:{_BEHIND}))$")


def _too_long(at: Span) -> Unreadable:
    return Unreadable(
        "DX201",
        at,
        expected=f"一行不超过 {MOST_OPERATORS} 个运算、{MOST_BRACKETS} 层括号",
        found="太长或套得太深",
        remedy="拆成几个 值。",
        remedy_en="split it into several 值.",
    )


def _glued_word(tokens: list[Token], place: int) -> tuple[str, str, Token] | None:
    """网络零售额超过 1亿元 begins with one unknown name: find the boundary word inside the name before the number."""
    for token in reversed(tokens[: place + 1]):
        if token.kind == "name":
            for word in sorted(PREFIXES, key=len, reverse=True):
                if word in token.text[1:]:
                    cut = token.text.index(word, 1)
                    return token.text[:cut], word, token
            return None
    return None
