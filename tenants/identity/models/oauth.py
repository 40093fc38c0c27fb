"""Programs that act for people by OAuth: applications, the access people gave them, their tokens (PLT-63).

All of it lies in the workspace's own schema, so none of it exists in another one. Secrets are stored as SHA-256 only.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.context import GuardedManager, GuardedModel
from tenants.ids import uuid7


class OAuthApplication(GuardedModel):
    """A program an administrator let in. It acts for people who agree, and, with a service user, on its own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client_id = models.CharField(max_length=40)
    name = models.CharField(_("Name"), max_length=100)
    #: Who makes it, as people read it before they agree.
    publisher = models.CharField(_("Made by"), max_length=100, blank=True, default="")
    redirect_uris = models.JSONField(default=list)
    #: The most anybody can give it: `read`, or `read` and `write`.
    scopes = models.JSONField(default=list)
    #: It can keep a secret, because it runs on a server.
    is_confidential = models.BooleanField(default=True)
    secret_hash = models.CharField(max_length=64, blank=True, default="")
    secret_prefix = models.CharField(max_length=12, blank=True, default="")
    #: Whom it acts as when nobody sits before it (client credentials); confidential ones only.
    service_user = models.ForeignKey(
        "identity.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(
        "identity.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GuardedManager()

    class Meta:
        db_table = "identity_oauth_application"
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["client_id"], name="identity_oauth_application_client"),
        ]

    def __str__(self) -> str:
        return self.name


class OAuthGrant(GuardedModel):
    """One access of one application as one person, with all tokens that follow from it: their family.

    It begins with an authorization code, which works once, or with client credentials (then without code).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(OAuthApplication, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="oauth_grants")
    scopes = models.JSONField(default=list)
    code_hash = models.CharField(max_length=64, null=True, blank=True)
    code_challenge = models.CharField(max_length=64, blank=True, default="")
    code_expires_at = models.DateTimeField(null=True, blank=True)
    code_used_at = models.DateTimeField(null=True, blank=True)
    redirect_uri = models.CharField(max_length=500, blank=True, default="")
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GuardedManager()

    class Meta:
        db_table = "identity_oauth_grant"
        base_manager_name = "objects"
        constraints = [models.UniqueConstraint(fields=["code_hash"], name="identity_oauth_grant_code")]


class OAuthToken(GuardedModel):
    """An access token (an hour) or a refresh token (used once, for the next pair)."""

    class Kind(models.TextChoices):
        ACCESS = "access"
        REFRESH = "refresh"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    grant = models.ForeignKey(OAuthGrant, on_delete=models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    token_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField()
    #: A refresh token that was exchanged; showing it again ends the whole family.
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GuardedManager()

    class Meta:
        db_table = "identity_oauth_token"
        base_manager_name = "objects"
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="identity_oauth_token_hash")]
        indexes = [models.Index(fields=["expires_at"], name="identity_oauth_token_expires")]

    @property
    def user(self) -> Any:
        """Whom it acts as."""
        return self.grant.user

    @property
    def user_id(self) -> Any:
        return self.grant.user_id

    @property
    def via(self) -> str:
        """Name of the program, for the audit."""
        return self.grant.application.name

    @property
    def is_usable(self) -> bool:
        """An access token in its time, of an access nobody took back."""
        return (
            self.kind == self.Kind.ACCESS
            and self.expires_at > timezone.now()
            and self.grant.revoked_at is None
        )
