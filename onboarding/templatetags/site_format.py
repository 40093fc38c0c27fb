"""How the public pages print amounts and limits."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency, format_decimal
from django import template
from django.utils.translation import get_language, gettext, ngettext

from billing.models import PlanFeature

register = template.Library()


def _locale() -> str:
    return (get_language() or "en").replace("-", "_")


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """An amount in the visitor's notation; without cents when there are none."""
    whole = amount == amount.to_integral_value()
    text = format_currency(amount, currency, locale=_locale(), decimal_quantization=not whole)
    return text.replace(".00", "").replace(",00", "") if whole else text


@register.filter
def limit(row: PlanFeature) -> str:
    """The value of a plan's feature for the table: "5 GB", "10,000 per day", "yes"."""
    if row.feature.kind == row.feature.Kind.SWITCH:
        return gettext("Yes") if row.enabled else gettext("No")
    if not row.enabled:
        return gettext("No")
    if row.limit is None:
        return gettext("Unlimited")
    number = format_decimal(row.limit, locale=_locale())
    match row.feature.unit:
        case "bytes":
            return size(row.limit)
        case "bytes_per_user":
            return gettext("%(size)s per user") % {"size": size(row.limit)}
        case "per_day":
            return gettext("%(number)s per day") % {"number": number}
        case "days":
            return days(row.limit)
    return number


def size(value: int) -> str:
    """Bytes as MB or GB (binary multiples, as file managers print them)."""
    return f"{value // 1024**3} GB" if value >= 1024**3 else f"{value // 1024**2} MB"


def days(value: int) -> str:
    """Days, or years when it is a whole number of them."""
    if value % 365 == 0:
        years = value // 365
        return ngettext("%(count)d year", "%(count)d years", years) % {"count": years}
    return ngettext("%(count)d day", "%(count)d days", value) % {"count": value}


@register.filter
def on_color(color: str) -> str:
    """Black or white, whichever is read better on `color` (`#rrggbb`): WCAG relative luminance."""
    parts = [int(color.lstrip("#")[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#141820"
