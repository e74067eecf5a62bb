"""Numbers of keys (号): one whole number a key text, in the order of the texts, so that engines join, group and order by it.

'' is 0; a key nobody states is NULL, as its text is. Two texts are equal, or one before the other, exactly where their numbers are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..policy.model import Policy
from ..values.frames import APPLIED, CLAIMS, KEY, LEDGER, NUMBERS, UNLISTED, Frames, number_name
from .plain import ident

if TYPE_CHECKING:
    import pyarrow

STATED_KEY = "键·"


def key_columns(frames: Frames) -> dict[str, list[str]]:
    """The key columns of every table, by table, that get a number beside them; `frames.numbers` says whose own keys do."""
    found: dict[str, list[str]] = {CLAIMS: [KEY], LEDGER: [KEY, "受益人", *(STATED_KEY + name for name in frames.ledger_keys)]}
    if frames.applied:
        found[APPLIED] = [KEY]
    if frames.unlisted:
        found[UNLISTED] = ["父标识"]
    for kind, frame in frames.objects.items():
        own = [KEY] if frames.numbers is None or kind in frames.numbers else []
        found[frame.name] = own + [column.name for column in frame.columns.values() if column.kind == "object"]
    return found


def numbered(frames: Frames, tables: dict[str, pyarrow.Table]) -> dict[str, pyarrow.Table]:
    """The same tables with a number beside every key, and 号 (号, 标识): one row a key text there is."""
    import pyarrow as arrow
    import pyarrow.compute as compute

    frames.numbers = frozenset(frames.objects)
    columns = key_columns(frames)
    texts = {text for name, keys in columns.items() for key in keys for text in tables[name][key].to_pylist() if text}
    known = arrow.array(["", *sorted(texts)], arrow.string())
    result = dict(tables)
    for name, keys in columns.items():
        for key in keys:
            numbers: Any = compute.index_in(tables[name][key], value_set=known)
            result[name] = result[name].append_column(number_name(key), numbers)
    result[NUMBERS] = arrow.table({"号": arrow.array(range(len(known)), arrow.int32()), KEY: known})
    return result


def kinds_numbered(policy: Policy, frames: Frames) -> frozenset[str]:
    """The object types whose own keys anybody asks for: those a rule is about, and those a relation may lead to."""
    vocabulary = policy.vocabulary
    asked = {rule.object for rule in policy.rules.values()}
    asked |= {fact.target for declared in vocabulary.objects.values() for fact in declared.facts.values() if fact.kind == "object"}
    return frozenset(kind for kind in frames.objects if any(vocabulary.is_kind(kind, name) for name in asked))


def number_tables(connection: Any, frames: Frames, policy: Policy) -> None:
    """The same for tables that stand in DuckDB (`open_frames`): each is written anew with its numbers. Raises what DuckDB raises."""
    frames.numbers = kinds_numbered(policy, frames)
    columns = key_columns(frames)
    every = " UNION ALL ".join(f"SELECT {ident(key)} AS k FROM {ident(name)}" for name, keys in columns.items() for key in keys)
    connection.execute(
        f"CREATE OR REPLACE TABLE {ident(NUMBERS)} AS SELECT 0::INTEGER AS 号, '' AS {ident(KEY)} UNION ALL "
        f"SELECT row_number() OVER (ORDER BY k)::INTEGER, k FROM (SELECT DISTINCT k FROM ({every}) WHERE k <> '')"
    )
    for name, keys in columns.items():
        if keys:
            cells = ", ".join(f"n{place}.号 AS {ident(number_name(key))}" for place, key in enumerate(keys))
            joins = " ".join(f"LEFT JOIN {ident(NUMBERS)} AS n{place} ON n{place}.{ident(KEY)} = t.{ident(key)}" for place, key in enumerate(keys))
            connection.execute(f"CREATE OR REPLACE TABLE {ident(name)} AS SELECT t.*, {cells} FROM {ident(name)} AS t {joins}")
