"""A seeded workspace with people to act as."""

from tests.records.conftest import admin, boat, seeded  # noqa: F401
from tests.sales_people import manager, rep  # noqa: F401
