"""Why an archive is refused: a stable code, and where in it the reason stands."""

from __future__ import annotations

from typing import Any

from crm_core.metadata.errors import Invalid


class ArchiveRefused(Invalid):
    """The archive cannot be imported; nothing of it was. `field` is its entry, with `:row` where a row is to blame."""

    def __init__(
        self, code: str, message: str, *, entry: str | None = None, row: int | None = None, **details: Any
    ) -> None:
        place = None if entry is None else entry if row is None else f"{entry}:{row}"
        super().__init__(
            f"archive.{code}",
            message,
            field=place and place[:200],
            details={"entry": entry, "row": row, **details},
        )


def bad_row(entry: str, row: int, message: str, **details: Any) -> ArchiveRefused:
    """A row that cannot be taken over; `row` counts from 1."""
    return ArchiveRefused("bad_row", f"{entry}, row {row}: {message}", entry=entry, row=row, **details)
