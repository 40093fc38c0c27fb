"""Addresses of people who were erased, as hashes: enough to know one again, too little to know whose it was."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from tenants.context import GuardedManager


class ErasedAddress(models.Model):
    """One e-mail address nobody may bring back in unasked (CUS-15.8); `digest` is keyed with the workspace's secret."""

    digest = models.CharField(max_length=64, primary_key=True)
    erased_at = models.DateTimeField(db_default=Now())

    objects = GuardedManager()
