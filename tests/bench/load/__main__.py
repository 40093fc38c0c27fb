"""`python -m tests.bench.load`: fifty workspaces at once, and whether the quiet ones notice the loud ones."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.bench.__main__ import free_port

_ROOT = Path(__file__).resolve().parents[3]


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of one run; of the command line without `arguments`."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=_ROOT / ".data" / "load", help="folder of the installation"
    )
    parser.add_argument("--attach", type=int, default=0, metavar="PORT", help="use the installation in --data that runs at this port")  # fmt: skip
    parser.add_argument("--workspaces", type=int, default=50, help="quiet and loud together")
    parser.add_argument("--loud", type=int, default=5, help="import, export, edit all, report, flood with calls, in turn")  # fmt: skip
    parser.add_argument("--records", type=int, default=800, help="contacts of each workspace, above the 500 exported at once")  # fmt: skip
    parser.add_argument(
        "--rate", type=float, default=12.0, help="requests a second of all quiet ones together"
    )
    parser.add_argument("--seconds", type=float, default=50.0, help="of each phase")
    parser.add_argument("--rounds", type=int, default=2, help="of a quiet and a loud phase")
    parser.add_argument("--rows", type=int, default=3000, help="of each import of a loud one")
    parser.add_argument(
        "--probe", type=float, default=2.0, help="seconds between small exports of quiet ones"
    )
    parser.add_argument("--output", type=Path, help="where the JSON result goes; default: the data folder")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """0 when the goal is met and no answer was wrong, else 1."""
    options = parse(arguments)
    for name in [n for n in os.environ if n.startswith(("KONTOR_", "DJANGO_"))]:
        if not (options.attach and name == "KONTOR_ENV"):
            del os.environ[name]
    data, port = options.data.resolve(), options.attach or free_port()
    os.environ |= {
        "KONTOR_DATA": str(data),
        "KONTOR_PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "saas.settings",
    }
    result = _attached(options, data, port) if options.attach else _alone(options, data, port)
    target = options.output or data / "load.json"
    target.write_text(json.dumps(result, indent=1) + "\n")
    return 0 if result["compared"]["met"] and not result["strangers"] else 1


def _alone(options: argparse.Namespace, data: Path, port: int) -> dict[str, Any]:
    """In an installation of its own, which is stopped afterwards."""
    os.environ["KONTOR_LOG_LEVEL"] = "WARNING"
    from saas.embedded import ensure_running, stop

    ensure_running(data)
    try:
        import django

        django.setup()
        from saas.cli import installation
        from tests.bench.load import run, servers

        run.say("Preparing workspaces …")
        installation.migrate(lambda _text: None)
        installation.seed_plans()
        quiet, loud = run.workspaces(options, os.environ.get("KONTOR_BASE_DOMAIN", "localhost"))
        os.environ["KONTOR_LOG_LEVEL"] = "INFO"
        with servers.running(data, port) as children:
            trees = {child.name: child.process.pid for child in children if child.process is not None}
            return _measured(options, port, quiet, loud, trees)
    finally:
        from django.db import connections

        connections.close_all()
        stop(data)


def _attached(options: argparse.Namespace, data: Path, port: int) -> dict[str, Any]:
    """In an installation somebody else runs."""
    import django

    django.setup()
    from tests.bench.load import run

    quiet, loud = run.workspaces(options, "localhost")
    return _measured(options, port, quiet, loud, {})


def _measured(
    options: argparse.Namespace, port: int, quiet: Any, loud: Any, trees: dict[str, int]
) -> dict[str, Any]:
    from django.conf import settings
    from django.db import connection

    from saas.embedded import running
    from tests.bench.load import figures, run

    entry = connection.settings_dict
    database = {
        "host": entry["HOST"],
        "dbname": entry["NAME"],
        "user": entry["USER"],
        "password": entry["PASSWORD"],
    }
    services = (
        {f"embedded {name}": pid for name, pid in running(settings.KONTOR_DATA).items()} if trees else {}
    )
    result = run.measure(options, port, quiet, loud, trees | services, database)
    run.say(figures.table(result))
    return result


if __name__ == "__main__":
    sys.exit(main())
