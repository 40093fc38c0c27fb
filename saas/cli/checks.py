"""`make test`: every check and test of the repository, one line each, and one summary line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from saas.cli import frontend
from saas.cli.browser import NoBrowser, chromium
from saas.cli.console import duration, say, step
from saas.environment import REPOSITORY

_PYTHON = sys.executable
_PROCESSES = "2"


@dataclass(frozen=True)
class Check:
    """A named command; `output` shows what it prints while it runs, else only when it fails."""

    name: str
    command: list[str]
    output: bool = False
    in_frontend: bool = False


def static_checks() -> list[Check]:
    """Style, types, import contracts, forgotten migrations: what needs no test to run."""
    return [
        Check("ruff", [_PYTHON, "-m", "ruff", "check", "."]),
        Check("ruff format", [_PYTHON, "-m", "ruff", "format", "--check", "."]),
        Check("mypy", [_PYTHON, "-m", "mypy"]),
        Check("import contracts", [_PYTHON, "-m", "importlinter.cli", "lint"]),
        Check("forgotten migrations", [_PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]),
        Check("Django's system check", [_PYTHON, "manage.py", "check", "--fail-level", "WARNING"]),
    ]


def frontend_checks(npm: tuple[str, ...]) -> list[Check]:
    """The front end's own linter, type check and unit tests."""
    scripts = {"front end: lint": "lint", "front end: types": "typecheck", "front end: tests": "test"}
    return [
        Check(name, [*npm, "run", "--silent", script], in_frontend=True) for name, script in scripts.items()
    ]


def pytest_check(fast: bool, arguments: list[str]) -> Check:
    """The Python tests; `fast` leaves out browser, fault and slow ones. Benchmarks run on their own."""
    excluded = "bench or e2e or faults or slow" if fast else "bench"
    command = [
        _PYTHON,
        "-m",
        "pytest",
        "-q",
        "-n",
        _PROCESSES,
        "--dist",
        "loadgroup",
        "-m",
        f"not ({excluded})",
    ]
    return Check("pytest", [*command, *arguments], output=True)


def run(fast: bool, pytest_arguments: list[str]) -> int:
    """Sets up, runs everything even when something fails, prints the summary. Returns 0 when all passed."""
    started = time.monotonic()
    data = os.environ.setdefault("KONTOR_DATA", str(REPOSITORY / ".data" / "test"))
    environment = {**os.environ, "KONTOR_DATA": data, "PYTHONUNBUFFERED": "1"}
    from saas.embedded import ensure_running, stop
    from saas.environment import DATA_DIR

    with step("Database and queue"):
        started_services = ensure_running(DATA_DIR)
    outcomes: list[tuple[str, bool]] = []
    try:
        node = _build_frontend(outcomes)
        if node:
            environment["PATH"] = node.environment["PATH"]
        if not fast:
            environment |= _find_browser(outcomes)
        for check in static_checks() + frontend_checks(node.npm if node else ("npm",)):
            outcomes.append((check.name, _perform(check, environment)))
        outcomes.append(("pytest", _perform(pytest_check(fast, pytest_arguments), environment)))
    finally:
        if started_services:
            stop(DATA_DIR)
    return _summary(outcomes, time.monotonic() - started)


def _build_frontend(outcomes: list[tuple[str, bool]]) -> frontend.Node | None:
    """Builds the front end. Returns the Node to check it with, None when there is none."""
    node = None
    try:
        with step("Front end") as progress:
            node = frontend.find_node()
            frontend.install_packages(node)
            progress.detail = frontend.build()
        outcomes.append(("front end: build", True))
    except frontend.BuildFailed as error:
        say(str(error))
        outcomes.append(("front end: build", False))
    return node


def _find_browser(outcomes: list[tuple[str, bool]]) -> dict[str, str]:
    """Makes sure of a browser. Returns where it is, for the tests' environment."""
    try:
        with step("Browser") as progress:
            progress.detail = chromium()
        return {"KONTOR_CHROMIUM": progress.detail}
    except NoBrowser as error:
        say(str(error))
        outcomes.append(("browser", False))
        return {}


def _perform(check: Check, environment: dict[str, str]) -> bool:
    folder = frontend.FRONTEND if check.in_frontend else REPOSITORY
    if check.output:
        say(f"  … {check.name}")
        return subprocess.run(check.command, cwd=folder, env=environment, check=False).returncode == 0
    with step(check.name) as progress:
        result = subprocess.run(
            check.command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        progress.failed = result.returncode != 0
    if result.returncode:
        say(result.stdout[-12000:])
    return result.returncode == 0


def _summary(outcomes: list[tuple[str, bool]], seconds: float) -> int:
    failed = [name for name, passed in outcomes if not passed]
    verdict = f"FAILED: {', '.join(failed)}" if failed else "all passed"
    say(f"\n{len(outcomes)} checks in {duration(seconds)}, {verdict}.")
    return int(bool(failed))
