"""From host name to workspace, cached per process (SAAS.md §1.2 routing)."""

from __future__ import annotations

import copy
import logging
import re
import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from tenants.context import activate_public
from tenants.models import Domain, Tenant

logger = logging.getLogger(__name__)

LIFETIME_SECONDS = 30.0
MAX_ENTRIES = 10_000
VERSION_KEY = "workspace-hosts-version"
# How often one process asks Redis whether another one changed a domain or tenant, and how long it leaves
# Redis alone after a failure: the lifetime above is the bound then.
VERSION_CHECK_SECONDS = 1.0
VERSION_RETRY_SECONDS = 15.0

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\.?")
OPERATOR_LABEL = "ops"


@dataclass(frozen=True)
class Found:
    """A host that belongs to a tenant. ``redirect_to`` is set when the address was given up for another, and when the
    workspace has a domain of its own as its main address; then programs (``pages_only``) are still served here."""

    tenant: Tenant
    redirect_to: str = ""
    pages_only: bool = False


def host_name(raw: str) -> str | None:
    """The bare lower-case host of a Host header (``NAME[:port]``), or None when it is malformed.

    Takes nothing from X-Forwarded-Host. IPv4 addresses pass as they are; everything unusual (user
    info, spaces, empty labels, IPv6, over-long, non-ASCII) is None.
    """
    host, colon, port = raw.strip().lower().partition(":")
    if colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return None
    if not host.isascii() or len(host) > 253 or not _HOST.fullmatch(host):
        return None
    return host.removesuffix(".")


def is_public_host(host: str) -> bool:
    """Whether ``host`` is the provider's own site (the base domain, with or without www)."""
    base = settings.KONTOR_BASE_DOMAIN
    return host in {base, f"www.{base}"} or (base == "localhost" and host == "127.0.0.1")


def is_operator_host(host: str) -> bool:
    """Whether ``host`` is the operators' console."""
    return host == f"{OPERATOR_LABEL}.{settings.KONTOR_BASE_DOMAIN}"


def workspace_host(slug: str) -> str:
    """The host name of a workspace: ``acme`` → ``acme.localhost``."""
    return f"{slug}.{settings.KONTOR_BASE_DOMAIN}"


class _HostCache:
    """Host → Found or None, for a short time. Missing hosts are cached too, so that a flood of unknown
    names does not become a flood of queries."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[str, tuple[float, Found | None]] = {}
        self._version: Any = None
        self._next_check = 0.0
        self._generation = 0

    def get(self, host: str) -> Found | None:
        self._notice_other_processes()
        entry = self._entries.get(host)
        if entry is not None and entry[0] > time.monotonic():
            return entry[1]
        generation = self._generation
        found = _look_up(host)
        with self._lock:
            # Somebody changed a domain while we read: what we read may be the old row, do not keep it.
            if generation == self._generation:
                if len(self._entries) >= MAX_ENTRIES:
                    self._entries.clear()
                self._entries[host] = (time.monotonic() + LIFETIME_SECONDS, found)
        return found

    def clear(self) -> None:
        with self._lock:
            self._generation += 1
            self._entries.clear()

    def told(self, version: int) -> None:
        """This process announced `version` itself: nothing to notice later, and nothing known from before it."""
        self._version = version
        self.clear()

    def _notice_other_processes(self) -> None:
        now = time.monotonic()
        if now < self._next_check:
            return
        self._next_check = now + VERSION_CHECK_SECONDS
        try:
            with activate_public():
                version = cache.get(VERSION_KEY)
        except Exception as error:  # noqa: BLE001 - every client library has its own connection errors
            self._next_check = now + VERSION_RETRY_SECONDS
            logger.warning("Cannot read the host version from the cache: %s", error)
            return
        if version != self._version:
            self._version = version
            self.clear()


_cache = _HostCache()


def find(host: str) -> Found | None:
    """The tenant behind ``host``, or None. The Tenant is a copy of its own, so callers may change it."""
    found = _cache.get(host)
    return None if found is None else replace(found, tenant=copy.copy(found.tenant))


def _look_up(host: str) -> Found | None:
    suffix = f".{settings.KONTOR_BASE_DOMAIN}"
    label = host.removesuffix(suffix) if host.endswith(suffix) else None
    with activate_public():
        rows = Domain.objects.select_related("tenant")
        domain = rows.filter(slug=label).first() if label else rows.filter(domain=host, slug=None).first()
        if domain is None:
            return None
        if domain.tombstone_until is None and domain.is_primary:
            return Found(domain.tenant)
        primary = rows.filter(tenant=domain.tenant, is_primary=True, tombstone_until=None).first()
        if domain.tombstone_until is None:
            main = address_of(primary) if primary is not None and primary.slug is None else ""
            return Found(domain.tenant, redirect_to=main, pages_only=True)
        if primary is None or domain.tombstone_until < timezone.now():
            return None
        return Found(domain.tenant, redirect_to=address_of(primary))


def address_of(domain: Domain) -> str:
    """The host name people type for a Domain row; sub-domains follow the installation's base domain."""
    return workspace_host(domain.slug) if domain.slug else domain.domain


def forget() -> None:
    """Drop this process's cache and tell the others through the cache server. Never raises."""
    _cache.clear()
    version = time.time_ns()
    try:
        with activate_public():
            cache.set(VERSION_KEY, version, timeout=None)
        _cache.told(version)
    except Exception as error:  # noqa: BLE001 - see above; the other processes notice within LIFETIME_SECONDS
        logger.warning("Cannot announce a changed host: %s", error)


def _changed(**_signal: Any) -> None:
    from django.db import transaction

    # At once for this request, and again after the commit, when other processes can see the new row.
    _cache.clear()
    transaction.on_commit(forget)


def connect_invalidation() -> None:
    """Forget hosts whenever a Domain or Tenant row is written."""
    for model in (Domain, Tenant):
        for signal in (post_save, post_delete):
            signal.connect(
                _changed, sender=model, dispatch_uid=f"tenants.hosts.{model.__name__}.{id(signal)}"
            )
