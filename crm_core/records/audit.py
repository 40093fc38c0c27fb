"""Audit entries for what is no record's change: rights, log-ins, exports (PLT-41 Audit)."""

from __future__ import annotations

import uuid
from typing import Any

from crm_core.metadata.record import new_id
from crm_core.records.models import AuditEntry
from crm_core.security.actor import Actor


def note(
    actor: Actor,
    object_name: str,
    operation: str,
    changes: dict[str, Any],
    record_id: uuid.UUID | None = None,
) -> AuditEntry:
    """Keep that `actor` did `operation`; `changes` is {what: [before, after]} in JSON form."""
    return AuditEntry.objects.create(
        object=object_name, record_id=record_id or new_id(), actor_id=actor.user_id, actor_name=actor.name,
        source=actor.source, operation=operation, changes=changes, version=0, job_id=actor.job_id,
    )  # fmt: skip
