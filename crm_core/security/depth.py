"""Privileges and how far they reach (PLT-40)."""

from __future__ import annotations

from enum import IntEnum

from crm_core.metadata.entity import BUSINESS_UNIT_OWNED, ORGANISATION_OWNED, USER_OWNED


class Depth(IntEnum):
    """How far a privilege reaches; a higher depth includes the lower ones."""

    NONE = 0
    OWN = 1
    TEAM = 2
    UNIT = 3
    UNIT_AND_CHILDREN = 4
    ORGANISATION = 5


def depths_for(ownership: str) -> tuple[Depth, ...]:
    """The depths that differ from each other on objects of this ownership: without owners there is no own record (§0.3)."""
    if ownership == ORGANISATION_OWNED:
        return (Depth.NONE, Depth.ORGANISATION)
    if ownership == BUSINESS_UNIT_OWNED:
        return (Depth.NONE, Depth.UNIT, Depth.UNIT_AND_CHILDREN, Depth.ORGANISATION)
    return tuple(Depth)


def meaning(ownership: str, depth: Depth) -> Depth:
    """How far a depth written in a role really reaches: the next one that exists for objects of this ownership."""
    if ownership == USER_OWNED or depth == Depth.NONE:
        return depth
    return next(d for d in depths_for(ownership) if d >= depth)


DEPTH_NAMES = {d: d.name.lower() for d in Depth}
DEPTH_BY_NAME = {name: d for d, name in DEPTH_NAMES.items()}
PRIVILEGES = (
    "create",
    "read",
    "write",
    "delete",
    "append",
    "append_to",
    "assign",
    "share",
    "merge",
    "export",
    "import",
)
SHARE_RIGHTS = ("read", "write", "delete", "append", "append_to", "assign", "share")
CAPABILITIES = (
    "customize", "manage_users", "manage_roles", "manage_billing", "view_audit", "bulk", "export_sensitive",
    "override_created_on", "reopen_activities", "edit_others_notes", "act_for_others", "api_access", "manage_views",
    "personal_data",
)  # fmt: skip
#: What a read-only seat leaves of them.
READING = ("read", "export")
READING_CAPABILITIES = ("view_audit", "export_sensitive", "api_access")
