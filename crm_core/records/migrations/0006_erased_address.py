from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0005_related_pair"),
    ]

    operations = [
        migrations.CreateModel(
            name="ErasedAddress",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("erased_at", models.DateTimeField(db_default=Now())),
            ],
        ),
    ]
