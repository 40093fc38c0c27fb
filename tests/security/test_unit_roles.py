"""Roles of a business unit: held there and below, lost by whoever moves away (PLT-40 Inheritance, PLT-41 Business unit)."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry, workspace
from crm_core.records.models import AuditEntry
from crm_core.security.models import BusinessUnit, Role, RoleAssignment
from tenants.identity.models import Invitation
from tests.security.world import World


@pytest.fixture
def bound(company: World) -> Role:
    """A role of North with which all accounts are read, held by nobody yet."""
    role = Role.objects.create(
        name="North desk",
        business_unit_id=company.units["north"],
        privileges={"account": {"read": 5}},
        search_text="north desk",
    )
    workspace.bump("security_version")
    return role


def give(world: World, who: str, *roles: Role) -> tuple[int, Any]:
    kind = "teams" if who.endswith("team") else "users"
    path = f"/{kind}/{world.people[who]}/roles"
    return world.admin_api.call("PUT", path, {"roles": [str(r.pk) for r in roles]})


def held(world: World, who: str) -> list[str]:
    rows = RoleAssignment.objects.filter(principal_id=world.people[who]).order_by("role__name")
    return list(rows.values_list("role__name", flat=True))


def move(world: World, who: str, unit: str) -> list[str]:
    status, body = world.admin_api.patch(
        f"/users/{world.people[who]}", {"business_unit": str(world.units[unit])}
    )
    assert status == 200, body
    return [w["code"] for w in body.get("warnings", ())]


def test_it_is_given_in_its_unit_and_below_only(company: World, bound: Role) -> None:
    for who in ("viewer", "below"):
        assert give(company, who, bound)[0] == 200
    for who in ("stranger", "my_team"):
        before = held(company, who)
        status, body = give(company, who, bound)
        assert (status, body["code"]) == (409, "role.other_unit")
        assert body["details"] == {"role": "North desk", "business_unit": "North"}
        assert held(company, who) == before


def test_whoever_moves_away_loses_it_and_must_be_given_it_anew(company: World, bound: Role) -> None:
    assert give(company, "below", bound, company.role)[0] == 200
    assert move(company, "below", "north") == []
    assert held(company, "below") == ["Matrix role", "North desk"]
    assert move(company, "below", "south") == ["user.roles_taken"]
    assert held(company, "below") == ["Matrix role"]
    entry = AuditEntry.objects.filter(record_id=company.people["below"], operation="roles").latest("at")
    assert entry.changes == {"roles": [["Matrix role", "North desk"], ["Matrix role"]]}
    assert move(company, "below", "north") == [] and held(company, "below") == ["Matrix role"]


def test_a_moved_unit_takes_its_people_out_of_the_reach_of_roles(company: World, bound: Role) -> None:
    assert give(company, "below", bound)[0] == 200 and give(company, "colleague", bound)[0] == 200
    path = f"/business_units/{company.units['north_a']}"
    status, body = company.admin_api.patch(path, {"parent": str(company.units["south"])})
    assert status == 200 and [w["code"] for w in body["warnings"]] == ["user.roles_taken"]
    assert held(company, "below") == [] and held(company, "colleague") == ["North desk"]


def test_a_role_does_not_move_away_from_those_who_hold_it(company: World) -> None:
    assert give(company, "stranger", company.role)[0] == 200
    path, north = f"/roles/{company.role.pk}", str(company.units["north"])
    status, body = company.admin_api.patch(path, {"business_unit": north})
    assert (status, body["code"], body["field"]) == (409, "role.holders_elsewhere", "business_unit")
    assert body["details"]["names"] == ["Sven Stranger"]
    administrators = Role.objects.get(is_administrator=True)
    status, body = company.admin_api.patch(f"/roles/{administrators.pk}", {"business_unit": north})
    assert (status, body["code"]) == (409, "role.administrator_fixed")
    assert not Role.objects.filter(business_unit__isnull=False).exists()
    assert give(company, "stranger")[0] == 200
    assert company.admin_api.patch(path, {"business_unit": north})[0] == 200
    status, body = company.admin_api.post(f"/roles/{company.role.pk}/actions/copy", {"name": "Copy"})
    assert status in (200, 201) and Role.objects.get(name="Copy").business_unit_id == company.units["north"]


def test_nobody_is_invited_to_another_unit_with_it(company: World, bound: Role) -> None:
    invited = {"email": "new@example.com", "role": str(bound.pk)}
    for unit in ({}, {"business_unit": str(company.units["south"])}):
        status, body = company.admin_api.post("/invitations", invited | unit)
        assert (status, body["code"]) == (409, "role.other_unit"), body
    assert not Invitation.objects.exists()
    assert registry.get("role").attributes["business_unit"].label
    status, body = company.admin_api.post(
        "/invitations", invited | {"business_unit": str(company.units["north_a"])}
    )
    assert status == 201, body


def test_a_unit_with_roles_is_not_deleted(company: World, bound: Role) -> None:
    unit = company.admin_api.post("/business_units", {"name": "New", "parent": str(company.units["root"])})[
        1
    ]["id"]
    assert company.admin_api.patch(f"/roles/{bound.pk}", {"business_unit": unit})[0] == 200
    assert company.admin_api.post(f"/business_units/{unit}/actions/deactivate")[0] == 200
    status, body = company.admin_api.delete(f"/business_units/{unit}")
    assert (status, body["code"]) == (409, "record.restrict_delete")
    assert BusinessUnit.objects.filter(pk=unit, deleted_at=None).exists()
