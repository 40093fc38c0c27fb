"""The workspace's solutions: what is in them, making and changing own ones, writing them to a file (PLT-12)."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from crm_core.exchange.models import Solution, SolutionImport
from crm_core.exchange.solutions import catalogue, installing, package
from crm_core.exchange.solutions.row_kinds import row_kinds
from crm_core.metadata import registry
from crm_core.metadata.customization.components import Key, Names
from crm_core.metadata.errors import Conflict, Invalid, Malformed, NotFound
from crm_core.metadata.models import Organization
from crm_core.records import audit
from crm_core.security.actor import Actor

KEYS = {"name", "label", "version", "description", "components"}
MAX_SOLUTIONS = 200
SHOWN_IMPORTS = 50


def listed(actor: Actor) -> dict[str, Any]:
    """All solutions and the imports of late. Raises Forbidden without the right to customize."""
    actor.require("customize")
    here = catalogue.definitions()
    rows = list(Solution.objects.all())
    names = {row.name for row in rows}
    return {
        "rows": [solution_json(row, here) for row in rows],
        "imports": [import_json(row, names) for row in SolutionImport.objects.all()[:SHOWN_IMPORTS]],
    }


def solution_json(row: Solution, here: Mapping[Key, Any]) -> dict[str, Any]:
    """A solution with its components; `gone` says of one that it is not here any more."""
    entities = registry.current().entities
    keys = [(package.key_from(c, "components"), c.get("locked") is True) for c in row.components]
    return {
        "id": str(row.pk), "name": row.name, "label": row.label, "version": row.version, "description": row.description,
        "managed": row.managed, "imported": bool(row.installed), "changed_at": _time(row.changed_at),
        "components": [{**catalogue.as_json(k, here.get(k, {}), entities), "gone": k not in here, "locked": on} for k, on in keys],
    }  # fmt: skip


def import_json(row: SolutionImport, here: Collection[str] | None = None) -> dict[str, Any]:
    """An import; one whose solution is not among those `here`, such as an uninstalled one, has nothing left to roll back."""
    left = here is None or row.solution_name in here
    return {
        "id": str(row.pk), "name": row.solution_name, "label": row.label, "version": row.version, "managed": row.managed,
        "imported_at": _time(row.imported_at), "by": row.imported_by_name, "changes": len(row.changes),
        "rolled_back_at": _time(row.rolled_back_at), "can_roll_back": left and installing.can_roll_back(row),
    }  # fmt: skip


def _time(moment: Any) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def find(solution_id: uuid.UUID) -> Solution:
    """Raises NotFound `solution.unknown`."""
    row = Solution.objects.filter(pk=solution_id).first()
    if row is None:
        raise NotFound("solution.unknown", "There is no such solution.")
    return row


@transaction.atomic
def create(values: Mapping[str, Any], actor: Actor) -> Solution:
    """A solution of own components. Raises Forbidden, Invalid, Malformed, Conflict `value.not_unique`."""
    actor.require("customize")
    Organization.objects.select_for_update().get(pk=1)
    if Solution.objects.count() >= MAX_SOLUTIONS:
        raise Conflict("solution.too_many", f"At most {MAX_SOLUTIONS} solutions.")
    given = {"version": "1.0", "description": "", **values}
    if not given.get("name") and isinstance(given.get("label"), str):
        given["name"] = name_from(given["label"])
    facts = package.checked_facts({k: v for k, v in given.items() if k != "components"})
    if Solution.objects.filter(name=facts["name"]).exists():
        raise Conflict("value.not_unique", "There is a solution of this name already.", field="label")
    row = Solution(**facts, components=_components(given.get("components") or [], set()))
    row.save(force_insert=True)
    audit.note(actor, "solution", "create", {"label": [None, row.label]}, row.pk)
    return row


@transaction.atomic
def change(solution_id: uuid.UUID, values: Mapping[str, Any], actor: Actor) -> Solution:
    """Change an own solution; its name stays, other workspaces know it by that.

    Raises Forbidden, NotFound, Invalid, Conflict `solution.is_managed`.
    """
    actor.require("customize")
    row = Solution.objects.select_for_update().filter(pk=solution_id).first()
    if row is None:
        raise NotFound("solution.unknown", "There is no such solution.")
    if row.managed:
        raise Conflict("solution.is_managed", "A managed solution is changed where it was made.")
    held = {k: getattr(row, k) for k in ("name", "label", "version", "description")}
    given = {k: v for k, v in values.items() if k != "components"}
    if given.get("name", row.name) != row.name:
        raise Invalid("solution.name", "The name of a solution stays.", field="name")
    for key, value in package.checked_facts({**held, **given}).items():
        setattr(row, key, value)
    if "components" in values:
        row.components = _components(values["components"], {package.key_from(c, "") for c in row.components})
    row.save()
    audit.note(actor, "solution", "update", {"version": [held["version"], row.version]}, row.pk)
    return row


@transaction.atomic
def forget(solution_id: uuid.UUID, actor: Actor) -> None:
    """Remove an own solution; its components stay. Raises NotFound, Conflict `solution.is_managed`."""
    actor.require("customize")
    row = find(solution_id)
    if row.managed:
        raise Conflict("solution.is_managed", "A managed solution is uninstalled.")
    row.delete()
    audit.note(actor, "solution", "delete", {"label": [row.label, None]}, solution_id)


def _components(raw: Any, held: set[Key]) -> list[dict[str, Any]]:
    if not isinstance(raw, list) or len(raw) > package.MAX_COMPONENTS:
        raise Malformed(
            "solution.components", f"At most {package.MAX_COMPONENTS} components.", field="components"
        )
    here, keys, locked = catalogue.definitions(), set(), set()
    for index, row in enumerate(raw):
        path = f"components.{index}"
        if (
            not isinstance(row, dict)
            or set(row) - {"kind", "object", "name", "locked"}
            or not isinstance(row.get("locked", False), bool)
        ):
            raise Malformed(
                "solution.components", "A component has kind, object, name and locked.", field=path
            )
        key = package.key_from(row, path)
        if key not in here and key not in held:
            raise Invalid("solution.unknown_component", "There is no such component.", field=path)
        keys.add(key)
        if row.get("locked"):
            locked.add(key)
    return [component_json(key, key in locked) for key in sorted(keys)]


def component_json(key: Key, locked: bool) -> dict[str, Any]:
    """A component of a solution as it is kept; `locked` ones cannot be changed where the solution is managed."""
    return {**key.as_json(), **({"locked": True} if locked else {})}


def locked_here() -> dict[Key, str]:
    """Components managed solutions brought and do not let change, under their names in this workspace."""
    return {
        catalogue.local(package.key_from(c, "components")): row.label
        for row in Solution.objects.filter(managed=True)
        for c in row.components
        if c.get("locked")
    }


def name_from(label: str) -> str:
    """A name other workspaces can know the solution by, from its label."""
    text = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", text).strip("_")[:50]
    return name if package.NAME.fullmatch(name) else f"solution_{name}".rstrip("_")


@transaction.atomic
def export(solution_id: uuid.UUID, managed: bool, actor: Actor) -> tuple[bytes, str]:
    """The solution as a file, and the name to save it by.

    Raises Forbidden, NotFound, Conflict `solution.is_managed`, `solution.component_gone`, `solution.empty`.
    """
    actor.require("customize")
    row = find(solution_id)
    if row.managed:
        raise Conflict("solution.is_managed", "A managed solution is exported where it was made.")
    here = catalogue.definitions()
    keys = [package.key_from(c, "components") for c in row.components]
    if not keys:
        raise Conflict("solution.empty", "Choose components first.")
    if gone := [k for k in keys if k not in here]:
        details = {"components": [k.as_json() for k in gone[:100]]}
        raise Conflict(
            "solution.component_gone", "Some of its components are not here any more.", details=details
        )
    for kind in {k.kind for k in keys} & set(row_kinds()):
        actor.require(row_kinds()[kind].requires)
    chosen = {k: here[k] for k in keys}
    names = Names(here)
    needed = {n for k, d in chosen.items() for n in catalogue.needs(k, d, names, here)[0]} - set(chosen)
    locked = frozenset(k for k, c in zip(keys, row.components, strict=True) if c.get("locked"))
    found = package.Package(row.name, row.label, row.version, row.description, managed, chosen, locked)
    audit.note(
        actor, "solution", "export", {"version": [None, row.version], "managed": [None, managed]}, row.pk
    )
    return package.written(found, needed), f"{row.name}-{row.version}{'-managed' if managed else ''}.zip"
