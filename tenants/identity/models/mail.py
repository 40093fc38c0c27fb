"""Mail of the log-in pages, waiting to be written and sent by a worker."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tenants.context import GuardedManager
from tenants.ids import uuid7


class IdentityMail(models.Model):
    """A wish to tell somebody something. Known and unknown addresses leave the same row, so the page that
    made it takes the same time for both; the worker finds out whether there is anybody to write to."""

    class Kind(models.TextChoices):
        PASSWORD_RESET = "password_reset"  # noqa: S105 - a name, no secret
        PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name, no secret
        ACCOUNT_LOCKED = "account_locked"
        FACTOR_ON = "factor_on"
        FACTOR_OFF = "factor_off"
        FACTOR_RESET = "factor_reset"
        RECOVERY_USED = "recovery_used"
        RECOVERY_RENEWED = "recovery_renewed"
        CODES_LOCKED = "codes_locked"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    email = models.CharField(max_length=254)
    language = models.CharField(max_length=12, default="en")
    #: What the text names beside the person, such as who did it and why.
    facts = models.JSONField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")
    next_try_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GuardedManager()

    class Meta:
        db_table = "identity_mail"
        base_manager_name = "objects"
