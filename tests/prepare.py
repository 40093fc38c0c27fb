"""`python -m tests.prepare`: builds the database that each process of a test run copies, unless it is there."""

from __future__ import annotations

import os

import django

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()

    from tests import databases

    databases.prepare()
