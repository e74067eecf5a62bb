"""The two engines of a test run: one Spark session and one DuckDB connection for each process, since a session takes seconds to begin."""

from __future__ import annotations

import atexit
from functools import cache

from duixian.engine.duck_engine import DuckEngine
from duixian.engine.relational import Engine
from duixian.engine.spark import SparkEngine


@cache
def duck() -> DuckEngine:
    """DuckDB with the prelude."""
    engine = DuckEngine(threads=2)
    atexit.register(engine.close)
    return engine


@cache
def spark() -> SparkEngine:
    """Spark with the prelude, in this process, for small data. Raises EngineError where pyspark or Java is missing: ./dx setup test."""
    engine = SparkEngine("local[2]", memory="1g", small=True)
    atexit.register(engine.close)
    return engine


def both() -> list[Engine]:
    """DuckDB, then Spark."""
    return [duck(), spark()]
