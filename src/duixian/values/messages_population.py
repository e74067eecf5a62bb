"""The messages of synthetic populations (DP1xx), in the form of messages_tables.py."""

from __future__ import annotations

from .messages_tables import Row

POPULATION_MESSAGES: dict[str, Row] = {
    # --- DP10x the rows of a profile ---------------------------------------------------------------------------------------------------
    "DP101": (
        "error",
        ("画像文件开头的“{key}”不对", "{expected}", "{found}", "在开头两行 --- 之间写“画像: 政策代号”和“基准: 对象”。"),
        ("{key} at the head of the profile is wrong", "{expected_en}", "{found_en}", "write 画像: and 基准: between the two lines --- at the head."),
    ),
    "DP102": (
        "error",
        ("不认识“{found}”", "词汇里的对象，或对象、逐年变化、边界、历史、其他政策已付、申报", "“{found}”", "{remedy}"),
        ("unknown object type or table “{found}”", "an object type of the vocabulary or one of the fixed tables", "“{found}”", "{remedy_en}"),
    ),
    "DP103": (
        "error",
        ("“{name}”表的表头不对", "{expected}", "{found}", "照着改表头；用不到的列删掉。"),
        ("the head of the table “{name}” is wrong", "{expected_en}", "{found}", "use these heads; delete the others."),
    ),
    "DP104": (
        "error",
        ("“{kind}”没有“{found}”这个事实", "词汇里“{kind}”的事实", "“{found}”", "{remedy}"),
        ("“{kind}” has no fact “{found}”", "a fact of “{kind}” in the vocabulary", "“{found}”", "{remedy_en}"),
    ),
    "DP105": (
        "error",
        ("这一格读不懂，或不能这样写", "{expected}", "“{found}”", "照应为的样子改。"),
        ("this cell cannot be read or used", "{expected_en}", "{found_en}", "write it as expected."),
    ),
    "DP106": (
        "error",
        ("这一行没有依据", "公开来源（《文件》或网址），或“假定：”和至少四个字的理由", "{found}", "查到来源就写来源；没有来源的写“假定：”和理由，不写没有出处的数。"),
        (
            "this row names no source",
            "a public source (《document》 or an address), or 假定： with a reason of four characters or more",
            "{found_en}",
            "name the source; where there is none write 假定： and why. No figure without a source.",
        ),
    ),
    "DP107": (
        "error",
        ("政策里没有“{found}”这项奖补", "政策的奖补", "“{found}”", "{remedy}"),
        ("the policy has no award “{found}”", "an award of the policy", "“{found}”", "{remedy_en}"),
    ),
    "DP108": (
        "error",
        ("“{found}”写了两行", "一行", "“{found}”", "删去一行。"),
        ("“{found}” has two rows", "one row", "“{found}”", "delete one of them."),
    ),
    "DP109": (
        "error",
        ("没有这种分布，或不能用在这个事实上", "{expected}", "“{found}”", "换一种分布。"),
        ("no such distribution, or not for this fact", "{expected_en}", "“{found}”", "use another distribution."),
    ),
    # --- DP11x rows that do not go together ---------------------------------------------------------------------------------------------
    "DP110": (
        "error",
        ("“{kind}”没有说“{found}”怎样编", "“## {kind}”表里有“{found}”一行", "没有", "加上这一行：标识用编号、信用代码，上级用上级、随机取。"),
        ("“{kind}” does not say how “{found}” is made", "a row “{found}” in the table “## {kind}”", "none", "add the row."),
    ),
    "DP111": (
        "error",
        ("“{kind}”的“{found}”要几年的数，没有说逐年怎样变", "“逐年变化”表里的一行", "没有", "写明持续的比例；金额还可以写增长中位和增长散度。"),
        ("“{found}” of “{kind}” is wanted for several years", "a row in the table 逐年变化", "none", "state how it goes from year to year."),
    ),
    "DP112": (
        "error",
        ("绕了一圈，算不出来", "不回到自己", "{found}", "改掉其中一行。"),
        ("rows go round in a circle", "no way back", "{found}", "change one of the rows."),
    ),
    "DP113": (
        "error",
        ("政策没有拿“{kind}”的“{found}”和任何数比较，没有边界可以埋", "政策比较过的数", "“{found}”", "{remedy}"),
        ("the policy compares “{found}” of “{kind}” with no number: there is no boundary", "a number the policy compares", "“{found}”", "{remedy_en}"),
    ),
    "DP114": (
        "error",
        ("用到了{found}，画像里没有写", "{expected}", "没有", "加上那一行。"),
        ("{found_en} is needed and the profile does not state it", "a row for it", "none", "add the row."),
    ),
    "DP115": (
        "error",
        ("政策没有写死“{found}”付多少", "“1000元 至 2万元”", "按政策", "在“金额”里写一个范围。"),
        ("the policy does not fix what “{found}” pays", "“low 至 high”", "as the policy has it (按政策)", "state a range."),
    ),
    "DP116": (
        "error",
        ("目标不是空目录", "还没有的目录，或空目录", "{found}", "换一个目录，或先删掉旧的；原有的文件没有动。"),
        ("the target is not an empty folder", "a folder that does not exist yet, or an empty one", "{found_en}", "use another; what is there was not touched."),
    ),
    "DP117": (
        "error",
        ("{name} 不能这样写", "{expected}", "{found}", "改成范围里的整数。"),
        ("{name} is out of range", "{expected_en}", "{found}", "use a whole number within the range."),
    ),
    "DP118": (
        "error",
        ("没有人群画像", "政策目录里的 population.md，或 --profile 指明的文件", "没有这个文件",
         "新建这个文件：开头四行“---”“画像: {policy}”“基准: {base}”“---”，下面“## 对象”一张表写各有多少，再每种对象一张表写各个事实怎样编；照 policies/ 里另两份的样子写，还缺哪一行，再运行时会指出。已经有数据的不用画像，直接测算。"),
        ("there is no profile", "population.md in the policy folder, or the file --profile names", "no such file",
         "make this file: the first four lines are “---”, “画像: {policy}”, “基准: {base}”, “---”; below them a table “## 对象” says how many there are, then a table for each object type says how its facts are made. The two under policies/ are examples; run again to be told which rows are still lacking. Where there are data no profile is needed: study them."),
    ),  # fmt: skip
    # --- DP12x notices ------------------------------------------------------------------------------------------------------------------
    "DP121": (
        "warning",
        ("政策要用“{kind}”的“{found}”，画像没有写，全部未知", "“## {kind}”表里的一行", "没有", "要它有数的，加上这一行。"),
        ("the policy uses “{found}” of “{kind}” and the profile leaves it out: unknown for all", "a row", "none", "add the row if it should have values."),
    ),
    "DP122": (
        "warning",
        ("政策要用“{found}”，画像没有写有多少，这张表没有（未知）", "“对象”表里的一行", "没有", "一个也没有的，把“有的比例”写成 0%。"),
        ("the policy uses “{found}” and the profile does not say how many: no table (unknown)", "a row in the table 对象", "none", "state 0% where there are none."),
    ),
}
