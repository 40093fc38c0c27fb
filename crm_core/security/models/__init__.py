from crm_core.security.models.people import BusinessUnit, Principal, SystemUser, Team, TeamMember
from crm_core.security.models.rights import FieldSecurityProfile, Role, RoleAssignment, Share

__all__ = [
    "BusinessUnit",
    "FieldSecurityProfile",
    "Principal",
    "Role",
    "RoleAssignment",
    "Share",
    "SystemUser",
    "Team",
    "TeamMember",
]
