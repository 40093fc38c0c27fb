"""App configuration of login identity; installed in public (operators) and in every workspace (users)."""

from __future__ import annotations

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Users, sessions, API tokens. The same tables exist per schema; the search path decides which are meant."""

    name = "tenants.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tenants.identity import tasks

        tasks.register()
