"""The drawn parts of docs/casework.md, made from the tables of the code: `python -m tests.web.casework_page` writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/casework.md"


def application_states() -> str:
    """How an application goes, by `states.MOVES`."""
    from duixian.web.cases.states import MOVES, STATES
    from duixian.web.registry.models import Role

    lines = ["stateDiagram-v2", *(f'  state "{words.inside}" as {key}' for key, words in STATES.items()), "  [*] --> draft"]
    for move in MOVES:
        who = "、".join(str(Role(role).label) for role in move.roles)
        lines += [f"  {source} --> {move.target}: {move.label}（{who}）" for source in move.sources]
    return fenced(lines)


def line_states() -> str:
    """How an amount goes once it was computed, by `states.LINE_MOVES`."""
    from duixian.web.cases.states import LINE, LINE_MOVES

    lines = ["stateDiagram-v2", *(f'  state "{words.inside}" as {key}' for key, words in LINE.items()), "  [*] --> computed"]
    return fenced([*lines, *(f"  {source} --> {target}: {action}" for (source, action), target in LINE_MOVES.items())])


def cycle_states() -> str:
    """How a cycle goes, by `states.CYCLE_MOVES`."""
    from duixian.web.cases.states import CYCLE, CYCLE_MOVES

    lines = ["stateDiagram-v2", *(f'  state "{words.inside}" as {key}' for key, words in CYCLE.items()), "  [*] --> preparing"]
    return fenced([*lines, *(f"  {source} --> {target}: {action}" for (source, action), target in CYCLE_MOVES.items())])


def words() -> str:
    """What each state is called inside and in public."""
    from duixian.web.cases.states import LINE, STATES

    rows = ["| 什么 | 里面叫 | 申报单位看到 |", "|---|---|---|"]
    for what, table in (("申报", STATES), ("一笔钱", LINE)):
        rows += [f"| {what} | {one.inside} | {one.public} |" for one in table.values()]
    return "\n".join(rows)


def money() -> str:
    """The places of money and the moves between them, by `ledger.books.MOVES`."""
    from duixian.ledger.books import LABELS, MOVES, PLACES, Place

    lines = ["stateDiagram-v2", *(f'  state "{PLACES.get(place, "外部")}" as {place.value}' for place in Place)]
    return fenced([*lines, *(f"  {source.value} --> {target.value}: {LABELS[kind]}" for kind, (source, target) in MOVES.items())])


def routes() -> str:
    """Every address with who may ask for it."""
    from duixian.web.cases.routes import ROUTES
    from duixian.web.registry.models import Role
    from duixian.web.seats import PUBLIC, SIGNED_IN

    rows = ["| 地址 | 方法 | 谁 |", "|---|---|---|"]
    for route in ROUTES:
        every = route.seats == frozenset(Role)
        who = "任何人" if route.seats == PUBLIC else "登录的人" if route.seats == SIGNED_IN else "任何席位" if every else "、".join(str(role.label) for role in Role if role in route.seats)
        rows.append(f"| `/{route.path}` | {'、'.join(route.methods)} | {who} |")
    return "\n".join(rows)


def fenced(lines: list[str]) -> str:
    """A diagram as Markdown."""
    return "\n".join(["```mermaid", *lines, "```"])


PARTS: dict[str, Callable[[], str]] = {
    "application": application_states, "line": line_states, "cycle": cycle_states, "words": words, "money": money, "routes": routes,
}  # fmt: skip


def drawn(text: str) -> str:
    """The page with every drawn part as the code has it now."""
    for name, part in PARTS.items():
        text = re.sub(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", lambda found, part=part: found.group(1) + part() + found.group(2), text, flags=re.S)
    return text


if __name__ == "__main__":
    from . import conftest  # noqa: F401 -- sets Django up in a folder of its own

    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
