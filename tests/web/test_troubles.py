"""When the database is locked or the disk is full: a page that says what to do, nothing half-done, and everything works again afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

import duixian.web.cases.jobs  # noqa: F401  registers the work
from duixian.web.cases.models import Application, Comment
from duixian.web.jobs import work
from duixian.web.jobs.models import Job
from duixian.web.record import book
from duixian.web.record.models import Event

from . import template
from .cast import Cast, submitted

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def impatient() -> Iterator[None]:
    """The connection of this thread waits for a lock a moment only."""
    options = connection.settings_dict["OPTIONS"]
    before = dict(options)
    options.update({"timeout": 0.2} if connection.vendor == "sqlite" else {"options": "-c lock_timeout=200"})
    connection.close()
    try:
        yield
    finally:
        options.clear()
        options.update(before)
        connection.close()


@contextmanager
def locked() -> Iterator[None]:
    """Somebody else holds the write lock: of the file, or of the end of the record."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            else:
                other.set_autocommit(False)
                cursor.execute("LOCK TABLE chain IN EXCLUSIVE MODE")
            yield
            cursor.execute("ROLLBACK")
    finally:
        other.close()


def patient(client: Client) -> Client:
    """A client that shows the page of a fault, as a browser does."""
    client.raise_request_exception = False
    return client


@pytest.mark.django_db(transaction=True)
def test_while_somebody_holds_the_write_lock_pages_are_read_and_a_write_says_what_to_do(cast: Cast) -> None:
    case = submitted(cast)
    township, firm = patient(cast.client("township")), patient(cast.client("applicant"))
    address = reverse("case", args=[case.number])
    township.get(address)
    events = Event.objects.count()
    with impatient(), locked():
        assert township.get(address).status_code == 200
        answer = township.post(reverse("case_move", args=[case.number]), {"action": "verify", "version": case.version, "text": "属实"})
        assert answer.status_code == 503 and answer["Retry-After"] and "系统正忙" in answer.content.decode() and "没有生效" in answer.content.decode()
        part = firm.post(reverse("reply", args=[case.number]), {"text": "请问办到哪里了"}, HTTP_HX_REQUEST="true")
        assert part.status_code == 503 and part["Content-Type"].startswith("text/plain") and "没有生效" in part.content.decode()
    case.refresh_from_db()
    assert case.state == "submitted" and not case.opinions.exists() and not Comment.objects.exists() and Event.objects.count() == events
    assert township.post(reverse("case_move", args=[case.number]), {"action": "verify", "version": case.version, "text": "属实"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "verified" and book.verify()[1] == []


@pytest.mark.django_db(transaction=True)
def test_a_page_that_only_reads_writes_nothing(cast: Cast) -> None:
    """The session is renewed once a minute, not at every page: readers never queue behind a writer."""
    client = cast.client("officer")
    client.get("/work/")
    with impatient(), locked():
        assert client.get("/work/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_session_in_use_goes_on_and_one_left_alone_ends(cast: Cast, clock: Any) -> None:
    client = cast.client("officer")
    for _ in range(4):
        clock.later(minutes=25)
        assert client.get("/work/").status_code == 200
    clock.later(minutes=61)
    assert client.get("/work/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_job_the_database_cannot_take_is_tried_again_later(cast: Cast, clock: Any) -> None:
    job = work.ask("settle", f"cycle:{cast.zibo.pk}", cast.seats["officer"], cycle=cast.zibo.pk)
    taken = work.take("somebody")
    assert taken is not None
    work.WORK["trouble"] = _locked_out
    taken.name = "trouble"
    work.run(taken)
    job.refresh_from_db()
    assert (job.state, job.problem) == ("running", "") and "稍后" in job.stage and work.take("another") is None
    clock.later(minutes=1)
    again = work.take("another")
    assert again is not None and again.attempts == 2 and Job.objects.count() == 1


def _locked_out(progress: Any) -> dict[str, Any]:
    with impatient(), locked(), book.acting(progress.job.by, "test.write", "trouble"):
        pass  # where taking the lock is left to the signature, this far is fine
    raise AssertionError("the lock is somebody else's")


@pytest.mark.django_db(transaction=True)
@pytest.mark.only_where(connection.vendor == "sqlite", "其他数据库的磁盘不归这里管 (the disk of another database is not ours)")
def test_a_database_that_cannot_grow_says_so_and_keeps_what_it_has(cast: Cast) -> None:
    case = submitted(cast)
    client = patient(cast.client("officer"))
    client.get("/work/")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
    try:
        for place in range(400):  # until the free pages are used up
            answer = client.post(reverse("case_comment", args=[case.number]), {"text": f"第{place}条" + "很长的留言" * 400, "shared": "no"})
            if answer.status_code == 503:
                break
        text = answer.content.decode()
        assert answer.status_code == 503 and "磁盘满了" in text and "没有生效" in text and client.get("/work/").status_code == 200
        assert Comment.objects.count() == place == Event.objects.filter(action="application.comment", kind="write").count()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert client.post(reverse("case_comment", args=[case.number]), {"text": "好了", "shared": "no"}).status_code == 302
    assert Comment.objects.count() == place + 1 and book.verify()[1] == [] and Application.objects.get().state == "submitted"


_AS_ROOT = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]


def may_mount() -> bool:
    """Whether a small disk can be made here: as root, or as root of a name space of one's own."""
    try:
        return subprocess.run([*_AS_ROOT, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.long
@pytest.mark.only_where(connection.vendor == "sqlite", "其他数据库的磁盘不归这里管 (the disk of another database is not ours)")
@pytest.mark.only_where(connection.vendor != "sqlite" or may_mount(), "这里不能挂载小磁盘；上一个用例试了数据库写满 (no small disk can be mounted here; the test before fills the database)")
def test_a_full_disk_loses_nothing(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A home on a disk of a few megabytes, filled to the last byte: tests/web/full.py says what must hold."""
    home = tmp_path_factory.mktemp("migrated")
    template.copy_to(home / template.FILE)
    command = f'mount -t tmpfs -o size=24m tmpfs "{tmp_path}" && cp "{home / template.FILE}" "{tmp_path}/" && exec "{sys.executable}" -m tests.web.full'
    environment = {name: value for name, value in os.environ.items() if name != "DUIXIAN_DATABASE"} | {"DUIXIAN_HOME": str(tmp_path), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    found = subprocess.run([*_AS_ROOT, "sh", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert found.returncode == 0, found.stdout[-2000:] + found.stderr[-4000:]
    assert "all held" in found.stdout
