"""Log-ins and refused log-ins as audit entries of the workspace (PLT-41 Audit: login log)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver

from crm_core.metadata.record import new_id
from crm_core.records.models import AuditEntry
from crm_core.security.models import SystemUser
from tenants.context import current_schema
from tenants.identity.addresses import normalize_email
from tenants.identity.models import User


def _in_workspace() -> bool:
    return current_schema() != "public"


def _note(operation: str, name: str, request: Any, person: uuid.UUID | None) -> None:
    address = (request.META.get("REMOTE_ADDR") or "")[:60] if request is not None else ""
    AuditEntry.objects.create(
        object="login", record_id=person or new_id(), actor_id=person, actor_name=name[:200], source="screen",
        operation=operation, changes={"address": [None, address]}, version=0,
    )  # fmt: skip


@receiver(user_logged_in, dispatch_uid="records.login_log.logged_in")
def logged_in(sender: Any, request: Any, user: Any, **_kwargs: Any) -> None:
    """Operators sign in to the public schema; their log is their console's."""
    if isinstance(user, User) and _in_workspace():
        person = SystemUser.objects.filter(login_id=user.pk).values_list("pk", "full_name").first()
        _note("login", person[1] if person else user.email, request, person[0] if person else None)


@receiver(user_login_failed, dispatch_uid="records.login_log.failed")
def login_failed(sender: Any, credentials: dict[str, Any], request: Any = None, **_kwargs: Any) -> None:
    if not _in_workspace():
        return
    given = str(credentials.get("email") or credentials.get("username") or "")[:254].replace("\x00", "")
    person = (
        SystemUser.objects.filter(email__iexact=normalize_email(given)).values_list("pk", flat=True).first()
    )
    _note("login_failed", given, request, person)
