"""The documents are held against the code: every policy example is checked and run, every table of words is the code's own table.

In docs/grammar.md a fenced block says in its info string what it is: `markdown 示例` is a whole policy body (front matter, source.txt and hash are
made here; the vocabulary is the one block marked `markdown 示例词汇`), `markdown 错例 DX…` must give that code, `… 文件 name` is a file of the
worked policy. In docs/errors.md `markdown 错例` stands under the heading of its code, as does `csv 错例 name` (a table), `markdown 错例画像` (a profile of
the policy it names, else of policies/jinyun-2025) and `sh 错例` (a command that ends in that code, in a folder with policies/ and the demonstration data in out/).
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
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


def codes_of(folder: Path) -> list[str]:
    return [item.code for item in pipeline.check(folder).diagnostics]


# --- grammar.md: the examples ---------------------------------------------------------------------------------------------------------

# what a good example may still be told: a standard of the year that is open, the reminder about fair competition
HARMLESS = {"DX605", "DX851"}


@pytest.mark.parametrize("fence", marked(GRAMMAR, "示例"), ids=lambda fence: f"line{fence.line}")
def test_every_example_of_the_grammar_is_clean_and_comes_out(fence: Fence, tmp_path: Path) -> None:
    report = pipeline.check(policy_folder(tmp_path / "example", fence.body, shared_vocabulary()))
    said = [item.render() for item in report.diagnostics if item.code not in HARMLESS]
    assert said == []
    assert report.examples_run == len(re.findall(r"^\| (?!例|---|选项|组|步骤)", _examples_only(fence.body), re.M))


def _examples_only(body: str) -> str:
    """The 例 tables of a body."""
    kept, inside = [], False
    for line in body.split("\n"):
        if line.startswith("|"):
            inside = inside or line.startswith("| 例 ")
            if inside:
                kept.append(line)
        else:
            inside = False
    return "\n".join(kept)


@pytest.mark.parametrize("fence", marked(GRAMMAR, "错例"), ids=lambda fence: fence.words[-1])
def test_every_wrong_example_of_the_grammar_is_refused_as_it_says(fence: Fence, tmp_path: Path) -> None:
    assert fence.words[-1] in codes_of(policy_folder(tmp_path / "example", fence.body, shared_vocabulary()))


def worked_policy(folder: Path) -> Path:
    folder.mkdir()
    for fence in marked(GRAMMAR, "文件"):
        (folder / fence.words[-1]).write_text(fence.body, encoding="utf-8")
    return folder


def test_the_worked_policy_has_nothing_left_to_say(tmp_path: Path) -> None:
    report = pipeline.check(worked_policy(tmp_path / "minsu"))
    assert [item.render() for item in report.diagnostics] == []
    assert report.coverage is not None and report.coverage.quoted == report.coverage.characters
    assert report.examples_run > 20


def test_the_worked_policy_can_be_settled(tmp_path: Path) -> None:
    from duixian import Facts, load

    programme = load(worked_policy(tmp_path / "minsu"))
    facts = Facts()
    owner = facts.add("经营主体", "甲")
    owner.values[("守信", 2026)] = True
    inn = facts.add("民宿", "甲宿")
    inn.values.update({("经营主体", None): "甲", ("客房收入", 2026): 210_000_000, ("评审得分", 2026): 90, ("洗涤量", 2026): 1000})
    for award in programme.policy.awards:
        facts.claims[(award.name, "甲宿")] = {("本笔弄虚作假", None): False}
    result = programme.settle(2026, facts)
    assert {line.claim.award: (line.outcome, line.payable_fen) for line in result.lines} == {
        "提档奖励": (Outcome.PAYABLE, 8_000_000),
        "年度评优": (Outcome.ALREADY_AWARDED, 0),
        "洗涤补助": (Outcome.PAYABLE, 150_000),
    }


# --- grammar.md: the tables of words --------------------------------------------------------------------------------------------------


def first_column(heading: str, place: int = 0) -> list[str]:
    return [row[0] for row in tables(GRAMMAR, heading)[place][1:]]


def ascii_brackets(word: str) -> str:
    return word.replace("（", "(").replace("）", ")")


@pytest.mark.parametrize(("place", "words"), [(0, PREFIXES), (1, SUFFIXES)], ids=["before", "behind"])
def test_the_boundary_words_are_those_of_the_code(place: int, words: dict[str, str]) -> None:
    written = {ascii_brackets(row[0]): row[1] for row in tables(GRAMMAR, "5 界限词")[place][1:]}
    assert written == words


def marked_words(cell: str) -> list[str]:
    """The words between marks of code in a cell (`tables` has taken the outer two off)."""
    return re.findall(r"`([^`]+)`", cell if cell.count("`") % 2 == 0 and cell.startswith("`") else f"`{cell}`")


def test_the_functions_are_those_of_the_code() -> None:
    cells = [row[0] for table in tables(GRAMMAR, "函数") for row in table[1:]]
    names = {word.split("(")[0] for cell in cells for word in marked_words(cell) if "(" in word or "（" in word}
    assert {name.split("（")[0] for name in names} - {"年序"} == set(FUNCTIONS) | set(AGGREGATES)


def test_the_units_are_those_of_the_code() -> None:
    from duixian.values.units import _TABLE

    written = {word for row in tables(GRAMMAR, "7 单位")[0][1:] for word in marked_words(row[1])}
    assert not {word for word in written if not is_unit(word)}
    assert written == set(_TABLE) - {"m2"}


def test_the_bounds_a_type_has_by_default_are_those_of_the_code() -> None:
    from duixian.policy.bounds import DEFAULTS, parse_bounds

    (rows,) = [table[1:] for table in tables(GRAMMAR, "8 词汇") if table[0][1] == "范围的缺省"]
    units = {"金额": "元", "比率": "%"}
    assert {kind: parse_bounds(bounds, kind, units.get(kind, "")) for kind, bounds in rows} == DEFAULTS


def test_the_multipliers_are_those_of_the_code() -> None:
    line = next(line for line in GRAMMAR.read_text(encoding="utf-8").split("\n") if line.startswith("5. 倍数："))
    assert set(re.findall(r"`([^`\d]+)`", line.split("，")[0])) == set(MULTIPLIERS)


def ebnf(name: str) -> set[str]:
    """The quoted words of one rule of the grammar's table."""
    (text,) = [fence.body for fence in fences(GRAMMAR) if fence.info == "ebnf"]
    rule = re.search(rf"^{name}\s*= (.*?);", text, re.M | re.S)
    assert rule, name
    return set(re.findall(r'"([^"]+)"', rule.group(1)))


@pytest.mark.parametrize(
    ("rule", "words"),
    [("BLOCK", BLOCKS), ("KIND", SET_ASIDE), ("WHOLE", WHOLE_AREA), ("OVERRUN", OVERRUNS), ("upgrade", UPGRADES)],
    ids=["blocks", "dispositions", "areas", "overruns", "upgrades"],
)
def test_the_closed_lists_of_the_grammar_are_those_of_the_code(rule: str, words: tuple[str, ...]) -> None:
    assert ebnf(rule) == set(words)


def test_the_tie_rules_are_those_of_the_code() -> None:
    assert ebnf("tie") - {"再按 ", "从高到低", "从低到高"} == set(TIE_RULES)


@pytest.mark.parametrize(
    ("heading", "place", "words"),
    [
        ("17 通则和程序", 1, list(ROUNDINGS)),
        ("结果", 0, [outcome.value for outcome in Outcome]),
        ("瀑布", 0, list(STAGES)),
        ("三种等待", 0, [waits.value for waits in Waits]),
        ("16 总额", 1, list(OVERRUNS)),
        ("3 原文", 0, list(SET_ASIDE)),
    ],
    ids=["roundings", "outcomes", "stages", "waitings", "overruns", "dispositions"],
)
def test_a_table_of_the_grammar_is_the_list_of_the_code_in_its_order(heading: str, place: int, words: list[str]) -> None:
    assert first_column(heading, place) == words


def test_the_reserved_words_are_those_of_the_code() -> None:
    from duixian.policy.expressions import RESERVED

    text = GRAMMAR.read_text(encoding="utf-8")
    listed = text[text.index("整个词等于下面之一的") : text.index("`本年` `本年末`")]
    assert set(re.findall(r"`([^`]+)`", listed)) == set(RESERVED)


# the rows of a clause table, by the kind of block whose clauses they are; 条件 of a rule and 说明 are asked for everywhere
CLAUSES = [
    ("11 奖补", 0, "奖补"),
    ("15 就高", 1, "就高"),
    ("16 总额", 0, "总额"),
    ("17 通则和程序", 0, "通则"),
    ("14 待定数和参数", 1, "参数"),
    ("13 口径", 0, "口径"),
]


@pytest.mark.parametrize(("heading", "place", "kind"), CLAUSES, ids=[kind for _, _, kind in CLAUSES])
def test_the_clauses_of_a_block_are_those_the_parser_asks_for(heading: str, place: int, kind: str, tmp_path: Path) -> None:
    body = f"# 示例\n\n> 一句话。\n\n#### {kind} 名\n\n- 没有这一项：字\n"
    report = pipeline.check(policy_folder(tmp_path / "example", body, shared_vocabulary()))
    (unknown,) = [item for item in report.diagnostics if item.code == "DX204"]
    written = {word for cell in first_column(heading, place) for word in cell.split("、")} - {"表"}
    asked = set(str(unknown.details["expected"]).split("、"))
    assert written - asked == set()
    # 方式 of 就高 is read and has no effect; 决定 belongs to 认定
    assert asked - written <= {"方式", "决定"}


def test_every_code_that_is_named_exists() -> None:
    for path in [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "README.en.md"]:
        named = set(re.findall(r"\bD[XTPS]\d{3}\b", path.read_text(encoding="utf-8")))
        assert named - set(MESSAGES) == set(), path.name


def test_every_link_leads_somewhere() -> None:
    for path in [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "README.en.md"]:
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if target.startswith("http"):
                continue
            file, _, anchor = target.partition("#")
            whole = (path.parent / file) if file else path
            assert whole.exists(), f"{path.name}: {target}"
            if anchor:
                assert anchor in anchors(whole), f"{path.name}: {target}"


def anchors(path: Path) -> set[str]:
    headings = [line.lstrip("#").strip() for line in path.read_text(encoding="utf-8").split("\n") if re.match(r"#{1,6} ", line)]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- errors.md ------------------------------------------------------------------------------------------------------------------------


def plain(words: str) -> str:
    return re.sub(r"\{\w+\}", "…", words)


def summary(code: str) -> str:
    """The line of a code that is made from its message."""
    message = MESSAGES[code]
    return f"**{plain(message.zh[0])}** · {plain(message.en[0])} · {'错误' if message.severity == 'error' else '提醒'}"


def entries() -> dict[str, str]:
    parts = re.split(r"^### (\S+)$", ERRORS.read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_code_has_an_entry_and_every_entry_a_code() -> None:
    assert set(entries()) == set(MESSAGES)
    assert len(re.findall(r"^### ", ERRORS.read_text(encoding="utf-8"), re.M)) == len(MESSAGES), "a code has two entries"


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_an_entry_says_what_why_an_example_and_how_to_mend(code: str) -> None:
    entry = entries()[code]
    assert summary(code) in entry, "run `python -m tests.test_docs` to renew the line made from the message"
    cause, mend = re.search(r"^原因：(.+)$", entry, re.M), re.search(r"^处理：(.+)$", entry, re.M)
    assert cause and len(cause.group(1)) > 8 and mend and len(mend.group(1)) > 4
    assert "```" in entry, "no example"


def fences_of(code: str) -> list[Fence]:
    return [fence for fence in fences(ERRORS) if fence.heading == code]


POLICY_EXAMPLES = sorted({fence.heading for fence in fences(ERRORS) if fence.words[:2] == ["markdown", "错例"]})
TABLE_EXAMPLES = sorted({fence.heading for fence in fences(ERRORS) if fence.words[:2] == ["csv", "错例"]})
PROFILE_EXAMPLES = sorted({fence.heading for fence in fences(ERRORS) if fence.words[:2] == ["markdown", "错例画像"]})
COMMAND_EXAMPLES = sorted({fence.heading for fence in fences(ERRORS) if fence.words[:2] == ["sh", "错例"]})


@pytest.mark.parametrize("code", POLICY_EXAMPLES)
def test_the_example_of_a_policy_error_gives_that_error(code: str, tmp_path: Path) -> None:
    body = next(fence.body for fence in fences_of(code) if fence.words[:2] == ["markdown", "错例"])
    files = {fence.words[2]: fence.body for fence in fences_of(code) if "文件" in fence.words}
    folder = policy_folder(tmp_path / "example", body, shared_vocabulary(), files)
    policy = body if body.startswith("---") else (folder / "policy.md").read_text(encoding="utf-8")
    if "source.txt" in files:  # the hash is that of the text given, so that only the quotes are wrong
        policy = re.sub("sha256:[0-9a-f]{64}", "sha256:" + hashlib.sha256(files["source.txt"].encode()).hexdigest(), policy)
    (folder / "policy.md").write_text(policy, encoding="utf-8")
    assert code in codes_of(folder)


@pytest.mark.parametrize("code", TABLE_EXAMPLES)
def test_the_example_of_a_table_error_gives_that_error(code: str, tmp_path: Path) -> None:
    from duixian.policy.load import load_policy
    from duixian.tables.frames import frames_of
    from duixian.tables.read import read_tables
    from duixian.values.diagnostic import Defects

    policy, _ = load_policy(ROOT / "policies/jinyun-2025")
    paths = []
    for fence in fences_of(code):
        paths.append(tmp_path / fence.words[2])
        paths[-1].write_text(fence.body, encoding="utf-8")
    with pytest.raises(Defects) as refused:
        tables = read_tables(paths, policy, 2025)
        frames_of(tables.facts, tables.ledger, policy)
    assert code in {item.code for item in refused.value.diagnostics}


@pytest.mark.parametrize("code", PROFILE_EXAMPLES)
def test_the_example_of_a_profile_error_gives_that_error(code: str, tmp_path: Path) -> None:
    from duixian.policy.load import load_policy
    from duixian.population.made import make
    from duixian.values.diagnostic import Defects

    (example,) = [fence.body for fence in fences_of(code) if fence.words[:2] == ["markdown", "错例画像"]]
    policy, _ = load_policy(ROOT / "policies" / ("zibo-2022" if "画像: zibo-2022" in example else "jinyun-2025"))
    (tmp_path / "population.md").write_text(example, encoding="utf-8")
    try:
        found = make(policy, tmp_path / "population.md", 20, 1, 2025, tmp_path / "made").notices
    except Defects as refused:
        found = refused.diagnostics
    assert code in {item.code for item in found}


@pytest.mark.parametrize("code", COMMAND_EXAMPLES)
def test_the_command_of_an_error_ends_in_that_error(
    code: str, demonstration: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(demonstration)
    (example,) = [fence.body for fence in fences_of(code) if fence.words[:2] == ["sh", "错例"]]
    (command,) = example.strip().split("\n")
    assert cli.main([*shlex.split(command.removeprefix("duixian ")), "--lang", "zh"]) == cli.DEFECTS
    assert f"[{code}]" in capsys.readouterr().err


def test_most_errors_are_shown_by_an_example_that_is_run() -> None:
    run = {*POLICY_EXAMPLES, *TABLE_EXAMPLES, *PROFILE_EXAMPLES, *COMMAND_EXAMPLES}
    assert len(run) >= 0.75 * len(MESSAGES)


# --- glossary.md ----------------------------------------------------------------------------------------------------------------------

# rooms whose public classes are the model: each has a row
MODELS = (
    "values.diagnostic", "values.facts", "values.messages", "values.period", "values.terms", "values.units", "values.money",
    "policy.document", "policy.model", "policy.readings", "policy.source", "policy.standards", "policy.syntax", "policy.vocabulary",
    "award.allocate", "award.history", "award.ranking", "award.record", "award.totals", "award.waterfall",
    "engine.assess", "engine.ground", "engine.interpret", "pipeline", "programme", "values.frames", "plan.steps", "plan.build", "engine.compiled",
    "engine.relational", "large.settle", "population.rows", "population.made", "study.source", "study.study",
    "policy.text", "ledger.books",
)  # fmt: skip


def glossary_rows() -> list[list[str]]:
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in GLOSSARY.read_text(encoding="utf-8").split("\n")
        if line.startswith("|")
    ]
    return [row for row in rows if row[0] != "中文" and not set("".join(row)) <= set("- ")]


def test_the_glossary_and_the_code_use_the_same_words() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.py")))
    policies = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "policies").rglob("*")) if path.is_file())
    for row in glossary_rows():
        assert len(row) == 5, row
        chinese, identifier, meaning = row[0], row[1].strip("`"), row[2]
        assert re.search(rf"\b{identifier}\b", code), f"{identifier} is nowhere in src"
        assert chinese in code or chinese in policies, f"{chinese} is nowhere in src or policies"
        assert meaning


def test_every_public_class_of_the_models_has_a_row() -> None:
    known = {row[1].strip("`") for row in glossary_rows()}
    for name in MODELS:
        module = importlib.import_module(f"duixian.{name}")
        classes = {
            each for each, thing in inspect.getmembers(module, inspect.isclass) if thing.__module__ == module.__name__ and not each.startswith("_")
        }
        assert classes - known == set(), name


def test_every_outcome_has_a_row() -> None:
    rows = {(row[0], row[1].strip("`")) for row in glossary_rows()}
    assert {(outcome.value, outcome.name) for outcome in Outcome} <= rows


# --- architecture.md ------------------------------------------------------------------------------------------------------------------


def imports_of_rooms() -> dict[str, set[str]]:
    """room -> rooms it really imports; imports for type checkers only do not count."""
    import ast

    found: dict[str, set[str]] = {}
    source = ROOT / "src/duixian"
    for path in source.rglob("*.py"):
        parts = path.relative_to(source).parts
        room = parts[0] if len(parts) > 1 else path.stem
        tree = ast.parse(path.read_text(encoding="utf-8"))
        unread = {
            id(inner) for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" for inner in ast.walk(node)
        }
        used = found.setdefault(room, set())
        for node in ast.walk(tree):
            if isinstance(node, ast.Import) and any(alias.name == "duixian" for alias in node.names):
                used.add("__init__")
            elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").startswith("duixian."):
                used.add(str(node.module).split(".")[1])
            elif isinstance(node, ast.ImportFrom) and node.level and id(node) not in unread:
                base = [*parts[:-1]][: len(parts) - node.level]
                whole = [*base, *(node.module or "").split(".")] if node.module else base
                used |= {whole[0]} if whole else {alias.name for alias in node.names}
        used.discard(room)
    return found


def floors() -> Iterator[tuple[int, str, set[str]]]:
    for row in tables(ROOT / "docs/architecture.md", "楼层")[0][1:]:
        yield int(row[0]), row[1], set(re.findall(r"[\w]+", row[3]))


def test_the_house_is_the_one_that_is_drawn() -> None:
    real = imports_of_rooms()
    assert {room: allowed for _, room, allowed in floors()} == real


def test_rooms_import_downwards_only() -> None:
    floor = {room: number for number, room, _ in floors()}
    for number, room, allowed in floors():
        assert all(floor[below] < number for below in allowed), room


def test_files_that_are_named_exist() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"`((?:policy|engine|award|plan|tables|values|large|population|study|ledger|web)/[\w/]+\.py|\w+\.py)`", text)):
        assert (ROOT / "src/duixian" / name).exists() or name == "interpret.py", name


@pytest.mark.parametrize("name", ["jinyun-2025", "zibo-2022", "sample-clauses", "longhua-clauses"])
def test_what_the_page_says_of_every_plan_holds(name: str) -> None:
    """计划的不变量 1, 2 and 3; the others are of results, and large/invariants.py asks them of every one."""
    from duixian import load
    from duixian.plan.steps import Step, text_of
    from duixian.values.frames import APPLIED, CLAIMS, LEDGER, OBJECTS, UNLISTED

    plan, made = load(ROOT / "policies" / name).plan(2025), set()
    for step in plan.steps:
        sql = next(getattr(step, text) for text in ("sql", "waiting", "rows") if hasattr(step, text))
        reads = set(re.findall(r'\b(?:FROM|JOIN) "([^"]+)"', sql)) - {CLAIMS, LEDGER, APPLIED, UNLISTED}
        assert {read for read in reads if not read.startswith(OBJECTS)} <= made, step.name
        assert step.name not in made
        made.add(step.name)
    together, there = list(plan.together()), set()
    for steps in together:
        names = {step.name for step in steps}
        reads = {name for step in steps for name in re.findall(r'\b(?:FROM|JOIN) "([^"]+)"', plan.inlined(text_of(step)))} & made
        assert reads <= there, f"{names} are worked out at once, after all they read"
        there |= names
    assert there == {step.name for step in plan.steps if not isinstance(step, Step) or step.keep}
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", " ", plan.text())
    assert made and not re.search(r"\d\.\d|\d[eE]\d|/|\b(DOUBLE|FLOAT|REAL)\b", bare)


# --- README ---------------------------------------------------------------------------------------------------------------------------

READMES = (ROOT / "README.md", ROOT / "README.en.md")


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_the_commands_of_the_readme_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    options = {command: _options(command) for command in cli.COMMANDS}
    shell = "\n".join(fence.body for fence in fences(path) if fence.info == "sh")
    used = re.findall(r"^(?:\.venv/bin/)?duixian (\w+)([^\n]*)", shell, re.M) + re.findall(r"`duixian (\w+)([^`]*)`", text)
    assert used
    for command, rest in used:
        assert command in cli.COMMANDS, command
        assert set(re.findall(r"(?<!\S)--?[a-z][\w-]*", rest)) <= options[command], (command, rest)
    for step in re.findall(r"\./dx (\w+)", text):
        assert re.search(rf"^    {step}\)", (ROOT / "dx").read_text(encoding="utf-8"), re.M), step


def _options(command: str) -> set[str]:
    parser = cli.parser_in("zh")
    (commands,) = [action for action in parser._actions if hasattr(action, "choices") and isinstance(action.choices, dict)]
    return {option for action in commands.choices[command]._actions for option in action.option_strings}


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_the_readme_shows_what_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"^  ?([\w.-]+/)\s", "\n".join(fence.body for fence in fences(path) if fence.info == "text 目录"), re.M):
        assert (ROOT / name).is_dir(), name
    assert "Apache-2.0" in text
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text):
        assert (ROOT / picture).stat().st_size < 300_000


def test_the_two_readmes_show_the_same_things() -> None:
    chinese, english = (path.read_text(encoding="utf-8") for path in READMES)
    assert len(re.findall(r"^## ", chinese, re.M)) == len(re.findall(r"^## ", english, re.M))
    assert re.findall(r"!\[[^\]]*\]\(([^)]+)\)", chinese) == re.findall(r"!\[[^\]]*\]\(([^)]+)\)", english)


# --- README: the printouts ------------------------------------------------------------------------------------------------------------

PRINTOUTS = [(path, fence) for path in READMES for fence in fences(path) if fence.words[:2] == ["text", "输出"]]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with policies/ and out/, as the README has them after ./dx run."""
    from demonstration.jinyun import make_jinyun
    from duixian.policy.load import load_policy
    from duixian.population.made import PROFILE, make
    from duixian.tables.write_facts import write_facts

    folder = tmp_path_factory.mktemp("readme")
    (folder / "policies").symlink_to(ROOT / "policies")
    (folder / "out").mkdir()
    policy, _ = load_policy(ROOT / "policies/jinyun-2025")
    made = make_jinyun(policy, 2025)
    write_facts(made.facts, made.ledger, policy, 2025, folder / "out/演示-缙云-2025-数据.xlsx")
    (zibo, _), into = load_policy(ROOT / "policies/zibo-2022"), folder / "out/淄博"
    make(zibo, zibo.folder / PROFILE, 1000, 1, 2025, into)
    return folder


@pytest.mark.parametrize(("path", "fence"), PRINTOUTS, ids=[f"{path.name}-{fence.words[2]}" for path, fence in PRINTOUTS])
def test_the_printouts_of_the_readme_are_real(
    path: Path, fence: Fence, demonstration: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(demonstration)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    given = [name for word in fence.words[2:] for name in (sorted(glob(word)) if "*" in word else [word])]
    arguments = given + ([] if "--lang" in given else ["--lang", "zh"])
    assert cli.main([*arguments, "--color", "never"]) == 0
    printed = capsys.readouterr().out.split("\n")
    place = 0
    for line in fence.body.rstrip("\n").split("\n"):
        if line != "…":
            assert line in printed[place:], f"{path.name}: {line!r} is not printed, or not in this order"
            place += printed[place:].index(line) + 1


# --- renewing what is made from the code -------------------------------------------------------------------------------------------------


def renew_summaries() -> None:
    """Rewrite, in errors.md, the lines that are made from the messages. Causes, examples and remedies are written by hand."""
    text = ERRORS.read_text(encoding="utf-8")
    for code in MESSAGES:
        text = re.sub(rf"(^### {code}\n\n)\*\*.*$", lambda found, code=code: found.group(1) + summary(code), text, flags=re.M)
    ERRORS.write_text(text, encoding="utf-8")


def renew_floors() -> None:
    """Rewrite, in architecture.md, what each room may use, from what it really imports. Floors and words are written by hand."""
    page = ROOT / "docs/architecture.md"
    text = page.read_text(encoding="utf-8")
    for room, used in imports_of_rooms().items():
        cell = " ".join(f"`{name}`" for name in sorted(used))
        text = re.sub(rf"(^\| \d+ \| `{room}` \| [^|]* \|)[^|]*\|$", lambda found, cell=cell: f"{found.group(1)} {cell} |", text, flags=re.M)
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    renew_summaries()
    renew_floors()
