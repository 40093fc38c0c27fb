from django.apps import AppConfig


class SecurityConfig(AppConfig):
    name = "crm_core.security"
    label = "security"
    verbose_name = "Security"

    def ready(self) -> None:
        from crm_core.security import entities  # noqa: F401  (declares user, team, business unit, role)
        from crm_core.security.services.second_factor import WorkspaceRule
        from crm_core.security.services.seeding import prepare_stock, seed_workspace, stock_version
        from crm_core.security.services.support import prepare
        from tenants import pool, provisioning, support
        from tenants.identity.second_factor import rules

        rules.register(WorkspaceRule())
        support.register_preparer(prepare)
        pool.register_preparation("crm", prepare_stock, version=stock_version, order=100)
        provisioning.register_step("crm", seed_workspace, order=100)
