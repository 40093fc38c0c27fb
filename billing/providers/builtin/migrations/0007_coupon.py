from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("builtin_payments", "0006_period_tax")]

    operations = [
        migrations.CreateModel(
            name="Coupon",
            fields=[
                ("code", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("max_redemptions", models.PositiveIntegerField(null=True)),
            ],
            options={"db_table": "builtin_coupon"},
        ),
    ]
