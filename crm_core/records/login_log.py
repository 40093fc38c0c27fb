"""Log-ins, refused ones, and programs let in as audit entries of the workspace (PLT-41 Audit: login log)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db import connection
from django.dispatch import receiver
from psycopg.types.json import Jsonb

from crm_core.metadata.record import new_id
from crm_core.records.models import AuditEntry
from crm_core.security.models import SystemUser
from tenants.context import current_schema
from tenants.identity.addresses import normalize_email
from tenants.identity.models import OAuthGrant, User
from tenants.identity.oauth.grants import code_given, replayed
from tenants.identity.second_factor import rules


def _in_workspace() -> bool:
    return current_schema() != "public"


def _note(operation: str, name: str, request: Any, of: str, value: Any) -> None:
    """One entry about the person whose column `of` is `value`, found by the statement that writes it.

    Nobody there: `name` is noted, of a refused log-in always, so that it shows what was typed.
    """
    address = (request.META.get("REMOTE_ADDR") or "")[:60] if request is not None else ""
    _note_at(operation, name, address, of, value)


def _note_at(operation: str, name: str, address: str, of: str, value: Any) -> None:
    people, entries = SystemUser._meta.db_table, AuditEntry._meta.db_table
    shown = "%s" if operation == "login_failed" else "coalesce(p.full_name, %s)"
    connection.fetch(  # type: ignore[attr-defined]
        f'INSERT INTO "{entries}" (id, object, record_id, actor_id, actor_name, source, operation, changes, version)'  # noqa: S608 - names of our own models
        f" SELECT %s, 'login', coalesce(p.id, %s), p.id, {shown}, 'screen', %s, %s, 0"
        f' FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT id, full_name FROM "{people}" WHERE {of} LIMIT 1) p ON true',
        [new_id(), new_id(), name[:200], operation, Jsonb({"address": [None, address]}), value],
    )


@receiver(user_logged_in, dispatch_uid="records.login_log.logged_in")
def logged_in(sender: Any, request: Any, user: Any, **_kwargs: Any) -> None:
    """Operators sign in to the public schema; their log is their console's."""
    if isinstance(user, User) and _in_workspace():
        _note("login", user.email, request, "login_id = %s", user.pk)


@receiver(user_login_failed, dispatch_uid="records.login_log.failed")
def login_failed(sender: Any, credentials: dict[str, Any], request: Any = None, **_kwargs: Any) -> None:
    if not _in_workspace():
        return
    given = str(credentials.get("email") or credentials.get("username") or "")[:254].replace("\x00", "")
    _note("login_failed", given, request, "upper(email) = upper(%s)", normalize_email(given))


@receiver(code_given, dispatch_uid="records.login_log.app_allowed")
def app_allowed(sender: Any, grant: OAuthGrant, **_kwargs: Any) -> None:
    """Somebody let a program act for him."""
    _note_program("app_allowed", grant, "screen", {"scopes": [None, " ".join(grant.scopes)]})


@receiver(replayed, dispatch_uid="records.login_log.secret_replayed")
def secret_replayed(sender: Any, grant: OAuthGrant, what: str, **_kwargs: Any) -> None:
    """A code or refresh token came a second time, so it is in two hands; its tokens have ended (SAAS.md A9)."""
    _note_program("secret_replayed", grant, "api", {"secret": [None, what]})


@receiver(rules.changed, dispatch_uid="records.login_log.second_factor")
def second_factor(sender: Any, user: User, what: str, address: str, **_kwargs: Any) -> None:
    """A second factor was turned on or off, codes were renewed, used up or guessed at (SAAS.md A5)."""
    if _in_workspace():
        _note_at(what, user.email, address, "login_id = %s", user.pk)


def _note_program(operation: str, grant: OAuthGrant, source: str, changes: dict[str, Any]) -> None:
    person = SystemUser.objects.filter(login_id=grant.user_id).values("pk", "full_name").first() or {}
    AuditEntry.objects.create(
        object="login", record_id=person.get("pk") or new_id(), actor_id=person.get("pk"),
        actor_name=(person.get("full_name") or grant.user.email)[:200], source=source, via=grant.application.name,
        operation=operation, changes=changes, version=0,
    )  # fmt: skip
