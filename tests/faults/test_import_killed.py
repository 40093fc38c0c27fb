"""An import whose worker is killed (-9) in the middle of steps: nothing is lost, nothing comes twice (ARCHITECTURE 5, PLT-45.5)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections, transaction

from crm_core.exchange.models import ImportOutcome
from crm_core.exchange.services import imports, uploading
from crm_core.metadata import registry
from crm_core.records.models import AuditEntry, Job
from crm_core.security.actor import actor_for
from crm_core.security.services import create_system_user, seed_security

pytestmark = [pytest.mark.real_commit, pytest.mark.faults, pytest.mark.timeout(600)]

ROWS = 6_500
KILLS = 4
WORKER = """
import sys, uuid
import django
django.setup()
from django.conf import settings
from django.db import transaction
from tests import databases
database, schema, job_id, media = sys.argv[1:5]
databases.use(database)
settings.MEDIA_ROOT = media
from crm_core.metadata import workspace
from crm_core.records import jobs
from tenants.context import activate, activate_public
from tenants.models import Tenant
with activate_public():
    tenant = Tenant.objects.get(schema_name=schema)
more = True
while more:
    print("step", flush=True)
    with activate(tenant), transaction.atomic():
        workspace.begin()
        more = jobs.run_next_step(uuid.UUID(job_id))
print("done", flush=True)
"""


def worker(database: str, schema: str, job: Job) -> subprocess.Popen[str]:
    """A worker process of its own that treats one job, step by step in transactions as the task does."""
    command = [sys.executable, "-c", WORKER, database, schema, str(job.pk), str(settings.MEDIA_ROOT)]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def treat(database: str, schema: str, job: Job, chance: random.Random) -> int:
    """Let workers treat the job and kill them at odd moments; returns how many died in a step."""
    killed = 0
    deadline = time.monotonic() + 400
    while time.monotonic() < deadline:
        child = worker(database, schema, job)
        try:
            if killed < KILLS:
                assert child.stdout.readline() == "step\n", child.stderr.read()
                time.sleep(chance.uniform(0.05, 1.5))
                if child.poll() is None:
                    child.send_signal(signal.SIGKILL)
                    killed += 1
                child.wait()
            else:
                output, errors = child.communicate(timeout=300)
                assert output.endswith("done\n"), errors
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
        job.refresh_from_db()
        if job.state not in ("queued", "running", "undoing"):
            return killed
    raise AssertionError(f"the job did not end: {job.state}, {job.done} of {job.total}")


def test_a_killed_worker_neither_loses_nor_doubles_rows(
    database_name: str, workspace: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", str(tmp_path))
    with transaction.atomic():
        seed_security("Acme", currency="EUR", language="en", country="DE", time_zone="Europe/Berlin")
        registry.forget()
        user = create_system_user("Ada Admin", "ada@example.com", roles=["system_administrator"])
    actor = actor_for(user.pk, "screen")
    content = "Name,Parent account,E-mail\n" + "".join(
        f"A{i},A{i + 1 if i % 50 == 0 else ''},mail{i}@example.com\n" for i in range(ROWS)
    ).replace(",A,", ",,")
    import_ = uploading.create_import(actor, [content.encode()], "accounts.csv", "account")
    chance = random.Random(5)
    accounts = registry.get("account").model.objects

    checked = imports.act(import_.pk, "check", actor)
    killed = treat(database_name, workspace.schema_name, checked.job, chance)
    assert imports.find(import_.pk, actor).stats == {
        "new": ROWS,
        "update": 0,
        "duplicate": 0,
        "error": 0,
        "creates": {},
    }
    assert ImportOutcome.objects.filter(import_id=import_.pk).count() == ROWS

    running = imports.act(import_.pk, "run", actor)
    killed += treat(database_name, workspace.schema_name, running.job, chance)
    done = imports.find(import_.pk, actor)
    assert done.stats == {"created": ROWS, "updated": 0, "duplicate": 0, "failed": 0}
    assert accounts.count() == accounts.values("name").distinct().count() == ROWS
    assert accounts.filter(parent_account__isnull=False).count() == ROWS // 50
    assert AuditEntry.objects.filter(job_id=done.job_id, operation="create").count() == ROWS
    written = ImportOutcome.objects.filter(import_id=import_.pk, status="created").values_list(
        "record_id", flat=True
    )
    assert set(written) == set(accounts.values_list("pk", flat=True))

    undoing = imports.act(import_.pk, "undo", actor)
    killed += treat(database_name, workspace.schema_name, undoing.job, chance)
    assert imports.state_of(imports.find(import_.pk, actor)) == "undone"
    assert accounts.count() == 0
    assert killed >= KILLS
    connections.close_all()
