"""The plan: its steps in the order of the waterfall, each one SELECT with a name, and the few that need the one who runs it to come back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One named SELECT. stage: of the waterfall; keep: its rows are held, else it is read each time it is asked for.

    reads: the names of tables and steps it reads. note: what it does, for people.
    """

    name: str
    stage: str
    note: str
    sql: str
    keep: bool = False
    award: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Rounds:
    """封顶 where claims share several pots at once: in each round the first claim of all its pots takes what is left, until none remains.

    waiting: SELECT of the claims (序, 标识, 种类, 额, 只看, 余1 …, 池1 …). result: what each pot had left at a claim's turn (余1 …) and what it took (得).
    """

    name: str
    stage: str
    note: str
    waiting: str
    pots: int
    award: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Solve:
    """总额 met by a method that looks at one claim after the other or solves for a factor: rows go out, shares come back.

    rows: SELECT of the claims of every pot that is exceeded. method: 下调标准 or 不予登记. result: (序, 号, 种类, 份额, 办法, 池).
    """

    name: str
    stage: str
    note: str
    rows: str
    method: str
    clause: str = ""


AnyStep = Step | Rounds | Solve
LONG = 400  # characters: planning so much costs more than a table of a few rows
_READ = re.compile(r'\b(FROM|JOIN) "((?:[^"]|"")+)"')


def text_of(step: AnyStep) -> str:
    """The SELECT of a step, of whatever kind."""
    return step.sql if isinstance(step, Step) else step.waiting if isinstance(step, Rounds) else step.rows


@dataclass(slots=True)
class Plan:
    """Everything a settlement computes, as steps. Holds (tests/test_docs.py): a step reads only what stands before it; each name is made once."""

    year: int
    steps: list[AnyStep] = field(default_factory=list)
    tiers: dict[int, tuple[str, ...]] = field(default_factory=dict)  # place of the award -> labels of its rows
    conditions: dict[int, tuple[str, ...]] = field(default_factory=dict)
    awards: dict[int, str] = field(default_factory=dict)
    totals: list[Any] = field(default_factory=list)
    claims: list[Any] = field(default_factory=list)
    result: str = "行"
    untotalled: str = ""  # the step with every line that may still change, before any total
    id: str = ""  # its column that tells the lines of an award and 种类 apart, in the order of their keys
    payee: str = ""  # its column of the payee
    progress: Callable[..., None] | None = None

    def inlined(self, sql: str) -> str:
        """A text with the steps that are not held written out where they are read, so that an engine plans it once and whole."""
        free = {step.name: step.sql for step in self.steps if isinstance(step, Step) and not step.keep}

        def written(found: re.Match[str]) -> str:
            name = found.group(2).replace('""', '"')
            return f"{found.group(1)} ({_READ.sub(written, free[name])})" if name in free else found.group()

        return _READ.sub(written, sql)

    def together(self) -> Iterator[list[AnyStep]]:
        """What is worked out, in its order: steps that stand beside one another and read none of each other at once, those that come back by themselves."""
        waiting: list[AnyStep] = []
        for step in self.steps:
            if isinstance(step, Step) and not step.keep:
                continue
            alone = not isinstance(step, Step)
            reads = {found.group(2).replace('""', '"') for found in _READ.finditer(self.inlined(text_of(step)))}
            if waiting and (alone or not reads.isdisjoint(other.name for other in waiting)):
                yield waiting
                waiting = []
            waiting.append(step)
            if alone:
                yield waiting
                waiting = []
        if waiting:
            yield waiting

    def add(self, step: AnyStep) -> str:
        self.steps.append(step)
        return step.name

    def hold_where_read_again(self, name: str) -> None:
        """Hold the rows of a step that several others read: written out in each of them, its text would be planned and worked out as often."""
        reads = sum(step.sql.count(f'FROM "{name}"') for step in self.steps if isinstance(step, Step))
        if reads > 1:
            self.steps = [replace(step, keep=True) if isinstance(step, Step) and step.name == name else step for step in self.steps]

    def hold_what_is_long(self) -> None:
        """Where there are few rows: hold every step that is read more than once and whose text, written out, is more work to plan than its rows are to keep."""
        reads = Counter(found.group(2).replace('""', '"') for step in self.steps for found in _READ.finditer(text_of(step)))
        for place, step in enumerate(self.steps):
            if isinstance(step, Step) and not step.keep and reads[step.name] > 1 and len(self.inlined(step.sql)) > LONG:
                self.steps[place] = replace(step, keep=True)

    def told(self, only: str | None = None) -> list[str]:
        """The plan as lines of text: the waterfall of each award in the order it is computed, what it reads, what it makes. only: of this award."""
        lines: list[str] = []
        award = None
        free = {step.name for step in self.steps if isinstance(step, Step) and not step.keep}
        for number, step in enumerate(self.steps, 1):
            if only is not None and getattr(step, "award", "") != only:
                continue
            title = f"{step.clause} {getattr(step, 'award', '') or self._total_of(step)}".strip() or "全部"
            if title != award:
                lines += ([""] if lines else []) + [title]
                award = title
            reads = list(dict.fromkeys(found.group(2) for found in _READ.finditer(text_of(step))))
            kind = "" if step.name in free else "　（留存）" if isinstance(step, Step) else "　（一轮一轮）" if isinstance(step, Rounds) else "　（求解）"
            lines.append(f"  {number:>3}  {step.stage}　{step.name}{kind}")
            lines += [f"       {line}" for line in step.note.split("\n")]
            if reads:
                lines.append(f"       读　{'、'.join(reads)}")
        return lines

    def _total_of(self, step: AnyStep) -> str:
        """The 总额 a step belongs to, '' for all others."""
        kind, _, name = step.name.partition("·")
        return name if kind in ("账", "池", "报", "解", "末", "分", "总额", "总") and any(total.name == name for total in self.totals) else ""

    def text(self, only: str | None = None) -> str:
        """The SQL of every step, with its name; what both engines run. only: the steps of this award."""
        parts = []
        for step in self.steps:
            if only is not None and getattr(step, "award", "") != only:
                continue
            parts.append(f"-- {step.stage}　{step.name}：{step.note.replace(chr(10), '；')}\n{text_of(step)};")
        return "\n\n".join(parts)
