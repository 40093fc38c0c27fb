"""Telling people that somebody does not want to be called or written to (CUS-5.4)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from crm_core.activities.option_lists import INCOMING
from crm_core.metadata import registry
from crm_core.metadata.conditions import equals
from crm_core.metadata.rules import rule
from crm_core.records.change import Change
from crm_core.records.query import Query
from crm_core.security import access

MANUAL = frozenset({"screen", "api"})
WRITTEN_TO = ("to", "cc", "bcc", "customer", "required", "optional", "partner")
MAX_NAMES = 5


@rule(on=("create",))
def warn_do_not_phone(change: Change) -> None:
    """A call to somebody who does not want to be phoned is allowed, with a warning."""
    _warn(change, "do_not_phone", "activity.do_not_phone", _("%(names)s: do not phone."))


@rule(on=("create",))
def warn_do_not_post(change: Change) -> None:
    """The same for letters."""
    _warn(change, "do_not_postal_mail", "activity.do_not_postal_mail", _("%(names)s: do not send letters."))


@rule(on=("create",))
def warn_do_not_fax(change: Change) -> None:
    """The same for faxes."""
    _warn(change, "do_not_fax", "activity.do_not_fax", _("%(names)s: do not fax."))


def _warn(change: Change, flag: str, code: str, message: str) -> None:
    if change.actor.source not in MANUAL or _is_incoming(change):
        return
    names = [name for kind, ids in _reached(change).items() for name in _flagged(kind, ids, flag, change)]
    if names:
        change.warn(code, message % {"names": ", ".join(names[:MAX_NAMES])})


def _is_incoming(change: Change) -> bool:
    return "direction" in change.entity.attributes and change.get("direction") == INCOMING


def _reached(change: Change) -> dict[str, set[str]]:
    """Ids by object of those this activity goes to: its parties, and whom it is about when no party is named."""
    found: dict[str, set[str]] = {}
    for party in change.get("parties") or []:
        if party.get("id") and party["role"] in WRITTEN_TO:
            found.setdefault(party["object"], set()).add(party["id"])
    regarding = change.get("regarding")
    if not found and regarding is not None:
        found[regarding.object] = {str(regarding.id)}
    return found


def _flagged(kind: str, ids: Iterable[str], flag: str, change: Change) -> list[str]:
    entity = registry.current().entities.get(kind)
    if entity is None or flag not in entity.attributes:
        return []
    if not access.readable(entity, entity.attributes[flag], change.actor):
        return []
    query = Query(entity, change.actor.for_rules()).filter(equals(flag, True)).where(Q(pk__in=ids))
    return [row[entity.primary] for row in query.page([entity.primary], limit=MAX_NAMES).rows]
