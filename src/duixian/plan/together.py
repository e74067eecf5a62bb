"""就高 and 总额 over the lines of all awards, then 应付. Source: docs/grammar.md 就高, 总额."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..values.frames import KEY, LEDGER
from ..values.terms import THIS_POLICY, Waits
from .claims import ALREADY, CANCELLED, EXHAUSTED, NEEDS, NOT_MET, PAYABLE, PROVISIONAL, REGISTRABLE, UNKNOWN_KEY, ClaimPlan
from .lower import WAITS
from .sql import FIELD, RECORD, quoted, text
from .steps import Plan, Solve, Step

q = quoted
ALIVE = f"{q('状态')} IN ({PAYABLE}, {PROVISIONAL})"
COMMON = ("标识", "种类", "受益人", "状态", "档", "计算额", "计算额分母", "舍入后", "补差后", "封顶后", "名额后", "暂估", "可调", "追回", "他处", "申报日期", "选定")


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


def gather(plan: Plan, claims: list[ClaimPlan], groups: tuple[str, ...], totals: list[TotalPlan], *, reasons: bool) -> str:
    """All lines that may still change in one table, award by award."""
    parts = []
    for claim in claims:
        here = set(claim.select)
        cells = [f"{claim.place} AS {q('序')}"]
        for column in COMMON:
            if column == "计算额":
                cells.append(f"wide({q('计算额')}) AS {q('计算额')}")
            elif column == "计算额分母":
                cells.append(f"wide({q(column)}) AS {q(column)}" if claim.moving else f"wide({claim.den}) AS {q(column)}")
            elif column in ("补差后", "封顶后", "名额后") or column in here:
                cells.append(q(column))
            else:
                cells.append({"暂估": "''", "可调": "FALSE", "他处": "CAST(0 AS BIGINT)"}.get(column, "NULL") + f" AS {q(column)}")
        if claim.moving:
            cells[cells.index(f"wide({q('计算额分母')}) AS {q('计算额分母')}")] = f"wide({q('计算额分母')}) * wide({claim.den}) AS {q('计算额分母')}"
        cells += [(q(f"组·{group}") if group in claim.groups else "CAST(NULL AS STRING)") + f" AS {q(f'组·{group}')}" for group in groups]
        for total in totals:
            own = claim.pots.get(total.name)
            cells.append(f"{'TRUE' if own is not None else 'FALSE'} AS {q(f'额·{total.name}')}")
            cells += [(q(own[place]) if own is not None else "CAST(NULL AS STRING)") + f" AS {q(f'额·{total.name}·{place + 1}')}" for place in range(total.keys)]
        cells.append(f"{q('缺')}" if reasons else f"'' AS {q('缺')}")
        parts.append("SELECT " + ", ".join(cells) + f" FROM {q('活·' + claim.rule.name)}")
    sql = "\nUNION ALL ".join(parts) if parts else ""
    return plan.add(Step("合·名额后", "就高后", "各项奖补合在一起", sql))


def highest(plan: Plan, source: str, groups: tuple[tuple[str, str], ...], outside: Any, stacking: Mapping[str, frozenset[str]], places: Mapping[str, int], names: Mapping[int, str]) -> str:
    """就高: within one matter the highest is kept. Groups one after the other, each sees what the ones before it left."""
    amount = f"{q('名额后')}"
    if outside.how and not outside.first:
        less = f"CASE WHEN {q('他处')} = 0 THEN {amount} " + (f"WHEN {amount} > {q('他处')} THEN {amount} - {q('他处')} ELSE 0 END" if outside.how == "差额" else "ELSE 0 END")
        changed = f"CASE WHEN {ALIVE} AND {amount} IS NOT NULL THEN {less} ELSE {amount} END"
        state = f"CASE WHEN {ALIVE} AND {amount} IS NOT NULL AND {q('他处')} <> 0 AND ({less}) = 0 THEN {ALREADY} ELSE {q('状态')} END"
        sql = f"SELECT * EXCEPT ({q('状态')}), {state} AS {q('状态')}, {changed} AS {q('就高后')} FROM {q(source)}"
    else:
        sql = f"SELECT *, {amount} AS {q('就高后')} FROM {q(source)}"
    current = plan.add(Step("就高·始", "就高后", "扣除其他政策已付" if outside.how and not outside.first else "没有要先扣的", sql))
    for number, (group, treatment) in enumerate(groups, 1):
        if treatment == "提示":
            continue
        current = plan.add(Step(f"就高·{group}", "就高后", f"{group}：{'由申报单位选一项' if treatment == '申报单位选择' else '只取最高一项'}",
                                _one_group(current, group, treatment, stacking, places, names, number), keep=True))  # fmt: skip
    return current


def _one_group(source: str, group: str, treatment: str, stacking: Mapping[str, frozenset[str]], places: Mapping[str, int], names: Mapping[int, str], number: int) -> str:
    key, state, amount = q(f"组·{group}"), q("状态"), q("就高后")
    inside = f"({key} IS NOT NULL AND {ALIVE})"
    counted = f"COALESCE({q('受益人')}, '')"
    one = (f"SELECT *, {inside} AS {q('_内')}, MIN({q('序')}) FILTER (WHERE {inside}) OVER (PARTITION BY {counted}) <> MAX({q('序')}) FILTER (WHERE {inside}) OVER (PARTITION BY {counted}) AS {q('_几项')} "
           f"FROM {q(source)} WHERE {inside}")  # fmt: skip
    matter = f"({q('_内')} AND {amount} > 0 AND {key} <> {text(UNKNOWN_KEY)})"
    asks = f"({q('_内')} AND {amount} > 0 AND {key} = {text(UNKNOWN_KEY)} AND COALESCE({q('_几项')}, FALSE))"
    two = f"SELECT *, {matter} AS {q('_事')}, {asks} AS {q('_问')} FROM ({one})"
    part = f"PARTITION BY {q('_事')}, {key}"
    pairs = sorted({(a, b) for a, others in stacking.items() for b in others if a in places and b in places})
    if pairs:
        alone = " OR ".join(f"({q('序')} = {places[a]} AND bool_or({q('序')} = {places[b]}) OVER ({part}))" for a, b in pairs)
        two = f"SELECT * EXCEPT ({q('_事')}), ({q('_事')} AND NOT ({alone})) AS {q('_事')} FROM ({two})"
    chosen = f"({q('_事')} AND {q('选定')})"
    order = f"{amount} DESC NULLS LAST, {q('序')} NULLS LAST, {q(KEY)} NULLS LAST"
    if treatment == "申报单位选择":
        order = f"CASE WHEN {q('选定')} THEN 0 ELSE 1 END NULLS LAST, {order}"
    three = (
        f"SELECT *, COUNT(*) OVER ({part}) AS {q('_数')}, COUNT(*) FILTER (WHERE {chosen}) OVER ({part}) AS {q('_选数')}, "
        f"ROW_NUMBER() OVER ({part} ORDER BY {order}) AS {q('_名')}, FIRST_VALUE({state}) OVER ({part} ORDER BY {order} ROWS UNBOUNDED PRECEDING) AS {q('_胜态')}, "
        f"FIRST_VALUE({q('暂估')}) OVER ({part} ORDER BY {order} ROWS UNBOUNDED PRECEDING) AS {q('_胜估')}, FIRST_VALUE({q('序')}) OVER ({part} ORDER BY {order} ROWS UNBOUNDED PRECEDING) AS {q('_胜序')} "
        f"FROM ({two})"
    )
    several = f"({q('_事')} AND {q('_数')} > 1)"
    unchosen = f"({several} AND {q('_选数')} <> 1)" if treatment == "申报单位选择" else "FALSE"
    loses = f"({several} AND {q('_名')} > 1)"
    estimate = f"({loses} AND {q('_胜态')} = {PROVISIONAL} AND {state} = {PAYABLE})"
    award = f"CASE {q('序')} " + " ".join(f"WHEN {place} THEN {text(name)}" for place, name in names.items()) + " END"
    winner = f"CASE {q('_胜序')} " + " ".join(f"WHEN {place} THEN {text(name)}" for place, name in names.items()) + " END"
    ask_key = (f"{text(WAITS[Waits.APPLICANT] + FIELD)} || {q('种类')} || {text(FIELD)} || {q(KEY)} || "
               f"{text(FIELD + f'就高“{group}”的同一事项' + FIELD + FIELD + '填写后才能判断是否重复' + RECORD)}")  # fmt: skip
    if treatment == "申报单位选择":
        three = f"SELECT *, joined(array_agg(DISTINCT {award}) OVER ({part}), '、') AS {q('_各项')} FROM ({three})"
    choose = (f"{text(WAITS[Waits.APPLICANT] + FIELD + '就高' + FIELD + group + FIELD)} || '从 ' || CAST({q('_数')} AS STRING) || ' 项里选 1 项' || {text(FIELD + FIELD)} || "
              f"{q('_各项') if treatment == '申报单位选择' else text('')} || {text(RECORD)}")  # fmt: skip
    open_item = (f"{text(WAITS[Waits.OFFICE] + FIELD + FIELD + FIELD)} || {q('_胜估')} || {text(FIELD + FIELD + '本年标准定下后才知道')} || {winner} || "
                 f"{text(f'是否较高（就高：{group}）' + RECORD)}")  # fmt: skip
    waits = f"({q('_问')} OR {unchosen} OR {estimate})"
    new_state = f"CASE WHEN {waits} THEN {NEEDS} WHEN {loses} THEN {ALREADY} ELSE {state} END"
    new_amount = f"CASE WHEN {waits} THEN NULL WHEN {loses} THEN 0 ELSE {amount} END"
    why = f"CASE WHEN {q('_问')} THEN {q('缺')} || {ask_key} WHEN {unchosen} THEN {q('缺')} || {choose} WHEN {estimate} THEN {q('缺')} || {open_item} ELSE {q('缺')} END"
    helpers = ["_内", "_几项", "_事", "_问", "_数", "_选数", "_名", "_胜态", "_胜估", "_胜序"] + (["_各项"] if treatment == "申报单位选择" else [])
    return (f"SELECT * EXCEPT ({', '.join(q(name) for name in helpers)}, {state}, {amount}, {q('缺')}), {new_state} AS {state}, {new_amount} AS {amount}, {why} AS {q('缺')} "
            f"FROM ({three})\nUNION ALL SELECT * EXCEPT ({state}, {amount}, {q('缺')}), {state}, {amount}, {q('缺')} FROM {q(source)} WHERE NOT {inside}")  # fmt: skip


# --- 总额 -------------------------------------------------------------------------------------------------------------------------------


def apply(plan: Plan, source: str, totals: list[TotalPlan]) -> str:
    """核减后: clause totals first, then the wider ones; each pot is reported in 总·〈总额〉."""
    current = plan.add(Step("总额·始", "核减后", "总额以前", f"SELECT *, {q('就高后')} AS {q('核减后')}, '' AS {q('核减')} FROM {q(source)}", keep=True))
    for total in totals:
        current = _one_total(plan, current, total)
    return current


def _one_total(plan: Plan, source: str, total: TotalPlan) -> str:
    keys = [q(f"额·{total.name}·{place + 1}") for place in range(total.keys)]
    known = " AND ".join([q(f"额·{total.name}"), *(f"{key} IS NOT NULL" for key in keys)])
    state = q("状态")
    live = f"({known} AND {state} IN ({PAYABLE}, {PROVISIONAL}, {REGISTRABLE}))"
    amount = q("核减后")
    own = amount
    if total.register:
        own = f"CASE WHEN {q('_计')} THEN narrow(wdiv({q('计算额')}, {q('计算额分母')})) ELSE {amount} END"
    base = f"SELECT *, {live} AS {q('_计')} FROM {q(source)}"
    base = f"SELECT *, CASE WHEN {q('_计')} THEN COALESCE({own}, 0) END AS {q('_报')} FROM ({base})"
    group = ", ".join(keys)
    spent = "CAST(0 AS BIGINT)"
    join = ""
    if total.ledger:
        entry = ", ".join(q(f"键{place + 1}") for place in range(total.keys))
        spent_sql = f"SELECT {entry + ', ' if entry else ''}narrow(SUM(wide({q('金额')}))) AS paid FROM {q(total.ledger)}{' GROUP BY ' + entry if entry else ''}"
        match = " AND ".join(f"s.{q(f'键{place + 1}')} = p.{key}" for place, key in enumerate(keys))
        join = f"LEFT JOIN ({spent_sql}) AS s ON {match}" if match else f"CROSS JOIN ({spent_sql}) AS s"
        spent = "COALESCE(s.paid, 0)"
    pots = (
        f"SELECT {group + ', ' if group else ''}narrow(COALESCE(SUM(wide({q('_报')})) FILTER (WHERE {q('_计')}), 0)) AS {q('申报合计')}, COUNT(*) FILTER (WHERE {known} AND {state} = {NEEDS}) AS {q('待补充')}, "
        f"COUNT(*) FILTER (WHERE {known}) AS {q('笔数')}, bool_or({q('可调')}) FILTER (WHERE {q('_计')}) AS {q('可调')} "
        f"FROM ({base}) WHERE {known}{' GROUP BY ' + group if group else ''}"
    )
    left = "CAST(NULL AS BIGINT)" if total.amount is None else f"CASE WHEN {total.amount} > {spent} THEN {total.amount} - {spent} ELSE 0 END"
    # a pot is reported even where all its claims are settled already
    settled = total.covered
    if keys:

        def named(columns: tuple[str, ...]) -> str:
            return ", ".join(f"{q(column)} AS {key}" for column, key in zip(columns, keys))

        every = [f"SELECT {', '.join(keys)} FROM {q(source)} WHERE {known}"]
        every += [f"SELECT {named(columns)} FROM {q('定·' + award)} WHERE " + " AND ".join(f"{q(column)} IS NOT NULL" for column in columns) for award, columns in settled]
        same = " AND ".join(f"x.{key} = a.{key}" for key in keys)
        counts = ", ".join(f"COALESCE(x.{q(name)}, 0) AS {q(name)}" for name in ("申报合计", "待补充", "笔数"))
        pots = f"SELECT {', '.join(f'a.{key}' for key in keys)}, {counts}, x.{q('可调')} FROM (SELECT DISTINCT * FROM ({' UNION ALL '.join(every)})) AS a LEFT JOIN ({pots}) AS x ON {same}"
        there = "TRUE"
    else:
        there = " OR ".join([f"p.{q('笔数')} > 0", *(f"EXISTS (SELECT 1 FROM {q('定·' + award)})" for award, _ in settled)])
    pots = f"SELECT p.*, {spent} AS {q('已用')}, {left} AS {q('可用')} FROM ({pots}) AS p {join} WHERE {there}"
    pot_step = plan.add(Step(f"池·{total.name}", "核减后", f"{total.name}：每个池子申报多少、还剩多少", pots, keep=True, clause=total.clause))
    match = " AND ".join(f"p.{key} = c.{key}" for key in keys) or "TRUE"
    cut = f"({q('_计')} AND p.{q('可用')} IS NOT NULL AND p.{q('申报合计')} > p.{q('可用')})" if total.amount is not None else "FALSE"
    joined = f"SELECT c.*, p.{q('可用')} AS {q('_池余')}, p.{q('申报合计')} AS {q('_池报')}, COALESCE({cut}, FALSE) AS {q('_超')} FROM ({base}) AS c LEFT JOIN {q(pot_step)} AS p ON {match}"
    over = f"SELECT * FROM ({joined}) WHERE {q('_超')}"  # only the claims of an exceeded pot are shared out
    part = f"PARTITION BY {', '.join(keys)}" if keys else ""
    ordered = f"{q('序')} NULLS LAST, {q(KEY)} NULLS LAST"
    if total.overrun in ("下调标准", "不予登记") and total.amount is not None:
        solve = f"解·{total.name}"
        paid = f"COALESCE({q('舍入后')}, 0) - COALESCE({q('补差后')}, 0)"
        cells = [q("序"), q(KEY), q("种类"), f"{q('_报')} AS {q('限')}", f"{q('计算额')} AS {q('分子')}", f"{q('计算额分母')} AS {q('分母')}", f"{paid} AS {q('已付')}", f"({q('可调')} AND {q('计算额')} IS NOT NULL) AS {q('可调')}",
                 q("申报日期"), f"{q('_池余')} AS {q('可用')}", f"{' || '.join(f'{key} || {text(FIELD)}' for key in keys) or text('')} AS {q('池')}"]  # fmt: skip
        plan.add(Solve(solve, "核减后", f"{total.name}：{total.overrun}", f"SELECT {', '.join(cells)} FROM ({joined}) WHERE {q('_超')}", total.overrun, total.clause))
        shares = f"SELECT c.*, s.{q('份额')} AS {q('_份')} FROM ({over}) AS c LEFT JOIN {q(solve)} AS s ON s.{q('序')} = c.{q('序')} AND s.{q(KEY)} = c.{q(KEY)} AND s.{q('种类')} = c.{q('种类')}"
    elif total.amount is None:
        shares = ""
    elif total.overrun == "先到先得":
        before = f"narrow(SUM(wide({q('_报')})) OVER ({part} ORDER BY {q('申报日期')} NULLS LAST, {ordered} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))"
        shares = f"SELECT *, {before} AS {q('_前')} FROM ({over})"
        shares = f"SELECT *, CASE WHEN {q('_超')} THEN CASE WHEN {q('_池余')} > COALESCE({q('_前')}, 0) THEN least_known({q('_报')}, {q('_池余')} - COALESCE({q('_前')}, 0)) ELSE 0 END END AS {q('_份')} FROM ({shares})"
    else:
        # largest remainder: 整 = ⌊claim × left ÷ claimed⌋, what is left of the pot goes one 分 each to the largest remainders
        whole = f"CASE WHEN {q('_超')} THEN narrow(wdiv(wide({q('_报')}) * wide({q('_池余')}), wide({q('_池报')}))) END"
        rest = f"CASE WHEN {q('_超')} THEN wide({q('_报')}) * wide({q('_池余')}) - wide({q('_整')}) * wide({q('_池报')}) END"
        shares = f"SELECT *, {whole} AS {q('_整')} FROM ({over})"
        shares = f"SELECT *, {rest} AS {q('_零')} FROM ({shares})"
        shares = (f"SELECT *, {q('_池余')} - narrow(SUM(wide({q('_整')})) OVER ({part})) AS {q('_多')}, "
                  f"ROW_NUMBER() OVER ({part} ORDER BY {q('_零')} DESC NULLS LAST, {q('_报')} DESC NULLS LAST, {ordered}) AS {q('_位')} FROM ({shares})")  # fmt: skip
        shares = f"SELECT *, {q('_整')} + CASE WHEN {q('_位')} <= {q('_多')} THEN 1 ELSE 0 END AS {q('_份')} FROM ({shares})"
    helpers = {"_计", "_报", "_池余", "_池报", "_超", "_份"} | (set() if total.amount is None else {"_前"} if total.overrun == "先到先得" else {"_整", "_零", "_多", "_位"} if total.overrun == "按比例核减" else set())
    changed = f"({q('_超')} AND {q('_份')} <> {q('_报')})"
    new_state = f"CASE WHEN {changed} AND {state} = {REGISTRABLE} THEN {NOT_MET} WHEN {changed} AND {q('_份')} = 0 THEN {EXHAUSTED} ELSE {state} END"
    kept = own if total.register else amount
    new_amount = f"CASE WHEN {changed} THEN {q('_份')} ELSE {kept} END"
    cuts = f"CASE WHEN {q('_超')} THEN {q('核减')} || {text(total.name + FIELD)} || CAST({q('_份')} AS STRING) || {text(RECORD)} ELSE {q('核减')} END"
    plain = ", ".join(q(name) for name in ("_报", "_池余", "_池报", "_计", "_超"))
    sql = (f"SELECT * EXCEPT ({plain}, {state}, {amount}, {q('核减')}), {state}, {kept} AS {amount}, {q('核减')}, {q('_计')} AS {q('计·' + total.name)} "
           f"FROM ({joined}) WHERE NOT {q('_超')}")  # fmt: skip
    if shares:
        sql += (f"\nUNION ALL SELECT * EXCEPT ({', '.join(q(name) for name in sorted(helpers))}, {state}, {amount}, {q('核减')}), {new_state} AS {state}, {new_amount} AS {amount}, "
                f"{cuts} AS {q('核减')}, {q('_计')} AS {q('计·' + total.name)} FROM ({shares})")  # fmt: skip
    step = plan.add(Step(f"总额·{total.name}", "核减后", f"{total.name}：{total.overrun}", sql, keep=True, clause=total.clause))
    granted = f"narrow(COALESCE(SUM(wide(COALESCE({amount}, 0))) FILTER (WHERE {q('计·' + total.name)} AND {state} <> {NOT_MET}), 0)) AS {q('核定合计')}"
    granted += f", COUNT(*) FILTER (WHERE {q('计·' + total.name)} AND {state} = {PROVISIONAL}) AS {q('暂估')}"
    on = " AND ".join(f"p.{key} = g.{key}" for key in keys) or "TRUE"
    report = f"SELECT p.*, COALESCE(g.{q('核定合计')}, 0) AS {q('核定合计')}, COALESCE(g.{q('暂估')}, 0) AS {q('暂估')} FROM {q(pot_step)} AS p LEFT JOIN (SELECT {group + ', ' if group else ''}{granted} FROM {q(step)} WHERE {known}{' GROUP BY ' + group if group else ''}) AS g ON {on}"
    plan.add(Step(f"总·{total.name}", "核减后", f"{total.name}的结果", report, clause=total.clause))
    return step


def finish(plan: Plan, source: str, claims: list[ClaimPlan], *, reasons: bool) -> str:
    """应付 of every line: those that went through 就高 and 总额, and those that were settled before."""
    cells = ["序", KEY, "种类", "受益人", "状态", "档", "计算额", "计算额分母", "舍入后", "补差后", "封顶后", "名额后", "就高后", "核减后", "暂估", "追回", "核减", "缺"]
    live = f"SELECT {', '.join(q(cell) for cell in cells)} FROM {q(source)}"
    parts = [live]
    for claim in claims:
        here = set(claim.select)
        row = []
        for cell in cells:
            if cell == "序":
                row.append(f"{claim.place} AS {q(cell)}")
            elif cell == "计算额":
                row.append(f"wide({q(cell)}) AS {q(cell)}")
            elif cell == "计算额分母":
                row.append((f"wide({q(cell)}) * wide({claim.den})" if claim.moving else f"wide({claim.den})") + f" AS {q(cell)}")
            elif cell in ("就高后", "核减后"):
                row.append(f"{q('名额后')} AS {q(cell)}")
            elif cell == "核减" or (cell == "缺" and not reasons) or (cell == "暂估" and cell not in here):
                row.append(f"'' AS {q(cell)}")
            else:
                row.append(q(cell))
        parts.append(f"SELECT {', '.join(row)} FROM {q('定·' + claim.rule.name)}")
    every = "\nUNION ALL ".join(parts)
    names = " ".join(f"WHEN {claim.place} THEN {text(claim.rule.name)}" for claim in claims)
    back = (f"LEFT JOIN (SELECT {q('奖补')}, {q(KEY)}, narrow(SUM(wide({q('金额')}))) AS paid FROM {q(LEDGER)} WHERE {q('年度')} = {plan.year} AND {q('文件')} = {text(THIS_POLICY)} "
            f"GROUP BY {q('奖补')}, {q(KEY)}) AS b ON b.{q(KEY)} = c.{q(KEY)} AND b.{q('奖补')} = CASE c.{q('序')} {names} END AND c.{q('追回')}")  # fmt: skip
    sql = (f"SELECT c.*, CASE WHEN c.{q('状态')} = {PAYABLE} THEN COALESCE(c.{q('核减后')}, 0) ELSE 0 END AS {q('应付')}, "
           f"CASE WHEN c.{q('状态')} = {CANCELLED} THEN COALESCE(b.paid, 0) ELSE 0 END AS {q('追回额')} FROM ({every}) AS c {back}")  # fmt: skip
    return plan.add(Step(plan.result, "应付", "每一笔的结果", sql))
