"""The English of everything a study says; the Chinese stands in the code, as elsewhere. A test holds the two together, both ways.

Names of awards, facts, readings and classes are the policy's own and are never translated.
"""

from __future__ import annotations

import re
from typing import Any

from ..values.labels import amount_text
from ..values.messages import Language
from .words_more import MORE

WORDS: dict[str, str] = {
    # --- the command line ---------------------------------------------------------------------------------------------------------------
    "测算：花多少、谁得谁失、断崖、哪个标准正好、扫描": "study: cost, gainers and losers, cliffs, standards that fit, sweeps",
    "政策目录（里面有 policy.md）": "policy folder (with policy.md in it)",
    "年度": "Year",
    "数据表（xlsx、csv、parquet）或放着它们的目录，可以有几个": "tables (xlsx, csv, parquet) or folders of them; several are allowed",
    "以前的兑现": "earlier payments",
    "年度标准，缺省为政策目录里的 standards-年度.md": "the year's standards; by default standards-YEAR.md of the policy folder",
    "口径=选项": "READING=OPTION",
    "改选一个口径，可以写几次": "choose another reading; may be repeated",
    "名称": "NAME",
    "按对象、关系或事实分类，缺省按乡镇（有的话）": "classify by an object type, relation or fact; by default 乡镇 where there is one",
    "事实=界,界": "FACT=LIMIT,LIMIT",
    "规模档；不写分界就用政策里的界限": "size bands; without limits, the policy's own boundaries",
    "甲": "A",
    "乙": "B",
    "比较两种情形：政策目录、年度标准文件（.md）或 名称=值，用 + 连接；可以写几次": "compare two scenarios: a policy folder, a standards file (.md) or name=value, joined by +; may be repeated",
    "总额": "Total",
    "求正好用满这个总额的标准；总额=项目、项目 指定调哪些": "solve for the standards that just fit this total; TOTAL=ITEM、ITEM says which",
    "金额": "AMOUNT",
    "--fit 用的额度，代替本年的": "the amount --fit uses in place of the year's",
    "--fit 的标准以它为一步，如 0.1元、1000元；缺省一分": "the step of standards for --fit, such as 0.1元 or 1000元; by default one fen",
    "名称=值,值": "NAME=VALUE,VALUE",
    "逐个试这些值；写几次就是全部组合": "try these values one by one; repeated, every combination",
    "只回答写明的问题，不做花多少和断崖": "answer only what is asked, without cost and cliffs",
    "得失最大的列几笔，缺省 20": "how many of the largest gains and losses are listed, 20 by default",
    "文字": "TEXT",
    "数据是什么，如 合成数据；缺省看数据文件自己怎么说": "what the data is, such as 合成数据; by default what the files say themselves",
    "报告上的日期；不写就没有日期": "the date on the report; none unless given",
    "用哪个引擎：缺省 parquet 用 duckdb，其余用解释器；结果一样": "which engine: by default duckdb for parquet, else the interpreter; the results are the same",
    "网页报告写到哪里": "where the HTML report goes",
    "工作簿写到哪里": "where the workbook goes",
    "读数据": "reading the data",
    "写报告": "writing the report",
    "现行口径和标准": "readings and standards as they are",
    "结果在 {path}": "the result is in {path}",
    "没有写文件：加 --html 或 -o 得到完整的报告。": "No file was written: add --html or -o for the whole report.",
    # --- cost ---------------------------------------------------------------------------------------------------------------------------
    "花多少": "What it costs",
    "应付 {amount}；连同暂估，{payees} 家（户、人）得到。": "{amount} payable; with estimates, {payees} payees get something.",
    "另有暂估 {amount}：本年标准未定，不能支付。": "Another {amount} is estimated: the year's standard is not set, so it cannot be paid.",
    "{count} 笔等待补充，还没有金额，没有算在内。": "{count} claims wait for data; they have no amount yet and are not counted.",
    "没有一家符合条件：下面各表的金额都是零，结果的分布看“各项奖补”。": "Nobody qualifies: every amount below is zero; how claims ended is under “Awards”.",
    "没有按“{name}”分：本政策的对象和受益人都没有这一项，或者数据里没有填。": "Not broken down by “{name}”: neither objects nor payees of this policy have it, or the data does not say.",
    "标准算出（舍入后）": "By the standards (rounded)",
    "频次、晋档": "Frequency, upgrade",
    "封顶": "Caps",
    "名额": "Places",
    "就高、其他政策": "Highest only, other policies",
    "总额核减": "Totals",
    "暂估，不能支付": "Estimates, not payable",
    "应付": "Payable",
    "钱的瀑布：每一步拿掉多少": "The waterfall of money: what each stage takes away",
    "从符合条件的各笔按标准算出的钱开始，每一步拿掉多少（斜纹），最后剩下应付。单位{unit}。": "From what the standards give to all who qualify, what each stage takes away (hatched), to what is payable. In {unit}.",
    "步骤": "Stage",
    "拿掉（元）": "Taken away (yuan)",
    "余下（元）": "Left (yuan)",
    "占算出的": "Of the first",
    "瀑布": "Waterfall",
    "各项奖补": "Awards",
    "各项奖补的应付（深）和暂估（浅）。单位{unit}。": "Payable (dark) and estimated (light) by award. In {unit}.",
    "条款": "Clause",
    "奖补": "Award",
    "得到的家数": "Payees",
    "应付（元）": "Payable (yuan)",
    "含暂估（元）": "With estimates (yuan)",
    "合计": "Total",
    "得到的家数的合计每家只数一次。": "The total counts each payee once.",
    "范围": "Extent",
    "额度（元）": "Amount (yuan)",
    "已用（元）": "Used (yuan)",
    "申报合计（元）": "Claimed (yuan)",
    "核给（元）": "Granted (yuan)",
    "超出（元）": "Over (yuan)",
    "办法": "Met by",
    "待补充笔数": "Waiting",
    "全部": "all",
    "未定": "not decided",
    "有的总额未定：没有做总额控制。": "A total is not set: nothing was held against it.",
    "按{name}": "By {name}",
    "{title}：应付（深）和暂估（浅）。单位{unit}。": "{title}: payable (dark) and estimated (light). In {unit}.",
    "只画最大的 {count} 类，其余 {more} 类在表里。": " The largest {count} are drawn, {more} more are in the table.",
    "{name}": "{name}",
    "得到的笔数": "Grants",
    "占比": "Share",
    "未填": "not stated",
    "无": "none",
    "（没有这一项）": "(does not apply)",
    "是": "yes",
    "否": "no",
    "一家得多少": "How much one payee gets",
    "家": "payees",
    "一家得到": "One payee gets",
    "家数": "Payees",
    "合计（元）": "Together (yuan)",
    "{low} 以上": "{low} or more",
    "不足 {high}": "under {high}",
    "{low} 起": "from {low}",
    "{low} 至不足 {high}": "{low} to under {high}",
    "一家（按受益人合计，含暂估）得多少。中位数 {median}；得得最多的十分之一合起来得 {share}。": "How much one payee gets (all awards, estimates included). Median {median}; the tenth who get most get {share} together.",
    # --- outcomes -----------------------------------------------------------------------------------------------------------------------
    "取消": "cancelled",
    "已享受": "already awarded",
    "不符合": "not met",
    "待补充": "waiting",
    "封顶已满": "cap used up",
    "暂估": "estimate",
    "可付": "payable",
    "可登记": "registrable",
    **MORE,
}


def say(text: str, language: Language = "zh", /, **details: Any) -> str:
    """A sentence of a study in one language, its {names} filled in."""
    return (text if language == "zh" else WORDS[text]).format(**details)


def money_text(fen: int, language: Language = "zh") -> str:
    """An amount in a sentence: 500万元 where it is whole, else thousands grouped, so that it can be read: 4,989,944.96元."""
    return re.sub(r"(?<![.\d])\d{5,}", lambda found: f"{int(found.group()):,}", amount_text(fen, language))
