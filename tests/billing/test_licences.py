"""Read-only seats: cheaper, counted apart, and no door through which they change anything (ASP-1 licence kinds)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from billing.models import Invoice, Subscription
from billing.services import addons, meters, purchase, seats, terms
from crm_core.metadata import registry
from crm_core.records import administering, service
from crm_core.security.actor import Actor, actor_for
from crm_core.security.depth import PRIVILEGES, Depth
from tenants.context import activate, activate_public
from tenants.errors import TenantRefusal
from tenants.identity.models import User
from tenants.models import Tenant
from tests.api_client import ApiClient, person
from tests.billing.conftest import add_users
from tests.billing.test_acceptance import signed_in
from tests.conformance.values import minimal

Buy = Callable[..., Subscription]
READ_ONLY = "read_only_user"


@pytest.fixture
def admin(tenant: Tenant) -> ApiClient:
    """An administrator beside the owner."""
    return person(tenant, "admin@acme.test", "system_administrator")[1]


def reader(tenant: Tenant, admin: ApiClient, *roles: str) -> tuple[Any, ApiClient]:
    """Somebody who is given a read-only seat by the administrator."""
    user, api = person(tenant, f"reader{User.objects.count()}@acme.test", *(roles or ("salesperson",)))
    status, answer = admin.call("PUT", f"/users/{user.pk}/licence", {"licence": "read_only"})
    assert (status, answer) == (200, {"licence": "read_only"})
    return user, api


def test_seats_of_both_kinds_are_bought_and_counted_apart(tenant: Tenant, buy: Buy, admin: ApiClient) -> None:
    buy(seats=2)
    signed_in(tenant)
    user, _api = person(tenant, "rita@acme.test", "salesperson")  # a third full user: more than are paid
    refused = admin.call("PUT", f"/users/{user.pk}/licence", {"licence": "read_only"})
    assert (refused[0], refused[1]["code"]) == (402, "plan.seats")
    addons.set_addons(tenant, {READ_ONLY: 1}, by="t", key="1")
    invoice = Invoice.objects.get(tenant=tenant, reason="subscription_update")
    assert (invoice.net_minor, invoice.total_minor) == (800, 952)
    assert admin.call("PUT", f"/users/{user.pk}/licence", {"licence": "read_only"})[0] == 200
    assert seats.taken(tenant) == {"users": 2, "read_only_users": 1}
    tenant.refresh_from_db()
    shown = {m.code: (m.used, m.most) for m in meters.meters_of(tenant)}
    assert (shown["users"], shown["read_only_users"]) == ((2, 2), (1, 1))
    status, answer = admin.get("/licences")
    assert status == 200 and answer["users"][str(user.pk)] == "read_only"
    assert answer["seats"] == {"full": {"used": 2, "limit": 2}, "read_only": {"used": 1, "limit": 1}}
    refused = admin.call("PUT", f"/users/{user.pk}/licence", {"licence": "full"})
    assert (refused[0], refused[1]["code"]) == (402, "plan.seats")

    with pytest.raises(TenantRefusal) as kept:  # taken: it can't go
        addons.set_addons(tenant, {READ_ONLY: 0}, by="t", key="2")
    assert (kept.value.status, kept.value.code) == (409, "addon.in_use")
    assert kept.value.details["exceeded"] == [{"meter": "read_only_users", "used": 1, "limit": 0}]
    assert admin.post(f"/users/{user.pk}/actions/disable")[0] == 200
    addons.set_addons(tenant, {READ_ONLY: 0}, by="t", key="3")  # from the renewal on
    assert terms.items_of(Subscription.objects.get(tenant=tenant), later=True) == {}
    assert admin.post(f"/users/{user.pk}/actions/enable")[0] == 200  # paid until then


def test_a_purchase_covers_the_readers_there_are(tenant: Tenant, admin: ApiClient) -> None:
    reader(tenant, admin)  # a trial has ten
    with pytest.raises(TenantRefusal) as refused:
        purchase.preview_purchase(tenant, "professional", "month", 2)
    assert (refused.value.status, refused.value.code, refused.value.field) == (
        409,
        "plan.seats_in_use",
        "addons",
    )
    preview = purchase.preview_purchase(tenant, "professional", "month", 2, addons={READ_ONLY: 1})
    assert preview.net_minor == 2 * 3000 + 800


def test_every_object_is_read_and_none_is_written(tenant: Tenant, admin: ApiClient) -> None:
    user, api = reader(tenant, admin, "sales_manager")
    with activate(tenant):
        registry.forget()
        actor = actor_for(user.pk)
        assert actor is not None and actor.reads_only
        for entity in registry.all():
            for privilege in PRIVILEGES:
                if privilege not in ("read", "export"):
                    assert actor.depth(entity, privilege) == Depth.NONE, (entity.name, privilege)
        assert actor.depth(registry.get("account"), "read") > Depth.NONE
        system = Actor(user_id=None, is_administrator=True)
        made = service.create(registry.get("account"), minimal(registry.get("account"), system, 1), system)
    account = str(made.id)
    assert api.get("/session")[1]["user"]["reads_only"] is True
    writes: list[tuple[str, str, Any]] = [
        ("POST", "/accounts", {"name": "X"}),
        ("PATCH", f"/accounts/{account}", {"name": "X"}),
        ("DELETE", f"/accounts/{account}", None),
        ("POST", f"/accounts/{account}/actions/assign", {"owner": str(user.pk)}),
        ("POST", "/accounts/bulk", {"operation": "edit", "ids": [account], "values": {"name": "X"}}),
        ("POST", "/accounts/merge", {"master": account, "subordinate": account}),
        ("POST", "/imports", {}),
        ("POST", "/files", {}),
        ("POST", "/views", {"object": "account", "name": "Mine"}),
        ("POST", "/invitations", {"email": "x@partner-firma.de", "role": "salesperson"}),
        ("PUT", f"/users/{user.pk}/licence", {"licence": "full"}),
    ]
    for method, path, body in writes:
        status, answer = api.call(method, path, body)
        assert (status, answer["code"]) == (403, "licence.read_only"), path
    operations = [{"method": method, "path": path, "body": body or {}} for method, path, body in writes[:3]]
    results = api.post("/batch", {"operations": operations})[1]["results"]
    assert [(r["status"], r["body"]["code"]) for r in results] == [(403, "licence.read_only")] * 3
    status, row = admin.get(f"/accounts/{account}")
    assert (status, row["version"]) == (200, 1)  # nothing changed
    with activate(tenant):
        assert User.objects.get(email=user.email).licence == "read_only"

    assert api.post("/accounts/query", {"limit": 5})[0] == 200
    assert api.post("/accounts/export", {"format": "csv"})[0] in (200, 201, 202)
    assert api.patch("/preferences", {"density": "compact"})[0] == 200  # how he works is his own


def test_below_the_api_the_rights_say_no_too(tenant: Tenant, admin: ApiClient) -> None:
    from crm_core.metadata.errors import Forbidden

    user, _api = reader(tenant, admin, "sales_manager")
    with activate(tenant):
        registry.forget()
        actor = actor_for(user.pk, "job")
        assert actor is not None
        entity = registry.get("account")
        with pytest.raises(Forbidden):
            service.create(entity, minimal(entity, actor, 1), actor)
        assert not entity.model.objects.exists()
        assert not actor.can("bulk") and not actor.can("manage_users")


def test_a_full_seat_gives_everything_back_at_once(tenant: Tenant, admin: ApiClient) -> None:
    user, api = reader(tenant, admin)
    assert api.post("/accounts", {"name": "Nord AG"})[0] == 403
    assert admin.call("PUT", f"/users/{user.pk}/licence", {"licence": "full"})[0] == 200
    assert api.post("/accounts", {"name": "Nord AG"})[0] == 201


@pytest.mark.parametrize("licence", [None, "", "portal", 1, [], {"a": 1}, "FULL"])
def test_odd_licences_are_refused(tenant: Tenant, admin: ApiClient, licence: Any) -> None:
    user, _api = person(tenant, "rita@acme.test", "salesperson")
    status, answer = admin.call("PUT", f"/users/{user.pk}/licence", {"licence": licence})
    assert (status, answer["code"], answer["field"]) == (400, "licence.unknown", "licence")


def test_administrators_take_full_seats(tenant: Tenant, admin: ApiClient) -> None:
    other, _api = person(tenant, "boss@acme.test", "system_administrator")
    status, answer = admin.call("PUT", f"/users/{other.pk}/licence", {"licence": "read_only"})
    assert (status, answer["code"]) == (409, "licence.administrator")
    user, _api = reader(tenant, admin)
    roles = [role["id"] for role in admin.get(f"/users/{other.pk}/roles")[1]["roles"]]
    status, answer = admin.call("PUT", f"/users/{user.pk}/roles", {"roles": roles})
    assert (status, answer["code"]) == (409, "licence.administrator")
    me = admin.get("/session")[1]["user"]["id"]
    status, answer = admin.call("PUT", f"/users/{me}/licence", {"licence": "read_only"})
    assert (status, answer["code"]) == (403, "user.yourself")


def test_only_who_manages_users_gives_licences(tenant: Tenant, admin: ApiClient) -> None:
    user, api = person(tenant, "rita@acme.test", "salesperson")
    assert api.call("PUT", f"/users/{user.pk}/licence", {"licence": "read_only"})[0] == 403
    assert api.get("/licences")[0] == 403
    with activate(tenant):
        assert User.objects.get(email="rita@acme.test").licence == "full"


@pytest.mark.real_commit
def test_the_last_seat_is_given_once(workspace: Tenant) -> None:
    """C2: two administrators give the only read-only seat to two people at the same moment."""
    with activate(workspace):
        _admin, _api = person(workspace, "admin@acme.test", "system_administrator")
        people = [person(workspace, f"r{number}@acme.test", "salesperson")[0].pk for number in range(3)]
    with activate_public():
        Tenant.objects.filter(pk=workspace.pk).update(entitlements={"limits": {"read_only_users": 1}})
        workspace.refresh_from_db()
    given, refused = [], []

    def give(user_id: Any) -> None:
        try:
            with activate(workspace):
                actor = actor_for(_admin.pk)
                assert actor is not None
                administering.change_licence(user_id, "read_only", actor)
            given.append(user_id)
        except TenantRefusal as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=give, args=(pk,)) for pk in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(given), refused) == (1, ["plan.seats"] * 2)


def test_more_readers_do_not_need_full_seats(tenant: Tenant, buy: Buy, admin: ApiClient) -> None:
    buy(seats=2)
    addons.set_addons(tenant, {READ_ONLY: 3}, by="t", key="1")
    tenant.refresh_from_db()
    with activate(tenant):
        User.objects.create_user("old@acme.test", is_active=False, licence="read_only")
    assert seats.active_users(tenant) == 2
    with pytest.raises(TenantRefusal):
        purchase.check_seats(tenant, Subscription.objects.get(tenant=tenant).price, 1)
    add_users(tenant, 1)
    assert seats.taken(tenant) == {"users": 3, "read_only_users": 0}
