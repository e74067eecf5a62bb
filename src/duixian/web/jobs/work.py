"""Taking jobs: one worker at a time holds a job's lease; a worker that was killed loses it, and the job is taken again."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from duixian.values.diagnostic import Defects
from duixian.web.record.book import Refused, acting

from .models import Job

LEASE = timedelta(seconds=60)
REST = timedelta(seconds=30)  # before a job is tried again that the database could not take
MOST_ATTEMPTS = 5
WORK: dict[str, Callable[[Any], dict[str, Any]]] = {}
ROUNDS: dict[Callable[[], Any], int] = {}  # what is done over and over -> seconds between
log = logging.getLogger("duixian.jobs")


class Stopped(Exception):
    """Someone asked for the job to stop; nothing half-done is left."""


@dataclass(slots=True)
class Progress:
    """What a job is given: its row, and how it says where it is. Saying so renews the lease and hears a request to stop."""

    job: Job

    def say(self, stage: str, done: int = 0, of: int = 0) -> None:
        """Say where the work is. Raises Stopped where someone asked for that, or where another worker has taken the job."""
        held = Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING, worker=self.job.worker)
        if not held.update(stage=stage, done=done, of=of, lease=timezone.now() + LEASE):
            raise Stopped("lost")
        if held.filter(stop_asked=True).exists():
            raise Stopped("asked")


    @contextmanager
    def holding(self) -> Iterator[None]:
        """Keep the lease during one long step that cannot say where it is; a worker that is killed stops keeping it."""
        over = threading.Event()

        def keep() -> None:
            while not over.wait(LEASE.total_seconds() / 4):
                try:
                    Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING, worker=self.job.worker).update(lease=timezone.now() + LEASE)
                except DatabaseError:
                    log.warning("job %s: the lease could not be kept this time", self.job.pk)
                finally:
                    connection.close()

        keeper = threading.Thread(target=keep, daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()


def work(name: str) -> Callable[[Callable[[Progress], dict[str, Any]]], Callable[[Progress], dict[str, Any]]]:
    """Register the function of a job's name."""

    def keep(function: Callable[[Progress], dict[str, Any]]) -> Callable[[Progress], dict[str, Any]]:
        WORK[name] = function
        return function

    return keep


def every(*, seconds: int) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register something small that a worker does over and over: sending messages, finishing what a day has ended."""

    def keep(function: Callable[[], Any]) -> Callable[[], Any]:
        ROUNDS[function] = seconds
        return function

    return keep


def go_round(last: dict[Callable[[], Any], float]) -> None:
    """Do what is due again; a fault is logged and the worker goes on. last: when each was done, kept by the caller."""
    for function, seconds in ROUNDS.items():
        if time.monotonic() - last.get(function, -seconds) >= seconds:
            last[function] = time.monotonic()
            try:
                function()
            except Exception:
                log.exception("round %s failed", function.__name__)


def ask(name: str, subject: str, seat: Any, **arguments: Any) -> Job:
    """Put a job in the queue; while one of the same name and subject waits or runs, that one is returned."""
    try:
        with transaction.atomic():
            return Job.objects.create(name=name, subject=subject, by=seat, arguments=arguments)
    except IntegrityError:
        return Job.objects.get(name=name, subject=subject, state__in=[Job.State.WAITING, Job.State.RUNNING])


def stop(job: Job, seat: Any) -> None:
    """Ask a job to stop: one that waits is stopped at once, one that runs at its next step. Raises Refused where it is over."""
    with acting(seat, "job.stop", f"job:{job.pk}") as page:
        page.new = {"name": job.name, "subject": job.subject}
        if Job.objects.filter(pk=job.pk, state=Job.State.WAITING).update(state=Job.State.STOPPED, stop_asked=True, ended=timezone.now(), problem="开始以前就停了。"):
            return
        if not Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(stop_asked=True):
            raise Refused("job_is_under_way", "任务已经结束，不用停了。")


def take(worker: str) -> Job | None:
    """The next job, under a lease; one whose worker was killed comes first."""
    now = timezone.now()
    free = Q(state=Job.State.WAITING) | Q(state=Job.State.RUNNING, lease__lt=now)
    for job in Job.objects.filter(free).order_by("id")[:5]:
        taken = Job.objects.filter(free, pk=job.pk, attempts=job.attempts).update(
            state=Job.State.RUNNING, worker=worker, lease=now + LEASE, attempts=job.attempts + 1, stage="开始", done=0, of=0
        )
        if taken:
            return Job.objects.get(pk=job.pk)
    return None


def run(job: Job) -> None:
    """Do a job that was taken; how it ends is written to its row. No exception leaves: a fault of the program is logged, and said."""
    state, problem, result = Job.State.DONE, "", {}
    try:
        if job.attempts > MOST_ATTEMPTS:
            raise Refused("job_tried_too_often", f"试了 {MOST_ATTEMPTS} 次都没有完成。请看服务日志，再重新开始。")
        result = WORK[job.name](Progress(job))
    except Stopped as stop:
        if str(stop) == "lost":
            return
        state, problem = Job.State.STOPPED, "已按要求停止，没有留下做了一半的结果。"
    except Refused as refusal:
        state, problem = Job.State.FAILED, refusal.text
    except Defects as defects:
        state, problem = Job.State.FAILED, "\n".join(one.render("zh") for one in defects.diagnostics[:50])
    except OperationalError as trouble:  # locked, or the disk is full: nothing was stored; somebody takes it again later
        log.warning("job %s %s waits: %s", job.pk, job.name, trouble)
        Job.objects.filter(pk=job.pk, worker=job.worker, state=Job.State.RUNNING).update(stage="数据库暂时用不了，稍后再试", lease=timezone.now() + REST)
        return
    except Exception:
        log.exception("job %s %s failed", job.pk, job.name)
        state, problem = Job.State.FAILED, f"程序出错，任务 {job.pk} 没有完成，什么也没有改。请把任务号告诉管理员。"
    Job.objects.filter(pk=job.pk, worker=job.worker, state=Job.State.RUNNING).update(state=state, problem=problem, result=result, ended=timezone.now(), lease=None)


def serve(*, once: bool = False, rest: float = 1.0, alive: Callable[[], bool] = lambda: True) -> int:
    """Take and do jobs until told to end. once: only what is there now. Returns how many were done."""

    worker, count = f"{socket.gethostname()}:{os.getpid()}"[:60], 0
    last: dict[Callable[[], Any], float] = {}
    while alive():
        if not once:
            go_round(last)
        job = take(worker)
        if job is not None:
            run(job)
            count += 1
        elif once:
            return count
        else:
            connection.close_if_unusable_or_obsolete()
            time.sleep(rest)
    return count
