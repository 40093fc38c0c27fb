"""What a workspace decided about access when records change hands (CUS-12 Old owner)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from crm_core.metadata import workspace
from crm_core.metadata.errors import Malformed
from crm_core.metadata.models import Organization
from crm_core.records import audit
from crm_core.records.service.assigning import SHARE_WITH_PREVIOUS
from crm_core.security.actor import Actor

KEYS = frozenset({SHARE_WITH_PREVIOUS})


def read(actor: Actor) -> dict[str, bool]:
    """The choices. Raises Forbidden without manage_users."""
    actor.require("manage_users")
    return {key: workspace.current().settings.get(key) is True for key in sorted(KEYS)}


@transaction.atomic
def change(values: Any, actor: Actor) -> dict[str, bool]:
    """Change some choices; they hold from the next assignment on.

    Raises Forbidden without manage_users, Malformed for values that are not true or false.
    """
    before = read(actor)
    for key, value in values.items():
        if key not in KEYS or not isinstance(value, bool):
            raise Malformed("request.malformed", "true or false is needed.", field=str(key)[:60])
    row = Organization.objects.select_for_update().get(pk=1)
    changed = {key: [before[key], value] for key, value in values.items() if before[key] != value}
    if changed:
        row.settings = {**row.settings, **{key: new for key, (_old, new) in changed.items()}}
        row.save(update_fields=["settings"])
        audit.note(actor, "workspace", "settings", dict(changed))
        workspace.begin()
    return {**before, **values}
