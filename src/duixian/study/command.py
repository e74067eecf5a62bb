"""`duixian study`: the arguments, the run with its progress, what the terminal says, and the two files it leaves."""

from __future__ import annotations

import argparse
import hashlib
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..tables.folders import tables_of
from ..tables.read import Input
from ..values.diagnostic import Defects, Diagnostic, Place
from ..values.messages import Language
from .scenario import axis
from .source import Data, Engine, Interpreted, Scenario
from .study import Questions, Study, run_study
from .words import say

EXAMPLE = "duixian study policies/zibo-2022 --year 2025 --facts facts.xlsx --fit 流量补贴总额 --html study.html -o study.xlsx"
SUMMARY = "测算：花多少、谁得谁失、断崖、哪个标准正好、扫描"


def add_arguments(sub: argparse.ArgumentParser, words: Callable[[str], str]) -> None:
    """The arguments of `study`. words: the command line's own translation, asked only which language it is."""
    language: Language = "zh" if words("参数") == "参数" else "en"

    def text(chinese: str) -> str:
        return say(chinese, language)

    sub.add_argument("policy", metavar="POLICY_DIR", help=text("政策目录（里面有 policy.md）"))
    sub.add_argument("--year", type=_year, required=True, help=text("年度").lower())
    sub.add_argument("--facts", nargs="+", required=True, metavar="FILE", help=text("数据表（xlsx、csv、parquet）或放着它们的目录，可以有几个"))
    sub.add_argument("--history", metavar="FILE", help=text("以前的兑现"))
    sub.add_argument("--standards", metavar="FILE", help=text("年度标准，缺省为政策目录里的 standards-年度.md"))
    sub.add_argument("--reading", action="append", metavar=text("口径=选项"), help=text("改选一个口径，可以写几次"))
    sub.add_argument("--by", metavar=text("名称"), help=text("按对象、关系或事实分类，缺省按乡镇（有的话）"))
    sub.add_argument("--bands", metavar=text("事实=界,界"), help=text("规模档；不写分界就用政策里的界限"))
    sub.add_argument("--compare", nargs=2, action="append", metavar=(text("甲"), text("乙")),
                     help=text("比较两种情形：政策目录、年度标准文件（.md）或 名称=值，用 + 连接；可以写几次"))  # fmt: skip
    sub.add_argument("--fit", action="append", metavar=text("总额").upper(), help=text("求正好用满这个总额的标准；总额=项目、项目 指定调哪些"))
    sub.add_argument("--amount", metavar=text("金额"), help=text("--fit 用的额度，代替本年的"))
    sub.add_argument("--step", metavar=text("金额"), help=text("--fit 的标准以它为一步，如 0.1元、1000元；缺省一分"))
    sub.add_argument("--sweep", action="append", metavar=text("名称=值,值"), help=text("逐个试这些值；写几次就是全部组合"))
    sub.add_argument("--only", action="store_true", help=text("只回答写明的问题，不做花多少和断崖"))
    sub.add_argument("--top", type=int, default=20, metavar="N", help=text("得失最大的列几笔，缺省 20"))
    sub.add_argument("--label", metavar=text("文字"), help=text("数据是什么，如 合成数据；缺省看数据文件自己怎么说"))
    sub.add_argument("--date", metavar="YYYY-MM-DD", help=text("报告上的日期；不写就没有日期"))
    sub.add_argument("--engine", choices=("auto", "interpret", "duckdb"), default="auto", help=text("用哪个引擎：缺省 parquet 用 duckdb，其余用解释器；结果一样"))
    sub.add_argument("--html", metavar="FILE.html", help=text("网页报告写到哪里"))
    sub.add_argument("-o", "--output", metavar="FILE.xlsx", help=text("工作簿写到哪里"))


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) >= 1900):
        raise argparse.ArgumentTypeError("year")
    return int(text)


@dataclass(frozen=True, slots=True)
class Opened:
    """A population, ready to be asked. label: what its files say they are; history: whether a ledger was given. close: lets go of what it holds."""

    engine: Engine
    inputs: list[Any]
    label: str
    history: bool
    close: Callable[[], None] = lambda: None


def run(options: argparse.Namespace, console: Any, opened: Callable[[Any, argparse.Namespace], Opened] | None = None) -> int:
    """Answer the questions and write the files. Exit code 0; raises Defects.

    opened: opens the population of a programme for another engine, in the place of the interpreter.
    """
    from ..programme import Programme
    from ..tables.store import writable, write_atomically

    language: Language = console.language
    for path, kind in ((options.output, ".xlsx"), (options.html, ".html")):
        if path:
            writable(path, (kind,), [*tables_of(options.facts or ()), options.history, options.standards])
    day = _date(options.date)
    questions = Questions(
        options.by or "", options.bands or "", tuple((first, second) for first, second in options.compare or ()), tuple(options.fit or ()),
        options.amount or "", options.step or "", tuple(axis(text) for text in options.sweep or ()), not options.only, not options.only, max(0, options.top),
    )  # fmt: skip
    programme = Programme.load(options.policy)
    standards = programme.standards(options.year, options.standards)
    choices = programme.chosen(options.reading or {})
    with _interruptible(), _Meter(console) as meter, ExitStack() as held:
        meter(0, 1, say("读数据", language))
        ready = (opened or _engine(options))(programme, options)
        held.callback(ready.close)
        study = run_study(ready.engine, Scenario(say("现行口径和标准", language), programme.policy, standards, choices), questions, meter,
                          label=options.label or ready.label, inputs=ready.inputs, command=_command(options), date=day, history=ready.history)  # fmt: skip
        meter(0, 1, say("写报告", language))
        made = [(path, maker(study, language)) for path, maker in ((options.html, _html), (options.output, _workbook)) if path]
    for path, content in made:
        write_atomically(path, content)
    from .tell import summary

    console.out(summary(study, language))
    console.note(["", *(console_path(path, language) for path, _ in made)] if made else ["", say("没有写文件：加 --html 或 -o 得到完整的报告。", language)])
    return 0


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C inside a query comes out of DuckDB as an error of its own; to the command line it is the same thing."""
    try:
        yield
    except RuntimeError as error:
        if "interrupted" not in str(error).lower():
            raise
        raise KeyboardInterrupt from None


def console_path(path: str, language: Language) -> str:
    """Where a result stands."""
    return say("结果在 {path}", language, path=path)


def _html(study: Study, language: Language) -> bytes:
    from .page import page

    return page(study, language).encode()


def _workbook(study: Study, language: Language) -> bytes:
    from .workbook import workbook

    return workbook(study, language)


def _engine(options: argparse.Namespace) -> Callable[[Any, argparse.Namespace], Opened]:
    large = all(Path(path).suffix.lower() == ".parquet" or Path(path).is_dir() for path in tables_of(options.facts))
    return compiled if options.engine == "duckdb" or options.engine == "auto" and large else interpreted


def compiled(programme: Any, options: argparse.Namespace) -> Opened:
    """The files read straight into DuckDB, asked by the compiled engine. Raises Defects with everything that cannot be read."""
    from ..engine.duck_engine import DuckEngine
    from ..tables.layout import HISTORY
    from .compiled import Compiled

    paths = [*tables_of(options.facts, programme.policy), *([options.history] if options.history else [])]
    database = DuckEngine()
    try:
        engine = Compiled.of_files(paths, programme.policy, options.year, database)
    except BaseException:
        database.close()
        raise
    files = [file for path in paths for file in (sorted(Path(path).rglob("*.parquet")) if Path(path).is_dir() else [Path(path)])]
    given = engine.frames.ledger_rows > 0 or bool(options.history) or any(HISTORY in (file.stem, file.parent.name) for file in files)  # an empty ledger is one
    return Opened(engine, [_digested(file) for file in files], said_of([str(file) for file in files]), given, engine.close)


def _digested(file: Path) -> Input:
    """A file with its hash, read in pieces, and its rows; named as it was given."""
    digest = hashlib.sha256()
    with open(file, "rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    rows = 0
    if file.suffix.lower() == ".parquet":
        import pyarrow.parquet as parquet

        rows = parquet.ParquetFile(file).metadata.num_rows
    return Input(file.name, digest.hexdigest(), (), rows)


def interpreted(programme: Any, options: argparse.Namespace) -> Opened:
    """The files read into memory as objects, asked by the interpreter. Raises Defects with every cell that cannot be read."""
    from ..tables.layout import HISTORY
    from ..tables.read import read_tables

    paths = [*tables_of(options.facts, programme.policy), *([options.history] if options.history else [])]
    tables = read_tables(paths, programme.policy, options.year)
    given = bool(options.history) or any(HISTORY in item.sheets for item in tables.inputs)
    return Opened(Interpreted(options.year, Data(tables.facts, list(tables.ledger))), list(tables.inputs), said_of(paths), given)


def said_of(paths: list[str]) -> str:
    """合成数据 where a file says of itself that it is made up (演示, 合成): a workbook in its texts, a parquet file in its metadata."""
    import zipfile

    for path in paths:
        try:
            if Path(path).suffix.lower() == ".parquet":
                import pyarrow.parquet as parquet

                texts = list((parquet.read_schema(path).metadata or {}).values())
            else:
                with zipfile.ZipFile(path) as archive:
                    texts = [archive.read(name) for name in ("xl/sharedStrings.xml", "docProps/core.xml") if name in archive.namelist()]
        except (OSError, ValueError, zipfile.BadZipFile):
            continue
        if any("合成".encode() in text for text in texts):
            return "合成数据"
    return ""


def _command(options: argparse.Namespace) -> str:
    """The command that makes this study again, one spelling for one meaning."""
    parts = ["duixian", "study", options.policy, "--year", str(options.year), "--facts", *options.facts]
    for name in ("history", "standards", "by", "bands"):
        if value := getattr(options, name, None):
            parts += [f"--{name}", value]
    for name, option in (options.reading or {}).items():
        parts += ["--reading", f"{name}={option}"]
    for pair in options.compare or ():
        parts += ["--compare", *pair]
    for name in ("fit", "sweep"):
        for value in getattr(options, name) or ():
            parts += [f"--{name}", value]
    if options.engine != "auto":
        parts += ["--engine", options.engine]
    for name in ("amount", "step", "label", "date"):
        if value := getattr(options, name, None):
            parts += [f"--{name}", value]
    parts += ["--only"] if options.only else []
    parts += ["--top", str(options.top)] if options.top != 20 else []
    return " ".join(shlex.quote(part) if set(part) & set(" '\"$`\\;&|<>*?()#") else part for part in parts)


def _date(text: str | None) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Defects([Diagnostic("DS102", (Place("--date"),), {"name": "--date", "expected": "2025-12-31", "found": text})]) from None


class _Meter:
    """One line on standard error that says how far it is; on a terminal only, and wiped at the end."""

    def __init__(self, console: Any) -> None:
        self._shown = not console.quiet and sys.stderr.isatty()

    def __enter__(self) -> _Meter:
        return self

    def __call__(self, done: int, total: int, text: str) -> None:
        if self._shown:
            count = f" {done + 1}/{total}" if total > 1 else ""
            print(f"\r\033[K{text}{count}…", end="", file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
