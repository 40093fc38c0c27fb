"""Sharing single records with users and teams, with rights and an end (CUS-13)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm_core.metadata import workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, NotFound
from crm_core.records.models import AuditEntry
from crm_core.records.service.writing import locked
from crm_core.security import access
from crm_core.security.actor import Actor
from crm_core.security.depth import SHARE_RIGHTS
from crm_core.security.models import Principal, Share

MAX_GRANTEES = 200


@transaction.atomic
def share(
    entity: Entity,
    record_id: uuid.UUID,
    principal_id: uuid.UUID,
    rights: Iterable[str],
    actor: Actor,
    *,
    expires_at: dt.datetime | None = None,
) -> Share:
    """Give a user or team rights on one record.

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
    if (
        Share.objects.filter(object=entity.name, record_id=record_id).exclude(principal=principal).count()
        >= MAX_GRANTEES
    ):
        raise Conflict("share.too_many", f"A record is shared with at most {MAX_GRANTEES} users and teams.")
    found, _created = Share.objects.update_or_create(
        object=entity.name, record_id=record_id, principal=principal,
        defaults={"rights": wanted, "expires_at": expires_at, "granted_by": actor.user_id},
    )  # fmt: skip
    noted: dict[str, Any] = {"principal": principal.name, "rights": wanted}
    if expires_at is not None:
        noted["until"] = expires_at.isoformat()
    _note(entity, record, actor, "share", {"shared": [None, noted]})
    return found


@transaction.atomic
def unshare(entity: Entity, record_id: uuid.UUID, principal_id: uuid.UUID, actor: Actor) -> None:
    """Take a share back. Raises NotFound when there is none."""
    record = locked(entity, record_id, actor, "share")
    found = (
        Share.objects.filter(object=entity.name, record_id=record_id, principal_id=principal_id)
        .select_related("principal")
        .first()
    )
    if found is None:
        raise NotFound("share.unknown", "It is not shared with them.")
    found.delete()
    _note(
        entity,
        record,
        actor,
        "unshare",
        {"shared": [{"principal": found.principal.name, "rights": found.rights}, None]},
    )


def _note(entity: Entity, record: Any, actor: Actor, operation: str, changes: dict[str, Any]) -> None:
    AuditEntry.objects.create(
        object=entity.name, record_id=record.pk, actor_id=actor.user_id, actor_name=actor.name, source=actor.source,
        operation=operation, changes=changes, version=record.version,
    )  # fmt: skip
    workspace.bump("security_version")
