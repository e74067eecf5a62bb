"""`python -m tests.differential`: draw, settle twice, compare. What differs is made small and printed as a literate test."""

from __future__ import annotations

import argparse
import sys

from .facts import World
from .literate import literate
from .mutants import MUTANTS, mutated
from .run import Count, engine, one_case, run
from .shrink import shrink


def main(arguments: list[str] | None = None) -> int:
    """0 where nothing differs, 1 where something does, 2 where the arguments make no sense."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description="Random policies and facts through two engines, line by line.")
    parser.add_argument("--lines", type=int, default=100_000, help="compare so many lines")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", default="duckdb", help="duckdb, interpreter, shuffled (the interpreter, everything filed in another order), or mutant:NAME (a deliberately wrong interpreter; mutant: lists them)")
    parser.add_argument("--founding", action="store_true", help="the two founding policies instead of random ones")
    parser.add_argument("--each", type=int, default=300, help="about so many lines a settlement")
    parser.add_argument("--stop", type=int, default=5, help="after so many settlements that differ")
    parser.add_argument("--no-shrink", action="store_true", help="print what differs and leave it as large as it is")
    parser.add_argument("--loose", action="store_true", help="only what lines mean to those who read them (compare.as_said)")
    parser.add_argument("--case", help="one case by its name, as a run prints it: seed:number:place")
    given = parser.parse_args(arguments)
    if given.engine == "mutant:":
        print("\n".join(MUTANTS))
        return 0
    settle = mutated(given.engine.removeprefix("mutant:")) if given.engine.startswith("mutant:") else engine(given.engine)

    def told(name: str, world: World, found: list[str]) -> None:
        print(f"\n== {name}：{len(found)} 处不同\n" + "\n".join(found[:8]), flush=True)
        if not given.no_shrink and world.drawn is not None:
            small, rest = shrink(world, settle, loose=given.loose)
            print(literate(small, rest[0]), flush=True)

    if given.case:
        from .compare import settled
        from .run import against, interpreter

        world = one_case(given.case, lines=given.each)
        found = against(settled(interpreter, world), settle, world, loose=given.loose)
        if found:
            told(given.case, world, found)
        print(f"{0 if found else 1} passed, {1 if found else 0} failed")
        return 1 if found else 0
    count = run(settle, seed=given.seed, until=given.lines, lines=given.each, both=given.founding, stop_at=given.stop, told=told, loose=given.loose)
    print(report(count))
    return 1 if count.different else 0


def report(count: Count) -> str:
    """What a run came to, as text."""
    share = "  ".join(f"{name} {100 * number / max(1, count.lines):.1f}%" for name, number in count.outcomes.most_common())
    seconds = {name: max(value, 1e-9) for name, value in count.seconds.items()}
    lines = [
        f"政策 {count.policies}  结算 {count.settlements}（拒绝的 {sum(count.refused.values())}：{dict(count.refused)}；引擎不算的 {sum(count.uncompiled.values())}：{dict(count.uncompiled)}）  行 {count.lines}  不同的结算 {len(count.different)}",
        f"结果：{share}",
        "写法（有它的政策数）：" + "  ".join(f"{name} {number}" for name, number in sorted(count.constructs.items())),
        "CPU 秒：" + "  ".join(f"{name} {value:.1f}" for name, value in seconds.items())
        + f"；抽取 {count.settlements / seconds['draw']:.1f} 结算/秒；解释器 {count.lines / seconds['judge']:.0f} 行/秒；引擎 {count.lines / seconds['engine']:.0f} 行/秒",
        *(f"不同：{name}" for name, _ in count.different),
        f"{count.passed} passed, {len(count.different)} failed",
    ]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
