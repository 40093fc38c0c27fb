"""Passwords of this installation: made once, kept readable for their owner only, printed at start."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

#: Letters and digits nobody mistakes for one another.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_password() -> str:
    """Sixteen random characters in groups of four: 79 bits, readable aloud."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def load(data_dir: Path) -> dict[str, dict[str, str]]:
    """The stored log-ins by name (`operator`, `demo`); empty before the first start."""
    try:
        return json.loads((data_dir / "credentials.json").read_text())
    except FileNotFoundError:
        return {}


def store(data_dir: Path, name: str, **values: str) -> None:
    """Writes the log-in `name`; the file is replaced in one step and readable for its owner only."""
    known = load(data_dir) | {name: values}
    path = data_dir / "credentials.json"
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as stream:
        json.dump(known, stream, indent=2)
    fresh.replace(path)
