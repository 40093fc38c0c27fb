"""What sign-up adds to the steps of a new workspace (ASP-10.2). Each may run again after a failure."""

from __future__ import annotations

from typing import Any

from billing.services.entitlements import start_trial
from onboarding.services import mail
from onboarding.services.signup import remember_member
from tenants import provisioning
from tenants.addresses import public_url, workspace_url
from tenants.context import activate, assert_workspace
from tenants.models import Tenant


def apply_plan(tenant: Tenant, data: dict[str, Any]) -> None:
    """Write the entitlements of the chosen plan onto the tenant."""
    start_trial(tenant, data.get("plan_code") or tenant.plan_code)


def add_sample_data(tenant: Tenant, data: dict[str, Any]) -> None:
    """Fill the workspace with sample records when that was asked for."""
    if not data.get("sample_data"):
        return
    from onboarding.services import sample_data  # the CRM's models are ready only now

    with activate(tenant):
        assert_workspace()
        sample_data.provision(tenant)


def list_owner(tenant: Tenant, data: dict[str, Any]) -> None:
    """Make the workspace findable by its first administrator's address."""
    remember_member(data["owner_email"], tenant)


def send_welcome(tenant: Tenant, data: dict[str, Any]) -> None:
    """Mail the address of the workspace (ASP-10.1 "e-mail with link")."""
    if not data.get("welcome_mail", True):  # the demo's people have no mailbox
        return
    context = {
        "name": data.get("owner_name") or "",
        "workspace": tenant.name,
        "url": workspace_url(tenant),
        "find_url": public_url("/find/"),
        "trial_days": data.get("trial_days"),
    }
    mail.queue("welcome", data["owner_email"], tenant.language, context)


def register() -> None:
    """Add the steps; called once the apps are ready."""
    provisioning.register_step("plan", apply_plan, order=50, inside=False)
    provisioning.register_step(
        "sample_data", add_sample_data, order=300, inside=False,
        takes_long=lambda data: bool(data.get("sample_data")),
    )  # fmt: skip
    provisioning.register_step("directory", list_owner, order=880, inside=False)
    provisioning.register_step("welcome", send_welcome, order=900, inside=False)
