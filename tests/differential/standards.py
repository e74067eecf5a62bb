"""A random year's file for a random policy, as text that the real parser reads."""

from __future__ import annotations

from random import Random

from duixian.policy.model import Policy
from duixian.policy.standards import OpenItem, Standards, open_items
from duixian.policy.year_file import parse_standards
from duixian.values.diagnostic import Diagnostic
from duixian.values.facts import Facts

from .policies import DrawnPolicy
from .words import LITERALS, RATES

ADOPTED = {"": ("1%", "5%", "20%", "100%"), "total": ("3万元", "50万元", "1000万元"), "date": ("2024-12-31", "2025-06-30", "2025-12-31")}


def draw_standards(rng: Random, drawn: DrawnPolicy, policy: Policy, facts: Facts, year: int, *, whole: bool = False) -> str:
    """The text of standards-〈year〉.md: most open items are set, some are 未定 or not there; whole: all are set."""
    parts = [f"---\n政策: 随机\n年度: {year}\n状态: 随机\n依据: 随机\n---\n\n# {year}年度标准（随机）\n"]
    known = 1.0 if whole else rng.choice([0.5, 0.9, 0.95, 1.0])
    rows = []
    for (item, tier), found in open_items(policy).items():
        listed = drawn.opens.get(item, "").startswith("items") and found.kind == "value"  # facts.py sets those
        if found.kind == "table" or listed or rng.random() > known:
            continue
        if found.ceiling is not None and found.kind != "lower" and rng.random() < 0.6:
            continue
        if found.kind == "lower" and rng.random() < 0.6:
            continue
        value = _adopted(rng, drawn, item, found) if whole or rng.random() < 0.93 else "未定"
        if "|" not in tier:
            rows.append(f"| {item} | {tier} | {value} |")
    if rows:
        parts.append("## 年度标准\n\n| 项目 | 档 | 本年标准 |\n|---|---|---|\n" + "\n".join(rows) + "\n")
    for award, table in drawn.open_tables.items():
        if whole or rng.random() < 0.7:
            parts.append(f"## {award}\n\n{table}")
    parts += _parameters(rng, policy, facts, known, whole)
    choices = [f"| {reading.name} | {rng.choice(reading.options)} | 随机 |" for reading in policy.readings.values() if rng.random() < 0.15]
    if choices:
        parts.append("## 口径\n\n| 口径 | 选择 | 理由 |\n|---|---|---|\n" + "\n".join(choices) + "\n")
    if rng.random() < 0.15:
        parts.append("## 就高\n\n| 组 | 奖补 | 同一 | 处理 |\n|---|---|---|---|\n" + "\n".join(drawn.year_groups) + "\n")
    if rng.random() < 0.15:
        parts.append("## 总额\n\n| 总额 | 范围 | 额度 | 超出 |\n|---|---|---|---|\n" + "\n".join(f"| {row} |" for row in drawn.year_totals) + "\n")
    for fact, sheet in drawn.score.items():
        if rng.random() < 0.4:
            parts.append(f"## {fact}\n\n| 计分 | 满分 |\n|---|---|\n" + "\n".join(f"| {score} | {most} |" for score, most in sheet) + "\n")
    return "\n".join(parts)


def read_standards(text: str, policy: Policy, year: int) -> tuple[Standards, list[Diagnostic]]:
    """The file as the real parser reads it, with the errors it gives (a sound draw has none)."""
    defects: list[Diagnostic] = []
    standards = parse_standards(text, f"随机/standards-{year}.md", policy, year, defects)
    return standards, [item for item in defects if item.is_error]


def _adopted(rng: Random, drawn: DrawnPolicy, item: str, found: OpenItem) -> str:
    if found.kind == "items":
        unit = drawn.opens.get(item, "items ")
        names = [name for name in unit.removeprefix("items ").split("、") if name]
        return rng.choice(["无", "、".join(rng.sample(names, rng.randint(1, len(names))))]) if names else "无"
    if found.ceiling is not None:  # money wherever the generator writes a ceiling
        yuan = found.ceiling / 100
        return f"{float(rng.choice([yuan, yuan, yuan / 2, yuan / 4])):.2f}".rstrip("0").rstrip(".") + "元"
    unit = drawn.opens.get(item, "元")
    return rng.choice(ADOPTED.get(unit) or LITERALS[unit])


def _parameters(rng: Random, policy: Policy, facts: Facts, known: float, whole: bool) -> list[str]:
    parts = []
    for parameter in policy.parameters.values():
        rows: dict[tuple[str, ...], str] = {}
        for _ in range(1 if not parameter.keys else rng.choice([1, 3, 8])):
            keys = tuple(_key(rng, policy, facts, key) for key in parameter.keys)
            rows[keys] = rng.choice(["未定", _value(rng, parameter.unit)]) if rng.random() < 0.15 and not whole else _value(rng, parameter.unit)
        if parameter.keys and (whole or rng.random() < 0.75):
            rows[("全部",) * len(parameter.keys)] = _value(rng, parameter.unit)
        if rng.random() < known:
            head = ["参数", *parameter.keys, "值", "依据"]
            lines = [head, ["---"] * len(head), *([parameter.name, *keys, value, "随机"] for keys, value in rows.items())]
            parts.append("## 参数\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines))
    return parts


def _value(rng: Random, unit: str) -> str:
    if unit == "":
        return rng.choice(["2", "0.5", "1.2"])
    return rng.choice(LITERALS[unit]) if unit in LITERALS else rng.choice(RATES) + unit


def _key(rng: Random, policy: Policy, facts: Facts, name: str) -> str:
    """A cell for one key of a parameter: an option, a word, a year, an object on file, 无."""
    fact = next((declared.facts[name] for declared in policy.vocabulary.objects.values() if name in declared.facts), None)
    if fact is None or rng.random() < 0.05:
        return "无"
    if fact.kind == "option":
        return rng.choice(fact.options)
    if fact.kind == "year":
        return str(rng.choice([2023, 2024, 2025]))
    if fact.kind == "text":
        return rng.choice(["红", "蓝", "绿"])
    keys = [key for kind in facts.things if policy.vocabulary.is_kind(kind, fact.target) for key in facts.things[kind]]
    return rng.choice(sorted(keys)) if keys else "无"
