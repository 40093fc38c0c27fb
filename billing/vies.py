"""Asking the EU whether a VAT number is valid (VIES), by its public web service.

Whoever asks is given a consultation number: the proof that he asked and what he was told.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings

OFFICIAL_URL = "https://ec.europa.eu/taxation_customs/vies/rest-api/check-vat-number"
TIMEOUT_SECONDS = 10
_LARGEST_ANSWER = 64 * 1024


class ViesUnavailable(Exception):
    """No answer about the number: the service, or the member state behind it, is away."""


@dataclass(frozen=True)
class ViesAnswer:
    """What the service says; `name` and `address` are empty where the member state does not tell."""

    valid: bool
    name: str = ""
    address: str = ""
    consultation: str = ""


class ViesClient(Protocol):
    """Somebody who can be asked."""

    def check(self, number: str) -> ViesAnswer:
        """About a VAT number with its prefix (`ATU13585627`). Raises ViesUnavailable."""


class RestClient:
    """The Commission's REST interface at `url`; `requester` is our own VAT number, or empty."""

    def __init__(self, url: str, requester: str = "") -> None:
        if not url.startswith("https://"):
            raise ValueError("The VAT number service is asked by https only.")
        self.url, self.requester = url, requester

    def check(self, number: str) -> ViesAnswer:
        asked = {"countryCode": number[:2], "vatNumber": number[2:]}
        if self.requester:
            asked |= {"requesterMemberStateCode": self.requester[:2], "requesterNumber": self.requester[2:]}
        return read_answer(self._post(json.dumps(asked).encode()))

    def _post(self, body: bytes) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - https only, see __init__
            self.url, body, {"Content-Type": "application/json", "Accept": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
                return bytes(response.read(_LARGEST_ANSWER))
        except (OSError, urllib.error.URLError) as error:
            raise ViesUnavailable(type(error).__name__) from error


def read_answer(body: bytes) -> ViesAnswer:
    """An answer of the REST interface. Raises ViesUnavailable for anything that says neither valid nor not."""
    try:
        found: Any = json.loads(body)
    except ValueError as error:
        raise ViesUnavailable("no JSON") from error
    if not isinstance(found, dict) or not isinstance(found.get("valid"), bool):
        errors = found.get("errorWrappers") if isinstance(found, dict) else None
        named = (
            errors[0].get("error")
            if isinstance(errors, list) and errors and isinstance(errors[0], dict)
            else ""
        )
        raise ViesUnavailable(str(named or "no answer")[:60])
    return ViesAnswer(
        found["valid"], _text(found.get("name")), _text(found.get("address")), _text(found.get("requestIdentifier"))
    )  # fmt: skip


def _text(value: Any) -> str:
    """A text of the answer without line breaks; `---` means that the member state does not tell."""
    clean = " ".join(value.split())[:300] if isinstance(value, str) else ""
    return "" if clean == "---" else clean


def client() -> ViesClient | None:
    """The service of the settings, or None where numbers are checked by format only."""
    if not settings.KONTOR_VIES_URL:
        return None
    return RestClient(settings.KONTOR_VIES_URL, settings.KONTOR_SELLER["tax_id"].replace(" ", ""))
