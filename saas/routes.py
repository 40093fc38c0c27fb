"""Includes a module's routes when the module is in the tree."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.urls import include, path


def delivered(prefix: str, module: str) -> list[Any]:
    """`[path(prefix, include(module))]`, or nothing when there is no such module."""
    try:
        found = find_spec(module) is not None
    except ModuleNotFoundError:
        found = False
    return [path(prefix, include(module))] if found else []
