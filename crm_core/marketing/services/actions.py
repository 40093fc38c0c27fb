"""The actions of a marketing list (MKT-1): members by hand and by filter, copies, and lists made of lists."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.marketing.option_lists import DYNAMIC, MEMBER_OBJECTS, STATIC
from crm_core.marketing.services import members
from crm_core.metadata import registry
from crm_core.metadata.collecting import MEMBER_OF
from crm_core.metadata.conditions import condition
from crm_core.metadata.entity import Action, Entity, Parameter
from crm_core.metadata.errors import Conflict, Invalid, Malformed
from crm_core.metadata.record import new_id
from crm_core.records.query import Query
from crm_core.records.service import deriving
from crm_core.records.service.writing import create
from crm_core.security.actor import Actor


def _change(context: Any, adding: bool, asked: Mapping[str, Any]) -> dict[str, Any]:
    record = context.record
    members.refuse_change(record)
    entity = members.object_of(record.member_type)
    job = members.prepared(record.pk, record.name, adding, asked, context.actor, context.action.name)
    context.change.options["job"] = job.pk
    return members.started(job, entity, context.actor)


def _named(context: Any) -> list[str]:
    """The ids given, all of records the list can hold. Raises Invalid `list.wrong_type`, `lookup.does_not_exist`."""
    entity = members.object_of(context.record.member_type)
    given: dict[uuid.UUID, str | None] = {i: of for of, i in context.values["ids"]}
    if any(of not in (None, entity.name) for of in given.values()):
        raise _wrong_type(entity)
    missing = set(given) - set(_there(entity, set(given), context.actor))
    if not missing:
        return [str(i) for i in given]
    for name in set(MEMBER_OBJECTS.values()) - {entity.name}:
        if context.actor.depth(registry.get(name), "read") and _there(
            registry.get(name), missing, context.actor
        ):
            raise _wrong_type(entity)
    raise Invalid("lookup.does_not_exist", _now("There is no such record."), field="ids")


def _there(entity: Entity, ids: set[uuid.UUID], actor: Actor) -> list[uuid.UUID]:
    return Query(entity, actor).where(Q(pk__in=ids)).ids()


def _wrong_type(entity: Entity) -> Invalid:
    return Invalid(
        "list.wrong_type", _now("Members of this list are: %(objects)s.") % {"objects": entity.label_plural},
        field="ids", details={"object": entity.name},
    )  # fmt: skip


def add_members(context: Any) -> dict[str, Any]:
    """Make the records with these ids members; who is one already is ignored and counted."""
    members.refuse_change(context.record)
    return _change(context, True, {"ids": _named(context)})


def remove_members(context: Any) -> dict[str, Any]:
    """Take the records with these ids off the list; who is no member is ignored and counted."""
    members.refuse_change(context.record)
    return _change(context, False, {"ids": _named(context)})


def _asked(context: Any) -> dict[str, Any]:
    asked = {k: v for k in ("filter", "q") if (v := context.values.get(k))}
    if not asked and not context.values.get("all"):
        raise Malformed("bulk.nothing_selected", "Give a filter, a text, or all.", field="filter")
    return asked


def add_by_query(context: Any) -> dict[str, Any]:
    """Add everybody a filter and a search text find among what the caller may read."""
    return _change(context, True, _asked(context))


def remove_by_query(context: Any) -> dict[str, Any]:
    """Take off the members a filter and a search text find among what the caller may read."""
    return _change(context, False, _asked(context))


def evaluate(context: Any) -> dict[str, Any]:
    """Keep only members the filter finds; those the caller may not read stay."""
    return _change(context, False, {"but": context.values["filter"]})


def _into_new(context: Any, tree: Mapping[str, Any]) -> dict[str, Any]:
    """A new static list of whoever `tree` finds; made by its job, so that an undo takes the list away too."""
    source, actor, name = context.record, context.actor, context.values["name"]
    lists, made = registry.get(members.LIST), new_id()
    job = members.prepared(made, name, True, {"filter": tree}, actor, context.action.name)
    values = {"id": str(made), "name": name, "member_type": source.member_type, "kind": STATIC}
    create(lists, values, actor.acting(actor.source, job.pk))
    context.update(last_used=timezone.now())
    context.change.options["job"] = job.pk
    done = members.started(job, members.object_of(source.member_type), actor)
    return {"marketing_list_id": str(made), **done}


def copy_to_static(context: Any) -> dict[str, Any]:
    """A static list of whoever the dynamic one finds now. Raises Conflict `list.static`."""
    if context.record.kind != DYNAMIC:
        raise Conflict("list.static", _now("Only dynamic lists are copied to static ones."), field="kind")
    return _into_new(context, _in(context.record.pk))


def _in(list_id: uuid.UUID) -> dict[str, Any]:
    return condition(MEMBER_OF, "in", [str(list_id)])


#: what of two conditions makes members of the new list (MKT-70.3)
COMBINED: dict[str, Callable[[dict, dict], dict[str, Any]]] = {
    "union": lambda one, other: {"or": [one, other]},
    "intersection": lambda one, other: {"and": [one, other]},
    "difference": lambda one, other: {"and": [one, {"not": other}]},
}


def _combine(context: Any) -> dict[str, Any]:
    """A new static list of the members of this list and another one, as the action says. Raises Invalid `list.wrong_type`."""
    other = context.values["other"].id
    theirs = Query(context.entity, context.actor).instance(other)
    if theirs.member_type != context.record.member_type:
        raise Invalid(
            "list.wrong_type", _now("Both lists need members of the same type."), field="other",
            details={"object": MEMBER_OBJECTS[context.record.member_type]},
        )  # fmt: skip
    done = _into_new(context, COMBINED[context.action.name](_in(context.record.pk), _in(other)))
    deriving.put(context.entity, other, "last_used", timezone.now())
    return done


_IDS = Parameter("ids", _("Members"), "ids", required=True)
_FILTER = Parameter("filter", _("Filter"), "filter")
_QUERY = (_FILTER, Parameter("q", _("Search text"), "text"), Parameter("all", _("All"), "bool"))
_NAME = Parameter("name", _("Name of the new list"), "text", required=True, max_length=160)
_OTHER = Parameter("other", _("Other list"), "lookup", required=True, targets=(members.LIST,))


def _changing(name: str, label: Any, run: Callable[..., Any], icon: str, *parameters: Parameter) -> Action:
    return Action(
        name, label, run, parameters=parameters, icon=icon, states=("active",), refusal="list.inactive"
    )


def _new_list(name: str, label: Any, run: Callable[..., Any], icon: str, *parameters: Parameter) -> Action:
    return Action(
        name, label, run, privilege="read", parameters=(*parameters, _NAME), icon=icon, makes=(members.LIST,)
    )


ACTIONS = (
    _changing("add_members", _("Add members"), add_members, "user-plus", _IDS),
    _changing("remove_members", _("Remove members"), remove_members, "user-x", _IDS),
    _changing("add_by_query", _("Add by filter"), add_by_query, "user-plus", *_QUERY),
    _changing("remove_by_query", _("Remove by filter"), remove_by_query, "user-x", *_QUERY),
    _changing("evaluate", _("Keep only matching"), evaluate, "user-check", replace(_FILTER, required=True)),
    _new_list("copy_to_static", _("Copy to static list"), copy_to_static, "copy"),
    _new_list("union", pgettext_lazy("list", "Unite with a list"), _combine, "users", _OTHER),
    _new_list("intersection", pgettext_lazy("list", "Intersect with a list"), _combine, "users", _OTHER),
    _new_list("difference", pgettext_lazy("list", "Subtract a list"), _combine, "users", _OTHER),
)
