"""Compile declarations plus a published body into entities. Pure: the same body always gives the same entities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from crm_core.metadata import collecting, types
from crm_core.metadata.customization import computed
from crm_core.metadata.customization.attributes import custom_attribute, offered, options_of
from crm_core.metadata.customization.behaviours import with_behaviours
from crm_core.metadata.customization.forms import with_forms
from crm_core.metadata.customization.many_to_many import relationships_of
from crm_core.metadata.customization.rule_documents import with_rules
from crm_core.metadata.customization.standard_views import with_views
from crm_core.metadata.customization.status_reasons import with_reasons
from crm_core.metadata.declaration import (
    ACTIVE_INACTIVE,
    declared,
    option_lists,
    system_attributes,
)
from crm_core.metadata.entity import (
    ORGANISATION_OWNED,
    RECORD_FEATURES,
    USER_OWNED,
    Attribute,
    Board,
    Entity,
    Form,
    Option,
    Relationship,
    Section,
    View,
)
from crm_core.metadata.labels import TenantLabel

OPEN_COLUMNS = ("owner", "created_at")


def compile_entities(body: dict[str, Any]) -> tuple[dict[str, Entity], dict[str, tuple[Option, ...]]]:
    """Entities by name and option lists by name for the published `body` (an empty one gives the delivered objects)."""
    lists = dict(option_lists())
    for name, rows in body.get("option_lists", {}).items():
        lists[name] = options_of(rows)
    entities: dict[str, Entity] = {}
    custom = body.get("attributes", {})
    for entity in declared().values():
        entities[entity.name] = _overlaid(
            entity, custom.get(entity.name, ()), body.get("overrides", {}).get(entity.name, {}), lists
        )
    for name, definition in body.get("objects", {}).items():
        entities[name] = _custom_object(name, definition, custom.get(name, ()), lists)
    for name, entity in entities.items():
        document = body.get("reasons", {}).get(name, {}).get("status_reason")
        entities[name] = with_reasons(entity, document) if entity.states else entity
    for name, documents in body.get("behaviours", {}).items():
        if name in entities:
            entities[name] = with_behaviours(entities[name], documents)
    for name, entity in entities.items():
        added = [a for a in entity.attributes.values() if a.custom and a.moment_of is None]
        designed = with_forms(entity, body.get("forms", {}).get(name, {}), added)
        viewed = with_views(designed, body.get("views", {}).get(name, {}))
        entities[name] = with_rules(viewed, body.get("rules", {}).get(name, {}))
    lists = {name: offered(options)["options"] for name, options in lists.items()}
    related = computed.with_reads(_related(entities))
    defined = relationships_of(body.get("relationships", {}), related)
    for owner, relation in (*collecting.relationships_of(related), *defined):
        related[owner] = replace(related[owner], relationships=(*related[owner].relationships, relation))
    return related, lists


def _with_options(attribute: Attribute, lists: dict[str, tuple[Option, ...]]) -> Attribute:
    if attribute.option_list and not attribute.options:
        return replace(attribute, **offered(lists[attribute.option_list]))
    return attribute


def _overlaid(entity: Entity, custom: Iterable[dict], overrides: dict[str, dict], lists: dict) -> Entity:
    attributes = {name: _with_options(a, lists) for name, a in entity.attributes.items()}
    for name, change in overrides.items():
        if name in attributes:
            facts: dict[str, Any] = {k: v for k, v in change.items() if k in ("required", "recommended")}
            if "help" in change:
                facts["help"] = TenantLabel(change["help"], change.get("helps"))
            if change.get("label"):
                facts["label"] = TenantLabel(change["label"], change.get("labels"))
            facts["required"] = bool(facts.get("required")) or entity.attributes[name].required
            facts["recommended"] = bool(facts.get("recommended", entity.attributes[name].recommended))
            attributes[name] = replace(attributes[name], **facts)
    added = computed.with_moments([custom_attribute(d, lists) for d in custom])
    attributes.update((a.name, a) for a in added)
    return replace(entity, attributes=attributes)


def _custom_object(name: str, definition: dict[str, Any], custom: Iterable[dict], lists: dict) -> Entity:
    """A custom object as an entity over `CustomRecord`; everything but `name` lives under `custom`."""
    label = TenantLabel(definition["label"], definition.get("labels"))
    plural = TenantLabel(definition["label_plural"], definition.get("labels_plural"))
    ownership = definition.get("ownership", USER_OWNED)
    primary = Attribute(
        "name", TenantLabel(definition.get("primary_label") or "Name"), types.get("text"), column="name",
        required=True, searchable=True, max_length=200,
    )  # fmt: skip
    added = computed.with_moments([custom_attribute(d, lists) for d in custom])
    attributes = {"name": primary, **{a.name: a for a in added}}
    for attribute in system_attributes(ownership, ACTIVE_INACTIVE, money=True):
        attributes.setdefault(attribute.name, attribute)
    shown = [a for a in added if a.moment_of is None]
    listed = [a.name for a in shown if a.type.name not in ("memo", "file", "multi")]
    picks = [a for a in added if a.type.name == "pick"]
    sums = next((a.name for a in added if a.type.name == "money"), None)
    owned = ownership == USER_OWNED
    return Entity(
        name=name,
        plural=definition["plural"],
        label=label,
        label_plural=plural,
        description=definition.get("description") or "",
        model=apps.get_model("records", "CustomRecord"),
        discriminator=name,
        primary="name",
        ownership=USER_OWNED if owned else ORGANISATION_OWNED,
        attributes=attributes,
        group="custom",
        icon=definition.get("icon") or "box",
        color=definition.get("color") or "gray",
        custom=True,
        features=frozenset(definition.get("features") or RECORD_FEATURES) | ({"kanban"} if picks else frozenset()),
        states=ACTIVE_INACTIVE,
        views=(
            View(_("Active"), ("name", *listed[:6], *(OPEN_COLUMNS if owned else ("created_at",))), default=True, key="active",
                 filter={"attribute": "state", "operator": "eq", "value": "active"}),
            View(_("All"), ("name", *listed[:6], "state"), key="all"),
        ),
        form=Form((Section(_("General"), ("name", *[a.name for a in shown])),), header=tuple(listed[:5])),
        quick_create=("name", *[a.name for a in added if a.required], *[n for n in listed[:3] if not attributes[n].required]),
        board=Board(picks[0].name, sum=sums, card=tuple(listed[:3])) if picks else None,
        facts=tuple(listed[:2]),
        duplicates=(("name",),),
    )  # fmt: skip


def _related(entities: dict[str, Entity]) -> dict[str, Entity]:
    """Give every entity its related lists: who points at me, under which name."""
    found: dict[str, dict[str, Relationship]] = {name: {} for name in entities}
    for entity in entities.values():
        for attribute in entity.attributes.values():
            if attribute.type.name not in ("lookup", "customer"):
                continue
            if not attribute.reverse_name and not attribute.custom:
                continue
            for target in attribute.targets:
                if target not in found:
                    continue
                name = attribute.reverse_name or entity.plural
                if name in found[target]:
                    name = f"{entity.plural}_{attribute.name}"
                label = attribute.reverse_label or entity.label_plural
                found[target][name] = Relationship(
                    name,
                    label,
                    entity.name,
                    attribute.name,
                    attribute.on_delete,
                    attribute.custom,
                    attribute.behaviour,
                )
    return {name: replace(e, relationships=tuple(found[name].values())) for name, e in entities.items()}
