"""Secrets that stand for a user: personal access tokens and one-use links. Only hashes are stored."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.context import GuardedManager, GuardedModel
from tenants.ids import uuid7


class ApiToken(GuardedModel):
    """A personal access token (PLT-60): acts as its user, limited to its scopes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("Name"), max_length=100)
    prefix = models.CharField(max_length=12)
    token_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GuardedManager()
    #: No program of somebody else uses it, other than with :class:`OAuthToken`.
    via = ""

    class Meta:
        db_table = "identity_api_token"
        base_manager_name = "objects"
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="identity_api_token_hash")]

    @property
    def is_usable(self) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class OneTimeToken(GuardedModel):
    """A link that works once: password reset, hand-over from sign-up (SAAS.md §1.3 row 13)."""

    class Purpose(models.TextChoices):
        PASSWORD_RESET = "password_reset"  # noqa: S105 - a name, no secret
        SIGN_IN = "sign_in"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    token_hash = models.CharField(max_length=64)
    # A reset link dies when the password changes by another way.
    password_mark = models.CharField(max_length=64, blank=True, default="")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GuardedManager()

    class Meta:
        db_table = "identity_one_time_token"
        base_manager_name = "objects"
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="identity_one_time_token_hash")]
