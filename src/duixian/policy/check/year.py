"""The year's files of a policy folder: each fits the policy, and what the year still owes is said (DX605, DX9xx)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from ...values.diagnostic import Diagnostic
from ...values.units import MONEY, unit_dimension
from ..model import Policy, Rule
from ..readings import Bound, bind, walk
from ..standards import OpenKey, Standards, open_items, open_tables
from ..syntax import Open, Path
from ..vocabulary import Fact
from ..year_file import load_standards
from .tables import check_tiers
from .totals import check_added
from .typed import Place
from .types import TypeChecker, check_units


def check_years(policy: Policy, bound: Bound) -> Iterator[Diagnostic]:
    """Load every standards-<年度>.md and name the open items without a value; with no such file, name them all once."""
    defects: list[Diagnostic] = []
    used = _used(policy, bound)
    items = {key: item for key, item in open_items(policy).items() if item.kind != "lower" and key in used}
    files = sorted(policy.folder.glob("standards-*.md"))
    for path in files:
        stem = path.stem.removeprefix("standards-")
        standards = load_standards(path, policy, int(stem) if stem.isdigit() else None, defects)
        assert standards.document is not None
        defects.extend(check_adopted(policy, standards))
        for key, item in items.items():
            setting = standards.settings.get(key)
            if key[0] not in standards.tables and (setting is None or setting.value is None):
                where = setting.at if setting else (0, 3)
                defects.append(standards.document.defect("DX605", where, item.document.place(item.node.at), item=key[0], found=_label(key), year=stem))
    if not files:
        for key, item in items.items():
            defects.append(item.document.defect("DX605", item.node.at, item=key[0], found=_label(key), year="〈年度〉"))
    yield from defects


def check_adopted(policy: Policy, standards: Standards) -> Iterator[Diagnostic]:
    """What a year's file sets and adds fits the policy: units (DX904), awards and keys of 总额 and 就高 (DX301)."""
    yield from check_adopted_units(policy, standards)
    yield from check_adopted_tables(policy, standards)
    yield from check_added(policy, standards)


def check_adopted_tables(policy: Policy, standards: Standards) -> Iterator[Diagnostic]:
    """A tier table that the year sets keeps the laws of one the policy has: units and kinds (DX4xx), rows that meet and can be reached (DX601–603)."""
    document = standards.document
    if document is None:
        return
    defects: list[Diagnostic] = []
    checker = TypeChecker(policy, defects)
    checker.document = document
    here = replace(policy, document=document)  # the laws place what they say in the document of the policy
    for rule in bind(policy, standards.choices).rules.values():
        if rule.name not in standards.tables or rule.object not in policy.vocabulary.objects:
            continue
        given = standards.tables[rule.name]
        if rule.tiers is None or len(given.heads) != len(rule.tiers.heads):
            wanted = "、".join((*(rule.tiers.heads if rule.tiers else ()), "标准"))
            defects.append(document.defect("DX904", given.at, expected=wanted, found="、".join((*given.heads, "标准")), remedy="照此写表头。", remedy_en="use these columns."))
            continue
        tiers = standards.tiers_of(rule)
        assert tiers is not None
        before = len(defects)
        checker.tiers(tiers, Place(rule.object, rule), money=True)
        if len(defects) == before:
            defects.extend(check_tiers(here, rule, tiers))
    yield from defects


def check_adopted_units(policy: Policy, standards: Standards) -> Iterator[Diagnostic]:
    """An adopted number must have a unit that fits where the policy uses it: 10% of a commission, not 10元 of it; a 总额 is money (DX904)."""
    document = standards.document
    for total in bind(policy, standards.choices).totals if document else ():
        if isinstance(total.amount, Open):
            given = standards.settings.get((total.amount.name or total.name, ""))
            if given and given.value is not None and not (isinstance(given.value, Fraction) and given.unit and unit_dimension(given.unit) == MONEY):
                yield document.defect("DX904", given.at, expected="单位与政策用它的地方相合", found=given.text, remedy="改单位。", remedy_en="mend the unit.")
    units = {key: setting.unit for key, setting in standards.settings.items() if isinstance(setting.value, Fraction)}
    if document is None or not units:
        return
    for key, found in check_units(policy, bind(policy, standards.choices), units):
        setting = standards.settings[key]
        yield document.defect("DX904", setting.at, expected="单位与政策用它的地方相合", found=f"{setting.text}（{found}）",
                              remedy="改单位。", remedy_en="mend the unit.")  # fmt: skip


def _label(key: OpenKey) -> str:
    return f"{key[0]}（{key[1]}）" if key[1] else key[0]


def _used(policy: Policy, bound: Bound) -> set[OpenKey]:
    """The open items the policy as now read really asks for."""
    used: set[OpenKey] = set()
    records = [(rule.name, rule) for rule in bound.rules.values()] + [(total.name, total) for total in bound.totals]
    for name, record in records:
        for node in walk(record):
            if isinstance(node, Open):
                used.add((node.name, "") if node.name else (name, ""))
        for tiers in open_tables(record) if isinstance(record, Rule) else ():
            used |= {(name, row.label) for row in tiers.rows if any(isinstance(node, Open) and not node.name for node in walk((row.cells, row.value)))}
    facts = {fact.name for fact in _facts(policy, bound)}
    for declared in policy.vocabulary.objects.values():
        for fact in declared.facts.values():
            if fact.name in facts:
                used |= {(node.name, "") if node.name else (fact.name, "") for node in walk(fact.formula) if isinstance(node, Open)}
    return used


def _facts(policy: Policy, bound: Bound) -> list[Fact]:
    """The computed facts that the rules name, and what those are computed from."""
    names = {name for rule in bound.rules.values() for node in walk(rule) if isinstance(node, Path) for name in node.names}
    computed = [fact for declared in policy.vocabulary.objects.values() for fact in declared.facts.values() if fact.formula is not None]
    for _ in computed:
        names |= {name for fact in computed if fact.name in names for node in walk(fact.formula) if isinstance(node, Path) for name in node.names}
    return [fact for fact in computed if fact.name in names]
