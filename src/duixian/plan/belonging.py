"""Which claims belong together, and in what order they stand: the keys of 频次, 封顶, 名额, 就高 and 总额, 先后, and what a claim waits for because of them."""

from __future__ import annotations

from dataclasses import replace

from ..award.record import Window
from ..policy.model import Group, Rule, Total
from ..policy.readings import Bound, as_now_read
from ..policy.render import phrase
from ..policy.resolve import Unresolved, resolve_key
from ..policy.syntax import Always, Cap, Path, Places, Scope, Word
from ..policy.vocabulary import CLAIM
from ..values.frames import number_name
from ..values.money import TOO_MUCH_FEN
from ..values.terms import APPLIED_ON, CHOSEN, OUTSIDE, Waits
from .claim import PART, UNKNOWN_KEY, UNKNOWN_NUMBER, CapColumns, ClaimPlan, Pot, RankColumns, scope_of
from .lower import Lowering
from .place import Place
from .query import Query
from .sql import Sql, compare, floored, number, order_columns, text, under, unknown, when


class Belonging:
    """One rule's claims beside all others. Fills `select` with the key columns, `result` with what they mean, `blocked` and `whys` with what is not known.

    places: every award with its place in the policy. groups: the 就高 groups of the year.
    """

    def __init__(self, plan: Lowering, rule: Rule, year: int, places: dict[str, int], groups: list[Group], query: Query | None) -> None:
        self.plan, self.rule, self.year, self.places, self.groups = plan, rule, year, places, groups
        self.bound: Bound = plan.bound
        row = query.row if query else plan.base(rule.object, "o")
        self.query = query or Query(plan.source(rule.object), row)
        self.place = Place(self.query, row, rule, values={value.name: value for value in rule.values})
        self.blocked: list[str] = []  # SQL: something else the claim needs is not known
        self.whys: list[str] = []
        self.opened: list[Sql] = []
        self.large: list[Sql] = []  # caps that may be more than money comes to
        self.select: dict[str, str] = {}
        self.result = ClaimPlan(rule, places[rule.name], "申·" + rule.name, self.query, self.select, {})

    # --- keys -----------------------------------------------------------------------------------------------------------------------

    def key(self, names: tuple[str, ...], column: str, numbers: tuple[bool, ...]) -> tuple[tuple[str, ...], list[Sql]]:
        """The parts of a key as columns 〈column〉·1 …; what each is. numbers: which of them stand as numbers."""
        columns, parts = [], []
        for place, name in enumerate(names):
            if name == "年度":
                part = Sql("text", text(str(self.year)))
            else:
                part = self.plan.follow(resolve_key(self.plan.policy, self.rule, name), Place(self.query, self.place.row, self.rule), self.year)
            self.select[f"{column}·{place + 1}"] = self.plan.key_part(part, number=numbers[place])
            columns.append(f"{column}·{place + 1}")
            parts.append(part)
        return tuple(columns), parts

    def _block(self, parts: list[Sql]) -> None:
        for part in parts:
            if part.why:
                self.blocked.append(f"({part.is_unknown})")
                self.whys.append(part.why)

    def _is_own(self, names: tuple[str, ...]) -> bool:
        for name in names:
            try:
                hops = resolve_key(self.plan.policy, self.rule, name)
            except Unresolved:
                continue
            if hops[0].role == "self" and len(hops) == 1:
                return True
            if hops[0].role == "beneficiary" and len(hops) == 1 and self.rule.beneficiary is None:
                return True
        return False

    def pot(self, scope: Scope, column: str) -> tuple[Pot, list[Sql]]:
        """A scope of the rule as columns."""
        identity, awards, names = scope_of(self.rule, scope, self.places)
        numbers = self.plan.number_keys(awards, names)
        columns, parts = self.key(names, column, numbers)
        return Pot(identity, awards, names, columns, Window(scope.time.kind, scope.time.years), self._is_own(names), numbers), parts

    def _once(self) -> None:
        frequency = self.rule.frequency
        if frequency is None or frequency.scope is None:
            return
        pot, parts = self.pot(frequency.scope, "频")
        self._block(parts)
        self.result.once = (pot, frequency, phrase(frequency))

    def _caps(self) -> None:
        caps = [cap for cap in self.rule.caps if cap.amount is not None and not isinstance(cap.amount, Always)]
        found = []
        for place, cap in enumerate(caps):
            assert isinstance(cap, Cap)
            amount = self.plan.lower(cap.amount, self.place, self.year)
            pot, parts = self.pot(cap.scope, f"顶{place + 1}")
            self._block(parts)
            self.opened.append(amount)
            if amount.why:
                self.blocked.append(f"({amount.is_unknown})")
                self.whys.append(amount.why)
            limit = amount if amount.low >= 0 else replace(amount, sql=f"CASE WHEN {amount.sql} < 0 THEN 0 ELSE {amount.sql} END", low=0, constant=None)
            self.select[f"顶{place + 1}"] = floored(limit).sql
            if limit.high >= TOO_MUCH_FEN * limit.den:
                self.large.append(limit)
                self.select[f"顶{place + 1}"] = f"CASE WHEN {compare(limit, '>=', number(TOO_MUCH_FEN))} THEN {TOO_MUCH_FEN} ELSE {floored(limit).sql} END"
            self.select[f"顶{place + 1}有"] = f"NOT {amount.none}" if amount.none else "TRUE"
            found.append(CapColumns(f"顶{place + 1}", f"顶{place + 1}有", pot, amount.constant is not None and not amount.none, phrase(cap)))
        self.result.caps = tuple(found)

    def _order(self) -> None:
        if self.rule.order is not None:
            found = self.plan.lower(self.rule.order, self.place, self.year)
            self.opened.append(found)  # an estimate says who comes first: so does what he gets
            names = []
            for place, sql in enumerate(order_columns(found)):
                self.select[f"先后·{place + 1}"] = sql
                names.append(f"先后·{place + 1}")
            self.result.order = tuple(names)

    def _groups(self) -> None:
        for group in self.groups:
            if group.awards is not None and self.rule.name not in group.awards:
                continue
            own = group.awards.get(self.rule.name) if group.awards else ()
            names = group.same
            if own:
                rest = [name for name in group.same if name == "年度"]
                names = (*own, *(name for name in rest if name not in own))
            numbered = self._number_group(group)
            if numbered:
                names = tuple(name for name in names if name != "年度")  # the same for every claim there is
            columns, parts = self.key(tuple(names), f"组·{group.name}", (numbered,) * len(names))
            pieces = [self.select.pop(column) for column in columns]
            unknowns = " OR ".join(f"({part.is_unknown})" for part in parts if part.why)
            if unknowns:
                self.result.open_groups = (*self.result.open_groups, group.name)
            if numbered:
                column = self.query.let(pieces[0], f"组·{group.name}")
                cases = (f"WHEN {unknowns} THEN {UNKNOWN_NUMBER} " if unknowns else "") + f"WHEN {column} = 0 THEN NULL "
                self.select[f"组·{group.name}"] = f"CASE {cases}ELSE {column} END"
                self.result.groups = (*self.result.groups, group.name)
                self.result.number_groups = (*self.result.number_groups, group.name)
                continue
            absent = " OR ".join(f"{piece} = ''" for piece in pieces)
            key = " || ".join(f"{piece} || {text(PART)}" for piece in pieces)
            cases = (f"WHEN {unknowns} THEN {text(UNKNOWN_KEY)} " if unknowns else "") + (f"WHEN {absent} THEN NULL " if absent else "")
            self.select[f"组·{group.name}"] = f"CASE {cases}ELSE {key or text('')} END" if cases else key or text("")
            self.result.groups = (*self.result.groups, group.name)

    def _number_group(self, group: Group) -> bool:
        """Whether a matter is one object for every award of a group, so that its number says which."""
        awards = [rule.name for rule in self.bound.rules.values() if rule.kind == "奖补" and (group.awards is None or rule.name in group.awards)]
        for award in awards:
            own = group.awards.get(award) if group.awards else ()
            rest = [name for name in (own or group.same) if name != "年度"]
            if len(rest) != 1 or not all(self.plan.number_keys((award,), (rest[0],))):
                return False
        return True

    def _pots(self) -> None:
        for total in (*self.bound.totals, *self.plan.standards.totals):
            if self.covers(total):
                names = tuple(key.text for key in total.scope.keys)
                columns, parts = self.key(names, f"额·{total.name}", (False,) * len(names))
                self._block(parts)
                self.result.pots[total.name] = columns

    def covers(self, total: Total) -> bool:
        """Whether a total ranges over this rule."""
        rule = self.rule
        if rule.kind == "奖补" and not total.register:
            named = self.plan.items(total.items)[0]
            return (rule.name not in named) if total.range_all else (rule.name in named)
        return total.register == rule.object and rule.kind == "登记"

    def _shared(self) -> None:
        """The keys under which scopes of later awards count this one."""
        own = {pot.identity: pot for pot in [*(cap.pot for cap in self.result.caps), *((self.result.once[0],) if self.result.once else ())]}
        for other in self.bound.rules.values():
            if other.kind != "奖补" or self.places[other.name] <= self.result.place:
                continue
            scopes = [other.frequency.scope] if other.frequency is not None and other.frequency.scope is not None else []
            scopes += [cap.scope for cap in other.caps if cap.amount is not None and not isinstance(cap.amount, Always)]
            for scope in scopes:
                identity, awards, names = scope_of(other, scope, self.places)
                if self.rule.name not in awards or identity in self.result.shared:
                    continue
                if identity in own:
                    self.result.shared[identity] = own[identity].keys
                    continue
                columns = []
                for place, (name, numbered) in enumerate(zip(names, self.plan.number_keys(awards, names))):
                    column = f"账·{identity}·{place + 1}"
                    self.select[column] = self.entry_key(name, number=numbered)
                    columns.append(column)
                self.result.shared[identity] = tuple(columns)

    def entry_key(self, name: str, *, number: bool) -> str:
        """A payment's key under a name: from the object, else the payee where the name means him, else not known."""
        try:
            hops = resolve_key(self.plan.policy, self.rule, name)
        except Unresolved:
            return f"CAST(NULL AS {'INTEGER' if number else 'STRING'})"
        if hops[0].role == "self" and len(hops) == 1:
            return self.plan.number(self.place) if number else self.plan.key(self.place)
        found = self.plan.key_part(self.plan.follow(hops, Place(self.query, self.place.row, self.rule), self.year), number=number)
        rule = self.rule
        payee = rule.beneficiary is None or (isinstance(rule.beneficiary, Path) and rule.beneficiary.names == tuple(hop.name for hop in hops)) or hops[-1].role == "beneficiary"
        return f"COALESCE({found}, {self.select.get(number_name('受益人'), 'CAST(NULL AS INTEGER)') if number else self.select['受益人']})" if payee else found

    # --- order ----------------------------------------------------------------------------------------------------------------------

    def _claim_value(self, name: str, kind: str, year: bool = False) -> Sql:
        if not any(fact == name for fact, _ in self.plan.frames.claims.columns):
            return unknown(kind, "")
        return self.plan.claim_column(self.place, name, self.year if year else -1, kind)

    def _applied_on(self) -> None:
        found = self._claim_value(APPLIED_ON, "date")
        self.select["申报日期"] = found.sql if found.kind == "date" else "CAST(NULL AS DATE)"
        chosen = self._claim_value(CHOSEN, "truth")
        self.select["选定"] = f"COALESCE({chosen.sql}, FALSE)" if chosen.kind == "truth" else "FALSE"

    def _outside(self) -> None:
        if not any(highest.other_policies for highest in self.bound.highest):
            self.select["他处"] = "CAST(0 AS BIGINT)"
            return
        self.result.outside = True
        found = self._claim_value(OUTSIDE, "number", year=True)
        if found.kind != "number":
            found = unknown("number", "")
        self.select["他处"] = f"COALESCE({floored(replace(found, constant=None)).sql}, 0)"
        if OUTSIDE not in self.plan.frames.listed:
            self.blocked.append(f"({found.is_unknown})")
            key = f"({text(self.rule.name + ' ')} || {self.plan.key(self.place)})"
            self.whys.append(when(found.is_unknown, self.plan.said(Waits.APPLICANT, text(CLAIM), key, OUTSIDE, self.year)))

    def _ranking(self, tier: str) -> None:
        rule, plan = self.rule, self.plan
        places = rule.places
        rows = {as_now_read(row.label, self.bound): row.places for row in rule.tiers.rows if row.places} if rule.tiers else {}
        if places is None and not rows:
            return
        first: Places = places or next(iter(rows.values()))
        by_amount = isinstance(first.order, Path) and first.order.names == ("计算额",)
        node = first.order
        if node is None and rows and rule.tiers:
            node = next((cell.left for row in rule.tiers.rows for cell in row.cells if hasattr(cell, "left")), None)
        names = tuple(word.text for word in first.keys)
        group, parts = self.key(names, "名额组", plan.number_keys((rule.name,), names))
        labels = self.result.tiers
        own_rows = [place + 1 for place, label in enumerate(labels) if label in rows] if rows else []
        here = f"{tier} IN ({', '.join(map(str, own_rows)) or '-99'})" if rows else "TRUE"
        for part in parts:
            if part.why:
                # the group is asked for while the claim is made: an unknown one keeps it waiting
                self.blocked.append(f"({here} AND ({part.is_unknown}))" if rows else f"({part.is_unknown})")
                self.whys.append(when(here, part.why))
        by_choice = node is None and not by_amount
        order_names: list[str] = []
        if by_choice:
            chosen = self._claim_value(CHOSEN, "truth")
            self.select["名额序·1"] = f"CASE WHEN {chosen.sql} THEN 1 WHEN NOT ({chosen.sql}) THEN 0 END" if chosen.kind == "truth" else "CAST(NULL AS BIGINT)"
            order_names.append("名额序·1")
        elif not by_amount:
            assert node is not None
            found = plan.lower(node, self.place, self.year)
            self.opened.append(under(here, found))
            for place, sql in enumerate(order_columns(found)):
                self.select[f"名额序·{place + 1}"] = sql
                order_names.append(f"名额序·{place + 1}")
        then = rule.tie_rule if isinstance(rule.tie_rule, tuple) else None
        then_names: list[str] = []
        if then:
            found = plan.lower(then[0], self.place, self.year)
            self.opened.append(under(here, found))
            for place, sql in enumerate(order_columns(found)):
                self.select[f"名额又·{place + 1}"] = sql
                then_names.append(f"名额又·{place + 1}")
        if rows:
            cases = " ".join(f"WHEN {place} THEN {rows[labels[place - 1]].count}" for place in own_rows)
            self.select["名额数"] = f"CASE {tier} {cases} END" if cases else "CAST(NULL AS BIGINT)"
            self.select["名额档"] = _same_label(tier, labels)
            texts = tuple(phrase(rows[label]) if label in rows else "" for label in labels)
        else:
            self.select["名额数"] = str(first.count)
            self.select["名额档"] = f"CASE WHEN {tier} > 0 THEN {_same_label(tier, labels)} ELSE 0 END" if first.by_tier and tier != "0" else "0"
            texts = (phrase(first),)
        tie = rule.tie_rule.text if isinstance(rule.tie_rule, Word) else "待评定"
        self.result.ranking = RankColumns(group, tuple(order_names), tuple(then_names), then[1] if then else False, first.descending or by_choice, by_amount, by_choice, tie, texts)


def _same_label(tier: str, labels: tuple[str, ...]) -> str:
    """The first of the rows that read the same: places are counted by what a row says."""
    cases = [f"WHEN {place + 1} THEN {labels.index(label) + 1}" for place, label in enumerate(labels) if labels.index(label) != place]
    return f"CASE {tier} {' '.join(cases)} ELSE {tier} END" if cases else tier
