"""Everybody who can see a record and why: the rights engine's own answer, paged, for those who may know (CUS-13 Visible)."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.records import explanation
from crm_core.records.query.filters import base_rows
from crm_core.security.actor import load_actor
from crm_core.security.everybody import everybody
from crm_core.security.models import SystemUser
from crm_core.security.services import create_system_user
from tests.api_client import person
from tests.security.world import DEPTHS, World, populate


def listed(world: World, entity: Entity, record_id: Any) -> dict[str, list[str]]:
    page = explanation.people_with_access(entity, record_id, world.admin)
    assert page.total == len(page.rows) and page.next is None
    return {row["user"]["id"]: [r["kind"] for r in row["reasons"]] for row in page.rows}


def agrees(world: World, entity: Entity) -> None:
    """Whoever the rights engine lets read a row is listed for it, and nobody else."""
    actors = {str(u): load_actor(u) for u in SystemUser.objects.values_list("pk", flat=True)}
    known = {str(p.actor.user_id): p.actor for p in everybody()}
    assert known.keys() == {u for u, actor in actors.items() if actor is not None}
    for identifier, mine in known.items():
        theirs = actors[identifier]
        assert theirs is not None
        for name in ("name", "unit_id", "is_administrator", "depths"):
            assert getattr(mine, name) == getattr(theirs, name), name
        for name in ("team_ids", "unit_ids", "report_ids"):
            assert set(getattr(mine, name)) == set(getattr(theirs, name)), name
    for row in world.rows:
        able = {
            identifier
            for identifier, actor in actors.items()
            if actor is not None and base_rows(entity, actor).filter(pk=row.id).exists()
        }
        assert set(listed(world, entity, row.id)) == able, (row, world.people)


def test_the_list_is_the_answer_of_the_rights_engine(company: World) -> None:
    entity = registry.get("lead")
    populate(company, entity)
    for depth in range(len(DEPTHS)):
        company.grant(entity, every=depth)
        agrees(company, entity)
    company.manage(1)
    company.grant(entity, every=1)
    agrees(company, entity)
    theirs = next(r for r in company.rows if r.owner == company.people["colleague"] and not r.shares)
    assert listed(company, entity, theirs.id)[str(company.viewer_id)] == ["manager"]
    # somebody disabled, and somebody whose unit was, sees nothing any more
    SystemUser.objects.filter(pk=company.people["below"]).update(state="inactive")
    agrees(company, entity)
    products = registry.get("product")  # without owners
    company.rows.clear()
    populate(company, products)
    agrees(company, products)


def test_pages_and_names_for_those_who_may_know(company: World, workspace: Any) -> None:
    entity = registry.get("lead")
    populate(company, entity)
    company.grant(entity, every=5)
    address = f"/leads/{company.rows[0].id}/access/people"
    status, whole = company.viewer_api.get(address)
    assert status == 200 and whole["total"] == len(whole["rows"]) > 2 and whole["next"] is None
    names = [row["user"]["name"] for row in whole["rows"]]
    assert names == sorted(names)
    status, first = company.viewer_api.get(f"{address}?limit=2")
    status, rest = company.viewer_api.get(f"{address}?limit=200&cursor={first['next']}")
    assert first["rows"] + rest["rows"] == whole["rows"] and first["total"] == whole["total"]
    status, vera = company.viewer_api.get(f"{address}?q=vera")
    assert [row["user"]["name"] for row in vera["rows"]] == ["Vera Viewer"]
    for wrong in ("limit=0", "limit=201", "limit=x", "cursor=-1", "cursor=%00", "other=1"):
        assert company.viewer_api.get(f"{address}?{wrong}")[0] == 400, wrong
    # who may not read who works here is told nothing, nor who may not read the record
    only_leads = company.role.__class__.objects.create(name="Leads only", privileges={"lead": {"read": 5}})
    _user, api = person(workspace, "only@example.com", str(only_leads.pk), name="Only Leads")
    assert api.get(f"/leads/{company.rows[0].id}")[0] == 200
    status, refused = api.get(address)
    assert (status, refused["code"]) == (403, "privilege.missing")
    assert api.get(f"/leads/{company.rows[0].id}?include=access")[0] == 403
    company.grant(entity, every=1)
    hidden = sorted(company.ids - company.expected(entity, {"read": 1}, "read"))[0]
    assert company.viewer_api.get(f"/leads/{hidden}/access/people")[0] == 404


def test_it_takes_as_many_statements_for_many_as_for_few(company: World) -> None:
    entity = registry.get("lead")
    populate(company, entity)
    record = company.rows[0].id

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            explanation.people_with_access(entity, record, company.admin)
        return len(captured)

    statements()
    few = statements()
    for number in range(12):
        create_system_user(
            f"More {number}", None, roles=["salesperson"], business_unit_id=company.units["north"]
        )
    statements()  # the change of rights is noticed once
    assert statements() == few <= 12
