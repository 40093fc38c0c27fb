"""Delivery of the log-in pages' mails, in workspaces and on the operators' host."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from tenants import jobs
from tenants.context import in_public
from tenants.identity import mail
from tenants.models.tenant import REACHABLE_STATES


@shared_task(base=jobs.WorkspaceTask, name="identity.deliver_mail", allowed_states=REACHABLE_STATES)
def deliver_mail(mail_id: str) -> None:
    """Send one mail of a workspace; also of suspended ones, whose administrators must be able to come in."""
    mail.deliver(UUID(mail_id))


@shared_task(base=jobs.PublicTask, name="identity.deliver_operator_mail")
def deliver_operator_mail(mail_id: str) -> None:
    """Send one mail to an operator."""
    mail.deliver(UUID(mail_id))


def wake_delivery(mail_id: UUID) -> None:
    """Wake the worker for a mail row of the active schema."""
    jobs.wake(deliver_operator_mail if in_public() else deliver_mail, str(mail_id))


def register() -> None:
    """Tell the dispatcher; called once the apps are ready."""
    jobs.register_sweep("identity.mail", 60, mail.deliver_due, states=REACHABLE_STATES)
    jobs.register_public_sweep("identity.operator_mail", 60, mail.deliver_due)
