"""The seeded workspace, its administrator and the custom object Boat, as in the kernel's tests."""

from tests.records.conftest import admin, boat, seeded

__all__ = ["admin", "boat", "seeded"]
