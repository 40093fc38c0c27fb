"""Privileges and how far they reach (PLT-40)."""

from __future__ import annotations

from enum import IntEnum


class Depth(IntEnum):
    """How far a privilege reaches; a higher depth includes the lower ones."""

    NONE = 0
    OWN = 1
    TEAM = 2
    UNIT = 3
    UNIT_AND_CHILDREN = 4
    ORGANISATION = 5


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
