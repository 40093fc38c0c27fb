"""Why a person can see a record, and what he may do with it: owner, team, manager, role and depth, or share (CUS-13 Visible)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.entity import BUSINESS_UNIT_OWNED, Entity
from crm_core.metadata.errors import Forbidden, NotFound
from crm_core.records.query import Query
from crm_core.records.query.filters import base_rows
from crm_core.security import access
from crm_core.security.actor import Actor, actor_for
from crm_core.security.depth import DEPTH_NAMES, SHARE_RIGHTS, Depth
from crm_core.security.everybody import Grant, everybody
from crm_core.security.models import BusinessUnit, Principal, RoleAssignment, Share, SystemUser

PEOPLE_PER_PAGE = 50


@dataclass(frozen=True)
class PeoplePage:
    """Some of the people with access, how many there are, and where the next ones begin."""

    rows: list[dict[str, Any]]
    total: int
    next: int | None


@dataclass(frozen=True)
class _Place:
    """Where a record belongs."""

    owner_id: uuid.UUID | None
    unit_id: uuid.UUID | None
    unit_name: str | None
    shares: tuple[Share, ...]
    owner_name: str | None
    givers: Mapping[uuid.UUID, str]  # names of who shared it


def people_with_access(
    entity: Entity,
    record_id: uuid.UUID,
    actor: Actor,
    *,
    text: str = "",
    start: int = 0,
    limit: int = PEOPLE_PER_PAGE,
) -> PeoplePage:
    """Everybody who can read a record, each with the reasons, by name; the statements do not grow with their number.

    `text` narrows to people whose name has it. Raises NotFound when the actor may not read the record, Forbidden
    `privilege.missing` when he may not read who works here.
    """
    _require_people(actor)
    place = _place(entity, Query(entity, actor).instance(record_id))
    wanted = text.strip().casefold()
    known = [p for p in everybody() if wanted in p.actor.name.casefold()]
    found = [(p, reasons) for p in known if (reasons := _reasons(entity, place, p.actor, p.grants))]
    rows = [{"user": _user(p.actor), "reasons": reasons} for p, reasons in found[start : start + limit]]
    following = start + limit if len(found) > start + limit else None
    return PeoplePage(rows, len(found), following)


def _require_people(actor: Actor) -> None:
    """The list tells who works here and in which roles: it is for those who may read all users, or manage them."""
    if not actor.can("manage_users") and access.visible(registry.get("user"), actor) is not None:
        raise Forbidden(
            "privilege.missing", "You may not see who else has access.", details={"privilege": "user.read"}
        )


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
        "reasons": _reasons(entity, _place(entity, record), person, _grants(person)),
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
    owner_id = getattr(record, "owner_id", None)
    named = {owner_id, *(s.granted_by for s in shares)} - {None}
    names = dict(Principal.objects.filter(pk__in=named).values_list("pk", "name")) if named else {}
    return _Place(owner_id, unit_id, unit, shares, names.get(owner_id), names)


def _reasons(entity: Entity, place: _Place, person: Actor, grants: Collection[Grant]) -> list[dict[str, Any]]:
    if not person.depth(entity, "read"):
        return []  # a share gives nothing to whoever lacks the privilege altogether (CUS-13)
    found: list[dict[str, Any]] = []
    if entity.has_owner and place.owner_id == person.user_id:
        found.append({"kind": "owner"})
    if place.owner_id in person.team_ids and person.depth(entity, "read") >= Depth.TEAM:
        team = {"object": "team", "id": str(place.owner_id), "name": place.owner_name}
        found.append({"kind": "team", "team": team})
    if entity.has_owner and place.owner_id in person.report_ids:
        owner = {"object": "user", "id": str(place.owner_id), "name": place.owner_name}
        found.append({"kind": "manager", "of": owner})
    for grant in grants:
        depth = grant.reach.depth(entity, "read")
        if _covers(entity, place, person, depth):
            role = {"kind": "role", "role": grant.role, "depth": DEPTH_NAMES[depth], "team": grant.team}
            found.append({**role, "unit": place.unit_name if depth < Depth.ORGANISATION else None})
    found += [
        _share_reason(s, place.givers)
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


def _grants(person: Actor) -> list[Grant]:
    """The roles behind the person's rights, those he holds himself first."""
    rows = RoleAssignment.objects.filter(
        principal_id__in=person.principal_ids, role__deleted_at=None, role__state="active"
    )
    found = [
        Grant(
            row.role.name,
            row.principal.name if row.principal.kind == "team" else None,
            Actor(user_id=None, is_administrator=row.role.is_administrator, depths=row.role.privileges),
        )
        for row in rows.select_related("role", "principal").order_by("role__name")
    ]
    return sorted(found, key=lambda g: g.team is not None)


def _share_reason(share: Share, givers: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    return {
        "kind": "share",
        "principal": _principal(share.principal),
        "rights": share.rights,
        "by": givers.get(share.granted_by) if share.granted_by else None,
        "until": _moment(share.expires_at),
        "inherited_as": share.inherited_as,
    }


def _principal(principal: Principal) -> dict[str, Any]:
    return {"object": principal.kind, "id": str(principal.pk), "name": principal.name}


def _user(person: Actor) -> dict[str, Any]:
    return {"object": "user", "id": str(person.user_id), "name": person.name}


def _moment(moment: dt.datetime | None) -> str | None:
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if moment else None
