"""The rules as DuckDB SQL written by hand over the flat columns, int64 in 分: what a plan for DuckDB is measured against. Exact: DuckDB refuses to overflow.

One statement a result, no layer that is not needed: no unknown, no reason, no trace. The result is taken as Arrow columns, as the project's own is.
"""

from __future__ import annotations

from typing import Any

from . import ANNUAL_TOTAL, AWARDS, CLAUSE_TOTAL, LATEST_ENTRY, SHOP, WAN, YEAR, YI
from .children import children
from .inputs import BOOTHS, FEES, LEASES, RETAIL, RETAIL_1, RETAIL_2, Inputs
from .python_ints import CAPS

_SUMS = (LEASES, BOOTHS, FEES)
_SOUND = "本县依法成立 AND 守法诚信经营 AND NOT 弄虚作假"
_SETTLED = f"纳统 AND 成长良好 AND 入库日期 <= {LATEST_ENTRY}"


def _tiers(figure: str, *tiers: tuple[int, int]) -> str:
    """The amount of the highest tier a figure reaches, the highest first."""
    return "CASE " + " ".join(f'WHEN "{figure}" >= {least} THEN {amount}::BIGINT' for least, amount in tiers) + " ELSE 0 END"


# of each award: its condition, its amount before the cap
_AWARDS: dict[str, tuple[str, str]] = {
    "引进企业奖励": (
        f"园区已认定 AND 实体入驻 AND 纳入统计直报 AND 首次纳入限上年度 = {YEAR} AND 运营主体本县依法成立 AND 运营主体守法诚信经营 AND NOT 运营主体弄虚作假",
        _tiers(RETAIL, (YI, 20 * WAN), (5000 * WAN, 10 * WAN), (2000 * WAN, 5 * WAN)),
    ),
    "场地租金补助": (
        f'{_SOUND} AND 纳入统计直报 AND "{RETAIL}" > {500 * WAN} AND 10 * "{RETAIL}" >= 11 * "{RETAIL_1}" AND 10000 * "{RETAIL}" >= 11025 * "{RETAIL_2}"',
        f'((CASE WHEN "{RETAIL}" > {2000 * WAN} THEN 600 ELSE 300 END) * "{LEASES}" + 500) // 1000',
    ),
    "展位费补助": (_SOUND, f'"{BOOTHS}"'),
    "平台费用补助": (f"{_SOUND} AND 跨境电商出口额 >= {200 * WAN}", f'("{FEES}" + 1) // 2'),
    "流量补贴": (f"实物商品网络零售额 >= {3000 * WAN}", f"实物商品网络零售额 // {WAN} * 300"),
    "自播奖励": (_SETTLED, _tiers("自播网络零售额", (5000 * WAN, 24 * WAN), (3000 * WAN, 16 * WAN), (2000 * WAN, 8 * WAN))),
    "生产企业佣金补助": (f"生产企业 AND 纳统 AND 第三方直播网络零售额 >= {2000 * WAN}", "(直播佣金 + 5) // 10"),
    "MCN机构奖励": (f"MCN独立法人 AND {_SETTLED}", _tiers(RETAIL, (YI, 40 * WAN), (5000 * WAN, 24 * WAN), (2000 * WAN, 16 * WAN))),
}
_ONCE, _UPGRADED = ("引进企业奖励", "MCN机构奖励"), ("自播奖励",)
_TOTALLED = ("流量补贴", SHOP, "自播奖励", "生产企业佣金补助", "MCN机构奖励")  # in the order of the clauses


def _alone(award: str) -> str:
    """What an award is by itself."""
    condition, amount = _AWARDS[award]
    return f"CASE WHEN {condition} THEN {f'least({amount}, {CAPS[award]}::BIGINT)' if award in CAPS else amount} ELSE 0 END"


def _after_history(award: str) -> str:
    """What is left of it after what was paid before."""
    condition, amount = _AWARDS[award]
    before = f'"已付·{award}"'
    if award in _ONCE:
        return f"CASE WHEN {before} = 0 AND {condition} THEN {amount} ELSE 0 END"
    if award in _UPGRADED:
        return f"CASE WHEN {condition} THEN greatest({amount} - {before}, 0) ELSE 0 END"
    return f"CASE WHEN {condition} THEN least({amount}, greatest({CAPS[award]} - {before}, 0)) ELSE 0 END"


def _listed(award_sql: Any) -> str:
    return ", ".join(f'{award_sql(award)} AS "{award}"' for award in AWARDS)


class DuckdbSql:
    """Hand-written SQL on one connection, the columns in tables of its own."""

    name = "duckdb_sql (by hand)"
    exact = True

    def prepare(self, inputs: Inputs, rows: int | None = None) -> None:
        """Columns and rows of the sums as tables; an enterprise is known by its row."""
        import duckdb
        import pyarrow as arrow

        self.connection = connection = duckdb.connect()
        self.counts = []
        for name, shops in (("firms", False), ("shops", True)):
            columns = inputs.columns(shops=shops, rows=rows)
            table = arrow.table({"row": arrow.array(range(len(columns["序号"])), arrow.int32()), **columns})
            connection.register("given", table)
            connection.execute(f"CREATE TABLE {name} AS FROM given")
            connection.unregister("given")
            self.counts.append(len(table))
        for name, of in children(inputs).items() if rows is None else ():
            connection.register("given", arrow.table({"row": arrow.array(of.firm, arrow.int32()), "amount": of.amount, "factor": of.factor, "counts": of.counts}))
            connection.execute(f'CREATE TABLE "{name}·行" AS FROM given')
            connection.unregister("given")

    def _summed(self) -> str:
        """The enterprises with the sums made of their rows."""
        joins = " ".join(
            f'LEFT JOIN (SELECT row, sum(amount * factor)::BIGINT AS amount FROM "{name}·行" WHERE counts GROUP BY row) AS t{place} ON t{place}.row = f.row'
            for place, name in enumerate(_SUMS)
        )
        listed = ", ".join(f'"{name}"' for name in _SUMS)
        sums = ", ".join(f'coalesce(t{place}.amount, 0) AS "{name}"' for place, name in enumerate(_SUMS))
        return f"(SELECT f.* EXCLUDE ({listed}), {sums} FROM firms AS f {joins})"

    def _taken(self, sql: str) -> Any:
        return self.connection.sql(sql).to_arrow_table()

    def rules(self) -> Any:
        """One amount an enterprise and award, after the award's own cap; the sums are made first."""
        return self._taken(f"SELECT row, {_listed(_alone)} FROM {self._summed()}")

    def ready(self) -> Any:
        """The same with the sums of each enterprise handed over ready."""
        return self._taken(f"SELECT row, {_listed(_alone)} FROM firms")

    def full(self) -> Any:
        """What may be paid: rows (award, row, amount) of the enterprises and of the shops."""
        execute = self.connection.execute
        execute(f'CREATE OR REPLACE TEMP TABLE claims AS SELECT row, "序号" AS key, {_listed(_after_history)} FROM {self._summed()}')
        shop = f"""SELECT row, "序号" AS key, "企业" AS owner, CASE WHEN "注册年度" = {YEAR} AND "纳统" THEN
            {_tiers("网络零售额", (5000 * WAN, 16 * WAN), (3000 * WAN, 8 * WAN))} ELSE 0 END AS amount FROM shops"""
        # 同一企业零售额: the best of an owner's shops (the smaller key) against traffic and live; 同一直播活动: live against agency
        execute(f"""CREATE OR REPLACE TEMP TABLE best AS SELECT owner, max(amount) AS shop, arg_min(row, (-amount, key)) AS shop_row, arg_min(key, (-amount, key)) AS shop_key
            FROM ({shop}) WHERE amount > 0 GROUP BY owner""")
        execute("""CREATE OR REPLACE TEMP TABLE highest AS SELECT row, key, shop_row, shop_key, "生产企业佣金补助", CASE winner WHEN 1 THEN "流量补贴" ELSE 0 END AS traffic,
                CASE winner WHEN 2 THEN shop ELSE 0 END AS shop, CASE WHEN winner = 3 AND live >= agency THEN live ELSE 0 END AS live,
                CASE WHEN winner = 3 AND live > 0 AND live >= agency THEN 0 ELSE agency END AS agency
            FROM (SELECT *, CASE WHEN "流量补贴" >= shop AND "流量补贴" >= live THEN 1 WHEN shop >= live THEN 2 ELSE 3 END AS winner
                FROM (SELECT c.*, c."自播奖励" AS live, c."MCN机构奖励" AS agency, coalesce(b.shop, 0) AS shop, shop_row, shop_key
                    FROM claims AS c LEFT JOIN best AS b ON b.owner = c.key))""")
        amounts = ("traffic", "shop", "live", '"生产企业佣金补助"', "agency")
        gathered = " UNION ALL ".join(
            f"SELECT {place} AS award, {'shop_' * (amount == 'shop')}row AS row, {'shop_' * (amount == 'shop')}key AS key, {amount} AS amount FROM highest WHERE {amount} > 0"
            for place, amount in enumerate(amounts)
        )
        execute(f"CREATE OR REPLACE TEMP TABLE live AS {gathered}")
        self._share("award = 0", "流量补贴", CLAUSE_TOTAL)
        self._share("TRUE", ("流量补贴", "生产企业佣金补助"), ANNUAL_TOTAL)
        jinyun = " UNION ALL ".join(f'SELECT {place + 10} AS award, row, "{award}" AS amount FROM claims WHERE "{award}" > 0' for place, award in enumerate(AWARDS[:4]))
        return self._taken(f"SELECT award, row, amount FROM live WHERE amount > 0 UNION ALL {jinyun}")

    def _share(self, scope: str, paid: str | tuple[str, ...], total: int) -> None:
        """按比例核减 by largest remainder; ties: the larger claim, then the earlier clause, then the smaller key."""
        names = (paid,) if isinstance(paid, str) else paid
        sums = " + ".join(f'sum("已付·{name}")' for name in names)
        one = self.connection.execute(f"SELECT {sums} FROM firms").fetchone()
        assert one is not None
        left = max(0, total - int(one[0]))
        claimed, most = self.connection.execute(f"SELECT coalesce(sum(amount), 0)::BIGINT, coalesce(max(amount), 0) FROM live WHERE {scope}").fetchone() or (0, 0)
        if claimed <= left:
            return
        wide = "::HUGEINT" if most * left >= 1 << 63 else ""
        self.connection.execute(f"""CREATE OR REPLACE TEMP TABLE live AS
            SELECT award, row, key, (CASE WHEN {scope} THEN share + (place <= spare)::BIGINT ELSE amount END)::BIGINT AS amount FROM (
                SELECT *, row_number() OVER (PARTITION BY {scope} ORDER BY remainder DESC, amount DESC, award, key) AS place,
                    {left} - sum(share) FILTER (WHERE {scope}) OVER () AS spare
                FROM (SELECT *, amount{wide} * {left} // {claimed} AS share, amount{wide} * {left} % {claimed} AS remainder FROM live))""")

    def in_fen(self, found: Any) -> dict[str, Any]:
        """The columns of a result in the row order of the population."""
        import numpy as np

        columns = {name: found[name].combine_chunks().to_numpy(zero_copy_only=False) for name in found.column_names}
        out = {}
        if "award" not in columns:
            for award in AWARDS:
                out[award] = np.zeros(self.counts[0], np.int64)
                out[award][columns["row"]] = columns[award]
            return out
        for place, award in [*enumerate(_TOTALLED), *((place + 10, award) for place, award in enumerate(AWARDS[:4]))]:
            mine = columns["award"] == place
            out[award] = np.zeros(self.counts[award == SHOP], np.int64)
            out[award][columns["row"][mine]] = columns["amount"][mine]
        return out

    def close(self) -> None:
        """Let go of the database."""
        self.connection.close()
