"""Sessions of one schema: rows in the database, read through the cache (SAAS.md §1.3 row 13).

The session carries the id of its tenant and is worth nothing in another workspace. When neither cache nor
database can be read the request fails; a session is never guessed.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY as USER_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.core.cache import cache
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from tenants.context import current_schema, current_tenant_id, in_public
from tenants.identity.clients import client_address
from tenants.identity.models import Session

logger = logging.getLogger(__name__)

TENANT_KEY = "_tenant"
CLIENT_KEY = "_client"
# Also the longest time a revoked session could live on while the cache server is out of reach.
CACHE_SECONDS = 60
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


def key_hash(session_key: str) -> str:
    """What is stored instead of the cookie's value."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def _cache_key(hashed: str) -> str:
    # The schema is named explicitly as well, should the cache ever be set up without django-tenants' key function.
    return f"session:{current_schema()}:{hashed}"


class SessionStore(SessionBase):
    """Django session engine over :class:`tenants.identity.models.Session`."""

    _is_new = False  # has a key, but no row yet

    def load(self) -> dict[str, Any]:
        hashed = key_hash(self.session_key or "")
        data = self._from_cache(hashed) or self._from_database(hashed)
        if data is None or data.get(TENANT_KEY) != current_tenant_id():
            # Foreign or unknown: forget the key here, touch nothing over there (T3).
            self._session_key = None
            return {}
        return data

    def _from_cache(self, hashed: str) -> dict[str, Any] | None:
        try:
            return cache.get(_cache_key(hashed))
        except Exception as error:  # noqa: BLE001 - each cache client has its own errors; the row is the truth
            logger.warning("Session cache cannot be read: %s", error)
            return None

    def _from_database(self, hashed: str) -> dict[str, Any] | None:
        row = Session.objects.filter(pk=hashed, expires_at__gt=timezone.now()).first()
        if row is None:
            return None
        data = self.decode(row.data)
        self._remember(hashed, data, row.expires_at - timezone.now())
        return data

    def _remember(self, hashed: str, data: dict[str, Any], left: timedelta) -> None:
        seconds = min(CACHE_SECONDS, max(1, int(left.total_seconds())))
        try:
            cache.set(_cache_key(hashed), data, seconds)
        except Exception as error:  # noqa: BLE001 - see _from_cache
            logger.warning("Session cache cannot be written: %s", error)

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(pk=key_hash(session_key)).exists()

    def _get_new_session_key(self) -> str:
        return get_random_string(40, _ALPHABET)

    def create(self) -> None:
        """A new key. The row is written once, by the `save` that ends the request, with what the request put in."""
        self._session_key = self._get_new_session_key()
        self._is_new = True
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Write the row. Raises CreateError when `must_create` and the key is taken, UpdateError when it is gone."""
        if self.session_key is None:
            self.create()
        must_create = must_create or self._is_new
        data = dict(self._get_session(no_load=must_create))  # type: ignore[attr-defined]
        data[TENANT_KEY] = current_tenant_id()
        hashed = key_hash(str(self.session_key))
        row = self._row(hashed, data)
        # a failed statement needs a savepoint only where it would spoil a transaction
        in_transaction = transaction.get_connection().in_atomic_block
        try:
            with transaction.atomic() if in_transaction else nullcontext():
                if must_create:
                    row.save(force_insert=True)
                else:
                    row.save(
                        force_update=True,
                        update_fields=[
                            "data",
                            "user_id",
                            "tenant_id",
                            "ip_address",
                            "user_agent",
                            "expires_at",
                        ],
                    )
        except IntegrityError as error:
            if must_create:
                raise CreateError from error
            raise
        except DatabaseError as error:
            if not must_create:
                # Signed out elsewhere while this request ran; django answers with a fresh session.
                raise UpdateError from error
            raise
        self._is_new = False
        # Signing in writes inside the request's transaction: cache only what others can also read.
        transaction.on_commit(lambda: self._remember(hashed, data, row.expires_at - timezone.now()))

    def _row(self, hashed: str, data: dict[str, Any]) -> Session:
        client = data.get(CLIENT_KEY) or {}
        user = data.get(USER_KEY)
        return Session(
            pk=hashed,
            data=self.encode(data),
            user_id=UUID(user) if user else None,
            tenant_id=None if in_public() else UUID(current_tenant_id()),
            ip_address=client.get("ip"),
            user_agent=(client.get("agent") or "")[:300],
            expires_at=self.get_expiry_date(),
        )

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            revoke(Session.objects.filter(pk=key_hash(key)))

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expires_at__lt=timezone.now()).delete()


def revoke(sessions: Any) -> int:
    """End the given sessions (a queryset of Session) at once, in the cache too. Returns how many."""
    hashes = list(sessions.values_list("pk", flat=True))
    Session.objects.filter(pk__in=hashes).delete()
    try:
        cache.delete_many([_cache_key(h) for h in hashes])
    except Exception as error:  # noqa: BLE001 - the copies live CACHE_SECONDS at most
        logger.warning("Revoked sessions cannot be removed from the cache: %s", error)
    return len(hashes)


def revoke_user(user: Any, *, except_key: str | None = None) -> int:
    """End every session of ``user`` but the one with the cookie value ``except_key``."""
    sessions = Session.objects.filter(user_id=user.pk)
    if except_key:
        sessions = sessions.exclude(pk=key_hash(except_key))
    return revoke(sessions)


def remember_client(request: Any) -> None:
    """Note address and browser in the session for the user's session list."""
    address = client_address(request)
    request.session[CLIENT_KEY] = {
        "ip": None if address == "0.0.0.0" else address,  # noqa: S104 - our word for "unknown"
        "agent": request.headers.get("User-Agent", "")[:300],
    }


assert settings.SESSION_COOKIE_DOMAIN is None, "Session cookies must be host-only."
