"""Roles as things: copied, named apart, not taken away from under their holders; depths that say what they do (PLT-40)."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry, workspace
from crm_core.records import jobs, service
from crm_core.records.models import AuditEntry, Job
from crm_core.security.models import Principal, Role, RoleAssignment, SystemUser
from tests.security.world import World


def role_of(world: World, name: str, **values: Any) -> str:
    status, made = world.admin_api.post("/roles", {"name": name, **values})
    assert status == 201, made
    return str(made["id"])


def test_a_role_somebody_holds_is_not_deleted(company: World) -> None:
    role = role_of(company, "Harbour desk")
    path = f"/users/{company.people['stranger']}/roles"
    held = [r["id"] for r in company.admin_api.get(path)[1]["roles"]]
    assert company.admin_api.call("PUT", path, {"roles": [*held, role]})[0] == 200
    status, refused = company.admin_api.delete(f"/roles/{role}")
    assert (status, refused["code"], refused["details"]) == (409, "role.in_use", {"user": 1})
    assert "1 users and teams" in refused["message"]
    assert Role.objects.get(pk=role).deleted_at is None
    assert RoleAssignment.objects.filter(role_id=role).count() == 1
    assert company.admin_api.call("PUT", path, {"roles": held})[0] == 200
    assert company.admin_api.delete(f"/roles/{role}")[0] == 204


def test_two_roles_have_two_names(company: World) -> None:
    role = role_of(company, "Harbour desk")
    other = role_of(company, "Yard")
    before = Role.objects.count()
    status, refused = company.admin_api.post("/roles", {"name": "harbour DESK"})
    assert (status, refused["code"], refused["field"]) == (422, "role.name_taken", "name")
    status, refused = company.admin_api.patch(f"/roles/{other}", {"name": "Harbour desk"})
    assert (status, refused["code"]) == (422, "role.name_taken")
    assert Role.objects.count() == before and Role.objects.get(pk=other).name == "Yard"
    assert company.admin_api.patch(f"/roles/{role}", {"name": "Harbour Desk"})[0] == 200
    assert company.admin_api.delete(f"/roles/{role}")[0] == 204
    role_of(company, "Harbour desk")


def test_a_copy_has_the_same_rights_and_no_holders(company: World) -> None:
    source = Role.objects.get(key="sales_manager")
    path = f"/roles/{source.pk}"
    status, made = company.admin_api.post(f"{path}/actions/copy", {"name": "Sales manager north"})
    assert status == 201 and made["name"] == "Sales manager north", made
    copy = Role.objects.get(pk=made["id"])
    assert (copy.privileges, copy.capabilities) == (source.privileges, source.capabilities)
    assert (copy.key, copy.is_administrator) == (None, False)
    assert not RoleAssignment.objects.filter(role=copy).exists()
    assert AuditEntry.objects.filter(object="role", record_id=copy.pk, operation="rights").exists()
    company.admin_api.call(
        "PUT", f"/roles/{copy.pk}/privileges", {"privileges": {"account": {"read": "own"}}}
    )
    assert Role.objects.get(pk=source.pk).privileges == source.privileges
    assert company.admin_api.post(f"{path}/actions/copy", {"name": "Sales manager north"})[0] == 422
    assert company.admin_api.post(f"{path}/actions/copy", {"name": ""})[0] == 422
    status, refused = company.admin_api.post(f"{path}/actions/copy", {})
    assert status == 422 and Role.objects.filter(name="").count() == 0, refused


def test_a_copy_of_the_administrator_may_everything_but_is_none(company: World) -> None:
    administrator = Role.objects.get(is_administrator=True)
    made = company.admin_api.post(f"/roles/{administrator.pk}/actions/copy", {"name": "Nearly all"})[1]
    rights = company.admin_api.get(f"/roles/{made['id']}/privileges")[1]
    assert {d for o in rights["objects"] for d in o["depths"].values()} == {"organisation"}
    assert all(c["granted"] for c in rights["capabilities"])
    assert rights["role"]["is_administrator"] is False


def test_only_what_one_holds_is_copied(company: World) -> None:
    role = Role.objects.get(pk=company.role.pk)
    role.privileges = {"role": dict.fromkeys(("read", "create", "write"), 5)}
    role.capabilities = ["manage_roles"]
    role.save()
    workspace.bump("security_version")
    before = Role.objects.count()
    source = Role.objects.get(key="sales_vp")
    status, refused = company.viewer_api.post(f"/roles/{source.pk}/actions/copy", {"name": "More"})
    assert (status, refused["code"]) == (403, "privilege.not_held")
    assert Role.objects.count() == before
    Role.objects.filter(pk=role.pk).update(capabilities=[])
    workspace.bump("security_version")
    for method, path in (("POST", f"/roles/{role.pk}/actions/copy"), ("GET", "/role_assignments")):
        status, refused = company.viewer_api.call(
            method, path, {"name": "More"} if method == "POST" else None
        )
        assert (status, refused["code"]) == (403, "privilege.missing"), path


def test_who_holds_which_role(company: World) -> None:
    rows = company.admin_api.get("/role_assignments")[1]["rows"]
    held = {(row["role"], row["principal"]["id"]) for row in rows}
    assert held == {
        (str(r), str(p)) for r, p in RoleAssignment.objects.values_list("role_id", "principal_id")
    }
    assert (str(company.role.pk), str(company.viewer_id)) in held


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("competitor", "own", "organisation"),
        ("competitor", "unit_and_children", "organisation"),
        ("competitor", "none", "none"),
        ("team", "own", "unit"),
        ("team", "team", "unit"),
        ("team", "unit_and_children", "unit_and_children"),
        ("account", "own", "own"),
    ],
)
def test_depths_say_how_far_they_reach(company: World, name: str, written: str, meant: str) -> None:
    """Objects without owners know no own record: what reaches all rows is called so (§0.3)."""
    path = f"/roles/{role_of(company, 'Probe')}/privileges"
    status, answer = company.admin_api.call("PUT", path, {"privileges": {name: {"read": written}}})
    assert status == 200, answer
    row = next(o for o in company.admin_api.get(path)[1]["objects"] if o["name"] == name)
    assert row["depths"]["read"] == meant
    assert meant in row["choices"] and (written in row["choices"]) is (written == meant)


# leaving ----------------------------------------------------------------------------------------------------------------
def owned_by(world: World, who: str) -> str:
    values = {"name": f"Of {who}", "owner": str(world.people[who])}
    return str(service.create(registry.get("account"), values, world.admin).id)


def test_what_a_new_owner_could_not_take_over_is_said_before(company: World) -> None:
    owned_by(company, "stranger")
    path = f"/users/{company.people['stranger']}/owned"
    assert [row["stays"] for row in company.admin_api.get(path)[1]["rows"]] == [False]
    blind = Role.objects.create(name="Blind", privileges={"task": {"read": 5}})
    RoleAssignment.objects.filter(principal_id=company.people["colleague"]).delete()
    RoleAssignment.objects.create(role=blind, principal_id=company.people["colleague"])
    workspace.bump("security_version")
    status, answer = company.admin_api.get(f"{path}?to={company.people['colleague']}")
    assert (status, answer["total"]) == (200, 1)
    assert [(row["plural"], row["stays"]) for row in answer["rows"]] == [("accounts", True)]
    assert company.admin_api.get(f"{path}?to={company.role.pk}")[0] == 404


def test_disabling_and_giving_away_is_one_step(company: World) -> None:
    record, leaving = owned_by(company, "stranger"), company.people["stranger"]
    path = f"/users/{leaving}/actions/disable"
    model = registry.get("account").model
    for heir in (str(leaving), str(company.role.pk)):
        assert company.admin_api.post(path, {"owner": heir})[0] == 422
        assert SystemUser.objects.get(pk=leaving).state == "active"
        assert model.objects.get(pk=record).owner_id == leaving
    status, answer = company.admin_api.post(path, {"owner": str(company.people["colleague"])})
    assert status == 200 and answer["state"] == "inactive", answer
    assert answer["job"]["result"]["succeeded"] == 1
    assert model.objects.get(pk=record).owner_id == company.people["colleague"]
    assert not Principal.objects.get(pk=leaving).is_active
    assert AuditEntry.objects.filter(object="user", record_id=leaving, operation="reassign").count() == 1
    # taken back, they are his again though he stays disabled: as they would be had they stayed with him
    status, undone = company.admin_api.post(f"/jobs/{answer['job']['id']}/actions/undo")
    job = Job.objects.get(pk=answer["job"]["id"])
    if job.state == "undoing":
        jobs.run_inline(job, jobs.actor_of(job))
    job.refresh_from_db()
    assert (status, job.state, job.result.get("undo_conflicts", 0)) == (200, "undone", 0), undone
    row = model.objects.get(pk=record)
    assert (row.owner_id, row.owning_business_unit_id) == (leaving, company.units["south"])
    assert SystemUser.objects.get(pk=leaving).state == "inactive"


def test_a_shared_record_says_what_may_be_linked_to_it(company: World) -> None:
    """Screens offer notes, next steps and related records only where the link would not be refused."""
    company.grant(registry.get("account"), every=1)
    record = owned_by(company, "stranger")
    principal = {"object": "user", "id": str(company.viewer_id)}
    for rights, linkable in (("read", False), ("read,append_to", True)):
        body = {"principal": principal, "rights": rights}
        assert company.admin_api.post(f"/accounts/{record}/actions/share", body)[0] == 200
        privileges = company.viewer_api.get(f"/accounts/{record}")[1]["privileges"]
        assert (privileges["append_to"], privileges["write"]) == (linkable, False)
