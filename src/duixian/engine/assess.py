"""Rule × object → claim: the conditions, the amount, and the keys by which the waterfall will know which claims belong together."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from ..award.record import Claim, Key, Limit, Once, Ranking, ScopeKey, Window
from ..policy.model import Group, Rule
from ..policy.render import phrase, show
from ..policy.resolve import Unresolved, resolve_key
from ..policy.syntax import Path, Places, Time
from ..policy.vocabulary import CLAIM
from ..values.facts import NONE, Missing, Paid, Thing, Unknown
from ..values.terms import APPLIED_ON, CHOSEN, OUTSIDE, Waits
from .context import Context, Trace
from .interpret import Interpreter
from .logic import NUMBERS, conjunction, disjunction, truth
from .prepare import KeyFunction, Prepared, Preparing, key_text


class Assessor(Preparing):
    """Every rule of a bound policy, prepared; `claims()` asks them of every object."""

    def __init__(self, interpreter: Interpreter, *, rounding: str, year_rule: str, groups: list[Group], generals_if_known: bool = False,
                 said_unknown: Collection[tuple[str, str, str]] = ()) -> None:  # fmt: skip
        super().__init__(interpreter, rounding=rounding, year_rule=year_rule, groups=groups, generals_if_known=generals_if_known, said_unknown=said_unknown)
        self._entry_keys: dict[tuple[str, str], KeyFunction | None] = {}
        self._taken: dict[str, dict[tuple[tuple[str | None, ...], str | None], set[str]]] = {}  # 名额 already used: (group, tier row; None: any) -> objects

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
        tiers = prepared.rule.tiers
        if prepared.rows is not None:
            found = self.interpreter.first_row(prepared.rows, thing, year)
            if found is None:
                heads = [phrase(cell.left) for row in tiers.rows for cell in row.cells if hasattr(cell, "left")] if tiers else []
                head = "、".join(dict.fromkeys(heads))
                claim.failed = (*claim.failed, f"没有达到任何一档（{head}）" if head else "没有达到任何一档")
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
        claim.adjustable = bool(self.interpreter.adjustable) or bool(tiers and tiers.open_whole)  # every number of a table the year gives
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
        applied = self.interpreter.facts.claims.get((prepared.rule.name, thing.key), {}).get((APPLIED_ON, None))
        claim.chosen = self.interpreter.facts.claims.get((prepared.rule.name, thing.key), {}).get((CHOSEN, None)) is True
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
        found = self.interpreter.facts.claims.get((rule.name, thing.key), {}).get((CHOSEN, None))
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
                found.append(key_text(value))
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


def _window(time: Time) -> Window:
    return Window(time.kind, time.years)
