"""The literate policies of tests/policies: good ones are clean and come out as they say; bad ones say exactly what they should.

Each message of the product has a file under bad/ named by its code: the catalogue of what can go wrong, with the words the user reads.
A file is described in tests/literate.py; `python -m tests.literate --reset FILE` re-records one. Read what you reset.
"""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from duixian.policy.clauses import Clauses
from duixian.policy.load import load_policy
from duixian.policy.syntax import CLAUSES
from duixian.values.diagnostic import Diagnostic
from duixian.values.messages import MESSAGES, PARTS

from . import literate

BAD = sorted((literate.POLICIES / "bad").glob("*.md"))
GOOD = sorted((literate.POLICIES / "good").glob("*.md"))
CODES = sorted(code for code in MESSAGES if code.startswith("DX"))
# DX96x and DX97x are of running an engine, not of a policy: tests/test_twice.py, tests/test_large.py
RUNNING = [code for code in CODES if code[:4] == "DX97" or code in ("DX961", "DX962")]


def placeholders(words: tuple[str, ...]) -> set[str]:
    """The {names} of a message."""
    return {name for part in words for _, name, _, _ in Formatter().parse(part) if name}


def assert_both_languages_are_complete(item: Diagnostic) -> None:
    """No {name} is left unfilled in either language, and the English can be read as English."""
    message = MESSAGES[item.code]
    assert placeholders(message.zh) <= set(item.details), f"{item.code} 少填了 {placeholders(message.zh) - set(item.details)}"
    assert placeholders(message.en) <= set(item.details), f"{item.code} lacks {placeholders(message.en) - set(item.details)}"
    english = item.sentence("en")
    assert re.search("[a-z]{3}", english["summary"]), english
    for part in PARTS:
        assert "{" not in english[part] and "{" not in item.sentence("zh")[part], item.sentence("zh")
    assert item.render("en").startswith(f"{item.severity}[{item.code}]")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_policy_says_exactly_what_is_wrong(path: Path, tmp_path: Path) -> None:
    said = literate.run(literate.read(path), tmp_path)
    assert said.text == literate.read(path).expected
    assert path.stem[:5] in {item.code for item in said.diagnostics}, "the file is named by a code it does not produce"
    for item in said.diagnostics:
        assert_both_languages_are_complete(item)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_policy_is_clean_and_every_example_comes_out(path: Path, tmp_path: Path) -> None:
    said = literate.run(literate.read(path), tmp_path)
    assert said.text == literate.read(path).expected
    assert not [item.code for item in said.diagnostics if item.is_error]
    assert said.wrong == []
    assert said.examples_run or "结算" in literate.read(path).blocks, "it shows nothing"


@pytest.mark.parametrize("code", [code for code in CODES if code not in RUNNING])
def test_every_message_has_a_bad_policy_that_produces_it(code: str) -> None:
    produced = {found for path in BAD for found in re.findall(r"\[(DX\d+)\]", literate.read(path).expected)}
    assert code in produced


@pytest.mark.parametrize("path", [*BAD, *GOOD], ids=lambda path: path.stem)
def test_every_file_says_what_it_shows(path: Path) -> None:
    assert re.search(r"^这里看: .{4,}$", literate.read(path).policy, re.M)


def test_the_same_sentence_is_not_shown_twice() -> None:
    shown: dict[str, Path] = {}
    for path in [*BAD, *GOOD]:
        found = re.search(r"^这里看: (.+)$", literate.read(path).policy, re.M)
        assert found and shown.setdefault(found.group(1), path) == path, f"{path.name} and {shown[found.group(1)].name}"


def test_the_clauses_a_block_asks_for_are_those_of_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, set[str]] = {}
    finish = Clauses.finish

    def noted(clauses: Clauses) -> None:
        asked.setdefault(clauses.block.kind, set()).update(clauses.known)
        finish(clauses)

    monkeypatch.setattr(Clauses, "finish", noted)
    for path in GOOD:
        load_policy(literate.lay_out(literate.read(path), tmp_path / path.stem))
    assert asked == {kind: set(names) for kind, names in CLAUSES.items()}
