"""Who acts: loaded once per change of rights, cached per process, carried through every kernel call."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_core.metadata import workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Forbidden
from crm_core.metadata.hierarchy import below, descendants
from crm_core.metadata.types.base import FilterContext
from crm_core.security.depth import CAPABILITIES, READING, READING_CAPABILITIES, Depth, meaning
from crm_core.security.models import FieldSecurityProfile, Role, Share, SystemUser, TeamMember
from tenants.context import current_schema
from tenants.identity.models import User

_CACHE_SIZE = 2000
_cache: OrderedDict[tuple[str, int, uuid.UUID], Actor] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Actor:
    """A user with everything the rights engine needs; `source` says by which door he came."""

    user_id: uuid.UUID | None
    name: str = ""
    email: str = ""
    team_ids: tuple[uuid.UUID, ...] = ()
    unit_id: uuid.UUID | None = None
    unit_ids: tuple[uuid.UUID, ...] = ()
    report_ids: tuple[uuid.UUID, ...] = ()  # people he manages, as far down as managers read
    is_administrator: bool = False
    reads_only: bool = False  # takes a read-only seat (ASP-1 licence kinds)
    depths: dict[str, dict[str, int]] = field(default_factory=dict)
    capabilities: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()  # ids, and keys of delivered roles
    field_rights: dict[str, frozenset[str]] = field(default_factory=dict)
    shared_objects: frozenset[str] = frozenset()
    language: str | None = None
    time_zone_name: str | None = None
    week_starts: int | None = None  # Monday 1 … Sunday 7, None where the country's custom holds
    source: str = "api"
    via: str = ""  # name of the program that acts for him, for the audit
    job_id: uuid.UUID | None = None

    @property
    def principal_ids(self) -> tuple[uuid.UUID, ...]:
        """The user and his teams: whoever of them owns a record, he does."""
        return (self.user_id, *self.team_ids) if self.user_id else self.team_ids

    @property
    def time_zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.time_zone_name or workspace.current().time_zone or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    @property
    def week_start(self) -> int:
        """First day of this person's week, Monday 1 … Sunday 7: as chosen, else as it is usual in the country."""
        return self.week_starts or workspace.first_weekday(workspace.current().country)

    def depth(self, entity: Entity, privilege: str) -> Depth:
        """How far `privilege` on `entity` reaches: the object's own entry, its group's, or the general one.

        A read-only seat reads and exports what the roles say, and does nothing else.
        """
        if self.reads_only and privilege not in READING:
            return Depth.NONE
        if self.is_administrator:
            return Depth.ORGANISATION
        found = self.depths.get(entity.name)
        if found is None and not entity.custom:
            found = self.depths.get(f"@{entity.group}", self.depths.get("*"))
        return meaning(entity.ownership, Depth((found or {}).get(privilege, 0)))

    def can(self, capability: str) -> bool:
        if self.reads_only and capability not in READING_CAPABILITIES:
            return False
        return self.is_administrator or capability in self.capabilities

    def require(self, capability: str) -> None:
        """Raises Forbidden `privilege.missing` without the capability."""
        if not self.can(capability):
            raise Forbidden(
                "privilege.missing",
                "You do not have the right to do this.",
                details={"privilege": capability},
            )

    def require_administrator(self, *, at_screen: bool = False) -> None:
        """Raises Forbidden `privilege.missing`; with `at_screen` also `session.needed` for programs and tokens."""
        if not self.is_administrator:
            raise Forbidden("privilege.missing", _("Only administrators can do this."))
        if at_screen and self.source != "screen":
            raise Forbidden("session.needed", _("Sign in with a browser to do this."))

    def filter_context(self) -> FilterContext:
        """Who filters and when, for relative dates, *me*, my teams and my unit."""
        return FilterContext(
            timezone.now(),
            self.time_zone,
            self.user_id,
            self.team_ids,
            self.unit_id,
            self.unit_ids,
            self.week_start,
            workspace.current().fiscal_start,
        )

    def acting(self, source: str, job_id: uuid.UUID | None = None) -> Actor:
        """The same person through another door."""
        return replace(self, source=source, job_id=job_id)

    def through(self, program: str, *, may_write: bool) -> Actor:
        """The same person through a program he lets in: named in the audit, and reading only if that was all he gave."""
        return replace(self, via=program, reads_only=self.reads_only or not may_write)

    def for_rules(self) -> Actor:
        """The same person with the workspace's rights: what a rule does follows from a write that was allowed."""
        return replace(self, is_administrator=True, reads_only=False, source="rule")


def system_actor(source: str = "system") -> Actor:
    """The workspace itself: seeding, sweeps and roll-ups."""
    return Actor(
        user_id=None,
        name="System",
        is_administrator=True,
        capabilities=frozenset(CAPABILITIES),
        source=source,
    )


def actor_for(user_id: uuid.UUID, source: str = "api") -> Actor | None:
    """The actor of a system user, or None when he is unknown, disabled or has no role (PLT-40 Limits)."""
    version = workspace.current().security_version
    key = (current_schema(), version, user_id)
    with _lock:
        found = _cache.get(key)
    if found is None:
        found = load_actor(user_id)
        if found is None:
            return None
        with _lock:
            _cache[key] = found
            while len(_cache) > _CACHE_SIZE:
                _cache.popitem(last=False)
    return found if found.source == source else replace(found, source=source)


_logins: dict[tuple[str, int, uuid.UUID], uuid.UUID] = {}


def actor_for_login(login_id: uuid.UUID, source: str) -> Actor | None:
    """The actor of the person who signs in as `login_id`."""
    from crm_core.security.models import SystemUser

    key = (current_schema(), workspace.current().security_version, login_id)
    user_id = _logins.get(key)
    if user_id is None:
        user_id = (
            SystemUser.objects.filter(login_id=login_id, deleted_at=None).values_list("pk", flat=True).first()
        )
        if user_id is None:
            return None
        if len(_logins) > 10 * _CACHE_SIZE:
            _logins.clear()
        _logins[key] = user_id
    return actor_for(user_id, source)


def forget() -> None:
    """Drop cached actors (tests)."""
    with _lock:
        _cache.clear()
    _logins.clear()


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
        report_ids=_reports(user_id),
        is_administrator=any(r.is_administrator for r in roles),
        reads_only=user.login is not None and user.login.licence == User.Licence.READ_ONLY,
        depths=united([r.privileges for r in roles]),
        capabilities=frozenset(c for r in roles for c in r.capabilities),
        roles=frozenset(name for r in roles for name in (r.key, str(r.pk)) if name),
        field_rights=_field_rights(principals),
        shared_objects=shared,
        language=user.language,
        time_zone_name=user.time_zone,
        week_starts=(user.preferences or {}).get("week_start"),
    )


def _reports(user_id: uuid.UUID) -> tuple[uuid.UUID, ...]:
    levels = workspace.current().manager_depth
    return tuple(below("user", user_id, levels)) if levels else ()


def united(privileges: list[dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    """The privileges of several roles together: the farther depth of each."""
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
