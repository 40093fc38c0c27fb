"""The seeded plans and what they give a tenant (ASP-1 Plan, ASP-10.4, ASP-20.3)."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing import catalogue
from billing.models import Plan, PlanPrice, PlanVersion
from billing.services import catalogue as service
from billing.services.entitlements import snapshot, start_trial
from tenants import entitlements
from tenants.models import Tenant

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def plans() -> None:
    service.sync_catalogue()


def _tenant(**values: Any) -> Tenant:
    return Tenant.objects.create(
        schema_name="t_abcdefghijkl", name="Alpha", owner_email="a@alpha.test", **values
    )


def test_seeding_twice_makes_each_plan_once() -> None:
    PlanVersion.objects.all().delete()  # the prepared database was seeded
    Plan.objects.all().delete()
    first = service.sync_catalogue()
    assert [version.plan.code for version in first] == [
        *("starter", "professional", "enterprise"),
        *("read_only_user", "storage_10", "emails_1000", "sandbox"),
        *("emails_beyond", "api_calls_beyond", "storage_beyond"),
    ]
    assert service.sync_catalogue() == []
    assert PlanVersion.objects.count() == Plan.objects.count() == 10


def test_every_plan_has_a_price_per_interval_and_currency(plans: None) -> None:
    on_sale = (*catalogue.PLANS, *catalogue.ADD_ONS, *catalogue.USAGE_PRICES)
    expected = len(on_sale) * 2 * len(catalogue.PRICE_CURRENCIES)
    assert PlanPrice.objects.count() == expected
    assert len({price.lookup_key for price in PlanPrice.objects.select_related("version__plan")}) == expected


def test_a_year_costs_ten_months(plans: None) -> None:
    for offer in service.public_offers("EUR", "en"):
        assert offer.yearly == 10 * offer.monthly
        assert offer.yearly_per_month * 12 == offer.yearly


def test_professional_costs_what_the_acceptance_scenario_says(plans: None) -> None:
    offers = {offer.code: offer for offer in service.public_offers("EUR", "de")}
    assert offers["professional"].monthly == Decimal("30")
    assert offers["professional"].is_recommended


def test_a_currency_we_do_not_sell_in_falls_back_to_euro(plans: None) -> None:
    assert {offer.currency for offer in service.public_offers("JPY", "en")} == {"EUR"}
    assert {offer.currency for offer in service.public_offers("SEK", "en")} == {"SEK"}


def test_changed_terms_make_a_new_version_and_keep_the_old(
    plans: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = service.current_version("starter")
    dearer = dataclasses.replace(catalogue.PLANS[0], monthly={**catalogue.PLANS[0].monthly, "EUR": 1900})
    monkeypatch.setattr(service, "PLANS", (dearer, *catalogue.PLANS[1:]))
    (made,) = service.sync_catalogue()
    assert made.number == old.number + 1
    old.refresh_from_db()
    assert old.state == PlanVersion.State.RETIRED
    assert old.prices.get(currency="EUR", interval="month").amount_minor == 1500
    assert service.current_version("starter") == made


def test_changed_words_correct_the_current_version(plans: None, monkeypatch: pytest.MonkeyPatch) -> None:
    renamed = dataclasses.replace(catalogue.PLANS[0], texts={"en": {"name": "Small", "pitch": "Short."}})
    monkeypatch.setattr(service, "PLANS", (renamed, *catalogue.PLANS[1:]))
    assert service.sync_catalogue() == []
    assert service.current_version("starter").text("name", "de") == "Small"


def test_two_current_versions_of_a_plan_are_impossible(plans: None) -> None:
    current = service.current_version("starter")
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanVersion.objects.create(plan=current.plan, number=99, texts=current.texts)


def test_an_unknown_plan_is_refused(plans: None) -> None:
    with pytest.raises(service.UnknownPlan):
        service.current_version("gold")


def test_a_private_plan_is_not_offered(plans: None) -> None:
    Plan.objects.filter(code="enterprise").update(is_public=False)
    assert [offer.code for offer in service.public_offers("EUR", "en")] == ["starter", "professional"]


def test_a_trial_gets_the_features_of_its_plan_and_at_most_25_users(plans: None) -> None:
    tenant = _tenant()
    start_trial(tenant, "professional")
    tenant.refresh_from_db()
    assert tenant.plan_code == "professional"
    assert entitlements.limit(tenant, "users") == 25
    assert entitlements.allows(tenant, "field_security")
    assert entitlements.limit(tenant, "custom_objects") == 20
    assert entitlements.limit(tenant, "emails_per_day") == 100
    assert entitlements.limit(tenant, "invitations_per_day") == 15


def test_a_switched_off_feature_is_refused(plans: None) -> None:
    tenant = _tenant()
    start_trial(tenant, "starter")
    assert not entitlements.allows(tenant, "field_security")


def test_every_name_in_a_snapshot_is_known_to_its_reader(plans: None) -> None:
    for plan in catalogue.PLANS:
        given = snapshot(service.current_version(plan.code), trial=True)
        assert set(given["limits"]) <= set(entitlements.TRIAL_LIMITS)
        assert set(given["features"]) <= set(entitlements.TRIAL_FEATURES)


def test_paid_seats_add_storage(plans: None) -> None:
    version = service.current_version("professional")
    given = snapshot(version, trial=False, seats=10)
    assert given["limits"]["users"] == 10
    assert given["limits"]["storage_bytes"] == (20 + 10 * 5) * catalogue.GIB
    assert given["limits"]["emails_per_day"] == 2_000
