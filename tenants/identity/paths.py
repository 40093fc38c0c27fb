"""Paths of this host one may be led to after signing in."""

from __future__ import annotations

from django.utils.http import url_has_allowed_host_and_scheme


def own_path(wanted: str | None) -> str:
    """``wanted`` when it is a path on this host and no page of the sign-in, else the start page."""
    wanted = wanted or "/"
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return wanted if own and not wanted.startswith(("/login/", "/logout/")) else "/"
