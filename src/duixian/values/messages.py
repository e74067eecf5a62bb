"""Every message the product can give, once, in Chinese and in English. docs/errors.md is held against this table by a test.

A row is: code, severity, (summary, expected, found, remedy) in Chinese, the same in English. {names} are filled from the defect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .messages_columns import COLUMN_MESSAGES
from .messages_large import LARGE_MESSAGES
from .messages_population import POPULATION_MESSAGES
from .messages_study import STUDY_MESSAGES
from .messages_tables import TABLE_MESSAGES

Language = Literal["zh", "en"]
PARTS = ("summary", "expected", "found", "remedy")
LABELS: dict[str, dict[str, str]] = {
    "zh": {"error": "错误", "warning": "提醒", "also": "另见", "expected": "应为：", "found": "实际：", "remedy": "处理："},
    "en": {"error": "error", "warning": "warning", "also": "see also", "expected": "expected: ", "found": "found: ", "remedy": "remedy: "},
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message: how grave it is, and its four parts in each language."""

    severity: Literal["error", "warning"]
    zh: tuple[str, str, str, str]
    en: tuple[str, str, str, str]

    def text(self, language: Language) -> dict[str, str]:
        return dict(zip(PARTS, self.zh if language == "zh" else self.en, strict=True))


def _error(zh: tuple[str, str, str, str], en: tuple[str, str, str, str]) -> Message:
    return Message("error", zh, en)


def _warning(zh: tuple[str, str, str, str], en: tuple[str, str, str, str]) -> Message:
    return Message("warning", zh, en)


MESSAGES: dict[str, Message] = {
    # --- DX1xx the official text -----------------------------------------------------------------------------------------------
    "DX101": _error(
        ("引文与原文不一致", "“{expected}”", "“{found}”", "照原文改引文；原文有误时换掉 source.txt 并更新“校验”。"),
        (
            "the quote differs from the official text",
            "“{expected}”",
            "“{found}”",
            "copy the official text; if that is wrong, replace source.txt and its hash.",
        ),
    ),
    "DX102": _error(
        ("原文没有引全", "全部原文都在引文里", "从“{found}”起还有 {count} 个字没有引用", "把余下的原文写成引文，并在下面写规则或“- 不计算：…”。"),
        (
            "the official text is not quoted to its end",
            "every character quoted",
            "{count} characters from “{found}” on are not quoted",
            "quote the rest and disposition it.",
        ),
    ),
    "DX103": _error(
        ("引文多出原文没有的字", "原文到此结束", "“{found}”", "删去多出的字。"),
        ("the quote goes on after the official text has ended", "the text ends here", "“{found}”", "delete what is not in the official text."),
    ),
    "DX104": _error(
        ("原文的校验值不符", "{expected}", "{found}", "确认 source.txt 是正式文本后，把“校验”改成实际值。"),
        ("the hash of the official text does not match", "{expected}", "{found}", "make sure source.txt is the official text, then update 校验."),
    ),
    "DX105": _error(
        ("这句原文没有处置", "引文下面有一个规则块或一行“- 不计算：类别，理由”", "没有", "写出规则；规则写在下一段引文下面的，把两段连着写成一段；不涉及金额的写“- 不计算：宣示，理由”。"),
        (
            "this sentence has no disposition",
            "a block or a line “- 不计算：kind, reason” below the quote",
            "nothing",
            "write the rule; if it stands below the next quote, join the two quotes; or “- 不计算：宣示，reason”.",
        ),
    ),
    "DX106": _error(
        ("标题里有数字", "标题不含要计算的数字", "“{found}”", "把这一行改成引文（>），在下面写规则。"),
        ("a heading holds a number", "headings without numbers to compute", "“{found}”", "turn the line into a quote (>) with its rule below."),
    ),
    "DX107": _error(
        ("文件开头的说明缺少“{key}”", "--- 之间有“{key}：…”", "没有", "在文件开头补上一行。"),
        ("the front matter lacks “{key}”", "a line “{key}：…” between the --- lines", "none", "add the line at the top of the file."),
    ),
    "DX108": _error(
        ("文件读不出来", "{expected}", "{found}", "检查路径和编码（须为 UTF-8）。"),
        ("the file cannot be read", "{expected}", "{found}", "check the path and the encoding (UTF-8)."),
    ),
    "DX109": _error(
        ("规则块没有站在原文下面", "前面有一段引文", "没有引文", "把规则块移到它执行的那句原文下面。"),
        ("a block stands under no sentence", "a quote before it", "none", "move the block below the sentence it executes."),
    ),
    "DX110": _error(
        ("“不计算”的类别不认识", "宣示、引用、定义、程序、其他支持", "“{found}”", "选其中一类，后面写逗号和理由。"),
        ("unknown kind of 不计算", "宣示, 引用, 定义, 程序, 其他支持", "“{found}”", "use one of these, then a comma and the reason."),
    ),
    # --- DX2xx how it is written -------------------------------------------------------------------------------------------------
    "DX201": _error(
        ("写法读不懂", "{expected}", "{found}", "{remedy}"),
        ("this cannot be read", "{expected}", "{found}", "{remedy_en}"),
    ),
    "DX202": _error(
        ("“{word}”和前面的字连在一起，读成了一个名称", "“{before} {word}…”", "“{found}”", "在“{word}”前加空格。"),
        ("“{word}” is glued to the name before it", "“{before} {word}…”", "“{found}”", "put a space before “{word}”."),
    ),
    "DX203": _error(
        ("没有这种规则块", "{expected}", "“{found}”", "{remedy}"),
        ("no such kind of block", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    "DX204": _error(
        ("{kind}里没有“{found}”这一项", "{expected}", "“{found}”", "{remedy}"),
        ("“{found}” is not a clause of {kind}", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    "DX205": _error(
        ("{kind}“{name}”缺少“{key}”", "有一行“{lines}”", "没有", "补上这一行。"),
        ("{kind} “{name}” lacks “{key}”", "a line “{lines}”", "none", "add the line."),
    ),
    "DX206": _error(
        ("“{key}”写了两次", "只写一次", "又写了一次", "留一处；{hint}只有条件、否决、封顶、来源、值、说明可以写几行，每行说的不同。"),
        ("“{key}” is given twice", "once", "again here", "keep one; {hint_en}only 条件, 否决, 封顶, 来源, 值 and 说明 take several lines, each saying something else."),
    ),
    "DX207": _error(
        ("“且”“或”混用没有加括号", "（甲 且 乙） 或 丙", "{found}", "用括号写明先算哪一个。"),
        ("且 and 或 are mixed without brackets", "（a 且 b） 或 c", "{found}", "bracket what belongs together."),
    ),
    "DX208": _error(
        ("界限词前后矛盾", "前后两个词同一方向，或写明（含）", "“{found}”", "按原文意思留一个；原文本身矛盾时写成口径。"),
        (
            "the boundary words contradict each other",
            "two words of one direction, or （含）",
            "“{found}”",
            "keep one; if the text itself contradicts, make it a 口径.",
        ),
    ),
    "DX209": _error(
        ("单位不认识", "单位表里的单位", "“{found}”", "{remedy}"),
        ("unknown unit", "a unit of the closed table", "“{found}”", "{remedy_en}"),
    ),
    "DX210": _error(
        ("表格这一行的格数不对", "{expected} 格", "{found} 格", "补上或删去一格；空格子也要留竖线。"),
        ("this table row has the wrong number of cells", "{expected} cells", "{found} cells", "add or remove a cell; empty cells keep their bars."),
    ),
    "DX211": _error(
        ("{key}没有写期间", "每年、每N年、累计、政策期内、每笔 之一", "“{found}”", "原文没写期间时，写成口径，如 50万元 每企业 【期间】。"),
        ("{key} has no period", "每年, 每N年, 累计, 政策期内 or 每笔", "“{found}”", "where the text names none, make it a 口径."),
    ),
    "DX212": _error(
        ("“{key}”只能是规定的几种", "{expected}", "“{found}”", "{remedy}"),
        ("“{key}” takes one of a closed list", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    "DX213": _error(
        ("{summary}", "", "“{found}”", "{remedy}"),
        ("this kind of clause is outside the language: {found}", "", "“{found}”", "{remedy_en}"),
    ),
    "DX214": _error(
        (
            "这一行不在引文里，也不在规则块里",
            "# 标题、> 引文、#### 规则块，条目和表格写在块里",
            "“{found}”",
            "原文前加 >；条目和表格移到它的 #### 块里。",
        ),
        (
            "this line stands neither in a quote nor in a block",
            "# heading, > quote, #### block; items and tables inside a block",
            "“{found}”",
            "put > before official text; move items and tables into their block.",
        ),
    ),
    "DX215": _error(
        ("标准和档次表要有且只有一个", "一行“标准：…”或一张最后一列是“标准”的表", "{found}", "写一个，也只写一个。"),
        ("exactly one of a standard and a tier table is needed", "a line 标准：… or a table ending in 标准", "{found}", "write one and only one."),
    ),
    "DX216": _error(
        ("读不懂的字符“{found}”", "{expected}", "“{found}”", "{remedy}"),
        ("unreadable character “{found}”", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    "DX217": _error(
        ("表格的这一行写得不对", "{expected}", "“{found}”", "{remedy}"),
        ("this line of a table is not written as one", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    # --- DX3xx names -----------------------------------------------------------------------------------------------------------------
    "DX301": _error(
        ("名称“{found}”没有定义", "{expected}", "“{found}”", "{remedy}"),
        ("the name “{found}” is not defined", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    "DX302": _error(
        ("“{found}”定义了两次", "一个名称只有一处定义", "另一处见下", "改掉一个名称。"),
        ("“{found}” is defined twice", "one definition a name", "the other is shown below", "rename one."),
    ),
    "DX303": _warning(
        ("{kind}“{found}”没有用到", "规则里用到它", "没有一处", "删去，或在规则里用上。"),
        ("{kind} “{found}” is never used", "a use", "none", "delete it or use it."),
    ),
    "DX304": _error(
        ("定义绕成了圈", "一环接一环，不回到自己", "{found}", "去掉其中一环。"),
        ("definitions go round in a circle", "no circle", "{found}", "break one link."),
    ),
    "DX305": _error(
        ("【{found}】不能放在这里", "{expected}", "选项“{option}”写的是“{cell}”", "改口径里的写法，或换一个位置。"),
        ("【{found}】 does not fit here", "{expected}", "option “{option}” reads “{cell}”", "change the option, or use the name elsewhere."),
    ),
    "DX306": _error(
        ("名称“{found}”不能用", "{expected}", "“{found}”", "换一个名称。"),
        ("the name “{found}” cannot be used", "{expected}", "“{found}”", "choose another name."),
    ),
    # --- DX4xx kinds, units, periods ---------------------------------------------------------------------------------------------
    "DX401": _error(
        ("单位不符：{left} 与 {right}", "两边单位相同", "左边 {left}，右边 {right}", "{hint}改单位；没有写单位的数补上，“A至B”两头都写；系统不作暗中换算。"),
        (
            "units differ: {left} against {right}",
            "the same unit on both sides",
            "{left} and {right}",
            "{hint_en}mend the unit, or write it where a number has none (at both ends of A至B); nothing is converted silently.",
        ),
    ),
    "DX402": _error(
        ("类别不符", "{expected}", "{found}", "{remedy}"),
        ("the kind does not fit", "{expected}", "{found}", "{remedy_en}"),
    ),
    "DX403": _error(
        ("标准算出来不是金额", "元", "{found}", "{hint}检查每一项的单位：相乘之后应当正好是元。"),
        ("the standard is not an amount of money", "元", "{found}", "{hint_en}check the units: the product must come to 元."),
    ),
    "DX404": _error(
        ("“{found}”不在“{name}”的选项里", "{expected}", "“{found}”", "{remedy}"),
        ("“{found}” is not an option of “{name}”", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    "DX405": _error(
        ("“{found}”不是按年的事实", "期间为“年”的事实", "“{found}”只有一个值", "{fn}只能用于按年的事实；在词汇表里把期间写成“年”，或去掉{fn}。"),
        ("“{found}” is not a yearly fact", "a fact with period 年", "“{found}” has a single value", "{fn} needs a yearly fact."),
    ),
    "DX406": _error(
        ("“{fn}”只能放在比较的左边", "{expected}", "“{found}”", "它只作比较，不参与加减乘除。"),
        ("“{fn}” may only stand on the left of a comparison", "{expected}", "“{found}”", "it is compared, never computed with."),
    ),
    "DX407": _error(
        ("“{fn}”的写法不对", "{expected}", "{found}", "照应为的样子写。"),
        ("“{fn}” is not written right", "{expected}", "{found}", "write it as expected."),
    ),
    "DX408": _error(
        ("“{found}”是一个词，还是事实的名称？", "看得出比的是什么", "“{found}”两样都是", "比的是事实，写“是 ({found})”；比的是这个词，写“属于 {found}”。"),
        ("“{found}”: a word, or the name of a fact?", "one meaning", "“{found}” is both", "write 是 ({found}) for the fact, 属于 {found} for the word."),
    ),
    # --- DX5xx numbers and boundary words ----------------------------------------------------------------------------------------
    "DX501": _error(
        ("规则里的数字 {found} 不在原文里", "上面引文里的数字：{expected}", "{found}", "{hint}照原文改数字；原文没有的数写成“另定”“参数”或口径。"),
        (
            "the number {found} of the rule is not in the text",
            "numbers of the quote: {expected}",
            "{found}",
            "{hint_en}copy the number; what the text lacks is 另定, 参数 or a 口径.",
        ),
    ),
    "DX502": _error(
        (
            "原文的数字 {found} 没有交代",
            "规则用到它，或在“不计算”“说明”里写到它",
            "下面没有出现 {found}",
            "把它写进规则；不参与计算的，在“说明”里写明。",
        ),
        (
            "the number {found} of the text is not accounted for",
            "a rule that uses it, or prose that sets it aside",
            "{found} appears nowhere below",
            "use it, or set it aside in 说明.",
        ),
    ),
    "DX503": _error(
        ("界限词与原文不同：{number} 处", "原文是“{expected}”（{expected_operator}）", "规则是“{found}”（{found_operator}）", "照原文的词写。{hint}"),
        (
            "the boundary word at {number} differs from the text",
            "the text says “{expected}” ({expected_operator})",
            "the rule says “{found}” ({found_operator})",
            "use the word of the text.{hint_en}",
        ),
    ),
    # --- DX6xx tiers, caps, places -----------------------------------------------------------------------------------------------
    "DX601": _error(
        ("档次之间有空当：{gap} 哪一档都不到", "相邻两档首尾相接", "{gap}", "补上这一段，或在说明里写明为何不奖。"),
        ("there is a gap between rows: {gap_en} falls in none", "rows that meet", "{gap_en}", "close the gap."),
    ),
    "DX602": _error(
        ("这一档永远轮不到", "能落到这一行的情形", "前面第 {row} 行已经全部接走", "{remedy}"),
        (
            "this row can never be reached",
            "something left for this row",
            "row {row} already takes it all",
            "{remedy_en}",
        ),
    ),
    "DX603": _warning(
        ("档次越高，标准反而越低", "门槛更高的一行标准不低于下一行", "{found}", "核对原文；确是如此的，在说明里写一句。"),
        ("a higher tier pays less", "a standard not below the next row's", "{found}", "check the text; if so, say it in 说明."),
    ),
    "DX604": _error(
        ("封顶 {cap} 低于标准 {tier}，这一档永远发不足", "封顶不低于最高一档", "封顶 {cap}，标准 {tier}", "核对两个数字和它们的单位。"),
        (
            "the cap {cap} is below the standard {tier}",
            "a cap not below the highest tier",
            "cap {cap}, standard {tier}",
            "check both numbers and their units.",
        ),
    ),
    "DX605": _warning(
        ("本年还没有标准：{found}", "{year} 年度标准里有这一项", "未定", "由主管部门填进 standards-{year}.md；定下以前不能支付。"),
        (
            "no standard for the year yet: {found}",
            "a row in the year's file for {year}",
            "open",
            "the office enters it in standards-{year}.md; nothing is payable before.",
        ),
    ),
    "DX606": _error(
        ("名额与原文不符", "{expected}", "{found}", "照原文写名额；原文没有名额的不要写。"),
        ("the places (名额) differ from the text", "{expected}", "{found}", "write what the text says."),
    ),
    "DX607": _error(
        (
            "“一次性”可能是一笔付清，也可能是一生一次",
            "写成口径，两种读法都列出",
            "频次直接写了“{found}”",
            "原文有“当年”“每年”“年终”：用 频次：【…】 和 #### 口径。",
        ),
        (
            "“一次性” may mean in one sum or once for ever",
            "a 口径 with both readings",
            "“{found}” written as settled",
            "the text also says 当年/每年/年终: use 频次：【…】.",
        ),
    ),
    "DX608": _error(
        ("原文没有写封顶的期间，规则里直接定了“{found}”", "写成口径，列出可能的期间", "“{found}”", "用 封顶：… 每企业 【期间】 和 #### 口径。"),
        (
            "the text gives the cap no period, the rule settles on “{found}”",
            "a 口径 with the possible periods",
            "“{found}”",
            "use 封顶：… 【期间】 and a 口径.",
        ),
    ),
    "DX609": _warning(
        ("这个封顶永远碰不到", "有可能超过封顶的情形", "最多 {found}，封顶 {cap}", "核对原文：不是读法错了，就是这一句多余。"),
        ("this cap can never bind", "a case above the cap", "at most {found} against {cap}", "check the reading: the cap has no effect."),
    ),
    # --- DX7xx readings --------------------------------------------------------------------------------------------------------------
    "DX701": _error(
        (
            "口径“{reading}”的选项“{option}”没有一个例分得出来",
            "至少一个 例 的结果与选定的“{choice}”不同",
            "所有例的结果都一样",
            "加一行 例，写明这个选项下结果不同。",
        ),
        (
            "no example tells option “{option}” of “{reading}” from the choice",
            "an 例 whose result differs from “{choice}”",
            "every result is the same",
            "add a row that differs under this option.",
        ),
    ),
    "DX702": _error(
        ("口径“{reading}”没有“{found}”这个选项", "{expected}", "“{found}”", "从列出的选项里选。"),
        ("“{found}” is not an option of the reading “{reading}”", "{expected}", "“{found}”", "choose one of the options."),
    ),
    # --- DX8xx examples --------------------------------------------------------------------------------------------------------------
    "DX801": _error(
        ("例“{example}”的结果不对", "{expected}", "{found}", "核对规则和例，两者总有一个错了。{note}"),
        ("example “{example}” does not come out", "{expected}", "{found}", "either the rule or the example is wrong. {note_en}"),
    ),
    "DX802": _error(
        ("例的这一格读不懂", "{expected}", "“{found}”", "{remedy}"),
        ("this cell of the example cannot be read", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    "DX803": _warning(
        ("{kind}“{name}”没有例", "至少一张 例 表", "没有", "写一张 例 表，把每个界限的两边都写上。"),
        ("{kind} “{name}” has no example", "at least one 例 table", "none", "write a table with both sides of every boundary."),
    ),
    "DX804": _warning(
        ("界限 {number} 没有例守着{side}", "一个例正好在 {number}，一个在它差一点的一边", "没有", "加上刚好和差一点两行。"),
        ("no example stands {side_en} the boundary {number}", "one example exactly at {number} and one just beside it", "none", "add both rows."),
    ),
    "DX805": _warning(
        ("例的这一列，“{name}”没有用到", "规则用到的事实", "“{found}”", "是不是规则漏写了一个条件？用不到的列删掉。"),
        ("“{name}” reads nothing of this column", "a fact the rule reads", "“{found}”", "is a condition missing from the rule? Else take the column away."),
    ),
    # --- DX85x fair competition -----------------------------------------------------------------------------------------------------
    "DX851": _warning(
        ("公平竞争审查：{found}", "不以{what}作为给予奖补的条件", "原文写有“{words}”", "附上公平竞争审查意见；依据：{basis}。本提示不影响计算。"),
        (
            "fair competition review: {found_en}",
            "no award conditional on {what_en}",
            "the text says “{words}”",
            "attach the review opinion; source: {basis}. This never blocks.",
        ),
    ),
    # --- DX9xx the year's file -------------------------------------------------------------------------------------------------------
    "DX901": _error(
        ("年度标准里的“{found}”在政策里不是待定项", "{expected}", "“{found}”", "{remedy}"),
        ("“{found}” is not an open item of the policy", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    "DX902": _error(
        ("“政策规定”一栏与政策不同", "{expected}", "“{found}”", "照政策写，用来防止张冠李戴。"),
        ("the column 政策规定 differs from the policy", "{expected}", "“{found}”", "copy the policy's words."),
    ),
    "DX903": _error(
        ("本年标准超过政策的上限", "不超过 {expected}", "{found}", "降到上限以内。"),
        ("the year's standard is above the ceiling", "at most {expected}", "{found}", "lower it."),
    ),
    "DX904": _error(
        ("年度标准这一格不能用", "{expected}", "“{found}”", "{remedy}"),
        ("this cell of the year's file cannot be used", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    "DX905": _error(
        ("年度标准的{key}不符", "{expected}", "“{found}”", "用对应政策、对应年度的文件。"),
        ("{key} of the year's file does not match", "{expected}", "“{found}”", "use the file of this policy and year."),
    ),
    # --- DX95x settling ----------------------------------------------------------------------------------------------------------------
    "DX951": _error(
        ("填报数与计算数不同：{found}", "{expected}", "{given}", "查明哪一个对，留一个或改成一致。"),
        ("the figure given and the figure computed differ: {found}", "{expected}", "{given}", "find out which is right and make them agree."),
    ),
    "DX952": _error(
        ("总额“{name}”不能用“下调标准”", "{expected}", "{found}", "改用“按比例核减”，或定更低的标准、更高的总额。"),
        ("“{name}” cannot be met by lowering standards", "{expected}", "{found}", "use 按比例核减, or set lower standards or a higher total."),
    ),
    "DX953": _error(
        ("按先后发放缺少申报日期：{found}", "每笔都有申报日期", "空", "补齐申报日期。"),
        ("first come, first served needs the application date: {found}", "a date for every claim", "none", "fill in the dates."),
    ),
    "DX954": _error(
        ("找不到“{found}”", "{expected}", "“{found}”", "{remedy}"),
        ("“{found}” cannot be found", "{expected}", "“{found}”", "{remedy_en}"),
    ),
    "DX955": _error(
        ("金额太大：{found}", "每一笔、各笔合起来都不到 1亿亿元", "{amount}", "多半是单位写错、多敲了零：核对这个对象的数和政策的标准。"),
        ("an amount too large: {found}", "below 10^16 元, each and together", "{amount}", "most likely a wrong unit or zeros too many: check the figures of this object and the standard."),
    ),
    "DX961": _error(
        ("两个引擎算得不同：{line}", "逐笔相同", "{found}", "结果没有写出。这是我们的错，请把政策和数据报告给我们。解释器：{one}。编译引擎：{other}"),
        (
            "the two engines differ: {line_en}",
            "the same on every line",
            "{found_en}",
            "nothing was written. This is our mistake, please report policy and data. Interpreter: {one_en}. Compiled: {other_en}",
        ),
    ),
    "DX962": _error(
        ("编译引擎没有算完（{engine}，{found}）", "算完并逐笔核对", "{detail}", "数太大就核对单位；内存不够就关掉别的程序；只想算一遍用 --engine interpret。"),
        (
            "the compiled engine did not finish ({engine}, {found})",
            "a finished run to compare",
            "{detail}",
            "check units where a number is too large; free memory; --engine interpret computes once.",
        ),
    ),
}

MESSAGES.update({code: Message(*row) for code, row in {**TABLE_MESSAGES, **COLUMN_MESSAGES}.items()})
MESSAGES.update({code: Message(*row) for code, row in STUDY_MESSAGES.items()})
MESSAGES.update({code: Message(*row) for code, row in POPULATION_MESSAGES.items()})
MESSAGES.update({code: Message(*row) for code, row in LARGE_MESSAGES.items()})
