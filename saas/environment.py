"""What the process environment says; the only module that reads `os.environ` for settings."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]

#: `dev` (default), `test` or `production`.
ENVIRONMENT = os.environ.get("KONTOR_ENV", "dev")
IS_TEST = ENVIRONMENT == "test"
IS_PRODUCTION = ENVIRONMENT == "production"


def text(name: str, default: str = "") -> str:
    """Environment variable `name`; an empty value counts as not set."""
    return os.environ.get(name) or default


def flag(name: str, default: bool) -> bool:
    """Environment variable `name` read as yes/no."""
    value = os.environ.get(name)
    return default if not value else value.strip().lower() in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    """Environment variable `name` as a whole number. Raises ValueError when it is none."""
    return int(os.environ.get(name) or default)


#: Everything this installation writes: database, queue, uploaded files, mail, credentials.
DATA_DIR = Path(text("KONTOR_DATA", str(REPOSITORY / ".data"))).resolve()
BASE_DOMAIN = text("KONTOR_BASE_DOMAIN", "localhost").lower()
HTTPS = flag("KONTOR_HTTPS", IS_PRODUCTION)


def port() -> int:
    """Where the web server listens. A function, because `saas up` picks another port when it is busy."""
    return number("KONTOR_PORT", 8000)


def secret_key() -> str:
    """`KONTOR_SECRET_KEY`, else a key made once per installation and kept readable for its owner only.

    In production the key has to be given: several hosts must share one.
    """
    given = text("KONTOR_SECRET_KEY")
    if given:
        return given
    if IS_PRODUCTION:
        raise RuntimeError("Set KONTOR_SECRET_KEY to at least 50 random characters.")
    path = DATA_DIR / "secret_key"
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as stream:
        stream.write(secrets.token_urlsafe(50))
    return path.read_text()
