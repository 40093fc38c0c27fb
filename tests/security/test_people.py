"""Units, teams, roles and owners: what changes at once, what is refused, what moves along (PLT-40, PLT-41, CUS-12)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from crm_core.metadata import registry, workspace
from crm_core.records import service
from crm_core.records.models import AuditEntry
from crm_core.records.query import Query
from crm_core.security.actor import actor_for
from crm_core.security.models import BusinessUnit, Principal, Role, RoleAssignment, Share, TeamMember
from tenants.postgresql.statement import Statement
from tests.security.world import World


def account(world: World, owner: str) -> str:
    values = {"name": f"Of {owner}", "owner": str(world.people[owner])}
    return str(service.create(registry.get("account"), values, world.admin).id)


@pytest.fixture
def wide(company: World) -> World:
    """The viewer reads accounts of his unit and those below."""
    company.grant(registry.get("account"), every=4)
    return company


def test_moving_a_unit_counts_at_once(wide: World) -> None:
    theirs = account(wide, "stranger")
    assert wide.viewer_api.get(f"/accounts/{theirs}")[0] == 404
    south = wide.units["south"]
    status, body = wide.admin_api.patch(f"/business_units/{south}", {"parent": str(wide.units["north"])})
    assert status == 200, body
    assert wide.viewer_api.get(f"/accounts/{theirs}")[0] == 200
    assert wide.admin_api.patch(f"/business_units/{south}", {"parent": str(wide.units["root"])})[0] == 200
    assert wide.viewer_api.get(f"/accounts/{theirs}")[0] == 404


def test_a_unit_does_not_go_under_itself(company: World) -> None:
    status, body = company.admin_api.patch(
        f"/business_units/{company.units['north']}", {"parent": str(company.units["north_a"])}
    )
    assert (status, body["code"]) == (422, "business_unit.cycle")
    assert BusinessUnit.objects.get(pk=company.units["north"]).parent_id == company.units["root"]


def test_people_of_a_disabled_unit_cannot_come_in_and_their_records_stay(company: World) -> None:
    theirs = account(company, "viewer")
    path = f"/business_units/{company.units['north']}/actions/deactivate"
    assert company.viewer_api.get("/session")[0] == 200
    assert company.admin_api.post(path)[0] == 200
    assert company.viewer_api.get("/session")[0] == 401
    assert company.admin_api.get(f"/accounts/{theirs}")[1]["owner"]["id"] == str(company.viewer_id)
    assert company.admin_api.post(path.replace("deactivate", "activate"))[0] == 200
    assert company.viewer_api.get("/session")[0] == 200


def test_units_with_people_and_the_root_stay(company: World) -> None:
    root, north = company.units["root"], company.units["north"]
    status, body = company.admin_api.post(f"/business_units/{root}/actions/deactivate")
    assert (status, body["code"]) == (409, "business_unit.root")
    status, body = company.admin_api.delete(f"/business_units/{company.units['south']}")
    assert (status, body["code"]) == (409, "record.restrict_delete")
    empty = company.admin_api.post("/business_units", {"name": "Empty", "parent": str(north)})[1]["id"]
    status, body = company.admin_api.delete(f"/business_units/{empty}")
    assert (status, body["code"]) == (409, "business_unit.active")
    assert company.admin_api.post(f"/business_units/{empty}/actions/deactivate")[0] == 200
    assert company.admin_api.delete(f"/business_units/{empty}")[0] == 204
    assert BusinessUnit.objects.filter(deleted_at=None).count() == 4


def test_a_moved_user_takes_his_records_along(wide: World) -> None:
    theirs = account(wide, "stranger")
    status, body = wide.admin_api.patch(
        f"/users/{wide.people['stranger']}", {"business_unit": str(wide.units["north_a"])}
    )
    assert status == 200, body
    row = registry.get("account").model.objects.get(pk=theirs)
    assert row.owning_business_unit_id == wide.units["north_a"] and row.version == 1
    assert wide.viewer_api.get(f"/accounts/{theirs}")[0] == 200


def test_nobody_becomes_an_administrator_through_a_team(company: World) -> None:
    """Managing users is not managing rights: the way over a team or another user's roles is closed (PLT-40 Limits)."""
    administrators = Role.objects.get(is_administrator=True)
    assert (
        company.admin_api.call(
            "PUT", f"/teams/{company.people['other_team']}/roles", {"roles": [str(administrators.pk)]}
        )[0]
        == 200
    )
    before = TeamMember.objects.count(), RoleAssignment.objects.count()
    asked = [
        (f"/teams/{company.people['other_team']}/members", {"members": [str(company.viewer_id)]}),
        (f"/users/{company.viewer_id}/roles", {"roles": [str(administrators.pk)]}),
        (f"/teams/{company.people['my_team']}/roles", {"roles": [str(administrators.pk)]}),
        (f"/users/{company.viewer_id}/roles", {"roles": [str(Role.objects.get(key="sales_vp").pk)]}),
    ]
    for path, body in asked:
        status, answer = company.viewer_api.call("PUT", path, body)
        assert (status, answer["code"]) == (403, "privilege.not_held"), (path, answer)
    assert (TeamMember.objects.count(), RoleAssignment.objects.count()) == before
    assert not company.viewer().is_administrator


def test_access_teams_hold_no_roles(company: World) -> None:
    team = company.people["other_team"]
    assert company.admin_api.patch(f"/teams/{team}", {"kind": 2})[0] == 200
    role = str(Role.objects.get(key="salesperson").pk)
    status, body = company.admin_api.call("PUT", f"/teams/{team}/roles", {"roles": [role]})
    assert (status, body["code"]) == (409, "team.no_roles")


def test_people_are_neither_changed_nor_deleted_without_the_capability(company: World) -> None:
    company.grant(registry.get("team"), every=5)
    Role.objects.filter(pk=company.role.pk).update(
        capabilities=[], privileges={"*": dict.fromkeys(("read", "write", "create", "delete"), 5)}
    )
    workspace.bump("security_version")
    administrators = Role.objects.get(is_administrator=True).pk
    for method, path, body in (
        ("DELETE", f"/teams/{company.people['other_team']}", None),
        ("DELETE", f"/roles/{administrators}", None),
        ("PATCH", f"/roles/{company.role.pk}", {"name": "Mine"}),
        ("PATCH", f"/business_units/{company.units['north_a']}", {"name": "Mine"}),
        ("POST", "/teams", {"name": "New"}),
    ):
        status, answer = company.viewer_api.call(method, path, body)
        assert (status, answer["code"]) == (403, "privilege.missing"), (method, path, answer)
    status, answer = company.admin_api.delete(f"/roles/{administrators}")
    assert (status, answer["code"]) == (409, "role.administrator_fixed")


# reassigning ------------------------------------------------------------------------------------------------------------
def test_reassigning_everything_and_back(company: World) -> None:
    made = [account(company, "stranger") for _ in range(3)]
    task = service.create(
        registry.get("task"), {"subject": "Call", "owner": str(company.people["stranger"])}, company.admin
    ).id
    path = f"/users/{company.people['stranger']}"
    assert company.admin_api.get(f"{path}/owned")[1]["total"] == 4
    status, body = company.admin_api.post(
        f"{path}/actions/reassign", {"owner": str(company.people["colleague"])}
    )
    assert (
        status == 202
        and body["job"]["state"] == "succeeded"
        and body["job"]["result"] == {"succeeded": 4, "failed": 0}
    )
    model = registry.get("account").model
    new = {str(o) for o in model.objects.filter(pk__in=made).values_list("owner_id", flat=True)}
    assert new == {str(company.people["colleague"])}
    assert {
        str(u) for u in model.objects.filter(pk__in=made).values_list("owning_business_unit_id", flat=True)
    } == {str(company.units["north"])}
    assert (
        Query(registry.get("task"), company.admin).one(task, ["owner"])["owner"]["name"] == "Cora Colleague"
    )
    status, body = company.admin_api.post(f"/jobs/{body['job']['id']}/actions/undo")
    assert status == 200
    from crm_core.records import jobs
    from crm_core.records.models import Job

    job = Job.objects.get(pk=body["id"])
    if job.state == "undoing":
        jobs.run_inline(job, jobs.actor_of(job))
    assert company.admin_api.get(f"{path}/owned")[1]["total"] == 4


def test_reassigning_is_refused_where_it_makes_no_sense(company: World) -> None:
    made = account(company, "stranger")
    path = f"/users/{company.people['stranger']}/actions/reassign"
    company_admin = company.admin_api
    for body, code in (
        ({"owner": str(company.people["stranger"])}, "assign.same_owner"),
        ({"owner": "00000000-0000-0000-0000-000000000000"}, "lookup.does_not_exist"),
        ({"owner": None}, "lookup.does_not_exist"),
        ({"owner": 7}, "lookup.does_not_exist"),
        ({}, "lookup.does_not_exist"),
    ):
        status, answer = company_admin.post(path, body)
        assert (status, answer["code"]) == (422, code), answer
    Principal.objects.filter(pk=company.people["below"]).update(is_active=False)
    status, answer = company_admin.post(path, {"owner": str(company.people["below"])})
    assert (status, answer["code"]) == (422, "assign.owner_lacks_privilege")
    Role.objects.filter(pk=company.role.pk).update(capabilities=[])
    workspace.bump("security_version")
    assert company.viewer_api.post(path, {"owner": str(company.viewer_id)})[0] == 403
    assert str(registry.get("account").model.objects.get(pk=made).owner_id) == str(company.people["stranger"])


# sharing ----------------------------------------------------------------------------------------------------------------
def test_sharing_as_in_the_acceptance_scenario(company: World) -> None:
    """AC-05: reading by share, rights one lacks, unshare."""
    entity = registry.get("account")
    company.grant(entity, read=3, write=1, share=1)
    theirs = account(company, "stranger")
    assert company.viewer_api.get(f"/accounts/{theirs}")[0] == 404
    person = {"object": "user", "id": str(company.viewer_id)}
    assert (
        company.admin_api.post(f"/accounts/{theirs}/actions/share", {"principal": person, "rights": "read"})[
            0
        ]
        == 200
    )
    assert company.viewer_api.get(f"/accounts/{theirs}")[0] == 200
    status, body = company.viewer_api.patch(f"/accounts/{theirs}", {"name": "Mine"})
    assert (status, body["code"]) == (403, "privilege.missing")
    mine = account(company, "viewer")
    below = {"object": "user", "id": str(company.people["below"])}
    status, body = company.viewer_api.post(
        f"/accounts/{mine}/actions/share", {"principal": below, "rights": "read,delete"}
    )
    assert (status, body["code"]) == (403, "share.right_not_held")
    assert Share.objects.filter(record_id=mine).count() == 0
    assert company.admin_api.post(f"/accounts/{theirs}/actions/unshare", {"principal": person})[0] == 200
    assert company.viewer_api.get(f"/accounts/{theirs}")[0] == 404


def _not_again(*_given: Any, **_named: Any) -> None:
    raise AssertionError("compiled again")


def test_a_share_ends_by_itself(company: World, monkeypatch: pytest.MonkeyPatch) -> None:
    entity = registry.get("account")
    company.grant(entity, read=1)
    theirs = account(company, "stranger")
    person = {"object": "user", "id": str(company.viewer_id)}
    until = (timezone.now() + dt.timedelta(hours=2)).isoformat()
    body: dict[str, Any] = {"principal": person, "rights": "read", "expires_at": until}
    assert company.admin_api.post(f"/accounts/{theirs}/actions/share", body)[0] == 200
    assert company.viewer_api.get(f"/accounts/{theirs}")[0] == 200
    listed = company.viewer_api.get(f"/accounts/{theirs}/shares")[1]["rows"]
    assert [(s["principal"]["name"], s["rights"], s["granted_by"]["name"]) for s in listed] == [
        ("Vera Viewer", ["read"], "Ada Admin")
    ]
    # asked once more, nothing is compiled anew: what is kept for her must not outlive the share
    company.viewer_api.get("/accounts")
    with monkeypatch.context() as patch:
        patch.setattr(Statement, "__init__", _not_again)
        assert len(company.viewer_api.get("/accounts")[1]["rows"]) == 1
    # nothing runs and no rights change: the moment alone ends it
    Share.objects.filter(record_id=theirs).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert company.viewer_api.get(f"/accounts/{theirs}")[0] == 404
    assert company.viewer_api.get("/accounts")[1]["rows"] == []
    assert company.admin_api.get(f"/accounts/{theirs}/shares")[1]["rows"] == []
    body["expires_at"] = (timezone.now() - dt.timedelta(minutes=1)).isoformat()
    status, answer = company.admin_api.post(f"/accounts/{theirs}/actions/share", body)
    assert (status, answer["code"]) == (422, "share.already_over")


# why --------------------------------------------------------------------------------------------------------------------
def test_why_a_person_can_see_a_record(company: World) -> None:
    entity = registry.get("account")
    company.grant(entity, read=4, write=1)
    mine, team, below, theirs = (account(company, o) for o in ("viewer", "my_team", "below", "stranger"))
    api = company.viewer_api
    body = api.get(f"/accounts/{mine}/access")[1]
    assert body["user"]["name"] == "Vera Viewer" and body["rights"] == ["read", "write"]
    assert body["reasons"][0] == {"kind": "owner"}
    assert {
        "kind": "role",
        "role": "Matrix role",
        "depth": "unit_and_children",
        "team": None,
        "unit": "North",
    } in body["reasons"]
    assert api.get(f"/accounts/{team}/access")[1]["reasons"][0]["team"]["name"] == "My team"
    assert [r["unit"] for r in api.get(f"/accounts/{below}/access")[1]["reasons"]] == ["North A"]
    assert api.get(f"/accounts/{theirs}/access")[0] == 404
    person = {"object": "user", "id": str(company.viewer_id)}
    assert (
        company.admin_api.post(f"/accounts/{theirs}/actions/share", {"principal": person, "rights": "read"})[
            0
        ]
        == 200
    )
    reason = api.get(f"/accounts/{theirs}/access")[1]["reasons"]
    assert [(r["kind"], r["by"], r["until"]) for r in reason] == [("share", "Ada Admin", None)]
    asked = company.admin_api.get(f"/accounts/{below}/access?user={company.people['stranger']}")[1]
    assert asked["user"]["name"] == "Sven Stranger" and asked["rights"] == [] and asked["reasons"] == []
    Role.objects.filter(pk=company.role.pk).update(capabilities=[])
    workspace.bump("security_version")
    assert api.get(f"/accounts/{mine}/access?user={company.people['stranger']}")[0] == 403


def test_rights_changes_are_audited(company: World) -> None:
    role = str(Role.objects.get(key="salesperson").pk)
    assert company.admin_api.call("PUT", f"/users/{company.people['below']}/roles", {"roles": []})[0] == 200
    assert (
        company.admin_api.call(
            "PUT", f"/roles/{company.role.pk}/privileges", {"privileges": {"account": {"read": "own"}}}
        )[0]
        == 200
    )
    assert (
        company.admin_api.call("PUT", f"/teams/{company.people['my_team']}/members", {"members": []})[0]
        == 200
    )
    found = {(e.object, e.operation) for e in AuditEntry.objects.filter(version=0)}
    assert {("user", "roles"), ("role", "rights"), ("team", "members")} <= found
    assert role and actor_for(company.people["below"]) is None
