"""Files nobody can have meant: whatever the bytes and whatever stands in the cells, only facts or Defects may come out."""

from __future__ import annotations

import io
import random
import tempfile
import zipfile
from datetime import date, datetime
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from demonstration.jinyun import make_jinyun
from duixian.tables.layout import layout_of
from duixian.tables.read import read_tables
from duixian.tables.template import template_bytes
from duixian.tables.write_facts import write_facts, write_facts_csv, write_facts_parquet
from duixian.values.diagnostic import Defects
from duixian.values.messages import MESSAGES

from ..repeat import by_day
from .support import book, code, policy_of, read

ODD: list[Any] = [
    "",
    " ",
    "无",
    "？",
    "是",
    "否",
    "0",
    "-0",
    "1e5",
    "1E999",
    "NaN",
    "inf",
    "３０００万元",
    "3000万元",
    "50%",
    "五千",
    "1,2",
    "½",
    "①",
    "二〇二五",
    "2025-13-40",
    "0000-01-01",
    "9999年99月99日",
    "=1+1",
    "'x",
    "\u200b",
    "\ufeff",
    "\U0001f600",
    "a" * 5000,
    "示例（导入时忽略）",
    "示例",
    "=",
    "#N/A",
    "TRUE",
    "\n",
    "x\ny",
    "\x07",
    "_x0041_",
    "٣",
    "1_000",
    0,
    -1,
    1.5,
    0.1,
    1e-9,
    1e15,
    123456789012345,
    True,
    False,
    date(1900, 1, 1),
    date(2025, 3, 1),
    datetime(2025, 3, 1, 5),
    45717,
    None,
]


def only_defects(path: Path, *more: Path) -> None:
    """Read; anything but facts or Defects fails the test. What is said must be sayable."""
    try:
        read(path, *more)
    except Defects as stop:
        assert stop.diagnostics
        for item in stop.diagnostics:
            for words in (*MESSAGES[item.code].zh, *MESSAGES[item.code].en):
                assert {name for _, name, _, _ in Formatter().parse(words) if name} <= set(item.details), (item.code, words)
            for language in ("zh", "en"):
                assert item.render(language) and "{" not in item.sentence(language)["summary"]  # type: ignore[arg-type]
            item.to_dict()


@cache
def small() -> bytes:
    """A sound workbook with a few objects of every kind."""
    made = make_jinyun(policy_of(), 2025)
    for kind, things in made.facts.things.items():
        for key in sorted(things)[8 if kind in ("企业", "主体", "主播", "园区") else 2 :]:
            del things[key]
    with tempfile.TemporaryDirectory() as folder:
        write_facts(made.facts, made.ledger[:5], policy_of(), 2025, Path(folder) / "small.xlsx")
        return (Path(folder) / "small.xlsx").read_bytes()


def mangled(rng: random.Random, data: bytes) -> bytes:
    """The bytes with something done to them."""
    broken = bytearray(data)
    how = rng.randrange(4)
    if how == 0:
        for _ in range(rng.randrange(1, 8)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
    elif how == 1:
        del broken[rng.randrange(len(broken)) :]
    elif how == 2:
        at = rng.randrange(len(broken))
        del broken[at : at + rng.randrange(1, 200)]
    else:
        at = rng.randrange(len(broken))
        broken[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 60)))
    return bytes(broken)


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bytes_end_in_defects(tmp_path: Path, seed: int) -> None:
    rng, data = random.Random(seed), small()
    for _ in range(by_day(10, night=60)):
        (tmp_path / "a.xlsx").write_bytes(mangled(rng, data))
        only_defects(tmp_path / "a.xlsx")


@pytest.mark.parametrize("seed", range(6))
def test_mangled_parts_inside_a_sound_archive_end_in_defects(tmp_path: Path, seed: int) -> None:
    """Flipped bytes seldom pass the archive's checksum; here the XML itself is damaged and packed again."""
    rng, data = random.Random(1000 + seed), template_bytes(policy_of(), 2025) if seed % 2 else small()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    xml = [name for name in parts if name.endswith((".xml", ".rels")) and "comments" not in name and "drawing" not in name]
    for _ in range(by_day(5, night=30)):
        victim = rng.choice(xml)
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, mangled(rng, content) if name == victim and content else content)
        only_defects(tmp_path / "a.xlsx")


@pytest.mark.parametrize("seed", range(8))
def test_garbage_in_the_cells_ends_in_defects(tmp_path: Path, seed: int) -> None:
    rng = random.Random(2000 + seed)
    sheets: dict[str, Any] = {}
    for sheet in layout_of(policy_of(), 2025):
        heads = [column.header if rng.random() > 0.03 else str(rng.choice(ODD) or "空") for column in sheet.columns]
        rows = [
            [rng.choice(ODD) if rng.random() < 0.5 else rng.choice([code(rng.randrange(4)), "展位费补助", "本政策", 2025, "P1"]) for _ in heads]
            for _ in range(12)
        ]
        sheets[sheet.name] = [heads, *rows]
    only_defects(book(tmp_path / "a.xlsx", sheets))


@pytest.mark.parametrize("seed", range(4))
def test_mangled_csv_and_parquet_end_in_defects(tmp_path: Path, seed: int) -> None:
    rng = random.Random(3000 + seed)
    made = make_jinyun(policy_of(), 2025)
    texts = write_facts_csv(made.facts, made.ledger, policy_of(), 2025, tmp_path)
    columns = write_facts_parquet(made.facts, made.ledger, policy_of(), 2025, tmp_path)
    for _ in range(20):
        path = rng.choice(texts + columns)
        sound = path.read_bytes()
        path.write_bytes(mangled(rng, sound))
        only_defects(path)
        path.write_bytes(sound)


@pytest.mark.parametrize(
    "data",
    [b"\x00", b"\xff\xfe\x00a", "统一社会信用代码\n".encode("utf-16-le"), b'"unclosed', b"a,b\n1", b"\xef\xbb\xbf", b",,,\n", ("x," * 900).encode()],
)
def test_odd_csv_files_end_in_defects(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "企业.csv").write_bytes(data)
    with pytest.raises(Defects):
        read_tables([tmp_path / "企业.csv"], policy_of(), 2025)


def test_a_csv_row_of_another_width_is_named(tmp_path: Path) -> None:
    (tmp_path / "园区.csv").write_text('园区编号,网店数（家）2025年\n"P\n1",3\nP2,3,4\n', encoding="utf-8")
    with pytest.raises(Defects) as refused:
        read_tables([tmp_path / "园区.csv"], policy_of(), 2025)
    assert [(item.code, item.places[0].cell) for item in refused.value.diagnostics] == [("DT137", "A2"), ("DT117", "A3")]


def test_parquet_says_no_to_what_a_workbook_refuses(tmp_path: Path) -> None:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    columns = {
        "统一社会信用代码": [code(1), code(2), code(3)],
        "网络零售额（元）2025年": [float("nan"), float("inf"), 0.1 + 0.2],
        "实体入驻 2025年": [1, 0, 1],
    }
    parquet.write_table(arrow.table(columns), tmp_path / "企业.parquet")
    with pytest.raises(Defects) as refused:
        read_tables([tmp_path / "企业.parquet"], policy_of(), 2025)
    assert [(item.code, item.places[0].text) for item in refused.value.diagnostics] == [
        ("DT121", "企业.parquet 企业!B2"),
        ("DT133", "企业.parquet 企业!C2"),
        ("DT121", "企业.parquet 企业!B3"),
        ("DT133", "企业.parquet 企业!C3"),
        ("DT125", "企业.parquet 企业!B4"),
        ("DT133", "企业.parquet 企业!C4"),
    ]


def test_parquet_keeps_true_booleans_and_exact_decimals(tmp_path: Path) -> None:
    from decimal import Decimal

    import pyarrow as arrow
    import pyarrow.parquet as parquet

    columns = {
        "统一社会信用代码": [code(1)],
        "网络零售额（元）2025年": [Decimal("999999999999.99")],
        "实体入驻 2025年": [True],
        "入库日期": [date(2025, 3, 1)],
    }
    parquet.write_table(arrow.table(columns), tmp_path / "企业.parquet")
    thing = read(tmp_path / "企业.parquet").facts.find("企业", code(1))
    assert thing is not None
    assert thing.values == {("网络零售额", 2025): 99_999_999_999_999, ("实体入驻", 2025): True, ("入库日期", None): date(2025, 3, 1)}
