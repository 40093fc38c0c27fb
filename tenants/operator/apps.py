"""App configuration of the operators' console: who operates, with which role, under four eyes. Schema public only."""

from __future__ import annotations

from django.apps import AppConfig


class OperatorConfig(AppConfig):
    """Operators, their second factor, approvals; the console's pages."""

    name = "tenants.operator"
    label = "operator"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tenants import queues
        from tenants.operator import acts, backup_acts, sign_in

        sign_in.register()
        acts.register_all()
        backup_acts.register_all()
        queues.register()
