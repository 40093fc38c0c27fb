"""Sample data of a workspace: create, recognise, and remove in one go without touching anybody's work (PEERS.md §5.1)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Conflict, Forbidden
from crm_core.metadata.models import Organization
from crm_core.records.models import AuditEntry, RecordLink
from crm_core.records.query.query import Query
from crm_core.records.query.rows import base_rows
from crm_core.records.service.destroying import destroy
from crm_core.security.actor import Actor, actor_for, system_actor
from crm_core.security.models import SystemUser
from onboarding.sample.build import Builder
from onboarding.sample.languages import texts
from tenants.models import Tenant

SOURCE = "sample"
_END = "sample_data_end"
# In the order in which they can be destroyed: what refers to others first.
OBJECTS = (
    "note",
    "task",
    "phone_call",
    "appointment",
    "opportunity",
    "lead",
    "contact",
    "account",
    "product",
)


@transaction.atomic
def create(tenant: Tenant, owners: Sequence[uuid.UUID]) -> dict[str, int]:
    """Fill the active workspace with sample records owned by `owners` (ids of users). Returns counts per object.

    Does nothing when the workspace was filled before.
    """
    if was_created():
        return {}
    actor = actor_for(owners[0], SOURCE)
    if actor is None:
        raise LookupError("The first owner of the sample data is no active user.")
    zone = ZoneInfo(tenant.time_zone)
    builder = Builder(
        texts=texts(tenant.language),
        actor=actor,
        owners=owners,
        currency=tenant.currency,
        zone=zone,
        today=timezone.now().astimezone(zone).date(),
    )
    before = _last_entry()
    made = builder.build()
    _mark_by_products(before)
    _remember_end()
    return made


def was_created() -> bool:
    """Whether the workspace was filled once, even if the records are gone by now."""
    return _END in Organization.objects.get(pk=1).settings


def _last_entry() -> uuid.UUID | None:
    """The newest audit entry; their keys are ordered by time."""
    return AuditEntry.objects.order_by("-id").values_list("id", flat=True).first()


def _mark_by_products(before: uuid.UUID | None) -> None:
    """What rules created beside the sample records (address rows) is sample too."""
    entries = AuditEntry.objects.filter(operation="create")
    entries = entries.filter(id__gt=before) if before else entries
    made: dict[str, list[uuid.UUID]] = {}
    for name, record_id in entries.exclude(source=SOURCE).values_list("object", "record_id"):
        made.setdefault(name, []).append(record_id)
    for name, ids in made.items():
        Query(registry.get(name), system_actor()).where(Q(pk__in=ids)).rows_.update(is_sample=True)


def _remember_end() -> None:
    """Note up to which entry the audit tells of the sample data's making; later ones are people's work."""
    organization = Organization.objects.select_for_update().get(pk=1)
    organization.settings = {**organization.settings, _END: str(_last_entry())}
    organization.save(update_fields=["settings"])


def provision(tenant: Tenant) -> None:
    """Sample data of a new workspace: all of it belongs to the first administrator."""
    first = (
        SystemUser.objects.filter(state="active")
        .order_by("created_at", "pk")
        .values_list("pk", flat=True)[:1]
    )
    create(tenant, list(first))


def _sample(entity: Entity) -> Query:
    return Query(entity, system_actor()).where(Q(is_sample=True))


def _entities() -> list[Entity]:
    """All objects; those that others hang on come last."""
    last = {name: place for place, name in enumerate(OBJECTS, start=1)}
    return sorted(registry.all(), key=lambda entity: last.get(entity.name, 0))


def is_present() -> bool:
    """Whether any sample record is left."""
    known = registry.current().entities
    return any(_sample(known[name]).exists() for name in OBJECTS if name in known)


@transaction.atomic
def remove(actor: Actor) -> dict[str, Any]:
    """Destroy the sample records nobody worked with; the others stay and become ordinary records.

    Kept is what was changed since it was made, and what such a record or one of the workspace's own refers to, also one that
    lies in the recycle bin and cannot be without it. Sample records in the bin go too.
    Returns `{"removed": {object: count}, "kept": [{"object", "id", "name"}]}`. Raises Forbidden.
    """
    if not actor.is_administrator:
        raise Forbidden("privilege.missing", "Only administrators remove sample data.")
    ids = {entity.name: set(_sample(entity).ids()) for entity in _entities()}
    kept = _touched(set().union(*ids.values()))
    while True:
        needed = _referred_to(ids, kept) - kept
        if not needed:
            break
        kept |= needed
    for entity in _entities():
        thrown_away = base_rows(entity, None, deleted=True).filter(is_sample=True)
        _destroyed(entity, list(thrown_away.values_list("pk", flat=True)))
    removed: dict[str, int] = {}
    for entity in _entities():
        doomed = sorted(ids[entity.name] - kept)
        staying = _destroyed(entity, doomed)
        kept |= staying
        if number := len(doomed) - len(staying):
            removed[entity.name] = number
    return {"removed": removed, "kept": _adopt(kept)}


def _destroyed(entity: Entity, ids: list[uuid.UUID]) -> set[uuid.UUID]:
    """Destroy records; returns those that stay, because something in the recycle bin cannot be without them."""
    if not ids:
        return set()
    try:
        with transaction.atomic():
            destroy(entity, ids)
    except Conflict:
        return set(ids) if len(ids) == 1 else set().union(*(_destroyed(entity, [one]) for one in ids))
    return set()


def _touched(ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """Those with a change after the sample data were complete; roll-ups of the system are nobody's work."""
    end = Organization.objects.get(pk=1).settings.get(_END)
    entries = AuditEntry.objects.filter(record_id__in=ids).exclude(source="system")
    entries = entries.filter(id__gt=end) if end else entries.exclude(source__in=(SOURCE, "rule"))
    return set(entries.values_list("record_id", flat=True))


def _referred_to(ids: dict[str, set[uuid.UUID]], kept: set[uuid.UUID]) -> set[uuid.UUID]:
    """Sample records that a kept record or one that is no sample refers to."""
    every = set().union(*ids.values())
    found: set[uuid.UUID] = set()
    for entity in registry.all():
        if entity.internal:
            continue
        staying = Query(entity, system_actor()).where(Q(is_sample=False) | Q(pk__in=kept))
        for attribute in entity.attributes.values():
            found |= _targets(staying, attribute, every)
    return found


def _targets(staying: Query, attribute: Attribute, every: set[uuid.UUID]) -> set[uuid.UUID]:
    """Which of the ids in `every` the attribute of the staying rows refers to."""
    if attribute.type.name == "regarding":
        columns = [attribute.columns["id"]]
    elif attribute.type.name not in ("lookup", "customer"):
        return set()
    elif attribute.custom:
        links = RecordLink.objects.filter(attribute=attribute.name, target_id__in=every)
        return set(links.filter(source_id__in=staying.rows_.values("pk")).values_list("target_id", flat=True))
    else:
        columns = (
            [f"{c}_id" for c in attribute.columns.values()]
            if attribute.columns
            else [f"{attribute.column}_id"]
        )
    found: set[uuid.UUID] = set()
    for column in columns:
        rows = staying.rows_.filter(**{f"{column}__in": every}).order_by()
        found |= set(rows.values_list(column, flat=True))
    return found


def _adopt(kept: set[uuid.UUID]) -> list[dict[str, str]]:
    """Make the kept ones ordinary records; returns what they are."""
    listed = []
    for entity in _entities():
        query = _sample(entity).where(Q(pk__in=kept))
        names = query.rows_.values_list("pk", entity.primary_attribute.column or "pk")
        listed += [{"object": entity.name, "id": str(pk), "name": str(name or "")} for pk, name in names]
        query.rows_.update(is_sample=False)
    return listed
