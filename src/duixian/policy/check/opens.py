"""What the year is left to say has a place where it is said: numbers of a 通则 have a name, lists nobody would read are not left open."""

from __future__ import annotations

from collections.abc import Iterator

from ...values.diagnostic import Diagnostic
from ...values.terms import DOCUMENTS
from ..model import Policy
from ..readings import walk
from ..suggest import remedies
from ..syntax import Choice, Open, Word


def check_open_items(policy: Policy) -> Iterator[Diagnostic]:
    """A 通则 covers many awards: its open numbers go by a name (DX201). 适用, 启用, 历史, 叠加 are the policy's own (DX212). 算法 has no 【】 (DX212)."""
    for general in policy.generals:
        for node in walk((general.conditions, general.vetoes)):
            if isinstance(node, Open) and not node.name:
                yield policy.document.defect("DX201", node.at, expected="另定 名", found=node.word, remedy="给这个数起个名，年度文件用它对应。",
                                             remedy_en="give the number a name, by which the year's file sets it.")  # fmt: skip
    lists = [("适用", general.items) for general in policy.generals] + [("历史", general.history) for general in policy.generals]
    lists += [("启用", highest.enabled) for highest in policy.highest] + [("叠加", rule.stacks_with) for rule in policy.rules.values()]
    for key, items in lists:
        for node in walk(items):
            if isinstance(node, Open):
                yield policy.document.defect("DX212", node.at, key=key, expected="名称，或【】", found=f"另定 {node.name}", remedy="写明名称；两种读法写成口径。",
                                             remedy_en="name them; two readings make a 口径.")  # fmt: skip
    for general in policy.generals:
        for node in walk(general.history):
            if isinstance(node, Word) and node.text not in DOCUMENTS:
                yield policy.document.defect("DX212", node.at, key="历史", expected="、".join(DOCUMENTS) + "，或【】", found=node.text, **remedies(node.text, DOCUMENTS, "从列出的里选。", "use a listed one."))
    for declared in policy.vocabulary.objects.values():
        for fact in declared.facts.values():
            for node in walk(fact.formula):
                if isinstance(node, Choice):
                    yield policy.vocabulary.document.defect("DX212", node.at, key="算法", expected="没有【】的算式", found=f"【{node.name}】",
                                                            remedy="写明选定的那一种。", remedy_en="write the one that is meant.")  # fmt: skip
