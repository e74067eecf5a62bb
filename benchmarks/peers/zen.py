"""The rules as one GoRules decision (JSON): first-hit decision tables for the tiers, expressions for the rest, a record at a time.

The engine's numbers are decimals and its results exact here; its cost is the record, so it is run over a small part of the population.
"""

from __future__ import annotations

import json
import re
from typing import Any

from . import AWARDS, LATEST_ENTRY, YEAR
from .inputs import BOOTHS, FEES, LEASES, RETAIL, RETAIL_1, RETAIL_2, Inputs

RECORDS = 5_000
_NAMES = {
    "now": RETAIL, "last": RETAIL_1, "before": RETAIL_2, "leased": LEASES, "booths": BOOTHS, "fees": FEES, "exported": "跨境电商出口额",
    "recognised": "园区已认定", "settled": "实体入驻", "reported": "纳入统计直报", "first_year": "首次纳入限上年度",
    "place_local": "运营主体本县依法成立", "place_honest": "运营主体守法诚信经营", "place_false": "运营主体弄虚作假",
    "local": "本县依法成立", "honest": "守法诚信经营", "cheated": "弄虚作假",
    "goods": "实物商品网络零售额", "own": "自播网络零售额", "third": "第三方直播网络零售额", "commission": "直播佣金",
    "counted": "纳统", "growing": "成长良好", "entered": "入库日期", "producer": "生产企业", "agency": "MCN独立法人",
}  # fmt: skip
_TIERS = {
    "arrival_tier": ("now", [(10_000_000_000, 20_000_000), (5_000_000_000, 10_000_000), (2_000_000_000, 5_000_000)]),
    "live_tier": ("own", [(5_000_000_000, 24_000_000), (3_000_000_000, 16_000_000), (2_000_000_000, 8_000_000)]),
    "agency_tier": ("now", [(10_000_000_000, 40_000_000), (5_000_000_000, 24_000_000), (2_000_000_000, 16_000_000)]),
}
_SHARED = {
    "sound": "local and honest and not cheated",
    "lasting": f"counted and growing and entered <= {LATEST_ENTRY}",
    "rising": "reported and now > 500000000 and 10 * now >= 11 * last and 10000 * now >= 11025 * before",
}
_EXPRESSIONS = {
    "引进企业奖励": f"recognised and settled and reported and first_year == {YEAR} and place_local and place_honest and not place_false ? arrival_tier : 0",
    "场地租金补助": "sound and rising ? min([50000000, floor(((now > 2000000000 ? 600 : 300) * leased + 500) / 1000)]) : 0",
    "展位费补助": "sound ? min([5000000, booths]) : 0",
    "平台费用补助": "sound and exported >= 200000000 ? min([10000000, floor((fees + 1) / 2)]) : 0",
    "流量补贴": "goods >= 3000000000 ? min([10000000, floor(goods / 1000000) * 300]) : 0",
    "自播奖励": "lasting ? live_tier : 0",
    "生产企业佣金补助": "producer and counted and third >= 2000000000 ? min([20000000, floor((commission + 5) / 10)]) : 0",
    "MCN机构奖励": "lasting and agency ? agency_tier : 0",
}
assert tuple(_EXPRESSIONS) == AWARDS


def decision(tables: bool) -> dict[str, Any]:
    """input → awards → output. tables: the tiers as decision tables in front, each node passing on what it was given; else all as expressions."""
    middle: list[dict[str, Any]]
    if tables:
        middle = [_table(name, field, tiers) for name, (field, tiers) in _TIERS.items()]
        middle += [_expressions("shared", _SHARED, True), _expressions("awards", list(_EXPRESSIONS.values()), False)]
    else:
        tiers = {name: "".join(f"{field} >= {least} ? {amount} : " for least, amount in rows) + "0" for name, (field, rows) in _TIERS.items()}
        names = {**tiers, **_SHARED}
        spelled = [re.sub(r"[a-z_]+", lambda found: f"({names[found[0]]})" if found[0] in names else found[0], text) for text in _EXPRESSIONS.values()]
        middle = [_expressions("awards", spelled, False)]
    ends = [{"id": name, "type": f"{name}putNode", "name": name, "position": {"x": 0, "y": 0}} for name in ("in", "out")]
    nodes = [ends[0], *middle, ends[1]]
    edges = [
        {"id": f"e{place}", "type": "edge", "sourceId": one["id"], "targetId": two["id"]} for place, (one, two) in enumerate(zip(nodes, nodes[1:]))
    ]
    return {"nodes": nodes, "edges": edges}


def _table(name: str, field: str, tiers: list[tuple[int, int]]) -> dict[str, Any]:
    rows = [{"_id": f"{name}{place}", "i": f">= {least}", "o": str(amount)} for place, (least, amount) in enumerate(tiers)]
    content = {
        "hitPolicy": "first", "passThrough": True, "inputs": [{"id": "i", "name": field, "field": field}],
        "outputs": [{"id": "o", "name": name, "field": name}], "rules": [*rows, {"_id": f"{name}-none", "i": "", "o": "0"}],
    }  # fmt: skip
    return {"id": name, "type": "decisionTableNode", "name": name, "position": {"x": 0, "y": 0}, "content": content}


def _expressions(name: str, texts: dict[str, str] | list[str], pass_through: bool) -> dict[str, Any]:
    texts = texts if isinstance(texts, dict) else {f"a{place}": text for place, text in enumerate(texts)}
    content = {"expressions": [{"id": key, "key": key, "value": text} for key, text in texts.items()], "passThrough": pass_through}
    return {"id": name, "type": "expressionNode", "name": name, "position": {"x": 0, "y": 0}, "content": content}


class Zen:
    """One `evaluate` a record. tables: with decision tables, or everything as expressions (which spares the passing on)."""

    exact = True
    most_rows = RECORDS

    def __init__(self, *, tables: bool) -> None:
        self.tables = tables
        self.name = f"zen-engine ({'tables' if tables else 'expressions'})"

    def prepare(self, inputs: Inputs, rows: int | None = None) -> None:
        """The first records as dicts, and the decision compiled."""
        import zen

        columns = inputs.columns(rows=min(rows or RECORDS, RECORDS))
        lists = {name: columns[column].to_pylist() for name, column in _NAMES.items()}
        self.records = [dict(zip(lists, values)) for values in zip(*lists.values())]
        self.decision = zen.ZenEngine().create_decision(json.dumps(decision(self.tables)))

    def rules(self) -> dict[str, list[int]]:
        """One amount a record and award, after the award's own cap."""
        results = [self.decision.evaluate(record)["result"] for record in self.records]
        return {award: [int(result[f"a{place}"]) for result in results] for place, award in enumerate(AWARDS)}
