"""Plans in operators' hands: drafts, four eyes, what customers see and keep, private plans, off sale (ASP-1 Plan, ASP-30)."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from billing import catalogue
from billing.models import Plan, PlanDraft, PlanPrice, PlanVersion, Subscription
from billing.providers import provider_named
from billing.providers.builtin.models import Price
from billing.providers.interface import ProviderError
from billing.services import catalogue as service
from billing.services import changes, plan_drafts, plan_terms, purchase
from saas.console.plan_form import TermsForm, initial
from tenants.context import activate_public
from tenants.errors import TenantRefusal
from tenants.models import OperatorAudit, Tenant
from tenants.operator.models import Approval, Role
from tests.billing.test_acceptance import signed_in
from tests.tenants import operators

Buy = Callable[..., Subscription]
REASON = "prices of the new year, decided on 12 May"


def form_of(code: str, **changed: str) -> dict[str, str]:
    """What the browser sends back when nothing but `changed` was touched."""
    plan = Plan.objects.get(code=code)
    draft = PlanDraft.objects.filter(plan=plan).first()
    terms = plan_terms.from_json(draft.terms) if draft else plan_terms.of_version(current(code))
    features = list(catalogue_features(terms))
    first = initial(terms, features, draft.revision if draft else 0)
    shown = {name: value for name, value in first.items() if name in TermsForm(plan, features, "en").fields}
    sent = {k: "on" if v is True else str(v) for k, v in shown.items() if v is not None and v is not False}
    return {**sent, **changed}


def current(code: str) -> PlanVersion:
    found = plan_drafts.current_of(Plan.objects.get(code=code))
    assert found is not None
    return found


def catalogue_features(terms: plan_terms.Terms) -> Any:
    from billing.models import Feature

    return Feature.objects.filter(code__in=terms.features)


def on_sale(code: str, asking: Client, approving: Client, **changed: str) -> PlanVersion:
    """The whole way through the console: draft, asked for, approved by a second operator."""
    answer = asking.post(f"/plans/{code}/draft/", form_of(code, **changed))
    assert answer.status_code == 302, operators.facts(answer.content)
    draft = PlanDraft.objects.get(plan__code=code)
    asked = asking.post(f"/plans/{code}/sale/", {"revision": draft.revision, "reason": REASON})
    assert asked.status_code == 302, operators.facts(asked.content)
    waiting = Approval.objects.get(act="plan.put_on_sale", state="pending")
    assert approving.post(f"/approvals/{waiting.pk}/approve/").status_code == 302
    return current(code)


@pytest.fixture
def two(tenant: Tenant) -> tuple[Client, Client]:
    """Two operators: one for money, one for everything."""
    return operators.signed_in("money@example.com", Role.BILLING), operators.signed_in("second@example.com")


def test_new_terms_go_on_sale_by_two_and_running_subscriptions_keep_theirs(
    tenant: Tenant, buy: Buy, two: tuple[Client, Client]
) -> None:
    buy(seats=4)
    money, second = two
    changed = {"price_month_EUR": "33.50", "price_year_EUR": "335", "feature_custom_objects": "10"}
    assert money.post("/plans/professional/draft/", form_of("professional", **changed)).status_code == 302
    assert service.current_version("professional").number == 1  # a draft sells nothing
    assert "€33.50" not in Client(SERVER_NAME="localhost").get("/pricing/?currency=EUR").content.decode()
    page = operators.facts(money.get("/plans/professional/").content)
    assert "€30.00" in page and "€33.50" in page and "+11.7 %" in page
    assert "1 running subscription keeps its terms" in page and "120.00 EUR" in page
    wish = {"revision": "1", "reason": REASON}
    assert money.post("/plans/professional/sale/", {**wish, "reason": "x"}).status_code == 422
    assert money.post("/plans/professional/sale/", wish).status_code == 302
    assert money.post("/plans/professional/sale/", wish).status_code == 409  # the second click
    waiting = Approval.objects.get(act="plan.put_on_sale")
    assert waiting.tenant is None and money.post(f"/approvals/{waiting.pk}/approve/").status_code == 403
    assert service.current_version("professional").number == 1
    listed = operators.facts(second.get("/approvals/").content)
    assert "Per user and month in EUR: €30.00 → €33.50" in listed and "keeps its terms" in listed
    assert second.post(f"/approvals/{waiting.pk}/approve/").status_code == 302
    assert second.post(f"/approvals/{waiting.pk}/approve/").status_code == 409
    made = service.current_version("professional")
    assert (made.number, made.made_by, PlanVersion.objects.filter(plan=made.plan).count()) == (
        2,
        "second@example.com",
        2,
    )
    noted = OperatorAudit.objects.get(act="plan.put_on_sale")
    assert noted.reason == REASON and noted.details["requested_by"] == "money@example.com"
    # Everywhere at once, and at the provider.
    site = Client(SERVER_NAME="localhost")
    assert "33.50" in site.get("/pricing/?currency=EUR").content.decode()
    assert "as much as ten months" in site.get("/?currency=EUR").content.decode()
    assert Price.objects.get(lookup_key="professional_v2_month_eur").unit_minor == 3350
    # Who runs on the old ones keeps them until he chooses.
    running = Subscription.objects.get(tenant=tenant)
    assert running.price.version.number == 1
    assert changes.set_seats(tenant, 5, by="owner@acme.test", key="k").state == "done"
    running.refresh_from_db()
    assert running.price.amount_minor == 3000
    on_sale("starter", *two, price_year_EUR="170")  # promises end with the prices that made them true
    assert "as much as ten months" not in site.get("/?currency=EUR").content.decode()
    browser = signed_in(tenant)
    assert "This plan has new terms" in browser.get("/billing/").content.decode()
    assert "€33.50" in browser.get("/billing/change/newer/").content.decode()
    both = operators.facts(money.get("/plans/professional/").content)
    assert "Retired" in both and "150.00 EUR" in both


def test_what_operators_sell_survives_a_delivery_that_is_reported(
    two: tuple[Client, Client], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = on_sale("starter", *two, price_month_EUR="19")
    assert service.sync_catalogue() == []
    other = dataclasses.replace(catalogue.PLANS[0], monthly={**catalogue.PLANS[0].monthly, "EUR": 1700})
    professional = dataclasses.replace(catalogue.PLANS[1], max_users=300)
    monkeypatch.setattr(service, "PLANS", (other, professional, catalogue.PLANS[2]))
    assert [str(v) for v in service.sync_catalogue()] == ["professional v2"]  # nobody took that one over
    assert service.current_version("starter") == made
    assert [v.plan.code for v in service.held_back()] == ["starter"]
    from django.core.management import call_command

    call_command("sync_catalogue")
    assert "starter is kept as operators sell it" in capsys.readouterr().out
    money = two[0]
    assert "The delivered catalogue has other terms" in money.get("/plans/").content.decode()
    page = operators.facts(money.get("/plans/starter/").content)
    assert "€19.00 → €17.00" in page
    assert 'value="17.00"' in money.get("/plans/starter/draft/?from=delivered").content.decode()


BAD = [
    {"price_month_EUR": ""}, {"price_month_EUR": "0"}, {"price_month_EUR": "-5"}, {"price_month_EUR": "19.999"},
    {"price_month_EUR": "1e5"}, {"price_month_EUR": "1.234,50"}, {"price_month_EUR": "٣"}, {"price_year_SEK": "9" * 19},
    {"name_en": ""}, {"pitch_en": "  "}, {"name_en": "x" * 61}, {"max_users": "0"}, {"min_users": "9", "max_users": "3"},
    {"trial_days": "400"}, {"trial_days": "x"}, {"feature_custom_objects": "-1"}, {"feature_custom_objects": "1.5"},
    {"feature_storage_bytes": "12"}, {"feature_storage_bytes": "0.0001 KB"}, {"feature_custom_objects": "9" * 16},
    {"revision": "x"},
]  # fmt: skip


def test_bad_terms_are_refused_where_they_are_and_nothing_is_kept(two: tuple[Client, Client]) -> None:
    money, _second = two
    for changed in BAD:
        answer = money.post("/plans/professional/draft/", form_of("professional", **changed))
        assert answer.status_code == 422, changed
        assert 'class="error"' in answer.content.decode() or "notice bad" in answer.content.decode(), changed
    assert not PlanDraft.objects.exists()
    assert not OperatorAudit.objects.filter(act__startswith="plan.").exists()


def test_others_read_and_change_nothing(two: tuple[Client, Client]) -> None:
    for role in (Role.SUPPORT, Role.READ_ONLY):
        client = operators.signed_in(f"{role}@example.com", role)
        assert client.get("/plans/").status_code == client.get("/plans/starter/").status_code == 200
        assert "Write new terms" not in client.get("/plans/starter/").content.decode()
        for path in ("starter/draft/", "starter/draft/discard/", "starter/sale/", "starter/offer/", "new/"):
            assert client.post(f"/plans/{path}", {"reason": REASON}).status_code == 403
    assert not PlanDraft.objects.exists() and service.current_version("starter").plan.origin == "delivered"


def test_two_operators_do_not_overwrite_each_other(two: tuple[Client, Client]) -> None:
    first, second = two
    seen_by_second = form_of("starter", price_month_EUR="18")
    mine = form_of("starter", price_month_EUR="17")
    assert first.post("/plans/starter/draft/", mine).status_code == 302
    assert first.post("/plans/starter/draft/", mine).status_code == 302  # the same click again is no change
    refused = second.post("/plans/starter/draft/", seen_by_second)
    assert refused.status_code == 409 and "Another operator has changed" in refused.content.decode()
    draft = PlanDraft.objects.get()
    assert (draft.revision, plan_terms.from_json(draft.terms).prices["month", "EUR"]) == (1, 1700)
    # What was asked for is not what is written any more: the request is taken back, nothing is approved unread.
    assert first.post("/plans/starter/sale/", {"revision": "1", "reason": REASON}).status_code == 302
    waiting = Approval.objects.get()
    assert second.post("/plans/starter/draft/", form_of("starter", price_month_EUR="21")).status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == "withdrawn"
    assert first.post(f"/approvals/{waiting.pk}/approve/").status_code == 409
    assert first.post("/plans/starter/sale/", {"revision": "1", "reason": REASON}).status_code == 409
    assert service.current_version("starter").number == 1
    assert second.post("/plans/starter/draft/discard/").status_code == 302
    assert not PlanDraft.objects.exists()


@pytest.mark.real_commit
def test_a_version_is_made_once_however_often_it_is_asked_for(tenant: Tenant) -> None:
    plan = Plan.objects.get(code="starter")
    terms = dataclasses.replace(plan_terms.of_version(service.current_version("starter")), max_users=12)
    codes: list[str] = []

    def act(work: Callable[[], Any]) -> None:
        try:
            with activate_public():
                work()
            codes.append("done")
        except TenantRefusal as refusal:
            codes.append(refusal.code)
        finally:
            connection.close()

    def at_once(*work: Callable[[], Any]) -> list[str]:
        codes.clear()
        threads = [threading.Thread(target=act, args=(one,)) for one in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(codes)

    other = dataclasses.replace(terms, max_users=13)
    assert at_once(
        lambda: plan_drafts.save_draft(plan, terms, seen=0, by="a@x.test"),
        lambda: plan_drafts.save_draft(plan, other, seen=0, by="b@x.test"),
    ) == ["done", "plan.draft_changed"]
    sell = lambda: plan_drafts.put_on_sale(plan, 1, by="a@x.test")  # noqa: E731
    assert at_once(sell, sell) == ["done", "plan.draft_changed"]
    assert PlanVersion.objects.filter(plan=plan).count() == 2


def test_a_provider_that_does_not_answer_changes_nothing(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan.objects.get(code="starter")
    terms = dataclasses.replace(plan_terms.of_version(service.current_version("starter")), max_users=12)
    plan_drafts.save_draft(plan, terms, seen=0, by="a@x.test")

    def away(_prices: Any) -> int:
        raise ProviderError("provider.unavailable")

    monkeypatch.setattr(provider_named("builtin"), "sync_catalogue", away)
    with pytest.raises(TenantRefusal) as refused:
        plan_drafts.put_on_sale(plan, 1, by="a@x.test")
    assert (refused.value.code, refused.value.status) == ("provider.unavailable", 503)
    plan.refresh_from_db()
    assert (plan.origin, service.current_version("starter").number) == ("delivered", 1)
    assert PlanDraft.objects.filter(plan=plan).exists()


def test_limits_below_what_is_used_are_allowed_and_said(
    tenant: Tenant, buy: Buy, two: tuple[Client, Client]
) -> None:
    buy(seats=4)
    money = two[0]
    assert money.post("/plans/professional/draft/", form_of("professional", max_users="3")).status_code == 302
    page = operators.facts(money.get("/plans/professional/").content)
    assert "Too small for what these customers use" in page and "4 used, 3 allowed" in page


def test_a_private_plan_is_for_chosen_workspaces_only(tenant: Tenant, two: tuple[Client, Client]) -> None:
    money, _second = two
    make = {"code": "school", "like": "professional", "reason": REASON}
    for code in ("", "School", "a b", "x_v1", "1x", "x" * 31, "_x"):
        assert money.post("/plans/new/", {**make, "code": code}).status_code == 422, code
    assert money.post("/plans/new/", make).status_code == 302
    assert money.post("/plans/new/", make).status_code == 409
    plan = Plan.objects.get(code="school")
    with pytest.raises(TenantRefusal):  # nobody before it is on sale
        purchase.find_price(tenant, "school", "month", "EUR")
    on_sale("school", *two, price_month_EUR="10", price_year_EUR="100", name_en="School", name_de="Schule")
    assert "School" not in Client(SERVER_NAME="localhost").get("/pricing/").content.decode()
    wish = {"plan": "school", "interval": "month", "seats": "2"}
    browser = signed_in(tenant)
    assert "School" not in browser.get("/billing/choose/").content.decode()
    assert browser.post("/billing/choose/", {**wish, "action": "pay"}).status_code == 422
    for buyers in ("nobody-there", "acme,nobody-there"):
        answer = money.post("/plans/school/offer/", {"whom": "chosen", "buyers": buyers, "reason": REASON})
        assert answer.status_code == 422 and "nobody-there" in answer.content.decode()
    chosen = {"whom": "chosen", "buyers": "acme", "reason": REASON}
    assert money.post("/plans/school/offer/", chosen).status_code == 302
    assert list(plan.buyers.all()) == [tenant]
    assert "School" in browser.get("/billing/choose/").content.decode()
    assert browser.post("/billing/choose/", {**wish, "action": "pay"}).status_code == 302
    assert OperatorAudit.objects.get(act="plan.offered").details["buyers"] == [tenant.name]


def test_off_sale_keeps_who_has_it_and_never_leaves_nothing_to_sign_up_for(
    tenant: Tenant, buy: Buy, two: tuple[Client, Client]
) -> None:
    buy(seats=2)
    money = two[0]
    off = {"whom": "nobody", "reason": REASON}
    for code in ("professional", "enterprise", "storage_10"):
        assert money.post(f"/plans/{code}/offer/", off).status_code == 302
    refused = money.post("/plans/starter/offer/", off)
    assert refused.status_code == 409 and "Nobody could sign up" in refused.content.decode()
    assert money.post("/plans/storage_10/offer/", {"whom": "chosen", "reason": REASON}).status_code == 422
    assert [offer.code for offer in service.public_offers("EUR", "en")] == ["starter"]
    assert "storage_10" not in [offer.code for offer in service.addon_offers("EUR", "en")]
    service.sync_catalogue()  # a restart puts nothing back on sale
    assert [offer.code for offer in service.public_offers("EUR", "en")] == ["starter"]
    assert changes.set_seats(tenant, 3, by="owner@acme.test", key="k").state == "done"
    assert [o.code for o in service.offers_for(tenant, "EUR", "en")] == ["starter", "professional"]
    with pytest.raises(TenantRefusal):
        changes.change_plan(tenant, "enterprise", "month", by="owner@acme.test", key="k2")
    assert money.post("/plans/enterprise/offer/", {**off, "whom": "everybody"}).status_code == 302
    assert (
        changes.change_plan(tenant, "enterprise", "month", by="owner@acme.test", key="k3").price.amount_minor
        == 5500
    )


def test_a_price_by_usage_costs_the_same_whenever_it_is_paid(two: tuple[Client, Client]) -> None:
    made = on_sale("storage_beyond", *two, price_month_EUR="0.03", feature_storage_bytes="2 GB")
    prices = PlanPrice.objects.filter(version=made, currency="EUR").values_list("amount_minor", flat=True)
    assert list(prices) == [3, 3]
    assert made.sold_by() == ("storage_bytes_days", 2)
