"""The workspace's own settings, currencies and number counters."""

from __future__ import annotations

from django.db import models

from crm_core.metadata.record import new_id
from tenants.context import GuardedManager


class Organization(models.Model):
    """One row: who this workspace is, and the version counters every process compares before it trusts a cache."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=160)
    currency = models.CharField(max_length=3, default="EUR")
    language = models.CharField(max_length=10, default="en")
    country = models.CharField(max_length=2, default="DE")
    time_zone = models.CharField(max_length=60, default="Europe/Berlin")
    metadata_version = models.IntegerField(default=0)
    security_version = models.BigIntegerField(default=0)
    settings = models.JSONField(default=dict)

    objects = GuardedManager()

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="organization_single_row"),)


class Currency(models.Model):
    """A currency of the workspace: `rate` is units per one unit of the base currency (PLT-96)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=3, unique=True)
    symbol = models.CharField(max_length=8, default="")
    precision = models.SmallIntegerField(default=2)
    rate = models.DecimalField(max_digits=20, decimal_places=10, default=1)
    is_base = models.BooleanField(default=False)

    objects = GuardedManager()

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(rate__gt=0), name="currency_rate_positive"),)


class NumberCounter(models.Model):
    """Next human number of an attribute, taken under a row lock (PLT-16)."""

    key = models.CharField(max_length=120, primary_key=True)
    next_number = models.BigIntegerField(default=1)

    objects = GuardedManager()
