"""The door of the room: make a population, and what was made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ..policy.model import Policy
from ..tables.folders import GUIDE
from ..values.diagnostic import Defects, Diagnostic, Place, pad
from ..values.labels import number_text
from ..values.messages import Language
from ..values.money import decimal_text

if TYPE_CHECKING:
    from .writing import Tally

PROFILE = "population.md"
MOST_SIZE, MOST_SEED = 50_000_000, 2**63 - 1
_WORDS = {
    "zh": {"title": "合成数据，非真实", "policy": "政策", "year": "年度", "seed": "种子", "size": "规模", "base": "基准对象", "profile": "画像", "policy_hash": "政策校验",
           "table": "表", "rows": "行", "unknown": "未知", "none": "无", "reached": "达到", "of": "占"},
    "en": {"title": "synthetic data, not real", "policy": "policy", "year": "year", "seed": "seed", "size": "size", "base": "counted object",
           "profile": "profile", "policy_hash": "policy hash", "table": "table", "rows": "rows", "unknown": "unknown", "none": "无", "reached": "at least",
           "of": "that is"},
}  # fmt: skip


@dataclass(slots=True)
class Made:
    """A population that was made. folder: where its tables are; tables: table → what it came to, in the order they were written.

    notices: facts and object types the policy uses and the profile leaves out (they are unknown).
    """

    folder: Path
    policy_id: str
    policy_sha256: str
    year: int
    seed: int
    size: int
    base: str
    profile_sha256: str
    tables: dict[str, Tally]
    scales: dict[str, tuple[int, str]] = field(default_factory=dict)  # header → decimals and unit of its cells
    notices: list[Diagnostic] = field(default_factory=list)

    @property
    def files(self) -> list[Path]:
        """The Parquet files, in the order of the tables."""
        return [self.folder / f"{name}.parquet" for name in self.tables]

    def summary_lines(self, language: Language = "zh") -> list[str]:
        """What was made, for people: rows a table, the shares unknown and 无, how many rows reach the numbers the policy names."""
        words, mark, comma, opened, closed = _WORDS[language], *("：，（）" if language == "zh" else (": ", ", ", " (", ")"))
        parts = (f"{self.policy_id} {self.year}", f"{words['seed']} {self.seed}", f"{words['size']} {self.size:,} {self.base}")
        lines = [words["title"] + mark + comma.join(parts)]
        width = max(len(name) for name in self.tables) * 2
        for name, tally in self.tables.items():
            shares = (
                f"  {words['unknown']} {_percent(tally.unknown, tally.cells)}  {words['none']} {_percent(tally.none, tally.cells)}"
                if tally.cells
                else ""
            )
            lines.append(f"  {pad(name, width)} {tally.rows:>12,} {words['rows']}{shares}")
        for name, tally in self.tables.items():
            for (header, cell), count in tally.reached.items():
                scale, unit = self.scales[header]
                number = _number(cell, scale, unit) if language == "zh" else f"{number_text(Fraction(cell, 10**scale), 'en')} {unit}"
                share = f"{opened}{words['of']} {_percent(count, tally.rows)}{closed}"
                lines.append(f"  {name} {header} {words['reached']} {number}{mark}{count:,}{share}")
        return lines


def _percent(count: int, total: int) -> str:
    """A share for people, three decimals, cut."""
    thousandths = 0 if not total else count * 100_000 // total
    return f"{thousandths // 1000}.{thousandths % 1000:03d}%"


def _number(cell: int, scale: int, unit: str) -> str:
    value = Fraction(cell, 10**scale)
    for word, size in (("亿", 10**8), ("万", 10**4)):
        if value >= size:
            return decimal_text(value / size) + word + unit
    return decimal_text(value) + unit


def make(policy: Policy, profile_path: str | Path, size: int, seed: int, year: int, into: str | Path,
         progress: Callable[[str, int, int], None] | None = None) -> Made:  # fmt: skip
    """Make a synthetic population of `size` base objects from a profile and write it into the folder `into`, which must be new or empty.

    One Parquet file an object type (grain: one row an object), 历史, and 其他政策已付 and 申报 where the profile has them; money in 元 as
    DECIMAL(18,2); NULL is unknown; 无 stands in a `…为无` column beside a typed one. The same arguments give the same bytes. progress is told
    (table, rows so far, rows in all). Raises Defects: the profile (DP1xx), the arguments (DP117), the folder (DP116, DT161).
    """
    from .draws import scale_of
    from .ledger import check_ledger
    from .outline import outline_of
    from .profile import read_profile
    from .writing import LABEL, write_population

    for name, value, low, high in (("size", size, 1, MOST_SIZE), ("seed", seed, 0, MOST_SEED), ("year", year, 1950, 2150)):
        if not low <= value <= high:
            raise Defects(
                [
                    Diagnostic(
                        "DP117",
                        (Place(str(into)),),
                        {"name": name, "expected": f"{low} 到 {high}", "expected_en": f"{low} to {high}", "found": str(value)},
                    )
                ]
            )
    profile = read_profile(profile_path, policy)
    outline, defects = outline_of(policy, profile, size, seed, year)
    defects += check_ledger(outline) if not defects else []
    if defects:
        raise Defects(defects)
    into = Path(into)
    made = Made(into, policy.id, policy.digest, year, seed, size, profile.base, profile.sha256, {}, notices=outline.notices)
    made.scales = {
        column.header: (scale_of(column), column.unit) for columns in outline.columns.values() for column in columns if column.kind == "number"
    }
    about = {"合成数据": LABEL, "政策": policy.id, "年度": str(year), "种子": str(seed), "规模": str(size), "画像": f"sha256:{profile.sha256}"}

    def finish(folder: Path, tallies: dict[str, Tally]) -> None:
        made.tables = tallies
        (folder / GUIDE).write_text(_guide(made), encoding="utf-8")

    write_population(outline, seed, into, about, finish, progress)
    return made


def _guide(made: Made) -> str:
    """说明.md: what this folder is, from what it was made, what is in it."""
    words = _WORDS["zh"]
    facts = (("policy", made.policy_id), ("policy_hash", f"sha256:{made.policy_sha256}"), ("year", made.year), ("base", made.base), ("size", made.size),
             ("seed", made.seed), ("profile", f"sha256:{made.profile_sha256}"))  # fmt: skip
    lines = [
        "# 合成数据，非真实",
        "",
        "对象、编号和数字都是程序按人群画像编的，不是任何地方的真实情况，不能作为依据。",
        "",
        "| 项目 | 值 |",
        "|---|---|",
    ]
    lines += [f"| {words[name]} | {value} |" for name, value in facts]
    lines += ["", "| 表 | 行 | 未知的格 | 无的格 | 全部的格 |", "|---|---|---|---|---|"]
    lines += [f"| {name} | {tally.rows} | {tally.unknown} | {tally.none} | {tally.cells} |" for name, tally in made.tables.items()]
    reached = [(name, header, cell, count) for name, tally in made.tables.items() for (header, cell), count in tally.reached.items()]
    if reached:
        lines += ["", "| 表 | 列 | 达到 | 行 |", "|---|---|---|---|"]
        lines += [f"| {name} | {header} | {_number(cell, *made.scales[header])} | {count} |" for name, header, cell, count in reached]
    lines += [
        "",
        "空着是未知；“无”是核实没有，写在“……为无”列里（文字列直接写“无”）。金额单位是元。同样的政策、画像、规模、种子和年度，做出来的文件逐字节相同。",
        "",
    ]
    return "\n".join(lines)


__all__ = ["GUIDE", "PROFILE", "Made", "make"]
