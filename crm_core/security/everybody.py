"""Everybody who works here with his rights, read at once: who has access to a record (CUS-13 Visible).

It answers as `actor.load_actor` does for one person, with the same number of statements however many there are.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crm_core.metadata import workspace
from crm_core.metadata.hierarchy import MAX_DEPTH
from crm_core.security.actor import Actor, united
from crm_core.security.models import BusinessUnit, RoleAssignment, SystemUser, TeamMember


@dataclass(frozen=True)
class Grant:
    """A role a person has, himself or through a team; `reach` carries only this role's privileges."""

    role: str
    team: str | None
    reach: Actor


@dataclass(frozen=True)
class Person:
    """Somebody with the rights that say what he reads, and the roles behind them, his own first."""

    actor: Actor
    grants: tuple[Grant, ...]


class _Tree:
    """Who hangs under whom; deleted ones end a branch, as in `metadata.hierarchy`."""

    def __init__(self, rows: Iterable[tuple[uuid.UUID, uuid.UUID | None, Any]]):
        self.children: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
        for identifier, parent, deleted_at in rows:
            if parent is not None and deleted_at is None:
                self.children[parent].append(identifier)
        self._known: dict[tuple[uuid.UUID, int], frozenset[uuid.UUID]] = {}

    def below(self, root: uuid.UUID, levels: int) -> frozenset[uuid.UUID]:
        """`root` and what hangs under it within so many levels."""
        if (root, levels) not in self._known:
            found, edge = {root}, [root]
            for _level in range(levels):
                edge = [c for parent in edge for c in self.children.get(parent, ()) if c not in found]
                found.update(edge)
            self._known[root, levels] = frozenset(found)
        return self._known[root, levels]


def everybody() -> list[Person]:
    """Active people with at least one role, by name. Five statements."""
    users = list(
        SystemUser.objects.order_by("full_name", "pk").values_list(
            "pk", "full_name", "business_unit_id", "manager_id", "deleted_at", "state", "principal__is_active", "business_unit__state"
        )
    )  # fmt: skip
    units = _Tree(BusinessUnit.objects.values_list("pk", "parent_id", "deleted_at"))
    levels = workspace.current().manager_depth
    reports = _Tree((u[0], u[3], u[4]) for u in users if levels)
    teams: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    members = TeamMember.objects.filter(team__deleted_at=None, team__state="active")
    for user_id, team_id in members.values_list("user_id", "team_id"):
        teams[user_id].append(team_id)
    granted, kinds = _granted()
    found = []
    for user_id, name, unit_id, _manager, deleted_at, state, active, unit_state in users:
        mine = tuple(teams[user_id])
        grants = _of_person((user_id, *mine), granted)
        if (
            deleted_at is not None
            or state != "active"
            or not active
            or unit_state == "inactive"
            or not grants
        ):
            continue
        actor = Actor(
            user_id=user_id,
            name=name,
            team_ids=mine,
            unit_id=unit_id,
            unit_ids=tuple(units.below(unit_id, MAX_DEPTH)) if unit_id else (),
            report_ids=tuple(sorted(reports.below(user_id, levels) - {user_id})) if levels else (),
            is_administrator=any(g.reach.is_administrator for g in grants),
            depths=kinds.of(grants),
        )
        found.append(Person(actor, grants))
    return found


class _Unions:
    """The privileges of several roles together: most people have one of few combinations."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], dict[str, dict[str, int]]] = {}

    def of(self, grants: Collection[Grant]) -> dict[str, dict[str, int]]:
        key = tuple(sorted({id(g.reach) for g in grants}))
        if key not in self._known:
            self._known[key] = united(list({id(g.reach): g.reach.depths for g in grants}.values()))
        return self._known[key]


def _granted() -> tuple[Mapping[uuid.UUID, list[Grant]], _Unions]:
    """The live roles of each principal."""
    rows = RoleAssignment.objects.filter(role__deleted_at=None, role__state="active")
    reaches: dict[uuid.UUID, Actor] = {}
    found: dict[uuid.UUID, list[Grant]] = defaultdict(list)
    for row in rows.select_related("role", "principal").order_by("role__name"):
        reach = reaches.setdefault(
            row.role_id,
            Actor(user_id=None, is_administrator=row.role.is_administrator, depths=row.role.privileges),
        )
        team = row.principal.name if row.principal.kind == "team" else None
        found[row.principal_id].append(Grant(row.role.name, team, reach))
    return found, _Unions()


def _of_person(
    principals: Iterable[uuid.UUID], granted: Mapping[uuid.UUID, list[Grant]]
) -> tuple[Grant, ...]:
    grants = [grant for principal in principals for grant in granted.get(principal, ())]
    return tuple(sorted(grants, key=lambda g: (g.team is not None, g.role)))
