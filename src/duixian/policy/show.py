"""An award said back in plain words as it is now read, with every 【】 replaced by its choice; the whole policy: outline.py.

Marks ①②③ stand where a reading (口径) was chosen; the readings are folded below the sentence. Nothing here computes an amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from ..values.diagnostic import display_width, pad
from ..values.labels import say
from ..values.messages import Language
from .document import Block
from .model import General, Group, Policy, Reading, Rule, Total
from .overall import DRAFT
from .readings import Bound, bind, walk, words
from .render import Speaker, phrase, show
from .standards import OpenItem, Setting, Standards, open_items
from .syntax import Always, Cap, Choice, Open, TierRow, Tiers, Word, YearIndex

Lines = list[str]


class Showing:
    """One policy as now read: under the choices given, else under its own; with a year's standards where there are some."""

    def __init__(
        self, policy: Policy, choices: Mapping[str, str] | None = None, standards: Standards | None = None, language: Language = "zh"
    ) -> None:
        self.policy, self.standards, self.language = policy, standards or Standards(), language
        self.choices = {**policy.default_choices, **self.standards.choices, **(choices or {})}
        self.bound: Bound = bind(policy, self.choices)
        self.items = open_items(policy)

    def say(self, text: str, /, **details: Any) -> str:
        return say(text, self.language, **details)

    def listed(self, items: Iterable[str]) -> str:
        """Several names."""
        return _list(items, self.language)

    def _phrases(self, items: Iterable[str]) -> str:
        return ("，" if self.language == "zh" else ", ").join(items)

    def _parts(self, items: Iterable[str]) -> str:
        return ("；" if self.language == "zh" else "; ").join(items)

    def speaker(self) -> Speaker:
        return Speaker(self.language, self.policy, self.choices)

    # --- one award --------------------------------------------------------------------------------------------------------------------

    def award(self, name: str) -> Lines:
        """One 奖补, 认定 or 登记: what it says, how a sum comes about, which readings it rests on, what the year still has to set."""
        rule, speaker = self.policy.rules[name], self.speaker()
        quote = rule.block.quote
        lines = [self.say("{award}（{clause}）　{kind}", award=rule.name, clause=rule.clause.strip("（）()"), kind=self.say(rule.kind)),
                 *self.say("原文：{text}", text="\n".join(quote.shown if quote else ())).split("\n"), ""]  # fmt: skip
        lines += self._reads(rule, speaker)
        if rule.kind == "奖补":
            lines += ["", *self._waterfall(rule, speaker)]
        lines += self._open(rule)
        lines += self._readings(speaker)
        if rule.materials:
            lines += ["", self.say("材料：{what}", what=self.listed(rule.materials))]
        lines += [self.say("说明：{what}", what=note) for note in rule.notes]
        return [*lines, *self.legend(name)]

    def _reads(self, rule: Rule, speaker: Speaker) -> Lines:
        """The sentence, broken where an official would draw breath."""
        lines = [self.say("读作")]
        who = "  " + self.say("对象：每个{kind}", kind=rule.object)
        if rule.beneficiary is not None:
            who += self.say("　受益人：{who}", who=speaker.say(rule.beneficiary))
        lines.append(who)
        conditions = [(item, "") for item in rule.conditions] + [
            (item, general.name) for general in self._generals(rule) for item in general.conditions
        ]
        kept = [(speaker.say(item), general) for item, general in conditions if not isinstance(speaker.chosen(item), Always)]
        dropped = [item for item, _ in conditions if isinstance(item, Choice) and isinstance(speaker.chosen(item), Always)]
        timing = self.say("{what} 在有效期内", what=speaker.say(rule.timing)) if rule.timing is not None else ""
        if kept or timing:
            lines.append("  " + self.say("条件，都要满足"))
            lines += [f"    {timing}"] if timing else []
            lines += [f"    {text}" + (self.say("（通则“{name}”）", name=general) if general else "") for text, general in kept]
        for item in dropped:
            lines.append(
                "    "
                + self.say("【{name}】这样读没有条件{mark}", name=item.name, mark=speaker.say(item).removeprefix(phrase(Always(), self.language)))
            )
        if rule.any_of:
            lines.append("  " + self.say("任一项满足即可"))
            lines += [f"    {speaker.say(item)}" for item in rule.any_of]
        vetoes = [(item, False, "") for item in rule.vetoes] + [
            (item, back, general.name) for general in self._generals(rule) for item, back in general.vetoes
        ]
        for item, back, general in vetoes:
            lines.append("  " + self.say("有下列情形的取消：{what}", what=speaker.say(item)) + (self.say("，追回已付") if back else "")
                         + (self.say("（通则“{name}”）", name=general) if general else ""))  # fmt: skip
        for value in rule.values:
            body = value.body
            lines.append("  " + self.say("其中 {name} ＝ {what}", name=value.name, what=speaker.say(body)))
        if rule.kind == "认定":
            lines.append(
                "  " + self.say("条件满足的，应当认定")
                if rule.decision == "应认定"
                else "  " + self.say("条件满足的，由主管部门决定是否认定；条件不满足的，决定也不能代替")
            )
        elif rule.kind == "登记":
            lines.append("  " + self.say("条件满足的，登记在册；登记不给钱"))
        elif rule.tiers is not None:
            lines += self._tiers(rule, rule.tiers, speaker)
        elif rule.standard is not None:
            lines.append("  " + self.say("给予 {what}", what=speaker.say(rule.standard) + self._adopted(rule)))
        return lines

    def _tiers(self, rule: Rule, tiers: Tiers, speaker: Speaker) -> Lines:
        table = self.standards.tables.get(rule.name) if tiers.open_whole else None
        if tiers.open_whole and table is None:
            return ["  " + self.say("给予 按档次（{heads}）另定的数：档次表由主管部门按年度给出，见下面“待定”", heads=self.listed(tiers.heads))]
        shown = [
            (self._row(row, speaker), speaker.say(row.value) + self._adopted(rule, row.label), speaker.say(row.places) if row.places else "")
            for row in (table or tiers).rows
        ]
        width = max(display_width(left) for left, _, _ in shown)
        lines = ["  " + self.say("给予（从上往下看，第一个满足的为准）")]
        return lines + [f"    {pad(left, width)}  → {right}" + (f"　{places}" if places else "") for left, right, places in shown]

    def _value(self, setting: Setting) -> str:
        """A figure that the year has set: as it is written, or in English."""
        return show(setting.value, setting.unit, "en") if self.language == "en" and isinstance(setting.value, Fraction) else setting.text

    def _adopted(self, rule: Rule, tier: str = "") -> str:
        """What the year has set for a standard that the policy leaves open."""
        setting = self.standards.settings.get((rule.name, tier))
        return self.say("（本年 {value}）", value=self._value(setting)) if setting is not None and setting.value is not None else ""

    def _row(self, row: TierRow, speaker: Speaker) -> str:
        cells: list[str] = []
        for cell in row.cells:
            if not isinstance(speaker.chosen(cell), Always):
                cells.append(speaker.say(cell))
            elif isinstance(cell, Choice) and cells:  # read as no condition: only the mark is left
                cells[-1] += speaker.say(cell).removeprefix(phrase(Always(), self.language))
        return self._phrases(cells) or self.say("不限")

    # --- how a sum comes about ----------------------------------------------------------------------------------------------------------

    def _waterfall(self, rule: Rule, speaker: Speaker) -> Lines:
        rows = [
            ("计算额", self.say("上面的标准；条件不满足的不算")),
            ("舍入后", self._rounding(rule, speaker)),
            ("补差后", self._frequency(rule, speaker)),
            ("封顶后", self._parts(self._cap(cap, speaker) for cap in rule.caps) or self.say("没有封顶")),
            ("名额后", self._places(rule, speaker)),
            *(("就高后", text) for text in self._groups(rule)),
            *(("核减后", text) for text in self._totals(rule, speaker)),
            ("应付", self._payable(rule, speaker)),
        ]
        names = [self.say(name) for name, _ in rows]
        width = max(display_width(name) for name in names)
        lines, before = [self.say("一笔钱怎样算成")], ""
        for name, (_, text) in zip(names, rows, strict=True):
            lines.append(f"  {pad('' if name == before else name, width)}  {text}")
            before = name
        return lines

    def _rounding(self, rule: Rule, speaker: Speaker) -> str:
        own = (
            rule.rounding
            if rule.rounding is not None
            else next((general.rounding for general in self.policy.generals if general.rounding is not None), None)
        )
        return speaker.say(own) if own is not None else speaker.say("四舍五入到分")

    def _frequency(self, rule: Rule, speaker: Speaker) -> str:
        text = self.say("频次 {what}", what=speaker.say(rule.frequency)) if rule.frequency is not None else self.say("没有写频次，按每年")
        if rule.upgrade is not None:
            text += self.say("；晋档 {what}", what=speaker.say(rule.upgrade))
        return text

    def _cap(self, cap: Cap, speaker: Speaker) -> str:
        return speaker.say(cap)

    def _places(self, rule: Rule, speaker: Speaker) -> str:
        if rule.places is None:
            return self.say("按档次表里的名额") if rule.tiers and any(row.places for row in rule.tiers.rows) else self.say("没有名额限制")
        tie = rule.tie_rule
        text = speaker.say(rule.places)
        return text + (self.say("；并列 {what}", what=speaker.say(tie)) if isinstance(tie, Word) else "")

    def _groups(self, rule: Rule) -> Lines:
        """The 就高 groups of an award: 启用, 停用, 提示."""
        lines = []
        for highest, bound in zip(self.policy.highest, self.bound.highest, strict=True):
            for group in highest.groups:
                if group.awards is None or rule.name in group.awards:
                    lines.append(self._group(group, rule, bound.enabled is None or group.name in words(bound.enabled), chosen=highest.by_choice(group)))
            if bound.other_policies is not None:
                how = phrase(bound.other_policies, self.language)
                order = phrase(bound.offset_order, self.language) if bound.offset_order is not None else phrase("封顶后", self.language)
                lines.append(self.say("同一事项按其他文件得过钱的：{how}（{order}抵扣）", how=how, order=order))
        lines += [self._group(group, rule, True) for group in self.standards.groups if group.awards is None or rule.name in group.awards]
        if rule.stacks_with:
            lines.append(self.say("可与 {others} 叠加，不比高低", others=self.listed(words(rule.stacks_with))))
        return lines or [self.say("不与别的奖补比高低")]

    def _group(self, group: Group, rule: Rule, enabled: bool, *, chosen: bool = False) -> str:
        others = self.say("全部奖补") if group.awards is None else self.listed(name for name in group.awards if name != rule.name)
        state = self.say("停用") if not enabled else self.say("提示") if group.treatment == "提示" else self.say("启用")
        same = self.listed(group.same)
        if enabled and not others:
            if group.treatment == "提示":
                return self.say("{state}　{group}：同一 {same} 的几笔，只提醒，不减钱", state=state, group=group.name, same=same)
            if chosen:
                return self.say("{state}　{group}：同一 {same} 的几笔，只给申报单位选的一笔", state=state, group=group.name, same=same)
            return self.say("{state}　{group}：同一 {same} 的几笔，只给高的一笔", state=state, group=group.name, same=same)
        if not enabled:
            return self.say("{state}　{group}：与 {others}（同一 {same}）", state=state, group=group.name, others=others, same=same)
        if group.treatment == "提示":
            return self.say("{state}　{group}：与 {others} 同一 {same} 的，只提醒，不减钱", state=state, group=group.name, others=others, same=same)
        if chosen:
            return self.say("{state}　{group}：与 {others} 同一 {same} 的，只给申报单位选的一项", state=state, group=group.name, others=others, same=same)
        return self.say("{state}　{group}：与 {others} 同一 {same} 的，只给高的一项", state=state, group=group.name, others=others, same=same)

    def _totals(self, rule: Rule, speaker: Speaker) -> Lines:
        lines = [self.total(total, speaker) for total in (*self.policy.totals, *self.standards.totals) if self._covers(total, rule)]
        return lines or [self.say("不占总额")]

    def _covers(self, total: Total, rule: Rule) -> bool:
        if total.register:
            return False
        bound = next((item for item in self.bound.totals if item.name == total.name), total)
        named = words(bound.items)
        return (rule.name not in named) if bound.range_all else (rule.name in named)

    def total(self, total: Total, speaker: Speaker) -> str:
        """A 总额 in one line: its amount, and what happens beyond it."""
        scope = speaker.say(total.scope) if total.scope.keys else speaker.say(total.scope.time)
        setting = self.standards.settings.get((getattr(total.amount, "name", "") or total.name, ""))
        amount = speaker.say(total.amount) + (self.say("（本年 {value}）", value=self._value(setting)) if setting and setting.value is not None else "")
        return self.say(
            "{total}：{amount}，{scope}；超出的{overrun}", total=total.name, amount=amount, scope=scope, overrun=speaker.say(total.overrun)
        )

    def _payable(self, rule: Rule, speaker: Speaker) -> str:
        parts = []
        if any(general.status == DRAFT for general in self.policy.generals):
            parts.append(self.say("征求意见稿，只能试算"))
        waiting = [item for item in self.items.values() if self._needs(rule, item) and not self._is_set(item)]
        if waiting:
            parts.append(self.say("本年标准定下以前是暂估，不能支付"))
        if rule.funding is not None:
            parts.append(self.say("出资 {what}", what=speaker.say(rule.funding)))
        return self._parts(parts) or self.say("按上一步支付")

    def _generals(self, rule: Rule) -> list[General]:
        if rule.kind != "奖补":
            return []
        found = []
        for general, bound in zip(self.policy.generals, self.bound.generals, strict=True):
            if (rule.name in words(bound.items)) is not bound.all_awards:
                found.append(general)
        return found

    def gist(self, block: Block) -> str:
        """What an award comes to, in a few words: its standard, or from the least to the most; '' for other blocks."""
        rule = self.policy.rules.get(block.name)
        if rule is None or rule.kind != "奖补":
            return ""
        speaker = Speaker(self.language, self.policy, self.choices)
        speaker.silent = True
        if rule.tiers and rule.tiers.open_whole:
            return self.say("：档次表另定")
        values = [row.value for row in rule.tiers.rows] if rule.tiers else [rule.standard]
        said = list(dict.fromkeys(speaker.say(value) for value in reversed(values) if value is not None))
        text = said[0] if len(said) == 1 else f"{said[0]} … {said[-1]}" if said else ""
        return f"：{self.excerpt(text, 60)}" if text else ""

    def excerpt(self, text: str, most: int = 46) -> str:
        """The beginning of a text."""
        return text if len(text) <= most else text[: most - 1] + "…"

    # --- readings, open items ------------------------------------------------------------------------------------------------------------

    def _readings(self, speaker: Speaker) -> Lines:
        if not speaker.marks:
            return []
        lines = ["", self.say("口径")]
        for name, mark in speaker.marks.items():
            lines += self.reading(self.policy.readings[name], mark)
        return lines

    def reading(self, reading: Reading, mark: str = "·") -> Lines:
        """A 口径: the question, the options with the choice marked, the reason."""
        chosen = self.choices[reading.name]
        changed = chosen != reading.choice
        lines = [f"  {mark} {reading.name}：{reading.question}", f"      {self.options(reading)}"]
        if changed:
            return [*lines, "      " + self.say("本年改选；政策文件选的是“{choice}”：{reason}", choice=reading.choice, reason=reading.reason)]
        return [*lines, "      " + self.say("理由：{reason}", reason=reading.reason)]

    def options(self, reading: Reading) -> str:
        """The options of a 口径, the one that is read marked."""
        return "　".join(("● " if option == self.choices[reading.name] else "○ ") + option.replace("(", "（").replace(")", "）") for option in reading.options)

    def _open(self, rule: Rule) -> Lines:
        return self.open_table([item for item in self.items.values() if self._needs(rule, item)])

    def _needs(self, rule: Rule, item: OpenItem) -> bool:
        bound = self.bound.rules[rule.name]
        parts = (bound.standard, bound.tiers, bound.values, bound.conditions, bound.any_of, bound.vetoes, bound.caps, bound.funding)
        return item.key[0] == rule.name or any(isinstance(node, Open) and (node.name, "") == item.key for node in walk(parts))

    def _is_set(self, item: OpenItem) -> bool:
        setting = self.standards.settings.get(item.key)
        return item.key[0] in self.standards.tables or (setting is not None and setting.value is not None)

    def open_table(self, items: list[OpenItem]) -> Lines:
        """The open items of the year: what the policy says, what was adopted, where to enter it."""
        if not items:
            return []
        lines = ["", self.say("待定（每年由主管部门定）")]
        rows = []
        for item in items:
            name, tier = item.key
            setting = self.standards.settings.get(item.key)
            if item.kind == "table":
                now = self.say("本年档次表已定") if name in self.standards.tables else self.say("本年未定，填在“## {section}”表", section=name)
                rows.append((name, self.say("档次表另定"), now))
                continue
            adopted = self._value(setting) if setting is not None and setting.value is not None else ""
            open_now = self.say("可以定得更低") if item.kind == "lower" else self.say("本年未定")
            rows.append((name + (f"　{tier}" if tier else ""), item.words, self.say("本年 {value}", value=adopted) if adopted else open_now))
        widths = [max(display_width(row[column]) for row in rows) for column in (0, 1)]
        lines += [f"  {pad(row[0], widths[0])}  {pad(row[1], widths[1])}  {row[2]}" for row in rows]
        return [*lines, "  " + self.say("填写的地方：standards-〈年度〉.md 的“## 年度标准”表，列为 项目、档、政策规定、本年标准")]

    # --- how to read it ---------------------------------------------------------------------------------------------------------------------

    def legend(self, name: str = "") -> Lines:
        """How to read what stands above; only what this policy (or this award) has."""
        rules = [self.bound.rules[name]] if name else list(self.bound.rules.values())
        nodes = [node for rule in rules for node in walk(rule)]
        tips = [self.say("先看条件，再看标准：条件有一条不满足，就不算；都满足而标准是 0 元的，也不发。")]
        if any(rule.tiers for rule in rules):
            tips.append(self.say("档次表从上往下看，第一个满足的一行为准，下面的不再看。"))
        if any(isinstance(node, YearIndex) and node.path is None for node in nodes):
            tips.append(self.say("首年、后续年度按这个对象在台账里第一次得奖算起，不按注册或上线的年份。"))
        if any(getattr(node, "function", "") == "首次" for node in nodes):
            tips.append(self.say("首次：第一次达到的那一年才算；达到而没有申报的，以后不能再补。"))
        if any(isinstance(node, Open) and node.ceiling is not None for node in nodes):
            tips.append(self.say("不超过、最高 N 是上限，不是标准：标准由主管部门每年定，定下以前只能暂估。"))
        if any(rule.kind == "登记" for rule in rules):
            tips.append(self.say("登记只记录在册，不给钱；“可登记”不是得奖。"))
        if any(rule.kind == "认定" and rule.decision == "可认定" for rule in rules):
            tips.append(self.say("可认定：条件是前提，满足后还要主管部门决定；决定不能代替条件。"))
        tips.append(
            self.say("界限词后面的符号就是它的意思：≥ 达到即可，＞ 要超过，≤ 不超过，＜ 要不到。空着是不知道，“无”是核实过没有；不知道的不当作 0。")
        )
        if any(isinstance(node, Choice) for rule in (self.policy.rules[rule.name] for rule in rules) for node in walk(rule)):
            tips.append(
                self.say("①②③ 是原文可以有几种读法的地方，现在选的读法列在“口径”里。") if name else self.say("● 是现在的读法，○ 是另外可选的读法。")
            )
        return ["", self.say("怎么读"), *(f"  · {tip}" for tip in tips)]


def _list(items: Iterable[str], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(items)


def about_policy(policy: Policy, language: Language = "zh") -> Lines:
    """What a policy says of itself: draft or in force, from when to when, which documents it repeals. One with defects, too, can be asked."""
    return [line for general in policy.generals for line in about_general(general, language)]


def about_general(general: General, language: Language) -> Lines:
    """What one 通则 says of the policy itself: no 【】 can stand there."""
    lines = []
    if general.status:
        lines.append(
            say("状态：{status}", language, status=say(general.status, language)) + (say("，只能试算，不能支付", language) if general.status == DRAFT else "")
        )
    if general.validity:
        start, end = general.validity
        lines.append(
            say("有效期：{start} 至 {end}", language, start=start.isoformat(), end=end.isoformat())
            if start and end
            else say("有效期：{start} 起", language, start=start.isoformat())
            if start
            else say("有效期：至 {end}", language, end=end.isoformat())
        )
    elif general.effective:
        lines.append(say("施行：{start} 起", language, start=general.effective.isoformat()))
    elif general.provisional:
        lines.append(say("施行日期未定，{start} 起参照执行", language, start=general.provisional.isoformat()))
    if general.repeals:
        lines.append(say("废止：{what}", language, what=_list(general.repeals, language)))
    return lines


def show_award(
    policy: Policy, name: str, choices: Mapping[str, str] | None = None, standards: Standards | None = None, language: Language = "zh"
) -> Lines:
    """One rule of a policy in plain words."""
    return Showing(policy, choices, standards, language).award(name)
