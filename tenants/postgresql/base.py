"""One `SET search_path` per transaction instead of one per statement (SAAS.md §0.1, §1.3 row 1).

django-tenants either sends the path before every statement or, limited, trusts what it sent in an earlier
transaction, which under a transaction pooler may have been another server connection. Within one transaction the
server connection cannot change, so there the path is sent once, and again after anything that may undo it.
"""

from __future__ import annotations

from typing import Any

from django_tenants.postgresql_backend import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that knows its search path for the length of one transaction and not longer."""

    def _handle_search_path(self, cursor: Any = None) -> None:
        # Switching tenants, closing and both kinds of roll-back empty `search_path_set_schemas` (base class).
        if self.in_atomic_block and self.search_path_set_schemas:
            return
        super()._handle_search_path(cursor)

    def set_autocommit(self, *args: Any, **kwargs: Any) -> None:
        """Called where a transaction begins and where it ends: what was sent before counts no more."""
        self.forget_search_path()
        super().set_autocommit(*args, **kwargs)

    def commit(self) -> None:
        """A commit ends the transaction the path was sent in, also for code that does without `atomic`."""
        self.forget_search_path()
        super().commit()

    def forget_search_path(self) -> None:
        """Send the path again with the next statement; for code that has changed it by its own SQL."""
        self.search_path_set_schemas = None
