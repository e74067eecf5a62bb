"""The messages of very large settlements (DX97x), in the form of messages_tables.py."""

from __future__ import annotations

from .messages_tables import Row

LARGE_MESSAGES: dict[str, Row] = {
    "DX970": (
        "error",
        ("结果违反了一条不变的规律：{what}", "{expected}", "{found}", "结果没有写出。这是我们的错，请把政策和数据报告给我们。"),
        ("the result breaks an invariant: {what_en}", "{expected_en}", "{found}", "nothing was written. This is our mistake, please report policy and data."),
    ),
    "DX971": (
        "error",
        ("内存或磁盘不够，没有算完（{engine}）", "算得完", "{found}", "腾出磁盘空间，或放宽内存上限，或换一个大的临时目录；没有写出任何结果。"),
        ("memory or disk do not suffice; the settlement was not finished ({engine})", "enough of both", "{found}",
         "free disk space, raise the memory limit or name a larger temporary folder; nothing was written."),
    ),
    "DX972": (
        "error",
        ("算到一半停了（{engine}）", "算完", "{found}", "重新运行；没有写出任何结果。"),
        ("stopped half way ({engine})", "a finished run", "{found}", "run it again; nothing was written."),
    ),
    "DX973": (
        "error",
        ("结果写不到“{name}”", "{expected}", "{found}", "换一个位置或名称。"),
        ("the result cannot be written to “{name}”", "{expected_en}", "{found}", "choose another place or name."),
    ),
    "DX974": (
        "error",
        ("编译引擎没有这种写法：{found}", "每一种写法都能编译", "{found}", "数据少的可以用解释器（--engine interpret）；请把这种写法报告给我们。"),
        ("the compiled engine lacks this form: {found}", "every form compiled", "{found}", "use --engine interpret on less data; please report the form."),
    ),
    "DX975": (
        "error",
        ("算不出一个准确的数（{engine}）", "每个数都是 128 位以内的整数", "{found}", "多半是某个数太大：核对单位；仍然如此的请报告给我们。没有写出任何结果。"),
        ("a number could not be worked out exactly ({engine})", "whole numbers within 128 bits", "{found}",
         "mostly a figure is too large: check its unit; otherwise please report it. Nothing was written."),
    ),
    "DX976": (
        "error",
        ("没有装这个引擎：{engine}", "装好了的引擎", "{found}", "装好再运行，或用 --engine duckdb。"),
        ("this engine is not installed: {engine}", "an installed engine", "{found}", "install it, or use --engine duckdb."),
    ),
}  # fmt: skip
