"""What follows from a defect that is told already: it is not told again. One cause, one error, where the cause stands."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable

from ...values.diagnostic import Diagnostic
from ..model import Policy
from ..readings import walk
from ..syntax import Path

MOST_PLACES = 4  # of one unknown name


def stands_in_an_unread_line(item: Diagnostic, defects: list[Diagnostic]) -> bool:
    """Whether an unknown name is one that a line meant to define which could not be read: that line is what is wrong."""
    if item.code != "DX301":
        return False
    name = str(item.details["found"])
    return any(other.code.startswith("DX2") and other.is_error and name in other.places[0].source for other in defects if other.places[0].line != item.places[0].line)


def stands_in_an_unusable_name(item: Diagnostic, defects: list[Diagnostic]) -> bool:
    """Whether what could not be read, or is not known, is part of a name that cannot be used (DX306): the name is what is wrong."""
    if not (item.code.startswith("DX2") or item.code == "DX301"):
        return False
    place = item.places[0]
    names = {str(other.details["found"]) for other in defects if other.code == "DX306"} - {""}
    return any(found.start() < place.column <= found.end() for name in names for found in re.finditer(re.escape(name), place.source))


def once_a_name(found: Iterable[Diagnostic], code: str = "DX301") -> list[Diagnostic]:
    """What is said several times in the same words, such as an unknown name, is one defect with several places; and one name in one place is
    said once, however many kinds of object a 通则 asks for it."""
    firsts: dict[object, Diagnostic] = {}
    for number, item in enumerate(found):
        firsts.setdefault((item.places[0], item.details.get("found")) if item.code == code else number, item)
    return _together(firsts.values(), lambda item: str(sorted(item.details.items())) if item.code == code else None)


def once_an_item(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """An award of which a year's files know and the policy does not is one defect, with the rows that name it."""
    return _together(found, lambda item: item.details.get("item") if item.code == "DX901" else None)


def _together(found: Iterable[Diagnostic], key: Callable[[Diagnostic], object]) -> list[Diagnostic]:
    """Defects of one key as the first of them, with the places of the others; None stands alone."""
    kept: dict[object, Diagnostic] = {}
    for number, item in enumerate(found):
        same = key(item)
        before = kept.get(same) if same is not None else None
        if before is None:
            kept[number if same is None else same] = item
        elif len(before.places) < MOST_PLACES and item.places[0] not in before.places:
            kept[same] = dataclasses.replace(before, places=(*before.places, item.places[0]))
    return list(kept.values())


def years_of_what_is_read(policy: Policy, found: list[Diagnostic]) -> list[Diagnostic]:
    """Without what a year's file is told about the open items of an award whose own block is wrong: it is that block which has to be mended."""
    document = policy.document
    wrong = {block.name for item in found if item.is_error and item.places[0].file == document.file and (block := document.block_of(item.places[0].line))}
    return [item for item in found if item.places[0].file == document.file or item.details.get("item") not in wrong]


def vocabulary_is_unread(policy: Policy, defects: list[Diagnostic]) -> bool:
    """Whether a table, a column or an object of the vocabulary could not be read."""
    codes = ("DX201", "DX204", "DX206", "DX210", "DX217", "DX302", "DX306")
    return any(item.code in codes and item.places[0].file == policy.vocabulary.document.file for item in defects)


def unread_quotes(policy: Policy, defects: list[Diagnostic]) -> set[int]:
    """The quotes below which something could not be read, or a word stands that nothing is called: what the rules leave out of them cannot be said yet."""
    errors = [item for item in defects if item.is_error and item.places[0].file == policy.document.file]
    return {policy.document.quote_of(item.places[0].line) for item in errors}


def without_numbers_of_idle_quotes(policy: Policy, found: list[Diagnostic]) -> list[Diagnostic]:
    """Without the numbers a rule takes from a quote that has no disposition (DX105): one text that an empty line cuts in two is one mistake."""
    document = policy.document
    idle = {document.quote_of(item.places[0].line) for item in found if item.code == "DX105"}
    return [item for item in found if item.code != "DX501" or not any(document.quote_of(place.line) in idle for place in item.places[1:])]


def misquoted(policy: Policy, found: list[Diagnostic]) -> set[int] | None:
    """The quotes of which a number is not that of the text, or is left out, and those whose rules rest on one: they name a 认定 of it. None: all do, it is that of a 通则.

    What their examples come to says nothing about them.
    """
    document = policy.document
    wrong = {document.quote_of(item.places[0].line) for item in found if item.is_error and item.code in ("DX501", "DX502", "DX503") and item.places[0].file == document.file}
    if any(document.quote_of(document.place(general.block.at).line) in wrong for general in policy.generals):
        return None
    formulas = {fact.name: _names(fact.formula) for declared in policy.vocabulary.objects.values() for fact in declared.facts.values() if fact.formula is not None}
    decided = {rule.name: _names(rule) for rule in policy.rules.values() if rule.kind == "认定"}
    quotes = {rule.name: document.quote_of(document.place(rule.at).line) for rule in policy.rules.values()}
    resting = {name for name in decided if quotes[name] in wrong}
    for _ in (*formulas, *decided):  # each may rest on the ones before
        resting |= {name for name, names in (*formulas.items(), *decided.items()) if names & resting}
    return wrong | {quotes[rule.name] for rule in policy.rules.values() if _names(rule) & resting}


def _names(node: object) -> set[str]:
    return {name for inner in walk(node) if isinstance(inner, Path) for name in inner.names}
