"""The words random policies are made of, and how often each form is drawn. Names, amounts and places are invented; nothing is official."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

YEAR = 2025
MARKS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒日月盈昃"
CHOSEN = ("一法", "二法", "三法")

# fact -> (type, unit); the same name is the same kind of fact on every object that has it
NUMBERS: dict[str, tuple[str, str]] = {
    "营业收入": ("金额", "元"), "零售额": ("金额", "元"), "研发费用": ("金额", "元"), "已付利息": ("金额", "元"), "投资额": ("金额", "元"),
    "出口额": ("金额", "美元"), "员工数": ("数量", "人"), "订单数": ("数量", "单"), "场次": ("数量", "场"), "机构数": ("数量", "个"),
    "面积": ("数量", "平方米"), "租用月数": ("数量", "月"), "全省名次": ("数量", "名"), "研发占比": ("比率", "%"), "出租率": ("比率", "%"),
}  # fmt: skip
SCORES = {"企业": "评审得分", "项目": "项目得分"}  # a score is declared on one object, so that the year's score sheet means one thing
OTHERS: dict[str, str] = {
    "规上": "是否", "自有": "是否", "示范": "是否", "新设": "是否", "成立日期": "日期", "开业日期": "日期", "认定日期": "日期", "成立年度": "年份",
    "首次规上年度": "年份", "品牌": "文字", "系列": "文字", "行业": "选项：制造业、批发业、零售业", "店型": "选项（可增）：社区店、商场店",
    "级别": "选项：国家级、省级、市级",
}  # fmt: skip
TEXTS = ("红", "蓝", "绿")
BEYOND = {"店型": ("地铁店",)}  # values outside an extendable list
COUNTS = ("人", "单", "场", "个")

LITERALS: dict[str, tuple[str, ...]] = {  # of each unit from the least up
    "元": ("0元", "1元", "100元", "333.33元", "1000元", "0.5万元", "1万元", "12345.67元", "5万元", "10万元", "50万元", "100万元", "1000万元", "0.1亿元"),
    "美元": ("100美元", "1万美元", "3.5万美元"), "人": ("1人", "3人", "10人", "20人"), "单": ("10单", "100单", "1万单"), "场": ("1场", "2场", "5场"),
    "个": ("1个", "2个", "3个"), "平方米": ("50平方米", "99.5平方米", "100平方米"), "月": ("1月", "6月", "12月"), "分": ("60分", "80分", "95分"),
    "名": ("1名", "3名", "10名"), "": ("5‰", "0.5%", "1%", "3%", "10%", "33.33%", "50%", "100%", "1.5倍"), "年": ("1年", "2年", "3年"),
}  # fmt: skip
AWARDS = {  # what an award pays, so that most of it is neither nothing nor everything
    "元": ("300元", "1000元", "0.5万元", "1万元", "12345.67元", "2万元", "5万元", "10万元", "20万元"),
}
PER = {"人": "元/人", "单": "元/单", "场": "元/场", "个": "元/个", "平方米": "元/平方米", "月": "元/月", "分": "元/分", "名": "元/名", "美元": "元/美元"}
RATES = ("0.5", "3", "10", "500", "1234.5")
DATES = ("2022-06-30", "2023-01-01", "2024-02-29", "2025-01-01", "2025-03-31", "2025-06-30", "2025-12-31")
YEARS = (2021, 2022, 2023, 2024, 2025)
AT_LEAST = ("超过(含)", "超（含）", "大于等于", "不低于", "不少于", "达到", "实现", "至少", "满", "达")
ABOVE = ("超过", "大于", "高于", "多于", "突破", "高出", "超")
AT_MOST = ("不超过", "不高于", "不多于", "至多")
BELOW = ("不满", "不足", "低于", "小于", "少于", "未达到", "达不到")
AFTER = ("以上", "及以上", "或以上", "（含）以上", "起 ")
UNDER = ("以下", "及以下", "或以下", "（含）以下", "以内")
ROUNDINGS = ("四舍五入到分", "舍去到分", "四舍五入到元", "舍去到元", "四舍五入到万元", "舍去到万元")


@dataclass(slots=True)
class Weights:
    """How often an optional form is drawn, 0 to 1; any may be changed by name."""

    values: dict[str, float] = field(default_factory=dict)

    _DEFAULTS = {  # noqa: RUF012
        # the vocabulary
        "主体": 0.75, "镇": 0.7, "门店": 0.75, "柜台": 0.5, "荣誉": 0.4, "项目": 0.4, "连锁企业": 0.35, "yearly relation": 0.35, "起年": 0.65, "算法": 0.5,
        # blocks
        "认定": 0.45, "登记": 0.4, "就高": 0.6, "总额": 0.6, "通则": 0.8, "年度文件": 0.85,
        # clauses of an award
        "受益人": 0.35, "条件": 0.5, "任一": 0.12, "否决": 0.25, "值": 0.35, "档次表": 0.5, "频次": 0.75, "晋档": 0.5, "封顶": 0.55, "先后": 0.35, "名额": 0.3,
        "并列": 0.6, "舍入": 0.2, "出资": 0.2, "叠加": 0.12, "简单": 0.22, "期间": 0.12, "时点": 0.12, "另定档次表": 0.05, "最高最低": 0.25,
        # expressions
        "口径": 0.07, "参数": 0.04, "待定": 0.05, "上限": 0.28, "平分": 0.3, "时长": 0.45, "合计": 0.3, "与合计": 0.2,
    }  # fmt: skip

    def __getitem__(self, name: str) -> float:
        return self.values.get(name, self._DEFAULTS[name])

    def __call__(self, rng: Random, name: str) -> bool:
        """Whether to draw a form this time."""
        return rng.random() < self[name]
