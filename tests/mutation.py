"""Change one word of a policy's rules at a time and see whether anything notices: `python -m tests.mutation [--policy ID] [--limit N] [--reference FILE … | --no-reference]`.

A mutant is one policy file with one change in its rule part: a number, a unit, a boundary word, an operator, a clause left out. Quotes, examples and
prose are never touched. It is killed where checking the folder finds an error that was not there before (a law or an example), or where the
reference cases no longer come out; what nobody notices is a survivor: an example is missing, or a law. Changes that cannot matter are listed in
EQUIVALENT with the reason. The score is killed ÷ (mutants − equivalent).
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from duixian import pipeline
from duixian.engine.examples import Examples
from duixian.policy.check import check_policy
from duixian.policy.document import Block, split
from duixian.policy.syntax import OVERRUNS, PREFIXES, SUFFIXES, UPGRADES
from duixian.values.diagnostic import Defects, Diagnostic
from duixian.values.money import ROUNDINGS

ROOT = Path(__file__).resolve().parent.parent
POLICIES = ("zibo-2022", "jinyun-2025")
REFERENCES = (ROOT.parent / "shared" / "cases" / "reference-cases.yaml", *sorted((ROOT / "tests" / "cases").glob("*.yaml")))
PROSE = ("说明", "材料", "问题", "理由", "废止", "状态", "步骤")  # never computed with


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: characters [start, end) of the policy file become `new`."""

    policy: str
    line: int
    start: int
    end: int
    old: str
    new: str
    kind: str
    source: str  # the whole line, stripped

    @property
    def text(self) -> str:
        return f"{self.policy}:{self.line} {self.kind} “{self.old}”→“{self.new}”  {self.source}"

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.policy, self.source, self.old, self.new)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What noticed the change: codes of new errors, `参考案例`, or nothing."""

    mutant: Mutant
    killed_by: tuple[str, ...]


# --- where rules stand --------------------------------------------------------------------------------------------------------------------


def rule_spans(text: str) -> Iterator[tuple[int, int, Block]]:
    """(start, end) of every piece of rule text: clause values, options and cells, with its block."""
    for block in split(text, "policy.md", []).blocks:
        if block.kind == "程序":
            continue
        for bullet in block.bullets:
            if bullet.key not in PROSE:
                yield (*bullet.at, block)
                for child in bullet.children:
                    yield (*child.at, block)
        for table in block.tables:
            if table.head[0].text != "例":
                for row in (table.head, *table.rows):
                    for place, cell in enumerate(row):
                        option_name = block.kind == "口径" and (place == 0 or row is table.head)
                        if cell.text and not option_name:
                            yield (*cell.at, block)


# --- what is changed: each yields (start, end, new, kind) within one piece -----------------------------------------------------------------

Change = tuple[int, int, str, str]
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日|\d{4}-\d{1,2}-\d{1,2}")


def numbers(piece: str) -> Iterator[Change]:
    """×10, and one up and one down in the last digit written."""
    dated = [found.span() for found in _DATE.finditer(piece)]
    for found in _NUMBER.finditer(piece):
        text = found.group()
        whole, _, decimals = text.partition(".")
        in_date = any(start <= found.start() < end for start, end in dated)
        scaled = int(whole + decimals)
        if scaled and not in_date:
            ten = str(int(whole + decimals[:1])) + ("." + decimals[1:] if decimals[1:] else "") if decimals else whole + "0"
            yield (*found.span(), ten, "数字×10")
        for step, kind in ((1, "数字+1"), (-1, "数字-1")):
            if scaled + step >= 0:
                moved = str(scaled + step).rjust(len(decimals) + 1, "0")
                yield (*found.span(), (moved[: -len(decimals)] + "." + moved[-len(decimals) :]) if decimals else moved, kind)


UNITS = (
    (r"万元", "元"), (r"亿元", "万元"), (r"(?<=\d)元(?!/)", "万元"), (r"(?<=\d)家", "人"), (r"(?<=\d)人", "家"), (r"(?<=\d)个(?!月)", "人"), (r"(?<=\d)%", ""),
    (r"万美元", "万元"), (r"万美元", "美元"), (r"(?<=\d)平方米", "亩"), (r"万人", "人"), (r"(?<=\d)项", "家"), (r"(?<=\d)年(?=以上|以内)", "月"), (r"元/平方米/月", "元/平方米"),
    (r"元/平方米/月", "元/月"),
)  # fmt: skip


def units(piece: str) -> Iterator[Change]:
    for pattern, new in UNITS:
        for found in re.finditer(pattern, piece):
            yield (*found.span(), new, "单位")


_WORDS = {"≥": "达到", ">": "超过", "≤": "不高于", "<": "低于"}
_BEFORE = "|".join(sorted((word.replace("(", "[（(]").replace(")", "[）)]") for word in PREFIXES), key=len, reverse=True))
_BEHIND = "|".join(sorted((word.replace("(", "[（(]").replace(")", "[）)]") for word in SUFFIXES if word != "起"), key=len, reverse=True))
_BOUND = re.compile(rf"(?:({_BEFORE}) ?)?(\d[\d.]*[^\s，、|()（）]*?)( ?[（(]含[）)])?( ?(?:{_BEHIND}))?(?=$|[\s，、|)）])")
_WORD_BEFORE_A_NAME = re.compile(rf"({_BEFORE}) (?=[【一-龥])")


def flat(word: str | None) -> str:
    return (word or "").strip().replace("（", "(").replace("）", ")")


def boundary_words(piece: str) -> Iterator[Change]:
    """The bound under each of the other operators; a ceiling (不超过 N as a value) also as a plain number."""
    for found in _BOUND.finditer(piece):
        before, number, included, behind = found.groups()
        if not before and not behind:
            continue
        operator = PREFIXES.get(flat(before)) or SUFFIXES[flat(behind)]
        if included:
            operator = {">": "≥", "<": "≤"}.get(operator, operator)
        for other, word in _WORDS.items():
            if other != operator:
                yield (*found.span(), f"{word} {number}", "界限词")
        if flat(before) in ("不超过", "最高"):
            yield (*found.span(), number, "上限词去掉")
    for found in _WORD_BEFORE_A_NAME.finditer(piece):
        for other, word in {"≥": "不早于", ">": "晚于", "≤": "不晚于", "<": "早于"}.items():
            if other != PREFIXES[flat(found.group(1))]:
                yield (*found.span(1), word, "界限词")


OPERATORS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r" [+＋] ", (" − ",)), (r" − ", (" + ",)), (r" × ", (" ÷ ",)), (r" ÷ ", (" × ",)), (r" 且 ", (" 或 ",)), (r" 或 ", (" 且 ",)),
    (r"(?<![不])是(?= )", ("不是",)), (r"不是(?= )", ("是",)), (r"每满", ("每",)), (r"(?<![不])属于(?= )", ("不属于",)), (r"不属于(?= )", ("属于",)),
    (r"上年(?=\()", ("前年",)), (r"前年(?=\()", ("上年",)), (r"增长率(?=\()", ("增长额",)), (r"增长额(?=\()", ("增长率",)), (r"合计(?=\()", ("最大", "个数")), (r"最大(?=\()", ("合计", "最小")),
    (r"个数(?=\()", ("占比",)), (r"历年最大(?=\()", ("上年",)), (r"首奖年(?=\()", ("上年",)), (r"平均(?=\()", ("较大",)), (r"首次(?=\()", ("",)), (r"无则(?=\()", ("较大",)), (r"有(?=\()", ("无",)),
    (r" 其中 [^,，)]+", ("",)), (r"首年$", ("后续年度",)), (r"后续年度$", ("首年",)), (r"应认定", ("可认定",)), (r"可认定", ("应认定",)),
    (r"^就高$", ("提示",)), (r"^提示$", ("就高",)), (r"，追回已付", ("",)), (r"年末在有效期内", ("年内有一日在有效期内",)), (r"年内有一日在有效期内", ("年末在有效期内",)),
    (r"^差额$", ("排除",)), (r"^封顶后$", ("封顶前",)), (r"(?<=每[^\s每、，]{2})每年", (" 累计", " 每笔", " 政策期内")), (r"(?<=[\s每市县体业区园主])每年(?=$|、)", ("累计", "每笔", "政策期内")),
    (r"(?<= )累计(?= |$)", ("每年", "政策期内")), (r"(?<= )政策期内(?= |$)", ("每年", "累计")), (r"^一次性(?= )", ("3年内 1次",)), (r"^一次性 .*", ("每年",)), (r"本年末", ("政策止日",)),
    (r"政策起日", ("政策止日",)), (r"，除 \S+", ("",)), (r"与 .* 合计", ("",)),
)  # fmt: skip
CLOSED: tuple[tuple[str, ...], ...] = (tuple(word.replace("(", "（").replace(")", "）") for word in UPGRADES), tuple(ROUNDINGS), OVERRUNS)


def operators(piece: str) -> Iterator[Change]:
    for pattern, replacements in OPERATORS:
        for found in re.finditer(pattern, piece):
            for new in replacements:
                yield (*found.span(), new, "运算")
    for words in CLOSED:
        for word in words:
            if piece == word:
                yield from ((0, len(piece), other, "另一种办法") for other in words if other != word)


MUTATORS: tuple[Callable[[str], Iterator[Change]], ...] = (numbers, units, boundary_words, operators)
LEAVE_OUT = ("条件", "否决", "频次", "晋档", "封顶", "先后", "时点", "有效期", "来源", "参照", "历史", "其他政策", "抵扣次序", "启用", "适用", "受益人", "出资", "年度", "舍入", "未定标准")


def options_of(block: Block) -> list[str]:
    """The options of a 口径, as written."""
    listed = [part for bullet in block.bullets if bullet.key == "选项" for part in bullet.value.split("、")]
    return [*listed, *(row[0].text for table in block.tables for row in table.rows)]


def mutants(policy: str) -> list[Mutant]:
    """Every mutant of a policy, in the order of the file."""
    text = (ROOT / "policies" / policy / "policy.md").read_text(encoding="utf-8")
    found: dict[tuple[int, int, str], Mutant] = {}

    def add(start: int, end: int, new: str, kind: str) -> None:
        line = text.count("\n", 0, start) + 1
        source = text.split("\n")[line - 1].strip()
        found.setdefault((start, end, new), Mutant(policy, line, start, end, text[start:end], new, kind, source))

    for start, end, _ in rule_spans(text):
        for mutate in MUTATORS:
            for low, high, new, kind in mutate(text[start:end]):
                if text[start + low : start + high] != new:
                    add(start + low, start + high, new, kind)
    document = split(text, "policy.md", [])
    for block in document.blocks:
        for bullet in block.bullets:
            if block.kind == "口径" and bullet.key == "选择":
                for option in options_of(block):
                    if option != bullet.value:
                        add(*bullet.at, option, "另一种读法")
            if bullet.key in LEAVE_OUT and block.kind != "口径":
                begin = text.rindex("\n", 0, bullet.key_at[0]) + 1
                add(begin, text.index("\n", bullet.at[1]) + 1, "", "删去一行")
        for table in block.tables:
            if table.head[0].text not in ("例", "选项", "步骤"):
                for row in table.rows:
                    begin = text.rindex("\n", 0, row[0].at[0]) + 1
                    add(begin, text.index("\n", row[-1].at[1]) + 1, "", "删去一行")
    return sorted(found.values(), key=lambda mutant: (mutant.start, mutant.end, mutant.new))


# --- who notices --------------------------------------------------------------------------------------------------------------------------


def mutated(mutant: Mutant, into: Path) -> Path:
    """The policy folder with the change made, beside the vocabulary it names."""
    folder = into / mutant.policy
    if not folder.exists():
        shutil.copytree(ROOT / "policies" / mutant.policy, folder)
        shutil.copy(ROOT / "policies" / "vocabulary.md", into / "vocabulary.md")
    text = (ROOT / "policies" / mutant.policy / "policy.md").read_text(encoding="utf-8")
    (folder / "policy.md").write_text(text[: mutant.start] + mutant.new + text[mutant.end :], encoding="utf-8")
    return folder


def _sign(item: Diagnostic) -> tuple[object, ...]:
    return (item.code, tuple(sorted((key, str(value)) for key, value in item.details.items())))


def errors(folder: Path) -> Iterator[Diagnostic]:
    """The errors of pipeline.check, one by one, so that the first new one can end the search."""
    try:
        policy, defects = pipeline.load(folder)
    except Defects as stop:
        yield from stop.diagnostics
        return
    found = [item for item in check_policy(policy, defects) if item.is_error]
    yield from found
    if not any(item.code[:3] in ("DX2", "DX3", "DX4") for item in found):
        yield from (item for item in Examples(policy).check() if item.is_error)


@cache
def _known(policy: str) -> frozenset[tuple[object, ...]]:
    return frozenset(_sign(item) for item in errors(ROOT / "policies" / policy))


def by_check(mutant: Mutant, into: Path) -> tuple[str, ...]:
    """The code of the first error that the unchanged policy does not have."""
    known = _known(mutant.policy)
    return next(((item.code,) for item in errors(mutated(mutant, into)) if _sign(item) not in known), ())


def by_reference(mutant: Mutant, into: Path, files: tuple[str, ...]) -> tuple[str, ...]:
    """参考案例 where a case of the outside judge fails under the changed policy."""
    from . import reference

    mutated(mutant, into)
    for name in POLICIES:
        if name != mutant.policy and not (into / name).exists():
            shutil.copytree(ROOT / "policies" / name, into / name)
    root, policies = reference.ROOT, dict(reference._POLICIES)
    reference.ROOT = into
    reference._POLICIES.clear()
    try:
        failed = any(reference.run_file(name)[1] for name in files)
    finally:
        reference.ROOT = root
        reference._POLICIES.clear()
        reference._POLICIES.update(policies)
        shutil.copy(ROOT / "policies" / mutant.policy / "policy.md", into / mutant.policy / "policy.md")
    return ("参考案例",) if failed else ()


def judge(work: tuple[Mutant, tuple[str, ...]]) -> Verdict:
    mutant, files = work
    try:
        with tempfile.TemporaryDirectory() as into:
            killed = by_check(mutant, Path(into))
            if not killed and files and mutant.key not in EQUIVALENT:
                killed = by_reference(mutant, Path(into), files)
    except Exception as error:  # a mistake of ours, whatever the author wrote
        killed = ("崩溃", f"{type(error).__name__}: {error}")
    return Verdict(mutant, killed)


# (policy, line, old, new) -> why nobody can notice
_NO_LIMIT = "“频次：每年”没有自己的限制，删去意思不变"
_NOT_COMPUTED = "来源只说数据从哪里来，不进入计算"
_ZERO = "0元就是0万元"


def _yearly(policy: str) -> tuple[tuple[str, str, str, str], str]:
    return (policy, "- 频次：每年", "- 频次：每年\n", ""), _NO_LIMIT


EQUIVALENT: dict[tuple[str, str, str, str], str] = dict(
    [
        _yearly("zibo-2022"),
        _yearly("jinyun-2025"),
        (("zibo-2022", "- 电商村数 大于 3个", "个", "人"), "“个”与任何计数单位相配，数不变"),
        (("zibo-2022", "- 来源：网络零售额 取自 第三方数据", "- 来源：网络零售额 取自 第三方数据\n", ""), _NOT_COMPUTED),
        (("jinyun-2025", "- 来源：网络零售额 取自 统计直报", "- 来源：网络零售额 取自 统计直报\n", ""), _NOT_COMPUTED),
        (("jinyun-2025", "| 视为零 | 无则(【基数年零售额】, 0元) |", "元", "万元"), _ZERO),
        (("jinyun-2025", "| 上年 | 上年(【平台销售额】) | 0元 |", "元", "万元"), _ZERO),
        (("jinyun-2025", "| 历史最高 | 历年最大(【平台销售额】) | 0元 |", "元", "万元"), _ZERO),
        (("jinyun-2025", "- 条件：平台零售额 超过 0元", "元", "万元"), _ZERO),
        (("jinyun-2025", "- 适用：全部奖补", "- 适用：全部奖补\n", ""), "没有写适用的通则就管全部奖补"),
        (("jinyun-2025", "- 年度：年末在有效期内", "- 年度：年末在有效期内\n", ""), "没有写年度就按年末"),
        (("jinyun-2025", "- 年度：年末在有效期内", "年末在有效期内", "年内有一日在有效期内"), "有效期从2025年1月1日起、没有止日，两种办法算的年度一样"),
    ]
)


# what an 例 cannot say and only a reference case notices
BEYOND_EXAMPLES = {("jinyun-2025", "- 否决：【取消范围】，追回已付", "，追回已付", ""): "例 的结果是本年应付，说不出追回多少"}


@dataclass(frozen=True, slots=True)
class Score:
    verdicts: list[Verdict]

    @property
    def survivors(self) -> list[Mutant]:
        return [verdict.mutant for verdict in self.verdicts if not verdict.killed_by and verdict.mutant.key not in EQUIVALENT]

    @property
    def equivalent(self) -> list[Mutant]:
        return [verdict.mutant for verdict in self.verdicts if not verdict.killed_by and verdict.mutant.key in EQUIVALENT]

    @property
    def killed(self) -> int:
        return sum(1 for verdict in self.verdicts if verdict.killed_by)


def sample(count: int, seed: int) -> list[Mutant]:
    """The same few mutants every time: of both policies, of every kind."""
    pick = random.Random(seed)
    return sorted(pick.sample([mutant for mutant in every() if mutant.key not in {**EQUIVALENT, **BEYOND_EXAMPLES}], count), key=lambda mutant: (mutant.policy, mutant.start, mutant.new))


def every(only: str | None = None) -> list[Mutant]:
    """All mutants of both policies, or of one."""
    return [mutant for policy in POLICIES if only in (None, policy) for mutant in mutants(policy)]


def run(chosen: list[Mutant], files: tuple[str, ...]) -> Score:
    """Judge mutants in two processes."""
    with multiprocessing.Pool(2) as pool:
        return Score(pool.map(judge, [(mutant, files) for mutant in chosen], chunksize=8))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.split("\n")[0])
    parser.add_argument("--policy", choices=POLICIES)
    parser.add_argument("--limit", type=int, help="only so many, chosen at random with a fixed seed")
    parser.add_argument("--reference", action="append", type=Path, help="reference cases for what the check does not notice")
    parser.add_argument("--no-reference", action="store_true", help="the check and the examples alone")
    options = parser.parse_args()
    files = tuple(str(path) for path in (options.reference or REFERENCES) if path.exists() and not options.no_reference)
    chosen = every(options.policy)
    if options.limit:
        chosen = sorted(random.Random(1).sample(chosen, min(options.limit, len(chosen))), key=lambda mutant: (mutant.policy, mutant.start))
    score = run(chosen, files)
    counts = Counter(code for verdict in score.verdicts for code in verdict.killed_by[:1])
    print("参考案例：" + ("、".join(Path(name).name for name in files) or "没有参考案例文件，只看检查和例"))
    print("  ".join(f"{code} {count}" for code, count in sorted(counts.items())))
    for mutant in score.equivalent:
        print(f"等价 {mutant.text}\n     {EQUIVALENT[mutant.key]}")
    crashes = [verdict for verdict in score.verdicts if verdict.killed_by[:1] == ("崩溃",)]
    for verdict in crashes:
        print(f"崩溃 {verdict.mutant.text}\n     {verdict.killed_by[1]}")
    for mutant in score.survivors:
        print(f"存活 {mutant.text}")
    print(f"{len(score.verdicts)} 个变异，{score.killed} 个被发现，{len(score.equivalent)} 个等价，{len(score.survivors)} 个存活")
    return 1 if score.survivors or crashes else 0


if __name__ == "__main__":
    sys.exit(main())
