"""Disturb the embedded provider's deliveries on purpose, and show what became of them (SAAS.md §3.6)."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.providers.builtin import delivery
from billing.services import rehearsal

_DISTURBANCES = {
    "duplicate": "send every event twice",
    "reorder": "send the newest first",
    "drop": "lose every event",
    "fail": "count every answer as a 500, so that it is sent again",
}


class Command(BaseCommand):
    """`manage.py billing_deliveries [--duplicate …] [--delay SECONDS] [--off]`: without options it only tells."""

    help = "Duplicate, reorder, delay, drop or fail the deliveries of the embedded provider (test mode only)."

    def add_arguments(self, parser: Any) -> None:
        for name, text in _DISTURBANCES.items():
            parser.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, help=text)
        parser.add_argument(
            "--delay", type=int, metavar="SECONDS", help="wait before the first try; 0 ends it"
        )
        parser.add_argument("--off", action="store_true", help="end every disturbance first")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["delay"] or 0) < 0:
            raise CommandError("--delay counts seconds from now on.")
        wanted: dict[str, Any] = dict.fromkeys(delivery.SWITCHES, 0) if options["off"] else {}
        wanted |= {name: options[name] for name in _DISTURBANCES if options[name] is not None}
        if options["delay"] is not None:
            wanted["delay_seconds"] = options["delay"]
        try:
            on = rehearsal.disturb(**wanted)
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Deliveries: {', '.join(on) or 'undisturbed'}")
        for outcome, count in rehearsal.outcomes().items():
            self.stdout.write(f"  {outcome:<12}{count}")
