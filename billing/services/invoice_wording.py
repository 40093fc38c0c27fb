"""Names people read for what an invoice keeps by keys: how it is taxed, how it was paid, why that failed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.money import tax
from billing.services.wording import locale

_TREATMENTS: dict[str, Any] = {
    tax.STANDARD: gettext_lazy("Taxable"),
    tax.REVERSE_CHARGE: gettext_lazy("VAT: reverse charge"),
    tax.OUT_OF_SCOPE: gettext_lazy("Not subject to EU VAT"),
}
#: Of both providers; Stripe names how a payment was made, not what with.
_PAYMENT_KINDS: dict[str, Any] = {
    "card": gettext_lazy("Card"),
    "sepa_debit": gettext_lazy("SEPA direct debit"),
    "bank_transfer": gettext_lazy("Bank transfer"),
    "payment_intent": gettext_lazy("Charge"),
    "charge": gettext_lazy("Charge"),
    "out_of_band_payment": gettext_lazy("Bank transfer"),
    "payment_record": gettext_lazy("Bank transfer"),
    "refund": gettext_lazy("Refund"),
}
#: What stands as reference of a payment that failed.
_FAILURES: dict[str, Any] = {
    "card_declined": gettext_lazy("card declined"),
    "insufficient_funds": gettext_lazy("not enough money"),
    "no_payment_method": gettext_lazy("no payment method"),
    "debit_returned": gettext_lazy("debit returned"),
}


def treatment_name(code: str) -> str:
    """How an invoice is taxed; the key where a newer release knows more."""
    return str(_TREATMENTS.get(code, code))


def tax_line(code: str, rate: Decimal) -> str:
    """The label of an invoice's tax: `VAT 19 %`, or why there is none."""
    if code != tax.STANDARD:
        return treatment_name(code)
    return _("VAT %(rate)s %%") % {"rate": format_decimal(rate.normalize(), locale=locale())}


def payment_name(kind: str, reference: str = "") -> str:
    """What was paid with, and the reference on the bank statement or why it failed."""
    words = (_PAYMENT_KINDS.get(kind, kind), _FAILURES.get(reference, reference))
    return " · ".join(str(word) for word in words if word)
