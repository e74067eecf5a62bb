"""The demonstration runs to its end, shows every outcome, says the same every time and holds nothing real."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import openpyxl
import pytest
from stdnum.cn import uscc

from demonstration import __main__ as demo
from demonstration.jinyun import make_jinyun
from demonstration.zibo import make_zibo
from duixian.programme import Programme
from duixian.values.terms import Outcome

from .support import ROOT, policy_of


def bodies(name: str, made: object) -> int:
    """Applicants: everything that is a 主体."""
    vocabulary = policy_of(name).vocabulary
    return sum(len(things) for kind, things in made.facts.things.items() if vocabulary.is_kind(kind, "主体"))  # type: ignore[attr-defined]


def test_the_demonstration_runs_and_is_the_same_every_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told, files = [], []
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        assert demo.main([]) == 0
        told.append(capsys.readouterr().out)
        files.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((tmp_path / place / "out").iterdir())})
    assert told[0] == told[1] and files[0] == files[1]
    assert len(files[0]) == 13 and all(name.startswith("演示-") for name in files[0])
    text = told[0]
    assert all(f" {outcome.value}" in text for outcome in Outcome), [outcome.value for outcome in Outcome if outcome.value not in text]
    assert "非真实" in text and "流量补贴总额" in text and "按比例核减" in text and text.count("错误[DT") == 10
    lines = text.split("\n")
    start = lines.index("最大的 5 笔：") + 1
    assert all(re.match(r"  \d+(\.\d+)?万?元 +\S", lines[start + 2 * place]) for place in range(5))
    assert all(len(lines[start + 2 * place + 1].strip()) > 6 for place in range(5))  # each with a line of why
    for name in files[0]:
        if name.endswith(("数据.xlsx", "错误.xlsx")):
            guide = openpyxl.load_workbook(tmp_path / "a" / "out" / name)["说明"]
            assert "演示数据（合成），非真实" in str(guide["B1"].value)


def test_the_demonstration_has_the_promised_size() -> None:
    jinyun, zibo = make_jinyun(policy_of(), 2025), make_zibo(policy_of("zibo-2022"), 2024)
    assert bodies("jinyun-2025", jinyun) == 300 and bodies("zibo-2022", zibo) == 400
    large = [
        thing for thing in zibo.facts.all("企业") if (thing.values.get(("实物商品网络零售额", 2024)) or 0) >= 20_000_000_000
    ]  # 2亿元 reaches the cap
    assert len(large) >= 60
    for made in (jinyun, zibo):
        assert {entry.year for entry in made.ledger} >= {2022, 2023} and len({entry.award for entry in made.ledger}) >= 4
        assert all(uscc.is_valid(thing.key) for thing in made.facts.all("企业"))


@pytest.mark.parametrize(("name", "year"), [("jinyun-2025", 2025), ("zibo-2022", 2024)])
def test_every_award_of_the_demonstration_is_paid_or_estimated_to_somebody(tmp_path: Path, name: str, year: int) -> None:
    programme = Programme.load(ROOT / name)
    made = (make_jinyun if name == "jinyun-2025" else make_zibo)(programme.policy, year)
    result = programme.settle(year, made.facts, history=made.ledger)
    live = {line.claim.award for line in result.lines if line.outcome in (Outcome.PAYABLE, Outcome.PROVISIONAL, Outcome.REGISTRABLE)}
    assert live == {rule.name for rule in programme.policy.rules.values() if rule.kind != "认定"}


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "文件").write_text("x")
    assert demo.main([str(tmp_path / "文件" / "里面")]) == 1
    assert "写不进" in capsys.readouterr().err
