"""What an expression is (kind, unit, options), where it stands, and whether two of them fit each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...values.units import COUNTS, PLAIN, Dimension, dimension_text, same_dimension
from ..model import Rule
from ..suggest import NO_HINT

KIND_NAMES = {
    "number": "数", "truth": "是否", "date": "日期", "year": "年份", "text": "文字", "option": "选项", "object": "对象", "list": "列表", "duration": "时长",
    "average": "两年平均增长率", "ordinal": "第几年",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Type:
    """What an expression is. kind '' is not known and fits anywhere."""

    kind: str = ""
    dimension: Dimension | None = PLAIN
    options: tuple[str, ...] = ()
    extendable: bool = False
    target: str = ""
    yearly: bool = False
    name: str = ""

    @property
    def text(self) -> str:
        if self.kind == "number":
            return dimension_text(self.dimension) if self.dimension is not None else "数"
        return KIND_NAMES.get(self.kind, "待定")


ANY = Type("", None)
TRUTH = Type("truth")


@dataclass(slots=True)
class Place:
    """Where an expression stands: inside which object and rule, with which 值 in sight."""

    kind: str
    rule: Rule | None
    values: dict[str, Type] = field(default_factory=dict)

    def inside(self, kind: str) -> Place:
        return Place(kind, self.rule)


def fits(left: Type, right: Type) -> bool:
    """Whether two numbers are of one unit; one that is not known fits."""
    return left.dimension is None or right.dimension is None or same_dimension(left.dimension, right.dimension)


def left_of_a_division(left: Type, right: Type) -> dict[str, str]:
    """人次 ÷ 人 is no plain number: which word of counting is left over."""
    counts = {base for base, exponent in left.dimension or () if base in COUNTS and exponent < 0}
    if right.dimension != PLAIN or len(counts) != len(left.dimension or ()):
        return NO_HINT
    return {
        "hint": f"相除的两个数量词不同，剩下“{left.text}”：在词汇里用同一个量词，或有一个用“个”。",
        "hint_en": f"The two numbers divided are counted in different units, which leaves {left.text}: give them one unit, or 个. Else ",
    }
