"""The documents are held against the code: every policy example is checked and run, every table of words is the code's own table.

In docs/grammar.md a fenced block says in its info string what it is: `markdown 示例` is a whole policy body (front matter, source.txt and hash are
made here; the vocabulary is the one block marked `markdown 示例词汇`), `markdown 错例 DX…` must give that code, `… 文件 name` is a file of the
worked policy. In docs/errors.md `markdown 错例` stands under the heading of its code.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from duixian import cli, pipeline
from duixian.award.record import STAGES
from duixian.policy.syntax import (
    AGGREGATES,
    BLOCKS,
    FUNCTIONS,
    OVERRUNS,
    PREFIXES,
    SET_ASIDE,
    SUFFIXES,
    TIE_RULES,
    UPGRADES,
    WHOLE_AREA,
)
from duixian.values.messages import MESSAGES
from duixian.values.money import ROUNDINGS
from duixian.values.terms import Outcome, Waits
from duixian.values.units import MULTIPLIERS, is_unit

ROOT = Path(__file__).resolve().parents[1]
GRAMMAR, ERRORS, GLOSSARY = ROOT / "docs/grammar.md", ROOT / "docs/errors.md", ROOT / "docs/glossary.md"


@dataclass(frozen=True)
class Fence:
    """One ``` block of a document."""

    info: str
    body: str
    line: int
    heading: str

    @property
    def words(self) -> list[str]:
        return self.info.split()


def fences(path: Path) -> list[Fence]:
    found, info, body, start, heading = [], None, [], 0, ""
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.startswith("```"):
            if info is None:
                info, body, start = line[3:].strip(), [], number
            else:
                found.append(Fence(info, "\n".join(body) + "\n", start, heading))
                info = None
        elif info is not None:
            body.append(line)
        elif line.startswith("#"):
            heading = line.lstrip("# ").strip()
    assert info is None, f"{path.name}: the block of line {start} is not closed"
    return found


def tables(path: Path, heading: str) -> list[list[list[str]]]:
    """The tables below a heading, each as rows of cells (the header first), marks of code taken off."""
    found: list[list[list[str]]] = []
    inside = fenced = False
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("```"):
            fenced = not fenced
        elif line.startswith("#") and not fenced:
            inside = line.lstrip("# ").strip() == heading
        elif inside and not fenced and line.startswith("|"):
            cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
            if not set("".join(cells)) <= set("-: "):
                if not found or found[-1][-1] == []:
                    found.append([])
                found[-1].append(cells)
        elif inside and found and found[-1] and found[-1][-1] != []:
            found[-1].append([])
    return [[row for row in table if row] for table in found]


def source_of(body: str) -> str:
    """The official text a policy body quotes: its headings and quotes."""
    lines = []
    for line in body.split("\n"):
        stripped = line.strip()
        heading = re.match(r"(#{1,6})\s+(.*)", stripped)
        if heading and len(heading.group(1)) != 4:
            lines.append(heading.group(2))
        elif stripped.startswith(">"):
            lines.append(stripped[1:].strip())
    return "\n".join(lines) + "\n"


def policy_folder(folder: Path, body: str, vocabulary: str, files: dict[str, str] | None = None) -> Path:
    """A policy folder around a body that has no front matter."""
    folder.mkdir(parents=True, exist_ok=True)
    source = source_of(body).encode()
    (folder / "source.txt").write_bytes(source)
    (folder / "vocabulary.md").write_text(vocabulary, encoding="utf-8")
    front = f"---\n政策: example\n原文: source.txt\n校验: sha256:{hashlib.sha256(source).hexdigest()}\n词汇: vocabulary.md\n---\n\n"
    (folder / "policy.md").write_text(front + body, encoding="utf-8")
    for name, text in (files or {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def shared_vocabulary() -> str:
    (found,) = [fence.body for fence in fences(GRAMMAR) if "示例词汇" in fence.words]
    return found


def marked(path: Path, mark: str) -> list[Fence]:
    return [fence for fence in fences(path) if mark in fence.words]
