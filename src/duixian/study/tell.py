"""A study on the terminal: the answers, a line or two each."""

from __future__ import annotations

from ..values.messages import Language
from .sections import sections, warnings
from .study import Study
from .words import say


def summary(study: Study, language: Language) -> list[str]:
    """The answers of a study as lines."""
    gap = "　" if language == "zh" else "  "
    lines = [f"{study.title}{gap}{say('{year} 年度', language, year=study.year)}", *warnings(study, language)]
    for section in sections(study, language):
        if section.answer:
            lines += ["", section.title, *(f"  {text}" for text in section.answer)]
    return lines
