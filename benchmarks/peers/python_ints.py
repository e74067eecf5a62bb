"""The rules in plain Python integers, one row at a time: exact, readable, and what every other peer is checked against.

rules: one amount an enterprise and award, in 分, after the award's own cap, as if nothing had been paid before; 0 where it is not met.
full: what may be paid (应付) once earlier payments, 就高 and the totals have had their say, for the eight awards and the shop award.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import ANNUAL_TOTAL, AWARDS, CLAUSE_TOTAL, LATEST_ENTRY, SHOP, WAN, YEAR, YI, ZIBO
from .inputs import BOOTHS, FEES, LEASES, RETAIL, RETAIL_1, RETAIL_2, Inputs

Amounts = dict[str, list[int]]

_JINYUN_COLUMNS = (
    "园区已认定", "实体入驻", "纳入统计直报", "首次纳入限上年度", "运营主体本县依法成立", "运营主体守法诚信经营", "运营主体弄虚作假",
    "本县依法成立", "守法诚信经营", "弄虚作假", RETAIL, RETAIL_1, RETAIL_2, LEASES, BOOTHS, "跨境电商出口额", FEES,
)  # fmt: skip
_ZIBO_COLUMNS = (
    "实物商品网络零售额", "自播网络零售额", "第三方直播网络零售额", "直播佣金", RETAIL, "纳统", "成长良好", "入库日期", "生产企业", "MCN独立法人",
)  # fmt: skip
CAPS = {"场地租金补助": 50 * WAN, "展位费补助": 5 * WAN, "平台费用补助": 10 * WAN, "流量补贴": 10 * WAN, "生产企业佣金补助": 20 * WAN}
NO_CAP = 1 << 62


def jinyun(recognised: bool, settled: bool, reported: bool, first_year: int, place_local: bool, place_honest: bool, place_false: bool, local: bool,
           honest: bool, false: bool, now: int, last: int, before: int, leased: int, booths: int, exported: int, fees: int) -> tuple[int, ...]:  # fmt: skip
    """The four enterprise awards of jinyun-2025 before any cap, in 分."""
    arrival = rent = 0
    if recognised and settled and reported and first_year == YEAR and place_local and place_honest and not place_false:
        arrival = 20 * WAN if now >= YI else 10 * WAN if now >= 5000 * WAN else 5 * WAN if now >= 2000 * WAN else 0
    if not (local and honest) or false:
        return arrival, 0, 0, 0
    if reported and now > 500 * WAN and 10 * now >= 11 * last and 10000 * now >= 11025 * before:
        rent = ((600 if now > 2000 * WAN else 300) * leased + 500) // 1000
    return arrival, rent, booths, (fees + 1) // 2 if exported >= 200 * WAN else 0


def zibo(goods: int, own: int, third: int, commission: int, now: int, counted: bool, growing: bool, entered: int, producer: bool, agency: bool) -> tuple[int, ...]:
    """The four enterprise awards of zibo-2022 before any cap, by the standards of 2025, in 分."""
    traffic = goods // WAN * 300 if goods >= 3000 * WAN else 0
    live = agent = 0
    if counted and growing and entered <= LATEST_ENTRY:
        live = 24 * WAN if own >= 5000 * WAN else 16 * WAN if own >= 3000 * WAN else 8 * WAN if own >= 2000 * WAN else 0
        if agency:
            agent = 40 * WAN if now >= YI else 24 * WAN if now >= 5000 * WAN else 16 * WAN if now >= 2000 * WAN else 0
    return traffic, live, (commission + 5) // 10 if producer and counted and third >= 2000 * WAN else 0, agent


class PythonInts:
    """The loop over rows."""

    name = "python_ints"
    exact = True

    def prepare(self, inputs: Inputs, rows: int | None = None) -> None:
        """Columns as Python lists."""
        firms = {name: array.to_pylist() for name, array in inputs.columns(rows=rows).items()}
        self.firms = firms
        self.shops = {name: array.to_pylist() for name, array in inputs.columns(shops=True).items()} if rows is None else {}
        self.jinyun_columns = [firms[name] for name in _JINYUN_COLUMNS]
        self.zibo_columns = [firms[name] for name in _ZIBO_COLUMNS]

    def uncapped(self) -> Amounts:
        """Every award before its cap."""
        found = [*zip(*(jinyun(*row) for row in zip(*self.jinyun_columns))), *zip(*(zibo(*row) for row in zip(*self.zibo_columns)))]
        return {award: list(amounts) for award, amounts in zip(AWARDS, found, strict=True)}

    def rules(self) -> Amounts:
        """One amount an enterprise and award, after the award's own cap."""
        found = self.uncapped()
        for award, cap in CAPS.items():
            found[award] = [amount if amount < cap else cap for amount in found[award]]
        return found

    def full(self) -> Amounts:
        """What may be paid, an amount an enterprise and award (a shop for the shop award)."""
        found = self.uncapped()
        paid = {award: self.firms[f"已付·{award}"] for award in AWARDS}
        for award, amounts in found.items():
            found[award] = [after_history(award, amount, before) for amount, before in zip(amounts, paid[award], strict=True)]
        shops = self.shops
        found[SHOP] = [_shop(*row) for row in zip(shops["注册年度"], shops["纳统"], shops["网络零售额"])]
        self._highest(found)
        numbers, shop_numbers = self.firms["序号"], shops["序号"]
        taken = sum(paid["流量补贴"])
        found["流量补贴"] = share_out([("流量补贴", found["流量补贴"], numbers)], max(0, CLAUSE_TOTAL - taken))[0]
        # in the order of the policy, which settles ties between equal claims
        order = ("流量补贴", SHOP, "自播奖励", "生产企业佣金补助", "MCN机构奖励")
        this_year = taken + sum(paid["生产企业佣金补助"])
        claims = [(award, found[award], shop_numbers if award == SHOP else numbers) for award in order]
        for award, shares in zip(order, share_out(claims, max(0, ANNUAL_TOTAL - this_year)), strict=True):
            found[award] = shares
        return found

    def _highest(self, found: Amounts) -> None:
        """就高: 同一企业零售额 (流量补贴, 新注册店铺奖励, 自播奖励) by payee, then 同一直播活动 (自播奖励, MCN机构奖励). Ties go to the earlier clause."""
        best: dict[int, tuple[int, int, int]] = {}  # payee → (amount, earlier clause, smaller key) of the shop that could win
        for number, owner, amount in zip(self.shops["序号"], self.shops["企业"], found[SHOP]):
            if amount:
                best[owner] = max(best.get(owner, (0, 0, 0)), (amount, 0, -number))
        traffic, live, agency, keep = found["流量补贴"], found["自播奖励"], found["MCN机构奖励"], {}
        for row, number in enumerate(self.firms["序号"]):
            shop = best.get(number, (0, 0, 0))
            if traffic[row] >= shop[0] and traffic[row] >= live[row]:
                live[row] = 0
            elif shop[0] >= live[row]:
                traffic[row] = live[row] = 0
                keep[number] = -shop[2]
            else:
                traffic[row] = 0
            if live[row] and agency[row]:
                if live[row] >= agency[row]:
                    agency[row] = 0
                else:
                    live[row] = 0
        found[SHOP] = [
            amount if keep.get(owner) == number else 0 for number, owner, amount in zip(self.shops["序号"], self.shops["企业"], found[SHOP])
        ]


def _shop(registered: int, counted: bool, retail: int) -> int:
    if registered != YEAR or not counted:
        return 0
    return 16 * WAN if retail >= 5000 * WAN else 8 * WAN if retail >= 3000 * WAN else 0


def after_history(award: str, amount: int, before: int) -> int:
    """频次, 晋档 and 封顶 against what was paid before."""
    if award in ("引进企业奖励", "MCN机构奖励"):  # once, no more
        return 0 if before else amount
    if award == "自播奖励":  # once, the difference to a higher tier
        return max(0, amount - before)
    return min(amount, max(0, CAPS[award] - before))


def share_out(claims: Sequence[tuple[str, list[int], list[int]]], total: int) -> list[list[int]]:
    """按比例核减 by largest remainder over (award, amounts, keys); ties: larger claim, then the order of the awards, then ascending key."""
    claimed = sum(sum(amounts) for _, amounts, _ in claims)
    if claimed <= total:
        return [amounts for _, amounts, _ in claims]
    shares = [[amount * total // claimed for amount in amounts] for _, amounts, _ in claims]
    left = total - sum(map(sum, shares))
    remainders: list[Any] = []
    for place, (_, amounts, keys) in enumerate(claims):
        remainders += [(-(amount * total % claimed), -amount, place, keys[row], row) for row, amount in enumerate(amounts) if amount]
    for _, _, place, _, row in sorted(remainders)[:left]:
        shares[place][row] += 1
    return shares


assert set(ZIBO) < set(AWARDS)
