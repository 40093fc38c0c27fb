"""The steps a new workspace is made in: claim, address, owner, what other packages registered, done (ASP-10.2).

Each is safe to repeat. Which run together and what is written down of them is `provisioning`'s business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from tenants import hosts, pool
from tenants.context import activate, activate_public, assert_workspace
from tenants.identity.models import User
from tenants.models import Domain, Provisioning, Tenant, TenantState

TRIAL_DAYS = 30

Step = Callable[[Tenant, dict[str, Any]], None]


class ProvisioningFailed(RuntimeError):
    """A step failed; the journal tells which. It is tried again until the attempts are used up."""


@dataclass(frozen=True)
class RegisteredStep:
    """A step of another package: ``run(tenant, request_data)``, ordered by ``order``; see `register_step`."""

    name: str
    run: Step
    order: int
    inside: bool = True
    takes_long: Callable[[dict[str, Any]], bool] = lambda _data: False


_registered: dict[str, RegisteredStep] = {}
FIXED_STEPS = ("claimed", "domain", "owner")


def register_step(
    name: str,
    run: Step,
    *,
    order: int = 500,
    inside: bool = True,
    takes_long: Callable[[dict[str, Any]], bool] = lambda _data: False,
) -> None:
    """Add a step between the owner's creation and the end.

    ``run(tenant, request_data)`` is called with the workspace active (with the control data when not ``inside``), in a
    transaction it shares with its journal entry; it may be called again after a failure. ``takes_long(request_data)``
    says whether it deserves a transaction of its own. What every workspace has belongs into the stock
    (`pool.register_preparation`), not into a step somebody waits for. By convention order 100 seeds base data,
    300 sample data and starter packs, 900 sends mail. Registering a name again replaces it.
    """
    if name in (*FIXED_STEPS, "done"):
        raise ValueError(f"{name!r} is a built-in step.")
    _registered[name] = RegisteredStep(name, run, order, inside, takes_long)


def registered() -> list[RegisteredStep]:
    """The steps of other packages, in the order they run."""
    return sorted(_registered.values(), key=lambda step: (step.order, step.name))


def step_names() -> list[str]:
    """All steps in the order they run."""
    return [*FIXED_STEPS, *(step.name for step in registered()), "done"]


def run_steps(tenant: Tenant, names: tuple[str, ...], data: dict[str, Any]) -> None:
    """Run those of the registered steps ``names`` that exist for a workspace that did not come from sign-up."""
    with activate_public(), transaction.atomic():
        for name in names:
            if name in _registered:
                _run_registered(_registered[name], tenant, data)


def _run_registered(step: RegisteredStep, tenant: Tenant, data: dict[str, Any]) -> None:
    if not step.inside:
        step.run(tenant, data)
        return
    with activate(tenant):
        assert_workspace()
        step.run(tenant, data)


def tenant_of(wish: Provisioning) -> Tenant:
    """The tenant the first step made. Raises ProvisioningFailed before that."""
    if wish.tenant is None:
        raise ProvisioningFailed("No workspace has been claimed yet.")
    return wish.tenant


def perform(wish: Provisioning, name: str) -> None:
    """Do one step of a request; what a registered one raises goes through."""
    if name == "claimed":
        _claim(wish)
    elif name == "domain":
        _bind_domain(wish)
    elif name == "owner":
        with activate(tenant_of(wish)):
            assert_workspace()
            _create_owner(wish)
    elif name == "done":
        _finish(wish)
    else:
        _run_registered(_registered[name], tenant_of(wish), wish.request_data)


def _claim(wish: Provisioning) -> None:
    stock = pool.claim(wish.pk)
    data = wish.request_data
    fields = ("country", "language", "currency", "time_zone", "region", "plan_code")
    wish.tenant = Tenant.objects.create(
        schema_name=stock.schema_name,
        name=data.get("name") or wish.slug,
        owner_email=data["owner_email"],
        state=TenantState.PROVISIONING,
        **{name: data[name] for name in fields if data.get(name)},
    )


def _bind_domain(wish: Provisioning) -> None:
    # The request holds the name and its row is locked, so nobody else can write this row meanwhile.
    if not Domain.objects.filter(slug=wish.slug).exists():
        host = hosts.workspace_host(wish.slug)
        Domain.objects.create(slug=wish.slug, tenant=tenant_of(wish), domain=host, is_primary=True)


def _create_owner(wish: Provisioning) -> None:
    data = wish.request_data
    if User.objects.filter(email=data["owner_email"]).exists():
        return
    owner = User(
        email=data["owner_email"],
        full_name=data.get("owner_name", ""),
        language=data.get("language", ""),
        time_zone=data.get("time_zone", ""),
        is_admin=True,
    )
    owner.set_unusable_password()
    if data.get("password_hash"):
        owner.password = data["password_hash"]
    owner.save(force_insert=True)


def _finish(wish: Provisioning) -> None:
    now = timezone.now()
    tenant = tenant_of(wish)
    tenant.state = wish.request_data.get("state") or TenantState.TRIALING
    tenant.state_changed_at = now
    if tenant.state == TenantState.TRIALING:
        tenant.trial_ends_at = now + timedelta(days=int(wish.request_data.get("trial_days", TRIAL_DAYS)))
    tenant.usage = {"users": 1}
    tenant.save(update_fields=["state", "state_changed_at", "trial_ends_at", "usage"])
    wish.request_data.pop("password_hash", None)
    wish.state, wish.error, wish.finished_at = Provisioning.State.DONE, "", now
