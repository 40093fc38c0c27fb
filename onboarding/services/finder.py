""" "Find my workspace": the answer goes to the mailbox, never to the page (SAAS.md §4.2)."""

from __future__ import annotations

from datetime import datetime

from onboarding.services import mail, rates
from onboarding.services.signup import workspaces_of


def send_workspaces(email: str, language: str, now: datetime | None = None) -> None:
    """Mail the workspaces of `email`, or that there are none. At most a few mails per address and hour."""
    if not rates.allow(rates.MAILS_PER_ADDRESS, email, now):
        return
    mail.queue("workspaces", email, language, {"workspaces": workspaces_of(email)})
