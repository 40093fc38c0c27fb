"""Finds a Chromium for the browser tests: the system's, else Playwright's, else one installed now."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoBrowser(RuntimeError):
    """There is no Chromium and none could be installed; the message says what to do."""


def chromium() -> str:
    """Path of a Chromium that starts. Raises NoBrowser."""
    for find in (_system, _playwright, _install_with_apt, _install_with_playwright):
        path = find()
        if path and _starts(path):
            return path
    raise NoBrowser("Install chromium, or run: .venv/bin/python -m playwright install --with-deps chromium")


def _starts(path: str) -> bool:
    result = subprocess.run([path, "--version"], capture_output=True, check=False, timeout=60)
    return result.returncode == 0


def _system() -> str | None:
    given = os.environ.get("KONTOR_CHROMIUM")
    return given or next((found for name in _NAMES if (found := shutil.which(name))), None)


def _playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        path = driver.chromium.executable_path
    return path if os.path.exists(path) else None  # noqa: PTH110 - Playwright gives text


def _install_with_apt() -> str | None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", *arguments], capture_output=True, check=False, timeout=900)
    return _system()


def _install_with_playwright() -> str | None:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(command, capture_output=True, check=False, timeout=900)
    return _playwright()
