"""The messages of facts as columns (DT17x, DT18x), in the form of messages_tables.py."""

from __future__ import annotations

from .messages_tables import Row

COLUMN_MESSAGES: dict[str, Row] = {
    "DT170": (
        "error",
        ("{subject}超出范围", "{expected}", "{found}", "核对这个数；确实会有这么大（小）的，在词汇的“范围”里写宽。"),
        ("{subject_en} lies beyond its bounds", "{expected}", "{found}", "check the figure; widen 范围 in the vocabulary if it can truly occur."),
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
        ("{more} more defects in the column “{found}”", "", "the first {shown} are shown", "mend those first; the cause is mostly the same."),
    ),
}  # fmt: skip
