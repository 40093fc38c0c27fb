"""From a bare Python to a working `.venv`, then on to `python -m saas`. Standard library only.

Run as a script (`python3 saas/cli/bootstrap.py up`); the Makefile does.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PYTHON = VENV / "bin" / "python"

sys.path.insert(0, str(ROOT))


def main(arguments: list[str]) -> None:
    """Prepares `.venv` and hands over to `python -m saas` with the same arguments."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older system Python is what this line is for
        raise SystemExit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    import fcntl

    with LOCK.open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # `make run` and `make test` started together install once
        prepare()
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "saas", *arguments])  # noqa: S606 - our own interpreter


def prepare() -> None:
    """Creates `.venv` when there is none that runs, and installs the locked packages when they changed."""
    from saas.cli.console import step

    if not _works(PYTHON):
        with step("Python environment .venv"):
            _create_environment()
    marker = VENV / ".installed-lock"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if marker.exists() and marker.read_text() == wanted:
        return
    with step("Python packages, a few hundred MB the first time") as progress:
        _install(progress)
    marker.write_text(wanted)


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([python, "-c", check], check=False).returncode == 0


def _create_environment() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    command = [sys.executable, "-m", "venv", str(VENV)]
    if subprocess.run(command, check=False, capture_output=True).returncode == 0:
        return
    # Debian and Ubuntu ship Python without ensurepip; the package with it is called python3.X-venv.
    package = f"python3.{sys.version_info.minor}-venv"
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", package]):
            subprocess.run([apt, *arguments], check=False, capture_output=True)
    shutil.rmtree(VENV, ignore_errors=True)
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"{result.stdout}{result.stderr}\nInstall the package {package} and try again.")


def _install(progress: object) -> None:
    """Installs the lock file with pip, hashes required; shows which package it is at."""
    total = sum(1 for line in LOCK.read_text().splitlines() if line[:1].isalnum())
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--disable-pip-version-check"]
    command += ["--no-input", "--progress-bar", "off", "-r", str(LOCK)]
    told: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None
        seen = 0
        for line in pip.stdout:
            told.append(line)
            if line.startswith(("Collecting", "Requirement already")):
                seen += 1
                progress.detail = f"{min(seen, total)} of {total}"  # type: ignore[attr-defined]
            elif line.startswith("Installing collected"):
                progress.detail = "unpacking"  # type: ignore[attr-defined]
    if pip.returncode:
        raise SystemExit("".join(told[-25:]) + "\nInstalling the Python packages failed; see above.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
