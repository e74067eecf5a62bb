"""What a defect expected and found is said in English too: every phrase of the code has its English, or is what the author types in any language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import duixian
from duixian.values.diagnostic import Diagnostic
from duixian.values.english_defects import _PHRASES, TYPED, english_detail

ROOMS = ("policy", "engine", "award", "twice.py", "programme.py", "values/units.py")
HAN = re.compile("[\u4e00-\u9fff]")


def trees() -> Iterator[ast.AST]:
    """The code that writes defects about a policy."""
    root = Path(duixian.__file__).parent
    for room in ROOMS:
        for path in [root / room] if room.endswith(".py") else sorted((root / room).rglob("*.py")):
            yield ast.parse(path.read_text(encoding="utf-8"))


def texts(node: ast.AST) -> Iterator[str]:
    """The strings an expression may come to; {} where something is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for part in node.values:
            yield from texts(part)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = list(texts(node.left)) or ["{}"], list(texts(node.right)) or ["{}"]
        yield from (before + after for before in left for after in right)


def test_every_phrase_that_was_expected_or_found_has_its_english_or_is_typed() -> None:
    said = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                said |= {text for word in node.keywords if word.arg in ("expected", "found") for text in texts(word.value)}
    assert len(said) > 100
    assert sorted(text for text in said if HAN.search(text) and text not in TYPED and english_detail(text) == text) == []


def test_no_phrase_is_translated_that_the_code_does_not_say() -> None:
    said = {text for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.expr) for text in texts(node)}
    assert sorted(phrase for phrase in (*_PHRASES, *TYPED) if phrase not in said) == []


def test_what_stands_inside_a_phrase_is_kept() -> None:
    assert english_detail("“企业”的事实、关系或下属对象") == "a fact, a relation or children of “企业”"
    assert english_detail("本政策的奖补：甲奖励、乙奖励") == "an award of the policy: 甲奖励、乙奖励"


def test_a_word_of_the_policy_is_not_translated() -> None:
    assert english_detail("营业收入") == "营业收入"


def test_a_defect_is_said_in_english_from_end_to_end() -> None:
    defect = Diagnostic("DX301", (), {"found": "两千元", "expected": "“企业”的事实、关系或下属对象", "remedy": "", "remedy_en": "write the number in digits: 2000元."})
    assert defect.sentence("en")["expected"] == "a fact, a relation or children of “企业”"
    assert defect.sentence("zh")["expected"] == "“企业”的事实、关系或下属对象"
