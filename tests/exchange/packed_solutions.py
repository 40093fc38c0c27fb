"""A workspace with something of every kind of component, and packages made by hand."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from crm_core.exchange.solutions import catalogue, solutions
from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.records import securing
from crm_core.records.duplicates import editing
from crm_core.records.service import create
from crm_core.security.actor import Actor, actor_for
from crm_core.security.models import FieldSecurityProfile, Role
from crm_core.security.services import create_system_user, seed_security

Rows = list[dict[str, Any]]


def seeded_admin(name: str) -> Actor:
    """A seeded workspace's administrator, in the workspace whose path is active."""
    seed_security(name, currency="EUR", language="en", country="DE", time_zone="Europe/Berlin")
    registry.forget()
    user = create_system_user("Ada Admin", "ada@example.com", roles=["system_administrator"])
    actor = actor_for(user.pk, "screen")
    assert actor is not None
    return actor


def draft(
    admin: Actor, kind: str, operation: str, owner: str | None, name: str | None, definition: dict[str, Any]
) -> str:
    return str(publishing.add_change(kind, operation, owner, name, definition, admin.user_id).name)


def build(admin: Actor) -> dict[str, str]:
    """Boat and Berth with fields, form, form of a role, view, rule, options, role, secured field, profile, duplicate rule."""
    names: dict[str, str] = {}
    draft(admin, "object", "create", None, None, {"label": "Berth", "label_plural": "Berths"})
    draft(admin, "object", "create", None, None, {"label": "Boat", "labels": {"de": "Boot"}})
    for label, definition in (
        ("Length", {"type": "dec", "precision": 2, "min": 0}),
        (
            "Class",
            {"type": "pick", "options": [{"label": "A"}, {"label": "B"}, {"label": "C"}], "default": 2},
        ),
        ("Call sign", {"type": "text", "searchable": True, "unique": True, "max_length": 20}),
        ("Lies at", {"type": "lookup", "targets": ["c_berth"], "on_delete": "restrict"}),
        ("Insured for", {"type": "money"}),
    ):
        names[label] = draft(admin, "attribute", "create", "c_boat", None, {"label": label, **definition})
    draft(admin, "override", "update", "account", "name", {"label": "Company", "labels": {"de": "Firma"}})
    names["Boats"] = draft(
        admin,
        "attribute",
        "create",
        "account",
        None,
        {"label": "Main boat", "type": "lookup", "targets": ["c_boat"]},
    )
    computed: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("c_boat", "Number", {"type": "auto", "prefix": "B-"}),
        ("c_boat", "Length in feet", {"type": "calculated", "expression": "{Length} * 3.28084"}),
        ("c_boat", "Length in yards", {"type": "calculated", "expression": "{Length in feet} / 3"}),
        ("c_berth", "Boats here", {"type": "roll_up", "function": "count", "relationship": "c_boats"}),
    )
    for owner, label, definition in computed:
        for known, name in names.items():
            if "expression" in definition:
                definition["expression"] = definition["expression"].replace(f"{{{known}}}", name)
        names[label] = draft(admin, "attribute", "create", owner, None, {"label": label, **definition})
    section = {"label": "Hull", "columns": 2, "attributes": ["name", names["Length"], names["Class"]]}
    form = {
        "tabs": [{"label": "Boat", "sections": [section]}],
        "header": [names["Length"]],
        "related": ["accounts"],
    }
    draft(admin, "form", "update", "c_boat", "main", form)
    names["view"] = draft(admin, "view", "create", "c_boat", None, {
        "label": "Long boats", "columns": ["name", names["Length"], names["Lies at"]], "order": [f"-{names['Length']}"],
        "filter": {"attribute": names["Length"], "operator": "gt", "value": 10},
    })  # fmt: skip
    names["rule"] = draft(admin, "rule", "create", "c_boat", None, {
        "label": "Long boats are insured", "when": {"attribute": names["Length"], "operator": "gt", "value": 12},
        "then": [{"action": "require", "attribute": names["Insured for"]}],
    })  # fmt: skip
    draft(admin, "behaviour", "update", "c_boat", names["Lies at"], {"assign": "none", "delete": "restrict"})
    reasons = [
        {"value": 1, "label": "Active"},
        {"value": 2, "label": "Inactive"},
        {"label": "Laid up", "state": "inactive"},
    ]
    draft(admin, "reasons", "update", "c_boat", "status_reason", {"options": reasons})
    options = [{"value": o.value, "label": str(o.label)} for o in registry.current().option_lists["industry"]]
    draft(admin, "option_list", "update", None, "industry", {"options": [*options, {"label": "Shipping"}]})
    publishing.publish(admin.user_id, admin.name)
    role = create(registry.get("role"), {"name": "Harbour master"}, admin).id
    own = dict.fromkeys(("create", "read", "write"), 5)
    Role.objects.filter(pk=role).update(privileges={"c_boat": own}, capabilities=["bulk"])
    draft(admin, "form", "update", "c_boat", str(role), form)
    publishing.publish(admin.user_id, admin.name)
    securing.secure({f"c_boat.{names['Insured for']}": True}, admin)
    profile = {"name": "Insurers", "rights": {f"c_boat.{names['Insured for']}": ["read", "update"]}}
    securing.create_profile(profile, admin)
    sign = [{"attribute": names["Call sign"]}]
    editing.create({"name": "Same call sign", "base_object": "c_boat", "conditions": sign}, admin)
    return names


def everything() -> Rows:
    """All components of the workspace that are not as delivered everywhere."""
    return [k.as_json() for k in sorted(catalogue.definitions()) if not k.name.startswith("@")]


def packed(admin: Actor, components: Rows, *, managed: bool = False, version: str = "1.0") -> bytes:
    """A package of these components."""
    from crm_core.exchange.models import Solution

    held = Solution.objects.filter(name="harbour").first()
    values = {"label": "Harbour", "version": version, "components": components}
    row = (
        solutions.change(held.pk, values, admin)
        if held
        else solutions.create({"name": "harbour", **values}, admin)
    )
    return solutions.export(row.pk, managed, admin)[0]


def content_of(package: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        found: dict[str, Any] = json.loads(source.read("solution.json"))
        return found


def repacked(content: Any, *, name: str = "solution.json", raw: bytes | None = None) -> bytes:
    """A package of any content."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr(name, json.dumps(content) if raw is None else raw)
    return found.getvalue()


def state() -> tuple[Any, ...]:
    """Everything a solution could change, to compare before and after."""
    rows = sorted(map(str, FieldSecurityProfile.objects.values_list("name", "rights")))
    return publishing.published(), catalogue.definitions(), rows
