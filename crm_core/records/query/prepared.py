"""Statements the ORM compiles once and every later request runs again with other values.

Compiling costs more than running: half of opening a record was spent on building the same SQL anew. What is kept is
keyed by the compiled registry (workspace and metadata version), the security version and who asks, so that a change
of rights or of the data model never meets an old statement.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from crm_core.metadata import registry, workspace
from crm_core.security.actor import Actor
from tenants.postgresql.statement import Statement, slot

__all__ = ["Statement", "kept", "slot", "slots_for"]

_LIMIT = 3000
_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock = threading.Lock()


def slots_for(ids: list[uuid.UUID], first: int = 0) -> tuple[list[uuid.UUID], dict[uuid.UUID, uuid.UUID]]:
    """Placeholders from number `first` on for a list of ids, and what to put in their places.

    There are 4, 16, 64 … of them: each size is compiled for itself. Those left over name the last id again.
    """
    size = 4
    while size < len(ids):
        size *= 4
    places = [slot(first + n) for n in range(size)]
    return places, {place: ids[min(n, len(ids) - 1)] for n, place in enumerate(places)}


def kept(actor: Actor, key: Hashable, make: Callable[[], Any]) -> Any:
    """What `make()` gave for this actor and `key`; made anew when rights or metadata changed."""
    state = workspace.current()
    whole = (
        registry.current().serial, state.security_version, actor.user_id, actor.is_administrator, actor.principal_ids,
        actor.unit_id, actor.unit_ids, actor.report_ids, actor.shared_objects, actor.reads_only, key,
    )  # fmt: skip
    with _lock:
        if (found := _kept.get(whole)) is not None:
            _kept.move_to_end(whole)
            return found
    found = make()
    with _lock:
        _kept[whole] = found
        while len(_kept) > _LIMIT:
            _kept.popitem(last=False)
    return found
