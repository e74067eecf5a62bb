"""Synthetic applicants to measure with: seeded, invented, spread over the thresholds. Amounts in 分."""

from __future__ import annotations

from datetime import date
from random import Random

from stdnum.cn import uscc

from duixian.values.facts import Facts, Thing

FIGURES = ("网络零售额", "实物商品网络零售额", "自播网络零售额", "第三方直播网络零售额", "直播佣金")


def _code(rng: Random) -> str:
    body = "91370303MA" + "".join(rng.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(7))
    return body + str(uscc.calc_check_digit(body))


def _firm(facts: Facts, rng: Random) -> Thing:
    firm = facts.add("企业", _code(rng))
    firm.values[("名称", None)] = f"合成企业{len(facts.things['企业']):06d}"
    firm.values[("主体类型", None)] = "企业"
    return firm


def make_firms(count: int, seed: int = 7) -> Facts:
    """Enterprises with the facts of the city's enterprise awards, three years."""
    rng, facts = Random(seed), Facts()
    facts.listed.update(("企业", "店铺"))
    while len(facts.things.get("企业", {})) < count:
        firm = _firm(facts, rng)
        for year in (2023, 2024, 2025):
            for name in FIGURES:
                firm.values[(name, year)] = int(rng.lognormvariate(22, 1.6))
            firm.values[("纳统", year)] = rng.random() < 0.9
            firm.values[("成长良好", year)] = rng.random() < 0.8
        firm.values[("入库日期", None)] = date(rng.randrange(2020, 2026), 5, 1)
        firm.values[("生产企业", None)] = rng.random() < 0.5
        firm.values[("MCN独立法人", None)] = rng.random() < 0.3
    return facts


def make_jinyun_firms(count: int, seed: int = 7) -> Facts:
    """Enterprises with two leases each and three years of retail."""
    rng, facts = Random(seed), Facts()
    facts.listed.update(("租约", "其他政策已付"))
    for _ in range(count):
        firm = _firm(facts, rng)
        for year in (2023, 2024, 2025):
            firm.values[("网络零售额", year)] = int(rng.lognormvariate(21, 1)) * (1 + (year - 2023))
            for name, value in (("纳入统计直报", True), ("本县依法成立", True), ("守法诚信经营", True), ("弄虚作假", False)):
                firm.values[(name, year)] = value
        for place in range(2):
            lease = facts.add("租约", f"{firm.key}-{place}")
            lease.values[("企业", None)] = firm.key
            lease.values[("租用面积", 2025)] = rng.randrange(50, 900)
            lease.values[("租用月数", 2025)] = rng.randrange(1, 13)
    return facts
