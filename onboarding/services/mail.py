"""Renders mails, stores them with what they report, and delivers what is waiting (ARCHITECTURE.md §1.4)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation

from onboarding.models import OutgoingMail
from tenants import jobs
from tenants.context import NoWorkspace, activate_public, current_tenant
from tenants.countries import SITE_LANGUAGES
from tenants.identity.models import User
from tenants.models import Tenant

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 8
KEEP_SENT = timedelta(days=2)
KEEP_WITHHELD = timedelta(days=7)
KEEP_GIVEN_UP = timedelta(days=30)
WITHHELD_SHOWN = 200


def queue(kind: str, to: str, language: str, context: dict[str, Any]) -> OutgoingMail:
    """Write a mail of `kind` (a pair of templates in `onboarding/mail/`) for delivery after the commit.

    Callable from the public schema and from a workspace; the row always lives in public. The subject is the
    first line of the text template. Languages without templates get English.
    """
    language = language if language in SITE_LANGUAGES else "en"
    values = {
        **context,
        "product_name": settings.PRODUCT_NAME,
        "product_color": settings.PRODUCT_COLOR,
        "support_email": settings.SUPPORT_EMAIL,
        "language": language,
    }
    with translation.override(language):
        subject, _newline, text = (
            render_to_string(f"onboarding/mail/{kind}.txt", values).strip().partition("\n")
        )
        html = render_to_string(f"onboarding/mail/{kind}.html", values | {"subject": subject})
    withheld_by = _sandbox_of(to)
    with activate_public():
        mail = OutgoingMail.objects.create(
            kind=kind,
            state=OutgoingMail.State.WITHHELD if withheld_by else OutgoingMail.State.WAITING,
            tenant=withheld_by,
            to=to,
            subject=" ".join(subject.split())[:250],
            text=text.strip() + "\n",
            html=html,
            next_try_at=timezone.now(),
        )
    if withheld_by is None:
        jobs.wake(jobs.named("onboarding.deliver_mail"), str(mail.pk))
    return mail


def _sandbox_of(to: str) -> Tenant | None:
    """The sandbox that writes to somebody who does not work in it: such mail is kept and not sent (PLT-13)."""
    try:
        tenant = current_tenant()
    except NoWorkspace:
        return None
    if not tenant.is_sandbox or User.objects.filter(email__iexact=to, is_active=True).exists():
        return None
    return tenant


def withheld(sandbox: Tenant) -> list[OutgoingMail]:
    """What a sandbox would have sent to people outside of it, newest first, at most two hundred."""
    with activate_public():
        rows = OutgoingMail.objects.filter(tenant_id=sandbox.pk, state=OutgoingMail.State.WITHHELD)
        return list(rows.order_by("-created_at", "-pk")[:WITHHELD_SHOWN])


def send_notice(to: str, language: str, context: dict[str, Any]) -> OutgoingMail:
    """The outlet of `billing.services.notices` and `crm_core.records.notices`: their words, our mail frame."""
    return queue("notice", to, language, context)


def deliver_waiting(now: datetime | None = None, limit: int = 100) -> int:
    """Send mails that are due; each in its own transaction, so that one failure keeps no other back.

    Returns how many were sent.
    """
    now = now or timezone.now()
    with activate_public():
        due = OutgoingMail.objects.filter(state=OutgoingMail.State.WAITING, next_try_at__lte=now)
        ids = list(due.order_by("next_try_at").values_list("pk", flat=True)[:limit])
    return sum(deliver(pk, now) for pk in ids)


def deliver(mail_id: Any, now: datetime | None = None) -> bool:
    """Send one mail if it is still waiting and nobody else is sending it. Returns whether it left.

    A failure is noted on the row and tried again later: after 1, 2, 4 … minutes, eight times.
    """
    now = now or timezone.now()
    with activate_public(), transaction.atomic():
        mail = (
            OutgoingMail.objects.select_for_update(skip_locked=True)
            .filter(pk=mail_id, state=OutgoingMail.State.WAITING)
            .first()
        )
        if mail is None:
            return False
        mail.attempts += 1
        try:
            message_of(mail).send()
        except Exception as error:  # noqa: BLE001 - mail back ends raise many kinds; the row keeps the reason
            _note_failure(mail, error, now)
            return False
        mail.state, mail.sent_at, mail.error = OutgoingMail.State.SENT, now, ""
        # What has left is kept as proof that it did, without the links it carried.
        mail.text = mail.html = ""
        mail.save(update_fields=["state", "sent_at", "attempts", "error", "text", "html"])
        return True


def _note_failure(mail: OutgoingMail, error: Exception, now: datetime) -> None:
    logger.warning("Mail %s was not sent (attempt %d): %s", mail.pk, mail.attempts, error)
    mail.error = f"{type(error).__name__}: {error}"[:500]
    mail.next_try_at = now + timedelta(minutes=2 ** (mail.attempts - 1))
    if mail.attempts >= MOST_ATTEMPTS:
        mail.state = OutgoingMail.State.GIVEN_UP
    mail.save(update_fields=["attempts", "error", "next_try_at", "state"])


def message_of(mail: OutgoingMail) -> EmailMultiAlternatives:
    """The message with text and HTML part and a stable Message-ID, so that a repeat is recognised."""
    domain = settings.KONTOR_BASE_DOMAIN
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to],
        headers={"Message-ID": f"<{mail.pk}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(mail.html, "text/html")
    return message


def purge(now: datetime | None = None) -> int:
    """Remove mails that left two days ago, withheld ones after a week, given up ones after a month. Returns how many."""
    now = now or timezone.now()
    limit = now - KEEP_SENT
    with activate_public():
        return OutgoingMail.objects.filter(
            Q(state=OutgoingMail.State.SENT, sent_at__lt=limit)
            | Q(state=OutgoingMail.State.WITHHELD, created_at__lt=now - KEEP_WITHHELD)
            | Q(state=OutgoingMail.State.GIVEN_UP, created_at__lt=now - KEEP_GIVEN_UP)
        ).delete()[0]
