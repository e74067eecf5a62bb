"""The messages of tables (DT1xx), in the form of messages.py: code, severity, (summary, expected, found, remedy) in Chinese, the same in English.

Plain tuples, so that messages.py can take them in without a circle of imports.
"""

from __future__ import annotations

from typing import Literal

Part = tuple[str, str, str, str]
Row = tuple[Literal["error", "warning"], Part, Part]

TABLE_MESSAGES: dict[str, Row] = {
    # --- DT10x the file --------------------------------------------------------------------------------------------------------------
    "DT101": (
        "error",
        ("文件读不出来", "{expected}", "{found}", "{remedy}"),
        ("the file cannot be read", "{expected_en}", "{found_en}", "{remedy_en}"),
    ),
    "DT102": (
        "error",
        ("表太大", "{expected}", "{found}", "{remedy}"),
        ("the table is too large", "{expected_en}", "{found_en}", "{remedy_en}"),
    ),
    "DT103": (
        "error",
        ("文件里有不该有的内容，没有读取", "普通的工作簿", "{found}", "用 WPS 或 Excel 打开，另存为新的 .xlsx 再导入。"),
        (
            "the file holds what a workbook must not hold; it was not read",
            "an ordinary workbook",
            "{found_en}",
            "open it in a spreadsheet program and save it as a new .xlsx.",
        ),
    ),
    "DT104": (
        "error",
        ("不认识这种文件", ".xlsx、.csv、.parquet", "{found}", "另存为 .xlsx 再导入。"),
        ("unknown kind of file", ".xlsx, .csv or .parquet", "{found}", "save it as .xlsx."),
    ),
    "DT105": (
        "error",
        ("不认识“{found}”表", "{expected}", "“{found}”", "{remedy}"),
        ("unknown table “{found}”", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    "DT106": (
        "error",
        ("有隐藏的{what}", "要导入的内容都看得见", "{found}", "取消隐藏（或清除筛选）；不要的内容请删除，不要隐藏。"),
        ("hidden {what_en}", "everything to be imported is visible", "{found_en}", "unhide it (or clear the filter); delete what is not wanted."),
    ),
    "DT107": (
        "error",
        ("有合并的单元格", "一格一值", "{found}", "取消合并，把值填到每一格。"),
        ("merged cells", "one value a cell", "{found}", "unmerge and fill every cell."),
    ),
    "DT108": (
        "error",
        ("表里没有表头", "第一行是表头", "整张表是空的", "没有内容也要留表头（表示“没有一个”）；不掌握的，把整张表删掉（表示“未知”）。"),
        (
            "the table has no header",
            "a header in the first row",
            "an empty table",
            "keep the header (meaning: there are none) or delete the table (meaning: unknown).",
        ),
    ),
    "DT109": (
        "error",
        ("第一行不是表头，表头在第 {row} 行", "第一行是表头", "“{found}”", "删掉表头上面的各行（标题、单位、说明）。"),
        ("the first row is not the header; row {row} is", "a header in the first row", "“{found}”", "delete the rows above the header (title, unit, notes)."),
    ),
    # --- DT11x the header --------------------------------------------------------------------------------------------------------------
    "DT111": (
        "error",
        ("不认识这一列", "{expected}", "“{found}”", "{remedy}"),
        ("unknown column", "{expected_en}", "“{found}”", "{remedy_en}"),
    ),
    "DT112": (
        "error",
        ("表头的单位不对", "“{expected}”", "“{found}”", "把表头改成应为的样子，并把这一列的数换算好；系统不作暗中换算。"),
        (
            "the unit in the header is wrong",
            "“{expected}”",
            "“{found}”",
            "use the expected header and convert the figures of the column; nothing is converted silently.",
        ),
    ),
    "DT113": (
        "error",
        ("表头的年度不对", "“{expected}”", "“{found}”", "{remedy}"),
        ("the year in the header is wrong", "“{expected}”", "“{found}”", "{remedy_en}"),
    ),
    "DT114": (
        "error",
        ("同一列写了两次", "一列只写一次", "“{found}”又出现一次", "留一列，另一列删掉。"),
        ("a column appears twice", "each column once", "“{found}” again", "keep one of them."),
    ),
    "DT115": (
        "error",
        ("缺少必要的一列：“{expected}”", "有“{expected}”一列", "没有", "补上这一列；可重新下载模板对照。"),
        ("the column “{expected}” is missing", "a column “{expected}”", "none", "add the column; compare with a fresh template."),
    ),
    "DT116": (
        "error",
        ("这一格没有表头", "有内容的列都有表头", "“{found}”", "补上表头，或删掉这一格。"),
        ("this cell stands under no header", "a header over every filled column", "“{found}”", "add the header or clear the cell."),
    ),
    "DT117": (
        "error",
        ("这一行的列数与表头不同", "{expected} 列", "{found} 列", "检查逗号和引号；值里有逗号的要用英文双引号括起来。"),
        (
            "the row has not as many fields as the header",
            "{expected} fields",
            "{found} fields",
            "check commas and quotes; quote values that hold a comma.",
        ),
    ),
    "DT118": (
        "error",
        ("这一行又是表头", "表头只写一次", "与第 {found} 行相同", "删掉这一行；几张表拼成一张时，只留最上面的表头。"),
        ("the header once more", "one header", "the same as row {found}", "delete the row; of sheets put together keep the uppermost header only."),
    ),
    # --- DT12x numbers -------------------------------------------------------------------------------------------------------------------
    "DT121": (
        "error",
        ("不是数", "{expected}", "“{found}”", "{remedy}"),
        ("not a number", "a number (unit: {unit})", "“{found}”", "{remedy_en}"),
    ),
    "DT122": (
        "error",
        ("单位不对", "以“{expected}”为单位的数", "“{found}”", "换算成“{expected}”再填；系统不作暗中换算。"),
        ("wrong unit", "a number in {expected}", "“{found}”", "convert it to {expected}; nothing is converted silently."),
    ),
    "DT123": (
        "error",
        ("千分位逗号的位置不对", "1,234.56 这样每三位一个逗号，或者不用逗号", "“{found}”", "去掉逗号，核对这个数。"),
        (
            "misplaced thousands separators",
            "a comma every three digits like 1,234.56, or none",
            "“{found}”",
            "remove the commas and check the number.",
        ),
    ),
    "DT124": (
        "error",
        ("小数位数太多", "{expected}", "{found}", "四舍五入后再填；用公式的，套上 ROUND(…, {places})。"),
        ("too many decimals", "at most {places} decimals", "{found}", "round it first; in a formula use ROUND(…, {places})."),
    ),
    "DT125": (
        "error",
        (
            "这个数超出表格能准确保存的位数",
            "不超过 15 位有效数字",
            "{found}",
            "用公式算出来的，套上 ROUND(…, 2)；确实很长的数，把单元格设为文本再填。",
        ),
        (
            "more digits than a spreadsheet keeps exactly",
            "at most 15 significant digits",
            "{found}",
            "wrap a formula in ROUND(…, 2); format a cell as text for a truly long number.",
        ),
    ),
    "DT126": (
        "error",
        ("不能是负数", "0 或正数", "{found}", "核对这个数；冲减的，填冲减以后的数。"),
        ("negative", "0 or more", "{found}", "check the figure; enter it net of reversals."),
    ),
    "DT127": (
        "error",
        ("单元格格式显示的不是这个数", "{expected}", "显示为 {found}", "{remedy}"),
        ("the cell format shows another figure", "a number (unit: {unit})", "shown as {found}", "{remedy_en}"),
    ),
    # --- DT13x other values ------------------------------------------------------------------------------------------------------------
    "DT131": (
        "error",
        ("不是日期", "2025-03-01、2025/3/1 或 2025年3月1日", "“{found}”", "照此改写；单元格可设为日期格式。"),
        ("not a date", "2025-03-01, 2025/3/1 or 2025年3月1日", "“{found}”", "write it so; the cell may have a date format."),
    ),
    "DT132": (
        "error",
        ("不是年份", "四位年份，如 2025", "“{found}”", "填四位年份。"),
        ("not a year", "four digits such as 2025", "“{found}”", "enter a year of four digits."),
    ),
    "DT133": (
        "error",
        ("只能填“是”或“否”", "是、否（不知道就空着）", "“{found}”", "从下拉框里选。"),
        ("only 是 or 否", "是 or 否; leave it blank if unknown", "“{found}”", "choose from the list."),
    ),
    "DT134": (
        "error",
        ("不在选项里", "{expected}", "“{found}”", "{remedy}"),
        ("not one of the options", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    "DT135": (
        "error",
        ("编号存成了数，可能已经走样", "文本", "{found}", "先把这一列设为文本，再重新填写（不要只改格式，长号码的后几位已经丢失）。"),
        (
            "a code is stored as a number and may be mangled",
            "text",
            "{found}",
            "format the column as text, then enter the codes anew; digits of long codes are already lost.",
        ),
    ),
    "DT136": (
        "error",
        ("统一社会信用代码不对", "18 位，符合 GB 32100 校验", "“{found}”（{why}）", "对照营业执照重新填写。"),
        (
            "not a valid unified social credit code",
            "18 characters with the GB 32100 check",
            "“{found}” ({why_en})",
            "copy it from the business licence.",
        ),
    ),
    "DT137": (
        "error",
        ("里面有看不见的字符", "只有看得见的字", "{found}（第 {at} 个字符）", "清空这一格，重新手工填写。"),
        ("invisible characters", "visible characters only", "{found} (character {at})", "clear the cell and type it anew."),
    ),
    "DT138": (
        "error",
        ("公式没有算出值", "一个值", "{found}", "在 WPS 或 Excel 里重新计算并保存，或复制后“选择性粘贴为数值”。"),
        ("the formula has no value", "a value", "{found}", "recalculate and save it in a spreadsheet program, or paste as values."),
    ),
    "DT139": (
        "error",
        ("这一格是错误值", "一个值；不知道就空着", "{found}", "改正公式，或清空（未知）。"),
        ("the cell holds an error", "a value; blank if unknown", "{found}", "mend the formula, or clear the cell (unknown)."),
    ),
    "DT140": (
        "error",
        ("这里不能是“{found}”", "{expected}", "“{found}”", "{remedy}"),
        ("“{found}” does not fit here", "{expected_en}", "“{found}”", "{remedy_en}"),
    ),
    # --- DT14x what belongs together ---------------------------------------------------------------------------------------------------
    "DT141": (
        "error",
        ("{kind}“{found}”写了两次", "一个对象只有一行", "“{found}”另有一行", "核对后留一行。"),
        ("{kind} “{found}” appears twice", "one row an object", "another row with “{found}”", "check and keep one."),
    ),
    "DT142": (
        "error",
        ("找不到{kind}“{found}”", "{expected}", "“{found}”", "{remedy}"),
        ("{kind} “{found}” is not on file", "a key of the table {tables}", "“{found}”", "{remedy_en}"),
    ),
    "DT143": (
        "error",
        ("这一格不能空", "{expected}", "空", "补上。"),
        ("this cell may not be blank", "{expected}", "blank", "fill it in."),
    ),
    "DT144": (
        "error",
        ("本政策没有“{found}”这项奖补", "{expected}", "“{found}”", "{remedy}"),
        ("the policy has no award “{found}”", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    "DT145": (
        "error",
        ("没有{kind}表，认不出“{name}”里的对象", "同时导入{expected}表", "没有", "把{expected}表（有对象的那几张）一并导入。"),
        (
            "there is no table of {kind}, so “{name}” leads nowhere",
            "a table {expected} in the same import",
            "none",
            "import the table {expected} along with this one.",
        ),
    ),
    # --- DT15x notices -------------------------------------------------------------------------------------------------------------------
    "DT151": (
        "warning",
        ("{kind}“{found}”不在本次的表里", "{expected}", "“{found}”", "{remedy}"),
        ("{kind} “{found}” is not in the tables of this import", "a key of the table {tables}", "“{found}”", "{remedy_en}"),
    ),
    "DT152": (
        "warning",
        ("没有“{found}”表，按未知处理", "有“{found}”表；一笔也没有时只留表头", "没有", "{remedy}"),
        ("there is no table “{found}”: treated as unknown", "a table “{found}”; with its header only where there are none", "none", "{remedy_en}"),
    ),
    # --- DT16x writing -----------------------------------------------------------------------------------------------------------------
    "DT161": (
        "error",
        ("文件写不进去", "可以写的位置", "{found}", "关闭正在打开它的程序，检查目录是否存在、是否有权限、磁盘是否已满；原来的文件没有改动。"),
        (
            "the file cannot be written",
            "a place that can be written",
            "{found}",
            "close the program that has it open; check the folder, rights and disk space; the old file is untouched.",
        ),
    ),
}
