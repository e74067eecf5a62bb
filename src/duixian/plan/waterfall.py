"""舍入后 → 补差后 → 封顶后 → 名额后 of one award, as SELECTs over its claims. Source: docs/grammar.md 瀑布; the closed forms are proved in comments.

Within an award claims see one another in 频次, in shared caps and in 名额; each is a window over the group. What earlier awards of this settlement
took from a pot is read from their lines, what earlier years took from the ledger.
"""

from __future__ import annotations

from ..policy.render import phrase
from ..values.frames import KEY, number_name
from .claim import ALREADY, CANCELLED, EXHAUSTED, NEEDS, NOT_MET, OPEN, PAYABLE, PROVISIONAL, ClaimPlan
from .pots import Pots
from .ranking import rank
from .sql import FIELD, names_in, quoted, text, when
from .steps import Rounds, Step
from .varying import varies

q = quoted


class Waterfall(Pots):
    """Adds the steps of one award after the other to a plan."""

    # --- one award ----------------------------------------------------------------------------------------------------------------

    def award(self, claim: ClaimPlan) -> None:
        """The steps of one award; its lines end up in 活·〈奖补〉 (may still change) and 定·〈奖补〉 (settled)."""
        rule = claim.rule
        apart = self.reasons and not self.small and bool(claim.query.row.number)  # what is missing is written for those alone that miss something
        reasons = {name: sql for name, sql in claim.reasons.items() if name != "缺" or not apart} if self.reasons else {}
        select = {**claim.select, **reasons}
        if not self.small:
            select["未落"] = " AND ".join([f"{claim.select['状态']} {OPEN}", *claim.query.stays])
        shown = "\n".join(_told(claim))
        made = claim.query.text(select, reasons=self.reasons and not apart)
        if apart:
            made = self._explained(claim, made, shown)
            select["缺"] = ""
        self.plan.add(Step(claim.table, "计算额", shown, made, award=rule.name, clause=rule.clause))
        columns = list(select)
        name = claim.table
        if rule.kind == "奖补":
            name, columns = self._once(claim, name, columns)
            name, columns = self._caps(claim, name, columns)
            name, columns = rank(self, claim, name, columns)
        else:
            amounts = ("补差后", "封顶后", "名额后")
            listed = ", ".join(f"CAST(NULL AS BIGINT) AS {q(column)}" for column in amounts)
            name = self.plan.add(Step(f"名·{rule.name}", "名额后", "登记不付钱", f"SELECT *, {listed} FROM {q(name)}", award=rule.name, clause=rule.clause))
            columns = [*columns, *amounts]
        if self.small:
            name = self.plan.add(Step(f"全·{rule.name}", "名额后", "全部", f"SELECT * FROM {q(name)}", keep=True, award=rule.name, clause=rule.clause))
            self.plan.hold_where_read_again(claim.table)
        live = f"{q('状态')} {OPEN}"
        claim.whole = name
        if self.small:
            source = f"SELECT * FROM {q(name)} WHERE {live}"
        else:
            # what is refused at the start stays refused: said again of the start alone, an engine leaves those rows out before it joins the ledger to them
            held, cells = self._told_apart(claim, [column for column in columns if column != "未落"])
            differing = f"SELECT {', '.join(map(q, held))} FROM {q(name)} WHERE {live} AND {q('未落')}"
            kept = self.plan.add(Step(f"留·{rule.name}", "名额后", "还会变的，只留各笔不同的", differing, keep=True, award=rule.name, clause=rule.clause))
            source = f"SELECT {cells} FROM {q(kept)}"
        self.plan.add(Step(f"活·{rule.name}", "名额后", "还会变的：可付、暂估、待补充、可登记", source, award=rule.name, clause=rule.clause))
        self.plan.add(Step(f"定·{rule.name}", "名额后", "已经定了的：取消、已享受、不符合、封顶已满", f"SELECT * FROM {q(name)} WHERE NOT ({live})", award=rule.name, clause=rule.clause))
        self.done.append(claim)

    def _told_apart(self, claim: ClaimPlan, columns: list[str]) -> tuple[list[str], str]:
        """(the columns in which claims differ, the SELECT list that makes the others from those): what is the same for every claim, or twice, is not held.

        Neither is a key beside its number: the texts of ten million keys are more than all the rest.
        """
        same = {"补差后": "舍入后"} if claim.once is None and claim.rule.kind == "奖补" and not self.outside.first else {}
        same |= {"名额后": "封顶后"} if claim.ranking is None and claim.rule.kind == "奖补" else {}
        held: list[str] = []
        cells: dict[str, str] = {}
        first: dict[str, str] = {}  # what a column of the claims is made of -> how it is had here
        for column in columns:
            made = claim.select.get(column, "") if column not in ("状态", "缺") else ""
            if column in (KEY, "受益人") and number_name(column) in columns:
                continue
            if column in same:
                cells[column] = cells[same[column]]
            elif made and not names_in(made) and not varies(made):
                cells[column] = made
            elif made in first:
                cells[column] = first[made]
            else:
                held.append(column)
                cells[column] = q(column)
                first |= {made: q(column)} if made else {}
        return held, ", ".join(f"{sql} AS {q(column)}" for column, sql in cells.items())

    def _explained(self, claim: ClaimPlan, made: str, shown: str) -> str:
        """The claims with what is missing: worked out for those alone that miss something. A list may name a missing fact for each of its members."""
        rule, same = claim.rule, (self.id, q("种类"))
        base = self.plan.add(Step(f"算·{rule.name}", "计算额", shown, made, award=rule.name, clause=rule.clause))
        short = self.plan.add(Step(f"需·{rule.name}", "计算额", "缺数的", f"SELECT {', '.join(same)} FROM {q(base)} WHERE {q('状态')} = {NEEDS}", keep=True, award=rule.name, clause=rule.clause))
        cells = {self.id[1:-1]: claim.select[self.id[1:-1]], "种类": claim.select["种类"], "缺": claim.reasons["缺"]}
        said = claim.query.text(cells, reasons=True, only=f"SELECT {self.id} FROM {q(short)}")
        why = self.plan.add(Step(f"因·{rule.name}", "计算额", "各缺什么", said, keep=True, award=rule.name, clause=rule.clause))
        match = " AND ".join(f"r.{column} = c.{column}" for column in same)
        return f"SELECT c.*, COALESCE(r.{q('缺')}, '') AS {q('缺')} FROM {q(base)} AS c LEFT JOIN {q(why)} AS r ON {match}"

    # --- 频次, 晋档 -----------------------------------------------------------------------------------------------------------------

    def _once(self, claim: ClaimPlan, name: str, columns: list[str]) -> tuple[str, list[str]]:
        rule = claim.rule
        if claim.once is None:
            listed, columns = self._replaced(columns, {"补差后": f"c.{q('舍入后')}"}, name)
            return self.plan.add(Step(f"频·{rule.name}", "补差后", "没有频次的限制", f"SELECT {listed} FROM {q(name)} AS c", award=rule.name, clause=rule.clause)), columns
        pot, frequency, said = claim.once
        years = "" if frequency.most_years is None else "first" if frequency.from_first else "years"
        standard, by_standard = {"全额": "nominal", "补差(档位标准)": "standard"}.get(claim.upgrade, ""), claim.upgrade == "补差(档位标准)"
        bare = ["bare", *(["bare_why"] if self.reasons else [])] if by_standard else []
        used, unplaced, entries = self._pot(claim, pot, "h", ["n", "paid", years, standard, *bare])
        has = " AND ".join(f"c.{q(key)} IS NOT NULL" for key in pot.keys) or "TRUE"
        has = f"({has} AND c.{q('状态')} <> {CANCELLED})"
        waits = f"({has} AND hu.why IS NOT NULL)" if unplaced else "FALSE"
        state, rounded = f"c.{q('状态')}", f"c.{q('舍入后')}"
        over = "FALSE"
        if frequency.most_years is not None and entries:
            test = f"({self.year + 1} - h.first > {frequency.most_years} AND h.first IS NOT NULL)" if frequency.from_first else f"COALESCE(h.years, 0) >= {frequency.most_years}"
            if frequency.from_first:  # no year enjoyed yet: the count decides, which is 0
                test = f"({test} OR (h.first IS NULL AND 0 >= {frequency.most_years}))"
            over = f"({has} AND NOT {waits} AND COALESCE({test}, FALSE) AND {state} IN ({NEEDS}, {PAYABLE}))"
        elif frequency.most_years is not None and frequency.most_years <= 0:
            over = f"({has} AND {state} IN ({NEEDS}, {PAYABLE}))"
        inner = {
            "_有": has, "_等": waits, "_过": over,
            "_付次": "COALESCE(h.n, 0)" if entries else "0", "_付额": "COALESCE(h.paid, 0)" if entries else "0",
            "_标": f"COALESCE(h.{standard}, 0)" if entries and standard else "0",
            "_缺标": "COALESCE(h.bare, 0) > 0" if entries and by_standard else "FALSE",
            "_行": f"CASE WHEN {state} = {PAYABLE} AND {has} AND NOT {waits} AND NOT {over} THEN 1 ELSE 0 END",
        }  # fmt: skip
        if self.reasons and entries and by_standard:
            inner["_缺标因"] = "COALESCE(h.bare_why, '')"
        if self.reasons and unplaced:
            inner["_等因"] = "COALESCE(hu.why, '')"
        first = ", ".join(["c.*", *(f"{sql} AS {q(key)}" for key, sql in inner.items())])
        joins = " ".join(part for part in (used, unplaced) if part)
        base = f"SELECT {first} FROM {q(name)} AS c {joins}"
        part = ", ".join(f"c.{q(key)}" for key in pot.keys)
        if pot.own:
            ordered = f"SELECT c.*, {q('_行')} AS {q('_位')}, {q('_行')} AS {q('_家')} FROM ({base}) AS c"
        else:
            over_group = f"PARTITION BY {part}" if part else ""
            ordered = (f"SELECT c.*, SUM({q('_行')}) OVER ({over_group} ORDER BY {q('_行')} DESC, COALESCE({rounded}, 0) DESC, c.{self.id} NULLS LAST ROWS UNBOUNDED PRECEDING) AS {q('_位')}, "
                       f"SUM({q('_行')}) OVER ({over_group}) AS {q('_家')} FROM ({base}) AS c").replace("DESC,", "DESC NULLS LAST,")  # fmt: skip
        times = frequency.times
        if times is None:
            cases = f"CASE WHEN {q('_等')} AND {state} IN ({PAYABLE}, {NEEDS}) THEN {NEEDS} WHEN {q('_过')} THEN {NOT_MET} ELSE {state} END"
            due = rounded
        else:
            free = f"({times} - {q('_付次')})"
            # what stands before a claim in its group: earlier payments, and of this year's the higher ones that were let through
            spent = f"({q('_付次')} >= {times} OR (CASE WHEN {q('_行')} = 1 THEN {q('_位')} - 1 ELSE {q('_家')} END) >= {free})"
            cases = f"CASE WHEN NOT {q('_有')} THEN {state} WHEN {q('_等')} THEN CASE WHEN {state} IN ({PAYABLE}, {NEEDS}) THEN {NEEDS} ELSE {state} END"
            cases += f" WHEN NOT {spent} THEN CASE WHEN {q('_过')} THEN {NOT_MET} ELSE {state} END"
            if claim.upgrade in ("", "不补"):
                cases += f" ELSE {ALREADY} END"
                due = rounded
            else:
                # only the highest of the group can be owed a difference: it takes the sum up to its own figure, which no other exceeds
                owed = {"补差(已付金额)": f"{rounded} - {q('_付额')}", "补差(档位标准)": f"{rounded} - {q('_标')}", "全额": f"CASE WHEN {rounded} > {q('_标')} THEN {rounded} ELSE 0 END"}[claim.upgrade]
                cases += f" WHEN {state} = {NOT_MET} OR {q('_过')} THEN {ALREADY} WHEN {state} = {NEEDS} OR {rounded} IS NULL THEN {state}"
                cases += f" WHEN {q('_缺标')} THEN {NEEDS} WHEN {q('_付次')} >= {times} AND {q('_位')} = 1 AND ({owed}) > 0 THEN {PAYABLE} ELSE {ALREADY} END"
                due = f"CASE WHEN {q('_付次')} >= {times} AND {q('_行')} = 1 AND {q('_位')} = 1 AND NOT {q('_缺标')} THEN {owed} ELSE {rounded} END"
        second = f"SELECT c.*, {cases} AS {q('_态')} FROM ({ordered}) AS c"
        changed = {"状态": q("_态"), "补差后": f"CASE WHEN {q('_态')} = {ALREADY} THEN 0 WHEN {q('_态')} = {PAYABLE} THEN {due} ELSE {rounded} END"}
        if self.reasons:
            why = [when(f"{q('_等')}", q("_等因")) if unplaced else "", when(f"({state} = {PAYABLE} AND {q('_缺标')} AND NOT {q('_等')})", q("_缺标因")) if entries and by_standard else ""]
            extra = " || ".join(part for part in why if part)
            changed["缺"] = f"CASE WHEN {q('_态')} = {NEEDS} THEN c.{q('缺')}{' || ' + extra if extra else ''} ELSE '' END"
            changed["频次已付"] = q("_付次")
            changed["频次付额"] = q("_付额")
        listed, columns = self._replaced(columns, changed, name)
        return self.plan.add(Step(f"频·{rule.name}", "补差后", said + (f"；晋档 {claim.upgrade}" if claim.upgrade else ""), f"SELECT {listed} FROM ({second}) AS c", award=rule.name, clause=rule.clause)), columns

    # --- 其他政策, 封顶 -------------------------------------------------------------------------------------------------------------

    def _less_outside(self, amount: str) -> str:
        return f"CASE WHEN c.{q('他处')} = 0 THEN {amount} " + (f"WHEN {amount} > c.{q('他处')} THEN {amount} - c.{q('他处')} ELSE 0 END" if self.outside.how == "差额" else "ELSE 0 END")

    def _caps(self, claim: ClaimPlan, name: str, columns: list[str]) -> tuple[str, list[str]]:
        rule = claim.rule
        state = f"c.{q('状态')}"
        start = f"CASE WHEN {state} = {PAYABLE} THEN c.{q('补差后')} END"
        if self.outside.how and self.outside.first:
            start = f"CASE WHEN {state} = {PAYABLE} THEN {self._less_outside('c.' + q('补差后'))} END"
        inner: dict[str, str] = {"_始": start}
        joins: list[str] = []
        shared: dict[str, list[int]] = {}
        loose: dict[int, bool] = {}
        for place, cap in enumerate(claim.caps):
            alias = f"p{place + 1}"
            each = cap.pot.window.kind == "每笔"
            used, unplaced, entries = ("", "", "") if each else self._pot(claim, cap.pot, alias, ["paid"])
            joins += [part for part in (used, unplaced) if part]
            left = f"c.{q(cap.limit)}" if not entries else f"CASE WHEN c.{q(cap.limit)} > COALESCE({alias}.paid, 0) THEN c.{q(cap.limit)} - COALESCE({alias}.paid, 0) ELSE 0 END"
            inner[f"_余{place + 1}"] = f"CASE WHEN c.{q(cap.has)} THEN {left} END"
            inner[f"_已{place + 1}"] = f"COALESCE({alias}.paid, 0)" if entries else "0"
            loose[place] = bool(unplaced)
            inner[f"_等{place + 1}"] = f"(c.{q(cap.has)} AND {alias}u.why IS NOT NULL)" if unplaced else "FALSE"
            if self.reasons and unplaced:
                inner[f"_等因{place + 1}"] = f"COALESCE({alias}u.why, '')"
            if not cap.pot.own and not each:
                shared.setdefault(cap.pot.identity, []).append(place)
        if any(loose.values()):  # what is left is asked cap by cap, for a claim may wait between two caps over one scope
            shared = {f"{identity}·{place}": [place] for identity, places in shared.items() for place in places}
        base = f"SELECT {', '.join(['c.*', *(f'{sql} AS {q(key)}' for key, sql in inner.items())])} FROM {q(name)} AS c {' '.join(joins)}"
        local = [place for place, cap in enumerate(claim.caps) if cap.pot.own or cap.pot.window.kind == "每笔"]
        smallest = _least([q("_始"), *(q(f"_余{place + 1}") for place in local)])
        waiting = " OR ".join(q(f"_等{place + 1}") for place in range(len(claim.caps)) if loose[place]) or "FALSE"
        plays = f"({state} = {PAYABLE} AND {q('_始')} > 0 AND NOT ({waiting}))"
        base = f"SELECT c.*, {smallest} AS {q('_限')}, {plays} AS {q('_入')} FROM ({base}) AS c"
        order = ", ".join([*(f"c.{q(column)} NULLS LAST" for column in claim.order), f"c.{self.id} NULLS LAST"])
        given, in_rounds = q("_限"), False
        if len(shared) == 1 and all(claim.caps[place].constant for place in next(iter(shared.values()))):
            places = next(iter(shared.values()))
            pot = claim.caps[places[0]].pot
            left = _lowest([q(f"_余{place + 1}") for place in places])
            part = ", ".join(f"c.{q(key)}" for key in pot.keys)
            before = (f"narrow(SUM(wide(CASE WHEN {q('_入')} THEN {q('_限')} ELSE 0 END)) OVER ({f'PARTITION BY {part} ' if part else ''}ORDER BY {order} "
                      f"ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))")  # fmt: skip
            # with one limit L for the pot, claims in order get min(S, L) − min(S before, L): the first take all they ask for until L is used up
            base = f"SELECT c.*, COALESCE({before}, 0) AS {q('_前')}, {left} AS {q('_池余')} FROM ({base}) AS c"
            rest = f"CASE WHEN {q('_池余')} > {q('_前')} THEN {q('_池余')} - {q('_前')} ELSE 0 END"
            base = f"SELECT c.*, {rest} AS {q('_轮余')} FROM ({base}) AS c"
            given = _least([q("_限"), q("_轮余")])
        elif shared:
            base, given = self._rounds(claim, base, shared, order)
            in_rounds = True
        # what each cap in turn leaves: for the order of reasons, and for a claim that waits at a later cap
        running, waits, after_waits = q("_始"), [], []
        for place, _ in enumerate(claim.caps):
            if loose[place]:
                waits.append(f"WHEN {running} > 0 AND {q(f'_等{place + 1}')} THEN {place + 1}")
                after_waits.append(place + 1)
            number = next((number for number, places in enumerate(shared.values(), 1) if place in places), 0)
            left = q(f"_余{place + 1}") if not number else q(f"_轮余{number}") if in_rounds else q("_轮余")
            running = _least([running, left])
        base = f"SELECT c.*, {given} AS {q('_得')}, {'CASE ' + ' '.join(waits) + ' ELSE 0 END' if waits else '0'} AS {q('_停')} FROM ({base}) AS c"
        first_gone = f"{q('_始')} = 0" if self.outside.how and self.outside.first else "FALSE"
        new_state = (f"CASE WHEN {state} <> {PAYABLE} THEN {state} WHEN {first_gone} THEN {ALREADY} WHEN {q('_停')} > 0 THEN {NEEDS} "
                     f"WHEN {q('_得')} = 0 THEN {EXHAUSTED} WHEN c.{q('暂估')} <> '' THEN {PROVISIONAL} ELSE {PAYABLE} END")  # fmt: skip
        amount = f"CASE WHEN {state} <> {PAYABLE} THEN c.{q('补差后')} WHEN {first_gone} THEN 0 WHEN {q('_停')} > 0 THEN {q('_始')} ELSE {q('_得')} END"
        changed = {"状态": new_state, "封顶后": amount}
        if self.outside.how and self.outside.first:
            changed["补差后"] = f"CASE WHEN {state} = {PAYABLE} THEN {q('_始')} ELSE c.{q('补差后')} END"
        if self.reasons:
            whys = " ".join(f"WHEN {place} THEN {q(f'_等因{place}')}" for place in after_waits)
            if whys:
                changed["缺"] = f"c.{q('缺')} || CASE {q('_停')} {whys} ELSE '' END"
            for place in range(len(claim.caps)):
                changed[f"已用{place + 1}"] = q(f"_已{place + 1}")
        listed, columns = self._replaced(columns, changed, name)
        note = "；".join(cap.text for cap in claim.caps) or "没有封顶"
        return self.plan.add(Step(f"顶·{rule.name}", "封顶后", note, f"SELECT {listed} FROM ({base}) AS c", award=rule.name, clause=rule.clause)), columns

    def _rounds(self, claim: ClaimPlan, base: str, shared: dict[str, list[int]], order: str) -> tuple[str, str]:
        """Several shared pots at once, or limits that differ within a pot: claims take in order, round by round."""
        rule = claim.rule
        ready = self.plan.add(Step(f"待·{rule.name}", "封顶后", "封顶以前", base, keep=True, award=rule.name, clause=rule.clause))
        cells = [f"ROW_NUMBER() OVER (ORDER BY {order}) AS {q('序')}", f"c.{q(KEY)}", f"c.{q('种类')}", f"{q('_限')} AS {q('额')}", f"NOT {q('_入')} AS {q('只看')}"]
        for number, places in enumerate(shared.values(), 1):
            pot = claim.caps[places[0]].pot
            key = " || ".join(f"COALESCE(c.{q(column)}, '') || {text(FIELD)}" for column in pot.keys) or "''"
            left = _lowest([q(f"_余{place + 1}") for place in places])
            cells += [f"{left} AS {q(f'余{number}')}", f"CASE WHEN ({left}) IS NOT NULL THEN {key} END AS {q(f'池{number}')}"]
        # a claim that may wait at one of its caps takes nothing, but has to know what an earlier cap would have left it
        plays = f"c.{q('状态')} = {PAYABLE} AND {q('_始')} > 0 AND ({q('_限')} > 0 OR NOT {q('_入')})"
        self.plan.add(Rounds(f"轮·{rule.name}", "封顶后", "几个封顶同时管着，按先后一笔一笔取", f"SELECT {', '.join(cells)} FROM {q(ready)} AS c WHERE {plays}", len(shared), rule.name, rule.clause))
        lefts = [f"r.{q(f'余{number}')}" for number in range(1, len(shared) + 1)]
        each = "".join(f", {left} AS {q(f'_轮余{number}')}" for number, left in enumerate(lefts, 1))
        least = _lowest(lefts)
        joined = f"SELECT c.*, {least} AS {q('_轮余')}{each} FROM {q(ready)} AS c LEFT JOIN {q('轮·' + rule.name)} AS r ON r.{q(KEY)} = c.{q(KEY)} AND r.{q('种类')} = c.{q('种类')}"
        return joined, _least([q("_限"), q("_轮余")])


def _told(claim: ClaimPlan) -> list[str]:
    """What the claims of a rule ask and give, in the words of the policy."""
    rule = claim.rule
    lines = [f"对象　{rule.object}"] + [f"条件　{text}" for text in claim.conditions] + [f"否决　{phrase(item)}" for item in rule.vetoes]
    if rule.tiers and not rule.tiers.open_whole:
        lines += [f"{label}　→　{phrase(row.value)}" for label, row in zip(claim.tiers, rule.tiers.rows)]
    elif rule.standard is not None:
        lines.append(f"标准　{phrase(rule.standard)}")
    return lines + ([f"舍入　{claim.rounding}"] if claim.rounding else [])


def _lowest(parts: list[str]) -> str:
    """The least of the limits a claim has; NULL where it has none."""
    return parts[0] if len(parts) == 1 else f"LEAST({', '.join(parts)})"


def _least(parts: list[str]) -> str:
    """The least of what is there: a cap a claim does not have (NULL) does not limit it; the first part decides whether there is an amount."""
    if len(parts) == 1:
        return parts[0]
    return f"CASE WHEN {parts[0]} IS NULL THEN NULL ELSE LEAST({', '.join(parts)}) END"
