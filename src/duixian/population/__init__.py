"""合成人群: a labelled synthetic population of any size from a readable profile, streamed to Parquet. Never real data, and every file says so."""

from __future__ import annotations

from .made import Made, make

__all__ = ["Made", "make"]
