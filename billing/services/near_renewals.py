"""What is planned for renewals that are near, compared with what is in use (ASP-20.1: never below what is used)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from billing.models import Subscription
from billing.services import clock
from tenants.errors import TenantRefusal
from tenants.models import Tenant

logger = logging.getLogger(__name__)

#: So long before the renewal its seats and add-ons are compared with what is used, and the administrator has to change
#: something.
LOOKED_AT = timedelta(days=2)


def keep_in_use(what: str, keep: Callable[[Tenant], bool], **planned: Any) -> int:
    """Call ``keep`` for each workspace whose renewal is near and whose subscription is as ``planned`` says (lookups).

    Returns how many it raised something for. One workspace's trouble, told with ``what``, keeps no other from its
    renewal.
    """
    near = Subscription.objects.exclude(status=Subscription.Status.ENDED).filter(
        cancel_at=None, period_end__lte=clock.now() + LOOKED_AT, **planned
    )
    raised = 0
    for subscription in near.select_related("tenant").distinct():
        try:
            raised += keep(subscription.tenant)
        except TenantRefusal as refusal:  # the provider is away: the next look is in a minute
            logger.warning("%s of tenant %s were not kept: %s", what, subscription.tenant_id, refusal)
        except Exception:
            logger.exception("%s of tenant %s were not kept", what, subscription.tenant_id)
    return raised
