"""A small company whose rights can be counted by hand, and the oracle that does so, independent of the product's code."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.models import Organization
from crm_core.records import service
from crm_core.security import actor as actors
from crm_core.security.actor import Actor, actor_for
from crm_core.security.depth import PRIVILEGES
from crm_core.security.models import BusinessUnit, Principal, Role, Share, SystemUser, Team, TeamMember
from crm_core.security.services import create_system_user
from tests.api_client import ApiClient, person
from tests.conformance.values import minimal

DEPTHS = ("none", "own", "team", "unit", "unit_and_children", "organisation")
ORGANISATION = 5
OWNERS = ("viewer", "colleague", "below", "stranger", "my_team", "other_team")


@dataclass
class Row:
    """One record as the oracle sees it: ids only."""

    id: uuid.UUID
    owner: uuid.UUID | None
    unit: uuid.UUID | None
    shares: list[tuple[uuid.UUID, set[str], bool]] = field(default_factory=list)  # who, rights, still valid


@dataclass
class World:
    """Units root > north > north_a and root > south; the viewer works in north and is in one team of south."""

    admin: Actor
    admin_api: ApiClient
    viewer_id: uuid.UUID
    viewer_api: ApiClient
    role: Role
    units: dict[str, uuid.UUID]
    people: dict[str, uuid.UUID]
    rows: list[Row] = field(default_factory=list)
    reports: frozenset[uuid.UUID] = frozenset()  # whose records the viewer reads as their manager
    told: dict[Any, Any] = field(default_factory=dict)

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make()` gave for `key` the first time: facts about the rows that no grant changes."""
        if key not in self.told:
            self.told[key] = make()
        return self.told[key]

    @property
    def ids(self) -> set[str]:
        return {str(r.id) for r in self.rows}

    def grant(self, entity: Entity, **depths: int) -> None:
        """The viewer's only role: everything readable, and `depths` (by privilege, `every` for all) on `entity`."""
        own = {p: depths.get(p, depths.get("every", 0)) for p in PRIVILEGES}
        elsewhere = {p: ORGANISATION if p in ("read", "append_to") else 0 for p in PRIVILEGES}
        Role.objects.filter(pk=self.role.pk).update(privileges={"*": elsewhere, entity.name: own})
        workspace.bump("security_version")

    def manage(self, levels: int) -> None:
        """The viewer manages Cora, who manages Sven; managers read so many `levels` down."""
        line = (
            ("colleague", "viewer"),
            ("stranger", "colleague"),
            ("viewer", "stranger"),
        )  # a circle, as it happens
        for who, manager in line:
            SystemUser.objects.filter(pk=self.people[who]).update(manager_id=self.people[manager])
        organization = Organization.objects.get(pk=1)
        organization.settings = {**organization.settings, "manager_depth": levels}
        organization.save(update_fields=["settings"])
        workspace.bump("security_version")
        workspace.begin()
        self.reports = frozenset(self.people[who] for who, _manager in line[:levels])

    def viewer(self) -> Actor:
        found = actor_for(self.viewer_id, "api")
        assert found is not None
        return found

    # the oracle -----------------------------------------------------------------------------------------------------
    def allowed(self, ownership: str, depth: int, row: Row, privilege: str) -> bool:
        """Whether the viewer has `privilege` at `depth` (0–5) on `row`, by the rules of PLT-40, counted by hand."""
        me = {self.viewer_id, self.people["my_team"]}
        if depth == 0:
            return False  # a grantee without the privilege at own depth gains nothing (CUS-13)
        if depth == 5 or ownership == "organisation":
            return True
        reach = {self.units["north"]} | ({self.units["north_a"]} if depth == 4 else set())
        if ownership == "business_unit":
            return row.unit in reach
        if privilege == "read" and row.owner in self.reports:
            return True
        if any(who in me and valid and privilege in rights for who, rights, valid in row.shares):
            return True
        if row.owner == self.viewer_id or (depth >= 2 and row.owner in me):
            return True
        return depth >= 3 and row.unit in reach

    def expected(self, entity: Entity, depths: dict[str, int], *privileges: str) -> set[str]:
        """Ids of the rows on which the viewer has each of `privileges`."""
        return {
            str(row.id)
            for row in self.rows
            if all(self.allowed(entity.ownership, depths[p], row, p) for p in privileges)
        }


def build(tenant: Any) -> World:
    """People, units and teams; rows come with `populate`."""
    registry.forget()
    actors.forget()
    admin_user, admin_api = person(tenant, "ada@example.com", "system_administrator", name="Ada Admin")
    root = BusinessUnit.objects.get(parent=None)
    north = BusinessUnit.objects.create(name="North", parent=root)
    north_a = BusinessUnit.objects.create(name="North A", parent=north)
    south = BusinessUnit.objects.create(name="South", parent=root)
    role = Role.objects.create(
        name="Matrix role",
        capabilities=["bulk", "manage_users", "manage_roles", "edit_others_notes", "personal_data"],
    )
    viewer, viewer_api = person(tenant, "vera@example.com", str(role.pk), name="Vera Viewer", unit=north.pk)

    def colleague(name: str, unit: BusinessUnit) -> uuid.UUID:
        return create_system_user(name, None, roles=["salesperson"], business_unit_id=unit.pk).pk

    people = {
        "viewer": viewer.pk,
        "colleague": colleague("Cora Colleague", north),
        "below": colleague("Bela Below", north_a),
        "stranger": colleague("Sven Stranger", south),
        "my_team": _team("My team", south),
        "other_team": _team("Other team", south),
    }
    TeamMember.objects.create(team_id=people["my_team"], user_id=viewer.pk)
    workspace.bump("security_version")
    admin = actor_for(admin_user.pk, "screen")
    assert admin is not None
    units = {"root": root.pk, "north": north.pk, "north_a": north_a.pk, "south": south.pk}
    return World(admin, admin_api, viewer.pk, viewer_api, role, units, people)


def _team(name: str, unit: BusinessUnit) -> uuid.UUID:
    principal = Principal.objects.create(kind="team", name=name, business_unit=unit)
    team = Team(
        id=principal.pk, principal=principal, name=name, business_unit=unit, search_text=name.casefold()
    )
    team.save(force_insert=True)
    return principal.pk


def populate(world: World, entity: Entity) -> None:
    """One record per owner, then three of strangers: shared with the viewer, with his team, and no longer shared."""
    if entity.ownership == "user":
        places = [(world.people[o], None) for o in (*OWNERS, "stranger", "stranger", "stranger")]
    else:
        places = [(None, world.units[u]) for u in ("root", "north", "north_a", "south")]
    for number, (owner, unit) in enumerate(places, 1):
        made = create(world, entity, number)
        if owner is not None:
            unit = Principal.objects.get(pk=owner).business_unit_id
            entity.model.objects.filter(pk=made).update(owner_id=owner, owning_business_unit_id=unit)
        elif entity.ownership == "business_unit":
            entity.model.objects.filter(pk=made).update(business_unit_id=unit)
        world.rows.append(Row(made, owner, unit))
    if entity.ownership == "user":
        _share(world, entity, world.rows[-3], world.viewer_id, ["read"], valid=True)
        _share(
            world, entity, world.rows[-2], world.people["my_team"], ["read", "write", "delete"], valid=True
        )
        _share(world, entity, world.rows[-1], world.viewer_id, ["read", "write"], valid=False)
    workspace.bump("security_version")


def _share(world: World, entity: Entity, row: Row, who: uuid.UUID, rights: list[str], *, valid: bool) -> None:
    ends = timezone.now() + dt.timedelta(hours=1 if valid else -1)
    Share.objects.create(
        object=entity.name, record_id=row.id, principal_id=who, rights=rights, expires_at=ends,
        granted_by=world.admin.user_id,
    )  # fmt: skip
    row.shares.append((who, set(rights), valid))


def create(world: World, entity: Entity, number: int) -> uuid.UUID:
    """A record with a parent, a date and a file where the object knows them."""
    if entity.name == "opportunity_close":
        return _closing(world, number)
    values = minimal(entity, world.admin, number)
    for attribute in entity.attributes.values():
        if attribute.read_only or attribute.name in values:
            continue
        if attribute.name == "scheduled_start":
            values[attribute.name] = f"2026-03-{number:02d}T09:00:00Z"
        elif attribute.type.name == "file":
            values[attribute.name] = _file(world, number)
    parent = next((a for a in entity.attributes.values() if is_parent(entity, a)), None)
    if parent is not None and parent.name not in values:
        target = registry.get(parent.targets[0] if parent.targets else "account")
        made = service.create(target, minimal(target, world.admin, 70 + number), world.admin).id
        values[parent.name] = {"object": target.name, "id": str(made)}
    return service.create(entity, values, world.admin).id


def is_parent(entity: Entity, attribute: Any) -> bool:
    if (
        attribute.read_only
        or attribute.hierarchy
        or attribute.type.name not in ("lookup", "customer", "regarding")
    ):
        return False
    return attribute.targets[:1] not in (("user",), ("business_unit",), (entity.name,))


def _closing(world: World, number: int) -> uuid.UUID:
    opportunity = registry.get("opportunity")
    made = service.create(opportunity, minimal(opportunity, world.admin, number), world.admin).id
    service.run_action(opportunity, "lose", made, {}, world.admin)
    model = registry.get("opportunity_close").model
    return (
        model.objects.exclude(pk__in=[r.id for r in world.rows])
        .order_by("-created_at")
        .values_list("pk", flat=True)[0]
    )


def _file(world: World, number: int) -> dict[str, str]:
    from crm_core.records import files

    stored = files.store(f"plan {number}.txt", [b"plan"], "text/plain", world.admin.user_id)
    return {"object": "file", "id": str(stored.pk)}
