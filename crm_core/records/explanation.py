"""Why a person can see a record, and what he may do with it: owner, team, manager, role and depth, or share (CUS-13 Visible)."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from crm_core.metadata.entity import BUSINESS_UNIT_OWNED, Entity
from crm_core.metadata.errors import Forbidden, NotFound
from crm_core.records.query import Query
from crm_core.records.query.filters import base_rows
from crm_core.security import access
from crm_core.security.actor import Actor, actor_for
from crm_core.security.depth import DEPTH_NAMES, SHARE_RIGHTS, Depth
from crm_core.security.models import BusinessUnit, Principal, RoleAssignment, Share, SystemUser

MAX_PEOPLE = 500


@dataclass(frozen=True)
class _Grant:
    """A role a person has, himself or through a team."""

    role: str
    team: str | None
    reach: Actor  # carries only this role's privileges


@dataclass(frozen=True)
class _Place:
    """Where a record belongs."""

    owner_id: uuid.UUID | None
    unit_id: uuid.UUID | None
    unit_name: str | None
    shares: tuple[Share, ...]


def people_with_access(entity: Entity, record: Any) -> list[dict[str, Any]]:
    """Everybody who can read `record`, each with the reasons; at most 500 people are looked at."""
    place = _place(entity, record)
    found = []
    users = SystemUser.objects.filter(state="active", deleted_at=None).order_by("full_name")
    for user_id in users.values_list("pk", flat=True)[:MAX_PEOPLE]:
        person = actor_for(user_id)
        reasons = _reasons(entity, place, person) if person is not None else []
        if person is not None and reasons:
            found.append({"user": _user(person), "reasons": reasons})
    return found


def explain(
    entity: Entity, record_id: uuid.UUID, actor: Actor, user_id: uuid.UUID | None = None
) -> dict[str, Any]:
    """What one person may do with a record and why: the actor himself, or anybody for those who manage users.

    Raises NotFound when the actor may not read the record or there is no such user, Forbidden without manage_users.
    """
    record = Query(entity, actor).instance(record_id)
    if user_id is None or user_id == actor.user_id:
        person: Actor | None = actor
    else:
        actor.require("manage_users")
        if not SystemUser.objects.filter(pk=user_id, deleted_at=None).exists():
            raise NotFound("user.unknown", "There is no such user.")
        person = actor_for(user_id)
    if person is None:  # disabled, or without any role
        name = Principal.objects.filter(pk=user_id).values_list("name", flat=True).first()
        return {"user": {"object": "user", "id": str(user_id), "name": name}, "rights": [], "reasons": []}
    return {
        "user": _user(person),
        "rights": rights_on(entity, record_id, person),
        "reasons": _reasons(entity, _place(entity, record), person),
    }


def rights_on(entity: Entity, record_id: uuid.UUID, person: Actor) -> list[str]:
    """The privileges the person has on this record; none at all without Read."""
    rows = base_rows(entity, person).filter(pk=record_id)
    if not rows.exists():
        return []
    names = [*SHARE_RIGHTS, "merge", "export"]
    return [n for n in names if n == "read" or access.allowed_on(entity, person, record_id, n)]


def shares_of(entity: Entity, record_id: uuid.UUID, actor: Actor) -> list[dict[str, Any]]:
    """The valid shares of a record the actor may read, latest first."""
    Query(entity, actor).instance(record_id)
    rows = _live_shares(entity, record_id)
    givers = dict(Principal.objects.filter(pk__in={s.granted_by for s in rows}).values_list("pk", "name"))
    return [
        {
            "principal": _principal(s.principal),
            "rights": s.rights,
            "expires_at": _moment(s.expires_at),
            "created_at": _moment(s.created_at),
            "granted_by": {"object": "user", "id": str(s.granted_by), "name": givers.get(s.granted_by)}
            if s.granted_by
            else None,
            "inherited_as": s.inherited_as,
        }
        for s in rows
    ]


def require_viewable(actor: Actor, user_id: uuid.UUID) -> Actor:
    """The person whose view an administrator may take. Raises Forbidden, NotFound `user.unknown`."""
    if not actor.is_administrator:
        raise Forbidden("privilege.missing", "Only administrators view as somebody else.")
    person = actor_for(user_id)
    if person is None:
        raise NotFound("user.unknown", "There is no such active user.")
    return person


def _live_shares(entity: Entity, record_id: uuid.UUID) -> list[Share]:
    live = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    rows = Share.objects.filter(live, object=entity.name, record_id=record_id)
    return list(rows.select_related("principal").order_by("-created_at", "pk"))


def _place(entity: Entity, record: Any) -> _Place:
    own = entity.ownership == BUSINESS_UNIT_OWNED
    unit_id = getattr(record, "business_unit_id" if own else "owning_business_unit_id", None)
    unit = BusinessUnit.objects.filter(pk=unit_id).values_list("name", flat=True).first() if unit_id else None
    shares = tuple(_live_shares(entity, record.pk)) if entity.has_owner else ()
    return _Place(getattr(record, "owner_id", None), unit_id, unit, shares)


def _reasons(entity: Entity, place: _Place, person: Actor) -> list[dict[str, Any]]:
    if not person.depth(entity, "read"):
        return []  # a share gives nothing to whoever lacks the privilege altogether (CUS-13)
    found: list[dict[str, Any]] = []
    if entity.has_owner and place.owner_id == person.user_id:
        found.append({"kind": "owner"})
    if place.owner_id in person.team_ids and person.depth(entity, "read") >= Depth.TEAM:
        name = Principal.objects.filter(pk=place.owner_id).values_list("name", flat=True).first()
        found.append({"kind": "team", "team": {"object": "team", "id": str(place.owner_id), "name": name}})
    if entity.has_owner and place.owner_id in person.report_ids:
        name = Principal.objects.filter(pk=place.owner_id).values_list("name", flat=True).first()
        found.append({"kind": "manager", "of": {"object": "user", "id": str(place.owner_id), "name": name}})
    for grant in _grants(person):
        depth = grant.reach.depth(entity, "read")
        if _covers(entity, place, person, depth):
            role = {"kind": "role", "role": grant.role, "depth": DEPTH_NAMES[depth], "team": grant.team}
            found.append({**role, "unit": place.unit_name if depth < Depth.ORGANISATION else None})
    found += [
        _share_reason(s)
        for s in place.shares
        if s.principal_id in person.principal_ids and "read" in s.rights
    ]
    return found


def _covers(entity: Entity, place: _Place, person: Actor, depth: Depth) -> bool:
    """Whether a role reaches the record by its depth alone, not by whom it belongs to."""
    if depth == Depth.ORGANISATION:
        return True
    if entity.ownership == BUSINESS_UNIT_OWNED:
        units = person.unit_ids if depth >= Depth.UNIT_AND_CHILDREN else (person.unit_id,)
        return bool(depth) and place.unit_id in units
    if not entity.has_owner:
        return bool(depth)
    if depth == Depth.UNIT:
        return place.unit_id == person.unit_id
    return depth == Depth.UNIT_AND_CHILDREN and place.unit_id in person.unit_ids


def _grants(person: Actor) -> list[_Grant]:
    """The roles behind the person's rights, those he holds himself first."""
    rows = RoleAssignment.objects.filter(
        principal_id__in=person.principal_ids, role__deleted_at=None, role__state="active"
    )
    found = [
        _Grant(
            row.role.name,
            row.principal.name if row.principal.kind == "team" else None,
            Actor(user_id=None, is_administrator=row.role.is_administrator, depths=row.role.privileges),
        )
        for row in rows.select_related("role", "principal").order_by("role__name")
    ]
    return sorted(found, key=lambda g: g.team is not None)


def _share_reason(share: Share) -> dict[str, Any]:
    giver = Principal.objects.filter(pk=share.granted_by).values_list("name", flat=True).first()
    return {
        "kind": "share",
        "principal": _principal(share.principal),
        "rights": share.rights,
        "by": giver,
        "until": _moment(share.expires_at),
        "inherited_as": share.inherited_as,
    }


def _principal(principal: Principal) -> dict[str, Any]:
    return {"object": principal.kind, "id": str(principal.pk), "name": principal.name}


def _user(person: Actor) -> dict[str, Any]:
    return {"object": "user", "id": str(person.user_id), "name": person.name}


def _moment(moment: dt.datetime | None) -> str | None:
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if moment else None
