"""The English of what a defect expected and found: short phrases that stand inside a message.

What is to be typed is the same in both languages (每年, 从高到低, the heads of a table) and stays; a test holds every phrase of the code against both.
"""

from __future__ import annotations

import re

# what the author types, word for word, or a name the policy itself gives
TYPED = frozenset(
    """#### {} 后面写名称|2022年10月1日 至 2027年9月30日|2025年1月1日 起|N年|N年内 K次 每X|{} 至 {}|{}(列表 其中 条件)|{}(列表 其中 条件, 数)|{}月{}日|{}、再按 …|【名】|不计算、说明
两年平均增长率(…) 不低于 5%|事实 取自 来源|事实、类型、单位、期间、来源、算法、说明|从高到低 或 从低到高|值：名 = 式|前 6名，按 … 从高到低|参数、（各键）、值、依据|取自|口径、选择、理由
口径＝选项；{}|另定 {}|另定 名|名的名|已付金额 或 档位标准|就高、提示|应认定、可认定|当年1月1日至9月30日、上年7月1日至当年6月30日|总额、范围、额度、超出|时长(…) 满 1年|标识、属于、是、起年
每年、一次性 每X、一次 每X每年、每年，最多 N年 每X、N年内 K次 每X|每年、每N年、累计、政策期内|每满 或 每|每笔|甲 且 乙 或 丙|第N年|组、奖补、同一、处理|至|项目、档、政策规定、本年标准|额度：数 范围|标准|任一
函数：|未定""".replace("\n", "|").split("|")
)

_PHRASES: dict[str, str] = {
    "#### {} 后面写名称": "a name behind #### {}",
    "A至B，前面没有界限词": "A至B with no boundary word before it",
    "A至B，小的、早的在前": "A至B, the lower or the earlier first",
    "UTF-8 编码的文本": "text in UTF-8",
    "{} 个": "{}",
    "{} 项": "{}",
    "{} 个参数": "{} arguments",
    "{} 至 {} 个参数": "{} to {} arguments",
    "{} 表": "a table {}",
    "“{}”有起年，或写 自 年份": "a 起年 of “{}”, or 自 with a year",
    "“{}”本身、它的关系或事实，或受益人": "“{}” itself, a relation or fact of it, or 受益人",
    "“{}”的一个事实": "a fact of “{}”",
    "“{}”的一个是否事实，来源写“认定”": "a 是否 fact of “{}” whose 来源 is 认定",
    "“{}”的事实、关系或下属对象": "a fact, a relation or children of “{}”",
    "“{}”的关系或事实": "a relation or fact of “{}”",
    "“{}”的对象是“{}”": "“{}” is for “{}”",
    "“每”后面的对象、关系或事实": "an object, relation or fact behind 每",
    "一个 #### 口径 块定义的名称": "a name that a 口径 block gives",
    "一个固定的数、另定、不超过 N": "a fixed number, 另定 or 不超过 N",
    "一个对象是“{}”的登记": "a 登记 for “{}”",
    "一行不超过 {} 个运算、{} 层括号": "at most {} operations and {} levels of brackets a line",
    "下属对象的列表": "a list of children",
    "不是 UTF-8": "not UTF-8",
    "不超过 {} MB 的文本": "text of at most {} MB",
    "不超过 {} 位的数": "a number of at most {} digits",
    "两个数，小的在前，如 0{}至100{}": "two numbers, the lower first, as 0{}至100{}",
    "事实": "a fact",
    "二级标题（##）": "a heading of level two (##)",
    "二级标题（##）下面的表": "tables below headings of level two (##)",
    "任一：后面换行，下面缩进写两个以上条件": "任一： alone on its line, two conditions or more indented below",
    "写在{}里，没有“本奖”": "written in {}, where there is no 本奖",
    "写在奖补里": "written in an award",
    "函数：{}": "a function: {}",
    "到这里就完了": "nothing more",
    "到这里结束": "the end",
    "前面的比后面的大": "the first is the higher one",
    "单位与政策用它的地方相合": "a unit that fits where the policy uses it",
    "原文写有“{}”：写 名额，或用名次事实": "the text says “{}”: 名额, or a fact that is a rank",
    "原文的量词": "the counting word of the text",
    "受益人是主体，或“是：主体”的对象": "a payee that is a 主体",
    "口径、选择、理由，理由必填": "口径、选择、理由, each filled in",
    "{}；或 第1年、第2年至第3年、前3年、第4年起": "{}; or 第1年, 第2年至第3年, 前3年, 第4年起",
    "口径套口径，总共不超过 {} 处": "readings inside readings, at most {} places in all",
    "可以比较大小的数或日期": "a number or a date, which can be compared",
    "可以读的文件": "a file that can be read",
    "名单的名称": "a name for the list",
    "名称": "a name",
    "名称、数字、【名】、＋ − × ÷、括号、顿号、逗号": "names, numbers, 【名】, ＋ − × ÷, brackets, 、 and commas",
    "名称，或【】": "a name, or 【】",
    "后面还有“与 … 合计”": "与 … 合计 behind it",
    "固定标准已超过总额": "the fixed standards alone exceed the total",
    "多了一项": "one argument too many",
    "太长": "too long",
    "太长或套得太深": "too long or too deep",
    "它": "it",
    "对象、关系或事实的名称": "the name of an object, relation or fact",
    "对象是“{}”的奖补": "an award for “{}”",
    "少了要加的数": "nothing to add up",
    "带单位的数、日期或“未定”": "a number with its unit, a date or 未定",
    "年份": "a year",
    "年序，或单位是“名”的名次": "年序, or a rank whose unit is 名",
    "U+{}（看不见的字符）": "U+{} (a character that cannot be seen)",
    "多了一行“---”": "one --- too many",
    "标识：…；属于：…；是：…；起年：…": "标识：…；属于：…；是：…；起年：…, with ； between them",
    "没有“{}”的名称": "a name without “{}”",
    "说明夹在两行“---”之间，一项接一项": "the front matter between two lines ---, one key after another",
    "“项: 内容”，一行一项": "key: value, one a line",
    "只有规则，没有注释": "rules only, no comments",
    "待定数的名：{}": "the name of an open number: {}",
    "每一行以半角竖线 | 开头，格与格之间也用它": "a bar | at the start of each line and between its cells",
    "第一行是“---”，说明写在两行“---”之间": "--- as the first line, the front matter between two of them",
    "第一行是表头，第二行是 |---|": "the head first, |---| below it",
    "表头下面的一行，每格只写横线：|---|": "a line below the head with dashes only: |---|",
    "表格里的一行：| 格 | 格 |": "a row of a table: | cell | cell |",
    "空行": "an empty line",
    "表头有几格，|---| 就有几格": "as many |---| as the head has cells",
    "表头下面一行是 |---|": "a line |---| below the head",
    "口径的表": "the table of a 口径",
    "表头和它下面的 |---| 各写一次": "the head and |---| below it, once",
    "年，或空着": "年, or blank",
    "总额的结果不同": "the totals differ",
    "按明细算出 {}": "{}, computed from the parts",
    "政策目录或它的上一级目录里的文件": "a file of the policy folder or the folder above it",
    "政策目录（里面有 policy.md）": "a policy folder (with policy.md in it)",
    "政策里的口径": "a reading of the policy",
    "数": "a number",
    "数字、名称、【名】或括号": "a number, a name, 【名】 or a bracket",
    "数或日期": "a number or a date",
    "数据里的对象（{} 个）的标识": "the key of an object of the data ({} of them)",
    "整的年、月、日，如 满 1年以上": "whole years, months or days, as 满 1年以上",
    "日历上有的一天": "a day of the calendar",
    "日期": "a date",
    "日期或年份": "a date or a year",
    "日期，或“未定”": "a date, or 未定",
    "时点须是日期": "a date",
    "最后一列是“结果”，至少一行": "结果 as the last column, and one row at least",
    "有可以下调的另定标准": "open standards that can be lowered",
    "最低不比最高高": "最低 not above 最高",
    "不是 0 的数": "a number other than 0",
    "至少一行": "one row at least",
    "一行也没有": "none",
    "年份，如 2024年": "a year, as 2024年",
    "本奖，或本政策的奖补": "本奖, or an award of the policy",
    "本政策的奖补": "an award of the policy",
    "本政策的奖补：{}": "an award of the policy: {}",
    "条件（是或否）": "a condition (是 or 否)",
    "来源的名称": "the name of a source",
    "止日": "the last day",
    "每X 后面还有期间": "a period behind 每X",
    "每年都有的一天": "a day every year has",
    "没有": "none",
    "没有【】的写法": "a form without 【】",
    "没有【】的算式": "an expression without 【】",
    "没有名额": "no 名额",
    "没有日期": "no date",
    "没有期间": "no period",
    "没有界限词": "no boundary word",
    "没有上限词": "no word of a ceiling",
    "没有空格、标点、“的”“每”，不以数字开头，不是关键字": "no space or punctuation, no 的 or 每, no digit first, no keyword",
    "没有结束的“---”": "no --- that closes it",
    "没有起年": "no 起年",
    "没有这个目录": "no such folder",
    "没有这个文件": "no such file",
    "这是一个目录": "a folder",
    "没有读取的权限": "no permission to read it",
    "打不开": "it cannot be opened",
    "没有这种表": "no such table",
    "界限词（以上、超过、不低于……）": "a boundary word (以上, 超过, 不低于 …)",
    "算式": "an expression",
    "列表": "a list",
    "选项": "an option",
    "没有单位": "no unit",
    "组：{}": "a group: {}",
    "组：档、对象、受益人或关系": "a group: 档, an object, 受益人 or a relation",
    "缩进的条目只写在“任一：”下面": "indented items below 任一： only",
    "范围：每X每年、每X 累计、全市每年……": "a scope: 每X每年, 每X 累计, 全市每年 …",
    "词汇里“{}”写明起年": "a 起年 of “{}” in the vocabulary",
    "词汇里的事实": "a fact of the vocabulary",
    "词汇里的对象": "an object of the vocabulary",
    "词汇表": "the table of facts",
    "引文下面的条目": "what stands below a quote",
    "文件开头的说明": "the front matter",
    "说明后面有一行“---”": "a line --- behind the front matter",
    "起日在止日之前": "the first day before the last",
    "这里可用：{}，或事实": "here: {}, or a fact",
    "金额、暂估 金额，或 {}": "an amount, 暂估 and an amount, or {}",
    "问的是“{}”": "asked of “{}”",
    "问的是奖补的对象“{}”": "asked of “{}”, what the award is for",
    "（到此为止）": "(the end)",
    "（本政策没有参数）": "(the policy has no parameters)",
    "{}，或一个对象的名称": "{}, or the name of an object",
    "{} 各一格，都必填": "{}, each filled in",
    "正好": "exactly",
    "达到的一边": "the side that reaches it",
    "达不到的一边": "the side that does not",
}


def _pattern(phrase: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(re.escape(part) for part in phrase.split("{}")), re.S)


_PATTERNS = [(_pattern(phrase), english) for phrase, english in _PHRASES.items() if "{}" in phrase]
_WORDS = {phrase: english for phrase, english in _PHRASES.items() if "{}" not in phrase}


def english_detail(text: str) -> str:
    """A phrase a defect expected or found, in English; one that is to be typed, or a word of the policy, as it is."""
    if text in _WORDS:
        return _WORDS[text]
    for pattern, english in _PATTERNS:
        if found := pattern.fullmatch(text):
            return english.format(*found.groups())
    return text
