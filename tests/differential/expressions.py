"""Random expressions and conditions of a wanted kind and unit, as text. Every one is well-typed where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from duixian.policy.vocabulary import CLAIM

from .vocabularies import Words
from .words import (
    ABOVE,
    AFTER,
    AT_LEAST,
    AT_MOST,
    AWARDS,
    BELOW,
    BEYOND,
    CHOSEN,
    COUNTS,
    DATES,
    LITERALS,
    MARKS,
    PER,
    RATES,
    TEXTS,
    UNDER,
    YEARS,
    Weights,
)

LOOSE, TERM, STEP, TIGHT = 0, 1, 2, 3  # how tightly a text binds: a sum, a product, 每满, a primary
Said = tuple[str, int]


@dataclass(slots=True)
class Where:
    """Where an expression will stand. rule: the award that is being written, '' in a vocabulary or a score sheet."""

    kind: str
    rule: str = ""
    payee: str = ""  # the kind of the payee
    values: list[tuple[str, str]] = field(default_factory=list)  # 值 in sight: (name, unit)
    own: bool = True  # on the rule's own object, not inside a list
    choices: bool = True  # 【】 may stand here
    opens: bool = True  # 另定 and 不超过 may stand here
    award: bool = True  # the rule is an 奖补: 本奖, 年次 and 首奖年 speak of it

    def inside(self, kind: str) -> Where:
        return Where(kind, self.rule, self.payee, [], False, self.choices, self.opens, self.award)


class Writer:
    """Draws text; what it defines on the way (口径, 参数, 另定) it remembers for the blocks that have to follow."""

    def __init__(self, rng: Random, weights: Weights, words: Words) -> None:
        self.rng, self.weights, self.words = rng, weights, words
        self.readings: dict[str, tuple[tuple[str, ...], dict[str, tuple[str, ...]]]] = {}  # 口径 -> (options, column -> cells)
        self.parameters: dict[str, tuple[str, tuple[str, ...]]] = {}  # 参数 -> (unit, keys)
        self.opens: dict[str, str] = {}  # 另定 名 -> unit, 'date' or 'items'
        self.awards: list[str] = []  # every award there will be
        self.objects: dict[str, str] = {}  # award drawn so far -> its object type, for 已付(另一个奖补 of the same object)
        self._depth = 0

    # --- small things -----------------------------------------------------------------------------------------------------------------

    def name(self, stem: str, taken: Any) -> str:
        return next(f"{stem}{one}{two}" for one in ("", *MARKS) for two in MARKS if f"{stem}{one}{two}" not in taken)

    def literal(self, unit: str) -> str:
        return self.rng.choice(LITERALS[unit])

    def prim(self, said: Said) -> str:
        return said[0] if said[1] >= TIGHT else f"({said[0]})"

    def at(self, said: Said, tightness: int) -> str:
        return said[0] if said[1] >= tightness else f"({said[0]})"

    def reading(self, texts: list[str]) -> str:
        """A new 口径 whose options stand for these texts."""
        name = self.name("口径", self.readings)
        texts = list(dict.fromkeys(texts))
        plain = all(not set("、|【】") & set(text) and text.strip() for text in texts)
        if plain and self.rng.random() < 0.3:
            self.readings[name] = ((), {name: tuple(texts)})
        else:
            self.readings[name] = (CHOSEN[: len(texts)], {name: tuple(texts)})
        return f"【{name}】"

    # --- numbers ----------------------------------------------------------------------------------------------------------------------

    def number(self, where: Where, unit: str, *, amount: bool = False) -> Said:
        """An expression that comes to a number of a unit. amount: what is paid, so mostly of a sensible size."""
        self._depth += 1
        try:
            options = self._numbers(where, unit, amount)
            weights = [weight for weight, _ in options]
            draw = self.rng.choices([option for _, option in options], weights)[0]
            said = draw()
        finally:
            self._depth -= 1
        if where.choices and self._depth < 2 and self.weights(self.rng, "口径"):
            return self.reading([said[0], self.number(where, unit, amount=amount)[0]]), TIGHT
        return said

    def _numbers(self, where: Where, unit: str, amount: bool) -> list[tuple[float, Callable[[], Said]]]:
        deep = self._depth > 2
        rule = where.rule if where.own and where.award else ""
        facts = [(path, yearly) for path, fact, yearly in self.words.facts(where.kind, "number") if self._unit(fact.unit) == unit]
        lists = self.words.lists(where.kind)
        found: list[tuple[float, Callable[[], Said]]] = [(5 if amount else 1.5, lambda: (self._literal(unit, amount), TIGHT))]
        if facts:
            found.append((5, lambda: (self.rng.choice(facts)[0], TIGHT)))
        values = [name for name, own in where.values if own == unit]
        if values:
            found.append((6, lambda: (self.rng.choice(values), TIGHT)))
        if where.choices and (unit in PER or unit in ("元", "")):
            found.append((self.weights["参数"] * 20, lambda: (self.parameter(where, unit), TIGHT)))
        if where.opens and where.choices:
            found.append((self.weights["待定"] * 10, lambda: (self.open(unit), STEP)))
        if unit == "元" and rule:
            found.append((0.25, lambda: (f"已付({self.rng.choice(['本奖', '本奖', *(name for name, kind in self.objects.items() if kind == where.kind)])})", TIGHT)))
            found.append((0.15, lambda: ("申报的自报金额", TIGHT)))
        if unit == "年":
            years = self.words.facts(where.kind, "year")
            if years:
                found.append((8, lambda: (f"本年 − {self.rng.choice(years)[0]}", LOOSE)))
        if deep:
            return found
        if lists:
            found.append((12 * self.weights["合计"], lambda: self.aggregate(where, unit)))
        yearly = [path for path, moves in facts if moves]
        if yearly:
            functions = ["上年", "前年", "增长额", "增长额"]
            if self.words.parsed.start_fact(where.kind):
                functions += ["历年最大", "历年最大"]
            if rule and self.rng.random() < 0.3:
                functions.append("首奖年")
            found.append((2.5, lambda: (f"{self.rng.choice(functions)}({self.rng.choice(yearly)})", TIGHT)))
            if unit == "":
                found.append((1, lambda: (f"增长率({self.rng.choice(yearly)})", TIGHT)))
        if unit == "":
            found.append((1, lambda: self._rate(where)))
        found.append((1.4, lambda: self._several(where, unit)))
        found.append((1.2, lambda: self._sum(where, unit)))
        found.append((3.5 if amount else 1.2, lambda: self._product(where, unit)))
        if unit not in ("年", "名", "分"):
            found.append((2.0 if amount else 0.5, lambda: self._step(where, unit, amount)))
        return found

    def _literal(self, unit: str, amount: bool) -> str:
        return self.rng.choice(AWARDS[unit]) if amount and unit in AWARDS else self.literal(unit)

    @staticmethod
    def _unit(unit: str) -> str:
        return "" if unit in ("%", "‰", "倍") else unit

    def _rate(self, where: Where) -> Said:
        """A plain number as one figure over another, or the growth of one."""
        unit = self.rng.choice(["元", "元", "人", "美元"])
        moving = [path for path, fact, yearly in self.words.facts(where.kind, "number") if yearly]
        if moving and self.rng.random() < 0.5:
            return f"增长率({self.rng.choice(moving)})", TIGHT
        return f"{self.at(self.number(where, unit), TERM)} ÷ {self.at(self.number(where, unit), STEP)}", TERM

    def _several(self, where: Where, unit: str) -> Said:
        function = self.rng.choice(["较大", "较小", "平均", "超出部分", "无则"])
        count = 2 if function in ("超出部分", "无则") else self.rng.choice([2, 2, 3])
        first = self.number(where, unit)
        return f"{function}({', '.join([first[0], *(self.number(where, unit)[0] for _ in range(count - 1))])})", TIGHT

    def _sum(self, where: Where, unit: str) -> Said:
        left, right = self.number(where, unit), self.number(where, unit)
        return f"{left[0]} {self.rng.choice('+−')} {self.at(right, TERM)}", LOOSE

    def _product(self, where: Where, unit: str) -> Said:
        if unit == "元" and self.rng.random() < 0.5:
            count = self.rng.choice([*COUNTS, "平方米", "月"])
            quantity = self.number(where, count)
            per = f"{self.rng.choice(RATES)}{PER[count]}" if count not in COUNTS or self.rng.random() < 0.5 else self.literal("元")
            return f"{self.at(quantity, STEP)} × {per}", TERM
        left, rate = self.number(where, unit), self.number(where, "")
        if self.rng.random() < 0.2:
            return f"{self.at(left, TERM)} ÷ {self.at(rate, STEP)}", TERM
        pair = [self.at(left, STEP), self.at(rate, STEP)]
        if unit != "" and self.rng.random() < 0.3:
            pair.reverse()
        return " × ".join(pair), TERM

    def _step(self, where: Where, unit: str, amount: bool) -> Said:
        other = self.rng.choice(["元", "元", "元", "人", "美元", "平方米", "单"])
        left = self.prim(self.number(where, other))
        size = self.literal(other) if self.rng.random() < 0.85 else self.prim(self.number(where, other))
        if size.startswith("0元"):
            size = "1万元"
        word = "【" + self.reading(["每满", "每"])[1:-1] + "】" if where.choices and self.weights(self.rng, "口径") else self.rng.choice(["每满", "每满", "每"])
        paid = self._literal(unit, amount) if self.rng.random() < 0.85 else self.prim(self.number(where, unit))
        if paid[0] == "(" and size[-1] not in ")】" and not size[0].isdigit():  # a name before a bracket would be a function
            size = f"({size})"
        return f"{left} {word} {size} {paid}", STEP

    def aggregate(self, where: Where, unit: str) -> Said:
        path, kind = self.rng.choice(self.words.lists(where.kind))
        inside = where.inside(kind)
        condition = f" 其中 {self.condition(inside)}" if self.rng.random() < 0.5 else ""
        if unit == "个":
            return f"个数({path}{condition})", TIGHT
        if unit == "" and self.rng.random() < 0.7:
            return f"占比({path}{condition})", TIGHT
        function = self.rng.choice(["合计", "合计", "合计", "最大", "最小"])
        return f"{function}({path}{condition}, {self.number(inside, unit)[0]})", TIGHT

    def parameter(self, where: Where, unit: str) -> str:
        """A 参数, one already there where it fits."""
        names = {fact.name for fact in self.words.parsed.facts(where.kind)}
        fits = [name for name, (own, keys) in self.parameters.items() if own == unit and all(key in names for key in keys)]
        if fits and self.rng.random() < 0.6:
            return self.rng.choice(fits)
        keys = [fact.name for fact in self.words.parsed.facts(where.kind) if fact.kind in ("option", "text", "object", "year")]
        name = self.name("指导数", self.parameters)
        chosen = self.rng.sample(keys, min(len(keys), self.rng.choice([0, 1, 1, 2])))
        self.parameters[name] = (unit, tuple(chosen))
        return name

    def open(self, unit: str) -> str:
        """另定 名 of a unit; 不超过 and 最高 stand only where an award says what it pays (see blocks)."""
        fits = [name for name, own in self.opens.items() if own == unit]
        if fits and self.rng.random() < 0.5:
            return f"另定 {self.rng.choice(fits)}"
        name = self.name("年定数", self.opens)
        self.opens[name] = unit
        return f"另定 {name}"

    # --- conditions -------------------------------------------------------------------------------------------------------------------

    def condition(self, where: Where) -> str:
        """A condition that may stand anywhere: several joined ones stand in brackets."""
        self._depth += 1
        try:
            kinds: list[tuple[float, Callable[[Where], str]]] = [
                (4, self._compare), (3, self._truth), (1.6, self._option), (1.5, self._date), (1.0, self._year), (0.8, self._nothing), (0.6, self._text),
                (0.5, self._rank), (0.6, self._growth), (0.15, lambda where: "不限"),
            ]  # fmt: skip
            if where.own and where.rule:
                kinds += [(0.3, self._payee), (0.2, self._claim)] + ([(0.35, self._year_number)] if where.award else [])
            if self._depth < 3:
                kinds += [(0.8, self._joined), (0.4, self._negated), (0.5, self._first_time)]
            draw = self.rng.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])[0]
            text = draw(where)
            if where.choices and self._depth < 2 and self.weights(self.rng, "口径"):
                return self.reading([text, self.condition(where)])
            return text
        finally:
            self._depth -= 1

    def _compare(self, where: Where) -> str:
        units = [self._unit(fact.unit) for _, fact, _ in self.words.facts(where.kind, "number")] or ["元"]
        unit = self.rng.choice([*units, *units, "个" if self.words.lists(where.kind) else "元"])
        left = self.number(where, unit)
        if left[0][0].isdigit() or left[0].startswith("【") or left[0].startswith("另定"):
            left = (f"({left[0]})", TIGHT)
        return self.said_of(left[0], self.test(where, unit))

    def said_of(self, left: str, test: str) -> str:
        """`左 至少 1万元` is read as a range where the left ends in a bracket or a number: another word of the same meaning stands there."""
        if test.startswith(("至少", "至多")) and not ("\u4e00" <= left[-1] <= "\u9fff" and not any(char.isdigit() for char in left.split()[-1])):
            test = test.replace("至少", "达到", 1).replace("至多", "不超过", 1)
        return f"{left} {test}"

    def test(self, where: Where, unit: str) -> str:
        """A boundary word and what stands at it, or a range."""
        roll = self.rng.random()
        if roll < 0.15:
            return self.between(unit)
        if roll < 0.27:
            return f"{self.rng.choice([*AT_LEAST, *ABOVE, *AT_MOST, *BELOW])} {self.prim(self.number(where, unit))}"
        bound = self.literal(unit)
        shape = self.rng.random()
        if shape < 0.5:
            return f"{self.rng.choice([*AT_LEAST, *AT_LEAST, *ABOVE, *AT_MOST, *BELOW])} {bound}"
        if shape < 0.75:
            return f"{bound}{self.rng.choice([*AFTER, *UNDER])}"
        if shape < 0.9:
            return self.rng.choice([f"{self.rng.choice(AT_LEAST)} {bound}{self.rng.choice(AFTER)}", f"{self.rng.choice(AT_MOST)} {bound}{self.rng.choice(UNDER)}"])
        word = self.rng.choice([*AT_LEAST, *AT_MOST, *ABOVE, *BELOW])
        said = self.rng.choice(["（含）", "（不含）"])
        return f"{word} {bound}{'（含）' if '含' in word else said}"  # 超过(含) 1万元（不含） contradicts itself and is refused

    def between(self, unit: str) -> str:
        pair = sorted(self.rng.sample(LITERALS[unit], 2), key=LITERALS[unit].index)  # the lower one first: the other way round is refused
        return f"{pair[0]}至{pair[1]}{self.rng.choice(['', '', '（不含）', '（含）'])}"

    def _truth(self, where: Where) -> str:
        facts = self.words.facts(where.kind, "truth")
        if not facts:
            return self._compare(where)
        path = self.rng.choice(facts)[0]
        return self.rng.choice([path, path, path, f"非 {path}", f"{path} 是 否", f"{path} 是 是", f"{path} 不是 是"])

    def _option(self, where: Where) -> str:
        facts = self.words.facts(where.kind, "option")
        if not facts:
            return self._truth(where)
        path, fact, _ = self.rng.choice(facts)
        options = [*fact.options, *(BEYOND.get(fact.name, ()) if fact.extendable else ())]
        if self.rng.random() < 0.5:
            return f"{path} {self.rng.choice(['是', '不是'])} {self.rng.choice(options)}"
        return f"{path} {self.rng.choice(['属于', '属于', '不属于'])} {self.items(where, options)}"

    def items(self, where: Where, options: list[str]) -> str:
        some = self.rng.sample(options, self.rng.randint(1, len(options)))
        if where.choices and self.weights(self.rng, "口径"):
            return "、".join([*some[:-1], self.reading([some[-1], "无", "、".join(options)])])
        if where.choices and where.opens and self.weights(self.rng, "待定"):
            name = self.name("年定单", self.opens)
            self.opens[name] = "items " + "、".join(options)
            return "、".join([*some[1:], f"另定 {name}"])
        return "、".join(some)

    def _text(self, where: Where) -> str:
        facts = self.words.facts(where.kind, "text")
        if not facts:
            return self._option(where)
        path = self.rng.choice(facts)[0]
        if self.rng.random() < 0.6:
            return f"{path} {self.rng.choice(['是', '不是'])} {self.rng.choice(TEXTS)}"
        return f"{path} {self.rng.choice(['属于', '不属于'])} {'、'.join(self.rng.sample(TEXTS, 2))}"

    def day(self, where: Where) -> str:
        facts = self.words.facts(where.kind, "date")
        choices = [f"{path}" for path, _, _ in facts] * 8 + ["本年末"] * 2
        if where.own and where.rule:
            choices += ["申报的申报日期", "政策起日", "政策止日"]
        if where.opens and where.choices and self.rng.random() < self.weights["待定"]:
            name = self.name("评估日", self.opens)
            self.opens[name] = "date"
            return f"另定 {name}"
        return self.rng.choice(choices)

    def _date(self, where: Where) -> str:
        roll = self.rng.random()
        if self.weights(self.rng, "时长"):
            unit, most = self.rng.choice([("年", 3), ("月", 18), ("日", 400)])
            count, high = (self.rng.choice([0, 1, 6, 12, 181, 365, 366]) if most > 3 and self.rng.random() < 0.5 else self.rng.randint(0, most) for _ in "起止")
            test = self.rng.choice([f"满 {count}{unit}以上", f"不满 {count}{unit}", f"超过 {count}{unit}", f"{count}{unit}以内", f"{min(count, high)}{unit}至{max(count, high)}{unit}"])
            return f"时长({self.day(where)}, {self.day(where)}) {test}"
        if roll < 0.2:
            return f"年份({self.day(where)}) {self.rng.choice(['是 本年', '早于 本年', f'不早于 {self.rng.choice(YEARS)}年'])}"
        day = self.day(where)
        day = f"({day})" if day.startswith("另定") else day
        if roll < 0.4:
            first, last = sorted((self.rng.choice(DATES), self.rng.choice(DATES)))
            return f"{day} {first}至{last}{self.rng.choice(['', '（不含）'])}"
        if roll < 0.55:
            return f"{day} {self.rng.choice(['早于', '不晚于'])} {self.day(where)}"
        if roll < 0.65:
            return f"{day} {self.rng.choice(['是', '不是'])} {self.rng.choice(DATES)}"
        return f"{day} {self.rng.choice(['早于', '晚于', '不早于', '不晚于'])} {self.rng.choice(DATES)}"

    def _year(self, where: Where) -> str:
        facts = self.words.facts(where.kind, "year")
        if not facts:
            return self._compare(where)
        path, year = self.rng.choice(facts)[0], self.rng.choice(YEARS)
        return self.rng.choice([
            f"{path} 是 本年", f"{path} 早于 本年", f"{path} 不早于 {year}年", f"{path} {year}年以上", f"{path} 是 {year}年", f"{path} 晚于 {year}年",
            f"本年 − {path} 满 {self.rng.randint(0, 3)}年", f"{path} 是 ({self.rng.choice(facts)[0]})", f"{path} 不晚于 {self.rng.choice(facts)[0]}",
            f"{path} 不早于 政策起年" if where.own and where.rule else f"{path} 是 本年",
        ])  # fmt: skip

    def _nothing(self, where: Where) -> str:
        path = self.rng.choice(self.words.paths(where.kind))[0]
        return self.rng.choice([f"有({path})", f"无({path})", f"{path} 是 无", f"{path} 不是 无"])

    def _rank(self, where: Where) -> str:
        ranks = [path for path, fact, _ in self.words.facts(where.kind, "number") if fact.unit in ("名", "个")]
        if not ranks:
            return self._truth(where)
        return f"{self.rng.choice(ranks)} {self.rng.choice(['前3名', '第1名', '前十名', '第2名至第3名', '前5位', '第2名起'])}"

    def _growth(self, where: Where) -> str:
        moving = [path for path, _, yearly in self.words.facts(where.kind, "number") if yearly]
        if not moving:
            return self._compare(where)
        path = self.rng.choice(moving)
        return self.rng.choice([
            self.said_of(f"增长率({path})", self.test(where, "")), f"两年平均增长率({path}) {self.rng.choice(['不低于', '超过', '低于'])} {self.literal('')}",
            f"两年平均增长率({path}) {self.between('')}", f"连续增长({path}, {self.rng.randint(1, 3)}年)", f"增长额({path}) 大于 上年({path})",
        ])  # fmt: skip

    def _year_number(self, where: Where) -> str:
        test = self.rng.choice(["第1年", "前3年", "第2年至第3年", "前2年", "第2年起"])
        days = [path for path, fact, _ in self.words.paths(where.kind) if fact.kind in ("date", "year")]
        own = ["年次 是 首年", "年次 是 后续年度", "年次 不是 首年", f"年序(首次享受) {test}", f"年序(首次享受, 自首年起) {test}"]
        return self.rng.choice([*own, f"年序({self.rng.choice(days)}) {test}"] if days else own)

    def _payee(self, where: Where) -> str:
        facts = [path for path, _, _ in self.words.facts(where.payee, "truth")] if where.payee else []
        return f"受益人的{self.rng.choice(facts)}" if facts else self._truth(where)

    def _claim(self, where: Where) -> str:
        return self.rng.choice(["申报的申报日期 不晚于 2025-06-30", "非 申报的本笔弄虚作假", "申报的自报金额 1万元以上", "申报的申报日期 晚于 2025-01-01"])

    def _joined(self, where: Where) -> str:
        return f"({self.rng.choice([' 且 ', ' 或 ']).join(self.condition(where) for _ in range(self.rng.choice([2, 2, 3])))})"

    def _negated(self, where: Where) -> str:
        return f"非 ({self.condition(where)})"

    def _first_time(self, where: Where) -> str:
        start = self.words.parsed.start_fact(where.kind)
        years = [path for path, fact, _ in self.words.paths(where.kind) if fact.kind in ("year", "date")]
        since = [*([""] if start else []), *(f", 自 {path}" for path in years[:3]), f", 自 {self.rng.choice(YEARS)}年", *([", 自 政策起年"] if where.own and where.rule else [])]
        return f"首次({self.condition(where)}{self.rng.choice(since)})"


__all__ = ["CLAIM", "LOOSE", "Said", "Where", "Writer"]
