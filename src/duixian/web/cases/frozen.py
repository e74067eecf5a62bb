"""What a settlement was made from, kept whole: facts and earlier payments as exact bytes, the year's standards, the readings and the result.

Grain: one folder a settlement's content, `settlements/〈inputs〉-〈result〉`; the same content is the same folder. Years later the public door gives the
same bytes from it (`recompute`). Written whole before the row that names it is, so that a kill leaves at most a folder nobody names.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

from duixian.tables.result import to_dict
from duixian.values.facts import Facts, Paid
from duixian.web.registry.facts import decode, encode, period_of, period_text


def pack(facts: Facts, ledger: Iterable[Paid]) -> bytes:
    """Facts and earlier payments as bytes; the same facts always give the same."""
    parts = {
        "things": ([thing.kind, thing.key, _values(thing.values)] for kind in sorted(facts.things) for thing in facts.all(kind)),
        "claims": ([*pair, _values(values)] for pair, values in sorted(facts.claims.items())),
        "listed": iter(sorted(facts.listed)), "unlisted": iter(sorted(map(list, facts.unlisted))),
        "applied": None if facts.applied is None else iter(sorted(map(list, facts.applied))),
        "earlier": ([one.award, one.year, one.object_key, one.amount_fen, one.document, one.recipient, one.tier, one.standard_fen, [list(key) for key in one.keys]] for one in ledger),
    }  # fmt: skip
    return b"{" + b",\n".join(f'"{name}":'.encode() + (b"null" if rows is None else _lines(rows)) for name, rows in parts.items()) + b"}\n"


def _lines(rows: Iterator[Any]) -> bytes:
    """A list with a line for each row, so that people can compare it too; one row after the other, for there may be a million."""
    text = b",\n".join(_encode(row).encode() for row in rows)
    return b"[\n" + text + b"\n]" if text else b"[]"


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _values(values: dict[Any, Any]) -> list[list[str]]:
    return sorted([name, period_text(period), encode(value)] for (name, period), value in values.items() if value is not None)


def unpack(data: bytes) -> tuple[Facts, list[Paid]]:
    """The facts and earlier payments back."""
    content = json.loads(data)
    facts = Facts(listed=set(content["listed"]), unlisted={tuple(one) for one in content["unlisted"]})
    facts.applied = None if content["applied"] is None else {tuple(one) for one in content["applied"]}
    for kind, key, values in content["things"]:
        facts.add(kind, key).values |= {(name, period_of(period)): decode(value) for name, period, value in values}
    for award, key, values in content["claims"]:
        facts.claims[(award, key)] = {(name, period_of(period)): decode(value) for name, period, value in values}
    return facts, [Paid(*row[:8], keys=tuple(tuple(key) for key in row[8])) for row in content["earlier"]]


def result_bytes(result: Any) -> bytes:
    """A result as the public door writes it to JSON."""
    return (json.dumps(to_dict(result, []), ensure_ascii=False, indent=1) + "\n").encode()


def digest(data: bytes) -> str:
    """SHA-256 of bytes."""
    return sha256(data).hexdigest()


def place_of(facts_digest: str, result_digest: str) -> Path:
    """Where the content of a settlement is kept."""
    return settings.HOME / "settlements" / f"{facts_digest[:24]}-{result_digest[:24]}"


def keep(inputs: bytes, standards: str, year: int, readings: dict[str, str], policy: str, result: bytes) -> None:
    """Keep a settlement's content; whole or not at all. Tried again, the folder that is there stays; one that was damaged is made whole."""
    chosen = json.dumps({"policy": policy, "year": year, "readings": readings}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    files = {"inputs.json": inputs, f"standards-{year}.md": standards.encode(), "readings.json": chosen.encode(), "result.json": result}
    place = place_of(digest(inputs), digest(result))
    if _whole(place, files):
        return
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = Path(tempfile.mkdtemp(dir=place.parent, prefix=".keeping-"))
    try:
        for name, data in files.items():
            with (draft / name).open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        try:
            draft.rename(place)
        except OSError:  # there is one: another worker has just kept the same, or it is not whole
            if not place.is_dir():
                raise
            for name in files:
                os.replace(draft / name, place / name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _whole(place: Path, files: dict[str, bytes]) -> bool:
    try:
        return all((place / name).read_bytes() == data for name, data in files.items())
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Kept:
    """A settlement's content, read back."""

    facts: Facts
    ledger: list[Paid]
    standards: str
    result: bytes


def open_kept(facts_digest: str, result_digest: str, year: int) -> Kept | str:
    """The content of a settlement; where it is not whole, in words what is wrong with it."""
    place = place_of(facts_digest, result_digest)
    try:
        inputs, result = (place / "inputs.json").read_bytes(), (place / "result.json").read_bytes()
        standards = (place / f"standards-{year}.md").read_text(encoding="utf-8")
    except OSError as error:
        return f"留存的文件读不出来（{type(error).__name__}）：{place.name}"
    if digest(inputs) != facts_digest:
        return "留存的事实和历史与当时的校验值不同"
    if digest(result) != result_digest:
        return "留存的结果与当时的校验值不同"
    return Kept(*unpack(inputs), standards, result)
