"""Keys of objects: those that are one kind of thing by 是 must differ, since a relation, a payment and an application name the key alone."""

from __future__ import annotations

from ..values.diagnostic import Diagnostic, Place
from ..values.facts import Facts
from .vocabulary import Vocabulary


def keys_twice(facts: Facts, vocabulary: Vocabulary) -> list[Diagnostic]:
    """A defect (DT141) for every key that two object types of one root have."""
    found = []
    known: dict[tuple[str, str], str] = {}
    for kind, things in facts.things.items():
        root = vocabulary.root(kind)
        if root == kind and not any(vocabulary.root(other) == root for other in facts.things if other != kind):
            continue
        for key in things:
            before = known.setdefault((root, key), kind)
            if before != kind:
                found.append(Diagnostic("DT141", (Place(f"{kind} {key}"), Place(f"{before} {key}")), {"kind": kind, "found": key}))
    return found
