"""总额 over the lines of all awards: each pot, what it has left, and who gets what share of it. Source: docs/grammar.md 总额."""

from __future__ import annotations

from ..values.frames import KEY
from .claim import EXHAUSTED, NEEDS, NOT_MET, PAYABLE, PROVISIONAL, REGISTRABLE
from .sql import BIGGEST, FIELD, quoted, text
from .steps import Plan, Solve, Step
from .together import Rows, TotalPlan, apart, with_the_others

q = quoted
STEPS = 1000  # in which the remainders of a pot are counted


def apply(plan: Plan, source: str, rows: Rows, totals: list[TotalPlan], *, everyone: bool) -> str:
    """核减后: clause totals first, then the wider ones; each pot is reported in 总·〈总额〉. everyone: every object has a claim for every award."""
    covered = {award for total in totals for award, _ in total.covered} if totals else set(plan.awards.values())
    cells = f"* EXCEPT ({', '.join(rows.compared)}), {q('就高后')} AS {q('核减后')}"
    there, others = apart(plan, source, covered, plan.awards.values())
    current = plan.add(Step("总额·始", "核减后", "总额以前，有总额管着的", f"SELECT {cells} FROM {there}", keep=bool(totals)))
    for total in totals:
        current = _one_total(plan, current, rows, total, covered, everyone=everyone)
    if others:
        changing = f"{q('状态')}, {q('核减后')}"
        looked = [_unlooked(total) for total in totals]
        last = f"{''.join(looked[:-1])}, {changing}{''.join(looked[-1:])}"
        every = f"SELECT * FROM {q(current)}\nUNION ALL SELECT * EXCEPT ({changing}){last} FROM (SELECT {cells} FROM {others})"
        current = plan.add(Step("总额·终", "核减后", "和没有总额管着的合在一起", every))
    return current


def _unlooked(total: TotalPlan) -> str:
    """The columns a total adds, of a line it does not look at."""
    none = f", CAST(NULL AS BIGINT) AS {q(f'核·{total.name}')}" if total.amount is not None else ""
    return f"{none}, FALSE AS {q(f'计·{total.name}')}"


def _one_total(plan: Plan, source: str, rows: Rows, total: TotalPlan, everywhere: set[str], *, everyone: bool) -> str:
    there, others = apart(plan, source, [award for award, _ in total.covered], everywhere)
    keys = [q(f"额·{total.name}·{place + 1}") for place in range(total.keys)]
    known = " AND ".join([q(f"额·{total.name}"), *(f"{key} IS NOT NULL" for key in keys)])
    state = q("状态")
    live = f"({known} AND {state} IN ({PAYABLE}, {PROVISIONAL}, {REGISTRABLE}))"
    amount = q("核减后")
    own = amount
    if total.register:
        own = f"CASE WHEN {q('_计')} THEN narrow(wdiv({q('计算额')}, {q('计算额分母')})) ELSE {amount} END"
    base = f"SELECT *, {live} AS {q('_计')} FROM {there}"
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
        f"SELECT {group + ', ' if group else ''}narrow(COALESCE(SUM(wide({q('_报')})), 0)) AS {q('申报合计')}, COALESCE(MAX({q('_报')}), 0) AS {q('最多')}, COUNT(*) FILTER (WHERE {known} AND {state} = {NEEDS}) AS {q('待补充')}, "
        f"COUNT(*) FILTER (WHERE {known}) AS {q('笔数')}, bool_or({q('可调')}) FILTER (WHERE {q('_计')}) AS {q('可调')} "
        f"FROM ({base}) WHERE {known}{' GROUP BY ' + group if group else ''}"
    )
    left = "CAST(NULL AS BIGINT)" if total.amount is None else f"CASE WHEN {total.amount} > {spent} THEN {total.amount} - {spent} ELSE 0 END"
    # a pot is reported even where all its claims are settled already
    settled = total.covered
    if keys:

        def named(columns: tuple[str, ...]) -> str:
            return ", ".join(f"{q(column)} AS {key}" for column, key in zip(columns, keys))

        every = [f"SELECT {', '.join(keys)} FROM {there} WHERE {known}"]
        every += [f"SELECT {named(columns)} FROM {q('定·' + award)} WHERE " + " AND ".join(f"{q(column)} IS NOT NULL" for column in columns) for award, columns in settled]
        same = " AND ".join(f"x.{key} = a.{key}" for key in keys)
        counts = ", ".join(f"COALESCE(x.{q(name)}, 0) AS {q(name)}" for name in ("申报合计", "最多", "待补充", "笔数"))
        pots = f"SELECT {', '.join(f'a.{key}' for key in keys)}, {counts}, x.{q('可调')} FROM (SELECT DISTINCT * FROM ({' UNION ALL '.join(every)})) AS a LEFT JOIN ({pots}) AS x ON {same}"
        reported = "TRUE"
    else:
        reported = " OR ".join([f"p.{q('笔数')} > 0", *(f"EXISTS (SELECT 1 FROM {q('定·' + award)})" for award, _ in settled)]) if not everyone or not settled else "TRUE"
    pots = f"SELECT p.*, {spent} AS {q('已用')}, {left} AS {q('可用')} FROM ({pots}) AS p {join} WHERE {reported}"
    pot_step = plan.add(Step(f"池·{total.name}", "核减后", f"{total.name}：每个池子申报多少、还剩多少", pots, keep=True, clause=total.clause))
    if keys:
        pot = {name: f"p.{q(name)}" for name in ("可用", "申报合计", "最多")}
        join = f"LEFT JOIN {q(pot_step)} AS p ON " + " AND ".join(f"p.{key} = c.{key}" for key in keys)
    else:  # one pot, or none
        pot = {name: f"(SELECT {q(name)} FROM {q(pot_step)})" for name in ("可用", "申报合计", "最多")}
        join = ""
    joined = f"SELECT c.*, {pot['可用']} AS {q('_池余')}, {pot['申报合计']} AS {q('_池报')}, {pot['最多']} AS {q('_最多')} FROM ({base}) AS c {join}"
    cut = f"COALESCE({q('_计')} AND {q('_池余')} IS NOT NULL AND {q('_池报')} > {q('_池余')}, FALSE)" if total.amount is not None else "FALSE"
    joined = f"SELECT *, {cut} AS {q('_超')} FROM ({joined})"
    over = f"SELECT * FROM ({joined}) WHERE {q('_超')}"  # only the claims of an exceeded pot are shared out
    part = f"PARTITION BY {', '.join(keys)}" if keys else ""
    ordered = f"{q('序')} NULLS LAST, {rows.id} NULLS LAST"
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
        undated = f"COUNT(*) FILTER (WHERE {q('申报日期')} IS NULL) OVER ({part})"  # refused in any case: nothing is shared, and no later total is exceeded by it
        shares = f"SELECT *, {before} AS {q('_前')}, {undated} AS {q('_缺日')} FROM ({over})"
        shares = f"SELECT *, CASE WHEN {q('_超')} THEN CASE WHEN {q('_缺日')} = 0 AND {q('_池余')} > COALESCE({q('_前')}, 0) THEN least_known({q('_报')}, {q('_池余')} - COALESCE({q('_前')}, 0)) ELSE 0 END END AS {q('_份')} FROM ({shares})"
    else:
        # largest remainder: 整 = ⌊claim × left ÷ claimed⌋, what is left of the pot goes one 分 each to the largest remainders
        # where no claim of the pot is so large that claim × left leaves 64 bits, 64 bits do; a remainder is below the sum claimed and always fits
        small = f"{q('_最多')} <= {BIGGEST // max(1, total.amount)}"
        wide = f"wide({q('_报')}) * wide({q('_池余')})"
        shares = f"SELECT *, CASE WHEN {small} THEN cut({q('_报')} * {q('_池余')}, {q('_池报')}) ELSE narrow(wcut({wide}, {q('_池报')})) END AS {q('_整')} FROM ({over})"
        rest = f"CASE WHEN {small} THEN {q('_报')} * {q('_池余')} - {q('_整')} * {q('_池报')} ELSE narrow({wide} - wide({q('_整')}) * wide({q('_池报')})) END"
        shares = f"SELECT *, {rest} AS {q('_零')} FROM ({shares})"
        shares = _with_spare(plan, total, shares, rows, keys)
    helpers = {"_计", "_报", "_池余", "_池报", "_最多", "_超", "_份"} | (set() if total.amount is None else {"_前", "_缺日"} if total.overrun == "先到先得" else {"_整", "_零"} if total.overrun == "按比例核减" else set())
    changed = f"({q('_超')} AND {q('_份')} <> {q('_报')})"
    new_state = f"CASE WHEN {changed} AND {state} = {REGISTRABLE} THEN {NOT_MET} WHEN {changed} AND {q('_份')} = 0 THEN {EXHAUSTED} ELSE {state} END"
    kept = own if total.register else amount
    new_amount = f"CASE WHEN {changed} THEN {q('_份')} ELSE {kept} END"
    marked = q(f"核·{total.name}")  # what was left of the claim after this total; NULL where it was not looked at
    plain = ", ".join(q(name) for name in ("_报", "_池余", "_池报", "_最多", "_计", "_超"))
    none = f"CAST(NULL AS BIGINT) AS {marked}, " if total.amount is not None else ""
    sql = (f"SELECT * EXCEPT ({plain}, {state}, {amount}), {state}, {kept} AS {amount}, {none}{q('_计')} AS {q('计·' + total.name)} "
           f"FROM ({joined}) WHERE NOT {q('_超')}")  # fmt: skip
    if shares:
        sql += (f"\nUNION ALL SELECT * EXCEPT ({', '.join(q(name) for name in sorted(helpers))}, {state}, {amount}), {new_state} AS {state}, {new_amount} AS {amount}, "
                f"{q('_份')} AS {marked}, {q('_计')} AS {q('计·' + total.name)} FROM ({shares})")  # fmt: skip
    held = Step(f"总额·{total.name}", "核减后", f"{total.name}：{total.overrun}", sql, keep=True, clause=total.clause)
    step = with_the_others(plan, held, f"分·{total.name}", others, [state, amount], _unlooked(total))
    shared = f"分·{total.name}" if others else step
    granted = f"narrow(COALESCE(SUM(wide(COALESCE({amount}, 0))) FILTER (WHERE {q('计·' + total.name)} AND {state} <> {NOT_MET}), 0)) AS {q('核定合计')}"
    granted += f", COUNT(*) FILTER (WHERE {q('计·' + total.name)} AND {state} = {PROVISIONAL}) AS {q('暂估')}"
    on = " AND ".join(f"p.{key} = g.{key}" for key in keys) or "TRUE"
    report = f"SELECT p.*, COALESCE(g.{q('核定合计')}, 0) AS {q('核定合计')}, COALESCE(g.{q('暂估')}, 0) AS {q('暂估')} FROM {q(pot_step)} AS p LEFT JOIN (SELECT {group + ', ' if group else ''}{granted} FROM {q(shared)} WHERE {known}{' GROUP BY ' + group if group else ''}) AS g ON {on}"
    plan.add(Step(f"总·{total.name}", "核减后", f"{total.name}的结果", report, clause=total.clause))
    return step


def _with_spare(plan: Plan, total: TotalPlan, shares: str, rows: Rows, keys: list[str]) -> str:
    """The claims of exceeded pots with their share: 整, and one 分 more for those with the largest remainders, as many as the pot has 分 left.

    No pot is put in order whole. Counted by its size, in STEPS steps, a remainder is above or below that of the last claim to get one; only the claims of
    the step it falls in are put in order to find it, and every claim is compared with that one.
    """
    pot = "".join(f"{key}, " for key in keys)
    part = f"PARTITION BY {', '.join(keys)} " if keys else ""
    stepped = f"SELECT *, cut({q('_零')}, cut({q('_池报')}, {STEPS}) + 1) AS {q('_级')} FROM ({shares})"
    counted = f"SELECT {pot}{q('_级')}, COUNT(*) AS n, narrow(SUM(wide({q('_整')}))) AS whole, MAX({q('_池余')}) AS pot_left FROM ({stepped}) GROUP BY {pot}{q('_级')}"
    summed = (f"SELECT {pot}{q('_级')}, n, pot_left - narrow(SUM(wide(whole)) OVER ({part})) AS spare, "
              f"narrow(SUM(n) OVER ({part}ORDER BY {q('_级')} DESC NULLS LAST)) AS up_to FROM ({counted})")  # fmt: skip
    edge = f"SELECT {pot}{q('_级')}, spare - (up_to - n) AS nth FROM ({summed}) WHERE up_to - n < spare AND spare <= up_to"
    order = [(q("_零"), ">"), (q("_报"), ">"), (q("序"), "<"), (rows.id, "<"), *([(q("种类"), "<")] if rows.kinds else [])]
    ordered = ", ".join(f"c.{column}{' DESC' if sign == '>' else ''} NULLS LAST" for column, sign in order)
    within = f"PARTITION BY {', '.join(f'c.{key}' for key in keys)} " if keys else ""
    same = " AND ".join(f"e.{column} = c.{column}" for column in [*keys, q("_级")])
    nth = f"SELECT c.*, e.nth, ROW_NUMBER() OVER ({within}ORDER BY {ordered}) AS place FROM ({stepped}) AS c JOIN ({edge}) AS e ON {same}"
    sql = f"SELECT {pot}{', '.join(column for column, _ in order)} FROM ({nth}) WHERE place = nth"
    last = plan.add(Step(f"末·{total.name}", "核减后", f"{total.name}：零头最后多得一分的那一笔", sql, keep=True, clause=total.clause))
    not_after = "TRUE"  # a claim that stands before the last to get one, or is it
    for column, sign in reversed(order):
        not_after = f"(c.{column} {sign} l.{column} OR (c.{column} = l.{column} AND {not_after}))"
    on = " AND ".join(f"l.{key} = c.{key}" for key in keys) or "TRUE"
    return f"SELECT c.*, c.{q('_整')} + CASE WHEN {not_after} THEN 1 ELSE 0 END AS {q('_份')} FROM ({shares}) AS c LEFT JOIN {q(last)} AS l ON {on}"
