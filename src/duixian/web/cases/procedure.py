"""The procedure table (程序) of a policy or a year's file as the stages this system knows. Words of the field decide, not names of any policy."""

from __future__ import annotations

import re
from typing import Any

# stage -> (what staff call it, the words by which a step is recognised; the first stage that has one wins)
STAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "apply": ("申报", ("申报", "申请", "提交")),
    "verify": ("属地核实", ("核实", "初审", "属地", "推荐")),
    "audit": ("审计", ("审计", "会计师", "专项审核")),
    "review": ("审核", ("审核", "受理", "复审", "审查")),
    "notice": ("公示", ("公示",)),
    "pay": ("拨付", ("拨付", "拨款", "兑付", "兑现", "支付")),
    "correct": ("补正", ("补正",)),  # no step of the way: how long a firm has to come back
}
_LIMIT = re.compile(r"(\d+)\s*个?(工作日|日|天)")


def stage_of(name: str) -> str | None:
    """Which stage a step's name means; None where no word of the field is in it."""
    return next((stage for stage, (_, words) in STAGES.items() if any(word in name for word in words)), None)


def steps_of(rows: list[dict[str, str]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows of a 程序 table (步骤, 席位, 时限, 结果) as steps, and the names no stage was found for.

    A step: stage, name, seat, days (None: no limit set), unit (工作日 or 日), results.
    """
    steps, unknown = [], []
    for row in rows:
        name = row.get("步骤", "").strip()
        stage = stage_of(name)
        if stage is None:
            unknown.append(name)
            continue
        limit = _LIMIT.search(row.get("时限", ""))
        results = [word for word in re.split(r"[、，,]", row.get("结果", "")) if word.strip()]
        steps.append({"stage": stage, "name": name, "seat": row.get("席位", ""), "days": int(limit.group(1)) if limit else None,
                      "unit": "工作日" if limit and limit.group(2) == "工作日" else "日", "results": results})  # fmt: skip
    return steps, unknown


def has(procedure: list[dict[str, Any]], stage: str) -> bool:
    """Whether a cycle's procedure has a stage; one without a table has all but the audit."""
    return stage != "audit" if not procedure else any(step["stage"] == stage for step in procedure)
