"""What the language refuses, and what it says to do instead: words of real policies whose meaning is not an amount it can compute.

Source: docs/grammar.md 不支持的写法.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .model import Policy

# (pattern in a clause value or block kind, summary, remedy, remedy in English)
_REFUSALS = [
    (r"分[二三四五两\d]+年(兑现|兑付|拨付)|分期(兑现|兑付|拨付)?",
     "“分年兑付”是付款安排，规则只算应得总额，不排付款年度",
     "照写 标准 与 封顶，另写 #### 程序 分年拨付；金额按全额显示并注明“分年拨付”。",
     "compute the whole amount and write #### 程序 分年拨付 for the instalments."),
    (r"须退回|应退回|达不到.*退回|予以退回",
     "“须退回”是付款之后的义务，不能写成标准或负数",
     "写 #### 程序 退回条件（事由、期限、退回范围）；退回走“追回”。",
     "write #### 程序 退回条件; repayment goes through recovery."),
    (r"高管|团队分配|核心团队",
     "受益人必须是一个主体：原文没有各人份额",
     "写 受益人：企业，并加 #### 程序 转付高管（名单、各人金额，合计须等于奖补额）。",
     "pay the enterprise and write #### 程序 转付高管."),
    (r"贴息|LPR|基准利率",
     "贴息只接受事实“已付利息”乘以比例",
     "写成 合计(贷款, 已付利息) × 50%；按本金、利率、天数推算利息不支持：计息天数与基数各行不同。",
     "use the fact 已付利息 times a ratio."),
    (r"分担|市县(区)?\d*[:：]\d*",
     "分担比例不影响企业应得",
     "写 出资：另定 市区县分担；报表按比例拆分不在规则里。",
     "the share does not change the award; write 出资：另定 …."),
    (r"超过部分.*再超过部分|累进|分段累计",
     "没有累进档表",
     "每段写一个 值，数字都用原文的：值：一段 = (超出部分(x, 500万元) − 超出部分(x, 1000万元)) × 1%，……，标准：一段 + 二段。",
     "write one 值 a band with 超出部分 and add them."),
    (r"按得分分配|加权分配",
     "按得分加权分配不支持",
     "给出 名额 与 标准，或把各家金额作为一事一议的决定登记（标准：决定金额）。",
     "use 名额 and 标准, or register decided amounts."),
    (r"列全[省国市].*位",
     "这里排的是全体，不是申报者",
     "用公布的名次作事实：条件：全省名次 前5位。",
     "use the published rank as a fact."),
    (r"前\s*(百分之|\d+(\.\d+)?\s*[%％])",
     "名额只数个数，不按百分比取",
     "由主管部门排出各家的名次占比，作为公布的事实：条件：名次占比 10%以内。",
     "use the share of the published rank as a fact."),
    (r"^除\s.*外$|除外",
     "例外写成条件",
     "不要的写 不属于 甲、乙 或 非 (…)；例外里的例外再写一层：非 国有 或 上市公司。",
     "write an exception as a condition: 不属于, or 非 (…); an exception to it with 或."),
    (r"连续[二两三四五\d]+年|累计[二两三四五\d]+[年次]",
     "几年的事写成各年的条件",
     "逐年增长写 连续增长(x, 3年)；每年都达到写 x 达到 N 且 上年(x) 达到 N 且 前年(x) 达到 N；几年合计的，在词汇里写成一个事实的算法：x + 上年(x) + 前年(x)。",
     "write 连续增长(x, 3年), or a condition for each year with 上年, 前年; a sum over years is the 算法 of a fact."),
    (r"适当|酌情|不等|视情",
     "没有可算的数",
     "写 标准：决定金额（一事一议，来源为决定的事实），或 - 不计算：其他支持，理由。",
     "use a decided amount as a fact, or set the sentence aside."),
    (r"免费提供|统筹安排|免收",
     "实物支持不计金额",
     "写 - 不计算：其他支持，理由；其条件可写成 认定。",
     "set it aside as 其他支持."),
    (r"每半年|每季度|每月度",
     "期间只支持一个自然年之内或跨年的一段日子，不支持每半年、每季度",
     "每一段写一个 奖补，各用 期间：当年1月1日至6月30日。",
     "write one award a window with 期间."),
]  # fmt: skip


_QUOTED = re.compile("【[^】]*】")  # names a reading, whatever it says


def refusal(text: str, names: Iterable[str] = ()) -> dict[str, str] | None:
    """The details of DX213 for a clause the language refuses; None where no refusal fits. A word within one of these names is no clause."""
    text = _QUOTED.sub(" ", text)
    for name in names:
        text = text.replace(name, " ")
    for pattern, summary, remedy, remedy_en in _REFUSALS:
        found = re.search(pattern, text)
        if found:
            return {"found": found.group(), "summary": summary, "remedy": remedy, "remedy_en": remedy_en}
    return None


def names_with_refused_words(policy: Policy) -> tuple[str, ...]:
    """What the policy calls by a name in which such a word stands (贷款贴息额), the longest first."""
    return tuple(sorted({name for name in _names(policy) if refusal(name)}, key=lambda name: (-len(name), name)))


def _names(policy: Policy) -> Iterator[str]:
    for declared in policy.vocabulary.objects.values():
        yield declared.name
        for fact in declared.facts.values():
            yield from (fact.name, *fact.options)
    for block in policy.document.blocks:
        yield block.name
        yield from (bullet.value.replace("＝", "=").partition("=")[0].strip() for bullet in block.bullets if bullet.key == "值")
        yield from (table.head[-1].text for table in block.tables)
