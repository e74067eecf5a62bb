"""The messages of facts as columns (DT17x, DT18x), in the form of messages_tables.py."""

from __future__ import annotations

from .messages_tables import Row

COLUMN_MESSAGES: dict[str, Row] = {
    "DT170": (
        "error",
        ("{subject}超出范围", "{expected}", "{found}", "核对这个数；确实会有这么大（小）的，在词汇的“范围”里写宽。"),
        ("{subject_en} lies beyond its bounds", "{expected_en}", "{found}", "check the figure; widen 范围 in the vocabulary if it can truly occur."),
    ),
    "DT171": (
        "error",
        ("{subject}的值不是词汇规定的类型", "{expected}", "{found}", "按词汇的类型给值；未知就不给，核实没有的给“无”。"),
        ("{subject_en} does not have the kind the vocabulary declares", "{expected_en}", "{found}", "state it in that kind; leave it out if unknown."),
    ),
    "DT172": (
        "error",
        ("{subject}的位数太多，放不进一列整数", "乘以 {scale} 后不超过 64 位整数", "{found}", "少写几位小数；同一列里位数最多的那个值决定全列。"),
        ("{subject_en} has too many digits for a column of whole numbers", "within 64 bits after multiplying by {scale}", "{found}",
         "give fewer decimals; the value with the most decimals decides for the whole column."),
    ),
    "DT173": (
        "error",
        ("“{found}”这一列还有 {more} 处不对", "", "已列出前 {shown} 处", "先改列出的几处；多半是同一个原因。"),
        ("{more_en} more defects in the column “{found}”", "", "the first {shown} are shown", "mend those first; the cause is mostly the same."),
    ),
    "DT174": (
        "error",
        ("这一格有值，旁边的“…为无”又说是无", "只有一个：值，或者无", "“{found}”", "核对；没有的清空这一格，有的把“为无”改成否。"),
        ("the cell holds a value while its 为无 column says there is none", "one of the two", "“{found}”",
         "check; clear the cell, or set 为无 to false."),
    ),
    "DT175": (
        "error",
        ("“{subject}”这一列的存放类型读不了", "整数、DECIMAL、DOUBLE、BOOLEAN、DATE、不带时区的 TIMESTAMP，或文字", "{found}", "换一种类型存放，再导入。"),
        ("the column “{subject}” is stored in a type that is not read", "integer, DECIMAL, DOUBLE, BOOLEAN, DATE, TIMESTAMP without zone, or text",
         "{found}", "store it in another type."),
    ),
    "DT176": (
        "error",
        ("内存或磁盘不够，没有读完", "读得完", "{found}", "腾出磁盘空间，或放宽内存上限；已有的表没有改动。"),
        ("memory or disk do not suffice; the reading was not finished", "enough of both", "{found}",
         "free disk space or raise the memory limit; existing tables are untouched."),
    ),
    "DT177": (
        "error",
        ("大表只读这两种文件", ".csv、.parquet", "{found}", "另存为 .parquet 或 .csv，文件名是表名。"),
        ("large tables are read from these files only", ".csv or .parquet", "{found}", "save it as .parquet or .csv, named by the table."),
    ),
    "DT178": (
        "warning",
        ("“{found}”这一列还有 {more} 处同样的提醒", "", "已列出前 {shown} 处", "先看列出的几处。"),
        ("{more_en} more of the same in the column “{found}”", "", "the first {shown} are shown", "look at those first."),
    ),
    "DT179": (
        "error",
        ("同样的错误（{code}）还有 {more} 处", "", "{found}", "先改已列出的 {shown} 处；多半是同一个原因，这些也照样改。"),
        ("{more} more defects of the same kind ({code})", "", "{found}", "mend the {shown} shown first; the cause is mostly the same here."),
    ),
}  # fmt: skip
