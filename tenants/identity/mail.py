"""Writes and sends the mails of the log-in pages, apart from the request that asked for them (A1, A3, T8)."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from tenants.addresses import operator_url, workspace_url
from tenants.context import current_schema, current_tenant, in_public
from tenants.identity.models import IdentityMail, OneTimeToken, User
from tenants.identity.tokens import RESET_LIFETIME, issue_one_time

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 10
Kind = IdentityMail.Kind


def deliver_due() -> int:
    """Send what is due in the active schema. Returns how many rows are done with."""
    due = IdentityMail.objects.filter(next_try_at__lte=timezone.now(), attempts__lt=MAX_ATTEMPTS)
    return sum(deliver(pk) for pk in list(due.order_by("next_try_at").values_list("pk", flat=True)[:100]))


def deliver(pk: UUID) -> bool:
    """Write and send one mail. The row goes when the mail went, or when there is nobody to write to.

    A failure is noted and tried again after 1, 2, 4 … minutes.
    """
    with transaction.atomic():
        row = IdentityMail.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
        if row is None:
            return False
        user = User.objects.filter(email=row.email, is_active=True).first()
        if user is not None:
            try:
                with transaction.atomic():
                    _message(row, user).send()
            except Exception as error:  # noqa: BLE001 - mail transports raise many kinds; all are retried
                logger.warning("Mail %s to a user of %s not sent: %s", row.kind, current_schema(), error)
                row.attempts += 1
                row.error = f"{type(error).__name__}: {error}"[:300]
                row.next_try_at = timezone.now() + timedelta(minutes=2 ** (row.attempts - 1))
                row.save(update_fields=["attempts", "error", "next_try_at"])
                return False
        row.delete()
        return True


def _address(path: str) -> str:
    """Absolute address of a log-in page, from the Domain row and never from a Host header (T8)."""
    return operator_url(path) if in_public() else workspace_url(current_tenant(), path)


def _message(row: IdentityMail, user: User) -> EmailMultiAlternatives:
    context = {
        "user": user,
        "product_name": settings.PRODUCT_NAME,
        "support_email": settings.SUPPORT_EMAIL,
        "workspace_name": settings.PRODUCT_NAME if in_public() else current_tenant().name,
        "facts": row.facts or {},
        "forgot_url": _address("/password/forgot/"),
        "login_url": _address("/login/"),
    }
    if row.kind == Kind.PASSWORD_RESET:
        # Made here, so that the secret is never stored anywhere but in the mail.
        secret = issue_one_time(user, OneTimeToken.Purpose.PASSWORD_RESET)
        context["reset_url"] = _address(f"/password/reset/{secret}/")
        context["is_first"] = not user.has_usable_password()
        context["hours"] = int(RESET_LIFETIME.total_seconds() // 3600)
    with translation.override(user.language or row.language):
        text = render_to_string(f"identity/mail/{row.kind}.txt", context).strip()
        subject, _, body = text.partition("\n")
        html = render_to_string(
            "identity/mail/frame.html", {**context, "subject": subject, "body": body.strip()}
        )
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()), body=body.strip() + "\n", to=[user.email]
    )
    message.attach_alternative(html, "text/html")
    return message
