"""App configuration of the way from visitor to working workspace."""

from __future__ import annotations

from django.apps import AppConfig


class OnboardingConfig(AppConfig):
    """Public site, sign-up, confirmation, finder, invitations, checklist, sample data. Schema public only."""

    name = "onboarding"
    label = "onboarding"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from billing.services import notices
        from crm_core.records import notices as work_notices
        from onboarding import console, provisioning_steps, tasks
        from onboarding.services import invitations, mail
        from tenants.identity.sso import people

        notices.register_outlet(mail.send_notice)
        work_notices.register_outlet(mail.send_notice)
        people.register_joiner(invitations.join_by_single_sign_on)
        provisioning_steps.register()
        tasks.register()
        console.register()
