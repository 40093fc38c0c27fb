"""What is agreed about use beyond the plan, and how far it raises the day's limits (SAAS.md §3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum

from billing.models import OverageConsent, OverageReport, Plan, Subscription, SubscriptionItem
from billing.models.plan import GIGABYTE
from billing.services import clock
from tenants import metering
from tenants.models import Tenant


@dataclass(frozen=True)
class Agreement:
    """A price by usage that runs. `most` units may be charged in the period, `charged` of them are."""

    item: SubscriptionItem
    code: str
    #: The limit of the plan it is beyond, the provider's meter, units in a pack, and packs agreed to.
    feature: str
    meter: str
    pack: int
    most_packs: int
    charged: int

    @property
    def most(self) -> int:
        return self.most_packs * self.pack

    @property
    def left(self) -> int:
        """Units that may still be charged in the period."""
        return max(0, self.most - self.charged)

    @property
    def packs_charged(self) -> int:
        return -(-self.charged // self.pack)

    @property
    def most_minor(self) -> int:
        """What the period can cost at most, net."""
        return self.most_packs * int(self.item.price.amount_minor)


def agreements(subscription: Subscription) -> list[Agreement]:
    """Prices by usage a subscription has, with what is agreed and charged in its period."""
    found = []
    rows = subscription.items.filter(price__version__plan__kind=Plan.Kind.USAGE)
    for item in rows.select_related("price__version__plan"):
        version = item.price.version
        meter, pack = version.sold_by()
        reports = OverageReport.objects.filter(
            tenant=subscription.tenant_id, code=version.plan.code, at__gte=subscription.period_start
        )
        found.append(
            Agreement(
                item=item,
                code=version.plan.code,
                feature=version.features.select_related("feature").get().feature.code,
                meter=meter,
                pack=pack,
                most_packs=agreed_packs(subscription.tenant_id, version.plan.code),
                charged=reports.aggregate(total=Sum("quantity"))["total"] or 0,
            )
        )
    return found


def agreed_packs(tenant_id: Any, code: str) -> int:
    """How many packs in a period an administrator agreed to last; 0 for none."""
    rows = OverageConsent.objects.filter(tenant_id=tenant_id, code=code)
    return rows.values_list("most_packs", flat=True).first() or 0


def raised(
    tenant: Tenant, subscription: Subscription, limits: dict[str, int | None]
) -> dict[str, int | None]:
    """The limits an agreement raises, by feature: the plan's and what is left of the cap."""
    if subscription.status != Subscription.Status.ACTIVE:
        return {}
    found: dict[str, int | None] = {}
    for one in agreements(subscription):
        included = limits.get(one.feature)
        if included is None or not one.most_packs:
            continue
        today = reported(tenant, one.code, counting_day(one.feature))
        if one.feature in metering.COUNTED:
            found[one.feature] = included + today + one.left
        else:  # kept to the end of the period, so much more costs what is left of the cap
            days = max(1, -(-(subscription.period_end - clock.now()) // timedelta(days=1)))
            found[one.feature] = included + max((today + one.left) // days, 0) * GIGABYTE
    return found


def counting_day(feature: str) -> date:
    """What is counted by the day has real days; levels have the billing clock's."""
    return metering.today() if feature in metering.COUNTED else clock.now().date()


def reported(tenant: Tenant, code: str, day: date) -> int:
    rows = OverageReport.objects.filter(tenant=tenant, code=code, day=day)
    return int(rows.aggregate(total=Sum("quantity"))["total"] or 0)
