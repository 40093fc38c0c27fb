"""Test cards and accounts; what is typed in is looked up here and never stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from stdnum import iban, luhn
from stdnum.exceptions import ValidationError

#: Number → how it behaves. Any other well-formed number is refused: a test page must not collect real cards.
TEST_CARDS: dict[str, tuple[str, str]] = {
    "4242424242424242": ("visa", "ok"),
    "5555555555554444": ("mastercard", "ok"),
    "4000000000000002": ("visa", "decline"),
    "4000000000000341": ("visa", "decline_renewal"),
    "4000002500003155": ("visa", "authenticate"),
    "4000000000000259": ("visa", "dispute"),
}
TEST_ACCOUNTS: dict[str, str] = {
    "DE89370400440532013000": "ok",
    "AT611904300234573201": "ok",
    "DE62370400440532013001": "decline",
}


class BadDetails(Exception):
    """What was typed in can't be used; `field` and `code` say what and why."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code)
        self.field = field
        self.code = code


@dataclass(frozen=True)
class MethodDetails:
    """A payment method as kept: never the number."""

    kind: str
    brand: str = ""
    last4: str = ""
    exp_month: int | None = None
    exp_year: int | None = None
    behaviour: str = "ok"


def card(number: str, month: str, year: str, today: date) -> MethodDetails:
    """Raises BadDetails `card.number`, `card.expired`, `card.expiry`, `card.not_a_test_card`."""
    digits = "".join(c for c in number if c.isascii() and c.isdigit())
    if not 12 <= len(digits) <= 19 or not luhn.is_valid(digits):
        raise BadDetails("number", "card.number")
    try:
        mm, yy = int(month), int(year)
    except ValueError:
        raise BadDetails("expiry", "card.expiry") from None
    yy += 2000 if 0 <= yy < 100 else 0
    if not 1 <= mm <= 12 or not 2000 <= yy <= 2099:
        raise BadDetails("expiry", "card.expiry")
    if (yy, mm) < (today.year, today.month):
        raise BadDetails("expiry", "card.expired")
    if digits not in TEST_CARDS:
        raise BadDetails("number", "card.not_a_test_card")
    brand, behaviour = TEST_CARDS[digits]
    return MethodDetails("card", brand, digits[-4:], mm, yy, behaviour)


def account(number: str) -> MethodDetails:
    """A SEPA mandate. Raises BadDetails `iban.invalid`, `iban.not_a_test_account`."""
    try:
        clean = iban.validate(number[:60])
    except (ValidationError, ValueError):
        raise BadDetails("iban", "iban.invalid") from None
    if clean not in TEST_ACCOUNTS:
        raise BadDetails("iban", "iban.not_a_test_account")
    return MethodDetails("sepa_debit", clean[:2], clean[-4:], behaviour=TEST_ACCOUNTS[clean])


def transfer() -> MethodDetails:
    """Bank transfer by invoice."""
    return MethodDetails("bank_transfer")
