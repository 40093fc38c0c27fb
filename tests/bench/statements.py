"""Statements the database receives for one operation, counted by the server itself."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LINE = re.compile(r"LOG:  (?:statement|execute [^:]*): ")


def _log_everything(admin: Any, value: str) -> None:
    admin.execute(f"alter system set log_statement = '{value}'")
    admin.execute("select pg_reload_conf()")
    time.sleep(0.3)


def count(admin: Any, log: Path, operation: Callable[[int], int]) -> int:
    """Statements of one call, BEGIN, COMMIT and SET included; the operation must be warm."""
    _log_everything(admin, "all")
    try:
        operation(-1000)
        time.sleep(0.1)
        before = log.stat().st_size
        operation(-1001)
        time.sleep(0.1)
        with log.open("rb") as stream:
            stream.seek(before)
            return len(_LINE.findall(stream.read().decode(errors="replace")))
    finally:
        _log_everything(admin, "none")
