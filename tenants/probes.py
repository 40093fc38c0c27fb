"""Do the services we stand on answer, each within two seconds."""

from __future__ import annotations

import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction

TIMEOUT_SECONDS = 2


def database() -> str:
    """``up``, or ``down: <error>``. Uses this thread's connection as it is."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError as error:
        return f"down: {type(error).__name__}"
    return "up"


def queue() -> str:
    """``up``, or ``down: <error>``."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )
    try:
        client.ping()
    except redis.RedisError as error:
        return f"down: {type(error).__name__}"
    finally:
        client.close()
    return "up"
