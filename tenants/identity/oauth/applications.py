"""Programs administrators let in: registered, changed, given a new secret, taken out (PLT-63)."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, Min, Q

from tenants.identity.models import OAuthApplication, OAuthGrant, User
from tenants.identity.oauth import grants, secrets

MAX_APPLICATIONS = 50


def register(by: User, *, is_confidential: bool, **facts: Any) -> tuple[OAuthApplication, str | None]:
    """A new program with checked ``facts`` (name, publisher, redirect_uris, scopes, service_user).

    Returns it and its secret, which is shown once and never stored; None for one that cannot keep a secret.
    """
    made = OAuthApplication(
        client_id=secrets.make_client_id(), created_by=by, is_confidential=is_confidential, **facts
    )
    secret = _new_secret(made) if is_confidential else None
    made.save(force_insert=True)
    return made, secret


def _new_secret(application: OAuthApplication) -> str:
    secret = secrets.make(secrets.SECRET)
    application.secret_hash, application.secret_prefix = secrets.hashed(secret), secret[:9]
    return secret


def change(application: OAuthApplication, **facts: Any) -> None:
    """Write checked ``facts``. Who acted as its former service user no longer does."""
    service_user_before = application.service_user_id
    for name, value in facts.items():
        setattr(application, name, value)
    application.save(update_fields=list(facts))
    if application.service_user_id != service_user_before:
        grants.revoke(OAuthGrant.objects.filter(application=application, code_hash=None))


def rotate_secret(application: OAuthApplication) -> str:
    """A new secret; the former one stops at once, tokens go on. Returns it, to be shown once."""
    secret = _new_secret(application)
    application.save(update_fields=["secret_hash", "secret_prefix"])
    return secret


def remove(application: OAuthApplication) -> None:
    """The program and all access it was given end at once."""
    application.delete()


def uses(which: Q) -> list[dict[str, Any]]:
    """Which program has access as which person, of the grants ``which`` that still let it in, the latest use first.

    Each: application_id, user_id, may_write, since, last_used_at.
    """
    rows = grants.live(OAuthGrant.objects.filter(which)).values("application_id", "user_id", "scopes").annotate(
        since=Min("created_at"), used=Max("last_used_at")
    )  # fmt: skip
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        key = (row["application_id"], row["user_id"])
        entry = found.setdefault(key, {
            "application_id": key[0], "user_id": key[1], "may_write": False, "since": row["since"], "last_used_at": None,
        })  # fmt: skip
        entry["may_write"] |= "write" in row["scopes"]
        entry["since"] = min(entry["since"], row["since"])
        entry["last_used_at"] = max(filter(None, (entry["last_used_at"], row["used"])), default=None)
    return sorted(found.values(), key=lambda entry: entry["last_used_at"] or entry["since"], reverse=True)
