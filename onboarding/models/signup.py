"""A visitor's wish for a workspace, from the form to the opened door (ASP-10.1)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class SignUp(models.Model):
    """One submitted form. The confirmation token is kept hashed and works once."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for confirmation")
        CONFIRMED = "confirmed", _("Confirmed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The same form posted twice (double click, reload) is one sign-up.
    submission_key = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    name = models.CharField(max_length=120)
    email = models.EmailField(max_length=254)
    # The address without plus-part and letter case: who counts as one person for the trial limit.
    person_key = models.CharField(max_length=254)
    company = models.CharField(max_length=160)
    slug = models.CharField(max_length=30)
    country = models.CharField(max_length=2)
    language = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64)
    plan_code = models.CharField(max_length=40)
    wants_sample_data = models.BooleanField(default=True)
    ip = models.GenericIPAddressField(null=True, blank=True)

    token_hash = models.CharField(max_length=64, unique=True)
    token_expires_at = models.DateTimeField()
    mails_sent = models.PositiveSmallIntegerField(default=0)
    last_mail_at = models.DateTimeField(null=True, blank=True)

    confirmed_at = models.DateTimeField(null=True, blank=True)
    provisioning = models.ForeignKey(
        "tenants.Provisioning", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The first administrator's browser is let in by a one-use ticket exactly once.
    handed_over_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "onboarding_signup"
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["person_key", "created_at"], name="signup_person_recent"),
            models.Index(fields=["state", "created_at"], name="signup_state_recent"),
        ]

    def __str__(self) -> str:
        return self.slug
