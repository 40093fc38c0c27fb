"""Requests to a provider a customer named: never into our own network, never for long, never for much (SSRF).

The name is resolved once, its addresses are judged, and the connection goes to the address that was judged, so that a name
which changes its mind in between leads nowhere else.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import urllib3
from django.conf import settings

from tenants.domains import lookup

TIMEOUT = urllib3.Timeout(connect=3, read=5)
MOST_BYTES = 256 * 1024


class Away(RuntimeError):
    """The provider cannot be asked: it does not answer, or not as a provider should."""


class NotAllowed(ValueError):
    """We do not ask there: not https, or inside some network."""


def fetch(
    address: str, form: dict[str, str] | None = None, basic: tuple[str, str] | None = None
) -> dict[str, Any]:
    """The JSON object at ``address``; with ``form`` it is posted. Redirects are not followed.

    Raises NotAllowed, Away.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", _port(parts)
    if not host or parts.username or parts.password or parts.fragment:
        raise NotAllowed(address)
    own = f"{host}:{port}" in settings.KONTOR_SSO_INTERNAL_HOSTS
    if parts.scheme != "https" and not (own and parts.scheme == "http"):
        raise NotAllowed(address)
    headers = {"Accept": "application/json", "Host": parts.netloc, "User-Agent": settings.PRODUCT_NAME}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if basic:
        headers |= urllib3.make_headers(basic_auth=":".join(quote(part, safe="") for part in basic))
    with _pool(parts.scheme, host, port, host if own else _public_address(host)) as pool:
        try:
            answer = pool.urlopen(
                "GET" if form is None else "POST",
                (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
                body=None if form is None else urlencode(form),
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
            )
            body = answer.read(MOST_BYTES + 1)
            answer.close()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Away(type(error).__name__) from error
    if len(body) > MOST_BYTES:
        raise Away("too much")
    try:
        found = json.loads(body)
    except ValueError as error:
        raise Away(f"HTTP {answer.status}, no JSON") from error
    if answer.status != 200 or not isinstance(found, dict):
        raise Away(
            f"HTTP {answer.status} {found.get('error', '') if isinstance(found, dict) else ''}".strip()
        )
    return found


def _port(parts: Any) -> int:
    try:
        return parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise NotAllowed("port") from error


def _public_address(host: str) -> str:
    """The address to connect to. Raises NotAllowed when one of them lies inside some network, Away without any."""
    try:
        found = [host] if _is_address(host) else lookup.zone().addresses(host)
    except lookup.Unavailable as error:
        raise Away("name system") from error
    if not found:
        raise Away("no such host")
    if any(lookup.is_internal(address) for address in found):
        raise NotAllowed(host)
    return found[0]


def _is_address(host: str) -> bool:
    try:
        lookup.is_internal(host)
    except ValueError:
        return False
    return True


def _pool(scheme: str, host: str, port: int, address: str) -> Any:
    if scheme == "http":
        return urllib3.HTTPConnectionPool(address, port, timeout=TIMEOUT, maxsize=1)
    return urllib3.HTTPSConnectionPool(
        address, port, timeout=TIMEOUT, maxsize=1, server_hostname=host, assert_hostname=host
    )
