"""Blocks → records: one table of clauses a block kind, one function a kind. What cannot be read is reported and left out; the rest goes on."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..values.diagnostic import Diagnostic
from .clauses import Clauses, spelled
from .model import Policy
from .overall import read_general, read_highest, read_parameter, read_procedure, read_total
from .refusals import names_with_refused_words, refusal
from .rules import EXAMPLES_BEGIN_ELSEWHERE, read_reading, read_rule
from .suggest import nearest
from .syntax import BLOCKS, CLAUSES, SET_ASIDE


def parse_blocks(policy: Policy, defects: list[Diagnostic]) -> None:
    """Fill a policy's records from its document."""
    document, names = policy.document, names_with_refused_words(policy)
    under = None  # the blocks that stand under one heading without a sentence are one defect
    for block in document.blocks:
        heading = document.heading_of(block)
        if block.quote is None and heading is not under:
            defects.append(document.defect("DX109", block.at))
            under = heading
        if block.kind not in BLOCKS:
            refused = refusal(block.kind)
            near = nearest(block.kind, BLOCKS)
            defects.append(document.defect("DX203", block.at, expected="、".join(BLOCKS), found=block.kind,
                                           remedy=refused["remedy"] if refused else f"是不是“{near}”？" if near else "从列出的里选一种。",
                                           remedy_en=f"did you mean “{near}”?" if near else "use a listed kind."))  # fmt: skip
            continue
        clauses = Clauses(block, document, defects, [], names)
        _KINDS[block.kind](policy, clauses)
        if block.kind in _ALONE:
            spelled(block.at, block.name, document, defects)
        clauses.finish()
        for table in block.tables:
            head = table.head[0].text
            if block.kind in _TABLES and "例" in _TABLES[block.kind] and any(cell.text == "例" for cell in table.head[1:]):
                defects.append(document.defect("DX204", table.head[0].at, **EXAMPLES_BEGIN_ELSEWHERE, found=head))
            elif head not in _TABLES.get(block.kind, (head, "例")) or (head == "例" and block.kind in _WITHOUT_EXAMPLES):
                allowed = "、".join(name for name in _TABLES.get(block.kind, ()) if name != "例") or "没有这种表"
                defects.append(document.defect("DX204", table.head[0].at, kind=block.kind, found=f"{head} 表", expected=allowed,
                                               remedy="移到它该在的块里。", remedy_en="move the table to the block it belongs to."))  # fmt: skip
    for quote in document.quotes:
        stray = next((note for note in quote.notes if note.key not in ("不计算", "说明")), None)
        for note in quote.notes:
            if note is stray:  # the clauses below it belong to the same block, whose #### line is missing
                defects.append(document.defect("DX204", note.key_at if note.key else note.at, kind="引文下面的条目", found=note.key or note.value[:20], expected="不计算、说明",
                                               remedy="规则写在 #### 块里：这一行前面写 #### 种类 名称。", remedy_en="rules stand in #### blocks: open one above this line."))  # fmt: skip
            if note.key == "不计算" and re.split("[，,]", note.value)[0].strip() not in SET_ASIDE:
                defects.append(document.defect("DX110", note.at, found=re.split("[，,]", note.value)[0].strip()))


_KINDS: dict[str, Callable[[Policy, Clauses], None]] = {
    "奖补": read_rule, "认定": read_rule, "登记": read_rule, "口径": read_reading, "就高": read_highest, "总额": read_total, "通则": read_general, "程序": read_procedure, "参数": read_parameter,
}  # fmt: skip

assert set(_KINDS) == set(CLAUSES) == set(BLOCKS)
_TABLES = {"就高": ("组", "例"), "总额": ("例",), "通则": ("例",), "参数": ()}  # the first heads a block may have; any where it is not named
_ALONE = ("就高", "总额", "通则", "程序")  # not declared under their names
_WITHOUT_EXAMPLES = ("认定", "口径", "程序", "参数")
