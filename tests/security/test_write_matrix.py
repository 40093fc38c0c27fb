"""Object × action × depth: exactly the rows the oracle allows change, and a refusal leaves everything as it was (SAAS Z1, Z3)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from crm_core.metadata.entity import Attribute, Entity
from crm_core.records.models import AuditEntry, Job, OutboxEvent
from crm_core.records.service.actions import actions_of
from crm_core.security.depth import PRIVILEGES
from crm_core.security.models import Share, Team
from tests.conformance.values import value_for
from tests.security.world import World, is_parent

pytestmark = pytest.mark.slow

#: read and action depths that are tried: every depth of the action, and every depth of reading, some of both
COMBINATIONS = [(5, d) for d in range(6)] + [(1, 5), (3, 4), (4, 2)]


class _Undo(Exception):
    """Leaves the savepoint of one attempt."""


def attempt(check: Callable[[], None]) -> None:
    """Run a check and take back what it wrote."""
    try:
        with transaction.atomic():
            check()
            raise _Undo
    except _Undo:
        pass


def state(entity: Entity, world: World) -> dict[str, Any]:
    """Everything a refused write must not touch."""
    owner = ["owner_id"] if entity.has_owner else []
    rows = entity.model.objects.filter(pk__in=world.ids).order_by("pk")
    return {
        "rows": [
            tuple(map(str, r))
            for r in rows.values_list("pk", "version", "state", "deleted_at", "custom", *owner)
        ],
        "audit": AuditEntry.objects.count(),
        "events": OutboxEvent.objects.count(),
        "shares": sorted(map(str, Share.objects.values_list("record_id", "principal_id", "rights"))),
        "jobs": Job.objects.count(),
    }


def touched(entity: Entity, world: World, before: dict[str, Any]) -> set[str]:
    """Ids of the rows that are not as they were."""
    now = dict.fromkeys(state(entity, world)["rows"])
    return {row[0] for row in before["rows"] if row not in now}


def edit_of(entity: Entity, world: World) -> dict[str, Any]:
    """A plain change every object takes."""
    name = next(
        n
        for n, a in entity.attributes.items()
        if a.type.name in ("text", "memo")
        and not (a.read_only or a.create_only)
        and (a.format or "plain") in ("plain", "rich")
        and n not in ("currency", "external_key")
    )
    return {name: value_for(entity.attributes[name], world.admin, 77)}


def bulk_body(entity: Entity, operation: str, world: World) -> dict[str, Any]:
    body: dict[str, Any] = {"operation": operation, "ids": sorted(world.ids)}
    if operation == "edit":
        body["values"] = edit_of(entity, world)
    if operation == "assign":
        body["owner"] = str(world.people["other_team"])
    return body


def run(world: World, entity: Entity, privilege: str, api: Any, identifier: str) -> int:
    """The single-record request that needs `privilege`; returns its status."""
    path = f"/{entity.plural}/{identifier}"
    if privilege == "write":
        return api.patch(path, edit_of(entity, world))[0]
    if privilege == "delete":
        return api.delete(path)[0]
    if privilege == "assign":
        return api.post(f"{path}/actions/assign", {"owner": str(world.people["other_team"])})[0]
    body = {"principal": {"object": "user", "id": str(world.people["below"])}, "rights": "read"}
    return api.post(f"{path}/actions/share", body)[0]


def operations(entity: Entity) -> list[tuple[str, str]]:
    """(bulk operation, privilege) the object takes."""
    found = [("edit", "write")] if edit_possible(entity) else []
    if entity.deletable and entity.name not in ("business_unit", "role"):
        found.append(("delete", "delete"))
    return [*found, ("assign", "assign")] if entity.has_owner else found


def edit_possible(entity: Entity) -> bool:
    return entity.name != "opportunity_close"  # a record of what was closed is never edited (CON-3)


def test_bulk_operations_change_exactly_the_allowed_rows(world: World, entity: Entity) -> None:
    for operation, privilege in operations(entity):
        reach: set[str] = set()
        attempt(partial(_as_admin, world, entity, operation, reach))
        assert reach, (entity.name, operation)
        for read, depth in COMBINATIONS:
            world.grant(entity, read=read, append=5, append_to=5, **{privilege: depth})
            expected = world.expected(entity, {"read": read, privilege: depth}, "read", privilege)
            attempt(partial(_in_bulk, world, entity, operation, expected & reach))


def _as_admin(world: World, entity: Entity, operation: str, reach: set[str]) -> None:
    """Collects in `reach` what the operation changes when rights do not matter."""
    before = state(entity, world)
    assert world.admin_api.post(f"/{entity.plural}/bulk", bulk_body(entity, operation, world))[0] == 202
    reach |= touched(entity, world, before)


def _in_bulk(world: World, entity: Entity, operation: str, expected: set[str]) -> None:
    before = state(entity, world)
    status, body = world.viewer_api.post(f"/{entity.plural}/bulk", bulk_body(entity, operation, world))
    assert touched(entity, world, before) == expected, (entity.name, operation, body)
    if status != 202:
        assert status == 403 and state(entity, world) == before


def test_single_requests_agree_and_refusals_change_nothing(world: World, entity: Entity) -> None:
    """Each privilege on one allowed and on refused rows; the rows tried rotate through the combinations."""
    wanted = [p for _o, p in operations(entity)] + (["share"] if entity.has_owner else [])
    for privilege, (number, (read, depth)) in itertools.product(wanted, enumerate(COMBINATIONS)):
        world.grant(entity, read=read, append=5, append_to=5, **{privilege: depth})
        may = world.expected(entity, {"read": read, privilege: depth}, "read", privilege)
        sees = world.expected(entity, {"read": read}, "read")
        for kind in (sorted(may), sorted(sees - may), sorted(world.ids - sees)):
            if kind:
                identifier = kind[number % len(kind)]
                refusal = None if identifier in may else 403 if identifier in sees or not depth else 404
                attempt(partial(_single, world, entity, privilege, identifier, refusal))


def _single(world: World, entity: Entity, privilege: str, identifier: str, refusal: int | None) -> None:
    before = state(entity, world)
    status = run(world, entity, privilege, world.viewer_api, identifier)
    where = (entity.name, privilege, status)
    if refusal is None:
        assert status not in (403, 404) and status < 500, where
    else:
        assert status == refusal, where
        assert state(entity, world) == before, where


def test_actions_need_their_privilege(world: World, entity: Entity) -> None:
    names = [a for a in actions_of(entity).values() if a.scope == "record"]
    world.grant(entity, **{**dict.fromkeys(PRIVILEGES, 5), **{a.privilege: 0 for a in names}})
    before = state(entity, world)
    for action in names:
        status, body = world.viewer_api.post(
            f"/{entity.plural}/{sorted(world.ids)[0]}/actions/{action.name}", {}
        )
        assert (status, body["code"]) == (403, "privilege.missing"), (entity.name, action.name, body)
    assert state(entity, world) == before


@pytest.mark.about.with_args(lambda entity: entity.has_owner and entity.creatable)
def test_creating_needs_the_depth_of_the_owner(world: World, entity: Entity) -> None:
    from tests.conformance.values import minimal

    follows = entity.name in ("customer_address", "opportunity_product")  # the owner is the parent's
    for depth, (name, owner) in itertools.product(range(6), world.people.items()):
        if follows and name != "viewer":
            continue
        world.grant(entity, every=5, create=depth)
        mine = name == "viewer" or name == "my_team"
        unit = {"colleague": "north", "below": "north_a"}.get(name, "south")
        reach = {3: {"north"}, 4: {"north", "north_a"}, 5: {"north", "north_a", "south"}}.get(depth, set())
        allowed = depth > 0 and (mine or unit in reach)

        def check(owner: Any = owner, allowed: bool = allowed, where: tuple = (depth, name)) -> None:
            values = minimal(entity, world.admin, 50)
            if not follows:
                kind = "team" if Team.objects.filter(pk=owner).exists() else "user"
                values["owner"] = {"object": kind, "id": str(owner)}
            count = entity.model.objects.count()
            status, body = world.viewer_api.post(f"/{entity.plural}", values)
            if allowed:
                assert status in (201, 404) or body["code"] != "privilege.missing", (entity.name, where, body)
            else:
                assert (status, body["code"]) == (403, "privilege.missing"), (entity.name, where, body)
                assert entity.model.objects.count() == count

        attempt(check)


def _parent(entity: Entity) -> Attribute | None:
    """The attribute that links a record of this object to the one above it, if people may change it."""
    return next((a for a in entity.attributes.values() if is_parent(entity, a) and not a.create_only), None)


@pytest.mark.about.with_args(lambda entity: _parent(entity) is not None and edit_possible(entity))
def test_linking_needs_append_and_append_to(world: World, entity: Entity) -> None:
    """PLT-40 Append rule, SAAS Z3: Append on the record, Append to on the record it is linked to."""
    parent = _parent(entity)
    assert parent is not None
    from crm_core.metadata import registry
    from crm_core.records import service
    from crm_core.security.models import Role
    from tests.conformance.values import minimal

    target = registry.get(parent.targets[0] if parent.targets else "account")
    made = service.create(target, minimal(target, world.admin, 60), world.admin).id
    values = {parent.name: {"object": target.name, "id": str(made)}}
    identifier = str(world.rows[0].id)
    for append, append_to in ((0, 5), (5, 0)):
        world.grant(entity, every=5, append=append)
        if target.name != entity.name:
            role = Role.objects.get(pk=world.role.pk)
            role.privileges["*"]["append_to"] = append_to
            Role.objects.filter(pk=role.pk).update(privileges=role.privileges)
            from crm_core.metadata import workspace

            workspace.bump("security_version")
        before = state(entity, world)
        status, body = world.viewer_api.patch(f"/{entity.plural}/{identifier}", values)
        assert (status, body["code"], body["field"]) == (403, "privilege.missing", parent.name), (
            entity.name,
            body,
        )
        assert state(entity, world) == before
