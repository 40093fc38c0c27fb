"""Background work about money: events in and out, what falls due, states, reconciliation, meters."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from billing.providers.builtin import cycle, delivery
from billing.services import (
    ending,
    forgetting,
    holds,
    inbox,
    lifecycle,
    meters,
    overage,
    planned_addons,
    planned_seats,
    reconcile,
    tax_ids,
)
from tenants import jobs, metering
from tenants.lifecycle import deletion, holding


@shared_task(base=jobs.PublicTask, name="billing.process_event")
def process_event(event_id: str) -> None:
    """Work on one stored event; does nothing when it is done."""
    inbox.process(event_id)


def wake_event(event_id: str) -> None:
    """Have a worker take an event up once it is committed."""
    jobs.wake(process_event, event_id)


def run_provider() -> None:
    """The built-in provider's own work: renew, retry, settle, and deliver what happened."""
    cycle.run_due()
    delivery.deliver_due()


def look_at_states() -> None:
    """Bring every workspace to the state its facts say, end what runs of those that were let go, and look at what is
    planned for renewals that are near."""
    lifecycle.refresh_all()
    ending.end_of_deleted()
    planned_seats.keep_those_in_use()
    planned_addons.keep_those_in_use()


def reconcile_stale() -> None:
    """Compare customers that were not compared for a day."""
    reconcile.reconcile_all(only_stale=True)


def count_usage() -> None:
    """Write what was counted into the ledger, and charge what is beyond the plan where that is agreed."""
    meters.flush()
    overage.charge_all()


def clean_up() -> None:
    """Forget what was done long ago."""
    inbox.drop_old()


def register() -> None:
    """Tell the dispatcher; called once the apps are ready."""
    metering.register_ledger(meters.LEDGER)
    deletion.register_eraser("billing_contacts", forgetting.forget)
    holding.register_observer("billing", holds.note)
    if settings.KONTOR_BILLING_PROVIDER == "builtin":
        jobs.register_public_sweep("billing.provider", 5, run_provider)
    jobs.register_public_sweep("billing.inbox", 15, inbox.process_waiting)
    jobs.register_public_sweep("billing.states", 60, look_at_states)
    jobs.register_public_sweep("billing.reconcile", 3600, reconcile_stale)
    jobs.register_public_sweep("billing.flush_meters", 60, count_usage)
    jobs.register_public_sweep("billing.meters", 900, meters.send_notices)
    jobs.register_public_sweep("billing.tax_ids", 300, tax_ids.check_due)
    jobs.register_public_sweep("billing.clean_up", 86400, clean_up)
