"""The rows the sums of an enterprise are made of (租约, 展位, 平台费用), as arrays: for peers that add them up inside the time measured.

Grain: one row a lease, booth or fee, in the order of its file. Each says by a whole number which enterprise it belongs to: the row of `Inputs.firms`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .inputs import BOOTHS, FEES, LEASES, Inputs

JINYUN = "jinyun-2025"
# of each sum: table, what is added (分; 千分之一平方米 times months), which rows count
_ROWS = {
    LEASES: ("租约", "CAST(\"{area}\" * 1000 AS BIGINT)", 'CAST("{months}" AS BIGINT)', "TRUE"),
    BOOTHS: ("展位", 'CAST("{paid}" * 100 AS BIGINT)', "CAST(1 AS BIGINT)", '"{organised}"'),
    FEES: ("平台费用", 'CAST("{paid}" * 100 AS BIGINT)', "CAST(1 AS BIGINT)", "\"{through}\" AND \"{kind}\" IN ('注册费', '推广费', '服务费')"),
}
_HEADS = {"area": "租用面积", "months": "租用月数", "organised": "商务部门组织", "through": "第三方平台收款", "kind": "费用类别"}
_PAID = {"展位": "展位费", "平台费用": "费用金额"}


@dataclass(frozen=True, slots=True)
class Children:
    """One kind of child. firm: row of the enterprise; amount × factor is what it adds to the sum; counts: whether it does. int64, int64, int64, bool."""

    firm: Any
    amount: Any
    factor: Any
    counts: Any


def children(inputs: Inputs) -> dict[str, Children]:
    """Every sum of `inputs` with the rows it is made of."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE firms AS SELECT row_number() OVER () - 1 AS row, \"标识\" FROM read_parquet('{inputs.firms}')")
    found = {}
    for name, (table, amount, factor, counts) in _ROWS.items():
        file = inputs.folder / JINYUN / f"{table}.parquet"
        columns = connection.sql(f"SELECT * FROM read_parquet('{file}')").columns
        heads = {key: next((column for column in columns if column.startswith(head)), "") for key, head in {**_HEADS, "paid": _PAID.get(table, "-")}.items()}
        cells = ", ".join(text.format(**heads) for text in (amount, factor, counts))
        arrays = connection.sql(f'SELECT f.row, {cells} FROM read_parquet(\'{file}\') AS c JOIN firms AS f ON f."标识" = c."企业" ORDER BY f.row').fetchnumpy()
        found[name] = Children(*arrays.values())
    connection.close()
    return found
