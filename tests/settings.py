"""Settings of the test run: the product's own with KONTOR_ENV=test."""

import os
from pathlib import Path

os.environ["KONTOR_ENV"] = "test"
# A data directory of its own: stopping the product must not pull the database from under a test run.
os.environ.setdefault("KONTOR_DATA", str(Path(__file__).resolve().parents[1] / ".data" / "test"))

from saas.settings import *  # noqa: F403
