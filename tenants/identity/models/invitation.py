"""A colleague asked to join a workspace (ASP-10.5, SAAS.md §4.2 Invite)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.context import GuardedManager, GuardedModel
from tenants.ids import uuid7


class Invitation(GuardedModel):
    """Bound to one address; its link is kept hashed and works once. Services: `onboarding.services.invitations`.

    `role`, `business_unit` and `person` are keys of the CRM's tables: this package knows no CRM. `person` can own
    records from the moment of the invitation; the login comes with the acceptance.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        ACCEPTED = "accepted", _("Accepted")
        REVOKED = "revoked", _("Revoked")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.CharField(_("E-mail"), max_length=254)
    full_name = models.CharField(_("Name"), max_length=160, blank=True, default="")
    role = models.CharField(max_length=60)
    business_unit = models.UUIDField(null=True, blank=True)
    #: Kind of seat he will take, see `User.Licence`.
    licence = models.CharField(max_length=12, default="full")
    person = models.UUIDField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    token_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    mails_sent = models.PositiveSmallIntegerField(default=0)
    last_mail_at = models.DateTimeField(null=True, blank=True)
    invited_by = models.UUIDField(null=True, blank=True)
    invited_by_name = models.CharField(max_length=200, blank=True, default="")
    accepted_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(
        "identity.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GuardedManager()

    class Meta:
        db_table = "identity_invitation"
        base_manager_name = "objects"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="identity_invitation_token"),
            models.UniqueConstraint(
                fields=["email"], condition=Q(state="pending"), name="identity_invitation_one_pending"
            ),
        ]
