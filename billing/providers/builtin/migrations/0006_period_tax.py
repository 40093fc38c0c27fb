from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("builtin_payments", "0005_charged_back")]

    operations = [
        migrations.AddField("subscription", "period_tax", models.JSONField(default=dict)),
    ]
