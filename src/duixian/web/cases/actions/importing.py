"""Taking workbooks in: kept, read, shown, and only then, all or nothing, filed as facts of one source. What is stored is what was shown."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError
from django.utils import timezone

from duixian.values.diagnostic import Defects
from duixian.web.cases import intake as reading
from duixian.web.cases import objects
from duixian.web.cases.files import clean_name, most_text
from duixian.web.cases.models import Intake, PolicyVersion
from duixian.web.cases.policies import programme_of
from duixian.web.jobs import work
from duixian.web.record.book import Conflict, Refused, acting
from duixian.web.registry.models import Earlier, Fact, Import, Party, Role, Seat, Source, Thing

from .moving import change

SOURCES = (Source.STATISTICS, Source.THIRD, Source.REGISTER, Source.DECLARED, Source.REVIEWED)
ENDINGS = (".xlsx", ".csv")
AT_ONCE_BYTES, AT_ONCE_CHANGES = 256 << 10, 3000  # more than that is a job
_MANY = 500


def start(version: PolicyVersion, year: int, source: str, files: Sequence[UploadedFile], seat: Seat) -> Intake:
    """Keep the workbooks and read them: at once where they are small, else as a job. Raises Refused for what is no workbook; then nothing is kept."""
    with acting(seat, "intake.start", f"policy:{version.policy}") as page:
        _officer(seat)
        if source not in SOURCES:
            raise Refused("source_may_be_imported", "来源只能是：" + "、".join(str(one.label) for one in SOURCES) + "。")
        if not programme_of(version).policy or not 2000 <= year <= timezone.localdate().year + 1:
            raise Refused("year_can_be_read", "奖补年度写四位数，如 2025。")
        given = _looked_at(files)
        folder = secrets.token_hex(16)
        digest = _keep(given, folder)
        name = "、".join(name for name, _file in given)[:200]
        found = Intake.objects.create(version_of=version, year=year, source=source, name=name, digest=digest, folder=folder, by=seat)
        page.new = {"intake": found.pk, "digest": found.digest, "source": source, "year": year}
    if sum(file.size or 0 for _name, file in given) <= AT_ONCE_BYTES:
        try:
            look(found)
        except BaseException:  # a fault of ours: nothing stays that could neither be confirmed nor thrown away
            _thrown_away(found, found.version)
            raise
    else:
        work.ask("intake.look", f"intake:{found.pk}", seat, intake=found.pk)
    return found


def _officer(seat: Seat) -> None:
    if seat.role != Role.OFFICER:
        raise Refused("officers_import", "导入由经办来做。")


def _keep(given: list[tuple[str, UploadedFile]], folder: str) -> str:
    """Write the workbooks into a folder of their own, all or none; returns the digest over them."""
    digest, place = hashlib.sha256(), settings.HOME / "intakes" / folder
    try:
        (place / "given").mkdir(parents=True, mode=0o700)
        for name, file in given:
            with (place / "given" / name).open("xb") as kept:
                for block in file.chunks():
                    digest.update(block)
                    kept.write(block)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return digest.hexdigest()


def stopped_at(name: str, *, alone: bool) -> Refused:
    """Why a file did not come in at all: too large by itself, or with those before it."""
    if alone:
        return Refused("file_is_bounded", f"“{clean_name(name)}”太大：一个文件不超过 {most_text()}。请分成几个文件。")
    return Refused("file_is_bounded", "这几个文件合起来太大。请分几次导入。")


def _looked_at(files: Sequence[UploadedFile]) -> list[tuple[str, UploadedFile]]:
    if not files:
        raise Refused("file_is_there", "没有收到文件。请选一个按模板填好的工作簿。")
    found: dict[str, UploadedFile] = {}
    for file in files:
        name = _short(clean_name(file.name or ""))
        if not name.lower().endswith(ENDINGS):
            raise Refused("file_is_a_workbook", f"“{name}”不是 .xlsx 或 .csv。旧格式（.xls、.et）请另存为 .xlsx。")
        if not file.size:
            raise Refused("file_is_not_empty", f"“{name}”是空的（0 字节）。")
        if file.size > settings.UPLOAD_MOST_BYTES:
            raise Refused("file_is_bounded", f"“{name}”太大：一个文件不超过 {most_text()}。请分成几个文件。")
        if name in found:
            raise Refused("file_once", f"两个文件同名：“{name}”。")
        found[name] = file
    return sorted(found.items())


def _short(name: str) -> str:
    """A name that a file system takes (255 bytes at most), its ending kept."""
    stem, dot, ending = name.rpartition(".")
    return stem.encode()[: 240 - len(ending.encode())].decode(errors="ignore") + dot + ending if dot else name


def look(intake: Intake, say: reading.Say = lambda *_: None) -> None:
    """Read the workbooks and keep what they would change, or what is wrong with them. May be done again."""
    if intake.state not in ("reading", "ready", "faulty"):
        return
    say("读取工作簿", 0, 1)
    try:
        tables = reading.read(intake)
    except Defects as defects:
        change(intake, intake.version, state="faulty", faults=reading.faults_of(defects), counts={"faults": sum(one.is_error for one in defects.diagnostics)}, preview="")
        return
    changes, counts = reading.changes_of(tables, programme_of(intake.version_of).policy, intake.source, say)
    sheets = sorted({sheet for one in tables.inputs for sheet in one.sheets})
    said = dict(counts) | {"rows": sum(one.rows for one in tables.inputs), "sheets": sheets}
    notices = [reading.fault_of(one) for one in tables.notices[:200]]
    change(intake, intake.version, state="ready", faults=notices, counts=said, preview=reading.keep_preview(intake, changes))


def confirm(intake: Intake, seat: Seat, *, version: int) -> bool:
    """File what was shown: at once, or as a job where it is much. Returns whether it is done. Raises Refused, Conflict."""
    with acting(seat, "intake.confirm", intake):
        _officer(seat)
        if intake.state != "ready":
            raise Refused("intake_is_ready", f"这次导入现在是“{intake.get_state_display()}”，不能确认。")
        change(intake, version, state="taking")
    if sum(intake.counts.get(name, 0) for name in ("added", "changed", "objects", "paid")) <= AT_ONCE_CHANGES:
        take(intake, seat)
        return True
    work.ask("intake.take", f"intake:{intake.pk}", seat, intake=intake.pk)
    return False


def take(intake: Intake, seat: Seat, say: reading.Say = lambda *_: None) -> None:
    """File every change of an intake in one transaction, once; refused, and shown anew, where what is on file has changed since the preview."""
    if intake.state == "done":
        return  # taken again after a kill: it was done
    try:
        policy, tables = programme_of(intake.version_of).policy, reading.read(intake)
        since = reading.mark()  # what takes long is done before the transaction, so that nobody waits for it
        changes, counts = reading.changes_of(tables, policy, intake.source, say)
        same = reading.digest_of(changes) == intake.preview
        with acting(seat, "intake.take", intake) as page:
            if intake.state != "taking":
                raise Refused("intake_is_confirmed", "这次导入没有确认，或已经写入。")
            if not same or reading.touched(since, tables, policy):
                raise Refused("stored_is_what_was_shown", "预览以后，别人改过这些数据，什么也没有写。已经重新比较，请再看一遍预览。")
            batch = Import.objects.create(name=intake.name, digest=intake.digest, source=intake.source, year=intake.year, by=seat,
                                          added=counts["added"], changed=counts["changed"], unchanged=counts["unchanged"])  # fmt: skip
            _file(changes, intake, batch, seat, policy.id, say)
            change(intake, intake.version, state="done", taken=batch)
            page.new = {"import": batch.pk, "digest": intake.digest, "preview": intake.preview, **{name: counts[name] for name in ("added", "changed", "unchanged", "objects", "paid")}}
    except Exception as stop:  # whatever it was, nothing was filed: back to where it can be confirmed again
        intake.refresh_from_db()
        if intake.state == "taking":
            change(intake, intake.version, state="ready")
            if isinstance(stop, (Refused, IntegrityError, Defects)):
                look(intake)
        if isinstance(stop, IntegrityError):
            raise Conflict("写入时有人在改同一批数据，什么也没有写。请再看一遍预览，重新确认。") from stop
        raise


def _file(changes: list[reading.Change], intake: Intake, batch: Import, seat: Seat, policy: str, say: reading.Say) -> None:
    new = [Thing(kind=one.kind, key=one.key) for one in changes if one.what == "object"]
    Thing.objects.bulk_create(new, batch_size=_MANY)
    facts = [one for one in changes if one.what in ("added", "changed")]
    for start in range(0, len(facts), _MANY):
        some = facts[start : start + _MANY]
        ids = {(thing.kind, thing.key): thing.pk for thing in Thing.objects.filter(kind__in={one.kind for one in some}, key__in=[one.key for one in some])}
        changed = {(ids[(one.kind, one.key)], one.award, one.name, one.period) for one in some if one.what == "changed"}
        rows = Fact.objects.filter(thing__in={pk for pk, *_ in changed}, source=intake.source, ended=None).values_list("pk", "thing", "award", "name", "period") if changed else []
        ended = [pk for pk, *key in rows if tuple(key) in changed]
        if len(ended) != len(changed):
            raise Conflict
        Fact.objects.filter(pk__in=ended).update(ended=timezone.now())
        Fact.objects.bulk_create([
            Fact(thing_id=ids[(one.kind, one.key)], award=one.award, name=one.name, period=one.period, source=intake.source, value=one.new, by=seat, batch=batch) for one in some
        ], batch_size=_MANY)  # fmt: skip
        say("写入", min(start + _MANY, len(facts)), len(facts))
    Earlier.objects.bulk_create([_earlier(json.loads(one.new), policy, batch) for one in changes if one.what == "paid"], batch_size=_MANY)
    link_parties([(one.kind, one.key) for one in changes if one.what == "object"], intake)


def _earlier(row: list[Any], policy: str, batch: Import) -> Earlier:
    award, year, key, amount, document, recipient, tier, standard, keys = row
    return Earlier(policy=policy, award=award, year=year, object_key=key, amount_fen=amount, document=document, recipient=recipient, tier=tier, standard_fen=standard, keys=keys, batch=batch)


def link_parties(objects: list[tuple[str, str]], intake: Intake) -> None:
    """New objects of a party that is on file are its own: by their key, or by the key of what they belong to."""
    vocabulary = programme_of(intake.version_of).policy.vocabulary
    for start in range(0, len(objects), _MANY):
        some = objects[start : start + _MANY]
        things = list(Thing.objects.filter(kind__in={kind for kind, _ in some}, key__in=[key for _, key in some], party=None))
        parents = {kind: vocabulary.objects[kind].parent_relation for kind in {thing.kind for thing in things}}
        owner = dict(Fact.objects.filter(thing__in=things, ended=None, period="", name__in=set(filter(None, parents.values())), source=intake.source).values_list("thing", "value"))
        codes = {thing.pk: owner.get(thing.pk, "s:" + thing.key)[2:] for thing in things}
        parties = dict(Party.objects.filter(code__in=set(codes.values())).values_list("code", "pk"))
        linked = []
        for thing in things:
            if codes[thing.pk] in parties and (thing.pk in owner or vocabulary.is_kind(thing.kind, "主体")):
                thing.party_id = parties[codes[thing.pk]]
                linked.append(thing)
        Thing.objects.bulk_update(linked, ["party"], batch_size=_MANY)


def drop(intake: Intake, seat: Seat, *, version: int) -> None:
    """Throw an intake away; its files are removed, that it was is kept."""
    with acting(seat, "intake.drop", intake):
        _officer(seat)
        job = objects.job_of(intake)
        if intake.state not in ("reading", "ready", "faulty") or (intake.state == "reading" and job is not None and job.state in ("waiting", "running")):
            raise Refused("intake_is_open", "正在读取、正在写入，或已经写入，不能放弃。")
        _thrown_away(intake, version)


def _thrown_away(intake: Intake, version: int) -> None:
    change(intake, version, state="dropped")
    shutil.rmtree(reading.folder_of(intake), ignore_errors=True)
