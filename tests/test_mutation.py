"""A seeded sample of tests/mutation.py on every run, all of it at night: whatever is changed in a rule, something notices."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from . import mutation

SAMPLE = mutation.sample(40, seed=20250722)


@pytest.mark.parametrize("mutant", SAMPLE, ids=lambda mutant: f"{mutant.policy}:{mutant.line} {mutant.kind} {mutant.new.strip() or '（删去）'}")
def test_a_changed_rule_is_noticed(mutant: mutation.Mutant) -> None:
    """By a law, by an 例 or, where the file is there, by a reference case."""
    files = tuple(str(path) for path in mutation.REFERENCES if path.exists())
    assert mutation.judge((mutant, files)).killed_by, mutant.text


def test_the_unchanged_policies_are_clean() -> None:
    for policy in mutation.POLICIES:
        assert not list(mutation.errors(mutation.ROOT / "policies" / policy)), policy


def test_a_mutant_changes_rules_and_never_quotes_examples_or_prose() -> None:
    for policy in mutation.POLICIES:
        for mutant in mutation.mutants(policy):
            assert not mutant.source.startswith((">", "#")), mutant.text
            assert mutant.source.split("：")[0].removeprefix("- ") not in mutation.PROSE, mutant.text


def test_every_equivalent_mutant_is_still_there_and_still_unnoticed_by_the_check() -> None:
    """The table of excuses holds no excuse that is no longer needed."""
    every = {mutant.key: mutant for policy in mutation.POLICIES for mutant in mutation.mutants(policy)}
    for key, reason in mutation.EQUIVALENT.items():
        assert key in every, f"{key} is gone"
        assert len(reason) > 5
        with tempfile.TemporaryDirectory() as into:
            assert mutation.by_check(every[key], Path(into)) == (), f"{key} is noticed now: delete the excuse"


@pytest.mark.nightly
def test_every_mutant_is_noticed() -> None:
    assert mutation.run(mutation.every(), tuple(str(path) for path in mutation.REFERENCES if path.exists())).survivors == []
