"""Populations made for the tests, each once; and shipped profiles with one thing changed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow.parquet as parquet

from duixian.policy.load import load_policy
from duixian.policy.model import Policy
from duixian.population import Made, make
from duixian.values.diagnostic import Defects, Diagnostic

POLICIES = Path(__file__).resolve().parents[2] / "policies"
FOUNDING = ("jinyun-2025", "zibo-2022")
YEAR = 2025


@cache
def policy_of(name: str) -> Policy:
    policy, defects = load_policy(POLICIES / name)
    assert not [item for item in defects if item.is_error]
    return policy


def profile_of(name: str) -> Path:
    return POLICIES / name / "population.md"


@cache
def made(name: str, size: int = 3000, seed: int = 1) -> Made:
    """A population of a founding policy, made once for all tests."""
    return make(policy_of(name), profile_of(name), size, seed, YEAR, Path(mkdtemp()) / "population")


def columns(population: Made, table: str) -> dict[str, list[Any]]:
    """header → cells of one table."""
    return parquet.read_table(population.folder / f"{table}.parquet").to_pydict()


def changed(tmp_path: Path, old: str, new: str, name: str = "zibo-2022") -> Path:
    """The shipped profile with one piece of text replaced."""
    text = profile_of(name).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{text.count(old)} × {old}"
    path = tmp_path / "population.md"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def refused(tmp_path: Path, old: str, new: str, name: str = "zibo-2022") -> list[Diagnostic]:
    """What is said of a changed profile; it must be refused, and nothing may be left behind."""
    path = changed(tmp_path, old, new, name)
    try:
        make(policy_of(name), path, 200, 1, YEAR, tmp_path / "out")
    except Defects as stop:
        assert sorted(item.name for item in tmp_path.iterdir()) == ["population.md"]
        return stop.diagnostics
    raise AssertionError("the profile was taken")
