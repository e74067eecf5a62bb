"""Every address, desk by desk. Each desk lists its own routes beside its views; a test compares this with what the server really answers."""

from __future__ import annotations

from duixian.web.seats import Route

from .views import (
    apply,
    audit,
    case,
    cycles,
    handle,
    imports,
    letter,
    money,
    notices,
    office,
    outgoing,
    paying,
    policy,
    public,
    registry,
    settle,
    setup,
    special,
)

DESKS = (public, policy, apply, handle, case, letter, audit, registry, imports, outgoing, cycles, setup, settle, special, notices, money, paying, office)
ROUTES: list[Route] = [route for desk in DESKS for route in desk.ROUTES]
