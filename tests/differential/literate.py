"""A world as a literate Markdown test of the form of tests/policies/good (see tests/literate.py): what can be written there is, the rest is named."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from duixian.policy.vocabulary import CLAIM, Fact
from duixian.values.diagnostic import Defects
from duixian.values.facts import NONE
from duixian.values.money import decimal_text, yuan_text
from duixian.values.terms import THIS_POLICY, Outcome
from duixian.values.units import unit_factor

from .facts import World
from .policies import FRONT


def literate(world: World, title: str = "") -> str:
    """The file's text. Lines that begin with 「写不进」 name what the form cannot say; the case as the run names it has that too."""
    assert world.drawn is not None
    beyond: list[str] = []
    front = FRONT.format("自动").replace("---\n\n", f"这里看: {title}\n---\n\n".replace("\n这里看", "这里看"))
    body = world.drawn.policy.split("---\n\n", 1)[1].rstrip("\n")
    parts = [front + body + "\n", _fence("词汇", world.drawn.vocabulary)]
    if world.standards_text:
        parts.append(_fence(f"年度标准 {world.year}", world.standards_text))
    parts.append(_fence(f"结算 {world.year}", _tables(world, beyond)))
    if world.ledger:
        parts.append(_fence("台账", _ledger(world, beyond)))
    try:
        parts.append(_fence("结果", _results(world)))
    except Defects as stop:
        beyond.append("解释器拒绝：" + "、".join(item.code for item in stop.diagnostics))
    beyond += [f"口径 {name}＝{option}" for name, option in world.choices.items()]
    beyond += [f"年度标准 {key[0]} 名单 {setting.text}" for key, setting in world.lists.items() if key in world.standards.settings]
    if world.facts.applied is not None:
        beyond.append(f"已申报 {sorted(world.facts.applied)}")
    beyond += [f"清单不全 {' '.join(item)}" for item in sorted(world.facts.unlisted)]
    unlisted = set(world.facts.things) - world.facts.listed
    beyond += [f"没有列全 {'、'.join(sorted(unlisted))}"] if unlisted else []
    beyond += [] if "其他政策已付" in world.facts.listed else ["没有列全 其他政策已付"]
    return "\n".join(parts) + "".join(f"\n写不进：{line}" for line in beyond) + "\n"


def _fence(name: str, text: str) -> str:
    return f"```{name}\n{text.rstrip(chr(10))}\n```\n"


def _tables(world: World, beyond: list[str]) -> str:
    policy, tables = world.policy, []
    for kind in world.facts.things:
        things = list(world.facts.all(kind))
        heads: dict[str, None] = {}
        rows: list[dict[str, str]] = []
        for thing in things:
            row: dict[str, str] = {}
            for (name, period), value in thing.values.items():
                fact = policy.vocabulary.fact(kind, name)
                if fact is None or isinstance(period, tuple):
                    beyond.append(f"{thing.kind} {thing.key} {period or ''} {name}＝{value}")
                    continue
                row[name if period in (None, world.year) else f"{period}年{name}"] = _cell(value, fact)
            row |= _claim(world, kind, thing.key, beyond)
            heads |= dict.fromkeys(row)
            rows.append(row)
        if things:
            lines = [[kind, *heads], ["---"] * (len(heads) + 1), *([thing.key, *(row.get(head, "") for head in heads)] for thing, row in zip(things, rows))]
            tables.append("".join(f"| {' | '.join(line)} |\n" for line in lines))
    return "\n".join(tables)


def _claim(world: World, kind: str, key: str, beyond: list[str]) -> dict[str, str]:
    """What the claims of an object state, where all of them state the same."""
    rules = [rule.name for rule in world.policy.rules.values() if rule.kind != "认定" and world.policy.vocabulary.is_kind(kind, rule.object)]
    stated = [world.facts.claims.get((name, key), {}) for name in rules]
    row = {}
    for name, period in dict.fromkeys(item for values in stated for item in values):
        fact = world.policy.vocabulary.fact(CLAIM, name)
        values = [values.get((name, period)) for values in stated]
        if fact is not None and period is None and all(value == values[0] for value in values):
            row[name] = _cell(values[0], fact)
        else:
            beyond += [f"申报 {award} {key} {period or ''} {name}＝{value}" for award, value in zip(rules, values) if value is not None]
    return row


def _cell(value: Any, fact: Fact) -> str:
    if value is NONE:
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    if fact.kind == "number":
        return decimal_text(Fraction(value) / (unit_factor(fact.unit) if fact.unit else 1)) + fact.unit
    return str(value)


def _ledger(world: World, beyond: list[str]) -> str:
    lines = ["| 年度 | 奖补 | 对象 | 金额 | 受益人 |", "|---|---|---|---|---|"]
    for entry in world.ledger:
        lines.append(f"| {entry.year} | {entry.award} | {entry.object_key} | {decimal_text(Fraction(entry.amount_fen, 100))}元 | {entry.recipient} |")
        if entry.document != THIS_POLICY or entry.tier or entry.standard_fen is not None or entry.keys:
            beyond.append(f"台账 {entry.year} {entry.award} {entry.object_key}：文件 {entry.document}，档 {entry.tier}，档位标准 {entry.standard_fen}，键 {entry.keys}")
    return "\n".join(lines)


def _results(world: World) -> str:
    lines = ["| 奖补 | 对象 | 结果 |", "|---|---|---|"]
    for line in world.settle().lines:
        text = line.outcome.value
        if line.outcome is Outcome.PAYABLE:
            text = yuan_text(line.payable_fen)
        elif line.outcome is Outcome.PROVISIONAL:
            text = f"暂估 {yuan_text(line.estimate_fen)}"
        lines.append(f"| {line.claim.award} | {line.claim.key} | {text} |")
    return "\n".join(lines)
