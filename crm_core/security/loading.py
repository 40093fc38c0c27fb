"""Reading an actor's rights from the database: roles of the user and of his teams add up, the highest depth wins."""

from __future__ import annotations

import uuid

from django.db.models import Q
from django.utils import timezone

from crm_core.metadata.hierarchy import descendants
from crm_core.security.actor import Actor
from crm_core.security.models import FieldSecurityProfile, Role, Share, SystemUser, TeamMember
from tenants.identity.models import User


def load_actor(user_id: uuid.UUID) -> Actor | None:
    """The actor of one active system user with at least one role, else None."""
    user = (
        SystemUser.objects.filter(pk=user_id, state="active", deleted_at=None, principal__is_active=True)
        .exclude(business_unit__state="inactive")
        .select_related("login")
        .first()
    )
    if user is None:
        return None
    teams = tuple(
        TeamMember.objects.filter(user_id=user_id, team__deleted_at=None, team__state="active").values_list(
            "team_id", flat=True
        )
    )
    principals = (user_id, *teams)
    roles = list(
        Role.objects.filter(
            assignments__principal_id__in=principals, deleted_at=None, state="active"
        ).distinct()
    )
    if not roles:
        return None
    live = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    shared = frozenset(
        Share.objects.filter(live, principal_id__in=principals).values_list("object", flat=True).distinct()
    )
    return Actor(
        user_id=user_id,
        name=user.full_name,
        email=user.email or "",
        team_ids=teams,
        unit_id=user.business_unit_id,
        unit_ids=tuple(descendants("business_unit", [user.business_unit_id]))
        if user.business_unit_id
        else (),
        is_administrator=any(r.is_administrator for r in roles),
        reads_only=user.login is not None and user.login.licence == User.Licence.READ_ONLY,
        depths=_union([r.privileges for r in roles]),
        capabilities=frozenset(c for r in roles for c in r.capabilities),
        roles=frozenset(name for r in roles for name in (r.key, str(r.pk)) if name),
        field_rights=_field_rights(principals),
        shared_objects=shared,
        language=user.language,
        time_zone_name=user.time_zone,
        week_starts=(user.preferences or {}).get("week_start"),
    )


def _union(privileges: list[dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    keys = {key for each in privileges for key in each}
    found: dict[str, dict[str, int]] = {}
    for key in keys:
        merged: dict[str, int] = {}
        for each in privileges:
            # a role that is silent on an object speaks by its group or general entry; custom objects are never implied
            entry = each.get(key) or ({} if key.startswith(("c_", "@", "*")) else each.get("*", {}))
            for privilege, depth in entry.items():
                merged[privilege] = max(merged.get(privilege, 0), depth)
        found[key] = merged
    return found


def _field_rights(principals: tuple[uuid.UUID, ...]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for rights in FieldSecurityProfile.objects.filter(members__in=principals).values_list(
        "rights", flat=True
    ):
        for attribute, allowed in rights.items():
            found.setdefault(attribute, set()).update(allowed)
    return {attribute: frozenset(allowed) for attribute, allowed in found.items()}
