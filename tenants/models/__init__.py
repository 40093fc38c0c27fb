"""Control data, in schema public only. Nothing in a workspace schema points here with a foreign key."""

from tenants.models.audit import OperatorAudit
from tenants.models.domain import Domain
from tenants.models.migration import SchemaMigrationRun, TenantMigration
from tenants.models.pool import PoolSchema, TemplateSchema
from tenants.models.provisioning import Provisioning, ProvisioningStep
from tenants.models.sweep import SweepRun
from tenants.models.tenant import Tenant, TenantState

__all__ = [
    "Domain",
    "OperatorAudit",
    "PoolSchema",
    "Provisioning",
    "ProvisioningStep",
    "SchemaMigrationRun",
    "SweepRun",
    "TemplateSchema",
    "Tenant",
    "TenantMigration",
    "TenantState",
]
