"""The laws a policy file must keep, one function a law. All of them run; all defects come back at once.

A law that speaks of the policy as read takes a `Bound`; one about units and names runs under every option of every reading.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from ...values.diagnostic import Diagnostic, in_order
from ..model import Policy
from ..readings import Binder, Bound, bind
from .competition import check_fair_competition
from .consequences import (
    once_a_name,
    once_an_item,
    stands_in_an_unread_line,
    stands_in_an_unusable_name,
    unread_quotes,
    vocabulary_is_unread,
    without_numbers_of_idle_quotes,
    years_of_what_is_read,
)
from .names import check_award_names, check_circles, check_group_keys, check_own_names, check_unused
from .numbers import check_boundaries, check_numbers
from .opens import check_open_items
from .said_once import check_said_once
from .tables import check_caps, check_rows
from .text import check_dispositions, check_headings, check_quotes, coverage
from .totals import check_totals
from .types import check_types
from .wording import check_cap_period, check_once, check_places
from .year import check_years

LAWS_OF_THE_TEXT = (check_quotes, check_dispositions, check_headings)
LAWS_OF_THE_RULES = (
    check_numbers,
    check_boundaries,
    check_award_names,
    check_group_keys,
    check_own_names,
    check_said_once,
    check_unused,
    check_open_items,
    check_once,
    check_cap_period,
    check_places,
    check_fair_competition,
)
LAWS_AS_READ = (check_circles, check_rows, check_caps)


def variants(policy: Policy) -> list[Bound]:
    """The policy as chosen, then for each other option of each reading the records that use it, bound with that option."""
    chosen = bind(policy)
    found = [chosen]
    for reading in policy.readings.values():
        owners = {owner for choice, owner in policy.choices if policy.column(choice.name) is reading}
        for option in reading.options:
            if option == reading.choice:
                continue
            choices = {**policy.default_choices, reading.name: option}
            if not all(option in choice.options for choice, _ in policy.choices if policy.column(choice.name) is reading):
                continue  # an unreadable option is reported where it is read
            binder = Binder(policy, choices)
            found.append(dataclasses.replace(
                chosen, choices=choices,
                rules={name: binder.record(rule) for name, rule in policy.rules.items() if name in owners},
                generals=[binder.record(record) for record in policy.generals if record.name in owners],
                highest=[binder.record(record) for record in policy.highest if record.name in owners],
                totals=[binder.record(record) for record in policy.totals if record.name in owners]))  # fmt: skip
    return found


def check_policy(policy: Policy, reading_defects: list[Diagnostic]) -> list[Diagnostic]:
    """Every defect and reminder of a policy. `reading_defects` is what loading it found; where a choice could not be filled in,
    the laws that need the policy as read have nothing to stand on and wait."""
    found: list[Diagnostic] = [*reading_defects]
    for law in LAWS_OF_THE_TEXT:
        found.extend(law(policy))
    unreadable = any(item.code in ("DX301", "DX304", "DX305") for item in reading_defects)
    for law in LAWS_OF_THE_RULES:
        found.extend(law(policy))
    if not unreadable:
        readings = variants(policy)
        found.extend(check_types(policy, readings))
        found.extend(check_totals(policy, readings))
        for law in LAWS_AS_READ:
            found.extend(law(policy, readings[0]))
        found.extend(check_years(policy, readings[0]))
    if vocabulary_is_unread(policy, reading_defects):  # which names and units there are is not known yet
        found = [item for item in found if item.code != "DX301" and not (item.code.startswith("DX4") and item.places[0].file in (policy.document.file, policy.vocabulary.document.file))]
    found = [item for item in found if not stands_in_an_unusable_name(item, found)]
    found = once_a_name([item for item in found if not stands_in_an_unread_line(item, reading_defects)])
    found = once_an_item(years_of_what_is_read(policy, found))
    unread = unread_quotes(policy, [*reading_defects, *(item for item in found if item.code in ("DX105", "DX301", "DX404"))])
    found = without_numbers_of_idle_quotes(policy, found)
    return in_order(item for item in found if item.code not in ("DX502", "DX606") or policy.document.quote_of(item.places[0].line) not in unread)


def laws() -> Iterator[str]:
    """The names of all laws, in the order they run."""
    yield from (law.__name__ for law in (*LAWS_OF_THE_TEXT, *LAWS_OF_THE_RULES, check_types, check_totals, *LAWS_AS_READ, check_years))


__all__ = ["check_policy", "coverage", "laws", "variants"]
