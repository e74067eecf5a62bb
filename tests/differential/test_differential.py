"""Two engines, one language: random policies over random facts, every line compared. 100,000 lines here, 1,000,000 at night.

By day the policies are always the same; each night draws others. A failure names its case, which can be drawn again.
"""

from __future__ import annotations

import re
from datetime import date

import pytest

from duixian.engine import compiled
from duixian.engine.duck_engine import DuckEngine
from tests.repeat import by_day

from .literate import literate
from .run import Count, engine, one_case, run
from .shrink import shrink

EACH = 5_000  # lines a settlement, for volume: what planning a policy costs is spread over many
# (seed, lines a settlement, lines in all): small settlements for many policies, large ones for many lines; each its own process of the suite
BY_DAY = ((6, 300, by_day(3_000, night=8_000)), (3_000, EACH, 24_250), (5_101, EACH, 24_250), (5_201, EACH, 24_250), (5_301, EACH, 24_250))
BY_NIGHT = pytest.param(1, 120, 5_000, marks=pytest.mark.nightly)
TONIGHT = 1_000 * date.today().toordinal()  # the first seed of a night; a share adds its number
FOUNDING = by_day(80, night=1_000)  # lines a share: small worlds, each with readings of its own


def compare(seed: int, lines: int, *, both: bool = False, each: int = EACH) -> Count:
    """Run, and where something differs fail with the smallest literate test that shows it."""
    settle = engine("duckdb")
    count = run(settle, seed=seed, until=lines, lines=each, both=both, stop_at=1, loose=True)
    if count.different:
        name, found = count.different[0]
        small = ""
        if not both:
            world, left = shrink(one_case(name, lines=each), settle, loose=True)
            small = literate(world, left[0])
        pytest.fail(f"python -m tests.differential --each {each} --case {name}\n" + "\n".join(found[:10]) + f"\n\n{small}")
    assert sum(count.uncompiled.values()) <= count.settlements / 20, count.uncompiled
    return count


@pytest.mark.long
@pytest.mark.parametrize(("seed", "each", "lines"), [*BY_DAY, BY_NIGHT])
def test_random_policies_come_to_the_same_on_every_line(seed: int, each: int, lines: int) -> None:
    assert compare(seed, lines, each=each).lines >= lines


def test_a_hundred_thousand_lines_are_compared_by_day() -> None:
    assert sum(lines for _, _, lines in BY_DAY) >= 100_000


@pytest.mark.long
@pytest.mark.parametrize("share", range(2))
def test_the_founding_policies_come_to_the_same_under_random_readings(share: int) -> None:
    assert compare(200 + share, FOUNDING, both=True, each=1_000).lines >= FOUNDING


@pytest.mark.long
def test_shared_pots_taken_in_rounds_come_to_the_same_as_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """More claims than AT_ONCE are taken by rounds of SQL: here every settlement is."""
    rounds = []
    stage = DuckEngine.stage
    monkeypatch.setattr(compiled, "AT_ONCE", -1)
    monkeypatch.setattr(DuckEngine, "stage", lambda self, name, sql: (rounds.append(name) if re.search("·得[1-9]", name) else None, stage(self, name, sql))[1])
    lines = by_day(1_500, night=50_000)
    count = run(engine("duckdb"), seed=7_300, until=lines, lines=150, stop_at=1, loose=True)
    assert not count.different, count.different[0]
    assert count.lines >= lines
    assert any(name.endswith("·得3") for name in rounds), "some pots are shared by three and more"


@pytest.mark.nightly
@pytest.mark.parametrize("share", range(40))
def test_a_million_lines_come_to_the_same(share: int) -> None:
    assert compare(TONIGHT + share, 25_000).lines >= 25_000


@pytest.mark.nightly
@pytest.mark.parametrize("share", range(40, 48))
def test_small_settlements_of_many_policies_come_to_the_same(share: int) -> None:
    """What goes wrong with a form of the language goes wrong with few lines: many policies find more than many lines do."""
    assert compare(TONIGHT + share, 10_000, each=60).lines >= 10_000
