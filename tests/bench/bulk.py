"""Operations i and l: a file of contacts through the import, and claiming a ready workspace."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

from tests.bench.measuring import Side
from tests.bench.operations import expect
from tests.bench.servers import Server


def contact_rows(count: int, run: int) -> list[dict[str, str]]:
    """`count` contacts; every hundredth repeats the e-mail of the one before, every five hundredth has no name."""
    return [
        {
            "first_name": f"Import{n}",
            "last_name": "" if n % 500 == 499 else f"Person {n}",
            "email": f"import{run}-{n - 1 if n % 100 == 99 else n}@bench.example",
            "business_phone": f"+49 40 {1_000_000 + n}",
            "job_title": "Buyer",
            "city": "Kiel",
        }
        for n in range(count)
    ]


def import_contacts(side: Side, schema_tenant: Any, email: str, count: int, run: int) -> dict[str, Any]:
    """Wall and CPU seconds of reading, checking (duplicates too) and writing `count` rows as the worker does it."""
    from django.db import transaction

    from crm_core.exchange.services import imports, uploading
    from crm_core.records import jobs
    from crm_core.security.actor import actor_for
    from crm_core.security.models import SystemUser
    from tenants.context import activate

    stream = io.StringIO()
    rows = contact_rows(count, run)
    writer = csv.DictWriter(
        stream, ["First name", "Last name", "E-mail", "Business phone", "Job title", "City"]
    )
    writer.writeheader()
    writer.writerows(dict(zip(writer.fieldnames, row.values(), strict=True)) for row in rows)
    parts: dict[str, float] = {}
    with activate(schema_tenant):
        actor = actor_for(SystemUser.objects.get(email=email).pk, "import")
        started, before = time.perf_counter(), side.spent()

        def work(name: str, found: Any) -> Any:
            begun = time.perf_counter()
            if imports.state_of(found) in ("reading", "checking", "running"):
                more = True
                while more:  # as the worker does it: each step is a transaction of its own
                    with transaction.atomic():
                        more = jobs.run_next_step(found.job_id)
            parts[name] = round(time.perf_counter() - begun, 2)
            return imports.find(found.pk, actor)

        # like requests: what the screen asks for is one transaction, the job's steps have their own
        with transaction.atomic():
            found = uploading.create_import(actor, [stream.getvalue().encode()], "contacts.csv", "contact")
        found = work("read", found)
        with transaction.atomic():
            match = {"mode": "create", "keys": ["email"], "on_conflict": "keep", "duplicates": "skip"}
            imports.update(found.pk, {"match": match}, actor)
            found = imports.act(found.pk, "check", actor)
        found = work("check", found)
        with transaction.atomic():
            found = imports.act(found.pk, "run", actor)
        found = work("write", found)
        wall, cpu = time.perf_counter() - started, (side.spent() - before) / 1000
        stats = imports.describe(found, actor)["stats"]
    expect(
        stats["created"] + stats["duplicate"] + stats["failed"] == count and stats["created"] > 0.9 * count,
        stats,
    )
    return {"wall_s": round(wall, 2), "cpu_s": round(cpu, 2), "parts_s": parts, **stats}


def import_floor(server: Server, side: Side, count: int, run: int) -> dict[str, Any]:
    """The floor's import: a serializer per row and bulk_create, inside one request."""
    rows = contact_rows(count, run)
    started, before = time.perf_counter(), side.spent()
    found, _size = server.ask("POST", "/contacts/import/", {"rows": rows})
    expect(found["created"] > 0.9 * count, found["created"])
    return {
        "wall_s": round(time.perf_counter() - started, 2),
        "cpu_s": round((side.spent() - before) / 1000, 2),
        "created": found["created"],
    }


def claim_workspaces(side: Side, count: int) -> dict[str, Any]:
    """Milliseconds from the wish to the working workspace, with a ready schema in stock."""
    from tenants import pool, provisioning

    begun = time.perf_counter()
    built = pool.fill(count)
    building = time.perf_counter() - begun
    wall, cpu = [], []
    for n in range(count):
        name = f"bench-{time.time_ns()}-{n}"
        started, before = time.perf_counter(), side.spent()
        wish = provisioning.request_workspace(
            {"slug": name, "name": "New", "owner_email": "new@bench.example", "state": "active"}, key=name
        )
        provisioning.provision(wish.pk)
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append(side.spent() - before)
    return {
        "wall_ms": round(sorted(wall)[len(wall) // 2], 1),
        "cpu_ms": round(sorted(cpu)[len(cpu) // 2], 1),
        "build_s": round(building / built, 2) if built else None,
    }
