"""A study as its sections, in the order a reader asks: what was asked for first, then cost and cliffs, the grounds last."""

from __future__ import annotations

from ..values.messages import Language
from .about_change import comparison_section, fit_section, sweep_section
from .about_cliffs import cliffs_section, grounds_section
from .about_cost import cost_section
from .parts import Section
from .study import Study
from .words import say


def sections(study: Study, language: Language) -> list[Section]:
    """Every section of a study."""
    found = [fit_section(fit, number, language) for number, fit in enumerate(study.fits, 1)]
    found += [comparison_section(comparison, number, language) for number, comparison in enumerate(study.comparisons, 1)]
    if study.sweep is not None:
        found.append(sweep_section(study.sweep, language))
    if study.cost is not None:
        found.append(cost_section(study.cost, language))
    if study.cliffs is not None:
        found.append(cliffs_section(study.cliffs, study.unvaried, language))
    return [*found, grounds_section(study, language)]


def warnings(study: Study, language: Language) -> list[str]:
    """What has to be read before any number."""
    found = [label_text(study, language)] if study.label else []
    found += [say("征求意见稿：只能试算，不能支付。", language)] if study.draft else []
    return found + [say(text, language) for text in study.notices]


def label_text(study: Study, language: Language) -> str:
    """What the data is, in a language: 合成数据 has its English, other words stay as they were given."""
    return say("合成数据，非真实", language) if study.label == "合成数据" else study.label
