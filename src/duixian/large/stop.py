"""Work a user can stop: it runs in a thread of its own, since an engine deep in a query hears no signal."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Waiting
from typing import Any, TypeVar

Result = TypeVar("Result")
_PAUSE = 0.2  # seconds between looks at whether the user wants to stop


class Holder:
    """What is running, and whether it is to stop."""

    def __init__(self) -> None:
        self._engines: tuple[Any, ...] = ()
        self._stopped = False

    def running(self, *engines: Any) -> None:
        """These engines work now; none where nothing is given."""
        self._engines = engines

    def heard(self) -> None:
        """Raises KeyboardInterrupt where the user wants to stop."""
        if self._stopped:
            raise KeyboardInterrupt

    def stop(self) -> None:
        """Interrupt whatever runs."""
        self._stopped = True
        for engine in self._engines:
            engine.interrupt()


def stoppable(work: Callable[[Holder], Result]) -> Result:
    """What the work gives. Ctrl-C interrupts its engines, waits until it has let go of everything, and raises KeyboardInterrupt."""
    holder = Holder()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work, holder)
        stopped = False
        while True:
            try:
                result = future.result(timeout=_PAUSE)
                break
            except Waiting:
                if future.done():  # the work itself ran out of time
                    raise
                if stopped:
                    holder.stop()
            except KeyboardInterrupt:
                if future.done():
                    raise
                stopped = True
                holder.stop()
            except BaseException:
                if stopped:
                    raise KeyboardInterrupt from None
                raise
    if stopped:
        raise KeyboardInterrupt
    return result
