"""Option lists several fields share: those of the product, and those a customizer makes (PLT-4).

The rows of a list stand in the body under `option_lists`; what a list of the workspace's own is called stands beside them
under `option_list_labels`, so a list of the product has rows there only once it was changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.customization import definitions, option_removal
from crm_core.metadata.customization.draft import draft_body, published
from crm_core.metadata.customization.overrides import checked_list
from crm_core.metadata.declaration import declared, option_lists
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, CrmError, Invalid, NotFound
from crm_core.metadata.labels import TenantLabel

MAX_SHARED_LISTS = 200
LABELS = "option_list_labels"
Body = Mapping[str, Any]
Rows = list[dict[str, Any]]


def is_own(body: Body, name: str | None) -> bool:
    """Whether the workspace made this list itself."""
    return name in body.get(LABELS, {})


def known_lists(body: Body) -> dict[str, Rows]:
    """The rows of every list there is in `body`, by name."""
    names = [*option_lists(), *(n for n in body.get("option_lists", {}) if n not in option_lists())]
    return {name: option_removal.list_rows(body, name) for name in names}


def list_label(name: str, body: Body, entities: Mapping[str, Entity]) -> str:
    """What people call a list: its own name, else that of the first field offering it."""
    if named := body.get(LABELS, {}).get(name):
        return str(TenantLabel(named["label"], named.get("labels")))
    offering = next(
        (a for e in entities.values() for a in e.attributes.values() if a.option_list == name), None
    )
    return str(offering.label) if offering else name


def checked_labels(body: Body, name: str | None, definition: dict[str, Any]) -> dict[str, Any]:
    """Name and translations of an own list. Raises Invalid `metadata.label`, `option_list.label_taken`."""
    label = definitions.label_text(definition, "label") or ""
    others = (row["label"] for key, row in body.get(LABELS, {}).items() if key != name)
    if label.casefold() in (other.casefold() for other in others):
        raise Invalid("option_list.label_taken", f"There is already a list “{label}”.", field="label")
    return {"label": label, "labels": definitions.translations(definition, "labels")}


def new_list(body: Body, definition: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """An own list as it is stored, and its generated name.

    Raises Invalid with the field of the definition, Conflict `metadata.too_many_lists`.
    """
    definitions.only_keys(definition, {"label", "labels", "options", "of"})
    if len(body.get(LABELS, {})) >= MAX_SHARED_LISTS:
        raise Conflict("metadata.too_many_lists", f"At most {MAX_SHARED_LISTS} lists of your own.")
    named = checked_labels(body, None, definition)
    given = _options_of(body, definition["of"]) if "of" in definition else definition.get("options")
    options = definitions.checked_options(given)
    return {**named, "options": options}, definitions.attribute_key(named["label"])


def _options_of(body: Body, field: Any) -> Rows:
    """The options of an own field, deleted ones with them, so that their numbers are not given again.

    Raises NotFound `attribute.unknown` for what is no field with options of its own.
    """
    place = field if isinstance(field, dict) else {}
    rows = body.get("attributes", {}).get(str(place.get("object")), ())
    row = next((r for r in rows if r["name"] == place.get("name") and r.get("options")), None)
    if row is None:
        raise NotFound("attribute.unknown", "There is no such field with options of its own.", field="of")
    return [dict(option) for option in row["options"]]


def changed_list(body: Body, name: str, definition: dict[str, Any]) -> dict[str, Any]:
    """A list as it will be, deleted options in it; what is not given stays. Raises Invalid, Conflict `option.fixed`."""
    own = is_own(body, name)
    definitions.only_keys(definition, {"options", "replacements", *(("label", "labels") if own else ())})
    rows = option_removal.list_rows(body, name)
    current = option_removal.staying(option_removal.list_rows(published()[1], name))
    given = definition.get("options", [r for r in rows if not r.get("removed")])
    options = checked_list(
        name, option_removal.with_removed(rows, given, definition.get("replacements") or {}, current)
    )
    option_removal.refuse_fixed(name, options)
    if not own:
        return {"options": options}
    before = body[LABELS][name]
    return {**checked_labels(body, name, {**before, **definition}), "options": options}


def refuse_deleting(body: Body, name: str | None) -> None:
    """Raises NotFound for a list that is not there, Conflict `option_list.delivered` for one of the product."""
    if name in option_lists():
        raise Conflict("option_list.delivered", "This list came with the product: it cannot be deleted.")
    if not is_own(body, name):
        raise NotFound("option_list.unknown", "There is no such option list.")


def fields_offering(name: str, entities: Mapping[str, Entity]) -> list[dict[str, Any]]:
    """The fields that offer a list, as uses that forbid deleting it."""
    return [
        {"kind": "attribute", "object": e.name, "name": a.name, "label": str(a.label), "blocking": True}
        for e in entities.values()
        for a in e.attributes.values()
        if a.option_list == name
    ]


def lost_references(body: Body, explained: Collection[str | None]) -> Iterator[tuple[str, str, CrmError]]:
    """(object, field, refusal) of fields whose shared list or looked-up object was taken out of the draft again.

    `explained` are names the draft deletes: what that forbids is said there.
    """
    objects = {*declared(), *body.get("objects", {}), *explained}
    lists = {*option_lists(), *body.get("option_lists", {}), *explained}
    for owner, rows in body.get("attributes", {}).items():
        for row in rows if owner in objects else ():
            if row.get("option_list") and row["option_list"] not in lists:
                yield (
                    owner,
                    row["name"],
                    Invalid(
                        "metadata.option_list",
                        f"{row['label']}: there is no such option list.",
                        field="option_list",
                    ),
                )
            if row["type"] == "lookup" and not set(row.get("targets") or ()) <= objects:
                yield (
                    owner,
                    row["name"],
                    Invalid(
                        "metadata.targets", f"{row['label']}: choose the object to look up.", field="targets"
                    ),
                )


def described() -> list[dict[str, Any]]:
    """Every shared list as the draft would have it, own ones first, with the fields that offer it."""
    before, body = published()[1], draft_body()
    with registry.trying(body) as tried:
        found = [
            _described(name, rows, before, body, tried.entities) for name, rows in known_lists(body).items()
        ]
        gone = sorted({*before.get("option_lists", {})} - {*known_lists(body)})
        found += [
            {
                **_described(name, before["option_lists"][name], before, before, tried.entities),
                "draft": "deleted",
            }
            for name in gone
        ]
    return sorted(found, key=lambda row: (not row["custom"], row["label"].casefold(), row["name"]))


def _described(
    name: str, rows: Rows, before: Body, body: Body, entities: Mapping[str, Entity]
) -> dict[str, Any]:
    own = body.get(LABELS, {}).get(name)
    earlier = known_lists(before)
    gone = {r["value"] for r in earlier.get(name, ()) if r.get("removed")}
    changed = earlier.get(name) != rows or before.get(LABELS, {}).get(name) != own
    if name not in body.get("option_lists", {}):
        rows = [
            {"value": o.value, "label": str(o.label), "color": o.color, "active": o.active}
            for o in option_lists()[name]
        ]
    uses = fields_offering(name, entities)
    return {
        "name": name,
        "label": list_label(name, body, entities),
        "labels": {**(own or {}).get("labels", {})},
        "plain_label": own["label"] if own else None,
        "custom": own is not None,
        "draft": "new" if name not in earlier else "changed" if changed else None,
        "options": [r for r in rows if not (r.get("removed") and r["value"] in gone)],
        "used_by": [
            {"object": u["object"], "object_label": str(entities[u["object"]].label), "name": u["name"], "label": u["label"]}
            for u in uses
        ],
    }  # fmt: skip
