"""Background work of this package: mail leaves, old rows go."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from onboarding.services import legal, mail, rates, reminders, signup, subprocessors
from tenants import jobs, tasks


@shared_task(base=jobs.PublicTask, name="onboarding.deliver_mail")
def deliver_mail(mail_id: str) -> None:
    """Send one waiting mail; does nothing when it has left already."""
    mail.deliver(UUID(mail_id))


def wake_provisioning(provisioning_id: UUID) -> None:
    """Have a worker go on with a provisioning, building a schema when none is in stock."""
    jobs.wake(tasks.provision, str(provisioning_id))


def clean_up() -> None:
    """Remove sent mails, old counters and sign-ups nobody confirmed."""
    mail.purge()
    rates.purge()
    signup.purge_unconfirmed()


def register() -> None:
    """Tell the dispatcher; called once the apps are ready."""
    jobs.register_public_sweep("onboarding.deliver_waiting", 15, mail.deliver_waiting)
    jobs.register_public_sweep("onboarding.trial_reminders", 900, reminders.send_due)
    jobs.register_public_sweep("onboarding.legal_changed", 3600, legal.tell_owners)
    jobs.register_public_sweep("onboarding.sub_processors", 3600, subprocessors.tell_owners)
    jobs.register_public_sweep("onboarding.clean_up", 3600, clean_up)
