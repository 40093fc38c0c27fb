"""PostgreSQL and Redis inside the data directory, for machines that have neither (ARCHITECTURE.md §3).

Addresses follow from the data directory alone, so every process finds the running servers without asking.
"""

from saas.embedded.postgres import postgres_url
from saas.embedded.redis import redis_url
from saas.embedded.services import ensure_running, running, stop

__all__ = ["ensure_running", "postgres_url", "redis_url", "running", "stop"]
