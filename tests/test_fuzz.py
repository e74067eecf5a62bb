"""Broken files: whatever is cut, swapped, doubled or strewn into a policy folder, checking it answers with diagnostics, soon, and raises nothing. Half as often by day as at night."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import FrameType

import pytest

from duixian import pipeline
from duixian.policy.syntax import BLOCKS, FUNCTIONS, PREFIXES, SUFFIXES

from . import literate
from .repeat import by_day

ROUNDS = int(os.environ.get("DUIXIAN_FUZZ", "1"))  # more on a long evening
SEEDS, FOUNDING_SEEDS = by_day(30, night=60), by_day(6, night=12)  # ways a file is broken, of each file
SECONDS = 10
ROOT = Path(__file__).resolve().parent.parent / "policies"
SMALL = sorted((literate.POLICIES / "good").glob("*.md"))

STRANGE = "\u200b\ufeff\u3000\x00\t\ud7ff￼𠮷🧧²٣½ⅣⅫ㎡％（）【】｜|#>`*_~“”、，：；－—–−＋×÷＝=/\\的每至"
TOKENS = [*PREFIXES, *SUFFIXES, *FUNCTIONS, *["且", "或", "非", "是", "不是", "属于", "不属于", "其中", "自", "另定", "不限", "无", "累计", "政策期内", "与", "合计", "除", "一次性", "一次", "按", "最低", "每", "每满", "至", "（", "）", "【", "】", "、", "，", "+", "−", "×", "÷", "=", "|", "的"],
          "零售额", "企业", "店铺", "员工数", "行业", "制造", "1000万元", "5%", "0", "3年", "2025-02-30", "前3名", "第2年", "每企业每年", "【门槛】", "合计(店铺, 零售额)"]  # fmt: skip


@contextmanager
def soon() -> Iterator[None]:
    """Fails where the work inside takes longer than a person would wait: by the processor's clock, since how many others work on the machine is not its fault."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"still at it after {SECONDS} seconds")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def check(folder: Path) -> pipeline.CheckReport:
    """pipeline.check, and every message in both languages."""
    with soon():
        report = pipeline.check(folder)
        for item in report.diagnostics:
            item.render("zh")
            item.render("en")
    return report


# --- ways to break a text -----------------------------------------------------------------------------------------------------------------


def cut(text: str, random: Random) -> str:
    return text[: random.randrange(len(text) + 1)]


def without_lines(text: str, random: Random) -> str:
    lines = text.split("\n")
    for _ in range(random.randint(1, 4)):
        if lines:
            lines.pop(random.randrange(len(lines)))
    return "\n".join(lines)


def swapped_lines(text: str, random: Random) -> str:
    lines = text.split("\n")
    for _ in range(random.randint(1, 3)):
        one, other = random.randrange(len(lines)), random.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def doubled_lines(text: str, random: Random) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    return "\n".join([*lines[:at], *([lines[at]] * random.choice([2, 5])), *lines[at:]])


def strewn(text: str, random: Random) -> str:
    """A few strange characters anywhere."""
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice(STRANGE) + text[at + random.randint(0, 1) :]
    return text


def soup(text: str, random: Random) -> str:
    """The values of some items and cells become words of the language in any order."""
    lines = text.split("\n")
    for at in random.sample(range(len(lines)), min(len(lines), 4)):
        words = (random.choice(["", " "])).join(random.choice(TOKENS) for _ in range(random.randint(1, 8)))
        if lines[at].startswith("- ") and "：" in lines[at]:
            lines[at] = lines[at].split("：")[0] + "：" + words
        elif lines[at].startswith("| "):
            cells = lines[at].split("|")
            cells[random.randrange(1, max(2, len(cells) - 1))] = f" {words} "
            lines[at] = "|".join(cells)
    return "\n".join(lines)


def moved_block(text: str, random: Random) -> str:
    blocks = text.split("\n#### ")
    random.shuffle(blocks[1:])
    at = random.randrange(len(blocks))
    kind = random.choice(BLOCKS)
    blocks[at] = kind + " " + blocks[at].split(" ", 1)[-1] if at else blocks[at]
    return "\n#### ".join(blocks)


WAYS: tuple[Callable[[str, Random], str], ...] = (cut, without_lines, swapped_lines, doubled_lines, strewn, soup, moved_block)


def broken(text: str, random: Random) -> str:
    for _ in range(random.choice([1, 1, 2])):
        text = random.choice(WAYS)(text, random) or "\n"
    return text


# --- the tests ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["policy.md", "vocabulary.md", "source.txt", "standards-2025.md"])
@pytest.mark.parametrize("seed", range(SEEDS * ROUNDS))
def test_a_broken_small_policy_is_answered(name: str, seed: int, tmp_path: Path) -> None:
    random = Random(f"{name} {seed}")
    folder = literate.lay_out(literate.read(random.choice([path for path in SMALL if name != "standards-2025.md" or "```年度标准" in path.read_text()])), tmp_path)
    path = folder / name
    path.write_text(broken(path.read_text(encoding="utf-8"), random), encoding="utf-8")
    check(folder)


@pytest.mark.parametrize("seed", range(FOUNDING_SEEDS * ROUNDS))
@pytest.mark.parametrize("policy", ["zibo-2022", "jinyun-2025"])
def test_a_broken_founding_policy_is_answered(policy: str, seed: int, tmp_path: Path) -> None:
    random = Random(f"{policy} {seed}")
    folder = tmp_path / policy
    folder.mkdir()
    for path in (ROOT / policy).glob("*.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    (tmp_path / "vocabulary.md").write_bytes((ROOT / "vocabulary.md").read_bytes())
    path = random.choice([folder / "policy.md", folder / "policy.md", tmp_path / "vocabulary.md", *folder.glob("standards-*.md")])
    path.write_text(broken(path.read_text(encoding="utf-8"), random), encoding="utf-8")
    check(folder)


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("nothing", b""), ("a byte order mark", b"\xef\xbb\xbf"), ("not UTF-8", "政策".encode("gb18030")), ("only a front matter", "---\n政策: 例\n---\n".encode()),
        ("an open front matter", "---\n政策: 例\n".encode()), ("a zero byte", b"---\n\x00\n---\n"), ("one long line", b"a" * 200_000),
        ("a path that leads out", "---\n政策: 例\n原文: ../../../etc/passwd\n校验: x\n词汇: vocabulary.md\n---\n".encode()),
        ("a path no system has", "---\n政策: 例\n原文: a\x00b\n校验: x\n词汇: vocabulary.md\n---\n".encode()),
        ("three megabytes", b"---\n" + b"> \xe5\xa5\x96\n" * 500_000), ("a table of a hundred thousand columns", b"# x\n\n|" + b" 1 |" * 100_000 + b"\n|---|\n"),
        ("a folder as the text", "---\n政策: 例\n原文: .\n校验: x\n词汇: vocabulary.md\n---\n".encode()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # else three megabytes are the name of a test, told by every process of the run
)  # fmt: skip
def test_a_file_that_is_no_policy_is_answered(what: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "policy.md").write_bytes(content)
    (tmp_path / "vocabulary.md").write_text("# 词汇\n", encoding="utf-8")
    assert check(tmp_path).errors, what


def test_a_folder_that_is_not_there_is_answered() -> None:
    with tempfile.TemporaryDirectory() as empty:
        assert [item.code for item in check(Path(empty) / "没有").errors] == ["DX108"]
        assert [item.code for item in check(Path(empty)).errors] == ["DX108"]


ARTICLE = "---\n政策: 例\n原文: source.txt\n校验: 自动\n词汇: vocabulary.md\n---\n\n# 办法\n\n> 奖励企业。\n\n#### 奖补 奖励\n\n- 对象：企业\n{}\n- 标准：决定金额\n"


@pytest.mark.parametrize(
    ("what", "clause"),
    [
        ("brackets without end", "- 条件：" + "(" * 3000), ("brackets in brackets", "- 条件：" + "(" * 500 + "规上" + ")" * 500),
        ("a sum of ten thousand", "- 条件：" + " + ".join(["零售额"] * 10_000) + " 1元以上"), ("ten thousand ands", "- 条件：" + " 且 ".join(["规上"] * 10_000)),
        ("a path without end", "- 条件：" + "所在园区的" * 5000 + "规上"), ("calls in calls", "- 条件：" + "上年(" * 800 + "零售额" + ")" * 800 + " 1元以上"),
        ("a long number", "- 条件：零售额 " + "9" * 20_000 + "元以上"), ("a long fraction", "- 条件：零售额 0." + "1" * 20_000 + "元以上"),
        ("a thousand caps", "\n".join(["- 封顶：5万元 每企业每年"] * 1000)), ("a not of a not", "- 条件：" + "非 (" * 400 + "规上" + ")" * 400),
        ("a year of a million", "- 频次：1000000000年内 1次 每企业"), ("places of a billion", "- 名额：前 1000000000000名，按 零售额 从高到低"),
        ("rising for a million years", "- 条件：连续增长(零售额, 1000000年)"), ("a table of three hundred columns", "\n|" + " 零售额 |" * 300 + " 标准 |\n|" + " 1元以上 |" * 300 + " 5元 |\n"),
        ("choices in choices", "- 条件：【甲0】\n\n" + "\n".join(
            f"#### 口径 口{place}\n\n- 问题：问\n- 选择：一\n- 理由：理\n\n| 选项 | 甲{place} |\n|---|---|\n| 一 | 【甲{place + 1}】 且 【甲{place + 1}】 |\n| 二 | 规上 |\n" for place in range(30))),
    ],
    ids=lambda value: value if len(value) < 40 else "",
)  # fmt: skip
def test_a_clause_without_measure_is_answered(what: str, clause: str, tmp_path: Path) -> None:
    policy = ARTICLE.format(clause)
    folder = literate.lay_out(literate.Literate(tmp_path / "例.md", policy), tmp_path / "folder")
    check(folder)
