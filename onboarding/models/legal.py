"""Who accepted which version of which legal text, when and from where (SAAS.md §4.2 Legal)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class LegalAcceptance(models.Model):
    """Proof of one acceptance; rows are only added."""

    class Document(models.TextChoices):
        TERMS = "terms", _("Terms of service")
        DPA = "dpa", _("Data processing agreement")
        PRIVACY = "privacy", _("Privacy notice")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    signup = models.ForeignKey(
        "onboarding.SignUp", on_delete=models.PROTECT, null=True, blank=True, related_name="acceptances"
    )
    #: The workspace an administrator accepted a later version for; its sign-up knows the first one.
    tenant_id = models.UUIDField(null=True, blank=True)
    document = models.CharField(max_length=16, choices=Document.choices)
    version = models.CharField(max_length=16)
    language = models.CharField(max_length=12)
    email = models.EmailField(max_length=254)
    ip = models.GenericIPAddressField(null=True, blank=True)
    accepted_at = models.DateTimeField()

    class Meta:
        db_table = "onboarding_legal_acceptance"
        ordering = ["-accepted_at"]
        constraints = [
            models.UniqueConstraint(fields=["signup", "document"], name="acceptance_once_per_document"),
            models.UniqueConstraint(
                fields=["tenant_id", "document", "version"], name="acceptance_once_per_version"
            ),
        ]


class SubProcessor(models.Model):
    """A company that processes workspaces' data for the provider (ASP-40.5). Rows end, they are never removed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=160)
    #: What it does and where, per language: {"en": "...", "de": "..."}
    purpose = models.JSONField(default=dict)
    location = models.CharField(max_length=120)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=254)

    class Meta:
        db_table = "onboarding_sub_processor"
        ordering = ["name", "starts_on"]

    def __str__(self) -> str:
        return self.name

    def text(self, language: str) -> str:
        """What it does, in `language`, else in English."""
        return str(self.purpose.get(language) or self.purpose["en"])
