"""What administrators decide about second factors: of whom the workspace asks one, and taking one from whom lost it (PLT-41)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_core.metadata import workspace
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, NotFound
from crm_core.metadata.models import Organization
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import audit
from crm_core.security.actor import Actor
from crm_core.security.models import Role, SystemUser
from crm_core.security.services import second_factor
from tenants.identity.second_factor import own

MOST_ROLES = 50
REASON = (5, 300)


def listed(actor: Actor) -> dict[str, Any]:
    """`{required, roles, users: {id: since}}`. Raises Forbidden without manage_users."""
    actor.require("manage_users")
    return {**second_factor.policy(), "users": second_factor.holders()}


@transaction.atomic
def change(body: Mapping[str, Any], actor: Actor) -> None:
    """Ask a second factor of nobody, everybody, or the holders of `roles`, from the next sign-in on.

    Raises Forbidden for anybody but administrators, Invalid `second_factor.required`, `second_factor.roles`.
    """
    actor.require_administrator(at_screen=True)
    required = body.get("required")
    if not isinstance(required, str) or required not in second_factor.REQUIRED:
        raise Invalid("second_factor.required", _("There is no such choice."), field="required")
    names = _roles(body.get("roles", []), needed=required == "roles")
    organization = Organization.objects.select_for_update().get(pk=1)
    before = _words(second_factor.policy())
    setting = {"required": required, "roles": sorted(names) if required == "roles" else []}
    organization.settings = {**organization.settings, second_factor.SETTING: setting}
    organization.save(update_fields=["settings"])
    after = _words(setting)
    if before != after:
        audit.note(actor, "workspace", "update", {"second_factor": [before, after]})
        workspace.begin()


def _roles(raw: Any, *, needed: bool) -> set[str]:
    """Ids of roles that exist, as text."""
    if not isinstance(raw, list) or len(raw) > MOST_ROLES or (needed and not raw):
        raise Invalid("second_factor.roles", _("Name 1 to 50 roles."), field="roles")
    ids = {as_uuid(item) for item in raw}
    known = Role.objects.filter(pk__in=ids - {None}, deleted_at=None)
    if known.count() != len(ids):
        raise Invalid("second_factor.roles", _("There is no such role."), field="roles")
    return {str(pk) for pk in ids}


def _words(setting: Mapping[str, Any]) -> str:
    """The rule as the audit tells it: names of roles, or for whom it holds."""
    if setting["required"] != "roles":
        return str(setting["required"])
    return ", ".join(
        Role.objects.filter(pk__in=setting["roles"]).order_by("name").values_list("name", flat=True)
    )


@transaction.atomic
def reset(user_id: uuid.UUID, reason: str, actor: Actor) -> int:
    """Forget app and recovery codes of somebody who lost them; his sessions end, he gets a mail.

    Returns how many sessions ended. Raises Forbidden for anybody but administrators and for oneself, Invalid for
    the reason, NotFound, Conflict `second_factor.none`.
    """
    actor.require_administrator(at_screen=True)
    reason = " ".join(reason.split())
    if not REASON[0] <= len(reason) <= REASON[1] or not reason.isprintable():
        message = _("Give a reason of 5 to 300 characters.")
        raise Invalid("second_factor.reason", message, field="reason")
    person = SystemUser.objects.select_related("login").filter(pk=user_id, deleted_at=None).first()
    if person is None:
        raise NotFound()
    if person.pk == actor.user_id:
        raise Forbidden("user.yourself", _("Turn your own off with password and code."))
    if person.login is None or not person.login.has_second_factor:
        raise Conflict("second_factor.none", _("This person has no second factor."))
    ended = own.reset(person.login, by=actor.name, reason=reason)
    audit.note(actor, "user", "second_factor_reset", {"reason": [None, reason]}, person.pk)
    return ended
