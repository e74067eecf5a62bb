"""Literate policies: one Markdown file under tests/policies is a whole policy folder, with what checking it must say.

A file is a policy file (front matter, quotes, blocks) up to its first fence; the line numbers are those of the policy. The front matter has
`校验: 自动` (the hash is filled in) and a line that says what the file shows. Then, each optional, fenced blocks:

    ```原文            the official text; without it, it is put together from the headings and quotes
    ```词汇            the vocabulary; without it, tests/policies/vocabulary.md
    ```年度标准 2025   the year's file
    ```结算 2025       tables of facts, one row an object: the head of the first column is the object type; both engines settle them
    ```台账            earlier payments: 年度、奖补、对象、金额[、受益人]
    ```结果            what the settlement must come to: 奖补、对象、结果
    ```询问            an object, and an award if one is meant: asked of the settlement
    ```期望            every message of checking and settling, word for word; without it, none

`python -m tests.literate FILE …` prints what a file really says; `--reset` writes it into 期望. Read what you reset.
"""

from __future__ import annotations

import contextlib
import re
import sys
import tempfile
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

from duixian import pipeline, twice
from duixian.plan.aggregates import Uncompiled
from duixian.policy.document import Cell, Table, split
from duixian.policy.model import Policy
from duixian.policy.standards import Standards
from duixian.policy.terms import Reader
from duixian.policy.vocabulary import CLAIM, Fact
from duixian.policy.year_file import load_standards
from duixian.programme import Programme
from duixian.report import check_lines
from duixian.values.diagnostic import Defects, Diagnostic
from duixian.values.digest import sha256_hex
from duixian.values.facts import NONE, Facts, Paid
from duixian.values.messages import Language
from duixian.values.money import exact, yuan_text
from duixian.values.period import parse_date
from duixian.values.terms import Outcome

POLICIES = Path(__file__).resolve().parent / "policies"
FENCES = ("原文", "词汇", "年度标准", "结算", "台账", "结果", "询问", "期望")
_FENCE = re.compile(r"^```(\S+)[ ]?([^\n]*)\n(.*?)^```\s*$", re.M | re.S)


@dataclass(slots=True)
class Literate:
    """One file, split. blocks: name -> (what stands behind the name, text)."""

    path: Path
    policy: str
    blocks: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def expected(self) -> str:
        return self.blocks.get("期望", ("", ""))[1].strip()


def read(path: Path) -> Literate:
    """A literate file from disk."""
    text = path.read_text(encoding="utf-8")
    start = text.find("\n```")
    literate = Literate(path, text if start < 0 else text[: start + 1])
    for name, argument, body in _FENCE.findall(text[start + 1 :] if start >= 0 else ""):
        assert name in FENCES, f"{path.name}: 不认识的段落 ```{name}"
        assert name not in literate.blocks, f"{path.name}: ```{name} 写了两次"
        literate.blocks[name] = (argument.strip(), body)
    return literate


def lay_out(literate: Literate, into: Path) -> Path:
    """The policy folder of a literate file; its name is the file's."""
    folder = into / literate.path.stem
    folder.mkdir(parents=True, exist_ok=True)
    source = literate.blocks["原文"][1] if "原文" in literate.blocks else source_of(literate.policy)
    (folder / "source.txt").write_text(source, encoding="utf-8")
    vocabulary = literate.blocks["词汇"][1] if "词汇" in literate.blocks else (POLICIES / "vocabulary.md").read_text(encoding="utf-8")
    (folder / "vocabulary.md").write_text(vocabulary, encoding="utf-8")
    policy = re.sub(r"(?m)^这里看[:：].*$", "", literate.policy, count=1)  # for the reader of the test; the line stays, empty
    (folder / "policy.md").write_text(policy.replace("校验: 自动", f"校验: sha256:{sha256_hex(source)}"), encoding="utf-8")
    if "年度标准" in literate.blocks:
        year, text = literate.blocks["年度标准"]
        (folder / f"standards-{year}.md").write_text(text, encoding="utf-8")
    return folder


def source_of(policy: str) -> str:
    """The official text that a policy file quotes: its headings and quotes, in order."""
    pieces = []
    for element in split(policy, "policy.md", []).elements:
        pieces += [element.text] if hasattr(element, "level") else [cell.text for cell in getattr(element, "lines", ())]
    return "\n".join(pieces) + "\n"


# --- settling ---------------------------------------------------------------------------------------------------------------------------


def tables_of(text: str) -> list[Table]:
    document = split("# 表\n" + text, "结算", [], strict=False)
    return [item for items in document.loose.values() for item in items if isinstance(item, Table)]


def value_of(cell: Cell, fact: Fact, document: Any) -> Any:
    """A cell as a value of its fact; None is unknown."""
    if cell.text in ("", "？"):
        return None
    if cell.text == "无":
        return NONE
    if fact.kind == "truth":
        return {"是": True, "否": False}[cell.text]
    if fact.kind == "date":
        return parse_date(cell.text)
    if fact.kind == "year":
        return int(cell.text)
    if fact.kind == "number":
        defects: list[Diagnostic] = []
        number = Reader(cell.text, 0, document, defects).primary()
        assert not defects, cell.text
        return exact(number.value)  # type: ignore[attr-defined]
    return cell.text


def facts_of(policy: Policy, text: str, year: int) -> Facts:
    """The objects of 结算 tables. A head is a fact, `2024年f` for another year, or a fact of the claim (申报日期 …) for every award."""
    facts = Facts()
    facts.listed.add("其他政策已付")
    for table in tables_of(text):
        kind = table.head[0].text
        assert kind in policy.vocabulary.objects, kind
        facts.listed.add(kind)
        for row in table.rows:
            thing = facts.add(kind, row[0].text)
            for head, cell in zip(table.head[1:], row[1:], strict=True):
                found = re.match(r"(\d{4})年(.+)", head.text)
                when, name = (int(found.group(1)), found.group(2)) if found else (year, head.text)
                fact = policy.vocabulary.fact(kind, name)
                if fact is not None:
                    value = value_of(cell, fact, policy.document)
                    if value is not None:
                        thing.values[(name, when if fact.yearly else None)] = value
                    continue
                claimed = policy.vocabulary.fact(CLAIM, name)
                assert claimed is not None, f"{kind} 没有 {name}"
                value = value_of(cell, claimed, policy.document)
                for rule in policy.rules.values():
                    if value is not None and policy.vocabulary.is_kind(kind, rule.object):
                        facts.claims.setdefault((rule.name, thing.key), {})[(name, None)] = value
    return facts


def ledger_of(text: str) -> list[Paid]:
    rows = [{head.text: cell.text for head, cell in zip(table.head, row, strict=True)} for table in tables_of(text) for row in table.rows]
    amount = re.compile(r"([\d.]+)(万?)元")
    entries = []
    for row in rows:
        found = amount.fullmatch(row["金额"])
        assert found, row["金额"]
        fen = int(Fraction(found.group(1)) * (1_000_000 if found.group(2) else 100))
        entries.append(Paid(row["奖补"], int(row["年度"]), row["对象"], fen, recipient=row.get("受益人", "")))
    return entries


def settle(literate: Literate, folder: Path) -> pipeline.Settlement:
    """The settlement a 结算 block asks for, computed twice where it is compiled."""
    policy, defects = pipeline.load(folder)
    assert not [item for item in defects if item.is_error], "\n".join(item.render() for item in defects)
    year = int(literate.blocks["结算"][0])
    path = folder / f"standards-{year}.md"
    standards = load_standards(path, policy, year, []) if path.exists() else Standards(year)
    ledger = ledger_of(literate.blocks["台账"][1]) if "台账" in literate.blocks else []
    facts = facts_of(policy, literate.blocks["结算"][1], year)
    try:
        done = pipeline.settle(policy, year, facts, ledger, standards)
    except Defects as stop:
        with contextlib.suppress(Uncompiled):
            assert _refused(policy, year, facts, ledger, standards) == sorted(item.render() for item in stop.diagnostics), "the compiled engine says otherwise"
        raise
    with contextlib.suppress(Uncompiled):
        other = twice.settle_compiled(policy, year, facts, ledger, standards)
        assert twice.differences(done.lines, other.lines) == [], "the compiled engine says otherwise"
        assert done.totals == other.totals
    return done


def _refused(*asked: Any) -> list[str]:
    """What the compiled engine refuses a settlement for."""
    try:
        twice.settle_compiled(*asked)
    except Defects as stop:
        return sorted(item.render() for item in stop.diagnostics)
    return []


def results_of(settlement: pipeline.Settlement) -> dict[tuple[str, str], str]:
    """(award, object) -> the result as an 例 would write it."""
    results = {}
    for line in settlement.lines:
        text = line.outcome.value
        if line.outcome is Outcome.PAYABLE:
            text = yuan_text(line.payable_fen)
        elif line.outcome is Outcome.PROVISIONAL:
            text = f"暂估 {yuan_text(line.estimate_fen)}"
        results[(line.claim.award, line.claim.key)] = text
    return results


@dataclass(slots=True)
class Said:
    """What a literate file comes to."""

    diagnostics: list[Diagnostic]
    examples_run: int
    wrong: list[str]  # results of the settlement that are not the ones written

    @property
    def text(self) -> str:
        return "\n\n".join(item.render() for item in self.diagnostics)


def run(literate: Literate, into: Path) -> Said:
    """Check the folder; settle where the file asks for it."""
    folder = lay_out(literate, into)
    report = pipeline.check(folder)
    for language in get_args(Language):
        check_lines(report, folder.name, language)  # what the command prints: a policy with any defect can be reported
    said = Said(list(report.diagnostics), report.examples_run, [])
    if "结算" in literate.blocks:
        try:
            results = results_of(settle(literate, folder))
            if "询问" in literate.blocks:
                programme = Programme.load(folder)
                year = int(literate.blocks["结算"][0])
                programme.explain(year, facts_of(programme.policy, literate.blocks["结算"][1], year), *literate.blocks["询问"][1].split())
        except Defects as stop:
            said.diagnostics += stop.diagnostics
        else:
            for table in tables_of(literate.blocks.get("结果", ("", ""))[1]):
                for row in table.rows:
                    award, key, expected = (cell.text for cell in row)
                    found = results.get((award, key), "没有这一笔")
                    if found != expected:
                        said.wrong.append(f"{award} {key}：应为 {expected}，实际 {found}")
    return said


def main(arguments: list[str]) -> int:
    reset = "--reset" in arguments
    for name in arguments:
        if name.startswith("-"):
            continue
        path = Path(name)
        with tempfile.TemporaryDirectory() as into:
            literate = read(path)
            said = run(literate, Path(into))
        print(f"== {path.name}：{said.examples_run} 例\n{said.text}")
        print("\n".join(said.wrong))
        if reset and said.text != literate.expected:
            text = re.sub(r"\n```期望\n.*?^```\s*$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S).rstrip("\n")
            path.write_text(text + (f"\n\n```期望\n{said.text}\n```\n" if said.text else "\n"), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
