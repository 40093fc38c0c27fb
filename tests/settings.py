"""Settings of the test run: the product's own with KONTOR_ENV=test."""

import os

os.environ["KONTOR_ENV"] = "test"

from saas.settings import *  # noqa: E402, F403
