"""Delivered option lists of marketing."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.metadata.declaration import option_list
from crm_core.metadata.entity import Option

ACCOUNTS, CONTACTS, LEADS = 1, 2, 3
STATIC, DYNAMIC = 1, 2
#: which object's records a list of each type holds
MEMBER_OBJECTS = {ACCOUNTS: "account", CONTACTS: "contact", LEADS: "lead"}

option_list(
    "list_member_type",
    (
        Option(ACCOUNTS, _("Accounts"), "blue"),
        Option(CONTACTS, _("Contacts"), "teal"),
        Option(LEADS, _("Leads"), "orange"),
    ),
    fixed=True,
)
option_list(
    "list_kind",
    (
        Option(STATIC, pgettext_lazy("list", "Static"), "gray"),
        Option(DYNAMIC, pgettext_lazy("list", "Dynamic"), "violet"),
    ),
    fixed=True,
)
