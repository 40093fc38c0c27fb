"""How the pages about money print amounts, days and usage."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django import template
from django.utils.translation import gettext as _

from billing.countries import country_names
from billing.services import wording
from billing.services.meters import Meter

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


def size(value: int) -> str:
    """Bytes as MB or GB with at most one decimal (binary multiples, as file managers print them)."""
    unit, divisor = ("GB", 1024**3) if value >= 1024**3 else ("MB", 1024**2)
    return f"{format_decimal(round(value / divisor, 1), locale=wording.locale())} {unit}"


@register.filter
def tone(meter: Meter) -> str:
    """`ok`, `warn` (80 %), `bad` (95 % and more)."""
    warning = meter.warning or 0
    if meter.code == "users":
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
