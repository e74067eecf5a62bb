"""`python -m duixian.web.worker`: takes jobs until told to end, or until it has grown: then it ends, and whoever serves starts a fresh one."""

from __future__ import annotations

import os
import resource
import signal
import sys
from types import FrameType

from .serving import configure

GROWN = 200 << 10  # KB at its largest: a settlement of thousands of cases leaves that behind


def main() -> int:
    """Serve the queue; 0 when told to end, or grown."""
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # one store of memory in the process, not two
    configure()
    from .jobs import work

    alive = True

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal alive
        alive = False

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    work.serve(alive=lambda: alive and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < GROWN)
    return 0


if __name__ == "__main__":
    sys.exit(main())
