"""What a pot has been used for: earlier payments of the ledger, and what earlier awards of this settlement took. Source: docs/grammar.md 封顶、频次."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..award.record import Window
from ..policy.resolve import Unresolved, resolve_key
from ..policy.syntax import Path
from ..values.frames import KEY, LEDGER, number_name
from ..values.period import Validity
from ..values.terms import Waits
from .claim import PAYABLE, PROVISIONAL, ClaimPlan, Pot
from .place import Place
from .query import Query, Row
from .reads import Reads
from .sql import FIELD, RECORD, names_in, quoted, text
from .steps import Plan, Step
from .stored import WAITS

q = quoted
ENTRY = ("奖补", "年度", KEY, "金额", "档", "档位标准")  # what is known of a payment


@dataclass(frozen=True, slots=True)
class Outside:
    """Payments under other policies: 差额, 排除 or '' (not looked at); before the caps or after."""

    how: str
    first: bool


class Pots:
    """The steps of a plan as they are added, and for each pot what was paid out of it before."""

    def __init__(self, plan: Plan, lowering: Reads, validity: Validity, outside: Outside, *, reasons: bool, small: bool) -> None:
        self.small = small  # few enough rows to hold every line; else those that are settled early are worked out when they are asked for
        self.plan, self.lowering, self.validity, self.outside, self.reasons = plan, lowering, validity, outside, reasons
        self.year = plan.year
        self.id = q(KEY if lowering.frames.numbers is None else number_name(KEY))  # what claims are told apart and put in order by
        self.done: list[ClaimPlan] = []

    # --- the ledger of a pot ------------------------------------------------------------------------------------------------------

    def entries(self, identity: str, awards: Iterable[str], names: tuple[str, ...], window: Window | None, columns: Iterable[str], *, posted: bool = True) -> str:
        """SELECT of the payments that may count against a scope: the columns asked for (of `ENTRY`) and 键1 …; '' where there are none."""
        parts = []
        awards = tuple(awards)
        numbers = self.lowering.number_keys(awards, names)
        for award in awards:
            rule = self.lowering.bound.rules.get(award)
            years = [year for year in self.lowering.frames.ledger_years.get(award, ()) if year <= self.year and (window is None or self._inside(year, window))]
            if rule is not None and years:
                parts.append(self.ledger(rule, years, names, numbers, columns))
        if posted and window is not None and self._inside(self.year, window):
            for claim in self.done:
                if claim.rule.name in awards and identity in claim.shared:
                    made = {"奖补": text(claim.rule.name), "年度": str(self.year), KEY: q(KEY), "金额": q("名额后"), "档": "''", "档位标准": q("舍入后")}
                    cells = [f"{made[name]} AS {q(name)}" for name in ENTRY if name in columns]
                    cells += [f"{q(column)} AS {q(f'键{place + 1}')}" for place, column in enumerate(claim.shared[identity])]
                    live = f"{q('状态')} IN ({PAYABLE}, {PROVISIONAL}) AND {q('名额后')} > 0"
                    parts.append(f"SELECT {', '.join(cells)} FROM {q(claim.whole if KEY in columns else '活·' + claim.rule.name)} WHERE {live}")
        return "\nUNION ALL ".join(parts)

    def _inside(self, year: int, window: Window) -> bool:
        if year > self.year:
            return False
        if window.kind == "每年":
            return year == self.year
        if window.kind == "每N年":
            return year > self.year - window.years
        if window.kind == "政策期内":
            return self.validity.holds_year(year)
        return window.kind == "累计"

    def ledger(self, rule: Any, years: list[int], names: tuple[str, ...], numbers: tuple[bool, ...], columns: Iterable[str]) -> str:
        """The ledger rows of one award with their keys: stated, from the object as it was in that year, or the payee. numbers: which keys are numbers."""
        lowering = self.lowering
        documents = ", ".join(text(name) for name in lowering.documents) or "''"
        source = (f"(SELECT * FROM {q(LEDGER)} WHERE {q('奖补')} = {text(rule.name)} AND {q('年度')} IN ({', '.join(map(str, years))}) "
                  f"AND {q('金额')} > 0 AND {q('文件')} IN ({documents}))")  # fmt: skip
        numbered = lowering.has_numbers(rule.object)
        number, same = (f"l.{q(number_name(KEY))}", q(number_name(KEY))) if numbered else ("", q(KEY))
        row = Row(rule.object, "t", f"l.{q(KEY)}", f"COALESCE(t.{q('种类')}, {text(rule.object)})", number=number)
        query = Query(source, Row(rule.object, "l", f"l.{q(KEY)}", text(rule.object), number=number))
        select = {name: query.take("l", name, "") for name in ENTRY if name in columns}
        year_column = query.take("l", "年度", "")
        for place, name in enumerate(names):
            stated = ""
            if name in lowering.frames.ledger_keys:
                stated = query.take("l", number_name(f"键·{name}") if numbers[place] else f"键·{name}", "")
            found = self._entry_key(rule, name, years, year_column, query, row, numbers[place])
            select[f"键{place + 1}"] = f"COALESCE({stated}, {found})" if stated else found
        if any(sql.startswith("t.") for sql in query.columns.values()) or query.joins:  # the object paid for, where its key says more than the ledger
            query.joins = {"t": f"LEFT JOIN {lowering.source(rule.object)} AS t ON t.{same} = l.{same}", **query.joins}
        return query.text(select)

    def _entry_key(self, rule: Any, name: str, years: list[int], year_column: str, query: Query, row: Row, number: bool) -> str:
        lowering = self.lowering
        try:
            hops = resolve_key(lowering.policy, rule, name)
        except Unresolved:
            return f"CAST(NULL AS {'INTEGER' if number else 'STRING'})"
        key = number_name(KEY) if number else KEY
        if hops[0].role == "self" and len(hops) == 1:
            return query.take("l", key, "")
        keys = {year: lowering.key_part(lowering.follow(hops, Place(query, row, rule), year), number=number) for year in years}
        found = next(iter(keys.values()))
        if len(set(keys.values())) > 1:
            found = f"CASE {year_column} " + " ".join(f"WHEN {year} THEN {key}" for year, key in keys.items()) + " END"
        if hops[0].role == "beneficiary" and rule.beneficiary is None and len(hops) == 1:  # the object itself, where it is on file
            found = query.expose(f"t.{q(key)}", "在册标识")
        payee = rule.beneficiary is None or (isinstance(rule.beneficiary, Path) and rule.beneficiary.names == tuple(hop.name for hop in hops)) or hops[-1].role == "beneficiary"
        if payee:
            recipient = query.take("l", number_name("受益人") if number else "受益人", "")
            found = f"COALESCE({found}, CASE WHEN {recipient} = {'0' if number else text('')} THEN NULL ELSE {recipient} END)"
        return found

    def _pot(self, claim: ClaimPlan, pot: Pot, alias: str, asked: Iterable[str]) -> tuple[str, str, str]:
        """(join of what a pot has used, join of payments nobody can place, their step); '' where there are none. asked: what is to be known (`_used`)."""
        placed = self._surely_placed(claim.rule, pot)
        made = {name: sql for name, sql in self._used().items() if name in asked}
        columns = set().union(*(names_in(sql) for sql in made.values())) | (set() if placed else {"奖补", "年度"})
        entries = self.entries(pot.identity, pot.awards, pot.names, pot.window, columns)
        if not entries:
            return "", "", ""
        note = f"以前付过、算进“{pot.identity}”的每一笔"
        name = self.plan.add(Step(f"账·{claim.rule.name}·{alias}", "台账", note, entries, keep=not placed, award=claim.rule.name, clause=claim.rule.clause))
        keys = [q(f"键{place + 1}") for place in range(len(pot.names))]
        known = " AND ".join(f"{key} IS NOT NULL" for key in keys) or "TRUE"
        group = ", ".join(keys)
        match = " AND ".join(f"{alias}.{key} = c.{q(column)}" for key, column in zip(keys, pot.keys)) or "TRUE"
        used = (
            f"LEFT JOIN (SELECT {', '.join([*keys, *(f'{sql} AS {column}' for column, sql in made.items())])} "
            f"FROM {q(name)} WHERE {known}{' GROUP BY ' + group if group else ''}) AS {alias} ON {match}"
        )
        if not keys:
            used = used.replace("LEFT JOIN", "CROSS JOIN", 1).rsplit(" ON TRUE", 1)[0]
            return used, "", name
        if placed:
            return used, "", name
        loose = " AND ".join(f"(e.{key} IS NULL OR e.{key} = l.{q(column)})" for key, column in zip(keys, pot.keys))
        any_loose = " OR ".join(f"e.{key} IS NULL" for key in keys)
        unplaced = (
            f"LEFT JOIN (SELECT l.{self.id} AS k, l.{q('种类')} AS kind, string_agg({self._entry_record('属于谁', '补齐该笔的受益人或对象', 'e.')}, '') AS why FROM {q(claim.table)} AS l JOIN (SELECT * FROM {q(name)} AS e WHERE {any_loose}) AS e "
            f"ON {loose} GROUP BY 1, 2) AS {alias}u ON {alias}u.k = c.{self.id} AND {alias}u.kind = c.{q('种类')}"
        )
        return used, unplaced, name

    def _used(self) -> dict[str, str]:
        """What can be known of the payments out of a pot."""
        before = f"CASE WHEN {q('年度')} < {self.year} THEN {q('年度')} END"
        bare = f"{q('档位标准')} IS NULL"
        return {
            "n": "COUNT(*)", "paid": f"narrow(SUM(wide({q('金额')})))", "years": f"COUNT(DISTINCT {before})", "first": f"MIN({before})",
            "standard": f"MAX({q('档位标准')})", "nominal": f"MAX(COALESCE({q('档位标准')}, {q('金额')}))", "bare": f"COUNT(*) FILTER (WHERE {bare})",
            "bare_why": f"string_agg(CASE WHEN {bare} THEN {self._entry_record('档位标准', '补录当时的档位标准')} ELSE '' END, '')",
        }  # fmt: skip

    def _entry_record(self, fact: str, note: str, alias: str = "") -> str:
        return (f"({text(WAITS[Waits.OFFICE] + FIELD + '台账' + FIELD)} || CAST({alias}{q('年度')} AS STRING) || '年 ' || {alias}{q('奖补')} || "
                f"{text(FIELD + fact + FIELD + FIELD + note + RECORD)})")  # fmt: skip

    def _surely_placed(self, rule: Any, pot: Pot) -> bool:
        """Whether every payment that counts against a pot has its key: it is the key of the object paid for."""
        for award in pot.awards:
            paid = self.lowering.bound.rules.get(award)
            for name in pot.names if paid is not None else ():
                try:
                    hops = resolve_key(self.lowering.policy, paid, name)
                except Unresolved:
                    return False
                if not (hops[0].role == "self" and len(hops) == 1):
                    return False
        return True

    def _replaced(self, columns: list[str], changed: dict[str, str], name: str) -> tuple[str, list[str]]:
        """SELECT list with some columns replaced and others added."""
        kept = [f"{changed[column]} AS {q(column)}" if column in changed else f"c.{q(column)}" for column in columns]
        added = [column for column in changed if column not in columns]
        return ", ".join([*kept, *(f"{changed[column]} AS {q(column)}" for column in added)]), [*columns, *added]
