"""What holds for the workspace as a whole: its name, and what new people and numbers without prefix start from (PLT-97)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from crm_core.metadata import registry, workspace
from crm_core.metadata.errors import Invalid
from crm_core.metadata.models import Organization
from crm_core.records import audit, currencies, reindexing
from crm_core.security.actor import Actor

KEYS = {"name", "language", "country", "time_zone", "currency", "fiscal_start"}
_PLAIN = ("name", "language", "country", "time_zone")
MAX_NAME = 160


def read() -> dict[str, Any]:
    """Name, language, country, time zone, base currency and the month fiscal years begin in, 1 to 12."""
    state = workspace.current()
    return {
        **{name: getattr(state, name) for name in _PLAIN},
        "currency": state.currency,
        "fiscal_start": state.fiscal_start,
    }


@transaction.atomic
def change(body: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Change some of them; another country renews what phone numbers are found by, in a job when there are many.

    Raises Forbidden without customize, Invalid for values there are none of, and what `currencies.make_base` raises.
    """
    actor.require("customize")
    organization = Organization.objects.select_for_update().get(pk=1)
    given: dict[str, Any] = {name: _checked(name, body[name]) for name in _PLAIN if name in body}
    if "currency" in body:
        currencies.make_base(body["currency"], actor)
    changes = {n: [getattr(organization, n), v] for n, v in given.items() if getattr(organization, n) != v}
    if "fiscal_start" in body and (month := _month(body["fiscal_start"])) != organization.settings.get(
        "fiscal_start", 1
    ):
        changes["fiscal_start"] = [organization.settings.get("fiscal_start", 1), month]
        given["settings"] = {**organization.settings, "fiscal_start": month}
    if changes:
        Organization.objects.filter(pk=1).update(**given)
        audit.note(actor, "workspace", "update", changes)
        workspace.begin()
    if "country" in changes:
        for entity in registry.all():
            if not entity.internal and any(a.format == "phone" for a in entity.searchable):
                reindexing.reindex(entity.name, actor)
    return read()


def _checked(name: str, value: Any) -> str:
    if name == "name":
        value = " ".join(value.split()) if isinstance(value, str) else ""
        if not 1 <= len(value) <= MAX_NAME or not value.isprintable():
            raise Invalid("workspace.name", _("A name of at most 160 characters is needed."), field="name")
        return value
    if not isinstance(value, str) or value not in _choices(name):
        raise Invalid(f"workspace.{name}", _("There is no such choice."), field=name)
    return value


def _month(value: Any) -> int:
    if isinstance(value, bool) or value not in range(1, 13):
        raise Invalid("workspace.fiscal_start", _("Months are 1 to 12."), field="fiscal_start")
    return int(value)


def _choices(name: str) -> Collection[str]:
    if name == "language":
        return [code for code, _label in settings.LANGUAGES]
    if name == "time_zone":
        return available_timezones()
    return [code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()]
