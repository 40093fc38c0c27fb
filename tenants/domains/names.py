"""Which names may be a customer's own domain."""

from __future__ import annotations

import ipaddress
import re

import idna
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tenants.errors import TenantRefusal

LONGEST = 253 - len("_workspace-verification.")
#: Endings that never are a customer's in the public name system: nobody may have us ask for names inside networks.
INTERNAL = frozenset(
    [
        "localhost",
        "local",
        "localdomain",
        "internal",
        "intranet",
        "lan",
        "home",
        "corp",
        "private",
        "arpa",
        "onion",
        "alt",
    ]
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def normalize(raw: str) -> str:
    """The name as it is stored and compared: lower case, without final dot, other scripts as ``xn--``.

    Raises TenantRefusal 422 ``domain.invalid`` for what is no name of at least two labels (addresses of machines, ports,
    wildcards, whole URLs) and ``domain.not_allowed`` for ours and for names inside networks.
    """
    text = raw.strip().rstrip(".")
    if not text or len(raw) > 500 or _is_address(text):
        raise _invalid()
    try:
        name = idna.encode(text, uts46=True, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        raise _invalid() from None
    labels = name.split(".")
    if len(labels) < 2 or len(name) > LONGEST or not all(_LABEL.fullmatch(label) for label in labels):
        raise _invalid()
    if labels[-1].isdigit():
        raise _invalid()
    base = settings.KONTOR_BASE_DOMAIN
    if labels[-1] in INTERNAL or name == base or name.endswith(f".{base}"):
        message = _("This domain can't be used. Take one you have registered yourself.")
        raise TenantRefusal("domain.not_allowed", message, status=422, field="domain")
    return name


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _invalid() -> TenantRefusal:
    message = _("Write a domain name such as crm.example.com, without https:// and without a path.")
    return TenantRefusal("domain.invalid", message, status=422, field="domain")
