"""App configuration of task receipts; installed in every workspace."""

from __future__ import annotations

from django.apps import AppConfig


class ReceiptsConfig(AppConfig):
    """Which keyed tasks have already been done in this workspace."""

    name = "tenants.receipts"
    label = "receipts"
    default_auto_field = "django.db.models.BigAutoField"
