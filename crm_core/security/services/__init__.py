"""People and base data: creating users, teams and the delivered roles."""

from crm_core.security.services.people import (
    create_system_user,
    disable_user,
    enable_user,
    give_login,
    rename_principal,
)
from crm_core.security.services.seeding import seed_security

__all__ = [
    "create_system_user",
    "disable_user",
    "enable_user",
    "give_login",
    "rename_principal",
    "seed_security",
]
