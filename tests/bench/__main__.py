"""`python -m tests.bench`: seed once, run product, floor and plain SQL side by side, print ratios, write JSON."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

COUNTS = {"account": 10_000, "contact": 50_000, "lead": 20_000, "opportunity": 20_000, "activity": 100_000}
_ROOT = Path(__file__).resolve().parents[2]
FLOOR_HOST = "floor.localhost"
FLOOR_TOKEN = "b" * 40


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of one run; of the command line without `arguments`."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=_ROOT / ".data" / "bench", help="folder of the installation"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="1.0 is 10k accounts, 50k contacts …")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each round of each operation and side")
    parser.add_argument("--at-least", type=int, default=30, help="calls per round")
    parser.add_argument("--only", default="", help="letters of the operations, e.g. acd; default all, a to l")
    parser.add_argument("--rows", type=int, default=10_000, help="rows of the import")
    parser.add_argument("--output", type=Path, help="where the JSON result goes; default: the data folder")
    parser.add_argument("--seed-only", action="store_true")
    parser.add_argument("--workers", type=int, default=2, help="server processes of each side")
    parser.add_argument(
        "--no-statements", dest="statements", action="store_false", help="do not count statements"
    )
    parser.add_argument("--floor-database", default="bench_floor")
    return parser.parse_args(arguments)


def scaled(scale: float) -> dict[str, int]:
    """Records per object; never less than fill the columns of a board."""
    return {name: max(int(count * scale), 500) for name, count in COUNTS.items()}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    options = parse()
    for name in [
        n for n in os.environ if n.startswith(("KONTOR_", "DJANGO_")) or n in ("DATABASE_URL", "REDIS_URL")
    ]:
        del os.environ[name]
    os.environ |= {"KONTOR_ENV": "dev", "KONTOR_DATA": str(options.data.resolve()), "KONTOR_DEBUG": "0",
                   "KONTOR_DB_POOL": "1", "KONTOR_LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "saas.settings"}  # fmt: skip
    from saas.embedded import ensure_running, stop

    ensure_running(options.data.resolve())
    try:
        import django

        django.setup()
        from tests.bench.run import run

        counts = scaled(options.scale)
        result: dict[str, Any] = run(options, counts, FLOOR_HOST, FLOOR_TOKEN, (free_port(), free_port()))
        target = options.output or options.data / "result.json"
        target.write_text(json.dumps(result, indent=1) + "\n")
    finally:
        from django.db import connections

        connections.close_all()
        stop(options.data.resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
