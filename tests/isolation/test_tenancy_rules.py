"""Rules of tenancy that hold for all code, checked on the source and on the database (ARCHITECTURE.md §5)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

from tenants import checks, hosts, middleware
from tenants.context import activate_public
from tenants.models import Tenant

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("saas", "tenants", "crm_core", "billing", "onboarding")
SOURCES = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]
# These put public on the path, or share state between threads (SAAS.md §0.2, §0.4).
FORBIDDEN_NAMES = {"tenant_context", "schema_context", "tenant_migration"}
FORBIDDEN_CALLS = {"set_schema", "set_tenant", "set_schema_to_public", "sync_to_async", "async_to_sync"}
MAY_SWITCH = {"tenants/context.py"}


def calls_and_names(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.lineno, node.func.attr
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names)


def test_nothing_switches_schemas_but_the_context_module():
    found = []
    for path in SOURCES:
        relative = path.relative_to(ROOT).as_posix()
        if relative in MAY_SWITCH:
            continue
        for line, name in calls_and_names(ast.parse(path.read_text())):
            if name in FORBIDDEN_NAMES | FORBIDDEN_CALLS:
                found.append(f"{relative}:{line} {name}")
    assert found == []
    assert len(SOURCES) > 100, "the search looks at the right place"


def test_no_schema_names_in_migrations():
    """A workspace's migration works in whatever schema it is run in."""
    found = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if "migrations" in path.parts and "crm_core" in path.parts and "public." in path.read_text()
    ]
    assert found == []


def test_only_content_types_and_identity_exist_on_both_sides():
    shared = set(settings.SHARED_APPS) & set(settings.TENANT_APPS)
    assert shared == {"django.contrib.contenttypes", "tenants.identity"}


def test_no_workspace_table_is_reachable_through_public(database):
    both = {"django_content_type", "django_migrations"}
    identity = {model._meta.db_table for model in apps.get_app_config("identity").get_models()}
    own = {
        model._meta.db_table
        for name in settings.TENANT_APPS
        for config in apps.get_app_configs()
        if config.name == name
        for model in config.get_models(include_auto_created=True)
    }
    with activate_public():
        public = set(connection.introspection.table_names())
    assert (public & own) - both - identity == set()
    assert own - both - identity, "there are workspace tables to look for"


def test_no_foreign_key_leaves_the_workspace(workspace):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT k.conname FROM pg_constraint k
               WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace
               AND (SELECT relnamespace FROM pg_class WHERE oid = k.confrelid) <> k.connamespace"""
        )
        assert cursor.fetchall() == []


UNSAFE = {
    "E001": {"DATABASES": {"default": {"ATOMIC_REQUESTS": False}}},
    "E002": {"TENANT_LIMIT_SET_CALLS": True},
    "E003": {"SHOW_PUBLIC_IF_NO_TENANT_FOUND": True},
    "E004": {"SESSION_COOKIE_DOMAIN": ".example.com"},
    "E005": {"USE_X_FORWARDED_HOST": True},
    "E006": {"CELERY_WORKER_POOL": "threads"},
    "E007": {"PG_EXTRA_SEARCH_PATHS": ["ext", "public"]},
    "E008": {"TENANT_APPS": ["tenants", "tenants.identity"]},
}


@pytest.mark.parametrize("number", UNSAFE)
def test_unsafe_settings_are_refused_at_the_start(monkeypatch, number):
    assert checks.workspace_isolation() == []
    for name, value in UNSAFE[number].items():
        monkeypatch.setattr(settings, name, value, raising=False)
    assert [error.id for error in checks.workspace_isolation()] == [f"tenants.{number}"]


def test_settings_that_keep_workspaces_apart():
    assert settings.DATABASES["default"]["ATOMIC_REQUESTS"] is True
    assert settings.TENANT_LIMIT_SET_CALLS is False
    assert settings.PG_EXTRA_SEARCH_PATHS == ["ext"]
    assert settings.SESSION_COOKIE_DOMAIN is None and settings.CSRF_COOKIE_DOMAIN is None
    assert not getattr(settings, "SHOW_PUBLIC_IF_NO_TENANT_FOUND", False)
    assert settings.USE_X_FORWARDED_HOST is False
    assert settings.CELERY_WORKER_POOL == "prefork"
    first = settings.MIDDLEWARE.index("tenants.middleware.WorkspaceMiddleware")
    assert first < settings.MIDDLEWARE.index("django.contrib.sessions.middleware.SessionMiddleware")


@pytest.fixture(autouse=True)
def _fresh_hosts():
    hosts.forget()


def test_each_request_asserts_its_path_and_limits_its_statements(workspace, settings):
    settings.KONTOR_STATEMENT_TIMEOUT_MS = 1234
    with activate_public():
        Tenant.objects.filter(pk=workspace.pk).update(entitlements={})  # a plan without a word of its own
    with connection.execute_wrapper(seen := Recorder()):
        Client(headers={"host": "acme.localhost"}).get("/login/")
    assertions = [sql for sql in seen.statements if "current_schema()" in sql]
    assert len(assertions) == 1
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("1234ms",)


class Recorder:
    """Keeps the statements that pass."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        self.statements.append(str(sql))
        return execute(sql, params, many, context)


def test_path_is_public_again_after_a_request(database):
    Client(headers={"host": "acme.localhost"}).get("/login/")
    assert connection.schema_name == "public"


@pytest.mark.parametrize(("host", "path"), [("acme.localhost", "/api/v1/accounts"), ("localhost", "/")])
def test_database_away_is_a_503_that_says_when_to_come_back(database, monkeypatch, host, path):
    def away(*_arguments):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(middleware, "assert_workspace", away)
    monkeypatch.setattr(middleware, "assert_public", away)
    monkeypatch.setattr("django.db.connection.close", lambda: None)
    answer = Client(headers={"host": host}).get(path)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert b"unexpectedly" not in answer.content


def test_form_posts_keep_their_origin():
    """With the policy no-referrer browsers send ``Origin: null`` and every form is refused."""
    page = (ROOT / "tenants/identity/templates/identity/base.html").read_text()
    assert 'name="referrer" content="same-origin"' in page
