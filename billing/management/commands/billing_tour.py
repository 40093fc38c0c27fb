"""Lead a workspace through every state of the subscription on the virtual clock."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing import mode
from billing.services import clock, tour
from tenants.errors import TenantRefusal
from tenants.models import Tenant


class Command(BaseCommand):
    """`manage.py billing_tour SLUG [--stop NAME …]`: all stops but the last in their order, or the named ones."""

    help = "Drive one workspace through every billing state (test mode only). Prints state, access and day per stop."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("slug", help="address of the workspace, for example nordwind")
        parser.add_argument(
            "--stop", action="append", choices=list(tour.STOPS), help="only this stop; repeatable"
        )
        parser.add_argument(
            "--delete", action="store_true", help="go on to the end: the workspace is deleted"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not mode.is_test():
            raise CommandError("Only a test installation takes this tour.")
        tenant = Tenant.objects.filter(domains__slug=options["slug"]).first()
        if tenant is None:
            raise CommandError("There is no such workspace.")
        stops = options["stop"] or [name for name in tour.STOPS if name != "deleted" or options["delete"]]
        for stop in stops:
            try:
                tenant = tour.go(tenant, stop)
            except TenantRefusal as refusal:
                raise CommandError(f"{stop}: {refusal}") from refusal
            access = tenant.entitlements.get("access", "")
            self.stdout.write(f"{clock.now():%Y-%m-%d}  {stop:<16}{tenant.state:<12}{access}")
