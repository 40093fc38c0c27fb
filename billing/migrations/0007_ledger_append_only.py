"""Entries of the customers' accounts can't be changed or removed, not even by our own code."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION billing_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'billing_ledger_entry is append-only';
END $$;
CREATE TRIGGER billing_ledger_append_only
    BEFORE UPDATE OR DELETE ON billing_ledger_entry
    FOR EACH ROW EXECUTE FUNCTION billing_ledger_is_append_only();
CREATE TRIGGER billing_ledger_not_truncated
    BEFORE TRUNCATE ON billing_ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION billing_ledger_is_append_only();
"""
BACKWARD = """
DROP TRIGGER billing_ledger_not_truncated ON billing_ledger_entry;
DROP TRIGGER billing_ledger_append_only ON billing_ledger_entry;
DROP FUNCTION billing_ledger_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_ledger_disputes_usage")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
