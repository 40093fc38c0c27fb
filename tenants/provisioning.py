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
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import pool, provisioning_steps, slugs
from tenants.context import activate_public
from tenants.identity.addresses import normalize_email
from tenants.models import Domain, PoolSchema, Provisioning, ProvisioningStep, Tenant
from tenants.provisioning_steps import (
    ProvisioningFailed,
    RegisteredStep,
    perform,
    register_step,
    run_steps,
    step_names,
    tenant_of,
)
from tenants.provisioning_upkeep import reap, retry, unfinished

#: What callers need, wherever in these three rooms it lives.
__all__ = [
    "ProvisioningFailed",
    "RegisteredStep",
    "progress",
    "provision",
    "reap",
    "register_step",
    "request_workspace",
    "retry",
    "run_steps",
    "step_names",
    "unfinished",
    "workspace_of",
]

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5


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
    return tenant_of(wish)


def _portions(provisioning_id: UUID) -> list[tuple[str, ...]]:
    """The steps in order, those together that share a transaction."""
    long = {step.name: step.takes_long for step in provisioning_steps.registered()}
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
    perform(wish, entry.name)
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


def workspace_of(slug: str) -> Tenant | None:
    """The tenant behind a slug, in whatever state, or None."""
    with activate_public():
        domain = Domain.objects.select_related("tenant").filter(slug=slug).first()
        return domain.tenant if domain else None


assert settings.KONTOR_POOL_SIZE >= 0, "KONTOR_POOL_SIZE can't be negative."
