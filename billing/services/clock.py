"""The installation's clock for everything about money: real time, or ahead of it on a test installation."""

from __future__ import annotations

from datetime import datetime

from billing.providers.builtin import clock as builtin_clock


def now() -> datetime:
    """The moment to judge trials, periods and payments by."""
    return builtin_clock.now()
