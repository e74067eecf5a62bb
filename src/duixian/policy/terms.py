"""Tokens → nodes: scopes and the clauses built on them. One method a nonterminal of docs/grammar.md; expressions are in `expressions`.

The same methods read the cells of a 口径 table: `read_slot` parses a text as whatever may stand in that place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..values.diagnostic import Diagnostic
from .cursor import Unreadable
from .document import Document
from .expressions import Expressions
from .lexer import Token
from .suggest import nearest
from .syntax import (
    TIE_RULES,
    UPGRADES,
    WHOLE_AREA,
    Cap,
    Choice,
    Frequency,
    Node,
    Number,
    Open,
    Path,
    Places,
    Scope,
    Time,
    Word,
)


class Reader(Expressions):
    """Reads one clause value or cell."""

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
            _key_once(keys)
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
        return Scope(tuple(keys), time, together, at=self.span(start.at))

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
        return Cap(amount, scope, at=self.span(start.at))

    def frequency(self) -> Any:
        start = self.token
        if start.kind == "choice" and self.following.kind == "end":
            self.take()
            return Choice(start.text, "frequency", at=start.at)
        if start.kind == "each" and self.following.is_("年"):
            self.take()
            self.take()
            if not self.accept(","):
                return Frequency(None, None, at=self.span(start.at))
            from_first = bool(self.accept("自首年起"))
            if not from_first:
                self.expect("最多")
            years = self._years()
            return Frequency(None, self._scope_over_time(), years, from_first, at=self.span(start.at))
        if self.accept("一次性"):
            scope = self._scope_over_time() if self.token.kind != "end" else Scope((Word("对象"),), Time("累计"))
            return Frequency(1, scope, at=self.span(start.at))
        if self.accept("一次"):
            return Frequency(1, self.lasting_scope("频次"), at=self.span(start.at))
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
                _counted(times, "N年内 K次 每X"), Scope(scope.keys, Time("每N年", years, at=start.at), scope.together, at=scope.at), at=self.span(start.at)
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
                _key_once(keys)
        self.expect(",", "名额后面写“，按 … 从高到低”。", "go on with “，按 … 从高到低”.")
        self.expect("按")
        if self.accept("申报单位选择", "推荐"):
            return Places(count, counter, tuple(keys), by_tier, None, False, number, at=self.span(start.at))
        order: Node
        if token := self.accept("申报时间"):
            order, descending = Path(("申报", "申报日期"), at=token.at), False
        else:
            order = self.expression()
            word = self.accept("从高到低", "从低到高")
            if not word:
                raise self.unexpected("从高到低 或 从低到高")
            descending = word.text == "从高到低"
        return Places(count, counter, tuple(keys), by_tier, order, descending, number, at=self.span(start.at))

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
        return Word(word, at=self.span(start.at))

    def word(self, allowed: tuple[str, ...] = (), key: str = "") -> Any:
        """A clause value from a closed list (any name where the list is empty), or 【名】, or 另定 名."""
        start = self.token
        if start.kind == "choice" and self.following.kind == "end":
            self.take()
            return Choice(start.text, f"word:{key}:{'|'.join(allowed)}", at=start.at)
        if not allowed and self.accept("另定"):
            name = self.token.text if self.token.kind == "name" else ""
            self.take()
            return Open("另定", None, name, at=self.span(start.at))
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


def _key_once(keys: list[Any]) -> None:
    """The key of a scope that was read last is none of those before it."""
    names = [f"每{key.text}" if isinstance(key, Word) else f"每【{key.name}】" for key in keys]
    if names and names[-1] in names[:-1]:
        raise Unreadable("DX201", keys[-1].at, expected="每个键只写一次", found=f"又写了一次“{names[-1]}”", remedy="删去重复的。",
                         remedy_en="delete the one that repeats.")  # fmt: skip


def _counted(token: Token, expected: str) -> int:
    """A number of places, times or years: a whole number from 1."""
    if token.value < 1 or token.value.denominator != 1:
        raise Unreadable("DX201", token.at, expected=expected, found=token.text, remedy="写 1 以上的整数。", remedy_en="a whole number from 1.")
    return int(token.value)
