"""The tenant: one paying organisation with a schema of its own (ASP-1)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tenants.models import TenantMixin

from tenants.ids import uuid7


class TenantState(models.TextChoices):
    """Life of a tenant (ASP-20). The first two belong to provisioning, the others to the subscription."""

    PROVISIONING = "provisioning", _("Being prepared")
    FAILED = "failed", _("Preparation failed")
    TRIALING = "trialing", _("Trial")
    ACTIVE = "active", _("Active")
    PAST_DUE = "past_due", _("Past due")
    SUSPENDED = "suspended", _("Suspended")
    EXPIRED = "expired", _("Trial expired")
    CANCELED = "canceled", _("Canceled")
    DELETED = "deleted", _("Deleted")


# Workspaces whose host answers at all; the others are a neutral 404 (or "being prepared").
REACHABLE_STATES = frozenset(
    {
        TenantState.TRIALING,
        TenantState.ACTIVE,
        TenantState.PAST_DUE,
        TenantState.SUSPENDED,
        TenantState.EXPIRED,
        TenantState.CANCELED,
    }
)
# Workspaces whose background work runs.
WORKING_STATES = frozenset({TenantState.TRIALING, TenantState.ACTIVE, TenantState.PAST_DUE})


class Tenant(TenantMixin):
    """Who rents. ``schema_name`` is random and never shown; the address of the workspace lives in Domain.

    ``state`` is written by provisioning and, afterwards, only by the one function in billing that maps
    facts and clock to a state. ``entitlements`` is the snapshot billing writes and
    ``tenants.entitlements`` reads.
    """

    # Schemas come from the pool and are dropped by a job, never as a side effect of saving a row.
    auto_create_schema = False
    auto_drop_schema = False

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The mixin's field carries an extra index beside the unique one.
    schema_name = models.CharField(max_length=63, unique=True, editable=False)
    name = models.CharField(_("Name"), max_length=160)
    state = models.CharField(
        _("State"), max_length=16, choices=TenantState.choices, default=TenantState.PROVISIONING
    )
    state_changed_at = models.DateTimeField(null=True, blank=True)
    state_reason = models.CharField(max_length=300, blank=True, default="")
    plan_code = models.CharField(_("Plan"), max_length=40, default="professional")
    country = models.CharField(_("Country"), max_length=2, default="DE")
    language = models.CharField(_("Language"), max_length=12, default="en")
    currency = models.CharField(_("Currency"), max_length=3, default="EUR")
    time_zone = models.CharField(_("Time zone"), max_length=64, default="UTC")
    region = models.CharField(_("Region"), max_length=16, default="eu")
    owner_email = models.EmailField(_("Owner"), max_length=254)
    trial_ends_at = models.DateTimeField(_("Trial ends"), null=True, blank=True)
    created_at = models.DateTimeField(_("Created"), auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    entitlements = models.JSONField(default=dict, blank=True)
    # What operators decided, over plan and payment (ASP-30). Only tenants.lifecycle writes these.
    flags = models.JSONField(default=list, blank=True)
    region_note = models.CharField(max_length=300, blank=True, default="")
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True)
    held_from = models.DateTimeField(null=True, blank=True)
    hold_reason = models.CharField(max_length=300, blank=True, default="")
    deletion_due_at = models.DateTimeField(null=True, blank=True)
    # A sandbox is a copy of another workspace for trying things; it has no life of its own (PLT-13, tenants.sandboxes).
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="sandboxes")
    # Figures the operator sees, pushed from the workspace by a sweep; never read from tenant schemas at
    # request time (SAAS.md §2.3 rule 5).
    usage = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "tenants_tenant"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "id"], name="tenant_state_id")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sandbox(self) -> bool:
        """Whether this is a customer's copy for trying things (PLT-13)."""
        return self.parent_id is not None

    @property
    def is_held(self) -> bool:
        """Whether an operator has suspended it, whatever is paid (ASP-30)."""
        return self.held_from is not None and self.held_from <= timezone.now()

    @property
    def acting_state(self) -> str:
        """The state to act by: what billing says, unless operators suspended or deleted the workspace."""
        if self.deletion_due_at is not None:
            return TenantState.DELETED
        if self.is_held and self.state in WORKING_STATES | {TenantState.EXPIRED}:
            return TenantState.SUSPENDED
        return self.state

    @property
    def is_reachable(self) -> bool:
        """Whether the workspace's host answers with more than a neutral page."""
        return self.acting_state in REACHABLE_STATES

    @property
    def is_working(self) -> bool:
        """Whether background work of this workspace runs (jobs, sweeps, outbound mail)."""
        return self.acting_state in WORKING_STATES
