"""How the pages about money print amounts, days and usage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from billing.countries import country_names
from billing.models import PlanVersion
from billing.services import wording
from billing.services.catalogue import Offer, UsageOffer, year_costs_ten_months
from billing.services.meters import Meter
from tenants.usage import ONE_BY_ONE

register = template.Library()


@register.filter
def minor(amount: int, currency: str) -> str:
    """An amount in minor units with its currency."""
    return wording.money(amount, currency)


@register.filter
def day(moment: datetime | None) -> str:
    """A day, long."""
    return wording.day(moment)


@register.filter
def percent(rate: Any) -> str:
    """A tax rate without needless zeros."""
    return format_decimal(rate.normalize(), locale=wording.locale())


@register.filter
def meter_value(value: int | None, unit: str) -> str:
    """A value of a meter: bytes as MB or GB, else a grouped number; "unlimited" for none."""
    if value is None:
        return _("unlimited")
    if unit == "bytes":
        return size(value)
    return format_decimal(value, locale=wording.locale())


@register.filter
def term_value(value: int | None, unit: str) -> str:
    """A limit of a plan as a contract prints it, with what it is counted by."""
    shown = meter_value(value, "bytes" if unit.startswith("bytes") else unit)
    match unit:
        case "bytes_per_user":
            return _("%(limit)s per user") % {"limit": shown}
        case "per_day":
            return _("%(limit)s per day") % {"limit": shown}
        case "days":
            return _("%(limit)s days") % {"limit": shown}
    return shown


def size(value: int) -> str:
    """Bytes as MB or GB with at most one decimal (binary multiples, as file managers print them)."""
    unit, divisor = ("GB", 1024**3) if value >= 1024**3 else ("MB", 1024**2)
    return f"{format_decimal(round(value / divisor, 1), locale=wording.locale())} {unit}"


@register.filter
def tone(meter: Meter) -> str:
    """`ok`, `warn` (80 %), `bad` (95 % and more)."""
    warning = meter.warning or 0
    if meter.code in ONE_BY_ONE:
        return "ok" if (meter.percent or 0) <= 100 else "bad"
    return "bad" if warning >= 95 else "warn" if warning >= 80 else "ok"


@register.filter
def major(amount: Decimal, currency: str) -> str:
    """An amount in whole units with its currency; without cents when there are none."""
    whole = amount == amount.to_integral_value()

    text = format_currency(amount, currency, locale=wording.locale(), decimal_quantization=not whole)
    return text.replace(".00", "").replace(",00", "") if whole else text


@register.filter
def shortday(moment: datetime | None) -> str:
    """A day, for tables."""
    return format_date(moment, "medium", locale=wording.locale()) if moment else ""


@register.filter
def country(code: str) -> str:
    """The name of a country."""
    return dict(country_names(wording.locale())).get(code, code)


@register.filter
def year_as_ten_months(offers: Sequence[Offer]) -> bool:
    """Whether a year costs as much as ten months in every plan shown."""
    return year_costs_ten_months(offers)


@register.filter
def opposite(amount: int) -> int:
    """The amount with the other sign."""
    return -amount


@register.filter
def plan_name(version: PlanVersion) -> str:
    """The name of a plan or price in the active language."""
    return version.text("name", (get_language() or "en")[:2])


@register.filter
def cost_of(offer: UsageOffer, packs: int) -> str:
    """What so many packs cost."""
    return wording.money(offer.price_minor * packs, offer.currency)


@register.simple_tag
def days_chart(days: Sequence[tuple[date, int]], label: str) -> SafeString:
    """Bars of the last days, as an SVG that works without script: one pixel high where something was counted."""
    highest = max((value for _day, value in days), default=0)
    bars = [
        (at * 4, max(1, round(24 * value / highest)) if value and highest else 0)
        for at, (_day, value) in enumerate(days)
    ]
    drawn = format_html_join(
        "", '<rect x="{}" y="{}" width="3" height="{}"/>', ((x, 24 - height, height) for x, height in bars if height)
    )  # fmt: skip
    words = _("%(label)s, last %(count)s days, at most %(highest)s in a day") % {
        "label": label,
        "count": len(days),
        "highest": format_decimal(highest, locale=wording.locale()),
    }
    return format_html(
        '<svg class="days" role="img" aria-label="{}" viewBox="0 0 {} 24" width="{}" height="24" fill="currentColor">'
        '<title>{}</title>{}<rect y="23.5" width="{}" height=".5" opacity=".3"/></svg>',
        words, 4 * len(days), 4 * len(days), words, drawn, 4 * len(days),
    )  # fmt: skip
