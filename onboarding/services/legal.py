"""Who has accepted which legal text, and asking again when a text changes (SAAS.md §4.2 Legal, ASP-40.5).

A workspace that accepted a version at sign-up is asked once more when there is a newer one: its administrators by a notice
in the workspace, its owner by mail. Nothing is blocked meanwhile. Workspaces with terms of their own, made by operators,
have accepted nothing here and are not asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from onboarding.legal import DOCUMENTS, Document
from onboarding.models import LegalAcceptance
from tenants.addresses import public_url
from tenants.context import activate_public
from tenants.errors import TenantRefusal
from tenants.lifecycle.notices import tell_owner
from tenants.models import OwnerNotice, Tenant
from tenants.models.tenant import REACHABLE_STATES

NOTICE = "legal_changed"
PAGE = 200


@dataclass(frozen=True)
class Due:
    """A text that changed since the workspace accepted it; `accepted` is empty for one that is new."""

    document: Document
    accepted: str

    @property
    def url(self) -> str:
        """Where the version in force can be read."""
        return public_url(f"/legal/{self.document.code}/{self.document.current}/")


def due(tenant: Tenant) -> list[Due]:
    """What the workspace has to accept anew; empty for most."""
    with activate_public():
        rows = LegalAcceptance.objects.filter(_mine(tenant)).order_by().values("document")
        newest = {row["document"]: row["version"] for row in rows.annotate(version=Max("version"))}
    return [
        Due(document, newest.get(code, ""))
        for code, document in DOCUMENTS.items()
        if newest and newest.get(code, "") < document.current
    ]


@dataclass(frozen=True)
class Standing:
    """Where a workspace stands with a text: the newest acceptance, None for none."""

    document: Document
    acceptance: LegalAcceptance | None

    @property
    def is_current(self) -> bool:
        """Whether the version in force is accepted."""
        return self.acceptance is not None and self.acceptance.version == self.document.current


def standings(tenant: Tenant) -> list[Standing]:
    """All texts with what the workspace accepted last."""
    with activate_public():
        rows = LegalAcceptance.objects.filter(_mine(tenant)).order_by("version", "accepted_at")
        newest = {row.document: row for row in rows}
    return [Standing(document, newest.get(code)) for code, document in DOCUMENTS.items()]


def _mine(tenant: Tenant) -> Q:
    return Q(tenant_id=tenant.pk) | Q(signup__provisioning__tenant=tenant.pk)


def acceptances() -> list[tuple[Document, int, int]]:
    """Each text with how many workspaces accepted the version in force, and how many have not yet: for operators."""
    with activate_public():
        asked = _accepted_in(LegalAcceptance.objects.all())
        found = []
        for document in DOCUMENTS.values():
            rows = LegalAcceptance.objects.filter(document=document.code, version=document.current)
            done = _living().filter(_accepted_in(rows)).count()
            found.append((document, done, _living().filter(asked).count() - done))
    return found


def _living() -> QuerySet[Tenant]:
    return Tenant.objects.filter(parent=None, state__in=REACHABLE_STATES, deletion_due_at=None)


def _accepted_in(rows: QuerySet[LegalAcceptance]) -> Q:
    """Tenants with an acceptance among `rows`, by sign-up or later in the workspace."""
    return Q(pk__in=rows.exclude(tenant_id=None).values("tenant_id")) | Q(
        pk__in=rows.exclude(signup=None).values("signup__provisioning__tenant")
    )


def accept(tenant: Tenant, document: str, version: str, *, email: str, language: str, ip: str | None) -> None:
    """Write down that an administrator accepted a version for the workspace. Repeating is harmless.

    Raises TenantRefusal 422 ``legal.unknown`` for a text there is not, and 409 ``legal.outdated`` when a newer version is
    in force than the one that was read.
    """
    text = DOCUMENTS.get(document)
    if text is None or version not in text.versions:
        raise TenantRefusal("legal.unknown", _("There is no such text."), status=422, field="document")
    if version != text.current:
        message = _("A newer version is in force. Please read that one.")
        raise TenantRefusal("legal.outdated", message, status=409)
    values: dict[str, Any] = {
        "tenant_id": tenant.pk,
        "document": document,
        "version": version,
        "language": language[:12],
        "email": email,
        "ip": ip,
    }
    with activate_public():
        try:
            with transaction.atomic():
                LegalAcceptance.objects.create(accepted_at=timezone.now(), **values)
        except IntegrityError:  # a colleague, or a second click
            return


def tell_owners() -> int:
    """Sweep: mail the owners of workspaces whose texts changed, once per version. Returns how many mails."""
    newest = max(document.current for document in DOCUMENTS.values())
    since = datetime.combine(date.fromisoformat(newest), time(), UTC)
    with activate_public():
        told = OwnerNotice.objects.filter(kind=NOTICE, created_at__gte=since).values("tenant")
        waiting = _living().filter(_accepted_in(LegalAcceptance.objects.all())).exclude(pk__in=told)
        behind = Q(pk=None)
        for document in DOCUMENTS.values():
            rows = LegalAcceptance.objects.filter(document=document.code, version__gte=document.current)
            behind |= ~_accepted_in(rows)
        tenants = list(waiting.filter(behind).order_by("created_at")[:PAGE])
    return sum(_tell(tenant) for tenant in tenants)


def _tell(tenant: Tenant) -> bool:
    found = due(tenant)
    if not found or not tenant.owner_email or tenant.owner_email.endswith(".example"):
        return False
    with activate_public(), transaction.atomic():
        texts = [f"{row.document.title}: {row.url}" for row in found]
        tell_owner(tenant, NOTICE, texts="\n".join(texts))
    return True
