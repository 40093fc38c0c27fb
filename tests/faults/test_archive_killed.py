"""An import of a whole workspace whose worker is killed (-9) when everything is read in: nothing of it is there, and it goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections, transaction

from crm_core.exchange.arriving import archives as arriving
from crm_core.metadata import registry, workspace
from crm_core.records.models import Job
from tests.exchange import moved_workspaces as moved
from tests.faults.test_import_killed import WORKER
from tests.sales_people import make

pytestmark = [pytest.mark.real_commit, pytest.mark.faults, pytest.mark.timeout(300)]

STOP = """
from crm_core.exchange.arriving import loading
import time
def stop(*given):
    print("middle", flush=True)
    time.sleep(120)
loading._compared = stop
more = True
"""


def test_a_killed_import_is_done_again(
    workspace: Any,
    other_workspace: Any,
    database_name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", str(tmp_path / "media"))
    with transaction.atomic():
        ada = moved.signing_in("Ada Admin", "ada@example.com", company="Acme")
        for n in range(20):
            make("account", ada, name=f"Nord {n}")
        content = moved.exported(ada)
    with moved.working_in(other_workspace):
        with transaction.atomic():
            eve = moved.signing_in("Eve Else", "eve@example.com", company="Globex")
            moved.uploaded(content, eve)
            job = arriving.start(eve)
        before = _state()
        command = [sys.executable, "-c", WORKER.replace("more = True\n", STOP, 1), database_name, other_workspace.schema_name,
                   str(job.pk), str(settings.MEDIA_ROOT)]  # fmt: skip
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            assert any(line.strip() == "middle" for line in process.stdout)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        connections.close_all()
        assert _state() == before and Job.objects.get(pk=job.pk).state == "queued"
        with transaction.atomic():
            while moved.step(job.pk):
                pass
        job.refresh_from_db()
        assert job.state == "succeeded", job.error
        assert registry.get("account").model.objects.count() == 20
        assert all(row["equal"] for row in job.result["compared"])


def _state() -> dict[str, Any]:
    workspace.begin()
    registry.forget()
    with transaction.atomic():
        return moved.state()
