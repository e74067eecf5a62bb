"""One applicant whose claims end in every way, for the tests of what is printed: an enterprise with a park, two leases, booths, a platform,
an account, a shop of its own. Amounts are in 分.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from duixian.programme import Programme, Result
from duixian.values.facts import Facts, Paid

POLICIES = Path(__file__).resolve().parents[1] / "policies"
JINYUN = POLICIES / "jinyun-2025"
FIRM = "91331122MA0000001P"
YEAR = 2025
WAN = 1_000_000  # 一万元 in 分
LEDGER = (
    Paid("自建平台奖励", 2024, "PT-1", 10 * WAN, recipient=FIRM),
    Paid("达人号培育奖励", 2024, "抖音 + 缙云小店", 2 * WAN, recipient=FIRM),
)


def applicant() -> Facts:
    """Facts of the year 2025: everything an office would have on file, one figure left out."""
    facts = Facts(
        listed={"租约", "展位", "其他政策已付", "平台", "独立站", "平台入驻", "平台费用", "荣誉", "证书", "企业", "直播间", "园区", "达人号"}
    )

    def state(kind: str, key: str, once: dict[str, object], yearly: dict[str, dict[int, object]]) -> None:
        values = facts.add(kind, key).values
        values.update({(name, None): value for name, value in once.items()})
        values.update({(name, year): value for name, years in yearly.items() for year, value in years.items()})

    lawful = {"本县依法成立": {YEAR: True}, "守法诚信经营": {YEAR: True}, "弄虚作假": {YEAR: False}}
    state("企业", FIRM, {"名称": "缙云某某电子商务有限公司", "主体类型": "企业", "首次纳入限上年度": YEAR}, {
        **lawful, "纳入统计直报": {YEAR: True}, "所在园区": {YEAR: "YQ-1"}, "实体入驻": {YEAR: True}, "自主品牌": {YEAR: True},
        "网络零售额": {2023: 2000 * WAN, 2024: 2000 * WAN, YEAR: 2205 * WAN - 1}, "跨境电商出口额": {YEAR: 199_999_900},
    })  # fmt: skip
    state("园区", "YQ-1", {}, {
        "运营主体": {YEAR: FIRM}, "使用面积": {YEAR: 5000}, "网店数": {YEAR: 29}, "限上企业网络零售额": {2024: 21000 * WAN, YEAR: 60000 * WAN},
        "跨境电商园区": {YEAR: True}, "已认定": {YEAR: True},
    })  # fmt: skip
    for key, area, months in (("L-1", 1000, 12), ("L-2", 500, 6)):
        state("租约", key, {"企业": FIRM}, {"租用面积": {YEAR: area}, "租用月数": {YEAR: months}})
    for key, official, fee in (("F-1", True, 3 * WAN), ("F-2", True, 4 * WAN), ("F-3", False, 4 * WAN)):
        state("展位", key, {"企业": FIRM}, {"商务部门组织": {YEAR: official}, "展位费": {YEAR: fee}})
    state(
        "平台",
        "PT-1",
        {"企业": FIRM, "平台类型": "零售型", "网址": "shop.example", "上线年度": 2023},
        {"年销售额": {2024: 6000 * WAN, YEAR: 17000 * WAN}},
    )
    state("达人号", "抖音 + 缙云小店", {"直播平台": "抖音", "账号": "缙云小店"}, {
        "运营主体": {YEAR: FIRM}, "本地": {YEAR: True}, "粉丝数": {YEAR: 1_999_999}, "负面情形": {YEAR: False},
    })  # fmt: skip
    state("独立站", "brand.example", {"企业": FIRM, "上线年度": 2023}, {"年度跨境电商交易额": {2023: 9 * WAN, 2024: 9000 * WAN, YEAR: 30000 * WAN}})
    return facts


@cache
def programme(name: str = "jinyun-2025") -> Programme:
    return Programme.load(POLICIES / name)


@cache
def settled() -> Result:
    """The applicant settled under the policy's own readings."""
    return programme().settle(YEAR, applicant(), history=LEDGER)


def workbook(path: Path) -> Path:
    """The same facts and history as a workbook in the form of the template."""
    from duixian.tables.write_facts import write_facts

    write_facts(applicant(), LEDGER, programme().policy, YEAR, path)
    return path
