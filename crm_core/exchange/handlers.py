"""The kinds of jobs this module runs."""

from __future__ import annotations


def register() -> None:
    """Called once when the app is ready."""
