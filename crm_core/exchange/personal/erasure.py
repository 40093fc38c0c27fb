"""Erasing one person (CUS-15.8): his values go, what happened with him stays as a number. Nothing brings them back.

This is the one place that writes rows past `records.service`: a write there keeps the old value in the audit, which is
what an erasure must not do.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm_core.exchange.models import PersonalRequest
from crm_core.exchange.personal import traces
from crm_core.exchange.personal.scope import (
    Person,
    belongings,
    e_mails,
    entries_about,
    find,
    personal_attributes,
)
from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Invalid, Malformed
from crm_core.metadata.searching import fold
from crm_core.records import audit, duplicates, erased, files
from crm_core.records.models import DuplicatePair, StoredFile, UniqueValue
from crm_core.records.service.destroying import destroy
from crm_core.security.actor import Actor

KEYS = {"confirm", "notes", "activities", "files", "requested"}


@transaction.atomic
def erase(entity: Entity, record_id: uuid.UUID, body: Mapping[str, Any], actor: Actor) -> PersonalRequest:
    """Erase the person a record is about; `body` has the typed name in `confirm` and what to take besides.

    Irreversible. Raises Forbidden, NotFound, Malformed, Invalid `personal.not_confirmed`, `personal.not_a_person`.
    """
    person = find(entity, record_id, actor)
    choices = _choices(body)
    if str(body.get("confirm") or "").strip() != person.name.strip():
        raise Invalid("personal.not_confirmed", "Type the name exactly as it is shown.", field="confirm")
    return erase_person(person, choices, actor, blocking=True)


def erase_person(
    person: Person, choices: Mapping[str, Any], actor: Actor, *, blocking: bool
) -> PersonalRequest:
    """Erase a person that was found. With `blocking` his addresses do not come back in: he asked to be forgotten."""
    entity, record_id = person.entity, person.record_id
    with translation.override(workspace.current().language):
        name = _("Erased person")
    mails, entries, children = e_mails(person), entries_about(person), belongings(person)
    gone: dict[uuid.UUID, set[str]] = {}
    for object_name, ids in person.records.items():
        kind = registry.get(object_name)
        names = personal_attributes(kind)
        _erase_rows(kind, ids, names, name, actor, take_files=True)
        gone.update({i: {a.name for a in names} | {"full_name"} for i in ids})
    for object_name, ids in children.items():
        destroy(registry.get(object_name), ids)
        gone.update({i: set(registry.get(object_name).attributes) for i in ids})
    texts = _erase_texts(entries, choices, name, actor)
    gone.update(texts)
    if choices["files"]:
        _drop_files(person)
    traces.rename(entries, person.ids, mails, name)
    counts = traces.forget(person.ids, gone, name)
    blocked = erased.block(mails) if blocking else 0
    row = PersonalRequest.objects.create(
        kind="erasure", object=entity.name, record_id=record_id, requested=choices["requested"],
        done_by=actor.user_id, done_by_name=actor.name, choices={k: choices[k] for k in ("notes", "activities", "files")},
        counts={**counts, "blocked": blocked, "records": len(person.ids), "addresses": sum(map(len, children.values())), "texts": len(texts)},
    )  # fmt: skip
    audit.note(actor, entity.name, "erase", {"records": [None, len(person.ids)]}, record_id)
    return row


def _choices(body: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in ("notes", "activities", "files"):
        found[key] = body.get(key, True)
        if not isinstance(found[key], bool):
            raise Malformed("request.malformed", f"{key} is true or false.", field=key)
    requested = body.get("requested") or ""
    if not isinstance(requested, str) or len(requested) > 200 or "\x00" in requested:
        raise Malformed(
            "request.malformed", "requested is a text of at most 200 characters.", field="requested"
        )
    return {**found, "requested": requested.strip()}


def _erase_rows(
    entity: Entity, ids: list[uuid.UUID], attributes: list[Attribute], name: str, actor: Actor, *, take_files: bool
) -> None:  # fmt: skip
    """Empty `attributes` of rows, the recycle bin's included; what must not be empty says `name`."""
    held = files.held_by(entity, ids) if take_files else set()
    values: dict[str, Any] = {}
    for attribute in attributes:
        if attribute.custom or (attribute.type.name == "file" and not take_files):
            continue
        column = str(attribute.column)
        field: Any = entity.model._meta.get_field(column)
        values[column] = None if field.null else name
    for column in {"full_name", str(entity.primary_attribute.column)} & _columns(entity):
        values[column] = name
    custom = [a.name for a in attributes if a.custom and (take_files or a.type.name != "file")]
    values |= {"search_text": fold(name), "source_system": None, "version": F("version") + 1}
    values |= {"modified_at": timezone.now(), "modified_by_id": actor.user_id}
    entity.model.objects.filter(pk__in=ids).update(**values)
    if custom:
        for row in entity.model.objects.filter(pk__in=ids).only("pk", "custom"):
            left = {key: value for key, value in (row.custom or {}).items() if key not in custom}
            entity.model.objects.filter(pk=row.pk).update(custom=left)
    UniqueValue.objects.filter(record_id__in=ids, attribute__in=custom).delete()
    duplicates.remove(ids)
    DuplicatePair.objects.filter(first_id__in=ids).delete()
    DuplicatePair.objects.filter(second_id__in=ids).delete()
    files.free(held)


def _columns(entity: Entity) -> set[str]:
    return {f.name for f in entity.model._meta.concrete_fields}


def _erase_texts(
    entries: dict[str, list[uuid.UUID]], choices: Mapping[str, Any], name: str, actor: Actor
) -> dict[uuid.UUID, set[str]]:
    """Empty the texts of the chosen notes and activities; returns which attributes of which record."""
    gone: dict[uuid.UUID, set[str]] = {}
    for object_name, ids in entries.items():
        entity = registry.get(object_name)
        if not choices["activities" if entity.is_activity else "notes"]:
            continue
        texts = [a for a in entity.attributes.values() if a.type.name in ("text", "memo") and not a.system]
        held = [a for a in entity.attributes.values() if a.type.name == "file" and choices["files"]]
        _erase_rows(entity, ids, [*texts, *held], name, actor, take_files=choices["files"])
        gone.update({i: {a.name for a in (*texts, *held)} for i in ids})
    return gone


def _drop_files(person: Person) -> None:
    StoredFile.objects.filter(regarding_id__in=person.ids).update(
        deleted_at=timezone.now(), name="erased", regarding_id=None
    )
