"""`python -m tests.bench.duplicates`: seed a labelled set of contacts and scan it for duplicates; prints counts and seconds."""

from __future__ import annotations

import argparse
import os
import time


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.duplicates", description=__doc__)
    parser.add_argument(
        "--contacts", type=int, default=100_000, help="persons; with repeats about 1.5 times as many"
    )
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.conf import settings

    from saas.embedded import ensure_running
    from tests import databases

    ensure_running(settings.KONTOR_DATA, "postgres")
    name = f"kontor_bench_duplicates_{os.getpid()}"
    databases.create(name)
    databases.use(name)
    try:
        _measure(arguments.contacts)
    finally:
        databases.use("postgres")
        databases.drop(name)


def _measure(count: int) -> None:
    from crm_core.metadata import registry
    from crm_core.records import jobs, service
    from crm_core.records.duplicates import scanning
    from crm_core.records.models import DuplicatePair
    from crm_core.security.actor import system_actor
    from crm_core.security.services import seed_security
    from tenants.context import activate, activate_public
    from tenants.models import Tenant
    from tests.records.labelled_records import people

    with activate_public():
        tenant = Tenant.objects.get(domains__slug="acme")
    with activate(tenant):
        seed_security("Acme", currency="EUR", language="en", country="DE", time_zone="Europe/Berlin")
        registry.forget()
        entity = registry.get("contact")
        rows = [
            {("address1_city" if k == "city" else k): v for k, v in p.values.items() if k != "company_name"}
            for p in people(count)
        ]
        started = time.perf_counter()
        for at in range(0, len(rows), 5000):
            service.create_many(entity, rows[at : at + 5000], system_actor())
        print(f"{len(rows)} contacts written in {time.perf_counter() - started:.1f} s", flush=True)
        job = scanning.start("contact", system_actor())
        started = time.perf_counter()
        while job.state in ("queued", "running"):
            jobs.run_step(job, jobs.actor_of(job))
            print(f"  {job.cursor['phase']} {time.perf_counter() - started:.1f} s", flush=True)
        seconds = time.perf_counter() - started
        print(f"scanned in {seconds:.1f} s: {DuplicatePair.objects.count()} pairs")


if __name__ == "__main__":
    main()
