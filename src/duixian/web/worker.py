"""`python -m duixian.web.worker`: takes jobs until told to end."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from .serving import configure


def main() -> int:
    """Serve the queue; 0 when told to end."""
    configure()
    from .jobs import work

    alive = True

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal alive
        alive = False

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    work.serve(alive=lambda: alive)
    return 0


if __name__ == "__main__":
    sys.exit(main())
