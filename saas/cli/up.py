"""`python -m saas up`: everything from an empty machine to a running product, until Ctrl-C."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from saas import environment
from saas.cli import credentials, frontend, installation, ports, processes, runfile
from saas.cli.console import say, step
from saas.cli.supervisor import Supervisor
from saas.embedded import ensure_running, services
from saas.embedded import stop as stop_services
from saas.embedded.postgres import PostgresUnavailable
from saas.embedded.redis import RedisUnavailable
from saas.environment import BASE_DOMAIN, DATA_DIR


class _Build(threading.Thread):
    """The front-end build beside the database steps; both take a while the first time."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.result = ""
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.result = frontend.build()
        except Exception as error:  # noqa: BLE001 - raised again in the main thread
            self.error = error

    def finish(self) -> None:
        """Waits for the end and shows the step's line. Raises what the build raised."""
        with step("Front end") as progress:
            self.join()
            if self.error:
                raise self.error
            progress.detail = self.result


def choose_port(wanted: int) -> int:
    """`wanted`, or with a message the next free port above it."""
    port = ports.first_free(wanted)
    if port != wanted:
        say(f"  ! Port {wanted} is in use by another program; using {port}.")
    return port


def set_up(data_dir: Path) -> None:
    """Everything that has to be there before the processes start; quick when nothing changed."""
    build = _Build()
    build.start()
    with step("Database and queue") as progress:
        started = ensure_running(data_dir)
        progress.detail = ", ".join(started or ["already running" if services.wanted() else "configured"])
    import django

    django.setup()
    # this process talks to a person; what the others do stands in their log files
    logging.getLogger().setLevel(logging.WARNING)
    with step("Database structure") as progress:

        def report(text: str) -> None:
            progress.detail = text

        installation.migrate(report)
    with step("Ready workspaces in stock") as progress:
        installation.fill_pool(lambda text: setattr(progress, "detail", text))
    with step("Plans and operator" if environment.IS_PRODUCTION else "Plans, operator, demo workspace"):
        installation.seed_plans()
        installation.seed_operator()
        if not environment.IS_PRODUCTION:
            installation.seed_demo()
    build.finish()


def up() -> int:
    """Sets up, starts web, worker and scheduler, and watches them. Returns the exit code."""
    other = runfile.running(DATA_DIR)
    if other is not None:
        say(f"Already running at http://{BASE_DOMAIN}:{other[1]}/ (process {other[0]}). Stop it first.")
        return 1
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    port = choose_port(environment.port())
    # Before Django reads it: addresses in mails and redirects carry the port that is really used.
    os.environ["KONTOR_PORT"] = str(port)
    embedded = services.wanted()
    try:
        set_up(DATA_DIR)
    except BaseException:
        if embedded:
            stop_services(DATA_DIR)
        raise
    children = [make(DATA_DIR, port) for make in processes.ALL]
    supervisor = Supervisor(
        children,
        keep_services=lambda: _keep(embedded),
        stop_services=lambda: stop_services(DATA_DIR) if embedded else None,
    )
    supervisor.install_signals()
    runfile.write(DATA_DIR, port)
    try:
        with step("Web, workers, scheduler"):
            supervisor.start()
            processes.wait_until_up(children[0], port)
        _announce()
        supervisor.run()
        say("\nStopping …")
    finally:
        supervisor.stop()
        runfile.remove(DATA_DIR)
    say("Stopped. All data is kept.")
    return 0


def _keep(embedded: list[str]) -> None:
    """Starts an embedded server that died again; the processes reconnect by themselves."""
    try:
        for name in ensure_running(DATA_DIR, *embedded) if embedded else []:
            say(f"  ! {name} had ended; started again")
    except (PostgresUnavailable, RedisUnavailable) as error:
        say(f"  ! {error}\n  ! trying again")


def _announce() -> None:
    """Prints where everything is and how to sign in."""
    from onboarding import demo
    from tenants import addresses, provisioning

    known = credentials.load(DATA_DIR)
    tenant = provisioning.workspace_of(demo.SLUG)
    lines: list[tuple[str, str, dict[str, str] | None]] = [
        ("Public site, sign-up", addresses.public_url(), None)
    ]
    if tenant is not None:
        lines.append(("Demo workspace", addresses.workspace_url(tenant), known.get("demo")))
    lines.append(("Operator console", addresses.operator_url(), known.get("operator")))
    if os.environ.get("EMAIL_URL"):
        lines.append(("Mail", "goes out through your mail server", None))
    else:
        lines.append(("Mail that was sent", addresses.operator_url("/mailbox/"), None))
    say("\n  Ready.\n")
    for name, address, login in lines:
        say(f"  {name:<22} {address}")
        if login:
            say(f"  {'':<22} {login['email']}   {login['password']}")
    say(f"\n  Logs {DATA_DIR / 'logs'} · data {DATA_DIR} · Ctrl-C stops everything.\n")
