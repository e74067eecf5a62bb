"""A profile that cannot be meant is refused, at its place, with what to write instead; every figure of the shipped ones names its source."""

from __future__ import annotations

from pathlib import Path

import pytest

from duixian.population import make
from duixian.population.profile import read_profile
from duixian.values.diagnostic import Defects

from .support import FOUNDING, POLICIES, YEAR, changed, policy_of, profile_of, refused

LOAN = "| 单户贷款额度 | 范围 | 5万元 至 1500万元；步长 1万元；偏小 | 0.5% | | 假定：小额多，大额少 |"

WRONG = {  # what is wrong -> (what stands there, what is put there, the code it is refused with)
    "画像写的是别的政策": ("画像: zibo-2022", "画像: jinyun-2025", "DP101"),
    "没有这种基准对象": ("基准: 企业", "基准: 公司", "DP102"),
    "没有这种对象": ("## 贷款\n", "## 借款\n", "DP102"),
    "表头少一列": ("| 对象 | 事实 | 比例 | 依据 |", "| 对象 | 事实 | 份额 | 依据 |", "DP103"),
    "没有这个事实": ("| 直播佣金 | 成比例 |", "| 直播拥金 | 成比例 |", "DP104"),
    "比例超过一百": ("| 生产企业 | 是的比例 | 40% |", "| 生产企业 | 是的比例 | 140% |", "DP105"),
    "单位不对": (LOAN, LOAN.replace("5万元", "5万美元"), "DP105"),
    "比分还小": (LOAN, LOAN.replace("5万元", "5.005元"), "DP105"),
    "大小颠倒": (LOAN, LOAN.replace("5万元", "2000万元"), "DP105"),
    "缺失率读不懂": (LOAN, LOAN.replace("0.5%", "很少"), "DP105"),
    "没有这个选项": ("国家级 30、省级 60、市级 10", "国家级 30、省极 60、市级 10", "DP105"),
    "关系通到别处": ("| 建设运营主体 | 随机取 | 企业 1 | | | 假定：由企业建设 |\n| 所在区县 | 选项 | 合成一区、合成二区、合成三县 | | | 假定：不用真实区县的名字 |\n| 全国", "| 建设运营主体 | 随机取 | 店铺 1 | | | 假定：由企业建设 |\n| 所在区县 | 选项 | 合成一区、合成二区、合成三县 | | | 假定：不用真实区县的名字 |\n| 全国", "DP105"),
    "标识不能缺": ("| 借款合同编号 | 编号 | 合成借款{} | |", "| 借款合同编号 | 编号 | 合成借款{} | 1% |", "DP105"),
    "没有依据": (LOAN, LOAN.replace("假定：小额多，大额少", ""), "DP106"),
    "假定没有说理由": (LOAN, LOAN.replace("假定：小额多，大额少", "假定"), "DP106"),
    "来源说不清": (LOAN, LOAN.replace("假定：小额多，大额少", "统计局内部数据"), "DP106"),
    "没有这项奖补": ("| 流量补贴 | 30% |", "| 流量补帖 | 30% |", "DP107"),
    "写了两行": (LOAN, f"{LOAN}\n{LOAN}", "DP108"),
    "没有这种分布": (LOAN, LOAN.replace("| 范围 |", "| 正态 |"), "DP109"),
    "分布不合这个事实": (LOAN, LOAN.replace("| 范围 |", "| 日期 |"), "DP109"),
    "标识没有说怎样编": ("| 借款合同编号 | 编号 | 合成借款{} | | | 假定：编号只求不重复 |\n", "", "DP110"),
    "两行互相依赖": ("| 网络零售额 | 对数正态＋帕累托尾 | 中位 40万元；散度 1.7；尾部 2%；指数 1.2；最大 50亿元 |", "| 网络零售额 | 成比例 | 实物商品网络零售额 × 50% 至 60% |", "DP112"),
    "对象互相依赖": ("| 乡镇 | 企业 | 0.02% |", "| 乡镇 | 行政村 | 0.02% |", "DP112"),
    "政策没有这个边界": ("| 企业 | 网络零售额 | 0.2% |", "| 企业 | 直播佣金 | 0.2% |", "DP113"),
    "用到没有写的事实": ("| 生产企业 | 是的比例 | 40% |", "| 生产企业 | 是的比例 | 40%；只在 商务系统评定 |", "DP105"),
    "条件里的事实没有写": ("| 成长良好 | 是的比例 | 85% |", "| 成长良好 | 是的比例 | 85%；只在 限上 |", "DP114"),
    "条件里的事实不是这个对象的": ("| 流量补贴 | 30% |", "| 论坛大赛补助 | 30% |", "DP105"),
    "政策没有写付多少": ("| 流量补贴 | 30% | 前3年每年 | 本政策 | 按政策 | 实物商品网络零售额 达到 3000万元 |", "| 论坛大赛补助 | 30% | 前3年每年 | 本政策 | 按政策 | |", "DP115"),
}  # fmt: skip


@pytest.mark.parametrize("why", WRONG)
def test_a_wrong_profile_is_refused_at_its_place_and_leaves_nothing_behind(why: str, tmp_path: Path) -> None:
    old, new, code = WRONG[why]
    found = [item for item in refused(tmp_path, old, new) if item.is_error]
    assert code in {item.code for item in found}
    for item in found:
        assert item.places[0].line > 0 or item.code == "DP101"
        for language in ("zh", "en"):
            assert "{" not in item.render(language).replace("{}", "")


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = LOAN.replace("范围", "正态") + "\n" + LOAN.replace("单户贷款额度", "贷款额")
    assert {"DP109", "DP104"} <= {item.code for item in refused(tmp_path, LOAN, text)}


def test_a_fact_of_several_years_must_say_how_it_goes_from_year_to_year(tmp_path: Path) -> None:
    row = "| 企业 | 限上 | 97% | | | 假定：在库的多数一直在库 |\n"
    found = refused(tmp_path, row, "", "jinyun-2025")
    assert [(item.code, item.details["found"]) for item in found] == [("DP111", "限上")]


def test_a_relation_that_can_lead_nowhere_is_refused_before_a_row_is_made(tmp_path: Path) -> None:
    found = refused(tmp_path, "| 主体 | 企业 | 0.01% | | 1 | 10 |", "| 主体 | 企业 | 0% | | 1 | |")
    assert [item.code for item in found] == ["DP105"]


def test_a_fact_the_profile_leaves_out_is_told_and_unknown(tmp_path: Path) -> None:
    path = changed(tmp_path, "| 成长良好 | 是的比例 | 85% | 5% | | 假定：评定还没有做完的占百分之五 |\n", "")
    made = make(policy_of("zibo-2022"), path, 50, 1, YEAR, tmp_path / "out")
    assert [(item.code, item.details["found"]) for item in made.notices] == [("DP121", "成长良好 2025年")]


def test_an_object_type_the_profile_leaves_out_has_no_table(tmp_path: Path) -> None:
    text = profile_of("zibo-2022").read_text(encoding="utf-8")
    kept = [line for line in text.split("\n") if not line.startswith("| 贷款 |")]
    start = kept.index("## 贷款")
    stop = kept.index("## 逐年变化")
    (tmp_path / "population.md").write_text("\n".join(kept[:start] + kept[stop:]), encoding="utf-8")
    made = make(policy_of("zibo-2022"), tmp_path / "population.md", 50, 1, YEAR, tmp_path / "out")
    assert [(item.code, item.details["found"]) for item in made.notices] == [("DP122", "贷款")]
    assert not (tmp_path / "out" / "贷款.parquet").exists()


@pytest.mark.parametrize("name", FOUNDING)
def test_the_shipped_profiles_say_of_every_row_where_it_is_from(name: str) -> None:
    profile = read_profile(profile_of(name), policy_of(name))
    rows = [
        line
        for line in profile_of(name).read_text(encoding="utf-8").split("\n")
        if line.startswith("|") and "---" not in line and "依据 |" not in line
    ]
    assert len(rows) > 80 and profile.base == "企业"
    for line in rows:
        source = line.rstrip("| ").split("|")[-1].strip()
        assert source.startswith("假定：") or "http" in source, line


@pytest.mark.parametrize("name", FOUNDING)
def test_the_shipped_profiles_leave_out_nothing_the_policy_needs(name: str, tmp_path: Path) -> None:
    assert make(policy_of(name), profile_of(name), 20, 1, YEAR, tmp_path / "out").notices == []


@pytest.mark.parametrize(("size", "seed", "year"), [(0, 1, YEAR), (1, -1, YEAR), (1, 1, 1800), (10**9, 1, YEAR)])
def test_arguments_out_of_range_are_refused(size: int, seed: int, year: int, tmp_path: Path) -> None:
    with pytest.raises(Defects) as stop:
        make(policy_of("zibo-2022"), profile_of("zibo-2022"), size, seed, year, tmp_path / "out")
    assert [item.code for item in stop.value.diagnostics] == ["DP117"]


def test_a_policy_without_a_profile_is_told_how_to_begin_one_and_that_beginning_goes_through(tmp_path: Path) -> None:
    policy = policy_of("sample-clauses")
    with pytest.raises(Defects) as stop:
        make(policy, tmp_path / "population.md", 10, 1, YEAR, tmp_path / "out")
    (told,) = stop.value.diagnostics
    assert told.code == "DP118" and "“画像: sample-clauses”“基准: 企业”" in told.sentence("zh")["remedy"]
    beginning = (POLICIES.parent / "docs" / "errors.md").read_text(encoding="utf-8").split("### DP118")[1].split("```markdown\n")[1].split("```")[0]
    (tmp_path / "population.md").write_text(beginning, encoding="utf-8")
    assert {item.code for item in make(policy, tmp_path / "population.md", 10, 1, YEAR, tmp_path / "out").notices} == {"DP121", "DP122"}
