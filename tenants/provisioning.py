"""From a wish to a working workspace, in journaled steps that survive being killed (ASP-10.2, SAAS.md F7).

Steps that take no time run together in one transaction with their journal entries, a long one has its own: after
a kill each of these transactions either happened entirely or not at all, and the next run goes on behind it. When
one fails, its steps run again one by one, so that the journal keeps what worked and names the step that does not
(decision 0004). Steps must be safe to repeat nevertheless, because a step may reach outside the database.

Callers: ``request_workspace`` (validates and holds the name), then ``provision`` in the request that wants
the workspace now, or ``tenants.tasks.provision`` in a worker. Run outside an enclosing transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants import cloning, hosts, pool, slugs
from tenants.context import activate, activate_public, assert_workspace
from tenants.errors import TenantRefusal
from tenants.identity.addresses import normalize_email
from tenants.identity.models import User
from tenants.models import (
    Domain,
    PoolSchema,
    Provisioning,
    ProvisioningStep,
    Tenant,
    TenantState,
)
from tenants.operator import audit

logger = logging.getLogger(__name__)

TRIAL_DAYS = 30
MAX_ATTEMPTS = 5
STALE_AFTER = timedelta(seconds=60)
REAP_AFTER = timedelta(hours=24)

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


def step_names() -> list[str]:
    """All steps in the order they run."""
    middle = sorted(_registered.values(), key=lambda step: (step.order, step.name))
    return [*FIXED_STEPS, *(step.name for step in middle), "done"]


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


def request_workspace(data: dict[str, Any], *, key: str) -> Provisioning:
    """Note the wish for a workspace and hold its name.

    ``data``: slug, name, owner_email, and optionally owner_name, password_hash (as Django's make_password
    gives), country, language, currency, time_zone, region, plan_code, trial_days, state, plus whatever the
    registered steps read. ``key`` makes a double submit one request.
    Raises TenantRefusal ``tenant.name_invalid|name_reserved|name_taken``.
    """
    with activate_public():
        known = Provisioning.objects.filter(idempotency_key=key).first()
        if known is not None:
            return known
        slug = slugs.check_name(data["slug"])
        data = {**data, "slug": slug, "owner_email": normalize_email(data["owner_email"])}
        try:
            with transaction.atomic():
                wish = Provisioning.objects.create(idempotency_key=key, slug=slug, request_data=data)
        except IntegrityError:
            # Somebody was faster, perhaps ourselves by a double click.
            known = Provisioning.objects.filter(idempotency_key=key).first()
            if known is not None:
                return known
            raise slugs.name_taken() from None
        # The holder of a name lets go only after its Domain row is there, so this order leaves no gap.
        if slugs.is_taken(slug):
            wish.delete()
            raise slugs.name_taken()
        return wish


def provision(provisioning_id: UUID, *, build_if_empty: bool = False) -> Tenant:
    """Run the steps that are not done yet. Returns the tenant; repeating a finished one is harmless.

    Raises pool.PoolEmpty when there is no ready schema (``build_if_empty`` builds one, which takes
    seconds) and ProvisioningFailed when a step fails.
    """
    if build_if_empty and _needs_schema(provisioning_id):
        pool.fill(max(1, pool.ready_count()))
    wish = None
    for names in _portions(provisioning_id):
        wish = _run_portion(provisioning_id, names)
    if wish is None:
        raise ProvisioningFailed("There is nothing to do.")
    return _tenant_of(wish)


def _portions(provisioning_id: UUID) -> list[tuple[str, ...]]:
    """The steps in order, those together that share a transaction."""
    long = {step.name: step.takes_long for step in _registered.values()}
    names = step_names()
    if not any(name in long for name in names):
        return [tuple(names)]
    with activate_public():
        data = Provisioning.objects.values_list("request_data", flat=True).get(pk=provisioning_id)
    portions: list[tuple[str, ...]] = []
    together: list[str] = []
    for name in names:
        if name in long and long[name](data):
            portions += [tuple(together), (name,)]
            together = []
        else:
            together.append(name)
    return [portion for portion in (*portions, tuple(together)) if portion]


def _run_portion(provisioning_id: UUID, names: tuple[str, ...]) -> Provisioning:
    """Run these steps in one transaction, or one by one when that fails. Raises PoolEmpty, ProvisioningFailed."""
    if len(names) > 1:
        try:
            return _run_steps(provisioning_id, names)
        except pool.PoolEmpty:
            raise
        except Exception:  # whatever it was, it happens again below, to the step it belongs to
            logger.exception("Provisioning %s failed; its steps run one by one now", provisioning_id)
    wish = None
    for name in names:
        try:
            wish = _run_steps(provisioning_id, (name,))
        except pool.PoolEmpty:
            raise
        except Exception as error:
            _note_failure(provisioning_id, name, error)
            raise ProvisioningFailed(f"Step {name} failed: {error}") from error
    assert wish is not None
    return wish


def _needs_schema(provisioning_id: UUID) -> bool:
    with activate_public():
        claimed = PoolSchema.objects.filter(provisioning_id=provisioning_id).exists()
    return not claimed and pool.ready_count() == 0


def _run_steps(provisioning_id: UUID, names: tuple[str, ...]) -> Provisioning:
    """Those of the steps that are not done, with their journal entries, in one transaction."""
    with activate_public(), transaction.atomic():
        # The row lock keeps two workers from running the same provisioning side by side.
        # Its tenant is read afterwards: joined into this query it would be that of before the wait.
        wish = Provisioning.objects.select_for_update().get(pk=provisioning_id)
        if wish.state == Provisioning.State.REAPED:
            raise ProvisioningFailed("This request was removed after it failed for too long.")
        if wish.state == Provisioning.State.DONE:
            return wish  # a step a later release brought: finished workspaces do without it
        known = {entry.name: entry for entry in wish.steps.all()}
        done = [
            _run_step(wish, known.get(name) or ProvisioningStep(provisioning=wish, name=name))
            for name in names
            if name not in known or known[name].state != ProvisioningStep.State.DONE
        ]
        if done:
            _write_journal(done)
        if "done" in names and wish.state != Provisioning.State.DONE:
            wish.state = Provisioning.State.DONE
        if done or wish.state == Provisioning.State.DONE:
            wish.save()
    return wish


def _run_step(wish: Provisioning, entry: ProvisioningStep) -> ProvisioningStep:
    """Run one step; returns its entry as it has to stand in the journal."""
    started = time.monotonic()
    if wish.state != Provisioning.State.RUNNING:
        wish.state = Provisioning.State.RUNNING
    _perform(wish, entry.name)
    entry.state, entry.error = ProvisioningStep.State.DONE, ""
    entry.attempts += 1
    entry.finished_at = timezone.now()
    entry.duration_ms = int((time.monotonic() - started) * 1000)
    return entry


def _write_journal(entries: list[ProvisioningStep]) -> None:
    fresh = [entry for entry in entries if entry._state.adding]
    tried_before = [entry for entry in entries if not entry._state.adding]
    ProvisioningStep.objects.bulk_create(fresh)
    for entry in tried_before:
        entry.save()


def _tenant_of(wish: Provisioning) -> Tenant:
    """The tenant the first step made. Raises ProvisioningFailed before that."""
    if wish.tenant is None:
        raise ProvisioningFailed("No workspace has been claimed yet.")
    return wish.tenant


def _perform(wish: Provisioning, name: str) -> None:
    if name == "claimed":
        _claim(wish)
    elif name == "domain":
        _bind_domain(wish)
    elif name == "owner":
        with activate(_tenant_of(wish)):
            assert_workspace()
            _create_owner(wish)
    elif name == "done":
        _finish(wish)
    else:
        _run_registered(_registered[name], _tenant_of(wish), wish.request_data)


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
        Domain.objects.create(slug=wish.slug, tenant=_tenant_of(wish), domain=host, is_primary=True)


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
    tenant = _tenant_of(wish)
    tenant.state = wish.request_data.get("state") or TenantState.TRIALING
    tenant.state_changed_at = now
    if tenant.state == TenantState.TRIALING:
        tenant.trial_ends_at = now + timedelta(days=int(wish.request_data.get("trial_days", TRIAL_DAYS)))
    tenant.usage = {"users": 1}
    tenant.save(update_fields=["state", "state_changed_at", "trial_ends_at", "usage"])
    wish.request_data.pop("password_hash", None)
    wish.state, wish.error, wish.finished_at = Provisioning.State.DONE, "", now


def _note_failure(provisioning_id: UUID, name: str, error: Exception) -> None:
    """Write down the failure of a step whose transaction was rolled back."""
    logger.exception("Provisioning %s failed at %s", provisioning_id, name)
    with activate_public(), transaction.atomic():
        wish = Provisioning.objects.select_for_update().get(pk=provisioning_id)
        if wish.state in {Provisioning.State.DONE, Provisioning.State.REAPED}:
            return
        entry, _created = ProvisioningStep.objects.get_or_create(provisioning=wish, name=name)
        entry.state = ProvisioningStep.State.FAILED
        entry.attempts += 1
        entry.error = f"{type(error).__name__}: {error}"[:4000]
        entry.save()
        wish.attempts += 1
        wish.error = f"{name}: {entry.error}"[:4000]
        if wish.attempts >= MAX_ATTEMPTS:
            wish.state = Provisioning.State.FAILED
        wish.save()


def progress(wish: Provisioning) -> list[tuple[str, str]]:
    """(step, ``done|running|failed|waiting``) in order, for the page that waits for the workspace."""
    with activate_public():
        states = dict(wish.steps.values_list("name", "state"))
    return [(name, states.get(name, "waiting")) for name in step_names()]


def unfinished() -> list[UUID]:
    """Requests nobody works on: pending or running, untouched for a minute, attempts left."""
    with activate_public():
        stale = Provisioning.objects.filter(
            state__in=[Provisioning.State.PENDING, Provisioning.State.RUNNING],
            updated_at__lt=timezone.now() - STALE_AFTER,
        )
        return list(stale.order_by("updated_at").values_list("pk", flat=True)[:50])


def retry(provisioning_id: UUID, by: str) -> Provisioning:
    """Give a failed request all its attempts again; a worker goes on behind the steps that are done.

    Raises TenantRefusal 409 ``provisioning.not_failed``.
    """
    with activate_public(), transaction.atomic():
        wish = Provisioning.objects.select_for_update().get(pk=provisioning_id)
        if wish.state != Provisioning.State.FAILED:
            raise TenantRefusal("provisioning.not_failed", _("This sign-up has not failed."), status=409)
        wish.state, wish.attempts = Provisioning.State.PENDING, 0
        wish.save(update_fields=["state", "attempts", "updated_at"])
        audit.record(by, "provisioning.retried", wish.tenant_id, slug=wish.slug, error=wish.error[:500])
    return wish


def reap(older_than: timedelta = REAP_AFTER) -> int:
    """Remove what failed provisionings left: domain, tenant, schema; the name is free again.

    Returns how many were removed. A finished workspace is never touched.
    """
    with activate_public():
        dead = Provisioning.objects.filter(
            state=Provisioning.State.FAILED, updated_at__lt=timezone.now() - older_than
        )
        ids = list(dead.values_list("pk", flat=True)[:20])
    return sum(_remove(pk) for pk in ids)


def _remove(provisioning_id: UUID) -> int:
    with activate_public(), transaction.atomic():
        wish = Provisioning.objects.select_for_update().get(pk=provisioning_id)
        if wish.state != Provisioning.State.FAILED:
            return 0
        if wish.tenant is not None and wish.tenant.state != TenantState.PROVISIONING:
            raise ProvisioningFailed(f"{provisioning_id} is failed although its workspace is in use.")
        stock = PoolSchema.objects.filter(provisioning_id=wish.pk).first()
        if wish.tenant is not None:
            tenant, wish.tenant = wish.tenant, None
            wish.save(update_fields=["tenant"])
            tenant.delete()  # domains go with it
        if stock is not None:
            cloning.drop_schema(stock.schema_name)
            stock.delete()
        wish.state = Provisioning.State.REAPED
        wish.request_data = {"slug": wish.slug}
        wish.save(update_fields=["state", "request_data"])
        logger.error("Provisioning %s of %r was removed: %s", wish.pk, wish.slug, wish.error)
        return 1


def workspace_of(slug: str) -> Tenant | None:
    """The tenant behind a slug, in whatever state, or None."""
    with activate_public():
        domain = Domain.objects.select_related("tenant").filter(slug=slug).first()
        return domain.tenant if domain else None


assert settings.KONTOR_POOL_SIZE >= 0, "KONTOR_POOL_SIZE can't be negative."
