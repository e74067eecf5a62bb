"""办事系统的测试：自己的临时目录，时钟从 2026-03-10 上午走起（这一年的节假日是装好的）。

(The casework's tests: a folder of their own; the clock starts at 2026-03-10, a year whose holidays are loaded, and goes on from there.)
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime

_home = tempfile.TemporaryDirectory(prefix="duixian-tests-")
os.environ["DJANGO_SETTINGS_MODULE"] = "duixian.web.settings"
os.environ["DUIXIAN_HOME"] = _home.name
os.environ.setdefault("DUIXIAN_SECOND_FACTOR", "off")  # its own tests switch it on

import django  # noqa: E402
import pytest  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.web.cast import Cast, make_cast  # noqa: E402

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick: no password here guards anything
START = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)  # ten in the morning, a Tuesday


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Now is always the same day; seconds go on."""
    began, real = timezone.now(), timezone.now
    monkeypatch.setattr(timezone, "now", lambda: START + (real() - began))
    yield


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast: everyone there is, and an outsider who must see nothing."""
    return make_cast()
