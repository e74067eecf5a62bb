"""`draw_policy`: a whole random policy as files, and the same read by the real parser and held against the real type laws."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from duixian.policy.check import variants
from duixian.policy.check.names import check_award_names, check_circles, check_group_keys, check_unused
from duixian.policy.check.types import check_types
from duixian.policy.load import load_policy
from duixian.policy.model import Policy
from duixian.values.diagnostic import Diagnostic
from duixian.values.digest import sha256_hex

from .awards import Award, Awards
from .blocks import Between, block, parameter_block, reading_block
from .expressions import Where, Writer
from .vocabularies import Row, draw_vocabulary
from .words import MARKS, Weights

FRONT = "---\n政策: 随机\n原文: source.txt\n校验: {}\n词汇: vocabulary.md\n---\n\n"
TITLE = "# 随机办法（自拟，不是任何地方的文件）"
QUOTE = "随机写出的规则，见下。"


@dataclass(slots=True)
class DrawnPolicy:
    """A random policy. blocks: the #### blocks in order. opens: 另定 name → unit, 'date', 'total' or 'items …'. groups, totals: rows a year may add."""

    blocks: list[str]
    vocabulary: str
    opens: dict[str, str] = field(default_factory=dict)
    score: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # fact -> rows (计分, 满分) a year may give
    open_tables: dict[str, str] = field(default_factory=dict)  # award -> the table a year may give
    year_groups: list[str] = field(default_factory=list)
    year_totals: list[str] = field(default_factory=list)

    @property
    def source(self) -> str:
        return f"{TITLE.removeprefix('# ')}\n{QUOTE}\n"

    @property
    def policy(self) -> str:
        return FRONT.format("sha256:" + sha256_hex(self.source)) + f"{TITLE}\n\n> {QUOTE}\n\n" + "\n".join(self.blocks)

    def lay_out(self, folder: Path) -> Path:
        """Write the three files."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "policy.md").write_text(self.policy, encoding="utf-8")
        (folder / "source.txt").write_text(self.source, encoding="utf-8")
        (folder / "vocabulary.md").write_text(self.vocabulary, encoding="utf-8")
        return folder

    def load(self, folder: Path) -> tuple[Policy, list[Diagnostic]]:
        """The policy as the real parser reads it, and every DX2xx, DX3xx and DX4xx it gives: a sound draw has none."""
        policy, defects = load_policy(self.lay_out(folder))
        if not _typed(defects):
            readings = variants(policy)
            defects = [*defects, *check_types(policy, readings), *check_award_names(policy), *check_group_keys(policy), *check_unused(policy), *check_circles(policy, readings[0])]
        return policy, _typed(defects)


def _typed(defects: list[Diagnostic]) -> list[Diagnostic]:
    return [item for item in defects if item.is_error and item.code[:3] in ("DX2", "DX3", "DX4")]


def draw_policy(rng: Random, weights: Weights | None = None) -> DrawnPolicy:
    """One random policy: its own vocabulary, two to seven awards, and what goes with them."""
    weights = weights or Weights()
    while True:
        drawn = _draw(rng, weights)
        if drawn is not None:
            return drawn


def _draw(rng: Random, weights: Weights) -> DrawnPolicy | None:
    words = draw_vocabulary(rng, weights)
    writer = Writer(rng, weights, words)
    awards = Awards(writer)
    kinds = [kind for kind in words.parsed.objects if kind not in ("申报", "主体")]
    _computed(rng, weights, writer, kinds)
    drawn: list[Award] = []
    while weights(rng, "认定") and len(drawn) < 3:
        drawn.append(awards.recognition(f"先进{MARKS[len(drawn)]}", rng.choice([kind for kind in kinds if kind != "连锁企业"])))
    paid = [kind for kind in [*kinds, "企业", "企业"] if words.payees(kind)]
    if "主体" in words.parsed.objects and rng.random() < 0.15:
        paid.append("主体")
    names = [f"{MARKS[place]}{rng.choice(['奖励', '补助'])}" for place in range(rng.choice([2, 3, 4, 4, 5, 6, 7]))]
    writer.awards = list(names)
    for name in names:
        award = awards.award(name, rng.choice(paid))
        assert award is not None
        drawn.append(award)
    while weights(rng, "登记") and sum(award.kind == "登记" for award in drawn) < 2:
        drawn.append(awards.register(f"{MARKS[len(drawn)]}登记", rng.choice(kinds)))
    between = Between(writer, awards, drawn)
    blocks = [block(award.kind, award.name, _order(rng, award.lines), award.tables) for award in drawn]
    blocks += [between.highest(f"就高{mark}") for mark in "甲乙"[: rng.choice([1, 1, 2])]] if weights(rng, "就高") else []
    if weights(rng, "总额"):
        blocks += [between.total_block(f"总额{mark}") for mark in "甲乙丙"[: rng.choice([1, 1, 2, 3])]]
    blocks += [text for award in between.registers if rng.random() < 0.6 and (text := between.register_total(f"{award.name}总额", award))]
    blocks += between.generals() if weights(rng, "通则") else []
    blocks = _complete(rng, writer, blocks)
    text = "\n".join(blocks)
    return DrawnPolicy(
        blocks, words.text, {name: unit for name, unit in writer.opens.items() if name in text}, _scores(rng, writer, text),
        {award.name: _open_table(rng, awards, award) for award in drawn if award.open_table},
        [between.group("本年组", "就高")], [" | ".join(("本年分项", *between.total("本年分项")))],
    )  # fmt: skip


def _order(rng: Random, lines: list[str]) -> list[str]:
    """Clauses may stand in any order, but a 值 before the ones that use it."""
    if rng.random() < 0.7:
        return lines
    mixed = [line for line in lines if not line.startswith("- 值")]
    rng.shuffle(mixed)
    return [*(line for line in lines if line.startswith("- 值")), *mixed]


def _computed(rng: Random, weights: Weights, writer: Writer, kinds: list[str]) -> None:
    """算法: facts computed from the ones already there."""
    for place in range(rng.choice([1, 2, 3]) if weights(rng, "算法") else 0):
        kind, name = rng.choice(kinds), f"指标{MARKS[place]}"
        where = Where(kind, choices=False, opens=False)
        yearly = rng.random() < 0.85
        roll, source = rng.random(), rng.choice(["统计", "审计", "评定", ""])
        if roll < 0.2:
            row = Row(name, "是否", "", yearly, source, f"({writer.condition(where)})")
        else:
            unit = rng.choice(["元", "元", "人", "", "个"])
            row = Row(name, {"元": "金额", "": "比率"}.get(unit, "数量"), {"": "%"}.get(unit, unit), yearly, source, writer.number(where, unit)[0])
            if rng.random() < 0.15:
                row.formula, writer.opens[f"词汇数{MARKS[place]}"] = f"({row.formula}) + 另定 词汇数{MARKS[place]}", unit
        row.yearly = yearly or not _still(writer, row.formula)
        writer.words.add(kind, row)


def _still(writer: Writer, formula: str) -> bool:
    """Whether a formula comes to the same in every year: only then may its fact have no period (a value of which year would be a matter of chance)."""
    moving = {fact.name for declared in writer.words.parsed.objects.values() for fact in declared.facts.values() if fact.yearly}
    words = set(re.findall(r"\w+", formula.replace("的", " ")))
    return not (words & (moving | {"本年", "本年末", "首次", "历年最大", "合计", "个数", "最大", "最小", "占比"}))


def _complete(rng: Random, writer: Writer, blocks: list[str]) -> list[str]:
    """The blocks and the 口径 and 参数 they use. A 值 that nothing uses is a defect of the policy (DX303) and is taken out."""
    while True:
        added = _defined(rng, writer, blocks)
        text = "\n".join([*blocks, *added])
        names = re.findall(r"- 值：(\S+) =", text) + re.findall(r"\| (\S+中间数[一二三]) \|\n\| ---", text)
        unused = next((name for name in names if text.count(name) == 1), None)
        if unused is None:
            return [*blocks, *added]
        blocks = [re.sub(rf"- 值：{unused} = [^\n]*\n", "", re.sub(rf"(\| [^\n]*)?\| {unused} \|\n(\|[^\n]*\n)*", "", text)) for text in blocks]


def _defined(rng: Random, writer: Writer, blocks: list[str]) -> list[str]:
    """The 口径 and 参数 that the blocks use, and the ones those use."""
    found: list[str] = []
    shown: set[str] = set()
    while True:
        text = "\n".join([*blocks, *found])
        more = [name for name in writer.readings if f"【{name}】" in text and name not in shown]
        if not more:
            break
        for name in more:
            shown.add(name)
            options, columns = writer.readings[name]
            found.append(reading_block(name, options, columns, rng.randrange(3)))
    text = "\n".join([*blocks, *found])
    found += [parameter_block(name, unit, keys) for name, (unit, keys) in writer.parameters.items() if re.search(rf"{name}(?![{MARKS}])", text)]
    return found


def _scores(rng: Random, writer: Writer, text: str) -> dict[str, list[tuple[str, str]]]:
    """Rows of a score sheet for each score the policy speaks of, made of facts that are no scores and have no formula."""
    found: dict[str, list[tuple[str, str]]] = {}
    for kind, declared in writer.words.parsed.objects.items():
        for fact in declared.facts.values():
            if fact.unit == "分" and fact.name in text:
                plain = [path for path, other, _ in writer.words.facts(kind, "number") if other.unit in ("人", "单", "场") and other.formula is None and "的" not in path]
                rows = [(f"{path} ÷ 2{writer.words.parsed.fact(kind, path).unit} × 10分", "40分") for path in plain[:2]]  # type: ignore[union-attr]
                found[fact.name] = [*rows, ("20分", "")]
    return found


def _open_table(rng: Random, awards: Awards, award: Award) -> str:
    """A tier table that a year may give an award whose own table is left open."""
    assert award.open_table
    facts = {path: fact for path, fact, _ in awards.words.facts(award.object, "number")}
    rows = []
    for place in range(rng.choice([1, 2, 3])):
        cells = [awards._steps(Where(award.object, choices=False, opens=False), awards.writer._unit(facts[head].unit) if head in facts else "年", 1, lambda cell: cell)[0] for head in award.open_table]
        rows.append([*cells, ["5万元", "3万元", "1万元"][place]])
    return "".join(f"| {' | '.join(row)} |\n" for row in [[*award.open_table, "标准"], ["---"] * (len(award.open_table) + 1), *rows])


__all__ = ["DrawnPolicy", "draw_policy"]
