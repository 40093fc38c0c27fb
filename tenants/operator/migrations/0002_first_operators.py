"""Whoever could sign in to the read-only console before roles existed keeps all rights; his next sign-in sets up
the second factor."""

from django.db import migrations


def give_role(apps, _schema_editor):
    operator = apps.get_model("operator", "Operator")
    for user in apps.get_model("identity", "User").objects.filter(is_operator=True):
        operator.objects.get_or_create(user_id=user.pk, defaults={"role": "operator"})


class Migration(migrations.Migration):
    dependencies = [("operator", "0001_initial"), ("identity", "0003_invitation")]
    operations = [migrations.RunPython(give_role, migrations.RunPython.noop)]
