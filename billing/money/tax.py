"""Value added tax on our own invoices (ASP-20.3): EU rates, reverse charge, nothing outside the EU.

Standard rates as in force on 1 January 2026 (European Commission, Taxes in Europe database). They are data:
a changed rate is a changed line here, and applies to invoices issued afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from billing.money.rounding import percent

EU_RATES: dict[str, Decimal] = {
    code: Decimal(rate)
    for code, rate in {
        "AT": "20", "BE": "21", "BG": "20", "HR": "25", "CY": "19", "CZ": "21", "DK": "25", "EE": "24",
        "FI": "25.5", "FR": "20", "DE": "19", "GR": "24", "HU": "27", "IE": "23", "IT": "22", "LV": "21",
        "LT": "21", "LU": "17", "MT": "18", "NL": "21", "PL": "23", "PT": "23", "RO": "21", "SK": "23",
        "SI": "22", "ES": "21", "SE": "25",
    }.items()
}  # fmt: skip
#: VAT numbers of Greece begin with EL.
_PREFIX = {"GR": "EL"}

STANDARD, REVERSE_CHARGE, OUT_OF_SCOPE = "standard", "reverse_charge", "out_of_scope"


@dataclass(frozen=True)
class TaxDecision:
    """Rate in percent and why: `standard`, `reverse_charge` or `out_of_scope`."""

    rate: Decimal
    treatment: str

    def on(self, net_minor: int) -> int:
        """The tax on a net sum, rounded once per document."""
        return percent(net_minor, self.rate)


@dataclass(frozen=True)
class Taxation(TaxDecision):
    """How a sale was taxed, and where: what a later correction of it has to carry."""

    #: The buyer's country where EU rules apply, else empty.
    country: str = ""


def normalized_tax_id(country: str, raw: str) -> str | None:
    """The VAT number in its compact form with prefix, or None when its format or check digit is wrong.

    `country` is the customer's; a number of another country is not his.
    """
    prefix = _PREFIX.get(country, country)
    if country not in EU_RATES:
        return None
    text = "".join(character for character in raw.upper() if character.isalnum())
    if not text.startswith(prefix):
        text = prefix + text
    try:
        return str(vat.validate(text))
    except (ValidationError, ValueError):
        return None


def decide(seller_country: str, country: str, tax_id: str = "", *, is_valid: bool = True) -> TaxDecision:
    """How a sale of our service from `seller_country` to a customer is taxed.

    Same country: its rate. Elsewhere in the EU: reverse charge with a VAT number that is well-formed and, as far as
    anybody knows (`is_valid`), valid; else the rate of the customer's country. Outside the EU, or a seller outside it: no EU tax.
    """
    if seller_country not in EU_RATES:
        return TaxDecision(Decimal(0), OUT_OF_SCOPE)
    if country == seller_country:
        return TaxDecision(EU_RATES[country], STANDARD)
    if country not in EU_RATES:
        return TaxDecision(Decimal(0), OUT_OF_SCOPE)
    if tax_id and is_valid and normalized_tax_id(country, tax_id):
        return TaxDecision(Decimal(0), REVERSE_CHARGE)
    return TaxDecision(EU_RATES[country], STANDARD)
