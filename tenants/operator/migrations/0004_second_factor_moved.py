"""Operators' second factors move to identity, where everybody's are. Migrations only expand: the former columns and the
former table stay as they are for servers of the release before, and nothing reads them any more."""

from django.db import migrations


def move(apps, _schema_editor):
    factors = apps.get_model("identity", "SecondFactor")
    codes = apps.get_model("operator", "RecoveryCode")
    enrolled = apps.get_model("operator", "Operator").objects.exclude(totp_confirmed_at=None)
    for operator in enrolled.exclude(totp_secret=""):
        unused = codes.objects.filter(operator=operator, used_at=None)
        factors.objects.update_or_create(
            user_id=operator.pk,
            defaults={
                "secret": operator.totp_secret,
                "confirmed_at": operator.totp_confirmed_at,
                "last_step": operator.totp_last_step,
                "recovery_hashes": list(unused.values_list("code_hash", flat=True)),
            },
        )
        apps.get_model("identity", "User").objects.filter(pk=operator.pk).update(has_second_factor=True)


_DEFAULTS = """
ALTER TABLE operator_operator ALTER COLUMN totp_secret SET DEFAULT '';
ALTER TABLE operator_operator ALTER COLUMN totp_last_step SET DEFAULT 0;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("operator", "0003_acts_on_the_installation"),
        ("identity", "0008_second_factor"),
    ]

    operations = [
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_DEFAULTS, migrations.RunSQL.noop)],
            state_operations=[
                migrations.RemoveField("operator", "totp_confirmed_at"),
                migrations.RemoveField("operator", "totp_last_step"),
                migrations.RemoveField("operator", "totp_secret"),
                migrations.DeleteModel("RecoveryCode"),
            ],
        ),
    ]
