"""What the command line prints about a check and a settlement: plain lines, aligned for a terminal. Nothing here computes or prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .values.diagnostic import Diagnostic, display_width, pad
from .values.facts import Missing
from .values.labels import amount_text, outcome_text, reason_text, say
from .values.messages import Language
from .values.terms import Outcome, Waits

if TYPE_CHECKING:
    from .award.record import Line
    from .large import LargeResult
    from .pipeline import CheckReport, Settlement
    from .tables.result import ClauseSum

Lines = list[str]
# the order in which a summary counts them: what pays first
_COUNTED = (Outcome.PAYABLE, Outcome.PROVISIONAL, Outcome.REGISTRABLE, Outcome.NEEDS_DATA,
            Outcome.CAP_EXHAUSTED, Outcome.ALREADY_AWARDED, Outcome.NOT_MET, Outcome.CANCELLED)  # fmt: skip
_ENDED = (Outcome.ALREADY_AWARDED, Outcome.CANCELLED)  # whatever else is known of them


def check_lines(report: CheckReport, name: str, language: Language = "zh") -> Lines:
    """A checked policy: what it says of itself, how much of the text is covered, and every defect."""
    lines = [name if report.policy is None else f"{report.policy.title}（{report.policy.id}）"]
    if report.policy is not None:
        from .policy.show import about_policy

        policy = report.policy
        lines += [f"  {text}" for text in about_policy(policy, language)]
        rows = []
        if report.coverage is not None:
            cover = report.coverage
            for name, unit, part, whole in (("引文覆盖", "字", cover.quoted, cover.characters), ("处置", "句", cover.dispositioned, cover.quotes)):
                rows.append((say(name, language), f"{part}/{whole}", say(unit, language), _percent(part, whole)))
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

    return _settled(settlement, clause_sums(settlement), language)


def large_lines(result: LargeResult, language: Language = "zh") -> Lines:
    """A very large settlement in the same table, and how many of its lines the interpreter computed again."""
    from .tables.result import ClauseSum

    sums = {rule.name: ClauseSum(rule.clause, rule.name, {}, 0, 0) for rule in result.policy.rules.values() if rule.kind != "认定"}
    live = (Outcome.PAYABLE.value, Outcome.PROVISIONAL.value)
    for item in result.outcomes:
        own = sums[item.award]
        sums[item.award] = ClauseSum(own.clause, own.award, {**own.outcomes, Outcome(item.outcome): item.lines}, own.payable_fen + item.payable_fen,
                                     own.estimate_fen + (item.reached_fen if item.outcome in live else 0))  # fmt: skip
    checked = result.checked_boundary + result.checked_sample
    said = (
        say("共 {lines} 笔，解释器全部再算一遍，逐笔相同", language, lines=f"{result.lines:,}")
        if checked == result.lines
        else say("共 {lines} 笔，解释器再算了 {checked} 笔，逐笔相同：界限附近和顶到封顶的 {near} 笔，其余抽 {drawn} 笔（种子 {seed}）", language,
                 lines=f"{result.lines:,}", checked=f"{checked:,}", near=f"{result.checked_boundary:,}", drawn=f"{result.checked_sample:,}", seed=result.seed)
    )  # fmt: skip
    return [*_settled(result, list(sums.values()), language), "", said]


def _settled(settlement: Settlement | LargeResult, sums: Sequence[ClauseSum], language: Language) -> Lines:
    """The table of a settlement, a row an award, and its totals."""
    outcomes = [outcome for outcome in _COUNTED if any(row.outcomes.get(outcome) for row in sums)]
    estimated = sum(row.estimate_fen - row.payable_fen for row in sums)

    def row(clause: str, name: str, counts: dict[Outcome, int], payable: int, estimate: int) -> tuple[str, ...]:
        cells = [clause, name, *(str(counts.get(outcome) or "") for outcome in outcomes), amount_text(payable, language) if payable else ""]
        return (*cells, amount_text(estimate, language) if estimate else "") if estimated else tuple(cells)

    amounts = ("可付金额", "暂估金额") if estimated else ("可付金额",)
    counted = [outcome_text(outcome, language) for outcome in outcomes]
    head = (say("条款", language), say("奖补", language), *counted, *(say(word, language) for word in amounts))
    rows = [head, *(row(item.clause, item.award, item.outcomes, item.payable_fen, item.estimate_fen - item.payable_fen) for item in sums)]
    counts = {outcome: sum(item.outcomes.get(outcome, 0) for item in sums) for outcome in outcomes}
    rows.append(row("", say("合计", language), counts, settlement.payable_fen, estimated))
    lines = [say("{title}　{year} 年度", language, title=settlement.policy.title, year=settlement.year), ""]
    return [*lines, *table(rows, right=tuple(range(2, len(head)))), *_totals(settlement, language)]


def _totals(settlement: Settlement | LargeResult, language: Language) -> Lines:
    if not settlement.totals:
        return []
    rows = [tuple(say(word, language) for word in ("总额", "额度", "以前已用", "申报", "核定", "办法"))]
    for total in settlement.totals:
        amounts = (total.amount_fen, total.spent_fen, total.claimed_fen, total.granted_fen)
        name = total.name + (f"（{'、'.join(total.key)}）" if total.key else "")
        cells = (say("未定", language) if amount is None else amount_text(amount, language) for amount in amounts)
        rows.append((name, *cells, _method(total.method, language)))
    return ["", *table(rows, right=(1, 2, 3, 4))]


def _method(method: str, language: Language) -> str:
    if language == "zh":
        return method
    known = {"未超出": "within", "未定": "not set"}
    return known.get(method) or reason_text(f"总额不足，已{method}。", language).removeprefix("总额 falls short: ").removesuffix(".")


def waiting_lines(lines: Iterable[Line], language: Language = "zh") -> Lines:
    """Awards of which nothing can be decided because every line lacks the same fact: most likely a column that is not there."""
    open_: dict[str, list[Line]] = {}
    for line in lines:
        if line.outcome not in _ENDED:
            open_.setdefault(line.claim.award, []).append(line)
    found = []
    for award, some in open_.items():
        if len(some) < 2 or any(line.outcome is not Outcome.NEEDS_DATA for line in some):
            continue
        common = set.intersection(*({(item.kind, item.fact, item.period) for item in line.missing if item.kind} for line in some))
        what = "、".join(sorted(Missing(Waits.APPLICANT, "", "", fact, period).text for _, fact, period in common))
        if what:
            found.append(say("{award}的 {count} 笔全部待补充，都缺“{what}”：看看数据表里有没有这一列", language, award=award, count=f"{len(some):,}", what=what))
    return found


def large_waiting_lines(result: LargeResult, language: Language = "zh") -> Lines:
    """The same of a large settlement, whose lines are not at hand: the column 缺 of the file says what each lacks."""
    open_: dict[str, dict[str, int]] = {}
    for item in result.outcomes:
        if item.outcome not in {outcome.value for outcome in _ENDED} and item.lines:
            open_.setdefault(item.award, {})[item.outcome] = item.lines
    waiting = Outcome.NEEDS_DATA.value
    return [say("{award}的 {count} 笔全部待补充：看看数据表里是不是少了一列", language, award=award, count=f"{some[waiting]:,}")
            for award, some in open_.items() if set(some) == {waiting} and some[waiting] > 1]  # fmt: skip


def notice_lines(notices: Iterable[str], language: Language = "zh") -> Lines:
    """The notices of a settlement, each once."""
    return [say("提示：{note}", language, note=reason_text(note, language)) for note in dict.fromkeys(notices)]


def table(rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> Lines:
    """Rows in aligned columns; wide characters count two. right: the columns that are set to the right."""
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            " " * (width - display_width(text)) + text if column in right else pad(text, width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _percent(part: int, whole: int) -> str:
    """Whole percent, rounded down: 100% is said only of everything."""
    return f"{100 * part // whole}%" if whole else "—"
