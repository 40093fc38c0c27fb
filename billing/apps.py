"""App configuration of who pays."""

from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Plans, prices and what they include. Schema public only; meets the CRM in the entitlement snapshot."""

    name = "billing"
    label = "billing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from billing import mode, tasks

        mode.refuse_test_mode_with_live_keys()
        tasks.register()
