import crm_core.metadata.record
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0003_personal_request"),
    ]

    operations = [
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                ("id", models.UUIDField(default=crm_core.metadata.record.new_id, editable=False, primary_key=True, serialize=False)),
                ("object", models.CharField(max_length=63)),
                ("state", models.CharField(default="", max_length=40)),
                ("months", models.PositiveSmallIntegerField()),
                ("created_by", models.UUIDField(null=True)),
                ("created_by_name", models.CharField(default="", max_length=200)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("object", "state"), name="retentionrule_once"),
                    models.CheckConstraint(condition=models.Q(("months__gte", 1), ("months__lte", 240)), name="retentionrule_months"),
                ],
            },
        ),
    ]
