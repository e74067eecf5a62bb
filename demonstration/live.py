"""`python -m demonstration.live [folder] [--port N] [--build]`: the casework with demonstration data, served on loopback until Ctrl-C."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from duixian.values.diagnostic import pad

from . import policies_folder
from .casework import PEOPLE, build


def main(arguments: list[str] | None = None) -> int:
    """Build (the first time), print address and logins, serve."""
    parser = argparse.ArgumentParser(prog="python -m demonstration.live")
    parser.add_argument("home", nargs="?", default="out/演示系统", help="where the demonstration lives")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--build", action="store_true", help="build only, do not serve")
    given = parser.parse_args(arguments)
    from duixian.web import serving

    try:
        logins = build(Path(given.home).resolve(), policies_folder(), lambda text: print(text, flush=True))
        if given.build:
            return 0
        port = serving.free_port("127.0.0.1", given.port)
    except serving.CannotServe as stop:
        print(stop, file=sys.stderr)
        return 1

    def ready() -> None:
        width = max(len(name) for name in logins)
        print("\n".join([
            "", f"演示系统已启动 (the demonstration is running): http://127.0.0.1:{port}/", "",
            "登录（口令每次启动都换；演示系统不要求第二因素） (logins; new passwords at every start, no second factor here)：",
            *(f"  {pad(name, width)}  {password}  {PEOPLE[name]}" for name, password in logins.items()), "", "Ctrl-C 结束 (stop with Ctrl-C)",
        ]), flush=True)  # fmt: skip

    return serving.serve("127.0.0.1", port, ready=ready)


if __name__ == "__main__":
    sys.exit(main())
