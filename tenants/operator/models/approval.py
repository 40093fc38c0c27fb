"""Acts that need a second operator before they happen (ASP-30 four eyes)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class Approval(models.Model):
    """What one operator asked for and another one approves. The database refuses one person for both."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for a second operator")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    act = models.CharField(max_length=60)
    #: Empty for an act on the installation itself, a plan for example; `subject` then says on what.
    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.CASCADE, related_name="approvals", null=True, blank=True
    )
    subject = models.CharField(max_length=80, blank=True, default="")
    values = models.JSONField(default=dict, blank=True)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    requested_by = models.ForeignKey("operator.Operator", on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        "operator.Operator", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "operator_approval"
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "act"], condition=Q(state="pending"), name="approval_one_pending"
            ),
            models.UniqueConstraint(
                fields=["act", "subject"],
                condition=Q(state="pending", tenant=None),
                name="approval_one_pending_subject",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("requested_by"))),
                name="approval_takes_two",
            ),
        ]
