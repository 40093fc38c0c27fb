from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0003_audit_timeline'),
    ]

    operations = [
        migrations.CreateModel(
            name='RollUpState',
            fields=[
                ('key', models.CharField(max_length=130, primary_key=True, serialize=False)),
                ('renewed_at', models.DateTimeField()),
            ],
        ),
    ]
