"""One synthetic population, two forms: flat columns for the peers, and the project's own tables (Parquet) saying the very same.

Everything is invented and seeded; every fact is known, since peers cannot say unknown. Amounts have a heavy tail, and one row in ten stands
exactly on a threshold, or one 分 (0.001 平方米·月 of a lease, one day) below or above it. Money in 分; lease sums in thousandths of 平方米·月.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from . import LATEST_ENTRY, YEAR
from .tables import write_tables

VERSION = 2  # of the data: a change makes folders written before be written again
RETAIL, RETAIL_1, RETAIL_2 = f"网络零售额·{YEAR}", f"网络零售额·{YEAR - 1}", f"网络零售额·{YEAR - 2}"
LEASES, BOOTHS, FEES = "租用面积月数合计", "展位费合计", "平台费用合计"
_FEW = 40  # how many firms the ledger shows as already paid out of a total this year, whatever the size of the population

# of the firm with number `id`; later columns may use earlier ones. on(k): planted on the k-th kind of boundary, d is then -1, 0 or 1
FIRM: dict[str, str] = {
    # 缙云
    "所在园区": "(h(id, 12) % parks())::BIGINT",
    "实体入驻": "u(id, 13) < 0.85 OR on_edge(0)",
    "纳入统计直报": "u(id, 14) < 0.9 OR planted",
    "首次纳入限上年度": f"CASE WHEN u(id, 15) < 0.35 OR on_edge(0) THEN {YEAR} ELSE 2019 + (h(id, 16) % 6)::BIGINT END",
    RETAIL: """CASE WHEN on_edge(0) THEN pick(id, [500000000, 2000000000, 5000000000, 10000000000]) + d
        WHEN on_edge(1) THEN 11 * (amount(id, 17, 19.0, 1.3) // 10) + d
        WHEN on_edge(2) THEN 441 * (amount(id, 17, 19.0, 1.3) // 400 + 1) + d
        WHEN on_edge(4) THEN 3000000000 ELSE amount(id, 17, 20.3, 1.6) END""",
    RETAIL_1: f"""CASE WHEN on_edge(1) THEN 10 * (amount(id, 17, 19.0, 1.3) // 10) WHEN planted THEN greatest(1, "{RETAIL}" * 10 // 13)
        ELSE greatest(1, "{RETAIL}" * 100 // (85 + (h(id, 18) % 70)::BIGINT)) END""",
    RETAIL_2: f"""CASE WHEN on_edge(2) THEN 400 * (amount(id, 17, 19.0, 1.3) // 400 + 1) WHEN planted THEN greatest(1, "{RETAIL_1}" * 10 // 13)
        ELSE greatest(1, "{RETAIL_1}" * 100 // (90 + (h(id, 19) % 50)::BIGINT)) END""",
    LEASES: """CASE WHEN on_edge(4) THEN pick(id, [83333333, 166666665, 1005]) + d WHEN u(id, 20) < 0.3 AND NOT planted THEN 0
        ELSE least(amount(id, 21, 7.5, 1.1), 50000) * (10 + (h(id, 22) % 990)::BIGINT) * months(id) END""",
    BOOTHS: """CASE WHEN on_edge(3) THEN 5000000 + d WHEN u(id, 23) < 0.6 THEN 0 ELSE amount(id, 24, 14.3, 1.0) END""",
    "跨境电商出口额": "CASE WHEN on_edge(5) THEN 200000000 + d WHEN u(id, 25) < 0.3 THEN 0 ELSE amount(id, 26, 19.0, 1.8) END",
    FEES: "CASE WHEN on_edge(5) THEN 20000000 + d WHEN u(id, 27) < 0.5 THEN 0 ELSE amount(id, 28, 15.5, 1.4) END",
    "本县依法成立": "u(id, 29) >= 0.02",
    "守法诚信经营": "u(id, 30) >= 0.015",
    "弄虚作假": "u(id, 31) < 0.004",
    "园区已认定": 'recognised("所在园区")',
    "运营主体本县依法成立": 'u("所在园区", 903) >= 0.02',
    "运营主体守法诚信经营": 'u("所在园区", 904) >= 0.02',
    "运营主体弄虚作假": 'u("所在园区", 905) < 0.01',
    # 淄博
    "实物商品网络零售额": """CASE WHEN on_edge(6) THEN pick(id, [3000000000, 3001000000, 33333000000, 33334000000]) + d
        ELSE amount(id, 41, 20.8, 1.6) END""",
    "自播网络零售额": "CASE WHEN on_edge(7) THEN pick(id, [2000000000, 3000000000, 5000000000]) + d ELSE amount(id, 42, 20.0, 1.7) END",
    "第三方直播网络零售额": "CASE WHEN on_edge(8) THEN 2000000000 + d ELSE amount(id, 43, 20.5, 1.5) END",
    "直播佣金": "CASE WHEN on_edge(8) THEN pick(id, [200000000, 100005, 5]) + d ELSE amount(id, 44, 17.5, 1.5) END",
    "纳统": "u(id, 45) < 0.9 OR planted",
    "成长良好": "u(id, 46) < 0.8 OR planted",
    "入库日期": f"CASE WHEN on_edge(9) THEN {LATEST_ENTRY} + d ELSE 17897 + (h(id, 47) % 2556)::BIGINT END",  # 2019-01-01 to 2025-12-31
    "生产企业": "u(id, 48) < 0.5 OR on_edge(8)",
    "MCN独立法人": "u(id, 49) < 0.3 OR on_edge(0)",
    # 台账: paid before, in 分; 0 where nothing was
    "已付·引进企业奖励": "CASE WHEN u(id, 61) < 0.04 THEN pick(id, [5000000, 10000000, 20000000]) ELSE 0 END",
    "已付·场地租金补助": "CASE WHEN u(id, 62) < 0.04 THEN pick(id, [100, 45000000, 49999999, 50000000]) ELSE 0 END",
    "已付·展位费补助": "CASE WHEN u(id, 63) < 0.04 THEN pick(id, [1, 2500000, 4999999, 5000000]) ELSE 0 END",
    "已付·平台费用补助": "CASE WHEN u(id, 64) < 0.04 THEN pick(id, [1, 7000000, 9999999, 10000000]) ELSE 0 END",
    "已付·流量补贴": f"CASE WHEN id % step() = 1 AND id // step() < {_FEW} THEN pick(id, [300, 2400000]) ELSE 0 END",
    "已付·自播奖励": "CASE WHEN u(id, 65) < 0.05 THEN pick(id, [1, 8000000, 10000000, 16000000]) ELSE 0 END",
    "已付·生产企业佣金补助": f"CASE WHEN id % step() = 2 AND id // step() < {_FEW} THEN pick(id, [100, 3999999]) ELSE 0 END",
    "已付·MCN机构奖励": "CASE WHEN u(id, 66) < 0.05 THEN pick(id, [16000000, 20000000]) ELSE 0 END",
}
SHOPS: dict[str, str] = {
    "企业": "(h(id, 71) % firms())::BIGINT",
    "注册年度": f"CASE WHEN u(id, 72) < 0.6 OR planted THEN {YEAR} ELSE 2021 + (h(id, 73) % 4)::BIGINT END",
    "纳统": "u(id, 74) < 0.9",
    "网络零售额": "CASE WHEN planted THEN pick(id, [3000000000, 5000000000]) + d ELSE amount(id, 75, 21.0, 1.3) END",
}
_EDGES = 10  # kinds of boundary
# the low bits of the hash of neighbouring numbers go together, so only its high ones are used
_MACROS = """
CREATE MACRO h(i, salt) AS hash(i * 1000 + salt, {seed}) >> 20;
CREATE MACRO u(i, salt) AS h(i, salt)::DOUBLE / 17592186044416.0;
CREATE MACRO amount(i, salt, mean, spread) AS least(10000000000000, greatest(1, floor(exp(mean + spread * sqrt(-2 * ln(u(i, salt) + 1e-12))
    * cos(6.283185307179586 * u(i, salt + 500)))))::BIGINT);
CREATE MACRO pick(i, options) AS options[1 + (h(i, 3) % len(options))::BIGINT]::BIGINT;
CREATE MACRO months(i) AS 1 + (h(i, 4) % 12)::BIGINT;
CREATE MACRO recognised(park) AS u(park, 902) < 0.8;
CREATE MACRO edges(i) AS h(i, 1) % {edges} = 0;
CREATE MACRO firms() AS {count};
CREATE MACRO parks() AS {parks};
CREATE MACRO step() AS {step};
"""


@dataclass(frozen=True, slots=True)
class Inputs:
    """A folder of inputs. Grain of `firms`: one row an enterprise; of `shops`: one row a shop.

    Rows come shuffled; `标识` holds the key of a row, and keys ascend with the column `序号`.
    """

    folder: Path
    count: int

    @property
    def firms(self) -> Path:
        return self.folder / "peers" / "企业.parquet"

    @property
    def shops(self) -> Path:
        return self.folder / "peers" / "店铺.parquet"

    def tables(self, policy: str) -> list[Path]:
        """The project's tables for `jinyun-2025` or `zibo-2022`, the ledger (历史) included."""
        return sorted((self.folder / policy).glob("*.parquet"))

    def columns(self, shops: bool = False, rows: int | None = None) -> dict[str, Any]:
        """Columns by name as Arrow arrays, the first `rows` rows of them."""
        import pyarrow.parquet as parquet

        table = parquet.read_table(self.shops if shops else self.firms)
        table = table if rows is None else table.slice(0, rows)
        return {name: table.column(name) for name in table.column_names}


def make_inputs(folder: Path, count: int, seed: int = 7, edges: int = 10) -> Inputs:
    """Write (or find written) the population of `count` enterprises under `folder`; one row in `edges` stands at a boundary."""
    made = Inputs(folder, count)
    mark, stamp = folder / "made.json", {"version": VERSION, "count": count, "seed": seed, "edges": edges}
    if mark.is_file() and json.loads(mark.read_text()) == stamp:
        return made
    import duckdb

    (folder / "peers").mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = true")
    for statement in _macros(count, seed, edges):
        connection.execute(statement)
    _write(connection, FIRM, count, made.firms, f"{_uscc()} AS \"标识\", ")
    _write(connection, SHOPS, count // 3, made.shops, "")
    write_tables(connection, made)
    connection.close()
    mark.write_text(json.dumps(stamp))
    return made


def _macros(count: int, seed: int, edges: int) -> list[str]:
    text = _MACROS.format(seed=seed, edges=edges, count=count, parks=max(3, count // 2000), step=max(3, count // (2 * _FEW)))
    return [statement for statement in text.split(";\n") if statement.strip()]


def _uscc() -> str:
    """A valid code (GB 32100): fixed office and place, the number in base 31, the check digit. Codes ascend with the number."""
    alphabet, weights = "0123456789ABCDEFGHJKLMNPQRTUWXY", [3**place % 31 for place in range(17)]
    head = "91370303MA"
    fixed = sum(weights[place] * alphabet.index(char) for place, char in enumerate(head))
    digits = [(6 - place, weights[10 + place]) for place in range(7)]
    total = " + ".join(f"(id // {31**power}) % 31 * {weight}" for power, weight in digits)
    body = " || ".join(f"substr('{alphabet}', 1 + (id // {31**power}) % 31, 1)" for power, _ in digits)
    return f"'{head}' || {body} || substr('{alphabet}', 1 + (31 - ({fixed} + {total}) % 31) % 31, 1)"


def _write(connection: Any, columns: dict[str, str], count: int, path: Path, key: str) -> None:
    """One file of flat columns; each column a layer of its own, so that later ones may name earlier ones."""
    edges = f"edges(id) AS planted, (h(id, 2) % {_EDGES})::BIGINT AS edge, (h(id, 5) % 3)::BIGINT - 1 AS d"
    query = f"SELECT id, {key}{edges} FROM (SELECT (range * 1000003 + 12345) % {count} AS id FROM range({count}))"
    for name, expression in columns.items():
        expression = re.sub(r"on_edge\((\d)\)", r"(planted AND edge = \1)", expression)
        query = f'SELECT *, {expression} AS "{name}" FROM ({query})'
    query = f'SELECT id AS "序号", * EXCLUDE (id, planted, edge, d) FROM ({query})'
    connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


def day_of(number: int) -> date:
    """A day number of 入库日期 as a date."""
    return date.fromordinal(date(1970, 1, 1).toordinal() + number)


if __name__ == "__main__":
    make_inputs(Path(sys.argv[1]), int(sys.argv[2]))
