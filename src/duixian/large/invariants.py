"""What must hold of every line whatever the policy, asked of all of them in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..engine.compiled import Run
from ..plan.claim import PAYABLE, PROVISIONAL
from ..plan.sql import quoted
from ..plan.steps import Step
from ..values.diagnostic import Diagnostic, Place
from ..values.frames import APPLIED, KEY, Frames, table_name
from ..values.terms import Outcome

q = quoted
FALL = ("舍入后", "补差后", "封顶后", "名额后", "就高后", "核减后")


def broken(run: Run, frames: Frames, connection: Any, lines: str) -> Iterator[Diagnostic]:
    """Every invariant that does not hold (DX970). connection: DuckDB with the tables of facts; lines: SELECT of the lines as written."""
    place = Place(run.policy.document.file)

    def said(what: str, what_en: str, expected: str, expected_en: str, found: str) -> Diagnostic:
        return Diagnostic("DX970", (place,), {"what": what, "what_en": what_en, "expected": expected, "expected_en": expected_en, "found": found})

    falls = " OR ".join(f"{later} > {earlier}" for place_, later in enumerate(FALL) for earlier in FALL[:place_])
    paid = Outcome.PAYABLE.value
    laws = [
        (falls, "金额沿着瀑布不升", "amounts never rise along the waterfall", "每一步不大于前面各步", "each step at most the ones before"),
        ("应付 IS NULL OR 应付 < 0", "应付不小于零", "nothing payable is below zero", "应付 ≥ 0", "应付 ≥ 0"),
        (f"应付 <> 0 AND 结果 <> '{paid}'", "只有“可付”的有应付", "only what is 可付 is payable", "应付 0", "应付 0"),
        (f"结果 = '{paid}' AND 应付 IS DISTINCT FROM coalesce(核减后, 0)", "可付的按核减后的数付", "what is 可付 is paid as cut", "应付等于核减后", "应付 equals 核减后"),
        ("计算额 IS NOT NULL AND 计算额分母 <= 0", "计算额是一个数", "计算额 is a number", "分母大于零", "a denominator above zero"),
    ]
    sums = ", ".join(f"count(*) FILTER (WHERE {law}), min(奖补 || ' ' || 标识) FILTER (WHERE {law})" for law, *_ in laws)
    counted = connection.execute(f"SELECT {sums} FROM ({lines})").fetchone()
    for number, (_, *words) in enumerate(laws):
        if counted[2 * number]:
            yield said(*words, f"{counted[2 * number]} 笔，例如 {counted[2 * number + 1]}")
    yield from _complete(run, frames, connection, lines, said)
    yield from _caps(run, said)
    yield from _totals(run, connection, lines, said)


def _complete(run: Run, frames: Frames, connection: Any, lines: str, said: Any) -> Iterator[Diagnostic]:
    """Every object of an award's type, or every one applied for, has one line."""
    vocabulary = run.policy.vocabulary
    there = {
        (award, kind): (count, different)
        for award, kind, count, different in connection.execute(f"SELECT 奖补, 对象类型, count(*), count(DISTINCT 标识) FROM ({lines}) GROUP BY 1, 2").fetchall()
    }
    for claim in run.plan.claims:
        rule = claim.rule
        for kind in [name for name in frames.objects if vocabulary.is_kind(name, rule.object)]:
            applied = f" WHERE {q(KEY)} IN (SELECT {q(KEY)} FROM {q(APPLIED)} WHERE 奖补 = $1)" if frames.applied and rule.kind == "奖补" else ""
            expected = connection.execute(f"SELECT count(*) FROM {q(table_name(kind))}{applied}", [rule.name] if applied else []).fetchone()[0]
            found = there.pop((rule.name, kind), (0, 0))
            if found != (expected, expected):
                yield said(f"{rule.name}每个{kind}一笔", f"one line a {kind} for {rule.name}", f"{expected} 笔", f"{expected} lines", f"{found[0]} 笔，{found[1]} 个对象")
    for award, kind in there:
        yield said(f"{award}没有{kind}的笔", f"no line of a {kind} for {award}", "0 笔", "no line", f"{there[(award, kind)][0]} 笔")


def _caps(run: Run, said: Any) -> Iterator[Diagnostic]:
    """What the claims of a pot get together is at most what its cap leaves."""
    steps = {step.name for step in run.plan.steps if isinstance(step, Step)}
    for claim in run.plan.claims:
        live = f"{q('状态')} IN ({PAYABLE}, {PROVISIONAL})"
        for place, cap in enumerate(claim.caps, 1):
            entries = f"账·{claim.rule.name}·p{place}"
            source = f"SELECT * FROM {q('活·' + claim.rule.name)} WHERE {live} AND {q(cap.has)}"
            if cap.pot.window.kind == "每笔":
                sql = f"SELECT COUNT(*) FROM ({source}) AS c WHERE {q('封顶后')} > {q(cap.limit)}"
            else:
                keys = [q(key) for key in cap.pot.keys]
                listed = "".join(f"{key}, " for key in keys)
                pots = f"SELECT {listed}SUM(wide({q('封顶后')})) AS got, MAX(wide({q(cap.limit)})) AS most FROM ({source}) AS s{' GROUP BY ' + ', '.join(keys) if keys else ''}"
                used, join = "wide(0)", ""
                if entries in steps:
                    own = [q(f"键{number}") for number in range(1, len(keys) + 1)]
                    paid = f"SELECT {''.join(f'{key}, ' for key in own)}SUM(wide({q('金额')})) AS paid FROM {q(entries)}{' GROUP BY ' + ', '.join(own) if own else ''}"
                    match = " AND ".join(f"e.{mine} = c.{key}" for mine, key in zip(own, keys)) or "TRUE"
                    used, join = "COALESCE(e.paid, wide(0))", f"LEFT JOIN ({paid}) AS e ON {match}"
                sql = f"SELECT COUNT(*) FROM ({pots}) AS c {join} WHERE c.got > CASE WHEN c.most > {used} THEN c.most - {used} ELSE wide(0) END"
            if count := run.rows(sql)[0][0]:
                yield said(f"{claim.rule.name}在封顶以内（{cap.text}）", f"{claim.rule.name} stays within {cap.text}", "不超过封顶余下的数", "at most what the cap leaves", f"{count} 处超过")


def _totals(run: Run, connection: Any, lines: str, said: Any) -> Iterator[Diagnostic]:
    """A total that is exceeded is used to the last 分 where shares are cut in proportion or by turn, and never beyond."""
    plans = {total.name: total for total in run.plan.totals}
    for total in run.totals:
        if total.amount_fen is None:
            continue
        left, key = max(0, total.amount_fen - total.spent_fen), "、".join(total.key)
        name = f"{total.name}{f'（{key}）' if key else ''}"
        exactly = min(total.claimed_fen, left)
        to_the_last = total.method.startswith(("按比例核减", "先到先得", "未超出"))
        if total.granted_fen > left or (to_the_last and total.granted_fen != exactly):
            yield said(f"{name}分得正好", f"{name} is shared out exactly", f"{exactly} 分", f"{exactly} 分", f"{total.granted_fen} 分")
        plan = plans[total.name]
        if not total.key and plan.covered and not plan.register:
            awards = ", ".join("'" + award.replace("'", "''") + "'" for award, _ in plan.covered)
            paid = connection.execute(f"SELECT coalesce(sum(应付), 0) FROM ({lines}) WHERE 奖补 IN ({awards})").fetchone()[0]
            if paid > left:
                yield said(f"{name}没有付超", f"{name} is not overspent", f"不超过 {left} 分", f"at most {left} 分", f"{paid} 分")

