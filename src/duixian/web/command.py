"""The commands `serve`, `record` and `recompute` of the command line: their arguments, and what they print."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

Print = Callable[[Sequence[str]], None]


def add_arguments(name: str, sub: argparse.ArgumentParser, words: Callable[[str], str]) -> None:
    """What the commands take."""
    sub.add_argument("--home", metavar="DIR", default="out/web", help=words("数据目录：数据库、上传的文件、政策版本、密钥"))
    if name == "recompute":
        sub.add_argument("settlement", type=int, metavar="NUMBER", help=words("核算的号"))
    if name == "serve":
        sub.add_argument("--host", default="127.0.0.1", help=words("监听的地址，缺省只限本机"))
        sub.add_argument("--port", type=int, default=8000, help=words("端口，缺省 8000"))
        sub.add_argument("--processes", type=int, default=2, help=words("网页进程数"))


def serve(options: argparse.Namespace, note: Print) -> int:
    """Start the system for real use; the first run prints the address at which the administrator is set up."""
    from . import serving

    try:
        token = serving.prepare_apart(Path(options.home))
        port = serving.free_port(options.host, options.port)
    except serving.CannotServe as stop:
        note([str(stop)])
        return 1
    address = f"http://{options.host}:{port}/"

    def ready() -> None:
        note([f"已启动 (running): {address}", "按 Ctrl-C 结束 (stop with Ctrl-C)"])
        if token:
            note(["还没有管理员。在浏览器里打开，设第一个管理员 (no administrator yet; open this once):", f"  {address}setup/{token}/"])

    return serving.serve(options.host, port, processes=options.processes, ready=ready)


def record(options: argparse.Namespace, out: Print) -> int:
    """Verify the chain of the record: 0 where it holds, 1 where it does not."""
    from . import serving

    serving.configure(Path(options.home))
    from .record.book import verify

    count, breaks = verify()
    words = {"gap": "缺号", "link": "与前一条接不上", "content": "内容与校验不符", "end": "末尾被截断或改过"}
    out([f"第 {one.number} 条：{words[one.what]} (event {one.number}: {one.what})" for one in breaks] or [f"记录完整：{count} 条，首尾相连。 (The chain holds: {count} events.)"])
    return 1 if breaks else 0


def recompute(options: argparse.Namespace, out: Print) -> int:
    """Compute a settlement again from what was kept: 0 where every byte is the same, 1 where something differs."""
    from . import serving

    serving.configure(Path(options.home))
    from .cases.actions.settling import recompute as again
    from .cases.models import Settlement

    found = Settlement.objects.select_related("cycle__version_of").filter(pk=options.settlement).first()
    if found is None:
        out([f"没有第 {options.settlement} 次核算。 (There is no settlement {options.settlement}.)"])
        return 1
    rows = again(found, say=lambda *_: None)
    out([f"{'一样' if row['same'] else '不同'} ({'same' if row['same'] else 'differs'})  {row['what']}" + ("" if row["same"] else f"：{row['was']} → {row['now']}") for row in rows])
    return 0 if all(row["same"] for row in rows) else 1
