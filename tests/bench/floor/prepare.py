"""Makes the floor's tables and its one tenant with a user: `python -m tests.bench.floor.prepare HOST TOKEN PASSWORD`."""

from __future__ import annotations

import os
import sys


def main(host: str, token: str, password: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.floor.settings"
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django_tenants.utils import schema_context
    from rest_framework.authtoken.models import Token

    from tests.bench.floor.models import Client, Domain

    call_command("migrate_schemas", shared=True, verbosity=0, run_syncdb=True)
    client, made = Client.objects.get_or_create(schema_name="floor", defaults={"name": "Floor"})
    if made:
        Domain.objects.create(domain=host, tenant=client, is_primary=True)
        client.create_schema(check_if_exists=True, verbosity=0)
        call_command("migrate_schemas", schema_name="floor", verbosity=0, run_syncdb=True)
        with schema_context("floor"):
            user = get_user_model().objects.create_user("bench", password=password)
            Token.objects.create(user=user, key=token)


if __name__ == "__main__":
    main(*sys.argv[1:])
