"""Seed the delivered plans, or bring them to the catalogue on disk."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from billing.models import PlanPrice
from billing.providers import provider
from billing.services.catalogue import held_back, sync_catalogue


class Command(BaseCommand):
    """`manage.py sync_catalogue`: idempotent; prints each plan version it makes."""

    help = "Make plans, prices and features what billing/catalogue.py says."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--provider", action="store_true", help="also make the prices at the payment provider"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        made = sync_catalogue()
        for version in made:
            self.stdout.write(f"{version} is now on sale")
        for version in held_back():
            self.stdout.write(
                f"{version.plan.code} is kept as operators sell it (v{version.number}); the delivery has other terms"
            )
        if not made:
            self.stdout.write("The catalogue is up to date")
        if options["provider"]:
            prices = PlanPrice.objects.select_related("version__plan")
            self.stdout.write(f"{provider().sync_catalogue(prices)} prices made at the provider")
