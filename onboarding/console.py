"""What this package adds to the navigation of the operators' console (decision 0009)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from onboarding import mailbox
from tenants.operator import navigation

PAGES = (
    navigation.Section("legal", _("Legal"), "legal:legal", navigation.CUSTOMERS, order=20),
    navigation.Section(
        "mailbox",
        _("Mailbox"),
        "mailbox:index",
        navigation.INSTALLATION,
        order=90,
        is_shown=mailbox.is_open,  # with a mail server nothing is kept here
    ),
)


def register() -> None:
    """Add the pages; called once the apps are ready."""
    for page in PAGES:
        navigation.register_section(page)
