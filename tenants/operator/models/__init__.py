"""Who operates this installation. Tables exist in schema public only."""

from tenants.operator.models.approval import Approval
from tenants.operator.models.operator import Capability, Operator, Role

__all__ = ["Approval", "Capability", "Operator", "Role"]
