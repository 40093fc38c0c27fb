"""The form of a plan's terms: what people write, read into terms and back without loss (ASP-1 Plan)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.catalogue import PRICE_CURRENCIES
from billing.models import Feature, Plan
from billing.money.amounts import AmountError, minor_of, written
from billing.services.plan_terms import INTERVALS, TEXT_LANGUAGES, TEXT_LENGTHS, Terms, Value

_SIZES = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
_SIZE = re.compile(r"([0-9]{1,16}(?:[.,][0-9]{1,3})?)\s*(B|KB|MB|GB|TB)", re.ASCII | re.IGNORECASE)


class PriceField(forms.CharField):
    """An amount in one currency, kept in its minor units."""

    def __init__(self, currency: str) -> None:
        super().__init__(label=currency, max_length=20)
        self.currency = currency
        self.widget.attrs["inputmode"] = "decimal"

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return minor_of(text, self.currency)
        except AmountError as error:
            if error.code == "places":
                message = _("%(currency)s has fewer decimals.") % {"currency": self.currency}
            else:
                message = _("Write an amount such as 19.50.")
            raise forms.ValidationError(message) from error


class LimitField(forms.CharField):
    """A whole number, bytes as `20 GB`, or the word for no limit; kept as a number or None."""

    def __init__(self, feature: Feature, language: str, *, needed: bool) -> None:
        super().__init__(label=feature.label(language), max_length=20)
        self.unit, self.needed = feature.unit, needed
        example = _("such as 20 GB") if self.unit.startswith("bytes") else _("a number")
        words = {"example": example, "unlimited": _("unlimited")}
        self.help_text = (
            example if needed else _("%(example)s, or %(unlimited)s") % words
        ) + self._counted_by()

    def _counted_by(self) -> str:
        return {
            "bytes_per_user": " · " + _("per user"),
            "per_day": " · " + _("per day"),
            "days": " · " + _("days"),
        }.get(self.unit, "")

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if not self.needed and text.lower() in ("unlimited", _("unlimited").lower()):
            return None
        if self.unit.startswith("bytes"):
            found = _SIZE.fullmatch(text)
            if found is None:
                raise forms.ValidationError(_("Write a size such as 500 MB or 20 GB."))
            exact = Decimal(found[1].replace(",", ".")) * _SIZES[found[2].upper()]
            if exact != exact.to_integral_value():
                raise forms.ValidationError(_("This is no whole number of bytes."))
            return int(exact)
        if not (text.isascii() and text.isdigit() and len(text) <= 16):
            raise forms.ValidationError(_("Write a whole number, zero or more."))
        return int(text)


def written_limit(value: int | None, unit: str) -> str:
    """What `LimitField` reads back as `value`."""
    if value is None:
        return _("unlimited")
    if not unit.startswith("bytes"):
        return str(value)
    fitting = (name for name in ("TB", "GB", "MB", "KB") if value and value % _SIZES[name] == 0)
    name = next(fitting, "B")
    return f"{value // _SIZES[name]} {name}"


class TermsForm(forms.Form):
    """Prices, limits, users, trial and texts of a plan, an add-on or a price by usage."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, plan: Plan, features: list[Feature], language: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan, self.features = plan, features
        self.intervals = INTERVALS if plan.kind != Plan.Kind.USAGE else INTERVALS[:1]
        is_plan = plan.kind == Plan.Kind.PLAN
        for interval in self.intervals:
            for currency in PRICE_CURRENCIES:
                self.fields[f"price_{interval}_{currency}"] = PriceField(currency)
        for feature in features:
            self.fields[f"feature_{feature.code}"] = (
                forms.BooleanField(label=feature.label(language), required=False)
                if feature.kind == Feature.Kind.SWITCH
                else LimitField(feature, language, needed=not is_plan)
            )
        self._add_users(is_plan)
        names = dict(settings.LANGUAGES)
        parts = {"name": _("Name (%(language)s)"), "pitch": _("Description (%(language)s)")}
        for code in TEXT_LANGUAGES:
            for part, most in TEXT_LENGTHS.items():
                self.fields[f"{part}_{code}"] = forms.CharField(
                    label=parts[part] % {"language": names[code]}, max_length=most, required=code == "en"
                )

    def _add_users(self, is_plan: bool) -> None:
        if is_plan:
            self.fields["min_users"] = forms.IntegerField(label=_("Fewest users"), min_value=1)
        self.fields["max_users"] = forms.IntegerField(
            label=_("Most users") if is_plan else _("Most units"),
            min_value=1,
            required=False,
            help_text=gettext_lazy("Empty means any number."),
        )
        if is_plan:
            self.fields["trial_days"] = forms.IntegerField(label=_("Days of trial"), min_value=1)
            self.fields["trial_users"] = forms.IntegerField(label=_("Users in the trial"), min_value=1)

    def terms(self, before: Terms) -> Terms:
        """What was written; `before` has what this kind of plan does not ask for. The form is valid."""
        data = self.cleaned_data
        prices = {
            (interval, currency): data[
                f"price_{interval if interval in self.intervals else 'month'}_{currency}"
            ]
            for interval in INTERVALS
            for currency in PRICE_CURRENCIES
        }
        features: dict[str, Value] = {f.code: data[f"feature_{f.code}"] for f in self.features}
        return Terms(
            texts=self._texts(before),
            prices=prices,
            features=features,
            trial_days=data.get("trial_days", before.trial_days),
            trial_users=data.get("trial_users", before.trial_users),
            min_users=data.get("min_users", before.min_users),
            max_users=data["max_users"],
        )

    def _texts(self, before: Terms) -> dict[str, dict[str, str]]:
        """Languages the form does not show stay; one that is left empty falls back to English."""
        texts = {code: words for code, words in before.texts.items() if code not in TEXT_LANGUAGES}
        for code in TEXT_LANGUAGES:
            words = {part: self.cleaned_data[f"{part}_{code}"].strip() for part in TEXT_LENGTHS}
            if code == "en" or any(words.values()):
                texts[code] = {part: text for part, text in words.items() if text}
        return texts

    def prices(self, interval: str) -> list[forms.BoundField]:
        return [self[f"price_{interval}_{currency}"] for currency in PRICE_CURRENCIES]

    @property
    def price_groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """(heading, fields) by interval."""
        each = _("user") if self.plan.kind == Plan.Kind.PLAN else _("unit")
        words = {
            "month": _("Price per %(each)s and month, net") % {"each": each},
            "year": _("Price per %(each)s and year, net") % {"each": each},
        }
        if self.plan.kind == Plan.Kind.USAGE:
            words["month"] = _("Price of a pack, net")
        return [(words[interval], self.prices(interval)) for interval in self.intervals]

    @property
    def limits(self) -> list[forms.BoundField]:
        return [self[f"feature_{f.code}"] for f in self.features if f.kind == Feature.Kind.LIMIT]

    @property
    def switches(self) -> list[forms.BoundField]:
        return [self[f"feature_{f.code}"] for f in self.features if f.kind == Feature.Kind.SWITCH]

    @property
    def users(self) -> list[forms.BoundField]:
        return [self[n] for n in ("min_users", "max_users", "trial_days", "trial_users") if n in self.fields]

    @property
    def texts(self) -> list[forms.BoundField]:
        return [self[f"{part}_{code}"] for code in TEXT_LANGUAGES for part in TEXT_LENGTHS]


def initial(terms: Terms, features: list[Feature], revision: int) -> dict[str, Any]:
    """What the form shows for terms."""
    first: dict[str, Any] = {
        "revision": revision,
        "min_users": terms.min_users,
        "max_users": terms.max_users,
        "trial_days": terms.trial_days,
        "trial_users": terms.trial_users,
    }
    for (interval, currency), amount in terms.prices.items():
        first[f"price_{interval}_{currency}"] = written(amount, currency)
    for feature in features:
        value = terms.features.get(feature.code, False if feature.kind == Feature.Kind.SWITCH else 0)
        shown = value if isinstance(value, bool) else written_limit(value, feature.unit)
        first[f"feature_{feature.code}"] = shown
    for language, words in terms.texts.items():
        first |= {f"{part}_{language}": text for part, text in words.items()}
    return first
