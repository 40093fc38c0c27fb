"""Sample data: believable, around today, gone with one action but for what people worked on (PEERS.md §5.1)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.errors import Forbidden
from crm_core.records import service
from crm_core.records.query.query import Query
from crm_core.security import services as people
from crm_core.security.actor import Actor, actor_for_login, system_actor
from crm_core.security.models import SystemUser
from onboarding.sample.build import PRIMARY_CONTACTS
from onboarding.sample.languages import texts
from onboarding.services import sample_data
from tenants.identity.models import User
from tenants.identity.tokens import create_api_token
from tenants.models import Tenant

EXPECTED = {
    "product": 8,
    "account": 20,
    "contact": 40,
    "lead": 25,
    "opportunity": 40,
    "activity": 60,
    "note": 4,
}


@pytest.fixture
def admin(workspace: Tenant) -> Actor:
    """The first administrator, acting on the screen."""
    login = User.objects.filter(is_admin=True).order_by("created_at")[0]
    found = actor_for_login(login.pk, "screen")
    assert found is not None
    return found


@pytest.fixture
def filled(workspace: Tenant, admin: Actor) -> dict[str, int]:
    return sample_data.create(workspace, [admin.user_id])


def rows(name: str, paths: list[str], **where: Any) -> list[dict[str, Any]]:
    query = Query(registry.get(name), system_actor()).where(Q(is_sample=True, **where))
    return query.page(paths, limit=1000).rows


def count(name: str, **where: Any) -> int:
    return Query(registry.get(name), system_actor()).where(Q(**where)).count("exact")["value"]


@pytest.mark.parametrize("language", ["en", "de", "sv"])
def test_it_fills_a_workspace_in_its_language(workspace: Tenant, admin: Actor, language: str) -> None:
    workspace.language = language
    assert sample_data.create(workspace, [admin.user_id]) == EXPECTED
    names = {row["name"] for row in rows("account", ["name"])}
    assert names == {company.name for company in texts(language).companies}
    assert ("Kanzlei Vogt & Partner" in names) == (language == "de")


@pytest.mark.parametrize("currency", ["EUR", "JPY", "SEK", "KWD"])
def test_amounts_fit_the_currency(workspace: Tenant, admin: Actor, currency: str) -> None:
    from crm_core.metadata.models import Currency

    Currency.objects.update(is_base=False)
    Currency.objects.update_or_create(
        code=currency, defaults={"precision": 0 if currency == "JPY" else 2, "rate": 1, "is_base": True}
    )
    workspace.currency = currency
    sample_data.create(workspace, [admin.user_id])
    assert all(float(row["estimated_revenue"]) > 0 for row in rows("opportunity", ["estimated_revenue"]))


def test_creating_twice_does_nothing_more(workspace: Tenant, admin: Actor, filled: dict[str, int]) -> None:
    assert sample_data.create(workspace, [admin.user_id]) == {}
    assert count("account", is_sample=True) == 20


def test_dates_lie_around_today(filled: dict[str, int]) -> None:
    today = timezone.now().date()
    won = rows("opportunity", ["actual_close_date", "actual_revenue"], state="won")
    assert 10 <= len(won) <= 18
    closed = sorted(row["actual_close_date"] for row in won)
    assert (today - timedelta(days=245)).isoformat() <= closed[0] <= (today - timedelta(days=180)).isoformat()
    assert (today - timedelta(days=30)).isoformat() <= closed[-1] <= today.isoformat()
    assert all(float(row["actual_revenue"]) > 0 for row in won)
    due = [row["scheduled_end"] for row in rows("task", ["scheduled_end"], state="open")]
    assert any(text < timezone.now().isoformat() for text in due) and any(
        text > timezone.now().isoformat() for text in due
    )


def test_every_stage_has_open_opportunities(filled: dict[str, int]) -> None:
    stages = [row["stage"] for row in rows("opportunity", ["stage"], state="open")]
    assert {1, 2, 3, 4} == set(stages) and min(stages.count(stage) for stage in (1, 2, 3, 4)) >= 2


def test_contacts_and_opportunities_belong_together(filled: dict[str, int]) -> None:
    parents = {row["id"]: row["parent_customer"]["id"] for row in rows("contact", ["parent_customer"])}
    for row in rows("opportunity", ["customer", "contact"]):
        assert parents[row["contact"]["id"]] == row["customer"]["id"]
    primary = [row["primary_contact"] for row in rows("account", ["primary_contact"])]
    assert sum(contact is not None for contact in primary) == PRIMARY_CONTACTS


def test_no_address_or_number_can_belong_to_anybody(filled: dict[str, int]) -> None:
    for language in ("en", "de"):
        assert all(company.domain.endswith(".example") for company in texts(language).companies)
    for name in ("account", "contact", "lead"):
        assert all(row["email"].endswith(".example") for row in rows(name, ["email"]))
    addresses = [row["email"] for row in rows("contact", ["email"])]
    assert len(addresses) == len(set(addresses))


def test_work_is_spread_over_the_given_owners(workspace: Tenant, admin: Actor) -> None:
    colleague = people.create_system_user("Cleo Colleague", "cleo@acme.test", roles=["salesperson"])
    sample_data.create(workspace, [admin.user_id, colleague.pk])
    owners = [row["owner"]["id"] for row in rows("account", ["owner"])]
    assert owners.count(str(colleague.pk)) == owners.count(str(admin.user_id)) == 10


def test_untouched_sample_data_are_removed_without_trace(admin: Actor, filled: dict[str, int]) -> None:
    result = sample_data.remove(admin)
    assert result["kept"] == [] and result["removed"]["account"] == 20 and result["removed"]["contact"] == 40
    for name in sample_data.OBJECTS:
        assert registry.get(name).model.objects.count() == 0, name
    assert not sample_data.is_present()
    assert sample_data.remove(admin) == {"removed": {}, "kept": []}


def test_what_people_changed_stays_with_what_it_needs(admin: Actor, filled: dict[str, int]) -> None:
    entity = registry.get("opportunity")
    row = rows("opportunity", ["customer", "contact", "product"], state="open")[0]
    service.update(entity, uuid.UUID(row["id"]), {"description": "Called them."}, admin)
    result = sample_data.remove(admin)
    kept = {(item["object"], item["id"]) for item in result["kept"]}
    assert ("opportunity", row["id"]) in kept and ("account", row["customer"]["id"]) in kept
    assert ("contact", row["contact"]["id"]) in kept and ("product", row["product"]["id"]) in kept
    assert count("opportunity") == 1 and count("account") == 1
    assert all(item["name"] for item in result["kept"])
    assert not sample_data.is_present()  # the kept ones are ordinary records now


def test_what_ones_own_records_refer_to_stays(admin: Actor, filled: dict[str, int]) -> None:
    account = rows("account", ["name"])[3]
    lead = rows("lead", ["topic"], state="open")[0]
    customer = {"object": "account", "id": account["id"]}
    mine = service.create(registry.get("opportunity"), {"topic": "Mine", "customer": customer}, admin)
    regarding = {"object": "lead", "id": lead["id"]}
    task = service.create(registry.get("task"), {"subject": "Call", "regarding": regarding}, admin)
    sample_data.remove(admin)
    assert count("account", pk=account["id"]) == count("lead", pk=lead["id"]) == 1
    assert count("opportunity", pk=mine.id) == count("task", pk=task.id) == 1


def test_what_ones_own_records_in_the_bin_need_stays_and_thrown_away_samples_go(
    admin: Actor, filled: dict[str, int]
) -> None:
    deals, account = registry.get("opportunity"), rows("account", ["name"])[3]["id"]
    customer = {"object": "account", "id": account}
    mine = service.create(deals, {"topic": "Mine", "customer": customer}, admin)
    thrown = rows("opportunity", ["topic"], state="open")[0]["id"]
    for record_id in (mine.id, uuid.UUID(thrown)):
        service.delete(deals, record_id, admin)
    result = sample_data.remove(admin)
    assert [(k["object"], k["id"]) for k in result["kept"]] == [("account", account)]
    assert result["removed"]["account"] == 19 and set(deals.model.objects.values_list("pk", flat=True)) == {
        mine.id
    }
    service.restore(deals, mine.id, admin)
    assert Query(deals, admin).one(mine.id, ["customer"])["customer"]["id"] == account


def test_ones_own_records_are_never_removed(admin: Actor, filled: dict[str, int]) -> None:
    mine = service.create(registry.get("account"), {"name": "Real Ltd"}, admin)
    sample_data.remove(admin)
    assert [row["id"] for row in Query(registry.get("account"), admin).page(["name"]).rows] == [str(mine.id)]


def test_only_administrators_remove(workspace: Tenant, admin: Actor, filled: dict[str, int]) -> None:
    login = User.objects.create_user("seller@acme.test", "x" * 12)
    people.create_system_user("Seller", login.email, login_id=login.pk, roles=["salesperson"])
    with pytest.raises(Forbidden):
        sample_data.remove(actor_for_login(login.pk, "screen"))
    assert count("account", is_sample=True) == 20


@pytest.fixture
def api(workspace: Tenant) -> Client:
    login = User.objects.filter(is_admin=True).order_by("created_at")[0]
    _token, secret = create_api_token(login, "test")
    return Client(SERVER_NAME="acme.localhost", headers={"authorization": f"Bearer {secret}"})


def steps(api: Client) -> dict[str, bool]:
    return {item["key"]: item["done"] for item in api.get("/api/v1/onboarding").json()["items"]}


def test_the_checklist_is_ticked_by_facts(api: Client, admin: Actor, filled: dict[str, int]) -> None:
    before = steps(api)
    assert set(before) == {"import", "opportunity", "activity", "invite", "adapt", "view"}
    assert not before["opportunity"] and not before["activity"]  # sample records tick nothing
    account = service.create(registry.get("account"), {"name": "Real Ltd"}, admin)
    customer = {"object": "account", "id": str(account.id)}
    service.create(registry.get("opportunity"), {"topic": "Mine", "customer": customer}, admin)
    service.create(registry.get("task"), {"subject": "Call"}, admin)
    after = steps(api)
    assert after["opportunity"] and after["activity"] and not after["import"]


def test_people_without_the_right_do_not_see_administrators_steps(workspace: Tenant) -> None:
    login = User.objects.create_user("seller@acme.test", "x" * 12)
    people.create_system_user("Seller", login.email, login_id=login.pk, roles=["salesperson"])
    _token, secret = create_api_token(login, "test")
    seller = Client(SERVER_NAME="acme.localhost", headers={"authorization": f"Bearer {secret}"})
    assert set(steps(seller)) == {"import", "opportunity", "activity", "view"}


def test_the_checklist_is_dismissed_per_person(api: Client, workspace: Tenant) -> None:
    person = SystemUser.objects.order_by("created_at")[0]
    SystemUser.objects.filter(pk=person.pk).update(preferences={"density": "compact"})
    answer = api.post("/api/v1/onboarding/actions/dismiss", {}, content_type="application/json")
    assert answer.status_code == 200 and answer.json()["dismissed"] is True
    assert api.get("/api/v1/onboarding").json()["dismissed"] is True
    person.refresh_from_db()
    assert person.preferences["density"] == "compact"
    api.post("/api/v1/onboarding/actions/show", {}, content_type="application/json")
    assert api.get("/api/v1/onboarding").json()["dismissed"] is False


def test_sample_data_are_removed_by_one_request(api: Client, filled: dict[str, int]) -> None:
    assert api.get("/api/v1/onboarding").json()["sample_data"] is True
    answer = api.post("/api/v1/onboarding/actions/remove_sample_data", {}, content_type="application/json")
    assert answer.status_code == 200 and answer.json()["kept"] == []
    assert api.get("/api/v1/onboarding").json()["sample_data"] is False


@pytest.mark.parametrize("action", ["explode", "dismiss2", "..", "remove"])
def test_unknown_actions(api: Client, action: str) -> None:
    answer = api.post(f"/api/v1/onboarding/actions/{action}", {}, content_type="application/json")
    assert answer.status_code in (404, 405)


def test_planned_work_is_not_put_on_weekends(filled: dict[str, int]) -> None:
    today = timezone.now().date()
    for name in ("task", "phone_call", "appointment"):
        for row in rows(name, ["scheduled_end"]):
            day = datetime.fromisoformat(row["scheduled_end"]).date()
            assert day.weekday() < 5 or day == today
