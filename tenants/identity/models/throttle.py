"""Failed sign-ins per account and per network address (SAAS.md A1)."""

from __future__ import annotations

from django.db import models

from tenants.context import GuardedManager


class LoginThrottle(models.Model):
    """Counter of failures for one key. Keys are hashes and exist for unknown accounts too, so that the
    answer does not tell which addresses have an account."""

    key = models.CharField(primary_key=True, max_length=80)
    failures = models.PositiveIntegerField(default=0)
    first_failure_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True, blank=True)

    objects = GuardedManager()

    class Meta:
        db_table = "identity_login_throttle"
        base_manager_name = "objects"
