"""Finds a free port for the web server."""

from __future__ import annotations

import socket

#: Browsers resolve `name.localhost` to either loopback address, so both have to be ours.
LOOPBACK = (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6))


def loopback_addresses() -> list[str]:
    """The loopback addresses this machine has."""
    found = []
    for address, family in LOOPBACK:
        try:
            with socket.socket(family) as probe:
                probe.bind((address, 0))
        except OSError:
            continue
        found.append(address)
    return found


def is_free(port: int) -> bool:
    """Whether a server can listen on `port` of every loopback address."""
    addresses = loopback_addresses()
    for address, family in LOOPBACK:
        if address not in addresses:
            continue
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def first_free(wanted: int, tries: int = 50) -> int:
    """`wanted` or the next free port above it. Raises RuntimeError when `tries` ports are all in use."""
    for port in range(wanted, min(wanted + tries, 65536)):
        if is_free(port):
            return port
    raise RuntimeError(f"No free port between {wanted} and {wanted + tries - 1}; set KONTOR_PORT.")
