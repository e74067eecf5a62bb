"""What may be written on the command line: the commands, their options and examples, and what is said where something else is written."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from .values.labels import say
from .values.messages import Language

EXAMPLES = {
    "check": "duixian check policies/jinyun-2025 policies/zibo-2022",
    "template": "duixian template policies/jinyun-2025 --year 2025 -o facts.xlsx",
    "settle": "duixian settle policies/jinyun-2025 --year 2025 --facts facts.xlsx -o result.xlsx",
    "explain": "duixian explain policies/jinyun-2025 --year 2025 --facts facts.xlsx --object 91331122MA0000001P",
    "advise": "duixian advise policies/jinyun-2025 --year 2025 --facts facts.xlsx --object 91331122MA0000001P",
    "show": "duixian show policies/jinyun-2025 --award 场地租金补助",
    "population": "duixian population policies/zibo-2022 --size 1000000 --seed 1 --year 2025 -o out/population",
    "study": "duixian study policies/zibo-2022 --year 2025 --facts out/population --html study.html -o study.xlsx",
    "serve": "duixian serve --home /srv/duixian --port 8000",
    "record": "duixian record --home /srv/duixian",
    "recompute": "duixian recompute 12 --home /srv/duixian",
}
_SUMMARIES = {
    "check": "检查政策：原文、处置、数字、单位、口径，并运行每一个例",
    "template": "生成要填写的表格",
    "settle": "结算一个年度",
    "explain": "说明每一笔为什么是这个数",
    "advise": "一个对象能得什么、还差什么",
    "show": "用大白话说出政策",
    "population": "按人群画像编合成数据（非真实）",
    "study": "测算：花多少、谁得谁失、断崖、哪个标准正好",
    "serve": "启动网页办事系统",
    "record": "核对网页办事系统的记录有没有被改过",
    "recompute": "把网页办事系统里的一次核算，从留存的数据重算一遍",
}


class Usage(Exception):
    """Wrong usage: what to say, and of which command."""

    def __init__(self, text: str, command: str = "") -> None:
        super().__init__(text)
        self.text, self.command = text, command


class _Formatter(argparse.RawDescriptionHelpFormatter):
    language: Language = "zh"

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, say("用法：", self.language) if prefix is None else prefix)


class _Parser(argparse.ArgumentParser):
    """argparse that raises Usage in the user's language instead of leaving."""

    language: Language = "zh"

    def error(self, message: str) -> NoReturn:
        raise Usage(_usage_text(message, self.language), self.prog.split(" ")[-1])

    def format_help(self) -> str:
        self._positionals.title, self._optionals.title = say("参数", self.language), say("选项", self.language)
        return super().format_help()

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise SystemExit(status)


def parser_in(language: Language) -> argparse.ArgumentParser:
    """The parser of all commands, whose words are in one language. It raises Usage."""

    def words(text: str) -> str:
        return say(text, language)

    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = common.add_argument_group(words("各命令通用"))
    group.add_argument("-h", "--help", action="help", help=words("显示这段说明"))
    group.add_argument("--lang", choices=("zh", "en"), help=words("语言，缺省取自环境"))
    group.add_argument("--color", choices=("auto", "always", "never"), help=words("颜色，缺省只在终端里用"))
    group.add_argument("--quiet", action="store_true", help=words("只打印结果"))
    kind, formatter = type("Parser", (_Parser,), {"language": language}), type("Formatter", (_Formatter,), {"language": language})
    parser = kind(prog="duixian", parents=[common], add_help=False, description=words("兑现：把地方政府奖补政策写成可精确执行的规则"),
                  epilog=f"{words('例如')}：\n  " + "\n  ".join(EXAMPLES.values()), formatter_class=formatter)  # fmt: skip
    parser.add_argument("--version", action="version", version=_version(), help=words("显示版本"))
    commands = parser.add_subparsers(dest="command", metavar=words("命令"), parser_class=kind)
    for name in _SUMMARIES:
        sub = commands.add_parser(name, parents=[common], add_help=False, help=words(_SUMMARIES[name]), description=words(_SUMMARIES[name]),
                                  epilog=f"{words('例如')}：\n  {EXAMPLES[name]}", formatter_class=formatter)  # fmt: skip
        _arguments(name, sub, words)
    return parser


def _arguments(name: str, sub: argparse.ArgumentParser, words: Callable[[str], str]) -> None:
    if name == "check":
        sub.add_argument("policy", nargs="+", metavar="POLICY_DIR", help=words("政策目录（里面有 policy.md），可以有几个"))
        sub.add_argument("--format", choices=("text", "json"), default="text", help=words("输出格式"))
        return
    if name in ("serve", "record", "recompute"):
        from .web import command as of_web

        of_web.add_arguments(name, sub, words)
        return
    if name in ("population", "study"):
        from .population import command as of_population
        from .study import command as of_study

        (of_population if name == "population" else of_study).add_arguments(sub, words)
        return
    sub.add_argument("policy", metavar="POLICY_DIR", help=words("政策目录（里面有 policy.md）"))
    if name == "show":
        sub.add_argument("--award", metavar="NAME", help=words("只看这一项"))
        sub.add_argument("--year", type=_year, help=words("年度：连同这一年的标准一起看"))
        sub.add_argument("--plan", action="store_true", help=words("编译成的计划：一步一步，瀑布的次序"))
        sub.add_argument("--sql", action="store_true", help=words("计划的每一步写成 SQL"))
        sub.add_argument("--facts", nargs="+", metavar="FILE", help=words("按这些数据的列来编译"))
    else:
        sub.add_argument("--year", type=_year, required=True, help=words("年度"))
    if name == "template":
        sub.add_argument("-o", "--output", required=True, metavar="FILE.xlsx", help=words("写到哪里"))
        return
    if name != "show":
        sub.add_argument("--facts", nargs="+", required=True, metavar="FILE", help=words("数据表（xlsx、csv、parquet）或放着它们的目录，可以有几个"))
        sub.add_argument("--history", metavar="FILE", help=words("以前的兑现"))
    sub.add_argument("--standards", metavar="FILE", help=words("年度标准，缺省为政策目录里的 standards-年度.md"))
    sub.add_argument("--reading", action="append", metavar=words("口径=选项"), help=words("改选一个口径，可以写几次"))
    if name in ("explain", "advise"):
        sub.add_argument("--object", required=True, metavar="KEY", help=words("对象的标识，如统一社会信用代码"))
    if name == "explain":
        sub.add_argument("--award", metavar="NAME", help=words("只看这一项"))
    if name == "settle":
        sub.add_argument("-o", "--output", required=True, metavar="RESULT.xlsx", help=words("写到哪里"))
        sub.add_argument("--format", choices=("xlsx", "json", "parquet"), help=words("结果的格式，缺省看扩展名"))
        sub.add_argument("--engine", choices=("auto", "interpret", "duckdb", "spark"), default="auto", help=words("第二个引擎：缺省 duckdb；interpret 只用解释器算一遍"))
        sub.add_argument("--memory", type=_memory, metavar="4GB", help=words("内存上限，如 4GB，只管大表"))


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) >= 1900):
        raise argparse.ArgumentTypeError("year")
    return int(text)


def _memory(text: str) -> str:
    number, unit = text[:-2], text[-2:].upper()
    if unit not in ("MB", "GB") or not (number.isascii() and number.isdigit() and int(number)):
        raise argparse.ArgumentTypeError("memory")
    return number + unit


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"duixian {version('duixian')}"
    except PackageNotFoundError:
        return "duixian"


def _usage_text(message: str, language: Language) -> str:
    """What argparse found wrong, in the user's language."""
    import re

    from .policy.suggest import nearest

    patterns = (
        (r"the following arguments are required: (?P<what>.+)", "缺少 {what}"),
        (r"unrecognized arguments: (?P<what>.+)", "不认识 {what}"),
        (r"argument .*?: invalid _year value: '(?P<what>.*)'", "年度要写成四位数，而不是“{what}”"),
        (r"argument (?P<which>.*?): year", "年度要写成四位数"),
        (r"argument (?P<which>.*?): memory", "{which} 要写成 4GB、500MB 这样"),
        (r"argument (?P<which>.*?): expected .*argument.*", "{which} 后面缺少内容"),
        (r"argument (?P<which>--\S+|-\S+).*?: invalid choice: '(?P<what>.*?)' \(choose from (?P<all>.*)\)", "{which} 不能是“{what}”，可以是 {all}"),
        (r"argument (?P<which>.*?): not allowed with argument (?P<what>.*)", "{which} 和 {what} 不能一起用"),
        (r"ambiguous option: (?P<what>\S+) could match (?P<all>.*)", "{what} 不明确，可以是 {all}"),
        (r"argument (?P<which>.*?): ignored explicit argument (?P<what>.*)", "{which} 后面不能写 {what}"),
    )
    if found := re.fullmatch(r"argument .*?: invalid choice: '(.*?)' \(choose from .*\)", message, re.S):
        if "--" not in message.split(":")[0]:
            near = nearest(found.group(1), _SUMMARIES)
            text = say("没有“{what}”这个命令", language, what=found.group(1))
            return text + (say("，是不是“{near}”？", language, near=near) if near else say("，可以是 {all}", language, all="、".join(_SUMMARIES)))
    for pattern, chinese in patterns:
        if found := re.fullmatch(pattern, message, re.S):
            return say(chinese, language, **found.groupdict())
    return message


def early(argv: Sequence[str], name: str, allowed: Sequence[str]) -> str | None:
    """The value of a global option, read before argparse so that its own messages are in the right language and colour."""
    for place, word in enumerate(argv):
        if word.startswith(f"--{name}=") and word.partition("=")[2] in allowed:
            return word.partition("=")[2]
        if word == f"--{name}" and place + 1 < len(argv) and argv[place + 1] in allowed:
            return argv[place + 1]
    return None


def language_of(argv: Sequence[str], environment: dict[str, str] | os._Environ[str]) -> Language:
    """--lang, else LC_ALL, LC_MESSAGES, LANG: zh*, C, POSIX and nothing at all are Chinese, anything else is English."""
    stated = early(argv, "lang", ("zh", "en"))
    if stated:
        return "en" if stated == "en" else "zh"
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "zh" if locale.split(".")[0] in ("", "C", "POSIX") or locale.lower().startswith("zh") else "en"
