"""就高 over the lines of all awards, then (after 总额, in `totals`) 应付 of each. Source: docs/grammar.md 就高.

Between the awards go narrow rows: what tells a line apart, its outcome and amount, and the keys it is compared by. What only has to be shown (payee,
tier, the earlier amounts) stays with the award and is joined back at the end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..values.frames import KEY, LEDGER, number_name
from ..values.terms import THIS_POLICY, Waits
from .claim import ALREADY, CANCELLED, NEEDS, OPEN, PAYABLE, PROVISIONAL, UNKNOWN_KEY, UNKNOWN_NUMBER, ClaimPlan
from .sql import FIELD, RECORD, quoted, text
from .steps import Plan, Step
from .stored import WAITS

q = quoted
ALIVE = f"{q('状态')} IN ({PAYABLE}, {PROVISIONAL})"
# columns of a claim and what stands for them where a claim has none
PLAIN = {"暂估": "''", "可调": "FALSE", "他处": "CAST(0 AS BIGINT)", "申报日期": "CAST(NULL AS DATE)", "选定": "FALSE"}
IN_PROPORTION = "按比例核减"


@dataclass(frozen=True, slots=True)
class TotalPlan:
    """A total as the plan takes it: how much, what happens beyond it, the awards it covers, which years of the ledger count."""

    name: str
    clause: str
    amount: int | None
    overrun: str
    register: bool
    keys: int
    years: tuple[int, ...]
    ledger: str = ""  # the step with earlier payments, '' where there are none
    covered: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (award, its key columns)

    @property
    def looks_at_claims(self) -> bool:
        """Whether sharing out takes more of a claim than its amount: its day, its standard, its key."""
        return self.register or self.overrun != IN_PROPORTION


@dataclass(frozen=True, slots=True)
class Rows:
    """What the rows between the awards hold. id: the column a line is told apart and ordered by; kinds: 种类 too; reasons: 缺; payee: the column of
    the payee; compared: the columns (quoted) that only 就高 asks for.
    """

    id: str
    kinds: bool
    reasons: bool
    payee: str
    compared: tuple[str, ...]

    @property
    def told(self) -> list[str]:
        """The columns (quoted) that tell a line from all others."""
        return [q("序"), self.id, *([q("种类")] if self.kinds else [])]


def gather(plan: Plan, claims: list[ClaimPlan], groups: tuple[str, ...], totals: list[TotalPlan], *, id: str, kinds: bool, reasons: bool) -> tuple[str, Rows]:
    """All lines that may still change, award by award. id: the unquoted column that tells lines of one award (and 种类) apart."""
    wide = any(total.looks_at_claims for total in totals)
    payee = number_name("受益人") if all(number_name("受益人") in claim.select for claim in claims) else "受益人"
    asked: list[str] = []  # said of a line that waits for another of its matter
    if reasons and any(claim.open_groups for claim in claims):
        asked += [name for name in (KEY, "种类") if name != id and not (kinds and name == "种类")]
    if reasons and any(claim.provisional for claim in claims):
        asked.append("暂估")
    compared = ["他处", "选定", payee, *(f"组·{group}" for group in groups), *asked]
    rows = Rows(q(id), kinds, reasons, q(payee), tuple(map(q, compared)))
    columns = [id, *(["种类"] if kinds else []), payee, "状态", "名额后", "可调", "他处", "选定", *asked, *(["舍入后", "补差后", "申报日期"] if wide else [])]
    parts = []
    for claim in claims:
        here = {*claim.select, "补差后", "名额后"}
        cells = [f"{claim.place} AS {q('序')}", *(q(column) if column in here else f"{PLAIN[column]} AS {q(column)}" for column in columns)]
        if wide:
            under = f"wide({q('计算额分母')}) * wide({claim.den})" if claim.moving else f"wide({claim.den})"
            cells += [f"wide({q('计算额')}) AS {q('计算额')}", f"{under} AS {q('计算额分母')}"]
        for group in groups:
            numbered = any(group in other.number_groups for other in claims)
            cells.append((q(f"组·{group}") if group in claim.groups else f"CAST(NULL AS {'INTEGER' if numbered else 'STRING'})") + f" AS {q(f'组·{group}')}")
        for total in totals:
            own = claim.pots.get(total.name)
            cells += [(q(own[place]) if own is not None else "CAST(NULL AS STRING)") + f" AS {q(f'额·{total.name}·{place + 1}')}" for place in range(total.keys)]
        cells += [q("缺")] if reasons else []
        spelled = any(name in columns and number_name(name) in claim.select for name in (KEY, "受益人"))
        source = f"(SELECT * FROM {q(claim.whole)} WHERE {q('状态')} {OPEN})" if spelled else q("活·" + claim.rule.name)
        parts.append("SELECT " + ", ".join(cells) + f" FROM {source}")
    return plan.add(Step("合·名额后", "就高后", "各项奖补合在一起", "\nUNION ALL ".join(parts))), rows


def highest(plan: Plan, source: str, rows: Rows, groups: tuple[tuple[str, str], ...], outside: Any, stacking: Mapping[str, frozenset[str]], claims: list[ClaimPlan]) -> str:
    """就高: within one matter the highest is kept. Groups one after the other, each sees what the ones before it left."""
    amount = f"{q('名额后')}"
    if outside.how and not outside.first:
        less = f"CASE WHEN {q('他处')} = 0 THEN {amount} " + (f"WHEN {amount} > {q('他处')} THEN {amount} - {q('他处')} ELSE 0 END" if outside.how == "差额" else "ELSE 0 END")
        rest = f"CASE WHEN {ALIVE} AND {amount} IS NOT NULL THEN {less} ELSE {amount} END"
        state = f"CASE WHEN {ALIVE} AND {amount} IS NOT NULL AND {q('他处')} <> 0 AND ({less}) = 0 THEN {ALREADY} ELSE {q('状态')} END"
        sql = f"SELECT * EXCEPT ({q('状态')}, {amount}), {state} AS {q('状态')}, {rest} AS {q('就高后')} FROM {q(source)}"
    else:
        sql = f"SELECT * EXCEPT ({amount}), {amount} AS {q('就高后')} FROM {q(source)}"
    first = current = plan.add(Step("就高·始", "就高后", "扣除其他政策已付" if outside.how and not outside.first else "没有要先扣的", sql))
    columns = [q("状态"), q("就高后"), *([q("缺")] if rows.reasons else [])]
    same = " AND ".join(f"b.{column} = c.{column}" for column in rows.told)
    cells = ", ".join(f"CASE WHEN b.{q('序')} IS NULL THEN c.{column} ELSE b.{column} END AS {column}" for column in columns)
    changed: list[str] = []  # what a group changes is no longer alive, so no other changes it again
    for group, treatment in groups:
        if treatment == "提示":
            continue
        said = f"{group}：{'由申报单位选一项' if treatment == '申报单位选择' else '只取最高一项'}"
        there, _ = apart(plan, current, [claim.rule.name for claim in claims if group in claim.groups], plan.awards.values())
        sql = _one_group(there, rows, group, treatment, stacking, claims)
        changed.append(f"SELECT * FROM {q(plan.add(Step(f'比·{group}', '就高后', f'{said}，因此变了的各笔', sql, keep=True)))}")
        sql = f"SELECT c.* EXCEPT ({', '.join(columns)}), {cells} FROM {q(first)} AS c LEFT JOIN ({' UNION ALL '.join(changed)}) AS b ON {same}"
        current = plan.add(Step(f"就高·{group}", "就高后", f"{group}以后的各笔", sql))
    return current


def apart(plan: Plan, source: str, awards: Iterable[str], everywhere: Collection[str]) -> tuple[str, str]:
    """(the lines of some awards, those of all others), as tables to read from; '' where there are no others. everywhere: the awards of the source."""
    places = sorted(place for place, award in plan.awards.items() if award in set(awards))
    if len(places) == len(everywhere):
        return q(source), ""
    inside = f"{q('序')} IN ({', '.join(map(str, places))})" if places else "FALSE"
    return f"(SELECT * FROM {q(source)} WHERE {inside})", f"(SELECT * FROM {q(source)} WHERE NOT ({inside}))"


def _one_group(source: str, rows: Rows, group: str, treatment: str, stacking: Mapping[str, frozenset[str]], claims: list[ClaimPlan]) -> str:
    key, state, amount = q(f"组·{group}"), q("状态"), q("就高后")
    places, names = {claim.rule.name: claim.place for claim in claims}, {claim.place: claim.rule.name for claim in claims}
    inside_claims = [claim for claim in claims if group in claim.groups]
    unknown = str(UNKNOWN_NUMBER) if any(group in claim.number_groups for claim in claims) else text(UNKNOWN_KEY)
    asked = any(group in claim.open_groups for claim in claims)  # whether a claim may not know its matter
    estimated = any(claim.provisional for claim in inside_claims)
    matter = f"({key} IS NOT NULL AND {ALIVE} AND COALESCE({amount} > 0, FALSE))"
    inside = f"({key} IS NOT NULL AND {ALIVE})" if asked else matter
    if asked:
        counted = f"COALESCE({rows.payee}, {'0' if rows.payee == q(number_name('受益人')) else text('')})"
        two = (f"SELECT *, ({amount} > 0 AND {key} <> {unknown}) AS {q('_事')}, ({amount} > 0 AND {key} = {unknown} AND COALESCE({q('_几项')}, FALSE)) AS {q('_问')} FROM "
               f"(SELECT *, MIN({q('序')}) OVER (PARTITION BY {counted}) <> MAX({q('序')}) OVER (PARTITION BY {counted}) AS {q('_几项')} FROM {source} WHERE {inside})")  # fmt: skip
    else:
        two = f"SELECT *, TRUE AS {q('_事')} FROM {source} WHERE {inside}"
    pairs = sorted({(a, b) for a, others in stacking.items() for b in others if a in places and b in places})
    part = f"PARTITION BY {q('_事')}, {key}" if asked or pairs else f"PARTITION BY {key}"
    if pairs:
        alone = " OR ".join(f"({q('序')} = {places[a]} AND bool_or({q('序')} = {places[b]}) OVER ({part}))" for a, b in pairs)
        two = f"SELECT * EXCEPT ({q('_事')}), ({q('_事')} AND NOT ({alone})) AS {q('_事')} FROM ({two})"
    choosing = treatment == "申报单位选择"
    order = f"{amount} DESC NULLS LAST, {q('序')} NULLS LAST, {rows.id} NULLS LAST"
    if choosing:
        order = f"CASE WHEN {q('选定')} THEN 0 ELSE 1 END NULLS LAST, {order}"

    def winner(column: str) -> str:
        return f"FIRST_VALUE({q(column)}) OVER ({part} ORDER BY {order} ROWS UNBOUNDED PRECEDING)"

    helpers = {"_名": f"ROW_NUMBER() OVER ({part} ORDER BY {order})"}
    if choosing:
        helpers["_数"] = f"COUNT(*) OVER ({part})"
        helpers["_选数"] = f"COUNT(*) FILTER (WHERE {q('_事')} AND {q('选定')}) OVER ({part})"
    if estimated:
        helpers["_胜态"] = winner("状态")
        helpers |= {"_胜估": winner("暂估"), "_胜序": winner("序")} if rows.reasons else {}
    award = f"CASE {q('序')} " + " ".join(f"WHEN {place} THEN {text(name)}" for place, name in names.items()) + " END"
    if choosing and rows.reasons:
        helpers["_各项"] = f"joined(array_agg(DISTINCT {award}) OVER ({part}), '、')"
    three = f"SELECT *, {', '.join(f'{sql} AS {q(name)}' for name, sql in helpers.items())} FROM ({two})"
    loses = f"({q('_事')} AND {q('_名')} > 1)"
    waits = {
        "问": q("_问") if asked else "",
        "选": f"({q('_事')} AND {q('_数')} > 1 AND {q('_选数')} <> 1)" if choosing else "",
        "估": f"({loses} AND {q('_胜态')} = {PROVISIONAL} AND {state} = {PAYABLE})" if estimated else "",
    }
    waiting = " OR ".join(sql for sql in waits.values() if sql)
    new_state = f"CASE WHEN {waiting} THEN {NEEDS} ELSE {ALREADY} END" if waiting else str(ALREADY)
    new_amount = f"CASE WHEN {waiting} THEN NULL ELSE CAST(0 AS BIGINT) END" if waiting else "CAST(0 AS BIGINT)"
    changed = f"{', '.join(rows.told)}, {new_state} AS {state}, {new_amount} AS {amount}"
    if rows.reasons:
        said = {
            "问": f"{text(WAITS[Waits.APPLICANT] + FIELD)} || {q('种类')} || {text(FIELD)} || {q(KEY)} || "
                  f"{text(FIELD + f'就高“{group}”的同一事项' + FIELD + FIELD + '填写后才能判断是否重复' + RECORD)}",
            "选": f"{text(WAITS[Waits.APPLICANT] + FIELD + '就高' + FIELD + group + FIELD)} || '从 ' || CAST({q('_数')} AS STRING) || ' 项里选 1 项' || {text(FIELD + FIELD)} || "
                  f"{q('_各项')} || {text(RECORD)}",
            "估": f"{text(WAITS[Waits.OFFICE] + FIELD + FIELD + FIELD)} || {q('_胜估')} || {text(FIELD + FIELD + '本年标准定下后才知道')} || "
                  f"CASE {q('_胜序')} {' '.join(f'WHEN {place} THEN {text(name)}' for place, name in names.items())} END || {text(f'是否较高（就高：{group}）' + RECORD)}",
        }  # fmt: skip
        cases = " ".join(f"WHEN {sql} THEN {q('缺')} || {said[which]}" for which, sql in waits.items() if sql)
        changed += f", {f'CASE {cases} ELSE ' + q('缺') + ' END' if cases else q('缺')} AS {q('缺')}"
    return f"SELECT {changed} FROM ({three}) WHERE {loses}{f' OR {waiting}' if waiting else ''}"


def finish(plan: Plan, source: str, rows: Rows, claims: list[ClaimPlan], totals: list[TotalPlan]) -> str:
    """应付 of every line: those that went through 就高 and 总额, and those that were settled before."""
    cuts = " || ".join(f"CASE WHEN {cut} IS NULL THEN '' ELSE {text(total.name + FIELD)} || CAST({cut} AS STRING) || {text(RECORD)} END"
                       for total in totals if total.amount is not None for cut in [f"n.{q('核·' + total.name)}"]) or "''"  # fmt: skip
    parts = []
    for claim in claims:
        under = f"wide(c.{q('计算额分母')}) * wide({claim.den})" if claim.moving else f"wide({claim.den})"
        cells = {"序": str(claim.place), "计算额": f"wide(c.{q('计算额')})", "计算额分母": under}
        if "暂估" not in claim.select:
            cells["暂估"] = "''"

        def later(name: str, before: str) -> str:
            """What a line that went through has at the end, any other from its award."""
            return f"CASE WHEN n.{rows.id} IS NULL THEN {before} ELSE n.{q(name)} END"

        cells |= {"状态": later("状态", f"c.{q('状态')}"), "就高后": later("就高后", f"c.{q('名额后')}"), "核减后": later("核减后", f"c.{q('名额后')}"), "核减": cuts}
        cells["缺"] = later("缺", f"c.{q('缺')}") if rows.reasons else "''"
        back, paid = "", "CAST(0 AS BIGINT)"
        if claim.select["追回"] != "FALSE":
            back = (f" LEFT JOIN (SELECT {rows.id}, narrow(SUM(wide({q('金额')}))) AS paid FROM {q(LEDGER)} WHERE {q('年度')} = {plan.year} AND {q('文件')} = {text(THIS_POLICY)} "
                    f"AND {q('奖补')} = {text(claim.rule.name)} GROUP BY {rows.id}) AS b ON b.{rows.id} = c.{rows.id} AND c.{q('追回')}")  # fmt: skip
            paid = "COALESCE(b.paid, 0)"
        match = f"n.{rows.id} = c.{rows.id}" + (f" AND n.{q('种类')} = c.{q('种类')}" if rows.kinds else "")
        listed = [f"{cells.get(name, f'c.{q(name)}')} AS {q(name)}" for name in RESULT]
        listed.append(f"CASE WHEN {cells['状态']} = {CANCELLED} THEN {paid} ELSE 0 END AS {q('追回额')}")
        went = f"SELECT * FROM {q(source)} WHERE {q('序')} = {claim.place}"
        not_lost = f"n.{rows.id} IS NOT NULL OR NOT (c.{q('状态')} {OPEN})"
        parts.append(f"SELECT {', '.join(listed)} FROM {q(claim.whole)} AS c LEFT JOIN ({went}) AS n ON {match}{back} WHERE {not_lost}")
    every = "\nUNION ALL ".join(parts)
    sql = f"SELECT *, CASE WHEN {q('状态')} = {PAYABLE} THEN COALESCE({q('核减后')}, 0) ELSE 0 END AS {q('应付')} FROM ({every})"
    return plan.add(Step(plan.result, "应付", "每一笔的结果", sql))


RESULT = ("序", KEY, "种类", "受益人", "状态", "档", "计算额", "计算额分母", "舍入后", "补差后", "封顶后", "名额后", "就高后", "核减后", "暂估", "追回", "核减", "缺")
