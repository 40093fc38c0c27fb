"""Work of billing and sign-up on the operators' health page (ASP-30 Monitor: mail, failed webhooks)."""

from __future__ import annotations

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models import ProviderEvent
from onboarding.models import OutgoingMail
from tenants import queues
from tenants.queues import Backlog, State


def _mails() -> State:
    waiting = OutgoingMail.objects.filter(state=OutgoingMail.State.WAITING)
    failed = OutgoingMail.objects.filter(state=OutgoingMail.State.GIVEN_UP)
    return State(waiting.count(), waiting.aggregate(at=Min("created_at"))["at"], failed.count())


def _retry_mails(_by: str) -> int:
    given_up = OutgoingMail.objects.filter(state=OutgoingMail.State.GIVEN_UP)
    return given_up.update(state=OutgoingMail.State.WAITING, attempts=0, next_try_at=timezone.now())


def _events() -> State:
    waiting = ProviderEvent.objects.filter(state=ProviderEvent.State.RECEIVED)
    failed = ProviderEvent.objects.filter(state=ProviderEvent.State.FAILED)
    return State(waiting.count(), waiting.aggregate(at=Min("received_at"))["at"], failed.count())


def register() -> None:
    """Add both; called once the apps are ready. Webhooks are replayed one by one, on their own page."""
    queues.register_backlog(
        Backlog("mails", _("Mails of sign-up and billing"), _mails, _retry_mails, order=40)
    )
    queues.register_backlog(
        Backlog("webhooks", _("Webhooks of the payment provider"), _events, url_name="inbox:events", order=50)
    )
