"""Facts → columns: every value of every fact comes back out of its column, exactly; what does not fit is refused with its place."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest

from demonstration.jinyun import make_jinyun
from demonstration.zibo import make_zibo
from duixian.policy.document import split
from duixian.policy.vocabulary import Vocabulary, parse_vocabulary
from duixian.tables.frames import bounds_text, frames_of, scale_of, stored_bounds
from duixian.values.diagnostic import Defects, Diagnostic
from duixian.values.facts import NONE, Facts, Paid
from duixian.values.frames import KEY, Column, Frames

from .support import code, policy_of

POLICIES = {"jinyun-2025": (make_jinyun, 2025), "zibo-2022": (make_zibo, 2024)}


def firm(**values: Any) -> Facts:
    """One enterprise; a yearly fact is of 2025."""
    facts = Facts()
    thing = facts.add("企业", code(1))
    for name, value in values.items():
        fact = policy_of().vocabulary.fact("企业", name)
        thing.values[(name, 2025 if fact is not None and fact.yearly else None)] = value
    return facts


def column(facts: Facts, name: str, period: Any = 2025) -> tuple[Column, list[Any]]:
    frames, tables = frames_of(facts, [], policy_of())
    found = frames.objects["企业"].columns[(name, period)]
    return found, tables["对象·企业"].column(found.name).to_pylist()


def refused(facts: Facts, ledger: list[Paid] | None = None) -> list[Diagnostic]:
    with pytest.raises(Defects) as stop:
        frames_of(facts, ledger or [], policy_of())
    for item in stop.value.diagnostics:
        assert all("{" not in text for language in ("zh", "en") for text in item.sentence(language).values())  # type: ignore[arg-type]
    return stop.value.diagnostics


def read_back(frames: Frames, tables: dict[str, Any], kind: str) -> dict[str, dict[Any, Any]]:
    """The facts of one object type as the columns say them."""
    frame = frames.objects[kind]
    rows = tables[frame.name].to_pylist()
    return {row[KEY]: {key: value for key, held in frame.columns.items() if (value := one(row, held)) is not None} for row in rows}


def one(row: dict[str, Any], held: Column) -> Any:
    if held.has_none and row[held.none_name]:
        assert row[held.name] is None
        return NONE
    value = row[held.name]
    return Fraction(value, held.scale) if held.kind == "number" and value is not None else value


@pytest.mark.parametrize("name", POLICIES)
def test_every_fact_of_the_demonstration_comes_back_out_of_its_column(name: str) -> None:
    make, year = POLICIES[name]
    made = make(policy_of(name), year)
    frames, tables = frames_of(made.facts, made.ledger, policy_of(name))
    assert set(tables) == set(frames.tables())
    assert set(frames.objects) == {kind for kind, things in made.facts.things.items() if things} | (made.facts.listed - {"其他政策已付"})
    for kind, things in made.facts.things.items():
        if things:
            assert read_back(frames, tables, kind) == {key: thing.values for key, thing in things.items()}
            assert tables[frames.objects[kind].name].column(KEY).to_pylist() == sorted(things)
    claims = {(row["奖补"], row[KEY]): {key: value for key, held in frames.claims.columns.items() if (value := one(row, held)) is not None}
              for row in tables["申报"].to_pylist()}  # fmt: skip
    assert claims == made.facts.claims
    back = [
        Paid(row["奖补"], row["年度"], row[KEY], row["金额"], row["文件"], row["受益人"], row["档"], row["档位标准"],
             tuple((key, row[f"键·{key}"]) for key in dict(entry.keys)))
        for row, entry in zip(tables["台账"].to_pylist(), made.ledger, strict=True)
    ]  # fmt: skip
    assert back == made.ledger
    assert [row["序"] for row in tables["台账"].to_pylist()] == list(range(len(made.ledger)))


def test_unknown_is_null_and_verified_none_is_marked_beside_it() -> None:
    facts = firm(网络零售额=500)
    facts.add("企业", code(2)).values[("网络零售额", 2025)] = NONE
    facts.add("企业", code(3))
    frames, tables = frames_of(facts, [], policy_of())
    held = frames.objects["企业"].columns[("网络零售额", 2025)]
    rows = {row[KEY]: (row["网络零售额·2025"], row["网络零售额·2025·无"]) for row in tables["对象·企业"].to_pylist()}
    assert rows == {code(1): (500, False), code(2): (None, True), code(3): (None, False)}
    assert (held.has_unknown, held.has_none) == (True, True)


def test_a_column_without_any_verified_none_has_no_mark() -> None:
    held, values = column(firm(网络零售额=500), "网络零售额")
    assert (held.has_unknown, held.has_none, values) == (False, False, [500])
    assert "网络零售额·2025·无" not in frames_of(firm(网络零售额=500), [], policy_of())[1]["对象·企业"].column_names


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([1, 2, 3], 1),
        ([], 1),
        ([Fraction(4, 5), 1], 10),
        ([Fraction(1, 8)], 1000),
        ([Fraction(1, 4), Fraction(1, 5)], 100),
        ([Fraction(1, 3)], 3),
        ([Fraction(1, 3), Fraction(1, 2)], 6),
    ],
)
def test_the_scale_is_the_least_power_of_ten_that_makes_a_column_whole_else_the_common_denominator(values: list[Any], scale: int) -> None:
    assert scale_of(values) == scale


def test_a_ratio_is_held_as_a_whole_number_over_its_scale() -> None:
    facts = Facts()
    facts.add("物流信息平台", "D1").values[("县域单量占比", 2025)] = Fraction(4, 5)
    frames, tables = frames_of(facts, [], policy_of())
    held = frames.objects["物流信息平台"].columns[("县域单量占比", 2025)]
    assert (held.scale, held.low, held.high) == (10, -(10**7), 10**7)
    assert tables["对象·物流信息平台"].column("县域单量占比·2025").to_pylist() == [8]


def test_bounds_beside_a_scale_are_the_whole_numbers_within_them() -> None:
    assert stored_bounds(Fraction(1, 3), Fraction(2, 3), 10) == (4, 6)
    assert stored_bounds(Fraction(-1, 3), 0, 10) == (-3, 0)


def test_the_bounds_themselves_are_inside_and_one_beyond_is_refused() -> None:
    assert column(firm(网络零售额=10**14), "网络零售额")[1] == [10**14]
    assert column(firm(网络零售额=0), "网络零售额")[1] == [0]
    for value in (10**14 + 1, -1):
        (defect,) = refused(firm(网络零售额=value))
        assert (defect.code, defect.places[0].text) == ("DT170", f"企业 {code(1)}")
        assert defect.sentence()["summary"] == "“网络零售额·2025”超出范围"
        assert defect.sentence()["expected"] == bounds_text(0, 10**14, "元")["expected"] == "0元至1000000000000元"
        assert defect.sentence("en")["expected"] == "0元 to 1000000000000元"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("网络零售额", True),
        ("网络零售额", "500"),
        ("网络零售额", 1.5),
        ("实体入驻", 1),
        ("入库日期", datetime(2025, 3, 1, 5)),
        ("成立年度", Fraction(4041, 2)),
        ("成立年度", Fraction(2020)),
        ("成立年度", "2020"),
        ("名称", 5),
        ("所在园区", True),
    ],
)
def test_a_value_of_another_kind_than_declared_is_refused_never_changed(name: str, value: Any) -> None:
    (defect,) = refused(firm(**{name: value}))
    assert defect.code == "DT171" and type(value).__name__ in defect.sentence()["found"]


def test_a_year_outside_what_a_year_can_be_is_refused() -> None:
    assert column(firm(成立年度=1900), "成立年度", None)[1] == [1900]
    assert [item.code for item in refused(firm(成立年度=1899))] == ["DT170"]
    assert [item.code for item in refused(firm(成立年度=2200))] == ["DT170"]


def test_a_value_too_fine_for_64_bits_is_refused() -> None:
    assert [item.code for item in refused(firm(网络零售额=Fraction(10**14, 2**40)))] == ["DT172"]


def test_only_the_first_few_defects_of_a_column_are_shown_and_the_rest_is_counted() -> None:
    facts = Facts()
    for number in range(7):
        facts.add("企业", code(number)).values[("网络零售额", 2025)] = -1
    found = refused(facts)
    assert sorted(item.code for item in found) == ["DT170"] * 5 + ["DT173"]
    assert next(item for item in found if item.code == "DT173").sentence()["summary"] == "“网络零售额·2025”这一列还有 2 处不对"


def test_a_window_is_a_period_of_its_own() -> None:
    window = (date(2025, 1, 1), date(2025, 9, 30))
    facts = firm()
    facts.things["企业"][code(1)].values[("网络零售额", window)] = 7
    assert column(facts, "网络零售额", window)[1] == [7]
    assert column(facts, "网络零售额", window)[0].name == "网络零售额·2025-01-01至2025-09-30"


def test_a_listed_type_without_objects_has_an_empty_table_and_a_type_nobody_mentions_has_none() -> None:
    frames, tables = frames_of(Facts(listed={"园区", "其他政策已付"}), [], policy_of())
    assert tables["对象·园区"].num_rows == 0 and tables["对象·园区"].column_names == [KEY]
    assert list(frames.objects) == ["园区"] and frames.listed == {"园区", "其他政策已付"}


def test_claims_lists_and_what_is_not_listed_have_their_tables() -> None:
    facts = firm()
    facts.claims = {("展位费补助", code(1)): {("申报日期", None): date(2025, 3, 1), ("申报单位选择", None): True, ("其他政策已付", 2025): 5},
                    ("展位费补助", code(2)): {("申报日期", None): NONE}, ("展位费补助", code(3)): {}}  # fmt: skip
    facts.applied = {("展位费补助", code(2)), ("展位费补助", code(1))}
    facts.unlisted = {("企业", code(1), "租约")}
    frames, tables = frames_of(facts, [], policy_of())
    assert tables["申报"].to_pylist() == [
        {"奖补": "展位费补助", KEY: code(1), "申报日期": date(2025, 3, 1), "申报日期·无": False, "其他政策已付·2025": 5, "申报单位选择": True},
        {"奖补": "展位费补助", KEY: code(2), "申报日期": None, "申报日期·无": True, "其他政策已付·2025": None, "申报单位选择": None},
    ]
    assert frames.claims.columns[("申报单位选择", None)].kind == "truth"
    assert tables["已申报"].column(KEY).to_pylist() == sorted([code(1), code(2)])
    assert tables["清单不全"].to_pylist() == [{"父类": "企业", "父标识": code(1), "子类": "租约"}]
    assert frames.applied and frames.unlisted


def test_nobody_applied_is_not_the_same_as_no_list_of_applications() -> None:
    facts = firm()
    assert "已申报" not in frames_of(facts, [], policy_of())[1]
    facts.applied = set()
    assert frames_of(facts, [], policy_of())[1]["已申报"].num_rows == 0


def test_an_empty_ledger_still_has_its_columns() -> None:
    table = frames_of(Facts(), [], policy_of())[1]["台账"]
    assert table.column_names == ["序", "奖补", "年度", KEY, "金额", "文件", "受益人", "档", "档位标准"]
    assert table.num_rows == 0


def test_a_ledger_amount_that_is_no_whole_number_of_fen_is_refused() -> None:
    (defect,) = refused(Facts(), [Paid("展位费补助", 2024, code(1), 1.5)])  # type: ignore[arg-type]
    assert defect.code == "DT171" and "第 1 笔" in defect.places[0].text


def test_a_fact_the_vocabulary_does_not_have_is_typed_by_its_values_and_mixed_values_are_refused() -> None:
    facts = firm()
    facts.things["企业"][code(1)].values[("没有的事实", None)] = 5
    assert column(facts, "没有的事实", None)[0].kind == "number"
    facts.add("企业", code(2)).values[("没有的事实", None)] = "五"
    assert [item.code for item in refused(facts)] == ["DT171"]


def test_a_fact_that_would_share_a_name_with_the_key_is_refused() -> None:
    facts = firm()
    facts.things["企业"][code(1)].values[(KEY, None)] = "x"
    assert [item.sentence()["found"] for item in refused(facts)] == ["与表的另一列同名"]


# --- 范围 in the vocabulary ----------------------------------------------------------------------------------------------------------------


def vocabulary(row: str) -> tuple[Vocabulary, list[Diagnostic]]:
    text = f"# 词汇\n\n## 企业（标识：代码）\n\n| 事实 | 类型 | 单位 | 期间 | 来源 | 范围 | 说明 |\n|---|---|---|---|---|---|---|\n{row}\n"
    defects: list[Diagnostic] = []
    return parse_vocabulary(split(text, "vocabulary.md", defects, strict=False), defects), defects


@pytest.mark.parametrize(
    ("kind", "unit", "bounds", "held"),
    [
        ("金额", "元", "", (0, 10**14)),
        ("金额", "元", "0元至1万亿元", (0, 10**14)),
        ("金额", "元", "-5000万元至5000万元", (-5_000_000_000, 5_000_000_000)),
        ("金额", "元", "−1元至0.5元", (-100, 50)),
        ("数量", "家", "", (0, 10**12)),
        ("数量", "家", "0家至100万家", (0, 10**6)),
        ("数量", "", "0至100", (0, 100)),
        ("比率", "%", "", (-(10**6), 10**6)),
        ("比率", "%", "0%至100%", (0, 1)),
        ("比率", "%", "0.5%至１倍", (Fraction(1, 200), 1)),
        ("数量", "元/平方米", "0元/平方米至1万元/平方米", (0, 10**6)),
        ("年份", "", "", (1900, 2199)),
        ("年份", "", "1990年至2030年", (1990, 2030)),
        ("年份", "", "1990至2030", (1990, 2030)),
        ("是否", "", "", (None, None)),
    ],
)
def test_bounds_are_read_in_base_units(kind: str, unit: str, bounds: str, held: tuple[Any, Any]) -> None:
    found, defects = vocabulary(f"| 甲 | {kind} | {unit} | | 申报 | {bounds} | |")
    fact = found.objects["企业"].facts["甲"]
    assert ((fact.low, fact.high), defects) == (held, [])


@pytest.mark.parametrize(
    ("kind", "unit", "bounds"),
    [
        ("金额", "元", "0元"),
        ("金额", "元", "5元至1元"),
        ("金额", "元", "0至100"),
        ("金额", "元", "0美元至100美元"),
        ("金额", "元", "少至多"),
        ("金额", "元", "0元至1元至2元"),
        ("比率", "%", "0至100"),
        ("数量", "", "0家至100家"),
        ("年份", "", "1990.5年至2030年"),
        ("是否", "", "0至1"),
        ("日期", "", "0至1"),
    ],
)
def test_bounds_that_cannot_be_read_are_an_error_at_their_cell(kind: str, unit: str, bounds: str) -> None:
    _, (defect,) = vocabulary(f"| 甲 | {kind} | {unit} | | 申报 | {bounds} | |")
    assert (defect.code, defect.places[0].line) == ("DX212", 7)
    assert defect.sentence()["summary"] == "“范围”只能是规定的几种" and bounds in defect.sentence()["found"]
