"""The flat columns as the tables the project reads, one Parquet file a table, headers as its own layout writes them. Same figures, no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from duixian.policy.load import load_policy
from duixian.policy.model import Policy
from duixian.tables.layout import HISTORY, OUTSIDE, column_of, fixed_columns
from duixian.values.terms import REPEALED, THIS_POLICY

from . import JINYUN, YEAR, ZIBO

POLICIES = Path(__file__).resolve().parent.parent.parent / "policies"
_FIRM_KEY = "统一社会信用代码"


def _money(fen: str) -> str:
    return f"CAST(CAST({fen} AS DECIMAL(18,0)) * CAST(0.01 AS DECIMAL(3,2)) AS DECIMAL(18,2))"


def _paid(award: str) -> str:
    return f'"已付·{award}"'


def _fact(policy: Policy, kind: str, name: str, expression: str, year: int | None = None) -> str:
    """One column of a table: an expression under the header the project gives this fact."""
    fact = policy.vocabulary.fact(kind, name)
    assert fact is not None, (kind, name)
    return f'{expression} AS "{column_of(fact, (year or YEAR) if fact.yearly else None).header}"'


def write_tables(connection: Any, inputs: Any) -> None:
    """Both policies' folders, from the flat files and macros of `inputs`."""
    firms = f"read_parquet('{inputs.firms}')"

    def write(policy: str, table: str, select: str, source: str) -> None:
        folder = inputs.folder / policy
        folder.mkdir(exist_ok=True)
        connection.execute(f"COPY (SELECT {select} FROM {source}) TO '{folder / table}.parquet' (FORMAT parquet, COMPRESSION zstd)")

    _jinyun(write, firms)
    _zibo(write, firms, f"read_parquet('{inputs.shops}')")


def _jinyun(write: Any, firms: str) -> None:
    name = "jinyun-2025"
    policy, _ = load_policy(POLICIES / name)

    def fact(kind: str, named: str, expression: str, year: int | None = None) -> str:
        return _fact(policy, kind, named, expression, year)

    truths = ("实体入驻", "纳入统计直报", "本县依法成立", "守法诚信经营", "弄虚作假")
    write(name, "企业", ", ".join([
        f'"标识" AS "{_FIRM_KEY}"', fact("企业", "主体类型", "'企业'"), fact("企业", "成立年度", "2000 + 序号 % 19"),
        fact("企业", "首次纳入限上年度", '"首次纳入限上年度"'),
        fact("企业", "所在园区", "printf('YQ%07d', 所在园区)"), *(fact("企业", truth, f'"{truth}"') for truth in truths),
        *(fact("企业", "网络零售额", _money(f'"网络零售额·{year}"'), year) for year in (YEAR, YEAR - 1, YEAR - 2)),
        fact("企业", "跨境电商出口额", _money('"跨境电商出口额"')),
    ]), firms)  # fmt: skip
    parks = "range(parks()) AS parks(park)"
    write(name, "园区", ", ".join([
        "printf('YQ%07d', park) AS 园区编号", fact("园区", "开园年度", "2018"), fact("园区", "运营主体", "printf('YY%07d', park)"),
        fact("园区", "已认定", "recognised(park)"), fact("园区", "跨境电商园区", "false"),
        fact("园区", "使用面积", "CAST(1000 AS DECIMAL(12,2))"), fact("园区", "网店数", "5"),
    ]), parks)  # fmt: skip
    write(name, "主体", ", ".join([
        "printf('YY%07d', park) AS 主体代码", fact("主体", "主体类型", "'企业'"), fact("主体", "本县依法成立", "u(park, 903) >= 0.02"),
        fact("主体", "守法诚信经营", "u(park, 904) >= 0.02"), fact("主体", "弄虚作假", "u(park, 905) < 0.01"),
    ]), parks)  # fmt: skip
    area = 'CAST("租用面积月数合计" // m AS DECIMAL(18,0)) * CAST(0.001 AS DECIMAL(4,3))'
    write(name, "租约", ", ".join([
        "printf('ZL%09d', 序号) AS 合同编号", '"标识" AS 企业', fact("租约", "租用面积", f"CAST({area} AS DECIMAL(18,3))"), fact("租约", "租用月数", "m"),
    ]), f'(SELECT *, CASE WHEN "租用面积月数合计" % months(序号) = 0 THEN months(序号) ELSE 1 END AS m FROM {firms}) WHERE "租用面积月数合计" > 0')  # fmt: skip
    write(name, "展位", ", ".join([
        "printf('ZW%09d-%d', 序号, part) AS 发票号码", '"标识" AS 企业', fact("展位", "商务部门组织", "part < 2"), fact("展位", "展位费", _money("paid")),
    ]), _parts(firms, "展位费合计"))  # fmt: skip
    write(name, "平台费用", ", ".join([
        "printf('FY%09d-%d', 序号, part) AS 发票号码", '"标识" AS 企业', fact("平台费用", "费用类别", "['注册费', '推广费', '服务费'][part + 1]"),
        fact("平台费用", "第三方平台收款", "part < 2"), fact("平台费用", "费用金额", _money("paid")),
    ]), _parts(firms, "平台费用合计"))  # fmt: skip
    before = {"引进企业奖励": (f"CASE WHEN 序号 % 2 = 0 THEN {YEAR} ELSE 2023 END", f"CASE WHEN 序号 % 2 = 0 THEN '{THIS_POLICY}' ELSE '{REPEALED}' END")}
    _history(write, policy, name, firms, {award: before.get(award, (str(YEAR), f"'{THIS_POLICY}'")) for award in JINYUN})
    # the table of what other policies paid is there and empty: nobody had anything
    heads = [column.header for column in fixed_columns(policy, OUTSIDE)]
    kinds = ["VARCHAR", "VARCHAR", "INTEGER", "DECIMAL(18,2)", "VARCHAR"]
    write(name, OUTSIDE, ", ".join(f'CAST(NULL AS {kind}) AS "{head}"' for head, kind in zip(heads, kinds, strict=True)), "range(0)")


def _parts(firms: str, total: str) -> str:
    """A sum as its children: in one piece or two, and for some a further one that does not count (part 2)."""
    pieces = f"""SELECT *, 0 AS part, CASE WHEN 序号 % 4 = 0 THEN "{total}" - "{total}" // 3 ELSE "{total}" END AS paid FROM {firms} WHERE "{total}" > 0
        UNION ALL BY NAME SELECT *, 1 AS part, "{total}" // 3 AS paid FROM {firms} WHERE "{total}" > 0 AND 序号 % 4 = 0
        UNION ALL BY NAME SELECT *, 2 AS part, 1234567 AS paid FROM {firms} WHERE 序号 % 7 = 0"""
    return f"({pieces})"


def _zibo(write: Any, firms: str, shops: str) -> None:
    name = "zibo-2022"
    policy, _ = load_policy(POLICIES / name)

    def fact(kind: str, named: str, expression: str) -> str:
        return _fact(policy, kind, named, expression)

    money = ("实物商品网络零售额", "自播网络零售额", "第三方直播网络零售额", "直播佣金")
    write(name, "企业", ", ".join([
        f'"标识" AS "{_FIRM_KEY}"', fact("企业", "成立年度", "2000 + 序号 % 19"), fact("企业", "入库日期", "DATE '1970-01-01' + \"入库日期\"::INTEGER"),
        *(fact("企业", truth, f'"{truth}"') for truth in ("纳统", "成长良好", "生产企业", "MCN独立法人")),
        *(fact("企业", amount, _money(f'"{amount}"')) for amount in money), fact("企业", "网络零售额", _money(f'"网络零售额·{YEAR}"')),
    ]), firms)  # fmt: skip
    write(name, "店铺", ", ".join([
        "'合成平台' AS 电商平台", "printf('D%09d', s.序号) AS 店铺号", 'f."标识" AS 企业', fact("店铺", "注册年度", "s.注册年度"),
        fact("店铺", "网络零售额", _money("s.网络零售额")), fact("店铺", "纳统", "s.纳统"), fact("店铺", "回迁日期", "'无'"),
    ]), f'{shops} AS s JOIN (SELECT 序号, "标识" FROM {firms}) AS f ON s.企业 = f.序号')  # fmt: skip
    _history(write, policy, name, firms, {award: ("2024" if award in ("自播奖励", "MCN机构奖励") else str(YEAR), f"'{THIS_POLICY}'") for award in ZIBO})


def _history(write: Any, policy: Policy, name: str, firms: str, awards: dict[str, tuple[str, str]]) -> None:
    """The ledger (历史): award → (year, document) of what was paid before."""
    heads = [column.header for column in fixed_columns(policy, HISTORY)][:6]
    rows = " UNION ALL ".join(
        f"SELECT {year}, '{award}', 标识, {_money(_paid(award))}, {document}, 标识 FROM {firms} WHERE {_paid(award)} > 0"
        for award, (year, document) in awards.items()
    )
    write(name, HISTORY, "*", "(" + rows + ") AS history(" + ", ".join(f'"{head}"' for head in heads) + ")")
