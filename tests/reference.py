"""The outside judge: `python -m tests.reference FILE.yaml [--engine interpret|duckdb|spark]` runs neutral reference cases through the ordinary path and compares to the 分.

This file turns a case's neutral facts into the project's facts and its switches into 口径. It holds no number and no rule of any policy.
A case it cannot express is a failure, never a skip. On Spark a case is some dozens of statements that take longer to plan than to run, so
several cases go at once, each in a session of its own.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from duixian import pipeline, twice
from duixian.award.allocate import share_out
from duixian.policy.load import load_policy
from duixian.policy.model import Policy
from duixian.policy.standards import Standards, open_items
from duixian.policy.year_file import parse_standards
from duixian.values.facts import NONE, Facts, Paid, Thing
from duixian.values.money import decimal_text, exact
from duixian.values.terms import REPEALED, THIS_POLICY, Outcome

ROOT = Path(__file__).resolve().parent.parent / "policies"
Case = dict[str, Any]


class _Here(threading.local):
    """What this thread computes with: a running relational engine, or None, the interpreter."""

    engine: Any = None


HERE = _Here()

# award of the cases -> (policy, 奖补 or 登记 of the policy file); None: the policy sets the sentence aside, nothing is computed
AWARDS: dict[str, tuple[str, str | None]] = {
    "jinyun-1a": ("jinyun-2025", "园区增长奖励"), "jinyun-1b": ("jinyun-2025", "跨境电商园区运营补贴"), "jinyun-2a": ("jinyun-2025", "引进企业奖励"),
    "jinyun-3a": ("jinyun-2025", "自建平台奖励"), "jinyun-3b": ("jinyun-2025", "自建平台奖励"), "jinyun-4": ("jinyun-2025", None),
    "jinyun-5a": ("jinyun-2025", "场地租金补助"), "jinyun-6a": ("jinyun-2025", "展位费补助"), "jinyun-7a": ("jinyun-2025", "绿色直播间奖励"),
    "jinyun-8a": ("jinyun-2025", "达人号培育奖励"), "jinyun-9a": ("jinyun-2025", "平台入驻奖励"), "jinyun-10": ("jinyun-2025", None),
    "jinyun-11a": ("jinyun-2025", "平台费用补助"), "jinyun-12a": ("jinyun-2025", "独立站奖励"), "jinyun-13a": ("jinyun-2025", "荣誉奖励"),
    "jinyun-14a": ("jinyun-2025", "培训证书奖励"), "jinyun-15a": ("jinyun-2025", "主播贡献奖励"), "jinyun-16": ("jinyun-2025", None),
    "jinyun-17": ("jinyun-2025", None),
    "zibo-1a": ("zibo-2022", "电商村奖励"), "zibo-1b": ("zibo-2022", "电商镇奖励"), "zibo-2a": ("zibo-2022", "流量补贴"),
    "zibo-3a": ("zibo-2022", "新注册店铺奖励"), "zibo-3b": ("zibo-2022", "回迁店铺奖励"), "zibo-4a": ("zibo-2022", "国家级示范奖励"),
    "zibo-4b": ("zibo-2022", "国家级示范奖励"), "zibo-5a": ("zibo-2022", "自播奖励"), "zibo-5b": ("zibo-2022", "生产企业佣金补助"),
    "zibo-5c": ("zibo-2022", "MCN机构奖励"), "zibo-6a": ("zibo-2022", "论坛大赛补助"), "zibo-6b": ("zibo-2022", None),
    "zibo-7a": ("zibo-2022", "县域配送中心支持"), "zibo-7b": ("zibo-2022", "物流信息平台支持"), "zibo-8a": ("zibo-2022", "齐鲁电商贷"),
}  # fmt: skip

OUTCOMES = {
    Outcome.PAYABLE: "pay", Outcome.CAP_EXHAUSTED: "cap_exhausted", Outcome.NOT_MET: "not_met", Outcome.ALREADY_AWARDED: "already_awarded",
    Outcome.NEEDS_DATA: "needs_data", Outcome.PROVISIONAL: "needs_data", Outcome.CANCELLED: "cancelled", Outcome.REGISTRABLE: "not_computable",
}  # fmt: skip

# switch -> (口径, spelling of the option in the cases -> option of the policy file)
READINGS: dict[str, tuple[str, dict[Any, str]]] = {
    "rounding": ("舍入", {"half_up_fen": "四舍五入到分", "down_fen": "舍去到分", "half_up_yuan": "四舍五入到元", "down_yuan": "舍去到元"}),
    "J.legacy_awards": ("旧文件奖励", {"count": "计入", "ignore": "不计入"}),
    "J.person_payees": ("自然人", {"operators_only": "只给经营主体", "entities_only": "只给经营主体", "business_only": "只给经营主体", False: "只给经营主体", "no": "只给经营主体",
                                    "persons_too": "个人也给", True: "个人也给", "yes": "个人也给", "allowed": "个人也给", "persons": "个人也给"}),
    "J1a.step_mode": ("不足一档", {"floor": "不算", "prorata": "按比例", "pro_rata": "按比例"}),
    "J1a.cap_grain": ("园区封顶单位", {"park": "园区", "operator": "运营主体"}),
    "J1a.panel": ("园区样本", {"all_in_park": "全部限上企业", "all": "全部限上企业", "same_firms": "同一批企业"}),
    "J1a.base": ("园区比较年", {"prev_year": "上年", "prior_year": "上年", "historic_peak": "历史最高", "peak": "历史最高"}),
    "J1a.missing_base": ("缺上年数", {"reject": "不计算", "zero": "视为零"}),
    "J1a.exclude_introduced": ("剔除引进企业", {False: "不剔除", True: "剔除"}),
    "J2a.upgrade": ("引进晋档", {"none": "不补", "difference": "补差(已付金额)"}),
    "J2a.timing": ("首次纳入时间", {"same_year": "同一年", "cumulative": "可分年", "any_year": "可分年"}),
    "J3.growth_base": ("平台比较年", {"prev_year": "上年", "prior_year": "上年", "peak": "历史最高", "historic_peak": "历史最高", "highest": "历史最高", "cumulative": "首奖年起累计"}),
    "J3.require_threshold_later": ("后续年度门槛", {False: "不要求", True: "要求", "no": "不要求", "yes": "要求"}),
    "J3.sales_scope": ("平台销售额范围", {"platform": "平台总额", "platform_total": "平台总额", "gmv": "平台总额", "total": "平台总额", "own": "企业自营额", "own_sales": "企业自营额"}),
    "J5.two_year_average": ("两年平均", {"geometric": "几何平均", "arithmetic": "算术平均"}),
    "J5.missing_history": ("缺前年数", {"reject": "不予免除", "waive_average": "免除两年平均", "waive": "免除两年平均"}),
    "J5.cap_at_rent": ("租金封顶", {False: "不以租金为限", True: "以实付租金为限"}),
    "J5.growth_indicator": ("增长指标", {"online_retail": "网络零售额", "retail": "网络零售额", "all_sales": "全部销售额", "total_sales": "全部销售额"}),
    "J5.months": ("计租月数", {"whole": "租用月数", "whole_months": "租用月数", "months": "租用月数", "days": "按日折算月数", "by_day": "按日折算月数", "daily": "按日折算月数"}),
    "J8.upgrade": ("达人号晋档", {"difference": "补差(已付金额)", "full": "全额", "none": "不补"}),
    "J8.aggregate_accounts": ("达人号合并", {False: "分开", True: "合并"}),
    "J9.platform_window": ("计奖平台", {"policy_period": "政策期内入驻", "since_policy_start": "政策期内入驻", "year": "当年入驻", "award_year": "当年入驻", "entered_in_year": "当年入驻",
                                        "this_year": "当年入驻", "any": "凡未奖过", "any_unpaid": "凡未奖过"}),
    "J11.cap_period": ("费用封顶期间", {"year": "每年", "lifetime": "政策期内", "policy": "政策期内"}),
    "J12.first_scope": ("首次起算年", {"ever": "上线年度", "policy": "政策起年", "policy_period": "政策起年"}),
    "J13.grain": ("荣誉计奖范围", {"series": "每获得主体每荣誉系列", "enterprise": "每获得主体"}),
    "J13.difference_base": ("荣誉补差基数", {"paid": "补差(已付金额)", "nominal": "补差(档位标准)", "standard": "补差(档位标准)"}),
    "J14.payee": ("证书受益人", {"enterprise": "企业", "applicant": "企业", "employer": "企业", "unit": "企业", "person": "持证人", "holder": "持证人", "individual": "持证人"}),
    "J14.upgrade": ("证书重复", {"per_certificate": "逐证计奖", "each": "逐证计奖", "difference": "按人补差"}),
    "J15.sales_scope": ("带货范围", {"sum": "合计", "all": "合计", "total": "合计", "one": "单家", "single": "单家", "one_firm": "单家", "max": "单家"}),
    "J19.external": ("其他政策抵扣", {"difference": "差额", "exclusive": "排除"}),
    "J19.offset_order": ("抵扣次序", {"after_cap": "封顶后", "before_cap": "封顶前"}),
    "J20.fraud_scope": ("弄虚作假取消范围", {"application_year": "申报当年度全部奖补", "award_only": "只取消作假的一项", "award": "只取消作假的一项", "line": "只取消作假的一项",
                                                "claim": "只取消作假的一项", "discovery_year": "发现当年度全部奖补", "year_of_discovery": "发现当年度全部奖补"}),
    "Z.year_rule": ("年度归属", {"year_end_in_period": "年末在有效期内", "any_overlap": "年内有一日在有效期内", "overlap": "年内有一日在有效期内"}),
    "Z.retail_source": ("纳统范围", {"as_worded": "照原文", "third_party_only": "一律须纳统", "everywhere": "一律须纳统"}),
    "Z1.repeat": ("村镇频次", {"once": "一次性 每对象", "annual": "每年", "yearly": "每年"}),
    "Z2.step": ("不足一万", {"floor_wan": "不算", "floor": "不算", "prorata": "按比例", "pro_rata": "按比例"}),
    "Z2.base": ("计补基数", {"whole": "全部", "excess": "超出部分", "above": "超出部分", "part_above": "超出部分", "above_threshold": "超出部分"}),
    "Z2.over_total_method": ("超总额办法", {"prorata_capped": "按比例核减", "prorata": "按比例核减", "uniform_rate": "下调标准", "lower_standards": "下调标准",
                                            "first_come": "先到先得", "first_come_first_served": "先到先得"}),
    "Z2.total_period": ("流量补贴总额期间", {"year": "每年", "policy": "政策期内", "policy_period": "政策期内"}),
    "Z3a.grain": ("新店计奖单位", {"shop": "逐店", "enterprise": "逐企业"}),
    "Z3b.first_year": ("回迁起算年", {"counts": "回迁年度", "partial_counts": "回迁年度", "return_year": "回迁年度", "full": "回迁后首个整年", "full_year": "回迁后首个整年", "first_full_year": "回迁后首个整年"}),
    "Z5.assessment_date": ("评估日", {"fixed": "另定 评估日", "fixed_day": "另定 评估日", "cycle": "另定 评估日", "set": "另定 评估日", "assessment_date": "另定 评估日",
                                       "application": "申报的申报日期", "application_day": "申报的申报日期", "application_date": "申报的申报日期", "year_end": "本年末"}),
    "Z5.no_repeat_scope": ("不重复奖励范围", {"5c": "只管本款", "5c_only": "只管本款", "z5c": "只管本款", "own": "只管本款", "all": "管本条三款", "measure": "管本条三款", "all_three": "管本条三款",
                                                "measure_5": "管本条三款", "5abc": "管本条三款", "whole_measure": "管本条三款"}),
    "Z5a.upgrade": ("自播晋档", {"difference": "补差(已付金额)", "full": "全额", "none": "不补", "once": "不补"}),
    "Z5b.cap_period": ("佣金封顶期间", {"year": "每年", "policy": "政策期内", "lifetime": "政策期内"}),
    "Z5c.upgrade": ("MCN晋档", {"none": "不补", "once": "不补", "difference": "补差(已付金额)"}),
    "Z7.each": ("物流支持份数", {"each": "各给", True: "各给", "together": "合一份", "one": "合一份", "shared": "合一份", "one_for_both": "合一份", "both": "合一份", False: "合一份"}),
    "Z.funding_share": ("奖励出资", {"city": "市财政", "shared": "另定 市区县分担", "districts": "另定 市区县分担", "shared_with_districts": "另定 市区县分担"}),
}  # fmt: skip

FEE_TYPES = {"registration": "注册费", "service": "服务费", "promotion": "推广费"}
SERIES = {"demo-enterprise": "电子商务示范企业", "enterprise": "电子商务示范企业", "base": "电子商务示范基地", "demo-base": "电子商务示范基地", "park": "电子商务示范基地", "green-live-room": "绿色直播间"}
LEVELS = {"national": "国家级", "ministry": "国家级", "province": "省级", "city": "市级", "county": "县级"}
PARTNERS = {"mcn": "MCN机构", "service": "电商服务型企业", "service_firm": "电商服务型企业", "service_enterprise": "电商服务型企业",
            "stats_firm": "纳入统计电商企业", "ecommerce_in_stats": "纳入统计电商企业", "enterprise_in_stats": "纳入统计电商企业", "in_stats": "纳入统计电商企业",
            "ecommerce_enterprise_in_stats": "纳入统计电商企业", "stat_enterprise": "纳入统计电商企业"}  # fmt: skip
_POLICIES: dict[str, Policy] = {}


def policy_of(name: str) -> Policy:
    if name not in _POLICIES:
        policy, defects = load_policy(ROOT / name)
        assert not [item for item in defects if item.is_error], "\n".join(item.render() for item in defects)
        _POLICIES[name] = policy
    return _POLICIES[name]


def fen(text: Any) -> Any:
    """元 or 美元 as a decimal string → base units; None → 无."""
    return NONE if text is None else exact(Fraction(str(text)) * 100)


def number(text: Any) -> Any:
    return exact(Fraction(str(text)))


class World:
    """One set of facts under construction, for one policy and year."""

    def __init__(self, policy: Policy, year: int) -> None:
        self.policy, self.year, self.facts = policy, year, Facts()
        self.facts.listed.add("其他政策已付")
        self.standards: list[tuple[str, str, str]] = []  # (项目, 档, 本年标准)
        self.unset: set[str] = set()
        self.tables: dict[str, list[tuple[str, str]]] = {}

    def put(self, thing: Thing, fact: str, value: Any, year: Any = "year") -> None:
        """State one fact; a value of `...` (absent in the case) stays unknown."""
        if value is not ...:
            thing.values[(fact, self.year if year == "year" else year)] = value

    def payee(self, kind: str, key: str) -> Thing:
        """A neutral applicant: lawful, honest, founded here."""
        thing = self.facts.add(kind, key)
        thing.values.setdefault(("主体类型", None), "自然人" if kind == "主播" else "企业")
        for year in range(self.year - 3, self.year + 2):
            for fact, value in (("本县依法成立", True), ("守法诚信经营", True), ("弄虚作假", False), ("弄虚作假被发现", False)):
                thing.values.setdefault((fact, year), value)
        return thing

    def firm(self, key: str) -> Thing:
        firm = self.payee("企业", key)
        for year in (self.year - 1, self.year):
            firm.values.setdefault(("所在园区", year), NONE)
        return firm

    def child(self, kind: str, key: str, relation: str, owner: str) -> Thing:
        self.facts.listed.add(kind)
        thing = self.facts.add(kind, key)
        thing.values[(relation, None)] = owner
        return thing


def get(facts: Case, key: str, convert: Callable[[Any], Any] = lambda value: value) -> Any:
    """A fact of a case: absent stays absent, null stays unknown."""
    value = facts.get(key, ...)
    return ... if value is ... or value is None else convert(value)


def none_or(facts: Case, key: str, convert: Callable[[Any], Any]) -> Any:
    """A figure whose null means that there is none (no earlier year)."""
    return ... if key not in facts else convert(facts[key])


# --- facts of each award: (world, facts, recipient, name of the line) → the keys of the objects claimed for --------------------------------


def _park(world: World, facts: Case, who: str, line: str) -> list[str]:
    park = world.facts.add("园区", facts.get("id", facts.get("park_id", f"{line}-园区")))
    world.firm(who)
    for year in range(world.year - 6, world.year + 1):
        world.put(park, "运营主体", who, year)
    world.put(park, "使用面积", get(facts, "area_m2", number))
    world.put(park, "网店数", get(facts, "online_shops"))
    world.put(park, "跨境电商园区", True if "evaluation_score" in facts or "bureau_tier_table" in facts else get(facts, "cross_border"))
    world.put(park, "限上企业网络零售额", none_or(facts, "retail_this_yuan", fen))
    world.put(park, "限上企业网络零售额", none_or(facts, "retail_prev_yuan", fen), world.year - 1)
    world.put(park, "引进奖励企业零售额", get(facts, "introduced_rewarded_this_year_yuan", fen))
    years = [world.year - 1] if facts.get("retail_prev_yuan") is not None else []
    for year, value in facts.get("earlier_retail_yuan", {}).items():
        world.put(park, "限上企业网络零售额", fen(value), int(year))
        years.append(int(year))
    world.put(park, "综合评价得分", get(facts, "evaluation_score", number))
    if facts.get("bureau_tier_table"):
        world.tables["跨境电商园区运营补贴"] = [(f"{row['min_score']}分以上", f"{row['amount_yuan']}元") for row in facts["bureau_tier_table"]]
    for row in facts.get("enterprises", ()):
        firm = world.firm(row["id"])
        world.facts.listed.add("企业")
        years.append(world.year - 1)
        for year, limit, retail in ((world.year, "above_limit", "this_yuan"), (world.year - 1, "above_limit_prev", "prev_yuan")):
            world.put(firm, "所在园区", park.key, year)
            world.put(firm, "限上", get(row, limit), year)
            world.put(firm, "网络零售额", none_or(row, retail, fen), year)
    world.put(park, "开园年度", min(years, default=world.year), None)
    return [park.key]


def _introduced(world: World, facts: Case, who: str, line: str) -> list[str]:
    park = world.facts.add("园区", f"{line}-园区")
    world.firm(who)
    world.put(park, "运营主体", who)
    world.put(park, "已认定", get(facts, "park_recognised"))
    keys = []
    for row in facts["enterprises"]:
        firm = world.firm(row["id"])
        world.put(firm, "所在园区", park.key)
        world.put(firm, "实体入驻", get(row, "physically_settled"))
        world.put(firm, "纳入统计直报", get(row, "in_direct_reporting"))
        world.put(firm, "首次纳入限上年度", NONE if row.get("first_above_limit_year", ...) is None else get(row, "first_above_limit_year"), None)
        world.put(firm, "网络零售额", get(row, "retail_yuan", fen))
        keys.append(firm.key)
    return keys


def _platforms(kind: str) -> Callable[[World, Case, str, str], list[str]]:
    def build(world: World, facts: Case, who: str, line: str) -> list[str]:
        keys = []
        for row in facts["platforms"]:
            platform = world.child("平台", row["id"], "企业", who)
            world.put(platform, "平台类型", kind, None)
            world.put(platform, "网址", row.get("url", row["id"]), None)
            years = {int(year): value for year, value in row["sales_by_year_yuan"].items()}
            own = {int(year): value for year, value in row.get("own_sales_by_year_yuan", {}).items()}
            for year, value in years.items():
                world.put(platform, "年销售额", ... if value is None else fen(value), year)
            for year, value in own.items():
                world.put(platform, "自营销售额", ... if value is None else fen(value), year)
            world.put(platform, "上线年度", min([*years, *own, world.year]), None)
            if set(years) and world.year - 1 not in years and min(years) == world.year and facts.get("_history"):
                del platform.values[("上线年度", None)]  # awarded before: it did exist, its earlier figures are simply not given
            keys.append(platform.key)
        world.firm(who)
        return keys

    return build


def _rent(world: World, facts: Case, who: str, line: str) -> list[str]:
    firm = world.firm(who)
    world.put(firm, "纳入统计直报", get(facts, "in_direct_reporting"))
    for back, key in enumerate(("retail_y_yuan", "retail_y1_yuan", "retail_y2_yuan")):
        world.put(firm, "网络零售额", none_or(facts, key, fen), world.year - back)
        world.put(firm, "全部销售额", none_or(facts, key.replace("retail", "all_sales"), fen), world.year - back)
    if "leases" in facts:
        world.facts.listed.add("租约")
    for place, row in enumerate(facts.get("leases", ())):
        lease = world.child("租约", f"{line}-{row.get('id', place)}", "企业", who)
        world.put(lease, "租用面积", get(row, "area_m2", number))
        world.put(lease, "租用月数", get(row, "months", number))
        world.put(lease, "按日折算月数", get(row, "months_by_day", number) if "months_by_day" in row else get(row, "months", number))  # whole months are the same either way
        if place == 0:
            world.put(lease, "已付租金", get(facts, "rent_paid_yuan", fen))
        elif "rent_paid_yuan" in facts:
            world.put(lease, "已付租金", 0)
        world.put(lease, "已付租金", get(row, "rent_paid_yuan", fen))
    return [firm.key]


def _booths(world: World, facts: Case, who: str, line: str) -> list[str]:
    firm = world.firm(who)
    world.facts.listed.add("展位")
    seen: dict[str, Any] = {}
    for place, row in enumerate(facts["booths"]):
        booth = world.child("展位", f"{who}-{row.get('id', place)}", "企业", who)
        world.put(booth, "商务部门组织", row["organiser"] == "commerce")
        world.put(booth, "展位费", get(row, "fee_yuan", fen))
        seen[booth.key] = get(row, "other_subsidy_yuan", fen)
    outside = [value for value in seen.values() if value is not ...]
    claim = world.facts.claims.setdefault((AWARDS["jinyun-6a"][1] or "", firm.key), {})
    claim[("其他政策已付", None)] = claim.get(("其他政策已付", None), 0) + sum(outside)
    return [firm.key]


def _rooms(world: World, facts: Case, who: str, line: str) -> list[str]:
    world.firm(who)
    keys = []
    for row in facts["rooms"]:
        room = world.facts.add("直播间", row["id"])
        world.put(room, "创建主体", row.get("creator", who), None)
        world.put(room, "绿色直播间级别", get(row, "level", LEVELS.__getitem__), None)
        world.put(room, "首次评定", get(row, "first_rating"), None)
        _payee_kind(world, row.get("creator", who), {**facts, **row})
        keys.append(room.key)
    return keys


def _payee_kind(world: World, who: str, facts: Case) -> None:
    kind = next((facts[key] for key in ("operator_is_person", "operator_natural_person", "payee_is_person", "creator_is_person", "natural_person") if key in facts), None)
    stated = facts.get("operator_kind", facts.get("operator_type", facts.get("creator_kind", facts.get("payee_kind", facts.get("creator_type")))))
    if kind or stated in ("person", "natural_person", "individual"):
        world.firm(who).values[("主体类型", None)] = "自然人"


def _accounts(world: World, facts: Case, who: str, line: str) -> list[str]:
    world.firm(who)
    world.facts.listed.add("达人号")
    keys = []
    for row in facts["accounts"]:
        account = world.facts.add("达人号", row["id"])
        operator = row.get("operator", who)
        world.firm(operator)
        world.put(account, "运营主体", operator)
        person = row.get("person", row.get("user", f"{row['id']}的使用人"))
        world.payee("主播", person)
        world.put(account, "使用人", person, None)
        world.put(account, "本地", get(row, "local"))
        world.put(account, "粉丝数", get(row, "fans"))
        world.put(account, "负面情形", get(row, "negative_news"))
        _payee_kind(world, operator, {**facts, **row})
        keys.append(account.key)
    return keys


def _entries(world: World, facts: Case, who: str, line: str) -> list[str]:
    firm = world.firm(who)
    world.put(firm, "跨境出口额", get(facts, "export_usd", fen))
    world.put(firm, "跨境出口额人民币", get(facts, "export_yuan", fen))
    world.put(firm, "折算汇率", get(facts, "usd_rate", number))
    keys = []
    for row in facts["platforms"]:
        entry = world.child("平台入驻", row["id"], "企业", who)
        world.put(entry, "平台名称", row["id"], None)
        world.put(entry, "入驻方式", "自建" if row.get("kind") == "self_built" else "入驻", None)
        world.put(entry, "网址", row.get("url", row["id"]), None)
        world.put(entry, "入驻日期", get(row, "entered_on", _day), None)
        world.put(entry, "平台零售额", get(row, "retail_yuan", fen))
        keys.append(entry.key)
    return keys


def _day(text: Any) -> date:
    return text if isinstance(text, date) else date.fromisoformat(str(text))


def _fees(world: World, facts: Case, who: str, line: str) -> list[str]:
    firm = world.firm(who)
    world.put(firm, "跨境电商出口额", get(facts, "export_yuan", fen))
    if "fees" in facts:
        world.facts.listed.add("平台费用")
    for place, row in enumerate(facts.get("fees", ())):
        fee = world.child("平台费用", f"{who}-{row.get('id', row.get('invoice', f'{line}-{place}'))}", "企业", who)
        world.put(fee, "费用类别", get(row, "type", lambda kind: FEE_TYPES.get(kind, kind)), None)
        world.put(fee, "第三方平台收款", get(row, "payee", lambda payee: payee == "third_party"), None)
        world.put(fee, "费用金额", get(row, "amount_yuan", fen))
        world.put(fee, "美元金额", get(row, "amount_usd", fen))
        world.put(fee, "折算汇率", get(row, "usd_rate", number) if "usd_rate" in row else get(facts, "usd_rate", number))
    return [firm.key]


def _site(world: World, facts: Case, who: str, line: str) -> list[str]:
    firm = world.firm(who)
    world.put(firm, "自主品牌", get(facts, "own_brand"))
    site = world.child("独立站", facts["site_id"], "企业", who)
    world.put(site, "网址", facts.get("url", facts["site_id"]), None)
    years = {int(year): value for year, value in facts["site_sales_by_year_yuan"].items()}
    for year, value in years.items():
        world.put(site, "年度跨境电商交易额", ... if value is None else fen(value), year)
    world.put(site, "上线年度", min([*years, world.year]), None)
    return [site.key]


def _honours(world: World, facts: Case, who: str, line: str) -> list[str]:
    world.firm(who)
    keys = []
    for row in facts.get("honours", facts.get("recognitions", ())):
        series = SERIES.get(row["series"], row["series"])
        honour = world.child("荣誉", f"{row.get('id', '')}{who}-{series}-{row['level']}-{row.get('date', '')}", "获得主体", who)
        world.put(honour, "荣誉系列", series, None)
        world.put(honour, "荣誉级别", LEVELS.get(row["level"], row["level"]), None)
        world.put(honour, "商务系统评定", row.get("by_commerce_system", True), None)
        world.put(honour, "认定类型", get(row, "kind", lambda kind: {"new": "新认定", "renewal": "延续认定"}[kind]), None)
        world.put(honour, "认定日期", get(row, "date", _day), None)
        keys.append(honour.key)
    _annual(world, facts)
    return keys


def _certificates(world: World, facts: Case, who: str, line: str) -> list[str]:
    world.firm(who)
    keys = []
    for row in facts["certificates"]:
        certificate = world.child("证书", row["id"], "企业", row.get("employer", who))
        world.payee("主播", row["person"])
        world.put(certificate, "持证人", row["person"], None)
        world.put(certificate, "培训项目", get(row, "programme"), None)
        world.put(certificate, "证书级别", get(row, "level", LEVELS.__getitem__), None)
        world.put(certificate, "组织层级", get(row, "organiser_level", LEVELS.__getitem__), None)
        world.put(certificate, "商务部门组织", get(row, "organiser_is_commerce"), None)
        keys.append(certificate.key)
    return keys


def _anchors(world: World, facts: Case, who: str, line: str) -> list[str]:
    keys = []
    world.facts.listed.add("带货")
    for row in facts["anchors"]:
        anchor = world.payee("主播", row["id"])
        world.put(anchor, "粉丝数", get(row, "fans"))
        world.put(anchor, "签约主体类型", get(row, "signed_with", lambda kind: PARTNERS.get(kind, "其他")))
        for place, sale in enumerate(row.get("sales", ())):
            sold = world.child("带货", f"{row['id']}-{place}", "主播", anchor.key)
            world.put(sold, "企业名称", get(sale, "enterprise"), None)
            world.put(sold, "本县企业", get(sale, "in_jinyun"))
            world.put(sold, "带货额", get(sale, "amount_yuan", fen))
        keys.append(anchor.key)
    return keys


def _annual(world: World, facts: Case, item: str = "") -> None:
    """annual_standard_yuan: what the office adopted; a map holds one a tier, by its threshold."""
    if "annual_standard_yuan" in facts:
        world.standards.append((item, "*", "未定" if facts["annual_standard_yuan"] is None else f"{facts['annual_standard_yuan']}元"))
    for threshold, value in (facts.get("annual_standards_yuan") or facts.get("standards_yuan") or {}).items():
        world.standards.append((item, str(threshold), "未定" if value is None else f"{value}元"))


def _villages(world: World, facts: Case, who: str, line: str) -> list[str]:
    keys = []
    for row in facts["villages"]:
        village = world.payee("行政村", row["id"])
        world.put(village, "网络零售额", get(row, "retail_yuan", fen))
        world.put(village, "活跃网店数", get(row, "active_shops"))
        world.put(village, "纳统", get(row, "in_stats") if "in_stats" in row else get(facts, "in_stats"))
        keys.append(village.key)
    _annual(world, facts)
    return keys


def _towns(world: World, facts: Case, who: str, line: str) -> list[str]:
    keys = []
    for row in facts["towns"]:
        town = world.payee("乡镇", row["id"])
        world.put(town, "电商村数", get(row, "recognised_villages"))
        world.put(town, "网络零售额", get(row, "retail_yuan", fen))
        world.put(town, "活跃网店数", get(row, "active_shops"))
        world.put(town, "纳统", get(row, "in_stats"))
        world.put(town, "电商镇决定", True if row.get("recognised") else ...)  # 可认定: not recognised means not decided
        keys.append(town.key)
    _annual(world, facts)
    return keys


def _traffic(world: World, facts: Case, who: str, line: str) -> list[str]:
    firm = world.firm(who)
    world.put(firm, "实物商品网络零售额", get(facts, "physical_retail_yuan", fen))
    world.put(firm, "纳统", get(facts, "in_third_party_stats"))
    if "rate_yuan_per_wan" in facts:
        rate = facts["rate_yuan_per_wan"]
        world.standards.append(("", "*", "未定" if rate is None else f"{rate}元"))
    return [firm.key]


def _new_shops(world: World, facts: Case, who: str, line: str) -> list[str]:
    world.firm(who)
    keys = []
    for row in facts["shops"]:
        shop = world.child("店铺", row["id"], "企业", row.get("enterprise", who))
        world.firm(row.get("enterprise", who))
        world.put(shop, "注册年度", get(row, "registered_year"), None)
        world.put(shop, "纳统", get(row, "in_stats"))
        world.put(shop, "网络零售额", get(row, "retail_yuan", fen))
        keys.append(shop.key)
    _annual(world, facts)
    return keys


def _returned_shops(world: World, facts: Case, who: str, line: str) -> list[str]:
    world.firm(who)
    keys = []
    for row in facts["shops"]:
        shop = world.child("店铺", row["id"], "企业", who)
        returned = NONE if row.get("returned_on", ...) is None else get(row, "returned_on", _day)
        world.put(shop, "回迁日期", returned, None)
        world.put(shop, "纳统", get(row, "in_stats"))
        if isinstance(returned, date):
            first = returned.year if (returned.month, returned.day) == (1, 1) else returned.year + 1
            world.put(shop, "回迁后首个整年", row.get("first_full_year", first), None)
        for year, value in row.get("retail_by_year_yuan", {}).items():
            world.put(shop, "网络零售额", ... if value is None else fen(value), int(year))
        keys.append(shop.key)
    _annual(world, facts)
    return keys


def _live(world: World, facts: Case, who: str, line: str) -> list[str]:
    firm = world.firm(who)
    for key, fact, convert in (("live_retail_yuan", "自播网络零售额", fen), ("third_party_live_retail_yuan", "第三方直播网络零售额", fen), ("commission_yuan", "直播佣金", fen), ("retail_yuan", "网络零售额", fen)):
        world.put(firm, fact, get(facts, key, convert))
    world.put(firm, "纳统", get(facts, "in_stats"))
    world.put(firm, "入库日期", get(facts, "db_entry_date", _day), None)
    world.put(firm, "成长良好", get(facts, "good_growth"))
    world.put(firm, "生产企业", get(facts, "is_producer"), None)
    world.put(firm, "MCN独立法人", get(facts, "is_mcn_legal_person"), None)
    if facts.get("assessment_date"):
        world.standards.append(("评估日", "", str(facts["assessment_date"])))
    if facts.get("application_date"):
        for award in ("自播奖励", "MCN机构奖励"):
            world.facts.claims.setdefault((award, firm.key), {})[("申报日期", None)] = _day(facts["application_date"])
    if "rate_percent" in facts:
        world.standards.append(("", "*", "未定" if facts["rate_percent"] is None else f"{facts['rate_percent']}%"))
    _annual(world, facts)
    return [firm.key]


def _event(world: World, facts: Case, who: str, line: str) -> list[str]:
    world.firm(who)
    event = world.facts.add("活动", facts.get("id", f"{line}-活动"))
    world.put(event, "承办主体", who, None)
    world.put(event, "决定金额", get(facts, "decision_yuan", fen), None)
    return [event.key]


def _projects(kind: str) -> Callable[[World, Case, str, str], list[str]]:
    def build(world: World, facts: Case, who: str, line: str) -> list[str]:
        world.firm(who)
        keys = []
        for row in facts["projects"]:
            project = world.facts.add(kind, row["id"])
            world.put(project, "建设运营主体", who, None)
            world.put(project, "所在区县", row.get("district", row.get("county", facts.get("district", "同一区县"))), None)
            world.put(project, "全国性快递企业数", get(row, "national_couriers"))
            world.put(project, "统一环节数", get(row, "unified_functions"))
            world.put(project, "实时比价", get(row, "realtime_price"))
            world.put(project, "撮合对接", get(row, "matching"))
            world.put(project, "县域单量占比", get(row, "share_percent", lambda text: exact(Fraction(str(text)) / 100)))
            keys.append(project.key)
        return keys

    return build


def _loan(world: World, facts: Case, who: str, line: str) -> list[str]:
    world.firm(who)
    loan = world.child("贷款", f"{line}-贷款", "企业", who)
    world.put(loan, "单户贷款额度", get(facts, "loan_yuan", fen), None)
    return [loan.key]


BUILDERS: dict[str, Callable[[World, Case, str, str], list[str]]] = {
    "jinyun-1a": _park, "jinyun-1b": _park, "jinyun-2a": _introduced, "jinyun-3a": _platforms("零售型"), "jinyun-3b": _platforms("批发型"), "jinyun-5a": _rent,
    "jinyun-6a": _booths, "jinyun-7a": _rooms, "jinyun-8a": _accounts, "jinyun-9a": _entries, "jinyun-11a": _fees, "jinyun-12a": _site, "jinyun-13a": _honours,
    "jinyun-14a": _certificates, "jinyun-15a": _anchors, "zibo-1a": _villages, "zibo-1b": _towns, "zibo-2a": _traffic, "zibo-3a": _new_shops,
    "zibo-3b": _returned_shops, "zibo-4a": _honours, "zibo-4b": _honours, "zibo-5a": _live, "zibo-5b": _live, "zibo-5c": _live, "zibo-6a": _event,
    "zibo-7a": _projects("配送中心"), "zibo-7b": _projects("物流信息平台"), "zibo-8a": _loan,
}  # fmt: skip


# --- switches, history, the year's file ----------------------------------------------------------------------------------------------


def choices_of(reading: Any) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The switches of a case as readings, and the lists that go into the year's file."""
    choices: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for switch, value in ({} if reading == "default" else reading).items():
        if switch == "J11.extra_fee_types":
            choices["等费用"] = "另定 其他费用类别" if value else "无"
            lists["其他费用类别"] = [FEE_TYPES.get(item, item) for item in value]
        elif switch == "J13.excluded_series":
            names = [SERIES.get(item, item) for item in value]
            choices["另款荣誉"] = "无" if not names else "绿色直播间" if names == ["绿色直播间"] else "另定 另款荣誉名单"
            lists["另款荣誉名单"] = names
        elif switch == "Z.total_exempt":
            names = [AWARDS[item][1] or item for item in value]
            choices["总额外项目"] = "另列" if names else "占"
            lists["总额外名单"] = names
        elif switch == "Z.unset_standard":
            choices["未定标准"] = "不计算" if value == "block" else "暂估"
        elif switch == "J19.groups":
            pass  # lines are named there: see `groups_of`
        elif switch == "fx_rate_table":
            rates = list(value.values()) if isinstance(value, dict) else [value]
            lists["美元汇率"] = [f"{rates[-1]}元/美元"] if rates and rates[-1] is not None else []
        else:
            name, options = READINGS[switch]
            choices[name] = options[value]
    return choices, lists


def standards_of(world: World, awards: Iterable[str], reading: Any, extra: str = "") -> Standards:
    """The year's file a case implies, written as a policy office would write it and read by the ordinary reader. The cases take a
    ceiling as the standard of the year unless they give another one."""
    policy, choices_lists = world.policy, choices_of(reading)
    names = {AWARDS[award][1] for award in awards}
    rows: dict[tuple[str, str], str] = {}
    blocked = reading != "default" and reading.get("Z.unset_standard") == "block"
    for key, item in open_items(policy).items():
        if item.ceiling is not None and item.kind == "value":
            rows[key] = "未定" if blocked else f"{decimal_text(Fraction(item.ceiling) / 100)}元"
    for item_name, tier, value in world.standards:
        for key, item in open_items(policy).items():
            same_item = key[0] == item_name or (not item_name and key[0] in names and item.kind == "value")
            if value == "未定" and item.ceiling is not None and not blocked:
                continue  # the cases take the ceiling as the standard unless the reading blocks it
            if same_item and (tier in ("*", "") or _threshold(key[1]) == Fraction(tier)):
                ceiling = item.ceiling
                if ceiling is not None and value != "未定" and Fraction(value.rstrip("元")) * 100 > ceiling:
                    value = f"{decimal_text(Fraction(ceiling) / 100)}元"  # a case may ask for more than the ceiling: the ceiling counts
                rows[key] = value
    for name, values in choices_lists[1].items():
        if values:
            rows[(name, "")] = "、".join(values)
    text = [f"---\n政策: {policy.id}\n年度: {world.year}\n---\n", "## 年度标准\n", "| 项目 | 档 | 本年标准 |", "|---|---|---|"]
    text += [f"| {item} | {tier} | {value} |" for (item, tier), value in rows.items()]
    for name, table in world.tables.items():
        text += [f"\n## {name}\n", "| 综合评价得分 | 标准 |", "|---|---|", *(f"| {score} | {amount} |" for score, amount in table)]
    defects: list[Any] = []
    standards = parse_standards("\n".join([*text, extra, ""]), "案例的年度标准", policy, world.year, defects)
    assert not defects, "\n".join(item.render() for item in defects)
    return standards


def _threshold(tier: str) -> Fraction | None:
    """The threshold of a row label, in 元."""
    digits = "".join(char for char in tier if char.isdigit() or char == ".")
    scale = 10**8 if "亿" in tier else 10**4 if "万" in tier else 1
    return Fraction(digits) * scale if digits else None


def history_of(world: World, history: list[Case], who: str, keys: list[str]) -> list[Paid]:
    """Earlier payments as ledger rows. An object the case calls `firm` is the applicant; scope keys the case states go along."""
    entries = []
    for row in history:
        name = AWARDS[row["award"]][1] or ""
        key = str(row["object"])
        stated: dict[str, str] = {}
        if name in ("荣誉奖励", "国家级示范奖励"):
            stated = {"荣誉系列": SERIES.get(key, key), "获得主体": who}
            key = f"{who}-{stated['荣誉系列']}-{row.get('level', '')}-历史"
        elif name == "培训证书奖励":
            stated = {part: row[field] for part, field in (("持证人", "person"), ("培训项目", "programme")) if field in row}
        elif name == "达人号培育奖励" and "person" in row:
            stated = {"使用人": row["person"]}
        elif key in ("firm", "enterprise") or (key == who and key not in keys):
            key = keys[0] if keys else who
        recipient = str(row.get("recipient", who))
        if world.policy.rules[name].object in ("店铺", "平台入驻", "平台"):
            stated["企业"] = recipient
        tier = LEVELS.get(row.get("level"), "")
        standard = _tier_standard(world.policy, name, tier)
        entries.append(Paid(name, int(row["year"]), key, int(fen(row["amount_yuan"])), REPEALED if row.get("policy") == "legacy" else THIS_POLICY, recipient, tier, standard, tuple(stated.items())))
    return entries


def _tier_standard(policy: Policy, award: str, tier: str) -> int | None:
    """What the policy's own table gives for a tier that the ledger names."""
    tiers = policy.rules[award].tiers
    row = next((row for row in tiers.rows if row.label == tier), None) if tiers else None
    value = getattr(row.value, "value", None) if row else None
    return int(value) if value is not None else None


# --- running ------------------------------------------------------------------------------------------------------------------------------


def yuan(amount_fen: int) -> str:
    return str((Decimal(amount_fen) / 100).quantize(Decimal("0.01")))


def settle(world: World, awards: Iterable[str], reading: Any, ledger: list[Paid], extra: str = "") -> pipeline.Settlement:
    """The ordinary path. A pot of the year that a case does not speak of stays undecided, as it is in the policy."""
    choices, _ = choices_of(reading)
    standards = standards_of(world, awards, reading, extra)
    if HERE.engine is None:
        return pipeline.settle(world.policy, world.year, world.facts, ledger, standards, choices)
    return twice.settle_compiled(world.policy, world.year, world.facts, ledger, standards, choices, engine=HERE.engine)


def run_award(case: Case) -> list[str]:
    """A single case: the amounts of all objects it claims for, together."""
    policy_name, name = AWARDS[case["award"]]
    policy = policy_of(policy_name)
    if name is None:
        note = any(bullet.key == "不计算" for quote in policy.document.quotes for bullet in quote.notes) or policy.totals
        found = ("0.00", False, "not_computable") if note else ("0.00", False, "")
        return _compare(case, *found)
    world = World(policy, case["year"])
    facts = {**case["facts"], "_history": bool(case["history"])}
    keys = BUILDERS[case["award"]](world, facts, "firm", "L")
    ledger = history_of(world, case["history"], "firm", keys)
    result = settle(world, [case["award"]], case["reading"], ledger)
    lines = [line for line in result.lines if line.claim.award == name and line.claim.key in keys]
    return _compare(case, *summed(lines))


def summed(lines: list[Any]) -> tuple[str, bool, str]:
    """Several objects as one claim: what is paid, and the outcome that says most."""
    total = sum(line.payable_fen for line in lines)
    outcomes = [line.outcome for line in lines]
    if total > 0:
        return yuan(total), True, "pay"
    first = Outcome.CAP_EXHAUSTED if Outcome.CAP_EXHAUSTED in outcomes and Outcome.NEEDS_DATA not in outcomes else min(outcomes, key=lambda outcome: outcome.rank, default=Outcome.NOT_MET)
    return yuan(0), first is Outcome.CAP_EXHAUSTED, OUTCOMES[first]


def _compare(case: Case, amount: str, eligible: bool, outcome: str) -> list[str]:
    wrong = []
    for key, found in (("expected_yuan", amount), ("eligible", eligible), ("outcome", outcome)):
        if case[key] != found:
            wrong.append(f"{key}: expected {case[key]}, found {found}")
    return wrong


def groups_of(reading: Any, lines: list[Case]) -> str:
    """J19.groups names lines of the case: the year's file names their awards."""
    groups = [] if reading == "default" else reading.get("J19.groups", [])
    if not groups:
        return ""
    award = {line["line"]: AWARDS[line["award"]][1] for line in lines}
    rows = [f"| 第{place}组 | {'、'.join(dict.fromkeys(award[name] or '' for name in group))} | 年度 | 就高 |" for place, group in enumerate(groups, 1)]
    return "\n".join(["\n## 就高\n", "| 组 | 奖补 | 同一 | 处理 |", "|---|---|---|---|", *rows])


def run_lines(case: Case, ledger: list[Paid] | None = None, extra: str = "", prepare: Callable[[World], None] | None = None) -> dict[str, list[Any]]:
    """The lines of a portfolio case, settled together: line → its result lines. An object claimed in two lines belongs to the first."""
    results: dict[str, list[Any]] = {line["line"]: [] for line in case["lines"]}
    by_batch: dict[tuple[str, int, int], list[Case]] = {}
    seen: dict[tuple[str, int, str, str], int] = {}
    for line in case["lines"]:
        policy_name = AWARDS[line["award"]][0]
        whole_firm = line["award"] in ("jinyun-5a", "jinyun-6a", "jinyun-11a", "zibo-2a", "zibo-5a", "zibo-5b", "zibo-5c")
        key = (policy_name, line["year"], line["award"], line["recipient"])
        seen[key] = seen.get(key, -1) + 1
        by_batch.setdefault((policy_name, line["year"], seen[key] if whole_firm else 0), []).append(line)
    paid: list[Paid] = list(ledger or [])
    for (policy_name, year, _), lines in sorted(by_batch.items()):
        world = World(policy_of(policy_name), year)
        owner: dict[tuple[str, str], str] = {}
        outside: dict[str, tuple[str, list[str]]] = {}
        history = list(paid)
        for line in lines:
            facts = {**line["facts"], "_history": bool(line.get("history"))}
            before = len(world.standards)
            keys = BUILDERS[line["award"]](world, facts, line["recipient"], line["line"])
            world.standards[before:] = [(item or AWARDS[line["award"]][1] or "", tier, value) for item, tier, value in world.standards[before:]]
            for object_key in keys:
                owner.setdefault((AWARDS[line["award"]][1] or "", object_key), line["line"])
            if line["line"] in case.get("external", {}):
                outside[line["line"]] = (AWARDS[line["award"]][1] or "", keys)
            history += history_of(world, line.get("history", []), line["recipient"], keys)
        if prepare:
            prepare(world)
        if outside:
            _spread_outside(world, case, lines, history, extra, outside)
        result = settle(world, [line["award"] for line in lines], case["reading"], history, extra)
        for found in result.lines:
            name = owner.get((found.claim.award, found.claim.key))
            if name:
                results[name].append(found)
        paid += result.entries()
    return results


def _spread_outside(world: World, case: Case, lines: list[Case], history: list[Paid], extra: str, outside: dict[str, tuple[str, list[str]]]) -> None:
    """A payment elsewhere is stated for a line; where the line claims for several objects it is laid against them in turn."""
    exclusive = case["reading"] != "default" and case["reading"].get("J19.external") == "exclusive"
    before = settle(world, [line["award"] for line in lines], case["reading"], history, extra)
    due = {(line.claim.award, line.claim.key): int(line.amounts.get("封顶后") or 0) for line in before.lines}
    for name, (award, keys) in outside.items():
        left = int(fen(case["external"][name]))
        for key in keys:
            part = left if exclusive or key == keys[-1] else min(left, due.get((award, key), 0))
            world.facts.claims.setdefault((award, key), {})[("其他政策已付", None)] = part
            left -= 0 if exclusive else part


def run_combine(case: Case) -> list[str]:
    results = run_lines(case, extra=groups_of(case["reading"], case["lines"]))
    return _totals(case, {name: sum(line.payable_fen for line in lines) for name, lines in results.items()})


def _totals(case: Case, amounts: dict[str, int], key: str = "expected_lines") -> list[str]:
    wrong = [f"{name}: expected {case[key][name]}, found {yuan(amount)}" for name, amount in amounts.items() if case[key][name] != yuan(amount)]
    if case["expected_total"] != yuan(sum(amounts.values())):
        wrong.append(f"total: expected {case['expected_total']}, found {yuan(sum(amounts.values()))}")
    return wrong


def run_ledger(case: Case) -> list[str]:
    """One object through years in sequence: what is paid in one year is history in the next."""
    paid: list[Paid] = []
    wrong, total = [], 0
    policy_name, name = AWARDS[case["award"]]
    for year in sorted(case["years"]):
        world = World(policy_of(policy_name), int(year))
        facts = {**case["years"][year], "_history": bool(paid)}
        keys = BUILDERS[case["award"]](world, facts, "firm", "L")
        result = settle(world, [case["award"]], case["reading"], paid)
        amount = sum(line.payable_fen for line in result.lines if line.claim.award == name and line.claim.key in keys)
        paid += [entry for entry in result.entries() if entry.award == name]
        total += amount
        if case["expected_by_year"][year] != yuan(amount):
            wrong.append(f"{year}: expected {case['expected_by_year'][year]}, found {yuan(amount)}")
    if case["expected_total"] != yuan(total):
        wrong.append(f"total: expected {case['expected_total']}, found {yuan(total)}")
    return wrong


def run_fraud(case: Case) -> list[str]:
    """What every line comes to once one of them is found fraudulent, and what has to be paid back."""
    false_line = next(line for line in case["lines"] if line["line"] == case["fraud_line"])
    found_in = case.get("discovered_year", case.get("discovery_year", case.get("found_year", false_line["year"])))

    def mark(world: World) -> None:
        for things in world.facts.things.values():
            if false_line["recipient"] in things:
                thing = things[false_line["recipient"]]
                for year in range(world.year - 3, world.year + 2):
                    thing.values[("弄虚作假", year)] = year == false_line["year"]
                    thing.values[("弄虚作假被发现", year)] = year == found_in
        for name in world.policy.rules:
            for things in world.facts.things.values():
                for key in things:
                    false = world.year == false_line["year"] and name == AWARDS[false_line["award"]][1]
                    world.facts.claims.setdefault((name, key), {})[("本笔弄虚作假", None)] = false

    amounts = {name: sum(line.payable_fen for line in lines) for name, lines in run_lines(case, prepare=mark).items()}
    paid = []
    for line in case["lines"]:
        world = World(policy_of(AWARDS[line["award"]][0]), line["year"])
        keys = BUILDERS[line["award"]](world, line["facts"], line["recipient"], line["line"])
        paid.append(Paid(AWARDS[line["award"]][1] or "", line["year"], keys[0], int(fen(case["paid"][line["line"]])), recipient=line["recipient"]))
    back = sum(line.claw_back_fen for lines in run_lines(case, paid, prepare=mark).values() for line in lines)
    wrong = _totals(case, amounts)
    if case["expected_clawback"] != yuan(back):
        wrong.append(f"clawback: expected {case['expected_clawback']}, found {yuan(back)}")
    return wrong


def run_allocation(case: Case) -> list[str]:
    claims = {name: int(fen(value)) for name, value in case["claims"].items()}
    if case.get("method", "prorata") not in ("prorata", "prorata_capped"):
        return [f"method {case['method']} is not known to the adapter"]
    return _totals(case, share_out(claims, int(fen(case["budget_yuan"]))))


def run_uniform_rate(case: Case) -> list[str]:
    """流量补贴 under a lower city total, met by lowering the rate."""
    world = World(policy_of("zibo-2022"), case.get("year", 2024))
    for name, retail in case["retail_yuan"].items():
        _traffic(world, {"physical_retail_yuan": retail, "in_third_party_stats": True}, name, name)
    world.standards.append(("流量补贴总额", "", f"{case['budget_yuan']}元"))
    result = settle(world, ["zibo-2a"], case["reading"], [])
    return _totals(case, {line.claim.key: line.payable_fen for line in result.lines if line.claim.award == "流量补贴"})


def run_pipeline(case: Case) -> list[str]:
    """Clause totals first, then the annual total over everything."""
    policy = policy_of("zibo-2022")
    rows, own = [], {total.items[0].text: total.name for total in policy.totals if not total.range_all and len(total.items) == 1}
    lower = []
    for award, value in case["clause_totals"].items():
        name = AWARDS[award][1] or ""
        if name in own:
            lower.append(f"| {own[name]} | {value}元 |")
        else:
            rows.append(f"| {name}分项总额 | {name} | {value}元 全市每年 | 按比例核减 |")
    annual = next(total.name for total in policy.totals if total.range_all)
    extra = "\n".join(["\n## 年度标准\n", "| 项目 | 本年标准 |", "|---|---|", f"| {annual} | {case['annual_total_yuan']}元 |", *lower])
    if rows:
        extra += "\n".join(["\n\n## 总额\n", "| 总额 | 范围 | 额度 | 超出 |", "|---|---|---|---|", *rows])
    results = run_lines(case, extra=extra)
    wrong = _totals(case, {name: sum(line.payable_fen for line in lines) for name, lines in results.items()})
    for name, lines in results.items():
        after = sum(next((amount for total, amount in reversed(line.cuts) if total != annual), int(line.amounts["就高后"] or 0)) for line in lines)
        if case["after_clause"][name] != yuan(after):
            wrong.append(f"{name} after clause totals: expected {case['after_clause'][name]}, found {yuan(after)}")
    return wrong


KINDS: dict[str, Callable[[Case], list[str]]] = {
    "combine": run_combine, "ledger": run_ledger, "fraud": run_fraud, "allocation": run_allocation, "uniform_rate": run_uniform_rate, "pipeline": run_pipeline,
}  # fmt: skip


def run_case(case: Case) -> str:
    """What is wrong with a case as a line; nothing where it passes."""
    try:
        wrong = KINDS[case["kind"]](case) if "kind" in case else run_award(case)
    except Exception as error:
        wrong = [f"{type(error).__name__}: {error}".split("\n")[0]]
        if "-v" in sys.argv:
            traceback.print_exc()
    return f"{case['id']}: {'; '.join(wrong)}" if wrong else ""


def cases_of(path: str) -> list[Case]:
    """The cases of a file, in order."""
    data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    return [*data.get("cases", []), *data.get("portfolio", [])]


def run_file(path: str, pool: ThreadPoolExecutor | None = None) -> tuple[int, list[str]]:
    """How many cases pass, and a line for each that fails, in order. pool: threads with an engine each."""
    cases = cases_of(path)
    found = list(map(run_case, cases) if pool is None else pool.map(run_case, cases))
    return found.count(""), [line for line in found if line]


@contextmanager
def threads(name: str) -> Iterator[ThreadPoolExecutor]:
    """Threads that compute with an engine: one, on Spark as many as there are processors (sessions of one Java process)."""
    with ExitStack() as stack:
        count = (os.cpu_count() or 1) if name == "spark" else 1
        engines = [] if name == "interpret" else [stack.enter_context(twice.start(name, **twice.FEW_OPTIONS[name])) for _ in range(count)]

        def begin() -> None:
            HERE.engine = engines.pop() if engines else None

        for policy in dict.fromkeys(policy for policy, _ in AWARDS.values()):  # read once, not in every thread
            policy_of(policy)
        yield stack.enter_context(ThreadPoolExecutor(count, initializer=begin))


def main() -> int:
    arguments = sys.argv[1:]
    name = "interpret"
    if "--engine" in arguments:
        place = arguments.index("--engine")
        name = (arguments[place + 1 : place + 2] or [""])[0]
        del arguments[place : place + 2]
    paths = [argument for argument in arguments if not argument.startswith("-")]
    if not paths or name not in ("interpret", "duckdb", "spark"):
        print("usage: python -m tests.reference FILE.yaml [--engine interpret|duckdb|spark]")
        return 2
    passed, failures = 0, []
    with threads(name) as pool:
        for path in paths:
            more, failed = run_file(path, pool)
            passed += more
            failures += failed
    for failure in failures:
        print(failure)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
