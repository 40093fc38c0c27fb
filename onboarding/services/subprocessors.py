"""Who processes workspaces' data for the provider: the list in force, its changes, and telling customers (ASP-40.5)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onboarding.models import SubProcessor
from tenants.addresses import public_url
from tenants.context import activate_public
from tenants.errors import TenantRefusal
from tenants.lifecycle.notices import tell_owner
from tenants.models import OwnerNotice, Tenant
from tenants.models.tenant import REACHABLE_STATES

NOTICE = "sub_processors_changed"
#: Several changes of an hour are told in one mail.
SETTLED = timedelta(hours=1)
PAGE = 200


def listed(today: date | None = None) -> QuerySet[SubProcessor]:
    """Who works now, and who will from a day on."""
    return SubProcessor.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today or timezone.localdate()))


def last_change() -> datetime | None:
    """When the list was changed last; None while nobody was ever named."""
    found: datetime | None = SubProcessor.objects.aggregate(at=Max("changed_at"))["at"]
    return found


def name_one(name: str, purpose: dict[str, str], location: str, starts_on: date, *, by: str) -> SubProcessor:
    """Name another one. Raises TenantRefusal 409 `sub_processor.known` while one of that name is on the list."""
    with transaction.atomic():
        if listed().select_for_update().filter(name__iexact=name).exists():
            message = _("A sub-processor of this name is on the list. End that one first.")
            raise TenantRefusal("sub_processor.known", message, status=409, field="name")
        return SubProcessor.objects.create(
            name=name,
            purpose=purpose,
            location=location,
            starts_on=starts_on,
            changed_at=timezone.now(),
            changed_by=by[:254],
        )


def end_one(row: SubProcessor, ends_on: date, *, by: str) -> None:
    """He works until that day. Raises TenantRefusal 422 `sub_processor.before_start`, 409 `sub_processor.ended`."""
    with transaction.atomic():
        row = SubProcessor.objects.select_for_update().get(pk=row.pk)
        if row.ends_on is not None:
            raise TenantRefusal("sub_processor.ended", _("An end is written down already."), status=409)
        if ends_on < row.starts_on:
            message = _("The end comes after the beginning.")
            raise TenantRefusal("sub_processor.before_start", message, status=422, field="ends_on")
        row.ends_on, row.changed_at, row.changed_by = ends_on, timezone.now(), by[:254]
        row.save(update_fields=["ends_on", "changed_at", "changed_by"])


def tell_owners() -> int:
    """Sweep: mail the owners of all workspaces once the list has changed and settled. Returns how many mails."""
    with activate_public():
        changed = last_change()
        if changed is None or changed > timezone.now() - SETTLED:
            return 0
        told = OwnerNotice.objects.filter(kind=NOTICE, created_at__gte=changed).values("tenant")
        waiting = Tenant.objects.filter(
            parent=None, state__in=REACHABLE_STATES, deletion_due_at=None, created_at__lt=changed
        )
        rows = waiting.exclude(pk__in=told).exclude(owner_email="").exclude(owner_email__endswith=".example")
        tenants = list(rows.order_by("created_at")[:PAGE])
        for tenant in tenants:
            with transaction.atomic():
                tell_owner(tenant, NOTICE, url=public_url("/legal/subprocessors/"))
    return len(tenants)
