"""The local mailbox: what an installation without a mail server sends, readable on the operators' host."""

from __future__ import annotations

from django.conf import settings

BACKEND = "onboarding.mailbox.backend.MailboxBackend"


def is_open() -> bool:
    """Whether mails are kept here at all; never when a mail server is set (EMAIL_URL) or in production."""
    return settings.EMAIL_BACKEND == BACKEND and settings.KONTOR_ENV != "production"
