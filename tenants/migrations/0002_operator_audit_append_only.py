"""Rows of the operators' audit can't be changed or removed, not even by our own code (ASP-30)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION tenants_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'tenants_operator_audit is append-only';
END $$;
CREATE TRIGGER tenants_operator_audit_append_only
    BEFORE UPDATE OR DELETE ON tenants_operator_audit
    FOR EACH ROW EXECUTE FUNCTION tenants_audit_is_append_only();
"""
BACKWARD = """
DROP TRIGGER tenants_operator_audit_append_only ON tenants_operator_audit;
DROP FUNCTION tenants_audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
