"""What a login has beside its password: an authenticator app and codes on paper (PLT-41, SAAS.md A5)."""

from __future__ import annotations

from django.db import models

from tenants.context import GuardedManager, GuardedModel


class SecondFactor(GuardedModel):
    """The authenticator of one login, of an operator in schema public, of a person in his workspace.

    `User.has_second_factor` says whether it counts, so that a sign-in without one asks nothing more.
    """

    user = models.OneToOneField(
        "identity.User", on_delete=models.CASCADE, primary_key=True, related_name="second_factor"
    )
    #: Sealed (tenants.sealing), never given out again once it is confirmed.
    secret = models.TextField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    #: Number of the last 30-second step whose code was accepted: a code works once (A5).
    last_step = models.BigIntegerField(default=0)
    #: SHA-256 of the recovery codes that still work; a used one goes.
    recovery_hashes = models.JSONField(default=list)

    objects = GuardedManager()

    class Meta:
        db_table = "identity_second_factor"
        base_manager_name = "objects"
