"""A seeded sample of tests/mutation.py by day, all of it at night: whatever is changed in a rule, something notices."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import mutation
from .repeat import by_day

SAMPLE = mutation.sample(by_day(20, night=40), seed=3)


@pytest.mark.parametrize("mutant", SAMPLE, ids=lambda mutant: f"{mutant.policy}:{mutant.line} {mutant.kind} {mutant.new.strip() or '（删去）'}")
def test_a_changed_rule_is_noticed(mutant: mutation.Mutant) -> None:
    """By a law or by an 例: the policy folder alone, without the outside judge."""
    assert mutation.judge((mutant, ())).killed_by, mutant.text


def test_the_unchanged_policies_are_clean() -> None:
    for policy in mutation.POLICIES:
        assert not list(mutation.errors(mutation.ROOT / "policies" / policy)), policy


def test_a_mutant_changes_rules_and_never_quotes_examples_or_prose() -> None:
    for policy in mutation.POLICIES:
        for mutant in mutation.mutants(policy):
            assert not mutant.source.startswith((">", "#")), mutant.text
            assert mutant.source.split("：")[0].removeprefix("- ") not in mutation.PROSE, mutant.text


def test_every_excuse_is_of_a_mutant_that_is_still_there() -> None:
    every = {mutant.key for mutant in mutation.every()}
    for key, reason in mutation.EQUIVALENT.items():
        assert key in every, f"{key} is gone: delete the excuse"
        assert len(reason) > 5


@pytest.mark.nightly
@pytest.mark.parametrize("key", mutation.EQUIVALENT, ids=lambda key: f"{key[0]} {key[1]} {key[2].strip()}")
def test_no_excuse_is_made_for_what_the_check_notices(key: tuple[str, str, str, str], tmp_path: Path) -> None:
    mutant = next(mutant for mutant in mutation.every() if mutant.key == key)
    assert mutation.by_check(mutant, tmp_path) == ()


@pytest.mark.nightly
def test_every_mutant_is_noticed() -> None:
    assert mutation.run(mutation.every(), tuple(str(path) for path in mutation.REFERENCES if path.exists())).survivors == []
