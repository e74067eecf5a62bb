"""Which constructs of the language the drawn policies really used, counted by walking what the parser read."""

from __future__ import annotations

from collections import Counter
from typing import Any

from duixian.policy.model import Policy
from duixian.policy.readings import records, walk
from duixian.policy.syntax import (
    Aggregate,
    Binary,
    Call,
    Choice,
    Frequency,
    In,
    Is,
    Limited,
    Number,
    Open,
    OrdinalTest,
    Path,
    Places,
    Scope,
    Step,
    Tiers,
    Time,
    Word,
    YearIndex,
)
from duixian.policy.vocabulary import CLAIM

from .facts import World


def constructs(world: World) -> Counter[str]:
    """construct → how often it stands in this policy, its vocabulary and this year's file."""
    policy = world.policy
    found: Counter[str] = Counter()
    for _, record in records(policy):
        for node in walk(record):
            found.update(_of_node(node))
    _of_vocabulary(policy, found)
    _of_blocks(policy, found)
    standards = world.standards
    found.update({
        "年度文件：标准": len(standards.settings), "年度文件：参数": len(standards.parameters), "年度文件：口径": len(standards.choices), "年度文件：就高": len(standards.groups),
        "年度文件：总额": len(standards.totals), "年度文件：分档": len(standards.tables), "年度文件：计分": len(standards.scores), "命令行口径": len(world.choices),
    })  # fmt: skip
    return Counter({name: count for name, count in found.items() if count})


def _of_node(node: Any) -> list[str]:
    if isinstance(node, Call):
        return [f"函数 {node.function}"]
    if isinstance(node, Aggregate):
        return [f"函数 {node.function}{' 其中' if node.where is not None else ''}", *(["列表走关系"] if len(node.path.names) > 1 else [])]
    if isinstance(node, Binary):
        return [f"算式 {node.operator}"]
    if isinstance(node, Step):
        return [f"步进 {node.word if isinstance(node.word, str) else '【】'}"]
    if isinstance(node, Limited):
        return [name for name, bound in (("最高", node.most), ("最低", node.least)) if bound is not None]
    if isinstance(node, Choice):
        return [f"口径 {node.slot.split(':')[0]}"]
    if isinstance(node, Open):
        return [f"待定 {node.word}{' 名' if node.name else ''}"]
    if isinstance(node, OrdinalTest):
        return ["第N年" if isinstance(node.left, YearIndex) else "名次"]
    if isinstance(node, YearIndex):
        return [f"年序 {node.basis}"]
    if isinstance(node, Is):
        return [f"是 {'值' if isinstance(node.value, str) else '式'}{' 非' if node.negated else ''}"]
    if isinstance(node, In):
        return [f"属于{' 非' if node.negated else ''}"]
    if isinstance(node, Path):
        return [f"路径 {len(node.names)} 步", *(f"内置 {node.names[0]}" for name in ("本年", "本年末", "政策起日", "政策止日", "政策起年", "受益人", "申报", "计算额") if node.names[0] == name)]
    if isinstance(node, Time):
        return [f"期间 {node.kind}"]
    if isinstance(node, Scope):
        return [f"范围 {len(node.keys)} 键", *(["与合计"] if node.together else [])]
    if isinstance(node, Frequency):
        return [f"频次 {'不限' if node.times is None else '一次' if node.times == 1 else 'K次'}{' 最多' if node.most_years and not node.from_first else ''}{' 自首年' if node.from_first else ''}"]
    if isinstance(node, Places):
        return ["名额 每档" if node.by_tier else "名额 分组" if node.keys else "名额", "名额 自选" if node.order is None else f"名额 {'高' if node.descending else '低'}在前"]
    if isinstance(node, Tiers):
        return ["整张另定" if node.open_whole else f"档次表 {len(node.heads)} 列", *(["档次表名额"] if any(row.places for row in node.rows) else []), *(f"表头 {head}" for head in node.heads if head in ("情形", "年次"))]
    return [] if isinstance(node, (Number, Word)) else [type(node).__name__]


def _of_vocabulary(policy: Policy, found: Counter[str]) -> None:
    for name, declared in policy.vocabulary.objects.items():
        if name == CLAIM:
            continue
        found[f"对象 {name}"] += 1
        found.update([label for label, has in (("属于", declared.parent), ("是", declared.is_a), ("起年", declared.start_fact)) if has])
        for fact in declared.facts.values():
            found[f"事实 {fact.type_text.split('：')[0] if fact.kind != 'object' else '关系'}{' 按年' if fact.yearly else ''}"] += 1
            if fact.formula is not None:
                found[f"算法 {fact.kind}{' 按年' if fact.yearly else ''}"] += 1


def _of_blocks(policy: Policy, found: Counter[str]) -> None:
    for rule in policy.rules.values():
        found[f"块 {rule.kind}{rule.decision}"] += 1
        found.update([label for label, has in (
            ("受益人", rule.beneficiary), ("时点", rule.timing), ("期间窗口", rule.window), ("任一", rule.any_of), ("否决", rule.vetoes), ("值", rule.values),
            ("先后", rule.order), ("舍入", rule.rounding), ("出资", rule.funding), ("叠加", rule.stacks_with)) if has])  # fmt: skip
        if isinstance(rule.upgrade, Word):
            found[f"晋档 {rule.upgrade.text}"] += 1
        if rule.tie_rule is not None:
            found[f"并列 {'再按' if isinstance(rule.tie_rule, tuple) else rule.tie_rule.text}"] += 1
        found[f"封顶 {len(rule.caps)} 行"] += 1
    for highest in policy.highest:
        found["块 就高"] += 1
        found.update(f"就高 {group.treatment if highest.method == '金额从高' else '自选'}" for group in highest.groups)
        for word in (highest.other_policies, highest.offset_order):
            found.update([word.text] if isinstance(word, Word) else [])
    for total in policy.totals:
        found["块 总额 登记" if total.register else "块 总额 全部" if total.range_all else "块 总额"] += 1
        found.update([f"超出 {total.overrun.text}"] if isinstance(total.overrun, Word) else [])
    for general in policy.generals:
        found.update([f"通则 {label}" for label, has in (
            ("有效期", general.validity), ("施行", general.effective), ("参照", general.provisional), ("年度", general.year_rule), ("舍入", general.rounding),
            ("未定标准", general.unset_standard), ("历史", general.history), ("条件", general.conditions), ("否决", general.vetoes), ("状态", general.status),
            ("追回", any(back for _, back in general.vetoes)), ("适用", general.items)) if has])  # fmt: skip
    found["块 参数"] += len(policy.parameters)
    found.update(f"参数 {len(parameter.keys)} 键" for parameter in policy.parameters.values())
