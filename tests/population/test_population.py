"""What a population is: labelled, readable, consistent between tables and years, planted on the policy's own numbers, the same every time."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from stdnum.cn import uscc

from duixian.policy.vocabulary import CLAIM
from duixian.population import make
from duixian.population.outline import numbers_of
from duixian.programme import Programme
from duixian.tables.layout import layout_of
from duixian.tables.usage import usage_of
from duixian.values.diagnostic import Defects

from .support import FOUNDING, POLICIES, YEAR, changed, columns, made, policy_of, profile_of

pytestmark = pytest.mark.xdist_group("population")  # one worker: the populations are made once


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# --- what is written -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FOUNDING)
def test_every_object_type_the_policy_uses_has_a_table_and_a_history(name: str) -> None:
    kinds = [kind for kind in usage_of(policy_of(name)).facts if kind != CLAIM]
    assert list(made(name).tables) == [*kinds, "历史", "其他政策已付"]
    assert sorted(path.name for path in made(name).folder.iterdir()) == sorted([f"{table}.parquet" for table in made(name).tables] + ["说明.md"])


@pytest.mark.parametrize("name", FOUNDING)
def test_every_file_says_it_is_synthetic(name: str) -> None:
    for path in made(name).files:
        said = parquet.read_metadata(path).metadata
        assert said["合成数据".encode()].decode().startswith("合成数据，非真实")
        assert said["种子".encode()] == b"1"
    assert (made(name).folder / "说明.md").read_text(encoding="utf-8").startswith("# 合成数据，非真实\n")
    assert all(text.endswith("（非真实）") for text in columns(made(name), "企业")["名称"])


@pytest.mark.parametrize("name", FOUNDING)
def test_headers_are_those_of_the_template_for_the_award_year_and_two_before(name: str) -> None:
    for sheet in layout_of(policy_of(name), YEAR):
        if sheet.name not in made(name).tables:
            continue
        known = {column.header for column in sheet.columns if column.period is None or column.period >= YEAR - 2}
        for header in columns(made(name), sheet.name):
            assert header.removesuffix("为无") in known


def test_cells_are_typed() -> None:
    types = {field.name: str(field.type) for field in parquet.read_schema(made("jinyun-2025").folder / "企业.parquet")}
    assert types["网络零售额（元）2025年"] == "decimal128(18, 2)"
    assert types["限上 2025年"] == "bool"
    assert types["首次纳入限上年度"] == "int32" and types["首次纳入限上年度为无"] == "bool"
    assert types["所在园区 2025年"] == "string"
    assert str(parquet.read_schema(made("jinyun-2025").folder / "平台入驻.parquet").field("入驻日期").type) == "date32[day]"
    assert str(parquet.read_schema(made("jinyun-2025").folder / "园区.parquet").field("网店数（家）2025年").type) == "decimal128(18, 0)"


@pytest.mark.parametrize("name", FOUNDING)
def test_none_is_marked_beside_an_empty_cell_and_never_beside_a_value(name: str) -> None:
    marks = 0
    for table in made(name).tables:
        cells = columns(made(name), table)
        for header in [header for header in cells if header.endswith("为无")]:
            for value, none in zip(cells[header.removesuffix("为无")], cells[header], strict=True):
                assert none in (True, False) and not (none and value is not None)
                marks += none
    assert marks > 0


@pytest.mark.parametrize("name", FOUNDING)
def test_the_ordinary_reader_takes_it_and_the_interpreter_settles_it(name: str) -> None:
    result = Programme.load(POLICIES / name).settle(YEAR, made(name, 400).files)
    assert sum(line.payable_fen > 0 or line.estimate_fen > 0 for line in result.lines) > 10
    assert {"不符合", "待补充", "已享受"} <= {line.outcome.value for line in result.lines}


# --- keys and relations ----------------------------------------------------------------------------------------------------------------


def test_credit_codes_pass_the_check_and_are_unique() -> None:
    codes = columns(made("zibo-2022"), "企业")["统一社会信用代码"]
    assert len(set(codes)) == len(codes) == 3000
    for code in codes[:500]:
        assert uscc.validate(code) == code


@pytest.mark.parametrize("name", FOUNDING)
def test_keys_are_unique_and_every_relation_leads_to_a_row(name: str) -> None:
    policy = policy_of(name)
    keys: dict[str, set[str]] = {}
    for sheet in layout_of(policy, YEAR):
        if sheet.identity and sheet.name in made(name).tables:
            cells = columns(made(name), sheet.name)
            found = [" + ".join(parts) for parts in zip(*(cells[part] for part in sheet.identity), strict=True)]
            assert len(set(found)) == len(found)
            keys[sheet.name] = set(found)
    followed = 0
    for sheet in layout_of(policy, YEAR):
        for column in sheet.columns:
            if column.kind == "object" and sheet.name in made(name).tables:
                known = set().union(*(keys[kind] for kind in keys if policy.vocabulary.is_kind(kind, column.target)))
                stated = {cell for cell in columns(made(name), sheet.name).get(column.header, []) if cell not in (None, "无")}
                assert stated <= known, (sheet.name, column.header)
                followed += len(stated)
    assert followed > 100


def test_a_parent_may_have_several_children_and_most_have_none() -> None:
    shops = Counter(columns(made("zibo-2022"), "店铺")["企业"])
    assert 0.28 < len(shops) / 3000 < 0.32
    assert max(shops.values()) >= 4 and Counter(shops.values())[1] > Counter(shops.values())[2] > 0


# --- figures ---------------------------------------------------------------------------------------------------------------------------


def test_most_enterprises_are_below_every_threshold_and_some_are_far_above() -> None:
    sales = [cell for cell in columns(made("jinyun-2025"), "企业")["网络零售额（元）2025年"] if cell is not None]
    large = sum(cell >= 20_000_000 for cell in sales)
    assert 0.9 < sum(cell < 5_000_000 for cell in sales) / len(sales) < 0.96
    assert 0.005 < large / len(sales) < 0.03
    assert max(sales) > 100 * sorted(sales)[len(sales) // 2]


def test_money_is_in_whole_fen() -> None:
    sales = [cell for cell in columns(made("jinyun-2025"), "企业")["网络零售额（元）2025年"] if cell is not None]
    assert all(isinstance(cell, Decimal) and cell.as_tuple().exponent == -2 for cell in sales)
    assert sum(cell != cell.to_integral_value() for cell in sales) > len(sales) // 2


def test_a_share_stands_on_one_step_below_and_one_step_above_the_numbers_of_the_policy(tmp_path: Path) -> None:
    path = changed(tmp_path, "| 企业 | 实物商品网络零售额 | 0.2% |", "| 企业 | 实物商品网络零售额 | 30% |")
    found = Counter(columns(make(policy_of("zibo-2022"), path, 3000, 1, YEAR, tmp_path / "out"), "企业")["实物商品网络零售额（元）2025年"])
    assert numbers_of(policy_of("zibo-2022"), "企业", "实物商品网络零售额") == (3_000_000_000,)
    bound, step = Decimal("30000000.00"), Decimal("0.01")
    for near in (bound - step, bound, bound + step):
        assert 200 < found[near] < 400
    assert found[bound - 2 * step] == found[bound + 2 * step] == 0


def test_growth_is_planted_on_the_rates_of_the_policy_too(tmp_path: Path) -> None:
    path = changed(tmp_path, "| 企业 | 增长率(网络零售额) | 0.3% |", "| 企业 | 增长率(网络零售额) | 50% |", "jinyun-2025")
    cells = columns(make(policy_of("jinyun-2025"), path, 2000, 1, YEAR, tmp_path / "out"), "企业")
    pairs = [pair for pair in zip(cells["网络零售额（元）2025年"], cells["网络零售额（元）2024年"], strict=True) if None not in pair]
    off = Counter(int((now - before * Decimal("1.1")) * 100) for now, before in pairs if abs(now - before * Decimal("1.1")) <= Decimal("0.02"))
    assert set(off) == {-1, 0, 1} and all(count > 50 for count in off.values())


def test_three_years_hang_together() -> None:
    cells = columns(made("jinyun-2025"), "企业")
    now, before = cells["网络零售额（元）2025年"], cells["网络零售额（元）2024年"]
    pairs = [(one, other) for one, other in zip(now, before, strict=True) if one and other]
    assert sum(other / 3 < one < other * 3 for one, other in pairs) / len(pairs) > 0.7 and len({one / other for one, other in pairs}) > 1000
    parks = list(zip(cells["所在园区 2025年"], cells["所在园区 2024年"], strict=True))
    both = [(one, other) for one, other in parks if one not in (None, "无") and other not in (None, "无")]
    assert both and sum(one == other for one, other in both) > len(both) * 0.8


def test_nothing_is_known_of_the_years_before_an_enterprise_began() -> None:
    cells = columns(made("jinyun-2025"), "企业")
    began = [(start, old) for start, old in zip(cells["成立年度"], cells["网络零售额（元）2023年"], strict=True) if start is not None]
    assert sum(start > 2023 for start, _ in began) > 50
    assert all(old is None for start, old in began if start > 2023)
    assert sum(old is not None for start, old in began if start == 2023) > 50


def test_the_first_year_above_size_agrees_with_the_years_themselves() -> None:
    cells = columns(made("jinyun-2025"), "企业")
    agreed = 0
    for first, none, *yearly in zip(
        *(cells[head] for head in ("首次纳入限上年度", "首次纳入限上年度为无", "限上 2023年", "限上 2024年", "限上 2025年")), strict=True
    ):
        if first is not None:
            for year, above in zip((2023, 2024, 2025), yearly, strict=True):
                assert above is not True or year >= first
            agreed += first >= 2023
        elif none:
            assert True not in yearly
    assert agreed > 20


def test_some_of_everything_is_unknown_about_as_often_as_the_profile_says() -> None:
    cells = columns(made("zibo-2022"), "企业")
    assert 0.035 < sum(cell is None for cell in cells["成长良好 2025年"]) / 3000 < 0.065
    assert sum(cell is None for cell in cells["统一社会信用代码"]) == 0


# --- payments of earlier years -----------------------------------------------------------------------------------------------------------


def test_history_pays_standards_of_the_policy_to_objects_on_file() -> None:
    cells = columns(made("zibo-2022", 20000), "历史")
    rows = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    firms = set(columns(made("zibo-2022", 20000), "企业")["统一社会信用代码"])
    own = [row for row in rows if row["奖补"] == "自播奖励"]
    assert own and all(row["对象"] in firms and row["受益人"] == row["对象"] and row["年度"] in (2022, 2023, 2024) for row in own)
    assert {row["金额（元）"] for row in own} <= {Decimal(100_000), Decimal(200_000), Decimal(300_000)}
    assert all(row["档"].startswith("达到 ") and row["档位标准（元）"] == row["金额（元）"] for row in own)
    assert all(row["文件"] == "本政策" for row in rows)


def test_once_only_payments_are_made_once() -> None:
    cells = columns(made("zibo-2022", 20000), "历史")
    times = Counter(zip(cells["奖补"], cells["对象"], strict=True))
    assert {award for (award, _), count in times.items() if count > 1} == {"流量补贴"}


def test_payments_of_objects_no_longer_on_file_state_their_scope_keys() -> None:
    cells = columns(made("zibo-2022", 20000), "历史")
    old = [
        (holder, series)
        for award, holder, series in zip(cells["奖补"], cells["获得主体"], cells["荣誉系列"], strict=True)
        if award == "国家级示范奖励"
    ]
    assert old and all(holder and series for holder, series in old)


def test_a_payee_two_steps_away_is_found() -> None:
    cells = columns(made("jinyun-2025", 20000), "历史")
    firms = columns(made("jinyun-2025", 20000), "企业")
    parks = dict(zip(*(columns(made("jinyun-2025", 20000), "园区")[head] for head in ("园区编号", "运营主体 2025年")), strict=True))
    at = dict(zip(firms["统一社会信用代码"], firms["所在园区 2025年"], strict=True))
    found = [(key, payee) for award, key, payee in zip(cells["奖补"], cells["对象"], cells["受益人"], strict=True) if award == "引进企业奖励"]
    assert sum(payee is not None for _, payee in found) > 3
    for key, payee in found:
        assert payee == (parks[at[key]] if at[key] not in (None, "无") else None)


def test_applications_are_made_where_the_profile_asks_for_them(tmp_path: Path) -> None:
    text = profile_of("zibo-2022").read_text(encoding="utf-8")
    claims = "\n## 申报\n\n| 奖补 | 比例 | 申报日期 | 弄虚作假比例 | 依据 |\n|---|---|---|---|---|\n| 流量补贴 | 40% | 次年3月 至 次年3月 | 10% | 假定：四成会来申报 |\n"
    (tmp_path / "population.md").write_text(text + claims, encoding="utf-8")
    population = make(policy_of("zibo-2022"), tmp_path / "population.md", 1000, 1, YEAR, tmp_path / "out")
    cells = columns(population, "申报")
    assert 350 < len(cells["对象"]) < 450 and set(cells["奖补"]) == {"流量补贴"}
    assert min(cells["申报日期"]) >= date(2026, 3, 1) and max(cells["申报日期"]) <= date(2026, 3, 31)
    assert 10 < sum(cells["本笔弄虚作假"]) < 80


# --- the same every time -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FOUNDING)
def test_the_same_arguments_give_the_same_bytes_and_another_seed_others(name: str, tmp_path: Path) -> None:
    for folder, seed in (("first", 7), ("again", 7), ("other", 8)):
        make(policy_of(name), profile_of(name), 150, seed, YEAR, tmp_path / folder)
    assert bytes_of(tmp_path / "first") == bytes_of(tmp_path / "again")
    assert bytes_of(tmp_path / "first")["企业.parquet"] != bytes_of(tmp_path / "other")["企业.parquet"]


@pytest.mark.parametrize("name", FOUNDING)
def test_rows_do_not_depend_on_the_pieces_they_are_made_in(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for piece in ("writing", "ledger"):
        monkeypatch.setattr(f"duixian.population.{piece}.BATCH", 64)
    pieces = make(policy_of(name), profile_of(name), 400, 1, YEAR, tmp_path / "pieces")
    assert parquet.read_metadata(pieces.folder / "企业.parquet").num_row_groups == 7
    for table in pieces.tables:
        kept = [sorted(zip(*columns(population, table).values(), strict=True), key=str) for population in (pieces, made(name, 400))]
        assert kept[0] == kept[1], table


def test_counts_of_the_summary_are_those_of_the_files() -> None:
    population = made("jinyun-2025")
    for table, tally in population.tables.items():
        assert tally.rows == parquet.read_metadata(population.folder / f"{table}.parquet").num_rows
    cells = columns(population, "企业")["网络零售额（元）2025年"]
    reached = {cell: count for (header, cell), count in population.tables["企业"].reached.items() if header == "网络零售额（元）2025年"}
    assert list(reached) == [500_000_000, 2_000_000_000, 5_000_000_000, 10_000_000_000]
    for cell, count in reached.items():
        assert count == sum(value is not None and value * 100 >= cell for value in cells)


def test_the_summary_speaks_both_languages() -> None:
    chinese, english = (made("jinyun-2025").summary_lines(language) for language in ("zh", "en"))
    assert len(chinese) == len(english) and chinese[0] == "合成数据，非真实：jinyun-2025 2025，种子 1，规模 3,000 企业"
    assert english[0] == "synthetic data, not real: jinyun-2025 2025, seed 1, size 3,000 企业"
    assert any("达到 2000万元：" in line for line in chinese) and any("at least 20,000,000 元: " in line for line in english)


# --- nothing half-done ---------------------------------------------------------------------------------------------------------------------


def test_an_interrupted_run_leaves_nothing(tmp_path: Path) -> None:
    def stop(table: str, done: int, total: int) -> None:
        if table == "店铺":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(policy_of("zibo-2022"), profile_of("zibo-2022"), 100, 1, YEAR, tmp_path / "out", stop)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_not_touched_and_an_empty_one_is_taken(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "empty").mkdir()
    for folder in ("full", "full/mine.txt"):
        with pytest.raises(Defects) as stop:
            make(policy_of("zibo-2022"), profile_of("zibo-2022"), 20, 1, YEAR, tmp_path / folder)
        assert [item.code for item in stop.value.diagnostics] == ["DP116"]
    assert make(policy_of("zibo-2022"), profile_of("zibo-2022"), 20, 1, YEAR, tmp_path / "empty").files[0].exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "full"] and (tmp_path / "full" / "mine.txt").read_text() == "mine"


def test_progress_is_told_up_to_the_last_row(tmp_path: Path) -> None:
    told: dict[str, list[int]] = defaultdict(list)
    make(policy_of("zibo-2022"), profile_of("zibo-2022"), 100, 1, YEAR, tmp_path / "out", lambda table, done, total: told[table].append(total - done))
    assert told["贷款"] == [0] and "企业" in told


def test_one_enterprise_is_a_population_too(tmp_path: Path) -> None:
    assert columns(make(policy_of("zibo-2022"), profile_of("zibo-2022"), 1, 1, YEAR, tmp_path / "out"), "企业")["名称"] == [
        "淄博合成企业00000001号（非真实）"
    ]
