"""What breaks under a request: connections cut, disks full, a process killed in the middle (F1, F4, F5, A7, A11, T3)."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client

from crm_core.metadata import registry
from crm_core.records import service
from crm_core.records.models import StoredFile
from tenants.context import activate
from tenants.models import Tenant
from tests.api_client import ApiClient, host_of, person

ROOT = Path(__file__).parents[2]


@pytest.fixture
def api(workspace: Tenant) -> ApiClient:
    return person(workspace, "faults@acme.test", "system_administrator")[1]


def upload(api: ApiClient, size: int) -> Any:
    content = SimpleUploadedFile("a.txt", b"x" * size)
    return api.client.post("/api/v1/files", {"file": content}, HTTP_HOST=api.host, **api.headers)


class TestDiskFull:
    """F5: writes say so, nothing is half there, and everything goes on once there is room."""

    def test_of_the_files(self, api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = Path(settings.MEDIA_ROOT) / connection.schema_name
        before = sorted(folder.iterdir()) if folder.exists() else []

        def full(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            answer = upload(api, 100)
        assert (answer.status_code, answer.json()["code"]) == (507, "storage.full")
        assert (sorted(folder.iterdir()) if folder.exists() else []) == before  # no torn file
        assert not StoredFile.objects.filter(name="a.txt").exists()
        assert upload(api, 100).status_code == 201

    def test_of_the_database(self, api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_args: Any, **_values: Any) -> Any:
            raise OperationalError("could not extend file") from psycopg.errors.DiskFull(
                "could not extend file"
            )

        with monkeypatch.context() as patched:
            patched.setattr(service, "create", full)
            status, body = api.post("/accounts", {"name": "Nord AG"})
        assert (status, body["code"]) == (507, "storage.full")
        assert api.get("/accounts")[1]["rows"] == []
        assert api.post("/accounts", {"name": "Nord AG"})[0] == 201


@pytest.mark.parametrize("error", ["TooManyConnections", "AdminShutdown", "CannotConnectNow"])
def test_a_database_that_goes_away_is_a_503_with_a_time_to_come_back(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    """F4"""

    def away(*_args: Any, **_values: Any) -> Any:
        raise OperationalError("away") from getattr(psycopg.errors, error)("away")

    monkeypatch.setattr(service, "create", away)
    status, body = api.post("/accounts", {"name": "Nord AG"})
    assert (status, body["code"], api.last["Retry-After"]) == (503, "unavailable", "5")


@pytest.mark.real_commit
def test_a_cut_connection_is_replaced_and_stays_in_its_workspace(
    workspace: Tenant, other_workspace: Tenant
) -> None:
    """F4: after the server has cut an idle connection the next request takes a fresh one, on the right path."""
    apis = [person(t, "cut@x.test", "system_administrator")[1] for t in (workspace, other_workspace)]
    for number, api in enumerate(apis):
        assert api.post("/accounts", {"name": f"Only here {number}"})[0] == 201
    with psycopg.connect(**_parameters(), autocommit=True) as other:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    answers = [apis[0].get("/accounts")[0] for _ in range(3)]
    assert set(answers) <= {200, 503} and answers[-1] == 200, answers
    names = [[row["name"] for row in api.get("/accounts?fields=name")[1]["rows"]] for api in apis]
    assert names == [["Only here 0"], ["Only here 1"]]


def _parameters() -> dict[str, Any]:
    entry = connection.settings_dict
    found = {
        "host": entry["HOST"],
        "port": entry["PORT"],
        "user": entry["USER"],
        "password": entry["PASSWORD"],
    }
    return {"dbname": entry["NAME"]} | {name: value for name, value in found.items() if value}


WRITER = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
from django.db import connection, transaction
from tests import databases
databases.use(sys.argv[1])
from crm_core.metadata import registry
from crm_core.records import service
from crm_core.security.actor import system_actor
from tenants.context import activate, activate_public
from tenants.models import Tenant
with activate_public():
    tenant = Tenant.objects.get(domains__slug="acme")
with activate(tenant), transaction.atomic():
    service.create(registry.get("account"), {"name": "Never committed"}, system_actor())
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.real_commit
def test_a_process_killed_in_the_middle_of_a_write_leaves_nothing(workspace: Tenant) -> None:
    """F1: kill -9 between the write and the commit; what it held is free, and the client's retry works."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WRITER), connection.settings_dict["NAME"]],
        env=environment, capture_output=True, text=True, timeout=110,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    with activate(workspace):
        assert not registry.get("account").model.objects.exists()
    _user, api = person(workspace, "retry@acme.test", "system_administrator")
    assert api.post("/accounts", {"name": "Never committed"}, **{"Idempotency-Key": "k1"})[0] == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Remote-User": "faults@acme.test"}, {"Remote-User": "faults@acme.test"},
        {"X-Original-URL": "/api/v1/accounts"}, {"X-Rewrite-URL": "/api/v1/accounts"},
        {"X-HTTP-Method-Override": "DELETE"}, {"X-Forwarded-User": "faults@acme.test"},
    ],
)  # fmt: skip
def test_headers_that_other_products_believe_are_ignored(
    api: ApiClient, workspace: Tenant, headers: dict[str, str]
) -> None:
    """A7"""
    stranger = Client(SERVER_NAME=host_of(workspace), headers=headers)
    assert stranger.get("/api/v1/accounts").status_code == 401
    assert stranger.get("/api/v1/nothing").status_code in (401, 404)
    made = api.post("/accounts", {"name": "Nord AG"})[1]["id"]
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    path = f"/api/v1/accounts/{made}"
    assert api.client.get(path, HTTP_HOST=api.host, **api.headers, **named).status_code == 200
    assert api.get(f"/accounts/{made}")[0] == 200  # and no method was overridden


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_post_from_another_site_changes_nothing(workspace: Tenant, kind: str) -> None:
    """A11: a session without the token, by the content types a foreign form can send, and with a foreign origin."""
    from tenants.identity.models import User

    with activate(workspace):
        person(workspace, "victim@acme.test", "system_administrator")
        user = User.objects.get(email="victim@acme.test")
    victim = Client(SERVER_NAME=host_of(workspace), enforce_csrf_checks=True)
    victim.force_login(user, "tenants.identity.backends.WorkspaceBackend")
    answer = victim.post(
        "/api/v1/accounts",
        data=b'{"name": "Evil AG"}',
        content_type=kind,
        headers={"Origin": "https://evil.test"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "session.csrf")
    assert victim.get("/api/v1/accounts").json()["rows"] == []
