"""办事系统的测试：自己的临时目录，时钟从 2026-03-10 上午走起（这一年的节假日是装好的）。

(The casework's tests: a folder of their own; the clock starts at 2026-03-10, a year whose holidays are loaded, and goes on from there.)
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

_home = tempfile.TemporaryDirectory(prefix="duixian-tests-")
os.environ["DJANGO_SETTINGS_MODULE"] = "duixian.web.settings"
os.environ["DUIXIAN_HOME"] = _home.name
os.environ.setdefault("DUIXIAN_SECOND_FACTOR", "off")  # its own tests switch it on
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the browser's driver keeps a loop running in the thread of the test

import django  # noqa: E402
import pytest  # noqa: E402

django.setup()
if "PYTEST_XDIST_WORKER" not in os.environ:
    del os.environ["DJANGO_SETTINGS_MODULE"]  # a worker that inherited it would read the settings before it has a home of its own, and share this one

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from duixian.web import prepared  # noqa: E402
from tests.web import kept, template  # noqa: E402
from tests.web.browser import CHROMIUM, SETTINGS  # noqa: E402
from tests.web.cast import Cast, make_cast  # noqa: E402
from tests.web.scene import Scene, make_scene  # noqa: E402

prepared.strict = True  # a read that cannot be prepared is a fault here; where people work it is read as ever
if connection.vendor == "sqlite":
    connection.settings_dict["TEST"]["NAME"] = os.path.join(_home.name, "test.sqlite3")  # a file, as in real use: several connections at once
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick: no password here guards anything
HERE = Path(__file__).resolve().parent
PAGES_ALONE = ("test_routes.py", "test_english.py", "test_menu.py")  # who may open what, and its words: every page is opened on the other database by test_pages
SEATS_ALONE = "test_each_seat_can_make_the_moves_of_the_table_and_no_other"  # who may do what: each move is made on the other database, by the seat it belongs to
START = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)  # ten in the morning, a Tuesday


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Every page is looked at before the journeys go through them (`browser.stands_as_before`).

    On another database than SQLite the day runs what can come out differently there; browsers, and what never asks the database, are left for the night.
    """
    items.sort(key=lambda item: item.path.name == "test_journeys.py" and item.path.is_relative_to(HERE))
    if connection.vendor == "sqlite":
        return
    for item in items:
        if item.path.is_relative_to(HERE) and not _asks_the_database(item):
            item.add_marker(pytest.mark.nightly)


def _asks_the_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    if item.path.name in PAGES_ALONE or getattr(item, "originalname", "") == SEATS_ALONE:
        return False
    through = item.get_closest_marker("django_db") is not None or bool(fixtures & {"db", "transactional_db", "cast"}) or item.path.name == "test_crowd.py"
    return through and "browser" not in fixtures


class Clock:
    """The time of a test: it began at START and goes on; `later` moves it."""

    def __init__(self) -> None:
        self.real = timezone.now
        self.offset = START - self.real()

    def now(self) -> datetime:
        """What time it is in this test, for everything in this process."""
        return self.real() + self.offset

    def later(self, **by: int) -> None:
        """Some days or hours later."""
        self.offset += timedelta(**by)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The database of a worker is a copy of the one that was migrated once."""
    given = connection.settings_dict["TEST"]
    if connection.vendor == "sqlite":
        template.copy_to(Path(given["NAME"]))
    elif template.POSTGRES in os.environ:
        given["TEMPLATE"] = os.environ[template.POSTGRES]


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The copy is used as it is; its folder goes with the process."""
    return connection.vendor == "sqlite"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Now is always the same day; seconds go on."""
    found = Clock()
    monkeypatch.setattr(timezone, "now", found.now)
    yield found


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast: everyone there is, and an outsider who must see nothing."""
    return kept.once(make_cast)


@pytest.fixture
def scene(db: None, clock: Clock) -> Scene:
    """The cast with something on every page; made once a run."""
    return kept.shared("scene", lambda: make_scene(make_cast(), clock), clock)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Debian's Chromium, not one that is downloaded."""
    if not CHROMIUM:
        pytest.fail("没有浏览器：先 ./dx setup test，或用 DX_CHROMIUM=路径 指定 (no browser: ./dx setup test, or DX_CHROMIUM=path)", pytrace=False)
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": SETTINGS}
