"""Asking for a mail of the log-in pages: noted, whoever the address belongs to, and written by a worker (A1)."""

from __future__ import annotations

from tenants.identity import tasks
from tenants.identity.addresses import normalize_email
from tenants.identity.models import IdentityMail


def request(kind: IdentityMail.Kind, email: str, language: str, facts: dict[str, str] | None = None) -> None:
    """Note that ``email`` should get a mail of ``kind`` if it belongs to somebody, and wake the worker.

    ``facts`` are what the text names, as ``{{ facts.by }}``.
    """
    row = IdentityMail.objects.create(
        kind=kind, email=normalize_email(email)[:254], language=language, facts=facts
    )
    tasks.wake_delivery(row.pk)
