"""What several blocks could each say holds once for the whole policy: said twice, nobody could tell which one holds."""

from __future__ import annotations

from collections.abc import Iterator

from ...values.diagnostic import Diagnostic
from ..model import Policy
from ..suggest import NO_HINT
from ..syntax import Span

ONCE = {"通则": ("有效期", "施行", "参照", "年度", "舍入", "未定标准", "历史"), "就高": ("其他政策", "抵扣次序")}


def check_said_once(policy: Policy) -> Iterator[Diagnostic]:
    """A clause of the whole policy stands in one block (DX206); 通则, 就高, 总额 and groups have names of their own (DX302)."""
    document = policy.document
    for kind, keys in ONCE.items():
        blocks = [block for block in document.blocks if block.kind == kind]
        for key in keys:
            first: Span | None = None
            for block in blocks:
                for bullet in [bullet for bullet in block.bullets if bullet.key == key][:1]:  # twice in one block is said where it is read
                    if first is not None:
                        yield document.defect("DX206", bullet.key_at, document.place(first), key=key, **NO_HINT)
                    first = first or bullet.key_at
    for kind in ("通则", "就高", "总额"):
        yield from _named(policy, [(block.name, block.at) for block in document.blocks if block.kind == kind])
    yield from _named(policy, [(group.name, group.at) for highest in policy.highest for group in highest.groups])


def _named(policy: Policy, names: list[tuple[str, Span]]) -> Iterator[Diagnostic]:
    seen: dict[str, Span] = {}
    for name, at in names:
        if name in seen:
            yield policy.document.defect("DX302", at, policy.document.place(seen[name]), found=name)
        seen.setdefault(name, at)



