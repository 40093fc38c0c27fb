"""Everything held on one person as one zip: JSON for machines, a page for people, his files (CUS-15.8)."""

from __future__ import annotations

import tempfile
import uuid
import zipfile
from collections.abc import Mapping
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from crm_core.exchange.models import PersonalRequest
from crm_core.exchange.personal.scope import Person, belongings, entries_about, find
from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import CrmError, Malformed
from crm_core.records import audit, files, jobs
from crm_core.records.models import AuditEntry, Job, StoredFile
from crm_core.records.query import Query
from crm_core.records.query.filters import base_rows
from crm_core.records.service.deleting import children_of
from crm_core.security import access
from crm_core.security.actor import Actor

KIND = "personal_access"
MOST_BYTES = 1024**3
_STYLE = (
    "body{font:14px/1.5 sans-serif;max-width:960px;margin:32px auto;padding:0 16px;color:#1b1f27}"
    "h2{margin-top:32px;font-size:18px}table{border-collapse:collapse;width:100%;margin:8px 0 20px}"
    "td{border-bottom:1px solid #e3e6eb;padding:4px 8px;vertical-align:top;overflow-wrap:anywhere}"
    "td:first-child{width:30%;color:#5b6472}"
)


@transaction.atomic
def start(entity: Entity, record_id: uuid.UUID, body: Mapping[str, Any], actor: Actor) -> Job:
    """Start collecting; the job's file is the zip. Raises Forbidden, NotFound, Malformed, Invalid `personal.not_a_person`."""
    person = find(entity, record_id, actor)
    requested = body.get("requested") or ""
    if not isinstance(requested, str) or len(requested) > 200 or "\x00" in requested:
        raise Malformed(
            "request.malformed", "requested is a text of at most 200 characters.", field="requested"
        )
    params = {"record": str(record_id), "source": actor.source, "language": translation.get_language()}
    job = jobs.create_job(KIND, KIND, actor, object_name=entity.name, params=params, total=len(person.ids))
    PersonalRequest.objects.create(
        kind="access", object=entity.name, record_id=record_id, requested=requested.strip(), done_by=actor.user_id,
        done_by_name=actor.name, counts={"records": len(person.ids)}, job_id=job.pk,
    )  # fmt: skip
    audit.note(actor, entity.name, "export", {"person": [None, True]}, record_id)
    jobs.wake_job(job)
    return job


class AccessHandler(jobs.JobHandler):
    """Collects and writes the zip in one step: one person's data is small."""

    kind = KIND
    reads = True

    def step(self, job: Job, actor: Actor) -> bool:
        entity = registry.get(job.object or "")
        person = find(entity, uuid.UUID(job.params["record"]), actor)
        with translation.override(job.params.get("language") or workspace.current().language):
            sections = collected(person, actor)
            with tempfile.TemporaryFile() as stream:
                _write(stream, person, sections)
                stream.seek(0)
                content = iter(lambda: stream.read(1024 * 1024), b"")
                name = f"personal-data-{timezone.localdate()}.zip"
                job.file = files.store(name, content, "application/zip", actor.user_id, limit=MOST_BYTES)
        job.done = job.total
        job.result = {"sections": {s["object"]: len(s["rows"]) for s in sections}}
        return True


def collected(person: Person, actor: Actor) -> list[dict[str, Any]]:
    """The records held on a person by object: `{"object", "label", "rows": [{"label": text}], "records": [JSON]}`.

    Only what the actor may read; what is masked for him is named in `withheld`.
    """
    ids: dict[str, set[uuid.UUID]] = {name: set(found) for name, found in person.records.items()}
    for name, found in (*belongings(person).items(), *entries_about(person).items()):
        ids.setdefault(name, set()).update(found)
    for name, own in person.records.items():
        for identifier in own:
            for child, _attribute, _behaviour, found in children_of(registry.get(name), identifier):
                ids.setdefault(child.name, set()).update(found)
    order = [*person.records, *(n for n in ids if n not in person.records)]
    return [section for name in order if (section := _section(registry.get(name), ids[name], actor))]


def _section(entity: Entity, ids: set[uuid.UUID], actor: Actor) -> dict[str, Any] | None:
    if not actor.depth(entity, "read"):
        return None
    records: list[dict[str, Any]] = []
    for deleted in (False, True):
        rows = base_rows(entity, actor, deleted=deleted).filter(pk__in=ids).values_list("pk", flat=True)
        query = Query(entity, actor, deleted=deleted)
        records += [query.one(pk) | {"in_recycle_bin": deleted} for pk in rows]
    if not records:
        return None
    hidden = {a.name for a in entity.attributes.values() if not access.readable(entity, a, actor)}
    entries = AuditEntry.objects.filter(record_id__in=ids, object=entity.name).order_by("at", "id")
    history = [
        {
            "at": e.at.isoformat(),
            "by": e.actor_name,
            "operation": e.operation,
            "attributes": sorted(e.changes.keys() - hidden),
        }
        for e in entries[:2000]
    ]
    return {
        "object": entity.name, "label": str(entity.label_plural), "records": records, "history": history,
        "rows": [_readable(entity, record) for record in records],
        "withheld": sorted({name for record in records for name in record.get("masked", [])}),
    }  # fmt: skip


def _readable(entity: Entity, record: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, attribute in entity.attributes.items():
        value = record.get(name)
        if value in (None, "", []):
            continue
        found.append((str(attribute.label), _text(attribute, value)))
    return found


def _text(attribute: Any, value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("name") or value.get("id"))
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return ", ".join(str(v.get("name") or v.get("address") or "") for v in value)
    try:
        return str(attribute.type.to_text(attribute, attribute.type.decode(attribute, value)))
    except CrmError:
        return str(value)


def _write(stream: Any, person: Person, sections: list[dict[str, Any]]) -> None:
    made = {"generated_at": timezone.now().isoformat(), "workspace": workspace.current().name}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        machine = [{k: v for k, v in s.items() if k != "rows"} for s in sections]
        document = {**made, "person": person.name, "sections": machine}
        archive.writestr("data.json", orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2))
        archive.writestr("index.html", _page(person, sections, made["workspace"]))
        shown = [uuid.UUID(r["id"]) for s in sections for r in s["records"]]
        held = StoredFile.objects.filter(regarding_id__in=shown, deleted_at=None)
        attached = {
            value["id"]
            for s in sections
            for r in s["records"]
            for n, value in r.items()
            if isinstance(value, dict)
            and value.get("object") == "file"
            and n in registry.get(s["object"]).attributes
        }
        for stored in [*held, *StoredFile.objects.filter(pk__in=attached, deleted_at=None)]:
            with files.path_of(stored).open("rb") as content:
                archive.writestr(f"files/{stored.pk}/{files.clean_name(stored.name)}", content.read())


def _page(person: Person, sections: list[dict[str, Any]], company: str) -> str:
    """The readable form: plain tables, every value escaped, no script and nothing from elsewhere."""
    parts = []
    for section in sections:
        tables = format_html_join("", "<table>{}</table>", ((format_html_join("", "<tr><td>{}</td><td>{}</td></tr>", row),) for row in section["rows"]))  # fmt: skip
        withheld = format_html("<p>{}: {}</p>", _("Not included"), ", ".join(section["withheld"])) if section["withheld"] else ""  # fmt: skip
        parts.append(format_html("<h2>{} ({})</h2>{}{}", section["label"], len(section["records"]), tables, withheld))  # fmt: skip
    title = _("Personal data of %(name)s") % {"name": person.name}
    when = _("Held by %(company)s on %(day)s") % {"company": company, "day": timezone.localdate()}
    return str(
        format_html(
            '<!doctype html><html lang="{}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            "<title>{}</title><style>{}</style><h1>{}</h1><p>{}</p>{}</html>",
            translation.get_language() or "en", title, _STYLE, title, when, format_html_join("", "{}", ((p,) for p in parts)),
        )
    )  # fmt: skip
