"""`duixian population`: the arguments, the run with its progress, what the terminal says. Written so that the command line can take it in."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..values.messages import Language

EXAMPLE = "duixian population policies/zibo-2022 --size 1000000 --seed 1 --year 2025 -o out/population"
SUMMARY = "按人群画像编一批合成数据（非真实），多少户都行"
WORDS = {
    SUMMARY: "make synthetic data (not real) from a profile, of any size",
    "政策目录（里面有 policy.md）": "policy folder (with policy.md in it)",
    "编多少个基准对象（企业）": "how many base objects (enterprises) to make",
    "种子：同样的种子编出同样的数据": "seed: the same seed makes the same data",
    "年度": "year",
    "人群画像，缺省为政策目录里的 population.md": "the profile; by default population.md of the policy folder",
    "写到哪个目录（还没有的，或空的）": "the folder to write (new or empty)",
    "编“{table}”": "making “{table}”",
    "已写出 {path}": "written: {path}",
}


def say(text: str, language: Language, /, **details: Any) -> str:
    """A sentence of this command in one language."""
    return (text if language == "zh" else WORDS[text]).format(**details)


def add_arguments(sub: argparse.ArgumentParser, words: Callable[[str], str]) -> None:
    """The arguments of `population`. words: the command line's own translation, asked only which language it is."""
    language: Language = "zh" if words("参数") == "参数" else "en"

    def text(chinese: str) -> str:
        return say(chinese, language)

    sub.add_argument("policy", metavar="POLICY_DIR", help=text("政策目录（里面有 policy.md）"))
    sub.add_argument("--size", type=_whole, required=True, metavar="N", help=text("编多少个基准对象（企业）"))
    sub.add_argument("--seed", type=_whole, default=1, metavar="N", help=text("种子：同样的种子编出同样的数据"))
    sub.add_argument("--year", type=_whole, required=True, help=text("年度"))
    sub.add_argument("--profile", metavar="FILE.md", help=text("人群画像，缺省为政策目录里的 population.md"))
    sub.add_argument("-o", "--output", required=True, metavar="FOLDER", help=text("写到哪个目录（还没有的，或空的）"))


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        raise argparse.ArgumentTypeError("a whole number")
    return int(text)


def run(options: argparse.Namespace, console: Any) -> int:
    """Make the population and say what was made. Exit code 0; raises Defects."""
    from ..policy.load import load_policy
    from ..values.diagnostic import Defects
    from .made import PROFILE, make

    language: Language = console.language
    policy, defects = load_policy(Path(options.policy))
    if any(item.is_error for item in defects):
        raise Defects(defects)
    with _Meter(console) as meter:
        made = make(policy, options.profile or Path(options.policy) / PROFILE, options.size, options.seed, options.year, options.output, meter)
    console.out(made.summary_lines(language))
    console.note(
        ["", *(line for item in made.notices for line in item.render(language).split("\n")), say("已写出 {path}", language, path=options.output)]
    )
    return 0


class _Meter:
    """Which table is being made and how much of all rows is done, on one line of standard error; on a terminal only."""

    def __init__(self, console: Any) -> None:
        self._shown = not console.quiet and sys.stderr.isatty()
        self._language: Language = console.language

    def __enter__(self) -> _Meter:
        return self

    def __call__(self, table: str, done: int, total: int) -> None:
        if self._shown:
            share = f"{done * 100 // total}%" if total else ""
            print(f"\r\033[K{say('编“{table}”', self._language, table=table)} {share}", end="", file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
