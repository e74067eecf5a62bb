"""The whole policy said back clause by clause, with what became of every sentence; then readings, totals, groups, open items."""

from __future__ import annotations

from collections.abc import Mapping

from ..values.diagnostic import display_width, pad
from ..values.messages import Language
from .document import Heading, Quote
from .model import Group, Policy
from .readings import walk, words
from .show import Lines, Showing, about_policy
from .standards import OpenItem, Standards
from .syntax import Open, Path


class Outline(Showing):
    """One policy as now read, clause by clause."""

    def outline(self) -> Lines:
        """The policy clause by clause, with the disposition of every quote; then readings, totals, groups, open items."""
        policy = self.policy
        lines = [policy.title, f"{policy.issuer}　{policy.id}", *about_policy(policy, self.language), ""]
        lines += self._clauses()
        lines += self._readings_table() + self._totals_list() + self._groups_list() + self.open_table(self._used_items())
        return [*lines, *self.legend()]

    def _clauses(self) -> Lines:
        lines: Lines = []
        for element in self.policy.document.elements:
            if isinstance(element, Heading) and element.level > 1:
                lines += ["", element.text] if element.level == 2 else [f"  {element.text}"]
            elif isinstance(element, Quote):
                lines.append("  " + self.excerpt(element.text))
                lines += [f"      → {text}" for text in self._disposition(element)]
        return lines[1:] if lines and not lines[0] else lines

    def _disposition(self, quote: Quote) -> Lines:
        found = []
        for note in quote.notes:
            if note.key == "不计算":
                found.append(self.say("不计算：{what}", what=note.value))
        for block in quote.blocks:
            if block.kind == "口径":
                continue
            found.append(f"{self.say(block.kind)} {block.name}" + self.gist(block))
        readings = [block.name for block in quote.blocks if block.kind == "口径"]
        if readings:
            found.append(self.say("口径 {names}", names=self.listed(readings)))
        return found

    def _readings_table(self) -> Lines:
        if not self.policy.readings:
            return []
        lines = ["", self.say("口径（{count} 个）", count=len(self.policy.readings))]
        width = max(display_width(name) for name in self.policy.readings)
        for reading in self.policy.readings.values():
            lines.append(f"  {pad(reading.name, width)}  {self.options(reading)}")
        return lines

    def _totals_list(self) -> Lines:
        totals = [*self.policy.totals, *self.standards.totals]
        speaker = self.speaker()
        return ["", self.say("总额"), *(f"  {self.total(total, speaker)}" for total in totals)] if totals else []

    def _groups_list(self) -> Lines:
        lines: Lines = []
        pairs: list[tuple[Group, bool, bool]] = []
        for highest, bound in zip(self.policy.highest, self.bound.highest, strict=True):
            pairs += [(group, bound.enabled is None or group.name in words(bound.enabled), highest.by_choice(group)) for group in highest.groups]
        pairs += [(group, True, False) for group in self.standards.groups]
        for group, enabled, chosen in pairs:
            state = self.say("停用") if not enabled else self.say("提示") if group.treatment == "提示" else self.say("启用")
            members = self.say("全部奖补") if group.awards is None else self.listed(group.awards)
            lines.append(f"  {state}  {group.name}：{members}" + self.say("（同一 {same}）", same=self.listed(group.same)) + (self.say("（申报单位选择）") if enabled and chosen else ""))
        speaker = self.speaker()
        for bound in self.bound.highest:
            if bound.other_policies is not None:
                lines.append("  " + self.say("同一事项按其他文件得过钱的：{how}（{order}抵扣）", how=speaker.say(bound.other_policies), order=speaker.say(bound.offset_order or "封顶后")))
        return ["", self.say("就高"), *lines] if lines else []

    def _used_items(self) -> list[OpenItem]:
        """The open items that matter under the readings chosen."""
        bound = self.bound
        records = [*bound.rules.values(), *bound.totals, *bound.generals, *bound.highest]
        nodes = [node for record in records for node in walk(record)]
        facts = {name for node in nodes if isinstance(node, Path) for name in node.names}
        formulas = [
            fact.formula
            for declared in self.policy.vocabulary.objects.values()
            for fact in declared.facts.values()
            if fact.formula and fact.name in facts
        ]
        inner = {name for formula in formulas for node in walk(formula) if isinstance(node, Path) for name in node.names}
        formulas += [
            fact.formula
            for declared in self.policy.vocabulary.objects.values()
            for fact in declared.facts.values()
            if fact.formula and fact.name in inner - facts
        ]
        names = {node.name for node in (*nodes, *(node for formula in formulas for node in walk(formula))) if isinstance(node, Open) and node.name}
        owners = {record.name for record in records}
        return [item for item in self.items.values() if item.key[0] in names or (item.key[0] in owners and not item.node.name)]


def show_policy(policy: Policy, choices: Mapping[str, str] | None = None, standards: Standards | None = None, language: Language = "zh") -> Lines:
    """The outline of a policy in plain words."""
    return Outline(policy, choices, standards, language).outline()
