"""The register of access requests and erasures, for those who do them."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from crm_core.exchange.models import PersonalRequest
from crm_core.exchange.personal.scope import CAPABILITY
from crm_core.metadata.errors import NotFound
from crm_core.records import audit, erased
from crm_core.records.models import ErasedAddress, Job
from crm_core.security.actor import Actor

MOST = 500


def rows(actor: Actor) -> list[dict[str, Any]]:
    """The newest 500 requests. Raises Forbidden without the capability personal_data."""
    actor.require(CAPABILITY)
    found = list(PersonalRequest.objects.order_by("-done_at", "-id")[:MOST])
    made = Job.objects.filter(pk__in=[r.job_id for r in found if r.job_id]).values_list("pk", "state")
    states = dict(made)
    return [row_json(row, states.get(row.job_id)) for row in found]


def blocked(actor: Actor) -> int:
    """How many addresses of erased people are blocked. Raises Forbidden without the capability personal_data."""
    actor.require(CAPABILITY)
    return ErasedAddress.objects.count()


@transaction.atomic
def release(address: str, actor: Actor) -> None:
    """Allow the address of an erased person again: he came back. The audit says that, not who.

    Raises Forbidden without the capability personal_data, NotFound `personal.not_blocked`.
    """
    actor.require(CAPABILITY)
    if not erased.unblock(address):
        raise NotFound("personal.not_blocked", "This address is not blocked.")
    audit.note(actor, "personal_request", "release", {"addresses": [1, 0]})


def row_json(row: PersonalRequest, state: str | None = None) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "object": row.object,
        "record": str(row.record_id),
        "requested": row.requested,
        "done_by": {"object": "user", "id": str(row.done_by), "name": row.done_by_name}
        if row.done_by
        else None,
        "done_at": row.done_at.isoformat().replace("+00:00", "Z"),
        "choices": row.choices,
        "counts": row.counts,
        "job": {"id": str(row.job_id), "state": state} if row.job_id else None,
    }
