"""Records that were merged into others."""

from __future__ import annotations

import uuid

from crm_core.metadata.entity import Entity
from crm_core.records.query.rows import base_rows


def live_master(entity: Entity, record_id: uuid.UUID) -> uuid.UUID | None:
    """Where a merged record's id leads to now, following several merges."""
    seen: set[uuid.UUID] = set()
    while record_id not in seen:
        seen.add(record_id)
        onward = base_rows(entity, None).filter(pk=record_id).values_list("merged_into", flat=True).first()
        if onward is None:
            break
        record_id = onward
    return record_id
