"""Pictures of each seat's main page from the demonstration: `python -m tests.web.pictures [FOLDER] [--home HOME]`; for docs/pictures, and to look at."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
from pathlib import Path

from .browser import CHROMIUM

# picture -> (user, address); the first is what a seat comes for
PAGES: dict[str, tuple[str, str]] = {
    "public": ("", "/"), "applicant": ("applicant", "/apply/may/2/"), "township": ("township", "/work/"), "officer": ("officer", "/work/?state=verified"), "head": ("head", "/cycles/1/"),
    "auditor": ("auditor", "/work/"), "finance": ("finance", "/requests/"), "admin": ("admin", "/people/"),
}  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Build the demonstration where it is not there, serve it, take the pictures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", default="out/pictures")
    parser.add_argument("--home", default="out/演示系统")
    parser.add_argument("--only", nargs="*", help="names of pictures, or address=user")
    parser.add_argument("--whole", action="store_true", help="whole pages, on a desk and on a phone")
    given = parser.parse_args(arguments)
    from demonstration import policies_folder
    from demonstration.casework import build

    logins = build(Path(given.home).resolve(), policies_folder(), print)
    folder = Path(given.folder)
    folder.mkdir(parents=True, exist_ok=True)
    server = subprocess.Popen([sys.executable, "-m", "gunicorn", "duixian.web.wsgi:application", "-b", "127.0.0.1:8791", "--threads", "4", "--log-level", "warning"], env=os.environ)
    try:
        pages = PAGES if not given.only else {name: PAGES[name] for name in given.only if name in PAGES} | {
            f"{user or 'public'}{address.replace('/', '-').rstrip('-')}": (user, address) for address, _, user in (one.partition("=") for one in given.only if "/" in one)
        }  # fmt: skip
        _pictures("http://127.0.0.1:8791", logins, pages, folder, given.whole)
    finally:
        server.terminate()
        server.wait()
    return 0


def _pictures(base: str, logins: dict[str, str], pages: dict[str, tuple[str, str]], folder: Path, whole: bool) -> None:
    from playwright.sync_api import sync_playwright

    threading.Event().wait(3)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-dev-shm-usage", "--font-render-hinting=none"])
        for user in sorted({user for user, _ in pages.values()}):
            context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 860})
            page = context.new_page()
            if user:
                page.goto(base + "/account/login/")
                page.fill("#id_login", user)
                page.fill("#id_password", logins[user])
                page.locator("form[action='/account/login/'] button.do").click()
            for name, (whose, address) in pages.items():
                if whose == user:
                    page.set_viewport_size({"width": 1280, "height": 860})
                    page.goto(base + address)
                    page.screenshot(path=str(folder / f"{name}.png"), full_page=whole)
                    if whole:
                        page.set_viewport_size({"width": 390, "height": 844})
                        page.screenshot(path=str(folder / f"{name}-phone.png"), full_page=True)
            context.close()
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
