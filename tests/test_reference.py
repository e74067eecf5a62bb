"""The outside judge itself: the adapter says right where it is right, wrong where it is wrong, and never passes over a case.

`./dx test` runs the reference file as a command of its own; here only the adapter is tried, on a few cases written below.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from . import reference

OWN = sorted((Path(__file__).resolve().parent / "cases").glob("*.yaml"))



def written(path: Path, *cases: dict, portfolio: tuple = ()) -> str:  # type: ignore[type-arg]
    path.write_text(yaml.safe_dump({"cases": list(cases), "portfolio": list(portfolio)}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return str(path)


def shares(name: str, expected: dict[str, str], total: str) -> dict[str, object]:
    return {"id": name, "kind": "allocation", "claims": {"甲": "2.00", "乙": "1.00"}, "budget_yuan": "1.00", "expected_lines": expected, "expected_total": total}


def test_a_right_expectation_passes(tmp_path: Path) -> None:
    path = written(tmp_path / "right.yaml", portfolio=(shares("P1", {"甲": "0.67", "乙": "0.33"}, "1.00"),))
    assert reference.run_file(path) == (1, [])


def test_a_wrong_expectation_fails_and_says_what_was_found(tmp_path: Path) -> None:
    path = written(tmp_path / "wrong.yaml", portfolio=(shares("P2", {"甲": "0.66", "乙": "0.34"}, "1.00"),))
    passed, failures = reference.run_file(path)
    assert passed == 0
    assert failures == ["P2: 甲: expected 0.66, found 0.67; 乙: expected 0.34, found 0.33"]


def test_a_case_the_adapter_cannot_express_is_a_failure_not_a_skip(tmp_path: Path) -> None:
    path = written(tmp_path / "strange.yaml", {"id": "X1", "award": "atlantis-1", "year": 2024, "reading": "default", "history": [], "facts": {}})
    passed, failures = reference.run_file(path)
    assert (passed, len(failures)) == (0, 1)
    assert failures[0].startswith("X1: KeyError")


def first_award_case() -> dict:  # type: ignore[type-arg]
    cases = [case for path in OWN for case in yaml.safe_load(path.read_text(encoding="utf-8")).get("cases") or []]
    return next(case for case in cases if "kind" not in case and case["expected_yuan"] != "0.00")


def test_a_settled_award_is_compared_in_amount_eligibility_and_outcome(tmp_path: Path) -> None:
    """One case of our own file as it stands, then with each of its three expectations turned."""
    case = first_award_case()
    assert reference.run_file(written(tmp_path / "as-it-stands.yaml", case)) == (1, [])
    for key, wrong in (("expected_yuan", "0.01"), ("eligible", not case["eligible"]), ("outcome", "not_met")):
        passed, failures = reference.run_file(written(tmp_path / f"{key}.yaml", {**case, key: wrong}))
        assert passed == 0 and f"{key}: expected {wrong}" in failures[0]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_our_own_cases_come_out(path: Path) -> None:
    passed, failures = reference.run_file(str(path))
    assert failures == [] and passed > 0
