"""`python -m tests.web.full`: the system in a home on a small disk that is filled to the last byte. Run by test_troubles on a disk of its own; never on yours."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

os.environ |= {"DJANGO_SETTINGS_MODULE": "duixian.web.settings", "DUIXIAN_SECOND_FACTOR": "off"}

import django  # noqa: E402

django.setup()

from datetime import UTC, datetime  # noqa: E402

from django.conf import settings  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

import duixian.web.cases.jobs  # noqa: E402, F401
from duixian.web.cases.actions import applying, handling  # noqa: E402
from duixian.web.cases.models import Comment, Evidence, Settlement  # noqa: E402
from duixian.web.jobs import work  # noqa: E402
from duixian.web.jobs.models import Job  # noqa: E402
from duixian.web.record import book  # noqa: E402
from duixian.web.record.models import Event  # noqa: E402
from duixian.web.registry.models import Thing  # noqa: E402
from tests.web.cast import make_cast, submitted  # noqa: E402
from tests.web.journey import PDF  # noqa: E402

BEGAN, REAL = timezone.now(), timezone.now
timezone.now = lambda: datetime(2026, 3, 10, 2, 0, tzinfo=UTC) + (REAL() - BEGAN)


def fill_up(home: Path) -> Path:
    """Fill the disk to the last byte; the file that takes the room."""
    ballast = home / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast


def main() -> int:
    """Everything that must hold on a full disk."""
    home = settings.HOME
    if shutil.disk_usage(home).total > 64 << 20:
        print("this is not a small disk", file=sys.stderr)
        return 2
    call_command("migrate", verbosity=0)
    settings.ALLOWED_HOSTS.append("testserver")
    cast = make_cast()
    case = submitted(cast)
    handling.verify(case, cast.seats["township"], true=True, text="", visited=None)
    handling.accept(case, cast.seats["officer"])
    firm, officer = cast.client("outsider"), cast.client("officer")
    draft = applying.start(cast.zibo, cast.other_firm, cast.seats["outsider"])
    claim = applying.claim(draft, "流量补贴", "二", Thing.objects.get(kind="企业", key=cast.other_firm.code), cast.seats["outsider"])
    for client, page in ((firm, "/apply/"), (officer, "/work/")):
        client.raise_request_exception = False
        assert client.get(page).status_code == 200
    job = work.ask("settle", f"cycle:{cast.zibo.pk}", cast.seats["officer"], cycle=cast.zibo.pk)
    ballast = fill_up(home)
    assert shutil.disk_usage(home).free == 0

    answer = firm.post(reverse("add_evidence", args=[draft.number, claim.pk]), {"material": "第三方数据证明", "file": SimpleUploadedFile("证明.pdf", PDF[:9] + b"%" + b"x" * (3 << 20) + b"\n" + PDF[9:])}, follow=True)
    said = answer.content.decode()
    assert "磁盘" in said, said[:2000]
    assert not Evidence.objects.exists() and not any(path.is_file() for path in settings.UPLOADS.rglob("*")), "half a file stayed"
    assert firm.get("/apply/").status_code == officer.get("/work/").status_code == 200, "reading needs no room"
    count = 0
    for place in range(2000):  # the journal has some room of its own; then no more
        answer = officer.post(reverse("case_comment", args=[case.number]), {"text": "很长的留言" * 200, "shared": "no"})
        if answer.status_code == 503:
            break
        count = place + 1
    assert answer.status_code == 503 and "磁盘满了" in answer.content.decode()
    try:
        work.serve(once=True)
    except Exception as stopped:  # the worker ends; it is started again
        print("worker:", type(stopped).__name__)
    assert not Settlement.objects.exists() and Job.objects.get().state in ("waiting", "running"), Job.objects.get().state

    ballast.unlink()
    assert Comment.objects.count() == count == Event.objects.filter(action="application.comment", kind="write").count()
    assert officer.post(reverse("case_comment", args=[case.number]), {"text": "好了", "shared": "no"}).status_code == 302
    firm.post(reverse("add_evidence", args=[draft.number, claim.pk]), {"material": "第三方数据证明", "file": SimpleUploadedFile("证明.pdf", PDF)})
    assert Evidence.objects.count() == 1
    Job.objects.filter(pk=job.pk).update(lease=timezone.now())
    work.serve(once=True)
    job.refresh_from_db()
    assert job.state == "done" and Settlement.objects.count() == 1, (job.state, job.problem)
    assert book.verify()[1] == []
    print("all held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
