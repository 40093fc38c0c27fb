"""Bring the tables to what `billing.catalogue` says, and read it back for pages (SAAS.md §3.2 sync_catalogue)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet

from billing.catalogue import (
    ADD_ONS,
    FEATURES,
    PLANS,
    PRICE_CURRENCIES,
    USAGE_PRICES,
    FeatureData,
    PlanData,
)
from billing.models import Feature, Plan, PlanFeature, PlanPrice, PlanVersion
from billing.providers import provider_named
from billing.services.plan_terms import Terms, of_data, of_version, write_version
from tenants.models import Tenant


class UnknownPlan(LookupError):
    """No plan of that code is on sale."""


@transaction.atomic
def sync_catalogue() -> list[PlanVersion]:
    """Seed features, plans and prices; return the versions made now (none when nothing changed).

    Idempotent. Terms that differ from the current version become a new version and the old one retires,
    so a running subscription keeps what it bought (ASP-1 Plan). What operators changed is left alone: `held_back`
    says what is delivered otherwise.
    """
    for position, feature in enumerate(FEATURES):
        _sync_feature(position, feature)
    made = [_sync_plan(position, data) for position, data in enumerate((*PLANS, *ADD_ONS, *USAGE_PRICES))]
    provider_named("builtin").sync_catalogue(PlanPrice.objects.select_related("version__plan"))
    return [version for version in made if version is not None]


def _sync_feature(position: int, data: FeatureData) -> None:
    Feature.objects.update_or_create(
        code=data.code,
        defaults={"kind": data.kind, "unit": data.unit, "labels": data.labels, "position": position},
    )


def _sync_plan(position: int, data: PlanData) -> PlanVersion | None:
    Plan.objects.get_or_create(code=data.code, defaults={"kind": data.kind, "position": position})
    plan = Plan.objects.select_for_update().get(code=data.code)
    if plan.origin == Plan.Origin.OPERATOR:
        return None
    plan.position, plan.kind = position, data.kind
    plan.is_public, plan.is_recommended = data.is_public, data.is_recommended
    plan.save(update_fields=["position", "kind", "is_public", "is_recommended"])
    current = plan.versions.filter(state=PlanVersion.State.CURRENT).first()
    terms = of_data(data)
    if current is None or of_version(current).differs(terms):
        return write_version(plan, terms, by="")
    if current.texts != data.texts:  # wording is not a term: correct it in place
        current.texts = data.texts
        current.save(update_fields=["texts"])
    return None


def delivered(code: str) -> Terms | None:
    """What the delivered catalogue says about a plan, None when it does not know it."""
    return next((of_data(d) for d in (*PLANS, *ADD_ONS, *USAGE_PRICES) if d.code == code), None)


def held_back() -> list[PlanVersion]:
    """Current versions operators made where the delivered catalogue says something else: reported, never applied."""
    rows = PlanVersion.objects.filter(state=PlanVersion.State.CURRENT, plan__origin=Plan.Origin.OPERATOR)
    return [
        version
        for version in rows.select_related("plan").order_by("plan__position", "plan__code")
        if (said := delivered(version.plan.code)) is not None and of_version(version).differs(said)
    ]


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
    if addon and version.plan.off_sale_at is not None:  # plans: `may_have` decides, by workspace
        raise UnknownPlan(plan_code)
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


def year_costs_ten_months(offers: Iterable[Offer]) -> bool:
    """Whether all of them give two months for paying by the year, so that pages may say so (ASP-20.3)."""
    return all(offer.yearly == 10 * offer.monthly for offer in offers)


def price_currency(currency: str) -> str:
    """The currency prices are shown and billed in for someone who asks for `currency`."""
    return currency if currency in PRICE_CURRENCIES else "EUR"


def public_offers(currency: str, language: str) -> list[Offer]:
    """All public plans in their order, priced in `currency` (or EUR where we do not sell in it)."""
    return _offers(_on_sale(Plan.Kind.PLAN), currency, language)


def offers_for(tenant: Tenant, currency: str, language: str) -> list[Offer]:
    """The plans a workspace may have: the public ones, private ones it was chosen for, and the one it has."""
    mine = Q(plan__code=tenant.plan_code) | Q(plan__buyers=tenant, plan__off_sale_at=None)
    rows = PlanVersion.objects.filter(state=PlanVersion.State.CURRENT, plan__kind=Plan.Kind.PLAN)
    public = Q(plan__is_public=True, plan__off_sale_at=None)
    return _offers(rows.filter(public | mine).distinct(), currency, language)


def may_have(tenant: Tenant, plan: Plan) -> bool:
    """Whether a workspace can buy or change to a plan: on sale for everybody or for it, or the one it has already."""
    if plan.code == tenant.plan_code:
        return True
    return plan.off_sale_at is None and (plan.is_public or plan.buyers.filter(pk=tenant.pk).exists())


def _on_sale(*kinds: str) -> QuerySet[PlanVersion]:
    rows = PlanVersion.objects.filter(
        state=PlanVersion.State.CURRENT, plan__kind__in=kinds, plan__is_public=True, plan__off_sale_at=None
    )
    return rows.select_related("plan").order_by("plan__position", "plan__code")


def _offers(versions: QuerySet[PlanVersion], currency: str, language: str) -> list[Offer]:
    rows = versions.select_related("plan").prefetch_related("prices", "features__feature")
    asked = price_currency(currency)
    return [_offer(version, asked, language) for version in rows.order_by("plan__position", "plan__code")]


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


def addon_offers(currency: str, language: str, running: Iterable[PlanVersion] = ()) -> list[AddOnOffer]:
    """All add-ons that are paid ahead in their order, priced in `currency` (or EUR where we do not sell in it).

    Those of `running` are shown on the terms they run on, also when they are not on sale any more.
    """
    currency = price_currency(currency)
    on_sale = _on_sale(Plan.Kind.ADDON, Plan.Kind.LICENCE).prefetch_related("prices")
    versions = {version.plan.code: version for version in (*on_sale, *running)}
    found = []
    for version in sorted(versions.values(), key=lambda v: (v.plan.position, v.plan.code)):
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
    asked = price_currency(currency)
    return [usage_offer(version, asked, language) for version in _on_sale(Plan.Kind.USAGE)]


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
