"""Bring the tables to what `billing.catalogue` says, and read it back for pages (SAAS.md §3.2 sync_catalogue)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from billing.catalogue import (
    ADD_ONS,
    FEATURES,
    MONTHS_PAID_PER_YEAR,
    PLANS,
    PRICE_CURRENCIES,
    USAGE_PRICES,
    FeatureData,
    PlanData,
)
from billing.models import Feature, Plan, PlanFeature, PlanPrice, PlanVersion


class UnknownPlan(LookupError):
    """No plan of that code is on sale."""


@transaction.atomic
def sync_catalogue() -> list[PlanVersion]:
    """Seed features, plans and prices; return the versions made now (none when nothing changed).

    Idempotent. Terms that differ from the current version become a new version and the old one retires,
    so a running subscription keeps what it bought (ASP-1 Plan).
    """
    features = {data.code: _sync_feature(position, data) for position, data in enumerate(FEATURES)}
    made = [
        _sync_plan(position, data, features)
        for position, data in enumerate((*PLANS, *ADD_ONS, *USAGE_PRICES))
    ]
    _offer_at_provider()
    return [version for version in made if version is not None]


def _offer_at_provider() -> None:
    """Let the built-in provider know the prices; a real one is told by `manage.py sync_catalogue --provider`."""
    from billing.providers import provider_named

    provider_named("builtin").sync_catalogue(PlanPrice.objects.select_related("version__plan"))


def _sync_feature(position: int, data: FeatureData) -> Feature:
    feature, _made = Feature.objects.update_or_create(
        code=data.code,
        defaults={"kind": data.kind, "unit": data.unit, "labels": data.labels, "position": position},
    )
    return feature


def _sync_plan(position: int, data: PlanData, features: dict[str, Feature]) -> PlanVersion | None:
    plan, _made = Plan.objects.update_or_create(
        code=data.code,
        defaults={
            "position": position,
            "kind": data.kind,
            "is_public": data.is_public,
            "is_recommended": data.is_recommended,
        },
    )
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    current = plan.versions.filter(state=PlanVersion.State.CURRENT).first()
    if current is not None and _terms_of(current) == _terms_in(data):
        if current.texts != data.texts:  # wording is not a term: correct it in place
            current.texts = data.texts
            current.save(update_fields=["texts"])
        return None
    number = current.number + 1 if current else 1
    plan.versions.filter(state=PlanVersion.State.CURRENT).update(state=PlanVersion.State.RETIRED)
    version = PlanVersion.objects.create(
        plan=plan,
        number=number,
        texts=data.texts,
        trial_days=data.trial_days,
        trial_users=data.trial_users,
        min_users=data.min_users,
        max_users=data.max_users,
    )
    PlanPrice.objects.bulk_create(
        PlanPrice(version=version, interval=interval, currency=currency, amount_minor=amount)
        for (interval, currency), amount in _prices_in(data).items()
    )
    PlanFeature.objects.bulk_create(
        PlanFeature(version=version, feature=features[code], **_feature_columns(value))
        for code, value in data.features.items()
    )
    return version


def _feature_columns(value: int | bool | None) -> dict[str, object]:
    if isinstance(value, bool):
        return {"enabled": value, "limit": None}
    return {"enabled": True, "limit": value}


def _prices_in(data: PlanData) -> dict[tuple[str, str], int]:
    prices: dict[tuple[str, str], int] = {}
    for currency, amount in data.monthly.items():
        prices["month", currency] = amount
        # A pack costs the same whenever it is paid: time is no part of its price.
        prices["year", currency] = amount if data.kind == "usage" else amount * MONTHS_PAID_PER_YEAR
    return prices


def _terms_in(data: PlanData) -> dict[str, object]:
    return {
        "prices": _prices_in(data),
        "features": {
            code: (columns["enabled"], columns["limit"])
            for code, value in data.features.items()
            for columns in [_feature_columns(value)]
        },
        "figures": (data.trial_days, data.trial_users, data.min_users, data.max_users),
    }


def _terms_of(version: PlanVersion) -> dict[str, object]:
    return {
        "prices": {(price.interval, price.currency): price.amount_minor for price in version.prices.all()},
        "features": {
            row.feature.code: (row.enabled, row.limit) for row in version.features.select_related("feature")
        },
        "figures": (version.trial_days, version.trial_users, version.min_users, version.max_users),
    }


def current_version(plan_code: str, *, addon: bool = False) -> PlanVersion:
    """The version of `plan_code` (of an add-on) that is sold today. Raises UnknownPlan."""
    rows = PlanVersion.objects.filter(plan__code=plan_code, state=PlanVersion.State.CURRENT)
    version = (
        (rows.exclude(plan__kind=Plan.Kind.PLAN) if addon else rows.filter(plan__kind=Plan.Kind.PLAN))
        .select_related("plan")
        .first()
    )
    if version is None:
        raise UnknownPlan(plan_code)
    return version


def price_of(plan_code: str, interval: str, currency: str, *, addon: bool = False) -> PlanPrice:
    """What a user (unit) of the current version costs. Raises UnknownPlan."""
    version = current_version(plan_code, addon=addon)
    price = (
        version.prices.filter(interval=interval, currency=currency).select_related("version__plan").first()
    )
    if price is None:
        raise UnknownPlan(f"{plan_code} by {interval} in {currency}")
    return price


def price_by_key(lookup_key: str) -> PlanPrice:
    """The price a provider calls by this key (`professional_v1_month_eur`). Raises UnknownPlan."""
    parts = lookup_key.rsplit("_", 3)
    if len(parts) == 4 and parts[1].startswith("v") and parts[1][1:].isdigit():
        found = (
            PlanPrice.objects.filter(
                version__plan__code=parts[0],
                version__number=int(parts[1][1:]),
                interval=parts[2],
                currency=parts[3].upper(),
            )
            .select_related("version__plan")
            .first()
        )
        if found is not None:
            return found
    raise UnknownPlan(lookup_key)


@dataclass(frozen=True)
class Offer:
    """A public plan as pages print it: `monthly` and `yearly` are amounts per user in `currency`."""

    code: str
    name: str
    pitch: str
    currency: str
    monthly: Decimal
    yearly: Decimal
    yearly_per_month: Decimal
    is_recommended: bool
    trial_days: int
    trial_users: int
    max_users: int | None
    features: tuple[PlanFeature, ...]


def price_currency(currency: str) -> str:
    """The currency prices are shown and billed in for someone who asks for `currency`."""
    return currency if currency in PRICE_CURRENCIES else "EUR"


def public_offers(currency: str, language: str) -> list[Offer]:
    """All public plans in their order, priced in `currency` (or EUR where we do not sell in it)."""
    currency = price_currency(currency)
    versions = (
        PlanVersion.objects.filter(
            state=PlanVersion.State.CURRENT, plan__is_public=True, plan__kind=Plan.Kind.PLAN
        )
        .select_related("plan")
        .prefetch_related("prices", "features__feature")
        .order_by("plan__position")
    )
    return [_offer(version, currency, language) for version in versions]


def _offer(version: PlanVersion, currency: str, language: str) -> Offer:
    amounts = {
        p.interval: Decimal(p.amount_minor) / 100 for p in version.prices.all() if p.currency == currency
    }
    return Offer(
        code=version.plan.code,
        name=version.text("name", language),
        pitch=version.text("pitch", language),
        currency=currency,
        monthly=amounts["month"],
        yearly=amounts["year"],
        yearly_per_month=amounts["year"] / 12,
        is_recommended=version.plan.is_recommended,
        trial_days=version.trial_days,
        trial_users=version.trial_users,
        max_users=version.max_users,
        features=tuple(version.features.all()),
    )


@dataclass(frozen=True)
class AddOnOffer:
    """An add-on as pages print it: `monthly` and `yearly` are amounts per unit in `currency`."""

    code: str
    name: str
    pitch: str
    currency: str
    monthly: Decimal
    yearly: Decimal
    most: int


def addon_offers(currency: str, language: str) -> list[AddOnOffer]:
    """All add-ons that are paid ahead in their order, priced in `currency` (or EUR where we do not sell in it)."""
    currency = price_currency(currency)
    versions = (
        PlanVersion.objects.filter(state=PlanVersion.State.CURRENT, plan__is_public=True)
        .exclude(plan__kind__in=[Plan.Kind.PLAN, Plan.Kind.USAGE])
        .select_related("plan")
        .prefetch_related("prices")
        .order_by("plan__position")
    )
    found = []
    for version in versions:
        amounts = {
            p.interval: Decimal(p.amount_minor) / 100 for p in version.prices.all() if p.currency == currency
        }
        found.append(
            AddOnOffer(
                code=version.plan.code,
                name=version.text("name", language),
                pitch=version.text("pitch", language),
                currency=currency,
                monthly=amounts["month"],
                yearly=amounts["year"],
                most=version.max_users or 100_000,
            )
        )
    return found


@dataclass(frozen=True)
class UsageOffer:
    """A price by usage as pages print it: `price_minor` for a pack of `pack` units of the limit `feature`."""

    code: str
    name: str
    pitch: str
    feature: str
    pack: int
    currency: str
    price_minor: int


def usage_offers(currency: str, language: str) -> list[UsageOffer]:
    """All prices by usage on sale, in their order, in `currency` (or EUR where we do not sell in it)."""
    currency = price_currency(currency)
    versions = PlanVersion.objects.filter(
        state=PlanVersion.State.CURRENT, plan__is_public=True, plan__kind=Plan.Kind.USAGE
    )
    found = []
    for version in versions.select_related("plan").order_by("plan__position"):
        found.append(usage_offer(version, currency, language))
    return found


def usage_offer(version: PlanVersion, currency: str, language: str) -> UsageOffer:
    """One price by usage as pages print it."""
    row = version.features.select_related("feature").get()
    return UsageOffer(
        code=version.plan.code,
        name=version.text("name", language),
        pitch=version.text("pitch", language),
        feature=row.feature.code,
        pack=row.limit or 1,
        currency=currency,
        price_minor=version.prices.get(interval="month", currency=currency).amount_minor,
    )
