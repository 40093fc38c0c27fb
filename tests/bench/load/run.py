"""One load run: workspaces ready, warm, then quiet and loud phases in turn, figures out."""

from __future__ import annotations

import argparse
import itertools
import sys
from typing import Any

from tests.bench.load import figures, fleet, traffic
from tests.bench.load.client import Client
from tests.bench.load.figures import Phase
from tests.bench.load.loud import Noise
from tests.bench.load.servers import Watch


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def workspaces(
    options: argparse.Namespace, domain: str
) -> tuple[list[fleet.Workspace], list[fleet.Workspace]]:
    """(quiet ones, loud ones); claimed from the stock on the first call."""  # fmt: skip
    quiet = [f"load-quiet-{n:03}" for n in range(options.workspaces - options.loud)]
    loud = [f"load-loud-{n:03}" for n in range(options.loud)]
    found = fleet.prepare(quiet + loud, options.records, domain, lambda name: name.startswith("load-loud"))
    return found[: len(quiet)], found[len(quiet) :]


def measure(
    options: argparse.Namespace,
    port: int,
    quiet: list[fleet.Workspace],
    loud: list[fleet.Workspace],
    trees: dict[str, int],
    database: dict[str, Any],
) -> dict[str, Any]:
    """Quiet and loud phases in turn; the result is what goes into the JSON file."""
    client, noise = Client(port), Noise()
    phases = {"quiet": Phase(), "loud": Phase()}
    say(f"Warming up {len(quiet)} workspaces …")
    traffic.warm_up(client, quiet)
    watch = Watch(trees, database)
    watch.start()
    for number, name in itertools.product(range(options.rounds), phases):
        say(f"Round {number + 1}, {name}: {options.seconds:g} s at {options.rate:g} requests a second …")
        crowd = traffic.Crowd(port, loud, options.rows, noise) if name == "loud" else None
        probes = traffic.Probes(client, quiet, options.probe, phases[name])
        if crowd is not None:
            crowd.start()
        probes.start()
        try:
            traffic.neighbours(client, quiet, options.rate, options.seconds, phases[name])
        finally:
            probes.stop.set()
            if crowd is not None:
                crowd.stop()
            probes.join(130)
    return _result(options, phases, noise, watch, [*quiet, *loud])


def _result(
    options: argparse.Namespace,
    phases: dict[str, Phase],
    noise: Noise,
    watch: Watch,
    every: list[fleet.Workspace],
) -> dict[str, Any]:
    summaries = {name: phase.summary() for name, phase in phases.items()}
    chosen = ("workspaces", "loud", "records", "rate", "seconds", "rounds", "rows")
    return {
        "options": {name: getattr(options, name) for name in chosen},
        "phases": summaries,
        "compared": figures.compared(summaries["quiet"], summaries["loud"]),
        "loud_workspaces": noise.summary(),
        "server": watch.finish(),
        "strangers": fleet.strangers(every),
    }
