"""Which program asks: by its public name, and by its secret where it has one (RFC 6749 §2.3)."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any
from urllib.parse import unquote_plus

from tenants.identity.models import OAuthApplication
from tenants.identity.oauth import secrets


def find(client_id: Any) -> OAuthApplication | None:
    """The program of this workspace with this public name."""
    if not secrets.is_one(client_id, secrets.CLIENT):
        return None
    rows = OAuthApplication.objects.select_related("service_user", "created_by")
    return rows.filter(client_id=client_id).first()


def presented(headers: Any, client_id: Any, client_secret: Any) -> tuple[Any, Any] | None:
    """Name and secret as sent: in an ``Authorization: Basic`` header or in the body, never in both.

    None when they are malformed or sent in two ways.
    """
    header = headers.get("Authorization")
    if not header:
        return client_id, client_secret
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic" or client_secret:
        return None
    try:
        name, colon, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    name, secret = unquote_plus(name), unquote_plus(secret)
    if not colon or (client_id and client_id != name):
        return None
    return name, secret


def has_secret(application: OAuthApplication, secret: Any) -> bool:
    """Whether ``secret`` is the program's; compared in a time that tells nothing."""
    if not application.is_confidential or not secrets.is_one(secret, secrets.SECRET):
        return False
    return hmac.compare_digest(secrets.hashed(secret), application.secret_hash)
