"""Mail waiting to leave: written in the transaction of what it reports, delivered afterwards."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.ids import uuid7


class OutgoingMail(models.Model):
    """One rendered message. A crash loses none; `next_try_at` spaces the attempts (ARCHITECTURE.md §1.4)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        GIVEN_UP = "given_up"
        WITHHELD = "withheld"  # from a sandbox to somebody outside of it

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=40)
    #: Of a withheld mail the sandbox that wrote it, whose administrators may read it; it goes with the sandbox.
    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.CASCADE, null=True, blank=True, related_name="withheld_mails"
    )
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True, default="")
    next_try_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "onboarding_outgoing_mail"
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="outgoing_mail_waiting"),
            models.Index(fields=["to", "kind", "created_at"], name="outgoing_mail_rate"),
        ]
