"""Sharing single records with users and teams, with rights and an end (CUS-13), and what hangs on them (PLT-20)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, NotFound
from crm_core.records import cascade_starts
from crm_core.records.models import AuditEntry
from crm_core.records.query.filters import base_rows
from crm_core.records.service import cascading
from crm_core.records.service.writing import locked
from crm_core.security import access
from crm_core.security.actor import Actor
from crm_core.security.depth import SHARE_RIGHTS
from crm_core.security.models import Principal, Share

MAX_GRANTEES = 200
AS_SHARE = "share"
#: What a former owner keeps where the workspace wants it: he works on, but gives nothing away (CUS-12 Old owner).
KEPT_RIGHTS = ("read", "write", "append", "append_to")


@transaction.atomic
def share(
    entity: Entity,
    record_id: uuid.UUID,
    principal_id: uuid.UUID,
    rights: Iterable[str],
    actor: Actor,
    *,
    expires_at: dt.datetime | None = None,
) -> uuid.UUID | None:
    """Give a user or team rights on one record, and on what follows it by its relationships (PLT-20).

    Returns the id of the job that treats more than 1,000 records, else None.
    Raises Forbidden `share.right_not_held` for rights the actor lacks, Invalid for unknown rights or grantees.
    """
    record = locked(entity, record_id, actor, "share")
    wanted = (
        sorted(set(rights) | {"read"}, key=SHARE_RIGHTS.index) if set(rights) <= set(SHARE_RIGHTS) else None
    )
    if wanted is None:
        raise Invalid(
            "share.unknown_right", "Unknown right.", field="rights", details={"known": list(SHARE_RIGHTS)}
        )
    principal = Principal.objects.filter(pk=principal_id, is_active=True).first()
    if principal is None:
        raise Invalid("lookup.does_not_exist", "There is no such user or team.", field="principal")
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid("share.already_over", "The end must lie in the future.", field="expires_at")
    for right in wanted:
        if not access.allowed_on(entity, actor, record_id, right):
            raise Forbidden(
                "share.right_not_held", f"You do not have the right “{right}” yourself.", field="rights"
            )
    direct = Share.objects.filter(object=entity.name, record_id=record_id, inherited_from=None)
    if direct.exclude(principal=principal).count() >= MAX_GRANTEES:
        raise Conflict("share.too_many", f"A record is shared with at most {MAX_GRANTEES} users and teams.")
    found, _created = Share.objects.update_or_create(
        object=entity.name, record_id=record_id, principal=principal, inherited_from=None, inherited_as=None,
        defaults={"rights": wanted, "expires_at": expires_at, "granted_by": actor.user_id},
    )  # fmt: skip
    _note(entity, [(record_id, record.version)], actor, "share", {"shared": [None, _noted(found, principal)]})
    job_id = _children_follow(entity, record, found, actor, "share")
    workspace.bump("security_version")
    return job_id


@transaction.atomic
def unshare(entity: Entity, record_id: uuid.UUID, principal_id: uuid.UUID, actor: Actor) -> uuid.UUID | None:
    """Take a share back, and those that followed from it; returns the id of the job for more than 1,000 records.

    Raises NotFound when there is none.
    """
    record = locked(entity, record_id, actor, "share")
    found = (
        Share.objects.filter(
            object=entity.name, record_id=record_id, principal_id=principal_id, inherited_from=None
        )
        .select_related("principal")
        .first()
    )
    if found is None:
        raise NotFound("share.unknown", "It is not shared with them.")
    changes = {"shared": [{"principal": found.principal.name, "rights": found.rights}, None]}
    Share.objects.filter(pk=found.pk).delete()
    _note(entity, [(record_id, record.version)], actor, "unshare", changes)
    job_id = _children_follow(entity, record, found, actor, "unshare")
    workspace.bump("security_version")
    return job_id


def _noted(given: Share, principal: Principal) -> dict[str, Any]:
    noted: dict[str, Any] = {
        "principal": principal.name,
        "principal_id": str(principal.pk),
        "rights": given.rights,
    }
    if given.expires_at is not None:
        noted["until"] = given.expires_at.isoformat()
    return noted


def _children_follow(entity: Entity, record: Any, given: Share, actor: Actor, act: str) -> uuid.UUID | None:
    reached = cascading.reach(entity, {record.pk: record.owner_id}, act)
    if len(reached) > cascading.INLINE:
        return cascade_starts.start_share(entity, record, given, reached, actor, act).pk
    treat = share_children if act == "share" else unshare_children
    for name, ids in reached.by_object.items():
        treat(registry.get(name), ids, given, actor)
    return None


def share_children(child: Entity, ids: Collection[uuid.UUID], given: Share, actor: Actor) -> int:
    """Share records that follow a shared one; returns how many. `given` is the share they follow from.

    Only rights the actor holds on each of them are given, and only where he may share it; parts follow in any case.
    """
    part = any(a.is_part for a in child.attributes.values())
    acting = actor.for_rules() if part else actor
    if not acting.depth(child, "share"):
        return 0
    held: dict[uuid.UUID, list[str]] = {}
    versions = dict(base_rows(child, acting, "share").filter(pk__in=ids).values_list("pk", "version"))
    for right in given.rights:
        if not acting.depth(child, right):
            continue
        for pk in base_rows(child, acting, right).filter(pk__in=versions).values_list("pk", flat=True):
            held.setdefault(pk, []).append(right)
    rows = [
        Share(object=child.name, record_id=pk, principal_id=given.principal_id, rights=rights,
              expires_at=given.expires_at, granted_by=given.granted_by,
              inherited_from=given.record_id, inherited_as=AS_SHARE)
        for pk, rights in held.items() if "read" in rights
    ]  # fmt: skip
    mine = Share.objects.filter(
        principal_id=given.principal_id, inherited_from=given.record_id, inherited_as=AS_SHARE
    )
    mine.filter(object=child.name, record_id__in=ids).delete()
    Share.objects.bulk_create(rows, batch_size=1000)
    shared = {"shared": [None, _noted(given, given.principal)]}
    _note(child, [(row.record_id, versions[row.record_id]) for row in rows], acting, "share", shared)
    return len(rows)


def unshare_children(child: Entity, ids: Collection[uuid.UUID], given: Share, actor: Actor) -> int:
    """Take back the shares of these records that followed from `given`; what was shared by itself stays shared."""
    rows = Share.objects.filter(
        object=child.name, record_id__in=ids, principal_id=given.principal_id,
        inherited_from=given.record_id, inherited_as=AS_SHARE,
    )  # fmt: skip
    gone = set(rows.values_list("record_id", flat=True))
    rows.delete()
    versions = list(child.model.objects.filter(pk__in=gone).values_list("pk", "version"))
    taken = {"shared": [{"principal": given.principal.name, "rights": given.rights}, None]}
    _note(child, versions, actor, "unshare", taken)
    return len(gone)


def keep_access(entity: Entity, record: Any, former_id: uuid.UUID, actor: Actor) -> None:
    """The former owner of a record keeps working on it by a share; a better share he has stays (CUS-12 Old owner)."""
    kept, created = Share.objects.get_or_create(
        object=entity.name, record_id=record.pk, principal_id=former_id, inherited_from=None, inherited_as=None,
        defaults={"rights": list(KEPT_RIGHTS), "granted_by": actor.user_id},
    )  # fmt: skip
    if created:
        noted = {"shared": [None, _noted(kept, kept.principal)]}
        _note(entity, [(record.pk, record.version)], actor, "share", noted)
        workspace.bump("security_version")


def take_back(entry: AuditEntry) -> None:
    """Undo of what `keep_access` noted in a job: the share goes, unless somebody gave other rights since."""
    given = entry.changes["shared"][1] or {}
    Share.objects.filter(
        object=entry.object, record_id=entry.record_id, principal_id=given.get("principal_id"),
        rights=given.get("rights"), inherited_from=None,
    ).delete()  # fmt: skip


def _note(
    entity: Entity,
    records: Collection[tuple[uuid.UUID, int]],
    actor: Actor,
    operation: str,
    changes: dict[str, Any],
) -> None:
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                object=entity.name, record_id=pk, actor_id=actor.user_id, actor_name=actor.name, source=actor.source,
                via=actor.via, operation=operation, changes=changes, version=version, job_id=actor.job_id,
            )
            for pk, version in records
        ],
        batch_size=1000,
    )  # fmt: skip
