"""Countries a company can be in, and what is usual there: currency, language, time zone (ASP-10.1)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies

#: Languages the product speaks; the public site and the mails exist in the first two.
WORKSPACE_LANGUAGES = ("en", "de", "sv", "ru", "bg")
SITE_LANGUAGES = ("en", "de")
#: Each in its own words, so that a speaker finds it.
LANGUAGE_NAMES = {"en": "English", "de": "Deutsch", "sv": "Svenska", "ru": "Русский", "bg": "Български"}

# Countries whose first official language is one of ours; everywhere else English is suggested.
_LANGUAGE_OF = dict.fromkeys(("DE", "AT", "CH", "LI"), "de") | dict.fromkeys(("RU", "BY", "KZ", "KG"), "ru")
_LANGUAGE_OF |= {"SE": "sv", "AX": "sv", "BG": "bg"}
# Where a country has several zones: the one its capital or largest city keeps.
_ZONE_OF = {
    "DE": "Europe/Berlin",
    "US": "America/New_York",
    "CA": "America/Toronto",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "RU": "Europe/Moscow",
    "ES": "Europe/Madrid",
    "PT": "Europe/Lisbon",
    "MX": "America/Mexico_City",
    "CN": "Asia/Shanghai",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "UA": "Europe/Kyiv",
    "NZ": "Pacific/Auckland",
    "CL": "America/Santiago",
    "AR": "America/Argentina/Buenos_Aires",
}
# Newer than the territory data of some Babel versions.
_CURRENCY_OF = {"BG": "EUR", "HR": "EUR"}
# Offered first, in this order, because most visitors come from there.
FREQUENT_COUNTRIES = ("DE", "AT", "CH", "GB", "IE", "US", "SE", "BG")
_NOT_COUNTRIES = {
    "AC",
    "CP",
    "CQ",
    "DG",
    "EA",
    "EU",
    "EZ",
    "IC",
    "QO",
    "TA",
    "UN",
    "XA",
    "XB",
    "ZZ",
    "AQ",
    "BV",
    "HM",
}


@dataclass(frozen=True)
class Usual:
    """What most companies in a country use."""

    currency: str
    language: str
    time_zone: str


@lru_cache(maxsize=8)
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of every country, sorted by name in `language`."""
    locale = Locale.parse(language)
    found = [
        (code, name)
        for code, name in locale.territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES and get_territory_currencies(code)
    ]
    return tuple(sorted(found, key=lambda pair: _sort_key(pair[1])))


def _sort_key(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()


@lru_cache(maxsize=8)
def currencies(language: str) -> tuple[tuple[str, str], ...]:
    """(code, "EUR – Euro") of every currency in use today, sorted by code."""
    locale = Locale.parse(language)
    used = {usual(code).currency for code, _name in countries("en")}
    return tuple((code, f"{code} – {locale.currencies.get(code, code)}") for code in sorted(used))


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """Names of the time zones a company can choose, sorted; without aliases and fixed offsets."""
    regions = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return ("UTC", *sorted(name for name in _known_zones() if name.startswith(regions)))


@lru_cache(maxsize=300)
def usual(country: str) -> Usual:
    """Currency, language and time zone to suggest for `country`; EUR, English and UTC for an unknown one."""
    codes = get_territory_currencies(country) if len(country) == 2 and country.isalpha() else []
    currency = _CURRENCY_OF.get(country) or (codes[0] if codes else "EUR")
    return Usual(currency, _LANGUAGE_OF.get(country, "en"), _ZONE_OF.get(country) or _first_zone(country))


def _first_zone(country: str) -> str:
    known = _known_zones()
    return next((zone for zone in get_global("territory_zones").get(country, ()) if zone in known), "UTC")


@lru_cache(maxsize=1)
def _known_zones() -> frozenset[str]:
    """The zones of this machine's database; asking for them reads hundreds of files."""
    return frozenset(available_timezones())
