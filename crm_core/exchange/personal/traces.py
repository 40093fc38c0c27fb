"""Where a person's values stand besides his records: names in references, audit, jobs, imports, kept answers."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from crm_core.exchange.models import Import, ImportKey, ImportOutcome, ImportRow, PersonalRequest
from crm_core.metadata import registry
from crm_core.records.models import AuditEntry, IdempotencyRecord, Job, JobFailure, StoredFile


def rename(entries: dict[str, list[uuid.UUID]], ids: list[uuid.UUID], mails: set[str], name: str) -> None:
    """Put `name` where activities and notes show the person's: what they are about, and who takes part."""
    wanted = {str(i) for i in ids}
    for entity in registry.all():
        for attribute in entity.attributes.values():
            if attribute.type.name == "regarding":
                about = {f"{attribute.columns['id']}__in": ids}
                entity.model.objects.filter(**about).update(**{attribute.columns["name"]: name})
            elif attribute.type.name == "parties" and attribute.column:
                _rename_parties(entity, attribute.column, entries.get(entity.name, []), wanted, mails, name)


def _rename_parties(
    entity: Any, column: str, known: list[uuid.UUID], wanted: set[str], mails: set[str], name: str
) -> None:
    where = Q(pk__in=known)
    for mail in mails:
        where |= Q((f"{column}__contains", [{"address": mail}]))
    for row in entity.model.objects.filter(where).only("pk", column):
        parties = getattr(row, column) or []
        for party in parties:
            if party.get("id") in wanted or str(party.get("address") or "").lower() in mails:
                party.update(name=name, address=None)
        entity.model.objects.filter(pk=row.pk).update(**{column: parties or None})


def forget(ids: list[uuid.UUID], gone: dict[uuid.UUID, set[str]], name: str) -> dict[str, int]:
    """Take the values out of audit, journals, imports and kept answers; returns how many entries of each.

    What an entry does not hold any more no undo, unmerge or restore can bring back.
    """
    return {
        "audit": _audit(ids, gone, name),
        "jobs": _jobs(ids, name),
        "imports": _imports(list(gone)),
        "files": _handed_out(ids),
    }


def _mentioning(rows: Any, column: str, ids: list[uuid.UUID]) -> Any:
    where = Q(pk__in=[])
    for identifier in ids:
        where |= Q(_text__contains=str(identifier))
    return rows.annotate(_text=Cast(column, TextField())).filter(where)


def _audit(ids: list[uuid.UUID], gone: dict[uuid.UUID, set[str]], name: str) -> int:
    changed = []
    for entry in AuditEntry.objects.filter(record_id__in=list(gone)):
        names = gone[entry.record_id]
        left = {key: value for key, value in entry.changes.items() if key not in names}
        if left != entry.changes:
            entry.changes = left
            changed.append(entry)
    AuditEntry.objects.bulk_update(changed, ["changes"], batch_size=500)
    return len(changed) + _renamed(AuditEntry, "changes", ids, name)


def _renamed(model: Any, column: str, ids: list[uuid.UUID], name: str) -> int:
    """References to the person inside JSON show `name`."""
    wanted = {str(i) for i in ids}
    changed = []
    for row in _mentioning(model.objects.all(), column, ids):
        setattr(row, column, _without_name(getattr(row, column), wanted, name))
        changed.append(row)
    model.objects.bulk_update(changed, [column], batch_size=500)
    return len(changed)


def _without_name(value: Any, wanted: set[str], name: str) -> Any:
    if isinstance(value, list):
        return [_without_name(item, wanted, name) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _without_name(item, wanted, name) for key, item in value.items()}
    if found.get("id") in wanted:
        found.update({key: name if key == "name" else None for key in ("name", "address") if key in found})
    return found


def _jobs(ids: list[uuid.UUID], name: str) -> int:
    """Journals of merges are closed: taking one back would part records of a person who is not there any more."""
    wanted = [str(i) for i in ids]
    merges = Job.objects.filter(kind="merge").filter(
        Q(params__master__in=wanted) | Q(params__subordinate__in=wanted)
    )
    count = 0
    for job in merges:
        job.params = {**job.params, "name": name}
        job.can_undo = False
        job.save(update_fields=["params", "can_undo"])
        count += 1
    JobFailure.objects.filter(record_id__in=ids).update(name=name, message="")
    for identifier in wanted:
        IdempotencyRecord.objects.extra(where=["position(%s::bytea in body) > 0"], params=[identifier.encode()]).delete()  # fmt: skip
    return count


def _imports(ids: list[uuid.UUID]) -> int:
    """The rows a file brought the person in with, and the file itself, which holds him still."""
    places = list(ImportOutcome.objects.filter(record_id__in=ids).values_list("import_id", "number"))
    for import_id, number in places:
        kept = ImportRow.objects.filter(import_id=import_id, number=number)
        for cells in kept.values_list("cells", flat=True):
            kept.update(cells=[None] * len(cells), overrides=None, problems=None)
        ImportKey.objects.filter(import_id=import_id, number=number).delete()
    for import_ in Import.objects.filter(pk__in={import_id for import_id, _number in places}):
        import_.columns = [{**column, "samples": []} for column in import_.columns]
        if import_.file_id:
            StoredFile.objects.filter(pk=import_.file_id).update(deleted_at=timezone.now())
            import_.file = None
        import_.save(update_fields=["columns", "file"])
    return len(places)


def _handed_out(ids: list[uuid.UUID]) -> int:
    """Files of earlier access requests for the same person."""
    made = PersonalRequest.objects.filter(kind="access", record_id__in=ids).exclude(job_id=None)
    held = Job.objects.filter(pk__in=made.values("job_id")).exclude(file=None).values("file_id")
    return StoredFile.objects.filter(pk__in=held, deleted_at=None).update(deleted_at=timezone.now())
