"""Goes through a policy in the order of its document and lays it out as a text (`text`), in the words of `show`. Nothing here computes an amount."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..values.messages import Language
from .document import Block, Heading, Quote, Table
from .emphasis import pieces
from .model import General, Policy, Rule
from .readings import words
from .render import Speaker, phrase
from .show import Showing, about_general
from .standards import Standards, reasons_of
from .syntax import Always, Cap, Choice, Number, Tiers
from .text import Article, BlockCard, Chapter, Grid, PolicyText, ReadingCard, Row, RuleCard, Sentence

_MARKED = re.compile(r"^(?:（[一二三四五六七八九十百]+）|[一二三四五六七八九十百]+(?=、)|第[一二三四五六七八九十百]+条)")


def policy_text(policy: Policy, choices: Mapping[str, str] | None = None, standards: Standards | None = None, language: Language = "zh") -> PolicyText:
    """A policy as a text, under its own choices or those given, with a year's standards where there are some."""
    return _Reader(policy, choices, standards, language).text()


class _Reader(Showing):
    """Goes through the document once, in its order."""

    def text(self) -> PolicyText:
        generals = self.bound.generals
        first, last = next((general.validity for general in generals if general.validity), (None, None))
        first = first or next((general.effective or general.provisional for general in generals if general.effective or general.provisional), None)
        status = next((general.status for general in generals if general.status), "")
        return PolicyText(self.policy.title, self.policy.issuer, self._chapters(), tuple(line for general in generals for line in about_general(replace(general, status=""), self.language)), status, first, last)

    # --- the text in its parts ------------------------------------------------------------------------------------------------------------

    def _chapters(self) -> list[Chapter]:
        chapters, lines = [Chapter("part-0")], self._line_starts()
        article: Article | None = None
        for number, element in enumerate(self.policy.document.elements):
            if isinstance(element, Heading):
                if element.level == 2:
                    chapters.append(Chapter(f"part-{len(chapters)}", element.text))
                    article = None
                elif element.level == 3:
                    article = self._article(chapters[-1], _number(element.text), element.text)
            elif isinstance(element, Quote):
                marker = _number(element.text)
                closing = article is not None and not article.number and _number(chapters[-1].title) and number in lines
                if closing and chapters[-1].title and not marker:  # a paragraph of its own after the last measure is not part of it
                    chapters.append(Chapter(f"part-{len(chapters)}"))
                    article = None
                if article is None or (marker and marker != article.number):
                    article = self._article(chapters[-1], marker, "")
                article.sentences.append(self._sentence(element, sum(len(one.sentences) for chapter in chapters for one in chapter.articles) + 1))
        for chapter in chapters:
            for one in chapter.articles:
                one.label = one.label or self._label(chapter, one)
        return [chapter for chapter in chapters if chapter.articles or chapter.title]

    def _article(self, chapter: Chapter, number: str, title: str) -> Article:
        found = Article(f"article-{number.strip('（）')}" if number else f"{chapter.anchor}-{len(chapter.articles) + 1}", number, title)
        chapter.articles.append(found)
        return found

    def _label(self, chapter: Chapter, article: Article) -> str:
        """A few words by which an article is found again: its heading, its awards, what becomes of it, its first words."""
        if article.title:
            return article.title.removeprefix(article.number).rstrip("。")
        cards = [card for sentence in article.sentences for card in (*sentence.rules, *sentence.blocks)]
        names = [card.name for card in (article.awards or cards)]
        if not chapter.title and not article.number:
            return self.say("其他规定") if names else self.say("开头")
        if not article.number:
            return chapter.title.rstrip("。")
        return self.listed(names[:2]) + ("…" if len(names) > 2 else "") if names else self.excerpt(article.sentences[0].text.removeprefix(article.number), 12)

    def _line_starts(self) -> set[int]:
        """Which elements begin a line of the official text."""
        source, position, found = self.policy.source, 0, set()
        for number, element in enumerate(self.policy.document.elements):
            if isinstance(element, (Heading, Quote)):
                offset = source.offsets[position] if position < len(source.offsets) else 0
                if not source.text[source.text.rfind("\n", 0, offset) + 1 : offset].strip():
                    found.add(number)
                position += len(element.text)
        return found

    def _sentence(self, quote: Quote, number: int) -> Sentence:
        rules = [self.policy.rules[block.name] for block in quote.blocks if block.name in self.policy.rules and self.policy.rules[block.name].block is block]
        own = {id(rule.block) for rule in rules}
        blocks = [block for block in quote.blocks if block.kind != "口径" and id(block) not in own]
        decided = bool(rules or blocks)
        return Sentence(
            f"s{number}", tuple(tuple(pieces(cell.text, decided)) for cell in quote.lines), tuple(note.value for note in quote.notes if note.key == "不计算"),
            tuple(self.rule_card(rule) for rule in rules), tuple(self._block(block) for block in blocks),
            tuple(self.reading_card(block.name) for block in quote.blocks if block.kind == "口径" and block.name in self.policy.readings),
        )  # fmt: skip

    # --- one rule -------------------------------------------------------------------------------------------------------------------------

    def rule_card(self, rule: Rule) -> RuleCard:
        """A rule in plain words, thing by thing."""
        speaker = self.speaker()
        rows = [*self._who(rule, speaker), *self._conditions(rule, speaker), *self._amount(rule, speaker), *(self._limits(rule, speaker) if rule.kind == "奖补" else ())]
        tiers = self._grid(rule, rule.tiers, speaker) if rule.tiers is not None else None
        rows += [self._row_of("材料", self.say("材料"), [self.listed(rule.materials)] if rule.materials else []), self._row_of("说明", self.say("说明"), list(rule.notes))]
        kept = tuple(row for row in rows if row.lines)
        marks = tuple((mark, name, self.choices[name]) for name, mark in speaker.marks.items())
        waits = any(self._needs(rule, item) and not self._is_set(item) and item.kind != "lower" for item in self.items.values())
        return RuleCard(rule.kind, self.say(rule.kind), rule.name, rule.clause, rule.object, self.gist(rule.block).lstrip("：: "), self._most(rule), kept, tiers, marks, waits,
                        tuple(_example(table) for table in rule.examples))  # fmt: skip

    def _most(self, rule: Rule) -> str:
        """The most there can be in a few words: the first cap that is an amount, else what the standard says."""
        for cap in self.bound.rules[rule.name].caps:
            if isinstance(cap, Cap) and isinstance(cap.amount, Number):
                return self.say("最高 {amount}", amount=phrase(cap.amount, self.language))
        least, _, most = self.gist(rule.block).lstrip("：: ").partition(" … ")
        ceiling = most.startswith(("不超过", "最高", "at most"))
        return most if ceiling else least + (self.say(" 至 ") + most if most else "")

    def _row_of(self, key: str, label: str, lines: list[str]) -> Row:
        return Row(label, tuple(lines), key)

    def _who(self, rule: Rule, speaker: Speaker) -> Iterator[Row]:
        text = self.say("每个{kind}", kind=rule.object)
        if rule.beneficiary is not None:
            text += self.say("；钱给{who}", who=speaker.say(rule.beneficiary))
        yield self._row_of("对象", self.say("对象"), [text])

    def _conditions(self, rule: Rule, speaker: Speaker) -> Iterator[Row]:
        generals = self._generals(rule)
        items = [(item, "") for item in rule.conditions] + [(item, general.name) for general in generals for item in general.conditions]
        kept = [self.say("{what} 在有效期内", what=speaker.say(rule.timing))] if rule.timing is not None else []
        for item, general in items:
            if isinstance(item, Choice) and isinstance(speaker.chosen(item), Always):
                kept.append(self.say("{name}：这样读，不要求{mark}", name=item.name, mark=speaker.say(item).removeprefix(speaker.say(Always()))))
            elif not isinstance(speaker.chosen(item), Always):
                kept.append(speaker.say(item) + (self.say("（通则“{name}”）", name=general) if general else ""))
        yield self._row_of("条件", self.say("条件，都要满足") if len(kept) > 1 else self.say("条件"), kept)
        yield self._row_of("任一", self.say("任一项满足即可"), [speaker.say(item) for item in rule.any_of])
        vetoes = [(item, False, "") for item in rule.vetoes] + [(item, back, general.name) for general in generals for item, back in general.vetoes]
        yield self._row_of("否决", self.say("取消资格"), [
            speaker.say(item) + (self.say("，追回已付") if back else "") + (self.say("（通则“{name}”）", name=name) if name else "") for item, back, name in vetoes
        ])  # fmt: skip

    def _amount(self, rule: Rule, speaker: Speaker) -> Iterator[Row]:
        yield self._row_of("其中", self.say("其中"), [f"{value.name} ＝ {speaker.say(value.body)}" for value in rule.values])
        if rule.kind == "认定":
            yield self._row_of("认定", self.say("认定"), [
                self.say("条件满足的，应当认定") if rule.decision == "应认定" else self.say("条件满足的，由主管部门决定是否认定；条件不满足的，决定也不能代替")
            ])  # fmt: skip
        elif rule.kind == "登记":
            yield self._row_of("登记", self.say("登记"), [self.say("条件满足的，登记在册；登记不给钱")])
        elif rule.tiers is None and rule.standard is not None:
            yield self._row_of("标准", self.say("标准"), [speaker.say(rule.standard) + self._adopted(rule)])
        elif rule.tiers is not None and rule.tiers.open_whole and rule.name not in self.standards.tables:
            yield self._row_of("标准", self.say("标准"), [self.say("档次表由主管部门按年度另定")])

    def _limits(self, rule: Rule, speaker: Speaker) -> Iterator[Row]:
        once = speaker.say(rule.frequency) if rule.frequency is not None else speaker.say("每年")
        yield self._row_of("频次", self.say("频次"), [once + (self.say("；晋档 {what}", what=speaker.say(rule.upgrade)) if rule.upgrade is not None else "")])
        yield self._row_of("封顶", self.say("封顶"), [text for text in (self._cap(cap, speaker) for cap in rule.caps) if text])
        yield self._row_of("名额", self.say("名额"), [self._places(rule, speaker)] if rule.places is not None or (rule.tiers and any(row.places for row in rule.tiers.rows)) else [])
        off = self.say("停用")
        groups = [line for line in self._groups(rule) if not line.startswith(off)]  # what is off decides nothing
        yield self._row_of("就高", self.say("就高"), groups if groups != [self.say("不与别的奖补比高低")] else [])
        totals = self._totals(rule, speaker)
        yield self._row_of("总额", self.say("总额"), totals if totals != [self.say("不占总额")] else [])
        yield self._row_of("出资", self.say("出资"), [speaker.say(rule.funding)] if rule.funding is not None else [])

    def _grid(self, rule: Rule, tiers: Tiers, speaker: Speaker) -> Grid | None:
        """The tiers, the first that is met counts; None where the year still has to set them."""
        table = self.standards.tables.get(rule.name) if tiers.open_whole else tiers
        if table is None:
            return None
        rows = [(self._row(row, speaker), speaker.say(row.value) + self._adopted(rule, row.label), speaker.say(row.places) if row.places else "") for row in table.rows]
        ranked = any(places for _, _, places in rows)
        head = (self.say("达到"), self.say("标准"), self.say("名额"))
        return Grid(head if ranked else head[:2], tuple(row if ranked else row[:2] for row in rows), self.say("从上往下看，第一个满足的为准"))

    # --- readings and the other blocks ------------------------------------------------------------------------------------------------------

    def reading_card(self, name: str) -> ReadingCard:
        """A 口径 as now chosen."""
        reading, chosen = self.policy.readings[name], self.choices[name]
        options = tuple((_wide(option), option == chosen) for option in reading.options)
        changed = chosen != reading.choice
        return ReadingCard(name, reading.question, options, _wide(chosen), _wide(reading.choice), reading.reason, changed, reasons_of(self.standards).get(name, "") if changed else "")

    def _block(self, block: Block) -> BlockCard:
        lines: list[str] = []
        grid = None
        speaker = self.speaker()
        speaker.silent = True
        if block.kind == "通则":
            lines = [text for general in self.policy.generals if general.block is block for text in self._general_lines(general, speaker)]
        elif block.kind == "总额":
            lines = [self.total(total, speaker) for total in self.policy.totals if total.block is block]
        elif block.kind == "就高":
            lines = self._highest(block)
        elif block.kind == "程序":
            grid = next((_plain(table) for table in block.tables), None)
        elif block.kind == "参数":
            lines = [self.say("{name}（{unit}）由{who}按年度定", name=one.name, unit=one.unit, who=one.by_whom) for one in self.policy.parameters.values() if one.block is block]
        return BlockCard(block.kind, self.say(block.kind), block.name, tuple(lines), grid)

    def _highest(self, block: Block) -> list[str]:
        lines = []
        for highest, bound in zip(self.policy.highest, self.bound.highest, strict=True):
            if highest.block is not block:
                continue
            for group in highest.groups:
                on = bound.enabled is None or group.name in words(bound.enabled)
                state = self.say("停用") if not on else self.say("提示") if group.treatment == "提示" else self.say("启用")
                members = self.say("全部奖补") if group.awards is None else self.listed(group.awards)
                chosen = self.say("（申报单位选择）") if on and highest.by_choice(group) else ""
                lines.append(f"{state}　{group.name}：{members}" + self.say("（同一 {same}）", same=self.listed(group.same)) + chosen)
            if bound.other_policies is not None:
                speaker = self.speaker()
                lines.append(self.say("同一事项按其他文件得过钱的：{how}（{order}抵扣）", how=speaker.say(bound.other_policies), order=speaker.say(bound.offset_order or "封顶后")))
        return lines

    def _general_lines(self, general: General, speaker: Speaker) -> list[str]:
        bound = next((one for one in self.bound.generals if one.block is general.block), general)
        lines = about_general(bound, self.language)
        if (general.conditions or general.vetoes) and (names := words(bound.items)):
            lines.append(self.say("适用：全部奖补，{names} 除外", names=self.listed(names)) if bound.all_awards else self.say("适用：{names}", names=self.listed(names)))
        elif general.conditions or general.vetoes:
            lines.append(self.say("适用：全部奖补"))
        lines += [self.say("条件：{what}", what=speaker.say(item)) for item in general.conditions if not isinstance(speaker.chosen(item), Always)]
        lines += [self.say("有下列情形的取消：{what}", what=speaker.say(item)) + (self.say("，追回已付") if back else "") for item, back in general.vetoes]
        if general.year_rule is not None:
            lines.append(self.say("哪一年算数：{what}", what=speaker.say(general.year_rule)))
        if general.rounding is not None:
            lines.append(self.say("金额：{what}", what=speaker.say(general.rounding)))
        if general.unset_standard is not None:
            lines.append(self.say("年度标准定下以前：{what}", what=speaker.say(general.unset_standard)))
        if general.history is not None:
            lines.append(self.say("算作以前得过的：{what}", what=speaker.say(general.history)))
        lines += [f"{bullet.key}：{bullet.value}" for bullet in general.block.bullets if bullet.key in ("来源", "说明")]
        return lines


def _number(text: str) -> str:
    found = _MARKED.match(text)
    return found.group() if found else ""


def _wide(text: str) -> str:
    return text.replace("(", "（").replace(")", "）")


def _plain(table: Table) -> Grid:
    return Grid(tuple(cell.text for cell in table.head), tuple(tuple(cell.text for cell in row) for row in table.rows))


def _example(table: Table) -> Grid:
    """A table of examples with every empty cell filled from the row above, as the rules read it; 口径 stays empty."""
    head, above, rows = tuple(cell.text for cell in table.head), {}, []
    for row in table.rows:
        cells = [cell.text if cell.text or title == "口径" else above.get(title, "") for title, cell in zip(head, row, strict=True)]
        above = dict(zip(head, cells, strict=True))
        rows.append(tuple(cells))
    return Grid(head, tuple(rows))
