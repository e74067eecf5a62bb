"""The messages of studies (DS1xx), in the form of messages_tables.py: severity, (summary, expected, found, remedy) in Chinese, the same in English."""

from __future__ import annotations

from .messages_tables import Row

STUDY_MESSAGES: dict[str, Row] = {
    # --- DS10x what is to be changed ---------------------------------------------------------------------------------------------------
    "DS101": (
        "error",
        ("没有这个可以改的数或口径", "口径、年度标准的项目、参数、总额之一：{expected}", "{found}", "{remedy}"),
        ("there is no such number or reading to change", "a reading, an open item, a parameter or a total: {expected}", "{found}", "{remedy_en}"),
    ),
    "DS102": (
        "error",
        ("这个值不能用", "{name}：{expected}", "{found}", "照应为的样子写。"),
        ("this value cannot be used", "{name}: {expected}", "{found}", "write it as expected."),
    ),
    "DS103": (
        "error",
        ("超过政策写明的上限", "{name} 不高于 {expected}", "{found}", "改小；要试算突破上限，先改政策文件。"),
        ("above the ceiling the policy states", "{name} at most {expected}", "{found}", "lower it; to study a higher ceiling change the policy first."),
    ),
    "DS104": (
        "error",
        ("组合太多", "不超过 {expected} 种", "{found} 种", "少试几个值，或分几次运行。"),
        ("too many combinations", "at most {expected}", "{found}", "try fewer values, or run several times."),
    ),
    "DS105": (
        "error",
        ("有几档，不知道改哪一档", "{expected}", "{found}", "写明是哪一档，或写百分数（按上限的几成）。"),
        ("there are several tiers; which one is meant is not said", "{expected}", "{found}", "name the tier, or give a percentage of the ceilings."),
    ),
    "DS106": (
        "error",
        ("看不懂要比较的是什么", "政策目录、年度标准文件（.md）或 名称=值，用 + 连接", "{found}", "照应为的样子写。"),
        ("what is to be compared cannot be read", "a policy folder, a standards file (.md) or name=value, joined by +", "{found}", "write it as expected."),
    ),
    # --- DS11x a total to fit ----------------------------------------------------------------------------------------------------------
    "DS111": (
        "error",
        ("没有这个总额", "{expected}", "{found}", "{remedy}"),
        ("there is no such total", "{expected}", "{found}", "{remedy_en}"),
    ),
    "DS112": (
        "error",
        ("总额未定，算不出哪个标准正好", "{name} 有本年的额度", "未定", "用 --amount 给一个额度，如 --amount 500万元，或写进年度标准文件。"),
        (
            "the total is not set, so no standard can be fitted to it",
            "an amount of the year for {name}",
            "not set",
            "give one with --amount, such as --amount 500万元, or write it into the year's standards.",
        ),
    ),
    "DS113": (
        "error",
        ("这个总额下面没有可以调的数", "{name} 覆盖的奖补里有“不超过”“最高”的标准", "{found}", "换一个总额，或写明要调的项目：--fit 总额=项目。"),
        (
            "nothing under this total can be adjusted",
            "an award under {name} whose standard has a ceiling",
            "{found}",
            "choose another total, or name the items: --fit TOTAL=ITEM.",
        ),
    ),
    "DS114": (
        "error",
        ("标准提高，申报合计反而减少，求不出唯一的答案", "申报合计随标准只增不减", "{found}", "用 --sweep 逐点列出再选。"),
        (
            "claims fall although the standard rises, so there is no single answer",
            "claims that never fall as the standard rises",
            "{found}",
            "list the points with --sweep and choose.",
        ),
    ),
    # --- DS12x classes -----------------------------------------------------------------------------------------------------------------
    "DS121": (
        "error",
        ("不能按它分类", "{expected}", "{found}", "{remedy}"),
        ("cannot classify by this", "{expected}", "{found}", "{remedy_en}"),
    ),
    "DS122": (
        "error",
        ("规模档写得不对", "数值的事实，后面可以跟从小到大的分界，如 网络零售额=500万元,2000万元", "{found}", "照应为的样子写。"),
        (
            "these size bands cannot be read",
            "a numeric fact, with ascending limits where wanted, such as 网络零售额=500万元,2000万元",
            "{found}",
            "write it as expected.",
        ),
    ),
}
