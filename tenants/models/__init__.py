"""Control data, in schema public only. Nothing in a workspace schema points here with a foreign key."""

from tenants.models.announcement import Announcement, AnnouncementCopy, AnnouncementOptOut
from tenants.models.audit import OperatorAudit
from tenants.models.backup import Backup
from tenants.models.custom_domain import CustomDomain
from tenants.models.deletion import Deletion
from tenants.models.domain import Domain
from tenants.models.figure import FigureDay
from tenants.models.migration import SchemaMigrationRun, TenantMigration
from tenants.models.notice import OwnerNotice
from tenants.models.operation import Operation
from tenants.models.pool import PoolSchema, PoolTarget, TemplateSchema
from tenants.models.provisioning import Provisioning, ProvisioningStep
from tenants.models.support import SupportEvent, SupportGrant
from tenants.models.sweep import SweepRun
from tenants.models.tenant import Tenant, TenantState
from tenants.models.traffic import SlowStatement, Traffic

__all__ = [
    "Announcement",
    "AnnouncementCopy",
    "AnnouncementOptOut",
    "Backup",
    "CustomDomain",
    "Deletion",
    "Domain",
    "FigureDay",
    "Operation",
    "OperatorAudit",
    "OwnerNotice",
    "PoolSchema",
    "PoolTarget",
    "Provisioning",
    "ProvisioningStep",
    "SchemaMigrationRun",
    "SlowStatement",
    "SupportEvent",
    "SupportGrant",
    "SweepRun",
    "TemplateSchema",
    "Tenant",
    "TenantMigration",
    "TenantState",
    "Traffic",
]
