"""测试公共部分：--nightly 选项。

没有 --nightly 时，标了 nightly 的用例被取消选择（不是跳过），并在结尾说明留了多少给夜间。
(Without --nightly, tests marked nightly are deselected, not skipped, and the summary says how many.)
"""

from __future__ import annotations

import pytest

_left_for_nightly = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", default=False, help="连同夜间用例一起运行 (also run tests marked nightly)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--nightly"):
        return
    left = [item for item in items if item.get_closest_marker("nightly")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("nightly")]
    # 用 xdist 时收集发生在各工作进程里，经 workeroutput 带回主进程 (under xdist the count travels back)
    config.stash[_left_for_nightly] = len(left)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_for_nightly"] = session.config.stash.get(_left_for_nightly, 0)


class _FromWorkers:
    """只在 xdist 主进程登记；各工作进程收集的用例相同，取最大值即可。"""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object, error: object) -> None:
        count = getattr(node, "workeroutput", {}).get("left_for_nightly", 0)
        self.config.stash[_left_for_nightly] = max(self.config.stash.get(_left_for_nightly, 0), count)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_FromWorkers(config), "duixian-nightly-count")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.getoption("--nightly"):
        return
    left = config.stash.get(_left_for_nightly, 0)
    terminalreporter.write_line(f"留给夜间的用例：{left} 个；加 --nightly 运行 ({left} tests left for nightly)")
