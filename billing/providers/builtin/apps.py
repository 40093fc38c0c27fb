"""App configuration of the built-in payment provider."""

from __future__ import annotations

from django.apps import AppConfig


class BuiltinPaymentsConfig(AppConfig):
    """Tables of the built-in provider. Schema public only."""

    name = "billing.providers.builtin"
    label = "builtin_payments"
    default_auto_field = "django.db.models.BigAutoField"
