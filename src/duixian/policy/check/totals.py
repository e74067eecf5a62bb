"""总额 as now read: one number of 元, divided by what every award it covers has; and what the year's file adds to the policy's own."""

from __future__ import annotations

from collections.abc import Iterator

from ...values.diagnostic import Diagnostic
from ..model import Policy, Total
from ..readings import Bound
from ..render import phrase
from ..standards import Standards, rests_on_the_year
from ..suggest import remedies
from ..syntax import Number, Open, Path, Scope, Word
from .names import check_groups
from .typed import Place
from .types import TypeChecker


def check_totals(policy: Policy, variants: list[Bound]) -> Iterator[Diagnostic]:
    """Every 总额 under every option of every reading (DX212, DX301, DX403, DX952)."""
    defects: list[Diagnostic] = []
    checker = TypeChecker(policy, defects)
    for bound in variants:
        for total in bound.totals:
            _total(checker, total)
    yield from defects


def check_added(policy: Policy, standards: Standards) -> Iterator[Diagnostic]:
    """The 总额 and 就高 groups of a year's file name awards of the policy, and keys those awards have (DX301, DX212, DX403, DX952)."""
    if standards.document is None:
        return
    defects: list[Diagnostic] = []
    checker = TypeChecker(policy, defects)
    checker.document = standards.document
    known = [rule.name for rule in policy.awards]
    for total in standards.totals:
        for item in total.items:
            if isinstance(item, Word) and item.text not in known:
                checker.report("DX301", item, found=item.text, expected="本政策的奖补：" + "、".join(known),
                               **remedies(item.text, known, "写奖补块的名称。", "use the name of an award."))  # fmt: skip
        _total(checker, total)
    yield from defects
    yield from check_groups(policy, standards.groups, standards.document)


def _total(checker: TypeChecker, total: Total) -> None:
    """额度 is one number of 元; what it is divided by is something every award it covers has; a register it ranges over has the figure it adds."""
    amount = total.amount
    if not isinstance(amount, (Number, Open)):
        checker.report("DX212", amount, key="额度", expected="一个固定的数、另定、不超过 N", found=phrase(amount),
                       remedy="写成一个数；随别的数变的，用封顶：… 与 … 合计。", remedy_en="one number; what moves with other figures is a 封顶：… 与 … 合计.")  # fmt: skip
        return
    if isinstance(amount, Number):
        checker.money(amount, Place("", None))
    if total.register:
        _register(checker, total)
    named = {word.text for word in total.items if isinstance(word, Word)}
    rules = checker.policy.rules
    covered = [rule for rule in rules.values() if (rule.object == total.register and rule.kind == "登记" if total.register else rule.kind == "奖补" and (rule.name in named) is not total.range_all)]
    for rule in covered:
        if rule.object in checker.vocabulary.objects and isinstance(total.scope, Scope):
            checker.keys(total.scope.keys, Place(rule.object, rule))
    listed = total.range_all or all(isinstance(word, Word) for word in total.items)  # else the year says which awards
    if isinstance(total.overrun, Word) and total.overrun.text == "下调标准" and listed and covered and not any(rests_on_the_year(rule, rules) for rule in covered):
        checker.report("DX952", total.overrun, name=total.name, expected="有可以下调的另定标准", found="管到的奖补都是固定标准")


def _register(checker: TypeChecker, total: Total) -> None:
    """范围：企业的融资额: 登记 of that object, and an amount of money it has."""
    path = total.path
    if total.register not in checker.vocabulary.objects:
        checker.report("DX301", path, found=total.register, expected="词汇里的对象",
                       **remedies(total.register, checker.vocabulary.objects, "写登记的对象。", "use the object of a register."))  # fmt: skip
        return
    rule = next((rule for rule in checker.policy.rules.values() if rule.kind == "登记" and rule.object == total.register), None)
    if rule is None:
        checker.report("DX301", path, found=total.register, expected=f"一个对象是“{total.register}”的登记", remedy="写 #### 登记，或改范围。",
                       remedy_en="add a 登记 block, or mend the range.")  # fmt: skip
        return
    checker.money(Path(path.names[1:], at=path.at), Place(rule.object, rule))
