"""Where a program may be sent back to: what can be registered, and which request matches (SAAS.md A9).

Addresses are compared as texts, letter by letter: every way to read an address twice is a way to send a code to somebody
else. The one exception is the port of a loopback address, which a program on a desk only knows when it starts (OAuth 2.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

MAX_URIS = 10
MAX_LENGTH = 500
_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::(\d{1,5}))?(/.*)?")
#: Names of a desktop's own schemes are host names turned round (RFC 8252 §7.1): `com.example.app`.
_OWN_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_PLAIN = re.compile(r"[!#-;=?-\[\]_a-z~]+")  # printable ASCII without quotes, angle brackets, backslash …


def matches(registered: Iterable[str], wanted: str) -> bool:
    """Whether a program that registered these addresses may be sent to ``wanted``."""
    return any(wanted == uri or _same_but_port(uri, wanted) for uri in registered)


def _same_but_port(registered: str, wanted: str) -> bool:
    ours, theirs = _LOOPBACK.fullmatch(registered), _LOOPBACK.fullmatch(wanted)
    if ours is None or theirs is None or not _PLAIN.fullmatch(wanted) or "#" in wanted:
        return False
    port = theirs[2]
    return (ours[1], ours[3]) == (theirs[1], theirs[3]) and (port is None or 0 < int(port) < 65536)


def is_registrable(uri: str) -> bool:
    """Whether ``uri`` may be registered: https, http on this machine only, or a scheme of the program's own.

    No fragment, no user name, no placeholder, no steps up the path: nothing a reader could take for another address.
    """
    if len(uri) > MAX_LENGTH or not _PLAIN.fullmatch(uri) or "#" in uri or "*" in uri:
        return False
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    scheme = uri.partition(":")[0]
    if scheme != parts.scheme or ".." in re.split(r"[/\\]", unquote(parts.path)):
        return False
    if "@" in parts.netloc or (port is not None and not 0 < port < 65536):
        return False
    if scheme == "https":
        return bool(
            re.fullmatch(r"[a-z0-9.-]+(:\d+)?", parts.netloc)
        )  # small letters: one address, one spelling
    if scheme == "http":
        return host in ("127.0.0.1", "::1", "localhost")
    return bool(_OWN_SCHEME.fullmatch(scheme)) and not parts.netloc and parts.path.startswith("/")


def form_target(uri: str) -> str:
    """What a content security policy must allow so that a form's answer may lead to ``uri``."""
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https") and "[" not in parts.netloc:
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"  # own schemes have no host, and the policy's grammar knows no IPv6
