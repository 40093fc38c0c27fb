"""Exports as jobs: any list, with the rights of who asks (PLT-45.3)."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from crm_core.exchange.exporting import files as writing
from crm_core.exchange.exporting.cells import writer_for
from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Forbidden, Invalid, Malformed
from crm_core.records import audit, files, jobs
from crm_core.records.models import Job
from crm_core.records.query.paging import Ordering
from crm_core.records.query.paths import resolve
from crm_core.records.query.query import Query
from crm_core.search import views
from crm_core.security import access
from crm_core.security.actor import Actor
from tenants.context import current_schema

KEYS = {"view", "filter", "q", "fields", "order", "format", "with_ids"}
FORMATS = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
MAX_ROWS = 100_000
AT_ONCE = 500
PAGE = 1_000
PAGES_PER_STEP = 5
ID_HEADERS = ("Record id", "Record version")


@transaction.atomic
def start(entity: Entity, request: Mapping[str, Any], actor: Actor) -> Job:
    """Start an export; up to 500 rows are written at once, more by a job.

    Raises Forbidden without the export privilege, Malformed for an unusable request, Invalid `export.too_many_rows`.
    """
    access.require(entity, actor, "export")
    if not entity.has("export"):
        raise Malformed("export.not_exportable", f"{entity.label_plural} cannot be exported.", field="object")
    if request.get("format", "xlsx") not in FORMATS:
        raise Malformed("export.format", "csv or xlsx.", field="format")
    if not isinstance(request.get("with_ids", False), bool):
        raise Malformed("export.with_ids", "true or false.", field="with_ids")
    view = views.find(entity, request["view"], actor) if request.get("view") else None
    if view is not None and view["broken"]:
        raise Invalid(
            "view.broken",
            "The view names attributes that are gone.",
            field="view",
            details={"broken": view["broken"]},
        )
    fields = exported_fields(entity, request.get("fields") or _columns(entity, view), actor)
    order = request.get("order") or (list(view["order"]) if view else ["-created_at"])
    if not isinstance(order, list) or any(not isinstance(o, str) for o in order):
        raise Malformed("request.order", "A list of attributes is needed.", field="order")
    params = {
        "filters": [f for f in (view and view["filter"], request.get("filter")) if f], "q": request.get("q"), "order": order,
        "fields": fields, "format": request.get("format", "xlsx"), "with_ids": request.get("with_ids", request.get("format", "xlsx") == "xlsx"),
        "source": actor.source, "language": translation.get_language(),
    }  # fmt: skip
    query = _query(entity, params, actor)
    Ordering(entity, query.order_, actor)
    total = query.rows_.order_by().values("pk")[: MAX_ROWS + 1].count()
    if total > MAX_ROWS:
        raise Invalid(
            "export.too_many_rows",
            f"At most {MAX_ROWS:,} rows; please narrow the list.",
            details={"limit": MAX_ROWS},
        )
    job = jobs.create_job(
        "export", str(entity.label_plural), actor, object_name=entity.name, params=params, total=total
    )
    audit.note(
        actor,
        entity.name,
        "export",
        {"rows": [None, total], "fields": [None, fields], "format": [None, params["format"]]},
        job.pk,
    )
    if total <= AT_ONCE:
        return jobs.run_inline(job, actor.acting(actor.source, job.pk))
    jobs.wake_job(job)
    return job


def _columns(entity: Entity, view: Mapping[str, Any] | None) -> list[str]:
    """The columns of the view, else every attribute that can be imported again, what the workspace computes, and the state."""
    if view is not None:
        return [c["name"] for c in view["columns"]]
    found = [
        a.name
        for a in entity.attributes.values()
        if (not a.read_only or a.custom) and a.type.name not in ("file", "parties")
    ]
    if entity.primary not in found:
        found.insert(0, entity.primary)
    return found + [n for n in ("state", "created_at") if n in entity.attributes and n not in found]


def exported_fields(entity: Entity, wanted: Any, actor: Actor) -> list[str]:
    """The wanted attributes without those the actor may not see, or not take away (CUS-15.1). Raises Malformed, Forbidden."""
    if (
        not isinstance(wanted, list)
        or not wanted
        or len(wanted) > 100
        or any(not isinstance(w, str) for w in wanted)
    ):
        raise Malformed("request.fields", "A list of 1 to 100 attributes is needed.", field="fields")
    found = []
    for path in dict.fromkeys(wanted):
        branches = resolve(entity, path)
        told = [pair for branch in branches for pair in branch.read]
        if all(
            access.readable(e, a, actor) and (not a.secured or actor.can("export_sensitive")) for e, a in told
        ):
            found.append(path)
    if not found:
        raise Forbidden("field.secured", "You may not export these attributes.", field="fields")
    return found


def _query(entity: Entity, params: Mapping[str, Any], actor: Actor) -> Query:
    query = Query(entity, actor)
    allowed = access.visible(entity, actor, "export")
    if allowed is not None:
        query = query.where(allowed)
    for tree in params["filters"]:
        query = query.filter(tree)
    return query.search(params["q"]).order(params["order"])


def headers(entity: Entity, paths: Sequence[str]) -> list[str]:
    """Labels of the columns, each once: paths say the way, equal labels are told apart by the name."""
    found: list[str] = []
    for path in paths:
        labels, current = [], entity
        for step in path.split("."):
            attribute = current.attributes.get(step)
            if attribute is None:
                labels.append(str(resolve(entity, path)[0].attribute.label))
                break
            labels.append(str(attribute.label))
            if attribute.targets:
                current = registry.current().entities.get(
                    "user" if attribute.type.name == "owner" else attribute.targets[0], current
                )
        label = ": ".join(labels)
        found.append(label if label not in found else f"{label} ({path})")
    return found


class ExportHandler(jobs.JobHandler):
    """Collects pages into a part file, a few per step, and writes the file at the end.

    The part file is cut back to what was committed before it grows, so a killed worker leaves no row twice.
    """

    kind = "export"
    reads = True

    def step(self, job: Job, actor: Actor) -> bool:
        entity = registry.get(job.object or "")
        part = _part_file(job.pk)
        size = job.cursor.get("bytes", 0)
        cursor = job.cursor.get("cursor")
        query = _query(entity, job.params, actor)
        with part.open("r+b" if part.exists() else "w+b") as stream:
            if part.stat().st_size < size:
                raise Invalid("export.part_lost", "The unfinished file was lost; please export again.")
            stream.truncate(size)
            stream.seek(size)
            for _page in range(PAGES_PER_STEP):
                page = query.page(job.params["fields"], limit=PAGE, cursor=cursor)
                for row in page.rows:
                    stream.write(orjson.dumps(row) + b"\n")
                job.done += len(page.rows)
                cursor = page.next
                if cursor is None or job.done >= MAX_ROWS:
                    break
            stream.flush()
            job.cursor = {"cursor": cursor, "bytes": stream.tell()}
        if cursor is not None and job.done < MAX_ROWS:
            return False
        job.total = job.done
        with translation.override(job.params.get("language") or workspace.current().language):
            job.file = _finish(entity, job, part, actor)
        job.result = {"rows": job.done}
        part.unlink(missing_ok=True)
        return True


def _part_file(job_id: uuid.UUID) -> Path:
    folder = Path(settings.MEDIA_ROOT) / current_schema()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{job_id.hex}.export"


def _finish(entity: Entity, job: Job, part: Path, actor: Actor) -> Any:
    """The stored file made of the collected rows."""
    paths, kind = job.params["fields"], job.params["format"]
    with_ids = job.params["with_ids"]
    titles = [*headers(entity, paths), *(ID_HEADERS if with_ids else ())]
    made = part.with_suffix(f".{kind}")
    try:
        rows = _rows(entity, paths, part, actor, with_ids)
        if kind == "csv":
            writing.write_csv(made, titles, rows)
        else:
            writing.write_xlsx(
                made, titles, rows, title=str(entity.label_plural), hidden=len(ID_HEADERS) if with_ids else 0
            )
        stem = re.sub(r"[^\w-]+", "-", str(entity.label_plural)).strip("-") or entity.plural
        name = f"{stem}-{timezone.localdate()}.{kind}"
        with made.open("rb") as stream:
            content = iter(lambda: stream.read(1024 * 1024), b"")
            return files.store(name, content, FORMATS[kind], actor.user_id, limit=1024**3)
    finally:
        with contextlib.suppress(FileNotFoundError):
            made.unlink()


def _rows(
    entity: Entity, paths: Sequence[str], part: Path, actor: Actor, with_ids: bool
) -> Iterator[list[Any]]:
    writers = []
    for path in paths:
        branch = resolve(entity, path)[0]
        writers.append((path, writer_for(branch.entity, branch.attribute, actor.time_zone)))
    with part.open("rb") as stream:
        for line in stream:
            row = orjson.loads(line)
            cells = [write(row[path]) for path, write in writers]
            yield [*cells, row["id"], row["version"]] if with_ids else cells
