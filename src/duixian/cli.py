"""The command line; the only place that prints. Results go to standard output, everything else to standard error.

Exit codes: 0 done; 1 the policy or the data has defects; 2 wrong usage; 70 our own mistake; 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from .usage import EXAMPLES, Usage, early, language_of, parser_in
from .values.diagnostic import Defects, in_order
from .values.labels import say
from .values.messages import Language
from .values.terms import Outcome

if TYPE_CHECKING:
    from .large import LargeResult
    from .programme import Programme, Result

DONE, DEFECTS, USAGE, OUR_MISTAKE, INTERRUPTED = 0, 1, 2, 70, 130
_NO_HISTORY = "没有提供历史：一次性、累计封顶、首年都按以前没有付过计算。"
_NO_STANDARDS = "没有 {year} 年度的标准文件：按上限暂估，不能支付。"
_COLOURS = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}


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
        for line in map(_harmless, lines):
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
    from .tables.store import writable

    writable(options.output, (".xlsx",))
    _load(options).template(options.year, options.output)
    console.note([console.say("已写出 {path}", path=options.output)])
    return DONE


def settle(options: argparse.Namespace, console: Console) -> int:
    """Settle one year and write what it came to."""
    from .report import notice_lines, settlement_lines, waiting_lines
    from .tables.store import writable

    writable(options.output, (f".{options.format}",), [*options.facts, options.history, options.standards])
    if options.format == "parquet" and options.engine != "interpret":
        from .large import command

        if command.is_large(command.files_of(options)):
            return _settle_large(options, console)
    result = _settled(options, console)
    with console.progress(console.say("写出 {path}", path=options.output)):
        result.write(options.output, format=options.format)
    console.out(settlement_lines(result, console.language))
    console.note(
        [
            "",
            *notice_lines([*_notices(result, console), *waiting_lines(result.lines, console.language)], console.language),
            *([console.say("数据不大，没有用到 --memory")] if options.memory else []),
            *_warnings(result, console),
            *([console.say("两个引擎各算一遍，{count} 笔逐笔相同（{engines}）", count=len(result.lines), engines=("、" if console.language == "zh" else ", ").join(result.engines))] if len(result.engines) > 1 else []),
            console.say("结果在 {path}", path=options.output),
        ]
    )
    return DONE


def _settle_large(options: argparse.Namespace, console: Console) -> int:
    """The same for files too large for objects: lines straight into Parquet."""
    from .large.command import settled
    from .report import large_lines, large_waiting_lines, notice_lines
    from .tables.layout import HISTORY

    result = settled(_load(options), options, console)
    notices = list(result.notices)
    if not options.history and not any(HISTORY in item.sheets for item in result.inputs):
        notices.append(console.say(_NO_HISTORY))
    if result.standards.document is None and any(item.outcome == Outcome.PROVISIONAL.value for item in result.outcomes):
        notices.append(console.say(_NO_STANDARDS, year=result.year))
    console.out(large_lines(result, console.language))
    notices += large_waiting_lines(result, console.language)
    console.note(["", *notice_lines(notices, console.language), *_warnings(result, console), console.say("结果在 {path}", path=options.output)])
    return DONE


def explain(options: argparse.Namespace, console: Console) -> int:
    """Say why each amount of an object is what it is."""
    from .large import command

    if command.is_large(command.files_of(options)):
        lines = command.explained(_load(options), options, console)
    else:
        lines = _settled(options, console).explain(options.object, options.award, console.language)
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
        from .programme import known_award

        known_award(options.award, list(programme.policy.rules), programme.policy)
        plan = programme.plan(options.year or _latest(programme), options.facts or (), standards=options.standards, readings=options.reading)
        console.out(plan.text(options.award).split("\n") if options.sql else plan.told(options.award))
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


# --- running ------------------------------------------------------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    language = language_of(arguments, os.environ)
    console = Console(language, early(arguments, "color", ("auto", "always", "never")) or "auto", "--quiet" in arguments)
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
    parser = parser_in(console.language)
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
    if options.command == "serve":  # ends what it has begun in its own way
        return COMMANDS[options.command](options, console)
    with _stopped_politely():
        return COMMANDS[options.command](options, console)


@contextmanager
def _stopped_politely() -> Iterator[None]:
    """SIGTERM and a terminal that is closed stop a command as Ctrl-C does, so that it puts away what it has half made."""
    signals = [found for name in ("SIGTERM", "SIGHUP") if (found := getattr(signal, name, None)) is not None]
    if threading.current_thread() is not threading.main_thread():
        signals = []
    before = {found: signal.signal(found, signal.default_int_handler) for found in signals if signal.getsignal(found) is signal.SIG_DFL}
    try:
        yield
    finally:
        for found, handler in before.items():
            signal.signal(found, handler)


# --- colour -------------------------------------------------------------------------------------------------------------------------------


def _harmless(line: str) -> str:
    """A line without signs that steer a terminal or turn its text around, wherever they came from."""
    from .tables.cells import visible

    return line if line.isprintable() else "\t".join(map(visible, line.split("\t")))


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
