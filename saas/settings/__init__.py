"""Settings of every process. What differs between dev, test and production comes from the environment."""

from saas.settings.applications import *  # noqa: F403
from saas.settings.base import *  # noqa: F403
from saas.settings.logs import *  # noqa: F403
from saas.settings.services import *  # noqa: F403
