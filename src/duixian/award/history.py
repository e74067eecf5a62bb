"""The ledger as the waterfall sees it: how much, how often and when something was paid into a pot (scope, key, window)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..values.facts import Paid
from ..values.period import Validity
from .record import Key, ScopeKey, Window

KeyOf = Callable[[str, Paid], tuple[str | None, ...]]  # (scope identity, entry) -> its key; None for a part nobody recorded


@dataclass(slots=True)
class History:
    """Earlier payments and what this settlement has already set aside, looked up by pot."""

    entries: list[Paid]
    year: int
    validity: Validity
    key_of: KeyOf
    _index: dict[tuple[str, Key], dict[Key, list[Paid]]] = field(default_factory=dict)
    _loose: dict[tuple[str, Key], list[tuple[tuple[str | None, ...], Paid]]] = field(default_factory=dict)

    def paid(self, pot: ScopeKey) -> list[Paid]:
        """The payments above zero that count against a pot, oldest first."""
        self._prepare(pot)
        found = self._index[(pot.scope, pot.awards)].get(pot.key, [])
        return sorted(
            (entry for entry in found if entry.amount_fen > 0 and self._inside(entry, pot.window)),
            key=lambda entry: (entry.year, entry.award, entry.object_key, entry.amount_fen),
        )

    def unplaced(self, pot: ScopeKey) -> list[Paid]:
        """Payments that may count against a pot but whose key is not on record."""
        self._prepare(pot)
        return [
            entry for key, entry in self._loose[(pot.scope, pot.awards)]
            if self._inside(entry, pot.window) and all(part is None or part == own for part, own in zip(key, pot.key, strict=True))
        ]  # fmt: skip

    def post(self, entry: Paid, pots: list[ScopeKey]) -> None:
        """Set a payment of this settlement aside, in every pot it draws on and in every other pot that counts its award."""
        self.entries.append(entry)
        own = {(pot.scope, pot.awards): pot.key for pot in pots}
        for (scope, awards), index in self._index.items():
            if entry.award in awards:
                key = own.get((scope, awards))
                if key is None:
                    found = self.key_of(scope, entry)
                    if None in found:
                        self._loose[(scope, awards)].append((found, entry))
                        continue
                    key = tuple(part for part in found if part is not None)
                index.setdefault(key, []).append(entry)

    def _prepare(self, pot: ScopeKey) -> None:
        name = (pot.scope, pot.awards)
        if name in self._index:
            return
        index: dict[Key, list[Paid]] = {}
        loose: list[tuple[tuple[str | None, ...], Paid]] = []
        for entry in self.entries:
            if entry.award in pot.awards and entry.amount_fen > 0:
                key = self.key_of(pot.scope, entry)
                if None in key:
                    loose.append((key, entry))
                else:
                    index.setdefault(tuple(part for part in key if part is not None), []).append(entry)
        self._index[name], self._loose[name] = index, loose

    def _inside(self, entry: Paid, window: Window) -> bool:
        if entry.year > self.year:
            return False
        if window.kind == "每年":
            return entry.year == self.year
        if window.kind == "每N年":
            return entry.year > self.year - window.years
        if window.kind == "政策期内":
            return self.validity.holds_year(entry.year)
        return window.kind == "累计"
