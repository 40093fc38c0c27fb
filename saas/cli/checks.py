"""`make test`: every check and test of the repository, one line each, and one summary line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from saas.cli import frontend
from saas.cli.browser import NoBrowser, chromium
from saas.cli.console import duration, say, step
from saas.embedded import ensure_running, stop
from saas.environment import REPOSITORY

#: Name of a check, and whether it passed.
Outcome = tuple[str, bool]

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
        Check("import contracts", [str(Path(_PYTHON).with_name("lint-imports")), "--no-logo"]),
        Check("forgotten migrations", [_PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]),
        Check("Django's system check", [_PYTHON, "manage.py", "check", "--fail-level", "WARNING"]),
    ]


def prepared_database() -> Check:
    """The database each test process copies: built here, where a core is free, no process has to wait for another's."""
    return Check("database of the tests", [_PYTHON, "-m", "tests.prepare"])


def frontend_checks(npm: tuple[str, ...], fast: bool) -> list[Check]:
    """The front end's own linter, type check and unit tests; `fast`: only tests of what is not committed yet."""
    scripts = {"front end: lint": "lint", "front end: types": "typecheck", "front end: tests": "test"}
    changed = ["--", "--changed", "--passWithNoTests"] if fast else []
    return [
        Check(
            name, [*npm, "run", "--silent", script, *(changed if script == "test" else [])], in_frontend=True
        )
        for name, script in scripts.items()
    ]


def pytest_check(fast: bool, report: Path, arguments: list[str]) -> Check:
    """The Python tests; `fast` leaves out browser, fault and slow ones, and most generated cases of the others.

    Benchmarks run on their own.
    """
    excluded = "bench or e2e or faults or slow" if fast else "bench"
    options = ["-q", "-n", _PROCESSES, "--dist", "loadgroup", "-m", f"not ({excluded})"]
    options += ["--fast"] if fast else []
    command = [_PYTHON, "-m", "pytest", *options, f"--junit-xml={report}", *arguments]
    return Check("pytest", command, output=True)


def run(fast: bool, pytest_arguments: list[str]) -> int:
    """Sets up, runs everything even when something fails, prints the summary. Returns 0 when all passed."""
    started = time.monotonic()
    data = Path(os.environ.setdefault("KONTOR_DATA", str(REPOSITORY / ".data" / "test")))
    report = data / "pytest.xml"
    with step("Database and queue"):
        started_services = ensure_running(data)
    outcomes: list[Outcome] = []
    try:
        # The tests start dozens of processes: each compiles all our sources where compiled ones may not be kept.
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": ""}
        if not fast:
            environment |= _find_browser(outcomes)
        # Side by side, one check of each at a time: most of them use one processor core only.
        with ThreadPoolExecutor(2) as lanes:
            python = lanes.submit(_in_turn, [*static_checks(), prepared_database()], environment)
            front = lanes.submit(_check_frontend, fast, environment)
        built, path = front.result()
        outcomes += [*python.result(), *built]
        environment |= path
        report.unlink(missing_ok=True)
        # This command works with the product's settings; the tests have their own, and the variable would win.
        environment["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        outcomes.append(_perform(pytest_check(fast, report, pytest_arguments), environment))
    finally:
        if started_services:
            stop(data)
    return _summary(outcomes, _test_counts(report), time.monotonic() - started)


def _check_frontend(fast: bool, environment: dict[str, str]) -> tuple[list[Outcome], dict[str, str]]:
    """Builds the front end and checks it. Returns with the outcomes the path on which the tests find the same Node."""
    name, started = "front end: build", time.monotonic()
    try:
        node = frontend.find_node()
        detail = frontend.build()
        frontend.install_packages(node)  # when the build was there already
    except frontend.BuildFailed as error:
        say(f"  ✗ {name}  {duration(time.monotonic() - started)}\n{error}")
        return [(name, False)], {}
    say(f"  ✓ {name} ({detail})  {duration(time.monotonic() - started)}")
    path = {"PATH": node.environment.get("PATH", os.defpath)}
    return [(name, True), *_in_turn(frontend_checks(node.npm, fast), environment | path)], path


def _find_browser(outcomes: list[Outcome]) -> dict[str, str]:
    """Makes sure of a browser. Returns where it is, for the tests' environment."""
    try:
        with step("Browser") as progress:
            progress.detail = chromium()
        return {"KONTOR_CHROMIUM": progress.detail}
    except NoBrowser as error:
        say(str(error))
        outcomes.append(("browser", False))
        return {}


def _in_turn(checks: list[Check], environment: dict[str, str]) -> list[Outcome]:
    return [_perform(check, environment) for check in checks]


def _perform(check: Check, environment: dict[str, str]) -> Outcome:
    """Runs one check and prints its line, and what it said when it failed."""
    folder = frontend.FRONTEND if check.in_frontend else REPOSITORY
    started = time.monotonic()
    pipe = None if check.output else subprocess.PIPE
    result = subprocess.run(
        check.command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=None if check.output else subprocess.STDOUT,
        text=True,
        check=False,
    )
    passed = result.returncode == 0
    said = "" if passed or check.output else f"\n{result.stdout[-12000:]}"
    say(f"  {'✓' if passed else '✗'} {check.name}  {duration(time.monotonic() - started)}{said}")
    return check.name, passed


def _test_counts(report: Path) -> dict[str, int]:
    """How many Python tests ran and were skipped; empty when pytest did not get that far."""
    if not report.exists():
        return {}
    suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314 - written by our own pytest
    return {} if suite is None else {name: int(suite.get(name, 0)) for name in ("tests", "skipped")}


def _summary(outcomes: list[Outcome], counts: dict[str, int], seconds: float) -> int:
    failed = [name for name, passed in outcomes if not passed]
    verdict = f"FAILED: {', '.join(failed)}" if failed else "all passed"
    skipped = f", {counts['skipped']} skipped" if counts.get("skipped") else ""
    tests = f"{counts.get('tests', 0)} Python tests{skipped}"
    say(f"\n{len(outcomes)} checks with {tests} in {duration(seconds)}: {verdict}.")
    return int(bool(failed))
