"""淄博 2024: about 400 invented applicants, more of them above the traffic threshold than the 500万元 of that clause can pay in full."""

from __future__ import annotations

from duixian.policy.model import Policy
from duixian.values.facts import NONE, Thing

from .maker import WAN, YI, Maker

DISTRICTS = ("张店区", "淄川区", "博山区", "临淄区", "周村区", "桓台县", "高青县", "沂源县")
LARGE = 72  # firms whose traffic subsidy alone reaches the 10万元 cap


def make_zibo(policy: Policy, year: int = 2024) -> Maker:
    """The city's facts and ledger."""
    maker = Maker(policy, year, "淄博", "370303", 20240101)
    maker.listed("主体", "企业", "荣誉", "行政村", "乡镇", "店铺", "活动", "配送中心", "物流信息平台", "贷款", "其他政策已付")
    firms = [_firm(maker, place) for place in range(320)]
    _country(maker)
    _shops(maker, firms)
    _others(maker, firms)
    return maker


def _firm(maker: Maker, place: int) -> Thing:
    year = maker.year
    large = place < LARGE
    goods = maker.money(2 * YI, 9 * YI, 100) if large else maker.pick((maker.money(100 * WAN, 2990 * WAN, 1), maker.money(3000 * WAN, 9900 * WAN, 1)))
    goods = {LARGE: 3000 * WAN, LARGE + 1: 3000 * WAN - 1, LARGE + 2: 30_005_000_00}.get(place, goods)
    live = maker.pick((0, 0, 0, 1999 * WAN, 2000 * WAN, 3100 * WAN, 5600 * WAN))
    third = maker.pick((0, 0, 0, 1900 * WAN, 2000 * WAN, 4800 * WAN))
    mcn = maker.chance(12)
    entered = maker.day(maker.pick((2020, 2021, 2022, 2023, year)))
    firm = maker.thing(
        "企业",
        maker.code(),
        {
            "网络零售额": goods + maker.money(0, 500 * WAN, 100),
            "实物商品网络零售额": goods if not maker.chance(1.5) else None,
            "自播网络零售额": live,
            "第三方直播网络零售额": third,
            "直播佣金": third // 20,
            "纳统": not maker.chance(8),
            "成长良好": None if maker.chance(5) else not maker.chance(15),
        },
        名称=maker.firm_name(),
        主体类型="企业",
        成立年度=maker.rng.randrange(2006, year + 1),
        入库日期=entered,
        生产企业=maker.chance(45),
        MCN独立法人=mcn,
    )
    if large and maker.chance(40):
        maker.paid("流量补贴", maker.pick((2022, 2023)), firm.key, 8 * WAN, firm.key)
    if live >= 3100 * WAN and maker.chance(50):
        maker.paid("自播奖励", 2023, firm.key, 10 * WAN, firm.key, tier="达到 2000万元", standard=10 * WAN)
    if mcn and maker.chance(25):
        maker.paid("MCN机构奖励", 2023, firm.key, 20 * WAN, firm.key, tier="实现 2000万元", standard=20 * WAN)
    return firm


def _country(maker: Maker) -> None:
    towns = []
    for place in range(1, 21):
        name = f"{maker.pick(DISTRICTS)}演示{place}号镇"
        town = maker.thing("乡镇", f"ZB-XZ-{place:03d}", {
            "网络零售额": maker.pick((2000, 6100, 9000, 10001, 16000)) * WAN, "活跃网店数": maker.pick((60, 100, 101, 180)), "纳统": True,
            "电商镇决定": None if place % 6 == 0 else not maker.chance(10),
        }, 名称=name, 主体类型="乡镇")  # fmt: skip
        towns.append(town)
    for place in range(1, 61):
        village = maker.thing(
            "行政村",
            f"ZB-XZC-{place:03d}",
            {
                "网络零售额": maker.pick((400, 1000, 1500, 2600)) * WAN if not maker.chance(4) else None,
                "活跃网店数": maker.pick((8, 19, 20, 45)),
                "纳统": True,
            },
            名称=f"演示{place}号村",
            主体类型="行政村",
            乡镇=maker.pick(towns[:9]).key,
        )
        if maker.chance(20):
            maker.paid("电商村奖励", maker.pick((2022, 2023)), village.key, 20 * WAN, village.key)


def _shops(maker: Maker, firms: list[Thing]) -> None:
    year = maker.year
    for place in range(130):
        firm = maker.pick(firms)
        fresh = maker.chance(55)
        since = year if fresh else maker.rng.randrange(2019, year)
        came_back = None if fresh else maker.day(maker.pick((2023, year))) if maker.chance(60) else NONE
        now = maker.pick((800, 2999, 3000, 4200, 5000, 7600)) * WAN
        shop = maker.thing(
            "店铺",
            f"演示平台{place % 4 + 1} + ZB{place:05d}",
            {"网络零售额": now if not maker.chance(3) else None, "纳统": not maker.chance(6)},
            企业=firm.key,
            注册年度=since,
            回迁日期=NONE if fresh else came_back,
        )
        if not fresh:
            maker.series(
                shop, "网络零售额", [None if maker.chance(8) else maker.pick((1200, 2600, 3300)) * WAN, shop.values.get(("网络零售额", year))]
            )


def _others(maker: Maker, firms: list[Thing]) -> None:
    year = maker.year
    for place in range(16):
        firm, series = maker.pick(firms), maker.pick(("电子商务示范基地", "电子商务示范企业"))
        maker.thing(
            "荣誉",
            f"演商发〔{year}〕{place + 1}号 + {series}",
            获得主体=firm.key,
            荣誉系列=series,
            荣誉级别=maker.pick(("国家级", "国家级", "省级")),
            商务系统评定=True,
            认定类型=maker.pick(("新认定", "新认定", "延续认定")),
            认定日期=maker.day(year),
        )
    for place in range(1, 9):
        maker.thing(
            "活动",
            f"ZB-HD-{place:02d}",
            承办主体=maker.pick(firms).key,
            决定金额=None if place % 4 == 0 else maker.money(5 * WAN, 30 * WAN, WAN),
            决定文号=f"演示纪要〔{year}〕{place}号",
        )
    for place in range(1, 9):
        maker.thing(
            "配送中心",
            f"ZB-PS-{place:02d}",
            {"全国性快递企业数": maker.pick((4, 5, 6)), "统一环节数": maker.pick((4, 5, 5))},
            建设运营主体=maker.pick(firms).key,
            所在区县=DISTRICTS[place - 1],
        )
        platform = maker.thing(
            "物流信息平台",
            f"ZB-WL-{place:02d}",
            {"实时比价": True, "撮合对接": maker.chance(80), "县域单量占比": _percent(maker)},
            建设运营主体=maker.pick(firms).key,
            所在区县=DISTRICTS[place - 1],
        )
        if place % 4 == 1:
            maker.paid("物流信息平台支持", 2023, platform.key, 50 * WAN, platform.values[("建设运营主体", None)], 所在区县=DISTRICTS[place - 1])
    for place in range(1, 37):
        maker.thing(
            "贷款",
            f"ZB-DK-{place:03d}",
            企业=maker.pick(firms).key,
            贷款银行="演示银行",
            担保机构="演示担保公司",
            单户贷款额度=maker.pick((8, 10, 200, 1000, 1200)) * WAN,
        )


def _percent(maker: Maker) -> object:
    from fractions import Fraction

    return Fraction(maker.pick((7250, 7999, 8000, 9350)), 10_000)
