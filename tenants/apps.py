"""App configuration of the control data."""

from __future__ import annotations

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Who rents: tenants, domains, provisioning, migrations, entitlements. Schema public only."""

    name = "tenants"
    label = "tenants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tenants import checks, context, hosts, tasks  # noqa: F401 - checks register themselves
        from tenants.lifecycle import sandbox_tenants

        context.forbid_unsafe_switching()
        hosts.connect_invalidation()
        tasks.register()
        sandbox_tenants.register()
