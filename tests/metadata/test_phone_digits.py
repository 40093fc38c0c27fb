"""The short way to the search form of a phone number gives exactly what the full parser gives."""

from __future__ import annotations

import random
import re

import phonenumbers

from crm_core.metadata.types import text


def parsed(value: str, region: str) -> str:
    try:
        number = phonenumbers.parse(value, region)
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        pass
    return re.sub(r"\D", "", value)


def test_plain_numbers_agree_with_the_parser() -> None:
    chance = random.Random(7)
    starts = ["+", "0", "00", "", "+49", "+44 ", "+1 ", "+7 ", "+46", "+359 ", "0 ", "+39 0", "+36 "]
    taken = 0
    for _ in range(8_000):
        region = chance.choice(
            ["DE", "US", "GB", "SE", "FR", "IT", "RU", "BG", "AT", "CH", "IN", "BR", "HU", "MX"]
        )
        value = chance.choice(starts) + "".join(
            chance.choice("0123456789") for _ in range(chance.randint(4, 14))
        )
        if chance.random() < 0.3:
            value = f"{value[:5]} {value[5:]}"
        assert text.phone_digits(value, region) == parsed(value, region), (value, region)
        taken += text._plain_number(value, region) is not None
    assert taken > 1_000
    assert text.phone_digits("", "DE") == ""
