"""The browser of the tests: which one, a person in front of it, and what a page must never do."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH

from ..repeat import by_day

CHROMIUM = os.environ.get("DX_CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium") or ""
SETTINGS = ["--disable-dev-shm-usage", "--font-render-hinting=none", "--disable-background-networking", "--force-prefers-reduced-motion"]
PICTURES = Path(__file__).resolve().parents[2] / "out" / "journeys"  # not committed
PASSWORD = "only-for-these-tests-7391"
CHINESE = re.compile(r"CJK|Source Han|WenQuanYi|Songti|SimSun|YaHei|PingFang|Heiti|Fangsong|Kai", re.I)
PICTURES_TOO = by_day(0, night=1) == 1  # by day of a page with a fault alone
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
AXE = {"resultTypes": ["violations"], "selectors": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_SCRIPT = AXE_FILE_PATH.read_text(encoding="utf-8")
# how far a page is wider than its window, and what sticks out
_STICKS_OUT = """() => {
  const over = document.documentElement.scrollWidth - window.innerWidth;
  if (over <= 0) return [];
  const inside = (node) => { for (let up = node.parentElement; up; up = up.parentElement) if (/auto|scroll|hidden|clip/.test(getComputedStyle(up).overflowX)) return true; return false; };
  const out = [...document.body.querySelectorAll("*")].filter((node) => node.getBoundingClientRect().right > window.innerWidth + 1 && !inside(node));
  return [`${over}px`, ...out.slice(0, 4).map((node) => node.outerHTML.slice(0, 140))];
}"""
# how every element stands: tag, attributes and whether it has a name, all the way up; and what axe judges of a page as a whole
_STANDS = """() => {
  const kept = /^(class|role|type|style|lang|dir|hidden|open|disabled|readonly|required|tabindex|scope|colspan|rowspan|autocomplete|inputmode|target|content)$/;
  const shape = (node) => {
    const of = [...node.attributes].map((one) => kept.test(one.name) || /^aria-(?!label|describedby|controls|owns)/.test(one.name) ? `${one.name}=${one.value}` : one.name).sort();
    const named = node.getAttribute("aria-label") || node.getAttribute("aria-labelledby") || node.title || node.alt || (node.labels || []).length || node.textContent.trim();
    return `${node.tagName}[${of}]${named ? "" : "!"}`;
  };
  const found = new Set();
  const down = (node, above) => { const path = `${above}>${shape(node)}`; found.add(path); for (const child of node.children) down(child, path); };
  down(document.documentElement, "");
  const all = (selector) => [...document.querySelectorAll(selector)];
  found.add("headings " + all("h1,h2,h3,h4,h5,h6").map((one) => one.tagName).filter((one, place, row) => one !== row[place - 1]));
  found.add("landmarks " + all("header,nav,main,footer,aside,[role]").map((one) => one.tagName + one.getAttribute("role") + (one.getAttribute("aria-label") || "")));
  const ids = all("[id]").map((one) => one.id);
  if (new Set(ids).size < ids.length) found.add("ids twice on " + location.pathname);
  return [...found];
}"""
_STOOD: set[str] = set()  # of every page of this process that axe was asked about


def fonts_used(page: Any, selector: str) -> set[str]:
    """The fonts an element was drawn with: without a Chinese font there would be boxes, and no test would notice."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    found = {font["familyName"] for font in session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]}
    session.send("CSS.disable")  # or it is told of everything on later pages; detached, it would take the device of a passkey with it
    session.send("DOM.disable")
    return found


def axe_problems(page: Any) -> list[str]:
    """What axe finds on a page: the rule, how bad, where."""
    page.evaluate(_SCRIPT)
    found = page.evaluate("(options) => axe.run(document, options).then((all) => all.violations)", AXE)  # what it passes is tens of kilobytes a page
    return [f"{one['id']}（{one['impact']}）{one['help']}：{' | '.join(node['html'][:160] for node in one['nodes'][:3])}" for one in found]


def sticks_out(page: Any) -> list[str]:
    """On a phone: how far the page is wider than its window, and what makes it so; nothing where it fits."""
    page.set_viewport_size(PHONE)
    try:
        return list(page.evaluate(_STICKS_OUT))
    finally:
        page.set_viewport_size(WIDE)


def stands_as_before(page: Any) -> bool:
    """Whether every element of a page stands as one stood on some page that axe was asked about (which this one is not, then); at night, no page does."""
    here = set(page.evaluate(_STANDS))
    known = by_day(1, night=2) == 1 and here <= _STOOD
    _STOOD.update(here)
    return known


@dataclass
class Person:
    """Somebody with a browser of their own. What the console says and what the server fails at is kept; `faults` has to be empty at the end."""

    browser: Any
    base: str
    name: str
    faults: list[str] = field(default_factory=list)
    page: Any = None
    _taken: int = 0

    def __post_init__(self) -> None:
        self.context = self.browser.new_context(base_url=self.base, locale="zh-CN", timezone_id="Asia/Shanghai", viewport=WIDE, reduced_motion="reduce")
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._fault(f"page error: {error}"))
        self.page.on("response", lambda response: self._fault(f"{response.status} {response.url}") if response.status >= 500 else None)
        self.page.on("dialog", lambda dialog: dialog.accept())

    def _console(self, message: Any) -> None:
        refused = re.search(r"status of 4\d\d", message.text)  # a refusal that is said on the page; a violation of the policy has no status
        if message.type in ("error", "warning") and not refused:
            self._fault(f"console {message.type}: {message.text[:300]}")

    def _fault(self, text: str) -> None:
        self.faults.append(f"{self.name} at {self.page.url}: {text}")

    def signs_in(self, user: str) -> None:
        """By the form, with the password of the tests."""
        self.page.goto("/account/login/")
        self.page.fill("#id_login", user)
        self.page.fill("#id_password", PASSWORD)
        self.page.locator("form[action='/account/login/'] button.do").click()
        self.page.wait_for_url(lambda url: "/account/login/" not in url)

    def opens(self, address: str) -> None:
        """Go to an address of the system."""
        answer = self.page.goto(address)
        assert answer is not None and answer.status == 200, (self.name, address, answer and answer.status)

    def presses(self, words: str, within: Any = None) -> None:
        """Press the button (or follow the link) with these words, and wait for the page."""
        place = within or self.page
        found = place.get_by_role("button", name=words).or_(place.get_by_role("link", name=words)).filter(visible=True)
        found.first.click()
        self.page.wait_for_load_state()

    def sees(self, *texts: str) -> None:
        """The page says this."""
        content = self.page.locator("body").inner_text()
        for text in texts:
            assert text in content, f"{self.name} at {self.page.url} does not see “{text}”:\n{content[:3000]}"

    def looks(self, picture: str) -> None:
        """Look at the page as everybody has to be able to: a phone's width, the Chinese font; axe, where something stands on it that axe has not seen. At night a picture."""
        self._taken += 1
        faults = page_faults(self.page, asked=not stands_as_before(self.page))
        self.faults += [f"{self.name} at {self.page.url}: {text}" for text in faults]
        if PICTURES_TOO or faults:
            folder = PICTURES / picture.split("/")[0]
            folder.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(folder / f"{self.name}-{self._taken:02d}-{picture.split('/')[-1]}.png"), full_page=True)

    def leaves(self) -> None:
        """Close the browser; whatever went wrong on any page fails the test."""
        self.context.close()
        assert self.faults == [], "\n".join(self.faults)


def page_faults(page: Any, *, asked: bool = True) -> list[str]:
    """What is wrong with a page as it stands: axe (where it is asked), width on a phone, headings, font."""
    found = axe_problems(page) if asked else []
    if out := sticks_out(page):
        found.append("wider than a phone: " + " ".join(out))
    if (count := page.locator("h1").count()) != 1:
        found.append(f"{count} h1")
    if not any(CHINESE.search(font) for font in fonts_used(page, "h1")):
        found.append(f"no Chinese font: {fonts_used(page, 'h1')}")
    return found
