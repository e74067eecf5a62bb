"""公平竞争审查: clauses that make an award depend on moving here, paying tax here or being counted here. A reminder with its source, never a block.

Source: 《公平竞争审查条例》（国务院令第783号，2024年8月1日起施行）第十条; 《公平竞争审查条例实施办法》（2025年4月20日起施行）.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...values.diagnostic import Diagnostic
from ..model import General, Policy, Rule
from .numbers import records_under

BASIS = "《公平竞争审查条例》第十条、《公平竞争审查条例实施办法》"
# (words of the text, what they come to, the same in English, what must not be a condition, the same in English)
_PATTERNS = [
    (re.compile("(?:店铺|企业|注册地|总部|经营主体)?(?:回迁|迁入|迁至|迁回)"), "以外地经营者迁入为条件", "conditional on moving here", "迁移注册地或经营地", "moving the place of registration"),
    (re.compile("(?:本地|本市|本县|本区|当地)?(?:纳税额|税收贡献|地方贡献|缴纳税收|财政贡献)"), "以在本地纳税为条件", "conditional on paying tax here", "在本地纳税", "paying tax here"),
    (re.compile("纳入(?:本地)?(?:限上|统计|零售业统计)|限上|纳统|统计直报|入库|上限纳统"), "以纳入本地统计为条件", "conditional on being counted in local statistics", "纳入本地统计", "being counted locally"),
    (re.compile("在.{0,8}(?:县域|市域|区域|辖区|本县|本市|本区)(?:范围)?(?:内)?.{0,6}(?:依法成立|注册|登记)"), "以在本地注册登记为条件", "conditional on being registered here", "在本地注册登记", "being registered here"),
]  # fmt: skip


def check_fair_competition(policy: Policy) -> Iterator[Diagnostic]:
    """One reminder a sentence and kind of condition, where the sentence carries a rule (DX851)."""
    for quote in policy.document.quotes:
        if not any(isinstance(record, Rule) or record.conditions for record in records_under(policy, quote) if isinstance(record, (Rule, General))):
            continue
        for pattern, found, found_en, what, what_en in _PATTERNS:
            match = pattern.search(quote.text)
            if match:
                start = quote.lines[0].at[0] + match.start() if len(quote.lines) == 1 else quote.at[0]
                yield policy.document.defect(
                    "DX851",
                    (start, start + len(match.group())),
                    found=found,
                    found_en=found_en,
                    what=what,
                    what_en=what_en,
                    words=match.group(),
                    basis=BASIS,
                )
