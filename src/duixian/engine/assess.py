"""Rule × object → claim: the conditions, the amount, and the keys by which the waterfall will know which claims belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from ..award.record import Claim, Key, Limit, Once, Ranking, ScopeKey, Window
from ..policy.model import Group, Rule
from ..policy.readings import as_now_read, words
from ..policy.render import phrase, show
from ..policy.resolve import Unresolved, resolve_key
from ..policy.syntax import Always, And, Cap, Compare, In, Is, Node, Number, Open, Path, Places, Scope, Time, Word
from ..policy.vocabulary import CLAIM
from ..values.facts import NONE, Missing, Paid, Thing, Unknown
from ..values.money import exact
from ..values.terms import Waits
from .context import Context, Evaluate, Trace
from .interpret import Interpreter
from .logic import NUMBERS, conjunction, disjunction, truth

OUTSIDE = "其他政策已付"
KeyFunction = Callable[[Thing, int], "Key | Unknown"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, ready to be asked and to say why it failed."""

    text: str
    holds: Evaluate
    left: Evaluate | None
    unit: str

    def failure(self, thing: Thing, year: int) -> str:
        if self.left is None:
            return f"不满足：{self.text}"
        return f"不满足：{self.text}，实际 {show(self.left(thing, year), self.unit)}"


@dataclass(slots=True)
class Prepared:
    """A rule lowered once, to be asked of every object."""

    rule: Rule
    place: int
    recipient: Evaluate
    conditions: list[Condition]
    any_of: list[Evaluate]
    any_text: str
    vetoes: list[tuple[Condition, bool]]
    amount: Evaluate | None
    rows: list[tuple[str, list[Evaluate], Evaluate]] | None
    timing: Evaluate | None
    once: tuple[KeyFunction, str, tuple[str, ...], Any] | None
    caps: list[tuple[Evaluate, KeyFunction, str, tuple[str, ...], Cap]]
    order: Evaluate | None
    ranking: Any
    groups: dict[str, KeyFunction]
    pots: dict[str, KeyFunction]
    rounding: str
    upgrade: str
    funding: tuple[str, frozenset[Missing]]
    readings: dict[str, str]
    register_amount: Evaluate | None = None


class Assessor:
    """Every rule of a bound policy, prepared; `claims()` asks them of every object."""

    def __init__(self, interpreter: Interpreter, *, rounding: str, year_rule: str, groups: list[Group], generals_if_known: bool = False) -> None:
        self.interpreter, self.bound = interpreter, interpreter.bound
        self.rounding, self.year_rule, self.groups = rounding, year_rule, groups
        self.generals_if_known = generals_if_known  # for 例: a 通则 condition nobody speaks of is taken as met
        self.scopes: dict[str, tuple[str, ...]] = {}  # scope identity -> key names
        self._entry_keys: dict[tuple[str, str], KeyFunction | None] = {}
        self.places = {name: place for place, name in enumerate(self.bound.rules)}
        self._prepared: dict[str, Prepared] = {}
        self._taken: dict[str, dict[tuple[tuple[str | None, ...], str | None], set[str]]] = {}  # 名额 already used: (group, tier row; None: any) -> objects

    # --- preparing --------------------------------------------------------------------------------------------------------------------

    def prepared(self, name: str) -> Prepared:
        if name not in self._prepared:
            self._prepared[name] = self._prepare(self.bound.rules[name])
        return self._prepared[name]

    def _prepare(self, rule: Rule) -> Prepared:
        interpreter = self.interpreter
        values = interpreter.named_values(rule)
        context = Context(rule.object, rule, values=values)
        generals = [
            general for general in self.bound.generals if rule.kind == "奖补" and (rule.name in words(general.items)) is not general.all_awards
        ]
        own = [self._condition(item, context) for item in rule.conditions if not isinstance(item, Always)]
        general_conditions = [
            self._general(self._condition(item, context)) for general in generals for item in general.conditions if not isinstance(item, Always)
        ]
        vetoes = [(self._condition(item, context), False) for item in rule.vetoes]
        vetoes += [(self._general(self._condition(item, context), False), back) for general in generals for item, back in general.vetoes]
        tiers, open_tiers = rule.tiers, None
        if tiers and tiers.open_whole:
            open_tiers, tiers = tiers, interpreter.standards.tables.get(rule.name)
            if tiers is not None:
                tiers = replace(
                    tiers,
                    rows=tuple(
                        replace(row, cells=tuple(_on(cell, head) for cell, head in zip(row.cells, open_tiers.rows[0].cells, strict=False)))
                        for row in tiers.rows
                    ),
                )
        amount = interpreter.lower(rule.standard, context) if rule.standard else None
        if open_tiers is not None and tiers is None:
            missing = Unknown({Missing(Waits.OFFICE, "", "", rule.name, None, "分档标准未定")})

            def amount(thing: Thing, year: int) -> Unknown:
                return missing
        rows = interpreter.rows(tiers, context) if tiers else None
        register = next((total for total in self.bound.totals if total.register == rule.object and rule.kind == "登记"), None)
        return Prepared(
            rule, self.places[rule.name], interpreter.beneficiary(rule),
            [*own, *general_conditions],
            [interpreter.lower(item, context) for item in rule.any_of], " 或 ".join(phrase(item) for item in rule.any_of),
            vetoes,
            amount, rows, interpreter.lower(rule.timing, context) if rule.timing else None,
            self._once(rule), [self._cap(rule, cap, context) for cap in rule.caps if cap.amount is not None and not isinstance(cap.amount, Always)],
            interpreter.lower(rule.order, context) if rule.order else None,
            self._ranking(rule, context), self._group_keys(rule), self._pot_keys(rule),
            rule.rounding.text if isinstance(rule.rounding, Word) else self.rounding,
            rule.upgrade.text if isinstance(rule.upgrade, Word) else "",
            self._funding(rule), self.bound.used[rule.name],
            interpreter.lower(Path(register.path.names[1:]), context) if register else None,
        )  # fmt: skip

    def _condition(self, node: Node, context: Context) -> Condition:
        left = self.interpreter.lower(node.left, context) if isinstance(node, (Compare, Is, In)) and not _special(node.left) else None
        unit = ""
        if isinstance(node, Compare) and isinstance(node.right, Number):
            unit = node.right.unit
        return Condition(phrase(node), self.interpreter.lower(node, context), left, unit)

    def _general(self, condition: Condition, neutral: bool = True) -> Condition:
        """A condition of a 通则; in an example, what it asks may be unknown, and then it does not matter."""
        if not self.generals_if_known:
            return condition
        holds = condition.holds

        def known(thing: Thing, year: int) -> Any:
            found = holds(thing, year)
            return neutral if found.__class__ is Unknown else found

        return replace(condition, holds=known)

    def key(self, rule: Rule, names: tuple[str, ...]) -> KeyFunction:
        """The function from an object of a rule to its key under some key names."""
        parts: list[Evaluate] = []
        for name in names:
            if name == "年度":
                parts.append(lambda thing, year: str(year))
                continue
            parts.append(self.interpreter.follow(resolve_key(self.interpreter.policy, rule, name), Context(rule.object, rule)))

        def key(thing: Thing, year: int) -> Key | Unknown:
            found = [part(thing, year) for part in parts]
            missing = {item for part in found if part.__class__ is Unknown for item in part.missing}
            if missing:
                return Unknown(missing)
            return tuple(_key_text(part) for part in found)

        return key

    def _scope(self, rule: Rule, scope: Scope) -> tuple[KeyFunction, str, tuple[str, ...]]:
        names = tuple(key.text for key in scope.keys)
        awards = tuple(dict.fromkeys((*(item.text for item in scope.together if isinstance(item, Word)), rule.name)))
        awards = tuple(sorted(awards, key=lambda name: self.places.get(name, 0)))
        identity = "＋".join(awards) + "｜" + "、".join(names)
        self.scopes[identity] = names
        return self.key(rule, names), identity, awards

    def _once(self, rule: Rule) -> Any:
        frequency = rule.frequency
        if frequency is None or frequency.scope is None:
            return None
        return (*self._scope(rule, frequency.scope), frequency)

    def _cap(self, rule: Rule, cap: Cap, context: Context) -> Any:
        return (self.interpreter.lower(cap.amount, context), *self._scope(rule, cap.scope), cap)

    def _ranking(self, rule: Rule, context: Context) -> Any:
        places = rule.places
        rows = {as_now_read(row.label, self.bound): row.places for row in rule.tiers.rows if row.places} if rule.tiers else {}
        if places is None and not rows:
            return None
        first = places or next(iter(rows.values()))
        by_amount = isinstance(first.order, Path) and first.order.names == ("计算额",)
        order_node = first.order
        if order_node is None and rows and rule.tiers:  # 前六名 in a row: ranked by the table's first figure
            order_node = next((cell.left for row in rule.tiers.rows for cell in row.cells if hasattr(cell, "left")), None)
        order = self.interpreter.lower(order_node, context) if order_node is not None and not by_amount else None
        key = self.key(rule, tuple(word.text for word in first.keys))
        then = rule.tie_rule if isinstance(rule.tie_rule, tuple) else None
        then_order = self.interpreter.lower(then[0], context) if then else None
        tie = rule.tie_rule.text if isinstance(rule.tie_rule, Word) else "待评定"
        return places, rows, order, key, by_amount, first, tie, (then_order, then[1]) if then else None

    def _group_keys(self, rule: Rule) -> dict[str, KeyFunction]:
        keys = {}
        for group in self.groups:
            if rule.kind == "奖补" and (group.awards is None or rule.name in group.awards):
                own = group.awards.get(rule.name) if group.awards else ()
                names = group.same
                if own:  # the award's own name for the key stands in brackets
                    rest = [name for name in group.same if name == "年度"]
                    names = (*own, *(name for name in rest if name not in own))
                keys[group.name] = self.key(rule, names)
        return keys

    def _pot_keys(self, rule: Rule) -> dict[str, KeyFunction]:
        keys = {}
        for total in (*self.bound.totals, *self.interpreter.standards.totals):
            covered = total.register == rule.object and rule.kind == "登记"
            if rule.kind == "奖补" and not total.register:
                named = self.interpreter.items(total.items)[0]
                covered = (rule.name not in named) if total.range_all else (rule.name in named)
            if covered:
                keys[total.name] = self.key(rule, tuple(key.text for key in total.scope.keys))
        return keys

    def _funding(self, rule: Rule) -> tuple[str, frozenset[Missing]]:
        if isinstance(rule.funding, Open):
            setting = self.interpreter.standards.settings.get((rule.funding.name, "")) or self.interpreter.standards.settings.get((rule.name, "出资"))
            if setting is None or setting.value is None:
                return "", frozenset({Missing(Waits.OFFICE, "", "", rule.funding.name or "出资", None, "出资未定")})
            return setting.text, frozenset()
        return (rule.funding.text if isinstance(rule.funding, Word) else ""), frozenset()

    # --- asking -----------------------------------------------------------------------------------------------------------------------

    def claims(self, year: int) -> Iterator[Claim]:
        """Every claim of the year: each 奖补 and 登记 of each object, or only those applied for where that is on file."""
        applied = self.interpreter.facts.applied
        for rule in self.bound.rules.values():
            if rule.kind == "认定":
                continue
            for kind in [name for name in self.interpreter.vocabulary.objects if self.interpreter.vocabulary.is_kind(name, rule.object)]:
                for thing in self.interpreter.facts.all(kind):
                    if applied is None or (rule.name, thing.key) in applied or rule.kind == "登记":
                        yield self.assess(rule.name, thing, year)

    def assess(self, name: str, thing: Thing, year: int) -> Claim:
        """One claim: is it met, how much, which pots and groups it belongs to."""
        prepared, interpreter = self.prepared(name), self.interpreter
        rule = prepared.rule
        interpreter.opened = set()
        payee = prepared.recipient(thing, year)
        claim = Claim(
            rule.name, rule.clause, thing.kind, thing.key, "", "", year, prepared.place, rounding=prepared.rounding, readings=prepared.readings
        )
        missing: set[Missing] = set(prepared.funding[1])
        claim.funding = prepared.funding[0]
        if payee.__class__ is Thing:
            claim.recipient = payee.key
            label = payee.values.get(("名称", None))
            claim.recipient_name = label if isinstance(label, str) else payee.key
        elif rule.kind == "奖补":
            missing |= (
                payee.missing if payee.__class__ is Unknown else {Missing(Waits.APPLICANT, thing.kind, thing.key, "受益人", None, "没有受益人")}
            )
        claim.standard_only = rule.kind == "登记"
        self._veto(prepared, claim, thing, year, missing)
        met = self._met(prepared, claim, thing, year, missing)
        if met is not False and rule.kind == "奖补":
            met = self._amount(prepared, claim, thing, year, missing, met)
        if prepared.register_amount is not None:
            amount = prepared.register_amount(thing, year)
            claim.amount = amount if amount.__class__ in NUMBERS else None
            missing |= amount.missing if amount.__class__ is Unknown else set()
        self._pots(prepared, claim, thing, year, missing)
        if rule.kind == "奖补":
            self._belongings(prepared, claim, thing, year, missing)
            claim.provisional = tuple(sorted(item + (f"（{tier}）" if tier else "") for item, tier in interpreter.opened))
        if met is True and missing:
            met = None
        claim.met = met
        claim.missing = frozenset(missing) if met is not False else frozenset()
        return claim

    def _veto(self, prepared: Prepared, claim: Claim, thing: Thing, year: int, missing: set[Missing]) -> None:
        for veto, claw_back in prepared.vetoes:
            found = truth(veto.holds(thing, year))
            if found is True:
                claim.cancelled = True
                claim.claw_back = claim.claw_back or claw_back
                claim.failed = (*claim.failed, f"否决：{veto.text}")
            elif found is not False and claim.cancelled is not True:
                claim.cancelled = None
                missing |= found.missing

    def _met(self, prepared: Prepared, claim: Claim, thing: Thing, year: int, missing: set[Missing]) -> bool | None:
        failed: list[str] = []
        results: list[Any] = []
        validity = self.interpreter.validity
        if prepared.timing is not None:
            day = prepared.timing(thing, year)
            inside = validity.holds_on(day) if isinstance(day, date) else day if day.__class__ is Unknown else False
            if inside is False:
                failed.append(f"{phrase(prepared.rule.timing)} {show(day)} 不在有效期内")
            results.append(inside)
        elif not validity.holds_in(year, self.year_rule):
            failed.append(f"{year} 年度不在有效期内（{self.year_rule}）")
            results.append(False)
        for condition in prepared.conditions:
            holds = truth(condition.holds(thing, year))
            results.append(holds)
            if holds is False:
                failed.append(condition.failure(thing, year))
        if prepared.any_of:
            any_of = disjunction(truth(item(thing, year)) for item in prepared.any_of)
            results.append(any_of)
            if any_of is False:
                failed.append(f"一项都不满足：{prepared.any_text}")
        if failed:
            claim.failed = (*claim.failed, *failed)
            return False
        met = conjunction(results)
        if met.__class__ is Unknown:
            missing |= met.missing
            return None
        return True

    def _amount(self, prepared: Prepared, claim: Claim, thing: Thing, year: int, missing: set[Missing], met: bool | None) -> bool | None:
        self.interpreter.adjustable = set()  # from here on: what the amount itself is made of
        if prepared.rows is not None:
            found = self.interpreter.first_row(prepared.rows, thing, year)
            if found is None:
                tiers = prepared.rule.tiers
                heads = [phrase(cell.left) for row in tiers.rows for cell in row.cells if hasattr(cell, "left")] if tiers else []
                head = "、".join(dict.fromkeys(heads))
                claim.failed = (*claim.failed, f"没有达到任何一档（{head}）")
                return False
            if found.__class__ is tuple:
                claim.in_row = True
                claim.tier, amount = found
            else:
                amount = found
        else:
            assert prepared.amount is not None
            amount = prepared.amount(thing, year)
        if amount.__class__ is Unknown:
            missing |= amount.missing
            return None
        if amount is NONE:
            missing.add(Missing(Waits.APPLICANT, thing.kind, thing.key, "标准", year, "为“无”，无法计算"))
            return None
        claim.amount = max(amount, 0)
        claim.adjustable = bool(self.interpreter.adjustable)
        return met

    def _belongings(self, prepared: Prepared, claim: Claim, thing: Thing, year: int, missing: set[Missing]) -> None:
        """The limits, groups and order of a claim."""
        claim.outside_fen = self._outside(prepared.rule, thing, year, missing)
        if prepared.once:
            key_of, identity, awards, frequency = prepared.once
            key = key_of(thing, year)
            if key.__class__ is Unknown:
                missing |= key.missing
            else:
                claim.once = Once(ScopeKey(identity, awards, key, _window(frequency.scope.time)), frequency.times, frequency.most_years, frequency.from_first,
                                  prepared.upgrade, phrase(frequency))  # fmt: skip
        limits = []
        for amount_of, key_of, identity, awards, cap in prepared.caps:
            key, amount = key_of(thing, year), amount_of(thing, year)
            unknown = [part for part in (key, amount) if part.__class__ is Unknown]
            if unknown:
                missing.update(item for part in unknown for item in part.missing)
            elif amount is not NONE:
                limits.append(Limit(amount, ScopeKey(identity, awards, key, _window(cap.scope.time)), phrase(cap)))
        claim.limits = tuple(limits)
        if prepared.order is not None:
            found = prepared.order(thing, year)
            claim.order = None if found.__class__ is Unknown or found is NONE else found
        if prepared.ranking is not None:
            claim.ranking = self._rank(prepared, claim, thing, year, missing)
        for group, key_of in prepared.groups.items():
            key = key_of(thing, year)
            if key.__class__ is Unknown:
                claim.groups[group] = None
            elif "" not in key:
                claim.groups[group] = key

    def _pots(self, prepared: Prepared, claim: Claim, thing: Thing, year: int, missing: set[Missing]) -> None:
        """The totals a claim or a register entry draws on, and when it was applied for."""
        for total, key_of in prepared.pots.items():
            key = key_of(thing, year)
            if key.__class__ is Unknown:
                missing |= key.missing
            else:
                claim.pots[total] = key
        applied = self.interpreter.facts.claims.get((prepared.rule.name, thing.key), {}).get(("申报日期", None))
        claim.chosen = self.interpreter.facts.claims.get((prepared.rule.name, thing.key), {}).get(("申报单位选择", None)) is True
        claim.applied_on = applied if isinstance(applied, date) else None

    def _rank(self, prepared: Prepared, claim: Claim, thing: Thing, year: int, missing: set[Missing]) -> Ranking | None:
        places, rows, order, key_of, by_amount, first, tie, then = prepared.ranking
        in_row = rows.get(claim.tier) if rows and claim.in_row else None
        if rows and in_row is None:
            return None
        used = in_row or places
        group = key_of(thing, year)
        if group.__class__ is Unknown:
            missing |= group.missing
            return None
        tier = claim.tier if claim.in_row and (used.by_tier or in_row) else None  # a row may have no words at all
        by_choice = order is None and not by_amount
        value = self._chosen(prepared.rule, thing) if by_choice else order(thing, year) if order else None
        second = then[0](thing, year) if then else None
        return Ranking(
            used.count,
            (*group, tier),
            None if value.__class__ is Unknown or value is NONE else value,
            first.descending or by_choice,  # of the order that is asked, whatever a row of the table says besides
            tie,
            phrase(used),
            by_amount,
            by_choice,
            (None if second.__class__ is Unknown or second is NONE else second, then[1]) if then else None,
            self._places_taken(prepared.rule, first, group, tier, thing, year),
        )

    def _chosen(self, rule: Rule, thing: Thing) -> int | None:
        """申报单位选择: what the applicant said of this claim (是, 否); None where he has not chosen yet."""
        found = self.interpreter.facts.claims.get((rule.name, thing.key), {}).get(("申报单位选择", None))
        return int(found) if isinstance(found, bool) else None

    def _places_taken(self, rule: Rule, places: Places, group: Key, tier: str | None, thing: Thing, year: int) -> int:
        """Places of the group that earlier batches of the same year have used."""
        scope = f"名额 {rule.name}"
        if scope not in self._taken:
            self.scopes[scope] = tuple(word.text for word in places.keys)
            taken = self._taken[scope] = {}
            for (award, key), entries in self.interpreter.paid.items():
                for entry in entries if award == rule.name else ():
                    if entry.year == year and entry.amount_fen > 0:
                        for label in (None, entry.tier):
                            taken.setdefault((self.key_of_entry(scope, entry), label), set()).add(key)
        return len(self._taken[scope].get((group, tier), set()) - {thing.key})

    def _outside(self, rule: Rule, thing: Thing, year: int, missing: set[Missing]) -> int:
        """What was already paid for the same matter under other policies; asked only where the policy looks at it."""
        if not any(highest.other_policies for highest in self.bound.highest):
            return 0
        facts = self.interpreter.facts
        values = facts.claims.get((rule.name, thing.key), {})
        found = values.get((OUTSIDE, year), values.get((OUTSIDE, None)))
        if found.__class__ in NUMBERS:
            return int(found)
        if found is NONE or OUTSIDE in facts.listed:
            return 0
        missing.add(Missing(Waits.APPLICANT, CLAIM, f"{rule.name} {thing.key}", OUTSIDE, year))
        return 0

    # --- the ledger -------------------------------------------------------------------------------------------------------------------

    def key_of_entry(self, scope: str, entry: Paid) -> tuple[str | None, ...]:
        """The key of an earlier payment under a scope: from the object on file, else from what the ledger row states."""
        rule = self.bound.rules.get(entry.award)
        stated = dict(entry.keys)
        found: list[str | None] = []
        for name in self.scopes[scope]:
            if name in stated:
                found.append(stated[name])
                continue
            if rule is None:
                found.append(None)
                continue
            try:
                hops = resolve_key(self.interpreter.policy, rule, name)
            except Unresolved:
                found.append(None)
                continue
            if hops[0].role == "self" and len(hops) == 1:
                found.append(entry.object_key)
                continue
            thing = next((found_thing for kind in self.interpreter.vocabulary.objects if self.interpreter.vocabulary.is_kind(kind, rule.object)
                          if (found_thing := self.interpreter.facts.find(kind, entry.object_key))), None)  # fmt: skip
            value = self.interpreter.follow(hops, Context(rule.object, rule))(thing, entry.year) if thing else None
            if value is not None and value.__class__ is not Unknown:
                found.append(_key_text(value))
                continue
            payee = (
                rule.beneficiary is None
                or (isinstance(rule.beneficiary, Path) and rule.beneficiary.names == tuple(hop.name for hop in hops))
                or hops[-1].role == "beneficiary"
            )
            found.append(entry.recipient if payee and entry.recipient else None)
        return tuple(found)

    def traces(self, name: str, thing: Thing, year: int) -> tuple[Claim, list[Trace]]:
        """A claim and everything that was computed for it (the interpreter must be a traced one)."""
        self.interpreter.trace = traces = []
        return self.assess(name, thing, year), traces


def _special(node: Node) -> bool:
    return getattr(node, "function", "") in ("两年平均增长率", "时长")


def _on(cell: Node, head: Node) -> Node:
    """A test of an office's tier table, asked of the expression the policy's own table has at its head."""
    if isinstance(cell, And):
        return replace(cell, items=tuple(_on(item, head) for item in cell.items))
    return replace(cell, left=head) if hasattr(cell, "left") else cell


def _window(time: Time) -> Window:
    return Window(time.kind, time.years)


def _key_text(value: Any) -> str:
    if value is NONE:
        return ""
    if value.__class__ is Thing:
        return str(value.key)
    return value if isinstance(value, str) else show(exact(value) if isinstance(value, Fraction) else value)
