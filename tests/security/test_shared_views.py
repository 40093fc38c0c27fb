"""Who sees and who changes a saved view: its owner, some teams, everybody (PLT-45.2)."""

from __future__ import annotations

import uuid
from typing import Any

from crm_core.metadata import registry
from crm_core.search import views
from crm_core.search.models import SavedView
from tests.api_client import ApiClient, person
from tests.security.world import World


def make(api: ApiClient, **more: Any) -> dict[str, Any]:
    body = {"object": "account", "name": "Mine", "columns": ["name"], "filter": {"attribute": "name", "operator": "not_empty"}}  # fmt: skip
    status, view = api.post("/views", {**body, **more})
    assert status == 201, view
    return view


def shown(api: ApiClient) -> dict[str, dict[str, Any]]:
    found = api.get("/views?object=account")[1]["views"]
    return {v["name"]: v for v in found if v["kind"] != "standard"}


def test_a_view_for_a_team_is_seen_by_its_members_and_changed_by_its_owner(company: World) -> None:
    admin, member = company.admin_api, company.viewer_api
    company.grant(registry.get("account"), every=5)
    team, other = str(company.people["my_team"]), str(company.people["other_team"])
    view = make(admin, shared_with="teams", teams=[team])
    assert (view["kind"], view["shared_with"], view["teams"]) == ("shared", "teams", [team])
    assert shown(member)["Mine"]["editable"] is False
    address = f"/views/{view['id']}"
    assert member.patch(address, {"name": "Theirs"})[0] == 403
    assert SavedView.objects.get(pk=view["id"]).name == "Mine"
    assert member.post("/accounts/query", {"view": view["id"]})[0] == 200

    assert admin.patch(address, {"shared_with": "teams", "teams": [other]})[0] == 200
    assert "Mine" not in shown(member)
    status, answer = member.post("/accounts/query", {"view": view["id"]})
    assert (status, answer["code"]) == (404, "view.unknown")
    assert admin.patch(address, {"name": "Renamed"})[1]["teams"] == [other]  # a new name shares with the same
    everyone = admin.patch(address, {"shared_with": "everyone"})[1]
    assert (everyone["shared_with"], everyone["teams"]) == ("everyone", [])
    assert "Renamed" in shown(member)
    mine = admin.patch(address, {"shared_with": "me"})[1]
    assert (mine["kind"], mine["shared_with"]) == ("own", "me")
    assert "Renamed" not in shown(member)


def test_teams_have_to_be_teams(company: World) -> None:
    admin = company.admin_api
    view = make(admin)
    for body in (
        {"shared_with": "teams"},
        {"shared_with": "teams", "teams": []},
        {"shared_with": "teams", "teams": [str(company.viewer_id)]},
        {"shared_with": "teams", "teams": [str(uuid.uuid4())]},
        {"shared_with": "teams", "teams": ["x"]},
        {"shared_with": "teams", "teams": [str(company.people["my_team"])] * 51},
        {"shared_with": "teams", "teams": "x"},
        {"shared_with": "somebody"},
        {"teams": [str(company.people["my_team"])]},
        {"shared_with": "me", "teams": [str(company.people["my_team"])]},
    ):
        status, answer = admin.patch(f"/views/{view['id']}", body)
        assert status == 422 and answer["code"].startswith("view."), body
    assert shown(admin)["Mine"]["shared_with"] == "me"


def test_a_field_others_see_in_a_view_is_not_deleted_under_them(company: World) -> None:
    make(company.admin_api, name="Own")
    make(company.admin_api, name="For a team", shared_with="teams", teams=[str(company.people["my_team"])])
    uses = {u["name"]: u["blocking"] for u in views.uses_of("account", "name")}
    assert uses == {"Own": False, "For a team": True}


def test_a_view_of_a_colleague_is_nobodys_else(company: World, workspace: Any) -> None:
    view = make(company.admin_api)
    stranger = person(workspace, "sam@example.com", "system_administrator", name="Sam")[1]
    assert shown(stranger) == {}
    assert stranger.patch(f"/views/{view['id']}", {"name": "X"})[0] == 404
    assert stranger.delete(f"/views/{view['id']}")[0] == 404
    assert SavedView.objects.filter(pk=view["id"], name="Mine").exists()
