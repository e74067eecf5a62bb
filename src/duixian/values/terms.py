"""Closed vocabularies that more than one room speaks."""

from __future__ import annotations

from enum import Enum


class Outcome(Enum):
    """How a claim ends (结果), in order of precedence: the first that applies is the one that is said."""

    CANCELLED = "取消"
    ALREADY_AWARDED = "已享受"
    NOT_MET = "不符合"
    NEEDS_DATA = "待补充"
    CAP_EXHAUSTED = "封顶已满"
    PROVISIONAL = "暂估"
    PAYABLE = "可付"
    REGISTRABLE = "可登记"

    @property
    def rank(self) -> int:
        return _RANK[self]


_RANK = {outcome: place for place, outcome in enumerate(Outcome)}


class Waits(Enum):
    """Whom an undecided claim waits for (等谁)."""

    APPLICANT = "申报单位补充"
    OFFICE = "主管部门确定"
    CYCLE = "本批次结算"


# 历史: which document an earlier payment was made under
THIS_POLICY, REPEALED, OTHER_POLICY = "本政策", "被废止文件", "其他政策"
DOCUMENTS = (THIS_POLICY, REPEALED, OTHER_POLICY)

# Facts of a claim that no policy declares: what other policies paid for the same (a table of its own), the day it was handed in, whether its applicant chose it
OUTSIDE, APPLIED_ON, CHOSEN = "其他政策已付", "申报日期", "申报单位选择"
