"""Synthetic applicants for the demonstration (演示数据，合成，非真实). The same seed always gives the same facts."""

from __future__ import annotations

from pathlib import Path


def policies_folder() -> Path:
    """policies/ of this checkout, or of the current folder."""
    beside = Path(__file__).resolve().parents[1] / "policies"
    return beside if beside.is_dir() else Path("policies")
