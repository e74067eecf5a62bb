"""The loop: draw, settle twice, compare, count. Every case comes from one seed and can be drawn again by it alone."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from duixian.values.facts import Facts
from tests import worlds

from .compare import Settle, Settled, as_said, differences, settled
from .coverage import constructs
from .facts import World, draw_facts
from .policies import draw_policy
from .words import Weights

UNCOMPILED = "引擎不算："
WORLDS_EACH = 2  # settlements made of one policy: another world, another year's file


@dataclass(slots=True)
class Count:
    """What a run came to."""

    policies: int = 0
    settlements: int = 0
    refused: Counter[str] = field(default_factory=Counter)  # code → settlements the judge refused
    uncompiled: Counter[str] = field(default_factory=Counter)  # form → settlements the engine says it does not compile; their lines are not counted
    lines: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    constructs: Counter[str] = field(default_factory=Counter)  # construct → policies that have it
    different: list[tuple[str, list[str]]] = field(default_factory=list)  # (case, what differs)
    seconds: Counter[str] = field(default_factory=Counter)

    @property
    def passed(self) -> int:
        """Settlements on which both agree."""
        return self.settlements - len(self.different)


def interpreter(world: World) -> Any:
    """The judge."""
    return world.settle()


def shuffled(world: World) -> World:
    """The same world with its objects, values, claims and payments put on file in another order: nothing may depend on that."""
    rng = Random(len(world.ledger))
    facts = Facts(listed=world.facts.listed, unlisted=world.facts.unlisted, applied=world.facts.applied)
    for kind in _mixed(rng, world.facts.things):
        for key in _mixed(rng, world.facts.things[kind]):
            values = world.facts.things[kind][key].values
            facts.add(kind, key).values = {name: values[name] for name in _mixed(rng, values)}
    facts.claims = {claim: world.facts.claims[claim] for claim in _mixed(rng, world.facts.claims)}
    return replace(world, facts=facts, ledger=_mixed(rng, world.ledger))


def _mixed(rng: Random, items: Iterable[Any]) -> list[Any]:
    return rng.sample(found := list(items), len(found))


def engine(name: str) -> Settle:
    """An engine by name; what it needs is imported here and not before."""
    if name == "interpreter":
        return interpreter
    if name == "shuffled":
        return lambda world: shuffled(world).settle()
    if name == "duckdb":
        from duixian import twice

        return lambda world: twice.settle_compiled(world.policy, world.year, world.facts, world.ledger, world.standards, world.choices)
    raise ValueError(f"没有这个引擎：{name}")


def case(seed: int, number: int, folder: Path, lines: int, weights: Weights | None = None) -> Iterator[tuple[str, World]]:
    """The worlds of one random policy. Raises AssertionError where the draw is not well-typed: a fault of the generator."""
    rng = Random(f"{seed} {number}")
    while True:
        drawn = draw_policy(rng, weights)
        policy, wrong = drawn.load(folder / f"p{number}")
        if not wrong or any(item.code != "DX206" for item in wrong):
            break  # two lines of a clause that say the same by chance are no policy to compare: another is drawn
    assert not wrong, f"{seed} {number}\n{wrong[0].render()}"
    for place in range(WORLDS_EACH):
        yield f"{seed}:{number}:{place}", draw_facts(Random(f"{seed} {number} {place}"), policy, drawn, lines)


def founding(seed: int, number: int) -> Iterator[tuple[str, World]]:
    """A world of each founding policy, with random readings (tests/worlds.py)."""
    for name in worlds.FOUNDING:
        world = worlds.draw(Random(f"{seed} {number} {name}"), name)
        yield f"{seed}:{number}:{name}", World(world.policy, worlds.YEAR, world.facts, world.ledger, world.standards, world.choices)


def cases(seed: int, *, lines: int = 300, both: bool = False, weights: Weights | None = None) -> Iterator[tuple[str, World]]:
    """Cases without end. both: the founding policies instead of random ones."""
    with tempfile.TemporaryDirectory() as folder:
        number = 0
        while True:
            yield from founding(seed, number) if both else case(seed, number, Path(folder), lines, weights)
            number += 1


def one_case(name: str, *, lines: int = 300) -> World:
    """A case by its name, as a run prints it (seed:number:place). The policy folder is gone afterwards; the policy is read already."""
    seed, number, place = name.split(":")
    if not place.isdigit():
        return next(world for other, world in founding(int(seed), int(number)) if other == name)
    with tempfile.TemporaryDirectory() as folder:
        return next(world for other, world in case(int(seed), int(number), Path(folder), lines) if other == name)


def run(settle: Settle, *, seed: int, until: int, lines: int = 300, both: bool = False, stop_at: int | None = None,
        told: Callable[[str, World, list[str]], None] | None = None, judge: Settle = interpreter,
        weights: Weights | None = None, loose: bool = False) -> Count:  # fmt: skip
    """Compare until so many lines have been compared. stop_at: after so many differing settlements. told: of each of them, as it is found."""
    count = Count()
    seen: set[str] = set()
    clock = time.process_time  # the machine may be busy with other things
    start = clock()
    for name, world in cases(seed, lines=lines, both=both, weights=weights):
        drawn = clock()
        expected = settled(judge, world)
        judged = clock()
        found = against(expected, settle, world, loose=loose)
        if found and found[0].startswith(UNCOMPILED):
            count.uncompiled[found[0].rsplit("：", 1)[-1]] += 1
            assert sum(count.uncompiled.values()) < 50 + count.settlements, f"the engine compiles next to nothing: {count.uncompiled}"
            start = clock()
            continue
        done = clock()
        count.seconds.update({"draw": drawn - start, "judge": judged - drawn, "engine": done - judged})
        policy = name.rsplit(":", 1)[0]
        if policy not in seen or both:
            seen.add(policy)
            count.policies += 1
            count.constructs.update(set(constructs(world)))
        count.settlements += 1
        count.lines += len(expected.lines)
        count.outcomes.update(row.outcome for row in expected.lines)
        count.refused.update({code for code, _ in expected.refused})
        if found:
            count.different.append((name, found))
            if told:
                told(name, world, found)
        if count.lines >= until or (stop_at is not None and len(count.different) >= stop_at):
            return count
        start = clock()
    raise AssertionError("cases never end")


def against(expected: Settled, settle: Settle, world: World, *, loose: bool = False) -> list[str]:
    """What an engine makes differently of a world, or how it stumbles. loose: only what `as_said` keeps."""
    try:
        other = settled(settle, world)
    except Exception as error:
        return [f"{UNCOMPILED}{error}" if type(error).__name__ == "Uncompiled" else f"引擎出错：{type(error).__name__} {error}"]
    return differences(as_said(expected), as_said(other)) if loose else differences(expected, other)
