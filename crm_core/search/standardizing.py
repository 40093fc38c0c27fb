"""Making a view a standard one, or the one that opens first for everybody, from the list (PLT-8)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.entity import Entity, View
from crm_core.metadata.errors import Malformed, NotFound
from crm_core.metadata.models import DraftChange
from crm_core.search import views
from crm_core.security.actor import Actor

KEYS = {"object", "label", "default"}
_DOCUMENT = ("columns", "filter", "order", "layout", "board_attribute")


@transaction.atomic
def make_standard(view_id: str, values: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """Put a view into the draft as a standard one; published at once when nothing else waits there.

    `values`: `object`, `label` (else its name) and `default`, whether it opens first for everybody. Own and shared views
    stay as they are beside the standard one. Raises Forbidden without customizing, NotFound `view.unknown`, what adding
    to the draft and publishing raise.
    """
    actor.require("customize")
    if not isinstance(values.get("object"), str):
        raise Malformed("request.malformed", "Say which object the view is of.", field="object")
    default = values.get("default", True)
    if not isinstance(default, bool):
        raise Malformed("request.malformed", "default is true or false.", field="default")
    entity = registry.get(values["object"])
    alone = not DraftChange.objects.exists()
    standard = next((v for v in entity.views if view_id == f"standard:{entity.name}:{v.key}"), None)
    if standard is not None:
        operation, key, document = "update", standard.key, _published(entity, standard)
    else:
        found = views.find(entity, view_id, actor)
        if found["kind"] == "standard":
            raise NotFound("view.unknown", "There is no such view.")
        operation, key = "create", None
        document = {"label": found["name"], **{k: found[k] for k in _DOCUMENT}}
    if "label" in values:
        document["label"] = values["label"]
    change = publishing.add_change("view", operation, entity.name, key, {**document, "default": default}, actor.user_id)  # fmt: skip
    version = publishing.publish(actor.user_id, actor.name).version if alone else None
    return {
        "view": f"standard:{entity.name}:{change.name}",
        "published": version,
        "drafted": 0 if alone else DraftChange.objects.count(),
    }


def _published(entity: Entity, view: View) -> dict[str, Any]:
    """A standard view as a document: as drafted or published, else as delivered."""
    body = publishing.draft_body()
    kept = body.get("views", {}).get(entity.name, {}).get(view.key)
    if kept is not None and not kept.get("hidden"):
        return {k: v for k, v in kept.items() if k != "position"}
    columns = [{"name": c, **({"width": view.widths[c]} if c in view.widths else {})} for c in view.columns]
    return {
        "label": str(view.name), "columns": columns, "filter": view.filter, "order": list(view.order),
        "layout": "board" if view.layout == "kanban" else view.layout, "board_attribute": view.board_attribute,
    }  # fmt: skip
