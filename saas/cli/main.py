"""Parses the command line and runs one command."""

from __future__ import annotations

import argparse
import os

from saas.cli.console import say, step

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.settings")


def _up(_arguments: argparse.Namespace) -> int:
    from saas.cli.up import up

    say("Kontor\n")
    return up()


def _down(_arguments: argparse.Namespace) -> int:
    """Stops a supervisor that runs in another terminal, and the embedded servers."""
    from saas.cli import runfile
    from saas.embedded import stop
    from saas.embedded.processes import terminate
    from saas.environment import DATA_DIR

    other = runfile.running(DATA_DIR)
    if other is not None:
        terminate(other[0], seconds=40)
    stop(DATA_DIR)
    return 0


def _demo(_arguments: argparse.Namespace) -> int:
    with step("Demo workspace"):
        _connect()
        from saas.cli import installation

        installation.migrate(lambda _text: None)
        installation.seed_plans()
        installation.seed_demo()
    return 0


def _doctor(_arguments: argparse.Namespace) -> int:
    from saas.cli.doctor import doctor

    return doctor()


def _migrate(_arguments: argparse.Namespace) -> int:
    _connect()
    from saas.cli import installation

    installation.migrate(say)
    return 0


def _install(_arguments: argparse.Namespace) -> int:
    """What has to be there before the processes start, where each runs in a container of its own."""
    _connect()
    from saas.cli import installation

    installation.migrate(say)
    installation.fill_pool(say)
    installation.seed_plans()
    installation.seed_operator()
    return 0


def _pool(arguments: argparse.Namespace) -> int:
    _connect()
    from saas.cli import installation

    installation.fill_pool(say, arguments.size)
    return 0


def _operator_reset(arguments: argparse.Namespace) -> int:
    """Lets an operator whose phone and codes are lost set up a new app; whoever runs this owns the machine."""
    _connect()
    from tenants.context import activate_public
    from tenants.operator import audit
    from tenants.operator.models import Operator
    from tenants.operator.services import operators

    with activate_public():
        found = Operator.objects.filter(user__email=arguments.email.strip().lower()).first()
        if found is None:
            say("There is no operator with this address.")
            return 1
        operators.reset_second_factor(found, by=audit.SYSTEM, reason="reset on the machine itself")
    say(f"{found.email} sets up a new authenticator app at the next sign-in.")
    return 0


def _second_factor_reset(arguments: argparse.Namespace) -> int:
    """For a person of a workspace whose administrators all lost phone and codes; it is in the audit of the workspace."""
    _connect()
    from saas.cli import installation

    said = installation.reset_second_factor(arguments.workspace, arguments.email)
    say(said or "There is no such workspace, or nobody with this address and a second factor in it.")
    return 0 if said else 1


def _process(arguments: argparse.Namespace) -> int:
    """Becomes one process of the product, for machines where something else supervises (containers)."""
    from saas.cli import processes

    processes.become(arguments.name)
    return 1


def _test(arguments: argparse.Namespace) -> int:
    from saas.cli.checks import run

    return run(fast=arguments.fast, pytest_arguments=arguments.rest)


def _connect() -> None:
    """Django, with the embedded servers running."""
    from saas.embedded import ensure_running
    from saas.environment import DATA_DIR

    ensure_running(DATA_DIR)
    import django

    django.setup()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="saas", description="Runs and looks after this installation.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, function, text in (
        ("up", _up, "set up what is missing and run everything until Ctrl-C"),
        ("down", _down, "stop what runs on this data directory"),
        ("demo", _demo, "make the demo workspace when there is none"),
        ("doctor", _doctor, "show what is configured and what is missing"),
        ("migrate", _migrate, "bring control data and all workspaces to the migrations on disk"),
        ("install", _install, "migrate, fill the stock, put plans on sale, make the first operator"),
        ("pool", _pool, "fill the stock of ready workspaces"),
        (
            "operator-reset",
            _operator_reset,
            "let an operator who lost phone and codes set up a new second factor",
        ),
        (
            "second-factor-reset",
            _second_factor_reset,
            "take the second factor from a person of a workspace who lost phone and codes",
        ),
        ("process", _process, "run one process in the foreground, its log on standard output"),
        ("test", _test, "run all checks and tests"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=function)
        if name == "pool":
            command.add_argument("--size", type=int, default=None, help="how many to keep ready")
        if name == "process":
            command.add_argument("name", choices=("web", "worker", "jobs", "scheduler"))
        if name == "operator-reset":
            command.add_argument("email", help="the operator's address")
        if name == "second-factor-reset":
            command.add_argument("workspace", help="the workspace's name in its address")
            command.add_argument("email", help="the person's address")
        if name == "test":
            command.add_argument(
                "--fast", action="store_true", help="without browser, fault tests, benchmarks"
            )
            command.add_argument("rest", nargs="*", help="arguments for pytest, after --")
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command in `arguments`; returns the exit code."""
    from saas.cli.frontend import BuildFailed
    from saas.embedded.postgres import PostgresUnavailable
    from saas.embedded.redis import RedisUnavailable

    chosen = _parser().parse_args(arguments)
    try:
        return chosen.run(chosen)
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    except (BuildFailed, PostgresUnavailable, RedisUnavailable) as error:
        say(f"\n{error}")
        return 1
