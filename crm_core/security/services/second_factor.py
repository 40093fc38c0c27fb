"""Of whom the workspace asks a second factor, and who has one (PLT-41 Login)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db.models import Subquery

from crm_core.metadata import workspace
from crm_core.metadata.models import Organization
from crm_core.security.actor import actor_for_login
from crm_core.security.models import SystemUser
from tenants.context import in_public
from tenants.identity.models import User

#: Where the organization's settings keep it: `{"required": …, "roles": [ids]}`; nothing stands for nobody.
SETTING = "second_factor"
REQUIRED = ("nobody", "everybody", "roles")
_NOTED = "noted_second_factor_setting"


class WorkspaceRule:
    """The workspace's own rule, asked at each sign-in; it costs a statement only where there is one."""

    def noted(self, users: Any) -> Any:
        if in_public():
            return users
        own = Organization.objects.filter(pk=1).values(f"settings__{SETTING}")
        return users.annotate(**{_NOTED: Subquery(own)})

    def needs(self, user: User) -> bool:
        # The provider's support comes in by consent, not by sign-in; operators have a rule of their own.
        if in_public() or user.is_operator:
            return False
        setting = (getattr(user, _NOTED) if hasattr(user, _NOTED) else _read()) or {}
        required = setting.get("required")
        if required != "roles":
            return bool(required == "everybody")
        workspace.begin()  # roles as they are now, not as an earlier request in this thread knew them
        actor = actor_for_login(user.pk, "screen")
        return actor is not None and not actor.roles.isdisjoint(setting.get("roles", ()))


def _read() -> dict[str, Any] | None:
    return Organization.objects.filter(pk=1).values_list(f"settings__{SETTING}", flat=True).first()


def policy() -> dict[str, Any]:
    """`{"required": nobody | everybody | roles, "roles": [ids]}`"""
    setting = _read() or {}
    return {"required": setting.get("required", "nobody"), "roles": setting.get("roles", [])}


def holders() -> dict[uuid.UUID, datetime]:
    """Since when people who can sign in have a second factor, by the id of the person."""
    rows = SystemUser.objects.filter(login__has_second_factor=True, login__is_active=True)
    return dict(rows.values_list("pk", "login__second_factor__confirmed_at"))
