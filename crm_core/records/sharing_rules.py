"""What a workspace decided about access beyond roles: of former owners (CUS-12) and of managers (PLT-40)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from crm_core.metadata import workspace
from crm_core.metadata.errors import Malformed
from crm_core.metadata.hierarchy import MAX_DEPTH
from crm_core.metadata.models import Organization
from crm_core.records import audit
from crm_core.records.service.assigning import SHARE_WITH_PREVIOUS
from crm_core.security.actor import Actor

MANAGER_DEPTH = "manager_depth"
KEYS = frozenset({SHARE_WITH_PREVIOUS, MANAGER_DEPTH})


def read(actor: Actor) -> dict[str, bool | int]:
    """The choices: whether former owners keep access, and how many levels of people below them managers read.

    Raises Forbidden without manage_users.
    """
    actor.require("manage_users")
    state = workspace.current()
    return {
        MANAGER_DEPTH: state.manager_depth,
        SHARE_WITH_PREVIOUS: state.settings.get(SHARE_WITH_PREVIOUS) is True,
    }


@transaction.atomic
def change(values: Any, actor: Actor) -> dict[str, bool | int]:
    """Change some choices; that about former owners holds from the next assignment on, that about managers at once.

    Raises Forbidden without manage_users, and manage_roles where rights to read change; Malformed for other values.
    """
    before = read(actor)
    for key, value in values.items():
        if key == MANAGER_DEPTH:
            actor.require("manage_roles")
            if type(value) is not int or not 0 <= value <= MAX_DEPTH:
                raise Malformed("request.malformed", f"0 to {MAX_DEPTH} levels.", field=key)
        elif key not in KEYS or not isinstance(value, bool):
            raise Malformed("request.malformed", "true or false is needed.", field=str(key)[:60])
    row = Organization.objects.select_for_update().get(pk=1)
    changed = {key: [before[key], value] for key, value in values.items() if before[key] != value}
    if changed:
        row.settings = {**row.settings, **{key: new for key, (_old, new) in changed.items()}}
        row.save(update_fields=["settings"])
        audit.note(actor, "workspace", "settings", dict(changed))
        if MANAGER_DEPTH in changed:
            workspace.bump("security_version")
        workspace.begin()
    return {**before, **values}
