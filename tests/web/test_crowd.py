"""Many at once, and killed with SIGKILL at any point: programs of their own on a database in a file (tests/web/crowd.py)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import scratch

from . import template

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]


def crowd(home: Path, *given: str) -> Any:
    """Run a program of `crowd` in a home of its own, on an empty database of the kind these tests run on."""
    address = os.environ.get("DUIXIAN_DATABASE", "")
    if not address:
        template.copy_to(home / template.FILE)
    with scratch(address, os.environ.get(template.POSTGRES, "template1")) if address else nullcontext("") as own:
        environment = os.environ | {"DUIXIAN_HOME": str(home), "DUIXIAN_DATABASE": own, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        found = subprocess.run([sys.executable, "-m", "tests.web.crowd", *given], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert found.returncode == 0, found.stderr[-4000:]
    return json.loads(found.stdout)


def test_200_reservations_at_once_against_a_total_that_fits_100(tmp_path: Path) -> None:
    found = crowd(tmp_path, "reserve", "200", "100")
    assert found == {"counts": {"reserved": 100, "account_covers_the_move": 100}, "reserved": 100, "left": 0, "rows": 100, "breaks": 0}


def test_of_ten_heads_confirming_at_once_one_decides_and_nine_are_told(tmp_path: Path) -> None:
    found = crowd(tmp_path, "confirm")
    assert (found["confirmed"], found["refused"], found["decisions"], found["reserved"], found["breaks"]) == (1, 9, 1, True, 0)


def test_every_step_killed_at_any_point_and_run_again_does_nothing_twice_and_loses_nothing(tmp_path: Path) -> None:
    found = crowd(tmp_path, "killed")
    assert all(count > 5 for count in found["kills"].values()), found["kills"]
