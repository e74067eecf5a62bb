"""The rules over NumPy int64 columns, in 分: plain (whole columns) or chunked (pieces that stay in the processor's cache). Exact within int64.

NumPy wraps silently beyond int64, so `prepare` looks at the largest figures and `share_out` at its products; both raise OverflowError.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import ANNUAL_TOTAL, AWARDS, CLAUSE_TOTAL, LATEST_ENTRY, SHOP, WAN, YEAR, YI
from .children import children
from .inputs import BOOTHS, FEES, LEASES, RETAIL, RETAIL_1, RETAIL_2, Inputs
from .python_ints import CAPS

Arrays = dict[str, Any]
_FACTORS = {RETAIL: 10000, RETAIL_1: 11, RETAIL_2: 11025, LEASES: 600}  # the largest number each column is multiplied by


def uncapped(c: Arrays, out: Arrays, at: slice) -> None:
    """The eight awards before their caps, for the rows `at`, into `out`."""
    now, last, before = c[RETAIL][at], c[RETAIL_1][at], c[RETAIL_2][at]
    reported, counted = c["纳入统计直报"][at], c["纳统"][at]
    arrival = c["园区已认定"][at] & c["实体入驻"][at] & reported & (c["首次纳入限上年度"][at] == YEAR)
    arrival &= c["运营主体本县依法成立"][at] & c["运营主体守法诚信经营"][at] & ~c["运营主体弄虚作假"][at]
    over_20m, over_50m, over_100m = now >= 2000 * WAN, now >= 5000 * WAN, now >= YI
    tier = over_20m * (5 * WAN) + over_50m * (5 * WAN) + over_100m * (10 * WAN)
    np.multiply(tier, arrival, out=out["引进企业奖励"][at])

    sound = c["本县依法成立"][at] & c["守法诚信经营"][at] & ~c["弄虚作假"][at]
    growing = sound & reported & (now > 500 * WAN) & (10 * now >= 11 * last) & (10000 * now >= 11025 * before)
    rate = growing * 300 + (growing & (now > 2000 * WAN)) * 300
    rent = rate * c[LEASES][at]
    rent += 500
    np.floor_divide(rent, 1000, out=out["场地租金补助"][at])
    np.multiply(c[BOOTHS][at], sound, out=out["展位费补助"][at])
    np.multiply((c[FEES][at] + 1) >> 1, sound & (c["跨境电商出口额"][at] >= 200 * WAN), out=out["平台费用补助"][at])

    goods, own, third = c["实物商品网络零售额"][at], c["自播网络零售额"][at], c["第三方直播网络零售额"][at]
    np.multiply(goods // WAN * 300, goods >= 3000 * WAN, out=out["流量补贴"][at])
    settled = counted & c["成长良好"][at] & (c["入库日期"][at] <= LATEST_ENTRY)
    live = (own >= 2000 * WAN) * (8 * WAN) + (own >= 3000 * WAN) * (8 * WAN) + (own >= 5000 * WAN) * (8 * WAN)
    np.multiply(live, settled, out=out["自播奖励"][at])
    np.multiply((c["直播佣金"][at] + 5) // 10, c["生产企业"][at] & counted & (third >= 2000 * WAN), out=out["生产企业佣金补助"][at])
    agency = over_20m * (16 * WAN) + over_50m * (8 * WAN) + over_100m * (16 * WAN)
    np.multiply(agency, settled & c["MCN独立法人"][at], out=out["MCN机构奖励"][at])


class NumpyInt64:
    """Whole columns at a time (`chunk` 0) or `chunk` rows at a time."""

    exact = True

    def __init__(self, chunk: int = 0) -> None:
        self.chunk = chunk
        self.name = f"numpy_int64 ({'chunked' if chunk else 'plain'})"

    def prepare(self, inputs: Inputs, rows: int | None = None) -> None:
        """Columns as arrays. Raises OverflowError where a rule could leave int64."""
        self.firms = {name: array(column) for name, column in inputs.columns(rows=rows).items() if name != "标识"}
        self.shops = {name: array(column) for name, column in inputs.columns(shops=True).items()} if rows is None else {}
        for name, factor in _FACTORS.items():
            if int(self.firms[name].max(initial=0)) * factor >= 1 << 63:
                raise OverflowError(name)
        self.count = len(self.firms["序号"])
        self.children = children(inputs) if rows is None else {}
        for name, rows_of in self.children.items():
            most = int(rows_of.amount.max(initial=0)) * int(rows_of.factor.max(initial=0))
            if most * len(rows_of.amount) >= 1 << 63:
                raise OverflowError(name)

    def _pieces(self) -> list[slice]:
        step = self.chunk or max(1, self.count)
        return [slice(start, min(start + step, self.count)) for start in range(0, self.count, step)]

    def _summed(self) -> None:
        """The sums of each enterprise out of its leases, booths and fees."""
        for name, rows in self.children.items():
            self.firms[name] = np.zeros(self.count, np.int64)
            np.add.at(self.firms[name], rows.firm, rows.amount * rows.factor * rows.counts)

    def rules(self) -> Arrays:
        """One amount an enterprise and award, after the award's own cap; the sums are made first."""
        self._summed()
        return self.ready()

    def ready(self) -> Arrays:
        """The same with the sums of each enterprise handed over ready."""
        out = {award: np.empty(self.count, np.int64) for award in AWARDS}
        for at in self._pieces():
            uncapped(self.firms, out, at)
            for award, cap in CAPS.items():
                np.minimum(out[award][at], cap, out=out[award][at])
        return out

    def full(self) -> Arrays:
        """What may be paid, an amount an enterprise and award (a shop for the shop award)."""
        self._summed()
        c = self.firms
        out = {award: np.empty(self.count, np.int64) for award in AWARDS}
        owners, numbers = self._shop_winners()
        for at in self._pieces():
            uncapped(c, out, at)
            for award in AWARDS:
                _after_history(award, out[award][at], c[f"已付·{award}"][at])
            _highest(out, owners, c["序号"][at], at)
        shop_amounts = self._kept_shops(owners, numbers)
        taken = int(c["已付·流量补贴"].sum())
        (out["流量补贴"],) = share_out([out["流量补贴"]], [c["序号"]], max(0, CLAUSE_TOTAL - taken))
        out[SHOP] = shop_amounts
        order = ("流量补贴", SHOP, "自播奖励", "生产企业佣金补助", "MCN机构奖励")
        taken += int(c["已付·生产企业佣金补助"].sum())
        keys = [self.shops["序号"] if award == SHOP else c["序号"] for award in order]
        for award, shares in zip(order, share_out([out[award] for award in order], keys, max(0, ANNUAL_TOTAL - taken)), strict=True):
            out[award] = shares
        return out

    def _shop_winners(self) -> tuple[Any, Any]:
        """The best shop of each owner as one number (amount, then the smaller key), and the same number of every shop; 0 where there is none."""
        shops = self.shops
        retail = shops["网络零售额"]
        amount = ((shops["注册年度"] == YEAR) & shops["纳统"]) * ((retail >= 3000 * WAN) * (8 * WAN) + (retail >= 5000 * WAN) * (8 * WAN))
        ranked = np.where(amount > 0, (amount << 32) | ((1 << 32) - 1 - shops["序号"]), 0)
        owners = np.zeros(int(max(self.firms["序号"].max(initial=0), shops["企业"].max(initial=0))) + 1, np.int64)
        np.maximum.at(owners, shops["企业"], ranked)
        return owners, ranked

    def _kept_shops(self, owners: Any, ranked: Any) -> Any:
        """The amount of every shop that won its matter; `owners` was emptied where another award did."""
        return np.where((ranked > 0) & (owners[self.shops["企业"]] == ranked), ranked >> 32, 0)


def array(column: Any) -> Any:
    found = column.combine_chunks().to_numpy(zero_copy_only=False)
    return found if found.dtype == bool else found.astype(np.int64, copy=False)


def _after_history(award: str, amount: Any, before: Any) -> None:
    """频次, 晋档 and 封顶 against what was paid before, in place."""
    if award in ("引进企业奖励", "MCN机构奖励"):
        amount *= before == 0
    elif award == "自播奖励":
        np.maximum(amount - before, 0, out=amount)
    else:
        np.minimum(amount, np.maximum(CAPS[award] - before, 0), out=amount)


def _highest(out: Arrays, owners: Any, numbers: Any, at: slice) -> None:
    """就高 of both groups, in place; the shop's place in `owners` is emptied where another award wins."""
    traffic, live, agency = out["流量补贴"][at], out["自播奖励"][at], out["MCN机构奖励"][at]
    shop = owners[numbers] >> 32
    traffic_wins = (traffic >= shop) & (traffic >= live)
    shop_wins = ~traffic_wins & (shop >= live)
    owners[numbers[~shop_wins]] = 0
    traffic *= traffic_wins
    live *= ~(traffic_wins | shop_wins)
    both = (live > 0) & (agency > 0)
    live_wins = live >= agency
    agency *= ~(both & live_wins)
    live *= ~(both & ~live_wins)


def share_out(claims: list[Any], keys: list[Any], total: int) -> list[Any]:
    """按比例核减 by largest remainder; ties: larger claim, then the order of the claims, then ascending key. Raises OverflowError beyond int64."""
    claimed = sum(int(amounts.sum()) for amounts in claims)
    if claimed <= total:
        return claims
    if max(int(amounts.max(initial=0)) for amounts in claims) * total >= 1 << 63:
        raise OverflowError("claim × total")
    shares, remainders = [], []
    for amounts in claims:
        product = amounts * total
        share = product // claimed
        product -= share * claimed
        shares.append(share)
        remainders.append(product)
    left = total - sum(int(share.sum()) for share in shares)
    if left == 0:
        return shares
    everything = np.concatenate(remainders)
    edge = np.partition(everything, len(everything) - left)[len(everything) - left]  # the smallest remainder that may still get one
    tied: list[tuple[Any, ...]] = []
    for place, (share, remainder) in enumerate(zip(shares, remainders, strict=True)):
        above = remainder > edge
        share += above
        left -= int(above.sum())
        rows = np.flatnonzero((remainder == edge) & (claims[place] > 0))
        tied.append((keys[place][rows], np.full(len(rows), place), -claims[place][rows], rows))
    key, place_of, larger, rows = (np.concatenate(parts) for parts in zip(*tied, strict=True))
    chosen = np.lexsort((key, place_of, larger))[:left]
    for place, share in enumerate(shares):
        share[rows[chosen[place_of[chosen] == place]]] += 1
    return shares
