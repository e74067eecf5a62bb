"""docs/casework.md says what the code does: its drawings are those of the tables, its settings those that are read."""

from __future__ import annotations

import re
from pathlib import Path

from tests.web.casework_page import PAGE, PARTS, drawn

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "src/duixian/web"


def test_the_drawings_are_those_of_the_tables() -> None:
    """Where this fails: `python -m tests.web.casework_page`."""
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in PARTS if f"<!-- {name} -->" not in text] == []
    assert drawn(text) == text


def test_the_settings_are_those_that_are_read() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (WEB / "conf.py", WEB / "settings.py"))
    read = {f"DUIXIAN_{name}" for name in re.findall(r'\b(?:conf\.)?(?:text|switch|whole|names)\("([A-Z_]+)"', source)}
    assert set(re.findall(r"^\| `(DUIXIAN_\w+)`", PAGE.read_text(encoding="utf-8"), re.M)) == read


def test_the_files_that_are_named_exist() -> None:
    named = set(re.findall(r"`(web/[\w/]+\.py|ledger/[\w/]+\.py|values/[\w/]+\.py)`", PAGE.read_text(encoding="utf-8")))
    assert named
    assert [name for name in named if not (ROOT / "src/duixian" / name).is_file()] == []
