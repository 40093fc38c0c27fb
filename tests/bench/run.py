"""One run: servers up, every operation in rounds that alternate between the sides, figures out."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from saas.cli import installation
from saas.embedded import running
from saas.embedded.sockets import socket_directory
from tests.bench import bulk, report, statements, workspace
from tests.bench.measuring import Figure, Side, measure
from tests.bench.operations import FULL_OFFSET, Floor, Product, Raw, named
from tests.bench.seeding import copy_to_floor
from tests.bench.servers import Server


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run(
    options: argparse.Namespace, counts: dict[str, int], floor_host: str, token: str, ports: tuple[int, int]
) -> dict[str, Any]:
    """Migrate, seed, start, measure and report; the result is what goes into the JSON file."""
    say("Preparing the workspace …")
    installation.migrate(lambda _text: None)
    installation.seed_plans()
    return compare(options, counts, floor_host, token, ports, {})


def compare(
    options: argparse.Namespace,
    counts: dict[str, int],
    floor_host: str,
    token: str,
    ports: tuple[int, int],
    environment: dict[str, str],
) -> dict[str, Any]:
    """The same in a migrated database; `environment` tells both servers where it is."""
    data = settings.KONTOR_DATA
    sockets = str(socket_directory(data, "postgres"))
    measured = workspace.prepare(counts)
    floor_settings = {"BENCH_DATABASE_HOST": sockets, "BENCH_FLOOR_DATABASE": options.floor_database}
    _prepare_floor(sockets, floor_host, token, measured.schema, counts, floor_settings)
    if options.seed_only:
        return {"counts": counts}
    product = Server(
        "saas.wsgi:application", ports[0], workspace.HOST, {"Authorization": f"Bearer {measured.token}"},
        {**environment, "KONTOR_PORT": str(ports[0]), "KONTOR_PROCESS": "web", "KONTOR_LOG_LEVEL": "INFO"},
        data / "product.log", options.workers,
    )  # fmt: skip
    floor = Server(
        "django.core.wsgi:get_wsgi_application()", ports[1], floor_host, {"Authorization": f"Token {token}"},
        {**floor_settings, "DJANGO_SETTINGS_MODULE": "tests.bench.floor.settings"}, data / "floor.log",
        options.workers,
    )  # fmt: skip
    try:
        start = {
            "product_s": round(product.wait("/api/v1/session"), 2),
            "floor_s": round(floor.wait("/contacts/?limit=1"), 2),
        }
        return {
            "counts": counts,
            "start": start,
            **_measured(options, counts, measured, product, floor, sockets),
        }
    finally:
        product.stop()
        floor.stop()


def _prepare_floor(
    sockets: str, host: str, token: str, schema: str, counts: dict[str, int], floor_settings: dict[str, str]
) -> None:
    database = floor_settings["BENCH_FLOOR_DATABASE"]
    with psycopg.connect(host=sockets, user="postgres", dbname="postgres", autocommit=True) as admin:
        if not admin.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
            admin.execute(f"create database {database}")
    subprocess.run(
        [sys.executable, "-m", "tests.bench.floor.prepare", host, token, workspace.PASSWORD],
        check=True, env={"PATH": "", **floor_settings}, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    with (
        psycopg.connect(host=sockets, user="postgres", dbname=connection.settings_dict["NAME"]) as read,
        psycopg.connect(host=sockets, user="postgres", dbname=database) as write,
    ):
        copy_to_floor(schema, counts, read, write)


def _measured(
    options: argparse.Namespace, counts: dict[str, int], measured: workspace.Measured, product: Server, floor: Server,
    sockets: str,
) -> dict[str, Any]:  # fmt: skip
    database = running(settings.KONTOR_DATA)["postgres"]
    offset = FULL_OFFSET if counts["contact"] > FULL_OFFSET else counts["contact"] // 2
    letters = set(options.only or "abcdefghijkl")
    raw = psycopg.connect(host=sockets, user="postgres", dbname=connection.settings_dict["NAME"])
    admin = psycopg.connect(host=sockets, user="postgres", dbname="postgres", autocommit=True)
    log = settings.KONTOR_DATA / "postgres" / "server.log"
    sides = {
        "product": (
            Side("product", product.pid, database),
            named(Product(product, measured, counts, offset)),
        ),
        "floor": (Side("floor", floor.pid, database), named(Floor(floor, offset))),
        "raw": (Side("raw", None, database), named(Raw(raw, measured.schema, offset))),
    }
    figures: dict[str, dict[str, Figure]] = {name: {} for name in sides}
    for operation in [n for n in sides["product"][1] if n[0] in letters]:
        for _round in range(options.rounds):
            for name, (side, operations) in sides.items():
                for server in (product, floor):
                    server.disconnect()  # kept alive for half a minute, which the other sides may take longer than
                if operation in operations:
                    figure = figures[name].setdefault(operation, Figure())
                    measure(
                        side,
                        operations[operation],
                        figure,
                        seconds=options.seconds,
                        at_least=options.at_least,
                    )
        for name, (_side, operations) in sides.items():
            if operation in operations and name != "raw" and options.statements:
                figures[name][operation].statements = statements.count(admin, log, operations[operation])
        say(f"{operation}: " + ", ".join(
            f"{n} {figures[n][operation].summary()['cpu_ms']} ms" for n in sides if operation in figures[n]))  # fmt: skip
    result: dict[str, Any] = {
        "figures": {n: {o: f.summary() for o, f in each.items()} for n, each in figures.items()}
    }
    result["ratios"] = report.ratios(result["figures"])
    say(report.table(result))
    result["bulk"] = _bulk(options, letters, database, floor)
    for line in result["bulk"].items():
        say(f"{line[0]}: {line[1]}")
    return result


def _bulk(options: argparse.Namespace, letters: set[str], database: int, floor: Server) -> dict[str, Any]:
    from tenants.context import activate_public
    from tenants.models import Tenant

    found: dict[str, Any] = {}
    here = Side("worker", None, database)
    if "i" in letters:
        with activate_public():
            tenant = Tenant.objects.get(domains__slug=workspace.SLUG)
        run_number = int(Path("/proc/uptime").read_text().split(".")[0])
        found["i_import"] = bulk.import_contacts(here, tenant, workspace.EMAIL, options.rows, run_number)
        found["i_import_floor"] = bulk.import_floor(
            floor, Side("floor", floor.pid, database), options.rows, run_number
        )
    if "l" in letters:
        found["l_workspace"] = bulk.claim_workspaces(here, 3)
    return found
