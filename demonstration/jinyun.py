"""缙云 2025: about 300 invented applicants for every award of the county's draft, with three years of payments behind them."""

from __future__ import annotations

from duixian.policy.model import Policy
from duixian.values.facts import NONE, Thing
from duixian.values.terms import REPEALED

from .maker import WAN, YI, Maker, or_none

LEVELS = ("国家级", "省级", "市级", "县级")


def make_jinyun(policy: Policy, year: int = 2025) -> Maker:
    """The county's facts and ledger."""
    maker = Maker(policy, year, "缙云", "331122", 20250101)
    maker.listed(
        "主体",
        "企业",
        "园区",
        "平台",
        "平台入驻",
        "租约",
        "展位",
        "平台费用",
        "直播间",
        "达人号",
        "独立站",
        "荣誉",
        "证书",
        "主播",
        "带货",
        "活动支出",
        "其他政策已付",
    )
    operators = [_body(maker, "主体", maker.code(), f"缙云演示园区运营{place}号有限公司", "企业") for place in range(1, 9)]
    people = [_body(maker, "主体", f"JY-GR-{place:03d}", maker.person_name(), "自然人") for place in range(1, 23)]
    parks = _parks(maker, operators)
    firms = [_firm(maker, parks, place) for place in range(225)]
    anchors = _anchors(maker)
    _belongings(maker, firms)
    _platforms(maker, firms)
    _live(maker, firms, people, anchors)
    _titles(maker, firms, people)
    _abroad(maker, firms)
    for place in range(1, 15):
        maker.thing("活动支出", f"JY-PZ-{place:03d}", 支出事项="演示活动", 收款单位="演示服务商", 支出金额=maker.money(2 * WAN, 40 * WAN, 100))
    cheat = next(firm for firm in firms if firm.values.get(("弄虚作假", year)))
    maker.paid("展位费补助", year, cheat.key, 18_000_00, cheat.key)
    return maker


def _body(maker: Maker, kind: str, key: str, name: str, what: str) -> Thing:
    lawful = {"本县依法成立": True, "守法诚信经营": not maker.chance(2) if not maker.chance(1.5) else None, "弄虚作假": maker.chance(1.5)}
    return maker.thing(kind, key, lawful, 名称=name, 主体类型=what)


def _parks(maker: Maker, operators: list[Thing]) -> list[Thing]:
    parks = []
    for place in range(1, 13):
        park = maker.thing(
            "园区",
            f"JY-YQ-{place:02d}",
            {
                "运营主体": maker.pick(operators).key,
                "已认定": place != 7,
                "跨境电商园区": place % 3 == 0,
                "使用面积": maker.pick((3200, 5000, 5600, 7800, 12000)),
                "网店数": maker.pick((18, 30, 42, 60, 95)),
                "综合评价得分": None if place == 9 else maker.rng.randrange(58, 97) if place % 3 == 0 else None,
            },
            开园年度=maker.rng.randrange(2015, 2024),
        )
        parks.append(park)
    return parks


def _firm(maker: Maker, parks: list[Thing], place: int) -> Thing:
    year = maker.year
    firm = _body(maker, "企业", maker.code(), maker.firm_name(), "企业" if not maker.chance(8) else maker.pick(("个体工商户", "农民专业合作社")))
    founded = maker.rng.randrange(2008, year + 1)
    now = maker.pick(
        (maker.money(50 * WAN, 480 * WAN), maker.money(500 * WAN, 1990 * WAN), maker.money(2000 * WAN, 9000 * WAN), maker.money(1 * YI, 6 * YI))
    )
    now = {3: 2000 * WAN, 4: 5000 * WAN, 5: 500 * WAN}.get(place, now)
    last = int(now / maker.pick((0.85, 1.02, 1.1, 1.18, 1.35, 1.7)))
    park = maker.pick(parks).key if maker.chance(45) else None
    newcomer = park is not None and maker.chance(25)
    maker.series(firm, "网络零售额", [or_none(int(last / 1.06) if founded < year - 1 else None), or_none(last if founded < year else None), now])
    maker.series(firm, "所在园区", [or_none(None if newcomer else park), or_none(park)])
    maker.series(firm, "限上", [last >= 2000 * WAN and founded < year, now >= 2000 * WAN])
    reporting = maker.chance(85)
    exporter = place % 4 == 0
    maker.state(
        firm,
        {
            "实体入驻": park is not None and not maker.chance(10),
            "纳入统计直报": reporting if park or not maker.chance(3) else None,
            "自主品牌": maker.chance(55),
            "跨境出口额": maker.pick((60, 100, 130, 260)) * 100_000_00 if exporter else 0,
            "跨境电商出口额": maker.pick((150, 200, 480, 900)) * WAN if exporter else 0,
        },
        year,
    )
    firm.values[("成立年度", None)] = founded
    since = NONE if now < 2000 * WAN else year if newcomer and maker.chance(80) else maker.rng.randrange(max(founded, 2018), year + 1)
    firm.values[("首次纳入限上年度", None)] = since
    if since is not NONE and isinstance(since, int) and since < year and park and maker.chance(30):
        maker.paid("引进企业奖励", max(since, 2022), firm.key, 5 * WAN, parks[0].values[("运营主体", year)], REPEALED)
    return firm


def _belongings(maker: Maker, firms: list[Thing]) -> None:
    """Leases, booths and fees. A figure now and then has not been handed in yet."""
    for place, firm in enumerate(firms):
        for number in range(maker.pick((0, 1, 1, 2))):
            area = maker.pick((120, 300, 1000, 2600, 6950))
            months = maker.pick((6, 12, 12))
            maker.thing(
                "租约",
                f"JY-HT-{place:03d}-{number}",
                {"租用面积": area if not maker.chance(2) else None, "租用月数": months, "已付租金": area * months * 900},
                企业=firm.key,
            )
        for number in range(maker.pick((0, 0, 1, 2))):
            maker.thing(
                "展位",
                f"JY-FP-{place:03d}-{number}",
                {"商务部门组织": maker.chance(85), "展位费": maker.money(6_000_00, 32_000_00, 100)},
                企业=firm.key,
            )
        for number in range(maker.pick((0, 1, 3)) if place % 4 == 0 else 0):
            maker.thing(
                "平台费用",
                f"JY-FY-{place:03d}-{number}",
                {"费用金额": maker.money(5_000_00, 120_000_00, 1)},
                企业=firm.key,
                费用类别=maker.pick(("注册费", "服务费", "推广费", "培训费")),
                第三方平台收款=maker.chance(90),
            )
        if maker.chance(4):
            maker.facts.claims.setdefault(("展位费补助", firm.key), {})[("其他政策已付", maker.year)] = maker.money(2_000_00, 20_000_00, 100)


def _platforms(maker: Maker, firms: list[Thing]) -> None:
    year = maker.year
    for place in range(26):
        firm = maker.pick(firms)
        kind = maker.pick(("零售型", "批发型"))
        since = 2021 if place == 2 else maker.rng.randrange(2021, year + 1)
        now = 8 * YI if place == 2 else maker.pick((4800 * WAN, 5000 * WAN, 7200 * WAN, 3 * YI, 8 * YI))
        platform = maker.thing("平台", f"JY-PT-{place:02d}", 企业=firm.key, 平台类型=kind, 网址=f"pt{place:02d}.example.cn", 上线年度=since)
        maker.series(platform, "年销售额", [or_none(now * 3 // 5 if since < year else None) if place != 5 else None, now])
        if since < year:
            for back in range(1, min(3, year - since) + 1):
                maker.paid("自建平台奖励", year - back, platform.key, (40 if place == 2 else 10) * WAN, firm.key, REPEALED)
    exporters = [firm for firm in firms if firm.values[("跨境出口额", year)]]
    exporters[0].values[("跨境出口额", year)] = 260 * 100_000_00  # seven platforms, of which the yearly cap pays five
    for place, firm in enumerate(exporters):
        for number in range(7 if place == 0 else maker.pick((0, 1, 2))):
            name = f"演示出口平台{number + 1}"
            maker.thing(
                "平台入驻",
                f"{firm.key} + {name}",
                {"平台零售额": maker.pick((0, 1, 1) if place else (1,)) * maker.money(1_000_00, 300 * WAN, 100)},
                企业=firm.key,
                平台名称=name,
                入驻方式=maker.pick(("入驻", "自建")),
                网址=f"store{place:03d}-{number}.example.com",
                入驻日期=maker.day(maker.pick((year - 1, year, year) if place else (year,))),
            )


def _live(maker: Maker, firms: list[Thing], people: list[Thing], anchors: list[Thing]) -> None:
    for place in range(24):
        firm = maker.pick(firms)
        room = maker.thing(
            "直播间", f"JY-ZB-{place:02d}", 创建主体=firm.key, 绿色直播间级别=maker.pick(("省级", "省级", "市级")), 首次评定=maker.chance(80)
        )
        if maker.chance(20):
            maker.paid("绿色直播间奖励", maker.pick((2023, 2024)), room.key, 5_000_00, firm.key, REPEALED)
    for place in range(48):
        owner = maker.pick(people) if maker.chance(20) else maker.pick(firms)
        fans = maker.pick((400_000, 1_000_000, 1_600_000, 2_000_000, 5_200_000, 11_000_000))
        account = maker.thing(
            "达人号",
            f"演示平台{place % 3 + 1} + JY{place:04d}",
            {
                "运营主体": owner.key,
                "本地": maker.chance(90),
                "粉丝数": fans if not maker.chance(4) else None,
                "负面情形": maker.chance(6),
            },
            使用人=maker.pick(anchors).key,
        )
        if fans >= 1_000_000 and maker.chance(25):
            maker.paid("达人号培育奖励", maker.pick((2022, 2023, 2024)), account.key, 2 * WAN, owner.key, REPEALED)


def _anchors(maker: Maker) -> list[Thing]:
    anchors = []
    for place in range(1, 46):
        anchor = _body(maker, "主播", f"JY-ZBR-{place:03d}", maker.person_name(), "自然人")
        maker.state(
            anchor,
            {
                "粉丝数": maker.pick((300_000, 1_000_000, 1_000_001, 3_500_000)),
                "签约主体类型": maker.pick(("MCN机构", "电商服务型企业", "纳入统计电商企业", "其他")),
            },
            maker.year,
        )
        for number in range(maker.pick((0, 1, 2, 3))):
            name = f"演示带货企业{number + 1}"
            maker.thing(
                "带货",
                f"{anchor.key} + {name}",
                {"本县企业": maker.chance(80), "带货额": maker.money(200 * WAN, 1500 * WAN, 100)},
                主播=anchor.key,
                企业名称=name,
            )
        if maker.chance(8):
            maker.paid("主播贡献奖励", 2024, anchor.key, 10 * WAN, anchor.key, REPEALED)
        anchors.append(anchor)
    return anchors


def _titles(maker: Maker, firms: list[Thing], people: list[Thing]) -> None:
    year = maker.year
    for place in range(26):
        firm, series = maker.pick(firms), maker.pick(("电子商务示范企业", "电子商务示范基地", "绿色直播间", "数字商务企业"))
        level, number = maker.pick(LEVELS[:3]), f"演商发〔{year}〕{place + 1}号"
        maker.thing("荣誉", f"{number} + {series}", 获得主体=firm.key, 荣誉系列=series, 荣誉级别=level, 商务系统评定=maker.chance(90),
                    认定类型=maker.pick(("新认定", "新认定", "延续认定")), 认定日期=maker.day(year))  # fmt: skip
        if level == "国家级" and maker.chance(50):
            maker.paid(
                "荣誉奖励",
                2023,
                f"演商发〔2023〕{place + 1}号 + {series}",
                5 * WAN,
                firm.key,
                REPEALED,
                "省级",
                10 * WAN,
                获得主体=firm.key,
                荣誉系列=series,
            )
    for place in range(36):
        firm = maker.pick(firms)
        maker.thing(
            "证书",
            f"JY-ZS-{place:03d}",
            企业=firm.key,
            持证人=maker.pick(people).key,
            培训项目=f"演示培训{place % 5 + 1}",
            证书级别=maker.pick(LEVELS[:3]),
            商务部门组织=maker.chance(90),
            组织层级=maker.pick(LEVELS),
        )


def _abroad(maker: Maker, firms: list[Thing]) -> None:
    year = maker.year
    for place in range(22):
        firm, since = maker.pick(firms), maker.rng.randrange(year - 3, year + 1)
        site = maker.thing("独立站", f"site{place:02d}.example.com", 企业=firm.key, 网址=f"site{place:02d}.example.com", 上线年度=since)
        sales = [maker.pick((30, 90, 150, 199)) * WAN for _ in range(year - since)] + [maker.pick((120, 200, 350)) * WAN]
        if place == 4:
            sales[0] = 230 * WAN
        maker.series(site, "年度跨境电商交易额", sales)
