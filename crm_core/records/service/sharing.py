"""Sharing single records, and explaining who sees a record and why (CUS-13)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from crm_core.metadata import workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, NotFound
from crm_core.records.models import AuditEntry
from crm_core.records.service.writing import locked
from crm_core.security import access
from crm_core.security.actor import Actor, actor_for
from crm_core.security.depth import DEPTH_NAMES, SHARE_RIGHTS, Depth
from crm_core.security.models import Principal, Share, SystemUser, TeamMember

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
    _note(entity, record, actor, "share", {"shared": [None, {"principal": principal.name, "rights": wanted}]})
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


def access_explanation(entity: Entity, record: Any) -> list[dict[str, Any]]:
    """Everybody who can read `record`, each with the reasons: owner, team, role depth or share."""
    live = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    shares = {
        s.principal_id: s
        for s in Share.objects.filter(live, object=entity.name, record_id=record.pk).select_related(
            "principal"
        )
    }
    owner_id = getattr(record, "owner_id", None)
    owner_team = (
        set(TeamMember.objects.filter(team_id=owner_id).values_list("user_id", flat=True))
        if owner_id
        else set()
    )
    found = []
    for user_id in (
        SystemUser.objects.filter(state="active", deleted_at=None)
        .order_by("full_name")
        .values_list("pk", flat=True)[:500]
    ):
        person = actor_for(user_id)
        if person is None:
            continue
        reasons = _reasons(entity, record, person, owner_id, owner_team, shares)
        if reasons:
            found.append(
                {"user": {"object": "user", "id": str(user_id), "name": person.name}, "reasons": reasons}
            )
    return found


def _reasons(
    entity: Entity, record: Any, person: Actor, owner_id: Any, owner_team: set, shares: dict
) -> list[str]:
    depth = person.depth(entity, "read")
    reasons = []
    if depth and owner_id == person.user_id:
        reasons.append("owner")
    if depth >= Depth.TEAM and person.user_id in owner_team:
        reasons.append("team")
    unit = getattr(record, "owning_business_unit_id", None)
    by_unit = (depth == Depth.UNIT and unit == person.unit_id) or (
        depth == Depth.UNIT_AND_CHILDREN and unit in person.unit_ids
    )
    if depth == Depth.ORGANISATION or by_unit or (depth and not entity.has_owner):
        reasons.append(f"role:{DEPTH_NAMES[depth]}")
    if depth and any(p in shares and "read" in shares[p].rights for p in person.principal_ids):
        reasons.append("share")
    return reasons
