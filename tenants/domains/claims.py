"""Custom domains: claimed by an administrator, proven by a record in the zone, looked after every month (SAAS.md T7).

Only a verified domain becomes a `Domain` row, and only those are routed and get a certificate. The check runs in a
worker; no request waits for the name system.
"""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants import entitlements, jobs
from tenants.context import activate_public
from tenants.domains import lookup, names
from tenants.errors import TenantRefusal
from tenants.lifecycle.notices import tell_owner
from tenants.models import CustomDomain, Domain, Tenant, TenantState
from tenants.operator import audit

logger = logging.getLogger(__name__)

FEATURE = "custom_domain"
MOST_PER_WORKSPACE = 5
PREFIX = "_workspace-verification"
#: Waits between the checks of a pending domain; the last one repeats.
PENDING_WAITS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 30, 60, 180, 360))
PENDING_DAYS = 7
RECHECK = timedelta(days=30)
RECHECK_AFTER_FAILURE = timedelta(days=1)
RETRY_UNAVAILABLE = timedelta(hours=1)
FAILURES_UNTIL_UNBOUND = 3
LEAST_BETWEEN_CHECKS = timedelta(seconds=10)
State = CustomDomain.State


@dataclass(frozen=True)
class Finding:
    """What one look at the zone showed. ``problem`` is empty with proof, else ``txt_missing``, ``txt_other``,
    ``internal_address``, ``plan`` or ``unavailable``."""

    problem: str
    points_here: bool


def target() -> str:
    """What the customer's CNAME leads to."""
    return settings.KONTOR_CUSTOM_DOMAIN_TARGET or f"domains.{settings.KONTOR_BASE_DOMAIN}"


def record_name(domain: str) -> str:
    """The name of the TXT record with the proof."""
    return f"{PREFIX}.{domain}"


def record_value(claim: CustomDomain) -> str:
    """Its value."""
    return f"workspace-verification={claim.token}"


def add(tenant: Tenant, raw: str, by: str) -> CustomDomain:
    """Claim a domain for the workspace; it is checked at once and then again and again for a week.

    Raises TenantRefusal 402 ``plan.feature``, 422 ``domain.invalid|not_allowed``, 409 ``domain.taken`` when another
    workspace has proven it, ``domain.known`` when this one claims it already and ``domain.too_many``.
    """
    entitlements.require_feature(tenant, FEATURE)
    domain = names.normalize(raw)
    with activate_public(), transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        own = CustomDomain.objects.filter(tenant=tenant)
        if own.filter(domain=domain).exists():
            raise _refusal("domain.known", _("This domain is in your list already."))
        if own.count() >= MOST_PER_WORKSPACE:
            raise _refusal("domain.too_many", _("A workspace has at most five domains of its own."))
        if _is_taken(domain):
            raise _taken()
        claim = CustomDomain.objects.create(tenant=tenant, domain=domain, added_by=by)
        jobs.wake(check_domain, str(claim.pk))
    return claim


def _is_taken(domain: str) -> bool:
    Domain.objects.filter(domain=domain, slug=None, tombstone_until__lt=timezone.now()).delete()
    return Domain.objects.filter(domain=domain).exists()


def _refusal(code: str, message: object) -> TenantRefusal:
    return TenantRefusal(code, message, status=409, field="domain")


def _taken() -> TenantRefusal:
    return _refusal("domain.taken", _("Another workspace has proven that this domain is its own."))


def ask_again(tenant: Tenant, pk: UUID) -> CustomDomain:
    """Have a worker look now; one that was given up gets another week.

    Raises CustomDomain.DoesNotExist, and TenantRefusal 402 ``plan.feature`` or 429 ``domain.checked_a_moment_ago``.
    """
    entitlements.require_feature(tenant, FEATURE)
    now = timezone.now()
    with activate_public(), transaction.atomic():
        claim = CustomDomain.objects.select_for_update().get(pk=pk, tenant=tenant)
        if claim.checked_at is not None and now - claim.checked_at < LEAST_BETWEEN_CHECKS:
            message = _("We looked a moment ago. New records take some minutes to be seen everywhere.")
            raise TenantRefusal("domain.checked_a_moment_ago", message, status=429)
        if claim.state in {State.FAILED, State.EXPIRED}:
            claim.state, claim.failures, claim.asked_at = State.PENDING, 0, now
        claim.next_check_at = now
        claim.save(update_fields=["state", "failures", "asked_at", "next_check_at"])
        jobs.wake(check_domain, str(claim.pk))
    return claim


def remove(tenant: Tenant, pk: UUID, by: str) -> CustomDomain:
    """Give a domain up: it stops leading here at once. Raises CustomDomain.DoesNotExist."""
    with activate_public(), transaction.atomic():
        claim = CustomDomain.objects.select_for_update().get(pk=pk, tenant=tenant)
        if claim.state == State.VERIFIED:
            _unbind(claim)
            audit.record(by, "domain.removed", tenant, domain=claim.domain)
        claim.delete()
    return claim


def make_primary(tenant: Tenant, pk: UUID | None, by: str) -> None:
    """Let a verified domain be the address pages redirect to; with None the sub-domain is it again.

    Raises CustomDomain.DoesNotExist, and TenantRefusal 409 ``domain.not_verified`` or ``domain.not_pointing``.
    """
    with activate_public(), transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        rows = Domain.objects.filter(tenant=tenant, tombstone_until=None)
        if pk is None:
            chosen = rows.exclude(slug=None).order_by("-created_at").first()
        else:
            claim = CustomDomain.objects.get(pk=pk, tenant=tenant)
            chosen = rows.filter(domain=claim.domain, slug=None).first()
            if claim.state != State.VERIFIED or chosen is None:
                raise _refusal("domain.not_verified", _("Prove first that the domain is yours."))
            if not claim.points_here:
                message = _("The domain does not lead here yet. Set its CNAME and check again.")
                raise _refusal("domain.not_pointing", message)
        if chosen is not None and not chosen.is_primary:
            _set_primary(tenant, chosen)
            audit.record(by, "domain.primary", tenant, domain=chosen.domain)


def _set_primary(tenant: Tenant, chosen: Domain) -> None:
    for row in Domain.objects.filter(tenant=tenant, is_primary=True).exclude(pk=chosen.pk):
        row.is_primary = False
        row.save(update_fields=["is_primary"])
    chosen.is_primary = True
    chosen.save(update_fields=["is_primary"])


def _unbind(claim: CustomDomain) -> None:
    """Take the address away; the sub-domain is the primary one again where this was."""
    row = Domain.objects.filter(tenant=claim.tenant, domain=claim.domain, slug=None).first()
    if row is None:
        return
    was_primary = row.is_primary
    row.delete()
    if was_primary:
        mine = Domain.objects.filter(tenant=claim.tenant, tombstone_until=None).exclude(slug=None)
        fallback = mine.order_by("-created_at").first()
        if fallback is not None:
            _set_primary(claim.tenant, fallback)


@shared_task(base=jobs.PublicTask, name="tenants.check_domain")
def check_domain(claim_id: str) -> None:
    """Look at one domain."""
    check(UUID(claim_id))


def check(pk: UUID, now: datetime | None = None) -> CustomDomain | None:
    """Look into the zone and act on what is there. None when the claim is gone or given up meanwhile."""
    now = now or timezone.now()
    with activate_public():
        claim = CustomDomain.objects.select_related("tenant").filter(pk=pk).first()
    if claim is None or claim.state in {State.FAILED, State.EXPIRED}:
        return None
    finding = look(claim)  # may take seconds: outside of any transaction and lock
    with activate_public(), transaction.atomic():
        locked = (
            CustomDomain.objects.select_for_update(of=("self",))
            .select_related("tenant")
            .filter(pk=pk)
            .first()
        )
        if locked is None or locked.state != claim.state:
            return None
        locked.checked_at, locked.problem, locked.points_here = now, finding.problem, finding.points_here
        if not finding.problem:
            _proven(locked, now)
        elif finding.problem == "unavailable":
            locked.next_check_at = now + RETRY_UNAVAILABLE
            _expire(locked, now)
        elif locked.state == State.VERIFIED:
            _proof_missing(locked, now)
        else:
            locked.failures += 1
            wait = PENDING_WAITS[min(locked.failures, len(PENDING_WAITS)) - 1]
            locked.next_check_at = now + wait
            _expire(locked, now)
        locked.save()
    return locked


def look(claim: CustomDomain) -> Finding:
    """Ask the name system about a claim; changes nothing."""
    zone = lookup.zone()
    try:
        texts = [text.strip() for text in zone.texts(record_name(claim.domain))]
        addresses = zone.addresses(claim.domain)
        points_here = bool(addresses) and _leads_here(zone, claim.domain, addresses)
    except lookup.Unavailable as error:
        logger.info("The zone of %s did not answer: %s", claim.domain, error)
        return Finding("unavailable", claim.points_here)
    if any(lookup.is_internal(address) for address in addresses) and not points_here:
        return Finding("internal_address", False)
    if not entitlements.allows(claim.tenant, FEATURE):
        return Finding("plan", points_here)
    wanted = record_value(claim).encode()
    if any(hmac.compare_digest(text.encode(), wanted) for text in texts):
        return Finding("", points_here)
    return Finding("txt_other" if texts else "txt_missing", points_here)


def _leads_here(zone: lookup.Zone, domain: str, addresses: list[str]) -> bool:
    return zone.alias(domain) == target() or set(addresses) <= set(zone.addresses(target()))


def _proven(claim: CustomDomain, now: datetime) -> None:
    claim.failures, claim.next_check_at = 0, now + RECHECK
    if claim.state == State.VERIFIED:
        return
    try:
        with transaction.atomic():
            if _is_taken(claim.domain):
                raise IntegrityError
            Domain.objects.create(tenant=claim.tenant, domain=claim.domain, is_primary=False)
            CustomDomain.objects.filter(pk=claim.pk).update(state=State.VERIFIED)
    except IntegrityError:  # another workspace has it, perhaps since a moment ago
        claim.problem, claim.next_check_at = "taken", now + RECHECK_AFTER_FAILURE
        _expire(claim, now)
        return
    claim.state, claim.verified_at = State.VERIFIED, now
    audit.record(audit.SYSTEM, "domain.verified", claim.tenant, domain=claim.domain, added_by=claim.added_by)


def _proof_missing(claim: CustomDomain, now: datetime) -> None:
    """A verified domain lost its proof: tell the owner, look every day, and unbind it after the third time."""
    claim.failures += 1
    claim.next_check_at = now + RECHECK_AFTER_FAILURE
    if claim.failures < FAILURES_UNTIL_UNBOUND:
        if claim.failures == 1:
            facts = {"record": record_name(claim.domain), "value": record_value(claim)}
            tell_owner(claim.tenant, "domain_failing", domain=claim.domain, **facts)
        return
    _unbind(claim)
    claim.state, claim.next_check_at = State.FAILED, None
    audit.record(audit.SYSTEM, "domain.lost", claim.tenant, domain=claim.domain, problem=claim.problem)
    tell_owner(claim.tenant, "domain_lost", domain=claim.domain)


def _expire(claim: CustomDomain, now: datetime) -> None:
    if claim.state == State.PENDING and claim.asked_at <= now - timedelta(days=PENDING_DAYS):
        claim.state, claim.next_check_at = State.EXPIRED, None


def check_due() -> int:
    """Sweep: wake the checks that are due, of living workspaces. Returns how many."""
    now = timezone.now()
    with activate_public():
        due = CustomDomain.objects.filter(next_check_at__lte=now, tenant__deletion_due_at=None)
        pks = list(due.exclude(tenant__state=TenantState.DELETED).values_list("pk", flat=True)[:100])
        # Taken for two minutes: a second scheduler does not ask the same again.
        CustomDomain.objects.filter(pk__in=pks).update(next_check_at=now + timedelta(minutes=2))
    for pk in pks:
        jobs.wake(check_domain, str(pk))
    return len(pks)


def erase(tenant: Tenant) -> int:
    """Free the domains of a destroyed workspace, so that their owner may use them elsewhere."""
    with activate_public():
        gone = CustomDomain.objects.filter(tenant=tenant).delete()[0]
        for row in Domain.objects.filter(tenant=tenant, slug=None):
            row.delete()
    return gone
