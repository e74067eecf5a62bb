"""Large files straight into DuckDB: whatever the ordinary reader makes of a file, this one makes of it too, and refuses what that one refuses."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from demonstration.jinyun import make_jinyun
from demonstration.zibo import make_zibo
from duixian.tables.columnar import open_frames
from duixian.tables.frames import frames_of
from duixian.tables.layout import CLAIMS, FIXED, HISTORY, Column, layout_of
from duixian.tables.read import read_tables
from duixian.tables.write_facts import write_facts_csv, write_facts_parquet
from duixian.values.diagnostic import Defects, Diagnostic
from duixian.values.frames import Frames
from duixian.values.terms import OUTSIDE

from .support import code, only, policy_of

YEAR = 2025
SEEDS = [*range(3), *(pytest.param(seed, marks=pytest.mark.nightly) for seed in range(3, 60))]
Cells = dict[str, tuple[list[str], list[list[Any]]]]  # sheet -> heads, rows
SALES, FIRM = "网络零售额（元）2025年", "统一社会信用代码"


def opened(paths: Any, policy: str = "jinyun-2025", year: int = YEAR, **more: Any) -> tuple[Frames, dict[str, list[dict[str, Any]]]]:
    """The tables of some files by the columnar reader, rows in no order but the ledger's."""
    connection = duckdb.connect()
    frames = open_frames(connection, paths, policy_of(policy), year, **more)
    return frames, {name: rows_of(connection, name) for name in frames.tables()}


def rows_of(connection: Any, name: str) -> list[dict[str, Any]]:
    found = connection.execute(f'SELECT * FROM "{name}"' + (" ORDER BY 序" if name == "台账" else ""))
    names = [item[0] for item in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return rows if name == "台账" else sorted(rows, key=lambda row: tuple(str(row[key]) for key in ("奖补", "标识") if key in row))


def read_both(paths: Any, policy: str = "jinyun-2025", year: int = YEAR) -> None:
    """Both readers say the same of these files: the same tables cell by cell, or the same defects at the same places."""
    try:
        tables = read_tables(paths, policy_of(policy), year)
    except Defects as stop:
        with pytest.raises(Defects) as refused:
            opened(paths, policy, year)
        assert told(refused.value.diagnostics) == told(stop.diagnostics)
        return
    frames, expected = frames_of(tables.facts, tables.ledger, policy_of(policy))
    notices: list[Diagnostic] = []
    found_frames, found = opened(paths, policy, year, notices=notices)
    assert found_frames == frames
    for name, table in expected.items():
        rows = table.to_pylist()
        if name != "台账":
            rows = sorted(rows, key=lambda row: tuple(str(row[key]) for key in ("奖补", "标识") if key in row))
        assert found[name] == rows, name
        assert not rows or set(found[name][0]) == set(table.column_names)
    assert told(notices) == told(tables.notices)


def told(defects: list[Diagnostic]) -> list[tuple[Any, ...]]:
    return sorted({(item.code, item.places[0].text, *item.sentence().values(), *item.sentence("en").values()) for item in defects})


def refused(paths: Any, policy: str = "jinyun-2025", **more: Any) -> list[Diagnostic]:
    """What is refused; nothing may be left in the database."""
    connection = duckdb.connect()
    connection.execute('CREATE TABLE "对象·企业" AS SELECT 1 AS 旧')
    with pytest.raises(Defects) as stop:
        open_frames(connection, paths, policy_of(policy), YEAR, **more)
    assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("对象·企业",)]
    assert connection.execute('SELECT 旧 FROM "对象·企业"').fetchall() == [(1,)]
    for item in stop.value.diagnostics:
        for language in ("zh", "en"):
            assert all("{" not in words for words in item.sentence(language).values())  # type: ignore[arg-type]
    return stop.value.diagnostics


def write_csv(path: Path, heads: list[str], rows: list[list[Any]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([heads, *[["" if value is None else value for value in row] for row in rows]])
    return path


def write_parquet(path: Path, columns: dict[str, Any], **more: Any) -> Path:
    parquet.write_table(arrow.table(columns), path, **more)
    return path


def firms(tmp_path: Path, columns: dict[str, Any]) -> Path:
    """企业.parquet with these columns beside the key."""
    first = next(iter(columns.values()))
    return write_parquet(tmp_path / "企业.parquet", {FIRM: [code(number) for number in range(len(first))], **columns})


def one(tmp_path: Path, head: str, values: Any, name: str) -> list[Any]:
    """The stored values of one column of 企业.parquet, by key."""
    _, tables = opened([firms(tmp_path, {head: values})])
    found = {row["标识"]: row.get(name) for row in tables["对象·企业"]}
    return [found[code(number)] for number in range(len(values))]


# --- both readers ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [write_facts_csv, write_facts_parquet])
@pytest.mark.parametrize(("name", "make", "year"), [("jinyun-2025", make_jinyun, 2025), ("zibo-2022", make_zibo, 2024)])
def test_the_demonstration_is_read_alike_by_both_readers(tmp_path: Path, write: Callable[..., list[Path]], name: str, make: Any, year: int) -> None:
    made = make(policy_of(name), year)
    read_both(write(made.facts, made.ledger, policy_of(name), year, tmp_path), name, year)


class World:
    """Random tables that fit the policy, in random spellings. wild: also cells nobody can have meant."""

    def __init__(self, seed: int, *, wild: float = 0.0) -> None:
        self.rng, self.wild = random.Random(seed), wild
        self.sheets = {sheet.name: sheet for sheet in layout_of(policy_of(), YEAR)}
        self.keys: dict[str, list[str]] = {}
        for name, sheet in self.sheets.items():
            self.keys[name] = [self._key(sheet.identity, name, number) for number in range(self.rng.randrange(5))] if name not in FIXED else []

    def _key(self, identity: tuple[str, ...], name: str, number: int) -> str:
        return " + ".join(code(number) if part == FIRM else f"{name}{part}{number}" for part in identity)

    def cells(self) -> Cells:
        """Every table; some columns and some tables are left out."""
        found: Cells = {}
        for name, sheet in self.sheets.items():
            if name in FIXED:
                rows = [[self._fixed(name, column) for column in sheet.columns] for _ in range(self.rng.randrange(4))]
                if name == CLAIMS:
                    rows = list({(row[0], row[1]): row for row in rows}.values())
                columns = list(sheet.columns)
            else:
                columns = [column for column in sheet.columns if column.required or self.rng.random() < 0.7]
                rows = [[self._cell(column, key) for column in columns] for key in self.keys[name]]
            found[name] = ([column.header for column in columns], rows)
        return found

    def _cell(self, column: Column, key: str) -> Any:
        return key.split(" + ")[self._place(column)] if column.role == "identity" else self._value(column)

    def _place(self, column: Column) -> int:
        sheet = next(sheet for sheet in self.sheets.values() if column in sheet.columns and column.name in sheet.identity)
        return sheet.identity.index(column.name)

    def _fixed(self, name: str, column: Column) -> Any:
        rng, rules = self.rng, policy_of().awards
        if column.name == "奖补":
            self.rule = rng.choice(rules)
            return self.rule.name
        if column.name == "对象":
            keys = self._keys_of(self.rule.object)
            return rng.choice(keys) if keys else "没有的"
        if column.name == "年度":
            return rng.choice([2023, 2024, "2025", "２０２４", "2024年"]) if name == HISTORY else rng.choice([2024, 2025])
        if column.name == "文件":
            return rng.choice(["本政策", "被废止文件"])
        if column.required:
            return rng.choice([1, 2.5, "3,000.25", "1万元", Decimal("7.00")])
        return self._value(column) if column.kind != "text" or self.rng.random() < 0.5 else None

    def _value(self, column: Column) -> Any:
        rng = self.rng
        if rng.random() < self.wild:
            return rng.choice(
                [
                    "-1",
                    "1.005",
                    "NaN",
                    "1,2",
                    "有",
                    "2025-02-30",
                    "2025-13-01",
                    "1E5",
                    "\u200b",
                    "1\u3164",
                    "２０25年",
                    "3000吨",
                    "无 ",
                    "9" * 25,
                    "1/2",
                    "x" * 4001,
                ]
            )
        if not column.required and rng.random() < 0.3:
            return rng.choice([None, None, "无", "？", "?", " ", "　"])
        if column.kind == "number":
            return self._number(column)
        if column.kind == "truth":
            return rng.choice(["是", "否", " 是", "否　"])
        if column.kind == "date":
            return rng.choice(["2025-03-01", "2024-12-31", "2025/3/1", "2025年3月1日", "2025-3-1", "２０２５-03-01", "1900-01-01", "2100-12-31"])
        if column.kind == "year":
            return rng.choice(["1900", "2025", "2199", "2024年", "２０２５"])
        if column.kind == "option":
            return rng.choice(column.options)
        if column.kind == "object":
            keys = self._keys_of(column.target)
            chosen = rng.choice(keys) if keys else None if not column.required else "没有的"
            return chosen.lower() if chosen and " + " not in chosen and chosen.isascii() and rng.random() < 0.2 else chosen
        return rng.choice(["甲公司", "（乙）有限公司", "a b", "Ｃ公司", "x" * 200, "12号楼", "№１", "3E座", "é"])

    def _keys_of(self, wanted: str) -> list[str]:
        kinds = [kind for kind in self.keys if kind not in FIXED and policy_of().vocabulary.is_kind(kind, wanted)]
        return [key for kind in kinds for key in self.keys[kind]]

    def _number(self, column: Column) -> Any:
        rng, unit = self.rng, column.unit
        whole = [0, 1, 7, "12", "1,234,567", " 8 ", "９９", 10**9, f"5{unit}", "+3"]
        if column.measure == "比率":
            whole = [0, 7, " 8 ", "９９", "-4", -2, "1,234", f"5{unit}"]
        if unit in ("家", "人", "个", "件", "场", "项"):
            return rng.choice([*whole, "3.0", f"2万{unit}"])
        if column.measure == "金额":
            return rng.choice([*whole, 0.1, 1234.5, "0.01", "99.90", "3000万元", "￥1.5", Decimal("1.10"), 12345678901.23])
        return rng.choice([*whole, 0.5, "12.345", "0.00001", "1.2345678", 33.3])


def stored(rng: random.Random, cells: Cells, folder: Path) -> list[Path]:
    """The tables as files of several kinds, whole or in parts, with 为无 columns where a typed column needs them."""
    paths = []
    for name, (heads, rows) in cells.items():
        how = rng.choice(["csv", "csv", "gb", "text", "typed"])
        if how in ("csv", "gb"):
            paths.append(write_csv(folder / f"{name}.csv", heads, rows, "utf-8-sig" if how == "csv" else "gb18030"))
            continue
        columns: dict[str, Any] = {}
        for place, head in enumerate(heads):
            values = [row[place] for row in rows]
            typed = [None if value == "无" else value for value in values]
            if how == "typed" and len({type(value) for value in typed} - {type(None)}) == 1 and not any(isinstance(value, str) for value in typed):
                columns[head] = typed
                if typed != values:
                    columns[head + "为无"] = arrow.array([value == "无" for value in values], arrow.bool_())
            elif how == "typed" and values and {value for value in typed if value is not None} <= {"是", "否"} and any(typed):
                columns[head] = arrow.array([None if value is None else value == "是" for value in typed], arrow.bool_())
                if typed != values:
                    columns[head + "为无"] = arrow.array([value == "无" for value in values], arrow.bool_())
            else:
                columns[head] = arrow.array([None if value is None else str(value) for value in values], arrow.string())
        paths.append(write_parquet(folder / f"{name}.parquet", columns))
    return paths


@pytest.mark.parametrize("seed", SEEDS)
def test_random_tables_in_random_spellings_are_read_alike(tmp_path: Path, seed: int) -> None:
    world = World(seed)
    read_both(stored(world.rng, world.cells(), tmp_path))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_one_reader_refuses_the_other_refuses_in_the_same_words_at_the_same_place(tmp_path: Path, seed: int) -> None:
    world = World(1000 + seed, wild=0.08)
    read_both(stored(world.rng, world.cells(), tmp_path))


# --- numbers in typed columns ----------------------------------------------------------------------------------------------------------------


def decimals(values: list[Any], width: int = 18, places: int = 2) -> Any:
    return arrow.array([None if value is None else Decimal(value) for value in values], arrow.decimal128(width, places))


@pytest.mark.parametrize(
    ("values", "fen"),
    [
        (decimals(["0.01", "1000000000000.00", None]), [1, 10**14, None]),
        (decimals(["1.50", "2"], 38, 10), [150, 200]),
        (arrow.array([0, 10**12], arrow.int64()), [0, 10**14]),
        (arrow.array([3, 255], arrow.uint8()), [300, 25500]),
        ([0.1, 1234.56, 1e12, 12345678901.23, None], [10, 123456, 10**14, 1234567890123, None]),
        (arrow.array([0.5, 3.0], arrow.float32()), [50, 300]),
        (["0.10", "1,234.5", "3000万元", "￥7", "？", " ", "８"], [10, 123450, 3_000_000_000, 700, None, None, 800]),
    ],
)
def test_money_of_every_stored_type_comes_out_in_fen(tmp_path: Path, values: Any, fen: list[Any]) -> None:
    assert one(tmp_path, SALES, values, "网络零售额·2025") == fen


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ([0.1 + 0.2], "DT125"),
        ([1.005], "DT124"),
        ([float("nan")], "DT121"),
        ([float("inf")], "DT121"),
        ([-0.01], "DT126"),
        (decimals(["-1"]), "DT126"),
        (decimals(["1.005"], 18, 3), "DT124"),
        ([1e15], "DT125"),
        (arrow.array([0.1], arrow.float32()), "DT125"),
        (decimals(["1000000000000.01"]), "DT170"),
        ([10**12 + 1], "DT170"),
        (["1000000000000.01"], "DT170"),
        ([True], "DT121"),
        ([date(2025, 3, 1)], "DT121"),
        (["9" * 30], "DT170"),
        ([b"1"], "DT175"),
        ([[1]], "DT175"),
    ],
)
def test_money_that_is_not_exactly_money_is_refused_at_its_cell(tmp_path: Path, value: Any, wrong: str) -> None:
    defect = only(refused([firms(tmp_path, {SALES: value})]))
    assert (defect.code, defect.places[0].text) == (wrong, f"企业.parquet 企业!B{1 if wrong == 'DT175' else 2}")


def test_a_ratio_gets_the_least_scale_that_makes_its_whole_column_whole(tmp_path: Path) -> None:
    def scale(values: Any) -> tuple[int, list[Any]]:
        path = write_parquet(
            tmp_path / "物流信息平台.parquet", {"项目编号": [f"P{n}" for n in range(len(values))], "县域单量占比（%）2025年": values}
        )
        frames, tables = opened([path], "zibo-2022")
        column = frames.objects["物流信息平台"].columns[("县域单量占比", 2025)]
        return column.scale, [row[column.name] for row in tables["对象·物流信息平台"]]

    assert scale([100.0, 200.0]) == (1, [1, 2])
    assert scale([80.0, 12.5]) == (1000, [800, 125])
    assert scale(["80", "0.00000001"]) == (10**10, [8 * 10**9, 1])  # more decimals than a plain cell has
    assert scale([80, 7]) == (100, [80, 7])


def test_a_moment_is_a_date_only_at_midnight(tmp_path: Path) -> None:
    at = "入库日期"
    assert one(tmp_path, at, [datetime(2025, 3, 1), None], at) == [date(2025, 3, 1), None]
    assert only(refused([firms(tmp_path, {at: [datetime(2025, 3, 1, 0, 0, 1)]})])).code == "DT131"
    assert only(refused([firms(tmp_path, {at: [datetime(2025, 3, 1, tzinfo=UTC)]})])).code == "DT175"
    assert one(tmp_path, at, [date(1900, 1, 1), date(2100, 12, 31)], at) == [date(1900, 1, 1), date(2100, 12, 31)]
    assert only(refused([firms(tmp_path, {at: [date(1899, 12, 31)]})])).code == "DT131"
    assert only(refused([firms(tmp_path, {at: [date(2101, 1, 1)]})])).code == "DT131"


# --- 无 -----------------------------------------------------------------------------------------------------------------------------------------


def test_a_column_beside_a_typed_one_says_none(tmp_path: Path) -> None:
    path = firms(tmp_path, {"首次纳入限上年度": [2024, None, None], "首次纳入限上年度为无": [False, True, None]})
    read_both([path])
    _, tables = opened([path])
    found = {row["标识"]: (row["首次纳入限上年度"], row["首次纳入限上年度·无"]) for row in tables["对象·企业"]}
    assert [found[code(number)] for number in range(3)] == [(2024, False), (None, True), (None, False)]


def test_a_value_whose_mark_says_none_is_a_contradiction_for_both_readers(tmp_path: Path) -> None:
    path = firms(tmp_path, {"首次纳入限上年度": [2024], "首次纳入限上年度为无": [True]})
    read_both([path])
    assert [(item.code, item.places[0].cell) for item in refused([path])] == [("DT174", "B2")]


def test_a_mark_of_no_column_or_that_is_not_boolean_is_an_unknown_header(tmp_path: Path) -> None:
    for columns in ({"首次纳入限上年度为无": [True]}, {"首次纳入限上年度": [2024], "首次纳入限上年度为无": ["否"]}):
        path = firms(tmp_path, columns)
        read_both([path])
        assert [item.code for item in refused([path])] == ["DT111"]


def test_a_required_column_cannot_be_none(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "企业.parquet", {FIRM: [code(0), None, "无"], "名称": ["甲", "乙", "丙"]})
    read_both([path])
    assert [(item.code, item.places[0].cell) for item in refused([path])] == [("DT143", "A3"), ("DT140", "A4")]


# --- files ------------------------------------------------------------------------------------------------------------------------------------


def test_a_folder_of_parts_is_one_table_even_where_the_parts_differ_in_columns_and_types(tmp_path: Path) -> None:
    folder = tmp_path / "企业"
    folder.mkdir()
    write_parquet(folder / "part-0.parquet", {FIRM: [code(0)], SALES: [1.5]})
    write_parquet(folder / "part-1.parquet", {FIRM: [code(1)], SALES: [2.5]})
    write_parquet(folder / "part-2.parquet", {SALES: ["3万元"], FIRM: [code(2)], "成立年度": [2020]})
    write_csv(folder / "part-3.csv", [FIRM, "成立年度"], [[code(3), "无"]])
    (folder / "_SUCCESS").write_text("")
    frames, tables = opened([folder])
    rows = {row["标识"]: (row["网络零售额·2025"], row["成立年度"], row["成立年度·无"]) for row in tables["对象·企业"]}
    assert rows == {code(0): (150, None, False), code(1): (250, None, False), code(2): (3_000_000, 2020, False), code(3): (None, None, True)}
    assert frames.objects["企业"].rows == 4


def test_a_folder_that_is_no_table_is_read_table_by_table_where_its_files_are_called_so(tmp_path: Path) -> None:
    folder = tmp_path / "全县数据"
    folder.mkdir()
    write_parquet(folder / "企业.parquet", {FIRM: [code(0)], SALES: [1.5]})
    write_csv(folder / "园区.csv", ["园区编号"], [["P1"]])
    (folder / ".隐藏").write_text("")
    read_both([folder])
    assert {name: len(rows) for name, rows in opened([folder])[1].items() if rows} == {"对象·企业": 1, "对象·园区": 1}
    (folder / "读我.txt").write_text("")  # nothing in it is passed over in silence
    assert (only(refused([folder])).code, only(refused([folder])).places[0].file) == ("DT177", "读我.txt")


def test_a_defect_in_a_part_names_the_part_and_the_row_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "企业"
    folder.mkdir()
    write_parquet(folder / "a.parquet", {FIRM: [code(0), code(1)], SALES: [1.0, 2.0]})
    write_parquet(folder / "b.parquet", {FIRM: [code(2), code(0)], SALES: [1.0, -2.0]})
    found = {item.code: [place.text for place in item.places] for item in refused([folder])}
    assert found == {"DT126": ["企业/b.parquet 企业!B3"], "DT141": ["企业/b.parquet 企业!A3", "企业/a.parquet 企业!A2"]}


@pytest.mark.parametrize("end", [0, 4, 40, 200])
def test_a_truncated_parquet_is_a_defect(tmp_path: Path, end: int) -> None:
    path = firms(tmp_path, {SALES: [float(number) for number in range(100)]})
    path.write_bytes(path.read_bytes()[:end])
    assert only(refused([path])).code == "DT101"


def test_a_parquet_damaged_inside_is_a_defect(tmp_path: Path) -> None:
    path = firms(tmp_path, {SALES: [float(number) for number in range(5000)]})
    data = bytearray(path.read_bytes())
    data[200:3000] = b"\xff" * 2800
    path.write_bytes(bytes(data))
    assert only(refused([path])).code == "DT101"


def test_other_files_missing_files_and_empty_folders_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    (tmp_path / "企业").mkdir()
    found = refused([tmp_path / "a.xlsx", tmp_path / "没有.parquet", tmp_path / "企业", write_parquet(tmp_path / "别的.parquet", {"a": [1]})])
    assert [(item.code, item.places[0].file) for item in found] == [
        ("DT177", "a.xlsx"), ("DT101", "企业"), ("DT105", "别的.parquet"), ("DT101", "没有.parquet"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n\n",
        b"a,b\r\n1,2\n",
        "园区编号,网店数（家）2025年\n\nP1,3\n,\n   ,\nP2,x\n".encode(),
        "园区编号,网店数（家）2025年\nP1,3,4\nP2\nP3,1\n".encode(),
        '园区编号,网店数（家）2025年\n"P\n1",3\nP2,3\n'.encode(),
        '园区编号,网店数（家）2025年\n"P1,3\n'.encode(),
        "园区编号,网店数（家）2025年\r\nP1,3\nP2,x\n".encode(),
        "\n园区编号,网店数（家）2025年\nP1,x\n".encode(),
        "园区编号\nP1\n\nP2\nP1\n".encode("gb18030"),
        "园区编号,网店数（家）2025年\nP1,3\nP\x001,3\n".encode(),
        "示例,网店数（家）2025年\n".encode(),
        "园区编号;网店数（家）2025年\nP1;3\n".encode(),
        "园区编号,网店数（家）2025年\nP1,3\n合计,3\n".encode(),
        "园区编号,网店数（家）2025年\n示例（导入时忽略）,1\n示例 (导入时忽略),x\nP1,1\n".encode(),
    ],
)
def test_odd_csv_files_are_read_or_refused_alike(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "园区.csv").write_bytes(data)
    read_both([tmp_path / "园区.csv"])


def test_who_points_at_a_row_that_could_not_be_read_and_who_applies_for_a_register_are_read_alike(tmp_path: Path) -> None:
    firms = write_csv(tmp_path / "企业.csv", [FIRM], [[code(1)], ["E1"], [" 9133 "], [""]])
    leases = write_csv(tmp_path / "租约.csv", ["合同编号", "企业"], [["H1", "E1"], ["H2", "E2"], ["H3", "9133"], ["H4", code(1)]])
    asked = write_csv(tmp_path / "申报.csv", ["奖补", "对象"], [["展位费补助", "E1"], ["活动支出", "V1"], ["无此项", "V1"]])
    read_both([firms, leases, asked])
    vouchers = write_csv(tmp_path / "活动支出.csv", ["凭证号"], [["V1"], ["V2"]])
    read_both([vouchers, write_csv(asked, ["奖补", "对象", "申报日期"], [["活动支出", "V1", "2025-06-01"]])])


@pytest.mark.parametrize("keys", [[code(2)], [code(2), code(3)], [code(1)], ["E1"]])
def test_who_points_at_a_row_whose_key_is_not_there_is_read_alike(tmp_path: Path, keys: list[str]) -> None:
    firms = write_csv(tmp_path / "企业.csv", [FIRM, "名称"], [[code(1), "甲"], ["", "乙"]])
    leases = write_csv(tmp_path / "租约.csv", ["合同编号", "企业"], [[f"H{place}", key] for place, key in enumerate(keys)])
    read_both([firms, leases, write_csv(tmp_path / "申报.csv", ["奖补", "对象"], [["展位费补助", key] for key in keys])])
    found = refused([firms, leases])
    assert [item.code for item in found] == ["DT143", *["DT142"] * (len(keys) if len(keys) > 1 else 0)]


# --- more than can be shown --------------------------------------------------------------------------------------------------------------------


def test_the_first_five_cells_of_a_column_are_shown_and_the_rest_counted(tmp_path: Path) -> None:
    found = refused([firms(tmp_path, {SALES: ["有"] * 7 + ["1"] + ["多"] * 3})])
    assert [(item.code, item.places[0].cell) for item in found] == [("DT173", "B1"), *(("DT121", f"B{row}") for row in range(2, 7))]
    assert found[0].sentence()["summary"] == f"“{SALES}”这一列还有 5 处不对"


def test_a_column_that_is_wrong_throughout_is_not_looked_at_to_its_end(tmp_path: Path) -> None:
    found = refused([firms(tmp_path, {"名称": list(range(30_000))})])
    assert [item.code for item in found] == ["DT173", *["DT135"] * 5]
    assert "至少" in found[0].sentence()["summary"] and "at least" in found[0].sentence("en")["summary"]


def test_many_unheard_of_keys_are_counted(tmp_path: Path) -> None:
    ledger = {"年度": [2024] * 9, "奖补": ["展位费补助"] * 9, "对象": [f"K{n}" for n in range(9)], "金额（元）": [1] * 9, "文件": ["本政策"] * 9}
    notices: list[Diagnostic] = []
    _, tables = opened([write_parquet(tmp_path / "历史.parquet", ledger)], notices=notices)
    assert len(tables["台账"]) == 9
    assert sorted(item.code for item in notices) == ["DT151"] * 5 + ["DT152", "DT178"]


# --- all or nothing ----------------------------------------------------------------------------------------------------------------------------


def test_tables_of_an_earlier_reading_are_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    connection = duckdb.connect()
    for values in ([1.0, 2.0], [5.0]):
        open_frames(connection, [firms(tmp_path, {SALES: values})], policy_of(), YEAR)
    names = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert names == {"对象·企业", "台账", "申报"}
    assert connection.execute('SELECT "网络零售额·2025" FROM "对象·企业"').fetchall() == [(500,)]


def test_tables_can_be_made_in_another_database(tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{tmp_path / 'a.duckdb'}' AS 别处")
    frames = open_frames(connection, [firms(tmp_path, {SALES: [1.0]})], policy_of(), YEAR, into="别处.main")
    found = connection.execute("SELECT database_name, table_name FROM duckdb_tables()").fetchall()
    assert {database for database, _ in found} == {"别处"} and {name for _, name in found} == set(frames.tables())


def test_too_little_memory_is_a_defect_and_leaves_nothing(tmp_path: Path) -> None:
    path = firms(tmp_path, {"名称": [f"演示{number}公司" * 20 for number in range(60_000)]})
    connection = duckdb.connect()
    connection.execute("SET memory_limit = '8MB'")
    connection.execute("SET temp_directory = ''")
    with pytest.raises(Defects) as stop:
        open_frames(connection, [path], policy_of(), YEAR)
    assert [item.code for item in stop.value.diagnostics] == ["DT176"]
    connection.execute("SET memory_limit = '1GB'")
    assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == []


def test_what_is_set_on_the_connection_stays_as_it_was(tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    open_frames(connection, [firms(tmp_path, {SALES: [1.0]})], policy_of(), YEAR)
    assert connection.execute("SELECT current_setting('preserve_insertion_order')").fetchone() == (False,)


def test_what_other_policies_paid_is_added_up_a_claim_and_year_and_a_sum_beyond_all_bounds_is_refused(tmp_path: Path) -> None:
    def files(amounts: list[int]) -> list[Path]:
        paid = {"奖补": ["展位费补助"] * 3, "对象": [code(0)] * 3, "年度": [2024, 2025, 2025], "金额（元）": amounts}
        return [firms(tmp_path, {SALES: [1.0]}), write_parquet(tmp_path / f"{OUTSIDE}.parquet", paid)]

    read_both(files([1, 2, 3]))
    frames, tables = opened(files([1, 2, 3]))
    (row,) = tables["申报"]
    assert (row["其他政策已付·2024"], row["其他政策已付·2025"], OUTSIDE in frames.listed) == (100, 500, True)
    assert only(refused(files([1, 10**12, 1]))).code == "DT170"


def test_a_figure_that_is_no_number_is_told_by_its_cell_though_the_statistics_of_the_file_leave_it_out(tmp_path: Path) -> None:
    figures = arrow.array([1.5, float("nan"), 2.5], arrow.float64(), from_pandas=False)
    years = arrow.array([2020.0, 2021.0, float("nan")], arrow.float64(), from_pandas=False)
    parquet.write_table(arrow.table({FIRM: [code(0), code(1), code(2)], SALES: figures, "成立年度": years}), tmp_path / "企业.parquet")
    found = [(item.code, item.places[0].cell) for item in refused([tmp_path / "企业.parquet"])]
    assert found == [("DT121", "B3"), ("DT132", "C4")]
    read_both([tmp_path / "企业.parquet"])


def test_a_key_of_a_type_that_cannot_be_read_is_told_and_nobody_is_the_same_as_another(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "企业.parquet", {FIRM: [code(0).encode(), code(1).encode()], SALES: [1.5, 2.5]})
    assert only(refused([path])).code == "DT175"


def test_nothing_beside_the_guide_of_a_population_is_passed_over(tmp_path: Path) -> None:
    write_parquet(tmp_path / "企业.parquet", {FIRM: [code(0)], SALES: [1.5]})
    write_csv(tmp_path / "企业.csv", [FIRM, SALES], [[code(1), "2.5"]])
    (tmp_path / "说明.md").write_text("合成数据", encoding="utf-8")
    assert len(opened([tmp_path])[1]["对象·企业"]) == 2
    read_both([tmp_path])


def test_a_folder_of_parts_may_have_the_ending_of_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "企业.parquet"
    folder.mkdir()
    for number in range(2):
        write_parquet(folder / f"part-{number}.parquet", {FIRM: [code(number)], SALES: [1.5]})
    for paths in ([folder], [tmp_path]):
        assert len(opened(paths)[1]["对象·企业"]) == 2
        read_both(paths)


@pytest.mark.parametrize("content", [b"", b"hello", b"PAR1"])
def test_who_points_into_a_file_that_cannot_be_read_is_not_told_off_too(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "企业.parquet").write_bytes(content)
    write_csv(tmp_path / "主体.csv", ["主体代码", "名称"], [["甲", "甲"]])
    write_csv(tmp_path / "荣誉.csv", ["认定文号", "荣誉系列", "获得主体"], [["1", "电子商务示范企业", code(0)]])
    write_csv(tmp_path / "历史.csv", ["年度", "奖补", "对象", "金额（元）", "文件"], [["2024", "场地租金补助", code(0), "1", "本政策"]])
    paths = [tmp_path / f"{name}" for name in ("企业.parquet", "主体.csv", "荣誉.csv", "历史.csv")]
    assert {item.code for item in refused(paths)} == {"DT101"}
    with pytest.raises(Defects) as stop:
        read_tables(paths, policy_of(), YEAR)
    assert {item.code for item in stop.value.diagnostics} == {"DT101"}


def test_who_points_into_a_large_file_with_a_broken_row_is_not_told_off_too(tmp_path: Path) -> None:
    (tmp_path / "企业.csv").write_text(f"{FIRM},名称,{SALES}\n{code(0)},甲,1\n{code(1)},乙\n", encoding="utf-8")
    write_csv(tmp_path / "荣誉.csv", ["认定文号", "荣誉系列", "获得主体"], [["1", "电子商务示范企业", code(0)]])
    assert {item.code for item in refused([tmp_path / "企业.csv", tmp_path / "荣誉.csv"])} == {"DT117"}
