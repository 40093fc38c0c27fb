"""The words on invoices, in the language that is active."""

from __future__ import annotations

from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from billing.money.discounts import Discount
from billing.money.proration import Line
from billing.providers.builtin.models import Price


def _locale() -> str:
    return (get_language() or "en").replace("-", "_")


def _name(price: Price) -> str:
    return str(price.names.get(get_language() or "en") or price.names.get("en") or price.lookup_key)


def line(of: Line, price: Price) -> str:
    """The text of a line: what, and for which days."""
    values = {
        "plan": _name(price),
        "start": format_date(of.period.start, "medium", locale=_locale()),
        "end": format_date(of.period.end, "medium", locale=_locale()),
    }
    match of.kind:
        case "seats_added":
            return _("%(plan)s, additional users from %(start)s to %(end)s") % values
        case "plan_unused":
            return _("%(plan)s, unused from %(start)s to %(end)s") % values
        case "plan_remaining":
            return _("%(plan)s, users from %(start)s to %(end)s") % values
        case "addon_added":
            return _("%(plan)s, additional, from %(start)s to %(end)s") % values
        case "addon_unused":
            return _("%(plan)s, unused from %(start)s to %(end)s") % values
        case "usage":
            return _("%(plan)s, used from %(start)s to %(end)s") % values
        case "addon_period" if price.interval == "year":
            return _("%(plan)s, year from %(start)s to %(end)s") % values
        case "addon_period":
            return _("%(plan)s, month from %(start)s to %(end)s") % values
    if price.interval == "year":
        return _("%(plan)s, users, year from %(start)s to %(end)s") % values
    return _("%(plan)s, users, month from %(start)s to %(end)s") % values


def discount(of: Discount) -> str:
    """The text of a discount's line."""
    if of.percent_off is not None and of.twelfths < 12:
        return _("Discount %(code)s, %(percent)s %% for %(months)s of 12 months") % {
            "code": of.code,
            "percent": format_decimal(of.percent_off, locale=_locale()),
            "months": of.twelfths,
        }
    if of.percent_off is not None:
        return _("Discount %(code)s, %(percent)s %%") % {
            "code": of.code,
            "percent": format_decimal(of.percent_off, locale=_locale()),
        }
    return _("Discount %(code)s") % {"code": of.code}
