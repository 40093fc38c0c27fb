"""The workspace's own provider of identities, as administrators set it (PLT-41 Login)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from crm_core.metadata.errors import Conflict, Invalid
from crm_core.metadata.models import Organization
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import audit
from crm_core.security.actor import Actor
from crm_core.security.models import Role
from tenants import sealing
from tenants.identity.models import FederatedLogin, IdentityProvider
from tenants.identity.sso import pages, protocol
from tenants.identity.sso.fetching import Away, NotAllowed

KEYS = {"name", "issuer", "client_id", "client_secret", "domains", "joining_role", "is_enforced", "is_active"}
MOST_DOMAINS = 20
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_LENGTHS = {"name": 60, "client_id": 200, "client_secret": 500}
_PLAIN = ("name", "issuer", "client_id", "domains", "is_enforced", "is_active")


def read(actor: Actor) -> dict[str, Any]:
    """What is set, without the secret, and the address the provider must lead back to.

    Raises Forbidden for anybody but administrators.
    """
    actor.require_administrator()
    row = IdentityProvider.objects.first() or IdentityProvider()
    return {
        **{name: getattr(row, name) for name in _PLAIN},
        "joining_role": str(row.joining_role) if row.joining_role else None,
        "has_secret": bool(row.client_secret),
        "return_address": pages.return_address(),
        "people": FederatedLogin.objects.filter(issuer=row.issuer).count() if row.issuer else 0,
    }


@transaction.atomic
def change(body: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Change some of it; a provider that is switched on is asked for its description first.

    Another issuer needs the secret again, so that nobody leads it elsewhere. Raises Forbidden for anybody but
    administrators at a screen, Invalid naming the field, Conflict `sso.incomplete`, `sso.away`.
    """
    actor.require_administrator(at_screen=True)
    Organization.objects.select_for_update().get(pk=1)  # two administrators at once
    row = IdentityProvider.objects.first() or IdentityProvider()
    before = _told(row)
    moved = "issuer" in body and body["issuer"] != row.issuer
    if moved and "client_secret" not in body:
        row.client_secret = ""
    for name, value in body.items():
        _set(row, name, value)
    if row.is_active:
        _require_working(row)
    row.save()
    after = _told(row)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if "client_secret" in body:
        changes["client_secret"] = [None, _("replaced")]
    if changes:
        audit.note(actor, "workspace", "single_sign_on", changes)
    return read(actor)


def _told(row: IdentityProvider) -> dict[str, Any]:
    role = Role.objects.filter(pk=row.joining_role).values_list("name", flat=True).first()
    return {**{name: getattr(row, name) for name in _PLAIN}, "joining_role": role}


def _set(row: IdentityProvider, name: str, value: Any) -> None:
    field = f"sso.{name}"
    if name in ("is_active", "is_enforced"):
        if not isinstance(value, bool):
            raise Invalid("value.wrong_type", _("True or false is expected."), field=name)
        setattr(row, name, value)
    elif name in _LENGTHS:
        text = value.strip() if isinstance(value, str) else ""
        if not 1 <= len(text) <= _LENGTHS[name] or not text.isprintable():
            message = _("Text of 1 to %(most)d characters is needed.") % {"most": _LENGTHS[name]}
            raise Invalid(field, message, field=name)
        setattr(row, name, sealing.seal(text) if name == "client_secret" else text)
    elif name == "issuer":
        row.issuer = _issuer(value)
    elif name == "domains":
        row.domains = _domains(value)
    else:
        row.joining_role = _role(value)


def _issuer(value: Any) -> str:
    """The issuer as the provider spells it, to the letter."""
    message = _("Give the issuer's address, such as https://login.example.com.")
    text = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
        usable = (
            bool(parts.hostname) and parts.scheme in ("https", "http") and not (parts.query or parts.fragment)
        )
    except ValueError:
        usable = False
    if not usable or not 8 <= len(text) <= 300 or not text.isprintable() or " " in text:
        raise Invalid("sso.issuer", message, field="issuer")
    return text


def _domains(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > MOST_DOMAINS:
        raise Invalid("sso.domains", _("Name 1 to 20 domains."), field="domains")
    found = [item.strip().lower() if isinstance(item, str) else "" for item in value]
    for item in found:
        if not _DOMAIN.fullmatch(item):
            raise Invalid("sso.domains", _("Write domains such as example.com."), field="domains")
    return sorted(set(found))


def _role(value: Any) -> Any:
    if value is None:
        return None
    pk = as_uuid(value)
    role = Role.objects.filter(pk=pk, deleted_at=None).first() if pk else None
    if role is None:
        raise Invalid("sso.joining_role", _("There is no such role."), field="joining_role")
    if role.is_administrator:
        message = _("Nobody becomes an administrator by signing in.")
        raise Invalid("sso.joining_role", message, field="joining_role")
    if role.business_unit_id:
        message = _("This role belongs to a business unit; people begin in the topmost one.")
        raise Invalid("sso.joining_role", message, field="joining_role")
    return role.pk


def _require_working(row: IdentityProvider) -> None:
    if not (row.name and row.issuer and row.client_id and row.client_secret and row.domains):
        message = _("Name, issuer, client ID, secret and domains are needed before it is switched on.")
        raise Conflict("sso.incomplete", message)
    try:
        protocol.discover(row.issuer, fresh=True)
    except NotAllowed as error:
        message = _("This address cannot be asked: it is not https, or lies inside of a network.")
        raise Invalid("sso.issuer", message, field="issuer") from error
    except Away as error:
        message = _("The provider does not answer as expected: %(why)s") % {"why": str(error)}
        raise Conflict("sso.away", message, field="issuer") from error
