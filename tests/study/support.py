"""A few firms of 淄博 with figures chosen so that every sum can be done in the head, and what the tests ask them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction

from duixian.policy.standards import Setting, Standards
from duixian.study.source import Data, Interpreted, Scenario
from duixian.values.facts import Facts, Paid

from ..worlds import policy_of

WAN = 1_000_000
YEAR = 2025
# the first three get 1.5万, 4万 and 10万元 at 5元 (the last is capped from 15万); one misses by a 分; one has not said
FIRMS = {"甲": 3000 * WAN, "乙": 8000 * WAN, "丙": 30_000 * WAN, "丁": 3000 * WAN - 1, "戊": None}


def quiet(done: int, total: int, text: str) -> None:
    """Nobody watches a test."""


def firms(figures: dict[str, int | None] | None = None) -> Facts:
    """Firms by name with 实物商品网络零售额 of the year in 分; None is not stated."""
    facts = Facts(listed={"其他政策已付"})
    for name, figure in (FIRMS if figures is None else figures).items():
        firm = facts.add("企业", name)
        firm.values[("名称", None)] = f"{name}公司"
        if figure is not None:
            firm.values[("实物商品网络零售额", YEAR)] = figure
        firm.values.update({("自播网络零售额", YEAR): 0, ("第三方直播网络零售额", YEAR): 0, ("生产企业", None): False, ("MCN独立法人", None): False,
                            ("纳统", YEAR): True, ("网络零售额", YEAR): 0})  # fmt: skip
    return facts


def engine(facts: Facts | None = None, ledger: Iterable[Paid] = ()) -> Interpreted:
    return Interpreted(YEAR, Data(firms() if facts is None else facts, list(ledger)))


def scenario(label: str = "现行", **settings: int | None) -> Scenario:
    """淄博 under 流量补贴 5元 and no annual total, or with what is named: 分, None for 未定."""
    chosen = {"流量补贴": 500, **settings}
    found = {(name, ""): Setting(None if value is None else Fraction(value), "元", f"{value}分") for name, value in chosen.items()}
    found[("评估日", "")] = Setting(date(YEAR, 12, 31), text=f"{YEAR}-12-31")
    return Scenario(label, policy_of("zibo-2022"), replace(Standards(YEAR), settings=found))


def priced(facts: Facts | None = None, **settings: int | None):  # noqa: ANN201
    return engine(facts).price(scenario(**settings))
