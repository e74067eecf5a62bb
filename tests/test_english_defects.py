"""What a defect expected and found is said in English too: every phrase of the code has its English, or is what the author types in any language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import duixian
from duixian.values.diagnostic import Diagnostic
from duixian.values.english_defects import _PHRASES, TYPED, english_detail

KEYS = ("expected", "found", "given")
NAMED = {"Bad": 1, "unexpected": 0, "name": 0}  # calls that say what was expected by place, and at which
HAN = re.compile("[\u4e00-\u9fff]")


def trees() -> Iterator[ast.AST]:
    """The code that writes defects: all but the web, which has a catalogue of its own."""
    root = Path(duixian.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if path.relative_to(root).parts[0] != "web" and not path.name.startswith("messages"):
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


def phrases(node: ast.AST) -> Iterator[str]:
    """What a call or a record of details says was expected or found, where its English is not given beside it."""
    details: dict[str, ast.expr] = {}
    if isinstance(node, ast.Call):
        details = {word.arg: word.value for word in node.keywords if word.arg}
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if len(node.args) > NAMED.get(called, len(node.args)):
            yield from texts(node.args[NAMED[called]])
    elif isinstance(node, ast.Dict):
        details = {key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)}
    for key in KEYS:
        if key in details and key + "_en" not in details:
            yield from texts(details[key])


def test_every_phrase_that_was_expected_or_found_has_its_english_or_is_typed() -> None:
    said = {text for tree in trees() for node in ast.walk(tree) for text in phrases(node)}
    assert len(said) > 200
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
    given = Diagnostic("DX951", (), {"found": "零售额", "expected": "按明细算出 5万元", "given": "填报 4万元"})
    assert (given.sentence("en")["expected"], given.sentence("en")["found"]) == ("5万元, computed from the parts", "4万元, as given")
    defect = Diagnostic("DX301", (), {"found": "两千元", "expected": "“企业”的事实、关系或下属对象", "remedy": "", "remedy_en": "write the number in digits: 2000元."})
    assert defect.sentence("en")["expected"] == "a fact, a relation or children of “企业”"
    assert defect.sentence("zh")["expected"] == "“企业”的事实、关系或下属对象"
