"""Tells the owner of a workspace what the provider did with it (ASP-30: notice)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format

from tenants import jobs, mail_choice
from tenants.lifecycle import certificate
from tenants.models import Announcement, Deletion, OwnerNotice, Tenant, TenantState

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 10


def shown_time(moment: datetime, tenant: Tenant) -> str:
    """``moment`` as the owner reads it: in the workspace's time zone, with its name."""
    local = moment.astimezone(ZoneInfo(tenant.time_zone))
    return f"{date_format(local, 'DATE_FORMAT')} {local:%H:%M} {local.tzname()}"


def tell_owner(tenant: Tenant, kind: str, **facts: object) -> OwnerNotice:
    """Write the mail ``tenants/notices/<kind>.txt`` (first line: subject) to the owner; a worker sends it.

    It is written now, in the owner's language, so that it says what was true when the act happened.
    """
    with translation.override(tenant.language):
        values = {
            name: shown_time(value, tenant) if isinstance(value, datetime) else value
            for name, value in facts.items()
        }
        context = {
            "workspace_name": tenant.name,
            "product_name": settings.PRODUCT_NAME,
            "support_email": settings.SUPPORT_EMAIL,
            **values,
        }
        subject, _, body = render_to_string(f"tenants/notices/{kind}.txt", context).strip().partition("\n")
    row = OwnerNotice.objects.create(
        tenant=tenant,
        kind=kind,
        to=tenant.owner_email,
        subject=" ".join(subject.split())[:200],
        body=body.strip(),
    )
    jobs.wake(deliver_notice, str(row.pk))
    return row


@shared_task(base=jobs.PublicTask, name="tenants.deliver_notice")
def deliver_notice(notice_id: str) -> None:
    """Send one notice."""
    deliver(UUID(notice_id))


def deliver_due() -> int:
    """Send what is due. Returns how many went out."""
    return sum(deliver(pk) for pk in waiting(announcements=False)[:100])


def waiting(*, announcements: bool) -> list[UUID]:
    """What is due, longest first. Copies of announcements are many: they are no reason for a notice to wait."""
    due = OwnerNotice.objects.filter(
        sent_at=None,
        next_try_at__lte=timezone.now(),
        attempts__lt=MAX_ATTEMPTS,
        announcement__isnull=not announcements,
    ).exclude(to="")
    return list(due.order_by("next_try_at").values_list("pk", flat=True)[:500])


def deliver(pk: UUID) -> bool:
    """Send one notice once; a failure is tried again after 1, 2, 4 … minutes. Whether it went out."""
    with transaction.atomic():
        unsent = OwnerNotice.objects.select_for_update(skip_locked=True, of=("self",))
        row = unsent.select_related("tenant", "announcement").filter(pk=pk, sent_at=None).first()
        if row is None:
            return False
        try:
            _message(row).send()
        except Exception as error:  # noqa: BLE001 - mail transports raise many kinds; all are retried
            logger.warning("Notice %s not sent: %s", row.pk, error)
            row.attempts += 1
            row.error = f"{type(error).__name__}: {error}"[:300]
            row.next_try_at = timezone.now() + timedelta(minutes=2 ** (row.attempts - 1))
            row.save(update_fields=["attempts", "error", "next_try_at"])
            return False
        row.sent_at, row.error = timezone.now(), ""
        if row.tenant.state == TenantState.DELETED:
            row.to = ""  # the last mail is out: nothing personal is kept
        row.save(update_fields=["sent_at", "error", "to"])
        return True


def _message(row: OwnerNotice) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=row.subject, body=row.body + "\n", to=[row.to], headers=_headers(row)
    )
    context = {
        "subject": row.subject,
        "body": row.body,
        "workspace_name": row.tenant.name,
        "product_name": settings.PRODUCT_NAME,
        "support_email": settings.SUPPORT_EMAIL,
    }
    message.attach_alternative(render_to_string("identity/mail/frame.html", context), "text/html")
    if attach := _ATTACHED.get(row.kind):
        with translation.override(row.tenant.language):
            message.attach(*attach(row.tenant))
    return message


def _proof(tenant: Tenant) -> tuple[str, bytes, str]:
    row = tenant.deletions.get(state=Deletion.State.DESTROYED)
    return f"deletion-{row.pk}.pdf", certificate.pdf(row), "application/pdf"


#: What goes with a mail of that kind: (file name, content, media type).
_ATTACHED: dict[str, Callable[[Tenant], tuple[str, bytes, str]]] = {"destroyed": _proof}


def _headers(row: OwnerNotice) -> dict[str, str] | None:
    """Mail programs offer to unsubscribe from information with one click (RFC 8058)."""
    if row.announcement is None or row.announcement.kind != Announcement.Kind.INFO:
        return None
    return {
        "List-Unsubscribe": f"<{mail_choice.link(row.tenant, row.to)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
