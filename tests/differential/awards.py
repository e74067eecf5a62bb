"""Random 奖补, 认定 and 登记 blocks: every clause the language has, drawn by the weights."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from duixian.values.units import MULTIPLIERS

from .expressions import LOOSE, TERM, Where, Writer
from .vocabularies import Row
from .words import AWARDS, COUNTS, ROUNDINGS

WINDOWS = ("当年1月1日至9月30日", "上年7月1日至当年6月30日", "当年3月1日至当年12月31日", "上年1月1日至6月30日")
UPGRADES = ("不补", "补差（已付金额）", "补差（档位标准）", "全额")
TIMES = ("每年", "每2年", "每3年", "累计", "政策期内")


@dataclass(slots=True)
class Award:
    """A rule that has been drawn: what other blocks may need to know of it."""

    kind: str
    name: str
    object: str
    payee: str  # the kind of the payee
    path: str = ""  # 受益人, '' for the object itself
    lines: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    open_table: list[str] | None = None  # the heads of a 另定 table


class Awards:
    """Draws rules with one writer."""

    def __init__(self, writer: Writer) -> None:
        self.writer, self.rng, self.weights, self.words = writer, writer.rng, writer.weights, writer.words

    def chance(self, name: str) -> bool:
        return self.weights(self.rng, name)

    # --- keys and scopes ----------------------------------------------------------------------------------------------------------------

    def keys(self, award: Award, *, facts: bool = True) -> list[str]:
        """What a scope of this award may be counted by."""
        vocabulary = self.words.parsed
        own = ["对象", *(kind for kind in vocabulary.objects if vocabulary.is_kind(award.object, kind))]
        relations = [fact.name for fact in vocabulary.facts(award.object) if fact.kind == "object"]
        found = [*own, *relations, *relations]
        if award.kind == "奖补":
            found += ["受益人", "受益人"]
            found += [kind for kind in vocabulary.objects if vocabulary.is_kind(award.payee, kind)]
        if facts:
            found += [fact.name for fact in vocabulary.facts(award.object) if fact.kind in ("option", "text")]
            if self.rng.random() < 0.15:
                found += [fact.name for fact in vocabulary.facts(award.object) if fact.kind in ("truth", "year", "date", "number")]
        return found

    def key_text(self, award: Award, most: int = 2, *, least: int = 0) -> str:
        keys = self.keys(award)
        count = self.rng.choice([least, *[1] * 5, most])
        chosen = list(dict.fromkeys(self.rng.choice(keys) for _ in range(count)))
        texts = []
        for key in chosen:
            if self.chance("口径"):
                texts.append(f"每{self.writer.reading([key, self.rng.choice(keys)])}")
            else:
                texts.append(f"每{key}")
        return "".join(texts)

    def together(self, award: Award) -> str:
        if not self.chance("与合计"):
            return ""
        others = self.rng.sample(self.writer.awards, min(len(self.writer.awards), self.rng.randint(1, 3)))
        return f" 与 {'、'.join(others)} 合计"

    def scope(self, award: Award, times: tuple[str, ...] = TIMES) -> str:
        """每X每Y 时间 [与 … 合计]."""
        keys, time = self.key_text(award, 2), self.rng.choice(times)
        if self.chance("口径"):
            return f"{keys or '每对象'} {self.writer.reading([time, self.rng.choice(times)])}" + self.together(award)
        if not keys and self.rng.random() < 0.5:
            keys = self.rng.choice(["全县", "全市", "全镇"])
        text = f"{keys}{time}" if time.startswith("每") else f"{keys} {time}".strip()
        return text + self.together(award)

    def frequency(self, award: Award) -> str:
        keys = self.key_text(award, 2, least=1)
        years, times = self.rng.choice([1, 2, 2, 3]), self.rng.choice([1, 1, 2])
        return self.rng.choice([
            "每年", "一次性", f"一次性 {keys}", f"一次性 {keys}{self.together(award)}", f"一次性 {keys} 政策期内", f"一次性 {self.scope(award)}", f"一次 {self.scope(award)}",
            f"一次 {keys}每年", f"一次 {keys}每3年", f"一次 {keys} 累计", f"{years}年内 {times}次 {keys}{self.together(award)}",
            f"每年，最多 {years}年 {keys}{self.together(award)}", f"每年，自首年起 {years}年内 {keys}",
        ])  # fmt: skip

    def cap(self, award: Award, where: Where) -> str:
        times = (*TIMES, "每笔", "每年", "每年")
        amount = self.rng.choice(["1万元", "3万元", "5万元", "10万元", "30万元", "100万元"]) if self.rng.random() < 0.75 else self.writer.at(self.writer.number(where, "元"), LOOSE)
        if amount.startswith(("另定", "不超过", "最高")):
            amount = f"({amount})"
        if self.chance("口径"):
            amount = self.writer.reading([amount, self.rng.choice(["不限", "2万元"])])
        scope = self.scope(award, times)
        if self.chance("口径"):
            return self.writer.reading([f"{amount} {scope}", "不限", f"8万元 {self.scope(award, times)}"])
        if amount[-1] != "】" and self.chance("口径"):
            scope = self.writer.reading([scope, f"每对象{self.rng.choice(['每年', ' 累计'])}"])
        return f"{amount} {scope}"

    def places(self, award: Award, where: Where) -> str:
        counter = self.rng.choice(["名", "家", "个", "场"])
        count = self.rng.choice([1, 2, 3, 5, 10])
        groups = list(dict.fromkeys([*([self.rng.choice(self.keys(award))] if self.rng.random() < 0.6 else []), *(["档"] if self.rng.random() < 0.2 else [])]))
        group = "".join(f" 每{key}" if place == 0 else f"每{key}" for place, key in enumerate(groups))
        roll = self.rng.random()
        if roll < 0.15:
            order = "申报时间"
        elif roll < 0.25:
            order = "申报单位选择"
        else:
            order = f"{self.order(where, amount=True)} {self.rng.choice(['从高到低', '从高到低', '从低到高'])}"
        return f"{self.rng.choice(['前 ', ''])}{count}{counter}{group}，按 {order}"

    def order(self, where: Where, *, amount: bool = False) -> str:
        """Something to rank by: a number, a day, a year, or 计算额."""
        roll = self.rng.random()
        if amount and roll < 0.2:
            return "计算额"
        numbers = [path for path, _, _ in self.words.facts(where.kind, "number")]
        if numbers and roll < 0.6:
            return self.rng.choice(numbers)
        days = [path for path, fact, _ in self.words.paths(where.kind) if fact.kind in ("date", "year")]
        if days and roll < 0.75:
            return self.rng.choice([*days, "申报的申报日期"])
        units = [self.writer._unit(fact.unit) for _, fact, _ in self.words.facts(where.kind, "number")] or ["元"]
        text = self.writer.number(where, self.rng.choice(units))
        return text[0] if text[1] or not text[0].startswith("另定") else f"({text[0]})"

    # --- tables -------------------------------------------------------------------------------------------------------------------------

    def table(self, where: Where, last: str, unit: str, award: Award | None) -> tuple[str, list[str]]:
        """A tier table (last: 标准) or a table of a 值, and the labels of its rows."""
        columns = [self._column(where) for _ in range(self.rng.choice([1, 1, 2, 2, 3]))]
        heads = [head for head, _ in columns]
        count = self.rng.choice([1, 2, 3, 3, 4])
        drawn = [cells(count) for _, cells in columns]
        places = award is not None and last == "标准" and self.rng.random() < 0.08
        if places and heads[0] in ("情形", "年次"):
            heads, drawn = heads[::-1], drawn[::-1]
        order_heads = [*heads, *(["名额"] if places else [])]
        rows, labels = [], []
        in_row = self.places(award, where) if places and award else ""
        if where.choices and "【" not in in_row:
            in_row = in_row if self.rng.random() < 0.5 else "前三名"
        for place in range(count):
            cells = [column[place] for column in drawn]
            if all(cell in ("", "—", "不限") for cell in cells) and place < count - 1 and self.rng.random() < 0.7:
                cells[0] = drawn[0][(place + 1) % count]
            if place == count - 1 and last == "标准" and self.rng.random() < 0.45:
                cells = [self.rng.choice(["", "—", "不限"])] * len(cells)
            labels.append("，".join(cell for cell in cells if cell not in ("", "—")))
            value = self.standard(where, unit)
            rows.append([*cells, *([in_row if self.rng.random() < 0.8 else ""] if places else []), value])
        text = "".join(f"| {' | '.join(row)} |\n" for row in [[*order_heads, last], ["---"] * (len(order_heads) + 1), *rows])
        return text, labels

    def _column(self, where: Where):  # type: ignore[no-untyped-def]
        """(head, function from a number of rows to the cells)."""
        vocabulary_facts = self.words
        options, truths = vocabulary_facts.facts(where.kind, "option"), vocabulary_facts.facts(where.kind, "truth")
        kinds = ["number"] * 5 + ["option"] * 2 * bool(options) + ["truth"] * bool(truths) + ["情形"] + ["date"] + (["年次"] if where.own and where.rule and where.award else [])
        kind = self.rng.choice(kinds)
        rng = self.rng

        def blank(cell: str) -> str:
            if rng.random() < 0.06:
                return rng.choice(["", "—", "不限"])
            return self.writer.reading([cell, "不限"]) if where.choices and self.weights(rng, "口径") else cell

        if kind == "option":
            path, fact, _ = rng.choice(options)
            names = list(fact.options)
            return path, lambda count: [blank(rng.choice([rng.choice(names), rng.choice(names), f"属于 {'、'.join(rng.sample(names, min(2, len(names))))}"])) for _ in range(count)]
        if kind == "truth":
            path = rng.choice(truths)[0]
            return path, lambda count: [blank(rng.choice(["是", "否"])) for _ in range(count)]
        if kind == "情形":
            return "情形", lambda count: [rng.choice(["", "不限"]) if rng.random() < 0.15 else self.writer.condition(where) for _ in range(count)]
        if kind == "年次":
            if rng.random() < 0.5:
                return "年次", lambda count: [blank(rng.choice(["首年", "后续年度"])) for _ in range(count)]
            days = [path for path, fact, _ in self.words.paths(where.kind) if fact.kind in ("date", "year")]
            basis = rng.choice(["首次享受", "首次享受，自首年起", *days[:3]])
            return f"年序({basis})", lambda count: [blank(rng.choice(["第1年", "第2年", "第2年至第3年", "前3年", "前2年", "第2年起"])) for _ in range(count)]
        days = [path for path, fact, _ in self.words.paths(where.kind) if fact.kind == "date"]
        if kind == "date" and days:
            return rng.choice(days), lambda count: [blank(rng.choice([f"不早于 {rng.choice(DAYS)}", f"早于 {rng.choice(DAYS)}", "2024-01-01至2025-06-30"])) for _ in range(count)]
        unit = rng.choice([self.writer._unit(fact.unit) for _, fact, _ in self.words.facts(where.kind, "number")] or ["元"])
        head = self.writer.number(where, unit)
        text = head[0] if not head[0][0].isdigit() and not head[0].startswith("另定") else rng.choice([path for path, fact, _ in self.words.facts(where.kind, "number")] or ["本年"])
        unit = unit if text == head[0] else next((self.writer._unit(fact.unit) for path, fact, _ in self.words.facts(where.kind, "number") if path == text), "年")
        if unit == "年" and text == "本年":
            return text, lambda count: [blank(rng.choice(["不早于 2025年", "早于 2025年"])) for _ in range(count)]
        return text, lambda count: self._steps(where, unit, count, blank)

    def _steps(self, where: Where, unit: str, count: int, blank) -> list[str]:  # type: ignore[no-untyped-def]
        if self.rng.random() < 0.25:
            return [blank(self.writer.test(where, unit)) for _ in range(count)]
        from .words import AFTER, AT_LEAST, LITERALS

        bounds = list(LITERALS[unit])
        chosen = sorted(self.rng.sample(range(len(bounds)), min(count, len(bounds))), reverse=True)
        chosen += [0] * (count - len(chosen))
        return [blank(self.rng.choice([f"{self.rng.choice(AT_LEAST)} {bounds[place]}", f"{bounds[place]}{self.rng.choice(AFTER[:4])}"])) for place in chosen]

    def standard(self, where: Where, unit: str) -> str:
        """What is paid, or what a 值 comes to, with its limits; 不超过 and 最高 only where money is paid."""
        if unit == "元" and where.rule and where.opens and self.chance("上限"):
            ceiling = self.rng.choice(AWARDS["元"])
            form = self.rng.random()
            if form < 0.7:
                text = f"{self.rng.choice(['不超过', '最高'])} {ceiling}"
            elif form < 0.77:
                text = "另定"
            else:
                count = self.writer.at(self.writer.number(where, self.rng.choice(COUNTS)), 2)
                text = f"{count} × {self.rng.choice(['不超过', '最高'])} {self.rng.choice(['300元', '1000元', '5000元'])}"
            return text
        text = self.writer.number(where, unit, amount=unit == "元")[0]
        if text.startswith("另定") and self.rng.random() < 0.5:
            text = f"({text})"
        bounds = []
        if self.chance("最高最低"):
            bounds.append(("最高", self.writer.at(self.writer.number(where, unit, amount=True), LOOSE)))
        if self.chance("最高最低") and self.rng.random() < 0.5:
            bounds.append(("最低", self.writer.at(self.writer.number(where, unit, amount=True), LOOSE)))
        if len(bounds) == 2 and _written_above(bounds[1][1], bounds[0][1]):  # 最低 above 最高 is a slip of the pen, which the checker tells
            bounds = [("最高", bounds[1][1]), ("最低", bounds[0][1])]
        return text + "".join(f"，{word} {bound}" for word, bound in bounds)

    # --- rules --------------------------------------------------------------------------------------------------------------------------

    def conditions(self, where: Where, lines: list[str], *, least: int = 0, veto: bool = True) -> None:
        """条件, 任一 and 否决."""
        count = max(least, self.rng.choice([1, 1, 1, 2]) if self.chance("条件") else 0)
        lines += [f"- 条件：{self.writer.condition(where)}" for _ in range(count)]
        if self.chance("任一"):
            lines.append("- 任一：\n" + "\n".join(f"  - {self.writer.condition(where)}" for _ in range(self.rng.choice([2, 2, 3]))))
        if veto and self.chance("否决"):
            bad = self.rng.choice(["申报的本笔弄虚作假", self.rare(where)])
            lines.append(f"- 否决：{bad}")

    def rare(self, where: Where) -> str:
        """A condition that mostly fails: what a veto asks."""
        truths = [path for path, _, _ in self.words.facts(where.kind, "truth")]
        text = self.writer.condition(where)
        return f"({text}) 且 {'非 ' + self.rng.choice(truths) if truths else '申报的本笔弄虚作假'}"

    def named_values(self, where: Where, award: Award) -> None:
        """值 as lines and as tables, each of which may use the ones before it."""
        if not self.chance("值"):
            return
        lines, tables = [], []
        for place in range(self.rng.choice([1, 1, 2])):
            unit = self.rng.choice(["元", "元", "", self.rng.choice(COUNTS)])
            name = f"{award.name}中间数{'一二三'[place]}"
            if self.rng.random() < 0.3:
                tables.append((name, unit))
            else:
                lines.append(f"- 值：{name} = {self.standard(where, unit)}")
                where.values.append((name, unit))
        award.lines += lines
        for name, unit in tables:
            award.tables.append(self.table(where, name, unit, None)[0])
            where.values.append((name, unit))

    def award(self, name: str, kind: str) -> Award | None:
        """One 奖补; None where nobody could be paid."""
        ways = self.words.payees(kind)
        if not ways:
            return None
        path = "" if "" in ways and not self.chance("受益人") else self.rng.choice(ways)
        vocabulary = self.words.parsed
        payee = kind
        for hop in path.split("的") if path else ():
            payee = vocabulary.fact(payee, hop).target  # type: ignore[union-attr]
        award = Award("奖补", name, kind, payee, path)
        self.writer.objects[name] = kind
        where = Where(kind, name, payee)
        lines = award.lines
        lines.append(f"- 对象：{kind}")
        if path:
            others = [way for way in ways if way and way != path and self._payee_of(kind, way) == payee]
            reading = self.chance("口径") and others
            lines.append(f"- 受益人：{self.writer.reading([path, self.rng.choice(others)]) if reading else path}")
        if self.chance("时点"):
            days = [path for path, fact, _ in self.words.paths(kind) if fact.kind == "date"]
            lines.append(f"- 时点：{self.rng.choice([*days, '申报的申报日期'])}")
        if self.chance("期间"):
            lines.append(f"- 期间：{self.rng.choice(WINDOWS)}")
        ranked, plain = self.chance("名额"), self.chance("简单")  # a plain award lets most claims through to what happens between them
        if plain:
            lines.append(f"- 标准：{self.rng.choice([self.rng.choice(AWARDS['元']), self.standard(where, '元')])}")
            self._clauses(award, where, ranked, plain)
            return award
        self.named_values(where, award)
        self.conditions(where, lines)
        if self.chance("档次表"):
            if self.chance("另定档次表"):
                award.open_table = list(dict.fromkeys(self._number_heads(where)))
                award.tables.append("".join(f"| {' | '.join(row)} |\n" for row in [[*award.open_table, "标准"], ["---"] * (len(award.open_table) + 1), ["另定"] * (len(award.open_table) + 1)]))
            else:
                text, award.labels = self.table(where, "标准", "元", award)
                award.tables.append(text)
        else:
            lines.append(f"- 标准：{self.standard(where, '元')}")
        self._clauses(award, where, ranked, plain)
        return award

    def _payee_of(self, kind: str, way: str) -> str:
        for hop in way.split("的"):
            kind = self.words.parsed.fact(kind, hop).target  # type: ignore[union-attr]
        return kind

    def _number_heads(self, where: Where) -> list[str]:
        paths = [path for path, fact, _ in self.words.facts(where.kind, "number")]
        return self.rng.sample(paths, min(len(paths), self.rng.choice([1, 1, 2]))) or ["本年"]

    def _clauses(self, award: Award, where: Where, ranked: bool, plain: bool) -> None:
        lines, rng = award.lines, self.rng
        if self.chance("频次") and not plain:
            frequency = self.frequency(award)
            lines.append(f"- 频次：{self.writer.reading([frequency, self.frequency(award)]) if self.chance('口径') else frequency}")
            if self.chance("晋档"):
                lines.append(f"- 晋档：{self.writer.reading(list(rng.sample(UPGRADES, 2))) if self.chance('口径') else rng.choice(UPGRADES)}")
        while self.chance("封顶") and not (plain and rng.random() < 0.7):
            lines.append(f"- 封顶：{self.cap(award, where)}")
        if self.chance("先后"):
            order = self.order(where)
            lines.append(f"- 先后：{self.writer.reading([order, self.order(where)]) if self.chance('口径') else order}")
        if ranked:
            lines.append(f"- 名额：{self.places(award, where)}")
            if self.chance("并列"):
                again = f"再按 {self.order(where)} {rng.choice(['从高到低', '从低到高'])}"
                lines.append(f"- 并列：{'平分' if self.chance('平分') else rng.choice(['待评定', '一并入选', '申报单位选择', again, again])}")
        if self.chance("舍入"):
            lines.append(f"- 舍入：{self.writer.reading(list(rng.sample(ROUNDINGS, 2))) if self.chance('口径') else rng.choice(ROUNDINGS)}")
        if self.chance("出资"):
            if rng.random() < 0.5:
                name = self.writer.name("出资方", self.writer.opens)
                self.writer.opens[name] = "items 县财政"
                lines.append(f"- 出资：另定 {name}")
            else:
                lines.append(f"- 出资：{self.writer.reading(['县财政', '镇财政']) if self.chance('口径') else '县财政'}")
        if self.chance("叠加") and self.writer.awards:
            lines.append(f"- 叠加：{'、'.join(rng.sample(self.writer.awards, min(len(self.writer.awards), rng.choice([1, 2]))))}")

    def recognition(self, name: str, kind: str) -> Award:
        """A 认定 and the fact it decides; draw the rules that use it afterwards."""
        award = Award("认定", name, kind, "", lines=[f"- 对象：{kind}", f"- 决定：{self.rng.choice(['应认定', '可认定'])}"])
        where = Where(kind, "", "")
        self.named_values(where, award)
        self.conditions(where, award.lines, least=1, veto=False)
        self.words.add(kind, Row(name, "是否", yearly=True, source="认定"))
        return award

    def register(self, name: str, kind: str) -> Award:
        """A 登记."""
        award = Award("登记", name, kind, "", lines=[f"- 对象：{kind}"])
        self.conditions(Where(kind, name, kind, award=False), award.lines, least=1)
        return award


DAYS = ("2023-01-01", "2024-02-29", "2025-01-01", "2025-06-30")

__all__ = ["LOOSE", "TERM", "Award", "Awards"]


def _written_above(one: str, other: str) -> bool:
    """Whether both are written numbers of one unit and the first is the larger."""
    read = [re.fullmatch(r"(\d+(?:\.\d+)?)(万|亿)?(\D*)", text) for text in (one, other)]
    values = [(Fraction(found[1]) * MULTIPLIERS.get(found[2] or "", 1), found[3]) for found in read if found]
    return len(values) == 2 and values[0][1] == values[1][1] and values[0][0] > values[1][0]
