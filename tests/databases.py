"""Databases of the test run.

One prepared database holds the public schema and two workspaces; it is built once per state of the
migrations and kept. Every test process works in a copy of it (`CREATE DATABASE .. TEMPLATE`), which takes a
fraction of a second.
"""

from __future__ import annotations

import fcntl
import hashlib
import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

from saas import database as deployment
from saas.cli import installation

#: Slug and name of the two workspaces; their owners are `owner@<slug>.example`, without password.
WORKSPACES = {"acme": "Acme Ltd", "globex": "Globex GmbH"}
_ROOT = Path(__file__).resolve().parents[1]
_PREFIX = "kontor_prepared_"


@lru_cache(maxsize=1)  # files edited while the tests run must not change the database under them
def fingerprint() -> str:
    """Twelve hex digits that change whenever a prepared database would come out differently."""
    digest = hashlib.sha256(repr((settings.SHARED_APPS, settings.TENANT_APPS)).encode())
    packages = ("tenants", "crm_core", "billing", "onboarding")
    sources = [path for name in packages for path in sorted((_ROOT / name).rglob("migrations/*.py"))]
    sources += [_ROOT / "tests" / "databases.py", _ROOT / "saas" / "database.py"]
    sources += [_ROOT / "tenants" / "provisioning_steps.py", _ROOT / "tenants" / "pool.py", *_step_sources()]
    for path in sources:
        digest.update(str(path.relative_to(_ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _step_sources() -> list[Path]:
    """Everything beside the preparations and steps, which fill a new workspace, and the plans they put on sale."""
    from tenants import pool, provisioning_steps

    runs = [step.run for step in (*pool._preparations.values(), *provisioning_steps.registered())]
    folders = {Path(inspect.getsourcefile(run) or __file__).parent for run in runs}
    files = {path for folder in folders for path in folder.rglob("*.py")}
    return sorted(files | {_ROOT / "billing" / "catalogue.py"})


def create(name: str) -> None:
    """(Re)creates database `name` as a copy of the prepared one, which is built first when missing."""
    prepared = prepare()
    with _administrator() as admin:
        admin.execute(f'drop database if exists "{name}" with (force)')
        # Over two thousand small files: copied through the log they take a second, as files with checkpoints ten.
        admin.execute(f'create database "{name}" template "{prepared}" strategy wal_log')


def drop(name: str) -> None:
    """Removes database `name`, cutting off whoever is still connected."""
    with _administrator() as admin:
        admin.execute(f'drop database if exists "{name}" with (force)')


def use(name: str) -> None:
    """Points Django's connection at database `name`."""
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connections["default"].settings_dict["NAME"] = name


@contextmanager
def _administrator() -> Iterator[psycopg.Connection[Any]]:
    """A connection outside of Django to the server's maintenance database."""
    entry = settings.DATABASES["default"]
    parameters = {
        "host": entry["HOST"],
        "port": entry["PORT"],
        "user": entry["USER"],
        "password": entry["PASSWORD"],
    }
    with psycopg.connect(
        dbname="postgres", autocommit=True, **{k: v for k, v in parameters.items() if v}
    ) as connection:
        yield connection


def _exists(admin: psycopg.Connection[Any], name: str) -> bool:
    return admin.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None


def prepare() -> str:
    """Name of the prepared database of today's migrations; builds it when there is none."""
    name = _PREFIX + fingerprint()
    settings.KONTOR_DATA.mkdir(parents=True, exist_ok=True)
    with (settings.KONTOR_DATA / "tests.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # test processes start together; one builds, the others wait
        with _administrator() as admin:
            _forgo_durability(admin)
            if _exists(admin, name):
                return name
            _drop_outdated(admin)
            admin.execute(f'drop database if exists "{name}_new" with (force)')
            admin.execute(f'create database "{name}_new"')
            use(f"{name}_new")
            try:
                _build()
            finally:
                connections.close_all()
            admin.execute(f'alter database "{name}_new" rename to "{name}"')
    return name


def _forgo_durability(admin: psycopg.Connection[Any]) -> None:
    """What the embedded server of a test run holds may be lost with the machine: waiting for disks is half of a run.

    A server given by DATABASE_URL is somebody's own and stays as it is.
    """
    if os.environ.get("DATABASE_URL"):
        return
    ((synchronous,),) = admin.execute("show fsync").fetchall()
    if synchronous == "on":
        admin.execute("alter system set fsync = off")
        admin.execute("alter system set full_page_writes = off")
        admin.execute("select pg_reload_conf()")


def _drop_outdated(admin: psycopg.Connection[Any]) -> None:
    """Removes prepared databases of other states of the migrations, unless somebody is copying one."""
    rows = admin.execute("select datname from pg_database where starts_with(datname, %s)", [_PREFIX])
    for (name,) in rows.fetchall():
        try:
            admin.execute(f'drop database if exists "{name}"')
        except psycopg.errors.ObjectInUse:
            continue


def _build() -> None:
    """Migrates the public schema and provisions both workspaces the way sign-up does, without sample data."""
    from tenants import migration, provisioning

    connection = connections["default"]
    connection.ensure_connection()
    deployment.prepare(connection.connection)
    migration.migrate_public()
    installation.seed_plans()
    for slug, name in WORKSPACES.items():
        wish = provisioning.request_workspace(
            {"slug": slug, "name": name, "owner_email": f"owner@{slug}.example", "state": "active"},
            key=f"tests:{slug}",
        )
        provisioning.provision(wish.pk, build_if_empty=True)
