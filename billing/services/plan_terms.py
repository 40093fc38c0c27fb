"""The terms of a plan as one value: read from a version or the delivered catalogue, kept as JSON, checked, written (ASP-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.catalogue import MONTHS_PAID_PER_YEAR, PRICE_CURRENCIES, PlanData
from billing.models import Feature, Plan, PlanFeature, PlanPrice, PlanVersion

INTERVALS = ("month", "year")
MOST_MINOR = 10**10
MOST_LIMIT = 2**53
MOST_USERS = 100_000
MOST_TRIAL_DAYS = 365
#: Languages the product is sold in completely; English is what the others fall back to.
TEXT_LANGUAGES = ("en", "de")
TEXT_LENGTHS = {"name": 60, "pitch": 200}

Value = int | bool | None


@dataclass(frozen=True)
class Terms:
    """What a version of a plan says. `prices` are minor units by (interval, currency); a feature's value is a limit
    (None is unlimited), True or False."""

    texts: dict[str, dict[str, str]]
    prices: dict[tuple[str, str], int]
    features: dict[str, Value]
    trial_days: int
    trial_users: int
    min_users: int
    max_users: int | None

    def differs(self, other: Terms) -> bool:
        """Whether more than the wording differs: wording is no term of a contract."""
        mine, theirs = self.as_json(), other.as_json()
        return {**mine, "texts": None} != {**theirs, "texts": None}

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads back exactly."""
        return {
            "texts": self.texts,
            "prices": {
                interval: {
                    currency: amount for (at, currency), amount in self.prices.items() if at == interval
                }
                for interval in INTERVALS
            },
            "features": self.features,
            "trial_days": self.trial_days,
            "trial_users": self.trial_users,
            "min_users": self.min_users,
            "max_users": self.max_users,
        }


def from_json(kept: Mapping[str, Any]) -> Terms:
    """The terms `as_json` wrote."""
    return Terms(
        texts={language: dict(words) for language, words in kept["texts"].items()},
        prices={
            (interval, currency): amount
            for interval, amounts in kept["prices"].items()
            for currency, amount in amounts.items()
        },
        features=dict(kept["features"]),
        trial_days=kept["trial_days"],
        trial_users=kept["trial_users"],
        min_users=kept["min_users"],
        max_users=kept["max_users"],
    )


def of_data(data: PlanData) -> Terms:
    """The terms of the delivered catalogue."""
    prices: dict[tuple[str, str], int] = {}
    for currency, amount in data.monthly.items():
        prices["month", currency] = amount
        # A pack costs the same whenever it is paid: time is no part of its price.
        prices["year", currency] = amount if data.kind == "usage" else amount * MONTHS_PAID_PER_YEAR
    return Terms(
        data.texts,
        prices,
        dict(data.features),
        data.trial_days,
        data.trial_users,
        data.min_users,
        data.max_users,
    )


def of_version(version: PlanVersion) -> Terms:
    """The terms a version has in the tables."""
    return Terms(
        version.texts,
        {(price.interval, price.currency): price.amount_minor for price in version.prices.all()},
        {row.feature.code: _value(row) for row in version.features.select_related("feature")},
        version.trial_days,
        version.trial_users,
        version.min_users,
        version.max_users,
    )


def _value(row: PlanFeature) -> Value:
    if row.feature.kind == Feature.Kind.SWITCH or not row.enabled:
        return row.enabled
    return row.limit


def write_version(plan: Plan, terms: Terms, *, by: str) -> PlanVersion:
    """Put these terms on sale: they become the plan's current version, the one before retires and stays as it is.

    The caller holds the plan's row. Running subscriptions keep the version they bought (ASP-1 Plan).
    """
    last = plan.versions.order_by("-number").values_list("number", flat=True).first() or 0
    plan.versions.filter(state=PlanVersion.State.CURRENT).update(state=PlanVersion.State.RETIRED)
    version = PlanVersion.objects.create(
        plan=plan,
        number=last + 1,
        texts=terms.texts,
        trial_days=terms.trial_days,
        trial_users=terms.trial_users,
        min_users=terms.min_users,
        max_users=terms.max_users,
        made_by=by,
    )
    PlanPrice.objects.bulk_create(
        PlanPrice(version=version, interval=interval, currency=currency, amount_minor=amount)
        for (interval, currency), amount in terms.prices.items()
    )
    known = {feature.code: feature for feature in Feature.objects.filter(code__in=terms.features)}
    PlanFeature.objects.bulk_create(
        PlanFeature(version=version, feature=known[code], **_columns(value))
        for code, value in terms.features.items()
    )
    return version


def _columns(value: Value) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"enabled": value, "limit": None}
    return {"enabled": True, "limit": value}


class TermsInvalid(Exception):
    """Terms nobody can be sold. `problems` are (field, message); fields are `price_month_EUR`, `name_en`, `max_users`,
    `feature_custom_objects`."""

    def __init__(self, problems: list[tuple[str, Any]]) -> None:
        super().__init__(", ".join(field for field, _message in problems))
        self.problems = problems


def check(kind: str, terms: Terms) -> None:
    """Raises TermsInvalid unless a plan of this kind can be sold on these terms."""
    problems = [
        *_prices_wrong(terms),
        *_texts_wrong(terms),
        *_users_wrong(terms),
        *_features_wrong(kind, terms),
    ]
    if problems:
        raise TermsInvalid(problems)


def _prices_wrong(terms: Terms) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for interval in INTERVALS:
        for currency in PRICE_CURRENCIES:
            amount = terms.prices.get((interval, currency))
            if amount is None:
                found.append((f"price_{interval}_{currency}", _("A price in every currency is needed.")))
            elif amount <= 0:
                message = _(
                    "More than zero. A workspace that pays nothing is made “free of charge” on its page."
                )
                found.append((f"price_{interval}_{currency}", message))
            elif amount > MOST_MINOR:
                found.append((f"price_{interval}_{currency}", _("This amount is too large.")))
    strange = {currency for _interval, currency in terms.prices} - set(PRICE_CURRENCIES)
    return found + [
        (f"price_month_{currency}", _("We do not sell in this currency.")) for currency in strange
    ]


def _texts_wrong(terms: Terms) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    english = terms.texts.get("en", {})
    for part, most in TEXT_LENGTHS.items():
        if not english.get(part, "").strip():
            found.append((f"{part}_en", _("The English text is needed: other languages fall back to it.")))
        for language, words in terms.texts.items():
            if len(words.get(part, "")) > most:
                found.append((f"{part}_{language}", _("This text is too long.")))
    return found


def _users_wrong(terms: Terms) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, least, most in (
        ("min_users", 1, MOST_USERS),
        ("max_users", 1, MOST_USERS),
        ("trial_users", 1, MOST_USERS),
        ("trial_days", 1, MOST_TRIAL_DAYS),
    ):
        value = getattr(terms, name)
        if value is not None and not least <= value <= most:
            words = _("Between %(least)s and %(most)s.") % {"least": least, "most": most}
            found.append((name, words))
    if terms.max_users is not None and terms.max_users < terms.min_users:
        found.append(("max_users", _("Not fewer than the least number of users.")))
    return found


def _features_wrong(kind: str, terms: Terms) -> list[tuple[str, Any]]:
    kinds = dict(Feature.objects.filter(code__in=terms.features).values_list("code", "kind"))
    found: list[tuple[str, Any]] = []
    for code, value in terms.features.items():
        field = f"feature_{code}"
        if code not in kinds:
            found.append((field, _("There is no such limit.")))
        elif kinds[code] == Feature.Kind.SWITCH and not isinstance(value, bool):
            found.append((field, _("This is on or off.")))
        elif not isinstance(value, bool) and value is not None and not 0 <= value <= MOST_LIMIT:
            found.append((field, _("This limit is too large.")))
        elif kind != Plan.Kind.PLAN and (value is None or value is True or value < 1):
            found.append((field, _("Say how many a unit is.")))
    if kind != Plan.Kind.PLAN and len(terms.features) != 1:
        found.append(("features", _("An add-on or price by usage is about one limit.")))
    return found
