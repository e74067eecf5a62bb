"""Two engines, one language: random policies over random facts, every line compared. 100,000 lines here, 1,000,000 at night."""

from __future__ import annotations

import pytest

from .literate import literate
from .run import Count, engine, one_case, run
from .shrink import shrink

EACH = 5_000  # lines a settlement, for volume: what planning a policy costs is spread over many
# (seed, lines a settlement, lines in all): small settlements for many policies, large ones for many lines; each its own process of the suite
BY_DAY = ((6, 300, 8_000), (1, 120, 5_000), (3_000, EACH, 21_000), (5_101, EACH, 23_000), (5_201, EACH, 21_000), (5_301, EACH, 22_000))


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


@pytest.mark.parametrize(("seed", "each", "lines"), BY_DAY)
def test_random_policies_come_to_the_same_on_every_line(seed: int, each: int, lines: int) -> None:
    assert compare(seed, lines, each=each).lines >= lines


@pytest.mark.parametrize("share", range(2))
def test_the_founding_policies_come_to_the_same_under_random_readings(share: int) -> None:
    assert compare(200 + share, 1_000, both=True, each=1_000).lines >= 1_000


@pytest.mark.nightly
@pytest.mark.parametrize("share", range(40))
def test_a_million_lines_come_to_the_same(share: int) -> None:
    assert compare(1_000 + share, 25_000).lines >= 25_000


@pytest.mark.nightly
def test_small_settlements_of_many_policies_come_to_the_same() -> None:
    settle = engine("duckdb")
    count = run(settle, seed=2_000, until=20_000, lines=60, stop_at=1, loose=True)
    assert not count.different, count.different[0]
