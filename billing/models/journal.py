"""What happened: events of the provider, transitions of tenants, notices sent, usage (SAAS.md §3.2)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class ProviderEvent(models.Model):
    """The webhook inbox. An event is stored under the provider's id before anything is done with it."""

    class State(models.TextChoices):
        RECEIVED = "received", _("Waiting")
        DONE = "done", _("Done")
        IGNORED = "ignored", _("Not for us")
        ORPHAN = "orphan", _("Unknown customer")
        FAILED = "failed", _("Failed")

    id = models.CharField(primary_key=True, max_length=120)
    provider = models.CharField(max_length=16)
    type = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    received_at = models.DateTimeField()
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    error = models.CharField(max_length=500, blank=True, default="")
    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        db_table = "billing_provider_event"
        ordering = ["-received_at"]
        indexes = [models.Index(fields=["state", "next_try_at"], name="billing_event_due")]


class StateTransition(models.Model):
    """One change of a tenant's state, with the facts it followed from. Rows are never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="transitions")
    at = models.DateTimeField()
    state_before = models.CharField(max_length=16)
    state_after = models.CharField(max_length=16)
    access_before = models.CharField(max_length=12, blank=True, default="")
    access_after = models.CharField(max_length=12)
    #: What set it off: `clock`, `event evt_…`, `reconcile`, `operator …`
    cause = models.CharField(max_length=200)
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "billing_state_transition"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["tenant", "at"], name="billing_transition_tenant")]


class Notice(models.Model):
    """A mail about money or state, so that each is sent once. `key` names the occasion."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="billing_notices")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    to = models.CharField(max_length=254)
    queued_at = models.DateTimeField()

    class Meta:
        db_table = "billing_notice"
        ordering = ["-queued_at"]
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "key"], name="billing_notice_once")]


class UsageRecord(models.Model):
    """How much of a meter a tenant used on a day (ASP-1 Usage record). Levels keep the day's last value."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="usage_records")
    meter = models.CharField(max_length=40)
    day = models.DateField()
    value = models.BigIntegerField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "billing_usage_record"
        ordering = ["-day", "meter"]
        constraints = [models.UniqueConstraint(fields=["tenant", "meter", "day"], name="billing_usage_once")]


class OverageReport(models.Model):
    """A quantity used beyond the plan, on its way to the provider; its id is the meter event's, so it counts once.

    Written before it is sent: a crash in between sends the same event again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="overage_reports")
    code = models.SlugField(max_length=40)
    meter = models.CharField(max_length=40)
    #: The day it was used on, and the moment it is charged by.
    day = models.DateField()
    at = models.DateTimeField()
    quantity = models.PositiveBigIntegerField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "billing_overage_report"
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["tenant", "code", "day"], name="billing_overage_report_day"),
            models.Index(
                fields=["sent_at"], condition=models.Q(sent_at=None), name="billing_overage_report_due"
            ),
        ]
