"""What importing a package would do, component by component, without changing anything (PLT-12)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_core.exchange.models import Solution
from crm_core.exchange.solutions import catalogue
from crm_core.exchange.solutions.package import Package, key_from
from crm_core.exchange.solutions.row_kinds import row_kinds
from crm_core.metadata import plan_limits, registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.customization.carrying import place_checked
from crm_core.metadata.customization.components import BODY_KINDS, Definition, Key, Names, components
from crm_core.metadata.errors import Conflict, CrmError, Forbidden, Invalid, Malformed
from crm_core.security.actor import Actor

DECISIONS = ("replace", "keep")


@dataclass
class Step:
    """One component of the package. `outcome` is add, same, change, conflict, keep, missing or invalid.

    A change is a component that is here as the last import of this solution left it; a conflict one that somebody
    else made or changed. `problem` says why it cannot be taken over.
    """

    key: Key
    index: int
    outcome: str = "invalid"
    definition: Definition | None = None
    problem: CrmError | None = None
    needs: list[str] = field(default_factory=list)


@dataclass
class Plan:
    package: Package
    steps: list[Step]
    now: dict[Key, Definition]
    body: dict[str, Any]
    #: what would no longer work of what is here
    problems: list[tuple[Key, CrmError]]

    def with_outcome(self, *outcomes: str) -> list[Step]:
        return [s for s in self.steps if s.outcome in outcomes]

    def taken(self) -> dict[Key, Definition]:
        """What would be written."""
        return {s.key: s.definition for s in self.with_outcome("add", "change") if s.definition is not None}


def plan(package: Package, decisions: Mapping[Key, str], actor: Actor) -> Plan:
    """Look at every component against what is here. `decisions` say of conflicts replace or keep."""
    now = catalogue.definitions()
    body = copy.deepcopy(publishing.published()[1])
    steps = [Step(key, index) for index, key in enumerate(package.components)]
    _find_missing(package, steps, now)
    _check_kinds(steps, actor)
    chosen = {
        s.key: package.components[s.key]
        for s in steps
        if s.outcome != "missing"
        and s.problem is None
        and not (decisions.get(s.key) == "keep" and s.key in now)
    }
    in_body = {k: d for k, d in chosen.items() if k.kind in BODY_KINDS}
    before = {k: d for k, d in now.items() if k.kind in BODY_KINDS}
    problems = place_checked(body, in_body, before)
    cleaned = components(body)
    with registry.trying(body):
        for key in (k for k in chosen if k.kind not in BODY_KINDS):
            try:
                cleaned[key] = row_kinds()[key.kind].check(key, chosen[key], actor)
            except CrmError as error:
                problems[key] = error
    brought, locked = _brought(package.name), _locked_by_others(package.name)
    for step in steps:
        if step.outcome != "missing":
            _judge(step, now, cleaned, problems, brought, decisions.get(step.key), locked)
    _refuse_beyond_plan(steps)
    own = {s.key for s in steps}
    return Plan(package, steps, now, body, [(k, e) for k, e in problems.items() if k not in own])


def _refuse_beyond_plan(steps: list[Step]) -> None:
    """Own objects the plan has no room for, in the order of the package."""
    body = publishing.published()[1]
    for step in [s for s in steps if s.key.kind == "object" and s.outcome == "add"]:
        grown = {"objects": {**body.get("objects", {}), step.key.name: {}}}
        try:
            plan_limits.require_custom_objects(body, grown)
            body = grown
        except CrmError as error:
            step.outcome, step.problem = "invalid", error


def _find_missing(package: Package, steps: list[Step], now: Mapping[Key, Definition]) -> None:
    """A component is missing something when it refers to an object, field or role neither here nor in the package."""
    known = {**now, **package.components}
    names, objects = Names(known), registry.current().entities
    made = {k.name for k in known if k.kind == "object"} | set(objects)
    for step in steps:
        definition = package.components[step.key]
        _found, unknown = catalogue.needs(step.key, definition, names, known)
        if step.key.object and step.key.object not in made:
            unknown.add(step.key.object)
        targets = definition.get("targets") if step.key.kind == "attribute" else None
        unknown |= (
            {t for t in targets if isinstance(t, str) and t not in made}
            if isinstance(targets, list)
            else set()
        )
        if unknown:
            step.outcome, step.needs = "missing", sorted(unknown)


def _check_kinds(steps: list[Step], actor: Actor) -> None:
    for step in steps:
        kind = row_kinds().get(step.key.kind)
        if not catalogue.is_known_kind(step.key.kind):
            step.problem = Invalid(
                "solution.unknown_kind", "This version does not know this kind.", field="kind"
            )
        elif kind is not None and not actor.can(kind.requires):
            details = {"privilege": kind.requires}
            step.problem = Forbidden(
                "privilege.missing", "You do not have the right to do this.", details=details
            )


def _brought(name: str) -> dict[Key, Definition]:
    row = Solution.objects.filter(name=name).first()
    return {key_from(r, "installed"): r["after"] for r in row.installed} if row else {}


def _locked_by_others(name: str) -> dict[Key, str]:
    """Components another managed solution brought and does not let change."""
    return {
        key_from(c, "components"): row.label
        for row in Solution.objects.filter(managed=True).exclude(name=name)
        for c in row.components
        if c.get("locked")
    }


def _judge(
    step: Step,
    now: Mapping[Key, Definition],
    cleaned: Mapping[Key, Definition],
    problems: Mapping[Key, CrmError],
    brought: Mapping[Key, Definition],
    decision: str | None,
    locked: Mapping[Key, str],
) -> None:
    held = now.get(step.key)
    if decision == "keep" and held is not None:
        step.outcome = "keep"
        return
    step.problem = step.problem or problems.get(step.key)
    if step.problem is not None:
        step.outcome = "conflict" if held is not None else "invalid"
        return
    step.definition = cleaned[step.key]
    if held is not None and held != step.definition and (owner := locked.get(step.key)) is not None:
        step.outcome, step.problem = (
            "conflict",
            Conflict("solution.locked", f"The solution “{owner}” does not let it be changed."),
        )
    elif held is None:
        step.outcome = "add"
    elif held == step.definition:
        step.outcome = "same"
    elif brought.get(step.key) == held or decision == "replace":
        step.outcome = "change"
    else:
        step.outcome = "conflict"


def decisions_from(raw: Any, package: Package) -> dict[Key, str]:
    """`[{"kind", "object", "name", "decision"}]`. Raises Malformed for anything else."""
    if not isinstance(raw, list) or len(raw) > len(package.components):
        raise Malformed("solution.decisions", "Decisions are a list.", field="decisions")
    found: dict[Key, str] = {}
    for index, row in enumerate(raw):
        path = f"decisions.{index}"
        if not isinstance(row, dict) or row.get("decision") not in DECISIONS:
            raise Malformed("solution.decisions", "A decision is replace or keep.", field=path)
        key = key_from(row, path)
        if key not in package.components:
            raise Malformed("solution.decisions", "The package holds no such component.", field=path)
        found[key] = row["decision"]
    return found


def plan_json(found: Plan) -> dict[str, Any]:
    """The preview as clients see it."""
    held = Solution.objects.filter(name=found.package.name).first()
    with registry.trying(found.body) as tried:
        rows = [_step_json(s, found, tried.entities) for s in found.steps]
        problems = [
            {**catalogue.as_json(k, found.now.get(k, {}), tried.entities), "problem": e.as_dict()}
            for k, e in found.problems
        ]
    package = found.package
    return {
        "solution": {
            "name": package.name, "label": package.label, "version": package.version,
            "description": package.description, "managed": package.managed,
            "installed_version": held.version if held else None,
        },
        "components": rows,
        "problems": problems,
        "counts": {o: sum(s.outcome == o for s in found.steps) for o in OUTCOMES},
    }  # fmt: skip


OUTCOMES = ("add", "change", "same", "conflict", "keep", "missing", "invalid")


def _step_json(step: Step, found: Plan, entities: Mapping[str, Any]) -> dict[str, Any]:
    definition = step.definition or found.package.components[step.key]
    held = found.now.get(step.key)
    parts: list[str] = []
    if held is not None and step.outcome in ("change", "conflict") and isinstance(definition, dict):
        parts = sorted(k for k in {*held, *definition} if held.get(k) != definition.get(k))
    return {
        **catalogue.as_json(step.key, definition, entities),
        "outcome": step.outcome,
        "parts": [p[:60] for p in parts[:30]],
        "needs": step.needs,
        "problem": step.problem.as_dict() if step.problem else None,
    }
