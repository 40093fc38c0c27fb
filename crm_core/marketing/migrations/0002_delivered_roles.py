"""Delivered roles of workspaces made before there was marketing get their rights on its objects; what people chose stays."""

from django.db import migrations

from crm_core.security.delivered_roles import ROLES

GROUP = "@marketing"


def _grant(apps, schema_editor):
    delivered = {key: privileges.get(GROUP) for key, _name, _admin, privileges, _capabilities in ROLES}
    for role in apps.get_model("security", "Role").objects.filter(key__in=delivered):
        if delivered[role.key] and GROUP not in role.privileges:
            role.privileges = {**role.privileges, GROUP: delivered[role.key]}
            role.save(update_fields=["privileges"])


class Migration(migrations.Migration):
    dependencies = [("marketing", "0001_initial"), ("security", "0002_share_inherited")]

    operations = [migrations.RunPython(_grant, migrations.RunPython.noop)]
