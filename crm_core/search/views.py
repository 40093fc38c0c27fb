"""Saved views: standard ones from the entity, own and shared ones from rows (PLT-8, PLT-45.2).

A view that names an attribute which is gone is *broken*: it says which and returns nothing, never everything.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q

from crm_core.metadata import registry
from crm_core.metadata.conditions import relations_in
from crm_core.metadata.customization.option_uses import names_option
from crm_core.metadata.document import view_json
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, CrmError, Forbidden, Invalid, Malformed, NotFound
from crm_core.metadata.relations import named_in, on_path
from crm_core.metadata.types.reference import as_uuid
from crm_core.metadata.types.text import clean_text
from crm_core.records.query.filters import broken_conditions, compile_filter
from crm_core.records.query.paging import Ordering
from crm_core.records.query.paths import resolve
from crm_core.search.models import SavedView
from crm_core.security.actor import Actor, system_actor
from crm_core.security.models import Principal

LAYOUTS = ("table", "board", "calendar")
KEYS = {
    "object",
    "name",
    "layout",
    "columns",
    "filter",
    "order",
    "group_by",
    "board_attribute",
    "shared_with",
    "teams",
}
MAX_VIEWS = 500
MAX_TEAMS = 50


def of_entity(entity: Entity, actor: Actor) -> list[dict[str, Any]]:
    """All views of `entity` the actor sees: standard, own, shared."""
    rows = _visible(actor).filter(object=entity.name).order_by("name")
    found = [shown_to(entity, view_json(entity, v), actor) for v in entity.views]
    return found + [as_json(entity, row, actor) for row in rows]


def as_json(entity: Entity, row: SavedView, actor: Actor) -> dict[str, Any]:
    own = row.owner_id == actor.user_id
    view = {
        "id": str(row.pk),
        "name": row.name,
        "kind": "own" if own and not is_for_others(row) else "shared",
        "object": row.object,
        "is_default": False,
        "layout": row.layout,
        "columns": row.columns,
        "filter": row.filter,
        "order": row.order,
        "group_by": row.group_by,
        "board_attribute": row.board_attribute,
        "editable": own or actor.can("manage_views"),
        "owner": {"object": "user", "id": str(row.owner_id), "name": row.owner.name},
        "broken": broken(entity, row),
        "shared_with": "everyone" if row.is_shared else "teams" if row.teams else "me",
        "teams": row.teams or [],
    }
    return shown_to(entity, view, actor)


def shown_to(entity: Entity, view: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """The view without the order and groups this person may not see: its rows are his to read all the same (PLT-41)."""
    view["order"] = [o for o in view["order"] if _is_seen(entity, o.lstrip("-"), actor)]
    if view["group_by"] and not _is_seen(entity, view["group_by"], actor):
        view["group_by"] = None
    if view["board_attribute"] and not _is_seen(entity, view["board_attribute"], actor):
        view |= {"board_attribute": None, "layout": "table"}
    return view


def _is_seen(entity: Entity, name: str, actor: Actor) -> bool:
    """Whether the actor may see the value; what is gone is the business of `broken`."""
    try:
        resolve(entity, name, actor)
    except Forbidden:
        return False
    except CrmError:
        return True
    return True


def broken(entity: Entity, row: SavedView) -> list[str]:
    """What the view names that does not exist any more: attributes, relations, options of a condition."""
    names = {c["name"] for c in row.columns} | {o.lstrip("-") for o in row.order}
    names |= {n for n in (row.group_by, row.board_attribute) if n}
    found = {name for name in names if _is_gone(entity, name)}
    return sorted(found | broken_conditions(entity, row.filter))


def _is_gone(entity: Entity, name: str) -> bool:
    try:
        resolve(entity, name)
    except CrmError:
        return True
    return False


def find(entity: Entity, view_id: Any, actor: Actor) -> dict[str, Any]:
    """The view with this id. Raises NotFound `view.unknown`."""
    for view in entity.views:
        if view_id == f"standard:{entity.name}:{view.key}":
            return shown_to(entity, view_json(entity, view), actor)
    identifier = as_uuid(view_id)
    row = _visible(actor).filter(pk=identifier, object=entity.name).first() if identifier else None
    if row is None:
        raise NotFound("view.unknown", "There is no such view.", field="view")
    return as_json(entity, row, actor)


def _visible(actor: Actor) -> Any:
    seen = Q(owner_id=actor.user_id) | Q(is_shared=True)
    for team in actor.team_ids:
        seen |= Q(teams__contains=[str(team)])
    return SavedView.objects.filter(seen).select_related("owner")


def is_for_others(row: SavedView) -> bool:
    """Whether somebody beside its owner sees the view."""
    return row.is_shared or bool(row.teams)


@transaction.atomic
def create(values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Save a view. Raises Malformed, Invalid, Conflict when there are too many."""
    entity = _entity(values.get("object"))
    if SavedView.objects.filter(owner_id=actor.user_id).count() >= MAX_VIEWS:
        raise Conflict("view.too_many", f"At most {MAX_VIEWS} views per person.")
    row = SavedView(object=entity.name, columns=[{"name": entity.primary}])
    row.owner_id = actor.user_id  # type: ignore[assignment]  # nobody saves a view who is not signed in
    _fill(entity, row, {"name": None, **values}, actor)
    row.save(force_insert=True)
    return as_json(entity, _visible(actor).get(pk=row.pk), actor)


@transaction.atomic
def update(view_id: uuid.UUID, values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Change a view; who sees it too. Raises NotFound, Forbidden for somebody else's shared view."""
    row, entity = _editable(view_id, actor)
    if values.get("object") not in (None, row.object):
        raise Invalid("view.object_fixed", "A view stays with its object.", field="object")
    _fill(entity, row, values, actor)
    row.version += 1
    row.save()
    return as_json(entity, row, actor)


@transaction.atomic
def delete(view_id: uuid.UUID, actor: Actor) -> None:
    """Delete a view. Raises NotFound, Forbidden."""
    _editable(view_id, actor)[0].delete()


def _editable(view_id: uuid.UUID, actor: Actor) -> tuple[SavedView, Entity]:
    row = _visible(actor).select_for_update(of=("self",)).filter(pk=view_id).first()
    if row is None:
        raise NotFound("view.unknown", "There is no such view.")
    if row.owner_id != actor.user_id and not actor.can("manage_views"):
        raise Forbidden("view.not_yours", "This view belongs to somebody else; save it under another name.")
    return row, _entity(row.object)


def _entity(name: Any) -> Entity:
    if not isinstance(name, str):
        raise Malformed("request.malformed", "Say which object the view is of.", field="object")
    return registry.get(name)


def _fill(entity: Entity, row: SavedView, values: Mapping[str, Any], actor: Actor) -> None:
    for key, value in values.items():
        if key == "name":
            row.name = _name(value)
        elif key == "layout":
            if value not in LAYOUTS:
                raise Invalid("view.layout", "Layouts are table, board and calendar.", field="layout")
            row.layout = value
        elif key == "columns":
            row.columns = _columns(entity, value)
        elif key == "filter":
            compile_filter(entity, value, actor)
            row.filter = value or None
        elif key == "order":
            if not isinstance(value, list):
                raise Malformed("order.malformed", "The order is a list of names.", field="order")
            Ordering(entity, value, actor)
            row.order = value
        elif key in ("group_by", "board_attribute"):
            if value is not None:
                entity.attribute(value, field_path=key)
            setattr(row, key, value)
        elif key == "shared_with":
            _share(row, value, values.get("teams"))
        elif key == "teams" and values.get("shared_with") != "teams":
            raise Invalid("view.shared_with", "Teams are named when it is shared with teams.", field="teams")


def _share(row: SavedView, who: Any, teams: Any) -> None:
    """Say who sees the view: `me`, `everyone`, or `teams` with their ids."""
    if who not in ("me", "teams", "everyone"):
        raise Invalid("view.shared_with", "A view is for me, teams or everyone.", field="shared_with")
    row.is_shared, row.teams = who == "everyone", None
    if who != "teams":
        return
    given = {as_uuid(t) for t in teams} if isinstance(teams, list) and len(teams) <= MAX_TEAMS else set()
    known = Principal.objects.filter(pk__in=given - {None}, kind="team", is_active=True)
    found = {str(pk) for pk in known.values_list("pk", flat=True)}
    if not given or len(found) != len(given):
        raise Invalid("view.teams", f"1 to {MAX_TEAMS} teams are needed.", field="teams")
    row.teams = sorted(found)


def _name(value: Any) -> str:
    try:
        name = clean_text(value).strip() if isinstance(value, str) else ""
    except ValueError:
        name = ""
    if not 1 <= len(name) <= 100:
        raise Invalid("view.name", "A name of 1 to 100 characters is needed.", field="name")
    return name


def _columns(entity: Entity, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not 1 <= len(value) <= 50:
        raise Malformed("view.columns", "1 to 50 columns are needed.", field="columns")
    found = []
    for index, column in enumerate(value):
        column = {"name": column} if isinstance(column, str) else column
        if not isinstance(column, dict) or set(column) - {"name", "width"}:
            raise Malformed("view.columns", "A column has name and width.", field=f"columns.{index}")
        resolve(entity, column.get("name"))
        width = column.get("width")
        if width is not None and (
            isinstance(width, bool) or not isinstance(width, int) or not 20 <= width <= 2000
        ):
            raise Malformed("view.columns", "A width is 20 to 2,000.", field=f"columns.{index}.width")
        found.append({"name": column["name"], **({"width": width} if width else {})})
    return found


def uses_of(object_name: str, attribute: str | None) -> list[dict[str, Any]]:
    """Saved views that name an attribute (or any view of an object): for the impact list before publishing.

    One that everybody sees forbids deleting the attribute (AC-26); somebody's own one becomes a broken view.
    """
    if attribute is None:
        return [{"kind": "view", "name": r.name} for r in SavedView.objects.filter(object=object_name)]
    found = []
    for row in SavedView.objects.order_by("object", "name"):
        if (object_name, attribute) in _named(row):
            found.append(
                {"kind": "view", "object": row.object, "name": row.name, "blocking": is_for_others(row)}
            )
    return found


def uses_of_options(object_name: str, attribute: str, values: Collection[int]) -> list[dict[str, Any]]:
    """Saved views whose filter names one of these options; shared ones forbid deleting them."""
    entities = registry.current().entities
    return [
        {"kind": "view", "object": row.object, "name": row.name, "blocking": is_for_others(row)}
        for row in SavedView.objects.exclude(filter=None).order_by("object", "name")
        if row.object in entities
        and names_option(entities[row.object], row.filter, entities, {(object_name, attribute)}, values)
    ]


def _named(row: SavedView) -> set[tuple[str, str]]:
    """(object, attribute) of everything a view names, also over relations."""
    entities = registry.current().entities
    entity = entities.get(row.object)
    if entity is None:
        return set()
    paths = {c["name"] for c in row.columns} | {o.lstrip("-") for o in row.order}
    paths |= {n for n in (row.group_by, row.board_attribute) if n}
    found = {pair for path in paths for pair in on_path(entity, path, entities)}
    return found | set(named_in(entity, row.filter, entities))


def uses_of_relationship(names: set[str]) -> list[dict[str, Any]]:
    """Saved views whose filter asks for records related by one of `names`; shared ones forbid deleting."""
    return [
        {"kind": "view", "object": row.object, "name": row.name, "blocking": is_for_others(row)}
        for row in SavedView.objects.exclude(filter=None)
        if names & set(relations_in(row.filter))
    ]


def check_standard_view(entity: Entity, document: dict[str, Any]) -> None:
    """Whether a standard view of the draft could be opened: its columns, filter, order and board exist (PLT-8).

    Raises Malformed or Invalid with the path in the document.
    """
    if document.get("hidden"):
        return
    for index, column in enumerate(document["columns"]):
        try:
            resolve(entity, column["name"])
        except CrmError as error:
            raise Invalid(error.code, error.message, field=f"columns.{index}") from None
    compile_filter(entity, document.get("filter"), system_actor())
    Ordering(entity, document.get("order") or [], system_actor())
    if document.get("board_attribute"):
        entity.attribute(document["board_attribute"], field_path="board_attribute")
