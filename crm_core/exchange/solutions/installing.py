"""Importing a package as one step, rolling an import back, uninstalling: all of it or nothing (PLT-12, AC-26)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm_core.exchange.models import Solution, SolutionImport
from crm_core.exchange.solutions import catalogue, package, planning, removing
from crm_core.exchange.solutions.row_kinds import row_kinds
from crm_core.metadata import registry, workspace
from crm_core.metadata.customization import locks, publishing
from crm_core.metadata.customization.components import BODY_KINDS, Definition, Key, changed_body
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, NotFound, PlanLimit
from crm_core.metadata.models import Organization
from crm_core.records import audit
from crm_core.security.actor import Actor

ROLL_BACK_DAYS = 30
Changes = dict[Key, Definition | None]


def preview(content: bytes, decisions: Any, actor: Actor) -> dict[str, Any]:
    """What importing the file would do. Raises Forbidden, Malformed and Invalid for files that are no packages."""
    actor.require("customize")
    found = package.opened(content)
    with transaction.atomic():
        made = planning.plan(found, planning.decisions_from(decisions, found), actor)
        return planning.plan_json(made)


@transaction.atomic
def install(content: bytes, decisions: Any, actor: Actor) -> SolutionImport:
    """Take over a package: everything is checked, published and noted in one transaction.

    Raises Invalid `solution.missing_dependency` and `solution.invalid_component`, Conflict `solution.conflict` for
    components somebody must decide about, and what `package.opened` raises; then nothing has changed.
    """
    actor.require("customize")
    found = package.opened(content)
    Organization.objects.select_for_update().get(pk=1)  # one customizer at a time
    workspace.begin()
    held = Solution.objects.filter(name=found.name).first()
    if held is not None and held.managed != found.managed:
        raise Conflict(
            "solution.other_kind", "This solution is here already, managed otherwise.", field="managed"
        )
    made = planning.plan(found, planning.decisions_from(decisions, found), actor)
    _refuse(made)
    before_row = _row_json(held)
    changes = made.taken()
    version_before = publishing.published()[0]
    summary = f"Solution {found.label} {found.version}"
    _put(dict(changes), summary, actor)
    now = catalogue.definitions()
    changed = [
        {**key.as_json(), "before": made.now.get(key), "after": now.get(key)} for key in sorted(changes)
    ]
    _keep_row(held, found, made, now)
    noted = SolutionImport.objects.create(
        solution_name=found.name, label=found.label, version=found.version, managed=found.managed, changes=changed,
        solution_before=before_row, version_before=version_before, version_after=publishing.published()[0],
        imported_by=actor.user_id, imported_by_name=actor.name,
    )  # fmt: skip
    old = held.version if before_row else None
    audit.note(
        actor,
        "solution",
        "import",
        {"version": [old, found.version], "components": [None, len(changed)]},
        noted.pk,
    )
    return noted


def _refuse(made: planning.Plan) -> None:
    if missing := made.with_outcome("missing"):
        rows = [{**s.key.as_json(), "needs": s.needs} for s in missing[:200]]
        raise Invalid(
            "solution.missing_dependency",
            f"The package needs what is not here: {', '.join(missing[0].needs[:5])}.",
            field=f"components.{missing[0].index}",
            details={"missing": rows},
        )
    for step in made.with_outcome("invalid"):
        error = step.problem or Invalid("metadata.definition")
        if isinstance(error, Forbidden | PlanLimit):
            raise error
        path = f"components.{step.index}.{'definition.' if error.field not in ('name', 'kind', 'object') else ''}"
        details = {**step.key.as_json(), "code": error.code}
        raise Invalid(
            "solution.invalid_component",
            error.message,
            field=f"{path}{error.field or ''}"[:200],
            details=details,
        )
    if conflicts := made.with_outcome("conflict"):
        undecided: list[dict[str, Any]] = [
            {
                **s.key.as_json(),
                "replaceable": s.problem is None,
                "code": s.problem.code if s.problem else None,
            }
            for s in conflicts[:200]
        ]
        raise Conflict("solution.conflict", "Decide what to do with components that are here in another form.",
                       field=f"components.{conflicts[0].index}", details={"conflicts": undecided})  # fmt: skip
    for key, error in made.problems:
        raise Conflict("solution.breaks", error.message, details={**key.as_json(), "code": error.code})


def _put(changes: Changes, summary: str, actor: Actor, *, exactly: dict[str, Any] | None = None) -> None:
    """Write components, None removes; `exactly` is the whole body when it is known what it must be."""
    with locks.lifted():
        _write(changes, summary, actor, exactly)


def _write(changes: Changes, summary: str, actor: Actor, exactly: dict[str, Any] | None) -> None:
    kinds = row_kinds()
    # while the roles are still there that forms are named after
    here = {catalogue.local(key): d for key, d in changes.items() if key.kind in BODY_KINDS}
    for key, definition in changes.items():
        if definition is None and key.kind in kinds:
            kinds[key.kind].remove(key, actor)
    waiting = {
        key: d for key, d in here.items() if key.kind == "form" and key.name.startswith(catalogue.ROLE_FORM)
    }
    _publish({k: d for k, d in here.items() if k not in waiting}, summary, actor, exactly)
    for kind in kinds.values():
        for key, definition in changes.items():
            if definition is not None and key.kind == kind.kind:
                kind.save(key, definition, actor)
    if waiting and exactly is None:  # forms of roles that have come into being by now
        _publish({catalogue.local(k): d for k, d in waiting.items()}, summary, actor, None)


def _publish(changes: Changes, summary: str, actor: Actor, exactly: dict[str, Any] | None) -> None:
    old = publishing.published()[1]
    body = changed_body(old, changes) if exactly is None else exactly
    if body != old:
        publishing.publish_body(body, [summary], actor.user_id, actor.name)


def _keep_row(
    held: Solution | None, found: package.Package, made: planning.Plan, now: Mapping[Key, Definition]
) -> None:
    """The solution's row after an import; what a component was before stays from the first import on."""
    earlier = {package.key_from(r, "installed"): r for r in held.installed} if held else {}
    for step in made.with_outcome("add", "change"):
        first = earlier.get(step.key)
        before = first["before"] if first else made.now.get(step.key)
        earlier[step.key] = {**step.key.as_json(), "before": before, "after": now.get(step.key)}
    row = held or Solution(name=found.name)
    row.label, row.version, row.description, row.managed = (
        found.label,
        found.version,
        found.description,
        found.managed,
    )
    locked = found.locked if found.managed else frozenset()
    row.components = [
        {**key.as_json(), **({"locked": True} if key in locked else {})} for key in sorted(found.components)
    ]
    row.installed = [earlier[key] for key in sorted(earlier)]
    row.save()


_ROW = ("name", "label", "version", "description", "managed", "components", "installed")


def _row_json(row: Solution | None) -> dict[str, Any] | None:
    return {name: getattr(row, name) for name in _ROW} if row else None


@transaction.atomic
def roll_back(import_id: uuid.UUID, actor: Actor) -> SolutionImport:
    """Put everything back as it was before an import of the last 30 days; what others changed since stays.

    Raises NotFound, Conflict `solution.too_late`, `solution.changed_since` and `solution.in_use` with lists.
    """
    actor.require("customize")
    Organization.objects.select_for_update().get(pk=1)
    workspace.begin()
    noted = SolutionImport.objects.select_for_update().filter(pk=import_id).first()
    if noted is None:
        raise NotFound("solution.unknown_import", "There is no such import.")
    if not can_roll_back(noted):
        raise Conflict("solution.too_late", f"Imports can be rolled back once and for {ROLL_BACK_DAYS} days.")
    now = catalogue.definitions()
    rows = {package.key_from(r, "changes"): r for r in noted.changes}
    _require_kinds(rows, actor)
    since = [key for key, row in rows.items() if now.get(key) != row["after"]]
    if since:
        details = {
            "components": [
                catalogue.as_json(k, now.get(k, {}), registry.current().entities) for k in since[:200]
            ]
        }
        raise Conflict("solution.changed_since", "Some of it was changed since.", details=details)
    changes: Changes = {key: row["before"] for key, row in rows.items()}
    removing.refuse_loss(changes, now)
    exactly = (
        publishing.body_of(noted.version_before) if publishing.published()[0] == noted.version_after else None
    )
    _put(changes, f"Solution {noted.label} {noted.version} rolled back", actor, exactly=exactly)
    Solution.objects.filter(name=noted.solution_name).delete()
    if noted.solution_before is not None:
        Solution.objects.create(**noted.solution_before)
    noted.rolled_back_at = timezone.now()
    noted.save(update_fields=["rolled_back_at"])
    audit.note(actor, "solution", "roll_back", {"version": [noted.version, None]}, noted.pk)
    return noted


def can_roll_back(noted: SolutionImport) -> bool:
    """Whether it is neither rolled back nor too old."""
    return noted.rolled_back_at is None and noted.imported_at > timezone.now() - timedelta(
        days=ROLL_BACK_DAYS
    )


@transaction.atomic
def uninstall(solution_id: uuid.UUID, actor: Actor) -> None:
    """Take a managed solution out again: what it added goes, what it changed is as before.

    Raises NotFound, Conflict `solution.not_managed`, `solution.in_use` with the list of what would be lost.
    """
    actor.require("customize")
    Organization.objects.select_for_update().get(pk=1)
    workspace.begin()
    row = Solution.objects.select_for_update().filter(pk=solution_id).first()
    if row is None:
        raise NotFound("solution.unknown", "There is no such solution.")
    if not row.managed:
        raise Conflict("solution.not_managed", "Only managed solutions are uninstalled.")
    now = catalogue.definitions()
    brought = {package.key_from(r, "installed"): r for r in row.installed}
    _require_kinds(brought, actor)
    shared = _of_others(row)
    changes: Changes = {}
    for key, brought_row in brought.items():
        if key in shared or key not in now or now[key] == brought_row["before"]:
            continue
        if brought_row["before"] is None or now[key] == brought_row["after"]:
            changes[key] = brought_row["before"]
    removing.refuse_loss(changes, now)
    _put(changes, f"Solution {row.label} {row.version} uninstalled", actor)
    audit.note(actor, "solution", "uninstall", {"version": [row.version, None]}, row.pk)
    row.delete()


def _of_others(row: Solution) -> set[Key]:
    """What another installed solution brought too: it stays."""
    others = Solution.objects.exclude(pk=row.pk).values_list("components", flat=True)
    return {package.key_from(c, "components") for listed in others for c in listed}


def _require_kinds(keys: Mapping[Key, Any], actor: Actor) -> None:
    for kind in {k.kind for k in keys} & set(row_kinds()):
        actor.require(row_kinds()[kind].requires)
