"""Settlement of very large inputs: files straight into an engine, lines straight into Parquet, checked by the interpreter where it matters most; and why one object gets what it gets."""

from .explain import explain_large
from .settle import LargeResult, settle_large

__all__ = ["LargeResult", "explain_large", "settle_large"]
