"""Tasks and sweeps of the control data, and the housekeeping of every workspace's identity tables."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from tenants import (
    announcement_mails,
    counting,
    figures,
    jobs,
    mail_choice,
    pool,
    provisioning,
    support,
    usage,
    waves,
)
from tenants.domains import claims
from tenants.identity import throttle
from tenants.identity.oauth import grants
from tenants.identity.sessions import SessionStore
from tenants.lifecycle import deletion, holding, notices, operations, upkeep


@shared_task(base=jobs.PublicTask, name="tenants.provision")
def provision(provisioning_id: str) -> None:
    """Finish one provisioning, building a schema when none is in stock, then restock."""
    provisioning.provision(UUID(provisioning_id), build_if_empty=True)
    jobs.wake(fill_pool)


@shared_task(base=jobs.PublicTask, name="tenants.fill_pool")
def fill_pool() -> int:
    """Bring the stock of ready schemas to its target."""
    return pool.fill()


def resume_provisioning() -> None:
    """Wake up requests nobody works on, and remove what failed for good."""
    for pk in provisioning.unfinished():
        jobs.wake(provision, str(pk))
    provisioning.reap()


def restock() -> None:
    """Wake the pool's builder when the stock is below its target or of an old level."""
    if pool.ready_count() < pool.target_size():
        jobs.wake(fill_pool)


def clean_identity() -> None:
    """Remove expired sessions and OAuth tokens, stale throttle counters and old receipts of the active workspace."""
    SessionStore.clear_expired()
    throttle.purge()
    grants.purge()
    jobs.purge_receipts()


def register() -> None:
    """Tell the dispatcher; called once the apps are ready."""
    jobs.register_public_sweep("tenants.resume_provisioning", 30, resume_provisioning)
    jobs.register_public_sweep("tenants.restock", 15, restock)
    jobs.register_public_sweep("tenants.take_up_waves", 15, waves.take_up)
    jobs.register_public_sweep("tenants.owner_notices", 60, notices.deliver_due)
    jobs.register_public_sweep("tenants.announcement_mails", 60, announcement_mails.resume)
    jobs.register_public_sweep("tenants.keep_figures", 1800, figures.keep)
    jobs.register_public_sweep("tenants.end_sessions_of_held", 30, holding.end_sessions_of_held)
    jobs.register_public_sweep("tenants.end_support", 30, support.end_expired)
    jobs.register_public_sweep("tenants.resume_operations", 60, operations.resume)
    jobs.register_public_sweep("tenants.back_up", 300, upkeep.back_up_due)
    jobs.register_public_sweep("tenants.remove_backups", 3600, upkeep.remove_expired)
    jobs.register_public_sweep("tenants.schedule_ended", 600, deletion.schedule_ended)
    jobs.register_public_sweep("tenants.destroy_due", 300, upkeep.destroy_due)
    jobs.register_public_sweep("tenants.check_domains", 30, claims.check_due)
    deletion.register_eraser("custom_domains", claims.erase)
    deletion.register_eraser("mail_choices", mail_choice.erase)
    deletion.register_eraser("support_consents", support.erase)
    jobs.register_public_sweep("tenants.purge_counts", 3600, counting.purge)
    jobs.register_sweep("tenants.clean_identity", 3600, clean_identity)
    jobs.register_sweep("tenants.usage", 600, usage.push)
