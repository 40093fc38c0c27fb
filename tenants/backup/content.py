"""What a package leaves out, and what a copy must forget (ASP-30 back up, clone; F12).

A session, a link in a mail or a message waiting to be sent belongs to the moment and to the live workspace. A copy that
kept them would send mails a second time.
"""

from __future__ import annotations

from collections.abc import Callable

#: Folder of the workspace's storage with exports made to be downloaded: they hold what the package holds anyway.
EXPORTS_FOLDER = "exports"

#: Tables whose rows are never written into a package.
_left_out: set[str] = {
    "identity_session",
    "identity_one_time_token",
    "identity_login_throttle",
    "identity_mail",
    # An access taken back after the backup would live again; programs ask their people anew.
    "identity_oauth_token",
    "identity_oauth_grant",
    "receipts_task_receipt",
}
#: Tables a copy without data keeps: who works here. Other packages add theirs.
_definitions: set[str] = {
    "django_migrations",
    "django_content_type",
    "identity_user",
    # a copy that forgot these would be a way around them
    "identity_second_factor",
    "identity_provider",
    "identity_federated_login",
}
_forgetters: dict[str, Callable[[], None]] = {}


def leave_out(*tables: str) -> None:
    """Keep the rows of these tables out of packages: what waits to go out, what is only of the moment."""
    _left_out.update(tables)


def is_left_out(table: str) -> bool:
    """Whether the rows of ``table`` stay behind."""
    return table in _left_out


def keep_in_empty_copies(*tables: str) -> None:
    """Copy the rows of these tables also into a copy without data: definitions, people and rights. They may only
    refer to each other."""
    _definitions.update(tables)


def is_definition(table: str) -> bool:
    """Whether the rows of ``table`` belong into a copy without data."""
    return table in _definitions


def forget_in_copies(name: str, forget: Callable[[], None]) -> None:
    """Call ``forget()`` inside every restored, imported or cloned workspace before anybody can use it:
    stop jobs that were running, disconnect mailboxes. Must be safe to repeat."""
    _forgetters[name] = forget


def forget_all() -> None:
    """Run what was registered, in the active workspace."""
    for name in sorted(_forgetters):
        _forgetters[name]()
