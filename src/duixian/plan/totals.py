"""总额 over the lines of all awards: each pot, what it has left, and who gets what share of it. Source: docs/grammar.md 总额."""

from __future__ import annotations

from dataclasses import replace

from .claim import EXHAUSTED, NEEDS, NOT_MET, PAYABLE, PROVISIONAL, REGISTRABLE
from .sql import BIGGEST, FIELD, quoted, text
from .steps import Plan, Solve, Step
from .together import IN_PROPORTION, Rows, TotalPlan, apart

q = quoted
POT = ("可用", "申报合计", "最多")  # of a pot: left, claimed, the greatest claim
CLAIM = f"COALESCE({q('核减后')}, 0)"  # what a line that counts claims of a pot
COUNTS = f"{q('状态')} IN ({PAYABLE}, {PROVISIONAL}, {REGISTRABLE})"
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


def _cut(total: TotalPlan) -> str:
    """The column of what a total left of a claim; NULL where its pot is not exceeded."""
    return q(f"核·{total.name}")


def _unlooked(total: TotalPlan) -> str:
    """The column a total adds, of a line it does not look at."""
    return f", CAST(NULL AS BIGINT) AS {_cut(total)}" if total.amount is not None else ""


def _one_total(plan: Plan, source: str, rows: Rows, total: TotalPlan, everywhere: set[str], *, everyone: bool) -> str:
    there, others = apart(plan, source, [award for award, _ in total.covered], everywhere)
    keys = [q(f"额·{total.name}·{place + 1}") for place in range(total.keys)]
    known = " AND ".join(f"{key} IS NOT NULL" for key in keys) or "TRUE"
    state, amount = q("状态"), q("核减后")
    counts = f"({known} AND {COUNTS})"
    base = f"SELECT * FROM {there}"
    if total.register:
        own = f"CASE WHEN {counts} THEN narrow(wdiv({q('计算额')}, {q('计算额分母')})) ELSE {amount} END"
        base = f"SELECT * EXCEPT ({amount}), {own} AS {amount} FROM {there}"
    pots = plan.add(_pots(total, keys, known, there, base, everyone=everyone))
    sql = f"SELECT * EXCEPT ({state}, {amount}), {state}, {amount} FROM ({base})"
    if total.amount is not None:
        claimed, ending = _shares(plan, rows, total, keys, plan.add(_claimed(total, keys, base, counts, pots)), pots)
        changed = f"({q('_超')} AND {q('_份')} <> {CLAIM})"
        new_state = f"CASE WHEN {changed} AND {state} = {REGISTRABLE} THEN {NOT_MET} WHEN {changed} AND {q('_份')} = 0 THEN {EXHAUSTED} ELSE {state} END"
        new_amount = f"CASE WHEN {changed} THEN {q('_份')} ELSE {amount} END"
        ended = ", ".join([*map(q, ("_超", "_份", *ending)), state, amount])
        sql = f"SELECT * EXCEPT ({ended}), {new_state} AS {state}, {new_amount} AS {amount}, {q('_份')} AS {_cut(total)} FROM ({claimed})"
    dear = total.amount is not None and total.overrun != IN_PROPORTION  # else two columns over what is held
    step = Step(f"总额·{total.name}", "核减后", f"{total.name}：{total.overrun}", sql, keep=dear, clause=total.clause)
    if others:  # what this total does not look at stays where it is
        held = plan.add(replace(step, name=f"分·{total.name}"))
        every = f"SELECT * FROM {q(held)}\nUNION ALL SELECT * EXCEPT ({state}, {amount}), {state}, {amount}{_unlooked(total)} FROM {others}"
        step = replace(step, note="和其余各项合在一起", sql=every, keep=False)
    plan.add(step)
    plan.add(_report(total, keys, known, pots, f"分·{total.name}" if others else step.name))
    return step.name


def _pots(total: TotalPlan, keys: list[str], known: str, there: str, base: str, *, everyone: bool) -> Step:
    """Each pot: what is claimed of it, what earlier payments used, what is left. One is reported even where all its claims are settled already."""
    group = f" GROUP BY {', '.join(keys)}" if keys else ""
    shown = "".join(f"{key}, " for key in keys)
    sums = {"申报合计": f"narrow(COALESCE(SUM(wide({CLAIM})) FILTER (WHERE {COUNTS}), 0))", "最多": f"COALESCE(MAX({CLAIM}) FILTER (WHERE {COUNTS}), 0)",
            "待补充": f"COUNT(*) FILTER (WHERE {q('状态')} = {NEEDS})", "笔数": "COUNT(*)"}  # fmt: skip
    cells = ", ".join(f"{sql} AS {q(name)}" for name, sql in sums.items())
    pots = f"SELECT {shown}{cells}, bool_or({q('可调')}) FILTER (WHERE {COUNTS}) AS {q('可调')} FROM ({base}) WHERE {known}{group}"
    if keys:

        def named(columns: tuple[str, ...]) -> str:
            return ", ".join(f"{q(column)} AS {key}" for column, key in zip(columns, keys))

        every = [f"SELECT {', '.join(keys)} FROM {there} WHERE {known}"]
        every += [f"SELECT {named(columns)} FROM {q('定·' + award)} WHERE " + " AND ".join(f"{q(column)} IS NOT NULL" for column in columns) for award, columns in total.covered]
        same = " AND ".join(f"x.{key} = a.{key}" for key in keys)
        counts = ", ".join(f"COALESCE(x.{q(name)}, 0) AS {q(name)}" for name in sums)
        pots = f"SELECT {', '.join(f'a.{key}' for key in keys)}, {counts}, x.{q('可调')} FROM (SELECT DISTINCT * FROM ({' UNION ALL '.join(every)})) AS a LEFT JOIN ({pots}) AS x ON {same}"
        reported = "TRUE"
    else:
        settled = [f"EXISTS (SELECT 1 FROM {q('定·' + award)})" for award, _ in total.covered]
        reported = "TRUE" if everyone and settled else " OR ".join([f"p.{q('笔数')} > 0", *settled])
    spent, join = "CAST(0 AS BIGINT)", ""
    if total.ledger:
        entry = [q(f"键{place + 1}") for place in range(total.keys)]
        paid = f"SELECT {''.join(f'{key}, ' for key in entry)}narrow(SUM(wide({q('金额')}))) AS paid FROM {q(total.ledger)}{' GROUP BY ' + ', '.join(entry) if entry else ''}"
        match = " AND ".join(f"s.{one} = p.{key}" for one, key in zip(entry, keys, strict=True))
        spent, join = "COALESCE(s.paid, 0)", f" LEFT JOIN ({paid}) AS s ON {match}" if match else f" CROSS JOIN ({paid}) AS s"
    left = "CAST(NULL AS BIGINT)" if total.amount is None else f"CASE WHEN {total.amount} > {spent} THEN {total.amount} - {spent} ELSE 0 END"
    sql = f"SELECT p.*, {spent} AS {q('已用')}, {left} AS {q('可用')} FROM ({pots}) AS p{join} WHERE {reported}"
    return Step(f"池·{total.name}", "核减后", f"{total.name}：每个池子申报多少、还剩多少", sql, keep=True, clause=total.clause)


def _claimed(total: TotalPlan, keys: list[str], base: str, counts: str, pots: str) -> Step:
    """Every claim beside its pot: whether that is exceeded (_超), and of an exceeded one what its method asks for. Held: a pot is read several times."""
    left, asked, most = (q(f"_池·{name}") for name in POT)
    cells = ", ".join(f"p.{q(name)} AS {q(f'_池·{name}')}" for name in POT)
    if keys:
        join = f"LEFT JOIN {q(pots)} AS p ON " + " AND ".join(f"p.{key} = c.{key}" for key in keys)
    else:  # one row, whether there is a pot or not
        join = f"CROSS JOIN (SELECT {', '.join(f'MAX({q(name)}) AS {q(name)}' for name in POT)} FROM {q(pots)}) AS p"
    sql = f"SELECT *, COALESCE({counts} AND {asked} > {left}, FALSE) AS {q('_超')} FROM (SELECT c.*, {cells} FROM ({base}) AS c {join})"
    if total.overrun == IN_PROPORTION:
        # largest remainder: 整 = ⌊claim × left ÷ claimed⌋, what is left of the pot goes one 分 each to the largest remainders
        # where no claim of the pot is so large that claim × left leaves 64 bits, 64 bits do; a remainder is below the sum claimed and always fits
        small = f"{most} <= {BIGGEST // max(1, total.amount or 0)}"
        wide = f"wide({CLAIM}) * wide({left})"
        share = {"_整": f"CASE WHEN {small} THEN cut({CLAIM} * {left}, {asked}) ELSE narrow(wcut({wide}, {asked})) END",
                 "_零": f"CASE WHEN {small} THEN {CLAIM} * {left} - {q('_整')} * {asked} ELSE narrow({wide} - wide({q('_整')}) * wide({asked})) END",
                 "_级": f"CAST(cut({q('_零')}, cut({asked}, {STEPS}) + 1) AS INTEGER)"}  # fmt: skip
        for name, cell in share.items():
            sql = f"SELECT *, CASE WHEN {q('_超')} THEN {cell} END AS {q(name)} FROM ({sql})"
    unread = ", ".join([asked, most, *([left] if total.overrun == IN_PROPORTION else [])])
    return Step(f"报·{total.name}", "核减后", f"{total.name}：每一笔报多少，它的池子超没超", f"SELECT * EXCEPT ({unread}) FROM ({sql})", keep=True, clause=total.clause)


def _shares(plan: Plan, rows: Rows, total: TotalPlan, keys: list[str], held: str, pots: str) -> tuple[str, list[str]]:
    """The claims with their share of an exceeded pot (_份, NULL in any other), and the columns of a method that end here."""
    left, over = q("_池·可用"), f"SELECT * FROM {q(held)} WHERE {q('_超')}"
    if total.overrun == IN_PROPORTION:
        return _in_proportion(plan, rows, total, keys, held, pots), ["_整", "_零", "_级"]
    if total.overrun == "先到先得":
        part = f"PARTITION BY {', '.join(keys)} " if keys else ""
        ordered = f"{q('申报日期')} NULLS LAST, {q('序')} NULLS LAST, {rows.id} NULLS LAST"
        before = f"narrow(SUM(wide({CLAIM})) OVER ({part}ORDER BY {ordered} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))"
        undated = f"COUNT(*) FILTER (WHERE {q('申报日期')} IS NULL) OVER ({part})"  # refused in any case: nothing is shared, and no later total is exceeded by it
        taken, none = f"COALESCE({q('_前')}, 0)", q("_缺日")
        share = f"CASE WHEN {none} = 0 AND {left} > {taken} THEN least_known({CLAIM}, {left} - {taken}) ELSE 0 END"
        sql = f"SELECT * EXCEPT ({q('_前')}, {none}), {share} AS {q('_份')} FROM (SELECT *, {before} AS {q('_前')}, {undated} AS {none} FROM ({over}))"
        return f"{sql}\nUNION ALL SELECT *, CAST(NULL AS BIGINT) AS {q('_份')} FROM {q(held)} WHERE NOT {q('_超')}", ["_池·可用"]
    paid = f"COALESCE({q('舍入后')}, 0) - COALESCE({q('补差后')}, 0)"
    cells = [q("序"), f"{rows.id} AS {q('号')}", q("种类") if rows.kinds else f"'' AS {q('种类')}", f"{CLAIM} AS {q('限')}", f"{q('计算额')} AS {q('分子')}", f"{q('计算额分母')} AS {q('分母')}", f"{paid} AS {q('已付')}", f"({q('可调')} AND {q('计算额')} IS NOT NULL) AS {q('可调')}",
             q("申报日期"), f"{left} AS {q('可用')}", f"{' || '.join(f'{key} || {text(FIELD)}' for key in keys) or text('')} AS {q('池')}"]  # fmt: skip
    solved = plan.add(Solve(f"解·{total.name}", "核减后", f"{total.name}：{total.overrun}", f"SELECT {', '.join(cells)} FROM ({over})", total.overrun, total.clause))
    same = f"s.{q('序')} = c.{q('序')} AND s.{q('号')} = c.{rows.id}" + (f" AND s.{q('种类')} = c.{q('种类')}" if rows.kinds else "")
    return f"SELECT c.*, s.{q('份额')} AS {q('_份')} FROM {q(held)} AS c LEFT JOIN {q(solved)} AS s ON {same}", ["_池·可用"]


def _in_proportion(plan: Plan, rows: Rows, total: TotalPlan, keys: list[str], held: str, pots: str) -> str:
    """The claims with their share: 整, and one 分 more for those with the largest remainders, as many as the pot has 分 left.

    No pot is put in order whole. Counted by its size, in STEPS steps, a remainder is above or below that of the last claim to get one; only the claims of
    the step it falls in are put in order to find it, and every claim is compared with that one.
    """
    pot, group, level = "".join(f"{key}, " for key in keys), f" GROUP BY {', '.join(keys)}" if keys else "", q("_级")
    within = f"PARTITION BY {', '.join(f'c.{key}' for key in keys)} " if keys else ""
    of = " AND ".join(f"p.{key} = c.{key}" for key in keys)
    counted = f"SELECT {pot}{level}, COUNT(*) AS n, narrow(SUM(wide({q('_整')}))) AS whole FROM {q(held)} WHERE {q('_超')} GROUP BY {pot}{level}"
    summed = (f"SELECT c.*, p.{q('可用')} - narrow(SUM(wide(whole)) OVER ({within})) AS spare, narrow(SUM(n) OVER ({within}ORDER BY {level} DESC NULLS LAST)) AS up_to "
              f"FROM ({counted}) AS c {f'JOIN {q(pots)} AS p ON {of}' if keys else f'CROSS JOIN {q(pots)} AS p'}")  # fmt: skip
    edge = f"SELECT {pot}{level}, spare - (up_to - n) AS nth FROM ({summed}) WHERE up_to - n < spare AND spare <= up_to"
    order = [(q("_零"), ">"), (q("核减后"), ">"), *((column, "<") for column in rows.told)]  # the larger claim first, then the award, then the key
    ordered = ", ".join(f"c.{column}{' DESC' if sign == '>' else ''} NULLS LAST" for column, sign in order)
    same = " AND ".join(f"e.{column} = c.{column}" for column in [*keys, level])
    nth = f"SELECT c.*, e.nth, ROW_NUMBER() OVER ({within}ORDER BY {ordered}) AS place FROM {q(held)} AS c JOIN ({edge}) AS e ON {same} WHERE c.{q('_超')}"
    found = f"SELECT {pot}{', '.join(f'MAX({column}) AS {column}' for column, _ in order)} FROM ({nth}) WHERE place = nth{group}"
    last = plan.add(Step(f"末·{total.name}", "核减后", f"{total.name}：零头最后多得一分的那一笔", found, keep=True, clause=total.clause))
    not_after = "TRUE"  # a claim that stands before the last to get one, or is it
    for column, sign in reversed(order):
        not_after = f"(c.{column} {sign} l.{column} OR (c.{column} = l.{column} AND {not_after}))"
    on = " AND ".join(f"l.{key} = c.{key}" for key in keys)
    join = f"LEFT JOIN {q(last)} AS l ON {on}" if keys else f"CROSS JOIN {q(last)} AS l"  # of one pot there is one row, with a last claim or without
    return f"SELECT c.*, c.{q('_整')} + CASE WHEN {not_after} THEN 1 ELSE 0 END AS {q('_份')} FROM {q(held)} AS c {join}"


def _report(total: TotalPlan, keys: list[str], known: str, pots: str, shared: str) -> Step:
    """总·: what each pot is said to come to."""
    group = f" GROUP BY {', '.join(keys)}" if keys else ""
    granted = f"narrow(COALESCE(SUM(wide({CLAIM})) FILTER (WHERE {COUNTS}), 0)) AS {q('核定合计')}"  # who was cut to nothing or out of it adds nothing
    granted += f", COUNT(*) FILTER (WHERE {q('状态')} = {PROVISIONAL}) AS {q('暂估')}"
    on = " AND ".join(f"p.{key} = g.{key}" for key in keys) or "TRUE"
    sums = f"SELECT {''.join(f'{key}, ' for key in keys)}{granted} FROM {q(shared)} WHERE {known}{group}"
    sql = f"SELECT p.*, COALESCE(g.{q('核定合计')}, 0) AS {q('核定合计')}, COALESCE(g.{q('暂估')}, 0) AS {q('暂估')} FROM {q(pots)} AS p LEFT JOIN ({sums}) AS g ON {on}"
    return Step(f"总·{total.name}", "核减后", f"{total.name}的结果", sql, clause=total.clause)
