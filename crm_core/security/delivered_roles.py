"""The seventeen delivered roles (PLT-40): one row each, depth by letter — n none, o own, t team, u unit, c unit and children, a all."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from crm_core.security.depth import PRIVILEGES, Depth

_LETTER = dict(zip("notuca", Depth, strict=True))


def _row(
    create: str, read: str, write: str, delete: str, assign: str, share: str, bulk: str = ""
) -> dict[str, int]:
    """Privileges of one group; append follows write, append_to follows read, merge, import and export by `bulk`."""
    letters = {"create": create, "read": read, "write": write, "delete": delete, "append": write, "append_to": read,
               "assign": assign, "share": share, "merge": write if "m" in bulk else "n",
               "export": read if "x" in bulk else "n", "import": create if "i" in bulk else "n"}  # fmt: skip
    return {p: int(_LETTER[letters[p]]) for p in PRIVILEGES}


_READ_ALL = _row("n", "a", "n", "n", "n", "n")
_NOTHING = _row("n", "n", "n", "n", "n", "n")
_ADMINISTRATION = {"@administration": _READ_ALL}
_CATALOGUE = {"@catalogue": _READ_ALL}


def _working(
    customers: dict, sales: dict, activities: dict, marketing: dict = _NOTHING
) -> dict[str, dict[str, int]]:
    return {
        "*": _NOTHING,
        "@customers": customers,
        "@sales": sales,
        "@activities": activities,
        "@marketing": marketing,
        **_ADMINISTRATION,
        **_CATALOGUE,
    }


_SELLER = _row("u", "u", "u", "o", "o", "o", "mxi")
_SALES_LEAD = _row("c", "c", "c", "c", "c", "c", "mxi")
_TOP = _row("a", "a", "a", "a", "a", "a", "mxi")
_OWN_WORK = _row("u", "u", "o", "o", "o", "o", "x")
_LOOKING = _row("n", "a", "n", "n", "n", "n", "x")
_OWN_LISTS = _row("u", "u", "o", "o", "o", "o", "xi")

# key, name, administrator, privileges, capabilities
ROLES: tuple[tuple[str, str, bool, dict, tuple[str, ...]], ...] = (
    ("system_administrator", _("System administrator"), True, {"*": _TOP}, ()),
    ("system_customizer", _("System customizer"), False, _working(_LOOKING, _LOOKING, _OWN_WORK, _LOOKING), ("customize", "manage_views", "api_access")),
    ("executive", _("Executive"), False, _working(_LOOKING, _LOOKING, _OWN_WORK, _LOOKING), ()),
    ("sales_vp", _("Sales VP"), False, _working(_TOP, _TOP, _TOP, _TOP) | {"@catalogue": _TOP}, ("bulk", "reopen_activities", "manage_views", "api_access")),
    ("sales_manager", _("Sales manager"), False, _working(_SALES_LEAD, _SALES_LEAD, _SALES_LEAD, _SALES_LEAD), ("bulk", "reopen_activities", "manage_views")),
    ("salesperson", _("Salesperson"), False, _working(_SELLER, _SELLER, _SELLER, _OWN_LISTS), ("bulk",)),
    ("marketing_manager", _("Marketing manager"), False, _working(_SALES_LEAD, _row("c", "c", "o", "o", "o", "o", "xi"), _SELLER, _SALES_LEAD), ("bulk", "manage_views")),
    ("marketing_user", _("Marketing user"), False, _working(_SELLER, _row("u", "u", "o", "o", "o", "o", "xi"), _SELLER, _SELLER), ()),
    ("customer_service_manager", _("Customer service manager"), False, _working(_SALES_LEAD, _READ_ALL, _SALES_LEAD, _READ_ALL), ("bulk", "reopen_activities", "manage_views")),
    ("customer_service_representative", _("Customer service representative"), False, _working(_row("a", "a", "a", "n", "n", "o"), _READ_ALL, _SELLER, _READ_ALL), ()),
    ("schedule_manager", _("Schedule manager"), False, _working(_READ_ALL, _NOTHING, _SALES_LEAD), ()),
    ("scheduler", _("Scheduler"), False, _working(_READ_ALL, _NOTHING, _SELLER), ()),
    ("technician", _("Technician"), False, _working(_READ_ALL, _NOTHING, _OWN_WORK), ()),
    ("knowledge_manager", _("Knowledge manager"), False, _working(_READ_ALL, _NOTHING, _OWN_WORK), ()),
    ("read_only", _("Read-only"), False, _working(_READ_ALL, _READ_ALL, _READ_ALL, _READ_ALL), ()),
    ("portal_customer", _("Portal customer"), False, {"*": _NOTHING}, ()),
    ("partner", _("Partner"), False, {"*": _NOTHING, "@customers": _row("o", "o", "o", "n", "n", "n"), "@sales": _row("o", "o", "o", "n", "n", "n")}, ()),
)  # fmt: skip
