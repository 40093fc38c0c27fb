"""The webhook inbox: verify, store first, then fetch the object and project it under the tenant's lock (SAAS.md §3.2)."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from billing.models import BillingProfile, ProviderEvent
from billing.providers import provider_named
from billing.providers.interface import BillingProvider, Envelope, ProviderError
from billing.services import catalogue, disputes, lifecycle, notices, projection
from billing.services.profile import locked
from billing.webhooks.signature import check
from tenants.models import Tenant

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 10
#: An event may come before our own commit that makes its customer known.
ORPHAN_TRIES = 6


def receive(provider_name: str, body: bytes, signature: str) -> str:
    """Check and store an event; nothing else is done with it here. Returns its id, for a repeated one too.

    Raises BadSignature, ProviderError `provider.invalid`, KeyError for an unknown provider.
    """
    agent = provider_named(provider_name)
    check(body, signature, agent.webhook_secrets(), time.time())
    envelope = agent.read_event(body)
    now = timezone.now()
    row = ProviderEvent(
        id=envelope.id,
        provider=agent.name,
        type=envelope.type,
        created_at=envelope.created_at,
        received_at=now,
        payload=dict(envelope.payload),
        next_try_at=now,
    )
    ProviderEvent.objects.bulk_create([row], ignore_conflicts=True)  # INSERT … ON CONFLICT DO NOTHING
    return envelope.id


def process(event_id: str) -> str:
    """Do what one stored event asks for, unless it is done or somebody else is at it. Returns its state."""
    with transaction.atomic():
        event = ProviderEvent.objects.select_for_update(skip_locked=True).filter(pk=event_id).first()
        if event is None:
            return "busy"
        if event.state not in (ProviderEvent.State.RECEIVED, ProviderEvent.State.ORPHAN):
            return event.state
        event.attempts += 1
        try:
            with transaction.atomic():
                event.state, event.error = _handle(event), ""
        except (ProviderError, projection.TwoSubscriptions, catalogue.UnknownPlan) as error:
            logger.warning("Event %s (%s) failed: %s", event.pk, event.type, error)
            _note_failure(event, error)
        except Exception as error:  # our own mistake must not hold up the events behind it (F15)
            logger.exception("Event %s (%s) broke its handler", event.pk, event.type)
            _note_failure(event, error)
        if event.state == ProviderEvent.State.ORPHAN and event.attempts <= ORPHAN_TRIES:
            event.next_try_at = timezone.now() + timedelta(seconds=10 * 4**event.attempts)
        event.save()
    return event.state


def _note_failure(event: ProviderEvent, error: Exception) -> None:
    event.error = f"{type(error).__name__}: {error}"[:500]
    event.next_try_at = timezone.now() + timedelta(seconds=min(5 * 2**event.attempts, 3600))
    hopeless = isinstance(error, projection.TwoSubscriptions | catalogue.UnknownPlan)
    final = hopeless or event.attempts >= MOST_ATTEMPTS
    event.state = ProviderEvent.State.FAILED if final else ProviderEvent.State.RECEIVED


def _handle(event: ProviderEvent) -> str:
    agent = provider_named(event.provider)
    envelope = agent.read_event(orjson.dumps(event.payload))
    if _handler_of(envelope) is None:
        return ProviderEvent.State.IGNORED
    tenant = _tenant_of(agent, envelope)
    if tenant is None:
        logger.warning("Event %s is about a customer nobody knows: %s", event.pk, envelope.customer_id)
        return ProviderEvent.State.ORPHAN
    event.tenant = tenant
    with locked(tenant) as profile:
        if not profile.customer_id and envelope.customer_id:
            profile.provider, profile.customer_id = agent.name, envelope.customer_id
            profile.save(update_fields=["provider", "customer_id"])
        _project(agent, profile, envelope)
        lifecycle.refresh(tenant.pk, f"event {event.pk}")
        notices.announce_invoices(tenant)
        disputes.announce(tenant)
    return ProviderEvent.State.DONE


def _handler_of(envelope: Envelope) -> str | None:
    kind = envelope.type
    if kind.startswith("customer.subscription."):
        return "subscription"
    if kind.startswith(("invoice.", "credit_note.", "invoice_payment.")):
        return "invoice"
    if kind.startswith("checkout.session."):
        return "checkout"
    if kind.startswith(("charge.", "refund.")):
        return "charge"
    if kind.startswith(("customer.", "payment_method.")):
        return "customer"
    return None


def _project(agent: BillingProvider, profile: BillingProfile, envelope: Envelope) -> None:
    """Fetch what the event is about and write it; the payload itself is never trusted for state."""
    kind = _handler_of(envelope)
    thing = envelope.payload.get("data", {}).get("object", {})
    if kind == "checkout":
        checkout = agent.fetch_checkout(envelope.object_id)
        if checkout.subscription_id:
            projection.apply_subscription(profile, agent.fetch_subscription(checkout.subscription_id))
            for invoice in agent.invoices_of(profile.customer_id):
                projection.apply_invoice(profile, invoice)
        projection.apply_customer(profile, agent.fetch_customer(profile.customer_id))
    elif kind == "subscription":
        projection.apply_subscription(profile, agent.fetch_subscription(envelope.object_id))
    elif kind == "invoice":
        invoice_id = thing.get("invoice") if envelope.object_type != "invoice" else envelope.object_id
        if isinstance(invoice_id, str) and invoice_id:
            projection.apply_invoice(profile, agent.fetch_invoice(invoice_id))
    elif kind == "charge":  # which invoice it paid the event does not say
        for invoice in agent.invoices_of(profile.customer_id):
            projection.apply_invoice(profile, invoice)
        for dispute in agent.disputes_of(profile.customer_id):
            projection.apply_dispute(profile, dispute)
    else:
        projection.apply_customer(profile, agent.fetch_customer(profile.customer_id))


def _whose(agent: BillingProvider, envelope: Envelope) -> str:
    """The customer an event is about; those of disputes and refunds name only the charge."""
    thing = envelope.payload.get("data", {}).get("object", {})
    charge = thing.get("charge") if isinstance(thing, dict) else None
    if envelope.customer_id or not isinstance(charge, str) or not charge:
        return envelope.customer_id
    try:
        return agent.customer_of(charge)
    except ProviderError as error:
        if error.code == "provider.not_found":
            return ""
        raise


def _tenant_of(agent: BillingProvider, envelope: Envelope) -> Tenant | None:
    """By customer, else by the tenant id we gave along; a customer of one tenant never becomes another's."""
    rows = BillingProfile.objects.select_related("tenant")
    customer = _whose(agent, envelope)
    found = rows.filter(provider=agent.name, customer_id=customer).exclude(customer_id="").first()
    if found is not None:
        return found.tenant
    try:
        tenant_id = UUID(envelope.tenant_id)
    except ValueError:
        return None
    tenant = Tenant.objects.filter(pk=tenant_id).first()
    known = rows.filter(tenant_id=tenant_id).exclude(customer_id="").exists()
    return None if tenant is None or known else tenant


def process_waiting(limit: int = 200) -> int:
    """Process events that are due. Returns how many were done."""
    states = ProviderEvent.State
    waiting = Q(state=states.RECEIVED) | Q(state=states.ORPHAN, attempts__lt=ORPHAN_TRIES)
    due = ProviderEvent.objects.filter(waiting, next_try_at__lte=timezone.now()).order_by("created_at", "id")
    pks = list(due.values_list("pk", flat=True)[:limit])
    return sum(process(pk) == states.DONE for pk in pks)


def replay(event_id: str, *, by: str) -> str:
    """Do an event again, whatever became of it (operator). Harmless: the object is fetched anew. Returns its state.

    Raises ProviderEvent.DoesNotExist.
    """
    with transaction.atomic():
        event = ProviderEvent.objects.select_for_update().get(pk=event_id)
        event.state, event.error, event.attempts = ProviderEvent.State.RECEIVED, "", 0
        event.next_try_at = timezone.now()
        event.save()
    logger.info("Event %s is replayed by %s", event_id, by)
    return process(event_id)


def drop_old(days: int = 400) -> int:
    """Forget events long done. Returns how many."""
    limit = timezone.now() - timedelta(days=days)
    states = ProviderEvent.State
    old = ProviderEvent.objects.filter(received_at__lt=limit, state__in=[states.DONE, states.IGNORED])
    return old.delete()[0]
