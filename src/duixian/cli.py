"""The command line; the only place that prints. Results go to standard output, everything else to standard error.

Exit codes: 0 done; 1 the policy or the data has defects; 2 wrong usage; 70 our own mistake; 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from .values.diagnostic import Defects, Diagnostic, Place, in_order
from .values.labels import say
from .values.messages import Language
from .values.terms import Outcome

if TYPE_CHECKING:
    from .large import LargeResult
    from .programme import Programme, Result

DONE, DEFECTS, USAGE, OUR_MISTAKE, INTERRUPTED = 0, 1, 2, 70, 130
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
_NO_HISTORY = "没有提供历史：一次性、累计封顶、首年都按以前没有付过计算。"
_NO_STANDARDS = "没有 {year} 年度的标准文件：按上限暂估，不能支付。"
_COLOURS = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}


class Usage(Exception):
    """Wrong usage: what to say, and of which command."""

    def __init__(self, text: str, command: str = "") -> None:
        super().__init__(text)
        self.text, self.command = text, command


class Console:
    """Where lines go: standard output and standard error, coloured on a terminal only."""

    def __init__(self, language: Language, colour: str, quiet: bool) -> None:
        self.language, self.quiet = language, quiet
        self.coloured = {stream: _coloured(stream, colour) for stream in (sys.stdout, sys.stderr)}

    def say(self, text: str, /, **details: Any) -> str:
        return say(text, self.language, **details)

    def out(self, lines: Sequence[str]) -> None:
        """The answer."""
        self._write(sys.stdout, lines)

    def note(self, lines: Sequence[str]) -> None:
        """What goes along with the answer: notices, where the file is. --quiet leaves it out."""
        if not self.quiet:
            self._write(sys.stderr, lines)

    def problem(self, lines: Sequence[str]) -> None:
        self._write(sys.stderr, lines)

    def _write(self, stream: IO[str], lines: Sequence[str]) -> None:
        for line in lines:
            print(_painted(line) if self.coloured[stream] else line, file=stream)

    @contextmanager
    def progress(self, text: str) -> Iterator[None]:
        """A line on standard error while something takes long; only on a terminal, and wiped when it is done."""
        shown = not self.quiet and sys.stderr.isatty()
        if shown:
            print(text + "…", end="", file=sys.stderr, flush=True)
        try:
            yield
        finally:
            if shown:
                print("\r\033[K", end="", file=sys.stderr, flush=True)


# --- the commands ---------------------------------------------------------------------------------------------------------------------


def check(options: argparse.Namespace, console: Console) -> int:
    """Hold a policy folder to every law and run its examples."""
    from . import pipeline
    from .report import check_lines

    reports = []
    for folder in options.policy:
        with console.progress(console.say("检查 {name}", name=folder)):
            reports.append((folder, pipeline.check(folder)))
    if options.format == "json":
        print(json.dumps([_check_json(folder, report) for folder, report in reports], ensure_ascii=False, indent=2))
    else:
        for place, (folder, report) in enumerate(reports):
            if not console.quiet or report.errors:
                console.out(([""] if place else []) + check_lines(report, folder, console.language))
    return DEFECTS if any(report.errors for _, report in reports) else DONE


def _check_json(folder: str, report: Any) -> dict[str, Any]:
    cover = report.coverage
    return {
        "folder": folder,
        "policy": report.policy.id if report.policy else None,
        "errors": len(report.errors),
        "coverage": {name: getattr(cover, name) for name in ("characters", "quoted", "quotes", "dispositioned")} if cover else None,
        "examples_run": report.examples_run,
        "diagnostics": [item.to_dict() for item in report.diagnostics],
    }


def template(options: argparse.Namespace, console: Console) -> int:
    """Write the workbook to fill in."""
    _writable(options.output, {".xlsx"})
    _load(options).template(options.year, options.output)
    console.note([console.say("已写出 {path}", path=options.output)])
    return DONE


def settle(options: argparse.Namespace, console: Console) -> int:
    """Settle one year and write what it came to."""
    from .report import notice_lines, settlement_lines

    _writable(options.output, {f".{options.format}"})
    if options.format == "parquet" and options.engine != "interpret":
        from .large import command

        if command.is_large([*options.facts, *([options.history] if options.history else [])]):
            return _settle_large(options, console)
    result = _settled(options, console)
    with console.progress(console.say("写出 {path}", path=options.output)):
        result.write(options.output, format=options.format)
    console.out(settlement_lines(result, console.language))
    console.note(
        [
            "",
            *notice_lines(_notices(result, console), console.language),
            *([console.say("数据不大，没有用到 --memory")] if options.memory else []),
            *_warnings(result, console),
            *([console.say("两个引擎各算一遍，{count} 笔逐笔相同（{engines}）", count=len(result.lines), engines="、".join(result.engines))] if len(result.engines) > 1 else []),
            console.say("结果在 {path}", path=options.output),
        ]
    )
    return DONE


def _settle_large(options: argparse.Namespace, console: Console) -> int:
    """The same for files too large for objects: lines straight into Parquet."""
    from .large.command import settled
    from .report import large_lines, notice_lines
    from .tables.layout import HISTORY

    result = settled(_load(options), options, console)
    notices = list(result.notices)
    if not options.history and not any(HISTORY in item.sheets for item in result.inputs):
        notices.append(console.say(_NO_HISTORY))
    if result.standards.document is None and any(item.outcome == Outcome.PROVISIONAL.value for item in result.outcomes):
        notices.append(console.say(_NO_STANDARDS, year=result.year))
    console.out(large_lines(result, console.language))
    console.note(["", *notice_lines(notices, console.language), *_warnings(result, console), console.say("结果在 {path}", path=options.output)])
    return DONE


def explain(options: argparse.Namespace, console: Console) -> int:
    """Say why each amount of an object is what it is."""
    result = _settled(options, console)
    lines = result.explain(options.object, options.award, console.language)
    console.out(lines or [console.say("没有一项奖补以它为对象")])
    return DONE


def advise(options: argparse.Namespace, console: Console) -> int:
    """Say what an object gets, what is missing, how far it is to more."""
    from .report import notice_lines

    result = _settled(options, console)
    console.out(result.advise(options.object, console.language))
    console.note(["", *notice_lines(_notices(result, console), console.language)])
    return DONE


def show(options: argparse.Namespace, console: Console) -> int:
    """Say the policy back in plain words, or the plan it is compiled to."""
    programme = _load(options)
    if options.plan or options.sql:
        plan = programme.plan(options.year or _latest(programme), options.facts or (), standards=options.standards, readings=options.reading)
        console.out(plan.text().split("\n") if options.sql else plan.told())
        return DONE
    standards = programme.standards(options.year, options.standards) if options.year or options.standards else None
    console.out(programme.show(options.award, readings=options.reading, standards=standards, language=console.language))
    return DONE


def _latest(programme: Programme) -> int:
    """The latest year the folder has standards for, else the first year of the policy."""
    from datetime import date

    from .engine.ground import ground
    from .policy.readings import bind

    years = [int(path.stem.removeprefix("standards-")) for path in programme.policy.folder.glob("standards-????.md")]
    start = ground(bind(programme.policy)).validity.start or date(2025, 1, 1)
    return max(years, default=start.year)


def population(options: argparse.Namespace, console: Console) -> int:
    """Make a synthetic population."""
    from .population.command import run

    return run(options, console)


def study(options: argparse.Namespace, console: Console) -> int:
    """Answer what a policy costs and whom it serves."""
    from .study.command import run

    return run(options, console)


def serve(options: argparse.Namespace, console: Console) -> int:
    """Start the casework in a browser."""
    from .web import command

    return command.serve(options, console.out)


def record(options: argparse.Namespace, console: Console) -> int:
    """Verify the record of the casework."""
    from .web import command

    return command.record(options, console.out)


def recompute(options: argparse.Namespace, console: Console) -> int:
    """Compute a settlement of the casework again from what was kept."""
    from .web import command

    return command.recompute(options, console.out)


COMMANDS: dict[str, Callable[[argparse.Namespace, Console], int]] = {
    "check": check, "template": template, "settle": settle, "explain": explain, "advise": advise, "show": show,
    "population": population, "study": study, "serve": serve, "record": record,
    "recompute": recompute,
}  # fmt: skip


def _load(options: argparse.Namespace) -> Programme:
    from .programme import Programme

    return Programme.load(options.policy)


def _settled(options: argparse.Namespace, console: Console) -> Result:
    engine = getattr(options, "engine", "interpret")
    with console.progress(console.say("结算 {year} 年度", year=options.year)):
        return _load(options).settle(options.year, options.facts, history=options.history, standards=options.standards, readings=options.reading, engine=engine)


def _readings(texts: Sequence[str] | None, command: str, console: Console) -> dict[str, str]:
    """--reading 口径=选项, either sign."""
    chosen = {}
    for text in texts or ():
        name, mark, option = text.replace("＝", "=").partition("=")
        if not mark or not name.strip() or not option.strip():
            raise Usage(console.say("--reading 要写成 口径=选项，而不是“{found}”", found=text), command)
        chosen[name.strip()] = option.strip()
    return chosen


def _notices(result: Result, console: Console) -> list[str]:
    notices = list(result.notices)
    if not result.history_given:
        notices.append(console.say(_NO_HISTORY))
    if result.standards.document is None and any(line.claim.provisional for line in result.lines):
        notices.append(console.say(_NO_STANDARDS, year=result.year))
    return notices


def _warnings(result: Result | LargeResult, console: Console) -> list[str]:
    return [line for item in result.warnings for line in item.render(console.language).split("\n")]


def _writable(path: str, kinds: set[str]) -> None:
    """Refuse a target that cannot be meant before the work is done, not after."""
    target = Path(path)
    if target.is_dir() or not target.parent.is_dir():
        why = "是一个目录" if target.is_dir() else "所在的目录不存在"
        raise Defects([Diagnostic("DT161", (Place(path),), {"found": why})])
    if target.suffix.lower() not in kinds:
        expected = "、".join(sorted(kinds))
        raise Defects([Diagnostic("DT161", (Place(path),), {"found": f"扩展名不是 {expected}"})])


# --- arguments --------------------------------------------------------------------------------------------------------------------------


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


def _parser(language: Language) -> argparse.ArgumentParser:
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
    for name in COMMANDS:
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
        sub.add_argument("--facts", nargs="+", required=True, metavar="FILE", help=words("数据表（xlsx、csv、parquet），可以有几个"))
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
            near = nearest(found.group(1), COMMANDS)
            text = say("没有“{what}”这个命令", language, what=found.group(1))
            return text + (say("，是不是“{near}”？", language, near=near) if near else say("，可以是 {all}", language, all="、".join(COMMANDS)))
    for pattern, chinese in patterns:
        if found := re.fullmatch(pattern, message, re.S):
            return say(chinese, language, **found.groupdict())
    return message


def _early(argv: Sequence[str], name: str, allowed: Sequence[str]) -> str | None:
    """The value of a global option, read before argparse so that its own messages are in the right language and colour."""
    for place, word in enumerate(argv):
        if word.startswith(f"--{name}=") and word.partition("=")[2] in allowed:
            return word.partition("=")[2]
        if word == f"--{name}" and place + 1 < len(argv) and argv[place + 1] in allowed:
            return argv[place + 1]
    return None


def language_of(argv: Sequence[str], environment: dict[str, str] | os._Environ[str]) -> Language:
    """--lang, else LC_ALL, LC_MESSAGES, LANG: zh*, C, POSIX and nothing at all are Chinese, anything else is English."""
    stated = _early(argv, "lang", ("zh", "en"))
    if stated:
        return "en" if stated == "en" else "zh"
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "zh" if locale.split(".")[0] in ("", "C", "POSIX") or locale.lower().startswith("zh") else "en"


# --- running ------------------------------------------------------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    language = language_of(arguments, os.environ)
    console = Console(language, _early(arguments, "color", ("auto", "always", "never")) or "auto", "--quiet" in arguments)
    try:
        code = _run(arguments, console)
        sys.stdout.flush()
        return code
    except Defects as stop:
        from .report import count_line

        found = in_order(stop.diagnostics)
        console.problem([line for item in found for line in [*item.render(language).split("\n"), ""]] + [count_line(found, language)])
        return DEFECTS
    except Usage as stop:
        example = EXAMPLES.get(stop.command)
        console.problem([console.say("用法不对：{what}", what=stop.text), *([f"{console.say('例如')}：{example}"] if example else []),
                         console.say("全部用法：duixian {command} --help", command=stop.command if example else "").replace("  ", " ")])  # fmt: skip
        return USAGE
    except KeyboardInterrupt:
        console.problem(["", console.say("已中断，没有写出结果。")])
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone; say nothing more, at exit either
        return DONE
    except Exception as error:  # our own mistake: one line for the user, everything for us when asked
        if os.environ.get("DUIXIAN_DEBUG") == "1":
            traceback.print_exc()
        console.problem([console.say("程序出错了（{kind}：{what}）。这是我们的错，请把命令和数据报告给我们；DUIXIAN_DEBUG=1 可看全部细节。",
                                     kind=type(error).__name__, what=str(error).split("\n")[0][:200])])  # fmt: skip
        return OUR_MISTAKE


def _run(arguments: list[str], console: Console) -> int:
    parser = _parser(console.language)
    try:
        options = parser.parse_args(arguments)
    except SystemExit as stop:  # --help, --version
        return int(stop.code or 0)
    if not getattr(options, "command", None):
        parser.print_help(sys.stderr if not arguments else sys.stdout)
        return USAGE
    options.reading = _readings(getattr(options, "reading", None), options.command, console)
    if options.command != "study" and getattr(options, "facts", None):
        from .tables.folders import tables_of

        options.facts = tables_of(options.facts)
    if options.command == "settle":
        options.format = options.format or Path(options.output).suffix.lower().removeprefix(".")
        if options.format not in ("xlsx", "json", "parquet"):
            raise Usage(console.say("看不出结果的格式：{path} 的扩展名不是 .xlsx、.json、.parquet，请写 --format", path=options.output), "settle")
    return COMMANDS[options.command](options, console)


# --- colour -------------------------------------------------------------------------------------------------------------------------------


def _coloured(stream: IO[str], wish: str) -> bool:
    if wish != "auto":
        return wish == "always"
    return "NO_COLOR" not in os.environ and stream.isatty() and os.environ.get("TERM") != "dumb"


def _painted(line: str) -> str:
    """A line with its signs and headings coloured; the text itself is not changed."""
    stripped = line.lstrip()
    colour = {"✓": "green", "✗": "red", "？": "yellow"}.get(stripped[:1])
    if colour:
        return line.replace(stripped[0], f"\033[{_COLOURS[colour]}m{stripped[0]}\033[0m", 1)
    for words, name in ((("错误[", "error["), "red"), (("提醒[", "warning["), "yellow"), (("结果：", "Result: ", "result: "), "bold")):
        if line.startswith(words):
            return f"\033[{_COLOURS[name]}m{line}\033[0m"
    if line and not line.startswith(" ") and len(line) <= 12 and "：" not in line and "  " not in line:
        return f"\033[{_COLOURS['bold']}m{line}\033[0m"
    return f"\033[{_COLOURS['dim']}m{line}\033[0m" if stripped.startswith("|") else line


if __name__ == "__main__":
    sys.exit(main())
