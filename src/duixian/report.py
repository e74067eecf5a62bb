"""What the command line prints about a check and a settlement: plain lines, aligned for a terminal. Nothing here computes or prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .values.diagnostic import Diagnostic, display_width, pad
from .values.labels import amount_text, outcome_text, reason_text, say
from .values.messages import Language
from .values.terms import Outcome

if TYPE_CHECKING:
    from .pipeline import CheckReport, Settlement

Lines = list[str]
# the order in which a summary counts them: what pays first
_COUNTED = (Outcome.PAYABLE, Outcome.PROVISIONAL, Outcome.REGISTRABLE, Outcome.NEEDS_DATA, Outcome.CAP_EXHAUSTED, Outcome.ALREADY_AWARDED, Outcome.NOT_MET, Outcome.CANCELLED)


def check_lines(report: CheckReport, name: str, language: Language = "zh") -> Lines:
    """A checked policy: what it says of itself, how much of the text is covered, and every defect."""
    lines = [name if report.policy is None else f"{report.policy.title}（{report.policy.id}）"]
    if report.policy is not None:
        from .policy.show import Showing

        policy = report.policy
        lines += [f"  {text}" for text in Showing(policy, language=language).about()]
        rows = []
        if report.coverage is not None:
            cover = report.coverage
            rows.append((say("引文覆盖", language), f"{cover.quoted}/{cover.characters}", say("字", language), _percent(cover.quoted, cover.characters)))
            rows.append((say("处置", language), f"{cover.dispositioned}/{cover.quotes}", say("句", language), _percent(cover.dispositioned, cover.quotes)))
        kinds = {kind: sum(1 for rule in policy.rules.values() if rule.kind == kind) for kind in ("奖补", "认定", "登记")}
        rows += [(say(kind, language), str(count), say("项", language), "") for kind, count in kinds.items() if count]
        rows.append((say("口径", language), str(len(policy.readings)), say("个", language), ""))
        rows.append((say("例", language), str(report.examples_run), say("行", language), ""))
        lines += table([(f"  {row[0]}", *row[1:]) for row in rows], right=(1, 3))
    for item in report.diagnostics:
        lines += ["", *item.render(language).split("\n")]
    lines += ["", count_line(report.diagnostics, language)]
    return lines


def count_line(diagnostics: Iterable[Diagnostic], language: Language = "zh") -> str:
    """`3 处错误，1 处提醒`."""
    found = list(diagnostics)
    errors = sum(item.is_error for item in found)
    if not found:
        return say("没有错误", language)
    return say("{errors} 处错误，{warnings} 处提醒", language, errors=errors, warnings=len(found) - errors)


def settlement_lines(settlement: Settlement, language: Language = "zh") -> Lines:
    """A settlement in one table: each award by clause, how its claims ended, what they come to; then totals and notices."""
    from .tables.result import clause_sums

    sums = clause_sums(settlement)
    outcomes = [outcome for outcome in _COUNTED if any(row.outcomes.get(outcome) for row in sums)]
    head = (say("条款", language), say("奖补", language), *(outcome_text(outcome, language) for outcome in outcomes), say("可付金额", language), say("暂估金额", language))
    rows = [head]
    for row in sums:
        estimate = row.estimate_fen - row.payable_fen
        counts = (str(row.outcomes[outcome]) if row.outcomes.get(outcome) else "" for outcome in outcomes)
        rows.append((row.clause, row.award, *counts, amount_text(row.payable_fen, language) if row.payable_fen else "", amount_text(estimate, language) if estimate else ""))
    payable, estimated = settlement.payable_fen, sum(row.estimate_fen - row.payable_fen for row in sums)
    counts = (str(sum(row.outcomes.get(outcome, 0) for row in sums)) for outcome in outcomes)
    rows.append(("", say("合计", language), *counts, amount_text(payable, language), amount_text(estimated, language) if estimated else ""))
    if not estimated:
        rows = [row[:-1] for row in rows]
    lines = [say("{title}　{year} 年度", language, title=settlement.policy.title, year=settlement.year), ""]
    lines += table(rows, right=tuple(range(2, len(rows[0]))))
    lines += _totals(settlement, language)
    return lines


def _totals(settlement: Settlement, language: Language) -> Lines:
    if not settlement.totals:
        return []
    rows = [(say("总额", language), say("额度", language), say("以前已用", language), say("申报", language), say("核定", language), say("办法", language))]
    for total in settlement.totals:
        amount = say("未定", language) if total.amount_fen is None else amount_text(total.amount_fen, language)
        name = total.name + (f"（{'、'.join(total.key)}）" if total.key else "")
        rows.append((name, amount, amount_text(total.spent_fen, language), amount_text(total.claimed_fen, language), amount_text(total.granted_fen, language),
                     _method(total.method, language)))  # fmt: skip
    return ["", *table(rows, right=(1, 2, 3, 4))]


def _method(method: str, language: Language) -> str:
    if language == "zh":
        return method
    known = {"未超出": "within", "未定": "not set", "按比例核减": "cut in proportion", "先到先得": "first come, first served", "不予登记": "not registered"}
    return known.get(method) or method.replace("下调标准（各项另定标准按 ", "standards lowered to ").replace(" 下调）", "")


def notice_lines(notices: Iterable[str], language: Language = "zh") -> Lines:
    """The notices of a settlement, each once."""
    return [say("提示：{note}", language, note=reason_text(note, language)) for note in dict.fromkeys(notices)]


def table(rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> Lines:
    """Rows in aligned columns; wide characters count two. right: the columns that are set to the right."""
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [" " * (width - display_width(text)) + text if column in right else pad(text, width) for column, (text, width) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(cells).rstrip())
    return lines


def _percent(part: int, whole: int) -> str:
    """Whole percent, rounded down: 100% is said only of everything."""
    return f"{100 * part // whole}%" if whole else "—"
