"""Sessions, so that they can be listed and revoked and survive a lost cache (PLT-41 session list)."""

from __future__ import annotations

from django.db import models

from tenants.context import GuardedManager


class Session(models.Model):
    """One signed-in browser. The key in the cookie is never stored, only its SHA-256."""

    key_hash = models.CharField(primary_key=True, max_length=64)
    data = models.TextField()
    user_id = models.UUIDField(null=True, blank=True)
    tenant_id = models.UUIDField(null=True, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    objects = GuardedManager()

    class Meta:
        db_table = "identity_session"
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["user_id"], name="identity_session_user"),
            models.Index(fields=["expires_at"], name="identity_session_expires"),
        ]
