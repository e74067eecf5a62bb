"""测试公共部分：--nightly 选项，以及测试的次序。

没有 --nightly 时，标了 nightly 的用例被取消选择（不是跳过），重复的遍数少一些（tests/repeat.py）；结尾说明留了多少给夜间。
标了 only_where 的，条件不成立就取消选择，结尾说明是哪一个、为什么。
(Without --nightly, tests marked nightly are deselected, not skipped, and repetitions are fewer; tests marked only_where are
deselected where their condition does not hold. The summary says how many, which and why.)
"""

from __future__ import annotations

import gc
import os
import tempfile

import pytest

from .repeat import NIGHT, PLACES

_left_for_nightly = pytest.StashKey[int]()
_less_by_day = pytest.StashKey[set[str]]()
_not_here = pytest.StashKey[set[str]]()
FIRST = ("browser", "spark")  # groups that take longest, each for a worker of its own


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", default=False, help="连同夜间用例一起运行 (also run tests marked nightly)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_rank)  # stable: within a rank as collected
    config.stash[_less_by_day] = set(PLACES)
    elsewhere = {item: mark.args[1] for item in items for mark in item.iter_markers("only_where") if not mark.args[0]}
    config.stash[_not_here] = {f"{item.nodeid}：{why}" for item, why in elsewhere.items()}
    _leave_out(config, items, list(elsewhere))
    if config.getoption("--nightly"):
        return
    left = [item for item in items if item.get_closest_marker("nightly")]
    _leave_out(config, items, left)
    # 用 xdist 时收集发生在各工作进程里，经 workeroutput 带回主进程 (under xdist the count travels back)
    config.stash[_left_for_nightly] = len(left)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is imported and collected stays: the collector need not go through it again and again (a tenth of the time), and comes less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _leave_out(config: pytest.Config, items: list[pytest.Item], left: list[pytest.Item]) -> None:
    if left:
        config.hook.pytest_deselected(items=left)
        gone = set(left)
        items[:] = [item for item in items if item not in gone]


def _rank(item: pytest.Item) -> int:
    """Long groups first, then long tests, then the rest: what is long must not begin when the other worker is done."""
    group = item.get_closest_marker("xdist_group")
    if group is not None and group.args[0] in FIRST:
        return FIRST.index(group.args[0])
    return len(FIRST) + (item.get_closest_marker("long") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """`-n auto`: one more than there are cores. A worker waits much of the time: for a browser, for Spark's Java, for a program killed on purpose."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_for_nightly"] = session.config.stash.get(_left_for_nightly, 0)
        output["not_here"] = sorted(session.config.stash.get(_not_here, set()))
        output["less_by_day"] = sorted(session.config.stash.get(_less_by_day, set()) | set(PLACES))


class _FromWorkers:
    """只在 xdist 主进程登记；各工作进程收集的用例相同，取最大值即可。"""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object, error: object) -> None:
        output = getattr(node, "workeroutput", {})
        stash = self.config.stash
        stash[_left_for_nightly] = max(stash.get(_left_for_nightly, 0), output.get("left_for_nightly", 0))
        stash[_less_by_day] = stash.get(_less_by_day, set()) | set(output.get("less_by_day", ()))
        stash[_not_here] = stash.get(_not_here, set()) | set(output.get("not_here", ()))


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--nightly"):
        os.environ[NIGHT] = "1"  # before any test module is read
    else:
        os.environ.pop(NIGHT, None)
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="duixian-tests-")
        config.add_cleanup(folder.cleanup)
        os.environ["DUIXIAN_TEST_FOLDER"] = folder.name  # what the workers of this run share (tests/web/template.py)
        config.pluginmanager.register(_FromWorkers(config), "duixian-nightly-count")
        if hasattr(config.option, "loadscopereorder"):
            config.option.loadscopereorder = False  # the order of `_rank`, not the groups with the most tests first


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for one in sorted(config.stash.get(_not_here, set())):
        terminalreporter.write_line(f"这里不适用 (does not apply here)：{one}")
    if config.getoption("--nightly"):
        return
    left, less = config.stash.get(_left_for_nightly, 0), len(config.stash.get(_less_by_day, set()) | set(PLACES))
    terminalreporter.write_line(
        f"留给夜间的用例：{left} 个；白天少重复几遍的：{less} 处；加 --nightly 全部运行 ({left} tests left for nightly, {less} places repeat less by day)"
    )
