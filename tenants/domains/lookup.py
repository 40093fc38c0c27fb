"""Asks the name system, and nothing else: no connection is ever made to a customer's domain (SSRF).

Tests put their own `zone` in place; in production it is dnspython over the machine's resolvers or KONTOR_DNS_SERVERS.
"""

from __future__ import annotations

import ipaddress
from typing import Protocol

import dns.exception
import dns.resolver
from django.conf import settings

#: Seconds one question may take with all its repetitions.
LIFETIME = 5.0


class Unavailable(RuntimeError):
    """The name system did not answer: neither proof nor the lack of it."""


class Zone(Protocol):
    """What is asked of the name system. Every method raises Unavailable when there is no answer."""

    def texts(self, name: str) -> list[str]:
        """TXT records, empty when there are none or the name does not exist."""

    def alias(self, name: str) -> str:
        """Where a CNAME leads in the end, without the final dot; the name itself without one."""

    def addresses(self, name: str) -> list[str]:
        """IPv4 and IPv6 addresses, empty when there are none."""


class PublicZone:
    """The real name system."""

    def __init__(self) -> None:
        self._resolver = dns.resolver.Resolver(configure=not settings.KONTOR_DNS_SERVERS)
        if settings.KONTOR_DNS_SERVERS:
            self._resolver.nameservers = list(settings.KONTOR_DNS_SERVERS)
        self._resolver.lifetime = LIFETIME
        self._resolver.timeout = LIFETIME / 2

    def texts(self, name: str) -> list[str]:
        """See Zone. Parts of a long record are joined, as the standard says."""
        return [b"".join(row.strings).decode("utf-8", "replace") for row in self._ask(name, "TXT") or ()]

    def alias(self, name: str) -> str:
        """See Zone."""
        for kind in ("A", "AAAA"):
            answer = self._ask(name, kind)
            if answer is not None:
                return answer.canonical_name.to_text(omit_final_dot=True).lower()
        return name

    def addresses(self, name: str) -> list[str]:
        """See Zone."""
        return [row.address for kind in ("A", "AAAA") for row in self._ask(name, kind) or ()]

    def _ask(self, name: str, kind: str) -> dns.resolver.Answer | None:
        try:
            # Absolute: the machine's search domains must not turn a customer's name into one inside our network.
            return self._resolver.resolve(f"{name}.", kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except dns.exception.DNSException as error:
            raise Unavailable(type(error).__name__) from error


def zone() -> Zone:
    """The name system to ask."""
    return PublicZone()


def is_internal(address: str) -> bool:
    """Whether an address lies inside some network instead of in the internet (RFC 6890), also when written as IPv6."""
    found = ipaddress.ip_address(address)
    mapped = getattr(found, "ipv4_mapped", None)
    return not (mapped or found).is_global
