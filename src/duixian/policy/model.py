"""The typed policy: what a policy file says, with every name in its place. Plain records; nothing here computes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from .document import Block, Cell, Document, Table
from .source import SourceText
from .syntax import Choice, FactWindow, Node, Span, Tiers, Value
from .vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Rule:
    """奖补 (pays), 认定 (decides a recognition) or 登记 (keeps a register): an object, conditions and, for an award, an amount."""

    kind: str
    name: str
    clause: str
    object: str
    block: Block
    beneficiary: Any = None  # Path | Choice | None: the object itself
    timing: Any = None  # Path whose date is tested against the validity
    window: FactWindow | None = None
    sources: tuple[Any, ...] = ()
    conditions: tuple[Node, ...] = ()
    any_of: tuple[Node, ...] = ()
    vetoes: tuple[Node, ...] = ()
    values: tuple[Value, ...] = ()
    standard: Node | None = None
    tiers: Tiers | None = None
    frequency: Any = None
    upgrade: Any = None
    caps: tuple[Any, ...] = ()
    order: Node | None = None
    places: Any = None
    tie_rule: Any = None
    rounding: Any = None
    funding: Any = None
    stacks_with: tuple[Any, ...] = ()
    decision: str = ""
    materials: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    examples: tuple[Table, ...] = ()

    @property
    def at(self) -> Span:
        return self.block.at

    @property
    def tests(self) -> tuple[Node, ...]:
        """Everything that decides: conditions, vetoes, the cells of the tier table."""
        cells = tuple(cell for row in self.tiers.rows for cell in row.cells) if self.tiers else ()
        return (*self.conditions, *self.any_of, *self.vetoes, *cells)


@dataclass(frozen=True, slots=True)
class Reading:
    """A 口径: a question, its options, the choice. columns: name -> option -> the cell that would stand at 【name】."""

    name: str
    question: str
    options: tuple[str, ...]
    choice: str
    reason: str
    columns: dict[str, dict[str, Cell]]
    block: Block


@dataclass(frozen=True, slots=True)
class Group:
    """One row of a 就高 table: which awards, what makes them one matter, what happens. awards: name -> the key names of that award."""

    name: str
    awards: dict[str, tuple[str, ...]] | None  # None: 全部奖补
    same: tuple[str, ...]
    treatment: str  # 就高 | 提示
    at: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Highest:
    """A 就高 block: its groups, which of them are on, and how payments under other policies count."""

    name: str
    enabled: Any  # tuple of Word | Choice; None: all groups
    groups: tuple[Group, ...]
    other_policies: Any = None  # 差额 | 排除 | Choice
    offset_order: Any = None  # 封顶后 | 封顶前 | Choice
    method: str = "金额从高"
    block: Block | None = None
    clause: str = ""

    def by_choice(self, group: Group) -> bool:
        """Whether the applicant chooses which of a group is paid."""
        return self.method == "申报单位选择" and group.treatment == "就高"


@dataclass(frozen=True, slots=True)
class Total:
    """A 总额: what it ranges over, how much, and what happens beyond it."""

    name: str
    clause: str
    range_all: bool
    items: tuple[Any, ...]  # awards it covers (range_all False) or excepts (range_all True)
    register: str
    path: Any
    amount: Node
    scope: Any
    overrun: Any
    block: Block


@dataclass(frozen=True, slots=True)
class General:
    """A 通则: a rule over all awards or all but some."""

    name: str
    clause: str
    block: Block
    all_awards: bool = True
    items: tuple[Any, ...] = ()
    conditions: tuple[Node, ...] = ()
    vetoes: tuple[tuple[Node, bool], ...] = ()  # (condition, 追回已付)
    status: str = ""
    effective: Any = None
    provisional: Any = None
    validity: Any = None  # (start date, end date), one of which may be None
    year_rule: Any = None
    rounding: Any = None
    repeals: tuple[str, ...] = ()
    history: Any = None
    sources: tuple[Any, ...] = ()
    unset_standard: Any = None
    examples: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Procedure:
    """A 程序 block: the steps of handling, who takes them and by when."""

    name: str
    clause: str
    steps: tuple[dict[str, str], ...]
    block: Block


@dataclass(frozen=True, slots=True)
class Parameter:
    """参数: a number that belongs to the year, looked up by keys (事实 or relation names of the applicant)."""

    name: str
    unit: str
    keys: tuple[str, ...]
    by_whom: str
    block: Block
    clause: str = ""
    doubtful: bool = False  # its unit could not be read


@dataclass(slots=True)
class Policy:
    """Everything one policy file says."""

    id: str
    issuer: str
    title: str
    folder: FilePath
    document: Document
    source: SourceText
    vocabulary: Vocabulary
    rules: dict[str, Rule] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    highest: list[Highest] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    generals: list[General] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    choices: list[tuple[Choice, str]] = field(default_factory=list)  # every 【】 in the file and the rule or block it stands in
    digest: str = ""
    open_items: Any = None  # filled by standards.open_items

    @property
    def awards(self) -> list[Rule]:
        return [rule for rule in self.rules.values() if rule.kind == "奖补"]

    @property
    def claimable(self) -> list[Rule]:
        """What an application may name: the awards, and the registers, whose entries are let in by the day they were applied for."""
        return [rule for rule in self.rules.values() if rule.kind in ("奖补", "登记")]

    def column(self, name: str) -> Reading | None:
        """The 口径 that defines 【name】."""
        return next((reading for reading in self.readings.values() if name in reading.columns), None)

    @property
    def default_choices(self) -> dict[str, str]:
        return {name: reading.choice for name, reading in self.readings.items()}
