"""Whether a customer's VAT number is valid, with the proof that we asked (ASP-20.3: reverse charge with valid id).

A number whose format and check digit are right counts as valid until the service has answered, for fourteen days at
most: a service that is away neither holds up a purchase nor lets reverse charge go on unproven. What the service calls
invalid is taxed from the next invoice on.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import Q

from billing import vies
from billing.models import BillingProfile, TaxIdCheck
from billing.money.tax import EU_RATES
from billing.services import clock, notices
from billing.services.profile import ensure_customer, locked

logger = logging.getLogger(__name__)

#: A valid number may lapse.
AGAIN_AFTER = timedelta(days=90)
#: An invalid one may just have been registered.
INVALID_AGAIN_AFTER = timedelta(days=7)
RETRY_AFTER = timedelta(hours=1)
MOST_AT_ONCE = 50

States = BillingProfile.TaxIdState


def check_due(client: vies.ViesClient | None = None) -> int:
    """Ask about numbers that are new, unanswered, or were asked about long ago. Returns how many were answered.

    Does nothing on an installation without the service; a provider that verifies numbers itself is left to it.
    """
    client = client or vies.client()
    if client is None:
        return 0
    now = clock.now()
    due = (
        BillingProfile.objects.filter(country__in=EU_RATES, provider__in=["", "builtin"])
        .filter(Q(tax_id_check_at=None) | Q(tax_id_check_at__lte=now))
        .exclude(tax_id="")
        .order_by("tax_id_check_at")
    )
    return sum(_check(profile, client) for profile in due[:MOST_AT_ONCE])


def _check(profile: BillingProfile, client: vies.ViesClient) -> bool:
    """Ask outside of any lock, then note the answer if the number is still the customer's."""
    asked = profile.tax_id
    try:
        answer: vies.ViesAnswer | None = client.check(asked)
        error = ""
    except vies.ViesUnavailable as away:
        answer, error = None, str(away)
        logger.info("VAT number of tenant %s was not checked: %s", profile.tenant_id, error)
    with locked(profile.tenant) as row:
        if row.tax_id != asked:
            return False
        now = clock.now()
        _note(row, answer, error)
        row.tax_id_since = row.tax_id_since or now
        if answer is None:
            row.tax_id_check_at = now + RETRY_AFTER
        else:
            row.tax_id_state = States.VERIFIED if answer.valid else States.INVALID
            row.tax_id_verified_at = now if answer.valid else None
            row.tax_id_check_at = now + (AGAIN_AFTER if answer.valid else INVALID_AGAIN_AFTER)
        row.save(update_fields=["tax_id_state", "tax_id_since", "tax_id_verified_at", "tax_id_check_at"])
        if row.customer_id:
            ensure_customer(row)
        if row.tax_id_state == States.INVALID:
            notices.tell(row.tenant, "tax_id_invalid", f"{asked}:{now:%Y-%m}", tax_id=asked)
    return answer is not None


def _note(profile: BillingProfile, answer: vies.ViesAnswer | None, error: str) -> TaxIdCheck:
    outcomes = TaxIdCheck.Outcome
    outcome = outcomes.UNANSWERED if answer is None else outcomes.VALID if answer.valid else outcomes.INVALID
    told = answer or vies.ViesAnswer(False)
    values = {
        "name": told.name,
        "address": told.address,
        "consultation": told.consultation,
        "error": error[:60],
    }
    return TaxIdCheck.objects.create(
        tenant=profile.tenant, tax_id=profile.tax_id, at=clock.now(), outcome=outcome, **values
    )
