"""A failing world made small: blocks, clauses, rows, parts of expressions, objects and facts are taken out while the two engines still differ."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from duixian.policy.standards import Standards
from duixian.values.facts import Facts

from .compare import Settle, settled
from .facts import World
from .policies import DrawnPolicy
from .run import against, interpreter
from .standards import read_standards

SECONDS = 60
_JOINTS = re.compile(r"(，|, | 且 | 或 | \+ | − | × | ÷ | 其中 )")
Different = Callable[[World], list[str]]


def shrink(world: World, settle: Settle, *, seconds: float = SECONDS, loose: bool = False) -> tuple[World, list[str]]:
    """The smallest world found in the processor time there is, and what still differs in it. The world has to differ."""
    first = against(settled(interpreter, world), settle, world, loose=loose)
    assert first, "nothing differs here"
    kind = _kind(first)
    until = time.process_time() + seconds
    best, left = world, first

    def still(candidate: World | None) -> bool:
        nonlocal best, left
        if candidate is None or time.process_time() > until:
            return False
        try:
            found = against(settled(interpreter, candidate), settle, candidate, loose=loose)
        except Exception:  # the interpreter itself stumbles: another matter
            return False
        if found and _kind(found) == kind:
            best, left = candidate, found
            return True
        return False

    with tempfile.TemporaryDirectory() as folder:
        _sweep(lambda: best, still, Path(folder))
        size = None
        while size != _size(best) and time.process_time() < until:
            size = _size(best)
            _facts(lambda: best, still)
            _texts(lambda: best, still, Path(folder))
            _values(lambda: best, still)
    return best, left


def _kind(found: list[str]) -> str:
    """What sort of difference it is: a small world that fails for another reason shows nothing."""
    return found[0][:60].split("\n")[0] if found[0].startswith(("引擎出错", "引擎不算", "拒绝")) else "不同"


def _size(world: World) -> tuple[int, int, int]:
    things = sum(len(thing.values) + 1 for kind in world.facts.things for thing in world.facts.all(kind))
    return len(world.drawn.policy) + len(world.drawn.vocabulary) if world.drawn else 0, things + len(world.facts.claims), len(world.ledger) + len(world.standards_text)


# --- taking out parts of a list ---------------------------------------------------------------------------------------------------------


def _without_some(items: list[Any], keep: Callable[[list[Any]], bool]) -> list[Any]:
    """Halves, quarters … single ones are left out where `keep` says that what remains still shows it."""
    width = max(1, len(items) // 2)
    while items:
        start = 0
        while start < len(items):
            fewer = items[:start] + items[start + width :]
            if keep(fewer):
                items = fewer
            else:
                start += width
        if width == 1:
            return items
        width //= 2
    return items


def _facts(best: Callable[[], World], still: Callable[[World | None], bool]) -> None:
    """Fewer objects, claims, payments; then nothing special about lists and applications."""
    things = [(kind, key) for kind in best().facts.things for key in best().facts.things[kind]]
    _without_some(things, lambda kept: still(_with_facts(best(), things=set(kept))))
    _without_some(list(best().ledger), lambda kept: still(replace(best(), ledger=kept)))
    _without_some(list(best().facts.claims), lambda kept: still(_with_facts(best(), claims=set(kept))))
    for place, entry in enumerate(best().ledger):
        for change in ({"keys": ()}, {"tier": ""}, {"standard_fen": None}, {"document": "本政策"}, {"recipient": ""}):
            still(replace(best(), ledger=[replace(entry, **change) if at == place else other for at, other in enumerate(best().ledger)]))
    facts = best().facts
    still(replace(best(), facts=replace(facts, applied=None)))
    still(replace(best(), facts=replace(best().facts, unlisted=set())))
    still(replace(best(), facts=replace(best().facts, listed={*facts.things, "其他政策已付"})))
    for name in list(best().choices):
        still(replace(best(), choices={key: value for key, value in best().choices.items() if key != name}))


def _values(best: Callable[[], World], still: Callable[[World | None], bool]) -> None:
    values = [(kind, thing.key, name) for kind in best().facts.things for thing in best().facts.all(kind) for name in thing.values]
    _without_some(values, lambda kept: still(_with_facts(best(), values=set(kept))))
    stated = [(claim, name) for claim, values in best().facts.claims.items() for name in values]
    _without_some(stated, lambda kept: still(_with_facts(best(), stated=set(kept))))


def _with_facts(world: World, *, things: set[Any] | None = None, claims: set[Any] | None = None, values: set[Any] | None = None, stated: set[Any] | None = None) -> World:
    """A copy with only these objects, claims, values or claim facts."""
    facts = Facts(listed=world.facts.listed, unlisted=world.facts.unlisted, applied=world.facts.applied)
    for kind, own in world.facts.things.items():
        for key, thing in own.items():
            if things is None or (kind, key) in things:
                copy = facts.add(kind, key)
                copy.values = {name: value for name, value in thing.values.items() if values is None or (kind, key, name) in values}
    facts.claims = {
        claim: {name: value for name, value in own.items() if stated is None or (claim, name) in stated}
        for claim, own in world.facts.claims.items() if claims is None or claim in claims
    }  # fmt: skip
    return replace(world, facts=facts)


# --- taking out parts of the texts --------------------------------------------------------------------------------------------------------


def _sweep(best: Callable[[], World], still: Callable[[World | None], bool], folder: Path) -> None:
    """The large steps first: one object in ten, one award, no year's file, only facts the policy still speaks of."""
    if best().drawn is None:
        return
    for size in (1, 4):
        things = [(kind, key) for kind in best().facts.things for key in best().facts.things[kind]]
        width = max(1, len(things) // 10) * size
        _without_blocks(things, width, lambda kept: still(_with_facts(best(), things=set(kept))))
    still(replace(best(), ledger=[]))
    still(_with_facts(best(), claims=set()))
    still(_reload(best(), folder, standards=""))
    still(replace(best(), choices={}))
    _without_some(_blocks(best()), lambda kept: still(_reload(best(), folder, blocks=_tidy(kept))))
    text = best().drawn.policy + best().standards_text  # type: ignore[union-attr]
    formulas = "".join(line.split("|")[6] for line in best().drawn.vocabulary.split("\n") if line.startswith("| "))  # type: ignore[union-attr]
    spoken = {(kind, thing.key, name) for kind in best().facts.things for thing in best().facts.all(kind) for name in thing.values
              if name[0] in text + formulas or not isinstance(name[1], (int, tuple))}  # fmt: skip
    still(_with_facts(best(), values=spoken))
    still(_with_facts(best(), values={item for item in spoken if not isinstance(item[2][1], tuple)}))
    lines = best().drawn.vocabulary.split("\n")  # type: ignore[union-attr]
    rows = [line for line in lines if not line.startswith("| ") or line.startswith("| 事实") or line.split("|")[1].strip() in text + formulas or line.split("|")[2].strip() in best().policy.vocabulary.objects]
    still(_reload(best(), folder, vocabulary="\n".join(rows)))


def _without_blocks(items: list[Any], width: int, keep: Callable[[list[Any]], bool]) -> None:
    """One pass of leaving out stretches of a width."""
    start = 0
    while start < len(items):
        fewer = items[:start] + items[start + width :]
        if keep(fewer):
            items = fewer
        else:
            start += width


def _tidy(blocks: list[str]) -> list[str]:
    """Without the 口径 and 参数 that nothing speaks of any more."""
    while True:
        kept = [block for block in blocks if not _idle(block, [other for other in blocks if other is not block])]
        if len(kept) == len(blocks):
            return kept
        blocks = kept


def _idle(block: str, others: list[str]) -> bool:
    kind, _, name = block.split("\n", 1)[0].removeprefix("#### ").partition(" ")
    if kind == "口径":
        head = next((line for line in block.split("\n") if line.startswith("| 选项")), f"| {name} |")
        return not any(f"【{cell.strip()}】" in other for cell in head.strip("|").split("|") for other in others)
    return kind == "参数" and not any(name in other for other in others)


def _texts(best: Callable[[], World], still: Callable[[World | None], bool], folder: Path) -> None:
    if best().drawn is None:
        return

    def policy(blocks: list[str]) -> World | None:
        return _reload(best(), folder, blocks=blocks)

    if best().standards_text and not still(_reload(best(), folder, standards="")):
        parts = re.split(r"\n(?=## )", best().standards_text)
        _without_some(parts[1:], lambda kept: still(_reload(best(), folder, standards="\n".join([parts[0], *kept]))))
        for smaller in _until_none(lambda: _fewer_rows(best().standards_text)):
            still(_reload(best(), folder, standards=smaller))
    _without_some(_blocks(best()), lambda kept: still(policy(_tidy(kept))))
    for place in range(len(_blocks(best()))):
        for smaller in _until_none(lambda place=place: _smaller(_blocks(best())[place], best())):
            still(policy([*_blocks(best())[:place], smaller, *_blocks(best())[place + 1 :]]))
    lines = best().drawn.vocabulary.split("\n")  # type: ignore[union-attr]
    droppable = [place for place, line in enumerate(lines) if line.startswith("| ") and not line.startswith("| 事实")]
    _without_some(droppable, lambda kept: still(_reload(best(), folder, vocabulary="\n".join(line for place, line in enumerate(lines) if place in kept or place not in droppable))))
    parts = re.split(r"\n(?=## )", best().drawn.vocabulary)  # type: ignore[union-attr]
    _without_some(parts[1:], lambda kept: still(_reload(best(), folder, vocabulary="\n".join([parts[0], *kept]))))


def _until_none(candidates: Callable[[], Iterable[str]]) -> Iterator[str]:
    """Candidates made from the best text so far, again from the start whenever it changed; each only once."""
    tried: set[str] = set()
    while True:
        fresh = next((text for text in candidates() if text not in tried), None)
        if fresh is None:
            return
        tried.add(fresh)
        yield fresh


def _blocks(world: World) -> list[str]:
    assert world.drawn is not None
    return world.drawn.blocks


def _reload(world: World, folder: Path, *, blocks: list[str] | None = None, vocabulary: str | None = None, standards: str | None = None) -> World | None:
    """The world with other texts, read again by the real parser; None where they are not well-typed."""
    assert world.drawn is not None
    drawn = DrawnPolicy(world.drawn.blocks if blocks is None else blocks, world.drawn.vocabulary if vocabulary is None else vocabulary, world.drawn.opens)
    text = world.standards_text if standards is None else standards
    try:
        policy, wrong = drawn.load(folder / "p")
        if wrong:
            return None
        year_file, errors = read_standards(text, policy, world.year) if text else (Standards(world.year), [])
    except Exception:  # what is left does not hang together
        return None
    if errors and standards is None:  # rows that speak of what is gone
        lines = text.split("\n")
        gone = {item.places[0].line for item in errors}
        return _reload(world, folder, blocks=blocks, vocabulary=vocabulary, standards="\n".join(line for at, line in enumerate(lines, 1) if at not in gone))
    if errors:
        return None
    year_file.settings.update({key: value for key, value in world.lists.items() if text})
    facts = world.facts
    if set(facts.things) - set(policy.vocabulary.objects):
        facts = _with_facts(world, things={(kind, key) for kind in facts.things if kind in policy.vocabulary.objects for key in facts.things[kind]}).facts
    choices = {name: option for name, option in world.choices.items() if name in policy.readings and option in policy.readings[name].options}
    return replace(world, policy=policy, drawn=drawn, standards=year_file, standards_text=text, facts=facts, choices=choices)


def _fewer_rows(text: str) -> Iterator[str]:
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if line.startswith("| ") and place and lines[place - 1].startswith("|"):
            yield "\n".join(lines[:place] + lines[place + 1 :])


def _smaller(block: str, world: World) -> Iterator[str]:
    """A block without one of its clauses, rows or columns, or with a part in the place of the whole."""
    lines = block.split("\n")
    for place, line in enumerate(lines):
        if line.startswith("- ") and not line.startswith("- 对象"):
            end = place + 1
            while end < len(lines) and lines[end].startswith("  - "):
                end += 1
            yield "\n".join(lines[:place] + lines[end:])
        elif line.startswith("  - ") or (line.startswith("| ") and place and lines[place - 1].startswith("|") and not line.startswith("| ---")):
            yield "\n".join(lines[:place] + lines[place + 1 :])
    table = [place for place, line in enumerate(lines) if line.startswith("|")]
    if table:
        cells = [[cell.strip() for cell in lines[place].strip().strip("|").split("|")] for place in table]
        for column in range(len(cells[0]) - 1):
            rows = ["| " + " | ".join(cell for at, cell in enumerate(row) if at != column) + " |" for row in cells]
            yield "\n".join(lines[: table[0]] + rows + lines[table[-1] + 1 :])
    for place, line in enumerate(lines):
        if line.startswith(("- ", "  - ", "| ")) and not line.startswith("| ---"):
            for shorter in _parts(line, world):
                yield "\n".join([*lines[:place], shorter, *lines[place + 1 :]])


def _parts(line: str, world: World) -> Iterator[str]:
    """The line with one bracket replaced by one of its parts, one side of an operator taken away, or a 【】 by what was chosen."""
    for found in re.finditer(r"【(.+?)】", line):
        reading = world.policy.column(found.group(1))
        if reading is not None:
            option = {**world.standards.choices, **world.choices}.get(reading.name, reading.choice)
            yield line[: found.start()] + reading.columns[found.group(1)][option].text + line[found.end() :]
    for start, char in enumerate(line):
        if char == "(":
            end = _closing(line, start)
            name = re.search(r"[^\s(（，,|：]*$", line[:start])
            before = line[: name.start()] if name else line[:start]
            for part in _split(line[start + 1 : end]):
                yield before + part + line[end + 1 :]
                yield f"{before}({part}){line[end + 1 :]}"
    head, mark, body = line.partition("：") if line.startswith("- ") else ("", "", line)
    parts = _split(body)
    if mark and len(parts) > 1:
        for part in parts:
            yield head + mark + part


def _closing(line: str, start: int) -> int:
    depth = 0
    for place in range(start, len(line)):
        depth += {"(": 1, ")": -1}.get(line[place], 0)
        if depth == 0:
            return place
    return len(line)


def _split(text: str) -> list[str]:
    """The parts of a text at its outermost joints."""
    parts, depth, start = [], 0, 0
    place = 0
    while place < len(text):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        found = _JOINTS.match(text, place) if depth == 0 else None
        if found:
            parts.append(text[start:place])
            place = start = found.end()
        else:
            place += 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


__all__ = ["shrink"]
