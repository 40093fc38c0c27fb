"""Designed forms: checking what a customizer drew, and turning it into the form people get (PLT-7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_core.metadata.customization.definitions import label_text, only_keys, translations
from crm_core.metadata.entity import Attribute, Entity, Form, Section, Tab
from crm_core.metadata.errors import Invalid
from crm_core.metadata.labels import TenantLabel

MAIN = "main"
MAX_TABS = 20
MAX_SECTIONS = 40
MAX_HEADER = 7
MAX_RELATED = 40
MAX_QUICK_CREATE = 30
FORM_KEYS = {"tabs", "header", "related", "quick_create"}


def checked_form(definition: Any, entity: Entity) -> dict[str, Any]:
    """A form's document, cleaned, with what it knew: fields and related lists made later show up by themselves.

    Raises Invalid with the path of the wrong part, such as `tabs.0.sections.1.attributes.2`.
    """
    only_keys(definition, FORM_KEYS)
    tabs = definition.get("tabs")
    if not isinstance(tabs, list) or not 1 <= len(tabs) <= MAX_TABS:
        raise Invalid("form.tabs", f"A form has 1 to {MAX_TABS} tabs.", field="tabs")
    placed: set[str] = set()
    cleaned = [_tab(tab, f"tabs.{i}", entity, placed) for i, tab in enumerate(tabs)]
    relations = {r.name for r in entity.relationships}
    return {
        "tabs": cleaned,
        "header": _names(definition, "header", entity.attributes, MAX_HEADER),
        "related": _names(definition, "related", dict.fromkeys(relations), MAX_RELATED),
        "quick_create": _names(definition, "quick_create", entity.attributes, MAX_QUICK_CREATE),
        "known": sorted(a.name for a in entity.custom_attributes),
        "known_related": sorted(relations),
    }


def _tab(tab: Any, path: str, entity: Entity, placed: set[str]) -> dict[str, Any]:
    _labelled(tab, {"sections"}, path)
    sections = tab.get("sections")
    if not isinstance(sections, list) or len(sections) > MAX_SECTIONS:
        raise Invalid(
            "form.sections", f"A tab has at most {MAX_SECTIONS} sections.", field=f"{path}.sections"
        )
    cleaned = [_section(s, f"{path}.sections.{i}", entity, placed) for i, s in enumerate(sections)]
    return {**_label(tab, path, required=True), "sections": cleaned}


def _section(section: Any, path: str, entity: Entity, placed: set[str]) -> dict[str, Any]:
    _labelled(section, {"columns", "attributes"}, path)
    columns = section.get("columns", 2)
    if isinstance(columns, bool) or not isinstance(columns, int) or not 1 <= columns <= 4:
        raise Invalid("form.columns", "A section has 1 to 4 columns.", field=f"{path}.columns")
    names = section.get("attributes")
    if not isinstance(names, list):
        raise Invalid("form.attributes", "A list of fields is needed.", field=f"{path}.attributes")
    for index, name in enumerate(names):
        where = f"{path}.attributes.{index}"
        if not isinstance(name, str) or name not in entity.attributes:
            raise Invalid("form.unknown_attribute", f"There is no field “{name}”.", field=where)
        if name in placed:
            raise Invalid("form.attribute_twice", f"“{name}” is on the form twice.", field=where)
        placed.add(name)
    return {**_label(section, path, required=False), "columns": columns, "attributes": names}


def _labelled(part: Any, keys: set[str], path: str) -> None:
    if not isinstance(part, dict) or set(part) - {"label", "labels", *keys}:
        raise Invalid("form.malformed", "A tab or section has other keys than these.", field=path)


def _label(part: dict, path: str, *, required: bool) -> dict[str, Any]:
    given = part if part.get("label") not in ("", None) or required else {**part, "label": None}
    try:
        return {
            "label": label_text(given, "label", required=required) or "",
            "labels": translations(part, "labels"),
        }
    except Invalid as error:
        raise Invalid(error.code, error.message, field=f"{path}.{error.field}") from None


def _names(definition: dict, key: str, known: Mapping[str, Any], most: int) -> list[str]:
    names = definition.get(key) or []
    if not isinstance(names, list) or len(names) > most:
        raise Invalid("form.names", f"At most {most} entries.", field=key)
    for index, name in enumerate(names):
        if not isinstance(name, str) or name not in known:
            raise Invalid("form.unknown_attribute", f"There is no “{name}”.", field=f"{key}.{index}")
    return list(dict.fromkeys(names))


def with_forms(entity: Entity, documents: Mapping[str, dict[str, Any]], added: list[Attribute]) -> Entity:
    """`entity` with its designed forms; without a designed main form new attributes get a section of their own."""
    main = documents.get(MAIN)
    form = _compiled(main, entity) if main else _with_section(entity.form, added)
    roles = {role: _compiled(doc, entity) for role, doc in sorted(documents.items()) if role != MAIN}
    quick = (main or {}).get("quick_create") or ()
    listed = tuple(n for n in quick if n in entity.attributes) or entity.quick_create
    return replace(entity, form=form, role_forms=roles, quick_create=listed)


def _with_section(form: Form, added: list[Attribute]) -> Form:
    placed = {n for s in form.sections for n in s.attributes}
    new = tuple(a.name for a in added if a.name not in placed)
    return replace(form, sections=(*form.sections, Section(_("More"), new))) if new else form


def _compiled(document: dict[str, Any], entity: Entity) -> Form:
    """Names that are gone are left out, attributes newer than the form come last on its first tab: compiling never fails."""
    known = entity.attributes
    tabs = [
        Tab(
            TenantLabel(tab["label"], tab.get("labels")),
            tuple(
                Section(
                    TenantLabel(s["label"], s.get("labels")),
                    tuple(n for n in s["attributes"] if n in known),
                    s["columns"],
                )
                for s in tab["sections"]
            ),
        )
        for tab in document["tabs"]
    ]
    seen = {n for t in tabs for s in t.sections for n in s.attributes} | set(document.get("known") or ())
    newer = tuple(a.name for a in entity.custom_attributes if a.name not in seen and a.moment_of is None)
    if newer:
        tabs[0] = replace(tabs[0], sections=(*tabs[0].sections, Section(_("More"), newer)))
    return Form(
        sections=tuple(s for t in tabs for s in t.sections),
        tabs=tuple(tabs),
        header=tuple(n for n in document.get("header") or () if n in known),
        path=entity.form.path,
        related=tuple(document.get("related") or ()),
        quick_create=tuple(n for n in document.get("quick_create") or () if n in known),
        known_related=frozenset(document.get("known_related") or ()),
    )
