"""From an uploaded file to a staged import with guesses (PLT-45.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone

from crm_core.exchange import staging
from crm_core.exchange.analysis.guessing import guess_objects
from crm_core.exchange.analysis.profile import Profiler
from crm_core.exchange.models import Import
from crm_core.exchange.reading.opening import open_table
from crm_core.exchange.reading.table import MAX_BYTES, FileRefused, Format, Table
from crm_core.exchange.services import mapping as mappings
from crm_core.metadata import registry, workspace
from crm_core.metadata.errors import CrmError, Forbidden, Malformed, NotFound
from crm_core.records import files, jobs
from crm_core.records.models import StoredFile
from crm_core.security import access
from crm_core.security.actor import Actor

READ_AT_ONCE = 4 * 1024 * 1024  # larger files are read by a job
_MONTH_FIRST = {"US", "PH", "FM"}
_DECIMAL_POINT = {
    "US",
    "GB",
    "IE",
    "AU",
    "NZ",
    "CA",
    "IN",
    "CN",
    "JP",
    "KR",
    "MX",
    "PH",
    "SG",
    "TH",
    "IL",
    "MT",
    "CY",
    "CH",
    "LI",
}
_CHANGEABLE = {"encoding", "delimiter", "sheet", "header"}


@transaction.atomic
def create_import(
    actor: Actor, content: Iterable[bytes] | BinaryIO, file_name: str, object_name: str | None = None
) -> Import:
    """Keep an uploaded file, read and stage it and guess what it means.

    `content` are the file's bytes. Files over 4 MB are read by a job (state `reading`). Raises FileRefused (`file.*`,
    `import.too_many_rows`), Forbidden without the import privilege on `object_name`, or on any object, and
    TenantRefusal 402 `quota.storage`.
    """
    if object_name is not None:
        require_import(object_name, actor)
    elif not any(e.has("import") and actor.depth(e, "import") for e in registry.all()):
        raise Forbidden(
            "privilege.missing", "You do not have the right to import.", details={"privilege": "import"}
        )
    stored = files.store(
        file_name or "import.csv", content, "application/octet-stream", actor.user_id, limit=MAX_BYTES
    )
    try:
        files.require_room(0)  # the file is counted already
        import_ = Import(file=stored, file_name=stored.name, object=object_name, created_by=actor.user_id)
        if stored.size > READ_AT_ONCE:
            open_table(
                files.path_of(stored), stored.name
            )  # refuses at once what can be refused without reading all
            import_.state = "reading"
            import_.save(force_insert=True)
            start_job(import_, "import_read", actor)
        else:
            import_.save(force_insert=True)
            read(import_, actor)
    except BaseException:
        files.path_of(stored).unlink(missing_ok=True)
        raise
    return import_


def require_import(object_name: str, actor: Actor) -> Any:
    """The entity, when the actor may import into it. Raises NotFound, Forbidden, Malformed `import.not_importable`."""
    entity = registry.get(object_name)
    if entity.internal or not entity.has("import"):
        raise Malformed("import.not_importable", f"{entity.label_plural} cannot be imported.", field="object")
    access.require(entity, actor, "create")
    access.require(entity, actor, "import")
    return entity


def start_job(import_: Import, kind: str, actor: Actor, total: int = 0) -> jobs.Job:
    """A job for the import, whose wake-up leaves after the commit."""
    job = jobs.create_job(
        kind,
        import_.file_name,
        actor,
        object_name=import_.object,
        params={"import": str(import_.pk), "source": "import"},
        total=total,
    )
    jobs.wake_job(job)
    import_.job = job
    import_.save(update_fields=["job", "state"])
    return job


def read(import_: Import, actor: Actor, wanted: Format | None = None) -> None:
    """Stage the file's rows, profile its columns, guess object and mapping. Raises FileRefused."""
    table = open_table(_path(import_), import_.file_name, wanted)
    staging.forget(import_.pk)
    profiler = Profiler(table.header)
    count = 0
    for block in _blocks(table):
        staging.load(import_.pk, block)
        profiler.add([row.cells for row in block])
        count += len(block)
    if not count:
        raise FileRefused("file.no_rows", "The file has a header but no rows.", field="file")
    country = workspace.current().country
    import_.format = table.format.as_dict()
    import_.columns = [
        c.as_dict(month_first=country in _MONTH_FIRST, decimal_comma=country not in _DECIMAL_POINT)
        for c in profiler.columns
    ]
    import_.row_count = count
    import_.object_guesses = guess_objects(import_.columns, import_.file_name, actor)
    if import_.object is None and import_.object_guesses and import_.object_guesses[0]["score"] >= 0.3:
        import_.object = import_.object_guesses[0]["object"]
    import_.stats, import_.error = {}, None
    mappings.guess(import_, actor)
    import_.save()


def forget(import_: Import) -> None:
    """Drop an import with its staged rows, its report and its file."""
    staging.forget(import_.pk)
    stored = import_.file
    import_.delete()
    if stored is not None and stored.deleted_at is None:
        try:
            path = files.path_of(stored)
        except NotFound:
            path = None  # somebody took the content away already; the row still has to go
        StoredFile.objects.filter(pk=stored.pk).update(deleted_at=timezone.now())
        if path is not None:
            transaction.on_commit(lambda: path.unlink(missing_ok=True))


def _path(import_: Import) -> Path:
    if import_.file is None:
        raise FileRefused("file.gone", "The file was removed.", field="file")
    return files.path_of(import_.file)


def _blocks(table: Table) -> Iterator[list[Any]]:
    rows = table.rows()
    while block := list(islice(rows, staging.BLOCK)):
        yield block


def change_format(import_: Import, changes: dict[str, Any], actor: Actor) -> None:
    """Read the file again as a person says it is written. Raises Malformed for unknown keys, FileRefused."""
    if not isinstance(changes, dict) or (unknown := set(changes) - _CHANGEABLE):
        raise Malformed(
            "import.format",
            "Encoding, delimiter, sheet and header can be changed.",
            field=f"format.{sorted(unknown)[0]}",
        )
    if "header" in changes and not isinstance(changes["header"], bool):
        raise Malformed("import.format", "Header is true or false.", field="format.header")
    if any(not isinstance(v, str | None) for k, v in changes.items() if k != "header"):
        raise Malformed("import.format", "A text is needed.", field="format")
    merged = {**import_.format, "notices": [], **changes}
    read(import_, actor, Format.from_dict(merged))


class ReadHandler(jobs.JobHandler):
    """Reads a large file; everything or nothing."""

    kind = "import_read"

    def step(self, job: jobs.Job, actor: Actor) -> bool:
        import_ = Import.objects.select_for_update(of=("self",)).get(pk=job.params["import"])
        try:
            with transaction.atomic():
                read(import_, actor)
        except CrmError as error:
            Import.objects.filter(pk=import_.pk).update(state="failed", error=error.as_dict())
            job.error = error.message
            job.result = {"refused": error.code}
        job.done = job.total = import_.row_count
        return True
