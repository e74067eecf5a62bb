"""Nodes → Chinese: the sentence an official signs, said back from the tree. The operator's sign stands behind each boundary word."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..values.facts import NONE, Thing, Unknown
from ..values.money import decimal_text, yuan_text
from ..values.units import unit_factor
from .syntax import (
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


def phrase(node: Any) -> str:
    """A node in the words of the language, with the meaning of each boundary word shown as a sign."""
    if isinstance(node, str):
        return node
    if isinstance(node, tuple):
        return "、".join(phrase(item) for item in node) or "无"
    return _PHRASES[type(node)](node)


def show(value: Any, unit: str = "") -> str:
    """A value for people, in the unit its fact is declared in."""
    if value is NONE:
        return "无"
    if isinstance(value, Unknown):
        return "？"
    if value is True or value is False:
        return "是" if value else "否"
    if isinstance(value, Thing):
        return value.key
    if isinstance(value, (int, Fraction)):
        if unit == "元":
            return yuan_text(value)
        return decimal_text(Fraction(value) / unit_factor(unit)) + unit if unit else decimal_text(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _binary(node: Binary) -> str:
    def part(inner: Node, tight: bool) -> str:
        text = phrase(inner)
        looser = isinstance(inner, Binary) and (_LOOSE[inner.operator] < _LOOSE[node.operator] or (tight and _LOOSE[inner.operator] == _LOOSE[node.operator]))
        return f"（{text}）" if looser or isinstance(inner, Step) and node.operator in "×÷" else text

    return f"{part(node.left, False)} {node.operator} {part(node.right, True)}"


def _compare(node: Compare) -> str:
    words = node.word.split(" ") if node.word else []
    bound = phrase(node.right)
    suffix = words[-1] if words and words[-1].endswith(("以上", "以下", "以内", "起")) else ""
    prefix = words[0] if words and words[0] != suffix else ""
    said = f"{prefix} {bound}{suffix}".strip()
    return f"{phrase(node.left)} {said}（{node.operator}）" if node.word else f"{phrase(node.left)} {node.operator} {bound}"


def _aggregate(node: Aggregate) -> str:
    where = f" 其中 {phrase(node.where)}" if node.where else ""
    return f"{node.function}（{phrase(node.path)}{where}" + (f"，{phrase(node.of)}" if node.of else "") + "）"


def _scope(node: Scope) -> str:
    keys = "".join(f"每{phrase(key)}" for key in node.keys)
    time = phrase(node.time) if node.time else ""
    together = f" 与{phrase(node.together)}合计" if node.together else ""
    return (keys or "全部") + ("" if time.startswith("每") else " " if time else "") + time + together


def _frequency(node: Frequency) -> str:
    if node.times is None:
        if node.most_years is None:
            return "每年"
        return f"每年，{'自首年起 ' if node.from_first else '最多 '}{node.most_years}年{'内' if node.from_first else ''} {phrase(node.scope)}"
    return f"{'一次' if node.times == 1 else f'{node.times}次'} {phrase(node.scope)}"


def _places(node: Places) -> str:
    groups = ("每档" if node.by_tier else "") + "".join(f"每{phrase(key)}" for key in node.keys)
    order = f"按 {phrase(node.order)} {'从高到低' if node.descending else '从低到高'}" if node.order is not None else "按 申报单位选择"
    return f"前 {node.count}{node.counter}{(' ' + groups) if groups else ''}，{order}"


def _bracketed(node: Node, inside: type) -> str:
    return f"（{phrase(node)}）" if isinstance(node, inside) else phrase(node)


def _tiers(node: Tiers) -> str:
    if node.open_whole:
        return "档次表由主管部门按年度另定"
    return "；".join("，".join(phrase(cell) for cell in row.cells if not isinstance(cell, Always)) + f" → {phrase(row.value)}" for row in node.rows)


_PHRASES: dict[type, Any] = {
    Number: lambda node: node.text or show(node.value, node.unit),
    DateLiteral: lambda node: node.day.isoformat() if node.day else "？",
    Open: lambda node: f"{node.word} {phrase(node.ceiling)}" if node.ceiling else f"另定{'（' + node.name + '）' if node.name else ''}",
    Path: lambda node: "的".join(node.names),
    Choice: lambda node: f"【{node.name}】",
    Call: lambda node: f"{node.function}（{'，自 '.join(phrase(item) for item in node.arguments) if node.function == '首次' else '，'.join(phrase(item) for item in node.arguments)}）",
    Aggregate: _aggregate,
    Binary: _binary,
    Step: lambda node: f"{_bracketed(node.left, Binary)} {phrase(node.word)} {phrase(node.size)} {phrase(node.amount)}",
    Limited: lambda node: phrase(node.inner) + (f"，最高 {phrase(node.most)}" if node.most else "") + (f"，最低 {phrase(node.least)}" if node.least else ""),
    Compare: _compare,
    Between: lambda node: f"{phrase(node.left)} {phrase(node.low)}至{phrase(node.high)}（{'含' if node.upper == '≤' else '不含'}上限）",
    Is: lambda node: f"{phrase(node.left)} {'不是' if node.negated else '是'} {phrase(node.value)}",
    In: lambda node: f"{phrase(node.left)} {'不属于' if node.negated else '属于'} {phrase(node.items)}",
    OrdinalTest: lambda node: f"{phrase(node.left)} 第{node.low}至第{node.high}" if node.high != node.low else f"{phrase(node.left)} 第{node.low}",
    Always: lambda node: "不限",
    Subject: lambda node: "情形",
    And: lambda node: " 且 ".join(_bracketed(item, Or) for item in node.items),
    Or: lambda node: " 或 ".join(_bracketed(item, And) for item in node.items),
    Not: lambda node: f"非 {_bracketed(node.item, And)}",
    YearIndex: lambda node: "年次" if node.basis == "首次享受" else f"年序（{node.basis if node.path is None else phrase(node.path)}）",
    Time: lambda node: f"每{node.years}年" if node.kind == "每N年" else node.kind,
    Scope: _scope,
    Frequency: _frequency,
    Cap: lambda node: "不限" if node.amount is None or isinstance(node.amount, Always) else f"{phrase(node.amount)} {phrase(node.scope)}",
    Places: _places,
    Word: lambda node: node.text,
    Tiers: _tiers,
    Value: lambda node: f"{node.name} = {phrase(node.body)}",
}
