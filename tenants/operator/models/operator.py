"""An operator: the role beside his login (ASP-1 Operator user). His second factor is identity's, as everybody's."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What an operator is here for."""

    OPERATOR = "operator", _("Operator")
    SUPPORT = "support", _("Support")
    BILLING = "billing", _("Billing")
    READ_ONLY = "read_only", _("Read-only")


class Capability(StrEnum):
    """What a page or act of the console needs."""

    VIEW = "view"
    MANAGE_TENANTS = "manage_tenants"
    MANAGE_PLATFORM = "manage_platform"
    MANAGE_OPERATORS = "manage_operators"
    MANAGE_MONEY = "manage_money"
    ENTER_WORKSPACES = "enter_workspaces"
    ANNOUNCE = "announce"


GRANTED: dict[str, frozenset[Capability]] = {
    Role.OPERATOR: frozenset(Capability),
    Role.SUPPORT: frozenset({Capability.VIEW, Capability.ENTER_WORKSPACES}),
    Role.BILLING: frozenset({Capability.VIEW, Capability.MANAGE_MONEY}),
    Role.READ_ONLY: frozenset({Capability.VIEW}),
}


class Operator(models.Model):
    """The role of one login of the public schema. A login without this row may nothing."""

    user = models.OneToOneField(
        "identity.User", on_delete=models.CASCADE, primary_key=True, related_name="operator"
    )
    role = models.CharField(_("Role"), max_length=16, choices=Role.choices, default=Role.READ_ONLY)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "operator_operator"
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.user.email

    @property
    def email(self) -> str:
        """The address he signs in with."""
        return self.user.email

    def can(self, capability: str) -> bool:
        """Whether his role grants ``capability``."""
        return capability in GRANTED.get(self.role, frozenset())
