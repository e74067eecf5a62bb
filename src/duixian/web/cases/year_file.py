"""The year's file (standards-〈年度〉.md) as a form: the numbers a policy leaves open, asked one by one, and the text they make. No rule is known here by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from duixian.policy.model import Policy
from duixian.policy.standards import open_items
from duixian.policy.year_file import parse_standards
from duixian.values.diagnostic import Diagnostic
from duixian.web.language import said, sentence

_SECTION = re.compile(r"(?ms)^## 年度标准[ \t]*\n.*?(?=^## |\Z)")
_UNSAFE = re.compile(r"[|\r\n]")
KINDS = {"value": "", "items": sentence("名单，用、隔开"), "lower": sentence("可以定得更低"), "table": sentence("整张表，在文本里写")}


@dataclass(frozen=True, slots=True)
class Row:
    """One number the policy leaves to the year. text: what is adopted now, '' where it is not set."""

    place: int
    item: str
    tier: str
    words: str
    kind: str
    clause: str
    text: str

    @property
    def field(self) -> str:
        """The name of its field."""
        return f"item{self.place}"

    @property
    def hint(self) -> str:
        """What may be written."""
        return said(KINDS[self.kind])


def rows_of(policy: Policy, text: str, year: int) -> list[Row]:
    """Every open number of a policy with what a text adopts, in the order of the policy."""
    adopted = parse_standards(text, f"standards-{year}.md", policy, year, []).settings if text.strip() else {}
    return [
        Row(place, *key, item.words, item.kind, policy.rules[key[0]].clause if key[0] in policy.rules else "", adopted[key].text if key in adopted else "")
        for place, (key, item) in enumerate(open_items(policy).items())
    ]


def replaced(row: Row, text: str) -> Row:
    """The same row with another value, as somebody has just typed it."""
    return replace(row, text=text)


def compose(policy: Policy, year: int, text: str, values: Mapping[str, str]) -> str:
    """The text with its 年度标准 table written anew from a form; everything else of the text stays as it is. values: by `Row.field`.

    Raises ValueError naming the row whose value cannot stand in a table.
    """
    lines = ["## 年度标准", "", "| 项目 | 档 | 政策规定 | 本年标准 |", "|---|---|---|---|"]
    for row in rows_of(policy, text, year):
        value = values.get(row.field, row.text).strip()
        if _UNSAFE.search(value):
            raise ValueError(row.item)
        if row.kind != "table" and value:
            lines.append(f"| {row.item} | {row.tier} | {row.words} | {value} |")
    section = "\n".join([*lines, "", ""])
    if not text.strip():
        front = f"---\n政策: {policy.id}\n年度: {year}\n状态: 拟定\n依据: （待填）\n---\n\n# {policy.title}{year}年度标准\n\n"
        return front + section.rstrip("\n") + "\n"
    if _SECTION.search(text):
        return _SECTION.sub(lambda _: section, text, count=1).rstrip("\n") + "\n"
    return text.rstrip("\n") + "\n\n" + section.rstrip("\n") + "\n"


def defects_of(policy: Policy, text: str, year: int) -> list[Diagnostic]:
    """What is wrong with a text, each with its place."""
    from duixian.policy.check.year import check_adopted_units

    defects: list[Diagnostic] = []
    found = parse_standards(text, f"standards-{year}.md", policy, year, defects)
    defects.extend(check_adopted_units(policy, found))
    return defects


def unset(policy: Policy, text: str, year: int) -> list[Row]:
    """The open numbers that have no value: what needs one waits for it."""
    return [row for row in rows_of(policy, text, year) if row.text in ("", "未定") and row.kind not in ("table", "lower")]


def procedure_rows(programme: Any, text: str, year: int) -> list[dict[str, str]]:
    """The rows of the 程序 table that holds: the year's file before the policy."""
    rows = parse_standards(text, f"standards-{year}.md", programme.policy, year, []).procedure if text.strip() else ()
    return [dict(row) for row in rows] or [dict(step) for one in programme.policy.procedures for step in one.steps]
