"""名额 as windows: who is in, who is out, who waits; an unknown blocks only the places it can reach. Source: docs/grammar.md 名额."""

from __future__ import annotations

from ..award.record import Window
from ..values.frames import KEY
from ..values.terms import Waits
from .claim import NEEDS, NOT_MET, PAYABLE, PROVISIONAL, ClaimPlan
from .pots import Pots
from .sql import FIELD, RECORD, quoted, text
from .steps import Step
from .stored import WAITS

q = quoted


def rank(fall: Pots, claim: ClaimPlan, name: str, columns: list[str]) -> tuple[str, list[str]]:
    """名额后 of every claim of an award."""
    rule, ranking = claim.rule, claim.ranking
    if ranking is None:
        listed, columns = fall._replaced(columns, {"名额后": f"c.{q('封顶后')}"}, name)
        return fall.plan.add(Step(f"名·{rule.name}", "名额后", "没有名额的限制", f"SELECT {listed} FROM {q(name)} AS c", award=rule.name, clause=rule.clause)), columns
    state = f"c.{q('状态')}"
    may_pay = f"{state} IN ({PAYABLE}, {PROVISIONAL})"
    ranked = " AND ".join([f"{state} IN ({PAYABLE}, {PROVISIONAL}, {NEEDS})", f"c.{q('名额数')} IS NOT NULL", *(f"c.{q(key)} IS NOT NULL" for key in ranking.group)])
    taken_join, taken = _taken(fall, claim)
    order = [f"c.{q('封顶后')}"] if ranking.by_amount else [f"c.{q(column)}" for column in ranking.order]
    known = " AND ".join(f"{part} IS NOT NULL" for part in order)
    if ranking.by_amount:
        known = f"({known} AND {may_pay})"
    group = ", ".join([f"c.{q(key)}" for key in ranking.group] + [f"c.{q('名额档')}"])
    kinds = [kind for kind in fall.lowering.vocabulary.objects if fall.lowering.vocabulary.is_kind(kind, rule.object)]
    kind_order = f"CASE c.{q('种类')} " + " ".join(f"WHEN {text(kind)} THEN {place}" for place, kind in enumerate(kinds)) + " END" if len(kinds) > 1 else "0"
    one = f"SELECT c.*, {ranked} AS {q('_在')}, {taken} AS {q('_已占')} FROM {q(name)} AS c {taken_join}"
    sure, doubtful, loose = q("_定"), q("_疑"), q("_无序")
    two = (
        f"SELECT c.*, ({q('_在')} AND {may_pay} AND {known}) AS {sure}, ({q('_在')} AND NOT ({may_pay} AND {known})) AS {doubtful}, "
        f"({q('_在')} AND {may_pay} AND NOT ({known})) AS {loose}, "
        f"FIRST_VALUE(CASE WHEN c.{q('名额数')} > {q('_已占')} THEN c.{q('名额数')} - {q('_已占')} ELSE 0 END) OVER (PARTITION BY {q('_在')}, {group} ORDER BY {kind_order} NULLS LAST, c.{fall.id} NULLS LAST ROWS UNBOUNDED PRECEDING) AS {q('_额')}, "
        f"COUNT(*) OVER (PARTITION BY {q('_在')}, {group}) AS {q('_组数')} FROM ({one}) AS c"
    )
    way = "DESC" if ranking.descending else "ASC"
    # a doubtful one with a known order stands before or beside those it reaches; without one it may stand anywhere
    placed = [f"CASE WHEN {q('_定')} OR ({q('_疑')} AND {'FALSE' if ranking.by_amount else known}) THEN {part} END AS {q(f'_序{place}')}" for place, part in enumerate(order)]
    placed_known = " AND ".join(f"{q(f'_序{place}')} IS NOT NULL" for place in range(len(order)))
    three = f"SELECT c.*, {', '.join(placed)} FROM ({two}) AS c"
    group_in = f"PARTITION BY {q('_在')}, {group}"
    by_order = ", ".join(f"{q(f'_序{place}')} {way} NULLS LAST" for place in range(len(order)))
    same = ", ".join(q(f"_序{place}") for place in range(len(order)))
    four = (
        f"SELECT c.*, COUNT(*) FILTER (WHERE {sure}) OVER ({group_in}, {same}) AS {q('_并')}, "
        f"COUNT(*) FILTER (WHERE {sure}) OVER ({group_in} ORDER BY {by_order} RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS {q('_至')}, "
        f"COUNT(*) FILTER (WHERE {doubtful} AND {placed_known}) OVER ({group_in} ORDER BY {by_order} RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) + "
        f"COUNT(*) FILTER (WHERE {doubtful} AND NOT ({placed_known})) OVER ({group_in}) AS {q('_可及')}, "
        f"COUNT(*) FILTER (WHERE {loose}) OVER ({group_in}) AS {q('_无序数')}"
    )
    if ranking.then:
        has_then = " AND ".join(f"c.{q(column)} IS NOT NULL" for column in ranking.then)
        four += f", COUNT(*) FILTER (WHERE {sure} AND {has_then}) OVER ({group_in}, {same}) AS {q('_并有')}"
    four += f" FROM ({three}) AS c"
    tie_columns: list[str] = [q(f"_序{place}") for place in range(len(order))]
    if ranking.then:
        thens = [f"CASE WHEN {q('_定')} AND {q('_并')} > 1 AND {q('_并有')} = {q('_并')} THEN c.{q(column)} END AS {q(f'_又{place}')}" for place, column in enumerate(ranking.then)]
        four = f"SELECT c.*, {', '.join(thens)} FROM ({four}) AS c"
        tie_columns += [q(f"_又{place}") for place in range(len(ranking.then))]
        then_way = "DESC" if ranking.then_descending else "ASC"
        in_tie = f"{group_in}, {same}"
        by_then = ", ".join(f"{q(f'_又{place}')} {then_way} NULLS LAST" for place in range(len(ranking.then)))
        tie = f"{in_tie}, {', '.join(q(f'_又{place}') for place in range(len(ranking.then)))}"
        five = (
            f"SELECT c.*, {q('_至')} - {q('_并')} + COUNT(*) FILTER (WHERE {sure}) OVER ({in_tie} ORDER BY {by_then} RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) "
            f"- COUNT(*) FILTER (WHERE {sure}) OVER ({tie}) AS {q('_前')}, COUNT(*) FILTER (WHERE {sure}) OVER ({tie}) AS {q('_同')} FROM ({four}) AS c"
        )
    else:
        five = f"SELECT c.*, {q('_至')} - {q('_并')} AS {q('_前')}, {q('_并')} AS {q('_同')} FROM ({four}) AS c"
    limited = f"({q('_在')} AND {q('_组数')} > {q('_额')})"
    ahead, tied, reach, places = q("_前"), q("_同"), q("_可及"), q("_额")
    cut = f"({ahead} + {tied} + {reach})"
    stays = f"{cut} <= {places}" + (f" OR ({ahead} + {reach} < {places})" if ranking.tie == "一并入选" else "")
    all_wait = f"({q('_无序数')} > 0)" if ranking.by_choice else "FALSE"
    verdict = (
        f"CASE WHEN NOT {limited} THEN '留' WHEN {all_wait} THEN CASE WHEN {loose} THEN '选' ELSE '留' END WHEN {loose} THEN '无序' WHEN NOT {sure} THEN '留' "
        f"WHEN {ahead} >= {places} THEN '外' WHEN {stays} THEN '留' WHEN {reach} > 0 THEN '未定' ELSE {text('平分' if ranking.tie == '平分' else '并列')} END"
    )
    six = f"SELECT c.*, {verdict} AS {q('_判')} FROM ({five}) AS c"
    amount = f"c.{q('封顶后')}"
    if ranking.tie == "平分":
        in_tie = f"{group_in}, {', '.join(tie_columns)}, {q('_判')}"
        six = (
            f"SELECT c.*, MIN({amount}) OVER ({in_tie}) = MAX({amount}) OVER ({in_tie}) AS {q('_额同')}, "
            f"ROW_NUMBER() OVER ({in_tie} ORDER BY c.{fall.id} NULLS LAST) AS {q('_次')} FROM ({six}) AS c"
        )
        share = f"idiv({amount} * ({places} - {ahead}), {tied}) + CASE WHEN {q('_次')} <= imod({amount} * ({places} - {ahead}), {tied}) THEN 1 ELSE 0 END"
        six = f"SELECT c.*, CASE WHEN {q('_判')} = '平分' AND {q('_额同')} THEN {share} END AS {q('_份')} FROM ({six}) AS c"
        six = f"SELECT c.*, CASE WHEN {q('_判')} = '平分' AND NOT {q('_额同')} THEN '不同' ELSE {q('_判')} END AS {q('_终')} FROM ({six}) AS c"
    else:
        six = f"SELECT c.*, CAST(NULL AS BIGINT) AS {q('_份')}, {q('_判')} AS {q('_终')} FROM ({six}) AS c"
    final = q("_终")
    waits = f"{final} IN ('选', '无序', '未定', '并列', '不同')"
    changed = {
        "状态": f"CASE WHEN {final} = '外' THEN {NOT_MET} WHEN {waits} THEN {NEEDS} ELSE {state} END",
        "名额后": f"CASE WHEN {final} = '外' THEN 0 WHEN {waits} THEN NULL WHEN {final} = '平分' THEN {q('_份')} ELSE {amount} END",
    }
    if fall.reasons:
        texts = ranking.texts
        said = text(texts[0]) if len(texts) == 1 else f"CASE c.{q('档')} " + " ".join(f"WHEN {place + 1} THEN {text(words)}" for place, words in enumerate(texts)) + " ELSE '' END"

        def number(sql: str) -> str:
            return f"CAST({sql} AS STRING)"

        what = (
            f"CASE {final} WHEN '选' THEN '从 ' || {number(q('_组数'))} || ' 项里选 ' || {number(places)} || ' 项' WHEN '无序' THEN '名次（排序依据未知）' "
            f"WHEN '未定' THEN '名次（另有 ' || {number(reach)} || ' 家未定，可能排在前面）' WHEN '并列' THEN '名次（' || {number(tied)} || ' 家并列争 ' || {number(f'({places} - {ahead})')} || ' 个名额）' "
            f"ELSE '并列各家金额不同，不能平分，须另定' END"
        )

        def record(waiting: Waits) -> str:
            return f"{text(WAITS[waiting] + FIELD + '名额' + FIELD + rule.name + FIELD)} || {what} || {text(FIELD + FIELD)} || {said} || {text(RECORD)}"

        changed["缺"] = f"CASE WHEN {final} = '选' THEN c.{q('缺')} || {record(Waits.APPLICANT)} WHEN {waits} THEN c.{q('缺')} || {record(Waits.CYCLE)} ELSE c.{q('缺')} END"
        changed["名次"] = f"CASE WHEN {final} = '外' THEN {ahead} + 1 END"
    listed, columns = fall._replaced(columns, changed, name)
    return fall.plan.add(Step(f"名·{rule.name}", "名额后", "；".join(dict.fromkeys(part for part in ranking.texts if part)), f"SELECT {listed} FROM ({six}) AS c", award=rule.name, clause=rule.clause)), columns


def _taken(fall: Pots, claim: ClaimPlan) -> tuple[str, str]:
    """(joins, SQL of the places of the group that earlier batches of this year used, the claim's own object left out)."""
    rule, ranking = claim.rule, claim.ranking
    assert ranking is not None
    places = rule.places or next(row.places for row in rule.tiers.rows if row.places)
    names = tuple(word.text for word in places.keys)
    entries = fall.entries(f"名额 {rule.name}", (rule.name,), names, Window("每年"), (KEY, "档"), posted=False)
    if not entries:
        return "", "0"
    name = fall.plan.add(Step(f"账·{rule.name}·名额", "台账", "本年以前各批已占的名额", entries, keep=True, award=rule.name, clause=rule.clause))
    keys = [f"e.{q(f'键{place + 1}')}" for place in range(len(names))]
    match = " AND ".join([*(f"{key} = l.{q(column)}" for key, column in zip(keys, ranking.group)), _label_matches(claim)]) or "TRUE"
    join = (
        f"LEFT JOIN (SELECT l.{q(KEY)} AS k, l.{q('种类')} AS kind, COUNT(DISTINCT e.{q(KEY)}) AS n FROM {q(claim.table)} AS l JOIN {q(name)} AS e "
        f"ON {match} AND e.{q(KEY)} <> l.{q(KEY)} GROUP BY 1, 2) AS taken ON taken.k = c.{q(KEY)} AND taken.kind = c.{q('种类')}"
    )
    return join, "COALESCE(taken.n, 0)"


def _label_matches(claim: ClaimPlan) -> str:
    """The tier row an earlier place was taken in, where places are counted by row."""
    labels = " ".join(f"WHEN {place + 1} THEN {text(label)}" for place, label in enumerate(claim.tiers))
    return f"(l.{q('名额档')} = 0 OR e.{q('档')} = CASE l.{q('名额档')} {labels} END)" if labels else "TRUE"
