"""Fixtures every test can use: two workspaces, a database that is clean for each test, the whole product."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as generated

from tests import databases, fast

# The same code gets the same examples, so that nobody's change fails for what was there before.
# Look further from time to time: HYPOTHESIS_PROFILE=default make test
generated.register_profile("repeatable", derandomize=True)
generated.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

_FOLDER_MARKS = {"e2e", "faults", "bench"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--fast` for a quick look."""
    parser.addoption("--fast", action="store_true", help="two cases of each test that is not slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--fast`, leave out what takes its time."""
    if config.getoption("fast"):
        items[:], left_out = fast.pick(items)
        config.hook.pytest_deselected(items=left_out)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks tests by their folder, and keeps all that start the whole product in one process.

    Two installations side by side on two processor cores are slow enough to run into time limits.
    """
    for mark in _FOLDER_MARKS & set(Path(item.path).parent.parts):
        if (
            mark != "bench" or item.get_closest_marker("slow") is None
        ):  # `slow` there checks answers, no figures
            item.add_marker(mark)
    if {"product", "installation"} & set(getattr(item, "fixturenames", ())):
        item.add_marker(pytest.mark.xdist_group("product"))


@pytest.fixture(scope="session")
def worker_id_or_main(request: pytest.FixtureRequest) -> str:
    """`gw0`, `gw1` … in a parallel run, `main` otherwise."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def database_name(worker_id_or_main: str) -> str:
    """Name of this test process's own database."""
    return f"kontor_test_{databases.fingerprint()}_{worker_id_or_main}"


@pytest.fixture(scope="session")
def django_db_setup(database_name: str, django_db_blocker: Any) -> Iterator[None]:
    """pytest-django's hook: gives this process a copy of the prepared database instead of migrating."""
    from django.conf import settings

    from saas.embedded import ensure_running

    ensure_running(settings.KONTOR_DATA, "postgres")
    with django_db_blocker.unblock():
        databases.create(database_name)
        databases.use(database_name)
    yield
    with django_db_blocker.unblock():
        databases.use("postgres")
        databases.drop(database_name)


@pytest.fixture
def committed_database(django_db_setup: None, django_db_blocker: Any, database_name: str) -> Iterator[None]:
    """A database the test may really commit to; it is replaced by a fresh copy afterwards."""
    from django.db import connections

    with django_db_blocker.unblock():
        yield
        connections.close_all()
        databases.create(database_name)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> None:
    """One transaction per test, rolled back; real commits for tests marked `real_commit`."""
    marked = request.node.get_closest_marker("real_commit")
    request.getfixturevalue("committed_database" if marked else "db")


def _tenant(slug: str) -> Any:
    from tenants.models import Tenant

    return Tenant.objects.get(domains__slug=slug)


@pytest.fixture
def other_workspace(database: None) -> Any:
    """The second workspace's tenant; not active. Host `globex.<base domain>`."""
    from tenants.context import activate_public

    with activate_public():
        return _tenant("globex")


@pytest.fixture
def workspace(database: None) -> Iterator[Any]:
    """The first workspace's tenant, active for the length of the test. Host `acme.<base domain>`."""
    from tenants.context import activate, activate_public

    with activate_public():
        tenant = _tenant("acme")
    with activate(tenant):
        yield tenant


@pytest.fixture(autouse=True)
def _public_afterwards(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test leaves its workspace active for the next one, nor its cache entries."""
    yield
    if "database" in request.fixturenames or "db" in request.fixturenames:
        from django.core.cache import cache
        from django.db import connection

        from crm_core.records.duplicates import rules
        from tenants import counters, hosts, rates

        connection.set_schema_to_public()
        rules.forget()
        cache.clear()
        # the version of hosts went with it: seen by the next test's first request, not a second into it
        hosts._cache._next_check = 0.0
        # a cache server that was away in this test is there again in the next; requests are counted from nothing
        counters._away_until = 0.0
        rates._counted.clear()


@pytest.fixture(scope="session")
def redis_server() -> str:
    """URL of a running Redis for tests that need the real one."""
    from django.conf import settings

    from saas.embedded import ensure_running

    ensure_running(settings.KONTOR_DATA, "redis")
    return settings.REDIS_URL


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The whole product, started once per run in an installation of its own (see tests/product.py)."""
    from tests import product as whole

    running = whole.start(tmp_path_factory.mktemp("product"), whole.own_port(8400))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium of Playwright's synchronous API, started once per file of journeys.

    Not once per run: while Playwright is active an event loop runs in this thread, and Django refuses
    database access of every other test of this process.
    """

    from playwright.sync_api import expect, sync_playwright

    from saas.cli.browser import chromium

    path = os.environ.get("KONTOR_CHROMIUM") or chromium()
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=options)
        expect.set_options(timeout=PATIENCE)
        yield running
        running.close()


#: Milliseconds a journey waits for what should come at once: two installations may share two cores with all other tests.
PATIENCE = 30_000


@pytest.fixture
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A fresh browser window of 1440 × 900; a screenshot of a failed test lands in `test-results/`.

    `page.faults` lists uncaught script errors, what the content security policy refused, and answers with a
    5xx status; a journey asserts it is empty.
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    window = context.new_page()
    window.faults = []
    window.on("pageerror", lambda error: window.faults.append(f"script: {error}"))
    policy = "Content Security Policy"
    window.on("console", lambda m: policy in m.text and window.faults.append(f"refused: {m.text}"))
    window.on("response", lambda r: r.status >= 500 and window.faults.append(f"{r.status} {r.url}"))
    window.set_default_timeout(PATIENCE)
    yield window
    if getattr(request.node, "failed", False):
        window.screenshot(path=Path("test-results") / f"{request.node.name}.png", full_page=True)
    context.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remembers on the test whether it failed, for fixtures that keep evidence."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.failed:
        item.failed = True  # type: ignore[attr-defined]
