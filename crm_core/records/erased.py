"""Who was erased does not come back by an import, a form or a typed record: his address is known by its hash (CUS-15.8).

The address itself is kept nowhere. The hash is keyed with a secret of the workspace, so that lists of hashes of two
workspaces cannot be compared. Whoever handles personal data can allow an address again: people come back.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from crm_core.metadata import workspace
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Invalid
from crm_core.metadata.models import Organization
from crm_core.records.change import Change
from crm_core.records.models import ErasedAddress

SETTING = "erasure_secret"


def normalised(address: str) -> str:
    """An address as it is compared: no spaces around it, lower case."""
    return address.strip().lower()


def digest(address: str, secret: str) -> str:
    """The hash an address is known by: HMAC-SHA256 in 64 hexadecimal digits."""
    return hmac.new(bytes.fromhex(secret), normalised(address).encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def block(addresses: Iterable[str]) -> int:
    """Remember addresses of somebody who is being erased; returns how many are new."""
    wanted = {normalised(a) for a in addresses if a and a.strip()}
    if not wanted:
        return 0
    row = Organization.objects.select_for_update().get(pk=1)
    if SETTING not in row.settings:
        row.settings[SETTING] = secrets.token_hex(32)
        row.save(update_fields=["settings"])
        workspace.begin()
    rows = [ErasedAddress(digest=digest(a, row.settings[SETTING])) for a in wanted]
    before = ErasedAddress.objects.count()
    ErasedAddress.objects.bulk_create(rows, ignore_conflicts=True)
    return ErasedAddress.objects.count() - before


def unblock(address: str) -> bool:
    """Allow an address again; whether it was blocked."""
    secret = workspace.current().settings.get(SETTING)
    return bool(secret and ErasedAddress.objects.filter(digest=digest(address, secret)).delete()[0])


def refusals(entity: Entity, changes: Sequence[Change]) -> dict[int, Invalid]:
    """The refusal of each change, by its index, that brings an erased address in; one query for all, none without erasures."""
    secret = workspace.current().settings.get(SETTING)
    attributes = _addresses_of(entity) if secret else ()
    if not secret or not attributes:
        return {}
    brought = [dict(_brought(change, attributes, secret)) for change in changes]
    blocked = _blocked({d for each in brought for d in each})
    return {
        index: _refusal(next(each[d] for d in each if d in blocked))
        for index, each in enumerate(brought)
        if not blocked.isdisjoint(each)
    }


def refuse(change: Change) -> None:
    """Raises Invalid `personal.erased` with the field when a write brings an erased address in."""
    for refusal in refusals(change.entity, [change]).values():
        raise refusal


def _addresses_of(entity: Entity) -> tuple[Attribute, ...]:
    """E-mail addresses of people, and those of objects the workspace made itself, whatever these are about."""
    if entity.person is None and not entity.custom:
        return ()
    return tuple(a for a in entity.attributes.values() if a.format == "email" and not a.is_derived)


def _brought(change: Change, attributes: Iterable[Attribute], secret: str) -> Iterator[tuple[str, Attribute]]:
    for attribute in attributes:
        value = change.get(attribute.name)
        if isinstance(value, str) and value.strip() and change.changed(attribute.name):
            yield digest(value, secret), attribute


def _blocked(digests: Collection[str]) -> set[str]:
    if not digests:
        return set()
    return set(ErasedAddress.objects.filter(digest__in=digests).values_list("digest", flat=True))


def _refusal(attribute: Attribute) -> Invalid:
    message = _(
        "The person with this address had all data erased. Who handles personal data can allow the address again."
    )
    return Invalid("personal.erased", message, field=attribute.name)
