"""Behind a real PgBouncer in transaction mode, with the settings that are shipped, nothing runs in another schema (T10).

Needs PgBouncer 1.20 or newer on the path or in KONTOR_TEST_PGBOUNCER; elsewhere these tests are skipped and say so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "deploy" / "pgbouncer.ini"
#: Another name for the port than the shipped one, so that the socket is this test's own.
PORT = 6499


def _binary() -> str | None:
    found = os.environ.get("KONTOR_TEST_PGBOUNCER") or shutil.which("pgbouncer")
    if not found:
        return None
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"(\d+)\.(\d+)", said)
    return found if version and (int(version[1]), int(version[2])) >= (1, 20) else None


pytestmark = [
    pytest.mark.real_commit,
    pytest.mark.skipif(_binary() is None, reason="there is no PgBouncer 1.20 or newer here"),
]

#: Eight threads that take turns between two workspaces, half of the statements outside a transaction.
MIX = """
import json, sys, threading
import django
django.setup()
from django.db import connection, transaction
from tenants.context import activate, activate_public
from tenants.models import Tenant
with activate_public():
    tenants = list(Tenant.objects.filter(domains__slug__in=["acme", "globex"]).order_by("name"))
wrong = {"autocommit": 0, "transaction": 0}
errors = []
def ask():
    with connection.cursor() as cursor:
        cursor.execute("select current_schema(), count(*) from identity_user")
        return cursor.fetchone()[0]
def work(number):
    try:
        for n in range(int(sys.argv[1])):
            tenant = tenants[(n + number) % 2]
            with activate(tenant):
                wrong["autocommit"] += ask() != tenant.schema_name
            with activate(tenant), transaction.atomic():
                wrong["transaction"] += any(ask() != tenant.schema_name for _ in range(2))
    except Exception as error:
        errors.append(repr(error))
    finally:
        connection.close()
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
for t in threads: t.start()
for t in threads: t.join()
print(json.dumps({**wrong, "errors": errors}))
"""


class Pooler:
    """A PgBouncer with the shipped settings, but for where it listens and whom it trusts."""

    def __init__(self, folder: Path, *, without: str = "") -> None:
        self.folder = folder
        entry = connection.settings_dict
        text = SHIPPED.read_text()
        changed = {
            "listen_addr": "",
            "listen_port": str(PORT),
            "auth_type": "any",
            "auth_file": None,
            # few server connections, so that threads really share them
            "default_pool_size": "2",
            "reserve_pool_size": "0",
        }
        if without:
            changed[without] = None
        lines = []
        for line in text.splitlines():
            name = line.split("=")[0].strip()
            if line.startswith("kontor ="):
                line = f"* = host={entry['HOST']} user={entry['USER']}"
            elif name in changed:
                line = f"{name} = {changed[name]}" if changed[name] is not None else ""
            lines.append(line)
        lines += [f"unix_socket_dir = {folder}", f"logfile = {folder}/pgbouncer.log"]
        if os.geteuid() == 0:
            lines.append(f"user = {Path(entry['HOST']).owner()}")  # who may walk to the server's socket
            folder.chmod(0o777)
        (folder / "pgbouncer.ini").write_text("\n".join(lines) + "\n")
        self.process = subprocess.Popen(
            [str(_binary()), str(folder / "pgbouncer.ini")], stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 10
        while not (folder / f".s.PGSQL.{PORT}").exists():
            assert self.process.poll() is None and time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def log(self) -> str:
        path = self.folder / "pgbouncer.log"
        return path.read_text() if path.exists() else "(no log)"

    def url(self) -> str:
        entry = connection.settings_dict
        return f"postgresql://{entry['USER']}@/{entry['NAME']}?host={quote(str(self.folder))}&port={PORT}"

    def mix(self, rounds: int) -> dict[str, object]:
        """What the threads saw: statements in a wrong schema, by whether a transaction was open."""
        environment = {
            **os.environ, "DATABASE_URL": self.url(), "KONTOR_PGBOUNCER": "on", "DJANGO_SETTINGS_MODULE": "saas.settings",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", MIX, str(rounds)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:] + self.log()
        found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
        return found

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    import tempfile

    made = Path(tempfile.mkdtemp(prefix="kontor-pooler-"))  # short: a socket's path has little room
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_nothing_runs_in_another_workspace(database: None, folder: Path) -> None:
    pooler = Pooler(folder)
    try:
        assert pooler.mix(150) == {"autocommit": 0, "transaction": 0, "errors": []}
        with psycopg.connect(pooler.url(), autocommit=True) as one:
            one.execute("set search_path = ext")
            row = one.execute("show search_path").fetchone()
            assert row is not None and row[0] == "ext"
    finally:
        pooler.stop()


def test_the_one_line_is_what_keeps_statements_outside_a_transaction_apart(
    database: None, folder: Path
) -> None:
    pooler = Pooler(folder, without="track_extra_parameters")
    try:
        found = pooler.mix(60)
    finally:
        pooler.stop()
    assert found["transaction"] == 0  # what every request and task has
    assert int(str(found["autocommit"])) > 0 or found["errors"]  # else this file proves nothing
