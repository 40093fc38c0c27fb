"""Single sign-on of a workspace: its provider of identities, and who there is whom here (PLT-41 Login)."""

from __future__ import annotations

from django.db import models

from tenants.context import GuardedManager, GuardedModel
from tenants.ids import uuid7


class IdentityProvider(GuardedModel):
    """The OpenID Connect provider the people of this workspace sign in with; at most one."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    #: As the button on the sign-in page calls it.
    name = models.CharField(max_length=60)
    issuer = models.CharField(max_length=300)
    client_id = models.CharField(max_length=200)
    #: Sealed (tenants.sealing), never given out again.
    client_secret = models.TextField()
    #: E-mail domains whose addresses it may vouch for, lower case.
    domains = models.JSONField(default=list)
    #: Role of people who come for the first time; empty: only who was invited may come in.
    joining_role = models.UUIDField(null=True, blank=True)
    #: Passwords open the workspace for administrators only.
    is_enforced = models.BooleanField(default=False)
    is_active = models.BooleanField(default=False)

    objects = GuardedManager()

    class Meta:
        db_table = "identity_provider"
        base_manager_name = "objects"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="identity_provider_single")]


class FederatedLogin(GuardedModel):
    """Somebody's name at the provider, which stays when his e-mail address changes there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GuardedManager()

    class Meta:
        db_table = "identity_federated_login"
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_federated_subject"),
            models.UniqueConstraint(fields=["issuer", "user"], name="identity_federated_user"),
        ]
