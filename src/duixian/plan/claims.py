"""Rule × object → claim, as one SELECT: is it met, how much, whose it is; the keys it stands under beside other claims are in `belonging`.

Grain: one row an object of the rule's type. 状态 holds the outcome before anything that concerns other claims (a place in `claim.OUTCOMES`). Amounts in 分.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from ..award.waterfall import CAP
from ..policy.model import Group, Rule
from ..policy.readings import words
from ..policy.render import phrase
from ..policy.syntax import Always, Open, Path, Word
from ..values.frames import APPLIED, KEY, number_name
from ..values.money import ROUNDINGS, TOO_MUCH_FEN, Exact
from ..values.period import Validity
from ..values.terms import Waits
from .aggregates import Uncompiled
from .belonging import Belonging
from .claim import CANCELLED, NEEDS, NOT_MET, PAYABLE, REGISTRABLE, ClaimPlan
from .lower import Lowering
from .place import Place
from .query import Query
from .sql import Sql, choice, compare, joined, number, opens, quoted, renamed, rounded, text, truth, unknown, when

MOST_OPEN = 10  # open numbers of one award of which each claim may use some


class Claims:
    """Writes the claims of every rule of a bound policy for one year."""

    def __init__(self, plan: Lowering, year: int, *, rounding: str, year_rule: str, groups: list[Group], validity: Validity) -> None:
        self.plan, self.bound, self.year = plan, plan.bound, year
        self.rounding, self.year_rule, self.groups, self.validity = rounding, year_rule, groups, validity
        self.places = {name: place for place, name in enumerate(self.bound.rules)}

    def of(self, rule: Rule, beside: ClaimPlan | None = None) -> ClaimPlan:
        """The claims of one rule; beside: in the SELECT of another rule of the same object type, so that both read it once."""
        return _One(self, rule, beside.query if beside else None).claim()


class _One(Belonging):
    """The claims of one rule, piece by piece."""

    def __init__(self, claims: Claims, rule: Rule, query: Query | None = None) -> None:
        super().__init__(claims.plan, rule, claims.year, claims.places, claims.groups, query)
        self.claims = claims

    # --- the claim ----------------------------------------------------------------------------------------------------------------

    def claim(self) -> ClaimPlan:
        rule, plan, query, result, select = self.rule, self.plan, self.query, self.result, self.select
        award = rule.kind == "奖补"
        select[KEY] = plan.key(self.place)
        if number := plan.number(self.place):
            select[number_name(KEY)] = number
        kinds = plan.kinds_of(rule.object)
        select["种类"] = text(kinds[0]) if len(kinds) == 1 else query.expose(f"o.{quoted('种类')}", "种类")
        if award and plan.frames.applied:
            same = quoted(number_name(KEY) if number else KEY)
            query.where.append(f"EXISTS (SELECT 1 FROM {quoted(APPLIED)} AS a WHERE a.{quoted('奖补')} = {text(rule.name)} AND a.{same} = o.{same})")
        self._payee(award)
        self._funding()
        cancelled, back = self._vetoes()
        met = self._met()
        amount, tier, no_row = self._amount() if award else (unknown("number", ""), "0", "FALSE")
        if not award:
            amount = self._register()
        met_sql = query.let(met.sql, "满足") if met.sql not in ("TRUE", "FALSE") else met.sql
        met = renamed(met, met_sql)
        failed = f"NOT {met_sql}" if met.is_sure else f"{met_sql} IS FALSE"
        # where the rows decide, an amount that is missing says the same as no row, and is looked at sooner
        rowless = f"{query.let(amount.sql, '标准额')} IS NULL" if award and self.surely_with_row else no_row
        not_met = f"({failed} OR {rowless})" if rowless != "FALSE" else failed
        not_met = "TRUE" if met_sql == "FALSE" else "FALSE" if met_sql == "TRUE" and no_row == "FALSE" else not_met
        self._pots()
        if award:
            self._outside()
            self._once()
            self._caps()
            self._order()
            self._groups()
            self._shared()
        if plan.policy.totals or plan.standards.totals or award:
            self._applied_on()
        if award:
            self._ranking(tier)
        # said plainly where it is known of all: that an engine looks up where it stands
        query.stays = [f"NOT ({found.sql})" if found.is_sure else f"({found.sql}) IS NOT TRUE" for found, _ in self.vetoes if found.sql != "FALSE"]
        query.stays += [f"({part.sql})" if part.is_sure else f"({part.sql}) IS NOT FALSE" for part in self.condition_parts if part.sql != "TRUE"]
        query.stays += [self.some_row] if self.some_row else [f"({no_row}) IS NOT TRUE"] if no_row != "FALSE" else []
        blocked = " OR ".join(dict.fromkeys(self.blocked)) or "FALSE"
        select["追回"] = back
        if award:
            self._state(cancelled, met, not_met, amount, tier, blocked)
        else:
            select["状态"] = query.let(
                f"CASE WHEN {cancelled.sql} THEN {CANCELLED} WHEN {not_met} THEN {NOT_MET} "
                f"WHEN ({met_sql}) IS NULL OR ({cancelled.sql}) IS NULL OR {blocked} THEN {NEEDS} ELSE {REGISTRABLE} END", "状态")  # fmt: skip
            select["计算额"] = f"CASE WHEN {amount.sql} IS NULL THEN NULL ELSE {amount.sql} END"
            select["舍入后"] = "CAST(NULL AS BIGINT)"
            select["档"] = "0"
            result.den = amount.den
        needs = f"{select['状态']} = {NEEDS}"
        result.reasons["缺"] = when(needs, joined([*self.whys, cancelled.why, met.why, when(f"NOT ({not_met})" if not_met != "FALSE" else "TRUE", amount.why)])) or "''"
        result.reasons["未满足"] = self._failed()
        return result

    def _state(self, cancelled: Sql, met: Sql, not_met: str, amount: Sql, tier: str, blocked: str) -> None:
        query, select, result = self.query, self.select, self.result
        amount = renamed(amount, query.let(amount.sql, "标准额") if amount.constant is None or amount.sql.startswith("CASE") else amount.sql)
        if amount.over:
            amount = replace(amount, over=query.let(amount.over, "标准额·分母"))
        if amount.low < 0:
            amount = renamed(replace(amount, low=0, constant=None), query.let(f"CASE WHEN {amount.sql} < 0 THEN 0 ELSE {amount.sql} END", "计算额"))
        step, rule = ROUNDINGS[result.rounding]
        half_up = rule.__name__ == "_half_up"
        whole = rounded(replace(amount, constant=None), step, half_up)
        doubtful = " OR ".join(part for part in (f"({met.sql}) IS NULL" if not met.is_sure else "", f"({cancelled.sql}) IS NULL" if not cancelled.is_sure else "",
                                                 f"{amount.sql} IS NULL" if not (amount.is_sure or self.surely_with_row) else "", blocked if blocked != "FALSE" else "") if part)  # fmt: skip
        reached = " OR ".join(part for part in (f"{cancelled.sql}" if cancelled.sql != "FALSE" else "", not_met if not_met != "FALSE" else "") if part)
        whole_sql = whole.sql
        least = TOO_MUCH_FEN - (Fraction(step, 2) if half_up else 0)  # what is rounded to so much
        idle = " OR ".join(part for part in (reached, doubtful) if part)
        if amount.high >= least * amount.den:  # 64 bits may not hold it: nobody asks of what is not paid, and `excess` tells of the rest
            whole_sql = f"CASE WHEN {idle} THEN 0 ELSE {whole.sql} END" if idle else whole.sql
            result.excess = ((self._beyond(amount, least, idle), result.rounding, ""),)
        result.excess += tuple((self._beyond(limit, TOO_MUCH_FEN, idle), "舍去到分", CAP) for limit in self.large)
        fen = query.let(whole_sql, "整数额")
        result.most = int(amount.high * sum(self.plan.frames.objects[kind].rows for kind in self.plan.kinds_of(self.rule.object)) // amount.den)
        branches = [f"WHEN {cancelled.sql} THEN {CANCELLED}"] if cancelled.sql != "FALSE" else []
        branches += [f"WHEN {not_met} THEN {NOT_MET}"] if not_met != "FALSE" else []
        branches += [f"WHEN {doubtful} THEN {NEEDS}"] if doubtful else []
        state = query.let(f"CASE {' '.join(branches)} WHEN {fen} <= 0 THEN {NOT_MET} ELSE {PAYABLE} END", "状态")
        select["状态"] = state
        select["计算额"] = f"CASE WHEN {not_met} THEN NULL ELSE {amount.sql} END" if not_met != "FALSE" else amount.sql
        known = [f"{state} IN ({PAYABLE}, {NOT_MET})"] if doubtful else []
        known += [f"NOT ({reached})"] if reached else []
        select["舍入后"] = f"CASE WHEN {' AND '.join(known)} THEN {fen} END" if known else fen
        result.alone = (reached or "FALSE", doubtful or "FALSE", fen)
        select["档"] = f"CASE WHEN {not_met} THEN 0 ELSE {tier} END" if not_met != "FALSE" and tier != "0" else tier
        result.den, result.moving = amount.den, bool(amount.over)
        if amount.over:
            select["计算额分母"] = amount.over
        tests = opens(*self.opened)
        static = tests.get("opened", frozenset())
        self._provisional(static)

    def _beyond(self, value: Sql, least: Exact, idle: str) -> str:
        """SELECT of the claims still in question of which a number is `least` or more."""
        beyond = compare(value, ">=", number(least))
        wanted = {"种类": self.select["种类"], KEY: self.select[KEY], "数": value.sql, "分母": f"wide({value.over or '1'}) * {value.den}"}
        return self.query.text(wanted, where=f"CASE WHEN {idle} THEN FALSE ELSE {beyond} END" if idle else beyond)

    def _provisional(self, static: frozenset[Any]) -> None:
        """暂估: the ceilings that stand in for a standard of the year, by tier row."""

        def said(keys: frozenset[Any]) -> str:
            names = tuple(sorted(_open_name(*key) for key in keys))
            self.result.estimates["、".join(names)] = names
            return "、".join(names)

        by_row, adjust = self.rows_opened, self.rows_adjust
        if any(asked for keys in (static, self.amount_opened, self.amount_adjust, *by_row.values(), *adjust.values()) for *_, asked in keys):
            self._provisional_where_asked(static)
        elif by_row:
            cases = "".join(f" WHEN {place} THEN {text(said(static | keys))}" for place, keys in by_row.items() if static | keys)
            self.select["暂估"] = f"CASE {self.tier_sql}{cases} ELSE '' END" if cases else "''"
            cases = "".join(f" WHEN {place} THEN TRUE" for place, keys in adjust.items() if keys)
            self.select["可调"] = f"CASE {self.tier_sql}{cases} ELSE FALSE END" if cases else "FALSE"
        else:
            self.select["暂估"] = text(said(static | self.amount_opened))
            self.select["可调"] = "TRUE" if self.amount_adjust else "FALSE"
        if self.rule.tiers and self.rule.tiers.open_whole:  # every number of it is the year's
            self.select["可调"] = "TRUE"
        self.result.provisional = self.select["暂估"] != "''"

    def _provisional_where_asked(self, static: frozenset[Any]) -> None:
        """暂估 where it depends on the row of a 值, or on what else is asked of a claim: each ceiling with the condition under which it is."""
        asked: dict[str, list[str]] = {}
        adjusted = [when_asked or "TRUE" for *_, when_asked in self.amount_adjust]
        for item, tier, when_asked in sorted(static | self.amount_opened):
            asked.setdefault(_open_name(item, tier), []).append(when_asked or "TRUE")
        for place, keys in self.rows_opened.items():
            here = f"{self.tier_sql} = {place}"
            for item, tier, when_asked in sorted(keys):
                asked.setdefault(_open_name(item, tier), []).append(f"({here} AND {when_asked})" if when_asked else here)
            adjusted += [f"({here} AND {when_asked})" if when_asked else here for *_, when_asked in sorted(self.rows_adjust[place])]
        names = sorted(asked)
        if len(names) > MOST_OPEN:
            raise Uncompiled("一项奖补里的另定标准", f"要看每一笔才知道用了哪些的有 {len(names)} 个，最多 {MOST_OPEN} 个")
        for chosen in range(1, 2 ** len(names)):
            here = tuple(name for place, name in enumerate(names) if chosen >> place & 1)
            self.result.estimates["、".join(here)] = here
        pieces = [f"CASE WHEN {' OR '.join(dict.fromkeys(asked[name]))} THEN {text('、' + name)} ELSE '' END" for name in names]
        self.select["暂估"] = f"substring({' || '.join(pieces)}, 2)" if pieces else "''"
        self.select["可调"] = f"COALESCE({' OR '.join(dict.fromkeys(adjusted))}, FALSE)" if adjusted else "FALSE"

    rows_opened: dict[int, frozenset[Any]]
    rows_adjust: dict[int, frozenset[Any]]
    amount_opened: frozenset[Any]
    amount_adjust: frozenset[Any]
    tier_sql: str
    surely_with_row: bool  # where a row of the 值 holds, the amount is known
    some_row: str  # SQL that a row of the 值 holds, where that is known of all; else ''

    # --- who ------------------------------------------------------------------------------------------------------------------------

    def _payee(self, award: bool) -> None:
        payee = self.plan.beneficiary(self.place, self.year)
        if payee.kind != "object" or payee.row is None:
            self.select["受益人"] = "CAST(NULL AS STRING)"
        else:
            self.select["受益人"] = payee.sql
            if payee.number:
                self.select[number_name("受益人")] = payee.number
        if award and payee.row is not self.place.row:
            self.blocked.append(f"({self.select['受益人']}) IS NULL")
            nobody = self.plan.record(self.place, "受益人", None, "没有受益人")
            self.whys.append(joined([payee.why, when(payee.none, nobody)]) if payee.none else payee.why or when(f"({self.select['受益人']}) IS NULL", nobody))

    def _funding(self) -> None:
        rule = self.rule
        if isinstance(rule.funding, Open):
            settings = self.plan.standards.settings
            setting = settings.get((rule.funding.name, "")) or settings.get((rule.name, "出资"))
            if setting is None or setting.value is None:
                self.blocked.append("TRUE")
                self.whys.append(self.plan.said(Waits.OFFICE, "''", "''", rule.funding.name or "出资", None, "出资未定"))

    # --- whether --------------------------------------------------------------------------------------------------------------------

    def _generals(self) -> list[Any]:
        rule = self.rule
        return [general for general in self.bound.generals if rule.kind == "奖补" and (rule.name in words(general.items)) is not general.all_awards]

    def _vetoes(self) -> tuple[Sql, str]:
        plan = self.plan
        own = [(plan.condition(item, self.place, self.year), False) for item in self.rule.vetoes]
        own += [(plan.condition(item, self.place, self.year), back) for general in self._generals() for item, back in general.vetoes]
        named = [(renamed(found, self.query.let(found.sql, f"否决{place + 1}")) if found.constant is None and found.sql not in ("TRUE", "FALSE") else found, back)
                 for place, (found, back) in enumerate(own)]  # fmt: skip
        cancelled = plan.any_of([found for found, _ in named])
        whys = joined(found.why for found, _ in named)
        backs = [found.sql for found, back in named if back and found.sql != "FALSE"]
        self.opened += [found for found, _ in named]
        self.vetoes = named
        return replace(cancelled, why=when(f"({cancelled.sql}) IS NULL", whys) if whys else ""), f"COALESCE({' OR '.join(backs)}, FALSE)" if backs else "FALSE"

    def _met(self) -> Sql:
        plan, rule, validity = self.plan, self.rule, self.claims.validity
        parts: list[Sql] = []
        names: list[str] = []
        if rule.timing is not None:
            found = plan.lower(rule.timing, self.place, self.year)
            tests = [f"{found.sql} {sign} DATE '{bound.isoformat()}'" for sign, bound in ((">=", validity.start), ("<=", validity.end)) if bound is not None]
            inside = " AND ".join(tests) or "TRUE"
            if found.kind != "date":
                inside = f"CASE WHEN {found.sql} IS NULL THEN NULL ELSE FALSE END"
            sql = f"CASE WHEN {found.none} THEN FALSE WHEN {found.sql} IS NULL THEN NULL ELSE ({inside}) END" if found.none else f"CASE WHEN {found.sql} IS NULL THEN NULL ELSE ({inside}) END"
            parts.append(truth(sql, why=found.why, **opens(found)))
            names.append(f"{phrase(rule.timing)} 在有效期内")
        elif not validity.holds_in(self.year, self.claims.year_rule):
            parts.append(truth("FALSE"))
            names.append(f"{self.year} 年度在有效期内（{self.claims.year_rule}）")
        conditions = [item for item in rule.conditions if not isinstance(item, Always)]
        conditions += [item for general in self._generals() for item in general.conditions if not isinstance(item, Always)]
        for item in conditions:
            parts.append(plan.condition(item, self.place, self.year))
            names.append(phrase(item))
        if rule.any_of:
            parts.append(plan.any_of([plan.condition(item, self.place, self.year) for item in rule.any_of]))
            names.append(" 或 ".join(phrase(item) for item in rule.any_of))
        named = [renamed(part, self.query.let(part.sql, f"条件{place + 1}")) if part.sql not in ("TRUE", "FALSE") else part for place, part in enumerate(parts)]
        self.opened += named
        self.condition_parts = named
        self.result.conditions = tuple(names)
        if any(part.sql == "FALSE" for part in named):
            return truth("FALSE")
        return plan.all_of(named)

    def _failed(self) -> str:
        """未满足: a bit for each condition that does not hold, in the order of `conditions`."""
        bits = [f"CASE WHEN {part.sql} THEN 0 WHEN ({part.sql}) IS NULL THEN 0 ELSE CAST({1 << place} AS BIGINT) END"
                for place, part in enumerate(self.condition_parts[:62]) if part.sql != "TRUE"]  # fmt: skip
        return " + ".join(bits) or "0"

    # --- how much -------------------------------------------------------------------------------------------------------------------

    def _amount(self) -> tuple[Sql, str, str]:
        """(the amount, SQL of the tier row from 1, SQL that no row holds)."""
        rule, plan = self.rule, self.plan
        self.rows_opened, self.rows_adjust, self.tier_sql, self.surely_with_row, self.some_row = {}, {}, "0", False, ""
        self.amount_opened = self.amount_adjust = frozenset()
        self.result.rounding = rule.rounding.text if isinstance(rule.rounding, Word) else self.claims.rounding
        self.result.upgrade = rule.upgrade.text if isinstance(rule.upgrade, Word) else ""
        tiers = plan.standards.tiers_of(rule)
        if rule.tiers is not None and tiers is None:
            return unknown("number", plan.said(Waits.OFFICE, "''", "''", rule.name, None, "分档标准未定")), "0", "FALSE"
        standard_none = plan.record(self.place, "标准", self.year, "为“无”，无法计算")
        if tiers is None:
            assert rule.standard is not None
            found = plan.lower(rule.standard, self.place, self.year)
            self.amount_opened, self.amount_adjust = found.opened, found.adjust
            return replace(found, why=joined([found.why, when(found.none, standard_none)]) if found.none else found.why), "0", "FALSE"
        rows = plan.rows(tiers, self.place, self.year)
        self.result.tiers = tuple(label for label, _, _ in rows)
        tests = [renamed(test, self.query.let(test.sql, f"档{place + 1}")) if test.sql not in ("TRUE", "FALSE") else test for place, (_, test, _) in enumerate(rows)]
        cases = " ".join(f"WHEN {test.sql} THEN {place + 1}" + ("" if test.is_sure else f" WHEN ({test.sql}) IS NULL THEN -{place + 1}") for place, test in enumerate(tests))
        tier = self.query.let(f"CASE {cases} ELSE 0 END", "档位")  # below 0: an undecided row stands in the way
        self.tier_sql = tier
        before: list[Sql] = []
        for place, (test, (_, _, value)) in enumerate(zip(tests, rows)):
            before.append(test)
            self.rows_opened[place + 1] = opens(*before, value).get("opened", frozenset())
            self.rows_adjust[place + 1] = opens(*before, value).get("adjust", frozenset())
        decided = all(test.is_sure for test in tests)
        self.some_row = f"({' OR '.join(test.sql for test in tests)})" if decided else ""
        self.surely_with_row = decided and all(value.is_sure for _, _, value in rows)
        chosen = choice([(test.sql if decided else f"{tier} = {place + 1}", value) for place, (test, (_, _, value)) in enumerate(zip(tests, rows))])
        whys = [(place + 1, joined([value.why, when(value.none, standard_none)])) for place, (_, _, value) in enumerate(rows) if value.why or value.none]
        whys += [(-place - 1, test.why) for place, test in enumerate(tests) if test.why]
        why = f"CASE {tier} " + " ".join(f"WHEN {place} THEN {said}" for place, said in whys) + " ELSE '' END" if whys else ""
        found = replace(chosen, why=why)
        return found, f"CASE WHEN {tier} > 0 THEN {tier} ELSE 0 END" if any(test.why for test in tests) else tier, f"{tier} = 0"

    def _register(self) -> Sql:
        """What a register entry comes to where a total ranges over it."""
        self.rows_opened, self.rows_adjust, self.tier_sql, self.surely_with_row, self.some_row = {}, {}, "0", False, ""
        self.amount_opened = self.amount_adjust = frozenset()
        total = next((total for total in self.bound.totals if total.register == self.rule.object), None)
        if total is None or not isinstance(total.path, Path):
            return unknown("number", "")
        found = self.plan.lower(Path(total.path.names[1:]), Place(self.query, self.place.row, self.rule, values=self.place.values), self.year)
        if found.why:
            self.blocked.append(f"({found.is_unknown})")
            self.whys.append(found.why)
        return replace(found, why="")


def _open_name(item: str, tier: str, *_: str) -> str:
    """An open number as a line names it."""
    return item + (f"（{tier}）" if tier else "")
