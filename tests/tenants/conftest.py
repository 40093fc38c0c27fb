"""What tests of packages and copies share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tenants import hosts, jobs


@pytest.fixture
def package_storage(
    database: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Folders of its own for packages and files; nothing wakes a worker."""
    settings.KONTOR_BACKUPS = str(tmp_path / "backups")
    settings.MEDIA_ROOT = tmp_path / "files"
    monkeypatch.setattr(jobs, "wake", lambda *_a, **_k: None)
    hosts.forget()
    yield
    hosts.forget()
