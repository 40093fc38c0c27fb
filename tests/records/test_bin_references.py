"""What lies in the recycle bin and still refers to another record: one answer for every kind of reference (PLT-20, CUS-16.4)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict
from crm_core.records import bulk, jobs, recycle_bin, service
from crm_core.records.models import AuditEntry, JobFailure
from crm_core.records.query import Query
from crm_core.records.service.destroying import purge_expired
from crm_core.security.actor import Actor
from tests.api_client import ApiClient, person
from tests.records.test_cascades import behave, boats, deal, finish
from tests.sales_people import everything, make, read, refers


@pytest.fixture
def api(seeded: Any, admin: Actor) -> ApiClient:
    return person(seeded, "bea@example.com", "system_administrator", name="Bea")[1]


def references(boat: Entity, admin: Actor, delete: str) -> list[tuple[str, str, dict[str, Any]]]:
    """(object, attribute, other values) of a reference of each kind with this behaviour: column, two columns, any object, own."""
    own = boats(boat, admin, on_delete=delete)
    kinds = [
        ("account", "parent_account", {"name": "Child"}),
        ("contact", "parent_customer", {"last_name": "Child"}),
        ("task", "regarding", {"subject": "Child"}),
    ]
    for name, attribute, _values in kinds:
        behave(name, attribute, admin, delete=delete)
    return [*kinds, ("c_boat", own, {"name": "Child"})]


def bring_back(api: ApiClient, name: str, record_id: uuid.UUID) -> tuple[int, Any]:
    return api.post("/recycle_bin/restore", {"object": name, "id": str(record_id)})


def destroy(api: ApiClient, name: str, record_id: uuid.UUID) -> tuple[int, Any]:
    return api.post("/recycle_bin/purge", {"object": name, "id": str(record_id)})


def test_a_child_in_the_bin_that_cannot_be_without_its_parent(
    boat: Entity, admin: Actor, api: ApiClient
) -> None:
    """It does not keep the parent out of the bin, but from being destroyed; and comes back after it only."""
    kinds = [*references(boat, admin, "restrict"), ("opportunity", "customer", {"topic": "Child"})]
    for name, attribute, values in kinds:
        entity, plural = registry.get(name), registry.get(name).plural
        parent = make("account", admin, name=f"Parent of {name}")
        child = make(name, admin, **values, **{attribute: refers("account", parent)})
        assert api.delete(f"/{plural}/{child}")[0] == 204
        assert api.delete(f"/accounts/{parent}")[0] == 204
        before = everything()
        status, answer = destroy(api, "account", parent)
        assert (status, answer["code"], answer["details"]) == (409, "record.restrict_delete", {plural: 1})
        status, answer = bring_back(api, name, child)
        assert (status, answer["code"], answer["field"]) == (409, "record.parent_deleted", attribute)
        assert answer["details"] == refers("account", parent)
        assert everything() == before
        assert [bring_back(api, *one)[0] for one in (("account", parent), (name, child))] == [200, 200]
        assert Query(entity, admin).one(child, [attribute])[attribute]["id"] == str(parent)
        assert api.delete(f"/{plural}/{child}")[0] == api.delete(f"/accounts/{parent}")[0] == 204
        assert [destroy(api, *one)[0] for one in ((name, child), ("account", parent))] == [204, 204]


def test_a_child_in_the_bin_that_can_be_without_its_parent(
    boat: Entity, admin: Actor, api: ApiClient
) -> None:
    """It comes back referring to nothing, and is linked again when the parent comes back; a destroyed one is forgotten."""
    for name, attribute, values in references(boat, admin, "remove_link"):
        entity, plural = registry.get(name), registry.get(name).plural
        parent = make("account", admin, name=f"Parent of {name}")
        child = make(name, admin, **values, **{attribute: refers("account", parent)})
        for path in (f"/{plural}/{child}", f"/accounts/{parent}"):
            assert api.delete(path)[0] == 204
        assert bring_back(api, name, child)[0] == 200
        assert Query(entity, admin).one(child, [attribute])[attribute] is None
        assert bring_back(api, "account", parent)[0] == 200
        assert Query(entity, admin).one(child, [attribute])[attribute]["id"] == str(parent)
        for path in (f"/{plural}/{child}", f"/accounts/{parent}"):
            assert api.delete(path)[0] == 204
        assert destroy(api, "account", parent)[0] == 204
        assert bring_back(api, name, child)[0] == 200
        assert Query(entity, admin).one(child, [attribute])[attribute] is None
        held = {"attribute": attribute, "operator": "not_empty"}
        assert Query(entity, admin).filter(held).total() == 0


def test_the_sweep_and_mass_deletion_answer_alike(boat: Entity, admin: Actor) -> None:
    own = boats(boat, admin, on_delete="restrict")
    boat, account = registry.get("c_boat"), registry.get("account")
    parent, young = make("account", admin, name="Parent"), make("account", admin, name="Young")
    child = make("c_boat", admin, name="Child", **{own: str(parent)})
    gone = bulk.start(boat, {"operation": "delete", "ids": [str(child)]}, admin)
    bulk.start(account, {"operation": "delete", "ids": [str(parent), str(young)]}, admin)
    jobs.control(gone.pk, "undo", admin)
    finish(gone.pk)
    failure = JobFailure.objects.get(job=gone)
    assert (failure.code, failure.record_id) == ("record.parent_deleted", child)
    account.model.objects.filter(pk=parent).update(deleted_at=timezone.now() - timedelta(days=31))
    assert purge_expired() == 0 and account.model.objects.filter(pk=parent).exists()
    boat.model.objects.filter(pk=child).update(deleted_at=timezone.now() - timedelta(days=31))
    assert purge_expired() + purge_expired() == 2
    assert account.model.objects.filter(pk__in=[parent, young]).count() == 1


def test_parts_in_the_bin_go_with_their_whole(seeded: Any, admin: Actor) -> None:
    """A line deleted before its opportunity does not keep it; its end is in the audit like the others'."""
    x = make("account", admin, name="X")
    one = deal("One", x, admin)
    line = make(
        "opportunity_product", admin, name="Hull", opportunity=refers("opportunity", one), quantity="1"
    )
    service.delete(registry.get("opportunity_product"), line, admin)
    service.delete(registry.get("opportunity"), one, admin)
    with pytest.raises(Conflict) as refused:
        service.restore(registry.get("opportunity_product"), line, admin)
    assert refused.value.code == "record.parent_deleted"
    row = recycle_bin.rows(admin, "opportunity")["rows"][0]
    assert [(w["object"], w["count"]) for w in row["with"]] == [("opportunity_product", 1)]
    service.purge(registry.get("opportunity"), one, admin)
    ended = AuditEntry.objects.filter(operation="purge").values_list("object", "record_id")
    assert set(ended) == {("opportunity", one), ("opportunity_product", line)}
    assert read("account", x, admin)["name"] == "X"
