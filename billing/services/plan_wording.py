"""The difference between two sets of terms in words, for operators who decide about them (ASP-30)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_decimal
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.catalogue import PRICE_CURRENCIES
from billing.models import Feature
from billing.services import wording
from billing.services.plan_terms import INTERVALS, Terms, Value

GIB = 1024**3
MIB = 1024**2


@dataclass(frozen=True)
class Difference:
    """One term that changes: what it is, what it was, what it becomes. `worse` for the customer, None for neither."""

    label: str
    before: str
    after: str
    note: str = ""
    worse: bool | None = None

    def __str__(self) -> str:
        change = f"{self.before} → {self.after}" if self.before else self.after
        return f"{self.label}: {change}" + (f" ({self.note})" if self.note else "")


def differences(kind: str, before: Terms | None, after: Terms, language: str) -> list[Difference]:
    """What changes, prices first; all of it for a plan that was never on sale."""
    return [*_prices(kind, before, after), *_beside_prices(kind, before, after, language)]


def _beside_prices(kind: str, before: Terms | None, after: Terms, language: str) -> list[Difference]:
    return [
        *_features(before, after, language),
        *_figures(kind, before, after),
        *_texts(before, after),
    ]


def in_words(kind: str, terms: Terms, language: str) -> list[tuple[str, str]]:
    """(term, value) of all that terms say beside their prices."""
    return [(one.label, one.after) for one in _beside_prices(kind, None, terms, language)]


def price_rows(kind: str, terms: Terms) -> list[tuple[str, list[str]]]:
    """(currency, amounts) by interval; one amount for what is charged by usage."""
    intervals = INTERVALS if kind != "usage" else INTERVALS[:1]
    return [
        (currency, [_money(terms.prices.get((interval, currency)), currency) for interval in intervals])
        for currency in PRICE_CURRENCIES
    ]


def price_label(kind: str, interval: str, currency: str) -> str:
    """What a price is for."""
    if kind == "usage":
        return _("Price of a pack in %(currency)s") % {"currency": currency}
    if kind == "plan":
        words = (
            _("Per user and month in %(currency)s")
            if interval == "month"
            else _("Per user and year in %(currency)s")
        )
    else:
        words = (
            _("Per unit and month in %(currency)s")
            if interval == "month"
            else _("Per unit and year in %(currency)s")
        )
    return words % {"currency": currency}


def _prices(kind: str, before: Terms | None, after: Terms) -> Iterator[Difference]:
    for currency in PRICE_CURRENCIES:
        for interval in INTERVALS if kind != "usage" else INTERVALS[:1]:
            old = before.prices.get((interval, currency)) if before else None
            new = after.prices.get((interval, currency))
            if old == new:
                continue
            note = ""
            if old and new is not None:
                change = format_decimal(
                    round((new - old) * 100 / old, 1), "+#,##0.#;-#", locale=wording.locale()
                )
                note = f"{change} %"
            yield Difference(
                price_label(kind, interval, currency),
                _money(old, currency),
                _money(new, currency),
                note,
                None if old is None or new is None else new > old,
            )


def _money(minor: int | None, currency: str) -> str:
    return "" if minor is None else wording.money(minor, currency)


def _features(before: Terms | None, after: Terms, language: str) -> Iterator[Difference]:
    old_values = before.features if before else {}
    features = Feature.objects.filter(code__in={*old_values, *after.features}).order_by("position")
    for feature in features:
        old, new = old_values.get(feature.code, _MISSING), after.features.get(feature.code, _MISSING)
        if old is new or (type(old) is type(new) and old == new):
            continue
        yield Difference(
            feature.label(language),
            "" if old is _MISSING and before is None else shown_value(old, feature.unit),
            shown_value(new, feature.unit),
            worse=None if before is None or old is _MISSING else _rank(new) < _rank(old),
        )


_MISSING: Any = object()


def _rank(value: Any) -> float:
    if value is None:
        return float("inf")
    return -1 if value is _MISSING else float(value)


def shown_value(value: Value, unit: str) -> str:
    """A limit or switch of a plan as people read it."""
    if value is _MISSING:
        return _("not part of it")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None:
        return _("unlimited")
    if not unit.startswith("bytes"):
        return format_decimal(value, locale=wording.locale())
    name, divisor = ("GB", GIB) if value >= GIB else ("MB", MIB)
    return f"{format_decimal(round(value / divisor, 1), locale=wording.locale())} {name}"


def _figures(kind: str, before: Terms | None, after: Terms) -> Iterator[Difference]:
    labels = {
        "min_users": (_("Fewest users"), True),
        "max_users": (_("Most users") if kind == "plan" else _("Most units"), False),
        "trial_days": (_("Days of trial"), False),
        "trial_users": (_("Users in the trial"), False),
    }
    for name, (label, more_is_worse) in labels.items():
        if kind != "plan" and name != "max_users":
            continue
        old, new = getattr(before, name, None), getattr(after, name)
        if before is not None and old == new:
            continue
        was, becomes = _rank(old), _rank(new)
        worse = None if before is None else (becomes > was) == more_is_worse
        yield Difference(
            label, "" if before is None else shown_value(old, ""), shown_value(new, ""), worse=worse
        )


def _texts(before: Terms | None, after: Terms) -> Iterator[Difference]:
    parts = {"name": _("Name (%(language)s)"), "pitch": _("Description (%(language)s)")}
    names = dict(settings.LANGUAGES)
    for language in sorted({*(before.texts if before else {}), *after.texts}):
        for part, label in parts.items():
            old = (before.texts.get(language, {}) if before else {}).get(part, "")
            new = after.texts.get(language, {}).get(part, "")
            if old != new:
                yield Difference(
                    label % {"language": names.get(language, language)}, old, new or _("(empty)")
                )


def notes(kind: str, terms: Terms) -> list[str]:
    """What is allowed but unusual about terms."""
    dear = [
        currency
        for currency in PRICE_CURRENCIES
        if kind != "usage"
        and terms.prices.get(("year", currency), 0) > 12 * terms.prices.get(("month", currency), 0)
    ]
    if not dear:
        return []
    return [_("A year costs more than twelve months in %(currencies)s.") % {"currencies": ", ".join(dear)}]


def effect(running: int, trials: int) -> str:
    """Whom new terms reach, in a sentence."""
    kept = ngettext(
        "%(n)s running subscription keeps its terms until its administrator chooses the new ones.",
        "%(n)s running subscriptions keep their terms until their administrators choose the new ones.",
        running,
    ) % {"n": running}
    tried = ngettext(
        "%(n)s trial goes on as it began; who buys now buys the new terms.",
        "%(n)s trials go on as they began; who buys now buys the new terms.",
        trials,
    ) % {"n": trials}
    nobody = _("Nobody runs on this plan yet.")
    return " ".join([kept] * bool(running) + [tried] * bool(trials)) or nobody
