"""Where a request comes from."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Network address of the client, for throttling and the session list.

    ``X-Forwarded-For`` counts only behind our own proxy (KONTOR_BEHIND_PROXY), and there only its last
    entry, which the proxy wrote itself; the rest is whatever the client sent.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.KONTOR_BEHIND_PROXY:
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or address
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:  # a Unix socket has no address
        return "0.0.0.0"  # noqa: S104 - a name for "unknown", nothing listens on it
