"""Who else has a record open right now (PEERS 5.7). Kept in Redis for half a minute; without Redis nobody is shown."""

from __future__ import annotations

import logging
import time
import uuid
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings

from crm_core.metadata.entity import Entity
from crm_core.records.query import Query
from crm_core.security.actor import Actor
from crm_core.security.models import Principal
from tenants.context import current_schema

SECONDS = 30
_TIMEOUT = 0.25
logger = logging.getLogger(__name__)


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, decode_responses=True
    )


def _key(entity: Entity, record_id: uuid.UUID) -> str:
    """Bound to the workspace's schema, so that nobody is ever seen from another one."""
    return f"presence:{current_schema()}:{entity.name}:{record_id}"


def note(
    entity: Entity, record_id: uuid.UUID, actor: Actor, *, editing: bool = False
) -> list[dict[str, Any]]:
    """Say that the actor has the record open; answers who else does, those who edit first.

    Raises NotFound when the actor may not read the record.
    """
    Query(entity, actor).one(record_id, [entity.primary])
    try:
        seen = _exchange(_key(entity, record_id), str(actor.user_id), editing)
    except redis.RedisError:
        logger.info("presence is not shown: no Redis")
        return []
    return _named({user: edits for user, edits in seen.items() if user != str(actor.user_id)})


def leave(entity: Entity, record_id: uuid.UUID, actor: Actor) -> None:
    """The actor closed the record. Raises NotFound when he may not read it."""
    Query(entity, actor).one(record_id, [entity.primary])
    try:
        key = _key(entity, record_id)
        _client(settings.REDIS_URL).zrem(key, f"{actor.user_id}|0", f"{actor.user_id}|1")
    except redis.RedisError:
        logger.info("presence is not shown: no Redis")


def _exchange(key: str, user_id: str, editing: bool) -> dict[str, bool]:
    now = time.time()
    with _client(settings.REDIS_URL).pipeline(transaction=True) as pipe:
        pipe.zrem(key, f"{user_id}|{int(not editing)}")
        pipe.zadd(key, {f"{user_id}|{int(editing)}": now})
        pipe.zremrangebyscore(key, "-inf", now - SECONDS)
        pipe.expire(key, 2 * SECONDS)
        pipe.zrange(key, 0, 50)
        members = pipe.execute()[-1]
    found: dict[str, bool] = {}
    for member in members:
        user, _bar, edits = member.partition("|")
        found[user] = found.get(user, False) or edits == "1"
    return found


def _named(seen: dict[str, bool]) -> list[dict[str, Any]]:
    names = {str(pk): name for pk, name in Principal.objects.filter(pk__in=seen).values_list("pk", "name")}
    people = [
        {"id": user, "name": names[user], "editing": edits} for user, edits in seen.items() if user in names
    ]
    return sorted(people, key=lambda p: (not p["editing"], p["name"]))
