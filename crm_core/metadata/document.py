"""The Entity document: what clients need to know of an object, as JSON (PLT-61, deploy/docs/api.md)."""

from __future__ import annotations

from typing import Any

from crm_core.metadata.collecting import MEMBER_OF, collector
from crm_core.metadata.conditions import names_in, top_relations_in
from crm_core.metadata.customization.behaviours import has_behaviour, is_fixed
from crm_core.metadata.entity import Action, Attribute, BusinessRule, Entity, Form, Option, Parameter, View
from crm_core.metadata.hierarchy import parent_attribute
from crm_core.metadata.labels import TenantLabel
from crm_core.metadata.parameters import parameter_attribute
from crm_core.metadata.relations import activities_about, relation

#: what a filter can name beside attributes
_IDENTITIES = ("id", "import_id", MEMBER_OF)


def option_json(option: Option) -> dict[str, Any]:
    return {"value": option.value, "label": str(option.label), "color": option.color, "active": option.active}


def behaviour_json(entity: Entity, attribute: Attribute) -> dict[str, Any] | None:
    """What acts on the record referred to do to records of `entity`; None for what is no relationship (PLT-20)."""
    if not has_behaviour(attribute):
        return None
    chosen = {**attribute.cascade.as_json(), "delete": attribute.on_delete}
    return {
        "kind": attribute.behaviour,
        **chosen,
        "fixed": is_fixed(entity, attribute),
        "owned": entity.has_owner,
    }


def attribute_json(attribute: Attribute, entity: Entity | None = None) -> dict[str, Any]:
    """One attribute in the active language; with its `entity` also how it behaves as a relationship."""
    kind = attribute.type
    behaviour = behaviour_json(entity, attribute) if entity is not None else None
    return {
        "name": attribute.name,
        "label": str(attribute.label),
        "type": kind.name,
        "required": attribute.required,
        "recommended": attribute.recommended,
        "read_only": attribute.read_only,
        "create_only": attribute.create_only,
        "searchable": attribute.searchable,
        "filterable": attribute.filterable,
        "sortable": attribute.sortable and kind.name not in ("memo", "multi", "parties", "file"),
        "custom": attribute.custom,
        "secured": attribute.secured,
        "unique": attribute.unique,
        "system": attribute.system,
        "importable": attribute.importable,
        "hierarchy": attribute.hierarchy,
        "max_length": attribute.max_length,
        "format": attribute.format,
        "precision": attribute.precision,
        "min": None if attribute.min is None else str(attribute.min),
        "max": None if attribute.max is None else str(attribute.max),
        "default": attribute.default,
        "help": str(attribute.help or ""),
        "targets": list(attribute.targets),
        "options": [option_json(o) for o in attribute.options],
        "operators": list(kind.operators_for(attribute)),
        "aggregates": list(kind.aggregates),
        **({"behaviour": behaviour} if behaviour else {}),
        "option_list": attribute.option_list,
        **(
            {"former_options": [option_json(o) for o in attribute.former_options]}
            if attribute.former_options
            else {}
        ),
        "derived": attribute.is_derived,
        "roll_up": attribute.roll_up is not None,
        "moment_of": attribute.moment_of,
        **({"counts_members": True} if attribute.counts_members else {}),
    }


def _parameter_json(parameter: Parameter) -> dict[str, Any]:
    attribute = parameter_attribute(parameter)
    return {
        "name": parameter.name,
        "label": str(parameter.label),
        "type": parameter.type,
        "required": parameter.required,
        "default": parameter.default if parameter.initial is None else parameter.initial,
        "help": str(parameter.help or ""),
        "max_length": attribute.max_length,
        "min": None if attribute.min is None else str(attribute.min),
        "max": None if attribute.max is None else str(attribute.max),
        "precision": parameter.precision,
        "targets": list(parameter.targets),
        "options": [option_json(o) for o in attribute.options],
    }


def action_json(action: Action) -> dict[str, Any]:
    return {
        "name": action.name,
        "label": str(action.label),
        "states": list(action.states),
        "privilege": action.privilege,
        "scope": action.scope,
        "primary": action.primary,
        "destructive": action.destructive,
        "icon": action.icon,
        "bulk": action.bulk,
        "makes": list(action.makes),
        "parameters": [_parameter_json(p) for p in action.parameters],
    }


def view_json(entity: Entity, view: View) -> dict[str, Any]:
    """A delivered view; its id is stable: object and key."""
    return {
        "id": f"standard:{entity.name}:{view.key}",
        "name": str(view.name),
        "kind": "standard",
        "object": entity.name,
        "is_default": view.default,
        "layout": view.layout,
        "columns": [
            {"name": c, **({"width": view.widths[c]} if c in view.widths else {})} for c in view.columns
        ],
        "filter": view.filter,
        "order": list(view.order),
        "group_by": None,
        "board_attribute": view.board_attribute,
        "editable": False,
        "owner": None,
        "broken": _broken(entity, view),
        "key": view.key,
        "custom": view.custom,
        "changed": view.changed,
    }


def rule_json(rule: BusinessRule) -> dict[str, Any]:
    """A business rule for live forms, its messages in the active language."""
    then = []
    for action in rule.then:
        shown = {k: v for k, v in action.items() if k != "messages"}
        if "message" in action:
            shown["message"] = str(TenantLabel(action["message"], action.get("messages")))
        then.append(shown)
    return {"key": rule.key, "label": str(rule.label), "when": rule.when, "then": then}


def _broken(entity: Entity, view: View) -> list[str]:
    """Names of the view that its object does not have (any more)."""
    names = [*view.columns, *[o.lstrip("-") for o in view.order], *names_in(view.filter)]
    gone = {n for n in top_relations_in(view.filter) if relation(entity, n) is None}
    return sorted(
        gone | {n for n in names if n not in _IDENTITIES and n.split(".")[0] not in entity.attributes}
    )


def short_json(entity: Entity) -> dict[str, Any]:
    """What navigation and pickers need."""
    return {
        "name": entity.name,
        "plural": entity.plural,
        "label": str(entity.label),
        "label_plural": str(entity.label_plural),
        "icon": entity.icon,
        "color": entity.color,
        "custom": entity.custom,
        "group": entity.group,
        "is_activity": entity.is_activity,
        "in_navigation": entity.in_navigation,
        "features": sorted(entity.features),
    }


def form_json(entity: Entity, form: Form) -> dict[str, Any]:
    """A form: tabs of sections, header facts, stage path, related lists."""
    tabs = [(t.label, t.sections) for t in form.tabs] or [(entity.label, form.sections)]
    return {
        "tabs": [
            {
                "label": str(label),
                "sections": [
                    {"label": str(s.label), "columns": s.columns, "attributes": list(s.attributes)}
                    for s in sections
                ],
            }
            for label, sections in tabs
        ],
        "related": _related_lists(entity, form),
        "header": list(form.header),
        "path": form.path,
    }


def entity_json(entity: Entity, actions: list[Action], form: Form | None = None) -> dict[str, Any]:
    """The whole document without the caller's own views; `form` is the caller's when his role has one."""
    form = form or entity.form
    return {
        **short_json(entity),
        "description": str(entity.description or ""),
        "ownership": entity.ownership,
        "primary_attribute": entity.primary,
        "attributes": [attribute_json(a, entity) for a in entity.attributes.values()],
        "states": [
            {
                "value": s.value,
                "label": str(s.label),
                "closed": s.closed,
                "color": s.color,
                "reasons": [
                    {
                        "value": r.value,
                        "label": str(r.label),
                        "default": r.value == s.default_reason,
                        "color": r.color or s.color,
                        "active": r.active,
                        "fixed": r.fixed,
                    }
                    for r in s.reasons
                ],
            }
            for s in entity.states
        ],
        "relationships": [
            {
                "name": r.name,
                "label": str(r.label),
                "object": r.object,
                "attribute": r.attribute,
                "kind": "many_to_many" if r.link else "one_to_many",
                **({"reverse": r.reverse, "link": r.link, "managed": r.managed} if r.link else {}),
                "delete": r.delete,
                "behaviour": r.behaviour,
            }
            for r in entity.relationships
        ],
        "related_activities": [
            {"name": r.name, "label": str(r.label), "object": r.object} for r in activities_about(entity)
        ],
        "parent_attribute": parent.name if (parent := parent_attribute(entity)) else None,
        "actions": [action_json(a) for a in actions],
        "forms": {
            "main": form_json(entity, form),
            "quick_create": list(form.quick_create or entity.quick_create),
        },
        "views": [view_json(entity, v) for v in entity.views],
        "rules": [rule_json(r) for r in entity.business_rules],
        "board": _board_json(entity),
        "collects": _collects_json(entity),
        "collected_in": _collected_json(entity),
        "calendar": {"start": entity.calendar[0], "end": entity.calendar[1]} if entity.calendar else None,
        "duplicates": [list(d) for d in entity.duplicates],
        "facts": list(entity.facts),
        "merge": entity.merge,
        "person": entity.person is not None,
        "creatable": entity.creatable,
        "deletable": entity.deletable,
    }


def _related_lists(entity: Entity, form: Form) -> list[str]:
    """The related lists of a form: the placed ones, and after them each the workspace added since (PLT-1)."""
    placed = [n for n in form.related if any(r.name == n for r in entity.relationships)]
    if form.known_related is not None:
        known = form.known_related | set(placed)
        return placed + [r.name for r in entity.relationships if r.custom and r.name not in known]
    if not placed:
        return [r.name for r in entity.relationships]
    return placed + [r.name for r in entity.relationships if r.custom and r.name not in placed]


def _collects_json(entity: Entity) -> dict[str, Any] | None:
    """How records say what they are lists of; None for objects that are no lists."""
    sheet = entity.collects
    if sheet is None:
        return None
    return {"of": sheet.of, "objects": {str(k): v for k, v in sheet.objects.items()}, "kind": sheet.kind,
            "dynamic": sheet.dynamic, "filter": sheet.filter}  # fmt: skip


def _collected_json(entity: Entity) -> dict[str, Any] | None:
    """The object whose records can be lists of these, and by which value of which attribute; None when there is none."""
    lists = collector(entity.name)
    if lists is None or (sheet := lists.collects) is None:
        return None
    option = next(value for value, name in sheet.objects.items() if name == entity.name)
    return {"object": lists.name, "label": str(lists.label), "attribute": sheet.of, "value": option}


def _board_json(entity: Entity) -> dict[str, Any] | None:
    board = entity.board
    if board is None:
        return None
    return {
        "attribute": board.attribute,
        "sum": board.sum,
        "weighted": board.weighted,
        "card": list(board.card),
        "filter": board.filter,
        "drop": [{"action": name, "label": str(label)} for name, label in board.drop],
    }
