"""TRUNCATE passes row triggers: a statement trigger refuses it for the operators' audit too (ASP-30)."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER tenants_operator_audit_not_truncated
    BEFORE TRUNCATE ON tenants_operator_audit
    FOR EACH STATEMENT EXECUTE FUNCTION tenants_audit_is_append_only();
"""
BACKWARD = "DROP TRIGGER tenants_operator_audit_not_truncated ON tenants_operator_audit;"


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_operations")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
