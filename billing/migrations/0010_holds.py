import django.db.models.deletion
from django.db import migrations, models

import tenants.ids


def keep_held(apps, schema_editor):
    """Workspaces operators hold stay held."""
    hold, tenant = apps.get_model("billing", "Hold"), apps.get_model("tenants", "Tenant")
    rows = tenant.objects.filter(held_from__isnull=False).values_list("pk", "held_from")
    hold.objects.bulk_create(hold(tenant_id=pk, from_at=start) for pk, start in rows)


class Migration(migrations.Migration):
    dependencies = [("billing", "0009_operators_plans"), ("tenants", "0008_sandboxes")]

    operations = [
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("from_at", models.DateTimeField()),
                ("let_go_at", models.DateTimeField(blank=True, null=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={"db_table": "billing_hold", "ordering": ["from_at"]},
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("let_go_at", None)), fields=("tenant",), name="billing_hold_once"
            ),
        ),
        migrations.RunPython(keep_held, migrations.RunPython.noop),
    ]
